"""Faults as data: which requests go wrong, after how many, how often, and how.

Several faults may strike one request: the first silence or else the first status counts, and all that
spoils what is sent adds up.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated

import msgspec

from .._public import public
from ..records.exchange import Response
from .bounds import Count, Seconds


@public("testing")
class Status(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Answer with these words and do nothing: an outage, a limit, the page of some gateway."""

    code: Annotated[int, msgspec.Meta(ge=200, le=999)]
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@public("testing")
class Lost(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Let no response arrive, so that the caller cannot know whether the cloud acted."""

    acted: bool


@public("testing")
class Unreachable(msgspec.Struct, frozen=True, tag=True):
    """Let no request arrive: the caller knows that the cloud did not act."""


@public("testing")
class Revoke(msgspec.Struct, frozen=True, tag=True):
    """Let every token given so far expire, then answer."""


@public("testing")
class Stall(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Answer, but keep the caller waiting first."""

    seconds: Seconds


@public("testing")
class Drip(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Answer, but let the body take that long, in `PIECES` pieces."""

    seconds: Seconds


@public("testing")
class Truncate(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Answer, but break the connection in the middle of the body. An empty body comes whole."""

    keep: Annotated[float, msgspec.Meta(ge=0.0, lt=1.0)] = 0.5
    """The part of the body that arrives, below 1."""


@public("testing")
class Misstate(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Answer, but state a length that is off by so many bytes. That of an empty body is right."""

    by: int


@public("testing")
class Garble(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Act, and say something that is not HTTP."""

    garbage: bytes = b"\x15\x03\x01\x00\x02\x02\x50 this is not HTTP\r\n\r\n"


Effect = Status | Lost | Unreachable | Revoke | Stall | Drip | Truncate | Misstate | Garble

PIECES = 10
"""In how many pieces a slow body comes."""


class Spoiled(msgspec.Struct, frozen=True, kw_only=True):
    """A response that does not arrive as it was made. Durations in seconds."""

    response: Response
    stall: float = 0.0
    """How long nothing comes."""
    drip: float = 0.0
    """How long the body takes."""
    cut: int | None = None
    """The bytes of the body that come before the connection breaks."""
    stated: int | None = None
    """The length of the body, as the headers state it."""
    garbage: bytes | None = None
    """What comes in the place of it all."""


@public("testing")
class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that goes wrong with the requests that it matches."""

    effect: Effect
    method: str = "*"
    """Glob over the method, such as `POST`."""
    path: str = "*"
    """Glob over the path without its query, such as `*/jobs`."""
    after: Count = 0
    """How many matching requests go well first."""
    times: Count | None = 1
    """How many go wrong then; `None` for all."""
    seen: Count = 0
    """How many matching requests came so far."""


def strike(faults: tuple[Fault, ...], method: str, path: str) -> tuple[tuple[Fault, ...], tuple[Effect, ...]]:
    """Count one request and choose all that goes wrong with it, in the order of the faults."""
    hit = [fnmatchcase(method, fault.method) and fnmatchcase(path, fault.path) for fault in faults]
    due = tuple(fault.effect for fault, matches in zip(faults, hit, strict=True) if matches and is_due(fault))
    counted = tuple(
        msgspec.structs.replace(fault, seen=fault.seen + 1) if matches else fault
        for fault, matches in zip(faults, hit, strict=True)
    )
    return counted, due


def is_due(fault: Fault) -> bool:
    """Tell whether the next matching request goes wrong."""
    return fault.seen >= fault.after and (fault.times is None or fault.seen < fault.after + fault.times)


def spoil(response: Response, effects: Iterable[Effect]) -> Response | Spoiled:
    """Return what arrives of `response`: the response itself if nothing spoils it.

    Source: behaviour B139.
    """
    spoiled = whole = Spoiled(response=response)
    for effect in effects:
        spoiled = spoil_once(spoiled, effect)
    return response if spoiled == whole else spoiled


def spoil_once(spoiled: Spoiled, effect: Effect) -> Spoiled:
    """Add one effect. Those that spoil nothing add nothing."""
    size = len(spoiled.response.body)
    match effect:
        case Stall(seconds=seconds):
            return msgspec.structs.replace(spoiled, stall=spoiled.stall + seconds)
        case Drip(seconds=seconds):
            return msgspec.structs.replace(spoiled, drip=spoiled.drip + seconds)
        case Truncate(keep=keep) if size:
            return msgspec.structs.replace(spoiled, cut=min(int(size * keep), size - 1))
        case Misstate(by=by) if size:
            return msgspec.structs.replace(spoiled, stated=max(0, size + by))
        case Garble(garbage=garbage):
            return msgspec.structs.replace(spoiled, garbage=garbage)
        case _:
            return spoiled


@public("testing")
def too_many_requests(retry_after: int | None = None) -> Status:
    """Return the answer to those who ask too often; `retry_after` in seconds, if it is told."""
    headers = () if retry_after is None else (("Retry-After", str(retry_after)),)
    body = b'{"errors":[{"code":1202,"message":"Too many requests.","solution":"Wait and try again."}]}'
    return Status(code=429, headers=(("Content-Type", "application/json"), *headers), body=body)


@public("testing")
def html_page(code: int = 502) -> Status:
    """Return the page of some gateway, which is no answer of the service."""
    body = f"<!DOCTYPE html><html><head><title>{code}</title></head><body><h1>Bad gateway</h1></body></html>"
    return Status(code=code, headers=(("Content-Type", "text/html"),), body=body.encode())
