"""Where qubits are drawn: every device in its rows, any other graph without two qubits in one place."""

from collections.abc import Sequence
from itertools import combinations, pairwise
from math import dist

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qiskit_runtime_service.bridge.places import ROW, Pair, find_places, lay_out
from qiskit_runtime_service.devices.snapshots import read_snapshot, snapshot_rows
from qiskit_runtime_service.wire.configuration import read_configuration

NAMES = [row.name for row in snapshot_rows()]


def nearest(places: Sequence[tuple[float, float]]) -> float:
    return min((dist(one, other) for one, other in combinations(places, 2)), default=1.0)


@pytest.mark.holds("B575")
@pytest.mark.parametrize("name", NAMES)
def test_the_qubits_of_each_recorded_device_are_in_rows_and_the_coupled_beside_each_other(name: str) -> None:
    configuration = read_configuration(read_snapshot(name).configuration, "here").unwrap()
    pairs = configuration.coupling_map or ()
    places = lay_out(configuration.n_qubits, pairs, configuration.coords)
    assert len(set(places)) == len(places) == configuration.n_qubits
    assert all(number == int(number) >= 0 for place in places for number in place)
    # In Yorktown there are triangles.
    assert all(dist(places[one], places[other]) == 1 for one, other in pairs) or name == "fake_yorktown"
    assert max(column for _, column in places) < 16 + 1


@pytest.mark.holds("B575")
def test_a_long_chain_goes_there_and_back() -> None:
    pairs = [(qubit, qubit + 1) for qubit in range(39)]
    places = lay_out(40, pairs)
    assert places[:ROW] == [(0, column) for column in range(15)]
    assert places[ROW : ROW + 2] == [(1, 14), (1, 13)]
    assert all(dist(one, other) == 1 for one, other in pairwise(places))
    shuffled = [(7 * one % 40, 7 * other % 40) for one, other in pairs]
    moved = lay_out(40, shuffled)
    assert all(dist(moved[one], moved[other]) == 1 for one, other in shuffled)


@pytest.mark.holds("B575")
@pytest.mark.parametrize(
    "told", [((0.0, 0.0),), ((0, 0), (0.2, 0)), ((0, 0), (float("nan"), 1)), ((0, 0), (1e300, 0)), ((0, 0), (1,)), ()]
)
def test_coordinates_that_make_no_map_are_not_taken(told: Sequence[Sequence[float]]) -> None:
    assert lay_out(2, [(0, 1)], told) == [(0, 0), (0, 1)]


@pytest.mark.holds("B575")
def test_places_that_are_told_begin_at_the_top_left() -> None:
    assert find_places(3, [(0, 2)], ((4, 7), (5, 7), (4, 8))) == [(0, 0), (0, 1), (1, 0)]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[Pair]]:
    number = draw(st.integers(0, 14))
    qubits = st.integers(0, max(number - 1, 0))
    pairs = st.lists(st.tuples(qubits, qubits), max_size=40) if number else st.just([])
    return number, draw(pairs)


@pytest.mark.holds("B575")
@given(graphs())
@example((9, [(0, qubit) for qubit in range(1, 9)]))
@example((6, list(combinations(range(6), 2))))
@example((12, [(hub, qubit) for hub in (0, 1) for qubit in range(2, 12)]))
def test_no_two_qubits_of_any_graph_are_in_one_place_and_it_is_drawn_twice_alike(graph: tuple[int, list[Pair]]) -> None:
    number, pairs = graph
    places = lay_out(number, pairs)
    assert len(places) == number
    assert nearest(places) > 0.99
    assert all(0 <= coordinate <= 6 * number + 6 for place in places for coordinate in place)
    assert lay_out(number, pairs) == places


@pytest.mark.holds("B575")
@given(st.integers(2, 7), st.integers(2, 7), st.randoms(use_true_random=False))
def test_the_coupled_of_a_grid_of_any_numbers_are_nearest(rows: int, columns: int, random: object) -> None:
    numbers = list(range(rows * columns))
    random.shuffle(numbers)  # type: ignore[attr-defined]  # it is Python's
    at = {(row, column): numbers[row * columns + column] for row in range(rows) for column in range(columns)}
    steps = [((row, column), (row + down, column + 1 - down)) for row, column in at for down in (0, 1)]
    pairs = [(at[one], at[other]) for one, other in steps if other in at]
    places = lay_out(rows * columns, pairs)
    longest = max(dist(places[one], places[other]) for one, other in pairs)
    coupled = {frozenset(pair) for pair in pairs}
    others = [pair for pair in combinations(numbers, 2) if frozenset(pair) not in coupled]
    assert longest < 1.35
    assert all(dist(places[one], places[other]) > 1.2 for one, other in others)


@pytest.mark.holds("B575")
def test_a_large_graph_is_not_spread_by_its_couplings() -> None:
    places = lay_out(1000, [(0, qubit) for qubit in range(1, 1000)])
    assert nearest(places) == 1
