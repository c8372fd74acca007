"""The cassettes in `cassettes/`: played to their ends, ten times alike, and shaped like the emulator's responses."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from returns.result import Result, Success

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.cassettes.operations import parse_request
from qiskit_runtime_service.cassettes.pseudonyms import crns_in
from qiskit_runtime_service.records.cassette import Recorded
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import (
    API_KEY,
    CassetteTransport,
    EmulatedTransport,
    RecordingTransport,
    check_cassette,
    compare_cassettes,
    one_instance,
    replay,
)

from .journeys import JOURNEYS
from .record import CASSETTES, Connect, cloud_of, record_over

REPLAYS = 10


QUICK_AND_LONG = [pytest.param(name, marks=pytest.mark.takes_long) if name == "programs" else name for name in JOURNEYS]
"""One has a job of each program, and all that simulates them."""


def cassette(name: str) -> Path:
    return CASSETTES / f"{name}.yaml"


def exchanges() -> list[Recorded]:
    return [exchange for name in JOURNEYS for exchange in replay(cassette(name)).exchanges]


@pytest.mark.parametrize("name", QUICK_AND_LONG)
def test_replays_are_alike_and_play_the_cassette_to_its_end(name: str) -> None:
    seen, times = [], set()
    for _ in range(REPLAYS):
        player = replay(cassette(name))
        seen.append(JOURNEYS[name].run(Connect(player)))
        assert player.finished, [parse_request(exchange.request).operation.name for exchange in player.unplayed]
        times.add(player.now())
    assert all(found == seen[0] for found in seen)
    # Pauses before a retry are drawn by lot, and are the one thing that no recording can hold.
    assert len(times) == 1 or name == "unavailable_then_success"


@pytest.mark.parametrize("name", QUICK_AND_LONG)
def test_a_recording_of_today_shows_what_was_seen_and_has_the_shape_of_the_cassette(name: str, tmp_path: Path) -> None:
    journey, cloud, fresh = JOURNEYS[name], cloud_of(JOURNEYS[name]), tmp_path / "fresh.yaml"
    live = record_over(cloud, cloud, journey, fresh)
    assert repr(journey.run(Connect(replay(fresh)))) == crns_in(repr(live))
    # If the emulated cloud answers otherwise than it did, and that is meant: `make cassettes`.
    assert compare_cassettes(cassette(name), fresh) == ()
    assert compare_cassettes(fresh, cassette(name)) == ()


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_cassette_has_no_secret(name: str) -> None:
    assert check_cassette(cassette(name)) == ()


@pytest.mark.holds("B205", "B325")
def test_a_submission_that_was_looked_for_is_found_again_in_a_replay(tmp_path: Path) -> None:
    order = Submission(program="sampler", backend="ibm_emu5", params=b'{"pubs":[]}', tags=("mine",))

    def run(carrier: RecordingTransport | CassetteTransport) -> tuple[str, list[str], int]:
        service = QiskitRuntimeService(token=API_KEY, transport=carrier, clock=carrier)
        first, second = (service.submit(order, service.backend("ibm_emu5")) for _ in range(2))
        assert len({first.record.tags, second.record.tags}) == 2
        (listed,) = service.jobs(job_tags=[second.record.tags[1]])
        assert listed.job_id() == second.job_id() != first.job_id()
        return second.job_id(), second.tags, len(service.jobs())

    cloud = EmulatedTransport(one_instance())
    # The second submission is taken, and answered by a gateway.
    way = Impatient(cloud)
    path = tmp_path / "looked_for.yaml"
    recording = RecordingTransport(way, path, mode="all")
    recorded = run(recording)
    recording.close()
    player = replay(path)
    assert run(player) == recorded
    assert player.finished


class Impatient:
    """A carrier to a cloud whose gateway loses patience with the second submission."""

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud, self.posts = cloud, 0

    def send(self, request: Request, /) -> Result[Response, Problem]:
        answer = self.cloud.send(request)
        self.posts += request.method == "POST" and request.url.endswith("/jobs")
        late = self.posts == 2 and request.method == "POST"
        return Success(Response(status=504, body=b"<html>Gateway</html>")) if late else answer

    def now(self) -> float:
        return self.cloud.now()

    def sleep(self, seconds: float, /) -> None:
        self.cloud.sleep(seconds)

    def close(self) -> None:
        self.cloud.close()


PLAYED_BY_VCRPY = """
import sys, urllib3, vcr
for path in sys.argv[1:]:
    with vcr.use_cassette(path, record_mode="none", match_on=["method", "uri"]) as cassette:
        for request, recorded in zip(cassette.requests, cassette.responses):
            response = urllib3.request(request.method, request.uri, body=request.body, redirect=False, retries=False)
            assert response.status == recorded["status"]["code"], (path, request)
            assert response.data == recorded["body"]["string"], (path, request)
        assert cassette.all_played, path
"""


@pytest.mark.takes_long
def test_the_player_of_vcrpy_plays_each_cassette_to_its_end() -> None:
    # In a process of its own, because that player patches urllib3.
    script = [sys.executable, "-c", PLAYED_BY_VCRPY, *(str(cassette(name)) for name in JOURNEYS)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_there_is_one_cassette_for_each_journey() -> None:
    assert sorted(path.stem for path in CASSETTES.glob("*.yaml")) == sorted(JOURNEYS)


def test_the_cassettes_together_ask_everything_that_the_library_asks() -> None:
    assert {parse_request(exchange.request).operation.name for exchange in exchanges()} == {
        *("exchange key", "search instances", "describe plan"),
        *("list backends", "get configuration", "get properties", "get status"),
        *("create job", "list jobs", "get job", "get results", "get logs", "get metrics"),
        *("cancel job", "delete job", "put tags"),
        *("create session", "get session", "change session", "cancel session"),
        "get usage",
    }


def test_a_cassette_that_is_recorded_is_for_its_owner_alone(tmp_path: Path) -> None:
    cloud = cloud_of(JOURNEYS["usage_shapes"])
    record_over(cloud, cloud, JOURNEYS["usage_shapes"], tmp_path / "fresh.yaml")
    assert stat.S_IMODE((tmp_path / "fresh.yaml").stat().st_mode) == 0o600
