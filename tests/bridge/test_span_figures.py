"""Figures of execution spans: which lines are drawn, when, how high, and what is said of them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.execution_span import DoubleSliceSpan, ExecutionSpans, SliceSpan
from qiskit_runtime_service.visualization import draw_execution_spans

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
START_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def span(start: float, stop: float, shots: int = 10, pub: int = 0) -> SliceSpan:
    return SliceSpan(at(start), at(stop), {pub: ((1000,), slice(0, shots))})


EARLY, LATE = span(0, 4, 40), span(5, 9, 60, pub=2)


@pytest.mark.holds("B492")
def test_a_line_goes_from_start_to_stop_at_the_height_of_the_shots_done() -> None:
    (trace,) = ExecutionSpans([LATE, EARLY]).draw().data
    assert trace.name == "ExecutionSpans"
    assert trace.mode == "lines"
    assert list(trace.x) == [at(0), at(4), None, at(5), at(9), None]
    assert list(trace.y) == [40, 40, None, 100, 100, None]
    assert trace.line.width == 4


@pytest.mark.holds("B492")
def test_a_mouse_is_told_of_the_span_in_its_place_of_the_list() -> None:
    twice = DoubleSliceSpan(at(1), at(1.5), {pub: ((3, 100), slice(0, 2), slice(10, 20)) for pub in range(11)})
    (trace,) = ExecutionSpans([twice, EARLY]).draw("mine").data
    assert trace.hoverinfo == "text"
    assert trace.text[3:] == (trace.text[3],) * 3
    assert trace.text[3].replace("&nbsp;", "").split("<br>") == [
        "<b>mine[0]</b>",
        "<b>Start:</b> 2026-11-30 12:00:01.000000",
        "<b>Stop:</b> 2026-11-30 12:00:01.500000",
        "<b>Duration:</b> 0.5s",
        "<b>Size:</b> 220",
        "<b>Pub Indexes:</b> [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...]",
    ]
    assert trace.text[0].startswith("<b>mine[1]</b>")
    assert "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]" in ExecutionSpans([twice.filter_by_pub(range(10))]).draw().data[0].text[0]


@pytest.mark.holds("B492")
def test_axes_say_what_they_are() -> None:
    plain, parts = ExecutionSpans([EARLY, LATE]).draw(), ExecutionSpans([EARLY, LATE]).draw(normalize_y=True)
    assert (plain.layout.xaxis.title.text, plain.layout.xaxis.type) == ("Time", "date")
    assert plain.layout.yaxis.title.text == "Shots Completed"
    assert (parts.layout.yaxis.title.text, parts.layout.yaxis.tickformat) == ("Completed Workload", ".0%")
    assert list(parts.data[0].y) == [0.4, 0.4, None, 1, 1, None]


@pytest.mark.holds("B492")
def test_jobs_are_moved_to_a_common_start() -> None:
    figure = draw_execution_spans(ExecutionSpans([LATE]), ExecutionSpans([EARLY, LATE]), common_start=True)
    ends = [START_OF_TIME + timedelta(seconds=seconds) for seconds in (0, 4, 5, 9)]
    assert list(figure.data[0].x) == [*ends[:2], None]
    assert list(figure.data[1].x) == [*ends[:2], None, *ends[2:], None]
    assert figure.layout.xaxis.tickformat == "%H:%M:%S.%f"


def names(figure: Any) -> list[str]:
    return [trace.name for trace in figure.data]


@pytest.mark.holds("B492")
def test_traces_have_the_names_that_are_given_and_else_a_number() -> None:
    three = [ExecutionSpans([EARLY])] * 3
    assert names(draw_execution_spans(*three)) == ["ExecutionSpans 0", "ExecutionSpans 1", "ExecutionSpans 2"]
    assert names(draw_execution_spans(*three, names="a")) == ["a", "ExecutionSpans 1", "ExecutionSpans 2"]
    assert names(draw_execution_spans(*three, names=iter("abcd"))) == ["a", "b", "c"]
    assert len({trace.line.color for trace in draw_execution_spans(*three).data}) == 3


@pytest.mark.holds("B492")
@pytest.mark.parametrize(
    ("given", "shown"),
    [({}, False), ({"names": "a"}, True), ({"names": "a", "show_legend": False}, False), ({"show_legend": True}, True)],
)
def test_names_are_shown_where_they_are_given_or_asked_for(given: dict[str, Any], shown: bool) -> None:
    assert draw_execution_spans(ExecutionSpans([EARLY]), **given).layout.showlegend is shown


@pytest.mark.holds("B492")
def test_times_are_in_utc_whatever_their_zone() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    zoned = SliceSpan(at(0).astimezone(india), at(4), {0: ((9,), slice(0, 9))})
    naive = SliceSpan(at(5).replace(tzinfo=None), at(6).replace(tzinfo=None), {0: ((9,), slice(0, 9))})
    (trace,) = ExecutionSpans([naive, zoned]).draw().data
    assert [instant.isoformat() for instant in trace.x if instant] == [
        "2026-11-30T12:00:00+00:00",
        "2026-11-30T12:00:04+00:00",
        "2026-11-30T12:00:05+00:00",
        "2026-11-30T12:00:06+00:00",
    ]
    assert "12:00:00.000000" in trace.text[0]


@pytest.mark.holds("B492")
def test_what_has_no_span_is_left_out_and_keeps_its_name_to_itself() -> None:
    none = ExecutionSpans([])
    assert names(none.draw()) == names(draw_execution_spans()) == []
    assert names(draw_execution_spans(none, ExecutionSpans([EARLY]), names=["a", "b"])) == ["b"]
    nothing = ExecutionSpans([SliceSpan(at(0), at(1), {})]).draw(normalize_y=True)
    assert list(nothing.data[0].y) == [0, 0, None]


ODD: list[tuple[dict[str, Any], str]] = [
    ({"names": 5}, "names is 5"),
    ({"names": [1]}, r"names is \[1\]"),
    ({"line_width": -1}, r"line_width is -1\W+[iI]t must be a number from 0 to 1000"),
    ({"common_start": "yes"}, r"common_start is 'yes'\W+[iI]t must be True or False"),
    ({"show_legend": 2}, "show_legend is 2"),
]


@pytest.mark.holds("B491")
@pytest.mark.parametrize(("given", "words"), ODD)
def test_what_cannot_be_meant_says_which_value_and_the_way_out(given: dict[str, Any], words: str) -> None:
    with pytest.raises(IBMInputValueError, match=words):
        draw_execution_spans(ExecutionSpans([EARLY]), **given)
    with pytest.raises(IBMInputValueError, match=r"spans is 5\W+[iI]t must be the execution spans of jobs"):
        draw_execution_spans(5)  # type: ignore[arg-type]  # that is what is refused


@pytest.mark.holds("B492")
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(1, 9)), min_size=1, max_size=30))
def test_heights_never_fall_over_time_and_end_at_all_shots(lives: list[tuple[int, int, int]]) -> None:
    spans = ExecutionSpans([span(start, start + seconds, shots) for start, seconds, shots in lives])
    (trace,) = spans.draw().data
    starts, heights = trace.x[::3], trace.y[::3]
    assert list(starts) == sorted(at(start) for start, _, _ in lives)
    assert list(heights) == sorted(heights)
    assert heights[-1] == sum(shots for _, _, shots in lives)
    assert spans.draw(normalize_y=True).data[0].y[-2] == pytest.approx(1)
