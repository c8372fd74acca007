"""The two steps of every choice: filter the candidates, then order those that are left.

Filters and scores are plain values over any record, so another scheduler adds its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import compress, groupby, islice, repeat
from operator import attrgetter, not_
from typing import Any, Generic, NamedTuple, TypeVar

from ..records.selection import Condition, Ranked, Rejected, Selection, Shortfall

T = TypeVar("T")

CHUNK = 2048


class Filter(NamedTuple, Generic[T]):
    """A condition, and how to read what a candidate has."""

    condition: Condition
    read: Callable[[T], Any]


class Score(NamedTuple, Generic[T]):
    """A number that orders candidates; the smallest is best."""

    name: str
    read: Callable[[T], Any]


def select(candidates: Iterable[T], filters: Sequence[Filter[T]], scores: Sequence[Score[T]] = ()) -> Selection[T]:
    """Filter and order `candidates`, keeping the reason for each rejection and each score.

    Candidates with equal scores keep their order. The first score weighs most. Rejections are
    grouped by filter, in the order of `filters`; a candidate is charged with the first it fails.

    Source: behaviour B1, B2.
    """
    kept = list(candidates)
    rejected: list[Rejected[T]] = []
    for condition, read in filters:
        found = list(map(read, kept))
        passed = judge(condition, found)
        failed = list(map(not_, passed))
        # Plain names here and below: calling Rejected[T] takes three times as long.
        rejected += map(Rejected, compress(kept, failed), repeat(condition), compress(found, failed))
        kept = list(compress(kept, passed))
    _sort(kept, scores)
    values = zip(*(map(score.read, kept) for score in scores), strict=True) if scores else repeat((), len(kept))
    return Selection(
        ranked=tuple(map(Ranked, kept, values)),
        rejected=tuple(rejected),
        score_names=tuple(score.name for score in scores),
    )


def keep_best(candidates: Iterable[T], filters: Sequence[Filter[T]], scores: Sequence[Score[T]] = ()) -> tuple[T, ...]:
    """Return the candidates that `select` would rank, in the same order, without the reasons."""
    rest = iter(candidates)
    kept: list[T] = []
    # A chunk stays in the processor's cache from filter to filter.
    while chunk := list(islice(rest, CHUNK)):
        for condition, read in filters:
            chunk = list(compress(chunk, judge(condition, map(read, chunk))))
        kept += chunk
    _sort(kept, scores)
    return tuple(kept)


def _sort(kept: list[T], scores: Sequence[Score[T]]) -> None:
    """Sort in place; sorting is stable, so the weightiest score goes last."""
    for score in reversed(scores):
        kept.sort(key=score.read)


def judge(condition: Condition, found: Iterable[Any]) -> list[bool]:
    """Put the test of `condition` to each value. `None`, the unknown, is never enough.

    A column at a time: a call for each value would cost more than the comparison.
    """
    wanted = condition.wanted
    match condition.comparison:
        case "equals":
            return [value == wanted for value in found]
        case "differs":
            return [value != wanted for value in found]
        case "at_least":
            return [value is not None and value >= wanted for value in found]
        case "at_most":
            return [value is not None and value <= wanted for value in found]
        case "above":
            return [value is not None and value > wanted for value in found]
        case "below":
            return [value is not None and value < wanted for value in found]
        case "one_of":
            return [value in wanted for value in found]
        case "contains":
            return [value is not None and wanted in value for value in found]
        case "lacks":
            return [value is None or wanted not in value for value in found]


def sum_up(rejected: Iterable[Rejected[Any]]) -> tuple[Shortfall, ...]:
    """Count the rejections of each condition, in order, with the nearest miss of each.

    The nearest miss is the largest value found for `at_least` and `above`, the smallest for `at_most`
    and `below`, otherwise the most common.
    """
    groups: list[tuple[Condition, list[Any]]] = []
    for condition, those in groupby(rejected, key=attrgetter("condition")):
        # No dictionary: what a user wants of an attribute need not hash.
        found = next((values for known, values in groups if known == condition), None)
        if found is None:
            groups.append((condition, found := []))
        found += (rejection.found for rejection in those)
    return tuple(Shortfall(condition, len(found), _nearest(condition, found)) for condition, found in groups)


def _nearest(condition: Condition, found: list[Any]) -> Any:
    if condition.comparison in ("at_least", "above"):
        return max((value for value in found if value is not None), default=None)
    if condition.comparison in ("at_most", "below"):
        return min((value for value in found if value is not None), default=None)
    # By how they are written: values need not hash, and comparing all with all takes minutes for 100,000.
    most_common, _ = Counter(map(repr, found)).most_common(1)[0]
    return next(value for value in found if repr(value) == most_common)


def describe_rejection(rejected: Rejected[Any]) -> str:
    """Return one line that says why a candidate was rejected, with both values."""
    field, wanted, found = rejected.condition.field, show(rejected.condition.wanted), show(rejected.found)
    match (field, rejected.condition.comparison):
        case ("num_qubits", "at_least"):
            return f"has {found} {'qubit' if rejected.found == 1 else 'qubits'}, fewer than {wanted}"
        case ("state", "equals"):
            return f"is {found}, not {wanted}"
        case ("allocated", _):
            return "has no time allocated"
        case ("filters", _):
            return "is turned down by filters="
        case (_, "equals"):
            return f"{field} is {found}, not {wanted}"
        case (_, "differs"):
            return f"{field} is {found}"
        case (_, "at_least"):
            return f"{field} is {found}, less than {wanted}"
        case (_, "at_most"):
            return f"{field} is {found}, more than {wanted}"
        case (_, "above"):
            return f"{field} is {found}, not above {wanted}"
        case (_, "below"):
            return f"{field} is {found}, not below {wanted}"
        case (_, "one_of"):
            return f"{field} is {found}, not one of {wanted}"
        case (_, "contains"):
            return f"{field} lacks {wanted} (has {found})"
        case _:
            return f"{field} has {wanted}"


def describe_shortfall(shortfall: Shortfall) -> str:
    """Return a clause such as `7 have fewer than 133 qubits (most: 127)`."""
    field, wanted = shortfall.condition.field, show(shortfall.condition.wanted)
    count, nearest = shortfall.count, show(shortfall.nearest)
    are, have, lack = ("is", "has", "lacks") if count == 1 else ("are", "have", "lack")
    match (field, shortfall.condition.comparison):
        case ("num_qubits", "at_least"):
            return f"{count} {have} fewer than {wanted} qubits (most: {nearest})"
        case ("state", "equals"):
            return f"{count} {are} not {wanted} ({nearest})"
        case ("allocated", _):
            return f"{count} {have} no time allocated"
        case ("filters", _):
            return f"{count} {are} turned down by filters="
        case (_, "equals"):
            return f"{count} {have} {field} {nearest}, not {wanted}"
        case (_, "differs"):
            return f"{count} {have} {field} {nearest}"
        case (_, "at_least"):
            return f"{count} {have} {field} below {wanted} (most: {nearest})"
        case (_, "at_most"):
            return f"{count} {have} {field} above {wanted} (least: {nearest})"
        case (_, "above"):
            return f"{count} {have} {field} of {wanted} or less (most: {nearest})"
        case (_, "below"):
            return f"{count} {have} {field} of {wanted} or more (least: {nearest})"
        case (_, "one_of"):
            return f"{count} {have} {field} {nearest}, not one of {wanted}"
        case (_, "contains"):
            return f"{count} {lack} {wanted} in {field}"
        case _:
            return f"{count} {have} {wanted} in {field}"


def show(value: Any) -> str:
    """Return a value as a person would write it: one line, no quotes, no brackets, unknown for `None`."""
    if value is None:
        return "unknown"
    if isinstance(value, tuple | list):
        return ", ".join(map(show, value)) or "nothing"
    return " ".join(str(value).split()) or "empty"
