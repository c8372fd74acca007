"""A gateway on loopback that may be away, as one is that restarts."""

import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR, SHUT_WR, SO_LINGER, SOL_SOCKET, create_connection, create_server, socket

Manner = Callable[[socket], None]
"""What is done to who comes while the gateway is away."""


def saying(status: bytes) -> Manner:
    """Answer in the server's place."""

    def serve(visitor: socket) -> None:
        visitor.recv(65536)
        visitor.sendall(b"HTTP/1.1 %s\r\nContent-Length: 5\r\nConnection: close\r\n\r\nsorry" % status)

    return serve


def hanging_up(visitor: socket) -> None:
    """Take the request, and say nothing."""
    visitor.recv(65536)


def resetting(visitor: socket) -> None:
    """Break the connection off."""
    visitor.recv(65536)
    visitor.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))


def closed(_: socket) -> None:
    """Be nowhere: nobody listens."""


class Gateway:
    """What stands before a server. Connections that are kept end when it goes away.

    Attributes:
        turned_away: How many connections came to nothing while it was away; those that are refused are not seen.
    """

    def __init__(self, server: tuple[str, int]) -> None:
        self.turned_away = 0
        self._server = server
        self._manner: Manner | None = None
        self._open: set[socket] = set()
        self._listener = create_server(("127.0.0.1", 0), backlog=256)
        self.address: tuple[str, int] = self._listener.getsockname()
        self._listen()

    @property
    def base(self) -> str:
        """The URL that it is reached by."""
        return f"http://{self.address[0]}:{self.address[1]}"

    def leave(self, manner: Manner) -> None:
        """Go away."""
        self._manner = manner
        for sock in tuple(self._open):
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)
        if manner is closed:
            self.close()

    def come_back(self) -> None:
        """Be there again, at the same address."""
        manner, self._manner = self._manner, None
        if manner is closed:
            self._listener = create_server(self.address, backlog=256)
            self._listen()

    def close(self) -> None:
        """Listen no more."""
        with suppress(OSError):
            self._listener.shutdown(SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = listener.accept()
                threading.Thread(target=self._serve, args=(visitor,), daemon=True).start()

    def _serve(self, visitor: socket) -> None:
        with visitor, suppress(OSError):
            self._open.add(visitor)
            if self._manner is None:
                self._lead(visitor)
            else:
                self.turned_away += 1
                self._manner(visitor)
        self._open.discard(visitor)

    def _lead(self, visitor: socket) -> None:
        with create_connection(self._server) as server:
            back = threading.Thread(target=copy, args=(server, visitor))
            back.start()
            copy(visitor, server)
            back.join()


def copy(source: socket, target: socket) -> None:
    """Hand on what comes until no more does."""
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(SHUT_WR)


@contextmanager
def gateway_to(server: tuple[str, int]) -> Iterator[Gateway]:
    """Be a gateway to a server on loopback, for as long as the block runs."""
    gateway = Gateway(server)
    try:
        yield gateway
    finally:
        gateway.leave(hanging_up)
        gateway.close()
