"""Pubs checked against a device."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Delay, ForLoopOp, IfElseOp, Measure, Parameter
from qiskit.circuit.classical import expr, types
from qiskit.circuit.library import CZGate, RZGate, RZZGate, SXGate
from qiskit.primitives.containers import BitArray, DataBin
from qiskit.transpiler import Target
from returns.result import Failure, Success

from qiskit_runtime_service.bridge.executable import check_pubs, check_registers, find_unmeasured
from qiskit_runtime_service.records.problem import NotExecutable

from .test_circuits import bell, pubs_of, turning


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


def problem_of(*pubs: Any, **more: Any) -> NotExecutable:
    result = check_pubs(pubs_of(*pubs), device(), **more)
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, NotExecutable)
    return problem


def test_what_the_device_has_passes() -> None:
    circuit = bell()
    circuit.barrier()
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.sx(0)
        circuit.cz(0, 1)
    assert check_pubs(pubs_of(circuit, turning(0.3)), device()) == Success(None)


@pytest.mark.holds("B85")
def test_what_a_loop_a_variable_or_a_stretch_needs_beside_needs_no_support() -> None:
    target = device()
    target.add_instruction(ForLoopOp, name="for_loop")
    target.add_instruction(Delay(Parameter("t")), {(qubit,): None for qubit in range(3)})
    circuit = QuantumCircuit(3, 1)
    circuit.delay(circuit.add_stretch("gap"), 0)
    n = circuit.add_var("n", expr.lift(0, types.Uint(8)))
    with circuit.for_loop(range(3)):
        circuit.store(n, expr.add(n, 1))
        with circuit.if_test(expr.equal(n, 2)):
            circuit.break_loop()
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.continue_loop()
    assert check_pubs(pubs_of(circuit), target) == Success(None)
    assert "'delay' on qubit 0" in problem_of(circuit).reason


@pytest.mark.holds("B85")
def test_a_name_that_is_no_utf_8_is_of_no_account_to_the_device() -> None:
    circuit = bell()
    circuit.name = "\ud800"
    assert check_pubs(pubs_of(circuit), device()) == Success(None)
    circuit.h(1)
    assert "'h' on qubit 1" in problem_of(circuit).reason


@pytest.mark.holds("B85")
def test_too_many_qubits_are_refused() -> None:
    problem = problem_of(bell(), QuantumCircuit(4))
    assert (problem.pub, problem.reason) == (1, "the circuit has 4 qubits and the device 3")
    assert problem.fix == "Use a backend that has as many: service.backends(min_num_qubits=4)"


@pytest.mark.holds("B85")
def test_an_unknown_instruction_is_named_with_its_qubits_and_the_fix() -> None:
    circuit = bell()
    circuit.h(1)
    problem = problem_of(bell(), bell(), circuit)
    assert problem.pub == 2
    assert problem.reason == "instruction 'h' on qubit 1 is not supported by the device"
    assert problem.fix.startswith("Transpile it with")


@pytest.mark.holds("B85")
def test_a_gate_in_the_wrong_direction_is_refused() -> None:
    circuit = QuantumCircuit(3)
    circuit.cz(0, 1)
    circuit.cz(2, 1)
    assert "'cz' on qubits 2, 1" in problem_of(circuit).reason


@pytest.mark.holds("B85")
def test_instructions_inside_control_flow_are_checked_on_the_qubits_of_the_device() -> None:
    circuit = QuantumCircuit(3, 1)
    body = QuantumCircuit(2)
    body.cz(0, 1)
    circuit.if_else((circuit.clbits[0], 1), body, None, [1, 2], [])
    assert check_pubs(pubs_of(circuit), device()) == Success(None)
    circuit.if_else((circuit.clbits[0], 1), body, None, [2, 1], [])
    assert "'cz' on qubits 2, 1" in problem_of(circuit).reason


@pytest.mark.holds("B85")
@pytest.mark.parametrize("angle", [-0.1, 1.6, math.nan])
def test_angles_of_rzz_outside_the_range_are_refused(angle: float) -> None:
    assert "'rzz' on qubits 0, 1 has the angle" in problem_of(turning(angle)).reason


@pytest.mark.parametrize("angle", [0, 0.5, math.pi / 2, math.pi / 2 + 1e-11])
def test_angles_of_rzz_inside_the_range_pass(angle: float) -> None:
    assert check_pubs(pubs_of(turning(angle)), device()) == Success(None)


@pytest.mark.holds("B85")
def test_bound_values_that_reach_an_rzz_are_checked() -> None:
    a, b = Parameter("a"), Parameter("b")
    for angle, good, bad in ((a, [1.0, 0], [2.0, 0]), (2 * a - b, [1, 1], [1, 0]), (a * b, [1, 1], [2, 1])):
        circuit = turning(angle)
        circuit.rz(a + b, 0)
        assert check_pubs(pubs_of((circuit, [good, good])), device()) == Success(None)
        assert "has the angle 2" in problem_of((circuit, [good, bad])).reason


@pytest.mark.holds("B489")
def test_a_wrong_angle_of_an_rzz_names_the_parameters_and_their_values() -> None:
    theta, phi = Parameter("theta"), Parameter("phi")
    at = "PUB 0 cannot run on this backend: instruction 'rzz' on qubits 0, 1 has the angle"
    for angle, values, said in (
        (theta, [[1.0], [3.0]], "3 (theta with theta = 3)"),
        (2 * theta - phi, [[0.25, 1.0], [0.0, 2.5]], "1.75 (-phi + 2*theta with phi = 0.25, theta = 1)"),
        (3.0, [], "3"),
    ):
        circuit = turning(angle)
        reason = problem_of((circuit, values) if values else circuit).reason
        assert reason.startswith(at.partition(": ")[2])
        assert reason.endswith(f"has the angle {said}, which is not in [0, π/2]")


@pytest.mark.holds("B85")
def test_bound_values_that_reach_an_rzz_inside_control_flow_are_checked() -> None:
    circuit = QuantumCircuit(2, 1)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.rzz(Parameter("a"), 0, 1)
    assert check_pubs(pubs_of((circuit, [1.0])), device()) == Success(None)
    assert "has the angle -1" in problem_of((circuit, [-1.0])).reason


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
        for instruction in block.data:
            where = [places[block.find_bit(bit).index] for bit in instruction.qubits]
            if instruction.name != "barrier" and not target.instruction_supported(instruction.name, where):
                return False
            if instruction.is_control_flow() and not all(can_run(body, where) for body in instruction.operation.blocks):
                return False
        return True

    assert isinstance(check_pubs(pubs_of(circuit), target), Success) == can_run(circuit, [0, 1, 2])


@pytest.mark.holds("B85")
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


@pytest.mark.holds("B85")
@pytest.mark.parametrize("name", ["shape", "ndim", "size", "keys", "values", "items", "_shape", "_data", "self"])
def test_registers_named_like_what_a_result_has_itself_are_refused(name: str) -> None:
    result = check_registers(pubs_of(bell(), QuantumCircuit(QuantumRegister(1, "q"), ClassicalRegister(1, name))))
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, NotExecutable)
    assert problem.pub == 1
    assert problem.reason == f"classical register {name!r} has a name that every result has for something else"
    assert problem.fix == "Rename or remove the register"


@pytest.mark.holds("B85")
@given(st.sampled_from([*dir(DataBin), "self", "data", "meas", "c", "count", "index", "dtype", "evs"]))
def test_a_register_that_passes_can_name_a_result(name: str) -> None:
    checked = check_registers(pubs_of(QuantumCircuit(QuantumRegister(1, "q"), ClassicalRegister(1, name))))
    bits = BitArray(np.zeros((3, 1), np.uint8), 1)
    if isinstance(checked, Success):
        named = DataBin(**{name: bits})
        assert named[name] is getattr(named, name) is bits
        assert (named.shape, named.ndim, list(named.keys())) == ((), 0, [name])
    else:
        assert name not in ("data", "meas", "c", "count", "index", "dtype", "evs")


@pytest.mark.holds("B166")
def test_a_pub_without_registers_is_found() -> None:
    assert find_unmeasured(pubs_of(bell(), QuantumCircuit(1))) == 1
    assert find_unmeasured(pubs_of(bell())) is None


@pytest.mark.holds("B165")
def test_control_flow_does_not_go_with_decoupling() -> None:
    circuit = QuantumCircuit(2, 1)
    circuit.measure(1, 0)
    with circuit.if_test((circuit.clbits[0], True)):
        circuit.sx(1)
    assert check_pubs(pubs_of(circuit), device()) == Success(None)
    assert check_pubs(pubs_of(bell()), device(), decoupled=True) == Success(None)
    problem = problem_of(bell(), circuit, decoupled=True)
    assert problem.pub == 1
    assert problem.reason.startswith("instruction 'if_else' on qubit 1 does not go with dynamical_decoupling")
    assert "enable to False" in problem.fix
