"""Laws of options: what goes together, and what is sent."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qiskit_runtime_service.core.options import (
    check_rep_delay,
    check_resilience,
    check_zne,
    drop_mitigated,
    find_unknown,
    merge_experimental,
)
from qiskit_runtime_service.records.problem import BadArgument

names = st.sampled_from(["execution", "twirling", "default_shots", "image", "foo", "bar"])
leaves = st.none() | st.booleans() | st.integers(0, 9)
trees = st.dictionaries(names, leaves | st.dictionaries(st.sampled_from("abc"), leaves, max_size=3), max_size=5)
KNOWN = ("execution", "twirling", "default_shots")


@pytest.mark.holds("B160")
@given(st.lists(names), st.sets(names, min_size=1))
def test_an_unknown_name_is_one_that_is_not_there(given_names: list[str], known: set[str]) -> None:
    problem = find_unknown("Group", given_names, known)
    assert (problem is None) == set(given_names).issubset(known)
    if problem is not None:
        assert problem.name not in known
        assert problem.nearest is None or problem.nearest in known


@pytest.mark.holds("B160")
def test_a_typo_is_told_what_it_was_meant_to_be() -> None:
    problem = find_unknown("TwirlingOptions", ["enable_gate"], ["enable_gates", "enable_measure"])
    assert problem is not None
    assert problem.nearest == "enable_gates"


FACTORS_NEEDED = {
    "linear": 2, "exponential": 2, "double_exponential": 4, "fallback": 2, "polynomial_degree_1": 2,
    "polynomial_degree_2": 3, "polynomial_degree_3": 4, "polynomial_degree_4": 5, "polynomial_degree_5": 6,
    "polynomial_degree_6": 7, "polynomial_degree_7": 8,
}  # fmt: skip


@pytest.mark.holds("B162")
@given(st.sampled_from(sorted(FACTORS_NEEDED)), st.lists(st.floats(1, 9), max_size=9))
def test_an_extrapolator_has_enough_factors_or_is_named(extrapolator: str, factors: list[float]) -> None:
    one = check_zne({"extrapolator": extrapolator, "noise_factors": factors})
    many = check_zne({"extrapolator": [extrapolator], "noise_factors": factors})
    assert one == many
    assert (one is None) == (len(factors) >= FACTORS_NEEDED[extrapolator])
    if one is not None:
        assert repr(extrapolator) in one.value


@pytest.mark.holds("B162")
@pytest.mark.parametrize(("extrapolator", "needed"), FACTORS_NEEDED.items())
def test_one_factor_less_than_an_extrapolator_needs_is_too_few(extrapolator: str, needed: int) -> None:
    factors = [1.0 + factor for factor in range(needed)]
    assert check_zne({"extrapolator": extrapolator, "noise_factors": factors}) is None
    assert check_zne({"extrapolator": extrapolator, "noise_factors": factors[1:]}) is not None


def test_the_defaults_of_the_service_stand_for_what_is_not_said() -> None:
    assert check_zne({}) is None
    assert check_zne({"extrapolator": "double_exponential"}) is not None
    assert check_zne({"noise_factors": [1.0]}) is not None
    assert check_zne({"extrapolator": [], "noise_factors": []}) is None


@pytest.mark.holds("B162")
@given(st.fixed_dictionaries({}, optional={"zne_mitigation": st.booleans(), "pec_mitigation": st.booleans()}))
def test_one_of_two_mitigations_at_most(options: dict[str, bool]) -> None:
    assert (check_resilience(options) is None) != (options == {"zne_mitigation": True, "pec_mitigation": True})


@pytest.mark.holds("B162")
def test_learning_of_measurements_needs_their_mitigation() -> None:
    learning = {"measure_noise_learning": {"num_randomizations": 3}}
    assert check_resilience(learning | {"measure_mitigation": True}) is None
    for options in (learning, learning | {"measure_mitigation": False}):
        problem = check_resilience(options)
        assert problem is not None
        assert problem.name == "resilience.measure_noise_learning"


@pytest.mark.holds("B163")
@given(trees, trees)
@example({"execution": {"a": 1}}, {"execution": {"a": 2, "z": 3}, "foo": {"b": 1}, "image": "i:1"})
def test_what_is_experimental_is_merged_where_it_belongs(options: dict[str, Any], experimental: dict[str, Any]) -> None:
    options = {name: value for name, value in options.items() if name in KNOWN}
    sent = merge_experimental(options, experimental, KNOWN)
    assert set(sent) == set(options) | {"experimental"} & set(sent) | set(experimental) & set(KNOWN)
    rest = {name: value for name, value in experimental.items() if name not in (*KNOWN, "image")}
    assert sent.get("experimental", {}) == rest
    assert ("experimental" in sent) == bool(rest)
    for name in KNOWN:
        if name in experimental and not isinstance(experimental[name], dict):
            assert sent[name] == experimental[name]
        elif name in experimental:
            assert experimental[name].items() <= sent[name].items()  # type: ignore[attr-defined]  # a group
        elif name in options:
            assert sent[name] == options[name]


@given(trees)
def test_nothing_experimental_changes_nothing(options: dict[str, Any]) -> None:
    before = {name: dict(value) if isinstance(value, dict) else value for name, value in options.items()}
    assert merge_experimental(options, {}, KNOWN) == options == before


@pytest.mark.holds("B162")
@given(st.floats(-1, 1), st.floats(0, 0.5), st.floats(0.5, 1))
def test_a_delay_is_within_what_the_device_takes(delay: float, low: float, high: float) -> None:
    problem = check_rep_delay(delay, [low, high])
    assert (problem is None) == (low <= delay <= high)
    assert problem is None or isinstance(problem, BadArgument)
    assert check_rep_delay(delay, None) is None
    assert check_rep_delay(None, [low, high]) is None


@pytest.mark.holds("B420")
@given(
    idle=st.lists(
        st.sampled_from(
            [
                "resilience_level",
                "resilience.zne.noise_factors",
                "resilience.layer_noise_learning.max_layers_to_learn",
                "twirling.strategy",
                "dynamical_decoupling.enable",
                "experimental",
                "execution.init_qubits",
            ]
        )
    )
)
def test_what_mitigation_follows_is_not_idle_there(idle: list[str]) -> None:
    never = ("resilience.layer_noise_learning.max_layers_to_learn", "experimental", "execution.init_qubits")
    assert drop_mitigated(idle, decoupled=True) == tuple(path for path in idle if path in never)
    left = (*never, "dynamical_decoupling.enable")
    assert drop_mitigated(idle, decoupled=False) == tuple(path for path in idle if path in left)
