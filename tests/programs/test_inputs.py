"""Parameters of quantum programs: what is sent is read, in all versions, and nothing in it is believed."""

import json
from base64 import b64decode, b64encode
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ibm_quantum_schemas.executor import version_2_0
from qiskit import QuantumCircuit, qasm3
from samplomatic.quantum_program import CircuitItem, SamplexItem
from samplomatic.serialization import samplex_to_json

from qiskit_runtime_service import QuantumProgram
from qiskit_runtime_service.bridge.ledger import DecodeLimits
from qiskit_runtime_service.programs.bodies import encode_program
from qiskit_runtime_service.programs.inputs import Inputs, read_inputs
from qiskit_runtime_service.records.problem import Problem, TooLarge, TooNew, TooSlow, UnreadableValue

from .programs import MAP, OPTIONS, boxed, every_kind, plain
from .samples import MODELS, REQUESTS, params_of


def read(params: Any, **limits: int) -> Inputs:
    body = params if isinstance(params, bytes) else json.dumps(params).encode()
    return read_inputs(body, DecodeLimits(**limits)).unwrap()


def problem_of(params: Any, **limits: int) -> Problem:
    return read_inputs(json.dumps(params).encode(), DecodeLimits(**limits)).failure()


def reason_of(params: Any) -> str:
    problem = problem_of(params)
    assert isinstance(problem, UnreadableValue)
    return problem.reason


def params_of_program(program: QuantumProgram) -> Any:
    return json.loads(encode_program(program, OPTIONS))


# What is sent


@pytest.mark.holds("B361")
def test_what_is_sent_meets_the_schema_and_is_read_as_it_was() -> None:
    program = every_kind()
    body = encode_program(program, OPTIONS | {"rep_delay": 0.5, "experimental": {"x": [1]}})
    version_2_0.ParamsModel.model_validate_json(body)
    version, found, options = read(body)
    assert version == "v2.0"
    assert options == OPTIONS | {"rep_delay": 0.5, "experimental": {"x": [1]}}
    assert found.shots == 7
    assert found.meas_level == "both"
    assert found.semantic_role == "somebody"
    assert found.passthrough_data["b"] is None
    np.testing.assert_array_equal(found.passthrough_data["a"][1], [0.0, 1.0, 2.0])
    assert [item.circuit for item in found.items] == [item.circuit for item in program.items]
    assert found.items[0].circuit.metadata == {"who": "me"}
    assert [item.shape for item in found.items] == [(2, 3), (4, 3), (2, 4)]
    assert [item.chunk_size for item in found.items] == [2, 3, 5]
    circuit, twirled, noisy = found.items
    assert isinstance(circuit, CircuitItem)
    np.testing.assert_array_equal(circuit.circuit_arguments, np.arange(6.0).reshape(2, 3, 1))
    assert isinstance(twirled, SamplexItem)
    assert isinstance(noisy, SamplexItem)
    np.testing.assert_array_equal(twirled.samplex_arguments["parameter_values"], np.zeros((3, 1)))
    np.testing.assert_array_equal(noisy.samplex_arguments["noise_scales.mod"], [[1.0], [-2.5]])
    assert noisy.samplex_arguments["pauli_lindblad_maps.ref"].to_sparse_list() == MAP.to_sparse_list()


def test_what_is_read_is_sent_as_it_came() -> None:
    for name in REQUESTS:
        params = params_of(name)
        if params["schema_version"] == "v2.0":
            inputs = read(params)
            again = read(encode_program(inputs.program, inputs.options))
            assert again.program.passthrough_data is not None or inputs.program.passthrough_data is None
            assert [item.circuit for item in again.program.items] == [item.circuit for item in inputs.program.items]
            assert [item.shape for item in again.program.items] == [item.shape for item in inputs.program.items]
            assert again.options == inputs.options


def test_a_samplex_that_is_read_draws_as_it_did() -> None:
    template, samplex = boxed()
    program = QuantumProgram(3)
    program.append_samplex_item(template, samplex, {"parameter_values": [0.5]}, shape=(6,))
    (item,) = read(params_of_program(program)).program.items
    assert isinstance(item, SamplexItem)
    drawn, found = (
        held.sample({"parameter_values": np.array([0.5])}, num_randomizations=6, rng=np.random.default_rng(1))
        for held in (samplex, item.samplex)
    )
    for name in ("parameter_values", "measurement_flips.c"):
        np.testing.assert_array_equal(drawn[name], found[name])


# All versions


@pytest.mark.holds("B364")
@pytest.mark.parametrize("name", REQUESTS)
def test_what_the_existing_client_sends_is_read(name: str) -> None:
    params = params_of(name)
    inputs = read(params)
    assert inputs.version == params["schema_version"]
    assert inputs.options == params["options"]
    model = MODELS[inputs.version].ParamsModel.model_validate(params).quantum_program
    assert inputs.program.shots == model.shots
    assert len(inputs.program.items) == len(model.items)
    for index, (item, theirs) in enumerate(zip(inputs.program.items, model.items, strict=True)):
        circuit = (
            model.circuits.to_python()[index] if hasattr(model, "circuits") else theirs.circuit.to_quantum_circuit()
        )
        assert item.circuit == circuit
        assert item.chunk_size is None
        if isinstance(item, CircuitItem):
            np.testing.assert_array_equal(item.circuit_arguments, theirs.circuit_arguments.to_numpy())
        else:
            assert isinstance(item, SamplexItem)
            assert list(item.shape) == theirs.shape
            assert samplex_to_json(item.samplex) is not None


@pytest.mark.holds("B364")
def test_a_version_that_is_not_known_is_named() -> None:
    params = params_of("executor") | {"schema_version": "v3.0"}
    assert reason_of(params) == "its schema is 'v3.0', and known here are v0.1, v0.2, v1.0, v1.1, v2.0"
    assert reason_of({"schema_version": "v3.0", "anything": 1}) == reason_of(params)
    assert "schema_version" in reason_of({})


def test_circuits_in_openqasm_are_read() -> None:
    circuit = plain()
    params = params_of("sampler_plain")
    params["quantum_program"]["circuits"] = {"data": [qasm3.dumps(circuit)]}
    (item,) = read(params).program.items
    assert [step.name for step in item.circuit.data] == [step.name for step in circuit.data]
    params["quantum_program"]["circuits"] = {"data": []}
    assert reason_of(params) == "there are 0 circuits for 1 items"
    params["quantum_program"]["circuits"] = {"data": ["OPENQASM 3.0; qubit[1000000000] q;"]}
    assert problem_of(params) == TooLarge(what="a number in OpenQASM", size=10**9, limit=100_000, setting="qubits")


@pytest.mark.holds("B364")
def test_the_shape_of_an_item_spreads_its_values_within_the_limits() -> None:
    params = params_of("executor")
    (item,) = params["quantum_program"]["items"]
    item["shape"] = [4, 2, 3]
    (found,) = read(params).program.items
    assert found.shape == (4, 2, 3)
    item["shape"] = [10**9, 2, 3]
    assert isinstance(problem_of(params), TooLarge)
    item["shape"] = [5]
    assert "broadcast" in reason_of(params)
    item["shape"] = [-1]
    assert reason_of(params) == "a shape is (-1,)"


# What is not believed


@pytest.mark.holds("B365")
def test_newer_circuits_and_others_than_are_declared_are_refused() -> None:
    params = params_of("executor_v1.1")
    held = params["quantum_program"]["circuits"]
    data = bytearray(b64decode(held["b64_data"]))
    data[6] = 19
    held["b64_data"] = b64encode(bytes(data)).decode()
    assert problem_of(params) == TooNew(what="QPY", version=19, supported=18)
    params = params_of("sampler_plain")
    params["quantum_program"]["items"] *= 2
    assert reason_of(params) == "the data holds 1 circuits instead of 2"
    params["quantum_program"]["items"] = []
    assert reason_of(params) == "the data holds 1 circuits instead of 0"


@pytest.mark.holds("B365")
def test_circuits_are_paid_for() -> None:
    program = QuantumProgram(1)
    for _ in range(3):
        program.append_circuit_item(QuantumCircuit(50, 1))
    body = encode_program(program, OPTIONS)
    assert len(read(body).program.items) == 3
    for limits, setting in (
        ({"qubits": 49}, "qubits"),
        ({"memory": 60_000}, "memory"),
        ({"circuit_bytes": 50}, "circuit_bytes"),
    ):
        problem = read_inputs(body, DecodeLimits(**limits)).failure()
        assert isinstance(problem, TooLarge)
        assert problem.setting == setting
    for _ in range(60):
        program.append_circuit_item(QuantumCircuit(50, 1))
    many = encode_program(program, OPTIONS)
    assert isinstance(read_inputs(many, time_left=lambda: 0.0).failure(), TooSlow)


def samplex_params(change: Any) -> Any:
    """Return parameters with a samplex whose JSON is changed."""
    params = params_of("sampler_twirled")
    held = params["quantum_program"]["items"][0]["samplex"]
    graph = json.loads(held["samplex_json"])
    change(graph)
    held["samplex_json"] = json.dumps(graph)
    return params


def node(name: str, value: Any) -> Any:
    def change(graph: Any) -> None:
        graph["nodes"][0][name] = value

    return change


def link(name: str, value: Any) -> Any:
    def change(graph: Any) -> None:
        graph["links"][0][name] = value

    return change


@pytest.mark.holds("B365")
@pytest.mark.parametrize("change", [link("source", 99), link("target", 10**12), node("id", 1), node("id", 10**12)])
def test_a_samplex_whose_edges_lead_nowhere_is_refused(change: Any) -> None:
    assert reason_of(samplex_params(change)) == "it is no graph of its own nodes"


def isolated(number: int) -> Any:
    def change(graph: Any) -> None:
        graph["nodes"].append({**graph["nodes"][0], "id": number})

    return change


@pytest.mark.holds("B365")
def test_a_samplex_cannot_count_beyond_the_limits() -> None:
    for change in (isolated(10**12), link("id", 10**12), isolated(-1), link("id", -7)):
        problem = problem_of(samplex_params(change))
        assert isinstance(problem, TooLarge)
        assert problem.what == "the number of a node in a samplex"

    def many_subsystems(graph: Any) -> None:
        distribution = json.loads(graph["nodes"][0]["data"]["distribution"])
        graph["nodes"][0]["data"]["distribution"] = json.dumps(distribution | {"num_subsystems": 10**9})

    assert problem_of(samplex_params(many_subsystems)) == TooLarge(
        what="num_subsystems of a samplex", size=10**9, limit=100_000, setting="qubits"
    )


@pytest.mark.holds("B365")
def test_the_circuit_inside_of_a_samplex_is_checked() -> None:
    def newer(graph: Any) -> None:
        table = json.loads(graph["attrs"]["param_table"])
        data = bytearray(b64decode(table["circuit_base64"]))
        data[6] = 12
        graph["attrs"]["param_table"] = json.dumps(table | {"circuit_base64": b64encode(bytes(data)).decode()})

    assert reason_of(samplex_params(newer)) == "QPY 12 is older than 13, which is the oldest that can be read safely"


@given(st.sampled_from(REQUESTS), st.data())
def test_whatever_is_taken_away_there_is_a_program_or_a_problem(name: str, data: st.DataObject) -> None:
    params = params_of(name)
    place: Any = params
    for _ in range(6):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            place[key] = data.draw(st.sampled_from([None, 0, -1, "", "x", [], {}, [1], 2**70, True]))
            break
        place = place[key]
    result = read_inputs(json.dumps(params).encode())
    assert isinstance(result.value_or(None), Inputs | None)


def test_a_program_without_arguments_for_its_kind_is_refused() -> None:
    params = params_of("executor")
    params["quantum_program"]["items"][0]["item_type"] = "samplex"
    assert reason_of(params).startswith("an item is of the type 'samplex'")
    del params["quantum_program"]["items"][0]["circuit_arguments"]
    params["quantum_program"]["items"][0]["item_type"] = "circuit"
    assert reason_of(params).startswith("an item is of the type 'circuit'")
