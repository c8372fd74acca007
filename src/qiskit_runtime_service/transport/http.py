"""The carrier to the real cloud: HTTP by urllib3."""

import re
import ssl
import threading
from base64 import b64encode
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from returns.result import Failure, Result, Success
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager, Timeout
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import (
    ClosedPoolError,
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NewConnectionError,
    ProxyError,
    SSLError,
)
from urllib3.response import BaseHTTPResponse
from urllib3.util import create_urllib3_context, parse_url

from ..records.exchange import Request, Response
from ..records.problem import NetworkFault, Problem, TooLarge
from ..records.secret import Secret

CONNECT_SECONDS = 5.0
MOST_CONNECTIONS = 32
MOST_HOSTS = 32
LARGEST_BODY = 2**30
PIECE = 2**20

# What urllib3 raises before a byte of the request is on its way.
NEVER_SENT = (ConnectTimeoutError, ProxyError, LocationValueError, ClosedPoolError)

Kind = Literal["never sent", "refused", "unclear"]


class HandshakeError(SSLError):
    """The far side does not speak TLS with us, or we do not trust it. Nothing was sent."""


class CheckedConnection(HTTPSConnection):
    """A connection whose failures to connect can be told from failures on the way."""

    def connect(self) -> None:
        """Connect, or raise what says that nothing was sent."""
        try:
            super().connect()
        except ssl.SSLError as error:
            raise HandshakeError(str(error)) from error
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error


class UncheckedConnection(CheckedConnection):
    """A connection that was asked to trust any certificate."""

    def connect(self) -> None:
        """Connect, and keep urllib3 from warning at each request of what was asked for."""
        super().connect()
        self.is_verified = True


class CheckedPool(HTTPSConnectionPool):
    """Connections to one host, its certificate checked."""

    ConnectionCls = CheckedConnection


class UncheckedPool(HTTPSConnectionPool):
    """Connections to one host, whoever it is."""

    ConnectionCls = UncheckedConnection


class HttpTransport:
    """Carry requests over HTTP. Connections are opened when first needed and kept alive.

    Redirects are not followed: they are responses like any other. Compressed bodies arrive
    decompressed.

    Args:
        verify: Whether to check certificates, or the file or directory of the authorities to trust.
        proxies: Pairs of what it is for and proxy URL, such as `("https", Secret("http://user:password@proxy:3128"))`.
            It is for a protocol, a protocol and host (`https://host`), or `all`; the most precise wins.
        connect_timeout: Seconds until a connection must stand.
        max_connections: How many connections to one host there may be; who needs one more waits.
        max_body: Bytes that a response may hold once decompressed.
    """

    def __init__(
        self,
        *,
        verify: bool | str = True,
        proxies: tuple[tuple[str, Secret], ...] = (),
        connect_timeout: float = CONNECT_SECONDS,
        max_connections: int = MOST_CONNECTIONS,
        max_body: int = LARGEST_BODY,
    ) -> None:
        self._verify = verify
        self._proxies = dict(proxies)
        self._connect_timeout = connect_timeout
        self._max_connections = max_connections
        self._max_body = max_body
        self._managers: dict[tuple[Secret | None, bool], PoolManager] = {}
        self._building = threading.Lock()

    def __repr__(self) -> str:
        return f"HttpTransport(verify={self._verify!r}, proxies={len(self._proxies)})"

    def send(self, request: Request, /) -> Result[Response, Problem]:
        """Send `request` and wait for the whole response.

        Fails with:
            NetworkFault: No response arrived, or not the whole of it.
            TooLarge: The response holds more than `max_body` bytes.
        """
        if reason := find_obstacle(request):
            return Failure(NetworkFault(url=request.url, kind="never sent", reason=reason))
        try:
            manager = self._manager(request.url)
        except (LocationValueError, OSError) as error:
            # The text of the error may show a proxy with its password.
            reason = f"the proxy or the certificate authorities cannot be used ({type(error).__name__})"
            return Failure(NetworkFault(url=request.url, kind="never sent", reason=reason))
        try:
            response = manager.urlopen(
                request.method,
                request.url,
                body=request.body or None,
                headers=headers_to_send(request),
                timeout=Timeout(connect=self._connect_timeout, read=request.read_timeout),
                retries=False,
                redirect=False,
                preload_content=False,
            )
        except HTTPError as error:
            return Failure(NetworkFault(url=request.url, kind=kind_of(error), reason=reason_of(error)))
        return self._receive(request, response)

    def close(self) -> None:
        """Close all connections that are not in use. They are opened again when needed."""
        with self._building:
            managers = tuple(self._managers.values())
            self._managers.clear()
        for each in managers:
            each.clear()

    def _receive(self, request: Request, response: BaseHTTPResponse) -> Result[Response, Problem]:
        """Read the body, within its limit."""
        pieces: list[bytes] = []
        size = 0
        try:
            for piece in response.stream(PIECE, decode_content=True):
                pieces.append(piece)
                size += len(piece)
                if size > self._max_body:
                    response.close()
                    return Failure(TooLarge(what=f"response of {request.url}", size=size, limit=self._max_body))
        except HTTPError as error:
            # Whatever breaks from here on, the request was on its way.
            return Failure(NetworkFault(url=request.url, kind="unclear", reason=reason_of(error)))
        finally:
            response.release_conn()
        return Success(Response(status=response.status, headers=headers_of(response), body=b"".join(pieces)))

    def _manager(self, url: str) -> PoolManager:
        """Return the pools for the way that `url` takes, made when first needed."""
        proxy = choose_proxy(self._proxies, url) if self._proxies else None
        secure = url.startswith("https://") or (proxy is not None and proxy.reveal().startswith("https://"))
        manager = self._managers.get((proxy, secure))
        if manager is None:
            with self._building:
                manager = self._managers.get((proxy, secure)) or self._build(proxy, secure)
                self._managers[proxy, secure] = manager
        return manager

    def _build(self, proxy: Secret | None, secure: bool) -> PoolManager:
        # Reading the authorities that a machine trusts takes 50 ms, so only TLS pays for it.
        context = build_context(self._verify) if secure else None
        if proxy is None:
            manager = PoolManager(MOST_HOSTS, maxsize=self._max_connections, block=True, ssl_context=context)
        else:
            address, headers = split_proxy(proxy.reveal())
            manager = ProxyManager(
                address,
                MOST_HOSTS,
                proxy_headers=headers,
                proxy_ssl_context=context,
                maxsize=self._max_connections,
                block=True,
                ssl_context=context,
            )
        pool = CheckedPool if self._verify else UncheckedPool
        manager.pool_classes_by_scheme = {"http": HTTPConnectionPool, "https": pool}
        return manager


def build_context(verify: bool | str) -> ssl.SSLContext:
    """Return the rules for TLS. Raises an `OSError` for authorities that cannot be read."""
    if verify is False:
        context = create_urllib3_context(cert_reqs=ssl.CERT_NONE)
        context.check_hostname = False
        return context
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    if verify is True:
        context.load_default_certs()
    elif Path(verify).is_dir():
        context.load_verify_locations(capath=verify)
    else:
        context.load_verify_locations(cafile=verify)
    return context


def choose_proxy(proxies: dict[str, Secret], url: str) -> Secret | None:
    """Return the proxy for `url`, the most precise one first."""
    scheme, _, rest = url.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    keys = (f"{scheme}://{host}", f"{scheme}://{host.partition(':')[0]}", scheme, "all")
    return next((proxies[key] for key in keys if key in proxies), None)


def split_proxy(proxy: str) -> tuple[str, dict[str, str]]:
    """Return the address of a proxy, and the headers that open it.

    User and password leave the URL, so that no message of an error shows them.
    """
    parsed = parse_url(proxy if "://" in proxy else f"http://{proxy}")
    address = parsed._replace(auth=None, path=None).url
    if not parsed.auth:
        return address, {}
    credential = b64encode(unquote(parsed.auth).encode()).decode()
    return address, {"Proxy-Authorization": f"Basic {credential}"}


def find_obstacle(request: Request) -> str | None:
    """Return why `request` cannot be put into HTTP, without the values of its headers: they may be secret."""
    if not request.url.startswith(("https://", "http://")):
        return "the URL is not one of HTTP"
    for name, value in request.headers:
        if not all(each.isascii() and each.isprintable() for each in (name, value)):
            return f"the header {name!r} holds a character that HTTP has not"
    return None


def headers_to_send(request: Request) -> dict[str, str]:
    """Return the headers of `request`; one that does not say what it accepts accepts gzip."""
    headers = dict(request.headers)
    return headers if request.header("Accept-Encoding") else headers | {"Accept-Encoding": "gzip"}


def headers_of(response: BaseHTTPResponse) -> tuple[tuple[str, str], ...]:
    """Return the headers of a body that is decompressed by now, duplicates included."""
    headers = tuple(response.headers.iteritems())
    if "Content-Encoding" not in response.headers:
        return headers
    return tuple(each for each in headers if each[0].lower() not in ("content-encoding", "content-length"))


def kind_of(error: HTTPError) -> Kind:
    """Tell how far the request got before `error`."""
    if isinstance(error, HandshakeError):
        return "refused"
    return "never sent" if isinstance(error, NEVER_SENT) else "unclear"


def reason_of(error: HTTPError) -> str:
    """Return what went wrong, without the object that it went wrong in."""
    if isinstance(error, ProxyError):
        return f"the proxy failed: {error.original_error}"
    return str(error).partition("): ")[2] or str(error)
