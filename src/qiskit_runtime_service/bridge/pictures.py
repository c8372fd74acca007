"""What pictures of matplotlib share: a figure that notebooks show, and axes of time."""

from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure

SHARP: Final = 2
"""Pixels of a picture in a notebook for each that is asked for, as screens have them."""

LEAST_DAYS: Final = 1 / 24 / 60
"""How much an axis of time shows at least."""


class Picture(Figure):
    """A figure that is the last line of a cell is seen, in any notebook, with nothing of matplotlib's global state."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Return a picture, and how many pixels of the page it takes.

        Source: behaviour B576.
        """
        written = BytesIO()
        self.savefig(written, format="png", dpi=SHARP * self.dpi)
        width, height = (round(inches * self.dpi) for inches in self.get_size_inches())
        return written.getvalue(), {"width": width, "height": height}


def open_picture(width: float, height: float) -> tuple[Picture, Any]:
    """Return a figure of its own, in inches, and its axes, whose types know no dates."""
    figure = Picture(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def show_time(axes: Axes, instants: Iterable[datetime]) -> None:
    """Make the axis to the right one of time, in UTC, as wide as instants take it, and not too narrow.

    Source: behaviour B577.
    """
    days = [date2num(instant) for instant in instants]  # type: ignore[no-untyped-call]  # matplotlib's
    first, last = min(days), max(days)
    side = max(0.04 * (last - first), LEAST_DAYS / 2)
    axes.set_xlim(first - side, last + side)
    locator = AutoDateLocator(tz=UTC)  # type: ignore[no-untyped-call]  # too
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))  # type: ignore[no-untyped-call]  # too
    axes.set_xlabel("UTC")
