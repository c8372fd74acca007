"""Services over emulated clouds, for the tests of the shell."""

from typing import Any

from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager

from qiskit_runtime_service import IBMBackend, QiskitRuntimeService, RuntimeJobV2, SamplerV2
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, emulated_cloud, one_instance


def open_service(world: World | None = None, **arguments: Any) -> tuple[QiskitRuntimeService, EmulatedTransport]:
    """Open a service on a world; the requests of the construction are on the cloud's ledger."""
    cloud = emulated_cloud(one_instance() if world is None else world)
    given: dict[str, Any] = {"token": API_KEY, "transport": cloud, "clock": cloud}
    service = QiskitRuntimeService(**given | arguments)
    return service, cloud


def bell(backend: IBMBackend) -> QuantumCircuit:
    """Return a Bell state, measured, as the backend can run it."""
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return generate_preset_pass_manager(1, backend=backend, seed_transpiler=1).run(circuit)


def submit_bell(service: QiskitRuntimeService, **options: Any) -> RuntimeJobV2:
    """Submit a Bell state to the least busy backend."""
    backend = service.least_busy()
    return SamplerV2(mode=backend, options=options).run([bell(backend)], shots=64)
