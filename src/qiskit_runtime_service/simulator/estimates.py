"""How long a simulation will take, and how much memory, by each method that there is for it; and which is chosen."""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import msgspec

from .bonds import Bonds, Gate, bound_bonds
from .method import NOISES, Method, Noise, Way, least_noise

MEMORY_LIMIT = 1 << 30
"""Bytes that the state of one circuit may take."""
LONGEST_RUN = 10.0
"""Seconds that a pub may take longer, about, so as to have more noise."""
LONGEST_JOB = 60.0
"""Seconds that a job may take, about."""
CUT_BOND = 6
"""How large bonds are, as a power of 2, where a matrix product state is cut off."""
_MOST_BOND = 9
"""How large bonds may be, as a power of 2, where nothing is cut off."""


class Load(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What the costs of some circuits follow from that differ in their bindings only."""

    width: int
    """How many qubits they have."""
    operations: int
    """How many instructions."""
    shots: int
    circuits: int = 1
    """How many they are."""
    clifford: bool = False
    stabilized: bool = False
    """Whether they are of gates only that Aer runs with stabilizers."""
    last: bool = True
    """Whether nothing comes behind a measurement of a qubit, and nothing depends on one."""
    gates: tuple[Gate, ...] = ()
    """Those that join qubits."""
    walks: bool = False
    """Whether they do what only a walk can follow."""
    order: tuple[int, ...] = ()
    """All qubits as they stand in a matrix product state; empty for the order of their numbers."""

    @property
    def runs(self) -> int:
        """How often a state has to be made for each circuit: once, if all of its shots can be drawn from it."""
        return 1 if self.last else self.shots

    @cached_property
    def bonds(self) -> Bonds:
        """How a matrix product state grows if it may."""
        return bound_bonds(self.gates, self.order or range(self.width), _MOST_BOND)

    @cached_property
    def cut_bonds(self) -> Bonds:
        """How a matrix product state grows that is cut off."""
        return bound_bonds(self.gates, self.order or range(self.width), CUT_BOND)


Ways = Callable[[Load], Sequence[Way]]
"""What says how a load may be simulated."""


def ways_with_aer(load: Load) -> list[Way]:
    """Return how Aer can simulate a load with the noise of a device, or with less.

    In seconds of one core, for w qubits, n instructions, s shots, and r states: 1, or s where measurements do not
    come last. A circuit takes 0.01 + 5e-5 n to be read, and then

    =======================  ====================================================  =============
    density matrix           5e-9 r n 4^w                                          all noise
    state vector             s n (3e-6 + 3e-9 2^w)                                 all noise
    Pauli frames             0.005 + n (1e-4 + 2e-8 s) + 5e-10 s w^2               random Paulis
    stabilizers, where r=s   2.5e-6 s n                                            random Paulis
    state vector             r n (3e-6 + 3e-9 2^w) + 1e-5 s                        no noise
    matrix product state     r (2e-4 d + 4e-9 e) + s w (3e-6 + 4e-10 b^2)          no noise
    =======================  ====================================================  =============

    with d decompositions, of which each adds rows x columns x the smaller of both to e, and bonds of b at most. The
    constants were measured with benchmarks/bench_wide_circuits.py.

    Source: behaviour B250.
    """
    return [*_noisy_ways(load), *_pauli_ways(load), *_quiet_ways(load)]


def ways_with_model(load: Load, *, paulis: bool) -> list[Way]:
    """Return how Aer can simulate a load with all the noise of a model of the user's.

    Args:
        load: What is to be simulated.
        paulis: Whether the errors of the model are Paulis, so that stabilizers can have them.
    """
    each = load.shots * (load.operations * 3e-6 + _decompositions(load.cut_bonds) + load.width * 1e-4)
    ways = [*_noisy_ways(load), _matrix_product("all", each, load, CUT_BOND)]
    return [*ways, _stabilizers(load, "all")] if load.stabilized and paulis else ways


def ways_as_aer(load: Load) -> list[Way]:
    """Return how Aer simulates a load without noise: by the method that it chooses, or as a matrix product state.

    Source: behaviour B267.
    """
    vector, *products = _quiet_ways(load)
    automatic = Method("automatic", "none")
    if load.stabilized:
        seconds = 2.5e-6 * load.runs * load.operations + 1e-8 * load.shots * load.width**2
        return [_by_aer(automatic, seconds, 4.0 * load.width**2, load)]
    fits = vector.memory <= MEMORY_LIMIT and vector.seconds <= LONGEST_RUN
    return [vector._replace(method=automatic)] if fits else [vector._replace(method=automatic), *products]


def ways_without_aer(load: Load) -> list[Way]:
    """Return how Qiskit's own simulators can simulate a load, without noise.

    The state vector takes n (1e-4 + 4e-8 2^w) + 1e-6 s seconds, and three times its memory.
    """
    seconds = load.circuits * (load.operations * (1e-4 + 4e-8 * 2.0**load.width) + 1e-6 * load.shots)
    ways = [Way(Method("statevector", "none"), seconds, 48 * 2.0**load.width)]
    return [*ways, _frames(load, "none")] if load.clifford else ways


def ways_at_random(load: Load) -> list[Way]:
    """Return how bits are drawn like coins."""
    return [Way(Method("random", "none"), 1e-7 * load.circuits * load.width * load.shots, 8.0 * load.width)]


def _noisy_ways(load: Load) -> list[Way]:
    matrix = load.operations * load.runs * 5e-9 * 4.0**load.width
    vector = load.operations * load.shots * (3e-6 + 3e-9 * 2.0**load.width)
    return [
        _by_aer(Method("density_matrix", "all"), matrix, 16 * 4.0**load.width, load),
        _by_aer(Method("statevector", "all"), vector, 16 * 2.0**load.width, load),
    ]


def _pauli_ways(load: Load) -> list[Way]:
    if load.clifford and load.last:
        return [_frames(load, "pauli")]
    return [_stabilizers(load, "pauli")] if load.stabilized else []


def _quiet_ways(load: Load) -> list[Way]:
    vector = load.operations * load.runs * (3e-6 + 3e-9 * 2.0**load.width) + 1e-5 * load.shots
    ways = [_by_aer(Method("statevector", "none"), vector, 16 * 2.0**load.width, load)]
    for bonds, most in ((load.bonds, load.bonds.widest), (load.cut_bonds, CUT_BOND)):
        if most <= _MOST_BOND:
            drawing = load.width * load.shots * (3e-6 + 4e-10 * 4.0**most)
            ways.append(_matrix_product("none", load.runs * _decompositions(bonds) + drawing, load, most))
    return ways


def _frames(load: Load, noise: Noise) -> Way:
    """Return the way of our own for Clifford circuits. Shots are followed some at a time."""
    each = 0.005 + load.operations * (1e-4 + 2e-8 * load.shots) + 5e-10 * load.width**2 * load.shots
    return Way(Method("stabilizer", noise), load.circuits * each, 4.0 * load.width**2)


def _stabilizers(load: Load, noise: Noise) -> Way:
    seconds = 2.5e-6 * load.operations * load.shots
    return _by_aer(Method("stabilizer", noise), seconds, 4.0 * load.width**2, load)


def _by_aer(method: Method, seconds: float, memory: float, load: Load) -> Way:
    return Way(method, load.circuits * (0.01 + 5e-5 * load.operations + seconds), memory)


def _matrix_product(noise: Noise, seconds: float, load: Load, most: int) -> Way:
    way = _by_aer(Method("matrix_product_state", noise), seconds, 32.0 * load.width * 4.0**most, load)
    return way._replace(bond=1 << most, exact=load.bonds.widest <= most)


def _decompositions(bonds: Bonds) -> float:
    return 2e-4 * bonds.steps + 4e-9 * bonds.work


class Choice(NamedTuple):
    """The ways that were chosen for some loads."""

    ways: tuple[Way, ...]
    """One for each load."""
    seconds: float

    @property
    def noise(self) -> Noise:
        """The least that any of them has."""
        return least_noise(way.method for way in self.ways)

    @property
    def exact(self) -> bool:
        """Whether nothing has to be cut off."""
        return all(way.exact for way in self.ways)

    @property
    def rank(self) -> tuple[bool, int, bool, float]:
        """What is smaller for what is better."""
        return self.seconds > LONGEST_JOB, -NOISES.index(self.noise), not self.exact, self.seconds


def choose_ways(loads: Sequence[Sequence[Way]], setup: float = 0.0) -> Choice | None:
    """Choose a way for each of some loads that belong together; `None` where one has none that fits into memory.

    As much noise as can be had in a minute, and in ten seconds more than the quickest way takes; then, nothing cut off
    if that can be had in a minute; else the quickest. How long the job may take has no part in it: a job is simulated
    alike wherever it is simulated at all.

    Args:
        loads: For each of them, the ways that there are.
        setup: How many seconds it takes to have the noise of a device.

    Source: behaviour B185, B251.
    """
    fitting = [[way for way in ways if way.memory <= MEMORY_LIMIT] for ways in loads]
    found = [choice for level in _LEVELS if (choice := _quickest(fitting, level, setup)) is not None]
    if not found:
        return None
    quickest = min(found, key=lambda choice: choice.seconds)
    for choice in found:
        extra = 0.0 if choice.noise == "none" else choice.seconds - quickest.seconds
        if choice.seconds <= LONGEST_JOB and extra <= LONGEST_RUN:
            return choice
    return quickest


_LEVELS: tuple[Callable[[Way], bool], ...] = (
    lambda way: way.method.noise == "all" and way.exact,
    lambda way: way.method.noise == "all",
    lambda way: way.method.noise != "none" and way.exact,
    lambda way: way.method.noise == "none" and way.exact,
    lambda way: way.method.noise == "none",
)
"""What a way must be, the best first."""


def _quickest(loads: Iterable[Iterable[Way]], level: Callable[[Way], bool], setup: float) -> Choice | None:
    """Return the quickest way of each load that is as good as that."""
    chosen = []
    for ways in loads:
        good = min(filter(level, ways), key=lambda way: way.seconds, default=None)
        if good is None:
            return None
        chosen.append(good)
    seconds = math.fsum(way.seconds for way in chosen)
    return Choice(tuple(chosen), seconds + setup if any(way.method.noise == "all" for way in chosen) else seconds)
