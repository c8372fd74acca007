"""The bodies of all versions of the executor's schema: what is in each, and where they differ."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from ..bridge.ledger import RefusedError, refuse
from .results import ItemMetadata
from .tensors import Tensor


class Version(msgspec.Struct, frozen=True):
    """How one version of the schema differs from the others."""

    packed: bool
    """Whether arrays and circuits are zlib streams."""
    together: bool
    """Whether the circuits of all items are in one piece of data."""


VERSIONS: Final = {
    "v0.1": Version(packed=False, together=False),
    "v0.2": Version(packed=False, together=False),
    "v1.0": Version(packed=False, together=True),
    "v1.1": Version(packed=False, together=True),
    "v2.0": Version(packed=True, together=True),
}
NEWEST: Final = "v2.0"
"""The version that is sent."""


class Versioned(msgspec.Struct, frozen=True):
    """What every body says first."""

    schema_version: str


def unknown_version(tag: str, version: str, known: Iterable[str]) -> RefusedError:
    """Return the exception that says that a body is of no version of its schema that is known here."""
    return refuse(tag, f"its schema is {version[:16]!r}, and known here are {', '.join(known)}")


def in_utc(instant: datetime) -> datetime:
    """Return an instant of a body in UTC, which is what it is in where it says nothing."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


class Qpy(msgspec.Struct, frozen=True):
    """The circuit of one item."""

    circuit_b64: str


class Samplex(msgspec.Struct, frozen=True):
    """A samplex, as JSON text."""

    samplex_json: str
    ssv: int = 1


class Item(msgspec.Struct, frozen=True):
    """One item of a program."""

    item_type: str
    circuit: Qpy | None = None
    circuit_arguments: Tensor | None = None
    samplex: Samplex | None = None
    samplex_arguments: dict[str, Any] = {}
    shape: list[int] = []
    chunk_size: int | str = "auto"


class Program(msgspec.Struct, frozen=True):
    """A quantum program."""

    shots: int
    items: list[Item]
    circuits: dict[str, Any] = {}
    semantic_role: str | None = None
    meas_level: str = "classified"
    passthrough_data: Any = None


class Params(Versioned, frozen=True):
    """The parameters of a job."""

    quantum_program: Program
    options: dict[str, Any] = {}


class Part(msgspec.Struct, frozen=True):
    """What of an item a chunk holds."""

    idx_item: int
    size: int
    permutation: list[int] | None = None
    element_range: tuple[int, int, int] | None = None


class Span(msgspec.Struct, frozen=True):
    """When a chunk was run."""

    start: datetime
    stop: datetime
    parts: list[Part] = []


class MetadataBody(msgspec.Struct, frozen=True):
    """What is told of a whole program."""

    chunk_timing: list[Span] = []


class ItemResult(msgspec.Struct, frozen=True):
    """The result of one item."""

    results: dict[str, Tensor]
    metadata: ItemMetadata | None = None


class ResultBody(Versioned, frozen=True):
    """The result of a program."""

    data: list[ItemResult]
    metadata: MetadataBody | None = None
    passthrough_data: Any = None
    semantic_role: str | None = None
