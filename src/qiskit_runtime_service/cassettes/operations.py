"""Which operation a request asks for, told from its method and the end of its path, wherever the service lives."""

from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

import msgspec

from ..records.exchange import Request

Home = Literal["token", "search", "catalog", "runtime"]


class Operation(msgspec.Struct, frozen=True):
    """One thing that a service can be asked to do."""

    name: str
    method: str
    end: tuple[str, ...]
    """The last segments of the path; one in braces stands for any."""
    home: Home = "runtime"
    reads: bool = False
    """Whether asking again changes nothing."""
    whole: bool = False
    """Whether its response tells of devices or results alone, so that all of it may be written down."""


class ParsedRequest(msgspec.Struct, frozen=True):
    """A request taken apart."""

    operation: Operation
    names: tuple[tuple[str, str], ...]
    """What stands in the path where the operation has braces."""
    query: str


def _row(
    name: str, method: str, end: str, home: Home = "runtime", *, reads: bool = False, whole: bool = False
) -> Operation:
    return Operation(name, method, tuple(end.split("/")), home, reads or method == "GET", whole)


OPERATIONS = (
    _row("exchange key", "POST", "identity/token", "token", reads=True),
    _row("search instances", "POST", "v3/resources/search", "search", reads=True),
    _row("get configuration", "GET", "backends/{backend}/configuration", whole=True),
    _row("get properties", "GET", "backends/{backend}/properties", whole=True),
    _row("get defaults", "GET", "backends/{backend}/defaults", whole=True),
    _row("get status", "GET", "backends/{backend}/status"),
    _row("list backends", "GET", "backends"),
    _row("get results", "GET", "jobs/{job}/results", whole=True),
    _row("get logs", "GET", "jobs/{job}/logs", whole=True),
    _row("get metrics", "GET", "jobs/{job}/metrics"),
    _row("cancel job", "POST", "jobs/{job}/cancel"),
    _row("put tags", "PUT", "jobs/{job}/tags"),
    _row("create job", "POST", "jobs"),
    _row("list jobs", "GET", "jobs"),
    _row("get job", "GET", "jobs/{job}"),
    _row("delete job", "DELETE", "jobs/{job}"),
    _row("cancel session", "DELETE", "sessions/{session}/close"),
    _row("create session", "POST", "sessions"),
    _row("get session", "GET", "sessions/{session}"),
    _row("change session", "PATCH", "sessions/{session}"),
    _row("get usage", "GET", "instances/usage"),
    _row("get limit", "GET", "instances/configuration"),
    _row("put limit", "PUT", "instances/configuration"),
    _row("get instance", "GET", "instance"),
    _row("get account", "GET", "accounts/{account}"),
    _row("list workloads", "GET", "workloads"),
    _row("search tags", "GET", "tags"),
    _row("list versions", "GET", "versions"),
)

PLAN = _row("describe plan", "GET", "api/v1/{plan}", "catalog")
"""The catalog has no word of its own before the plan: whatever no other operation ends in is one."""


_BY_LAST_WORD: dict[tuple[str, str], list[Operation]] = {}
for _operation in OPERATIONS:
    _word = next(segment for segment in reversed(_operation.end) if segment[0] != "{")
    _BY_LAST_WORD.setdefault((_operation.method, _word), []).append(_operation)


def parse_request(request: Request) -> ParsedRequest:
    """Return what `request` asks for. One that is not known is an operation by the name of its method and path."""
    parsed = _parse(request.method, request.url)
    if parsed.operation == PLAN and request.header("Service-CRN") is not None:
        return _unknown(request.method, request.url)
    return parsed


# A program polls the same few URLs.
@lru_cache(maxsize=1024)
def _parse(method: str, url: str) -> ParsedRequest:
    path, query = _split(url)
    segments = tuple(unquote(segment) for segment in path.split("/"))
    for word in segments[:-3:-1]:
        for operation in _BY_LAST_WORD.get((method, word), ()):
            names = _fit(operation.end, segments)
            if names is not None:
                return ParsedRequest(operation, names, query)
    names = _fit(PLAN.end, segments)
    return ParsedRequest(PLAN, names, query) if method == PLAN.method and names is not None else _unknown(method, url)


def _unknown(method: str, url: str) -> ParsedRequest:
    path, query = _split(url)
    segments = tuple(unquote(segment) for segment in path.split("/"))
    return ParsedRequest(Operation(f"{method} {path}", method, segments), (), query)


def _split(url: str) -> tuple[str, str]:
    """Return path and query of a URL, even of one that no library accepts."""
    target, _, query = url.partition("#")[0].partition("?")
    return (f"/{target.partition('://')[2].partition('/')[2]}" if "://" in target else target), query


def is_known(operation: Operation) -> bool:
    """Tell whether the service is known to have this operation."""
    return operation in OPERATIONS or operation == PLAN


def _fit(end: tuple[str, ...], segments: tuple[str, ...]) -> tuple[tuple[str, str], ...] | None:
    """Return the segments in the places of braces, or `None` if the path ends otherwise."""
    ends = segments[-len(end) :]
    if len(ends) != len(end):
        return None
    names = []
    for wanted, given in zip(end, ends, strict=True):
        if wanted[:1] == "{":
            names.append((wanted[1:-1], given))
        elif wanted != given:
            return None
    return tuple(names)
