"""The analyzer of estimators: values with and without noise, and sums with the results."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.primitives.containers import DataBin, PubResult
from qiskit.quantum_info import SparsePauliOp, Statevector, random_clifford, random_pauli
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_aer.noise import NoiseModel, depolarizing_error

from qiskit_runtime_service.debug_tools import Neat, NeatPubResult, NeatResult
from qiskit_runtime_service.fake_provider import FakeManilaV2, FakeTorino
from qiskit_runtime_service.shell.neat import find_values


@pytest.mark.holds("B462")
@given(st.integers(0, 10_000))
def test_values_without_noise_are_exact(seed: int) -> None:
    circuit = random_clifford(3, seed=seed).to_circuit()
    terms = [random_pauli(3, group_phase=False, seed=seed + place).to_label().lstrip("-i") for place in range(4)]
    observable = SparsePauliOp(terms, [1.0, -2.0, 0.5, 3.0])
    (result,) = Neat(FakeManilaV2()).ideal_sim([(circuit, observable)])
    assert np.allclose(result.vals, Statevector(circuit).expectation_value(observable).real)


def ghz(width: int, backend: Any) -> tuple[QuantumCircuit, list[SparsePauliOp]]:
    circuit = QuantumCircuit(width)
    circuit.h(0)
    for qubit in range(width - 1):
        circuit.cx(qubit, qubit + 1)
    laid_out = generate_preset_pass_manager(1, backend=backend, seed_transpiler=1).run(circuit)
    wanted = (SparsePauliOp("ZZ" + "I" * (width - 2)), SparsePauliOp("X" * width))
    return laid_out, [observable.apply_layout(laid_out.layout) for observable in wanted]


@pytest.mark.holds("B462")
def test_gates_have_noise_and_readout_has_none() -> None:
    neat = Neat(FakeManilaV2())
    pub = ghz(3, neat.backend())
    (noisy,) = neat.noisy_sim([pub], seed_simulator=1, precision=0.01)
    # Readout alone would take each to less than 0.9.
    assert np.all((noisy.vals > 0.92) & (noisy.vals < 1))
    assert np.array_equal(noisy.vals, neat.noisy_sim([pub], seed_simulator=1, precision=0.01)[0].vals)


@pytest.mark.holds("B462")
def test_another_noise_model_takes_the_place_of_the_devices_own() -> None:
    neat = Neat(FakeManilaV2())
    pub = ghz(3, neat.backend())
    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(1.0, 2), ["cx"])
    neat.noise_model = model
    (noisy,) = neat.noisy_sim([pub], seed_simulator=1)
    assert np.all(np.abs(noisy.vals) < 0.1)


@pytest.mark.holds("B462")
@pytest.mark.filterwarnings("ignore:The simulation has less noise")
def test_a_hundred_qubits_are_no_hindrance() -> None:
    neat = Neat(FakeTorino())
    (ideal,) = neat.ideal_sim([ghz(100, neat.backend())])
    assert ideal.vals.tolist() == [1, 1]


@pytest.mark.holds("B462")
def test_a_circuit_that_is_no_clifford_circuit_is_refused_or_made_one() -> None:
    neat = Neat(FakeManilaV2())
    circuit = QuantumCircuit(1)
    circuit.sx(0)
    circuit.rz(0.3, 0)
    with pytest.raises(ValueError, match="PUB 0 is no Clifford circuit"):
        neat.ideal_sim([(circuit, "Y")])
    assert neat.ideal_sim([(circuit, "Y")], cliffordize=True)[0].vals == -1
    (pub,) = neat.to_clifford([(circuit, "Y")])
    assert find_values(pub) == -1


@pytest.mark.holds("B462")
def test_one_can_reckon_with_results() -> None:
    result = NeatPubResult([[1, 2], [3, 4]])
    ran: Any = PubResult(DataBin(evs=np.array([[1.0, 1.0], [2.0, 2.0]]), shape=(2, 2)))
    sums = {
        "result + 2": [[3, 4], [5, 6]], "2 - result": [[1, 0], [-1, -2]], "result * result": [[1, 4], [9, 16]],
        "result / 2": [[0.5, 1], [1.5, 2]], "12 / result": [[12, 6], [4, 3]], "result ** 2": [[1, 4], [9, 16]],
        "abs(-1 * result)": [[1, 2], [3, 4]], "result - ran": [[0, 1], [1, 2]], "ran - result": [[0, -1], [-1, -2]],
    }  # fmt: skip
    found = [
        result + 2, 2 - result, result * result, result / 2, 12 / result, result**2, abs(-1 * result), result - ran,
        ran - result,
    ]  # fmt: skip
    assert [each.vals.tolist() for each in found] == list(sums.values())
    for other in ("2", None, True):
        with pytest.raises(ValueError, match="cannot be reckoned with"):
            result + other


@pytest.mark.holds("B462")
def test_results_are_a_sequence() -> None:
    results = NeatResult([NeatPubResult(1), NeatPubResult(2)])
    assert len(results) == 2
    assert [float(each.vals) for each in results] == [1, 2]
    assert repr(results[1]) == "NeatPubResult(vals=array(2.))"
    assert repr(Neat(FakeManilaV2())) == 'Neat(backend="fake_manila")'
