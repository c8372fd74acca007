"""Clifford circuits of any width with random Pauli errors: what the errors do is followed, all shots at once."""

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import Operation
from qiskit.quantum_info import Clifford
from qiskit.transpiler import Target

from ..bridge.readout import misreadings
from .method import Method, Run, Work, seed_of
from .tableau import sample_stabilizer
from .without_aer import as_shots, split_off_measurements


def run_with_paulis(target: Target, work: Work) -> Run | None:
    """Run Clifford circuits with the gate and readout errors of `target`; `None` if one decides while it runs.

    A gate of n qubits that fails with the average infidelity r is followed by one of the 4ⁿ - 1 Paulis with the
    probability r·(2ⁿ + 1)/2ⁿ, all equally likely. A measured bit is flipped with the probability that
    its qubit is misread in that state.

    Source: behaviour B185, B270.
    """
    splits = [split_off_measurements(circuit) for circuit in work.circuits]
    runs = []
    for index, (circuit, split) in enumerate(zip(work.circuits, splits, strict=True)):
        if isinstance(split, str):
            return None
        gates, measured = split
        die = np.random.default_rng(seed_of(work.seed, index))
        qubits = list(measured.values())
        drawn = sample_stabilizer(gates, qubits, work.shots, die)
        flips = follow_errors(gates, target, work, die)[qubits].T
        state = drawn ^ flips
        # Two rows: how often a 0 is misread, and how often a 1.
        of_zero, of_one = np.reshape(misreadings(target, [work.active[qubit] for qubit in qubits]), (-1, 2)).T
        readout = np.where(state, of_one, of_zero)
        misread = die.random(drawn.shape) < readout
        runs.append(as_shots(state ^ misread, measured, circuit.num_clbits))
    return Run(runs, Method("stabilizer", "pauli"))


def follow_errors(gates: QuantumCircuit, target: Target, work: Work, die: np.random.Generator) -> NDArray[np.bool_]:
    """Return which qubits the errors of all gates flip at the end, shape (qubits, shots)."""
    place = {qubit: position for position, qubit in enumerate(gates.qubits)}
    # Which qubits have an X error, and which a Z error, in which shots.
    flips = np.zeros((gates.num_qubits, work.shots), bool)
    phases = np.zeros_like(flips)
    known: dict[object, list[list[int]]] = {}
    for gate in gates.data:
        qubits = [place[qubit] for qubit in gate.qubits]
        rows = [errors[qubit] for errors in (flips, phases) for qubit in qubits]
        moved = np.array(rows)
        key = (gate.name, tuple(gate.params))
        if key not in known:
            known[key] = sources_of(gate.operation)
        for row, sources in zip(rows, known[key], strict=True):
            row[:] = np.logical_xor.reduce(moved[list(sources)])
        size = 1 << len(qubits)
        chance = error_of(target, gate.name, tuple(work.active[qubit] for qubit in qubits)) * (size + 1) / size
        if chance:
            struck = np.flatnonzero(die.random(work.shots) < chance)
            paulis = die.integers(1, size**2, len(struck))
            for position, row in enumerate(rows):
                row[struck] ^= (paulis >> position & 1).astype(bool)
    return flips


def sources_of(gate: Operation) -> list[list[int]]:
    """Return, for each X and Z part behind a Clifford gate, of which parts before it is made."""
    matrix = Clifford(gate).symplectic_matrix
    return [np.flatnonzero(column).tolist() for column in matrix.T]


def error_of(target: Target, name: str, qubits: tuple[int, ...]) -> float:
    """Return how likely an operation fails; 0 where the device does not say."""
    known = target[name].get(qubits) if name in target.operation_names else None
    return 0.0 if known is None or known.error is None else float(known.error)
