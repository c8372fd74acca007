"""Figures of when each instruction of a circuit plays, with plotly."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

from .plotly_figures import SIDES, UndrawableError, is_text, read_flag, read_list, read_number, require_plotly

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

FIELDS: Final = 6
HALVES: Final = {"main": (-0.4, 0.4), "then": (0.0, 0.4), "else": (-0.4, 0.0)}
"""By branch: from where to where it is drawn, around the height of its channel."""
WORDS: Final = {"main": 0.0, "then": 0.25, "else": -0.25}
"""By branch: where the words of a box stand."""
WANTED: Final = (
    "the timing of a scheduler_timing: a text with a line for each instruction, which has branch (main, then or else), "
    "instruction, channel, start, duration and pulse, with commas between"
)


@dataclass(frozen=True)
class Played:
    """An instruction on a channel, as a line of the text tells it. Times are in samples of `dt`."""

    branch: str
    instruction: str
    channel: str
    start: int
    finish: int
    pulse: str

    @property
    def kind(self) -> str:
        """What it is, without what it is numbered by: `x` of `x_12`."""
        return self.instruction.partition("_")[0]

    @property
    def is_phase(self) -> bool:
        """Whether it takes no time, for only the phase of what follows is other."""
        return self.pulse == "shift_phase"


def draw_circuit_schedule_timing(
    circuit_schedule: str,
    included_channels: Sequence[str] | None = None,
    filter_readout_channels: bool = False,
    filter_barriers: bool = False,
    merge_common_instructions: bool = False,
    width: int = 1400,
) -> "Figure":
    """Draw when each instruction of a circuit plays, and on which channel.

    Args:
        circuit_schedule: The text `timing` of the `scheduler_timing` that the metadata of a result have.
        included_channels: Those that are drawn, from below, as far as something plays there; `None` for all.
        filter_readout_channels: Whether those whose names begin with `AWGR` are left out.
        filter_barriers: Whether barriers are left out.
        merge_common_instructions: Whether what follows its like at once, on one channel, is drawn as one.
        width: Of the figure, in pixels.

    Returns:
        Times are in samples of `dt`.

    Raises:
        ValueError: An argument cannot be meant.
        ImportError: Plotly is not installed.

    Source: behaviour B507, B508, B509.
    """
    require_plotly()
    import plotly.graph_objects as go
    from plotly.colors import qualitative

    played = read_timing(circuit_schedule)
    wanted = read_channels(included_channels, played)
    without_readout = read_flag("filter_readout_channels", filter_readout_channels)
    without_barriers = read_flag("filter_barriers", filter_barriers)
    if read_flag("merge_common_instructions", merge_common_instructions):
        played = merge(played)
    side = int(read_number("width", width, *SIDES))
    drawn = [
        one
        for one in played
        if one.channel in wanted
        and not (without_readout and one.channel.startswith("AWGR"))
        and not (without_barriers and one.kind == "barrier")
    ]
    used = {one.channel for one in drawn}
    heights = {channel: height for height, channel in enumerate(name for name in wanted if name in used)}
    kinds = sorted({one.kind for one in drawn})
    colours = dict(zip(kinds, cycle(qualitative.Plotly), strict=False))
    figure = go.Figure()
    named: set[str] = set()
    notes: list[dict[str, Any]] = []
    for one in sorted(drawn, key=lambda each: each.is_phase):
        height = heights[one.channel]
        figure.add_scatter(
            **_outline(one, height),
            mode="lines+markers",
            name=one.kind,
            legendgroup=one.kind,
            showlegend=one.kind not in named,
            fill="toself",
            fillcolor=colours[one.kind],
            line={"color": "black"},
            marker={"size": 0.01},
            text=_describe(one),
            hoverinfo="x+text",
        )
        named.add(one.kind)
        notes.append(_note(one, height))
    shown = [{"label": "Show Annotations", "method": "relayout", "args": [{"annotations": notes}]}]
    hidden = [{"label": "Hide Annotations", "method": "relayout", "args": [{"annotations": []}]}]
    edge = {"showline": True, "linewidth": 1, "linecolor": "black", "mirror": True}
    figure.update_layout(
        title={"text": "Payload Schedule", "x": 0.5, "font": {"size": 20}},
        width=side,
        height=200 + 60 * len(heights),
        paper_bgcolor="white",
        plot_bgcolor="white",
        annotations=notes,
        xaxis={
            **edge,
            "title": "Cycles",
            "type": "linear",
            "range": [0, max((one.finish for one in drawn), default=0) + 1],
            "rangeslider": {"visible": True},
        },
        yaxis={
            **edge,
            "title": "Channels",
            "gridcolor": "rgba(38,38,38,0.15)",
            "tickmode": "array",
            "tickvals": [*heights.values()],
            "ticktext": [*heights],
        },
        updatemenus=[
            {
                "buttons": shown + hidden,
                "type": "dropdown",
                "direction": "down",
                "pad": {"r": 10, "t": 10},
                "x": 0,
                "xanchor": "left",
                "y": 1 + 1 / max(1, len(heights)),
                "yanchor": "top",
            }
        ],
    )
    return figure


def read_timing(text: Any) -> list[Played]:
    """Return the instructions of a text, in its order.

    Raises:
        UndrawableError: It is no text, or a line tells something else.
    """
    if not isinstance(text, str):
        raise UndrawableError("circuit_schedule", text, WANTED)
    return [_read_line(line) for line in text.splitlines() if line.strip()]


def _read_line(line: str) -> Played:
    """Return the instruction of a line.

    Raises:
        UndrawableError: The line tells something else.
    """
    fields = [field.strip() for field in line.split(",")]
    known = len(fields) == FIELDS and fields[0] in HALVES
    if not known or not re.fullmatch(r"-?[0-9]{1,15},[0-9]{1,15}", ",".join(fields[3:5])):
        raise UndrawableError("circuit_schedule", line, WANTED)
    branch, instruction, channel, start, duration, pulse = fields
    return Played(branch, instruction, channel, int(start), int(start) + int(duration), pulse)


def read_channels(included: Any, played: Iterable[Played]) -> list[str]:
    """Return the channels that may be drawn, from below. Numbers in their names count as such.

    Raises:
        UndrawableError: `included` is no list of texts.
    """
    if included is not None:
        names = read_list("included_channels", included, "a list of names, such as ['Qubit 0']", is_text)
        return list(dict.fromkeys(names))
    return sorted({one.channel for one in played}, key=_by_number)


def _by_number(name: str) -> list[tuple[bool, int, str]]:
    """Return what orders names so that 2 comes before 10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    return [(part.isdecimal(), len(part.lstrip("0")) if part.isdecimal() else 0, part.lstrip("0")) for part in parts]


def merge(played: Iterable[Played]) -> list[Played]:
    """Return instructions of which none begins when its like ends, on one channel and in one branch. Never fails."""
    merged: list[Played] = []
    ends: dict[tuple[str, str, str, int], list[int]] = {}
    for one in sorted(played, key=lambda each: (each.start, each.finish)):
        like = (one.branch, one.instruction, one.channel)
        if before := ends.get((*like, one.start)):
            place = before.pop()
            merged[place] = replace(merged[place], finish=one.finish)
        else:
            place = len(merged)
            merged.append(one)
        ends.setdefault((*like, one.finish), []).append(place)
    return merged


def _outline(one: Played, height: int) -> dict[str, list[Any]]:
    """Return where the line around an instruction goes: a diamond for a phase, else a box with the points between."""
    start, finish = one.start, one.finish
    low, high = (height + half for half in HALVES[one.branch])
    if one.is_phase:
        level = (low + high) / 2
        return {
            "x": [start, start + 1, start, start - 1, start, None],
            "y": [level - 0.2, level, level + 0.2, level, level - 0.2, None],
        }
    middle = (start + finish) / 2
    return {
        "x": [start, middle, finish, finish, middle, start, start, None],
        "y": [low, low, low, high, high, high, low, None],
    }


def _describe(one: Played) -> str:
    """Return what is shown where a mouse is over an instruction."""
    told = {
        "Instruction": one.instruction,
        "Pulse": one.pulse,
        "Start": one.start,
        "Finish": one.finish,
        "Duration": one.finish - one.start,
    }
    return "<br>".join(f"{title}: {value}" for title, value in told.items())


def _note(one: Played, height: int) -> dict[str, Any]:
    """Return the words on an instruction, which a barrier has none of."""
    return {
        "x": (one.start + one.finish) / 2,
        "y": height + (sum(HALVES[one.branch]) / 2 if one.is_phase else WORDS[one.branch]),
        "text": "" if one.kind == "barrier" else f"{one.kind}_{one.pulse}",
        "textangle": 0,
        "showarrow": one.is_phase,
        "font": {"color": "black", "size": 10},
    }
