"""What every carrier promises, asked of each of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from returns.result import Failure, Success

from qiskit_runtime_service.emulator.faults import Effect, Fault, Lost, Status, Unreachable
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.emulator.worlds import one_instance
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import NetworkFault
from qiskit_runtime_service.testing import RecordingTransport, replay
from qiskit_runtime_service.testing.door import door_to
from qiskit_runtime_service.transport.base import Transport
from qiskit_runtime_service.transport.emulated import EmulatedTransport
from qiskit_runtime_service.transport.http import HttpTransport

from ..support.calls import ask, first_crn, read, sampler_job, token_request

KINDS = ("emulated", "http", "recording")


class Carried(msgspec.Struct):
    """A carrier under test, the cloud that it leads to, and where that cloud is."""

    carrier: Transport
    cloud: EmulatedTransport
    base: str

    def send(self, request: Request) -> Response:
        result = self.carrier.send(self.moved(request))
        assert isinstance(result, Success), result
        return result.unwrap()

    def moved(self, request: Request) -> Request:
        """Address a request to where the cloud is."""
        path = request.url.partition("://")[2].partition("/")[2]
        return msgspec.structs.replace(request, url=f"{self.base}/{path}")


@contextmanager
def carried(kind: str, world: World) -> Iterator[Carried]:
    cloud = EmulatedTransport(world)
    if kind == "emulated":
        yield Carried(cloud, cloud, "https://quantum.cloud.ibm.com")
        return
    if kind == "recording":
        with TemporaryDirectory() as folder:
            recorder = RecordingTransport(cloud, Path(folder) / "run.yaml")
            yield Carried(recorder, cloud, "https://quantum.cloud.ibm.com")
            recorder.discard()
        return
    with door_to(cloud) as door:
        carrier = HttpTransport()
        yield Carried(carrier, cloud, door.base)
        carrier.close()


def failing(*effects: Effect) -> World:
    return msgspec.structs.replace(one_instance(), faults=tuple(Fault(effect=effect) for effect in effects))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [200, 204, 301, 307, 400, 401, 404, 409, 418, 429, 500, 503, 599])
def test_any_status_is_a_success(kind: str, status: int) -> None:
    effect = Status(code=status, headers=(("Location", "/elsewhere"),))
    with carried(kind, failing(effect)) as way:
        assert way.send(ask(way.cloud.world, "GET", "/backends")).status == status
        assert len(way.cloud.ledger) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_headers_are_found_in_any_case_and_duplicates_are_kept(kind: str) -> None:
    effect = Status(code=200, headers=(("Retry-After", "3"), ("Warning", "199 a"), ("Warning", "199 b")))
    with carried(kind, failing(effect)) as way:
        response = way.send(ask(way.cloud.world, "GET", "/backends"))
        assert response.header("retry-AFTER") == "3"
        assert [value for name, value in response.headers if name.lower() == "warning"] == ["199 a", "199 b"]


@pytest.mark.parametrize("kind", KINDS)
def test_bodies_of_any_bytes_arrive_whole(kind: str) -> None:
    every_byte = bytes(range(256)) * 4096
    with carried(kind, failing(Status(code=200, body=every_byte))) as way:
        response = way.send(ask(way.cloud.world, "POST", "/jobs", every_byte))
        assert response.body == every_byte
        assert way.cloud.ledger[0].request.body == every_byte


@pytest.mark.parametrize("kind", KINDS)
def test_method_path_query_and_headers_arrive_as_they_were_sent(kind: str) -> None:
    with carried(kind, one_instance()) as way:
        request = ask(way.cloud.world, "PUT", "/jobs/a%2Fb/tags?x=1&x=%2B", {"tags": []})
        assert way.send(request).status == 404
        arrived = way.cloud.ledger[0].request
        assert arrived.method == "PUT"
        assert arrived.url.endswith("/api/v1/jobs/a%2Fb/tags?x=1&x=%2B")
        assert [arrived.header(name) for name, _ in request.headers] == [value for _, value in request.headers]


@pytest.mark.parametrize("kind", KINDS)
def test_a_journey_from_key_to_job(kind: str) -> None:
    with carried(kind, one_instance()) as way:
        token = read(way.send(token_request()))["access_token"]
        world = way.cloud.world
        headers = (("Authorization", f"Bearer {token}"), ("Service-CRN", first_crn(world)))
        create = msgspec.structs.replace(ask(world, "POST", "/jobs", sampler_job()), headers=headers)
        job = read(way.send(create))["id"]
        look = msgspec.structs.replace(ask(world, "GET", f"/jobs/{job}"), headers=headers)
        assert read(way.send(look))["status"] == "Running"
        way.cloud.sleep(10)
        assert read(way.send(look))["state"]["reason"] == "This emulated cloud has no simulation."


@pytest.mark.parametrize("kind", KINDS)
def test_thirty_two_threads_lose_and_mix_nothing(kind: str) -> None:
    with carried(kind, one_instance()) as way:
        world = way.cloud.world

        def submit(number: int) -> tuple[int, str]:
            created = way.send(ask(world, "POST", "/jobs", sampler_job(tags=[f"tag-{number}"])))
            return number, str(read(created)["id"])

        with ThreadPoolExecutor(32) as pool:
            jobs = dict(pool.map(submit, range(160)))
        held = way.cloud.world.jobs[first_crn(world)]
        assert {number: held[job].tags for number, job in jobs.items()} == {
            number: (f"tag-{number}",) for number in range(160)
        }
        assert way.cloud.world.jobs_created == 160


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_carrier_may_be_used_again(kind: str) -> None:
    with carried(kind, one_instance()) as way:
        for _ in range(3):
            assert way.send(ask(way.cloud.world, "GET", "/backends")).status == 200
            way.carrier.close()
        way.carrier.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("acted", [True, False])
def test_a_lost_response_is_unclear(kind: str, acted: bool) -> None:
    with carried(kind, failing(Lost(acted=acted))) as way:
        request = way.moved(ask(way.cloud.world, "POST", "/jobs", sampler_job()))
        result = way.carrier.send(request)
        assert isinstance(result, Failure)
        problem = result.failure()
        assert isinstance(problem, NetworkFault)
        assert (problem.kind, problem.url) == ("unclear", request.url)
        assert way.cloud.world.jobs_created == int(acted)


def test_a_dead_server_is_never_sent_to_by_either_carrier() -> None:
    with carried("http", one_instance()) as way:
        dead = way.moved(ask(way.cloud.world, "GET", "/backends"))
    unreachable = EmulatedTransport(failing(Unreachable()))
    for carrier in (HttpTransport(), unreachable):
        result = carrier.send(dead)
        assert isinstance(result, Failure)
        problem = result.failure()
        assert isinstance(problem, NetworkFault)
        assert problem.kind == "never sent"


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
@pytest.mark.parametrize("status", [200, 301, 401, 404, 429, 503, 599])
def test_a_cassette_gives_back_status_headers_and_body(tmp_path: Path, suffix: str, status: int) -> None:
    headers = (("Retry-After", "3"), ("Warning", "199 a"), ("Warning", "199 b"))
    body = '{"message":"grüß → 😀"}'.encode()
    cloud = EmulatedTransport(failing(Status(code=status, headers=headers, body=body)))
    recorder = RecordingTransport(cloud, tmp_path / f"run{suffix}")
    request = ask(cloud.world, "GET", "/backends")
    live = recorder.send(request).unwrap()
    recorder.close()
    player = replay(tmp_path / f"run{suffix}")
    for _ in range(3):
        played = player.send(request).unwrap()
        assert (played.status, read(played)) == (status, read(live))
        assert sorted(played.headers) == sorted(live.headers)
        player.close()
