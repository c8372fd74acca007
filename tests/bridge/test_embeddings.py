"""Where qubits are on a plane: told, known, or not."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.transpiler import CouplingMap

from qiskit_runtime_service import fake_provider
from qiskit_runtime_service.visualization.embeddings import Embedding

STRAIGHT = {
    "FakeManilaV2": [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4)],
    "FakeAthensV2": [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4)],
    "FakeLondonV2": [(0, 0), (0, 1), (0, 2), (1, 1), (2, 1)],
    "FakeYorktownV2": [(1, 0), (0, 1), (1, 1), (1, 2), (2, 1)],
    "FakeOslo": [(0, 0), (0, 1), (0, 2), (1, 1), (2, 0), (2, 1), (2, 2)],
    "FakeArmonkV2": [(0, 0)],
}
ALL = [name for name in fake_provider.__all__ if name.startswith("Fake") and name[4:] != "BackendV2"]
DEVICES = [name for name in ALL if "Provider" not in name]


@pytest.mark.holds("B493")
@pytest.mark.parametrize(("name", "places"), STRAIGHT.items())
def test_qubits_of_small_devices_are_where_their_couplings_are_straight(
    name: str, places: list[tuple[int, int]]
) -> None:
    assert Embedding.from_backend(getattr(fake_provider, name)()).coordinates == places


@pytest.mark.holds("B493")
@pytest.mark.parametrize("name", DEVICES)
def test_no_two_qubits_of_a_device_are_in_one_place_and_the_coupled_are_neighbours(name: str) -> None:
    backend = getattr(fake_provider, name)()
    embedding = Embedding.from_backend(backend)
    places = embedding.coordinates
    assert len(set(places)) == len(places) == backend.num_qubits
    assert min(row for row, _ in places) == min(column for _, column in places) == 0
    pairs = backend.coupling_map.get_edges()
    assert sorted(embedding.coupling_map.get_edges()) == sorted(pairs)
    assert all(abs(places[one][axis] - places[other][axis]) <= 1 for one, other in pairs for axis in (0, 1))


@pytest.mark.holds("B493")
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: GenericBackendV2(3), r"'generic_backend_3q', which does not tell where its qubits are; it must be"),
        (lambda: 5, "backend is 5; it must be a backend"),
    ],
)
def test_a_backend_of_unknown_places_says_so(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Embedding.from_backend(make())


@pytest.mark.holds("B493")
def test_a_chain_is_a_row() -> None:
    chain = GenericBackendV2(40, coupling_map=[[qubit, qubit + 1] for qubit in range(39)])
    assert Embedding.from_backend(chain).coordinates == [(0, column) for column in range(40)]


@pytest.mark.holds("B493")
def test_a_lattice_that_does_not_fit_is_not_taken() -> None:
    ring = GenericBackendV2(7, coupling_map=[[qubit, (qubit + 1) % 7] for qubit in range(7)])
    with pytest.raises(ValueError, match="does not tell where its qubits are"):
        Embedding.from_backend(ring)


@pytest.mark.holds("B493")
def test_a_map_without_couplings_of_a_backend_is_refused() -> None:
    class Loose(GenericBackendV2):
        coupling_map = None

    with pytest.raises(ValueError, match=r"where all qubits are coupled; it must be one with a coupling map"):
        Embedding.from_backend(Loose(2))


@pytest.mark.holds("B493")
def test_an_embedding_is_what_it_was_made_of() -> None:
    places = [(0, 0), (0, 1), (2, 3), (2, 4)]
    embedding = Embedding(places, [(0, 1), (2, 1)])
    assert embedding.coordinates == places
    assert sorted(embedding.coupling_map.get_edges()) == [(0, 1), (2, 1)]
    assert embedding.coupling_map.size() == 4
    assert repr(embedding) == "Embedding(<4 qubits>)"
    line = CouplingMap.from_line(3)
    assert Embedding(places, line).coupling_map is line


@pytest.mark.holds("B493")
@pytest.mark.parametrize(
    ("coordinates", "pairs", "words"),
    [
        (5, [], "coordinates is 5; it must be a list of pairs"),
        ([(0, 0), (1,)], [], r"coordinates is \[\(0, 0\), \(1,\)\]"),
        ([(0, float("nan"))], [], "coordinates is"),
        ([(0, 0)], [(0, 1)], r"coupling_map is \[\(0, 1\)\]; it must be .* of qubits from 0 to 0"),
        ([(0, 0), (0, 1)], [(0, -1)], "coupling_map is"),
        ([(0, 0)], CouplingMap.from_line(3), "coupling_map is a map of 3 qubits; it must be one of at most 1"),
    ],
)
def test_what_is_no_embedding_is_refused(coordinates: Any, pairs: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Embedding(coordinates, pairs)


@pytest.mark.holds("B493")
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=9), st.data())
def test_any_pairs_of_placed_qubits_are_couplings(places: list[tuple[int, int]], data: st.DataObject) -> None:
    qubits = st.integers(0, len(places) - 1) if places else st.nothing()
    pairs = data.draw(st.lists(st.tuples(qubits, qubits).filter(lambda pair: pair[0] != pair[1]), unique=True))
    embedding = Embedding(places, pairs)
    assert sorted(embedding.coupling_map.get_edges()) == sorted(pairs)
    assert embedding.coupling_map.size() == len(places)
