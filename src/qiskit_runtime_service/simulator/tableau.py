"""Stabilizer states: what they can be measured as, and how often."""

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.quantum_info import Clifford, PauliList

from .parities import find_parities


def sample_stabilizer(
    gates: QuantumCircuit, qubits: list[int], shots: int, die: np.random.Generator
) -> NDArray[np.bool_]:
    """Return shots of the qubits behind Clifford gates, shape (shots, qubits).

    Raises:
        QiskitError: A gate is no Clifford gate.
    """
    return sample_state(Clifford(gates), qubits, shots, die)


def sample_state(state: Clifford, qubits: list[int], shots: int, die: np.random.Generator) -> NDArray[np.bool_]:
    """Return shots of the qubits, shape (shots, qubits).

    The outcomes of a stabilizer state are equally likely, and are those that the X parts of its
    stabilizers lead to from any one of them.
    """
    coins = die.integers(0, 2, (shots, state.num_qubits))
    outcomes: NDArray[np.bool_] = find_outcome(state)[qubits] ^ find_parities(coins, state.stab_x[:, qubits])
    return outcomes


def find_outcome(state: Clifford) -> NDArray[np.bool_]:
    """Return one outcome that a stabilizer state may be measured with, one bit for each qubit.

    Products of stabilizers stabilize too. Those without an X part say which parities the outcome has.
    """
    rows = PauliList.from_symplectic(state.stab_z.copy(), state.stab_x.copy(), 2 * state.stab_phase)
    left = np.ones(len(rows), bool)
    for qubit in range(rows.num_qubits):
        holders = np.flatnonzero(left & rows.x[:, qubit])
        if holders.size:
            pivot, others = holders[0], holders[1:]
            if others.size:
                rows[others] = rows[others].compose(rows[[pivot]])
            left[pivot] = False
    return _solve(rows.z[left], rows.phase[left] == 2)


def _solve(matrix: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return bits whose parities over the rows of `matrix` are `wanted`; the rows are independent."""
    table = np.column_stack((matrix, wanted))
    bits = np.zeros(matrix.shape[1], bool)
    pivots = []
    for row in range(len(table)):
        pivot = int(np.argmax(table[row, :-1]))
        others = np.flatnonzero(table[:, pivot])
        table[others[others != row]] ^= table[row]
        pivots.append(pivot)
    bits[pivots] = table[:, -1]
    return bits
