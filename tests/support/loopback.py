"""Servers on loopback: one that serves any carrier, one that says what it is told to say."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from returns.result import Success

from qiskit_runtime_service.records.exchange import Request
from qiskit_runtime_service.transport.base import Transport

DROPPED = {"connection", "content-length", "transfer-encoding"}


class Door(ThreadingHTTPServer):
    """A server that hands each request to a carrier."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, cloud: Transport, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Visitor)
        self.cloud = cloud
        self.context = context

    @property
    def base(self) -> str:
        scheme = "https" if self.context else "http"
        return f"{scheme}://127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        if self.context is None:
            return connection, address
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients of tests hang up as they please."""


class Visitor(BaseHTTPRequestHandler):
    """One connection to a `Door`."""

    server: Door
    protocol_version = "HTTP/1.1"
    # One write for head and body, or the acknowledgement of the first costs 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = self.path if "://" in self.path else f"{self.server.base}{self.path}"
        request = Request(method=self.command, url=url, headers=tuple(self.headers.items()), body=body)
        result = self.server.cloud.send(request)
        if not isinstance(result, Success):
            self.close_connection = True
            return
        response = result.unwrap()
        self.send_response_only(response.status)
        for name, value in response.headers:
            if name.lower() not in DROPPED:
                self.send_header(name, value)
        if response.status != 204:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815 - the names are those of http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is that of http.server
        """Say nothing."""


@contextmanager
def door_to(cloud: Transport, context: ssl.SSLContext | None = None) -> Iterator[Door]:
    """Serve `cloud` on a free port of loopback."""
    with Door(cloud, context) as door:
        thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield door
        finally:
            door.shutdown()
            thread.join()


@contextmanager
def saying(*answers: bytes, reset: bool = False) -> Iterator[str]:
    """Serve connections one after the other: read one request each, say the next bytes, hang up.

    With `reset` the hanging up is rude. Yields the base URL.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=say, args=(listener, answers, reset))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.close()
            thread.join()


def say(listener: socket.socket, answers: tuple[bytes, ...], reset: bool) -> None:
    """Serve one connection for each of `answers`."""
    listener.settimeout(5.0)
    for each in answers:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(5.0)
            read_request(connection)
            connection.sendall(each)
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def read_request(connection: socket.socket) -> bytes:
    """Read head and body of one request, or what is there of something that is none."""
    read = b""
    while b"\r\n\r\n" not in read:
        piece = connection.recv(65536)
        read += piece
        if not piece or not read[:1].isalpha():
            return read
    head, _, body = read.partition(b"\r\n\r\n")
    sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    wanted = int(sizes[0].partition(b":")[2]) if sizes else 0
    while len(body) < wanted:
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body
