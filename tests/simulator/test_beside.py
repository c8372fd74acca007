"""A cloud that simulates something heavy goes on answering: jobs that take long are simulated in another process."""

from typing import Any

import pytest
from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager

from qiskit_runtime_service import IBMBackend, QiskitRuntimeService, SamplerV2
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, emulated_cloud

from ..support.calls import ask, read
from ..support.seconds import wall_seconds


def heavy(backend: IBMBackend) -> QuantumCircuit:
    """Return a circuit of 10 qubits for which all noise takes some seconds."""
    circuit = QuantumCircuit(10)
    for layer in range(4):
        circuit.rx(0.1 + layer, range(10))
        for qubit in range(layer % 2, 9, 2):
            circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    return generate_preset_pass_manager(1, backend=backend, seed_transpiler=1).run(circuit)


def look(cloud: EmulatedTransport, path: str, patience: float | None) -> Any:
    return read(cloud.answer(ask(cloud.world, "GET", path), patience=patience))  # type: ignore[arg-type]  # no fault strikes here


@pytest.mark.takes_long
@pytest.mark.holds("B246", "B248")
def test_while_a_heavy_job_is_simulated_everybody_is_answered() -> None:
    cloud = emulated_cloud()
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    backend = service.backend("fake_guadalupe")
    jobs = [SamplerV2(backend).run([heavy(backend)], shots=2000) for _ in range(2)]
    cloud.sleep(1000)
    statuses = [look(cloud, f"/jobs/{job.job_id()}", 0.0)["state"]["status"] for job in jobs]
    assert statuses == ["Running", "Running"]
    # Aer holds the lock of its interpreter for seconds on end, which is not ours.
    for path in ("/backends", "/jobs", f"/jobs/{jobs[1].job_id()}"):
        assert wall_seconds(lambda path=path: look(cloud, path, 0.0), limit=1.0) < 1.0  # type: ignore[misc]  # bound early
    ones = [job.result()[0].data.meas.bitcount().mean() for job in jobs]
    assert all(4 < mean < 7 for mean in ones)
    assert ones[0] != ones[1]
