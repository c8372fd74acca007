"""One connection to a door: requests are read whole and within bounds, each has one answer, and then the next is read.

What HTTP is, and where one request ends and the next begins, is known by h11.
"""

import socket
import ssl
import threading
from contextlib import suppress
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING

import h11
import msgspec

from ..emulator.faults import PIECES, Spoiled
from ..emulator.handle import Reply
from ..records.exchange import Request, Response
from .admission import CONNECT, judge_head, refuse, sharing_headers, too_large

if TYPE_CHECKING:
    from .door import Door

READ_SIZE = 1 << 16
SIGN_OF_LIFE = 1 << 14
"""So many bytes are progress. Fewer are a drip."""
WRITE_SIZE = 1 << 16
FAREWELL_SECONDS = 2.0
"""How long a refused visitor may go on sending, so that the refusal reaches it before the connection is gone."""
WITHOUT_BODY = {204, 304}
DROPPED = {"connection", "content-length", "transfer-encoding"}
PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}

FULL = refuse(503, "Too many ask at the same time.", "Try again, over fewer connections.")
DEFECT = refuse(500, "The emulated cloud has a defect.", "Its program has written where.")
SLOW = refuse(408, "The request did not arrive in time.", "Send it without pauses.")


class Visitor:
    """One connection, served by a thread of its own.

    Attributes:
        since: Since when the visitor has brought or taken nothing, in seconds of the monotonic clock.
        waiting: Whether the door waits for the visitor, and not the visitor for the door.
        admission: Who may ask on this connection: in a tunnel, whoever asks for the host that it leads to.
    """

    def __init__(self, door: "Door", connection: socket.socket, refusal: Response | None = None) -> None:
        self.door = door
        self.connection = connection
        self.refusal = refusal
        self.admission = door.admission
        self.since = monotonic()
        self.waiting = True
        self._asked: Request | None = None
        self._brought = 0
        self._shown_out = False
        self._turn = threading.Lock()

    def serve(self) -> None:
        """Answer one request after the other, until either side has enough."""
        try:
            with suppress(OSError, h11.LocalProtocolError):
                self.connection.settimeout(self.door.limits.patience)
                if isinstance(self.connection, ssl.SSLSocket):
                    self.connection.do_handshake()
                self._converse()
        finally:
            self.connection.close()
            self.door.forget(self)

    def show_out(self) -> bool:
        """End the connection from outside; tell whether that could be. Who is being answered stays."""
        with self._turn:
            if not self.waiting:
                return False
            self._shown_out = True
        with suppress(OSError):
            # Not the method of TLS, which would take the connection from under the thread that reads it.
            socket.socket.shutdown(self.connection, socket.SHUT_RDWR)
        return True

    def _converse(self) -> None:
        talk = self._new_talk()
        while True:
            try:
                said = self._read(talk)
            except h11.RemoteProtocolError as error:
                said = refuse(error.error_status_hint, f"This is no request in HTTP/1.1: {error}.", "Send one.")
            if said is None:
                return
            if isinstance(said, Response):
                self._write(talk, said, last=True)
                break
            if said.method == CONNECT:
                talk = self._enter_tunnel(talk, said.url.rpartition(":")[0].lower())
                continue
            self._write(talk, self._ask(talk, said))
            if talk.our_state is not h11.DONE or self.door.closing.is_set():
                break
            talk.start_next_cycle()
        self._take_leave()

    def _new_talk(self) -> h11.Connection:
        return h11.Connection(h11.SERVER, max_incomplete_event_size=self.door.limits.head)

    def _enter_tunnel(self, talk: h11.Connection, host: str) -> h11.Connection:
        """Answer in the place of a host from here on: the tunnel ends where it begins. Return the talk inside.

        Source: behaviour B472.
        """
        authority = self.door.authority
        if authority is None or talk.trailing_data[0]:  # Who sends more before the tunnel is open is not understood.
            raise ConnectionAbortedError
        self._send(talk.send(h11.Response(status_code=200, headers=[], reason=b"Connection established")) or b"")
        context = authority.for_host(host)
        with self._turn:
            if self._shown_out:
                raise ConnectionAbortedError
            self.connection = context.wrap_socket(self.connection, server_side=True, do_handshake_on_connect=False)
        self.admission = msgspec.structs.replace(self.admission, tunnel=host)
        self.connection.settimeout(self.door.limits.patience)
        self.connection.do_handshake()
        self.since = monotonic()
        return self._new_talk()

    def _read(self, talk: h11.Connection) -> Request | Response | None:
        """Return the next request, or the refusal of what is none; `None` where there is no more."""
        self._asked = None
        event = self._next(talk, idle=True)
        if not isinstance(event, h11.Request):
            return event if isinstance(event, Response) else None
        self._asked = request = request_of(event)
        version = event.http_version.decode("ascii")
        refusal = self.refusal or judge_head(request, version, self.admission, self.door.limits)
        if refusal is not None:
            return refusal
        if talk.they_are_waiting_for_100_continue:
            self._send(talk.send(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")) or b"")
        body = bytearray()
        while isinstance(event := self._next(talk), h11.Data):
            body += event.data
            if len(body) > self.door.limits.body:
                return too_large(self.door.limits)
        if isinstance(event, h11.EndOfMessage):
            return msgspec.structs.replace(request, body=bytes(body))
        return event if isinstance(event, Response) else None

    def _next(self, talk: h11.Connection, *, idle: bool = False) -> object:
        """Return the next event of a connection; a refusal if it takes too long, `None` if nothing was begun."""
        while (event := talk.next_event()) is h11.NEED_DATA:
            begun = not idle or bool(talk.trailing_data[0])
            try:
                talk.receive_data(self._receive(begun=begun))
            except TimeoutError:
                return SLOW if begun else None
        return event

    def _receive(self, *, begun: bool) -> bytes:
        """Return what comes next; nothing at the end. Raises a `TimeoutError` if it takes too long."""
        left = self.since + (self.door.limits.patience if begun else self.door.limits.idle) - monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(left)
        piece = self.connection.recv(READ_SIZE)
        self._brought += len(piece)
        if not begun or self._brought >= SIGN_OF_LIFE:
            self.since, self._brought = monotonic(), 0
        return piece

    def _ask(self, talk: h11.Connection, request: Request) -> Reply | None:
        """Return what the cloud answers; `None` where no response is to arrive. Who was shown out is not answered."""
        with self._turn:
            if self._shown_out:
                raise ConnectionAbortedError
            self.waiting = False
        try:
            return self.door.answer(request, self.admission.tunnel)
        except Exception:
            self._write(talk, DEFECT, last=True)
            raise
        finally:
            self.since, self.waiting = monotonic(), True

    def _write(self, talk: h11.Connection, reply: Reply | None, *, last: bool = False) -> None:
        """Write an answer to what was asked, and say whether it is the last; hang up where none is to arrive."""
        match reply:
            case Response() as response:
                asked = self._asked
                shared = () if asked is None else sharing_headers(asked, self.admission)
                of_head = asked is not None and asked.method == "HEAD"
                body = b"" if of_head or response.status in WITHOUT_BODY else response.body
                size = response.header("Content-Length") if of_head else None
                start = talk.send(describe_head(response, size or str(len(response.body)), shared, last=last)) or b""
                # The body as it is: one of megabytes is not copied.
                pieces = talk.send_with_data_passthrough(h11.Data(data=body)) if body else None
                talk.send(h11.EndOfMessage())
                self._send(start, *pieces or ())
            case Spoiled() as spoiled:
                self._write_spoiled(talk, spoiled)
                raise ConnectionAbortedError
            case _:
                raise ConnectionAbortedError

    def _write_spoiled(self, talk: h11.Connection, spoiled: Spoiled) -> None:
        """Write a response as faults leave it. It is the last on its connection.

        Source: behaviour B140.
        """
        self.door.pause(spoiled.stall)
        if spoiled.garbage is not None:
            self._send(spoiled.garbage)
            return
        body = spoiled.response.body
        stated = len(body) if spoiled.stated is None else spoiled.stated
        self._send(talk.send(describe_head(spoiled.response, str(stated), last=True)) or b"")
        self._write_slowly(body[: spoiled.cut], spoiled.drip)

    def _write_slowly(self, body: bytes, seconds: float) -> None:
        """Write a body in pieces, with pauses that take `seconds` together."""
        size = max(1, -(-len(body) // PIECES))
        for start in range(0, len(body), size):
            if seconds:
                self.door.pause(seconds / PIECES)
            self._send(body[start : start + size])

    def _send(self, *pieces: bytes) -> None:
        """Send bytes as fast as the visitor takes them, but no more slowly than it may."""
        self.connection.settimeout(self.door.limits.patience)
        # Small pieces go together: each write is a packet.
        whole = pieces if sum(map(len, pieces)) > WRITE_SIZE else (b"".join(pieces),)
        for piece in whole:
            view = memoryview(piece)
            for start in range(0, len(view), WRITE_SIZE):
                self.since = monotonic()
                self.connection.sendall(view[start : start + WRITE_SIZE])

    def _take_leave(self) -> None:
        """Say that nothing more comes, and read for a while what the visitor still sends.

        What is left unread when a connection is closed makes the system take back what was written last.
        """
        socket.socket.shutdown(self.connection, socket.SHUT_WR)
        end = monotonic() + FAREWELL_SECONDS
        while (left := end - monotonic()) > 0:
            self.connection.settimeout(left)
            if not self.connection.recv(READ_SIZE):
                return


def request_of(event: h11.Request) -> Request:
    """Return what was said before the body. The URL is the target as it came."""
    return Request(
        method=event.method.decode("ascii"),
        url=event.target.decode("latin-1"),
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers.raw_items()),
    )


def describe_head(
    response: Response, size: str, more: tuple[tuple[str, str], ...] = (), *, last: bool = False
) -> h11.Response:
    """Return status and headers of a response whose body is said to have `size` bytes."""
    headers = [(name, value) for name, value in (*response.headers, *more) if name.lower() not in DROPPED]
    if response.status not in WITHOUT_BODY:
        headers.append(("Content-Length", size))
    if last:
        headers.append(("Connection", "close"))
    return h11.Response(status_code=response.status, headers=headers, reason=PHRASES.get(response.status, b""))
