"""Figures of when which part of a result was measured, with plotly."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

from .execution_spans import ExecutionSpan, ExecutionSpans
from .plotly_figures import UndrawableError, is_text, read_flag, read_list, read_number, require_plotly

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_PUBS: Final = 10
"""So many indices of pubs are named of a span."""
WIDEST: Final = 1000
"""Pixels of a line."""


def draw_execution_spans(
    *spans: ExecutionSpans,
    names: str | Iterable[str] | None = None,
    common_start: bool = False,
    normalize_y: bool = False,
    line_width: float = 4,
    show_legend: bool | None = None,
) -> "Figure":
    """Draw when shots were measured: a trace for the spans of each job, with a line for each span.

    A line goes from the start of a span to its stop, at the height of the shots that were measured when it ended.

    Args:
        *spans: Of one or more jobs. What has no span is left out.
        names: What the traces are called, one after the other; those that get no name have a number.
        common_start: Whether each trace is moved so that it begins at 0, to compare jobs.
        normalize_y: Whether the height is the part of all shots, from 0 to 1, and not their number.
        line_width: Of a line, in pixels.
        show_legend: Whether the names are shown beside the figure; `None` if any are given.

    Returns:
        Times are in UTC, and those without a zone are taken as such.

    Raises:
        ValueError: An argument cannot be meant.
        ImportError: Plotly is not installed.

    Source: behaviour B492.
    """
    require_plotly()
    import plotly.graph_objects as go
    from plotly.colors import qualitative

    for one in spans:
        if not isinstance(one, ExecutionSpans):
            raise UndrawableError(
                "spans", one, "the execution spans of jobs: result.metadata['execution']['execution_spans']"
            )
    called = read_names(
        names, [f"ExecutionSpans {index}" if len(spans) > 1 else "ExecutionSpans" for index in range(len(spans))]
    )
    thick = read_line_width(line_width)
    together, relative = read_flag("common_start", common_start), read_flag("normalize_y", normalize_y)
    legend = read_legend(show_legend, names)
    figure = go.Figure()
    for one, name, colour in zip(spans, called, cycle(qualitative.Plotly), strict=False):
        if len(one):
            trace = _trace_of(one, name, together=together, relative=relative)
            figure.add_scatter(**trace, mode="lines", line={"width": thick, "color": colour})
    figure.update_layout(
        xaxis={"title": "Time", "type": "date"},
        yaxis={"title": "Completed Workload", "tickformat": ".0%"} if relative else {"title": "Shots Completed"},
        showlegend=legend,
        legend={"xanchor": "right", "x": 0.99, "yanchor": "bottom", "y": 0.01},
        margin={"l": 70, "r": 20, "t": 20, "b": 70},
    )
    if together:
        figure.update_xaxes(tickformat="%H:%M:%S.%f")
    return figure


def read_names(names: Any, known: list[str]) -> list[str]:
    """Return what traces are called: as `names` says, and the rest as they are known.

    Raises:
        UndrawableError: It is neither a text nor texts.
    """
    if names is None:
        return known
    texts = [names] if isinstance(names, str) else [*names] if isinstance(names, Iterator) else names
    given = read_list("names", texts, "a text, or a list of them", is_text)
    return given[: len(known)] + known[len(given) :]


def read_legend(show_legend: Any, names: Any) -> bool:
    """Return whether names are shown: as `show_legend` says, or if any are given.

    Raises:
        UndrawableError: It says neither.
    """
    return names is not None if show_legend is None else read_flag("show_legend", show_legend)


def read_line_width(value: Any) -> float:
    """Return the width of a line, in pixels.

    Raises:
        UndrawableError: It is no number of pixels.
    """
    return float(read_number("line_width", value, 0, WIDEST))


def _trace_of(spans: ExecutionSpans, name: str, *, together: bool, relative: bool) -> dict[str, Any]:
    """Return what is drawn of the spans of a job. Between two lines nothing is."""
    ordered = sorted(enumerate(spans), key=lambda pair: (_in_utc(pair[1].start), _in_utc(pair[1].stop)))
    sizes = [span.size for _, span in ordered]
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    offset = _in_utc(ordered[0][1].start) - epoch if together else timedelta()
    unit = (sum(sizes) or 1) if relative else 1
    done = 0.0
    drawn: dict[str, list[Any]] = {"x": [], "y": [], "text": []}
    for (index, span), size in zip(ordered, sizes, strict=True):
        done += size / unit
        drawn["x"] += [_in_utc(span.start) - offset, _in_utc(span.stop) - offset, None]
        drawn["y"] += [done, done, None]
        drawn["text"] += [_describe(f"{name}[{index}]", span, size)] * 3
    return {**drawn, "name": name, "hoverinfo": "text"}


def _in_utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _describe(name: str, span: ExecutionSpan, size: int) -> str:
    """Return what is shown where a mouse is over a span."""
    start, stop = (f"{_in_utc(instant):%Y-%m-%d %H:%M:%S.%f}" for instant in (span.start, span.stop))
    pubs = [*map(str, span.pub_idxs[:MOST_PUBS]), *(["..."] if len(span.pub_idxs) > MOST_PUBS else [])]
    told = {
        "Start": start,
        "Stop": stop,
        "Duration": f"{span.duration:.4g}s",
        "Size": size,
        "Pub Indexes": f"[{', '.join(pubs)}]",
    }
    return "<br>".join(
        [f"<b>{name}</b>", *(f"<b>&nbsp;&nbsp;&nbsp;{title}:</b> {value}" for title, value in told.items())]
    )
