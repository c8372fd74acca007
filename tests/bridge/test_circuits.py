"""Pubs: read from users, checked against a device, sent, and read again by a cloud."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import IfElseOp, Measure, Parameter
from qiskit.circuit.library import CZGate, RZGate, RZZGate, SXGate
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.transpiler import Target
from returns.result import Failure, Success

from qiskit_runtime_service.bridge.circuits import (
    check_pubs,
    check_registers,
    encode_sampler_params,
    find_unmeasured,
    read_pubs,
    values_of,
)
from qiskit_runtime_service.bridge.orders import decode_sampler_params
from qiskit_runtime_service.records.problem import BadArgument, NotExecutable, UnreadableValue

DATA = Path(__file__).parent / "data"


def bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2, 2)
    circuit.sx(0)
    circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def turning(angle: Any) -> QuantumCircuit:
    circuit = QuantumCircuit(2, 1)
    circuit.rzz(angle, 0, 1)
    circuit.measure(0, 0)
    return circuit


def device() -> Target:
    """Return three qubits in a line, with two-qubit gates in one direction."""
    target = Target(num_qubits=3)
    angle = Parameter("angle")
    for gate in (SXGate(), RZGate(angle), Measure()):
        target.add_instruction(gate, {(qubit,): None for qubit in range(3)})
    target.add_instruction(CZGate(), {(0, 1): None, (1, 2): None})
    target.add_instruction(RZZGate(angle), {(0, 1): None}, angle_bounds=[(0, math.pi / 2)])
    target.add_instruction(IfElseOp, name="if_else")
    return target


def pubs_of(*pubs: Any) -> tuple[SamplerPub, ...]:
    read: tuple[SamplerPub, ...] = read_pubs(pubs, None).unwrap()
    return read


def reason_of(*pubs: Any, target: Target | None = None) -> tuple[int, str]:
    result = check_pubs(pubs_of(*pubs), target or device())
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, NotExecutable)
    return problem.pub, problem.reason


# What a user hands in


def test_shots_of_the_call_fill_in_where_a_pub_has_none() -> None:
    pubs = read_pubs([bell(), (bell(), None, 7)], 100).unwrap()
    assert [pub.shots for pub in pubs] == [100, 7]


def test_pubs_may_come_from_a_generator_and_shots_from_numpy() -> None:
    five: Any = np.int64(5)
    pubs = read_pubs((bell() for _ in range(2)), five).unwrap()
    assert [pub.shots for pub in pubs] == [5, 5]


@pytest.mark.parametrize("shots", [0, -1, True, 1.5, "10"])
def test_shots_that_cannot_be_meant_are_refused(shots: Any) -> None:
    for pubs in ([bell()], [(bell(), None, 3)]):
        result = read_pubs(pubs, shots)
        assert isinstance(result, Failure)
        assert isinstance(result.failure(), BadArgument)
    inside = read_pubs([bell(), (bell(), None, shots)], None)
    assert isinstance(inside, Failure)
    assert inside.failure().name == "pubs[1]"


@pytest.mark.parametrize("pubs", [[], (), bell(), "circuit", 5, None])
def test_no_pubs_and_what_is_no_list_of_pubs_are_refused(pubs: Any) -> None:
    result = read_pubs(pubs, None)
    assert isinstance(result, Failure)
    assert isinstance(result.failure(), BadArgument)


@pytest.mark.parametrize(
    "pub",
    [
        5,
        None,
        "bell",
        (),
        (bell(), [1.0]),
        (turning(Parameter("a")),),
        (bell(), None, 1, 2),
        ({},),
        (turning(Parameter("a")), {"b": 1}),
    ],
)
def test_a_bad_pub_is_named_by_its_index(pub: Any) -> None:
    result = read_pubs([bell(), pub], None)
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, BadArgument)
    assert problem.name == "pubs[1]"


# What a job is sent


def test_the_sample_request_of_the_protocol_is_read() -> None:
    job = decode_sampler_params((DATA / "sampler_params.json").read_bytes()).unwrap()
    (pub,) = job.pubs
    assert (pub.shots, pub.shape, job.seed) == (8, (2,), None)
    assert pub.circuit.num_parameters == 1


def test_what_the_existing_client_sends_is_read() -> None:
    params = json.loads((DATA / "typed_json.json").read_text())["params"]
    job = decode_sampler_params(json.dumps(params).encode()).unwrap()
    assert [pub.shots for pub in job.pubs] == [8, 4096, 4096]
    assert [values_of(pub).tolist() for pub in job.pubs] == [[[1, 0.1], [2, 0.2]], [], [[0, 1], [2, 3], [4, 5]]]


def test_values_are_sent_in_the_order_of_the_parameters() -> None:
    circuit = QuantumCircuit(1)
    circuit.rz(Parameter("b"), 0)
    circuit.rz(Parameter("a"), 0)
    pubs = pubs_of((circuit, {"b": [[3, 4, 5]], "a": [[0, 1, 2]]}), bell())
    params = json.loads(encode_sampler_params(pubs, {"default_shots": 10}))
    assert {key: params[key] for key in ("options", "version", "support_qiskit")} == {
        "options": {"default_shots": 10},
        "version": 2,
        "support_qiskit": True,
    }
    job = decode_sampler_params(encode_sampler_params(pubs, {})).unwrap()
    assert values_of(job.pubs[0]).tolist() == [[[0, 3], [1, 4], [2, 5]]]
    assert values_of(job.pubs[1]).shape == (0,)
    assert job.pubs[0].circuit == circuit


def test_a_cloud_takes_shots_from_the_pub_then_the_options_then_4096() -> None:
    pubs = pubs_of((bell(), None, 7), bell())
    for options, shots in (({}, [7, 4096]), ({"default_shots": 20}, [7, 20]), ({"default_shots": None}, [7, 4096])):
        job = decode_sampler_params(encode_sampler_params(pubs, options)).unwrap()
        assert [pub.shots for pub in job.pubs] == shots


@pytest.mark.parametrize("seed", [0, 42, None])
def test_a_seed_of_the_simulator_arrives(seed: int | None) -> None:
    params = encode_sampler_params(pubs_of(bell()), {"simulator": {"seed_simulator": seed}})
    assert decode_sampler_params(params).unwrap().seed == seed


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"pubs": [], "options": {}},
        {"pubs": ["OPENQASM 3.0;"], "options": {}},
        {"pubs": [[None]], "options": {}},
        {"pubs": [[{"a": 1}, None, 5]], "options": {}},
        {"pubs": 3, "options": {}},
    ],
)
def test_params_without_circuits_are_a_documented_failure(params: object) -> None:
    result = decode_sampler_params(json.dumps(params).encode())
    assert isinstance(result, Failure)
    assert isinstance(result.failure(), UnreadableValue | BadArgument)


@pytest.mark.parametrize("options", [{"default_shots": -1}, {"simulator": {"seed_simulator": -1}}])
def test_bad_options_are_a_documented_failure(options: dict[str, object]) -> None:
    result = decode_sampler_params(encode_sampler_params(pubs_of(bell()), options))
    assert isinstance(result, Failure)
    assert isinstance(result.failure(), BadArgument)


# What a device can run


def test_what_the_device_has_passes() -> None:
    circuit = bell()
    circuit.barrier()
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.sx(0)
        circuit.cz(0, 1)
    assert check_pubs(pubs_of(circuit, turning(0.3)), device()) == Success(None)


def test_too_many_qubits_are_refused() -> None:
    pub, reason = reason_of(bell(), QuantumCircuit(4))
    assert pub == 1
    assert "4 qubits" in reason
    assert "transpile" in reason


def test_an_unknown_instruction_is_named_with_its_qubits_and_the_fix() -> None:
    circuit = bell()
    circuit.h(1)
    assert reason_of(bell(), bell(), circuit)[0] == 2
    assert reason_of(circuit)[1].startswith("instruction 'h' on qubit 1 is not supported by the device: transpile with")


def test_a_gate_in_the_wrong_direction_is_refused() -> None:
    circuit = QuantumCircuit(3)
    circuit.cz(0, 1)
    circuit.cz(2, 1)
    assert "'cz' on qubits 2, 1" in reason_of(circuit)[1]


def test_instructions_inside_control_flow_are_checked_on_the_qubits_of_the_device() -> None:
    circuit = QuantumCircuit(3, 1)
    body = QuantumCircuit(2)
    body.cz(0, 1)
    circuit.if_else((circuit.clbits[0], 1), body, None, [1, 2], [])
    assert check_pubs(pubs_of(circuit), device()) == Success(None)
    circuit.if_else((circuit.clbits[0], 1), body, None, [2, 1], [])
    assert "'cz' on qubits 2, 1" in reason_of(circuit)[1]


@pytest.mark.parametrize("angle", [-0.1, 1.6, math.nan])
def test_angles_of_rzz_outside_the_range_are_refused(angle: float) -> None:
    assert "'rzz' on qubits 0, 1 has the angle" in reason_of(turning(angle))[1]


@pytest.mark.parametrize("angle", [0, 0.5, math.pi / 2, math.pi / 2 + 1e-11])
def test_angles_of_rzz_inside_the_range_pass(angle: float) -> None:
    assert check_pubs(pubs_of(turning(angle)), device()) == Success(None)


def test_bound_values_that_reach_an_rzz_are_checked() -> None:
    a, b = Parameter("a"), Parameter("b")
    for angle, good, bad in ((a, [1.0, 0], [2.0, 0]), (2 * a - b, [1, 1], [1, 0]), (a * b, [1, 1], [2, 1])):
        circuit = turning(angle)
        circuit.rz(a + b, 0)
        assert check_pubs(pubs_of((circuit, [good, good])), device()) == Success(None)
        assert "has the angle 2" in reason_of((circuit, [good, bad]))[1]


def test_bound_values_that_reach_an_rzz_inside_control_flow_are_checked() -> None:
    circuit = QuantumCircuit(2, 1)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.rzz(Parameter("a"), 0, 1)
    assert check_pubs(pubs_of((circuit, [1.0])), device()) == Success(None)
    assert "has the angle -1" in reason_of((circuit, [-1.0]))[1]


@st.composite
def laid_out(draw: st.DrawFn, qubits: int = 3) -> QuantumCircuit:
    """Return a circuit that the device may or may not be able to run, with a block in it now and then."""
    circuit = QuantumCircuit(qubits, 1)
    singles = ("sx", "x", "id", "reset")
    for _ in range(draw(st.integers(0, 5))):
        first, second = draw(st.permutations(range(qubits)))[:2]
        match draw(st.sampled_from(["single", "cz", "cx", "barrier", "delay", "rz", "measure", "block"])):
            case "single":
                getattr(circuit, draw(st.sampled_from(singles)))(first)
            case "cz" | "cx" as name:
                getattr(circuit, name)(first, second)
            case "barrier":
                circuit.barrier(first, second)
            case "delay":
                circuit.delay(10, first)
            case "rz":
                circuit.rz(0.1, first)
            case "measure":
                circuit.measure(first, 0)
            case _:
                circuit.if_test((circuit.clbits[0], True), draw(blocks()), [first, second], [])
    return circuit


@st.composite
def blocks(draw: st.DrawFn) -> QuantumCircuit:
    block = QuantumCircuit(2)
    for name in draw(st.lists(st.sampled_from(["sx", "h", "barrier"]), max_size=2)):
        getattr(block, name)(draw(st.integers(0, 1)))
    if draw(st.booleans()):
        block.cz(*draw(st.permutations([0, 1])))
    return block


@given(laid_out())
def test_a_circuit_can_run_if_each_of_its_instructions_can(circuit: QuantumCircuit) -> None:
    target = device()

    def can_run(block: QuantumCircuit, places: list[int]) -> bool:
        for each in block.data:
            where = [places[block.find_bit(bit).index] for bit in each.qubits]
            if each.name != "barrier" and not target.instruction_supported(each.name, where):
                return False
            if each.is_control_flow() and not all(can_run(body, where) for body in each.operation.blocks):
                return False
        return True

    assert isinstance(check_pubs(pubs_of(circuit), target), Success) == can_run(circuit, [0, 1, 2])


def test_registers_that_cannot_name_a_result_are_refused() -> None:
    for register, words in (
        (ClassicalRegister(0, "c"), "no bits"),
        (ClassicalRegister(1, "a b"), "not a Python identifier"),
        (ClassicalRegister(1, "class"), "not a Python identifier"),
    ):
        result = check_registers(pubs_of(bell(), QuantumCircuit(QuantumRegister(1, "q"), register)))
        assert isinstance(result, Failure)
        problem = result.failure()
        assert isinstance(problem, NotExecutable)
        assert problem.pub == 1
        assert words in problem.reason


def test_a_pub_without_registers_is_found() -> None:
    assert find_unmeasured(pubs_of(bell(), QuantumCircuit(1))) == 1
    assert find_unmeasured(pubs_of(bell())) is None


def test_control_flow_does_not_go_with_decoupling() -> None:
    circuit = QuantumCircuit(2, 1)
    circuit.measure(1, 0)
    with circuit.if_test((circuit.clbits[0], True)):
        circuit.sx(1)
    assert check_pubs(pubs_of(circuit), device()) == Success(None)
    assert check_pubs(pubs_of(bell()), device(), decoupled=True) == Success(None)
    result = check_pubs(pubs_of(bell(), circuit), device(), decoupled=True)
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, NotExecutable)
    assert problem.pub == 1
    assert problem.reason.startswith("instruction 'if_else' on qubit 1 does not go with dynamical_decoupling")
