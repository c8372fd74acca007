"""Proxies that open tunnels, for whom they know."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import create_connection, create_server, socket
from typing import TypeVar

import spnego

from qiskit_runtime_service.testing.door import Door

P = TypeVar("P", bound="Proxy")


class Proxy:
    """A proxy that opens tunnels to anybody. All roads lead to one door."""

    def __init__(self, door: tuple[str, int]) -> None:
        self.door = door
        self.opened = 0

    def serve(self, client: socket) -> None:
        with client, client.makefile("rb") as stream:
            while stream.readline().rstrip():
                pass
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.opened += 1
            self.pump(client)

    def pump(self, client: socket) -> None:
        with create_connection(self.door) as server:
            back = threading.Thread(target=copy, args=(server, client))
            back.start()
            copy(client, server)
            back.join()


class NtlmProxy(Proxy):
    """A proxy that opens tunnels to whom it knows by NTLM."""

    def __init__(self, door: tuple[str, int]) -> None:
        super().__init__(door)
        self.challenges = 0

    def serve(self, client: socket) -> None:
        handshake = spnego.server(protocol="ntlm")
        with client, client.makefile("rb") as stream:
            while True:
                head = list(iter(lambda: stream.readline().rstrip(), b""))
                if not head:
                    return
                offered = [line for line in head if line.lower().startswith(b"proxy-authorization: ntlm ")]
                token = base64.b64decode(offered[0].split()[2]) if offered else None
                try:
                    answer = handshake.step(token)
                except spnego.exceptions.SpnegoError:
                    answer = None
                if handshake.complete:
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    self.opened += 1
                    self.pump(client)
                    return
                self.challenges += 1
                challenge = b"" if answer is None else b" " + base64.b64encode(answer)
                body = b"<html>Who are you?</html>"
                client.sendall(
                    b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n"
                    b"Proxy-Authenticate: NTLM" + challenge + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
                )


def copy(source: socket, target: socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(1)


@contextmanager
def proxy_before(kind: type[P], door: Door) -> Iterator[tuple[P, str]]:
    """Run a proxy whose tunnels lead to `door`; yield it and its address."""
    host, port = door.server_address[:2]
    proxy = kind((str(host), int(port)))
    with create_server(("127.0.0.1", 0)) as listener:

        def serve(client: socket) -> None:
            # A client may be gone at any moment.
            with suppress(OSError):
                proxy.serve(client)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield proxy, f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(2)
        thread.join()
