"""Records `cassettes/`: each journey over real HTTP, from the HTTP door of an emulated cloud.

python -m tests.cassettes.record [JOURNEY ...]
"""

import sys
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from returns.result import Result

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.simulator.cloud import emulated_cloud
from qiskit_runtime_service.testing import API_KEY, CassetteTransport, EmulatedTransport, RecordingTransport, door_to
from qiskit_runtime_service.transport.base import Transport
from qiskit_runtime_service.transport.http import HttpTransport

from .journeys import JOURNEYS, Journey

CASSETTES = Path(__file__).parents[2] / "cassettes"


class Elsewhere:
    """A carrier that takes all requests to one server, whichever host they are for."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._http = HttpTransport()

    def send(self, request: Request, /) -> Result[Response, Problem]:
        """Send `request` to the server."""
        path = request.url.partition("://")[2].partition("/")[2]
        return self._http.send(replace(request, url=f"{self._base}/{path}"))

    def close(self) -> None:
        """Give up connections."""
        self._http.close()


def cloud_of(journey: Journey) -> EmulatedTransport:
    """Return the cloud that a journey is made in."""
    cloud = (
        emulated_cloud(journey.world())
        if journey.simulate is None
        else EmulatedTransport(journey.world(), simulate=journey.simulate)
    )
    journey.prepare(cloud)
    return cloud


class Connect:
    """Opens services over a carrier that tells the time."""

    def __init__(self, carrier: RecordingTransport | CassetteTransport) -> None:
        self.clock = carrier

    def __call__(self, **arguments: Any) -> QiskitRuntimeService:
        """Open a service."""
        given: dict[str, Any] = {"token": API_KEY, "transport": self.clock}
        return QiskitRuntimeService(**given | arguments)


def record_over(way: Transport, cloud: EmulatedTransport, journey: Journey, path: Path) -> object:
    """Make a journey, keep it on a cassette, and return what the user saw."""
    recorder = RecordingTransport(way, path, mode="all", clock=cloud)
    seen = journey.run(Connect(recorder))
    recorder.close()
    return seen


def record_over_http(name: str, folder: Path) -> None:
    """Record one journey over HTTP, in the place of what was there."""
    path = folder / f"{name}.yaml"
    path.unlink(missing_ok=True)
    cloud = cloud_of(JOURNEYS[name])
    with door_to(cloud) as door:
        record_over(Elsewhere(door.base), cloud, JOURNEYS[name], path)
    sys.stdout.write(f"{path.name}: {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    for name in sys.argv[1:] or JOURNEYS:
        record_over_http(name, CASSETTES)
