"""Figures of when instructions play: where each stands, on which channel, and what is drawn as one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.bridge.schedule_figures import Played, merge
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.visualization import draw_circuit_schedule_timing

TEXT = """\
main,x_0,Qubit 10,0,8,play
main,rz_0,Qubit 2,8,0,shift_phase
main,x_1,Qubit 2,8,92,play
main,barrier,Qubit 2,100,0,barrier
main,measure_0,AWGR0_2,100,1000,capture
then,x_2,Qubit 2,1100,8,play
else,sx_0,Qubit 2,1100,4,play
"""


def channels(figure: Any) -> list[str]:
    assert list(figure.layout.yaxis.tickvals) == list(range(len(figure.layout.yaxis.tickvals)))
    return list(figure.layout.yaxis.ticktext)


@pytest.mark.holds("B507")
def test_an_instruction_is_a_box_at_its_channel_from_start_to_finish() -> None:
    figure = draw_circuit_schedule_timing(TEXT)
    assert [trace.name for trace in figure.data] == ["x", "x", "barrier", "measure", "x", "sx", "rz"]
    assert [trace.showlegend for trace in figure.data] == [True, False, True, True, False, True, True]
    assert len({trace.fillcolor for trace in figure.data}) == 5
    _, box, _, _, then, other, diamond = figure.data
    assert box.x == (8, 54, 100, 100, 54, 8, 8, None)
    assert box.y == (0.6, 0.6, 0.6, 1.4, 1.4, 1.4, 0.6, None)
    assert box.text == "Instruction: x_1<br>Pulse: play<br>Start: 8<br>Finish: 100<br>Duration: 92"
    assert ({*then.y}, {*other.y}) == ({1, 1.4, None}, {0.6, 1, None})
    assert diamond.x == (8, 9, 8, 7, 8, None)
    assert diamond.y == (0.8, 1, 1.2, 1, 0.8, None)
    assert tuple(figure.layout.xaxis.range) == (0, 1109)
    words = [(note.text, note.x, note.y) for note in figure.layout.annotations]
    assert words[2:] == [
        ("", 100, 1), ("measure_capture", 600, 0), ("x_play", 1104, 1.25), ("sx_play", 1102, 0.75),
        ("rz_shift_phase", 8, 1),
    ]  # fmt: skip


@pytest.mark.holds("B508")
def test_channels_stand_by_their_numbers_or_as_they_are_named() -> None:
    assert channels(draw_circuit_schedule_timing(TEXT)) == ["AWGR0_2", "Qubit 2", "Qubit 10"]
    assert channels(draw_circuit_schedule_timing(TEXT, filter_readout_channels=True)) == ["Qubit 2", "Qubit 10"]
    included = ["Qubit 10", "Qubit 3", "Qubit 2", "Qubit 10"]
    figure = draw_circuit_schedule_timing(TEXT, included, filter_barriers=True, width=500)
    assert channels(figure) == ["Qubit 10", "Qubit 2"]
    assert "barrier" not in [trace.name for trace in figure.data]
    assert (figure.layout.width, figure.layout.height) == (500, 320)


@pytest.mark.holds("B508")
@pytest.mark.parametrize(
    "given", [("",), (TEXT, []), (TEXT, ["Qubit 3"]), ("main,barrier,Q,0,0,barrier", None, False, True)]
)
def test_where_nothing_is_left_the_figure_is_empty(given: Any) -> None:
    figure = draw_circuit_schedule_timing(*given)
    assert (figure.data, channels(figure), tuple(figure.layout.xaxis.range)) == ((), [], (0, 1))


@pytest.mark.holds("B509")
def test_what_follows_its_like_at_once_is_drawn_as_one() -> None:
    text = (
        "main,x_0,Q,8,8,capture\nmain,x_0,Q,0,8,play\nmain,x_1,Q,16,8,play\nmain,x_0,R,16,8,play\n"
        "then,x_0,Q,16,8,play\nmain,x_0,Q,17,8,play\n"
    )
    figure = draw_circuit_schedule_timing(text, merge_common_instructions=True)
    assert len(figure.data) == 5
    assert figure.data[0].text == "Instruction: x_0<br>Pulse: play<br>Start: 0<br>Finish: 16<br>Duration: 16"
    assert len(draw_circuit_schedule_timing(text).data) == 6


instructions = st.builds(
    lambda name, start, duration: Played("main", name, "Q", start, start + duration, "play"),
    st.sampled_from(["x_0", "x_1"]),
    st.integers(0, 9),
    st.integers(0, 4),
)


@pytest.mark.holds("B509")
@given(st.lists(instructions, max_size=12))
def test_what_is_merged_plays_as_long_and_has_nothing_left_to_merge(played: list[Played]) -> None:
    merged = merge(played)
    for name in ("x_0", "x_1"):
        before, after = ([one for one in each if one.instruction == name] for each in (played, merged))
        assert sum(one.finish - one.start for one in before) == sum(one.finish - one.start for one in after)
        assert not any(one.finish == other.start for one in after for other in after if one is not other)


@pytest.mark.holds("B507")
@pytest.mark.parametrize(
    "line",
    ["main,x_0,Q,0,8", "main,x_0,Q,0,8,play,1", "for,x_0,Q,0,8,play", "main,x_0,Q,0.5,8,play", "main,x_0,Q,0,-8,play"],
)
def test_a_line_of_another_form_is_named(line: str) -> None:
    with pytest.raises(IBMInputValueError, match="a line for each instruction") as caught:
        draw_circuit_schedule_timing(TEXT + line)
    assert line in str(caught.value)


@pytest.mark.holds("B491")
@pytest.mark.parametrize(
    "given",
    [
        {"circuit_schedule": 3}, {"included_channels": "Qubit 2"}, {"included_channels": [2]}, {"width": 5},
        {"filter_barriers": None}, {"filter_readout_channels": 1}, {"merge_common_instructions": "no"},
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_named(given: Any) -> None:
    (name,) = given
    with pytest.raises(IBMInputValueError, match=name):
        draw_circuit_schedule_timing(**{"circuit_schedule": TEXT, **given})
