"""The options of directed execution as users hold them."""

import copy
import dataclasses
import inspect
import json
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
from qiskit.quantum_info import PauliLindbladMap

import qiskit_runtime_service
from qiskit_runtime_service import options_models as door
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.options import EstimatorOptions as ServerSideEstimatorOptions
from qiskit_runtime_service.options import TwirlingOptions as ServerSideTwirlingOptions
from qiskit_runtime_service.shell import option_models as module_of_models

EnvironmentOptions: Any = door.EnvironmentOptions
EstimatorOptions: Any = door.EstimatorOptions
ExecutionOptions: Any = door.ExecutionOptions
NoiseLearnerV3Options: Any = door.NoiseLearnerV3Options
PecOptions: Any = door.PecOptions
ResilienceOptions: Any = door.ResilienceOptions
SamplerExecutionOptions: Any = door.SamplerExecutionOptions
SamplerOptions: Any = door.SamplerOptions
SimulatorOptions: Any = door.SimulatorOptions
TwirlingOptions: Any = door.TwirlingOptions
ZneOptions: Any = door.ZneOptions
# Any, because users give dictionaries for groups, and what cannot be meant.
NAMES = (
    *("BitFlipChecksOptions", "CalibratorOptions", "DynamicalDecouplingOptions", "EnvironmentOptions"),
    *("EstimatorOptions", "ExecutionOptions", "ExecutorOptions", "MeasureNoiseLearningOptions"),
    *("NoiseLearnerV3Options", "PecOptions", "PostCircuitBitFlipChecksOptions", "PreCircuitBitFlipChecksOptions"),
    *("ResilienceOptions", "SamplerExecutionOptions", "SamplerOptions", "SimulatorOptions", "TwirlingOptions"),
    "ZneOptions",
)
MODELS = [getattr(door, name) for name in NAMES]
TWIRLING = (
    "TwirlingOptions(enable_gates=None, enable_measure=None, group='pauli', num_randomizations='auto', "
    "shots_per_randomization='auto', strategy='active-accum')"
)


def layer(width: int = 2) -> tuple[CircuitInstruction, PauliLindbladMap]:
    """Return a layer, and its noise, which is none."""
    circuit = QuantumCircuit(2)
    with circuit.box():
        circuit.cz(0, 1)
    return circuit.data[0], PauliLindbladMap.identity(width)


def endless() -> tuple[CircuitInstruction, PauliLindbladMap]:
    """Return a layer whose noise is no number."""
    return layer()[0], PauliLindbladMap.from_list([("XX", float("nan"))])


def gate() -> tuple[CircuitInstruction, PauliLindbladMap]:
    """Return a gate in no box, and its noise."""
    circuit = QuantumCircuit(2)
    circuit.cz(0, 1)
    return circuit.data[0], PauliLindbladMap.identity(2)


def test_the_models_are_those_of_the_contract() -> None:
    assert set(door.__all__) == set(NAMES)
    assert qiskit_runtime_service.ExecutorOptions is door.ExecutorOptions
    assert qiskit_runtime_service.NoiseLearnerV3Options is NoiseLearnerV3Options
    assert TwirlingOptions().model_config == {"validate_assignment": True, "extra": "forbid"}
    assert {model.__module__ for model in MODELS} == {"qiskit_runtime_service.options_models"}


def source_of(kind: type[Any]) -> str:
    """Return the text of a class. `inspect` would look for it at the door, which only hands it on."""
    text = inspect.getsource(module_of_models)
    return text.partition(f"\nclass {kind.__name__}(")[2].partition("\n\n\n")[0] + "\n"


@pytest.mark.parametrize("kind", MODELS)
def test_every_option_says_what_it_is_for(kind: type[Any]) -> None:
    assert inspect.getdoc(kind)
    source = "".join(source_of(base) for base in kind.__mro__ if base.__module__ == kind.__module__)
    lines = source.splitlines()
    for name, spec in kind.model_fields.items():
        if getattr(spec.default_factory, "__module__", "") == kind.__module__:
            continue  # A group says it itself.
        begin = next(index for index, line in enumerate(lines) if line.startswith(f"    {name}:"))
        after = next(line for line in lines[begin + 1 :] if not line.startswith("        ") and line != "    )")
        assert after.strip().startswith('"""'), name


@pytest.mark.holds("B370")
def test_options_look_like_a_call_that_makes_them() -> None:
    assert repr(TwirlingOptions()) == TWIRLING
    assert str(TwirlingOptions()) == TWIRLING.removeprefix("TwirlingOptions(").rstrip(")").replace(", ", " ")
    assert str(inspect.signature(TwirlingOptions)).startswith("(*, enable_gates: bool | None = None, enable_measure")
    with pytest.raises(TypeError):
        TwirlingOptions(True)  # that it is refused is the point
    assert dir(TwirlingOptions()) == [
        "enable_gates", "enable_measure", "group", "num_randomizations", "shots_per_randomization", "strategy",
    ]  # fmt: skip
    assert eval(repr(EstimatorOptions()), vars(door)) == EstimatorOptions()  # noqa: S307  # our own text


@pytest.mark.holds("B370")
def test_values_are_set_at_once_by_group_and_by_update() -> None:
    options = SamplerOptions(twirling={"enable_gates": True}, execution={"meas_type": "kerneled"})
    assert options.twirling.enable_gates is True
    options.twirling = {"strategy": "all"}
    assert options.twirling == TwirlingOptions(strategy="all")
    held = options.twirling
    options.update(default_shots=5, twirling={"enable_measure": True}, experimental={"a": 1})
    assert options.twirling is held
    assert held == TwirlingOptions(strategy="all", enable_measure=True)
    options.update(experimental={"b": 2})
    assert options.experimental == {"b": 2}
    options.update(twirling=TwirlingOptions(group="local_c1"))
    assert options.twirling is held
    assert held == TwirlingOptions(group="local_c1")
    own = TwirlingOptions()
    options.twirling = own
    assert options.twirling is own
    del options.default_shots
    assert (options.default_shots, "default_shots" in options.model_fields_set) == (4096, False)


@pytest.mark.holds("B370")
def test_what_was_set_is_known_to_the_group_in_which_it_was_set() -> None:
    options = SamplerOptions()
    assert options.model_fields_set == set()
    options.twirling.enable_gates = True
    options.update(execution={"init_qubits": True})
    assert options.model_fields_set == set()
    assert options.twirling.model_fields_set == {"enable_gates"}
    assert options.execution.model_fields_set == {"init_qubits"}
    options.default_shots = 4096
    options.twirling = {"group": "pauli"}
    assert options.model_fields_set == {"default_shots", "twirling"}
    assert options.model_dump(exclude_unset=True) == {"default_shots": 4096, "twirling": {"group": "pauli"}}
    assert options.model_dump(exclude_defaults=True) == {}
    assert options == SamplerOptions()
    options.model_fields_set.clear()
    assert options.model_fields_set == {"default_shots", "twirling"}


@pytest.mark.holds("B370")
def test_a_dump_is_a_dictionary_of_its_own_and_says_what_is_asked_for() -> None:
    options = EstimatorOptions(experimental={"a": [1, {"b": 2}]}, resilience={"zne": {"noise_factors": (1, 3)}})
    dump = options.model_dump()
    assert list(dump) == [*EstimatorOptions.model_fields]
    dump["experimental"]["a"][1]["b"] = 3
    dump["resilience"]["zne"]["noise_factors"] = None
    assert options.experimental == {"a": [1, {"b": 2}]}
    assert options.resilience.zne.noise_factors == (1.0, 3.0)
    zne = options.resilience.zne
    assert zne.model_dump()["extrapolator"] == ("exponential", "linear")
    assert zne.model_dump(mode="json")["extrapolator"] == ["exponential", "linear"]
    assert json.loads(zne.model_dump_json(exclude_defaults=True)) == {"noise_factors": [1.0, 3.0]}
    assert options.model_dump(include={"resilience": {"zne": {"amplifier"}}}) == {
        "resilience": {"zne": {"amplifier": "gate_folding"}}
    }
    rest = options.model_dump(exclude={"resilience": {"zne": ...}, "twirling": True}, exclude_defaults=True)
    assert rest == {"experimental": {"a": [1, {"b": 2}]}, "resilience": {}}
    assert "max_execution_time" not in options.model_dump(exclude_none=True)
    with pytest.raises(IBMInputValueError, match=r"It must be 'python' or 'json'\."):
        options.model_dump(mode="yaml")
    odd = SamplerOptions(experimental={"a": {1, 2}})
    with pytest.raises(IBMInputValueError, match=r"SamplerOptions\.experimental is \{1, 2\}"):
        odd.model_dump(mode="json")


@pytest.mark.holds("B370")
def test_copies_share_or_do_not_as_asked() -> None:
    options = SamplerOptions(twirling={"enable_gates": True})
    assert options.model_copy().twirling is options.twirling
    deep = options.model_copy(deep=True, update={"default_shots": 7})
    assert deep.twirling is not options.twirling
    assert deep.default_shots == 7
    assert deep.model_fields_set == {"twirling", "default_shots"}
    assert deep.twirling.model_fields_set == {"enable_gates"}
    deep.twirling.enable_gates = False
    deep.default_shots = 8
    assert options == SamplerOptions(twirling={"enable_gates": True})
    with pytest.raises(IBMInputValueError, match="Did you mean 'default_shots'"):
        options.model_copy(update={"default_shot": 3})
    with pytest.raises(IBMInputValueError, match="default_shots is 0"):
        options.model_copy(update={"default_shots": 0})


@pytest.mark.holds("B370")
def test_dictionaries_and_json_are_validated_and_options_stay_themselves() -> None:
    options = TwirlingOptions(group="local_c1")
    assert TwirlingOptions.model_validate(options) is options
    assert TwirlingOptions.model_validate({"group": "local_c1"}) == options
    assert TwirlingOptions.model_validate_json(options.model_dump_json()) == options
    assert dict(options) == options.model_dump()
    for wrong in (3, PecOptions(), None, {1: 2}):
        with pytest.raises(IBMInputValueError, match="It must be a dictionary or TwirlingOptions"):
            TwirlingOptions.model_validate(wrong)
    for text in ("[1]", "{", b"\xff"):
        with pytest.raises(IBMInputValueError):
            TwirlingOptions.model_validate_json(text)


@pytest.mark.holds("B370")
@pytest.mark.parametrize("kind", MODELS)
def test_options_are_copied_pickled_and_compared_by_value_and_have_no_hash(kind: type[Any]) -> None:
    options = kind()
    assert copy.copy(options) == copy.deepcopy(options) == pickle.loads(pickle.dumps(options)) == options  # noqa: S301  # our own bytes
    assert options != {}
    with pytest.raises(TypeError):
        hash(options)
    other = kind()
    for name, value in options:
        if isinstance(value, dict | list) or dataclasses.is_dataclass(value):
            assert getattr(other, name) is not value
    assert dataclasses.asdict(options) == options.model_dump()


@pytest.mark.holds("B487")
def test_what_somebody_put_beside_the_options_of_a_model_is_none() -> None:
    plain, options = door.EstimatorOptions(default_shots=7), door.EstimatorOptions(default_shots=7)
    for held in (options, options.resilience):
        vars(held)["stray"] = object()
    assert options == plain
    assert (options.model_dump(), options.model_dump_json()) == (plain.model_dump(), plain.model_dump_json())
    options.update(default_shots=9)
    assert (options.default_shots, str(options)) == (9, str(plain).replace("default_shots=7", "default_shots=9"))


def test_models_of_one_shape_are_not_equal() -> None:
    before: Any = door.PreCircuitBitFlipChecksOptions()
    assert before != door.PostCircuitBitFlipChecksOptions()
    assert TwirlingOptions() != ServerSideTwirlingOptions()


@pytest.mark.holds("B371")
@pytest.mark.parametrize(
    ("make", "name", "wanted"),
    [
        (lambda: SamplerOptions(default_shots=0), "SamplerOptions.default_shots is 0", "at least 1 or None"),
        (lambda: SamplerOptions(default_shots=-3), "default_shots is -3", "at least 1"),
        (lambda: SamplerOptions(default_shots="100"), "default_shots is '100'", "a whole number"),
        (lambda: SamplerOptions(default_shots=True), "default_shots is True", "a whole number"),
        (lambda: SamplerOptions(default_shots=1.5), "default_shots is 1.5", "a whole number"),
        (lambda: SamplerOptions(max_execution_time=-1), "max_execution_time is -1", "at least 1"),
        (lambda: EstimatorOptions(default_precision=0), "default_precision is 0", "above 0"),
        (lambda: EstimatorOptions(default_precision=float("inf")), "default_precision is inf", "finite"),
        (lambda: EstimatorOptions(default_shots=-1), "default_shots is -1", "at least 0"),
        (lambda: EstimatorOptions(resilience_level=3), "resilience_level is 3", "0 or 1 or 2"),
        (lambda: EstimatorOptions(resilience_level=True), "resilience_level is True", "0 or 1 or 2"),
        (lambda: ExecutionOptions(rep_delay=-1), "rep_delay is -1", "at least 0"),
        (lambda: ExecutionOptions(init_qubits="yes"), "init_qubits is 'yes'", "True or False"),
        (lambda: SamplerExecutionOptions(meas_type="raw"), "meas_type is 'raw'", "'classified' or 'kerneled'"),
        (lambda: EnvironmentOptions(log_level="debug"), "log_level is 'debug'", "'DEBUG' or 'INFO'"),
        (lambda: EnvironmentOptions(job_tags=None), "job_tags is None", "a list, each a text"),
        (lambda: EnvironmentOptions(image="nothing"), "image is 'nothing'", "name:tag"),
        (lambda: EnvironmentOptions(image="//a:b"), "image is '//a:b'", "name:tag"),
        (lambda: SimulatorOptions(angle_decimals=-1), "angle_decimals is -1", "at least 0"),
        (lambda: SimulatorOptions(seed_simulator=-1), "seed_simulator is -1", "at least 0"),
        (lambda: SimulatorOptions(layer_noise_model=3), "layer_noise_model is 3", "item 0 is no such pair"),
        (lambda: SimulatorOptions(layer_noise_model=[layer(), 3]), "layer_noise_model", "item 1 is no such pair"),
        (lambda: SimulatorOptions(layer_noise_model=[layer(3)]), "layer_noise_model", "item 0 has 2 and 3 qubits"),
        (lambda: ResilienceOptions(layer_noise_model=[endless()]), "layer_noise_model", "item 0 has others"),
        (lambda: SimulatorOptions(layer_noise_model=[gate()]), "layer_noise_model", "item 0 is an instruction 'cz'"),
        (lambda: TwirlingOptions(num_randomizations=0), "num_randomizations is 0", "at least 1 or 'auto'"),
        (lambda: TwirlingOptions(strategy="active_accum"), "strategy is 'active_accum'", "'active-accum'"),
        (lambda: ZneOptions(noise_factors=[1]), "noise_factors is [1]", "at least 2 of them"),
        (lambda: ZneOptions(noise_factors=[0.5, 2]), "noise_factors is [0.5, 2]", "each a number of at least 1"),
        (lambda: ZneOptions(extrapolator=[]), "extrapolator is []", "at least 1 of them"),
        (lambda: ZneOptions(extrapolator="cubic"), "extrapolator is 'cubic'", "'linear'"),
        (lambda: ZneOptions(extrapolated_noise_factors=[-1]), "extrapolated_noise_factors is [-1]", "at least 0"),
        (lambda: PecOptions(max_overhead=0), "max_overhead is 0", "above 0 or None"),
        (lambda: NoiseLearnerV3Options(layer_pair_depths=[-1]), "layer_pair_depths is [-1]", "each a whole number"),
        (lambda: SamplerOptions(twirling=None), "SamplerOptions.twirling is None", "a dictionary or TwirlingOptions"),
        (lambda: SamplerOptions(execution=ExecutionOptions()), "SamplerOptions.execution", "SamplerExecutionOptions"),
        (lambda: SamplerOptions(experimental={1: 2}), "experimental is {1: 2}", "a dictionary"),
        (
            lambda: SamplerOptions(twirling=ServerSideTwirlingOptions()),
            "SamplerOptions.twirling",
            "qiskit_runtime_service.options_models.TwirlingOptions",
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
    assert isinstance(caught.value, ValueError)


@pytest.mark.holds("B371")
def test_numbers_of_numpy_whole_floats_and_tuples_are_taken() -> None:
    assert SamplerOptions(default_shots=np.int64(5)).default_shots == 5
    assert SamplerOptions(default_shots=100.0).model_dump_json(include={"default_shots"}) == '{"default_shots":100}'
    assert ZneOptions(noise_factors=np.array([1, 3])).noise_factors == [1.0, 3.0]
    assert ZneOptions(noise_factors=range(1, 4)).noise_factors == [1.0, 2.0, 3.0]
    assert ZneOptions(extrapolator=("linear",)).extrapolator == ("linear",)
    assert NoiseLearnerV3Options(layer_pair_depths=(0, 1)).layer_pair_depths == [0, 1]
    assert EstimatorOptions(execution=SamplerExecutionOptions()).execution == SamplerExecutionOptions()
    pair = layer()
    for given_ in ([pair], (pair,), [list(pair)]):
        assert SimulatorOptions(layer_noise_model=given_).layer_noise_model == [pair]
    assert ResilienceOptions(layer_noise_model=[]).layer_noise_model == []


@pytest.mark.holds("B160")
@pytest.mark.parametrize(
    ("act", "hint"),
    [
        (lambda: SamplerOptions(default_shot=1), "Did you mean 'default_shots'?"),
        (lambda: SamplerOptions(twirling={"enable_gate": True}), "Did you mean 'enable_gates'?"),
        (lambda: SamplerOptions().update(twirlin={}), "Did you mean 'twirling'?"),
        (lambda: setattr(TwirlingOptions(), "groups", "pauli"), "Did you mean 'group'?"),
        (lambda: EstimatorOptions().update(resilience={"zne": {"factors": [1]}}), "Did you mean 'noise_factors'?"),
        (lambda: delattr(TwirlingOptions(), "groups"), "Did you mean 'group'?"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(act: Callable[[], object], hint: str) -> None:
    with pytest.raises(IBMInputValueError, match="has no option") as caught:
        act()
    assert hint in str(caught.value).splitlines()[-1]


@pytest.mark.holds("B160")
@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: SamplerOptions(twirling={1: 2}), "SamplerOptions.twirling is {1: 2}."),
        (lambda: SamplerOptions().update(twirling={1: 2}), "SamplerOptions.twirling is {1: 2}."),
        (lambda: EstimatorOptions().update(resilience={"zne": {None: 2}}), "ResilienceOptions.zne is {None: 2}."),
        (lambda: SamplerOptions().model_copy(update={1: 2}), "update is {1: 2}."),
        (lambda: SamplerOptions.model_validate({1: 2}), "options is {1: 2}."),
    ],
)
def test_names_that_are_no_texts_are_refused(act: Callable[[], object], words: str) -> None:
    with pytest.raises(IBMInputValueError) as caught:
        act()
    assert str(caught.value).splitlines()[0] == words


def test_the_old_place_of_a_limit_is_warned_of_once() -> None:
    with pytest.warns(DeprecationWarning, match="set max_execution_time of the options") as caught:
        options = SamplerOptions(environment={"max_execution_time": 7})
    assert caught[0].filename == __file__
    assert options.environment.max_execution_time == 7
    options.update(environment={"private": True})
    assert copy.deepcopy(options) == options.model_copy(deep=True, update={"default_shots": 4096})
    options.environment.max_execution_time = None


leaves = st.fixed_dictionaries(
    {},
    optional={
        "enable_gates": st.none() | st.booleans(),
        "group": st.sampled_from(["pauli", "local_c1", "nonsense"]),
        "num_randomizations": st.integers(0, 3) | st.just("auto"),
        "odd": st.just(1),
    },
)
trees = st.fixed_dictionaries(
    {},
    optional={
        "default_shots": st.none() | st.integers(-1, 5) | st.sampled_from(["5", True, 4096]),
        "twirling": leaves,
        "experimental": st.dictionaries(st.text("ab", max_size=1), st.integers(), max_size=2),
    },
)


def made(tree: dict[str, Any]) -> Any:
    """Return options as a tree says, or nothing where one of its values cannot be meant."""
    try:
        return SamplerOptions(**tree)
    except IBMInputValueError:
        return None


@pytest.mark.holds("B160", "B370")
@given(trees, trees)
def test_updating_is_making_anew_or_nothing(one: dict[str, Any], other: dict[str, Any]) -> None:
    options = made(one)
    if options is None:
        return
    before, marks = copy.deepcopy(options), options.model_fields_set
    groups = {name: one.get(name, {}) | other[name] for name in other if name == "twirling"}
    wanted = made(one | other | groups)
    try:
        options.update(**other)
    except IBMInputValueError:
        assert wanted is None
        assert options == before
        assert options.model_fields_set == marks
        assert options.twirling.model_fields_set == before.twirling.model_fields_set
    else:
        assert options == wanted
        assert options.twirling.model_fields_set == wanted.twirling.model_fields_set
        assert options.model_fields_set == marks | (other.keys() - {"twirling"})


@pytest.mark.holds("B370")
@given(trees)
def test_a_dump_makes_the_same_again(tree: dict[str, Any]) -> None:
    options = made(tree)
    if options is None:
        return
    for dump in (
        options.model_dump(),
        options.model_dump(exclude_defaults=True),
        options.model_dump(exclude_unset=True),
    ):
        assert SamplerOptions(**dump) == options
    again = SamplerOptions.model_validate_json(options.model_dump_json(exclude_unset=True))
    assert again == options
    assert again.model_fields_set == options.model_fields_set == tree.keys()
    assert again.twirling.model_fields_set == options.twirling.model_fields_set == tree.get("twirling", {}).keys()


# What they hold and show

KEY = "Kq7Zp2Xw9Rt4Lm8Vn3Bc6Yd1Gh5Js0Fa_uQiEoTrW2z4"


@pytest.mark.holds("B410")
@pytest.mark.parametrize("kind", [door.EstimatorOptions, door.ExecutorOptions, ServerSideEstimatorOptions])
def test_what_looks_like_a_key_is_not_shown(kind: Any) -> None:
    for options in (kind(experimental={"token": KEY}), kind(environment={"job_tags": ["mine", KEY]})):
        for text in (repr(options), str(options), f"{options}", repr([options]), repr(options.environment)):
            assert KEY not in text
            assert kind.__name__ in text or "=" in text
    assert "Kq… (44 characters)" in repr(kind(experimental={"token": KEY}))
    assert repr(kind(experimental={"token": "mine"})).count("{'token': 'mine'}") == 1


@pytest.mark.holds("B410")
@pytest.mark.parametrize("kind", [door.EstimatorOptions, door.ExecutorOptions, ServerSideEstimatorOptions])
def test_what_options_were_made_of_may_change_later(kind: Any) -> None:
    given: dict[str, Any] = {"a": [1, {"b": [2]}]}
    made, assigned, updated = kind(experimental=given), kind(), kind()
    assigned.experimental = given
    updated.update(experimental=given)
    given["a"].append(3)
    given["a"][1]["b"].append(3)
    given["c"] = 4
    for options in (made, assigned, updated):
        assert options.experimental == {"a": [1, {"b": [2]}]}


@pytest.mark.holds("B410")
def test_what_is_inside_of_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(IBMInputValueError, match="not inside of itself"):
        EstimatorOptions(experimental={"a": endless})


@pytest.mark.holds("B410")
def test_a_hundred_levels_are_kept_and_more_are_refused() -> None:
    """Whatever Python allows: a process in which it allows many more would end."""
    levels: list[Any] = []
    for _ in range(98):
        levels = [levels]
    assert EstimatorOptions(experimental={"a": levels}).experimental == {"a": levels}
    with pytest.raises(IBMInputValueError, match="at most 100 levels"):
        EstimatorOptions(experimental={"a": [levels]})


@pytest.mark.holds("B410")
@pytest.mark.parametrize("kind", MODELS)
def test_json_and_dictionaries_give_back_what_is_equal(kind: Any) -> None:
    options = kind()
    assert kind.model_validate_json(options.model_dump_json()) == options
    assert kind(**options.model_dump()) == kind(**options.model_dump(mode="json")) == options


@pytest.mark.holds("B410")
@given(
    st.lists(st.floats(1, 9), min_size=2, max_size=4, unique=True),
    st.lists(st.sampled_from(["linear", "exponential", "fallback"]), min_size=1, max_size=3),
    st.booleans(),
)
def test_a_tuple_says_what_a_list_says(factors: list[float], models: list[str], more: bool) -> None:
    options = EstimatorOptions(resilience={"zne": {"noise_factors": tuple(factors), "extrapolator": tuple(models)}})
    assert EstimatorOptions.model_validate_json(options.model_dump_json()) == options
    other = EstimatorOptions(resilience={"zne": {"noise_factors": [*factors, 10.0], "extrapolator": models}})
    assert (other == options) is False
    other.resilience.zne.noise_factors = factors
    assert other == options
    other.resilience.pec_mitigation = more
    assert (other == options) is not more
    assert options != SamplerOptions()
    assert options != options.model_dump()


@pytest.mark.holds("B410")
def test_noise_factors_that_are_one_are_refused_as_they_are_set() -> None:
    for factors in ([1, 1, 1], (2.0, 2.0), [1]):
        with pytest.raises(
            IBMInputValueError, match=r"(?s)ZneOptions\.noise_factors is .* at least 2 of them, and different"
        ):
            ZneOptions(noise_factors=factors)
    assert ZneOptions(noise_factors=[1, 1, 3]).noise_factors == [1, 1, 3]
