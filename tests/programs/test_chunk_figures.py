"""Figures of when quantum programs were run."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from samplomatic.quantum_program import ChunkPart, ChunkSpan, ChunkTiming

from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.results import QuantumProgramResult
from qiskit_runtime_service.visualization import draw_chunk_timings

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def chunk(start: float, stop: float, *sizes: int) -> ChunkSpan:
    instants = (NOON + timedelta(seconds=seconds) for seconds in (start, stop))
    return ChunkSpan(*instants, [ChunkPart(item, size) for item, size in enumerate(sizes)])


TWO = ChunkTiming([chunk(3, 4, 5), chunk(0, 2, 3, 4)])
INDIA = timezone(timedelta(hours=5, minutes=30))


def times(trace: Any) -> list[str]:
    return [instant.isoformat() for instant in trace.x if instant]


@pytest.mark.holds("B506")
def test_chunks_are_drawn_when_they_were_run_at_the_elements_done() -> None:
    figure = draw_chunk_timings(TWO, tz=UTC)
    (trace,) = figure.data
    assert trace.name == "Timings 0"
    assert times(trace) == [f"2026-11-30T12:00:0{second}" for second in (0, 2, 3, 4)]
    assert list(trace.y) == [7, 7, None, 12, 12, None]
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("Time", "Elements Completed")
    assert "<b>Timings 0[1]</b>" in trace.text[0]
    assert times(draw_chunk_timings(TWO, tz=INDIA).data[0])[0] == "2026-11-30T17:30:00"


@pytest.mark.holds("B506")
def test_results_are_drawn_beside_each_other_with_their_names() -> None:
    given: dict[str, Any] = {"common_start": True, "normalize_y": True, "line_width": 7, "tz": UTC}
    figure = draw_chunk_timings(TWO, ChunkTiming([]), ChunkTiming([chunk(9, 9.5, 1)]), names=["a"], **given)
    assert [trace.name for trace in figure.data] == ["a", "Timings 2"]
    assert [times(trace)[0] for trace in figure.data] == ["1970-01-01T00:00:00"] * 2
    assert list(figure.data[0].y) == pytest.approx([7 / 12, 7 / 12, None, 1, 1, None])
    assert {trace.line.width for trace in figure.data} == {7}
    assert figure.layout.showlegend is True
    assert draw_chunk_timings(TWO, names="a", show_legend=False).layout.showlegend is False
    assert draw_chunk_timings(TWO).layout.showlegend is False
    assert draw_chunk_timings().data == ()


@pytest.mark.holds("B506")
def test_a_result_draws_its_own_times() -> None:
    result = QuantumProgramResult([])
    result.metadata.chunk_timing = list(TWO)
    assert list(result.timing.draw("mine", tz=UTC).data[0].y) == [7, 7, None, 12, 12, None]


@pytest.mark.holds("B491")
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"names": [5]}, r"names is \[5\]"),
        ({"line_width": "x"}, "line_width is 'x'"),
        ({"common_start": 1}, r"common_start is 1\W+[iI]t must be True or False"),
        ({"tz": "UTC"}, r"tz is 'UTC'\W+[iI]t must be a zone"),
    ],
)
def test_what_cannot_be_meant_says_which_value_and_the_way_out(given: dict[str, Any], words: str) -> None:
    with pytest.raises(IBMInputValueError, match=words):
        draw_chunk_timings(TWO, **given)
    with pytest.raises(IBMInputValueError, match=r"timings is 5\W+[iI]t must be what job.result\(\).timing"):
        draw_chunk_timings(5)
