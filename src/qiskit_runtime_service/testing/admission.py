"""Who may ask a door, and how: what is refused before the body of a request is read. Pure."""

import re
from collections.abc import Iterable
from ipaddress import ip_address

import msgspec

from .._public import public
from ..records.exchange import Request, Response

CONNECT = "CONNECT"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
WITH_BODY = {"POST", "PUT", "PATCH"}
ANYBODY = "*"
WHOLE_SERVER = "*"
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # nothing is served there unasked
"""The addresses that stand for every one of the machine, and the one by which this machine reaches them."""
HOST = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[^\[\]:/?#@\s]+))(?::[0-9]*)?")
PREFLIGHT_SECONDS = "600"
PUBLIC_HOST = re.compile(
    r"(private\.)?"
    r"(([a-z0-9-]+\.)?quantum(-computing)?|iam|api\.global-search-tagging|globalcatalog|resource-controller|user-management)"
    r"\.(test\.)?cloud\.ibm\.com"
)
"""The hosts by which clients know the service unless they are told others: the runtime in any region, and what tells of
accounts."""
HTTPS_PORT = "443"


@public("testing")
class DoorLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What visitors may take of a door. Sizes in bytes, durations in seconds."""

    head: int = 64 << 10
    """The longest request line and headers of one request, together."""
    body: int = 64 << 20
    """The longest body of a request."""
    patience: float = 30.0
    """How long a visitor may take to bring 16 KiB of a request, or the rest of it, and to take 64 KiB of an answer."""
    idle: float = 120.0
    """How long a connection may stay open without a request."""
    connections: int = 512
    """How many there are at a time. Then who has brought or taken nothing for the longest time makes room."""


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """Who may ask a door."""

    address: str
    """Where the door listens. `0.0.0.0` and `::` are every address of the machine."""
    hosts: frozenset[str] = frozenset()
    """By which names the door is known, beside loopback and its address; `*` for any."""
    origins: frozenset[str] = frozenset()
    """The web pages that may ask it, such as `http://localhost:3000`; `*` for any."""
    proxy: bool = False
    """Whether it answers as a proxy does, in the place of the public hosts."""
    tunnel: str | None = None
    """The public host in whose place it answers, inside a tunnel; `None` outside of tunnels."""


def admit(address: str, hosts: Iterable[str], origins: Iterable[str], *, proxy: bool = False) -> Admission:
    """Return who may ask a door that listens at `address`. One text alone is one name; ports of hosts do not matter."""
    names = {hosts} if isinstance(hosts, str) else hosts
    pages = {origins} if isinstance(origins, str) else origins
    return Admission(
        address=address,
        hosts=frozenset(host_name(name) or name for name in names),
        origins=frozenset(page.rstrip("/") for page in pages),
        proxy=proxy,
    )


def refuse(status: int, message: str, solution: str) -> Response:
    """Return a refusal in the form that the service gives its errors."""
    body = msgspec.json.encode({"errors": [{"code": status, "message": message, "solution": solution}]})
    return Response(status=status, headers=(("Content-Type", "application/json"),), body=body)


def judge_head(request: Request, version: str, admission: Admission, limits: DoorLimits) -> Response | None:
    """Return the refusal of a request that is not to be read further, or `None`.

    Args:
        request: What is known of it before its body. Its URL is the target as it came.
        version: Of HTTP, such as `1.1`.
        admission: Who may ask.
        limits: What they may take.

    Source: behaviour B338, B339, B472, B473.
    """
    length, coding = request.header("Content-Length"), request.header("Transfer-Encoding")
    if head_size(request) > limits.head:
        return refuse(431, f"Target and headers have more than {limits.head:,} bytes.", "Send fewer.")
    if version not in {"1.0", "1.1"}:
        return refuse(505, f"HTTP/{version} is not spoken here.", "Use HTTP/1.1.")
    if request.method == CONNECT:
        return judge_tunnel(request.url, admission)
    if request.method not in METHODS:
        return refuse(501, f"There is no method {request.method} here.", f"Use one of {', '.join(METHODS)}.")
    if length is not None and coding is not None:
        return refuse(400, "The request has two lengths.", "Send Content-Length or Transfer-Encoding, not both.")
    if not is_target(request):
        return refuse(400, f"{request.url!r} is no path.", "Begin it with a slash.")
    if admission.proxy and is_absolute(request.url) and not is_answered(host_of(request.url), admission):
        return refuse_to_pass_on(host_of(request.url))
    host = request.header("Host")
    # Browsers name a host in the target only where they were told that the door is a proxy.
    if host is not None and not is_absolute(request.url) and not is_ours(host, admission):
        return refuse(421, f"The host {host!r} is not served here.", f"Use localhost, or {how_to_allow(host)}.")
    if length is None and coding is None and request.method in WITH_BODY:
        return refuse(411, f"The {request.method} has no length.", "Send Content-Length, 0 where there is no body.")
    return too_large(limits) if length is not None and int(length) > limits.body else None


def judge_tunnel(target: str, admission: Admission) -> Response | None:
    """Return the refusal of a tunnel to `target`, a host with its port; `None` for one to a public host.

    Source: behaviour B472, B473.
    """
    if not admission.proxy or admission.tunnel is not None:
        return refuse(501, "There are no tunnels here.", "Open the door with --proxy, or proxy=True in a program.")
    host, _, port = target.rpartition(":")
    return None if port == HTTPS_PORT and is_public(host) else refuse_to_pass_on(target)


def refuse_to_pass_on(host: str) -> Response:
    """Return the refusal of a proxy to ask a host in whose place the cloud does not answer."""
    return refuse(403, f"{host!r} is no host of IBM Quantum, and nothing is passed on here.", "Ask without this proxy.")


def is_answered(host: str, admission: Admission) -> bool:
    """Tell whether a proxy answers in the place of a host, or is that host."""
    return is_public(host_name(host) or "") or is_ours(host, admission)


def is_public(host: str) -> bool:
    """Tell whether a name is that of a public host of the service."""
    return PUBLIC_HOST.fullmatch(host.lower()) is not None


def host_of(url: str) -> str:
    """Return the host in a URL, with its port."""
    return re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]


def head_size(request: Request) -> int:
    """Return how many characters target and headers have together."""
    return len(request.url) + sum(len(name) + len(value) for name, value in request.headers)


def is_target(request: Request) -> bool:
    """Tell whether a request names a path, a URL, or the server as a whole."""
    if request.url == WHOLE_SERVER:
        return request.method == "OPTIONS"
    return request.url.startswith("/") or is_absolute(request.url)


def is_absolute(target: str) -> bool:
    """Tell whether a target names a host, as proxies are asked."""
    return target.startswith(("http://", "https://"))


def how_to_allow(host: str) -> str:
    """Return what lets a host in."""
    return f"open the door with --allow-host {host_name(host) or ANYBODY}, or allowed_hosts= in a program"


def too_large(limits: DoorLimits) -> Response:
    """Return the refusal of a body that is too long."""
    return refuse(413, f"The body has more than {limits.body:,} bytes.", "Split the job.")


def is_ours(host: str, admission: Admission) -> bool:
    """Tell whether the door is known by what a `Host` header says. The port does not matter.

    A browser sends the name by which a page was reached. So a page whose name was led to this machine, to ask what
    only this machine may, is told from ours.

    Source: behaviour B339.
    """
    name = host_name(host)
    if name is None:
        return False
    if admission.hosts & {ANYBODY, name} or name in (admission.address.lower(), admission.tunnel):
        return True
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or admission.address in EVERY_ADDRESS


def host_name(host: str) -> str | None:
    """Return the name or address in a `Host` header, in lower case and without port; `None` for what is none."""
    found = HOST.fullmatch(host.lower())
    return None if found is None else found["six"] or found["name"].rstrip(".") or None


def sharing_headers(request: Request, admission: Admission) -> tuple[tuple[str, str], ...]:
    """Return the headers by which a browser lets a page see the answer: none unless the page is allowed.

    Source: behaviour B341.
    """
    origin = request.header("Origin")
    if not admission.origins:
        return ()
    if origin is None or not admission.origins & {ANYBODY, origin}:
        return (("Vary", "Origin"),)
    shared = (("Vary", "Origin"), ("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", "*"))
    if request.method != "OPTIONS":
        return shared
    return (
        *shared,
        ("Access-Control-Allow-Methods", ", ".join(METHODS)),
        ("Access-Control-Allow-Headers", request.header("Access-Control-Request-Headers") or "*"),
        ("Access-Control-Max-Age", PREFLIGHT_SECONDS),
    )
