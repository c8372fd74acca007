"""Where the qubits of a device are on a plane."""

from collections.abc import Iterable, Sequence
from typing import Any

from qiskit.providers import BackendV2
from qiskit.transpiler import CouplingMap

from .._public import public
from . import places
from .places import Pair, Place, is_place
from .plotly_figures import UndrawableError, read_list


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
        self._coordinates = [(row, column) for row, column in read_list("coordinates", coordinates, wanted, is_place)]
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
    found = find_places(value)
    if found is None:
        wanted = "one of known coordinates, or an Embedding(coordinates, coupling_map)"
        raise UndrawableError(name, value, wanted, f"{value.name!r}, which does not tell where its qubits are")
    return Embedding(found, coupling_map)


def find_places(backend: BackendV2) -> list[Place] | None:
    """Return row and column of each qubit of a backend that has a coupling map; `None` where they are unknown."""
    configuration = getattr(backend, "configuration", None)
    told = getattr(configuration(), "coords", None) if callable(configuration) else None
    return places.find_places(backend.num_qubits, backend.coupling_map.get_edges(), told)


def _is_pair(value: Any, placed: int) -> bool:
    fits = isinstance(value, list | tuple) and len(value) == 2
    return fits and all(isinstance(qubit, int) and 0 <= qubit < placed for qubit in value)
