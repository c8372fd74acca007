"""Mitigation helps, through the client, on the ready world that is there for it: by a factor for each technique."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.executor_estimator import EstimatorV2
from qiskit_runtime_service.executor_noise_learner import NoiseLearnerV3
from qiskit_runtime_service.testing import API_KEY, emulated_cloud
from qiskit_runtime_service.testing.ready import mitigation

WIDTH = 3
SHOTS = 2048


@pytest.fixture
def backend() -> Any:
    """Return a device of a cloud of its own: what a job draws follows from how many were submitted before it."""
    cloud = emulated_cloud(mitigation(seed=1))
    return QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud).backend("fake_manila")


def ghz() -> QuantumCircuit:
    circuit = QuantumCircuit(WIDTH)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    return circuit


def detoured() -> QuantumCircuit:
    """Return a GHZ state after gates that undo each other, so that errors are far above those of the shots."""
    circuit = ghz()
    for _ in range(8):
        circuit.barrier()
        circuit.cx(0, 1)
    return circuit


def waiting() -> QuantumCircuit:
    """Return two joined qubits of which one waits in superposition, and is 0 then."""
    circuit = QuantumCircuit(WIDTH)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.delay(27008, 0, "dt")  # 6 µs
    circuit.cx(0, 1)
    circuit.h(0)
    return circuit


def repeated() -> QuantumCircuit:
    """Return gates that undo each other, whose errors add up."""
    circuit = QuantumCircuit(WIDTH)
    for _ in range(12):
        circuit.cx(0, 1)
        circuit.barrier()
    return circuit


TWIRLED = {"enable_gates": True, "enable_measure": True}
MANY = TWIRLED | {"shots_per_randomization": 8}
"""Errors that are put in differ between randomizations, so there must be many of them."""
CASES: dict[str, tuple[Callable[[], QuantumCircuit], list[str], Mapping[str, Any], Mapping[str, Any], float]] = {
    "TREX": (ghz, ["IZZ", "ZZI"], {"resilience_level": 0}, {"resilience_level": 1}, 2.0),
    "ZNE": (detoured, ["XXX", "ZZI"], {"resilience_level": 1}, {"resilience_level": 2}, 2.0),
    "decoupling": (
        waiting,
        ["IIZ"],
        {"resilience_level": 1},
        {"resilience_level": 1, "dynamical_decoupling": {"enable": True, "sequence_type": "XY4"}},
        1.5,
    ),
    "twirling": (
        repeated,
        ["IZI"],
        {"resilience_level": 1},
        {"resilience_level": 1, "twirling": TWIRLED},
        1.5,
    ),
    "PEA": (
        detoured,
        ["XXX", "ZZI"],
        {"resilience_level": 1, "twirling": TWIRLED},
        {
            "resilience_level": 2,
            "twirling": MANY,
            "resilience": {"zne": {"amplifier": "pea", "noise_factors": [1, 2, 3]}},
        },
        1.5,
    ),
    "PEC": (
        detoured,
        ["XXX", "ZZI"],
        {"resilience_level": 1, "twirling": TWIRLED},
        {"resilience_level": 1, "twirling": MANY, "resilience": {"pec_mitigation": True}},
        2.0,
    ),
}
"""By technique: a circuit, observables that are 1, options without and with it, and by which factor errors shrink."""


def error_of(backend: Any, circuit: QuantumCircuit, labels: list[str], options: Mapping[str, Any]) -> float:
    passes = generate_preset_pass_manager(0, backend, initial_layout=list(range(WIDTH)), seed_transpiler=1)
    isa = passes.run(circuit)
    estimator = EstimatorV2(backend)
    estimator.options.update(default_shots=SHOTS, **options)
    pub = (isa, [SparsePauliOp(label).apply_layout(isa.layout) for label in labels])
    if estimator.options.resilience.pec_mitigation or estimator.options.resilience.zne.amplifier == "pea":
        layers = estimator.find_unique_layers([pub])
        learner = NoiseLearnerV3(backend, {"num_randomizations": 10, "layer_pair_depths": [0, 1, 8]})
        noise = learner.run(layers).result().to_pauli_lindblad_maps()
        estimator.options.resilience.layer_noise_model = list(zip(layers, noise, strict=True))
    return float(np.abs(estimator.run([pub]).result()[0].data.evs - 1).mean())


@pytest.mark.takes_long
@pytest.mark.holds("B416")
@pytest.mark.parametrize("technique", CASES)
def test_a_technique_brings_values_nearer_to_the_truth(backend: Any, technique: str) -> None:
    make, labels, without, with_it, factor = CASES[technique]
    before, after = error_of(backend, make(), labels, without), error_of(backend, make(), labels, with_it)
    assert before > 0.02
    assert after < before / factor, (before, after)
