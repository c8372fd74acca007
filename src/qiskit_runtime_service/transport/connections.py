"""Connections that keep to the pace of the call, and say what hinders them."""

import ssl
from base64 import b64decode
from binascii import b2a_base64
from collections.abc import Callable
from http.client import HTTPResponse
from socket import socket
from typing import Any, Protocol

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from ..records.problem import Cause
from ..records.secret import HiddenText
from .names import Resolve, connect_to, look_up
from .pace import Hindrance, Kind, Pace, PacedSocket
from .trust import Trust

NO_TUNNEL = "Tunnel connection failed: "
"""What `http.client` says of a proxy that opens no tunnel."""
NOBODY_BEHIND = ("502", "503", "504")
"""What a proxy answers that would open a tunnel, if there were somebody at its other end."""


class Handshake(Protocol):
    """One conversation in which a proxy is told who asks."""

    def step(self, challenge: bytes | None = None) -> bytes | None:
        """Return what to say next, given the challenge of the proxy."""
        ...


class PacedConnection(HTTPConnection):
    """A connection whose every wait is that of the call, from the look-up of the name to the last byte."""

    def __init__(self, *args: Any, pace: Pace, resolve: Resolve, **fields: Any) -> None:
        super().__init__(*args, **fields)
        self.pace = pace
        self.resolve = resolve
        self.kept_back: list[tuple[str, str]] = []
        """Headers that are written when the head is sent, and no earlier."""

    def connect(self) -> None:
        """Connect, or raise what hinders it. Nothing was sent then but what asks a proxy for a tunnel."""
        self.pace.begin_to_connect()
        try:
            super().connect()
        except Hindrance:
            raise
        except TimeoutError:
            raise self.pace.too_late() from None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            raise Hindrance("connection", "never sent", f"{self.host} hung up during the TLS handshake") from error
        except ssl.SSLError as error:
            if self.proxy and not self.has_connected_to_proxy:
                raise Hindrance("proxy", "refused", describe_distrust(error, self.host)) from error
            raise Hindrance("tls", "refused", describe_distrust(error, self._tunnel_host or self.host)) from error
        except OSError as error:
            cause, kind = find_culprit(error) if self.proxy else ("connection", "never sent")
            raise Hindrance(cause, kind, f"{self._far_side} {describe_refusal(error)}") from error
        self.pace.is_connected()

    def _new_conn(self) -> socket:
        """Return a connection. urllib3's own waits for a name for ever, and for each address anew."""
        try:
            addresses = look_up(self._dns_host, self.port, self.resolve, self.pace)
        except (OSError, UnicodeError) as error:
            if isinstance(error, Hindrance):
                raise
            cause: Cause = "proxy" if self.proxy else "name"
            raise Hindrance(cause, "never sent", f"{self._far_side} has no address ({error})") from error
        sock = connect_to(addresses, self.pace)
        try:
            for option in self.socket_options or ():
                sock.setsockopt(*option)
            # The handshake of TLS has what the connection left of the time.
            sock.settimeout(self.pace.next_wait())
        except OSError:
            # Nobody else knows of it yet.
            sock.close()
            raise
        return sock

    def putrequest(self, *args: Any, **fields: Any) -> None:
        """Begin a request. Nothing of one that broke off is left to be sent with it."""
        self.kept_back = []
        super().putrequest(*args, **fields)

    def putheader(self, header: str, *values: str) -> None:  # type: ignore[override]  # as urllib3 has it
        """Take a header. One that hides itself is kept back: `http.client` would hold it as plain bytes.

        Source: behaviour B327.
        """
        if len(values) == 1 and isinstance(values[0], HiddenText):
            self.kept_back.append((header, values[0]))
        else:
            super().putheader(header, *values)

    def send(self, data: Any) -> None:
        """Send bytes. They may take as long as they need, if only some are taken all the time.

        The first are the head of a request, with its empty last line, and go out with the headers that were kept back.
        """
        kept_back, self.kept_back = self.kept_back, []
        if self.sock is None:
            self.connect()
        left = add_to_head(data, kept_back) if kept_back else memoryview(data)
        try:
            while left:
                self.sock.settimeout(self.pace.next_wait())
                left = left[self.sock.send(left) :]
        except TimeoutError:
            raise self.pace.too_late() from None

    def response_class(self, sock: socket, *args: Any, **fields: Any) -> HTTPResponse:  # type: ignore[override]  # it is called, no more
        """Return the response, read at the pace of the call."""
        return HTTPResponse(PacedSocket(sock, self.pace), *args, **fields)  # type: ignore[arg-type]  # it makes files, no more is asked

    @property
    def _far_side(self) -> str:
        return f"the proxy {self.host}:{self.port}" if self.proxy else f"{self.host}:{self.port}"


class PacedTlsConnection(PacedConnection, HTTPSConnection):
    """The same under TLS, through a tunnel where there is a proxy.

    Args:
        trust: Gives the connection its rules for TLS.
        checked: Whether certificates are checked; urllib3 warns at each request that goes without.
        ntlm: Begins the conversation with a proxy that asks for NTLM.
    """

    def __init__(
        self,
        *args: Any,
        trust: Trust,
        checked: bool = True,
        ntlm: Callable[[], Handshake] | None = None,
        **fields: Any,
    ) -> None:
        super().__init__(*args, **fields)
        self.trust = trust
        self.checked = checked
        self.ntlm = ntlm

    def connect(self) -> None:
        """Connect, and keep urllib3 from warning of what was asked for."""
        self.ssl_context = self.trust()
        super().connect()
        if not self.checked:
            self.is_verified = True

    def _tunnel(self) -> None:
        """Ask the proxy for a tunnel. `http.client` would have its password among its locals."""
        if self.ntlm is None:
            headers: dict[str, str] = self._tunnel_headers  # type: ignore[attr-defined]  # of http.client
            status, phrase, _ = self._ask_for_tunnel(headers.get("Proxy-Authorization"))
            if status != 200:
                raise OSError(f"{NO_TUNNEL}{status} {phrase}")
        else:
            self._converse(self.ntlm())
        self.sock.settimeout(self.pace.next_wait())

    def _converse(self, handshake: Handshake) -> None:
        """Ask for a tunnel by NTLM, all of it on this connection."""
        token = handshake.step()
        while token is not None:
            status, _, challenge = self._ask_for_tunnel(HiddenText(f"NTLM {b2a_base64(token, newline=False).decode()}"))
            if status == 200:
                return
            token = handshake.step(challenge) if status == 407 and challenge else None
        raise OSError(f"{NO_TUNNEL}{status}{', NTLM user or password refused' if status == 407 else ''}")

    def _ask_for_tunnel(self, credential: str | None) -> tuple[int, str, bytes]:
        """Ask as somebody or nobody; return the status, its words, and the NTLM challenge, if any."""
        target = f"{self._tunnel_host}:{self._tunnel_port}"
        self.kept_back = [] if credential is None else [("Proxy-Authorization", credential)]
        self.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode("ascii"))
        response = self.response_class(self.sock, method="CONNECT")
        try:
            response.begin()
            offers = response.headers.get_all("Proxy-Authenticate") or []
            challenge = next((offer[5:] for offer in offers if offer.startswith("NTLM ")), "")
            if challenge:
                # The conversation goes on behind it.
                response.read()
            return response.status, response.reason, b64decode(challenge)
        finally:
            response.close()


class PacedPool(HTTPConnectionPool):
    """Connections to one host."""

    ConnectionCls = PacedConnection


class PacedTlsPool(HTTPSConnectionPool):
    """Connections to one host under TLS."""

    ConnectionCls = PacedTlsConnection


def add_to_head(head: bytes, headers: list[tuple[str, str]]) -> memoryview:
    """Return the head of a request with more headers, as a view, which hides what it shows."""
    lines = (f"{name}: {value}\r\n".encode("ascii") for name, value in headers)
    return memoryview(b"".join((head[:-2], *lines, b"\r\n")))


def describe_distrust(error: ssl.SSLError, host: str) -> str:
    """Say why TLS with `host` failed, in the words of OpenSSL."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of {host} is refused: {error.verify_message or error.reason}"
    return f"{host} does not speak TLS with us ({error.reason or error})"


def find_culprit(error: OSError) -> tuple[Cause, Kind]:
    """Say whether a proxy stands in the way or what is behind it, and whether it is worth asking again.

    Source: behaviour B288.
    """
    _, _, status = (error.strerror or str(error)).partition(NO_TUNNEL)
    if not status:
        return "proxy", "never sent"
    return ("connection", "never sent") if status.startswith(NOBODY_BEHIND) else ("proxy", "refused")


def describe_refusal(error: OSError) -> str:
    """Say what the far side did in the place of taking a connection."""
    text = error.strerror or str(error)
    return f"answered {text[len(NO_TUNNEL) :]}" if text.startswith(NO_TUNNEL) else f"took no connection: {text}"
