"""Figures of extrapolations: what stands in them, for whom, and what is said where there is nothing to draw."""

from typing import Any

import numpy as np
import pytest
from qiskit.primitives.containers import DataBin, PubResult

from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.results import EstimatorPubResult
from qiskit_runtime_service.visualization import draw_zne_evs, draw_zne_extrapolators

TOLD = {"noise_factors": [1, 3, 5], "extrapolator": ["exponential", "linear"], "extrapolated_noise_factors": [0, 1]}


def data(shape: tuple[int, ...] = (2,), **other: Any) -> DataBin:
    tails: dict[str, tuple[int, ...]] = {
        **dict.fromkeys(("evs", "stds"), ()),
        **dict.fromkeys(("evs_noise_factors", "stds_noise_factors"), (3,)),
        **dict.fromkeys(("evs_extrapolated", "stds_extrapolated"), (2, 2)),
    }
    values = {name: np.full((*shape, *tail), 0.5 if name.startswith("e") else 0.01) for name, tail in tails.items()}
    return DataBin(**values | other, shape=shape)


def result(shape: tuple[int, ...] = (2,), told: Any = TOLD, **other: Any) -> EstimatorPubResult:
    return EstimatorPubResult(data(shape, **other), {"resilience": {"zne": told}})


def names(figure: Any) -> list[str]:
    """Return what a legend says."""
    return [trace.name for trace in figure.data if trace.showlegend]


def titles(figure: Any) -> list[str]:
    return [note.text for note in figure.layout.annotations if not note.text.startswith("not shown")]


def notes(figure: Any) -> list[tuple[str, str]]:
    """Return what is said to be left out, and in which panel."""
    return [(note.xref, note.text) for note in figure.layout.annotations if note.text.startswith("not shown")]


def panel(figure: Any, axis: str) -> list[Any]:
    return [trace for trace in figure.data if trace.xaxis == axis]


@pytest.mark.holds("B411")
def test_a_panel_has_the_points_the_lines_and_the_result_with_their_errors() -> None:
    measured = np.array([[0.8, 0.6, 0.4], [0.7, 0.5, 0.3]])
    lines = np.array([[[0.95, 0.8], [0.9, 0.81]], [[0.85, 0.7], [0.8, 0.71]]])
    stds = np.array([0.03, 0.04])
    figure: Any = result(
        evs=np.array([0.95, 0.8]), stds=stds, evs_noise_factors=measured, evs_extrapolated=lines
    ).draw_zne_evs()
    assert titles(figure) == ["evs_0", "evs_1"]
    assert figure.layout.xaxis2.title.text == "noise factor"
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis2.title.text) == ("expectation value", None)
    points, exponential, band, linear, other, zero = panel(figure, "x2")
    assert (points.name, points.mode, points.x, points.y) == ("evs_1", "markers", (1, 3, 5), (0.7, 0.5, 0.3))
    assert points.error_y.array == (0.01, 0.01, 0.01)
    assert (exponential.name, exponential.mode) == ("exponential", "lines")
    assert (exponential.x, exponential.y, exponential.customdata) == ((0, 1), (0.85, 0.7), (0.01, 0.01))
    assert (linear.name, linear.y) == ("linear", (0.8, 0.71))
    assert (band.fill, band.x) == ("toself", (0, 1, 1, 0))
    assert band.y == pytest.approx((0.86, 0.71, 0.69, 0.84))
    assert other.y == pytest.approx((0.81, 0.72, 0.7, 0.79))
    assert (zero.name, zero.x, zero.y, zero.error_y.array) == ("result", (0,), (0.8,), (0.04,))
    assert names(figure) == ["exponential", "linear", "result"]


@pytest.mark.holds("B411")
def test_a_mouse_is_told_values_and_errors() -> None:
    points, line, band, *_ = result().draw_zne_evs().data
    assert points.hovertemplate == "noise_factor: %{x} <br>ev: %{y:.4f}<br>std: %{error_y.array:.4f}<extra></extra>"
    assert line.hovertemplate == (
        "extrapolator: exponential<br>noise_factor: %{x}<br>ev_extrap: %{y:.4f}<br>"
        "std: %{customdata:.4f}<extra></extra>"
    )
    assert band.hoverinfo == "skip"


@pytest.mark.holds("B411")
def test_models_have_a_panel_each_with_all_values_in_it() -> None:
    figure = result((2, 3)).draw_zne_extrapolators(indices=[(0, 1), (1, 2)], names=["a", "b"])
    assert titles(figure) == ["exponential", "linear"]
    assert names(figure) == ["a", "b"]
    for axis in ("x", "x2"):
        assert [trace.name for trace in panel(figure, axis) if trace.mode == "markers"] == ["a", "b"]
    assert [trace.name for trace in panel(figure, "x2") if trace.mode == "lines" and trace.name] == ["linear"] * 2


@pytest.mark.holds("B411")
def test_each_standard_error_that_is_asked_for_is_a_band() -> None:
    for wanted, bands in ((0, []), (1, [0.51]), (3, [0.51, 0.52, 0.53])):
        figure = result().draw_zne_extrapolators(num_stds=wanted)
        drawn = [trace.y[0] for trace in panel(figure, "x")[: 2 + wanted] if trace.fill]
        assert drawn == pytest.approx(bands)


@pytest.mark.holds("B411")
def test_a_line_goes_from_left_to_right() -> None:
    values = np.array([[[0.1, 0.2], [0.3, 0.4]]] * 2)
    told = {**TOLD, "extrapolated_noise_factors": [1, 0]}
    _, line, band, *_ = result(told=told, evs_extrapolated=values).draw_zne_evs().data
    assert (line.x, line.y) == ((0, 1), (0.2, 0.1))
    assert band.y == pytest.approx((0.21, 0.11, 0.09, 0.19))


@pytest.mark.holds("B411")
def test_values_are_called_by_their_index() -> None:
    assert titles(result((2, 2)).draw_zne_evs([(0, 1), (1, -1)])) == ["evs_(0, 1)", "evs_(1, -1)"]
    assert titles(result(()).draw_zne_evs()) == ["evs"]


@pytest.mark.parametrize("kind", [PubResult, EstimatorPubResult])
def test_the_functions_draw_the_results_of_either_generation(kind: type[PubResult]) -> None:
    told = {"resilience": {"zne": {"noise_factors": [1, 3, 5], "extrapolator": ["linear", "fallback"]}}}
    read = kind(data(evs_extrapolated=np.full((2, 2, 4), 0.5), stds_extrapolated=np.full((2, 2, 4), 0.1)), told)
    assert names(draw_zne_evs(read)) == ["linear", "fallback", "result"]
    assert titles(draw_zne_extrapolators(read)) == ["linear", "fallback"]


def test_the_figure_is_as_large_as_asked_and_has_rows() -> None:
    layout = result((5,)).draw_zne_evs(width=600, height=300, num_cols=2).layout
    assert (layout.width, layout.height) == (600, 300)
    axes = [layout[f"yaxis{place}"] for place in ("", 2, 3, 4, 5, 6)]
    assert [axis.domain[0] for axis in axes] == sorted((axis.domain[0] for axis in axes), reverse=True)
    assert len({axis.domain for axis in axes}) == 3
    assert [axis.visible for axis in axes] == [None] * 5 + [False]
    assert [layout[f"xaxis{place}"].title.text for place in ("", 2, 3, 4, 5)] == [None] * 3 + ["noise factor"] * 2
    assert [axis.title.text for axis in axes[:5]] == ["expectation value", None] * 2 + ["expectation value"]


@pytest.mark.holds("B411")
def test_lines_that_say_nothing_are_left_out_and_named() -> None:
    large = np.full((2, 2, 2), 0.01)
    large[1, 1, 0] = 0.3
    figure = result(stds_extrapolated=large).draw_zne_evs()
    assert notes(figure) == [("x2 domain", "not shown: linear")]
    assert [trace.name for trace in panel(figure, "x2") if trace.mode == "lines" and trace.name] == ["exponential"]
    assert notes(result(stds_extrapolated=large).draw_zne_evs(max_std=1)) == []
    far = result(evs_extrapolated=np.full((2, 2, 2), -11.0))
    assert notes(far.draw_zne_extrapolators()) == [
        ("x domain", "not shown: evs_0, evs_1"),
        ("x2 domain", "not shown: evs_0, evs_1"),
    ]
    assert notes(far.draw_zne_evs(max_mag=11)) == []
    lost = np.full((2, 2, 2), np.nan)
    assert notes(result(evs_extrapolated=lost).draw_zne_evs())[0] == ("x domain", "not shown: exponential, linear")
    assert names(result(evs_extrapolated=lost).draw_zne_evs()) == ["result"]


@pytest.mark.holds("B411")
def test_a_model_is_named_in_the_first_panel_that_shows_it() -> None:
    far = np.full((2, 2, 2), 0.5)
    far[0, 0, 0] = 11
    figure = result(evs_extrapolated=far, evs=np.array([12, 0.5])).draw_zne_evs()
    shown = [(trace.name, trace.xaxis) for trace in figure.data if trace.showlegend]
    assert shown == [("linear", "x"), ("exponential", "x2"), ("result", "x2")]
    models = result(evs_extrapolated=far).draw_zne_extrapolators()
    assert [(trace.name, trace.xaxis) for trace in models.data if trace.showlegend] == [("evs_0", "x2"), ("evs_1", "x")]


@pytest.mark.holds("B411")
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"indices": [(2,)]}, r"indices is \[\(2,\)\]\W+[iI]t must be a list of 1 to 64 indices of the shape \(2,\)"),
        ({"indices": [(0, 0)]}, r"indices is \[\(0, 0\)\]"),
        ({"indices": [True]}, r"indices is \[True\]"),
        ({"indices": 5}, r"indices is 5\W+[iI]t must be a list"),
        ({"indices": []}, "indices is for 0 expectation values"),
        ({"names": ["a"]}, r"names is \['a'\]\W+[iI]t must be a list of 2 texts"),
        ({"names": "ab"}, r"names is 'ab'\W+[iI]t must be a list of 2 texts"),
        ({"num_stds": -1}, r"num_stds is -1\W+[iI]t must be a number from 0 to 10"),
        ({"num_stds": 1.5}, r"num_stds is 1.5\W+[iI]t must be a whole number"),
        ({"max_std": "1"}, "max_std is '1'"),
        ({"width": 1}, r"width is 1\W+[iI]t must be a number from 100 to 10000"),
        ({"colorscale": "beauty"}, r"colorscale is 'beauty'\W+[iI]t must be the name of a colour scale"),
    ],
)
def test_what_cannot_be_meant_says_which_value_and_the_way_out(given: dict[str, Any], words: str) -> None:
    for draw in (draw_zne_evs, draw_zne_extrapolators):
        with pytest.raises(IBMInputValueError, match=words):
            draw(result(), **given)
    with pytest.raises(ValueError, match=words):
        result().draw_zne_evs(**given)


@pytest.mark.holds("B411")
def test_a_colour_scale_is_known_in_any_case() -> None:
    drawn = [result().draw_zne_evs(colorscale=name).data for name in ("Blues", "blues", "viridis")]
    blues, same, others = [[trace.line.color for trace in traces] for traces in drawn]
    assert blues == same != others
    assert len(set(blues) - {None}) == 3  # two models, and what bands are bordered by


@pytest.mark.holds("B411")
def test_a_result_without_an_extrapolation_says_so() -> None:
    plain = PubResult(DataBin(evs=np.zeros(2), stds=np.zeros(2), shape=(2,)))
    for odd, words in (
        (5, r"result is 5\W+[iI]t must be that of one PUB"),
        (plain, r"result is without 'evs_noise_factors' in its data\W+[iI]t must be of a run with resilience.zne_mit"),
        (result(told={}), "result is without the noise_factors and models"),
        (result(told={**TOLD, "noise_factors": [1, 3]}), "result is without the noise_factors and models"),
        (result((65,)), "indices is for 65 expectation values"),
    ):
        with pytest.raises(ValueError, match=words):
            draw_zne_evs(odd)
