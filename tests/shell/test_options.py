"""Options as users hold them."""

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.transpiler import CouplingMap

from qiskit_runtime_service import options as door
from qiskit_runtime_service.bridge.result_types import LayerError, NoiseLearnerResult
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.options import TwirlingOptions, Unset
from qiskit_runtime_service.shell import options as module_of_options

EnvironmentOptions: Any = door.EnvironmentOptions
EstimatorOptions: Any = door.EstimatorOptions
NoiseLearnerOptions: Any = door.NoiseLearnerOptions
ResilienceOptionsV2: Any = door.ResilienceOptionsV2
SamplerOptions: Any = door.SamplerOptions
SimulatorOptions: Any = door.SimulatorOptions
ZneOptions: Any = door.ZneOptions
# Any, because users give dictionaries for groups, and what cannot be meant.
NAMES = (
    *("DynamicalDecouplingOptions", "EnvironmentOptions", "EstimatorOptions", "ExecutionOptionsV2"),
    *("LayerNoiseLearningOptions", "MeasureNoiseLearningOptions", "NoiseLearnerOptions", "OptionsV2", "PecOptions"),
    *("ResilienceOptionsV2", "SamplerExecutionOptionsV2", "SamplerOptions", "SimulatorOptions", "TwirlingOptions"),
    "ZneOptions",
)
CLASSES = [getattr(door, name) for name in NAMES]


def test_the_options_are_those_of_the_contract() -> None:
    assert set(door.__all__) == {*NAMES, "Unset"}


@pytest.mark.holds("B47")
@pytest.mark.parametrize("kind", CLASSES)
def test_nothing_is_said_by_new_options(kind: type[Any]) -> None:
    fields = kind().to_dict()
    environment = fields.pop("environment", fields)
    assert fields == {} or kind is EnvironmentOptions
    assert environment in ({}, {"log_level": "WARNING", "job_tags": None, "private": False})


def source_of(kind: type[Any]) -> str:
    """Return the text of a class. `inspect` would look for it at the door, which only hands it on."""
    text = inspect.getsource(module_of_options)
    return text.partition(f"\nclass {kind.__name__}(")[2].partition("\n\n\n")[0] + "\n"


@pytest.mark.parametrize("kind", CLASSES)
def test_every_option_says_what_it_is_for(kind: type[Any]) -> None:
    assert inspect.getdoc(kind)
    source = "".join(source_of(base) for base in kind.__mro__ if base.__module__ == kind.__module__)
    for spec in dataclasses.fields(kind):
        _, _, after = source.partition(f"    {spec.name}:")
        following = (*after.splitlines(), "")[1].strip()
        assert following.startswith('"""') or spec.default_factory is not dataclasses.MISSING, spec.name


def test_options_look_like_a_call_that_makes_them() -> None:
    assert repr(TwirlingOptions(strategy="all")) == (
        "TwirlingOptions(enable_gates=Unset, enable_measure=Unset, num_randomizations=Unset, "
        "shots_per_randomization=Unset, strategy='all')"
    )
    assert str(inspect.signature(TwirlingOptions)).startswith("(enable_gates: bool | ")


@pytest.mark.holds("B160")
def test_values_are_set_one_by_one_at_once_and_by_group() -> None:
    options = EstimatorOptions(default_shots=100, resilience={"zne": {"noise_factors": (1, 3)}})
    options.resilience_level = 2
    options.twirling.enable_gates = True
    options.dynamical_decoupling = {"enable": True}
    options.update(default_precision=0.5, resilience={"zne": {"amplifier": "pea"}}, experimental={"a": 1})
    options.update(experimental={"b": 2}, twirling=TwirlingOptions(strategy="all"))
    assert {name: value for name, value in options.to_dict().items() if name != "environment"} == {
        "default_shots": 100,
        "default_precision": 0.5,
        "resilience_level": 2,
        "dynamical_decoupling": {"enable": True},
        "resilience": {"zne": {"noise_factors": [1.0, 3.0], "amplifier": "pea"}},
        "twirling": {"enable_gates": True, "strategy": "all"},
        "experimental": {"a": 1, "b": 2},
    }


@pytest.mark.holds("B160")
def test_a_group_that_is_set_is_replaced_and_one_that_is_updated_is_not() -> None:
    options = SamplerOptions(twirling={"enable_gates": True})
    held = options.twirling
    options.update(twirling={"strategy": "all"})
    assert options.twirling is held
    assert held.to_dict() == {"enable_gates": True, "strategy": "all"}
    options.twirling = {"enable_measure": True}
    assert options.twirling.to_dict() == {"enable_measure": True}


@pytest.mark.holds("B161")
def test_none_is_a_value_and_deleting_unsets() -> None:
    options = EstimatorOptions(default_shots=None)
    assert options.to_dict()["default_shots"] is None
    del options.default_shots
    assert options.default_shots is Unset
    options.twirling.enable_gates = True
    del options.twirling
    assert options.twirling == TwirlingOptions()
    with pytest.raises(IBMInputValueError, match="no option 'shot'"):
        del options.shot


@pytest.mark.holds("B161")
def test_numbers_of_numpy_and_whole_floats_are_taken() -> None:
    assert SamplerOptions(default_shots=np.int64(5)).default_shots == 5
    assert SamplerOptions(default_shots=1e3).default_shots == 1000
    assert EstimatorOptions(default_precision=1).default_precision == 1.0
    assert ZneOptions(noise_factors=np.array([1, 3])).noise_factors == [1.0, 3.0]
    assert EnvironmentOptions(job_tags=("a", "b")).job_tags == ["a", "b"]
    assert SimulatorOptions(coupling_map=((0, 1),)).coupling_map == [[0, 1]]


def layer() -> LayerError:
    """Return what a noise learner finds out about a layer, which is nothing."""
    return LayerError(QuantumCircuit(2), [0, 1])


def test_what_a_noise_learner_found_is_taken_whole_or_layer_by_layer() -> None:
    one, other = layer(), layer()
    whole = NoiseLearnerResult([one, other])
    taken: list[tuple[object, object]] = [
        (None, None), (whole, whole), ([], []), ((), []), ([one], [one]), ([one, other], [one, other]),
        ((one, other), [one, other]),
    ]  # fmt: skip
    for given_, kept in taken:
        model = ResilienceOptionsV2(layer_noise_model=given_).layer_noise_model
        assert model == kept
        assert type(model) is type(kept)


@pytest.mark.holds("B161", "B162")
@pytest.mark.parametrize(
    ("make", "name", "wanted"),
    [
        (lambda: SamplerOptions(default_shots=0), "SamplerOptions.default_shots is 0", "at least 1"),
        (lambda: SamplerOptions(default_shots=True), "default_shots is True", "a whole number"),
        (lambda: SamplerOptions(default_shots="5"), "default_shots is '5'", "a whole number"),
        (lambda: SamplerOptions(max_execution_time=0), "max_execution_time is 0", "at least 1 or None"),
        (lambda: SamplerOptions(environment={"log_level": "debug"}), "log_level is 'debug'", "'DEBUG' or 'INFO'"),
        (lambda: SamplerOptions(environment={"job_tags": "ab"}), "job_tags is 'ab'", "a list, each a text or None"),
        (lambda: SamplerOptions(environment=None), "environment is None", "a dictionary or EnvironmentOptions"),
        (lambda: SamplerOptions(twirling={"num_randomizations": 0}), "TwirlingOptions.num", "at least 1 or 'auto'"),
        (lambda: SamplerOptions(experimental=3), "experimental is 3", "a dictionary"),
        (lambda: SimulatorOptions(noise_model=3), "noise_model is 3", "a NoiseModel"),
        (lambda: SimulatorOptions(coupling_map=[[0]]), "coupling_map", "pairs of qubits"),
        (lambda: EstimatorOptions(resilience_level=3), "resilience_level is 3", "at least 0 and at most 2"),
        (lambda: EstimatorOptions(default_precision=0), "default_precision is 0", "above 0"),
        (lambda: ZneOptions(noise_factors=[0.5, 2]), "noise_factors is", "each a number of at least 1"),
        (lambda: ZneOptions(extrapolator="double_exponential"), "too few for 'double_exponential'", "at least 4"),
        (lambda: EstimatorOptions(resilience={"layer_noise_model": [3]}), "layer_noise_model", "LayerError"),
        (lambda: EstimatorOptions(resilience={"layer_noise_model": [layer(), 3]}), "layer_noise_model", "LayerError"),
        (lambda: EstimatorOptions(resilience={"layer_noise_model": [3, layer()]}), "layer_noise_model", "LayerError"),
        (lambda: EstimatorOptions(resilience={"layer_noise_model": layer()}), "layer_noise_model", "LayerError"),
        (
            lambda: EstimatorOptions(resilience={"zne_mitigation": True, "pec_mitigation": True}),
            "pec_mitigation is True beside",
            "one or the other",
        ),
        (
            lambda: EstimatorOptions(resilience={"measure_noise_learning": {"num_randomizations": 3}}),
            "measure_mitigation is not True",
            "must be True first",
        ),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_with_what_can(
    make: Callable[[], object], name: str, wanted: str
) -> None:
    with pytest.raises(IBMInputValueError) as caught:
        make()
    first, last = str(caught.value).splitlines()
    assert name in first
    assert last.startswith("It must be ")
    assert wanted in last
    assert issubclass(IBMInputValueError, ValueError)


@pytest.mark.holds("B160")
@pytest.mark.parametrize(
    ("act", "hint"),
    [
        (lambda: SamplerOptions(default_shot=1), "Did you mean 'default_shots'?"),
        (lambda: SamplerOptions(twirling={"enable_gate": True}), "Did you mean 'enable_gates'?"),
        (lambda: SamplerOptions().update(twirlin={}), "Did you mean 'twirling'?"),
        (lambda: setattr(SamplerOptions(), "resilience_level", 1), "experimental="),
        (lambda: EstimatorOptions().update(resilience={"zne": {"factors": [1]}}), "Did you mean 'noise_factors'?"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(act: Callable[[], object], hint: str) -> None:
    with pytest.raises(IBMInputValueError, match="has no option") as caught:
        act()
    assert hint in str(caught.value).splitlines()[-1]


@pytest.mark.holds("B160", "B162")
def test_what_is_refused_changes_nothing() -> None:
    options = EstimatorOptions(resilience={"zne_mitigation": True})
    before = copy.deepcopy(options)
    for wrong in (
        {"default_shots": 3, "default_precision": -1},
        {"resilience": {"pec_mitigation": True}},
        {"resilience": {"zne": {"noise_factors": [1]}}},
    ):
        with pytest.raises(IBMInputValueError):
            options.update(**wrong)
    with pytest.raises(IBMInputValueError):
        options.resilience.pec_mitigation = True
    assert options == before


def test_a_conflict_across_groups_is_found_where_it_came_from_within() -> None:
    options = EstimatorOptions()
    options.resilience.measure_noise_learning.num_randomizations = 3
    assert options.find_conflict() is not None
    options.resilience.measure_mitigation = True
    assert options.find_conflict() is None


@pytest.mark.parametrize("kind", CLASSES)
def test_options_are_copied_pickled_and_compared_by_value(kind: type[Any]) -> None:
    options = kind()
    assert copy.deepcopy(options) == pickle.loads(pickle.dumps(options)) == options  # noqa: S301  # our own bytes
    assert copy.deepcopy(Unset) is copy.copy(Unset) is pickle.loads(pickle.dumps(Unset)) is Unset  # noqa: S301  # our own
    for spec in dataclasses.fields(kind):
        if spec.default is Unset:
            assert getattr(copy.deepcopy(options), spec.name) is Unset


@pytest.mark.holds("B487")
def test_what_somebody_put_beside_the_options_is_none_and_breaks_nothing() -> None:
    plain, options = EstimatorOptions(default_shots=7), EstimatorOptions(default_shots=7)
    for held in (options, options.resilience, options.resilience.zne):
        vars(held)["stray"] = object()
    assert options == plain
    assert repr(options) == repr(plain)
    assert (options.to_dict(), options.find_conflict()) == (plain.to_dict(), None)
    other = EstimatorOptions()
    other.update(**options.to_dict())
    other.update(resilience=options.resilience)
    options.update(default_shots=9, resilience={"zne_mitigation": True, "zne": {"amplifier": "pea"}})
    assert (options.default_shots, options.resilience.zne.amplifier) == (9, "pea")
    assert "stray" not in f"{other} {options}"
    twin = copy.deepcopy(EstimatorOptions(**options.to_dict()))
    assert twin == options


@pytest.mark.holds("B490")
def test_a_number_of_shots_of_learning_is_taken_and_said_to_be_deprecated() -> None:
    options = EstimatorOptions(resilience={"measure_mitigation": True})
    learning = options.resilience.measure_noise_learning
    for value in ("auto", Unset):
        learning.shots_per_randomization = value
    with pytest.warns(DeprecationWarning, match=r"measure_noise_learning\.shots_per_randomization is deprecated"):
        learning.shots_per_randomization = 20
    assert options.to_dict()["resilience"]["measure_noise_learning"] == {"shots_per_randomization": 20}
    with pytest.raises(IBMInputValueError, match="a whole number of at least 1 or 'auto'"):
        learning.shots_per_randomization = 0
    assert learning.shots_per_randomization == 20


def test_a_simulator_takes_over_a_backend() -> None:
    simulator = SimulatorOptions(seed_simulator=0)
    simulator.set_backend(GenericBackendV2(2, seed=1))
    assert isinstance(simulator.coupling_map, CouplingMap)
    assert "cx" in simulator.basis_gates
    assert type(simulator.noise_model).__name__ == "NoiseModel"
    assert simulator.seed_simulator == 0


def test_a_noise_learner_has_options_too() -> None:
    options = NoiseLearnerOptions(max_layers_to_learn=None, layer_pair_depths=[0, 2], twirling_strategy="all")
    assert options.to_dict()["layer_pair_depths"] == [0, 2]
    assert options.to_dict()["max_layers_to_learn"] is None


resilience = st.fixed_dictionaries(
    {},
    optional={
        "measure_mitigation": st.booleans(),
        "zne_mitigation": st.booleans(),
        "pec_mitigation": st.booleans(),
        "measure_noise_learning": st.fixed_dictionaries({}, optional={"num_randomizations": st.integers(1, 9)}),
        "zne": st.fixed_dictionaries({}, optional={"noise_factors": st.lists(st.integers(1, 9), max_size=5)}),
    },
)


@pytest.mark.holds("B160")
@given(resilience, resilience)
def test_updating_is_making_anew_or_nothing(one: dict[str, Any], other: dict[str, Any]) -> None:
    try:
        options = ResilienceOptionsV2(**one)
    except IBMInputValueError:
        return
    before = copy.deepcopy(options)
    try:
        options.update(**other)
    except IBMInputValueError:
        assert options == before
    else:
        fields = before.to_dict()
        groups = {name: fields.get(name, {}) | other[name] for name in other if isinstance(other[name], dict)}
        assert options == ResilienceOptionsV2(**fields | other | groups)
