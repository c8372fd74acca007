"""Clifford circuits: told from others, and measured without being written down."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.quantum_info import Statevector, random_clifford

from qiskit_runtime_service.simulator.method import is_clifford, seed_of
from qiskit_runtime_service.simulator.tableau import find_outcome, sample_stabilizer

from ..support.devices import conditional, ghz


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
