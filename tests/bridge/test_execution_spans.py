"""Execution spans: what they say of the shots that they hold."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.bridge.execution_spans import (
    DoubleSliceSpan,
    ExecutionSpan,
    ExecutionSpans,
    SliceSpan,
    TwirledSliceSpan,
    TwirledSliceSpanV2,
)

START = datetime(2026, 9, 1, 10, tzinfo=UTC)
sizes = st.integers(1, 4)


@st.composite
def ranges(draw: st.DrawFn, size: int) -> slice:
    return slice(*sorted((draw(st.integers(0, size)), draw(st.integers(0, size)))))


@st.composite
def spans(draw: st.DrawFn) -> ExecutionSpan:
    """Draw a span of pub 0 of any kind."""
    shape = (draw(sizes), draw(sizes), draw(sizes))
    outer, inner = draw(ranges(shape[0] * shape[1])), draw(ranges(shape[2]))
    stop = START + timedelta(seconds=draw(st.integers(0, 100)))
    front, wanted = draw(st.booleans()), draw(st.integers(1, 20))
    return draw(
        st.sampled_from(
            [
                SliceSpan(START, stop, {0: (shape, draw(ranges(shape[0] * shape[1] * shape[2])))}),
                DoubleSliceSpan(START, stop, {0: (shape, outer, inner)}),
                TwirledSliceSpan(START, stop, {0: (shape, front, outer, inner)}),
                TwirledSliceSpanV2(START, stop, {0: (shape, front, outer, inner, wanted)}),
            ]
        )
    )


@pytest.mark.holds("B176")
@given(spans())
def test_the_size_is_that_of_the_masks(span: ExecutionSpan) -> None:
    assert span.size == int(span.mask(0).sum())
    assert span.filter_by_pub([0, 5]) == span
    assert span.filter_by_pub(5).pub_idxs == []
    assert span.filter_by_pub(5).size == 0


@given(st.lists(spans(), max_size=5))
def test_sorting_orders_by_time_and_loses_nothing(unsorted: list[ExecutionSpan]) -> None:
    timed = ExecutionSpans(unsorted)
    ordered = timed.sort(inplace=False)
    assert [span.stop for span in ordered] == sorted(span.stop for span in unsorted)
    assert list(timed) == unsorted
    assert timed.sort() is timed
    assert timed == ordered


@pytest.mark.holds("B176")
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.booleans())
def test_parts_of_twirled_data_cover_it_once(bindings: int, turns: int, shots: int, front: bool) -> None:
    shape = (turns, bindings, shots) if front else (bindings, turns, shots)
    whole = bindings * turns
    cut = whole // 2
    masks = [
        TwirledSliceSpan(START, START, {0: (shape, front, part, slice(0, shots))}).mask(0)
        for part in (slice(0, cut), slice(cut, whole))
    ]
    assert np.array_equal(masks[0] ^ masks[1], np.ones((bindings, turns * shots), bool))


def test_a_pub_that_is_not_there_has_no_mask() -> None:
    with pytest.raises(KeyError, match="Pub 3 is not included"):
        SliceSpan(START, START, {0: ((4,), slice(0, 4))}).mask(3)


def test_spans_are_told_apart_by_kind_time_and_data() -> None:
    span = SliceSpan(START, START, {0: ((4,), slice(0, 4))})
    assert span == SliceSpan(START, START, {0: ((4,), slice(0, 4))})
    assert span != SliceSpan(START, START, {0: ((4,), slice(0, 3))})
    assert span != DoubleSliceSpan(START, START, span.data_slices)
    assert repr(span) == "SliceSpan(<start='2026-09-01 10:00:00', stop='2026-09-01 10:00:00', size=4>)"


def span_between(first: float, last: float, *pubs: int) -> SliceSpan:
    """Return a span of so many seconds after the start, with two shots of each of some pubs."""
    times = START + timedelta(seconds=first), START + timedelta(seconds=last)
    return SliceSpan(*times, {pub: ((4,), slice(1, 3)) for pub in pubs})


@pytest.mark.holds("B176")
def test_spans_together_begin_with_the_first_and_end_with_the_last() -> None:
    timed = ExecutionSpans([span_between(30, 70, 2, 0), span_between(10, 90, 5), span_between(20.5, 40)])
    assert timed.start == datetime(2026, 9, 1, 10, 0, 10, tzinfo=UTC)
    assert timed.stop == datetime(2026, 9, 1, 10, 1, 30, tzinfo=UTC)
    assert timed.duration == 80.0
    assert [span.duration for span in timed] == [40.0, 80.0, 19.5]
    assert timed.pub_idxs == [0, 2, 5]
    assert [span.pub_idxs for span in timed] == [[0, 2], [5], []]
    assert [span.pub_idxs for span in timed.sort()] == [[5], [], [0, 2]]


@pytest.mark.holds("B176")
def test_spans_that_begin_together_are_sorted_by_their_ends() -> None:
    timed = ExecutionSpans([span_between(0, 3, 1), span_between(0, 2, 2), span_between(0, 1, 3)])
    assert [span.pub_idxs for span in timed.sort(inplace=False)] == [[3], [2], [1]]
    assert [span.pub_idxs for span in timed] == [[1], [2], [3]]


@pytest.mark.holds("B176")
def test_a_span_tells_which_pubs_it_has_data_of() -> None:
    span = span_between(0, 1, 0, 2, 7)
    assert [span.contains_pub(pub) for pub in (0, 1, 2, 7)] == [True, False, True, True]
    assert [span.contains_pub(pubs) for pubs in ([1, 2], [1, 3], [], iter([7]))] == [True, False, False, True]
    assert span.filter_by_pub(2) == span_between(0, 1, 2)
    assert span.filter_by_pub([7, 0, 1]) == span_between(0, 1, 0, 7)
    assert (span.size, span.filter_by_pub(2).size) == (6, 2)
    assert span.mask(2).tolist() == [False, True, True, False]


@pytest.mark.holds("B176")
def test_spans_are_taken_out_of_their_list_as_of_any_other() -> None:
    first, second, third = spans_of_three = [span_between(number, 9, number) for number in (1, 2, 3)]
    timed = ExecutionSpans(spans_of_three)
    assert (timed[0], timed[-1], len(timed)) == (first, third, 3)
    assert timed[1:] == ExecutionSpans([second, third])
    lists: list[Any] = [[2, 0], (2, 0), np.array([2, 0]), iter([2, 0]), [np.int64(-1), np.uint8(0)]]
    for several in lists:
        assert timed[several] == ExecutionSpans([third, first])
    assert timed[1, 0] == ExecutionSpans([second, first])
    assert timed[(1,)] == timed[np.array([1])] == ExecutionSpans([second])
    assert timed[()] == timed[[]] == ExecutionSpans([])
    assert timed[np.int64(1)] == second
    assert timed.filter_by_pub([2]) == ExecutionSpans([first.filter_by_pub([]), second, third.filter_by_pub([])])
    assert timed != spans_of_three
    outside: list[Any] = [3, (0, 3), [-4]]
    for odd in outside:
        with pytest.raises(IndexError):
            timed[odd]


@pytest.mark.holds("B176")
@pytest.mark.parametrize(
    ("span", "wanted"),
    [
        (SliceSpan(START, START, {0: ((2, 3), slice(2, 4))}), [[0, 0, 1], [1, 0, 0]]),
        (DoubleSliceSpan(START, START, {0: ((2, 3), slice(1, 2), slice(0, 2))}), [[0, 0, 0], [1, 1, 0]]),
        # Three randomizations of two shots for each of two bindings, behind them and in front of them.
        (
            TwirledSliceSpan(START, START, {0: ((2, 3, 2), False, slice(1, 4), slice(1, 2))}),
            [[0, 0, 0, 1, 0, 1], [0, 1, 0, 0, 0, 0]],
        ),
        (
            TwirledSliceSpan(START, START, {0: ((3, 2, 2), True, slice(1, 4), slice(1, 2))}),
            [[0, 0, 0, 1, 0, 0], [0, 1, 0, 1, 0, 0]],
        ),
        (
            TwirledSliceSpanV2(START, START, {0: ((3, 2, 2), True, slice(1, 4), slice(1, 2), 5)}),
            [[0, 0, 0, 1, 0], [0, 1, 0, 1, 0]],
        ),
    ],
)
def test_a_mask_marks_what_was_measured(span: ExecutionSpan, wanted: list[list[int]]) -> None:
    assert span.mask(0).astype(int).tolist() == wanted
    assert span.size == sum(map(sum, wanted))
