"""Services over emulated clouds, for the tests of the shell."""

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec
from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager
from returns.result import Failure, Result, Success

from qiskit_runtime_service import IBMBackend, QiskitRuntimeService, RuntimeJobV2, SamplerV2
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import NetworkFault, Problem
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


class ClosingCloud(EmulatedTransport):
    """A cloud that counts how often it is closed."""

    closed = 0

    def close(self) -> None:
        self.closed += 1
        super().close()


class PartlyDown:
    """A carrier to a cloud where some instances say no to some requests.

    Args:
        cloud: What answers.
        down: By CRN, how many requests go well first, and the status of the others; `None` is no response.
        end: The end of the paths that are meant.
        page: The largest page of jobs, whatever is asked for.
    """

    def __init__(
        self,
        cloud: EmulatedTransport,
        down: dict[str, tuple[int, int | None]],
        end: str = "/jobs",
        page: int | None = None,
    ) -> None:
        self.cloud = cloud
        self.down = down
        self.end = end
        self.page = page
        self.answered: dict[str, int] = {}

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if request.method != "GET" or not urlsplit(request.url).path.endswith(self.end):
            return self.cloud.send(request)
        if self.page is not None:
            request = msgspec.structs.replace(request, url=re.sub(r"limit=\d+", f"limit={self.page}", request.url))
        crn = request.header("Service-CRN") or ""
        good, status = self.down.get(crn, (10**9, None))
        if self.answered.setdefault(crn, 0) < good:
            self.answered[crn] += 1
            return self.cloud.send(request)
        if status is None:
            return Failure(NetworkFault(url=request.url, kind="never sent", reason="nobody is there"))
        return Success(Response(status=status))

    def close(self) -> None:
        self.cloud.close()


class Repeating:
    """A carrier that sends so many submissions twice, and loses the answers."""

    def __init__(self, cloud: EmulatedTransport, left: int = 0) -> None:
        self.cloud, self.left = cloud, left

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if not (self.left and request.method == "POST" and request.url.endswith("/jobs")):
            return self.cloud.send(request)
        self.left -= 1
        for _ in range(2):
            self.cloud.send(request)
            self.cloud.sleep(1.0)
        return Success(Response(status=502))

    def close(self) -> None:
        self.cloud.close()
