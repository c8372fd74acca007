"""Random Paulis behind the gates of Clifford circuits: how often they strike, and what becomes of them."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import Measure
from qiskit.circuit.library import CXGate, HGate, SGate, XGate
from qiskit.transpiler import InstructionProperties, Target

from qiskit_runtime_service.bridge.readout import describe_readout
from qiskit_runtime_service.simulator.method import Run, Work
from qiskit_runtime_service.simulator.pauli_frames import follow_errors, run_with_paulis

SHOTS = 8000
ALWAYS_ONE, ALWAYS_TWO = 2 / 3, 4 / 5
"""The average infidelity of a gate of one qubit, and of two, that is always followed by an error."""


def device(**errors: float) -> Target:
    """Return three qubits, on which the gates that are named fail so often, and others never."""
    target = Target(num_qubits=3)
    for gate in (XGate(), HGate(), SGate(), Measure()):
        properties = InstructionProperties(error=errors.get(gate.name, 0.0))
        target.add_instruction(gate, {(qubit,): properties for qubit in range(3)})
    properties = InstructionProperties(error=errors.get("cx", 0.0))
    target.add_instruction(CXGate(), {(a, b): properties for a in range(3) for b in range(3) if a != b})
    return target


def flips_of(circuit: QuantumCircuit, target: Target, active: tuple[int, ...] = (0, 1, 2)) -> NDArray[np.bool_]:
    """Return which qubits are flipped at the end, shape (qubits, shots)."""
    work = Work(0, [circuit], active, SHOTS, 7)
    return follow_errors(circuit, target, work, np.random.default_rng(7))


def about(share: float) -> Any:
    """Return a share as so many shots show it; five times the largest deviation that a share can have."""
    return pytest.approx(share, abs=5 * 0.5 / SHOTS**0.5)


@pytest.mark.holds("B185")
@pytest.mark.parametrize("error", [0.1, 0.4, ALWAYS_ONE])
def test_after_a_gate_of_one_qubit_x_y_and_z_are_equally_likely(error: float) -> None:
    circuit = QuantumCircuit(3)
    circuit.x(1)
    flips = flips_of(circuit, device(x=error))
    # An error comes with three halves of the infidelity; X and Y are seen, Z is not.
    assert flips.mean(axis=1).tolist() == [0.0, about(error), 0.0]
    # Behind H, Z and Y are seen.
    circuit.h(1)
    assert flips_of(circuit, device(x=error)).mean(axis=1).tolist() == [0.0, about(error), 0.0]


@pytest.mark.holds("B185")
@pytest.mark.parametrize("error", [0.1, 0.4, ALWAYS_TWO])
def test_after_a_gate_of_two_qubits_fifteen_paulis_are_equally_likely(error: float) -> None:
    circuit = QuantumCircuit(3)
    circuit.cx(2, 0)
    flips = flips_of(circuit, device(cx=error))
    chance = error * 5 / 4
    # Of the fifteen, eight flip one qubit, eight the other, four both, and three (ZI, IZ, ZZ) none.
    assert flips.mean(axis=1).tolist() == [about(chance * 8 / 15), 0.0, about(chance * 8 / 15)]
    assert (flips[0] & flips[2]).mean() == about(chance * 4 / 15)
    assert (flips[0] | flips[2]).mean() == about(chance * 12 / 15)
    circuit.h(0)
    circuit.h(2)
    turned = flips_of(circuit, device(cx=error))
    assert (turned[0] | turned[2]).mean() == about(chance * 12 / 15)


@pytest.mark.holds("B185")
def test_errors_follow_the_gates_behind_them() -> None:
    spread = QuantumCircuit(3)
    spread.x(0)
    spread.cx(0, 1)
    spread.cx(1, 2)
    flips = flips_of(spread, device(x=ALWAYS_ONE))
    assert flips[0].mean() == about(2 / 3)
    assert flips[1].tolist() == flips[2].tolist() == flips[0].tolist()
    # What is behind is not before: an error on the target of a gate stays there.
    spread = QuantumCircuit(3)
    spread.x(1)
    spread.cx(0, 1)
    flips = flips_of(spread, device(x=ALWAYS_ONE))
    assert flips.mean(axis=1).tolist() == [0.0, about(2 / 3), 0.0]
    # Its Z part goes to the control, and is seen there behind H.
    spread.h(0)
    flips = flips_of(spread, device(x=ALWAYS_ONE))
    assert flips.mean(axis=1).tolist() == [about(2 / 3), about(2 / 3), 0.0]
    assert (flips[0] & flips[1]).mean() == about(1 / 3)


@pytest.mark.holds("B185")
def test_of_two_errors_one_undoes_the_other() -> None:
    circuit = QuantumCircuit(3)
    circuit.x(0)
    circuit.x(0)
    # Two of three errors flip the qubit, each time.
    assert flips_of(circuit, device(x=ALWAYS_ONE)).mean(axis=1).tolist() == [about(4 / 9), 0.0, 0.0]


@pytest.mark.holds("B185")
def test_a_phase_gate_turns_one_error_into_another() -> None:
    circuit = QuantumCircuit(3)
    circuit.x(0)
    circuit.cx(0, 1)
    circuit.s(0)
    circuit.h(0)
    flips = flips_of(circuit, device(x=ALWAYS_ONE))
    # X and Y flip the copy. S makes Y of X, X of Y, and leaves Z: behind H, what was X or Z is seen.
    assert flips.mean(axis=1).tolist() == [about(2 / 3), about(2 / 3), 0.0]
    assert (flips[0] & flips[1]).mean() == about(1 / 3)
    assert (flips[0] | flips[1]).all()


@pytest.mark.holds("B185")
def test_the_errors_are_those_of_the_qubits_of_the_device() -> None:
    target = device()
    target.update_instruction_properties("x", (2,), InstructionProperties(error=ALWAYS_ONE))
    target.update_instruction_properties("cx", (2, 0), InstructionProperties(error=ALWAYS_TWO))
    circuit = QuantumCircuit(2)
    circuit.x([0, 1])
    assert flips_of(circuit, target, (0, 2)).mean(axis=1).tolist() == [0.0, about(2 / 3)]
    assert flips_of(circuit, target, (0, 1)).mean(axis=1).tolist() == [0.0, 0.0]
    coupled = QuantumCircuit(2)
    coupled.cx(1, 0)
    assert flips_of(coupled, target, (0, 2)).mean(axis=1).tolist() == [about(8 / 15), about(8 / 15)]
    coupled = QuantumCircuit(2)
    coupled.cx(0, 1)
    assert flips_of(coupled, target, (0, 2)).mean(axis=1).tolist() == [0.0, 0.0]


def run(circuit: QuantumCircuit, target: Target, *, seed: int = 7) -> Run | None:
    return run_with_paulis(target, Work(0, [circuit, circuit], (0, 1, 2), SHOTS, seed))


def ones_of(ran: Run | None) -> list[float]:
    """Return the share of ones of each bit of the first circuit."""
    assert ran is not None
    shots = ran.shots[0]
    shares: list[float] = shots.outcomes[shots.which].mean(axis=0).tolist()
    return shares


def bits_of(ran: Run | None) -> list[bytes]:
    """Return what each circuit gave, shot by shot."""
    assert ran is not None
    return [shots.outcomes[shots.which].tobytes() for shots in ran.shots]


@pytest.mark.holds("B185")
def test_a_bit_is_misread_as_often_as_its_measurement_fails() -> None:
    target = device()
    target.update_instruction_properties("measure", (0,), InstructionProperties(error=0.25))
    target.update_instruction_properties("measure", (2,), InstructionProperties(error=1.0))
    circuit = QuantumCircuit(3, 4)
    circuit.x(1)
    circuit.measure([0, 1, 2], [3, 1, 0])
    ran = run(circuit, target)
    assert ones_of(ran) == [1.0, 1.0, 0.0, about(0.25)]
    assert ran is not None
    assert ran.method == ("stabilizer", "pauli")


@pytest.mark.holds("B185")
def test_a_bit_is_misread_as_the_qubit_of_the_device_is() -> None:
    target = device()
    target.update_instruction_properties("measure", (2,), InstructionProperties(error=1.0))
    circuit = QuantumCircuit(2, 2)
    circuit.measure([0, 1], [0, 1])
    assert ones_of(run_with_paulis(target, Work(0, [circuit], (0, 2), SHOTS, 7))) == [0.0, 1.0]
    assert ones_of(run_with_paulis(target, Work(0, [circuit], (2, 1), SHOTS, 7))) == [1.0, 0.0]


@pytest.mark.holds("B270")
def test_a_bit_is_misread_by_the_state_that_its_qubit_has_come_to() -> None:
    target = device(x=ALWAYS_ONE)
    target.update_instruction_properties("measure", (0,), describe_readout(None, 0.15, 0.0, 0.3))
    target.update_instruction_properties("measure", (1,), describe_readout(None, 0.15, 0.3, 0.0))
    idle = QuantumCircuit(3, 2)
    idle.measure([0, 1], [0, 1])
    assert ones_of(run(idle, target)) == [0.0, about(0.3)]
    # What counts is the state behind the errors of the gate, which leave a 1 in one of three shots.
    turned = QuantumCircuit(3, 2)
    turned.x([0, 1])
    turned.measure([0, 1], [0, 1])
    assert ones_of(run(turned, target)) == [about(0.7 / 3), about(1 / 3 + 0.3 * 2 / 3)]
    assert ones_of(run(turned, device())) == [1.0, 1.0]


@pytest.mark.holds("B185")
def test_errors_of_gates_and_of_readout_are_both_seen() -> None:
    circuit = QuantumCircuit(3, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    assert ones_of(run(circuit, device())) == [1.0]
    assert ones_of(run(circuit, device(x=0.3))) == [about(0.7)]
    assert ones_of(run(circuit, device(x=0.3, measure=0.1))) == [about(0.7 * 0.9 + 0.3 * 0.1)]


@pytest.mark.holds("B185")
def test_each_circuit_has_dice_of_its_own() -> None:
    circuit = QuantumCircuit(3, 1)
    circuit.h(0)
    circuit.measure(0, 0)
    # Twice the same circuit, with one seed, the same, and another.
    drawn = [bits_of(run(circuit, device(h=0.1), seed=seed)) for seed in (7, 7, 8)]
    assert drawn[0] == drawn[1]
    assert len({*drawn[0], *drawn[2]}) == 4


def test_a_circuit_that_decides_while_it_runs_is_left_to_others() -> None:
    circuit = QuantumCircuit(3, 1)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    assert run(circuit, device()) is None


def test_qubits_and_gates_that_the_device_says_nothing_of_do_not_fail() -> None:
    target = device(x=ALWAYS_ONE)
    target.update_instruction_properties("x", (1,), None)
    target.update_instruction_properties("x", (2,), InstructionProperties(duration=1e-7))
    circuit = QuantumCircuit(3)
    circuit.x([1, 2])
    circuit.z(0)
    assert not flips_of(circuit, target).any()
