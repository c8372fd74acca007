"""What a noise learner finds, as users hold it."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import PauliList

from qiskit_runtime_service.bridge.result_types import LayerError, NoiseLearnerResult, PauliLindbladError


def test_a_channel_is_restricted_to_operators_of_a_weight() -> None:
    error = PauliLindbladError(PauliList(["XX", "ZI", "II"]), [0.1, 0.2, 0.3])
    by_weight = {weight: error.restrict_num_bodies(weight) for weight in range(3)}
    assert {weight: channel.generators.to_labels() for weight, channel in by_weight.items()} == {
        0: ["II"],
        1: ["ZI"],
        2: ["XX"],
    }
    assert np.concatenate([channel.rates for channel in by_weight.values()]).tolist() == [0.3, 0.2, 0.1]
    with pytest.raises(ValueError, match="0 or positive"):
        error.restrict_num_bodies(-1)


def test_what_does_not_fit_together_is_refused() -> None:
    error = PauliLindbladError(PauliList(["XX"]), [0.1])
    with pytest.raises(ValueError, match="length 1"):
        PauliLindbladError(PauliList(["XX"]), [0.1, 0.2])
    for circuit, qubits in ((QuantumCircuit(3), [0, 1]), (QuantumCircuit(2), [0])):
        with pytest.raises(ValueError, match="numbers of qubits"):
            LayerError(circuit, qubits, error)


def test_a_result_is_a_list_of_layers() -> None:
    layers = [LayerError(QuantumCircuit(1), [4]), LayerError(QuantumCircuit(2), [0, 1])]
    result = NoiseLearnerResult(layers)
    assert (list(result), len(result), result[1], result.metadata) == (layers, 2, layers[1], {})
