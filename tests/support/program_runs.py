"""A run of each program of directed execution, as small as it may be."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
from qiskit.quantum_info import SparsePauliOp
from samplomatic import InjectNoise, Twirl

from qiskit_runtime_service import Calibrator, Executor, IBMBackend, NoiseLearner, NoiseLearnerV3, QuantumProgram
from qiskit_runtime_service.executor_estimator import EstimatorV2
from qiskit_runtime_service.executor_noise_learner import NoiseLearnerV3 as OnExecutor
from qiskit_runtime_service.executor_sampler import SamplerV2

Run = Callable[[IBMBackend, Mapping[str, Any]], Any]
"""Runs a program on a backend, with options for what goes around it, and returns its job."""

FEW: dict[str, Any] = {"num_randomizations": 2, "shots_per_randomization": 8, "layer_pair_depths": [0, 1]}
TWIRLED = {"enable_gates": True, "enable_measure": True, "num_randomizations": 2, "shots_per_randomization": 8}


def flipped(width: int, **about: Any) -> QuantumCircuit:
    """Return a circuit of two flipped qubits and a gate on both, measured, that any line of qubits runs."""
    circuit = QuantumCircuit(width, 2, **about)
    circuit.x([0, 1])
    circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def layer(width: int) -> CircuitInstruction:
    """Return a box of one gate, whose noise can be learned."""
    circuit = QuantumCircuit(width)
    with circuit.box([Twirl(), InjectNoise("r")]):
        circuit.cz(0, 1)
    return circuit.data[0]


def execute(backend: IBMBackend, options: Mapping[str, Any]) -> Any:
    """Run a quantum program."""
    program = QuantumProgram(8, passthrough_data={"note": [1, "two"]})
    program.append_circuit_item(flipped(backend.num_qubits))
    return Executor(backend, options).run(program)


def sample(backend: IBMBackend, options: Mapping[str, Any]) -> Any:
    """Run a sampler, twirled."""
    return SamplerV2(backend, {"twirling": TWIRLED, **options}).run([flipped(backend.num_qubits)], shots=16)


def estimate(backend: IBMBackend, options: Mapping[str, Any]) -> Any:
    """Run an estimator with the mitigation that it has by default."""
    circuit = flipped(backend.num_qubits).remove_final_measurements(inplace=False)
    observable = SparsePauliOp("I" * (backend.num_qubits - 2) + "ZZ")
    settings = {"twirling": {**TWIRLED, "enable_gates": False}, **options}
    return EstimatorV2(backend, settings).run([(circuit, observable)])


def learn_of_circuits(backend: IBMBackend, options: Mapping[str, Any]) -> Any:
    """Run the noise learner of circuits, which is deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        learner = NoiseLearner(backend, {**FEW, **options})
    return learner.run([flipped(backend.num_qubits).remove_final_measurements(inplace=False)])


RUNS: dict[str, Run] = {
    "executor": execute,
    "sampler": sample,
    "estimator": estimate,
    "noise learner on the executor": lambda backend, options: OnExecutor(backend, {**FEW, **options}).run(
        [layer(backend.num_qubits)]
    ),
    "noise learner of boxes": lambda backend, options: NoiseLearnerV3(backend, {**FEW, **options}).run(
        [layer(backend.num_qubits)]
    ),
    "noise learner of circuits": learn_of_circuits,
    "calibrator": lambda backend, options: Calibrator(backend, options).run(),
}
