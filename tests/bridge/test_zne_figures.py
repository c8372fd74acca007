"""Pictures of extrapolations: what stands in them, for whom, and what is said where there is nothing to draw."""

from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text
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


def words_in(drawn: Any) -> list[str]:
    return [text.get_text() for text in drawn.findobj(Text) if text.get_text() and text.get_visible()]


@pytest.mark.holds("B411")
def test_a_panel_has_the_points_the_lines_and_the_result_with_their_errors() -> None:
    measured = np.array([[0.8, 0.6, 0.4], [0.7, 0.5, 0.3]])
    lines = np.array([[[0.95, 0.8], [0.9, 0.81]], [[0.85, 0.7], [0.8, 0.71]]])
    figure: Any = result(evs=np.array([0.95, 0.8]), evs_noise_factors=measured, evs_extrapolated=lines).draw_zne_evs()
    first, second = figure.axes
    assert (first.get_title(), second.get_title()) == ("value 0", "value 1")
    assert (first.get_xlabel(), first.get_ylabel()) == ("noise factor", "expectation value")
    points, exponential, linear, zero = (
        line for line in second.lines if len(line.get_xdata()) and line.get_marker() not in "_|"
    )
    assert (list(points.get_xdata()), list(points.get_ydata())) == ([1, 3, 5], [0.7, 0.5, 0.3])
    assert (list(exponential.get_xdata()), list(exponential.get_ydata())) == ([0, 1], [0.85, 0.7])
    assert list(linear.get_ydata()) == [0.8, 0.71]
    assert (list(zero.get_xdata()), list(zero.get_ydata()), zero.get_marker()) == ([0], [0.8], "D")
    # Two bands around the lines, two bars of errors.
    assert len(second.collections) == 4
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "measured",
        "exponential",
        "linear",
        "result",
    ]


@pytest.mark.holds("B411")
def test_models_have_a_panel_each_with_all_values_in_it() -> None:
    figure = result((2, 3)).draw_zne_extrapolators(indices=[(0, 1), (1, 2)], names=["a", "b"])
    assert [axes.get_title() for axes in figure.axes] == ["exponential", "linear"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]


@pytest.mark.parametrize("kind", [PubResult, EstimatorPubResult])
def test_the_functions_draw_the_results_of_either_generation(kind: type[PubResult]) -> None:
    told = {"resilience": {"zne": {"noise_factors": [1, 3, 5], "extrapolator": ["linear", "fallback"]}}}
    read = kind(data(evs_extrapolated=np.full((2, 2, 4), 0.5), stds_extrapolated=np.full((2, 2, 4), 0.1)), told)
    for draw in (draw_zne_evs, draw_zne_extrapolators):
        assert {"linear", "fallback"} <= set(words_in(draw(read)))


def test_the_picture_is_as_large_as_asked_and_has_rows() -> None:
    figure = result((5,)).draw_zne_evs(width=600, height=300, num_cols=2)
    assert tuple(figure.get_size_inches() * figure.dpi) == (600, 300)
    assert len(figure.axes) == 5
    assert len({axes.get_position().y0 for axes in figure.axes}) == 3


@pytest.mark.holds("B411")
def test_lines_that_say_nothing_are_left_out_and_named() -> None:
    large = np.full((2, 2, 2), 0.01)
    large[1, 1, 0] = 0.3
    figure = result(stds_extrapolated=large).draw_zne_evs()
    assert "not shown: linear" in words_in(figure.axes[1])
    assert not [words for words in words_in(figure.axes[0]) if words.startswith("not shown")]
    assert not [
        words for words in words_in(result(stds_extrapolated=large).draw_zne_evs(max_std=1)) if "not shown" in words
    ]
    lost = np.full((2, 2, 2), np.nan)
    assert "not shown: exponential, linear" in words_in(result(evs_extrapolated=lost).draw_zne_evs())
    assert "not shown: value 0, value 1" in words_in(result(evs_extrapolated=lost).draw_zne_extrapolators())


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
        ({"num_stds": -1}, r"num_stds is -1\W+[iI]t must be a number from 0 to 1e\+06"),
        ({"max_std": "1"}, "max_std is '1'"),
        ({"width": 1}, r"width is 1\W+[iI]t must be a number from 100 to 10000"),
        ({"colorscale": "beauty"}, r"colorscale is 'beauty'\W+[iI]t must be the name of a colour map"),
    ],
)
def test_what_cannot_be_meant_says_which_value_and_the_way_out(given: dict[str, Any], words: str) -> None:
    for draw in (draw_zne_evs, draw_zne_extrapolators):
        with pytest.raises(IBMInputValueError, match=words):
            draw(result(), **given)
    with pytest.raises(ValueError, match=words):
        result().draw_zne_evs(**given)


@pytest.mark.holds("B411")
def test_a_colour_map_is_known_in_any_case_as_plotly_knows_it() -> None:
    lines = [result().draw_zne_evs(colorscale=name).axes[0].lines for name in ("Blues", "blues", "viridis")]
    blues, same, others = [[line.get_color() for line in drawn] for drawn in lines]
    assert blues == same != others


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
