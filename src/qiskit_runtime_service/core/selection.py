"""The two steps of every choice: filter the candidates, then order those that are left.

Filters and scores are plain values over any record, so another scheduler adds its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import compress, groupby, islice, repeat
from operator import attrgetter, not_
from typing import Any, Generic, NamedTuple, TypeVar

from .._shown import MOST_LETTERS, as_line, shorten, write_out
from ..records.selection import Condition, Ranked, Rejected, Selection, Shortfall
from .keys import hide_keys

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
    return tuple(_fall_short(condition, found) for condition, found in groups)


def _fall_short(condition: Condition, found: list[Any]) -> Shortfall:
    known = (value for value in found if value is not None)
    if condition.comparison in ("at_least", "above"):
        return Shortfall(condition, len(found), max(known, default=None))
    if condition.comparison in ("at_most", "below"):
        return Shortfall(condition, len(found), min(known, default=None))
    # By how they are written: values need not hash, and comparing all with all takes minutes for 100,000.
    counts = Counter(map(write_out, found))
    most_common, _ = counts.most_common(1)[0]
    nearest = next(value for value in found if write_out(value) == most_common)
    return Shortfall(condition, len(found), nearest, alike=len(counts) == 1)


_WORDS: dict[tuple[str, str], tuple[str, str]] = {
    ("num_qubits", "at_least"): (
        "has {found} {qubits}, fewer than {wanted}",
        "{have} fewer than {wanted} qubits (most: {found})",
    ),
    ("state", "equals"): ("is {found}, not {wanted}", "{are} not {wanted} ({found})"),
    ("allocated", "equals"): ("has no time allocated", "{have} no time allocated"),
    ("filters", "equals"): ("is turned down by filters=", "{are} turned down by filters="),
    ("", "equals"): ("{field} is {found}, not {wanted}", "{have} {field} {found}, not {wanted}"),
    ("", "differs"): ("{field} is {found}", "{have} {field} {found}"),
    ("", "at_least"): ("{field} is {found}, less than {wanted}", "{have} {field} below {wanted} (most: {found})"),
    ("", "at_most"): ("{field} is {found}, more than {wanted}", "{have} {field} above {wanted} (least: {found})"),
    ("", "above"): ("{field} is {found}, not above {wanted}", "{have} {field} of {wanted} or less (most: {found})"),
    ("", "below"): ("{field} is {found}, not below {wanted}", "{have} {field} of {wanted} or more (least: {found})"),
    ("", "one_of"): ("{field} is {found}, not one of {wanted}", "{have} {field} {found}, not one of {wanted}"),
    ("", "contains"): ("{field} lacks {wanted} (has {found})", "{lack} {wanted} in {field}"),
    ("", "lacks"): ("{field} has {wanted}", "{have} {wanted} in {field}"),
}
"""By field, or for any other, and comparison: what is said of one candidate, and of several with the nearest miss."""


def describe_rejection(rejected: Rejected[Any]) -> str:
    """Return one line that says why a candidate was rejected, with both values."""
    words, _ = _words_for(rejected.condition)
    return words.format(**_values(rejected.condition, rejected.found))


def describe_shortfall(shortfall: Shortfall) -> str:
    """Return a clause such as `7 have fewer than 133 qubits (most: 127)`, which is true of all that are counted.

    Source: behaviour B296.
    """
    are, have, lack = ("is", "has", "lacks") if shortfall.count == 1 else ("are", "have", "lack")
    _, words = _words_for(shortfall.condition)
    values = _values(shortfall.condition, shortfall.nearest)
    if not shortfall.alike:
        values["found"] += " or another"
    return f"{shortfall.count} {words.format(are=are, have=have, lack=lack, **values)}"


def _words_for(condition: Condition) -> tuple[str, str]:
    return _WORDS.get((condition.field, condition.comparison)) or _WORDS["", condition.comparison]


def _values(condition: Condition, found: Any) -> dict[str, str]:
    qubits = "qubit" if found == 1 else "qubits"
    return {"field": condition.field, "wanted": show(condition.wanted), "found": show(found), "qubits": qubits}


def show(value: Any) -> str:
    """Return a value as a person would write it: one line, no quotes, no brackets, unknown for `None`.

    Source: behaviour B353.
    """
    if value is None:
        return "unknown"
    if isinstance(value, tuple | list):
        return ", ".join(map(show, value)) or "nothing"
    return fit_line(" ".join(write_out(value, str).split())) or "empty"


def fit_line(text: str, most: int = MOST_LETTERS) -> str:
    """Return a text as one line, without what looks like a key, and of at most `most` characters.

    Source: behaviour B328, B353.
    """
    return shorten(as_line(hide_keys(text)), most)
