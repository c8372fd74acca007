"""Nouns of recordings: what was exchanged when, what a request means, and what must not be on a cassette."""

import msgspec

from .exchange import Request, Response


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange with a cloud, as it stands on a cassette."""

    request: Request
    response: Response
    at: float | None = None
    """When the response had arrived, in seconds since the epoch; cassettes of other recorders do not say."""


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks for. Requests that differ in what no server acts on mean the same."""

    operation: str
    """In words, such as `list backends`."""
    fields: tuple[tuple[str, str], ...] = ()
    """Each argument with its value as text, sorted by name: `("query.limit", "10")`."""
    repeatable: bool = True
    """Whether asking again is answered again."""


class Difference(msgspec.Struct, frozen=True):
    """One argument in which two requests differ; `None` where one has none."""

    field: str
    recorded: str | None
    wanted: str | None


class Leak(msgspec.Struct, frozen=True):
    """Something on a cassette that must not be there. It does not show it."""

    exchange: int
    """Counted from 1."""
    place: str
    """Such as `body of the response`."""
    reason: str
    """Such as `an e-mail address`."""


class FieldShape(msgspec.Struct, frozen=True, kw_only=True):
    """One field of the responses of an operation."""

    path: str
    """Such as `devices[].status`; empty for the whole body."""
    kinds: tuple[str, ...]
    """The kinds of value that it had, in words."""
    seen: int
    """How often it was there."""


class EndpointShape(msgspec.Struct, frozen=True, kw_only=True):
    """How the responses of one operation are built, over all of its exchanges on a cassette."""

    endpoint: str
    """The operation, and for refusals their status."""
    statuses: tuple[int, ...] = ()
    content_types: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    """Names of the response headers that were kept, in lower case."""
    versions: tuple[str, ...] = ()
    """Dates of the interface that was asked for."""
    fields: tuple[FieldShape, ...] = ()


class Drift(msgspec.Struct, frozen=True):
    """One way in which an endpoint answers otherwise than it did."""

    endpoint: str
    change: str
    """A sentence without its end, such as `devices[].qubits was integer, is text`."""
    old_version: str
    new_version: str
