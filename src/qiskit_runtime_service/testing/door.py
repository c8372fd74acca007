"""The HTTP door to an emulated cloud: a server on loopback that hands each request to a carrier."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from returns.result import Success

from ..records.exchange import Request
from ..transport.base import Transport

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
        """The URL at which it is found, without a path."""
        scheme = "https" if self.context else "http"
        return f"{scheme}://127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[socket.socket, object]:
        """Accept a connection, under TLS if there is a context for it."""
        connection, address = super().get_request()
        if self.context is None:
            return connection, address
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients hang up as they please."""


class Visitor(BaseHTTPRequestHandler):
    """One connection to a `Door`."""

    server: Door
    protocol_version = "HTTP/1.1"
    # One write for head and body, or the acknowledgement of the first costs 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    def answer(self) -> None:
        """Let the cloud answer; hang up where no response is to arrive."""
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

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def door_to(cloud: Transport, context: ssl.SSLContext | None = None) -> Iterator[Door]:
    """Serve a cloud on a free port of loopback, for as long as the block runs.

    Args:
        cloud: The carrier that answers, such as an `EmulatedTransport`.
        context: The server's side of TLS; without it the door speaks plain HTTP.
    """
    with Door(cloud, context) as door:
        thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield door
        finally:
            door.shutdown()
            thread.join()
