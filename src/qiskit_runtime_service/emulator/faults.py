"""Faults as data: which requests go wrong, after how many, how often, and how."""

from fnmatch import fnmatchcase

import msgspec


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Answer with these words and do nothing: an outage, a limit, the page of some gateway."""

    code: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """Let no response arrive, so that the caller cannot know whether the cloud acted."""

    acted: bool


class Unreachable(msgspec.Struct, frozen=True):
    """Let no request arrive: the caller knows that the cloud did not act."""


class Revoke(msgspec.Struct, frozen=True):
    """Let every token given so far expire, then answer."""


Effect = Status | Lost | Unreachable | Revoke


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that goes wrong with the requests that it matches."""

    effect: Effect
    method: str = "*"
    """Glob over the method, such as `POST`."""
    path: str = "*"
    """Glob over the path without its query, such as `*/jobs`."""
    after: int = 0
    """How many matching requests go well first."""
    times: int | None = 1
    """How many go wrong then; `None` for all."""
    seen: int = 0
    """How many matching requests came so far."""


def strike(faults: tuple[Fault, ...], method: str, path: str) -> tuple[tuple[Fault, ...], Effect | None]:
    """Count one request and choose what goes wrong with it: the first fault that is due."""
    hit = [fnmatchcase(method, each.method) and fnmatchcase(path, each.path) for each in faults]
    due = (each.effect for each, matches in zip(faults, hit, strict=True) if matches and is_due(each))
    effect = next(due, None)
    counted = tuple(
        msgspec.structs.replace(each, seen=each.seen + 1) if matches else each
        for each, matches in zip(faults, hit, strict=True)
    )
    return counted, effect


def is_due(fault: Fault) -> bool:
    """Tell whether the next matching request goes wrong."""
    return fault.seen >= fault.after and (fault.times is None or fault.seen < fault.after + fault.times)
