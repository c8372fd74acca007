"""Where the qubits of a device are on a plane."""

from collections.abc import Iterable, Sequence
from itertools import count
from math import isfinite
from typing import Any, Final

from qiskit.providers import BackendV2
from qiskit.transpiler import CouplingMap

from .._public import public
from .plotly_figures import UndrawableError, read_list

Place = tuple[float, float]
"""Row, from the top, and column."""
Pair = tuple[int, int]
"""Two qubits that are coupled."""

LATTICES: Final = (
    "012 .3. .4.",
    ".1. 023 .4.",
    "### .#. ###",
    "0123456. edcba987",
    "...6... 0147acf .2...d. .358be. ...9...",
    "##### ##### ##### #####",
    "...6...h... 0147acfiln. .2...d...o. .358begjmpq ...9...k...",
    "..#####.. ..#...#.. ######### #...#...# #########",
    "..#####.. ..#...#.. ######### #...#...# ######### ..#...#.. ######### #...#...# ######### ..#...#..",
    "##########. #...#...#.. ########### ..#...#...# ########### #...#...#.. ########### ..#...#...# .##########",
    " ".join(
        ["##############.", *(["#...#...#...#..", "#" * 15, "..#...#...#...#", "#" * 15] * 3)[:-1], ".##############"]
    ),
)
"""Lattices of devices that do not tell where their qubits are, a word for each row.

A qubit is the digit of its number, to base 36, or `#` where they are numbered row by row.
"""


@public("visualization.embeddings")
class Embedding:
    """Where the qubits of a device are on a plane, and which of them are coupled.

    Args:
        coordinates: Row, from the top, and column of each qubit.
        coupling_map: Pairs of coupled qubits.

    Raises:
        ValueError: A coordinate is no pair of numbers, or a pair is not of two qubits that have a place.

    Source: behaviour B493.
    """

    def __init__(self, coordinates: Sequence[Place], coupling_map: Iterable[Pair] | CouplingMap) -> None:
        wanted = "a list of pairs, row and column of each qubit"
        self._coordinates = [(row, column) for row, column in read_list("coordinates", coordinates, wanted, _is_place)]
        placed = len(self._coordinates)
        if not isinstance(coupling_map, CouplingMap):
            wanted = f"a CouplingMap, or a list of pairs of qubits from 0 to {placed - 1}, which have coordinates"
            pairs = read_list("coupling_map", coupling_map, wanted, lambda pair: _is_pair(pair, placed))
            coupling_map = CouplingMap(pairs)
            for qubit in range(coupling_map.size(), placed):
                coupling_map.add_physical_qubit(qubit)
        elif coupling_map.size() > placed:
            words = f"a map of {coupling_map.size()} qubits"
            raise UndrawableError(
                "coupling_map", coupling_map, f"one of at most {placed}, which have coordinates", words
            )
        self._coupling_map = coupling_map

    @classmethod
    def from_backend(cls, backend: BackendV2) -> "Embedding":
        """Return where the qubits of a backend are: as its configuration tells, or as those of its kind are arranged.

        Raises:
            ValueError: That is unknown, or the backend has no coupling map.
        """
        if not isinstance(backend, BackendV2):
            raise UndrawableError("backend", backend, "a backend")
        return read_embedding("backend", backend)

    @property
    def coordinates(self) -> list[Place]:
        """Row, from the top, and column of each qubit."""
        return self._coordinates

    @property
    def coupling_map(self) -> CouplingMap:
        """Which qubits are coupled."""
        return self._coupling_map

    def __repr__(self) -> str:
        return f"Embedding(<{len(self._coordinates)} qubits>)"


def read_embedding(name: str, value: Any) -> Embedding:
    """Return an embedding, which may be given as a backend.

    Raises:
        UndrawableError: It is neither, or nobody knows where the qubits of the backend are.
    """
    if isinstance(value, Embedding):
        return value
    if not isinstance(value, BackendV2):
        raise UndrawableError(name, value, "an Embedding, or a backend")
    coupling_map = value.coupling_map
    if coupling_map is None:
        raise UndrawableError(name, value, "one with a coupling map", f"{value.name!r}, where all qubits are coupled")
    places = find_places(value)
    if places is None:
        wanted = "one of known coordinates, or an Embedding(coordinates, coupling_map)"
        raise UndrawableError(name, value, wanted, f"{value.name!r}, which does not tell where its qubits are")
    return Embedding(places, coupling_map)


def find_places(backend: BackendV2) -> list[Place] | None:
    """Return row and column of each qubit of a backend that has a coupling map; `None` where they are unknown.

    First what its configuration tells counts; then a chain is a row, and what fits into a known lattice is that.

    Source: behaviour B493.
    """
    number = backend.num_qubits
    configuration = getattr(backend, "configuration", None)
    told = getattr(configuration(), "coords", None) if callable(configuration) else None
    if told is not None and len(told) == number and all(map(_is_place, told)):
        left, top = (min(place[axis] for place in told) for axis in (0, 1))
        return [(round(y - top), round(x - left)) for x, y in told]
    pairs = [*backend.coupling_map.get_edges()]
    if all(abs(one - other) == 1 for one, other in pairs):
        return [(0, qubit) for qubit in range(number)]
    lattices = (read_lattice(rows) for rows in LATTICES)
    return next((places for places in lattices if len(places) == number and _fits(places, pairs)), None)


def read_lattice(rows: str) -> list[Place]:
    """Return row and column of each qubit of a lattice."""
    numbers = count()
    places = {
        next(numbers) if letter == "#" else int(letter, 36): (row, column)
        for row, word in enumerate(rows.split())
        for column, letter in enumerate(word)
        if letter != "."
    }
    return [places[qubit] for qubit in sorted(places)]


def _fits(places: Sequence[Place], pairs: Iterable[Pair]) -> bool:
    """Whether all couplings are between neighbours."""
    return all(abs(places[one][axis] - places[other][axis]) <= 1 for one, other in pairs for axis in (0, 1))


def _is_place(value: Any) -> bool:
    return _holds_two(value) and all(isinstance(number, int | float) and isfinite(number) for number in value)


def _is_pair(value: Any, placed: int) -> bool:
    return _holds_two(value) and all(isinstance(qubit, int) and 0 <= qubit < placed for qubit in value)


def _holds_two(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2
