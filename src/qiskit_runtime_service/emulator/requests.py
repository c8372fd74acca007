"""Reading a request: what is asked, of what, by whom. Any text can be read; nothing here fails."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import parse_qs, unquote

import msgspec

from ..records.exchange import Request

T = TypeVar("T")

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was understood and let in."""

    request: Request
    names: tuple[str, ...] = ()
    """What stands in the path where the route has a `*`."""
    query: Mapping[str, list[str]] = {}
    account: str = ""
    """Whose account asks; empty where anybody may."""
    user: str | None = None
    """Who of that account asks; `None` for whom it belongs to."""
    crn: str = ""
    """The instance that is asked; empty where none is."""
    run_seconds: float | None = None
    """How long the job runs that is submitted; `None` where nobody says."""


def clean_request(request: Request) -> Request:
    """Replace what no server can read: halves of surrogate pairs."""
    headers = tuple((clean(name), clean(value)) for name, value in request.headers)
    return msgspec.structs.replace(request, method=clean(request.method), url=clean(request.url), headers=headers)


def clean(text: str) -> str:
    """Replace the characters of `text` that no encoding has."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def split_url(url: str) -> tuple[str, str]:
    """Return path and query of a URL or of the target of a request line."""
    target, _, query = url.partition("#")[0].partition("?")
    if "://" in target:
        _, _, path = target.partition("://")[2].partition("/")
        return f"/{path}", query
    return target, query


def read_query(query: str) -> Mapping[str, list[str]]:
    """Return the values of each key, in order."""
    return parse_qs(query, keep_blank_values=True)


def read_segments(path: str) -> tuple[str, ...]:
    """Return the parts of a path. An escaped slash does not divide."""
    return tuple(unquote(segment) for segment in path.split("/"))


def read_body(body: bytes, kind: type[T]) -> T | None:
    """Read the body of a request, or return `None` for what is none."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def word(call: Call, key: str) -> str:
    """Return the last value of a query key, or the empty text."""
    return call.query.get(key, [""])[-1]


def flag(call: Call, key: str) -> bool | None:
    """Return a truth value of the query, in any case, or `None` where there is none."""
    return {"true": True, "false": False}.get(word(call, key).lower())


def whole_number(call: Call, key: str, *, least: int, most: float, default: int) -> int:
    """Return a number of the query, or `default` for what is none or is out of range."""
    try:
        number = int(word(call, key))
    except ValueError:
        return default
    return number if least <= number <= most else default


def version_of(call: Call) -> str:
    """Return the date of the interface that the caller speaks; the empty text, which is the oldest, for none."""
    version = call.request.header("IBM-API-Version") or ""
    return version if DATE.fullmatch(version) else ""


def instant(text: str) -> float | None:
    """Read an ISO 8601 instant, UTC where it names no zone; `None` where it is none."""
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
