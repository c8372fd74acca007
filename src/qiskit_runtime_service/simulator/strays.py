"""Coherent errors of a device, as gates that nobody asked for, and the time in which its qubits wait."""

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, Delay, ParameterExpression
from qiskit.circuit.library import RXGate, RZGate, RZXGate, RZZGate, UnitaryGate
from qiskit.quantum_info import PauliLindbladMap
from qiskit.transpiler import Target

from ..core.lost_noise import COHERENT, Loss
from ..emulator.coherent_noise import CoherentNoise
from .channels import channel_of_unitary, commuting_signs
from .conditions import Conditions
from .expressions import PER_SECOND
from .job_params import Simulator
from .lowering import Pub, with_circuit
from .stretches import dt_of, duration_of

STRAY = "stray"
"""The label of a gate that nobody asked for."""
WIDEST = 10
"""So many qubits may be joined, for coherent errors to be followed as such."""

ALONE = 0.1
"""How much better the angles of gates on one qubit are than those of gates on two."""

_DIAGONAL = frozenset(("barrier", "delay", "rz", "z", "s", "sdg", "t", "tdg", "p", "id", "cz", "rzz", "cp"))
"""What phases pass unchanged."""
_TURNS = {"sx": (RXGate, math.pi / 2), "sxdg": (RXGate, -math.pi / 2), "x": (RXGate, math.pi)}
_TURNS |= {"cz": (RZZGate, math.pi / 2), "cx": (RZXGate, math.pi / 2), "ecr": (RZXGate, math.pi / 2)}
"""By gate: about which axis it turns, and how far."""
_ANGLES = frozenset(("rx", "ry", "rzz", "rxx", "ryy", "rzx"))
"""Gates that turn as far as they are told."""
_STAY = frozenset(("barrier", "delay", "rz", "measure", "reset"))
"""What leaves a qubit that begins in its ground state there."""
_TINY = 1e-9
"""An angle that is none, and seconds that are none."""


def add_strays(circuit: QuantumCircuit, target: Target, noise: CoherentNoise, at: float) -> QuantumCircuit:
    """Return a circuit with the coherent errors of a device, and with delays where its qubits wait for others.

    Instructions start as soon as their qubits are free. A qubit that has left its ground state and waits is detuned,
    and coupled qubits that wait at the same time turn each other if gates of the circuit join them. What a phase does
    is put where something comes that it does not pass; an X turns it round, so that pulses undo it. Gates turn too far.
    A circuit that decides while it runs is left as it is.

    Args:
        circuit: In plain words, on the qubits of the device.
        target: What the device tells of durations and couplings.
        noise: With a seed.
        at: When it runs, in seconds since the epoch.

    Source: behaviour B417.
    """
    if circuit.has_control_flow_op():
        return circuit
    return _Strays(circuit, target, noise, at).put()


def find_obstacle(circuit: QuantumCircuit) -> str | None:
    """Return why coherent errors cannot be followed through a whole circuit, if so.

    Source: behaviour B419.
    """
    if circuit.has_control_flow_op():
        return "it decides while it runs"
    widest = max(map(len, _joined(circuit).values()), default=0)
    return f"it joins {widest} qubits, and coherent errors are followed on {WIDEST}" if widest > WIDEST else None


def as_paulis(step: CircuitInstruction) -> CircuitInstruction:
    """Return random Paulis in the place of a stray gate: what twirling makes of it. Other instructions stay.

    Source: behaviour B418.
    """
    if not is_stray(step):
        return step
    matrix = np.asarray(step.operation.to_matrix(), np.complex128)
    return step.replace(operation=_paulis_of(matrix.tobytes(), len(step.qubits)))


@lru_cache(maxsize=4096)
def _paulis_of(matrix: bytes, width: int) -> Any:
    """Return random Paulis in the place of a unitary on some qubits."""
    from .layer_noise import LayerNoise  # It takes the extra `executor`, as whoever calls this does.

    kept = channel_of_unitary(np.frombuffer(matrix, np.complex128).reshape(2**width, -1)).diagonal()
    chances = commuting_signs(width) @ kept / 4**width
    code = 1 + int(np.argmax(chances[1:]))
    letters = [(index, "IXYZ"[code >> 2 * (width - 1 - index) & 3]) for index in range(width)]
    acting = [(index, letter) for index, letter in letters if letter != "I"]
    rate = -math.log(max(1 - 2 * float(chances[code]), 1e-9)) / 2
    term = ("".join(letter for _, letter in acting), [index for index, _ in acting], rate)
    return LayerNoise(PauliLindbladMap.from_sparse_list([term], num_qubits=width))


def is_stray(step: CircuitInstruction) -> bool:
    """Tell whether nobody asked for an instruction."""
    return bool(step.name == "unitary" and step.label == STRAY)


def put_strays(
    pubs: Sequence[Pub], conditions: Conditions, simulator: Simulator
) -> tuple[tuple[Pub, ...], tuple[Loss, ...]]:
    """Return pubs with the coherent errors of their device, and which of them have to do without.

    A noise model of the user's stands in the place of all noise.

    Source: behaviour B417, B419.
    """
    noise = None if simulator.noise_model is not None else conditions.strays
    if noise is None:
        return tuple(pubs), ()
    found, losses = [], []
    for index, pub in enumerate(pubs):
        obstacle = find_obstacle(pub.circuit)
        if obstacle is None:
            pub = with_circuit(pub, add_strays(pub.circuit, conditions.target, noise, conditions.started))
        else:
            losses.append(Loss(index, (COHERENT,), obstacle))
        found.append(pub)
    return tuple(found), tuple(losses)


def without_strays(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return a circuit with nothing but what was asked for, and its delays."""
    plain = circuit.copy_empty_like()
    for step in circuit.data:
        if not is_stray(step):
            plain.append(step, copy=False)
    return plain


class _Draws:
    """The errors of a device: each qubit and each pair has its own, whatever else is asked for."""

    def __init__(self, noise: CoherentNoise, at: float) -> None:
        self.noise, self.at = noise, at
        self.seed = noise.seed or 0

    def detuning(self, qubit: int) -> float:
        """Return in hertz what an idle qubit is off by."""
        fixed, wave, phase = _die_of(self.seed, 0, qubit)
        hours = 1 + 5 * (math.erf(wave / math.sqrt(2)) + 1) / 2
        turn = 2 * math.pi * (self.at / (3600 * hours) % 1) + 2 * math.pi * phase
        return self.noise.detuning * fixed + self.noise.drift * math.sqrt(2) * math.sin(turn)

    def zz(self, pair: Sequence[int]) -> float:
        """Return in hertz how the frequency of a qubit depends on a neighbour."""
        return self.noise.zz * _die_of(self.seed, 1, *sorted(pair))[0]

    def over_rotation(self, qubits: Sequence[int]) -> float:
        """Return by which part gates on some qubits turn too far."""
        spread = self.noise.over_rotation * (ALONE if len(qubits) == 1 else 1.0)
        return spread * _die_of(self.seed, 2, *sorted(qubits))[0]


@lru_cache(maxsize=8192)
def _die_of(*path: int) -> tuple[float, float, float]:
    one, two, three = np.random.default_rng(np.random.SeedSequence(path)).normal(size=3).tolist()
    return one, two, three


class _Piece(NamedTuple):
    """A time in which a qubit waits."""

    start: float
    end: float
    sign: int
    """-1 where an odd number of X came since."""


class _Strays:
    """A circuit, and the phases that its qubits have picked up so far."""

    def __init__(self, circuit: QuantumCircuit, target: Target, noise: CoherentNoise, at: float) -> None:
        self.circuit, self.target, self.draws = circuit, target, _Draws(noise, at)
        self.place = {qubit: index for index, qubit in enumerate(circuit.qubits)}
        self.group = _joined(circuit)
        self.pairs = _couplings(target)
        self.pieces: dict[int, list[_Piece]] = {}
        self.new = circuit.copy_empty_like()

    def put(self) -> QuantumCircuit:
        """Return the circuit with everything in it."""
        end = 0.0
        for start, _, step, length in sorted(self._timed(), key=lambda timed: timed[:2]):
            where = tuple(self.place[qubit] for qubit in step.qubits)
            end = max(end, start + length)
            if step.name == "x":
                self.pieces[where[0]] = [piece._replace(sign=-piece.sign) for piece in self.pieces.get(where[0], ())]
            elif step.name not in _DIAGONAL:
                for qubit in where:
                    self._settle(qubit)
            if step.name == "delay":
                self.pieces.setdefault(where[0], []).append(_Piece(start, start + length, 1))
            self._add(step, where)
        for qubit in list(self.pieces):
            self._settle(qubit)
        return self.new

    def _timed(self) -> Iterator[tuple[float, int, CircuitInstruction, float]]:
        """Yield when each instruction starts, its number, itself, and how long it takes. Waiting is delays."""
        free = [0.0] * len(self.place)
        begun: set[int] = set()
        number = 0
        for step in [*self.circuit.data, None]:
            where = tuple(sorted(begun)) if step is None else tuple(self.place[qubit] for qubit in step.qubits)
            start = max((free[qubit] for qubit in where), default=0.0)
            for qubit in where:
                if qubit in begun and start - free[qubit] > _TINY**2:
                    wait = start - free[qubit]
                    number += 1
                    idle = CircuitInstruction(Delay(wait, "s"), (self.circuit.qubits[qubit],))
                    yield free[qubit], number, idle, wait
            if step is None:
                return
            length, number = self._length(step, where), number + 1
            for qubit in where:
                free[qubit] = start + length
            if step.name not in _STAY and not step.name.startswith("measure_"):
                begun.update(where)
            elif step.name.startswith(("measure", "reset")):
                begun.difference_update(where)
            idles = step.name == "delay" and where[0] in begun
            yield start, number, step, length if idles or step.name != "delay" else 0.0

    def _length(self, step: CircuitInstruction, where: tuple[int, ...]) -> float:
        """Return how many seconds an instruction takes. What nobody knows counts as nothing."""
        if step.name != "delay":
            return duration_of(self.target, step.name, where)
        duration, unit = step.operation.duration, step.operation.unit
        if isinstance(duration, ParameterExpression):
            return 0.0
        return float(duration * dt_of(self.target) if unit == "dt" else duration / PER_SECOND[unit])

    def _add(self, step: CircuitInstruction, where: tuple[int, ...]) -> None:
        """Add an instruction that turns too far."""
        if step.name in _ANGLES:
            (angle,) = step.operation.params
            step = step.replace(operation=type(step.operation)(angle * (1 + self.draws.over_rotation(where))))
        self.new.append(step, copy=False)
        if step.name in _TURNS:
            kind, angle = _TURNS[step.name]
            self._turn(kind, angle * self.draws.over_rotation(where), where)

    def _settle(self, qubit: int) -> None:
        """Put the phases that a qubit has picked up, by itself and with its neighbours."""
        own = self.pieces.pop(qubit, [])
        seconds = math.fsum(piece.sign * (piece.end - piece.start) for piece in own)
        if seconds:
            self._turn(RZGate, 2 * math.pi * self.draws.detuning(qubit) * seconds, (qubit,))
        for other in self.pairs.get(qubit, ()) if own else ():
            if other in self.pieces and other in self.group.get(qubit, ()):
                shared = math.fsum(_overlaps(own, self.pieces[other]))
                self._turn(RZZGate, math.pi * self.draws.zz((qubit, other)) * shared, (qubit, other))

    def _turn(self, kind: Any, angle: float, where: Sequence[int]) -> None:
        if abs(angle) > _TINY:
            qubits = [self.circuit.qubits[qubit] for qubit in where]
            self.new.append(CircuitInstruction(_stray_gate(kind, angle), qubits), copy=False)


@lru_cache(maxsize=4096)
def _stray_gate(kind: Any, angle: float) -> UnitaryGate:
    """Return a gate that nobody asked for."""
    return UnitaryGate(kind(angle).to_matrix(), label=STRAY, check_input=False)


def _overlaps(own: Iterable[_Piece], others: Sequence[_Piece]) -> Iterator[float]:
    """Yield for how long two qubits wait together, with a sign."""
    for piece in own:
        for other in others:
            yield piece.sign * other.sign * max(0.0, min(piece.end, other.end) - max(piece.start, other.start))


def _joined(circuit: QuantumCircuit) -> dict[int, frozenset[int]]:
    """Return which qubits gates join with each, itself among them."""
    group: dict[int, frozenset[int]] = {}
    place = {qubit: index for index, qubit in enumerate(circuit.qubits)}
    for step in circuit.data:
        if len(step.qubits) > 1 and step.name != "barrier":
            where = [place[qubit] for qubit in step.qubits]
            whole = frozenset(where).union(*(group.get(qubit, ()) for qubit in where))
            group.update(dict.fromkeys(whole, whole))
    return group


@lru_cache(maxsize=32)
def _couplings(target: Target) -> dict[int, tuple[int, ...]]:
    """Return the neighbours of each qubit, by the gates that a device has."""
    found: dict[int, set[int]] = {}
    for name in target.operation_names:
        for where in target[name] or ():
            if where is not None and len(where) == 2:
                one, other = where
                found.setdefault(one, set()).add(other)
                found.setdefault(other, set()).add(one)
    return {qubit: tuple(sorted(others)) for qubit, others in found.items()}
