"""Options without effect are found, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.core.options import find_idle_options

NAMES = st.sampled_from(["default_shots", "execution", "twirling", "init_qubits", "enable_gates", "strategy", "zne"])
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3),
    lambda inner: st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.holds("B194")
@pytest.mark.parametrize(
    ("options", "level", "idle"),
    [
        ({}, None, ()),
        ({}, 0, ()),
        ({}, 2, ("resilience_level",)),
        ({"default_shots": 5, "simulator": {"seed_simulator": 0, "noise_model": {"errors": [1]}}}, None, ()),
        ({"execution": {"init_qubits": True, "rep_delay": 1e-4}}, None, ()),
        ({"execution": {"init_qubits": False}}, None, ("execution.init_qubits",)),
        ({"dynamical_decoupling": {"enable": False}}, None, ()),
        ({"dynamical_decoupling": {"enable": True}}, 1, ("resilience_level", "dynamical_decoupling.enable")),
        ({"resilience": {"zne": {"noise_factors": [1, 3]}}}, None, ("resilience.zne.noise_factors",)),
        ({"experimental": {"execution": {"fast": True}}}, None, ("experimental",)),
        # A typed value is one option, whatever is in it.
        (
            {"resilience": {"layer_noise_model": {"__type__": "list", "__value__": [1]}}},
            None,
            ("resilience.layer_noise_model",),
        ),
        # Arrays and objects ask for something, whatever is in them.
        ({"resilience": {"zne": {"noise_factors": np.zeros(2)}}}, None, ("resilience.zne.noise_factors",)),
        ({"resilience": {"layer_noise_model": object()}}, None, ("resilience.layer_noise_model",)),
        ({"resilience": {"zne": {"noise_factors": [], "extrapolator": ()}}, "environment": {"a": ""}}, None, ()),
        ({"experimental": {"execution": {"scheduler_timing": True}}}, None, ()),
        ({"experimental": {"execution": {"scheduler_timing": True}, "other": 1}}, None, ("experimental",)),
    ],
)
def test_only_what_asks_for_something_that_is_not_done_is_idle(
    options: dict[str, object], level: int | None, idle: tuple[str, ...]
) -> None:
    assert find_idle_options(options, level) == idle


@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_nothing_that_is_heeded_is_idle_and_each_path_is_named_once(options: dict[str, object]) -> None:
    found = find_idle_options(options)
    assert len(found) == len(set(found))
    assert set(found).isdisjoint({"default_shots", "twirling.enable_gates"})


@pytest.mark.holds("B194")
@pytest.mark.parametrize(
    "path",
    [
        "default_shots", "default_precision", "seed_estimator", "execution.rep_delay", "execution.meas_type",
        "execution.scheduler_timing", "execution.stretch_values", "twirling.enable_gates", "twirling.enable_measure",
        "twirling.num_randomizations", "twirling.shots_per_randomization", "simulator.noise_model",
        "simulator.seed_simulator",
    ],
)  # fmt: skip
def test_what_a_simulation_follows_is_not_idle(path: str) -> None:
    group, _, name = path.rpartition(".")
    options: dict[str, object] = {group: {name: 1}} if group else {name: 1}
    assert find_idle_options(options) == ()
    beside: dict[str, object] = {group: {name: 1, "other": 1}} if group else {name: 1, "other": 1}
    assert find_idle_options(beside) == (f"{group}.other" if group else "other",)
