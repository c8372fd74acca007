"""The noise of shots through an extrapolation, and that what is reported is how much values vary from run to run."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import least_squares

from qiskit_runtime_service.programs.estimator import post_process
from qiskit_runtime_service.programs.results import QuantumProgramResult
from qiskit_runtime_service.programs.zne_errors import (
    PROBES,
    variance_of_calibration,
    variance_of_values,
    weights_of_points,
)

FACTORS = (1.0, 2.0, 3.0, 5.0, 7.0)
AT = (0.0, 0.5, 4.0)


def exponential(x: Any, a: float, b: float) -> Any:
    return a * np.exp(b * x)


def double_exponential(x: Any, a: float, b: float, c: float, d: float) -> Any:
    return a * np.exp(b * x) + c * np.exp(d * x)


def by_wiggling(curve: Any, start: tuple[float, ...], errors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each point counts, by fitting again with each a little higher and lower."""
    points, step = np.array(FACTORS), 1e-5
    columns = []
    for point in range(len(points)):
        values = []
        for sign in (1, -1):
            measured = curve(points, *start)
            measured[point] += sign * step
            fitted = least_squares(
                lambda tried, y=measured: (curve(points, *tried) - y) / errors,
                start,
                ftol=1e-14,
                xtol=1e-14,
                gtol=1e-14,
            ).x
            values.append(curve(np.array(AT), *fitted))
        columns.append((values[0] - values[1]) / (2 * step))
    return np.stack(columns, axis=1)


errors_of_points = st.lists(st.floats(0.5, 2), min_size=5, max_size=5).map(np.array)


@pytest.mark.holds("B385")
@given(st.integers(1, 4), errors_of_points)
def test_a_polynomial_is_read_where_it_goes(degree: int, errors: Any) -> None:
    weights = weights_of_points(f"polynomial_degree_{degree}", FACTORS, errors, np.zeros(len(PROBES)), AT)
    for power in range(degree + 1):
        assert weights @ np.array(FACTORS) ** power == pytest.approx(np.array(AT) ** power, abs=1e-6)
    if degree == 1:
        assert weights == pytest.approx(weights_of_points("linear", FACTORS, errors, np.zeros(len(PROBES)), AT))


@pytest.mark.holds("B385")
@given(st.floats(0.2, 2), st.floats(-0.5, 0.1), st.sampled_from([1, -1]), errors_of_points)
def test_a_point_counts_as_much_as_the_exponential_moves_with_it(a: float, b: float, sign: int, errors: Any) -> None:
    found = weights_of_points("exponential", FACTORS, errors, exponential(np.array(PROBES), sign * a, b), AT)
    assert found == pytest.approx(by_wiggling(exponential, (sign * a, b), errors), rel=1e-3, abs=1e-4)


@pytest.mark.takes_long
@pytest.mark.holds("B385")
@given(st.floats(0.5, 1), st.floats(-0.25, -0.05), st.floats(0.5, 1), st.floats(-1.4, -0.7))
def test_a_point_counts_as_much_as_two_exponentials_move_with_it(a: float, b: float, c: float, d: float) -> None:
    ones = np.ones(len(FACTORS))
    probes = double_exponential(np.array(PROBES), a, b, c, d)
    found = weights_of_points("double_exponential", FACTORS, ones, probes, AT)
    assert found == pytest.approx(by_wiggling(double_exponential, (a, b, c, d), ones), rel=0.02, abs=5e-3)


@pytest.mark.holds("B385")
def test_without_a_fit_the_least_amplified_points_count() -> None:
    nothing = np.full(len(PROBES), np.nan)
    assert weights_of_points("fallback", [3, 1, 5], np.ones(3), nothing, [0, 2]).tolist() == [[0, 1, 0], [0, 1, 0]]
    assert weights_of_points("fallback", [1, 1], np.ones(2), nothing, [0]).tolist() == [[0.5, 0.5]]
    assert np.isnan(weights_of_points("exponential", [1, 3], np.ones(2), nothing, [0])).all()


@pytest.mark.holds("B385")
def test_a_point_that_never_varies_weighs_as_the_best_of_the_others() -> None:
    probes = np.zeros(len(PROBES))
    some, clamped = (
        weights_of_points("linear", [1, 3, 5], np.array(errors), probes, [0])
        for errors in ([0.0, 0.25, 0.5], [0.25, 0.25, 0.5])
    )
    assert some == pytest.approx(clamped)
    none, equal = (
        weights_of_points("linear", [1, 3, 5], np.array(errors), probes, [0]) for errors in ([0.0] * 3, [1.0] * 3)
    )
    assert none == pytest.approx(equal)


@given(st.floats(0.2, 2), st.floats(1e-9, 1e-7))
def test_two_exponentials_that_are_one_are_read_as_one(a: float, apart: float) -> None:
    probes = double_exponential(np.array(PROBES), a / 2, -0.3, a / 2, -0.3 - apart)
    one = weights_of_points("exponential", FACTORS, np.ones(5), probes, AT)
    assert weights_of_points("double_exponential", FACTORS, np.ones(5), probes, AT) == pytest.approx(one, rel=1e-3)


@pytest.mark.parametrize(
    "curve",
    [
        lambda x: 0.7**x * np.cos(x / 2),
        lambda x: 0.8**x + 0.3 * (-0.5) ** x,
        lambda x: 0.8**x * (1 + 0.3 * x),
    ],
    ids=["a wave", "one that changes its sign", "a double root"],
)
def test_a_curve_that_is_no_sum_of_two_exponentials_is_read_as_one(curve: Any) -> None:
    probes = curve(np.array(PROBES))
    two, one = (weights_of_points(f"{kind}exponential", FACTORS, np.ones(5), probes, AT) for kind in ("double_", ""))
    assert two.tolist() == one.tolist()


# Shots


def drawn(seed: int, *shape: int) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).random(shape) < 0.3


@pytest.mark.holds("B386")
@given(st.integers(0, 10**6), st.lists(st.floats(-2, 2), min_size=3, max_size=3))
def test_terms_that_share_their_shots_vary_together(seed: int, coefficients: list[float]) -> None:
    bits = drawn(seed, 1, 40, 2)
    values = 1 - 2.0 * np.stack((bits[0, :, 0], bits[0, :, 1], bits[0, :, 0] ^ bits[0, :, 1]))
    expected = (np.array(coefficients) @ values).var() / 40
    assert variance_of_values(np.array([coefficients]), ["IZ", "XI", "ZY"], bits) == pytest.approx(
        [expected], abs=1e-12
    )


@pytest.mark.holds("B386")
@given(st.integers(0, 10**6))
def test_the_variance_is_no_less_than_that_of_shots_nor_that_of_randomizations(seed: int) -> None:
    bits = drawn(seed, 8, 16, 1)
    values = 1 - 2.0 * bits[..., 0]
    (found,) = variance_of_values(np.ones((1, 1)), ["Z"], bits)
    assert found == pytest.approx(max(values.var() / 128, values.mean(axis=1).var(ddof=1) / 8))


@pytest.mark.holds("B386")
def test_what_differs_only_between_randomizations_counts_once_for_each() -> None:
    bits = np.repeat(drawn(1, 8, 1, 1), 1000, axis=1)
    means = 1 - 2.0 * bits[:, 0, 0]
    assert variance_of_values(np.ones((1, 1)), ["Z"], bits) == pytest.approx([means.var(ddof=1) / 8])


@pytest.mark.holds("B386")
def test_a_projector_is_met_or_not() -> None:
    bits = drawn(2, 1, 50, 3)
    met = ~bits[0, :, 0] & bits[0, :, 2] * (1 - 2.0 * bits[0, :, 1]).astype(bool)
    values = np.where(~bits[0, :, 0] & bits[0, :, 2], 1 - 2.0 * bits[0, :, 1], 0.0)
    assert met.any()
    assert variance_of_values(np.ones((1, 1)), ["1Z0"], bits) == pytest.approx([values.var() / 50])
    assert variance_of_values(np.ones((1, 1)), ["-Yr"], bits) != pytest.approx([0.0])
    assert variance_of_values(np.ones((1, 1)), ["lX+"], bits) == pytest.approx([values.var() / 50])


@pytest.mark.holds("B386")
@given(st.integers(0, 10**6))
def test_many_terms_are_summed_as_few_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bits, labels = drawn(seed, 2, 10, 6), ["".join(rng.choice(list("IZ"), 6)) for _ in range(150)]
    weights = rng.normal(size=(2, 150))
    total = np.zeros((2, 2, 10))
    for column, label in enumerate(labels):
        values = np.prod(
            [1 - 2.0 * bits[..., 5 - place] for place, letter in enumerate(label) if letter == "Z"], axis=0
        )
        total += weights[:, column, None, None] * values
    shots, means = total.reshape(2, -1).var(axis=1) / 20, total.mean(axis=2).var(axis=1, ddof=1) / 2
    assert variance_of_values(weights, labels, bits) == pytest.approx(np.maximum(shots, means))


@pytest.mark.holds("B386")
def test_terms_on_one_qubit_err_together_by_its_calibration() -> None:
    supports = np.array([[True, False], [True, True]])
    rates = np.array([0.1, 0.2])
    found = variance_of_calibration(np.array([[0.5, 0.25], [0.5, -0.5]]), supports, rates, 100)
    assert found == pytest.approx([(2 * 0.75) ** 2 * 0.0009 + (2 * 0.25) ** 2 * 0.0016, 1 * 0.0016])


# From run to run

SEEDS = 20
RANDOMIZATIONS, SHOTS = 32, 128
TREE = {
    "qiskit_mitigation": [
        {
            "version": "0.1",
            "mitigation": "gate_folding",
            "circuit_metadata": {},
            "observables": [{"IZ": 1.0}, {"ZI": 1.0}, {"ZZ": 1.0}, {"IZ": 0.5, "ZI": 0.5}, {"IZ": 1.0, "ZZ": -1.0}],
            "param_basis_pairs": [[[], "ZZ"]],
            "param_shape": [],
            "broadcast_obs_and_params": True,
            "meas_bases": [],
            "program_item_index": 0,
            "trex_calibration": True,
            "noise_factors": np.array([1.0, 3.0, 5.0]),
            "extrapolator": ["exponential", "linear"],
            "extrapolated_noise_factors": np.array([0.0, 1.0, 3.0, 5.0]),
        },
        {"version": "0.1", "mitigation": "trex", "program_item_index": 3},
    ],
}
OPTIONS = {
    "resilience": {
        "measure_mitigation": True,
        "measure_noise_learning": {"num_randomizations": "auto"},
        "pec_mitigation": False,
        "pec": {"max_overhead": 100, "noise_gain": "auto"},
        "zne_mitigation": True,
        "zne": {
            "amplifier": "gate_folding",
            "noise_factors": "auto",
            "extrapolator": ["exponential", "linear"],
            "extrapolated_noise_factors": "auto",
        },
    }
}


def device_of(seed: int) -> QuantumProgramResult:
    """Return what a device might answer: two qubits that decay together, read with errors, each run another one.

    The value of a qubit at noise factor x is 0.95 exp(-0.12 x) of a shot, and differs a little between randomizations.
    """
    rng = np.random.default_rng(seed)
    items = []
    for factor in (1.0, 3.0, 5.0):
        mean = 0.95 * np.exp(-0.12 * factor) + 0.05 * rng.normal(size=(RANDOMIZATIONS, 1, 1))
        both = rng.random((RANDOMIZATIONS, 1, SHOTS)) > (1 + mean) / 2
        apart = rng.random((RANDOMIZATIONS, 1, SHOTS)) < 0.02 * factor
        items.append(read_out(rng, np.stack((both, both ^ apart), axis=-1)))
    items.append(read_out(rng, np.zeros((RANDOMIZATIONS, SHOTS, 2), dtype=bool)))
    told = {
        "version": "v0.1",
        "options": OPTIONS,
        "shots": 4096,
        "precision": None,
        "circuits_metadata": [{}],
        "num_pubs": 1,
    }
    result = QuantumProgramResult(items, passthrough_data={**TREE, "post_processor": told})
    result.semantic_role = "estimator_v2"
    return result


def read_out(rng: Any, bits: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    """Return bits as they are read, twirled: with the flips, and with 3 % and 6 % of errors."""
    flips = rng.random((*bits.shape[:-2], 1, 2)) < 0.5
    return {"_meas": bits ^ flips ^ (rng.random(bits.shape) < [0.03, 0.06]), "measurement_flips._meas": flips}


def over_seeds(changes: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Return values, their errors and those of the library, of twenty runs."""
    read = [post_process(device_of(seed), changes)[0] for seed in range(SEEDS)]
    values, errors = (np.array([pub.data[name] for pub in read]) for name in ("evs", "stds"))
    return values, errors, np.array([pub.metadata["resilience"]["zne"]["fit_stds"] for pub in read])


@pytest.mark.holds("B385", "B386")
@pytest.mark.parametrize(
    "zne",
    [
        {},
        {"extrapolator": "linear"},
        {"extrapolator": ["polynomial_degree_2"]},
        {"noise_factors": [1, 3]},
        {"noise_factors": [1, 5], "extrapolator": "linear"},
        {"extrapolator": "fallback"},
    ],
    ids=str,
)
@pytest.mark.parametrize("calibrated", [True, False])
def test_errors_are_how_much_values_vary_from_run_to_run(zne: dict[str, Any], calibrated: bool) -> None:
    values, errors, _ = over_seeds({"resilience": {"zne": zne, "measure_mitigation": calibrated}})
    ratios = np.sqrt((errors**2).mean(axis=0)) / values.std(axis=0, ddof=1)
    assert (ratios > 1 / 1.5).all(), ratios
    assert (ratios < 1.5).all(), ratios


@pytest.mark.holds("B385")
def test_the_error_of_each_run_is_told_and_not_only_that_of_all() -> None:
    values, errors, of_library = over_seeds({})
    real = values.std(axis=0, ddof=1)
    assert (errors / real > 0.5).all()
    assert (errors / real < 2).all()
    # The library scales the covariance of a fit by how well it happened to fit.
    ratios = of_library / real
    assert ratios.min() < 0.2
    assert np.isinf(over_seeds({"resilience": {"zne": {"noise_factors": [1, 3]}}})[2]).any()


@pytest.mark.holds("B386")
def test_errors_of_what_is_read_beside_zero_are_real_too() -> None:
    read = [post_process(device_of(seed))[0].data for seed in range(SEEDS)]
    values, errors = (np.array([data[name] for data in read]) for name in ("evs_extrapolated", "stds_extrapolated"))
    assert values.shape == (SEEDS, 5, 2, 4)
    ratios = np.sqrt((errors**2).mean(axis=0)) / values.std(axis=0, ddof=1)
    assert (ratios > 1 / 1.5).all(), ratios
    assert (ratios < 1.5).all(), ratios


def test_the_values_are_near_what_is_true() -> None:
    values, errors, _ = over_seeds({})
    truth = np.array([0.95, 0.95, 1.0, 0.95, -0.05])
    assert np.abs(values.mean(axis=0) - truth).max() < 0.03
    assert (np.abs(values - truth) < 5 * errors).all()
