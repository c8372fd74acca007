"""Shots in which a qubit did not flip as it should are left out: what is left is nearer to the truth."""

from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.transpiler import PassManager, generate_preset_pass_manager
from qiskit_mitigation.postselection import PostSelector
from qiskit_mitigation.postselection.passes import AddPostCircuitNonMarkovianErrorChecks

from qiskit_runtime_service import Executor, QiskitRuntimeService, QuantumProgram
from qiskit_runtime_service.executor_sampler import SamplerV2
from qiskit_runtime_service.testing import API_KEY, emulated_cloud, one_instance, recorded_device

WIDTH, SHOTS = 3, 4000


@pytest.fixture
def backend() -> Any:
    cloud = emulated_cloud(one_instance(devices=[recorded_device("fez", fractional=True)]))
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    return service.backend("ibm_fez", use_fractional_gates=True)


def checked_ghz(backend: Any) -> QuantumCircuit:
    """Return a measured GHZ state whose qubits are flipped by a slow pulse and measured again."""
    circuit = QuantumCircuit(WIDTH)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit.measure_all()
    passes = generate_preset_pass_manager(1, backend, initial_layout=list(range(WIDTH)), seed_transpiler=1)
    return PassManager([AddPostCircuitNonMarkovianErrorChecks("rx")]).run(passes.run(circuit))


def execute(backend: Any, circuit: QuantumCircuit) -> dict[str, Any]:
    program = QuantumProgram(SHOTS)
    program.append_circuit_item(circuit)
    return dict(Executor(backend).run(program).result()[0])


def sample(backend: Any, circuit: QuantumCircuit) -> dict[str, Any]:
    data = SamplerV2(backend).run([circuit], shots=SHOTS).result()[0].data
    return {name: array.to_bool_array(order="little") for name, array in data.items()}


@pytest.mark.takes_long
@pytest.mark.parametrize("run", [execute, sample])
def test_what_is_left_of_the_shots_is_nearer_to_the_truth(backend: Any, run: Any) -> None:
    circuit = checked_ghz(backend)
    read = run(backend, circuit)
    kept = PostSelector.from_circuit(circuit, backend.coupling_map).compute_mask(read, "node")
    bits = read["meas"]
    # Of a GHZ state all qubits are read alike.
    odd = bits.any(axis=-1) & ~bits.all(axis=-1)
    before, after = odd.mean(), odd[kept].mean()
    assert kept.shape == (SHOTS,)
    assert 0.8 < kept.mean() < 0.99
    assert before > 0.02
    assert after < before / 2, (before, after)
    # The slow pulse turned each qubit round, but for errors.
    assert np.mean(read["meas_ps"] != bits) > 0.95
