"""The nouns of a simulation: what is to be run, how, and what came of it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Clifford

from .aer_support import CONTROL_FLOW, INSTRUCTIONS

_NO_GATES = frozenset(("barrier", "delay", "measure", "reset", "store"))
"""Instructions that leave a Clifford circuit one."""
OF_STABILIZERS = INSTRUCTIONS["stabilizer"] | CONTROL_FLOW | {"while_loop"}
"""What Aer runs with stabilizers. Other gates it does not, even where they are Clifford gates by their angles."""

Noise = Literal["all", "pauli", "none"]
"""All that the device tells; its gate and readout errors as random Paulis; or nothing."""
NOISES: tuple[Noise, ...] = ("none", "pauli", "all")
"""The least first."""


class Method(NamedTuple):
    """How one circuit is simulated."""

    name: str
    """Aer's word for it."""
    noise: Noise


class Way(NamedTuple):
    """One way to simulate some circuits, and what it costs."""

    method: Method
    seconds: float
    """For all of them."""
    memory: float
    """Bytes, at one time."""
    bond: int = 0
    """The largest bond of a matrix product state; 0 for other methods."""
    exact: bool = True
    """Whether nothing has to be cut off."""


class Work(NamedTuple):
    """Circuits to be run alike."""

    pub: int
    """The index of the pub, for messages."""
    circuits: Sequence[QuantumCircuit]
    """On the active qubits alone, and bound."""
    active: tuple[int, ...]
    """Which qubits of the device these are."""
    shots: int
    seed: int
    way: Way | None = None
    """In which way they are to be run, for a machine that has several."""


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


def least_noise(methods: Iterable[Method]) -> Noise:
    """Return the least noise that any of them has; of none, all."""
    return min((method.noise for method in methods), key=NOISES.index, default="all")


def is_clifford(circuit: QuantumCircuit) -> bool:
    """Tell whether all gates of a circuit are Clifford gates, also inside control flow."""
    plain = (step for step in circuit.data if not step.is_control_flow())
    return are_clifford(plain) and all(map(is_clifford, bodies_of(circuit.data)))


def are_clifford(steps: Iterable[CircuitInstruction]) -> bool:
    """Tell whether instructions other than control flow leave a Clifford circuit one."""
    gates: dict[object, CircuitInstruction] = {}
    for step in steps:
        if step.name in _NO_GATES:
            continue
        if not step.is_standard_gate():
            return False
        gates[step.name, tuple(step.params)] = step
    try:
        for gate in gates.values():
            Clifford(gate.operation)
    except QiskitError:
        return False
    return True


def names_in(steps: Iterable[CircuitInstruction]) -> set[str]:
    """Return the names of instructions, and of those inside control flow."""
    steps = list(steps)
    return {step.name for step in steps}.union(*(names_in(body.data) for body in bodies_of(steps)))


def bodies_of(steps: Iterable[CircuitInstruction]) -> list[QuantumCircuit]:
    """Return the bodies of control flow among instructions, one level deep."""
    return [body for step in steps if step.is_control_flow() for body in step.operation.blocks]


def blank(shots: int, width: int) -> Shots:
    """Return the shots of a circuit in which nothing is measured: every bit is still 0."""
    return Shots(np.zeros((1, width), bool), np.zeros(shots, np.intp))


def seed_of(seed: int, *path: int) -> int:
    """Return a seed of its own for each `path`, at most 31 bits as Aer wants it."""
    return int(np.random.SeedSequence((seed, *path)).generate_state(1)[0]) >> 1
