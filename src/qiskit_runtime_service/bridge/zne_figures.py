"""Pictures of extrapolations to zero noise, with matplotlib: what was measured, and what was read from it."""

from collections.abc import Iterator, Sequence
from itertools import islice
from math import ceil, prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit.primitives.containers import PubResult

from .._shown import shorten, write_out
from ..records.problem import BadArgument

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
Index = tuple[int, ...]

MOST_PANELS: Final = 64
"""In a picture with more, nothing can be read."""
_DOTS: Final = 100
"""Of an inch, of which the sides of a picture are told in pixels."""
_SIDES: Final = (100, 10_000)
"""How short and how long they may be."""
_FIELDS = ("evs", "stds", "evs_noise_factors", "stds_noise_factors", "evs_extrapolated", "stds_extrapolated")


class UndrawableError(ValueError):
    """An argument cannot be meant."""

    def __init__(self, name: str, value: object, wanted: str, words: str = "") -> None:
        shown = words or shorten(write_out(value))
        self.problem = BadArgument(name=name, value=shown, wanted=wanted)
        super().__init__(f"{name} is {shown}; it must be {wanted}.")


class _Fits(NamedTuple):
    """What a PUB tells of its extrapolations. The first axes of all arrays are those of the PUB."""

    data: Any
    """With the arrays of a `DataBin`."""
    shape: Index
    factors: Floats
    """Where was measured."""
    at: Floats
    """Where the models were read."""
    models: tuple[str, ...]


class _Shown(NamedTuple):
    """What of an extrapolation is drawn."""

    num_stds: float
    max_mag: float
    max_std: float

    def hides(self, values: Floats, errors: Floats) -> bool:
        """Whether a line has values or errors that are too large to be shown, or none."""
        return not (np.all(np.abs(values) <= self.max_mag) and np.all(errors <= self.max_std))


def draw_zne_evs(
    result: "PubResult",
    indices: Sequence[Index] | None = None,
    names: Sequence[str] | None = None,
    num_stds: float = 1,
    max_mag: float = 10,
    max_std: float = 0.2,
    height: int = 500,
    width: int = 1000,
    num_cols: int = 4,
    colorscale: str = "viridis",
) -> "Figure":
    """Draw how expectation values were extrapolated to zero noise, a panel for each.

    Points are what was measured, lines what each model says at `extrapolated_noise_factors` with its error around it,
    and the diamond at 0 is the result.

    Args:
        result: Of a PUB of an estimator, with ZNE.
        indices: Which expectation values, by their index in the shape of the PUB; `None` for all, at most 64.
        names: What the panels are called; `None` for the indices.
        num_stds: How many standard errors are drawn.
        max_mag: A line with larger values is left out, and the panel says so.
        max_std: So is a line with larger errors.
        height: Of the picture, in pixels.
        width: In pixels, too.
        num_cols: Panels in a row, at most.
        colorscale: A colour map of matplotlib.

    Raises:
        UndrawableError: The result has no extrapolation, or an argument cannot be meant.

    Source: behaviour B411.
    """
    fits = _fits_of(result)
    drawn = _drawn(fits, indices, names)
    shown = _read_shown(num_stds, max_mag, max_std)
    if isinstance(num_cols, float | np.floating):
        raise UndrawableError("num_cols", num_cols, "a whole number")
    columns = min(_number("num_cols", num_cols, 1, MOST_PANELS), len(drawn))
    figure, panels = _panels(len(drawn), int(columns), width, height)
    colours = _colours(colorscale, fits.models)
    for (index, name), axes in zip(drawn, panels, strict=True):
        axes.set_title(name)
        _draw_measured(axes, fits, index, shown, "black")
        hidden = [
            model
            for place, model in enumerate(fits.models)
            if not _draw_line(axes, fits, (*index, place), shown, colours[place])
        ]
        value, error = fits.data.evs[index], fits.data.stds[index]
        if not shown.hides(value, np.zeros(())):
            _draw_points(axes, [0.0], [value], [shown.num_stds * error], colour="tab:red", marker="D", size=7)
        if hidden:
            _note(axes, f"not shown: {', '.join(hidden)}")
    entries = [("measured", "black", "o"), *zip(fits.models, colours, [""] * len(colours), strict=True)]
    _legend(figure, [*entries, ("result", "tab:red", "D")])
    return figure


def draw_zne_extrapolators(
    result: "PubResult",
    indices: Sequence[Index] | None = None,
    names: Sequence[str] | None = None,
    num_stds: float = 1,
    max_mag: float = 10,
    max_std: float = 0.2,
    height: int = 500,
    width: int = 1000,
    colorscale: str = "viridis",
) -> "Figure":
    """Draw how expectation values were extrapolated to zero noise, a panel for each model, all values in it.

    The arguments are those of `draw_zne_evs`; `names` are those of the expectation values.

    Raises:
        UndrawableError: The result has no extrapolation, or an argument cannot be meant.

    Source: behaviour B411.
    """
    fits = _fits_of(result)
    drawn = _drawn(fits, indices, names)
    shown = _read_shown(num_stds, max_mag, max_std)
    figure, panels = _panels(len(fits.models), len(fits.models), width, height, sharey=True)
    colours = _colours(colorscale, drawn)
    for place, (model, axes) in enumerate(zip(fits.models, panels, strict=True)):
        axes.set_title(model)
        hidden = []
        for (index, name), colour in zip(drawn, colours, strict=True):
            _draw_measured(axes, fits, index, shown, colour)
            if not _draw_line(axes, fits, (*index, place), shown, colour):
                hidden.append(name)
        if hidden:
            _note(axes, f"not shown: {', '.join(hidden)}")
    _legend(figure, [(name, colour, "o") for (_, name), colour in zip(drawn, colours, strict=True)])
    return figure


# What is drawn


def _fits_of(result: object) -> _Fits:
    """Return what the result of a PUB tells of its extrapolations.

    Raises:
        ValueError: It tells nothing.
    """
    if not isinstance(result, PubResult):
        raise UndrawableError("result", result, "that of one PUB of an estimator, such as job.result()[0]")
    absent = next((name for name in _FIELDS if not hasattr(result.data, name)), None)
    if absent is not None:
        wanted = "of a run with resilience.zne_mitigation=True, as resilience_level=2 has it"
        raise UndrawableError("result", result, wanted, f"without {absent!r} in its data")
    metadata = result.metadata if isinstance(result.metadata, dict) else {}
    told = (metadata.get("resilience") or {}).get("zne") or {}
    count, read = result.data.evs_noise_factors.shape[-1], result.data.evs_extrapolated.shape[-2:]
    factors = told.get("noise_factors")
    at: Any = told.get("extrapolated_noise_factors", [0.0, *(() if factors is None else factors)])
    models = told.get("extrapolator", told.get("extrapolators"))
    models = [models] if isinstance(models, str) else models
    if factors is None or models is None or (len(factors), len(models), len(at)) != (count, *read):
        wanted = "one whose metadata['resilience']['zne'] has them, as extrapolator and extrapolated_noise_factors"
        raise UndrawableError("result", result, wanted, "without the noise_factors and models of its data")
    shape = tuple(np.shape(result.data.evs))
    return _Fits(result.data, shape, np.asarray(factors, float), np.asarray(at, float), tuple(map(str, models)))


def _drawn(fits: _Fits, indices: Sequence[Index] | None, names: Sequence[str] | None) -> list[tuple[Index, str]]:
    """Return index and name of each expectation value that is drawn."""
    wanted = f"a list of 1 to {MOST_PANELS} indices of the shape {fits.shape}"
    asked = list(_indices(fits, indices, wanted))
    if not 0 < len(asked) <= MOST_PANELS:
        count = len(asked) if indices is not None else prod(fits.shape)
        raise UndrawableError("indices", indices, wanted, f"for {count} expectation values")
    if names is None:
        return [(index, f"value {', '.join(map(str, index))}" if index else "value") for index in asked]
    called = list(names) if isinstance(names, list | tuple) else []
    if len(called) != len(asked) or not all(isinstance(name, str) for name in called):
        raise UndrawableError("names", names, f"a list of {len(asked)} texts, one for each value")
    return list(zip(asked, called, strict=True))


def _indices(fits: _Fits, indices: Any, wanted: str) -> Iterator[Index]:
    if indices is None:
        yield from islice(np.ndindex(fits.shape), MOST_PANELS + 1)
        return
    listed = list(indices) if isinstance(indices, list | tuple | range) else None
    if isinstance(indices, np.ndarray) and indices.ndim:
        listed = list(indices)
    if listed is None:
        raise UndrawableError("indices", indices, wanted)
    for given in listed:
        index = given if isinstance(given, tuple | list | np.ndarray) else (given,)
        whole = all(isinstance(number, int | np.integer) and not isinstance(number, bool) for number in index)
        if not whole or len(index) != len(fits.shape) or not all(map(_is_in, index, fits.shape)):
            raise UndrawableError("indices", indices, wanted)
        yield tuple(map(int, index))


def _is_in(number: int, size: int) -> bool:
    return -size <= number < size


def _read_shown(num_stds: float, max_mag: float, max_std: float) -> _Shown:
    return _Shown(*(_number(name, value, 0, 1e6) for name, value in locals().items()))


def _number(name: str, value: Any, least: float, most: float) -> Any:
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not is_number or isinstance(value, np.timedelta64) or not least <= value <= most:
        raise UndrawableError(name, value, f"a number from {least:g} to {most:g}")
    return value


# How it is drawn


def _panels(
    count: int, columns: int, width: float, height: float, *, sharey: bool = False
) -> "tuple[Figure, list[Any]]":
    """Return a figure of its own with so many panels. Nothing of matplotlib's global state is touched."""
    from matplotlib.figure import Figure

    size = (_number("width", width, *_SIDES) / _DOTS, _number("height", height, *_SIDES) / _DOTS)
    figure = Figure(figsize=size, dpi=_DOTS, layout="constrained")
    grid = figure.subplots(ceil(count / columns), columns, sharex=True, sharey=sharey, squeeze=False)
    panels = list(grid.flat)
    for empty in panels[count:]:
        empty.remove()
    for place, axes in enumerate(panels[:count]):
        axes.grid(color="0.9")
        axes.set_axisbelow(True)
        axes.tick_params(labelbottom=place + columns >= count)
        if place + columns >= count:
            axes.set_xlabel("noise factor")
        if place % columns == 0:
            axes.set_ylabel("expectation value")
    return figure, panels[:count]


def _colours(colorscale: str, drawn: Sequence[Any]) -> list[Any]:
    """Return a colour for each, from all over a map but for its light end."""
    from matplotlib import colormaps

    known = {name.lower(): name for name in colormaps}
    name = known.get(colorscale.lower()) if isinstance(colorscale, str) else None
    if name is None:
        raise UndrawableError("colorscale", colorscale, "the name of a colour map of matplotlib, such as 'viridis'")
    return [colormaps[name](part) for part in np.linspace(0.1, 0.75, len(drawn))]


def _draw_measured(axes: Any, fits: _Fits, index: Index, shown: _Shown, colour: Any) -> None:
    values, errors = fits.data.evs_noise_factors[index], fits.data.stds_noise_factors[index]
    _draw_points(axes, fits.factors, values, shown.num_stds * errors, colour=colour, marker="o", size=5)
    axes.set_xticks(sorted({0.0, *fits.factors}))


def _draw_points(axes: Any, at: Any, values: Any, errors: Any, *, colour: Any, marker: str, size: float) -> None:
    told = np.where(np.isfinite(errors), errors, 0.0)
    axes.errorbar(
        at, values, yerr=told, color=colour, marker=marker, markersize=size, linestyle="", capsize=3, zorder=3
    )


def _draw_line(axes: Any, fits: _Fits, place: Index, shown: _Shown, colour: Any) -> bool:
    """Draw what a model says, with its error around it. Returns whether it is shown."""
    values, errors = fits.data.evs_extrapolated[place], fits.data.stds_extrapolated[place]
    if shown.hides(values, errors):
        return False
    order = np.argsort(fits.at)
    at, values, width = fits.at[order], values[order], shown.num_stds * errors[order]
    axes.plot(at, values, color=colour)
    axes.fill_between(at, values - width, values + width, color=colour, alpha=0.2, linewidth=0)
    return True


def _note(axes: Any, words: str) -> None:
    axes.text(0.5, 0.02, shorten(words, 60), transform=axes.transAxes, ha="center", va="bottom", color="0.4", size=8)


def _legend(figure: "Figure", entries: Sequence[tuple[str, Any, str]]) -> None:
    """Tell beside the panels what the colours are. A marker says points, none a line."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour, marker=marker, linestyle="" if marker else "-", label=label)
        for label, colour, marker in entries
    ]
    figure.legend(handles=handles, loc="outside right upper", frameon=False)
