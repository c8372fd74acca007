"""What a simulation is estimated to cost, by hand, and what is chosen for it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.simulator.bonds import Gate
from qiskit_runtime_service.simulator.estimates import (
    Choice,
    Load,
    choose_ways,
    ways_at_random,
    ways_with_aer,
    ways_with_model,
    ways_without_aer,
)
from qiskit_runtime_service.simulator.method import Way

GIBIBYTE = 2**30


def chain(width: int, layers: int) -> tuple[Gate, ...]:
    """Return gates between neighbours."""
    return tuple(Gate((qubit, qubit + 1), True) for _ in range(layers) for qubit in range(width - 1))


@st.composite
def loads(draw: st.DrawFn) -> Load:
    width = draw(st.integers(1, 160))
    clifford = draw(st.booleans())
    return Load(
        width=width,
        operations=draw(st.integers(1, 10**5)),
        shots=draw(st.integers(1, 10**6)),
        circuits=draw(st.integers(1, 100)),
        clifford=clifford,
        stabilized=clifford and draw(st.booleans()),
        last=draw(st.booleans()),
        gates=chain(width, draw(st.integers(0, 5))),
    )


def ways_of(load: Load, machine: str) -> list[Way]:
    return {
        "aer": ways_with_aer,
        "model": lambda load: ways_with_model(load, paulis=True),
        "qiskit": ways_without_aer,
        "coins": ways_at_random,
    }[machine](load)


MACHINES = st.sampled_from(["aer", "model", "qiskit", "coins"])


def chosen(load: Load) -> Choice:
    choice = choose_ways([ways_with_aer(load)])
    assert choice is not None
    return choice


@pytest.mark.holds("B250")
@given(loads(), MACHINES, st.sampled_from(["width", "operations", "shots", "circuits"]), st.integers(1, 50))
def test_more_work_is_never_estimated_to_take_less(load: Load, machine: str, what: str, more: int) -> None:
    larger = msgspec.structs.replace(load, **{what: getattr(load, what) + more})
    for less, greater in zip(ways_of(load, machine), ways_of(larger, machine), strict=True):
        assert less.method == greater.method
        assert less.seconds <= greater.seconds
        assert less.memory <= greater.memory


@pytest.mark.holds("B251")
@given(st.lists(loads(), max_size=3), MACHINES)
def test_what_is_chosen_fits_into_memory(several: list[Load], machine: str) -> None:
    ways = [ways_of(load, machine) for load in several]
    choice = choose_ways(ways)
    if choice is None:
        assert any(all(way.memory > GIBIBYTE for way in some) for some in ways)
        return
    assert all(way in some and way.memory <= GIBIBYTE for way, some in zip(choice.ways, ways, strict=True))
    assert choice.seconds == pytest.approx(sum(way.seconds for way in choice.ways))
    assert choice.noise == "all" or machine != "model"


@pytest.mark.holds("B185", "B251")
@given(loads(), st.sampled_from(["operations", "shots"]))
def test_less_work_never_has_less_noise(several: Load, what: str) -> None:
    load = msgspec.structs.replace(several, circuits=1)
    order = ("none", "pauli", "all")
    smaller = msgspec.structs.replace(load, **{what: -(-getattr(load, what) // 2)})
    if chosen(load).seconds <= 60:
        assert order.index(chosen(smaller).noise) >= order.index(chosen(load).noise)


FED_BACK = {"width": 27, "operations": 100, "clifford": True, "last": False}
CASES: list[tuple[dict[str, Any], tuple[str, str, float]]] = [
    # Few qubits are a density matrix: 0.01 + 5e-5 n, and 5e-9 n 4^w.
    ({"width": 5, "operations": 100}, ("density_matrix", "all", 0.015512)),
    # Ten seconds more than without noise are worth it, and not eleven.
    ({"width": 12, "operations": 131, "shots": 10**5}, ("density_matrix", "all", 11.006)),
    ({"width": 12, "operations": 132, "shots": 10**5}, ("statevector", "none", 1.0186)),
    ({"width": 12, "operations": 132, "shots": 10**5, "clifford": True}, ("stabilizer", "pauli", 0.2894)),
    # With few shots, a state vector for each of them is quicker: s n (3e-6 + 3e-9 2^w).
    ({"width": 12, "operations": 131, "shots": 10}, ("statevector", "all", 0.0366)),
    # Where a measurement decides what follows, each shot is a run of its own.
    ({"width": 12, "operations": 50, "shots": 8000, "last": False}, ("statevector", "all", 6.128)),
    (
        {"width": 27, "operations": 100, "clifford": True, "stabilized": True, "last": False},
        ("stabilizer", "pauli", 0.265),
    ),
    # Twenty-six qubits are a gibibyte; what is wider is a matrix product state.
    ({"width": 26, "operations": 26, "gates": ()}, ("matrix_product_state", "none", 0.0891)),
    ({"width": 30, "operations": 100, "gates": chain(30, 1)}, ("matrix_product_state", "none", 0.1111)),
]


@pytest.mark.holds("B185", "B250", "B251")
@pytest.mark.parametrize(("load", "wanted"), CASES)
def test_a_load_is_run_with_as_much_noise_as_time_and_memory_allow(
    load: dict[str, Any], wanted: tuple[str, str, float]
) -> None:
    choice = chosen(Load(**{"shots": 1000, **load}))
    (way,) = choice.ways
    assert (str(way.method.name), str(way.method.noise)) == wanted[:2]
    assert choice.seconds == pytest.approx(wanted[2], rel=0.02)


def test_all_circuits_count() -> None:
    one, many = (Load(width=5, operations=100, shots=1000, circuits=number) for number in (1, 50))
    assert chosen(many).seconds == pytest.approx(50 * chosen(one).seconds)


@pytest.mark.holds("B251")
def test_the_noise_of_a_device_takes_time_once() -> None:
    ways = ways_with_aer(Load(width=2, operations=10, shots=100))
    with_noise = choose_ways([ways, ways], setup=4.0)
    assert with_noise is not None
    assert with_noise.noise == "all"
    assert with_noise.seconds == pytest.approx(4.0 + 2 * ways[0].seconds)
    without = choose_ways([ways, ways], setup=11.0)
    assert without is not None
    assert without.noise == "none"
    assert without.seconds < 0.1


@pytest.mark.holds("B251")
def test_parts_of_one_pub_have_one_kind_of_noise_at_least() -> None:
    small = Load(width=2, operations=10, shots=1000)
    wide = Load(width=100, operations=200, shots=1000, gates=chain(100, 1))
    clifford = msgspec.structs.replace(wide, clifford=True)
    mixed = choose_ways([ways_with_aer(small), ways_with_aer(clifford)])
    assert mixed is not None
    assert [way.method for way in mixed.ways] == [("density_matrix", "all"), ("stabilizer", "pauli")]
    assert mixed.noise == "pauli"
    quiet = choose_ways([ways_with_aer(small), ways_with_aer(wide)])
    assert quiet is not None
    assert {way.method.noise for way in quiet.ways} == {"none"}


@pytest.mark.holds("B253")
@pytest.mark.parametrize(
    ("layers", "bond", "exact"),
    [(1, 2, True), (6, 64, True), (7, 128, True), (9, 512, True), (10, 64, False), (30, 64, False)],
)
def test_bonds_are_cut_off_only_where_they_may_be_too_large(layers: int, bond: int, exact: bool) -> None:
    # The last of many layers joins the middle of the row: each doubles every bond, the first and the last but once.
    load = Load(width=40, operations=40 * layers, shots=100, gates=chain(40, layers))
    (way,) = chosen(load).ways
    assert (way.method.name, way.bond, way.exact) == ("matrix_product_state", bond, exact)


@pytest.mark.holds("B250")
def test_without_aer_twenty_four_qubits_are_the_most_unless_all_gates_are_clifford_gates() -> None:
    def names(width: int, *, clifford: bool) -> list[str] | None:
        choice = choose_ways([ways_without_aer(Load(width=width, operations=1, shots=10, clifford=clifford))])
        return None if choice is None else [way.method.name for way in choice.ways]

    assert names(24, clifford=False) == ["statevector"]
    assert names(25, clifford=False) is None
    assert names(25, clifford=True) == ["stabilizer"]


@pytest.mark.holds("B250")
def test_a_noise_model_of_the_user_keeps_its_noise() -> None:
    load = Load(width=40, operations=80, shots=100, clifford=True, stabilized=True, gates=chain(40, 1))
    paulis, others = (choose_ways([ways_with_model(load, paulis=paulis)]) for paulis in (True, False))
    assert paulis is not None
    assert others is not None
    assert [way.method for way in paulis.ways] == [("stabilizer", "all")]
    assert [way.method for way in others.ways] == [("matrix_product_state", "all")]


def test_nothing_takes_no_time() -> None:
    assert choose_ways([]) == Choice((), 0.0)
