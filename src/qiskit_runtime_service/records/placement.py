"""Nouns of placing work from outside: what another scheduler asks, and what it is told. Both are plain JSON."""

from typing import Any

import msgspec

from .backend import BackendRow
from .instance import Instance
from .selection import Condition


class PlacementQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked of backends and instances. A field that is not here is refused, so that no typing error is lost."""

    where: str | None = None
    """Conditions in words, such as `num_qubits >= 127 and not simulator`."""
    conditions: tuple[Condition, ...] = ()
    """Conditions as data, beside those in words."""
    order: tuple[str, ...] = ("queue_length",)
    """What backends are ordered by, the weightiest first."""
    available: bool = True
    """Whether a backend must be online, and no mock, as `least_busy` has it."""
    region: str | None = None
    """Only instances of this region."""
    plans: tuple[str, ...] = ()
    """Only instances of these plans, best first; without any, the cheapest pricing comes first."""
    tags: tuple[str, ...] = ()
    """Only instances that have all of these."""


class PlacementRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The question: what there is, and what is wanted of it."""

    backends: tuple[BackendRow, ...]
    """`instance` is the CRN or the name of one of `instances`."""
    instances: tuple[Instance, ...] = ()
    """Without any, backends are not judged by their instances."""
    query: PlacementQuery = PlacementQuery()
    now: float | None = None
    """Seconds since the epoch, for the age of calibrations; the clock of this machine by default."""


class Place(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A backend that fits."""

    rank: int
    """From 1, the best."""
    backend: str
    instance: str
    scores: tuple[float | None, ...]
    """One for each of `order` in the answer; the smallest is best, `null` is unknown and comes last."""
    reason: str


class Refusal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A backend that does not fit, the first condition that it fails, and what it has instead."""

    backend: str
    instance: str
    reason: str
    field: str
    comparison: str
    wanted: Any
    found: Any


class InstancePlace(msgspec.Struct, frozen=True, kw_only=True):
    """An instance, and its rank; `null` where it is not used."""

    instance: str
    name: str
    rank: int | None
    reason: str


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: every backend, with the reason for its place."""

    chosen: Place | None
    """The best, or `null` where none fits."""
    summary: str
    """The outcome in one sentence."""
    order: tuple[str, ...] = ()
    """What backends were ordered by, the weightiest first."""
    ranked: tuple[Place, ...] = ()
    """The best first."""
    rejected: tuple[Refusal, ...] = ()
    """Grouped by condition."""
    instances: tuple[InstancePlace, ...] = ()
