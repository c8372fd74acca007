"""Figures of extrapolations to zero noise, with plotly: what was measured, and what was read from it."""

from collections.abc import Iterator, Sequence
from itertools import islice
from math import ceil, prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit.primitives.containers import PubResult

from .._shown import shorten
from .plotly_figures import (
    UndrawableError,
    read_colorscale,
    read_count,
    read_number,
    read_sides,
    require_plotly,
    sample_colours,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Floats = NDArray[np.float64]
Index = tuple[int, ...]

MOST_PANELS: Final = 64
"""In a figure with more, nothing can be read."""
MOST_BANDS: Final = 10
"""Of standard errors around a line."""
LARGE: Final = 1e6
LIGHT: Final = 0.85
"""Where a colour scale gets too light for a line on white."""
_FIELDS = ("evs", "stds", "evs_noise_factors", "stds_noise_factors", "evs_extrapolated", "stds_extrapolated")


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

    num_stds: int
    max_mag: float
    max_std: float

    def hides(self, values: Floats, errors: Floats) -> bool:
        """Whether a line has values or errors that are too large to be shown, or none."""
        return not (np.all(np.abs(values) <= self.max_mag) and np.all(errors <= self.max_std))


def draw_zne_evs(
    result: "PubResult",
    indices: Sequence[Index] | None = None,
    names: Sequence[str] | None = None,
    num_stds: int = 1,
    max_mag: float = 10,
    max_std: float = 0.2,
    height: int = 500,
    width: int = 1000,
    num_cols: int = 4,
    colorscale: str = "Aggrnyl",
) -> "Figure":
    """Draw how expectation values were extrapolated to zero noise, a panel for each.

    Points are what was measured, lines what each model says at `extrapolated_noise_factors` with its error around it,
    and the diamond at 0 is the result.

    Args:
        result: Of a PUB of an estimator, with ZNE.
        indices: Which expectation values, by their index in the shape of the PUB; `None` for all, at most 64.
        names: What the panels are called; `None` for the indices.
        num_stds: How many standard errors are drawn around a line, a band for each.
        max_mag: A line with larger values is left out, and the panel says so.
        max_std: So is a line with larger errors.
        height: Of the figure, in pixels.
        width: In pixels, too.
        num_cols: Panels in a row, at most.
        colorscale: A colour scale of plotly, by its name.

    Raises:
        ValueError: The result has no extrapolation, or an argument cannot be meant.
        ImportError: Plotly is not installed.

    Source: behaviour B411.
    """
    require_plotly()
    fits = _fits_of(result)
    drawn = _drawn(fits, indices, names)
    shown = _read_shown(num_stds, max_mag, max_std)
    columns = min(read_count("num_cols", num_cols, 1, MOST_PANELS), len(drawn))
    colours = _colours(colorscale, len(fits.models))
    figure = _panels([name for _, name in drawn], columns, height, width)
    named: set[str] = set()
    for panel, (index, name) in enumerate(drawn):
        where = _place(panel, columns)
        figure.add_scatter(**_points(fits, index, name, "black"), **where, showlegend=False)
        hidden = []
        for place, (model, colour) in enumerate(zip(fits.models, colours, strict=True)):
            lines = _lines(fits, index, place, shown, colour)
            if not lines:
                hidden.append(model)
            for trace in lines:
                first = "name" in trace and model not in named
                figure.add_scatter(**trace, **where, legendgroup=str(place), showlegend=first)
            if lines:
                named.add(model)
        _note(figure, hidden, where)
    # What is drawn beside the traces of IBM's client comes after them.
    for panel, (index, _) in enumerate(drawn):
        value, error = float(fits.data.evs[index]), float(fits.data.stds[index])
        if not shown.hides(np.asarray(value), np.zeros(())):
            figure.add_scatter(**_result(value, error), **_place(panel, columns), showlegend="result" not in named)
            named.add("result")
    return figure


def draw_zne_extrapolators(
    result: "PubResult",
    indices: Sequence[Index] | None = None,
    names: Sequence[str] | None = None,
    num_stds: int = 1,
    max_mag: float = 10,
    max_std: float = 0.2,
    height: int = 500,
    width: int = 1000,
    colorscale: str = "Aggrnyl",
) -> "Figure":
    """Draw how expectation values were extrapolated to zero noise, a panel for each model, all values in it.

    The arguments are those of `draw_zne_evs`; `names` are those of the expectation values. A value whose line is left
    out is not in the panel of that model.

    Raises:
        ValueError: The result has no extrapolation, or an argument cannot be meant.
        ImportError: Plotly is not installed.

    Source: behaviour B411.
    """
    require_plotly()
    fits = _fits_of(result)
    drawn = _drawn(fits, indices, names)
    shown = _read_shown(num_stds, max_mag, max_std)
    columns = len(fits.models)
    colours = _colours(colorscale, len(drawn))
    figure = _panels(fits.models, columns, height, width, shared_yaxes=True)
    hidden: list[list[str]] = [[] for _ in fits.models]
    for group, ((index, name), colour) in enumerate(zip(drawn, colours, strict=True)):
        named = False
        for place in range(columns):
            lines = _lines(fits, index, place, shown, colour)
            if not lines:
                hidden[place].append(name)
                continue
            shared = {**_place(place, columns), "legendgroup": str(group)}
            figure.add_scatter(**_points(fits, index, name, colour), **shared, showlegend=not named)
            named = True
            for trace in lines:
                figure.add_scatter(**trace, **shared, showlegend=False)
    for place, left_out in enumerate(hidden):
        _note(figure, left_out, _place(place, columns))
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
        return [(index, _name_of(index)) for index in asked]
    called = list(names) if isinstance(names, list | tuple) else []
    if len(called) != len(asked) or not all(isinstance(name, str) for name in called):
        raise UndrawableError("names", names, f"a list of {len(asked)} texts, one for each value")
    return list(zip(asked, called, strict=True))


def _name_of(index: Index) -> str:
    match index:
        case ():
            return "evs"
        case (place,):
            return f"evs_{place}"
    return f"evs_{index}"


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


def _read_shown(num_stds: int, max_mag: float, max_std: float) -> _Shown:
    return _Shown(
        read_count("num_stds", num_stds, 0, MOST_BANDS),
        read_number("max_mag", max_mag, 0, LARGE),
        read_number("max_std", max_std, 0, LARGE),
    )


# How it is drawn


def _panels(titles: Sequence[str], columns: int, height: int, width: int, *, shared_yaxes: bool = False) -> "Figure":
    """Return a figure with a panel for each title."""
    from plotly.subplots import make_subplots

    rows = ceil(len(titles) / columns)
    shared = {"shared_xaxes": True, "shared_yaxes": shared_yaxes}
    figure: Figure = make_subplots(rows=rows, cols=columns, subplot_titles=[*titles], **shared)
    figure.update_layout(**read_sides(height, width), plot_bgcolor="white", hoverlabel_align="right")
    lines = {"showline": True, "linecolor": "black", "mirror": True, "ticks": "outside"}
    lines |= {"gridcolor": "lightgrey", "zerolinecolor": "lightgrey"}
    figure.update_xaxes(**lines)
    figure.update_yaxes(**lines)
    figure.update_yaxes(title="expectation value", col=1)
    for panel in range(rows * columns):
        where = _place(panel, columns)
        if panel >= len(titles):
            figure.update_xaxes(visible=False, **where).update_yaxes(visible=False, **where)
        elif panel + columns >= len(titles):
            figure.update_xaxes(title="noise factor", showticklabels=True, **where)
    return figure


def _place(panel: int, columns: int) -> dict[str, int]:
    """Return row and column of a panel, as plotly counts them."""
    return {"row": panel // columns + 1, "col": panel % columns + 1}


def _colours(colorscale: str, count: int) -> list[str]:
    """Return so many colours, from all over a scale but for its light end."""
    return sample_colours(read_colorscale("colorscale", colorscale), np.linspace(0, LIGHT, count).tolist())


def _points(fits: _Fits, index: Index, name: str, colour: str) -> dict[str, Any]:
    """Return the trace of what was measured."""
    return {
        "x": fits.factors.tolist(),
        "y": fits.data.evs_noise_factors[index].tolist(),
        "error_y": {"array": fits.data.stds_noise_factors[index].tolist()},
        "hovertemplate": "noise_factor: %{x} <br>ev: %{y:.4f}<br>std: %{error_y.array:.4f}<extra></extra>",
        "marker": {"color": colour},
        "mode": "markers",
        "name": name,
    }


def _lines(fits: _Fits, index: Index, place: int, shown: _Shown, colour: str) -> list[dict[str, Any]]:
    """Return the traces of a model: its line, and a band for each standard error; none if it is not shown."""
    values, errors = fits.data.evs_extrapolated[*index, place], fits.data.stds_extrapolated[*index, place]
    if shown.hides(values, errors):
        return []
    order = np.argsort(fits.at)
    at, values, errors = fits.at[order], values[order], errors[order]
    words = f"extrapolator: {fits.models[place]}<br>noise_factor: %{{x}}<br>ev_extrap: %{{y:.4f}}<br>"
    line = {
        "x": at.tolist(),
        "y": values.tolist(),
        "customdata": errors.tolist(),
        "hovertemplate": words + "std: %{customdata:.4f}<extra></extra>",
        "line": {"color": colour},
        "mode": "lines",
        "name": fits.models[place],
    }
    bands = [
        {
            "x": [*at, *at[::-1]],
            "y": [*(values + times * errors), *(values - times * errors)[::-1]],
            "fill": "toself",
            "fillcolor": colour,
            "hoverinfo": "skip",
            "line": {"color": "rgba(255,255,255,0)"},
            "opacity": 0.2,
        }
        for times in range(1, shown.num_stds + 1)
    ]
    return [line, *bands]


def _result(value: float, error: float) -> dict[str, Any]:
    """Return the trace of the result at 0."""
    return {
        "x": [0.0],
        "y": [value],
        "error_y": {"array": [error]},
        "hovertemplate": "result: %{y:.4f}<br>std: %{error_y.array:.4f}<extra></extra>",
        "legendgroup": "result",
        "marker": {"color": "crimson", "symbol": "diamond", "size": 9},
        "mode": "markers",
        "name": "result",
    }


def _note(figure: "Figure", hidden: Sequence[str], where: dict[str, int]) -> None:
    """Say in a panel which lines are left out of it."""
    if hidden:
        words = shorten(f"not shown: {', '.join(hidden)}", 60)
        corner = {"xref": "x domain", "yref": "y domain", "x": 0.5, "y": 0.02, "yanchor": "bottom"}
        look = {"showarrow": False, "font": {"color": "dimgray", "size": 11}, "bgcolor": "rgba(255,255,255,0.8)"}
        figure.add_annotation(text=words, **look, **corner, **where)
