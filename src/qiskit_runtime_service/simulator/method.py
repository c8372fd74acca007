"""The nouns of a simulation, and the choice of how to run a circuit."""

import math
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Clifford

MEMORY_LIMIT = 1 << 30
"""Bytes that the state of one circuit may take."""
LONGEST_RUN = 10.0
"""How long a circuit may take, about and in seconds, to have all noise in it."""
MOST_IDEAL_QUBITS = 16
"""Up to here Qiskit's own state vector is quick."""
_NO_GATES = frozenset(("barrier", "delay", "measure", "reset", "store"))
"""Instructions that leave a Clifford circuit one."""

Noise = Literal["all", "pauli", "none"]
"""All that the device tells; its gate and readout errors as random Paulis; or nothing."""


class Method(NamedTuple):
    """How one circuit is simulated."""

    name: str
    """Aer's word for it."""
    noise: Noise


class Work(NamedTuple):
    """Circuits that differ in their bindings or bases only, to be run alike."""

    pub: int
    """The index of the pub, for messages."""
    circuits: Sequence[QuantumCircuit]
    """On the active qubits alone, and bound."""
    active: tuple[int, ...]
    """Which qubits of the device these are."""
    shots: int
    seed: int


class Shots(NamedTuple):
    """What the shots of one circuit gave: the distinct outcomes, and which of them each shot is."""

    outcomes: NDArray[np.bool_]
    """Shape (distinct outcomes, classical bits); bit 0 first."""
    which: NDArray[np.intp]
    """Shape (shots,): the row of the outcome of each shot."""


class Run(NamedTuple):
    """What came of some work."""

    shots: Sequence[Shots]
    """One for each circuit."""
    method: Method


Machine = Callable[[Work], Run]
"""What runs circuits. Raises `RefusedError` if it cannot."""


def choose_method(width: int, operations: int, shots: int, *, clifford: bool) -> Method:
    """Return how Aer best simulates a circuit of `width` active qubits: with as much noise as time and memory allow.

    A density matrix holds all noise at once; with a state vector each shot is a run of its own.

    Source: behaviour B185.
    """
    matrix_fits, vector_fits = 16 * 4**width <= MEMORY_LIMIT, 16 * 2**width <= MEMORY_LIMIT
    at_once = 4e-9 * operations * 4**width if matrix_fits else math.inf
    shot_by_shot = 8e-9 * operations * shots * (2**width + 200) if vector_fits else math.inf
    if at_once <= min(shot_by_shot, LONGEST_RUN):
        return Method("density_matrix", "all")
    if shot_by_shot <= LONGEST_RUN:
        return Method("statevector", "all")
    if clifford:
        return Method("stabilizer", "pauli")
    return Method("statevector" if vector_fits else "matrix_product_state", "none")


def is_clifford(circuit: QuantumCircuit) -> bool:
    """Tell whether all gates of a circuit are Clifford gates, also inside control flow."""
    gates = {(gate.name, tuple(gate.params)): gate for gate in circuit.data if not gate.is_control_flow()}
    try:
        for gate in gates.values():
            if gate.name in _NO_GATES:
                continue
            if not gate.is_standard_gate():
                return False
            Clifford(gate.operation)
    except QiskitError:
        return False
    bodies = [body for step in circuit.data if step.is_control_flow() for body in step.operation.blocks]
    return all(map(is_clifford, bodies))


def blank(shots: int, width: int) -> Shots:
    """Return the shots of a circuit in which nothing is measured: every bit is still 0."""
    return Shots(np.zeros((1, width), bool), np.zeros(shots, np.intp))


def seed_of(seed: int, *path: int) -> int:
    """Return a seed of its own for each `path`, at most 31 bits as Aer wants it."""
    return int(np.random.SeedSequence((seed, *path)).generate_state(1)[0]) >> 1
