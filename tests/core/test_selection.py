"""Laws of choosing: filter, then order, and account for every candidate."""

from collections import Counter
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qiskit_runtime_service.core.selection import (
    Filter,
    Score,
    describe_rejection,
    describe_shortfall,
    keep_best,
    select,
    show,
    sum_up,
)
from qiskit_runtime_service.records.backend import BackendRow
from qiskit_runtime_service.records.selection import Comparison, Condition, Rejected, Shortfall
from tests.strategies import rows

from ..support.examples import examples

CONDITIONS: list[tuple[str, Comparison, Any]] = [
    ("state", "equals", "online"),
    ("mock", "equals", False),
    ("name", "differs", "ibm_a"),
    ("num_qubits", "at_least", 127),
    ("queue_length", "at_most", 7),
    ("num_qubits", "at_most", 127),
    ("num_qubits", "above", 27),
    ("queue_length", "below", 7),
    ("state", "one_of", ("online", "paused")),
    ("name", "contains", "ibm"),
    ("name", "lacks", "b"),
]
FILTERS = [Filter[BackendRow](Condition(*parts), attrgetter(parts[0])) for parts in CONDITIONS]
SCORES = [Score[BackendRow](field, attrgetter(field)) for field in ("queue_length", "name", "mock")]

fleets = st.lists(rows, max_size=8)
filters = st.lists(st.sampled_from(FILTERS), max_size=4, unique=True)
scores = st.lists(st.sampled_from(SCORES), max_size=2, unique=True)

# Written out a second time, as a person would.
MEANING: dict[Comparison, Callable[[Any, Any], bool]] = {
    "equals": lambda found, wanted: bool(found == wanted),
    "differs": lambda found, wanted: bool(found != wanted),
    "at_least": lambda found, wanted: found is not None and bool(found >= wanted),
    "at_most": lambda found, wanted: found is not None and not found > wanted,
    "above": lambda found, wanted: found is not None and bool(found > wanted),
    "below": lambda found, wanted: found is not None and not found >= wanted,
    "one_of": lambda found, wanted: any(found == value for value in wanted),
    "contains": lambda found, wanted: found is not None and any(wanted == part for part in parts_of(found)),
    "lacks": lambda found, wanted: found is None or all(wanted != part for part in parts_of(found)),
}


def parts_of(value: Any) -> list[Any]:
    """Return what a value contains: the items of a tuple, the pieces of a text."""
    if isinstance(value, str):
        return [value[start:end] for start in range(len(value) + 1) for end in range(start, len(value) + 1)]
    return list(value)


def holds(check: Filter[BackendRow], row: BackendRow) -> bool:
    return MEANING[check.condition.comparison](check.read(row), check.condition.wanted)


@given(fleets, filters, scores)
def test_without_the_reasons_the_same_are_kept_in_the_same_order(
    fleet: list[BackendRow], checks: list[Filter[BackendRow]], by: list[Score[BackendRow]]
) -> None:
    assert keep_best(fleet, checks, by) == select(fleet, checks, by).items


@settings(max_examples=examples(10))
@given(st.lists(rows, min_size=4, max_size=8), filters, scores)
def test_a_large_fleet_is_decided_like_a_small_one(
    fleet: list[BackendRow], checks: list[Filter[BackendRow]], by: list[Score[BackendRow]]
) -> None:
    many = fleet * 1_500
    outcome = select(many, checks, by)
    kept = [row for row in many if all(holds(check, row) for check in checks)]
    assert keep_best(iter(many), checks, by) == outcome.items
    assert list(outcome.items) == sorted(kept, key=lambda row: tuple(score.read(row) for score in by))


@pytest.mark.holds("B1")
@given(fleets, filters, scores)
def test_every_candidate_is_either_ranked_or_rejected_once(
    fleet: list[BackendRow], checks: list[Filter[BackendRow]], by: list[Score[BackendRow]]
) -> None:
    outcome = select(fleet, checks, by)
    assert Counter([*outcome.items, *(rejection.item for rejection in outcome.rejected)]) == Counter(fleet)


@pytest.mark.holds("B1")
@given(fleets, filters)
def test_a_rejection_names_the_first_condition_that_fails_and_what_was_found(
    fleet: list[BackendRow], checks: list[Filter[BackendRow]]
) -> None:
    for rejected in select(fleet, checks).rejected:
        failed = next(check for check in checks if not holds(check, rejected.item))
        assert (rejected.condition, rejected.found) == (failed.condition, failed.read(rejected.item))


@pytest.mark.holds("B1", "B2")
@given(fleets, filters, scores)
def test_the_order_is_that_of_the_score_tuples_and_then_of_the_input(
    fleet: list[BackendRow], checks: list[Filter[BackendRow]], by: list[Score[BackendRow]]
) -> None:
    passed = [(place, row) for place, row in enumerate(fleet) if all(holds(check, row) for check in checks)]
    best_first = sorted(passed, key=lambda pair: (*(score.read(pair[1]) for score in by), pair[0]))
    outcome = select(fleet, checks, by)
    assert outcome.items == tuple(row for _, row in best_first)
    assert [candidate.scores for candidate in outcome.ranked] == [
        tuple(score.read(row) for score in by) for _, row in best_first
    ]
    assert outcome.score_names == tuple(score.name for score in by)
    assert outcome.chosen == (best_first[0][1] if best_first else None)


@given(fleets, filters, scores)
def test_choosing_among_the_chosen_changes_nothing(
    fleet: list[BackendRow], checks: list[Filter[BackendRow]], by: list[Score[BackendRow]]
) -> None:
    once = select(fleet, checks, by)
    again = select(once.items, checks, by)
    assert (again.ranked, again.rejected) == (once.ranked, ())


@given(fleets, filters, scores, rows, st.integers(0, 8))
def test_a_candidate_more_moves_no_other(
    fleet: list[BackendRow], checks: list[Filter[BackendRow]], by: list[Score[BackendRow]], new: BackendRow, place: int
) -> None:
    before, after = (
        select(candidates, checks, by).items
        for candidates in (fleet, [*fleet[:place], new, *fleet[min(place, len(fleet)) :]])
    )
    if not all(holds(check, new) for check in checks):
        assert after == before
        return
    assert len(after) == len(before) + 1
    spots = [spot for spot, row in enumerate(after) if row == new]
    assert any(after[:spot] + after[spot + 1 :] == before for spot in spots)


@given(fleets, filters, st.randoms(use_true_random=False))
def test_the_order_of_input_decides_nothing_but_ties(
    fleet: list[BackendRow], checks: list[Filter[BackendRow]], dice: Any
) -> None:
    shuffled = list(fleet)
    dice.shuffle(shuffled)
    one, other = (select(candidates, checks, SCORES) for candidates in (fleet, shuffled))
    assert [candidate.scores for candidate in one.ranked] == [candidate.scores for candidate in other.ranked]
    assert Counter(one.rejected) == Counter(other.rejected)


@given(fleets, filters)
def test_rejections_are_counted_by_condition_in_order(
    fleet: list[BackendRow], checks: list[Filter[BackendRow]]
) -> None:
    rejected = select(fleet, checks).rejected
    sums = sum_up(rejected)
    assert sum(shortfall.count for shortfall in sums) == len(rejected)
    assert [shortfall.condition for shortfall in sums] == list(
        dict.fromkeys(rejection.condition for rejection in rejected)
    )
    for shortfall in sums:
        found = [rejection.found for rejection in rejected if rejection.condition == shortfall.condition]
        assert shortfall.count == len(found)
        if shortfall.condition.comparison in ("at_least", "above"):
            assert shortfall.nearest == max((value for value in found if value is not None), default=None)
        elif shortfall.condition.comparison in ("at_most", "below"):
            assert shortfall.nearest == min((value for value in found if value is not None), default=None)
        else:
            assert found.count(shortfall.nearest) == max(found.count(value) for value in found)
            assert shortfall.alike == (len({repr(value) for value in found}) == 1)


@pytest.mark.parametrize(
    ("comparison", "wanted", "found", "passes"),
    [
        ("equals", 5, 5, True),
        ("equals", 5, None, False),
        ("equals", None, None, True),
        ("differs", "online", "online", False),
        ("differs", "online", None, True),
        ("at_least", 5, 5, True),
        ("at_least", 5, 4, False),
        ("at_least", 0, None, False),
        ("at_most", 5, 5, True),
        ("at_most", 5, 6, False),
        ("at_most", 5, None, False),
        ("above", 5, 5, False),
        ("above", 5, 5.5, True),
        ("above", 0, None, False),
        ("below", 5, 5, False),
        ("below", 5, 4, True),
        ("below", 5, None, False),
        ("one_of", ("a", "b"), "b", True),
        ("one_of", ("a", "b"), None, False),
        ("one_of", ("ab",), "a", False),
        ("contains", "a", ("a", "b"), True),
        ("contains", "a", ("ab",), False),
        ("contains", "a", None, False),
        ("lacks", "a", ("ab",), True),
        ("lacks", "a", ("a",), False),
        ("lacks", "a", None, True),
    ],
)
def test_a_comparison_means(comparison: Comparison, wanted: object, found: object, passes: bool) -> None:
    checks = [Filter[object](Condition("field", comparison, wanted), lambda value: value)]
    assert keep_best([found], checks) == ((found,) if passes else ())


values = st.none() | st.booleans() | st.integers() | st.sampled_from(["x", "us-east", "a b"])
wanted_values = values | st.lists(values, max_size=3).map(tuple)
comparisons = st.sampled_from(sorted(MEANING))
fields = st.sampled_from(["num_qubits", "state", "tags"])


@given(fields, comparisons, wanted_values, wanted_values)
@example("num_qubits", "at_least", 133, None)
@example("tags", "contains", "a", ())
def test_a_rejection_is_one_line_with_what_was_wanted_and_found(
    field: str, comparison: Comparison, wanted: object, found: object
) -> None:
    # What differs from nothing else was found to be what was wanted not to be.
    met = wanted if comparison == "differs" else found
    text = describe_rejection(Rejected("it", Condition(field, comparison, wanted), met))
    assert len(text.splitlines()) == 1
    if comparison != "differs":
        assert show(wanted) in text
    if comparison not in ("contains", "lacks"):
        assert show(met) in text


@given(fields, comparisons, wanted_values, st.integers(1, 9), wanted_values)
def test_a_shortfall_is_one_clause_that_begins_with_the_count(
    field: str, comparison: Comparison, wanted: object, count: int, nearest: object
) -> None:
    text = describe_shortfall(Shortfall(Condition(field, comparison, wanted), count, nearest))
    assert text.startswith(f"{count} ")
    assert len(text.splitlines()) == 1
    if comparison != "differs":
        assert show(wanted) in text
    if comparison not in ("contains", "lacks"):
        assert show(nearest) in text


@pytest.mark.parametrize(
    ("condition", "count", "nearest", "text"),
    [
        (Condition("num_qubits", "at_least", 133), 7, 127, "7 have fewer than 133 qubits (most: 127)"),
        (Condition("num_qubits", "at_least", 133), 1, None, "1 has fewer than 133 qubits (most: unknown)"),
        (Condition("state", "equals", "online"), 3, "offline", "3 are not online (offline)"),
        (Condition("basis_gates", "contains", "rzz"), 2, (), "2 lack rzz in basis_gates"),
        (Condition("basis_gates", "contains", "rzz"), 1, (), "1 lacks rzz in basis_gates"),
        (Condition("plan", "one_of", ("open", "flex")), 1, "lite", "1 has plan lite, not one of open, flex"),
        (Condition("supported_features", "lacks", "qasm3"), 2, (), "2 have qasm3 in supported_features"),
    ],
)
def test_a_shortfall_reads(condition: Condition, count: int, nearest: object, text: str) -> None:
    assert describe_shortfall(Shortfall(condition, count, nearest)) == text


@pytest.mark.holds("B296")
@pytest.mark.parametrize(
    ("condition", "found", "text"),
    [
        (Condition("name", "equals", "c"), ["a", "b", "a"], "3 have name a or another, not c"),
        (Condition("name", "equals", "c"), ["a", "a"], "2 have name a, not c"),
        (Condition("name", "equals", "c"), ["a"], "1 has name a, not c"),
        (Condition("state", "equals", "online"), ["paused", "internal"], "2 are not online (paused or another)"),
        (Condition("plan", "one_of", ("x", "y")), ["a", None], "2 have plan a or another, not one of x, y"),
        (Condition("num_qubits", "at_least", 9), [5, 7], "2 have fewer than 9 qubits (most: 7)"),
        (Condition("queue_length", "at_most", 1), [5, 7], "2 have queue_length above 1 (least: 5)"),
    ],
)
def test_what_is_said_of_several_is_true_of_each(condition: Condition, found: list[object], text: str) -> None:
    (shortfall,) = sum_up(Rejected(value, condition, value) for value in found)
    assert describe_shortfall(shortfall) == text


@given(st.recursive(values, lambda inner: st.lists(inner, max_size=3).map(tuple)))
def test_a_value_is_shown_without_quotes_and_brackets(value: object) -> None:
    assert not set("'\"()[]") & set(show(value))
    assert show(value)


@pytest.mark.parametrize("found", ["a\nb", "a\r\nb", "", "\u2028"])
def test_what_a_server_says_cannot_break_the_line(found: str) -> None:
    text = describe_rejection(Rejected("it", Condition("state", "equals", "online"), found))
    assert len(text.splitlines()) == 1
    assert "is ," not in text
    assert show(found).strip()


def test_a_rejection_for_a_missing_item_names_the_items_that_are_there() -> None:
    text = describe_rejection(Rejected("it", Condition("tags", "contains", "x"), ("team-a", "team-b")))
    assert "team-a, team-b" in text
