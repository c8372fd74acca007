"""Nouns of choosing: what is asked, what passed with which score, what failed and why."""

from typing import Any, Generic, Literal, TypeVar

import msgspec

T = TypeVar("T")

Comparison = Literal["equals", "differs", "at_least", "at_most", "above", "below", "one_of", "contains", "lacks"]


class Condition(msgspec.Struct, frozen=True):
    """One thing asked of a candidate, as plain data."""

    field: str
    comparison: Comparison
    wanted: Any


# There may be 100,000 of the next two, so the garbage collector leaves them alone: they are frozen,
# and made after what they hold, so no ring can close over them.


class Rejected(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """A candidate, the first condition that it fails, and what it has instead."""

    item: T
    condition: Condition
    found: Any


class Ranked(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """A candidate that passed, with the value of each score; smaller is better."""

    item: T
    scores: tuple[Any, ...]


class Selection(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """The outcome of a choice, best first. Every explanation is made from this record."""

    ranked: tuple[Ranked[T], ...]
    rejected: tuple[Rejected[T], ...]
    score_names: tuple[str, ...] = ()

    @property
    def chosen(self) -> T | None:
        """The best candidate, or `None` where all were rejected."""
        return self.ranked[0].item if self.ranked else None

    @property
    def items(self) -> tuple[T, ...]:
        """The candidates that passed, best first."""
        return tuple(candidate.item for candidate in self.ranked)


class Shortfall(msgspec.Struct, frozen=True):
    """How many candidates one condition removed, and the nearest that any of them came."""

    condition: Condition
    count: int
    nearest: Any
    alike: bool = True
    """Whether none of them had anything else; not asked where `nearest` is the largest or the smallest."""
