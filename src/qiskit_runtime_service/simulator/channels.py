"""What gates, delays and readout do to the expectation values of Paulis, as matrices; also those of a device.

A state of n qubits is the vector of the expectation values of all 4ⁿ Paulis. A channel is then a real matrix, rows and
columns in the order I, X, Y, Z of each qubit, the first qubit of the channel slowest.
"""

import math
from collections.abc import Sequence
from functools import cache, lru_cache, reduce
from typing import Any, Protocol

import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from numpy.typing import NDArray
from qiskit.circuit import Gate
from qiskit.transpiler import Target

from ..bridge.readout import misreadings
from .expressions import PER_SECOND
from .stretches import dt_of

Matrix = NDArray[np.float64]
"""Shape (..., 4^n, 4^n)."""

_PAULIS = np.array(
    [[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]],
    np.complex128,
)


def channel_of_unitaries(unitaries: NDArray[np.complex128]) -> Matrix:
    """Return what unitaries of n qubits do, shape (..., 4^n, 4^n).

    Args:
        unitaries: Shape (..., 2^n, 2^n), as Qiskit writes them: the first qubit is the lowest bit.
    """
    paulis = _paulis_of(unitaries.shape[-1].bit_length() - 1)
    turned = np.einsum("...ab,jbc,...dc->...jad", unitaries, paulis, unitaries.conj(), optimize=True)
    channel: Matrix = np.einsum("iab,...jba->...ij", paulis, turned, optimize=True).real / unitaries.shape[-1]
    return channel


def channel_of_unitary(unitary: NDArray[np.complex128]) -> Matrix:
    """Return what one unitary does, shape (4^n, 4^n). Circuits have few that differ."""
    return _channel_of(np.ascontiguousarray(unitary).tobytes(), len(unitary))


@lru_cache(maxsize=4096)
def _channel_of(unitary: bytes, size: int) -> Matrix:
    channel = channel_of_unitaries(np.frombuffer(unitary, np.complex128).reshape(size, size))
    channel.flags.writeable = False
    return channel


def turn_z(angles: NDArray[np.float64]) -> Matrix:
    """Return what `rz` does by each of some angles, shape (*shape of angles, 4, 4)."""
    turned = np.zeros((*angles.shape, 4, 4))
    cos, sin = np.cos(angles), np.sin(angles)
    turned[..., 0, 0] = turned[..., 3, 3] = 1
    turned[..., 1, 1] = turned[..., 2, 2] = cos
    turned[..., 1, 2], turned[..., 2, 1] = -sin, sin
    return turned


RESET: Matrix = np.outer([1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0])
"""What a reset does."""


class DeviceNoise:
    """The noise of a device: gate errors, relaxation by T1 and T2, and readout errors.

    A gate errs as often as the device says, or as often as its qubits relax while it lasts, if that is more; the rest
    is depolarizing. It is the noise that Aer takes from a device, without Aer.

    Source: behaviour B390.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._dt = dt_of(target)
        self._known: dict[tuple[str, tuple[int, ...]], Matrix | None] = {}

    def after(self, name: str, qubits: tuple[int, ...]) -> Matrix | None:
        """Return what follows an operation on some qubits; `None` for nothing."""
        # A circuit has each operation many times.
        if (name, qubits) not in self._known:
            self._known[name, qubits] = self._find(name, qubits)
        return self._known[name, qubits]

    def _find(self, name: str, qubits: tuple[int, ...]) -> Matrix | None:
        if name not in self._target.operation_names:
            return None
        known = (self._target[name] or {}).get(qubits)
        if known is None:
            return None
        relaxed = self._relaxations(qubits, known.duration or 0.0)
        errs = isinstance(self._target.operation_from_name(name), Gate)
        strength = _depolarization(relaxed, known.error or 0.0, len(qubits)) if errs else 0.0
        if relaxed is None and not strength:
            return None
        channel = reduce(_kron, relaxed) if relaxed else np.eye(4 ** len(qubits))
        # First the depolarizing part, then relaxation.
        channel[:, 1:] *= 1 - strength
        return channel

    def while_idle(self, duration: float, unit: str, qubit: int) -> Matrix | None:
        """Return what a delay does; `None` for nothing."""
        seconds = duration * self._dt if unit == "dt" else duration / PER_SECOND[unit]
        relaxed = self._relaxations((qubit,), seconds)
        return None if relaxed is None else relaxed[0]

    def before_readout(self, name: str, qubit: int) -> Matrix | None:
        """Return what misreadings by a measurement of that name come to, before it; `None` for nothing."""
        zero_as_one, one_as_zero = misreadings(self._target, [qubit], name)[0]
        if not (zero_as_one or one_as_zero):
            return None
        channel = np.diag([1.0, 0.0, 0.0, 1 - zero_as_one - one_as_zero])
        channel[3, 0] = one_as_zero - zero_as_one
        return channel

    def _relaxations(self, qubits: Sequence[int], seconds: float) -> list[Matrix] | None:
        times = self._target.qubit_properties
        if not seconds or not times:
            return None
        return [_relaxation(times[qubit].t1, times[qubit].t2, seconds) for qubit in qubits]


class Noise(Protocol):
    """What comes beside the instructions of a circuit."""

    def after(self, name: str, qubits: tuple[int, ...]) -> Matrix | None:
        """Return what follows an operation on some qubits; `None` for nothing."""
        ...

    def while_idle(self, duration: float, unit: str, qubit: int) -> Matrix | None:
        """Return what a delay does; `None` for nothing."""
        ...

    def before_readout(self, name: str, qubit: int) -> Matrix | None:
        """Return what misreadings by a measurement of that name come to, before it; `None` for nothing."""
        ...


class NoNoise:
    """The noise of a device that has none."""

    def after(self, name: str, qubits: tuple[int, ...]) -> Matrix | None:
        """Return nothing."""

    def while_idle(self, duration: float, unit: str, qubit: int) -> Matrix | None:
        """Return nothing."""

    def before_readout(self, name: str, qubit: int) -> Matrix | None:
        """Return nothing."""


def _relaxation(t1: float | None, t2: float | None, seconds: float) -> Matrix:
    """Return what a qubit does by itself, whose ground state is stable. T2 is cut at 2 T1."""
    t1 = math.inf if t1 is None else t1
    t2 = min(math.inf if t2 is None else t2, 2 * t1)
    kept = math.exp(-seconds / t1)
    channel = np.diag([1.0, *[math.exp(-seconds / t2)] * 2, kept])
    channel[3, 0] = 1 - kept
    return channel


def _depolarization(relaxed: Sequence[Matrix] | None, error: float, width: int) -> float:
    """Return how much is depolarized so that all together errs as often as a device says, on average over states."""
    size = 1 << width
    process = 1.0 if relaxed is None else math.prod(float(np.trace(channel)) / 4 for channel in relaxed)
    fidelity = (size * process + 1) / (size + 1)
    if error <= 1 - fidelity:
        return 0.0
    error = min(error, size / (size + 1))
    most = size * size / (size * size - 1)
    return min(size * (error - (1 - fidelity)) / (size * fidelity - 1), most)


def _kron(one: Matrix, other: Matrix) -> Matrix:
    joined: Matrix = np.kron(one, other).astype(float, copy=False)
    return joined


@cache
def commuting_signs(width: int) -> NDArray[np.float64]:
    """Return the sign that each Pauli (rows) gives to each Pauli (columns): -1 where they do not commute."""
    one = np.array([[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]], float)
    return reduce(_kron, [one] * width)


@cache
def _paulis_of(width: int) -> Any:
    """Return all Paulis of some qubits, the first qubit slowest in the order, and lowest as a bit."""
    paulis = np.ones((1, 1, 1))
    for _ in range(width):
        paulis = np.einsum("iab,jcd->ijcadb", paulis, _PAULIS).reshape(
            4 * len(paulis), 2 * paulis.shape[1], 2 * paulis.shape[2]
        )
    return paulis
