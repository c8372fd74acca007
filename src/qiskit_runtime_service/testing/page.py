"""The page that a door shows to people: what is in an emulated cloud and what it is asked, live (B197)."""

import hashlib
import re
from base64 import b64encode
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

import msgspec

from ..emulator.overview import describe_overview, overview_needs
from ..records.exchange import Response
from ..transport.emulated import EmulatedTransport, Exchange

PAGE = "/"
OVERVIEW = "/emulator/overview.json"
METHODS = ("GET", "HEAD", "OPTIONS")
MOST_REQUESTS = 30
ALWAYS = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"))


def show_page(cloud: EmulatedTransport, method: str, target: str) -> Response | None:
    """Return what a browser is shown, or `None` for what is a request to the cloud.

    Args:
        cloud: The cloud that is looked at. Looking leaves no trace in its ledger.
        method: Of the request.
        target: Of the request line. One with a host in it is for the cloud.
    """
    path = target.partition("?")[0]
    if method not in METHODS or path not in (PAGE, OVERVIEW):
        return None
    if method == "OPTIONS":
        return Response(status=204, headers=(("Allow", ", ".join(METHODS)),))
    if path == PAGE:
        body, policy = read_page()
        headers = [("Content-Type", "text/html; charset=utf-8"), policy, *ALWAYS]
    else:
        body = msgspec.json.encode(describe_cloud(cloud))
        headers = [("Content-Type", "application/json"), *ALWAYS]
    if method == "HEAD":
        return Response(status=200, headers=(*headers, ("Content-Length", str(len(body)))))
    return Response(status=200, headers=tuple(headers), body=body)


@cache
def read_page() -> tuple[bytes, tuple[str, str]]:
    """Return the page, and the policy under which nothing runs but its own script and nothing leaves the door."""
    page = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    rules = (
        "default-src 'none'",
        f"script-src 'sha256-{digest_of('script', page)}'",
        f"style-src 'sha256-{digest_of('style', page)}'",
        "img-src data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return page.encode(), ("Content-Security-Policy", "; ".join(rules))


def digest_of(element: str, page: str) -> str:
    """Return the digest by which a policy knows what stands in the one `element` of a page."""
    (inside,) = re.findall(f"<{element}>(.*?)</{element}>", page, re.DOTALL)
    return b64encode(hashlib.sha256(inside.encode()).digest()).decode()


def describe_cloud(cloud: EmulatedTransport) -> dict[str, object]:
    """Return what the page shows: the world at a glance, its clock, and the newest requests."""
    cloud.supply(overview_needs, patience=0.0)
    world = cloud.world
    names = {crn: instance.name for crn, instance in world.instances.items()}
    newest = cloud.ledger[: -MOST_REQUESTS - 1 : -1]
    return {
        **describe_overview(world),
        "speed": cloud.speed,
        "answered": cloud.answered,
        "requests": [describe_exchange(exchange, names) for exchange in newest],
    }


def describe_exchange(exchange: Exchange, names: dict[str, str]) -> dict[str, object]:
    """Return a request and the status of its response, without headers or body: they may hold keys."""
    parts = urlsplit(exchange.request.url)
    crn = exchange.request.header("Service-CRN") or ""
    return {
        "at": exchange.at,
        "method": exchange.request.method,
        "path": parts.path + (f"?{parts.query}" if parts.query else ""),
        "instance": names.get(crn),
        "status": exchange.status,
    }
