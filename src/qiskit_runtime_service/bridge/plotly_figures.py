"""What figures of plotly share: the extra that brings it, its colours, and how an argument is refused."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, Final

import numpy as np

from .._shown import shorten, write_out
from ..records.problem import BadArgument

SIDES: Final = (100, 10_000)
"""How short and how long the sides of a figure may be, in pixels."""


class UndrawableError(ValueError):
    """An argument cannot be meant."""

    def __init__(self, name: str, value: object, wanted: str, words: str = "") -> None:
        shown = words or shorten(write_out(value))
        self.problem = BadArgument(name=name, value=shown, wanted=wanted)
        super().__init__(f"{name} is {shown}; it must be {wanted}.")


def require_plotly() -> None:
    """Do nothing where plotly is installed.

    Raises:
        ImportError: It is not; the words say how to install it.

    Source: behaviour B491.
    """
    if find_spec("plotly") is None:
        raise ImportError(
            "Figures need plotly, which is not installed. "
            "Install the extra: pip install 'qiskit-runtime-service[visualization]'",
            name="plotly",
        )


def is_number(value: object) -> bool:
    """Tell whether it is a number, as Python or NumPy has them, and neither a truth value nor a time."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool | np.timedelta64)


def read_number(name: str, value: Any, least: float, most: float) -> Any:
    """Return a number.

    Raises:
        UndrawableError: It is none from `least` to `most`.
    """
    if not is_number(value) or not least <= value <= most:
        raise UndrawableError(name, value, f"a number from {least:g} to {most:g}")
    return value


def read_count(name: str, value: Any, least: int, most: int) -> int:
    """Return a whole number.

    Raises:
        UndrawableError: It is none from `least` to `most`.
    """
    if isinstance(value, float | np.floating):
        raise UndrawableError(name, value, "a whole number")
    return int(read_number(name, value, least, most))


def read_flag(name: str, value: Any) -> bool:
    """Return whether something is wanted.

    Raises:
        UndrawableError: It is neither `True` nor `False`.
    """
    if not isinstance(value, bool | np.bool_):
        raise UndrawableError(name, value, "True or False")
    return bool(value)


def read_sides(height: Any, width: Any) -> dict[str, int]:
    """Return height and width of a figure, in pixels, as its layout takes them.

    Raises:
        UndrawableError: One of them is no number of pixels.
    """
    return {"height": int(read_number("height", height, *SIDES)), "width": int(read_number("width", width, *SIDES))}


def read_list(name: str, value: Any, wanted: str, is_one: Callable[[Any], bool], count: int | None = None) -> list[Any]:
    """Return what a list, a tuple or an array holds.

    Raises:
        UndrawableError: It is none, holds not as many as `count`, or holds something that is not one.
    """
    listed = [*value] if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim) else None
    if listed is None or count not in (None, len(listed)) or not all(map(is_one, listed)):
        raise UndrawableError(name, value, wanted)
    return listed


def is_text(value: object) -> bool:
    """Whether it is a text, as names are."""
    return isinstance(value, str)


def read_colour(name: str, value: Any) -> str:
    """Return a colour.

    Raises:
        UndrawableError: It is none that plotly knows.
    """
    import plotly.graph_objects as go

    wanted = "a colour of CSS, such as 'red' or '#1f77b4'"
    if not isinstance(value, str):
        raise UndrawableError(name, value, wanted)
    try:
        go.scatter.Line(color=value)
    except ValueError:
        raise UndrawableError(name, value, wanted) from None
    return value


def read_colorscale(name: str, value: Any) -> Any:
    """Return a colour scale, as plotly takes it.

    Raises:
        UndrawableError: Plotly knows none of that name.
    """
    from plotly.colors import get_colorscale
    from plotly.exceptions import PlotlyError

    wanted = "the name of a colour scale of plotly, such as 'Viridis'"
    if not isinstance(value, str):
        raise UndrawableError(name, value, wanted)
    try:
        return get_colorscale(value)
    except PlotlyError:
        raise UndrawableError(name, value, wanted) from None


def sample_colours(scale: Any, places: Sequence[float]) -> list[str]:
    """Return a colour for each place from 0, where a colour scale begins, to 1."""
    from plotly.colors import sample_colorscale

    colours: list[str] = sample_colorscale(scale, [float(place) for place in places])
    return colours
