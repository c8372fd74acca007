"""What an estimator does about errors: decided by level, by what is set, and by what one technique needs of another."""

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.core.mitigation import (
    calibration_randomizations,
    check_factors,
    choose_shots,
    extrapolated_factors,
    extrapolators,
    finalize,
    find_conflict,
    noise_factors,
    read_changes,
)
from qiskit_runtime_service.records.problem import BadArgument

ZNE = {
    "amplifier": "gate_folding",
    "noise_factors": "auto",
    "extrapolator": ("exponential", "linear"),
    "extrapolated_noise_factors": "auto",
}


def options(level: int = 1, *, twirling: Any = None, zne: Any = None, **resilience: Any) -> dict[str, Any]:
    """Return options as an estimator has them before anything is decided."""
    return {
        "default_precision": 0.015625,
        "default_shots": None,
        "twirling": {"enable_gates": None, "enable_measure": None, "num_randomizations": "auto", **(twirling or {})},
        "resilience": {
            "measure_mitigation": None,
            "measure_noise_learning": {"num_randomizations": "auto"},
            "pec_mitigation": False,
            "pec": {"max_overhead": 100, "noise_gain": "auto"},
            "zne_mitigation": None,
            "zne": {**ZNE, **(zne or {})},
            "layer_noise_model": None,
            **resilience,
        },
        "resilience_level": level,
    }


def techniques(given: dict[str, Any]) -> tuple[bool, ...]:
    """Return which of gate twirling, measurement twirling, readout mitigation and extrapolation are on."""
    decided = finalize(given).options
    twirling, resilience = decided["twirling"], decided["resilience"]
    return (
        *(twirling[name] for name in ("enable_gates", "enable_measure")),
        *(resilience[name] for name in ("measure_mitigation", "zne_mitigation")),
    )


flags = st.sampled_from([None, True, False])
any_options = st.builds(
    lambda level, gates, measure, trex, zne, pec, amplifier: options(
        level,
        twirling={"enable_gates": gates, "enable_measure": measure},
        zne={"amplifier": amplifier},
        measure_mitigation=trex,
        zne_mitigation=zne,
        pec_mitigation=pec,
    ),
    st.sampled_from([0, 1, 2]),
    *[flags] * 4,
    st.booleans(),
    st.sampled_from(["gate_folding", "pea"]),
)


# Finalizing


@pytest.mark.holds("B380")
@pytest.mark.parametrize(
    ("level", "on"),
    [(0, (False, False, False, False)), (1, (False, True, True, False)), (2, (True, True, True, True))],
)
def test_a_level_decides_what_is_not_set(level: int, on: tuple[bool, ...]) -> None:
    assert techniques(options(level)) == on
    assert finalize(options(level)).overruled == ()


@pytest.mark.holds("B380")
def test_what_is_set_counts_more_than_the_level() -> None:
    assert techniques(options(0, zne_mitigation=True)) == (False, False, False, True)
    assert techniques(options(2, zne_mitigation=False)) == (True, True, True, False)
    assert techniques(options(2, twirling={"enable_gates": False})) == (False, True, True, True)
    assert techniques(options(1, measure_mitigation=False, twirling={"enable_measure": False})) == (False,) * 4


@pytest.mark.holds("B380")
@pytest.mark.parametrize(
    ("resilience", "level", "needed", "by"),
    [
        ({}, 1, ("enable_measure",), "measure_mitigation"),
        ({"pec_mitigation": True}, 0, ("enable_measure", "enable_gates"), "pec_mitigation"),
        (
            {"zne_mitigation": True, "zne": {"amplifier": "pea"}},
            0,
            ("enable_measure", "enable_gates"),
            "zne.amplifier='pea'",
        ),
    ],
)
def test_what_a_technique_needs_is_on_and_who_switched_it_off_is_told(
    resilience: dict[str, Any], level: int, needed: tuple[str, ...], by: str
) -> None:
    given_options = options(level, twirling=dict.fromkeys(needed, False), **resilience)
    decided = finalize(given_options)
    assert all(decided.options["twirling"][name] for name in needed)
    assert decided.overruled == tuple(
        f"twirling.{name}=False has no effect: resilience.{by} needs it." for name in needed
    )


@pytest.mark.holds("B380")
@given(any_options)
def test_nothing_is_left_open_and_to_decide_again_changes_nothing(given_options: dict[str, Any]) -> None:
    decided = finalize(given_options).options
    assert all(isinstance(value, bool) for value in techniques(given_options))
    again = finalize(decided)
    assert again.options == decided
    assert again.overruled == ()


@pytest.mark.holds("B380")
@given(any_options)
def test_only_twirling_is_ever_overruled_and_only_upwards(given_options: dict[str, Any]) -> None:
    decided = finalize(given_options)
    for name in ("measure_mitigation", "zne_mitigation"):
        set_to = given_options["resilience"][name]
        assert set_to is None or decided.options["resilience"][name] is set_to
    for name in ("enable_gates", "enable_measure"):
        set_to, is_now = given_options["twirling"][name], decided.options["twirling"][name]
        assert is_now is set_to or set_to is None or (set_to is False and is_now)
        assert any(name in words for words in decided.overruled) is (set_to is False and is_now)
    if decided.options["resilience"]["measure_mitigation"]:
        assert decided.options["twirling"]["enable_measure"]


@given(any_options)
def test_a_higher_level_does_no_less(given_options: dict[str, Any]) -> None:
    rising = [techniques({**given_options, "resilience_level": level}) for level in (0, 1, 2)]
    for lower, higher in pairwise(rising):
        assert all(after or not before for before, after in zip(lower, higher, strict=True))


# What does not go together


@pytest.mark.holds("B381")
def test_errors_are_cancelled_or_extrapolated_not_both() -> None:
    problem = find_conflict(finalize(options(2, pec_mitigation=True, layer_noise_model=[])).options)
    assert problem is not None
    assert problem.name == "resilience.pec_mitigation"
    assert problem.value == "True beside zne_mitigation=True (which resilience_level=2 brings)"
    assert "set resilience.zne_mitigation=False" in problem.wanted
    assert (
        find_conflict(finalize(options(2, pec_mitigation=True, zne_mitigation=False, layer_noise_model=[])).options)
        is None
    )


@pytest.mark.holds("B381")
@pytest.mark.parametrize(
    "resilience", [{"pec_mitigation": True}, {"zne_mitigation": True, "zne": {"amplifier": "pea"}}]
)
def test_what_uses_learned_noise_needs_some(resilience: dict[str, Any]) -> None:
    problem = find_conflict(finalize(options(**resilience)).options)
    assert problem is not None
    assert (problem.name, problem.value) == ("resilience.layer_noise_model", "None")
    assert "estimator.find_unique_layers(pubs)" in problem.wanted


@pytest.mark.holds("B381")
@pytest.mark.parametrize(
    ("factors", "model", "needed"),
    [
        ([1, 3], "double_exponential", 4),
        ([1, 2, 3], "double_exponential", 4),
        ("auto", "polynomial_degree_3", 4),
        ([1, 2, 3, 4, 5, 6, 7], "polynomial_degree_7", 8),
        ([1, 1], "linear", 2),
    ],
)
def test_a_model_needs_so_many_different_factors(factors: Any, model: str, needed: int) -> None:
    problem = check_factors({**ZNE, "noise_factors": factors, "extrapolator": ["linear", model]})
    assert problem is not None
    assert problem.name == "resilience.zne.noise_factors"
    assert f"at least {needed} different factors" in problem.wanted
    too_few = finalize(options(2, zne={"noise_factors": factors, "extrapolator": model})).options
    assert find_conflict(too_few) is not None
    assert find_conflict(finalize(options(1, zne={"noise_factors": factors, "extrapolator": model})).options) is None


@given(st.integers(1, 7), st.sets(st.floats(1, 100), min_size=1, max_size=10))
def test_a_polynomial_needs_one_factor_more_than_its_degree(degree: int, factors: set[float]) -> None:
    zne = {**ZNE, "noise_factors": sorted(factors), "extrapolator": f"polynomial_degree_{degree}"}
    assert (check_factors(zne) is None) is (len(factors) >= degree + 1)


def test_what_is_auto_is_as_the_service_has_it() -> None:
    assert noise_factors(ZNE) == (1.0, 3.0, 5.0)
    assert extrapolators(ZNE) == ("exponential", "linear")
    assert extrapolated_factors(ZNE) == (0.0, 1.0, 3.0, 5.0)
    one = {**ZNE, "noise_factors": (2, 1), "extrapolator": "linear"}
    assert noise_factors(one) == (2.0, 1.0)
    assert extrapolators(one) == ("linear",)
    assert extrapolated_factors(one) == (0.0, 2.0, 1.0)
    assert extrapolated_factors({**one, "extrapolated_noise_factors": [0.5]}) == (0.5,)


# Shots


@pytest.mark.holds("B382")
@pytest.mark.parametrize(
    ("precisions", "more", "shots", "asked"),
    [
        ([None], {}, 4096, None),
        ([None, None], {"default_precision": 0.1}, 100, None),
        ([None], {"default_shots": 1000, "default_precision": 0.1}, 1000, None),
        ([0.05, 0.05], {"default_shots": 1000}, 400, 0.05),
    ],
)
def test_a_precision_counts_more_than_shots_and_they_more_than_the_default(
    precisions: list[float | None], more: dict[str, Any], shots: int, asked: float | None
) -> None:
    assert choose_shots(precisions, {**options(), **more}) == (shots, asked)


@pytest.mark.holds("B382")
@pytest.mark.parametrize("precisions", [[0.05, 0.05, 0.1], [0.05, 0.05, None]])
def test_all_pubs_of_a_job_have_one_precision(precisions: list[float | None]) -> None:
    problem = choose_shots(precisions, options())
    assert isinstance(problem, BadArgument)
    assert problem.name == "the precision of pubs[2]"
    assert problem.value == f"{precisions[2]}, that of pubs[0] 0.05"


@pytest.mark.holds("B382")
def test_no_shots_are_no_default() -> None:
    problem = choose_shots([None], {**options(), "default_shots": 0})
    assert isinstance(problem, BadArgument)
    assert problem.name == "EstimatorOptions.default_shots"


@pytest.mark.holds("B382")
@given(st.floats(1e-4, 10))
def test_shots_are_never_fewer_than_a_precision_takes(precision: float) -> None:
    chosen = choose_shots([precision], options())
    assert isinstance(chosen, tuple)
    assert chosen[0] >= 1
    assert chosen[0] >= math.floor(1 / precision**2 * (1 - 1e-9))
    assert chosen[0] - 1 < 1 / precision**2


def test_a_calibration_has_as_many_randomizations_as_the_pubs_unless_it_says_more() -> None:
    assert calibration_randomizations(options()["resilience"], 32) == 32
    said = {"measure_noise_learning": {"num_randomizations": 7}}
    assert calibration_randomizations(said, 32) == 7


# Afterwards

RUN = finalize(options(2, zne={"noise_factors": [1.0, 2.0, 3.0, 5.0]})).options


def change(**resilience: Any) -> Any:
    return read_changes(RUN, {"resilience": resilience})


@pytest.mark.holds("B383")
def test_what_is_worked_out_after_a_run_can_be_worked_out_again() -> None:
    assert change(measure_mitigation=False)["resilience"]["measure_mitigation"] is False
    assert change(zne_mitigation=False)["resilience"]["zne_mitigation"] is False
    zne = {"extrapolator": "linear", "noise_factors": [3.0, 1.0], "extrapolated_noise_factors": [0.5]}
    assert change(zne=zne)["resilience"]["zne"] == {"amplifier": "gate_folding", **zne}
    assert RUN["resilience"]["zne"]["extrapolator"] == ("exponential", "linear")


@pytest.mark.holds("B383")
def test_without_a_change_a_result_is_read_as_it_was_run() -> None:
    assert read_changes(RUN, {}) == RUN
    assert change(measure_mitigation=None, zne={"extrapolator": ["exponential", "linear"]})["resilience"] == {
        **RUN["resilience"],
        "zne": {**RUN["resilience"]["zne"], "extrapolator": ["exponential", "linear"]},
    }


@pytest.mark.holds("B383")
@pytest.mark.parametrize(
    ("changes", "name", "way_out"),
    [
        ({"resilience_level": 1}, "resilience_level", "It must be 2, as it was run"),
        ({"twirling": {"enable_gates": False}}, "twirling.enable_gates", "True, as it was run"),
        ({"resilience": {"pec_mitigation": True}}, "resilience.pec_mitigation", "run again"),
        ({"resilience": {"zne": {"amplifier": "pea"}}}, "resilience.zne.amplifier", "'gate_folding', as it was run"),
        ({"resilience": {"zne": {"noise_factors": [1, 4]}}}, "resilience.zne.noise_factors", "[1.0, 2.0, 3.0, 5.0]"),
        (
            {"resilience": {"zne": {"extrapolator": "polynomial_degree_4"}}},
            "resilience.zne.noise_factors",
            "at least 5",
        ),
    ],
)
def test_what_was_decided_before_a_run_stays(changes: dict[str, Any], name: str, way_out: str) -> None:
    problem = read_changes(RUN, changes)
    assert isinstance(problem, BadArgument)
    assert problem.name == name
    assert way_out.removeprefix("It must be ") in problem.wanted


@pytest.mark.holds("B383")
def test_what_was_not_done_cannot_be_read() -> None:
    bare = finalize(options(0)).options
    for name in ("measure_mitigation", "zne_mitigation"):
        problem = read_changes(bare, {"resilience": {name: True}})
        assert isinstance(problem, BadArgument)
        assert (problem.name, problem.value) == (f"resilience.{name}", "True")
    amplified = finalize(options(2, zne={"noise_factors": [2.0, 3.0]})).options
    problem = read_changes(amplified, {"resilience": {"zne_mitigation": False}})
    assert isinstance(problem, BadArgument)
    assert "noise factor 1" in problem.wanted


@pytest.mark.holds("B383")
@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, 5.0]), min_size=2, max_size=4, unique=True))
def test_any_of_the_factors_that_were_run_will_do(factors: list[float]) -> None:
    assert noise_factors(change(zne={"noise_factors": factors})["resilience"]["zne"]) == tuple(factors)
