"""Pictures of what went on over time, with matplotlib: calibrations, queues and jobs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import nan
from typing import Any, Final, NamedTuple, TypeAlias

from matplotlib import rcParams
from matplotlib.ticker import MaxNLocator

from .._shown import counted, spell
from .pictures import Picture, open_picture, show_time

COLOURED: Final = 10
"""So many queues have a colour of their own: matplotlib has no more that can be told apart."""
MARKED: Final = 40
"""So many points of a line are marked."""
ROOMY: Final = 40
"""So many jobs have rows of a readable height; those of more are lower."""
LEAST: Final = 2.5
"""The shortest that a wait or a run is drawn, in points."""

INCH: Final = 72
"""Points."""

Span: TypeAlias = tuple[datetime | None, datetime | None]
"""Where it starts and stops, as far as that is known."""


class Spread(NamedTuple):
    """How values were spread over a device at an instant."""

    at: datetime
    low: float
    """A tenth is below."""
    median: float
    high: float
    """A tenth is above."""


class Life(NamedTuple):
    """When a job was created, began to run and ended, as far as it is known."""

    label: str
    created: datetime | None
    running: datetime | None
    finished: datetime | None


def draw_spreads(title: str, label: str, spreads: Sequence[Spread]) -> Picture:
    """Draw medians as a line, and the middle four fifths around it.

    Source: behaviour B580.
    """
    picture, axes = open_picture(8, 4)
    at, low, middle, high = zip(*spreads, strict=True)
    marker = "o" if len(at) <= MARKED else ""
    band = axes.fill_between(at, low, high, alpha=0.25, linewidth=0, label="the middle 80 % of the device")
    colour = band.get_facecolor()[0][:3]
    if marker:
        axes.vlines(at, low, high, colors=colour, alpha=0.5, linewidth=1)
    axes.plot(at, middle, marker=marker, color=colour, label="median")
    axes.set_title(f"{title}\nmedian {middle[-1]:.3g} at last")
    axes.set_ylabel(label)
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    show_time(axes, at)
    return picture


def draw_queues(instants: Sequence[datetime], queues: Mapping[str, Mapping[datetime, int]]) -> Picture:
    """Draw queues as lines, the longest at last in colours, the others gray, with a gap where one is not known.

    Args:
        instants: All of them, in order.
        queues: By backend, the lengths that are known by instant.

    Source: behaviour B581.
    """
    picture, axes = open_picture(8, 4)
    order = sorted(queues, key=lambda name: (-queues[name][max(queues[name])], name))
    marker = "o" if len(instants) <= MARKED else ""
    for place, name in enumerate(order):
        lengths = [queues[name].get(instant, nan) for instant in instants]
        look = {"color": f"C{place}", "zorder": 3} if place < COLOURED else {"color": "0.6", "linewidth": 0.7}
        others = f"{counted(len(order) - COLOURED, 'other')}, with less" if place == COLOURED else "_"
        label = name if place < COLOURED else others
        axes.plot(instants, lengths, marker=marker, markersize=3, label=label, **look)
    axes.set_title("Queues")
    axes.set_ylabel("jobs that wait")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    show_time(axes, instants)
    return picture


def draw_lives(lives: Sequence[Life], more: int) -> Picture:
    """Draw waits and runs as bars, a row for each job, with how long each took. The shortest can still be seen.

    Args:
        lives: Of the jobs, the first on top. What is not over lasts to the last instant that is known of any.
        more: How many are not drawn.

    Source: behaviour B582.
    """
    known = [
        instant for life in lives for instant in (life.created, life.running, life.finished) if instant is not None
    ]
    last = max(known, default=None)
    row, font = (0.3, 9.0) if len(lives) <= ROOMY else (0.15, 6.5)
    picture, axes = open_picture(9, 1.3 + row * len(lives))
    bar = 0.55 * row * INCH
    waits = [(life.created, life.running or life.finished or last) for life in lives]
    runs = [(life.running, life.finished or last) for life in lives]
    for label, colour, spans in (("waits", "0.6", waits), ("runs", "C0", runs)):
        rows, starts, stops = _columns([(place, *span) for place, span in enumerate(spans) if None not in span])
        axes.plot([], [], color=colour, linewidth=bar, solid_capstyle="butt", label=label)
        axes.hlines(rows, starts, stops, colors=colour, linewidth=bar)
        # What is too short for a pixel has a mark where it begins.
        axes.plot(starts, rows, linestyle="", marker="|", color=colour, markersize=bar, markeredgewidth=LEAST)
    on = [place for place, life in enumerate(lives) if life.created is not None and life.finished is None]
    look = {"marker": ">", "color": rcParams["text.color"], "markersize": 0.6 * bar}
    axes.plot([last] * len(on), on, linestyle="", clip_on=False, zorder=4, **look)
    notes = [_tell(life, wait, run) for life, wait, run in zip(lives, waits, runs, strict=True)]
    axes.set_ylim(len(lives) - 0.5, -0.5)
    axes.set_yticks(range(len(lives)), [life.label for life in lives], fontsize=font)
    axes.tick_params(axis="y", length=0)
    if known:
        show_time(axes, known)
    else:
        axes.set_xticks([])
    beside = axes.secondary_yaxis("right")
    beside.set_yticks(range(len(lives)), notes, fontsize=font)
    beside.tick_params(axis="y", length=0)
    axes.set_title(counted(len(lives), "job") + (f"; {more} more are not drawn" if more else ""))
    picture.legend(loc="outside upper right", ncols=2, frameon=False, fontsize=9, handlelength=1)
    return picture


def _columns(rows: Sequence[tuple[Any, ...]]) -> Sequence[Sequence[Any]]:
    """Return the columns of a table of three."""
    return [*zip(*rows, strict=True)] or [(), (), ()]


def _tell(life: Life, wait: Span, run: Span) -> str:
    """Return how long a job waited and ran."""
    spans = [("waited", *wait), ("ran", *run)]
    told = [f"{word} {_brief(start, stop)}" for word, start, stop in spans if start is not None and stop is not None]
    return ", ".join([*told, "goes on"] if told and life.finished is None else told) or "nothing is known"


def _brief(start: datetime, stop: datetime) -> str:
    seconds = (stop - start).total_seconds()
    return f"{seconds:.2g} s" if 0 < seconds < 10 else spell(seconds)
