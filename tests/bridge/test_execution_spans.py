"""Execution spans: what they say of the shots that they hold."""

from datetime import UTC, datetime, timedelta

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
