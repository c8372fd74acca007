"""The HTTP door to an emulated cloud: a server on loopback that hands each request to a carrier."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module

from .._public import public
from ..emulator.faults import PIECES, Spoiled
from ..emulator.handle import Reply
from ..records.exchange import Request, Response
from ..transport.base import Transport
from ..transport.emulated import EmulatedTransport
from .page import show_page

LONGEST_STALL = 5.0
"""Seconds that a fault keeps a visitor waiting at most."""
PATIENCE = 1.0
"""Seconds that a request waits for simulations, before their jobs are told as running."""

LOOPBACK = "127.0.0.1"
ANY_HOST = "0.0.0.0"  # noqa: S104  # to be told from the rest; nothing is served there unasked

NO_LENGTH = Response(status=400)
DROPPED = {"connection", "content-length", "transfer-encoding"}


class Door(ThreadingHTTPServer):
    """A server that hands each request to a carrier."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        cloud: Transport,
        context: ssl.SSLContext | None = None,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        longest_stall: float = LONGEST_STALL,
    ) -> None:
        super().__init__((host, port), Visitor)
        self.host = LOOPBACK if host == ANY_HOST else host
        self.cloud = cloud
        self.context = context
        self.longest_stall = longest_stall
        self.closing = threading.Event()

    @property
    def base(self) -> str:
        """The URL at which it is found, without a path."""
        scheme = "https" if self.context else "http"
        return f"{scheme}://{self.host}:{self.server_address[1]}"

    def get_request(self) -> tuple[socket.socket, object]:
        """Accept a connection, under TLS if there is a context for it."""
        connection, address = super().get_request()
        if self.context is None:
            return connection, address
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def pause(self, seconds: float) -> None:
        """Let real time pass, within bounds, and not beyond the end of the server."""
        self.closing.wait(min(seconds, self.longest_stall))

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients hang up as they please."""


class Visitor(BaseHTTPRequestHandler):
    """One connection to a `Door`."""

    server: Door
    protocol_version = "HTTP/1.1"
    # One write for head and body, or the acknowledgement of the first costs 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    def respond(self) -> None:
        """Let the cloud answer; hang up where no response is to arrive."""
        size = self.headers.get("Content-Length", "0")
        if not (size.isascii() and size.isdecimal()):
            self.close_connection = True
            self.write_head(NO_LENGTH, 0)
            return
        body = self.rfile.read(int(size))
        url = self.path if "://" in self.path else f"{self.server.base}{self.path}"
        request = Request(method=self.command, url=url, headers=tuple(self.headers.items()), body=body)
        match self.show() or self.ask(request):
            case Response() as response:
                self.write_head(response, len(response.body))
                self.wfile.write(response.body)
            case Spoiled() as spoiled:
                self.close_connection = True
                self.write_spoiled(spoiled)
            case _:
                self.close_connection = True

    def show(self) -> Response | None:
        """Return what a browser is shown of the cloud; `None` for what is a request to it."""
        cloud = self.server.cloud
        return show_page(cloud, self.command, self.path) if isinstance(cloud, EmulatedTransport) else None

    def ask(self, request: Request) -> Reply | None:
        """Return what the cloud answers; `None` where no response is to arrive."""
        cloud = self.server.cloud
        if isinstance(cloud, EmulatedTransport):
            return cloud.answer(request, patience=PATIENCE)
        return cloud.send(request).value_or(None)

    def write_head(self, response: Response, size: int) -> None:
        """Write status and headers of a response whose body is said to have `size` bytes."""
        self.send_response_only(response.status)
        for name, value in response.headers:
            if name.lower() not in DROPPED:
                self.send_header(name, value)
        if response.status != 204:
            self.send_header("Content-Length", str(size))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def write_spoiled(self, spoiled: Spoiled) -> None:
        """Write a response as faults leave it.

        Source: behaviour B140.
        """
        self.server.pause(spoiled.stall)
        if spoiled.garbage is not None:
            self.wfile.write(spoiled.garbage)
            return
        body = spoiled.response.body
        self.write_head(spoiled.response, len(body) if spoiled.stated is None else spoiled.stated)
        self.write_slowly(body[: spoiled.cut], spoiled.drip)

    def write_slowly(self, body: bytes, seconds: float) -> None:
        """Write a body in pieces, with pauses that take `seconds` together."""
        size = max(1, -(-len(body) // PIECES))
        for start in range(0, len(body), size):
            if seconds:
                self.wfile.flush()
                self.server.pause(seconds / PIECES)
            self.wfile.write(body[start : start + size])

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = respond

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@public("testing")
@contextmanager
def door_to(
    cloud: Transport,
    context: ssl.SSLContext | None = None,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    longest_stall: float = LONGEST_STALL,
) -> Iterator[Door]:
    """Serve a cloud over HTTP for as long as the block runs. A browser is shown a page at `/`.

    Args:
        cloud: The carrier that answers, such as an `EmulatedTransport`. Only that has a page.
        context: The server's side of TLS; without it the door speaks plain HTTP.
        host: Where it listens. Whoever reaches another address than loopback can use the cloud.
        port: Where it listens; 0 for a free port.
        longest_stall: Seconds that a fault of the cloud keeps a visitor waiting at most.
    """
    # A visitor may be the first to need Qiskit, and Qiskit 2.6 may crash once the thread that loaded it is gone.
    import_module("qiskit")
    with Door(cloud, context, host=host, port=port, longest_stall=longest_stall) as door:
        thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield door
        finally:
            door.closing.set()
            door.shutdown()
            thread.join()
