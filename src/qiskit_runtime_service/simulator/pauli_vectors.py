"""Small parts of circuits with the noise of a device, all at once: vectors of expectation values of Paulis.

Parts that are built alike, which most qubits of a wide template are, and all elements of an item, go through one array.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, Gate, ParameterExpression

from .channels import RESET, Matrix, Noise, channel_of_unitaries, channel_of_unitary, turn_z
from .layer_noise import LAYER_NOISE, fidelities
from .light_cones import Part

SMALL = 7
"""Up to so many qubits, parts are run exactly in any case."""
WIDEST = 10
"""Up to so many qubits, where that does not take long."""
SINGLE = 8
"""From so many qubits, numbers have single precision, which is twice as fast; shots that are drawn tell less."""
JOINING = 4
"""From so many qubits, what acts on two of them waits, and is one with what comes next to the same two."""
MOST_BYTES = 1 << 26
"""How much memory the vectors of some elements take at a time."""

MEASURES = re.compile(r"measure(_\d+)?")
"""The names of measurements."""

Values = NDArray[np.float64]
"""Shape (elements, parameters)."""


class SmallPart(NamedTuple):
    """A part of a circuit whose bits can all be drawn from its state at the end."""

    qubits: tuple[int, ...]
    """Which qubits of the device it has."""
    steps: tuple[CircuitInstruction, ...]
    where: tuple[tuple[int, ...], ...]
    """For each step, its qubits, as places in `qubits`."""
    measured: tuple[tuple[int, int, str], ...]
    """Place of a qubit, classical bit, and the name of the measurement."""

    @property
    def shape(self) -> Any:
        """What parts have in common that go through one array."""
        steps = tuple(
            (step.name, places, bool(is_symbolic(step)) or tuple(map(_key, step.params)), _layer_of(step))
            for step, places in zip(self.steps, self.where, strict=True)
        )
        return len(self.qubits), steps, tuple((place, name) for place, _, name in self.measured)


def find_small_part(circuit: QuantumCircuit, part: Part, place: Mapping[Any, int]) -> SmallPart | None:
    """Return a part of a circuit as a small one, if it is: gates of up to two qubits, and measurements behind them.

    Args:
        circuit: The whole circuit, in plain words.
        part: Which instructions.
        place: The index of each qubit and of each classical bit.
    """
    local = {qubit: index for index, qubit in enumerate(part.qubits)}
    steps, where, measured = [], [], {}
    over: set[int] = set()
    for step in map(circuit.data.__getitem__, part.steps):
        places = tuple(local[place[qubit]] for qubit in step.qubits)
        if step.name == "delay" and places[0] in over:
            continue
        if not over.isdisjoint(places):
            return None
        if MEASURES.fullmatch(step.name) and len(places) == 1:
            over.update(places)
            bit = place[step.clbits[0]]
            if bit in measured:
                return None
            measured[bit] = (places[0], bit, step.name)
        elif not _is_known(step):
            return None
        else:
            steps.append(step)
            where.append(places)
    return SmallPart(part.qubits, tuple(steps), tuple(where), tuple(measured.values()))


def _is_known(step: CircuitInstruction) -> bool:
    if step.is_control_flow() or step.clbits:
        return False
    if step.name == "delay":
        return not is_symbolic(step)
    if step.name in ("reset", LAYER_NOISE):
        return True
    return len(step.qubits) <= 2 and (step.is_standard_gate() or step.name == "unitary")


def seconds_for(parts: Sequence[SmallPart], elements: int, shots: int) -> float:
    """Return about how long `draw_small_parts` takes.

    Source: behaviour B391.
    """
    rows = 0.0
    for part in parts:
        width = len(part.qubits)
        pairs = sum(len(places) > 1 for places in part.where)
        rows += (len(part.steps) * 4e-7 + pairs * (2e-6 + 1.2e-8 * 4.0**width) + 4e-8 * 4.0**width) * elements
        rows += 1e-4 * len(part.steps) if width > 1 else 0.0
    drawn = sum(len(part.measured) for part in parts) * elements * shots
    return 0.01 + rows + 1.5e-8 * drawn


def draw_small_parts(
    circuit: QuantumCircuit,
    parts: Sequence[SmallPart],
    values: Values,
    noise: Noise,
    bits: NDArray[np.bool_],
    die: np.random.Generator,
) -> None:
    """Draw the shots of parts for all elements, and write them into their bits.

    Args:
        circuit: The circuit that they are parts of.
        parts: What is to be run.
        values: Of the parameters of the circuit, shape (elements, parameters).
        noise: What comes beside the instructions.
        bits: Shape (elements, shots, classical bits); written to.
        die: What draws.
    """
    groups: dict[Any, list[SmallPart]] = {}
    for part in parts:
        groups.setdefault(part.shape, []).append(part)
    for group in groups.values():
        size = 8 * 4 ** len(group[0].qubits) * 4 * len(group)
        most = max(1, MOST_BYTES // size)
        for start in range(0, len(values), most):
            rows = values[start : start + most]
            chances = AlikeParts(group, rows, circuit, noise).chances()
            _draw(chances, group, bits[start : start + most], die)


class _Pair(NamedTuple):
    """What acts on two qubits."""

    places: tuple[int, ...]
    channel: Matrix


class AlikeParts:
    """Parts that are built alike, for some elements. Arrays begin with an axis of parts and one of elements.

    Args:
        parts: What is to be run.
        values: Of the parameters of the circuit, shape (elements, parameters).
        circuit: What they are parts of.
        noise: What comes beside the instructions.

    Source: behaviour B390.
    """

    def __init__(self, parts: Sequence[SmallPart], values: Values, circuit: QuantumCircuit, noise: Noise) -> None:
        self.parts, self.values, self.noise = parts, values, noise
        self.column = {parameter: index for index, parameter in enumerate(circuit.parameters)}
        self.width = len(parts[0].qubits)
        ground = np.array([1.0, 0.0, 0.0, 1.0], np.float32 if self.width >= SINGLE else np.float64)
        vector: NDArray[Any] = ground
        for _ in range(self.width - 1):
            vector = np.multiply.outer(vector, ground)
        self.state: NDArray[Any] = vector[None, None]
        self.pending: list[Matrix | None] = [None] * self.width
        self.pairs: dict[int, _Pair] = {}
        """What waits to act on two qubits, by each of them; before what waits to act on one."""

    def chances(self, *, misread: bool = True) -> NDArray[np.float64]:
        """Return how likely each outcome is, shape (parts, elements, 2^measured): bit 0 is the first measured qubit.

        Args:
            misread: Whether measurements may err.
        """
        for index, places in enumerate(self.parts[0].where):
            self._carry_out([part.steps[index] for part in self.parts], places)
        asked = [place for place, _, _ in self.parts[0].measured]
        for position, place in enumerate(asked if misread else ()):
            found = [self.noise.before_readout(part.measured[position][2], part.qubits[place]) for part in self.parts]
            self._turn(place, _stack(found, 4))
        for place in range(self.width):
            self._flush(place)
        return self._read(asked)

    def _carry_out(self, steps: Sequence[CircuitInstruction], places: tuple[int, ...]) -> None:
        first = steps[0]
        match first.name:
            case "delay":
                idle = [
                    self.noise.while_idle(step.params[0], step.operation.unit, part.qubits[places[0]])
                    for step, part in zip(steps, self.parts, strict=True)
                ]
                self._turn(places[0], _stack(idle, 4))
            case "reset":
                self._turn(places[0], RESET[None, None])
            case name if name == LAYER_NOISE:
                self._weaken(first.operation.noise, places)
            case _ if len(places) == 1:
                self._turn(places[0], channels_of(steps, self.values, self.column))
                self._turn(places[0], self._noise_behind(first.name, places))
            case _:
                self._join(places, channels_of(steps, self.values, self.column), self._noise_behind(first.name, places))

    def _noise_behind(self, name: str, places: tuple[int, ...]) -> Matrix | None:
        found = [self.noise.after(name, tuple(part.qubits[place] for place in places)) for part in self.parts]
        return _stack(found, 4 ** len(places))

    def _turn(self, place: int, channel: Matrix | None) -> None:
        """Let a channel act on one qubit; it waits until the qubit meets another."""
        if channel is None:
            return
        if self.width == 1:
            self.state = (channel @ self.state[..., None])[..., 0]
            return
        before = self.pending[place]
        self.pending[place] = channel if before is None else channel @ before

    def _join(self, places: tuple[int, ...], channel: Matrix, noise: Matrix | None) -> None:
        """Let a channel act on two qubits, behind what waits for them."""
        whole = channel if noise is None else noise @ channel
        earlier = self.pairs.get(places[0])
        if earlier is None or set(earlier.places) != set(places):
            for place in places:
                self._settle(place)
            earlier = None
        pair = _kron(*(self._take(place) for place in places))
        whole = whole if pair is None else whole @ pair
        if earlier is not None:
            whole = whole @ (earlier.channel if earlier.places == places else _swapped(earlier.channel))
        if self.width < JOINING:
            self._apply(whole, places)
        else:
            self.pairs |= dict.fromkeys(places, _Pair(places, whole))

    def _weaken(self, noise: Any, places: tuple[int, ...]) -> None:
        """Let the noise of a layer act."""
        kept = fidelities(noise)
        if len(places) == 1:
            self._turn(places[0], np.diag(kept)[None, None])
            return
        pair = self.pairs.get(places[0])
        if pair is not None and set(pair.places) == set(places):
            self._join(places, np.diag(kept)[None, None], None)
            return
        for place in places:
            self._flush(place)
        order = sorted(range(len(places)), key=places.__getitem__)
        shape = [4 if place in places else 1 for place in range(self.width)]
        kept = kept.astype(self.state.dtype, copy=False)
        self.state = self.state * kept.reshape((4,) * len(places)).transpose(order).reshape(shape)

    def _take(self, place: int) -> Matrix | None:
        channel, self.pending[place] = self.pending[place], None
        return channel

    def _settle(self, place: int) -> None:
        """Let what waits to act on a qubit and another act, with what waits behind it on each."""
        pair = self.pairs.get(place)
        if pair is not None:
            for one in pair.places:
                del self.pairs[one]
            behind = _kron(*(self._take(one) for one in pair.places))
            self._apply(pair.channel if behind is None else behind @ pair.channel, pair.places)

    def _flush(self, place: int) -> None:
        """Let all that waits for a qubit act."""
        self._settle(place)
        channel = self._take(place)
        if channel is not None:
            self._apply(channel, (place,))

    def _apply(self, channel: Matrix, places: tuple[int, ...]) -> None:
        axes = [2 + place for place in places]
        front = list(range(2, 2 + len(places)))
        state = np.moveaxis(self.state, axes, front)
        moved = state.shape
        state = state.reshape(*moved[:2], 4 ** len(places), -1)
        state = channel.astype(state.dtype, copy=False) @ state
        self.state = np.moveaxis(state.reshape(*state.shape[:2], *moved[2:]), front, axes)

    def _read(self, asked: Sequence[int]) -> NDArray[np.float64]:
        """Return the chances of the outcomes of some qubits: what the others are does not count."""
        index = tuple(slice(0, 4, 3) if place in asked else 0 for place in range(self.width))
        values = self.state[(slice(None), slice(None), *index)].astype(np.float64, copy=False)
        kept = [place for place in range(self.width) if place in asked]
        # The last axis is the lowest bit.
        values = values.transpose(0, 1, *(2 + kept.index(place) for place in reversed(asked)))
        for axis in range(2, values.ndim):
            even, odd = np.take(values, 0, axis), np.take(values, 1, axis)
            values = np.stack([even + odd, even - odd], axis) / 2
        chances = np.clip(values.reshape(*values.shape[:2], -1), 0.0, None)
        chances /= chances.sum(axis=-1, keepdims=True)
        return np.broadcast_to(chances, (len(self.parts), len(self.values), chances.shape[-1]))


def _draw(
    chances: NDArray[np.float64], parts: Sequence[SmallPart], bits: NDArray[np.bool_], die: np.random.Generator
) -> None:
    """Draw outcomes and write their bits."""
    shots = bits.shape[1]
    for part, rows in zip(parts, chances, strict=True):
        if not part.measured:
            continue
        thrown = die.random((len(rows), shots))
        if len(part.measured) == 1:
            bits[:, :, part.measured[0][1]] = thrown < rows[:, 1, None]
            continue
        outcomes = draw_rows(rows, thrown)
        for position, (_, bit, _) in enumerate(part.measured):
            bits[:, :, bit] = outcomes >> position & 1


def draw_rows(chances: NDArray[np.float64], thrown: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the outcomes that numbers from 0 to 1 stand for, by the chances of each row; both have as many rows."""
    number = np.arange(len(chances))[:, None]
    marks = np.cumsum(chances, axis=1)
    marks[:, -1] = 1.0
    found = np.searchsorted((marks + number).ravel(), (thrown + number).ravel(), side="right").reshape(thrown.shape)
    outcomes: NDArray[np.intp] = np.clip(found - number * chances.shape[1], 0, chances.shape[1] - 1)
    return outcomes


def channels_of(steps: Sequence[CircuitInstruction], values: Values, column: Mapping[Any, int]) -> Matrix:
    """Return what a gate of each part does with each element, shape (parts or 1, elements or 1, 4^n, 4^n)."""
    first = steps[0]
    if not is_symbolic(first):
        if first.is_standard_gate():
            kind: Any = type(first.operation)
            return _channel_of_gate(kind, tuple(first.params))
        # Of parts that are built alike, unitaries alone may differ.
        alike = steps if first.name == "unitary" else steps[:1]
        found = [channel_of_unitary(np.asarray(step.operation.to_matrix(), np.complex128)) for step in alike]
        return np.stack(found)[:, None]
    rows = np.stack(
        [
            np.stack([evaluate_parameter(parameter, values, column) for parameter in step.params], axis=-1)
            for step in steps
        ]
    )
    if first.name == "rz":
        return turn_z(rows[..., 0])
    distinct, which = np.unique(rows.reshape(-1, rows.shape[-1]), axis=0, return_inverse=True)
    gate = type(first.operation)
    unitaries = np.stack([np.asarray(gate(*row).to_matrix(), np.complex128) for row in distinct])
    size = 4 ** len(first.qubits)
    return channel_of_unitaries(unitaries)[which.ravel()].reshape(*rows.shape[:2], size, size)


@lru_cache(maxsize=1024)
def _channel_of_gate(kind: type[Gate], angles: tuple[float, ...]) -> Matrix:
    """Return what a gate without parameters does, shape (1, 1, 4^n, 4^n)."""
    return channel_of_unitary(np.asarray(kind(*angles).to_matrix(), np.complex128))[None, None]


def evaluate_parameter(parameter: Any, values: Values, column: Mapping[Any, int]) -> NDArray[np.float64]:
    """Return a parameter of a gate for each element."""
    if not isinstance(parameter, ParameterExpression):
        return np.full(len(values), float(parameter))
    if parameter in column:
        return values[:, column[parameter]]
    names = list(parameter.parameters)
    rows, which = np.unique(values[:, [column[name] for name in names]], axis=0, return_inverse=True)
    found = [float(parameter.bind(dict(zip(names, row, strict=True)))) for row in rows.tolist()]
    return np.array(found)[which.ravel()]


def is_symbolic(step: CircuitInstruction) -> bool:
    """Tell whether an instruction has parameters that are not bound."""
    return any(isinstance(parameter, ParameterExpression) for parameter in step.params)


def _layer_of(step: CircuitInstruction) -> Any:
    return id(step.operation.noise) if step.name == LAYER_NOISE else None


def _key(parameter: Any) -> Any:
    return parameter.tobytes() if isinstance(parameter, np.ndarray) else parameter


def _stack(found: Sequence[Matrix | None], size: int) -> Matrix | None:
    """Return channels of parts as one array, shape (parts, 1, size, size); `None` if none does anything."""
    if all(channel is None for channel in found):
        return None
    return np.stack([np.eye(size) if channel is None else channel for channel in found])[:, None]


def _swapped(channel: Matrix) -> Matrix:
    """Return what acts on two qubits, with the other of them first."""
    front = channel.shape[:-2]
    apart = channel.reshape(*front, 4, 4, 4, 4).swapaxes(-4, -3).swapaxes(-2, -1)
    return apart.reshape(channel.shape)


def _kron(one: Matrix | None, other: Matrix | None) -> Matrix | None:
    """Return what acts on both of two qubits, of which the first is the slowest."""
    if one is None and other is None:
        return None
    one = np.eye(4)[None, None] if one is None else one
    other = np.eye(4)[None, None] if other is None else other
    joined: Matrix = np.einsum("...ab,...cd->...acbd", one, other)
    return joined.reshape(*joined.shape[:2], 16, 16)
