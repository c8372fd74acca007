"""How circuits are run: the choice, and states that are measured without being written down."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.quantum_info import Statevector, random_clifford

from qiskit_runtime_service.simulator.method import choose_method, is_clifford, seed_of
from qiskit_runtime_service.simulator.tableau import find_outcome, sample_stabilizer

from ..support.devices import conditional, ghz


@pytest.mark.holds("B185")
@given(st.integers(1, 1000), st.integers(1, 10**5), st.integers(1, 10**6), st.booleans())
def test_no_state_is_larger_than_the_limit(width: int, operations: int, shots: int, clifford: bool) -> None:
    method = choose_method(width, operations, shots, clifford=clifford)
    size = {"density_matrix": 16 * 4**width, "statevector": 16 * 2**width}.get(method.name, 0)
    assert size <= 2**30
    assert clifford or method.name != "stabilizer"


@given(st.integers(1, 40), st.integers(1, 10**4), st.integers(1, 10**5), st.booleans())
def test_less_work_never_has_less_noise(width: int, operations: int, shots: int, clifford: bool) -> None:
    order = ("none", "pauli", "all")
    more = choose_method(width + 1, operations, shots, clifford=clifford)
    less = choose_method(width, operations, shots, clifford=clifford)
    assert order.index(less.noise) >= order.index(more.noise)


@pytest.mark.holds("B185")
@pytest.mark.parametrize(("width", "name"), [(5, "density_matrix"), (10, "density_matrix"), (156, "stabilizer")])
def test_common_jobs_are_run_so(width: int, name: str) -> None:
    assert choose_method(width, 8 * width, 4096, clifford=True).name == name


@pytest.mark.holds("B185")
@pytest.mark.parametrize(
    ("width", "operations", "shots", "clifford", "name", "noise"),
    [
        # A density matrix is quick enough for ten seconds, and no more.
        (12, 149, 10**6, False, "density_matrix", "all"),
        (12, 150, 10**6, False, "statevector", "none"),
        (12, 150, 10**6, True, "stabilizer", "pauli"),
        # To the last operation: this takes ten seconds, and a state vector would take longer.
        (4, 9765625, 1, False, "density_matrix", "all"),
        (4, 9765626, 1, False, "statevector", "none"),
        # A state vector for each shot is taken where it is quicker, and if it takes ten seconds too.
        (12, 10, 1, False, "statevector", "all"),
        (20, 1, 1191, False, "statevector", "all"),
        (20, 1, 1192, False, "statevector", "none"),
        (20, 1, 1192, True, "stabilizer", "pauli"),
        # Both have to fit into a gibibyte.
        (13, 1, 10**6, False, "density_matrix", "all"),
        (14, 1, 10**6, False, "statevector", "none"),
        (26, 1, 1, False, "statevector", "all"),
        (27, 1, 1, False, "matrix_product_state", "none"),
    ],
)
def test_a_circuit_has_as_much_noise_as_time_and_memory_allow(
    width: int, operations: int, shots: int, clifford: bool, name: str, noise: str
) -> None:
    assert choose_method(width, operations, shots, clifford=clifford) == (name, noise)


@pytest.mark.parametrize("seed", range(40))
def test_a_stabilizer_state_is_measured_as_its_amplitudes_say(seed: int) -> None:
    width = 1 + seed % 5
    state = random_clifford(width, seed=seed)
    chances = Statevector(state.to_circuit()).probabilities()
    weights = 1 << np.arange(width)
    assert chances[int(find_outcome(state) @ weights)] > 1e-9
    qubits = list(range(width))
    shots = sample_stabilizer(state.to_circuit(), qubits, 2000, np.random.default_rng(seed))
    seen = np.bincount(shots @ weights, minlength=2**width) / 2000
    assert np.abs(seen - chances).max() < 0.06


def test_clifford_circuits_are_told_from_others() -> None:
    turned = ghz(2)
    turned.rx(0.1, 0)
    whole = QuantumCircuit(1)
    whole.unitary([[0, 1], [1, 0]], 0)
    inside = conditional()
    with inside.if_test((inside.clbits[0], 1)):
        inside.t(0)
    assert [is_clifford(circuit) for circuit in (ghz(2), conditional(), turned, whole, inside)] == [
        True,
        True,
        False,
        False,
        False,
    ]


@given(st.integers(0, 2**40), st.lists(st.integers(0, 100), max_size=3))
def test_seeds_are_what_aer_takes(seed: int, path: list[int]) -> None:
    assert 0 <= seed_of(seed, *path) < 2**31
