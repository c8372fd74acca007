"""The carrier to the real cloud: HTTP by urllib3."""

import io
import threading
from functools import partial
from typing import Any, Literal

from returns.result import Failure, Result, Success
from urllib3 import PoolManager, ProxyManager, Timeout
from urllib3.exceptions import ClosedPoolError, EmptyPoolError, HTTPError, LocationValueError
from urllib3.response import BaseHTTPResponse

from ..records.exchange import Request, Response
from ..records.network import ProxyRules, Timeouts
from ..records.problem import NetworkFault, Problem
from ..records.secret import HiddenBytes, Secret
from .base import too_large
from .connections import PacedPool, PacedTlsPool
from .names import Resolve, ask_system
from .pace import Hindrance, Pace
from .process import PerProcess
from .proxies import begin_ntlm, choose_proxy, split_proxy
from .trust import choose_trust

MOST_CONNECTIONS = 32
MOST_HOSTS = 32
LARGEST_REFUSAL = 2**18
"""Bytes that are read of an answer that says no. Its status says more than the rest would."""
MOST_HIDDEN = 2**20
"""Bytes of an answer that hides itself: that of a token service is small, and of a large one there shall be no copy."""
PIECE = 2**18
PROXY_REFUSES = 407
LEAST_REFUSAL = 300


class Pools:
    """The connections of one process, by the proxy that they go through and by whether they need TLS."""

    def __init__(self) -> None:
        self.managers: dict[tuple[Secret | None, bool], PoolManager] = {}
        self.building = threading.Lock()


class HttpTransport:
    """Carry requests over HTTP. Connections are opened when first needed and kept alive.

    Redirects are not followed: they are responses like any other. Compressed bodies arrive
    decompressed. The child of a fork has connections of its own.

    Args:
        verify: Whether to check certificates, or the file or directory of the authorities to trust.
        proxies: Which proxy a request goes through.
        connect_timeout: Seconds until a connection must stand, with name, proxy and TLS.
        max_connections: How many connections to one host there may be; who needs one more waits.
        resolve: From host and port to addresses, as `socket.getaddrinfo` tells them.
    """

    def __init__(
        self,
        *,
        verify: bool | str = True,
        proxies: ProxyRules | None = None,
        connect_timeout: float | None = None,
        max_connections: int = MOST_CONNECTIONS,
        resolve: Resolve = ask_system,
    ) -> None:
        self._verify = verify
        self._proxies = proxies or ProxyRules()
        self._connect_timeout = Timeouts().connect if connect_timeout is None else connect_timeout
        self._max_connections = max_connections
        self._resolve = resolve
        self._pace = Pace()
        self._pools = PerProcess(Pools)

    def __repr__(self) -> str:
        return f"HttpTransport(verify={self._verify!r}, proxies={len(self._proxies.given + self._proxies.found)})"

    def send(self, request: Request, /) -> Result[Response, Problem]:
        """Send `request` and wait for the whole response.

        Fails with:
            NetworkFault: No response arrived, or not the whole of it.
            TooLarge: The response holds more than `request.largest` bytes.

        Source: behaviour B318, B319.
        """
        self._pace.begin(self._connect_timeout, request.read_timeout, request.time_left)
        if reason := find_obstacle(request):
            return Failure(NetworkFault(url=request.url, kind="never sent", reason=reason, cause="unusable"))
        try:
            manager = self._manager(request.url)
        except (LocationValueError, OSError) as error:
            # The text of the error may show a proxy with its password.
            reason = f"{self._setting_of(request.url, error)} cannot be used ({type(error).__name__})"
            return Failure(NetworkFault(url=request.url, kind="never sent", reason=reason, cause="unusable"))
        try:
            response = manager.urlopen(
                request.method,
                request.url,
                # A view hides what it shows, and nothing copies it on the way down.
                body=memoryview(request.body) if request.body else None,
                headers=headers_to_send(request),
                # The connections keep the time themselves.
                timeout=Timeout(connect=None, read=None),
                pool_timeout=request.time_left,
                retries=False,
                redirect=False,
                preload_content=False,
            )
        except HTTPError as error:
            return Failure(fault_from(request, error))
        if response.status == PROXY_REFUSES:
            response.close()
            response.release_conn()
            # Inside a tunnel, and where no proxy is known, somebody behind our own proxy says it.
            known = request.url.startswith("http:") and self.proxy_for(request.url) is not None
            return Failure(proxy_fault(request, kind="refused" if known else "unclear"))
        return self._receive(request, response)

    def proxy_for(self, url: str) -> str | None:
        """Return the address of the proxy that `url` goes through, without user and password."""
        proxy = choose_proxy(self._proxies, url)
        return None if proxy is None else split_proxy(proxy.reveal())[0]

    def close(self) -> None:
        """Close all connections that are not in use. They are opened again when needed."""
        pools = self._pools.get()
        with pools.building:
            managers = tuple(pools.managers.values())
            pools.managers.clear()
        for manager in managers:
            manager.clear()

    def _receive(self, request: Request, response: BaseHTTPResponse) -> Result[Response, Problem]:
        """Read the body, within its limit and within the time of the call. Of a refusal the beginning will do."""
        refused = response.status >= LEAST_REFUSAL
        most = min(request.largest, LARGEST_REFUSAL) if refused else request.largest
        body = io.BytesIO()
        try:
            # What is not compressed passes through urllib3 as it was read, and so hides itself.
            for piece in response.stream(PIECE, decode_content="Content-Encoding" in response.headers):
                body.write(piece)
                if body.tell() > most:
                    # The rest is not waited for.
                    response.close()
                    if not refused:
                        return Failure(too_large(request, body.tell()))
                    body.truncate(most)
                    break
                # What is unpacked comes faster than it is received, but it takes its time too.
                self._pace.next_wait()
        except (HTTPError, Hindrance) as error:
            response.close()
            # Whatever breaks from here on, the request was on its way.
            return Failure(fault_from(request, error))
        finally:
            response.release_conn()
        kept = HiddenBytes(body.getvalue()) if body.tell() <= MOST_HIDDEN else body.getvalue()
        return Success(Response(status=response.status, headers=headers_of(response), body=kept))

    def _manager(self, url: str) -> PoolManager:
        """Return the pools for the way that `url` takes, made when first needed."""
        proxy = choose_proxy(self._proxies, url)
        secure = url.startswith("https://") or (proxy is not None and proxy.reveal().startswith("https://"))
        pools = self._pools.get()
        manager = pools.managers.get((proxy, secure))
        if manager is None:
            with pools.building:
                manager = pools.managers.get((proxy, secure)) or self._build(proxy, secure)
                pools.managers[proxy, secure] = manager
        return manager

    def _setting_of(self, url: str, error: Exception) -> str:
        """Name the setting of ours that `error` is about."""
        if isinstance(error, OSError):
            return f"the certificate authorities in {self._verify!r}"
        try:
            return f"the proxy {self.proxy_for(url)}"
        except LocationValueError:
            return "the proxy, which is no URL,"

    def _build(self, proxy: Secret | None, secure: bool) -> PoolManager:
        # Reading the authorities that a machine trusts takes 50 ms, so only TLS pays for it.
        trust = choose_trust(self._verify) if secure else None
        context = None if trust is None else trust()
        fields: dict[str, Any] = {"maxsize": self._max_connections, "block": True, "ssl_context": context}
        if proxy is None:
            manager = PoolManager(MOST_HOSTS, **fields)
        else:
            address, headers = split_proxy(proxy.reveal())
            manager = ProxyManager(address, MOST_HOSTS, proxy_headers=headers, proxy_ssl_context=context, **fields)
        ntlm = None if self._proxies.ntlm is None else partial(begin_ntlm, *self._proxies.ntlm)
        paced: dict[str, Any] = {"pace": self._pace, "resolve": self._resolve}
        manager.pool_classes_by_scheme = {
            "http": partial(PacedPool, **paced),  # type: ignore[dict-item]  # it is called, no more
            "https": partial(PacedTlsPool, trust=trust, checked=self._verify is not False, ntlm=ntlm, **paced),  # type: ignore[dict-item]  # likewise
        }
        return manager


def find_obstacle(request: Request) -> str | None:
    """Return why `request` cannot be put into HTTP, without the values of its headers: they may be secret."""
    if not request.url.startswith(("https://", "http://")):
        return "the URL is not one of HTTP"
    for name, value in request.headers:
        if not all(text.isascii() and text.isprintable() for text in (name, value)):
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
    return tuple((name, value) for name, value in headers if name.lower() not in ("content-encoding", "content-length"))


def fault_from(request: Request, error: HTTPError | Hindrance) -> NetworkFault:
    """Say what kept the response away, and how far the request got."""
    url = request.url
    hindrance = find_hindrance(error)
    if hindrance is not None:
        return NetworkFault(url=url, kind=hindrance.kind, cause=hindrance.cause, reason=hindrance.reason)
    if isinstance(error, EmptyPoolError):
        reason = "all connections to the host were in use all the time"
        return NetworkFault(url=url, kind="never sent", cause="deadline", reason=reason)
    if isinstance(error, ClosedPoolError):
        return NetworkFault(url=url, kind="never sent", reason="the service was closed meanwhile")
    if isinstance(error, LocationValueError):
        return NetworkFault(url=url, kind="never sent", cause="unusable", reason="the URL names no host")
    return NetworkFault(url=url, kind="unclear", cause="broken", reason=reason_of(error))


def find_hindrance(error: BaseException | None) -> Hindrance | None:
    """Return what our own connections said, under all that was made of it."""
    while error is not None and not isinstance(error, Hindrance):
        error = error.__cause__ or error.__context__
    return error


def proxy_fault(request: Request, kind: Literal["refused", "unclear"]) -> NetworkFault:
    """Say that a proxy wants to know who asks. The service itself never does it like this."""
    reason = f"the proxy answered {PROXY_REFUSES}: it wants another user or password"
    return NetworkFault(url=request.url, kind=kind, cause="proxy", reason=reason)


def reason_of(error: Exception) -> str:
    """Return what went wrong, without the object that it went wrong in."""
    return str(error).partition("): ")[2] or str(error)
