"""Servers on loopback that hold up whoever calls, each in a way of its own."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

DRIP_SECONDS = 0.02
Trouble = Callable[[socket.socket, threading.Event], None]


def silent(connection: socket.socket, over: threading.Event) -> None:
    """Take what comes and say nothing."""
    connection.settimeout(0.05)
    while not over.is_set():
        with suppress(TimeoutError):
            if not connection.recv(65536):
                # Whoever hung up brings nothing more, and is not asked for it again and again.
                over.wait()


def deaf(connection: socket.socket, over: threading.Event) -> None:
    """Take nothing, so that what is sent cannot leave."""
    over.wait()


def answering(response: bytes) -> Trouble:
    """Say the same to everybody, and hang up once there is nothing more to hear: a reset would take the answer back.

    A head says that the server hangs up, so that nobody asks again on a connection which is about to close.
    """
    response = response.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)

    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.settimeout(1.0)
        connection.recv(65536)
        connection.sendall(response)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    return serve


def dripping(first: bytes, drop: bytes) -> Trouble:
    """Say something, then the same drop again and again."""

    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.settimeout(1.0)
        connection.recv(65536)
        connection.sendall(first)
        while not over.wait(DRIP_SECONDS):
            connection.sendall(drop)

    return serve


def opening(then: Trouble) -> Trouble:
    """Open a tunnel as a proxy does, then hold up."""

    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.settimeout(1.0)
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        then(connection, over)

    return serve


@contextmanager
def troubled(trouble: Trouble) -> Iterator[str]:
    """Serve every connection so; yield the address as `host:port`."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:

        def serve(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                trouble(connection, over)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=serve, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextmanager
def full() -> Iterator[str]:
    """Be a host whose waiting room is full, so that no further connection comes to stand."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        waiting = [socket.socket() for _ in range(8)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            for client in waiting:
                client.close()
