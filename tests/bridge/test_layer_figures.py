"""Figures of errors of layers: what each qubit, edge and point stands for, and what is said of it."""

import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import Pauli, PauliList
from qiskit.transpiler import CouplingMap

from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.fake_provider import FakeFez
from qiskit_runtime_service.results import LayerError, PauliLindbladError
from qiskit_runtime_service.visualization import draw_layer_error_map, draw_layer_errors_swarm
from qiskit_runtime_service.visualization.embeddings import Embedding

ROW = Embedding([(0, 0), (0, 1), (0, 3)], [(0, 1), (1, 0), (2, 1)])
"""Three qubits beside each other, with a gap."""
SINGLE = {"IIX": 0.01, "IXI": 0.03, "ZII": 0.02}
BLUE, RED = "rgb(0, 0, 255)", "rgb(255, 0, 0)"
"""The ends of the scale that is taken if none is asked for."""


def layer(rates: dict[str, float], *qubits: int) -> LayerError:
    error = PauliLindbladError(PauliList(list(rates)), list(rates.values()))
    width = error.num_qubits
    return LayerError(QuantumCircuit(width), qubits or range(width), error)


def unknown(width: int) -> LayerError:
    return LayerError(QuantumCircuit(width), range(width))


# On the map of a device


def edges_of(figure: Any) -> list[list[Any]]:
    """Return the ends of each piece of an edge, what is said of it and its colour."""
    return [
        [*zip(trace.x, trace.y, strict=True), trace.hovertemplate, trace.line.color]
        for trace in figure.data
        if trace.mode == "lines"
    ]


def slices_of(figure: Any) -> list[tuple[tuple[float, float], str]]:
    """Return where the pie of each slice is, and its colour."""
    found = []
    for shape in figure.layout.shapes:
        x, y = re.match(r"M (\S+),(\S+) ", shape.path).groups()  # type: ignore[union-attr]  # each path begins so
        found.append(((float(x), float(y)), shape.fillcolor))
    return found


@pytest.mark.holds("B494")
def test_qubits_are_where_the_embedding_says_with_their_rates_and_numbers() -> None:
    bent = Embedding([(0, 0), (0, 1), (1, 1)], [(0, 1), (1, 2)])
    figure = layer({**SINGLE, "IIZ": 0.005}).draw_map(bent)
    (qubits,) = (trace for trace in figure.data if trace.mode == "markers")
    assert list(zip(qubits.x, qubits.y, strict=True)) == [(0, 0), (1, 0), (1, -1)]
    assert list(qubits.hovertemplate) == ["<br>Z: 0.005<br>X: 0.01", "<br>X: 0.03", "<br>Z: 0.02"]
    assert list(qubits.marker.color) == [0.01, 0.03, 0.02]
    assert (qubits.marker.cmin, qubits.marker.cmax, qubits.marker.showscale) == (0, 0.03, True)
    notes = [(note.text, note.x, note.y) for note in figure.layout.annotations]
    assert notes[:3] == [("0", 0.3, 0.4), ("1", 1.3, 0.4), ("2", 1.3, -0.6)]
    assert [text for text, _, _ in notes[3:]] == ["<b>Z</b>", "<b>X</b>", "<b>Y</b>"]
    assert (figure.layout.xaxis.range, figure.layout.yaxis.range) == ((-1, 3), (-2, 1))


@pytest.mark.holds("B494")
def test_a_pie_has_a_slice_for_each_operator_in_the_colour_of_its_rate() -> None:
    figure = layer({"IIZ": 0.04, "IIX": 0.0, "IYI": 0.04}).draw_map(ROW)
    gray = "lightgray"
    assert slices_of(figure)[:9] == [
        *(((0, 0), colour) for colour in (RED, BLUE, gray)),
        *(((1, 0), colour) for colour in (gray, gray, RED)),
        *(((3, 0), colour) for colour in (gray, gray, gray)),
    ]
    assert slices_of(figure)[9:] == [((4.25, 0), colour) for colour in ("lightgreen", "dodgerblue", "khaki")]


@pytest.mark.holds("B494")
def test_a_slice_is_at_the_right_the_left_or_below() -> None:
    right, left, below = (shape.path for shape in layer({"I": 0.0}).draw_map(ROW, radius=0.5).layout.shapes[:3])
    middles = []
    for path in (right, left, below):
        points = [tuple(map(float, point.split(","))) for point in re.findall(r"L(\S+)", path)]
        middles.append(points[len(points) // 2])
        assert all(math.hypot(*point) == pytest.approx(0.5) for point in points)
    assert [pytest.approx(middle) for middle in middles] == [
        (0.5 * np.cos(angle), 0.5 * np.sin(angle)) for angle in (np.pi / 6, 5 * np.pi / 6, 3 * np.pi / 2)
    ]


@pytest.mark.holds("B494")
def test_an_edge_goes_from_its_lowest_rate_to_its_highest() -> None:
    figure = layer({**SINGLE, "IXX": 0.04, "IYZ": 0.0}).draw_map(ROW, num_edge_segments=2, edge_width=9)
    assert edges_of(figure) == [
        [(0, 0), (0.5, 0), "<br>XX: 0.04<br>YZ: 0.0", BLUE],
        [(0.5, 0), (1, 0), "<br>XX: 0.04<br>YZ: 0.0", RED],
        [(1, 0), (3, 0), "No data", "lightgray"],
    ]
    assert {trace.line.width for trace in figure.data if trace.mode == "lines"} == {9}
    (whole, _) = edges_of(layer({"IXX": 0.04, "IYZ": 0.0}).draw_map(ROW, num_edge_segments=1))
    assert whole == [(0, 0), (1, 0), "<br>XX: 0.04<br>YZ: 0.0", RED]


@pytest.mark.holds("B494")
def test_rates_are_those_of_the_qubits_of_the_device() -> None:
    there = layer({"XZ": 0.01, "IY": 0.03}, 2, 1).draw_map(ROW, num_edge_segments=1)
    # Qubit 0 of the layer, where Z is, is qubit 2 of the device, which a label has first.
    assert [found[2] for found in edges_of(there)] == ["No data", "<br>ZX: 0.01"]
    assert list(there.data[-1].hovertemplate) == ["No data", "No data", "<br>Y: 0.03"]


@pytest.mark.holds("B494")
def test_rates_of_one_operator_add_up() -> None:
    figure = layer({"IIX": 0.01}).draw_map(ROW)
    assert figure.data[-1].hovertemplate[0] == "<br>X: 0.01"
    error = PauliLindbladError(PauliList(["IIX", "IIX", "IXX", "IXX"]), [0.25, 0.5, 0.125, 0.25])
    twice = LayerError(QuantumCircuit(3), range(3), error).draw_map(ROW, num_edge_segments=1)
    assert twice.data[-1].hovertemplate[0] == "<br>X: 0.75"
    assert edges_of(twice)[0][2] == "<br>XX: 0.375"


@pytest.mark.holds("B494")
def test_the_scale_ends_at_the_highest_rate_and_what_is_above_has_a_colour_of_its_own() -> None:
    rates = {**SINGLE, "IXX": 0.021, "IIY": float("nan")}
    figure = layer(rates).draw_map(
        ROW, "RdBu", "blue", "red", 2, highest_rate=0.02, background_color="pink", height=300, width=200
    )
    assert [found[-1] for found in edges_of(figure)] == ["red", "red", "blue"]
    assert [colour for _, colour in slices_of(figure)[:9]] == [
        *("blue", "rgb(247, 247, 247)", "blue"),
        *("blue", "red", "blue"),
        *("rgb(5, 48, 97)", "blue", "blue"),
    ]
    assert figure.data[-1].marker.cmax == 0.02
    assert (figure.layout.height, figure.layout.width, figure.layout.plot_bgcolor) == (300, 200, "pink")


@pytest.mark.holds("B494")
@pytest.mark.parametrize("error", [unknown(3), layer({"III": 0.5}), layer({"XYZ": 0.5})])
def test_what_no_rate_is_known_of_has_no_data(error: LayerError) -> None:
    figure = error.draw_map(ROW)
    assert {found[2] for found in edges_of(figure)} == set(figure.data[-1].hovertemplate) == {"No data"}
    assert len(edges_of(figure)) == 2
    assert {colour for _, colour in slices_of(figure)[:-3]} == {"lightgray"}


@pytest.mark.holds("B494")
def test_an_error_between_qubits_that_are_not_coupled_has_an_edge_too() -> None:
    figure = layer({"XIX": 0.5}).draw_map(ROW, num_edge_segments=1)
    assert [(found[:2], found[2]) for found in edges_of(figure)] == [
        ([(0, 0), (1, 0)], "No data"),
        ([(0, 0), (3, 0)], "<br>XX: 0.5"),
        ([(1, 0), (3, 0)], "No data"),
    ]


@pytest.mark.holds("B494")
def test_a_device_of_156_qubits_is_drawn_whole() -> None:
    figure = layer({"XX": 0.1, "IY": 0.2}, 3, 16).draw_map(FakeFez(), num_edge_segments=1)
    assert len(figure.layout.shapes) == 157 * 3
    assert len(edges_of(figure)) == 176
    assert [found[:3] for found in edges_of(figure) if found[2] != "No data"] == [[(3, 0), (3, -1), "<br>XX: 0.1"]]
    assert [note.text for note in figure.layout.annotations[:156]] == [str(qubit) for qubit in range(156)]


@pytest.mark.holds("B494")
def test_the_smallest_maps_are_drawn() -> None:
    one = layer({"X": 0.5}).draw_map(Embedding([(0, 0)], []))
    assert (len(one.data), len(one.layout.shapes), edges_of(one)) == (1, 6, [])
    two = layer({"XY": 0.5}).draw_map(Embedding([(0, 0), (1, 0)], CouplingMap([(1, 0)])), num_edge_segments=1)
    assert edges_of(two) == [[(0, 0), (0, -1), "<br>XY: 0.5", RED]]


@pytest.mark.holds("B491", "B494")
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"layer_error": 5}, r"layer_error is 5\W+[iI]t must be a LayerError"),
        ({"embedding": 5}, r"embedding is 5\W+[iI]t must be an Embedding, or a backend"),
        (
            {"embedding": GenericBackendV2(3)},
            r"embedding is 'generic_backend_3q', which does not tell where its qubits",
        ),
        ({"embedding": Embedding([(0, 0)], [])}, r"embedding is of 1 qubit\W+[iI]t must be one of at least 3 qubits"),
        ({"colorscale": "beauty"}, r"colorscale is 'beauty'\W+[iI]t must be the name of a colour scale"),
        ({"color_no_data": "greenish"}, r"color_no_data is 'greenish'\W+[iI]t must be a colour of CSS"),
        ({"color_out_of_scale": 5}, "color_out_of_scale is 5"),
        ({"background_color": "x"}, "background_color is 'x'"),
        ({"num_edge_segments": 0}, r"num_edge_segments is 0\W+[iI]t must be a number from 1"),
        ({"edge_width": -1}, "edge_width is -1"),
        ({"highest_rate": -0.1}, "highest_rate is -0.1"),
        ({"radius": "x"}, "radius is 'x'"),
        ({"height": 1}, r"height is 1\W+[iI]t must be a number from 100 to 10000"),
    ],
)
def test_a_map_that_cannot_be_meant_says_which_value_and_the_way_out(given: dict[str, Any], words: str) -> None:
    with pytest.raises(IBMInputValueError, match=words):
        draw_layer_error_map(**{"layer_error": layer(SINGLE), "embedding": ROW, **given})
    if "layer_error" not in given:
        with pytest.raises(ValueError, match=words):
            layer(SINGLE).draw_map(**{"embedding": ROW, **given})


# As swarms

SIX = layer({"IIX": 0.01, "IXI": 0.011, "IXX": 0.02, "ZZI": 0.021, "YII": 0.03, "XXX": 0.0})


def points_of(trace: Any) -> dict[str, tuple[float, float]]:
    """Return where the point of each generator is."""
    labels = [re.search(r"(?:Generator|gen\.): (\w+)", words).group(1) for words in trace.hovertemplate]  # type: ignore[union-attr]  # each has one
    return {label: (round(x, 6), y) for label, x, y in zip(labels, trace.x, trace.y, strict=True)}


@pytest.mark.holds("B505")
def test_points_are_at_their_rates_and_beside_each_other_where_those_are_close() -> None:
    figure = SIX.draw_swarm(num_bins=2)
    (trace,) = figure.data
    assert points_of(trace) == {
        # In the lower half, in the order of the generators; a step is one of as many as there are generators.
        "IIX": (-0.166667, 0.01), "IXI": (0, 0.011), "XXX": (0.166667, 0.0),
        "IXX": (-0.166667, 0.02), "ZZI": (0, 0.021),
        # What begins a part is in it.
        "YII": (0, 0.03),
    }  # fmt: skip
    assert trace.hovertemplate[0] == "Generator: IIX<br>  rate: 0.01"
    assert (trace.name, trace.mode, trace.showlegend) == ("layer #0", "markers", False)
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("layers", "rates")
    assert (figure.layout.xaxis.tickvals, figure.layout.xaxis.ticktext) == ((0,), ("layer #0",))
    assert figure.layout.xaxis.range == (-1, 1)


@pytest.mark.holds("B505")
@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"num_bodies": 1}, {"IIX", "IXI", "YII"}),
        ({"num_bodies": 2}, {"IXX", "ZZI"}),
        ({"num_bodies": 0}, set()),
        ({"min_rate": 0.02}, {"IXX", "ZZI", "YII"}),
        ({"max_rate": 0.01}, {"IIX", "XXX"}),
        ({"min_rate": 0.01, "max_rate": 0.02, "num_bodies": 1}, {"IIX", "IXI"}),
        ({"max_rate": 0.01, "connected": ["YII"]}, {"IIX", "XXX", "YII"}),
        ({"min_rate": 9}, set()),
    ],
)
def test_which_generators_are_shown_is_asked_for(given: dict[str, Any], left: set[str]) -> None:
    assert set(points_of(SIX.draw_swarm(**given).data[0])) == left


@pytest.mark.holds("B505")
def test_generators_are_joined_from_layer_to_layer() -> None:
    two = [layer({"IX": 0.1, "XI": 0.2}), layer({"XI": 0.3}), layer({"IX": 0.4})]
    figure = draw_layer_errors_swarm(two, connected=[Pauli("IX"), "ZZ"], names=["a", "b", "c"])
    joined, nowhere = figure.data[3:]
    assert (joined.name, joined.mode) == ("IX", "lines+markers")
    assert list(joined.hovertemplate) == ["a<br>  gen.: IX<br>  rate: 0.1", "c<br>  gen.: IX<br>  rate: 0.4"]
    assert (list(joined.x), list(joined.y)) == ([0, 2], [0.1, 0.4])
    assert (nowhere.name, nowhere.x) == ("ZZ", ())


@pytest.mark.holds("B505")
def test_layers_look_as_they_are_asked_to() -> None:
    figure = draw_layer_errors_swarm(
        [SIX, SIX], colors=["red", "#00f"], opacities=[0.1, 1], names=["a", "b"], x_coo=[5, 2.5], marker_size=3,
        height=300, width=400,
    )  # fmt: skip
    assert [(one.name, one.marker.color, one.marker.opacity, one.marker.size) for one in figure.data] == [
        ("a", "red", 0.1, 3),
        ("b", "#00f", 1, 3),
    ]
    assert points_of(figure.data[1])["YII"] == (2.5, 0.03)
    assert (figure.layout.xaxis.tickvals, figure.layout.xaxis.ticktext) == ((5, 2.5), ("a", "b"))
    assert (figure.layout.xaxis.range, figure.layout.height, figure.layout.width) == ((1.5, 6), 300, 400)
    assert {one.marker.opacity for one in draw_layer_errors_swarm([SIX, SIX]).data} == {0.4}


@pytest.mark.holds("B505")
def test_layers_without_rates_or_with_one_are_drawn() -> None:
    figure = draw_layer_errors_swarm([unknown(2), layer({"X": 0.5}), layer({"X": 0.5, "Y": 0.5})])
    assert [points_of(trace) for trace in figure.data] == [{}, {"X": (1, 0.5)}, {"X": (1.5, 0.5), "Y": (2, 0.5)}]
    assert draw_layer_errors_swarm([]).data == ()


@pytest.mark.holds("B491", "B505")
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"num_bodies": -1}, "num_bodies is -1"),
        ({"max_rate": "x"}, "max_rate is 'x'"),
        ({"min_rate": []}, r"min_rate is \[\]"),
        ({"connected": ["Q"]}, r"connected is \['Q'\]\W+[iI]t must be a list of Pauli operators"),
        ({"connected": "XX"}, "connected is 'XX'"),
        ({"colors": ["red", "blue"]}, r"colors is .*\W+[iI]t must be a list of 1, one for each layer, of colours"),
        ({"colors": ["reddish"]}, "colors is 'reddish'"),
        ({"num_bins": 0}, r"num_bins is 0\W+[iI]t must be a number from 1"),
        ({"num_bins": 2.5}, r"num_bins is 2.5\W+[iI]t must be a whole number"),
        ({"opacities": 2}, r"opacities is 2\W+[iI]t must be a number from 0 to 1"),
        ({"opacities": [2]}, r"opacities is \[2\]\W+[iI]t must be a list of 1"),
        ({"names": "a"}, r"names is 'a'\W+[iI]t must be a list of 1"),
        ({"x_coo": [float("nan")]}, "x_coo is"),
        ({"marker_size": -1}, "marker_size is -1"),
        ({"width": 1}, "width is 1"),
    ],
)
def test_a_swarm_that_cannot_be_meant_says_which_value_and_the_way_out(given: dict[str, Any], words: str) -> None:
    with pytest.raises(IBMInputValueError, match=words):
        draw_layer_errors_swarm([SIX], **given)
    with pytest.raises(ValueError, match=words):
        SIX.draw_swarm(**given)
    with pytest.raises(IBMInputValueError, match=r"layer_errors is \[5\]"):
        draw_layer_errors_swarm([5])  # type: ignore[list-item]  # that is what is refused


@pytest.mark.holds("B505")
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(1, 30))
def test_each_point_has_a_place_of_its_own_within_half_a_step_of_its_axis(rates: list[float], bins: int) -> None:
    error = PauliLindbladError(PauliList(["X"] * len(rates)), rates)
    (trace,) = LayerError(QuantumCircuit(1), [0], error).draw_swarm(num_bins=bins).data
    assert sorted(trace.y) == sorted(rates)
    assert all(abs(x) <= 0.5 for x in trace.x)
    places = {x: [y for other, y in zip(trace.x, trace.y, strict=True) if other == x] for x in trace.x}
    assert all(len(set(heights)) == len(heights) for heights in places.values())
