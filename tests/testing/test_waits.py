"""A door to a cloud whose time stands still: whoever waits outside does not wait for ever."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import msgspec
import pytest

from qiskit_runtime_service.emulator.history import NO_RESULTS
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.emulator.worlds import START
from qiskit_runtime_service.records.exchange import Response
from qiskit_runtime_service.testing import (
    EmulatedTransport,
    SystemClock,
    build_world,
    door_to,
    emulated_cloud,
    instance,
    line_device,
    one_instance,
)
from qiskit_runtime_service.transport.http import HttpTransport

from ..support.calls import ask, read, sampler_job

WEEK = 7 * 24 * 3600.0

OUTSIDE = """\
import sys, time
from qiskit import QuantumCircuit
from qiskit_runtime_service import QiskitRuntimeService, SamplerV2
service = QiskitRuntimeService(token="emulated-api-key", url_resolver=lambda *_: sys.argv[1] + "/api/v1")
circuit = QuantumCircuit(1)
circuit.x(0)
circuit.measure_all()
began = time.monotonic()
counts = SamplerV2(mode=service.backend("ibm_emu5")).run([circuit], shots=10).result()[0].data.meas.get_counts()
print(sum(counts.values()), time.monotonic() - began)
"""


def soon_simulated(world: World) -> EmulatedTransport:
    """Return a cloud in which no simulation takes longer than a visitor has patience."""
    return EmulatedTransport(world, simulate=lambda _: NO_RESULTS)


class Outside:
    """Somebody who asks the door of a cloud."""

    def __init__(self, cloud: EmulatedTransport, base: str, carrier: HttpTransport) -> None:
        self.cloud, self.base, self.carrier = cloud, base, carrier

    def ask(self, method: str, path: str, body: object = None) -> Response:
        request = ask(self.cloud.world, method, path, body)
        return self.carrier.send(msgspec.structs.replace(request, url=f"{self.base}/api/v1{path}")).unwrap()

    def submit(self) -> str:
        return str(read(self.ask("POST", "/jobs", sampler_job()))["id"])

    def status(self, job: str) -> Any:
        """Return what a job is told as."""
        return read(self.ask("GET", f"/jobs/{job}"))["status"]


@contextmanager
def outside(cloud: EmulatedTransport) -> Iterator[Outside]:
    with door_to(cloud) as door, closing(HttpTransport()) as carrier:
        yield Outside(cloud, door.base, carrier)


@pytest.mark.holds("B448")
def test_who_asks_again_finds_a_job_at_its_next_step() -> None:
    with outside(soon_simulated(one_instance(queue_seconds=WEEK))) as visitor:
        first, second = visitor.submit(), visitor.submit()
        assert [visitor.status(first), visitor.status(second)] == ["Queued", "Queued"]
        assert visitor.cloud.now() == START
        assert [visitor.status(first) for _ in range(3)] == ["Running", "Completed", "Completed"]
        assert visitor.cloud.now() == START + WEEK + 2.0
        assert visitor.status(second) == "Completed"


@pytest.mark.holds("B448")
def test_what_changes_by_no_time_moves_none() -> None:
    with outside(soon_simulated(one_instance(queue_seconds=WEEK))) as visitor:
        visitor.submit()
        for path in ("/backends", "/backends/ibm_emu5/status", "/versions"):
            assert {visitor.ask("GET", path).status for _ in range(3)} == {200}
        assert visitor.ask("POST", "/jobs", sampler_job()).status == 200
        assert visitor.ask("POST", "/jobs", sampler_job()).status == 200
        assert visitor.cloud.now() == START


@pytest.mark.holds("B448")
def test_who_comes_back_after_a_refusal_has_waited_as_long_as_it_said() -> None:
    line = line_device("ibm_emu5", 5)
    world = build_world(instance("one", devices=[line]), jobs_per_minute=2)
    with outside(soon_simulated(world)) as visitor:
        statuses = [visitor.ask("POST", "/jobs", sampler_job()).status for _ in range(4)]
        assert statuses == [200, 200, 429, 200]
        assert START + 59.0 <= visitor.cloud.now() <= START + 61.0


@pytest.mark.holds("B448")
def test_the_time_of_a_clock_is_left_to_the_clock() -> None:
    cloud = emulated_cloud(one_instance(queue_seconds=WEEK), clock=SystemClock())
    with outside(cloud) as visitor:
        job = visitor.submit()
        assert {visitor.status(job) for _ in range(5)} == {"Queued"}
        assert cloud.now() < START + WEEK


@pytest.mark.holds("B448")
def test_looks_from_inside_move_nothing() -> None:
    cloud = soon_simulated(one_instance(queue_seconds=WEEK))
    submitted = cloud.send(ask(cloud.world, "POST", "/jobs", sampler_job())).unwrap()
    look = ask(cloud.world, "GET", f"/jobs/{read(submitted)['id']}")
    with door_to(cloud):
        assert {json.loads(cloud.send(look).unwrap().body)["status"] for _ in range(5)} == {"Queued"}
    assert cloud.now() == START


@pytest.mark.takes_long
@pytest.mark.holds("B448")
def test_a_client_in_another_process_outlasts_a_week_in_the_queue_at_once() -> None:
    cloud = emulated_cloud(one_instance(queue_seconds=WEEK, now=SystemClock().now()))
    with door_to(cloud) as door:
        environment = {
            "IAM_URL": door.base,
            "GLOBAL_SEARCH_URL": door.base,
            "GLOBAL_CATALOG_URL": f"{door.base}/api/v1",
        }
        ran = subprocess.run(
            [sys.executable, "-c", OUTSIDE, door.base], env=environment, capture_output=True, text=True, check=True
        )
    shots, seconds = ran.stdout.split()
    assert int(shots) == 10
    assert float(seconds) < 60.0
