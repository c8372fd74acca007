"""Matrix product states: no bond grows beyond its bound, and shots are those of the state."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.quantum_info import Statevector

from qiskit_runtime_service.simulator.bonds import Gate, bound_bonds, order_on_line
from qiskit_runtime_service.simulator.matrix_product import sample_matrix_product

from ..support.examples import examples

WIDTH = 6
pairs = st.lists(st.tuples(st.permutations(range(WIDTH)), st.booleans()), max_size=14)


def rank_of(circuit: QuantumCircuit, order: list[int]) -> int:
    """Return the largest Schmidt rank of any cut of the state, as a power of two, rounded up."""
    tensor = Statevector(circuit).data.reshape((2,) * WIDTH).transpose([WIDTH - 1 - qubit for qubit in order])
    ranks = [np.linalg.matrix_rank(tensor.reshape(2**cut, -1), tol=1e-9) for cut in range(1, WIDTH)]
    return int(np.ceil(np.log2(max(ranks)) - 1e-9))


@pytest.mark.holds("B253")
@settings(max_examples=examples(60))
@given(pairs)
def test_no_cut_has_more_than_its_bound(chosen: list[tuple[list[int], bool]]) -> None:
    circuit = QuantumCircuit(WIDTH)
    gates = []
    dice = np.random.default_rng(5)
    for order, doubles in chosen:
        first, second = order[:2]
        for qubit in (first, second):
            circuit.u(*dice.uniform(0, 6, 3), qubit)
        if doubles:
            circuit.cp(1.1, first, second)
        else:
            circuit.iswap(first, second)
        gates.append(Gate((first, second), doubles))
    line = order_on_line(gates, WIDTH)
    assert sorted(line) == list(range(WIDTH))
    assert rank_of(circuit, line) <= bound_bonds(gates, line, 9).widest <= 4


@pytest.mark.holds("B253")
def test_a_chain_stays_a_chain() -> None:
    chain = [4, 0, 5, 2, 3, 1]
    gates = [Gate(pair, True) for pair in pairwise(chain)]
    line = order_on_line(gates, WIDTH)
    assert line in (chain, chain[::-1])
    # One decomposition a gate, and each joins what was free: two by two, but for the bond before.
    assert bound_bonds(gates, line, 9)[:2] == (1, 5)
    # The same as they are numbered has to be swapped together, and back.
    assert bound_bonds(gates, range(WIDTH), 9).steps > 15


@pytest.mark.parametrize(
    ("layers", "most", "widest", "work"),
    [
        # Rows and columns are twice the bond beside them; there is none at the ends.
        (1, 9, 1, 2 * 2 * 2),
        (2, 9, 2, 2 * (2 * 2 * 2)),
        # Two qubits have no more than two.
        (3, 9, 2, 3 * (2 * 2 * 2)),
    ],
)
def test_two_qubits_cost_what_was_reckoned_by_hand(layers: int, most: int, widest: int, work: float) -> None:
    bonds = bound_bonds([Gate((0, 1), True)] * layers, [0, 1], most)
    assert bonds == (min(widest, 1), layers, work)


def test_gates_of_three_qubits_and_swaps_are_counted() -> None:
    # One gate of three neighbours decomposes two bonds.
    assert bound_bonds([Gate((0, 1, 2), False)], [0, 1, 2], 9).steps == 2
    # A gate over a neighbour swaps once, and swaps back in the end.
    assert bound_bonds([Gate((0, 2), True)], [0, 1, 2], 9).steps == 3


def test_what_is_cut_off_is_no_larger_than_that_and_tells_what_was_needed() -> None:
    gates = [Gate((qubit, qubit + 1), False) for _ in range(9) for qubit in range(9)]
    free, cut = bound_bonds(gates, range(10), 9), bound_bonds(gates, range(10), 2)
    assert (free.widest, cut.widest) == (5, 3)
    assert free.steps == cut.steps == 81
    assert free.work > cut.work


@given(pairs, st.tuples(st.permutations(range(WIDTH)), st.booleans()))
def test_one_more_gate_is_never_less(chosen: list[tuple[list[int], bool]], more: tuple[list[int], bool]) -> None:
    gates = [Gate(tuple(order[:2]), doubles) for order, doubles in [*chosen, more]]
    less, all_of_them = (bound_bonds(some, range(WIDTH), 9) for some in (gates[:-1], gates))
    assert less.widest <= all_of_them.widest


def test_hopeless_work_is_not_added_up_to_the_end() -> None:
    gates = [Gate((first, 99 - first), False) for _ in range(1000) for first in range(50)]
    assert bound_bonds(gates, range(100), 9).steps < 10_000


@pytest.mark.holds("B253")
def test_shots_of_a_matrix_product_state_are_those_of_its_amplitudes() -> None:
    # Two qubits that agree, and lean to 1: sqrt(0.3) |00> + sqrt(0.7) |11>.
    zero, one = np.array([[1, 0]], complex), np.array([[0, 1]], complex)
    schmidt = np.sqrt([0.3, 0.7])
    sites = [(zero, one), (zero.T.copy(), one.T.copy())]
    drawn = sample_matrix_product(sites, [schmidt], 10_000, np.random.default_rng(3))
    assert drawn.shape == (10_000, 2)
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert abs(drawn[:, 0].mean() - 0.7) < 5 * np.sqrt(0.21 / 10_000)
    again = sample_matrix_product(sites, [schmidt], 10_000, np.random.default_rng(3))
    assert (again == drawn).all()


def test_one_qubit_has_no_bond() -> None:
    column = (np.array([[0.6]], complex), np.array([[0.8j]], complex))
    drawn = sample_matrix_product([column], [], 5_000, np.random.default_rng(3))
    assert abs(drawn.mean() - 0.64) < 0.04
