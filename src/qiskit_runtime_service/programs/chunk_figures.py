"""Figures of when which part of a quantum program was run: those of `samplomatic`, with arguments that are checked."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import TYPE_CHECKING

from samplomatic.quantum_program import ChunkTiming
from samplomatic.visualization.draw_chunk_timings import draw_chunk_timings as draw

from ..bridge.plotly_figures import UndrawableError, read_flag, require_plotly
from ..bridge.span_figures import read_legend, read_line_width, read_names

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def draw_chunk_timings(
    *timings: ChunkTiming,
    names: str | Iterable[str] | None = None,
    common_start: bool = False,
    normalize_y: bool = False,
    line_width: float = 4,
    show_legend: bool | None = None,
    tz: tzinfo | None = None,
) -> "Figure":
    """Draw when quantum programs were run: a trace for each result, with a line for each chunk.

    A line goes from the start of a chunk to its stop, at the height of the elements that were run when it ended.

    Args:
        *timings: `job.result().timing` of one or more jobs. What has no chunk is left out.
        names: What the traces are called, one after the other; those that get no name have a number.
        common_start: Whether each trace is moved so that it begins at 0, to compare jobs.
        normalize_y: Whether the height is the part of all elements, from 0 to 1, and not their number.
        line_width: Of a line, in pixels.
        show_legend: Whether the names are shown beside the figure; `None` if any are given.
        tz: The zone of the times; `None` for that of the system.

    Raises:
        ValueError: An argument cannot be meant.
        ImportError: Plotly is not installed.

    Source: `samplomatic`; behaviour B506.
    """
    require_plotly()
    for timing in timings:
        if not isinstance(timing, ChunkTiming):
            raise UndrawableError("timings", timing, "what job.result().timing of an executor tells")
    if tz is not None and not isinstance(tz, tzinfo):
        raise UndrawableError("tz", tz, "a zone, such as datetime.timezone.utc")
    known = [f"Timings {index}" for index in range(len(timings))]
    figure: Figure = draw(
        *timings,
        names=read_names(names, known),
        common_start=read_flag("common_start", common_start),
        normalize_y=read_flag("normalize_y", normalize_y),
        line_width=read_line_width(line_width),
        show_legend=read_legend(show_legend, names),
        tz=tz,
    )
    return figure
