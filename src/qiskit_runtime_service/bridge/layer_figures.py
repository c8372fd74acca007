"""Figures of the errors of layers, with plotly: on the map of a device, and as swarms of rates."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import cos, inf, pi, sin
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from qiskit.providers import BackendV2
from qiskit.quantum_info import Pauli

from .._shown import counted
from .embeddings import Embedding, read_embedding
from .plotly_figures import (
    UndrawableError,
    is_number,
    is_text,
    read_colorscale,
    read_colour,
    read_count,
    read_list,
    read_number,
    read_sides,
    require_plotly,
    sample_colours,
)
from .result_types import LayerError

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

LARGE: Final = 1e6
MOST_BODIES: Final = 10_000
BINS: Final = 10
"""Of a swarm, where nothing else is asked for."""

SLICES: Final = {"Z": -pi / 6, "X": pi / 2, "Y": 7 * pi / 6}
"""Where the slice of a pie for errors of a kind begins, each a third of the pie: at the right, the left, and below."""
KEY: Final = {"Z": ("lightgreen", 0.25, 0.15), "X": ("dodgerblue", -0.25, 0.15), "Y": ("khaki", 0, -0.3)}
"""The pie that explains the others: of each slice the colour, and where its letter is."""
ARC: Final = 21
"""Points of the arc of a slice."""
SMALLEST: Final = 6
LARGEST: Final = 12
"""Of the numbers of qubits, in pixels."""

Rates = dict[str, float]
"""By Pauli operator of the qubits, as a label."""
Spot = tuple[float, float]
"""Where a qubit is drawn: to the right, and up."""


# On the map of a device


class _Terms(NamedTuple):
    """The rates of an error that a map can show."""

    of_qubits: dict[int, Rates]
    of_pairs: dict[tuple[int, int], Rates]
    """The lower qubit first; labels have the higher one first, as those of Qiskit."""

    def highest(self) -> float:
        """Return the highest rate, and 0 if there is none above. What is no number has no part in it."""
        groups = (*self.of_qubits.values(), *self.of_pairs.values())
        return max((rate for rates in groups for rate in rates.values() if rate > 0), default=0.0)


def draw_layer_error_map(
    layer_error: LayerError,
    embedding: Embedding | BackendV2,
    colorscale: str = "Bluered",
    color_no_data: str = "lightgray",
    color_out_of_scale: str = "lightgreen",
    num_edge_segments: int = 16,
    edge_width: float = 4,
    height: int = 500,
    highest_rate: float | None = None,
    background_color: str = "white",
    radius: float = 0.25,
    width: int = 800,
) -> "Figure":
    """Draw the error of a layer on the map of a device.

    A qubit is a pie with a slice for each of X, Y and Z, and an edge goes from its lowest rate to its highest.
    Generators on three qubits and more are not shown.

    Args:
        layer_error: The layer. If its error is not known, no qubit and no edge has data.
        embedding: Where the qubits of the device are, or the backend.
        colorscale: For rates from 0 to `highest_rate`, by its name.
        color_no_data: Of what no rate is known of.
        color_out_of_scale: Of rates above `highest_rate`.
        num_edge_segments: How many colours an edge is made of, at least 1.
        edge_width: In pixels.
        height: Of the figure, in pixels.
        highest_rate: The end of the scale; `None` for the highest of the rates.
        background_color: Behind the map.
        radius: Of a pie; neighbours are 1 apart.
        width: Of the figure, in pixels.

    Raises:
        ValueError: An argument cannot be meant, or a qubit of the layer has no place.
        ImportError: Plotly is not installed.

    Source: behaviour B494.
    """
    require_plotly()
    import plotly.graph_objects as go

    terms = _read_terms(_read_layer("layer_error", layer_error))
    known = read_embedding("embedding", embedding)
    # Rows go down, and axes up.
    spots = [(column, -row) for row, column in known.coordinates]
    used = {*terms.of_qubits, *(qubit for pair in terms.of_pairs for qubit in pair)}
    if used and max(used) >= len(spots):
        wanted = f"one of at least {max(used) + 1} qubits, as the layer has"
        raise UndrawableError("embedding", embedding, wanted, f"of {counted(len(spots), 'qubit')}")
    coupled = {(min(pair), max(pair)) for pair in known.coupling_map.get_edges()}
    segments = read_count("num_edge_segments", num_edge_segments, 1, 1000)
    edge_width = read_number("edge_width", edge_width, 0, 1000)
    radius = read_number("radius", radius, 0, 10)
    paint = _read_paint(terms, colorscale, color_no_data, color_out_of_scale, highest_rate)
    sides = read_sides(height, width)
    behind = read_colour("background_color", background_color)
    edges = [
        {**trace, "line": {**trace["line"], "width": edge_width}, "mode": "lines"}
        for pair in sorted({*coupled, *terms.of_pairs})
        for trace in _draw_edge([spots[qubit] for qubit in pair], terms.of_pairs.get(pair, {}), segments, paint)
    ]
    pies = [terms.of_qubits.get(qubit, {}) for qubit in range(len(spots))]
    centres = {
        "x": [x for x, _ in spots],
        "y": [y for _, y in spots],
        "hovertemplate": [_describe(rates) for rates in pies],
        # The slices hide them: they have what a mouse is shown, and the bar beside the map.
        "marker": {
            "color": [max(rates.values(), default=0.0) for rates in pies],
            "colorscale": colorscale,
            "cmin": 0,
            "cmax": paint.highest,
            "showscale": True,
        },
        "mode": "markers",
    }
    right, bottom = max((x for x, _ in spots), default=0), min((y for _, y in spots), default=0)
    slices = [
        _draw_slice(spot, radius, letter, paint.of_rate(rates.get(letter)))
        for spot, rates in zip(spots, pies, strict=True)
        for letter in SLICES
    ]
    slices += [_draw_slice((right + 1.25, 0), 0.5, letter, colour) for letter, (colour, *_) in KEY.items()]
    unit = min(sides["width"] / (right + 3), sides["height"] / (2 - bottom))
    # Numbers begin beside an edge that goes up.
    beside = {"xanchor": "left", "xshift": -unit / 8}
    words = [{"x": x + 0.3, "y": y + 0.4, "text": str(qubit), **beside} for qubit, (x, y) in enumerate(spots)]
    words += [{"x": right + 1.25 + x, "y": y, "text": f"<b>{letter}</b>"} for letter, (_, x, y) in KEY.items()]
    font = {"size": min(max(unit / 3, SMALLEST), LARGEST)}
    plain = {"showticklabels": False, "showgrid": False, "zeroline": False}
    # Given all at once: plotly takes a millisecond and more to add one.
    return go.Figure(
        data=[{"type": "scatter", "name": "", "showlegend": False, **trace} for trace in (*edges, centres)],
        layout={
            **sides,
            "shapes": slices,
            "annotations": [{"showarrow": False, "font": font, **word} for word in words],
            "xaxis": {"range": [-1, right + 2], **plain},
            "yaxis": {"range": [bottom - 1, 1], "scaleanchor": "x", "scaleratio": 1, **plain},
            "plot_bgcolor": behind,
            "margin": {"l": 20, "r": 20, "t": 20, "b": 20},
        },
    )


class _Paint(NamedTuple):
    """Which colour rates have."""

    scale: Any
    """Of plotly."""
    highest: float
    """The rate at the end of the scale."""
    above: str
    """Of higher rates."""
    unknown: str
    """Of what no rate is known of."""

    def of_rate(self, rate: float | None) -> str:
        if rate is None or np.isnan(rate):
            return self.unknown
        if rate > self.highest:
            return self.above
        (colour,) = sample_colours(self.scale, [max(rate, 0.0) / self.highest if self.highest else 0.0])
        return colour


def _read_paint(terms: _Terms, colorscale: str, unknown: str, above: str, highest_rate: float | None) -> _Paint:
    return _Paint(
        scale=read_colorscale("colorscale", colorscale),
        highest=terms.highest() if highest_rate is None else read_number("highest_rate", highest_rate, 0, LARGE),
        above=read_colour("color_out_of_scale", above),
        unknown=read_colour("color_no_data", unknown),
    )


def _read_layer(name: str, value: Any) -> LayerError:
    if not isinstance(value, LayerError):
        raise UndrawableError(name, value, "a LayerError, such as job.result()[0] of a noise learner")
    return value


def _read_terms(layer: LayerError) -> _Terms:
    """Return the rates of a layer by the qubits of the device. Those of one operator add up."""
    of_qubits: defaultdict[int, Rates] = defaultdict(dict)
    of_pairs: defaultdict[tuple[int, int], Rates] = defaultdict(dict)
    for label, rate in _rates_of(layer):
        letters = sorted(
            (qubit, letter) for qubit, letter in zip(layer.qubits, reversed(label), strict=True) if letter != "I"
        )
        match letters:
            case [(qubit, letter)]:
                of_qubits[qubit][letter] = of_qubits[qubit].get(letter, 0.0) + rate
            case [(low, right), (high, left)]:
                rates = of_pairs[low, high]
                rates[left + right] = rates.get(left + right, 0.0) + rate
    ordered = {
        qubit: {letter: rates[letter] for letter in SLICES if letter in rates} for qubit, rates in of_qubits.items()
    }
    return _Terms(ordered, of_pairs)


def _rates_of(layer: LayerError) -> list[tuple[str, float]]:
    """Return label and rate of each generator; none if the error is not known."""
    if layer.error is None:
        return []
    return list(zip(layer.error.generators.to_labels(), layer.error.rates.tolist(), strict=True))


def _describe(rates: Rates) -> str:
    """Return what is shown where a mouse is over a qubit or an edge."""
    return "".join(f"<br>{label}: {rate}" for label, rate in rates.items()) or "No data"


def _draw_edge(ends: Sequence[Spot], rates: Rates, segments: int, paint: _Paint) -> Iterator[dict[str, Any]]:
    """Yield the pieces of an edge, from the first end to the second. One without rates is of one piece."""
    count = segments if rates else 1
    xs, ys = (np.linspace(first, last, count + 1).tolist() for first, last in zip(*ends, strict=True))
    # An edge of one piece has the colour of the highest.
    drawn = np.linspace(max(rates.values()), min(rates.values()), count)[::-1].tolist() if rates else [None]
    for place, rate in enumerate(drawn):
        yield {
            "x": xs[place : place + 2],
            "y": ys[place : place + 2],
            "line": {"color": paint.of_rate(rate)},
            "hovertemplate": _describe(rates),
        }


def _draw_slice(spot: Spot, radius: float, letter: str, colour: str) -> dict[str, Any]:
    """Return a slice of a pie."""
    x, y = spot
    angles = (SLICES[letter] + 2 * pi / 3 * step / (ARC - 1) for step in range(ARC))
    arc = [f"{x + radius * cos(angle)},{y + radius * sin(angle)}" for angle in angles]
    path = f"M {x},{y} L{' L'.join(arc)} Z"
    return {"type": "path", "path": path, "fillcolor": colour, "line": {"color": "black", "width": 1}}


# As swarms


def draw_layer_errors_swarm(
    layer_errors: Sequence[LayerError],
    num_bodies: int | None = None,
    max_rate: float | None = None,
    min_rate: float | None = None,
    connected: Sequence[Pauli | str] | None = None,
    colors: Sequence[str] | None = None,
    num_bins: int | None = None,
    opacities: float | Sequence[float] = 0.4,
    names: Sequence[str] | None = None,
    x_coo: Sequence[float] | None = None,
    marker_size: float | None = None,
    height: int = 500,
    width: int = 800,
) -> "Figure":
    """Draw the rates of layers, a swarm for each: points up a vertical axis, beside each other where rates are close.

    Args:
        layer_errors: The layers. Where the error is not known, there are no points.
        num_bodies: On how many qubits the generators act that are shown; `None` for all.
        max_rate: Higher ones are left out.
        min_rate: Lower ones are left out.
        connected: Generators, by operator or label, whose points are joined by lines from layer to layer. They are
            shown whatever their rate is.
        colors: Of the swarms, one for each; `None` for one colour.
        num_bins: How many parts of equal size the range of the rates of a layer has; rates in one part are beside each
            other. `None` for 10.
        opacities: Of the points of each swarm, or of all, from 0 to 1.
        names: Of the swarms, one for each; `None` for their numbers.
        x_coo: Where the axes of the swarms are; `None` for 0, 1, 2 and so on.
        marker_size: Of a point, in pixels.
        height: Of the figure, in pixels.
        width: Of the figure, in pixels.

    Raises:
        ValueError: An argument cannot be meant.
        ImportError: Plotly is not installed.

    Source: behaviour B505.
    """
    require_plotly()
    import plotly.graph_objects as go

    wanted = "a list of LayerError, such as job.result().data of a noise learner"
    layers: list[LayerError] = read_list("layer_errors", layer_errors, wanted, lambda one: isinstance(one, LayerError))
    each = f"a list of {len(layers)}, one for each layer, of "
    labels = [f"layer #{place}" for place in range(len(layers))]
    called = labels if names is None else read_list("names", names, each + "texts", is_text, len(layers))
    at = [*range(len(layers))]
    at = at if x_coo is None else read_list("x_coo", x_coo, each + "numbers", _is_in_range, len(layers))
    colours = ["dodgerblue"] * len(layers)
    if colors is not None:
        colours = [
            read_colour("colors", one) for one in read_list("colors", colors, each + "colours", is_text, len(layers))
        ]
    if not isinstance(opacities, list | tuple | np.ndarray):
        opacities = [read_number("opacities", opacities, 0, 1)] * len(layers)
    shades = read_list("opacities", opacities, each + "numbers from 0 to 1", _is_share, len(layers))
    joined = [] if connected is None else _read_generators(connected)
    shown = _Shown(
        bodies=None if num_bodies is None else read_count("num_bodies", num_bodies, 0, MOST_BODIES),
        lowest=-inf if min_rate is None else read_number("min_rate", min_rate, -LARGE, LARGE),
        highest=inf if max_rate is None else read_number("max_rate", max_rate, -LARGE, LARGE),
        always=frozenset(joined),
        bins=BINS if num_bins is None else read_count("num_bins", num_bins, 1, MOST_BODIES),
    )
    size = None if marker_size is None else read_number("marker_size", marker_size, 0, 1000)
    figure = go.Figure(layout=read_sides(height, width))
    swarms = [_place_points(layer, axis, shown) for layer, axis in zip(layers, at, strict=True)]
    for points, name, colour, opacity in zip(swarms, called, colours, shades, strict=True):
        figure.add_scatter(
            x=[point.x for point in points],
            y=[point.rate for point in points],
            hovertemplate=[f"Generator: {point.label}<br>  rate: {point.rate}" for point in points],
            marker={"color": colour, "opacity": opacity, "size": size},
            mode="markers",
            name=name,
            showlegend=False,
        )
    for label in joined:
        found = [
            (point, name)
            for points, name in zip(swarms, called, strict=True)
            for point in points
            if point.label == label
        ]
        figure.add_scatter(
            x=[point.x for point, _ in found],
            y=[point.rate for point, _ in found],
            hovertemplate=[f"{name}<br>  gen.: {label}<br>  rate: {point.rate}" for point, name in found],
            mode="lines+markers",
            name=label,
        )
    figure.update_layout(
        xaxis={
            "title": "layers",
            "tickvals": at,
            "ticktext": called,
            "range": [min(at, default=0) - 1, max(at, default=0) + 1],
            "showgrid": False,
            "zeroline": False,
        },
        yaxis={"title": "rates"},
    )
    return figure


class _Shown(NamedTuple):
    """Which rates of a layer are shown, and how close they must be to lie beside each other."""

    bodies: int | None
    lowest: float
    highest: float
    always: frozenset[str]
    """Generators that are shown whatever their rates."""
    bins: int


class _Point(NamedTuple):
    label: str
    rate: float
    x: float


def _place_points(layer: LayerError, axis: float, shown: _Shown) -> list[_Point]:
    """Return the points of a swarm, part by part from below, and in each in the order of the generators."""
    terms = [
        (label, rate)
        for label, rate in _rates_of(layer)
        if shown.bodies is None or len(label) - label.count("I") == shown.bodies
    ]
    least = min((rate for _, rate in terms), default=0.0)
    part = (max((rate for _, rate in terms), default=0.0) - least) / shown.bins
    bins: defaultdict[float, list[tuple[str, float]]] = defaultdict(list)
    for label, rate in terms:
        if shown.lowest <= rate <= shown.highest or label in shown.always:
            bins[(rate - least) // part if part else 0.0].append((label, rate))
    return [
        _Point(label, rate, axis + (place - len(bins[low]) // 2) / len(terms))
        for low in sorted(bins)
        for place, (label, rate) in enumerate(bins[low])
    ]


def _read_generators(connected: Any) -> list[str]:
    wanted = "a list of Pauli operators, or labels of them such as 'IXZ'"
    given = read_list("connected", connected, wanted, lambda one: isinstance(one, str | Pauli))
    labels = [one if isinstance(one, str) else one.to_label() for one in given]
    if not all(label and set(label) <= set("IXYZ") for label in labels):
        raise UndrawableError("connected", connected, wanted)
    return labels


def _is_in_range(value: Any) -> bool:
    return is_number(value) and abs(value) <= LARGE


def _is_share(value: Any) -> bool:
    return _is_in_range(value) and 0 <= value <= 1
