"""Wider parts of circuits with the noise of a device as random Paulis, all elements that are alike at once."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, Operation, Qubit
from qiskit.circuit.library import RZGate, SdgGate, SGate, ZGate
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Clifford

from .alike_elements import Alike, Bits, group_elements
from .channels import Matrix, Noise, commuting_signs
from .layer_noise import LAYER_NOISE, terms_of
from .pauli_frames import sources_of
from .pauli_vectors import AlikeParts, SmallPart, Values, draw_rows, evaluate_parameter
from .tableau import sample_state

MOST_VECTOR = 11
"""The most qubits of which a vector of expectation values is kept."""
MOST_SHOTS = 1 << 15
"""How many shots of a Clifford circuit are followed at a time, about."""
NEAR = 1e-4
"""How far the angle of a Clifford gate may be from a multiple of π/2; samplexes draw angles as `float32`."""


_TURNS = (RZGate(0.0), SGate(), ZGate(), SdgGate())
"""What `rz` is, by quarters of a turn, up to a global phase. These have tables of their own, and are followed fast."""


class _Clifford(NamedTuple):
    """A Clifford gate, and what it does to the errors before it."""

    gate: Operation
    sources: list[list[int]]
    """For each X and Z part behind it, of which parts before it is made."""
    moves: bool
    """Whether it changes any."""


Gates = tuple[_Clifford | None, ...]
"""For each step of a part its gate; `None` for what is no gate."""


class WidePart(NamedTuple):
    """A part that is wider than small ones, and how its elements are run."""

    part: SmallPart
    groups: tuple[Alike, ...]
    bound: tuple[Gates | None, ...]
    """For each group, the gates of the first of it if they are Clifford gates."""
    seconds: float


class PauliNoise:
    """Noise as random Paulis: what is left of it if everything around it is twirled."""

    def __init__(self, noise: Noise) -> None:
        self._noise = noise
        self._known: dict[tuple[str, tuple[int, ...]], Matrix | None] = {}

    def after(self, name: str, qubits: tuple[int, ...]) -> Matrix | None:
        """Return what follows an operation on some qubits; `None` for nothing."""
        if (name, qubits) not in self._known:
            self._known[name, qubits] = _diagonal(self._noise.after(name, qubits))
        return self._known[name, qubits]

    def while_idle(self, duration: float, unit: str, qubit: int) -> Matrix | None:
        """Return what a delay does; `None` for nothing."""
        return _diagonal(self._noise.while_idle(duration, unit, qubit))

    def before_readout(self, name: str, qubit: int) -> Matrix | None:
        """Return what misreadings come to, before the measurement; `None` for nothing."""
        return self._noise.before_readout(name, qubit)


def plan_wide_part(circuit: QuantumCircuit, part: SmallPart, values: Values, shots: int) -> WidePart | None:
    """Return how a part is run with noise as random Paulis; `None` if it is too wide for that.

    Elements that differ by Paulis are one circuit, for noise that consists of Paulis commutes with them up to signs.
    It is followed through Clifford gates shot by shot, and else as a vector of expectation values.

    Source: behaviour B396.
    """
    groups = tuple(group_elements(circuit, part, values))
    bound = tuple(_clifford(circuit, part, values[group.members[0]]) for group in groups)
    width, seconds = len(part.qubits), 0.0
    for group, gates in zip(groups, bound, strict=True):
        drawn = len(group.members) * shots
        if gates is not None:
            seconds += 0.01 + len(part.steps) * (2e-5 + 1.5e-9 * drawn) + 5e-10 * drawn * width**2
        elif width > MOST_VECTOR:
            return None
        else:
            seconds += len(part.steps) * (1e-4 + 5e-9 * 4.0**width) + 1e-7 * drawn
    return WidePart(part, groups, bound, seconds)


def draw_wide_part(
    circuit: QuantumCircuit,
    wide: WidePart,
    values: Values,
    noise: Noise,
    bits: Bits,
    die: np.random.Generator,
) -> None:
    """Draw the shots of a part for all elements, and write them into their bits.

    Args:
        circuit: The circuit that it is a part of.
        wide: What is to be run.
        values: Of the parameters of the circuit, shape (elements, parameters).
        noise: What comes beside the instructions.
        bits: Shape (elements, shots, classical bits); written to.
        die: What draws.
    """
    part, shots = wide.part, bits.shape[1]
    errors = PauliNoise(noise)
    for group, gates in zip(wide.groups, wide.bound, strict=True):
        chances, state = None, None if gates is None else Clifford(_circuit_of(part, gates))
        if gates is None:
            alone = values[group.members[:1]]
            chances = AlikeParts([part], alone, circuit, errors).chances(misread=False)[0]
        size = max(1, MOST_SHOTS // max(shots, 1))
        for start in range(0, len(group.members), size):
            members, flips = group.members[start : start + size], group.flips[start : start + size]
            number = len(members) * shots
            if gates is not None and state is not None:
                drawn = _Frames(part, gates, errors, number, die).outcomes(state)
            else:
                drawn = _outcomes_of(chances, len(part.measured), number, die)
            read = _misread(drawn.reshape(len(members), shots, -1) ^ flips[:, None, :], part, noise, die)
            for position, (_, bit, _) in enumerate(part.measured):
                bits[members, :, bit] = read[:, :, position]


def _outcomes_of(chances: NDArray[np.float64] | None, width: int, shots: int, die: np.random.Generator) -> Bits:
    if chances is None:
        raise ValueError("there are no chances to draw from")
    outcomes = draw_rows(chances, die.random((1, shots)))[0]
    bits: Bits = (outcomes[:, None] >> np.arange(width) & 1).astype(bool)
    return bits


def _misread(state: Bits, part: SmallPart, noise: Noise, die: np.random.Generator) -> Bits:
    """Return what is read of states, shape (elements, shots, measured)."""
    wrong = np.zeros((2, len(part.measured)))
    for position, (place, _, name) in enumerate(part.measured):
        channel = noise.before_readout(name, part.qubits[place])
        if channel is not None:
            spread, bias = 1 - channel[3, 3], channel[3, 0]
            wrong[:, position] = (spread - bias) / 2, (spread + bias) / 2
    if not wrong.any():
        return state
    misread: Bits = die.random(state.shape) < np.where(state, wrong[1], wrong[0])
    read: Bits = state ^ misread
    return read


def _clifford(circuit: QuantumCircuit, part: SmallPart, row: NDArray[np.float64]) -> Gates | None:
    """Return the gates of a part for one element, if all of them are Clifford gates."""
    column = {parameter: index for index, parameter in enumerate(circuit.parameters)}
    values = row[None]
    gates: list[_Clifford | None] = []
    known: dict[object, _Clifford | None] = {}
    for step in part.steps:
        if step.name in ("delay", LAYER_NOISE):
            gates.append(None)
            continue
        if not step.is_standard_gate():
            return None
        found = [float(evaluate_parameter(parameter, values, column)[0]) for parameter in step.params]
        quarters = [round(angle / (math.pi / 2)) for angle in found]
        if any(abs(quarter * (math.pi / 2) - angle) > NEAR for quarter, angle in zip(quarters, found, strict=True)):
            return None
        key = step.name, *(quarter % 4 for quarter in quarters)
        if key not in known:
            known[key] = _clifford_gate(step, key[1:])
        gate = known[key]
        if gate is None:
            return None
        gates.append(gate)
    return tuple(gates)


def _clifford_gate(step: CircuitInstruction, quarters: Sequence[int]) -> _Clifford | None:
    """Return a gate by quarters of a turn, if it is a Clifford gate."""
    if step.name == "rz":
        gate = _TURNS[quarters[0]]
    else:
        gate = type(step.operation)(*(quarter * (math.pi / 2) for quarter in quarters)) if quarters else step.operation
    try:
        sources = sources_of(gate)
    except QiskitError:
        return None
    return _Clifford(gate, sources, any(some != [row] for row, some in enumerate(sources)))


def _circuit_of(part: SmallPart, gates: Gates) -> QuantumCircuit:
    """Return the gates of a part alone."""
    qubits = [Qubit() for _ in part.qubits]
    steps = (
        CircuitInstruction(gate.gate, [qubits[place] for place in places])
        for gate, places in zip(gates, part.where, strict=True)
        if gate is not None
    )
    return QuantumCircuit.from_instructions(steps, qubits=qubits)


class _Frames:
    """Which shots of a Clifford circuit have an X and which a Z error on each qubit, so far."""

    def __init__(self, part: SmallPart, gates: Gates, noise: PauliNoise, shots: int, die: np.random.Generator) -> None:
        self.part, self.gates, self.noise, self.shots, self.die = part, gates, noise, shots, die
        # A row for the X errors of each qubit, then one for the Z errors of each.
        self.rows = np.zeros((2 * len(part.qubits), shots), bool)

    def outcomes(self, state: Clifford) -> Bits:
        """Return what is measured, shape (shots, measured), if without errors the state at the end is `state`."""
        asked = [place for place, _, _ in self.part.measured]
        drawn = sample_state(state, asked, self.shots, self.die)
        for step, gate, places in zip(self.part.steps, self.gates, self.part.where, strict=True):
            qubits = tuple(self.part.qubits[place] for place in places)
            match step.name:
                case "delay":
                    self._strike(places, self.noise.while_idle(step.params[0], step.operation.unit, qubits[0]))
                case name if name == LAYER_NOISE:
                    self._strike_by_terms(places, step)
                case name:
                    if gate is not None and gate.moves:
                        self._move(places, gate.sources)
                    self._strike(places, self.noise.after(name, qubits))
        return drawn ^ self.rows[asked].T

    def _move(self, places: Sequence[int], sources: Sequence[Sequence[int]]) -> None:
        """Let a gate act on the errors before it."""
        width = len(self.part.qubits)
        rows = [offset + place for offset in (0, width) for place in places]
        before = self.rows[rows]
        for row, some in zip(rows, sources, strict=True):
            first, *others = some
            self.rows[row] = before[first]
            for other in others:
                self.rows[row] ^= before[other]

    def _strike(self, places: Sequence[int], channel: Matrix | None) -> None:
        """Let random Paulis act."""
        if channel is None:
            return
        chances = _chances_of(channel.tobytes(), len(places))
        struck = self._some(1 - chances[0])
        if len(struck):
            paulis = self.die.choice(len(chances) - 1, len(struck), p=chances[1:] / chances[1:].sum()) + 1
            for position, place in enumerate(places):
                self._put(place, struck, paulis >> 2 * (len(places) - 1 - position) & 3)

    def _strike_by_terms(self, places: Sequence[int], step: CircuitInstruction) -> None:
        """Let the noise of a layer act, one generator after the other."""
        for rate, indices, paulis in terms_of(step.operation.noise):
            struck = self._some((1 - np.exp(-2 * rate)) / 2)
            for index, pauli in zip(indices, paulis, strict=True):
                self._put(places[index], struck, np.full(len(struck), pauli))

    def _some(self, chance: float) -> NDArray[np.intp]:
        """Return in which shots something happens."""
        number = int(self.die.binomial(self.shots, min(max(chance, 0.0), 1.0)))
        struck: NDArray[np.intp] = self.die.choice(self.shots, number, replace=False, shuffle=False)
        return struck

    def _put(self, place: int, struck: NDArray[np.intp], paulis: NDArray[np.int64]) -> None:
        """Multiply a Pauli (X 1, Y 2, Z 3) to what some shots have on a qubit."""
        self.rows[place, struck] ^= (paulis == 1) | (paulis == 2)
        self.rows[len(self.part.qubits) + place, struck] ^= paulis >= 2


@lru_cache(maxsize=4096)
def _chances_of(channel: bytes, width: int) -> NDArray[np.float64]:
    """Return how likely each Pauli is in a channel that consists of them, I first."""
    kept = np.frombuffer(channel).reshape(4**width, 4**width).diagonal()
    found = np.clip(commuting_signs(width) @ kept / 4**width, 0, None)
    chances: NDArray[np.float64] = found / found.sum()
    return chances


def _diagonal(channel: Matrix | None) -> Matrix | None:
    return None if channel is None else np.diag(channel.diagonal())
