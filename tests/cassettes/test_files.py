"""Cassettes: recorded, saved, played; by vcrpy too. What is on them is in tests/cassettes/test_scrub.py."""

import gc
import json
import os
import stat
import subprocess
import sys
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from msgspec.structs import replace
from returns.result import Failure, Result, Success

from qiskit_runtime_service.cassettes.files import load_cassette, read_cassette, write_cassette
from qiskit_runtime_service.cassettes.record import Mode
from qiskit_runtime_service.cassettes.scrub import scrub
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.exceptions import CassetteError, IBMInputValueError
from qiskit_runtime_service.records.cassette import Difference, Recorded
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import CassetteUnreadable, NetworkFault, NotOnCassette, Problem
from qiskit_runtime_service.records.secret import HiddenBytes
from qiskit_runtime_service.testing import (
    CassetteTransport,
    EmulatedTransport,
    RecordingTransport,
    check_cassette,
    door_to,
    one_instance,
    record,
    replay,
)

from ..support.calls import ask, first_crn, read, sampler_job, token_request
from ..support.conversations import KEY, conversations, text_of

SUFFIXES = (".yaml", ".json")


class Server:
    """A carrier that answers with a number, and counts; or with one body."""

    def __init__(self, body: bytes | None = None) -> None:
        self.requests: list[Request] = []
        self.closed = 0
        self.body = body

    def send(self, request: Request, /) -> Result[Response, Problem]:
        self.requests.append(request)
        counted = json.dumps({"count": len(self.requests)}).encode()
        return Success(Response(status=200, body=counted if self.body is None else self.body))

    def close(self) -> None:
        self.closed += 1


def get(path: str = "/jobs/j1") -> Request:
    return ask(one_instance(), "GET", path)


def count(carrier: Any, request: Request) -> int:
    return int(read(carrier.send(request).unwrap())["count"])


def recorded(path: Path, *requests: Request) -> Server:
    """Record what a server answers to requests."""
    server = Server()
    recorder = RecordingTransport(server, path)
    for request in requests:
        recorder.send(request)
    recorder.close()
    return server


def test_a_recorder_closes_what_it_records_and_only_then(tmp_path: Path) -> None:
    server = Server()
    recorder = RecordingTransport(server, tmp_path / "run.yaml")
    recorder.send(get())
    recorder.save()
    recorder.discard()
    assert server.closed == 0
    recorder.close()
    assert server.closed == 1
    assert recorded(tmp_path / "other.yaml", get()).closed == 1


@pytest.mark.holds("B205", "B212")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_journey_plays_as_it_was_recorded(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"run{suffix}"
    cloud = EmulatedTransport(one_instance())
    world = cloud.world
    requests = [token_request(), get("/backends"), ask(world, "POST", "/jobs", sampler_job())]
    with_recorder = RecordingTransport(cloud, path)
    responses = [with_recorder.send(request).unwrap() for request in requests]
    cloud.sleep(5.0)
    with_recorder.send(get("/instances/usage"))
    with_recorder.close()
    player = replay(path)
    assert not player.finished
    replayed = [player.send(request).unwrap() for request in requests]
    assert [response.status for response in replayed] == [response.status for response in responses]
    assert replayed[1:] == responses[1:]
    assert player.now() == world.now
    assert [exchange.request.url.rpartition("/")[2] for exchange in player.unplayed] == ["usage"]
    player.send(get("/instances/usage"))
    assert player.now() == world.now + 5.0
    assert player.finished


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(recorded=conversations)
def test_what_is_written_is_read_again(suffix: str, recorded: list[Recorded]) -> None:
    path = Path(f"cassette{suffix}")
    kept, _ = scrub(recorded)
    written = write_cassette(kept, path)
    if isinstance(written, Success):
        read_again = read_cassette(written.unwrap(), path).unwrap()
        assert tuple(map(in_order, read_again)) == tuple(map(in_order, kept))
    else:
        assert suffix == ".json"
        assert any(b"\xff" in exchange.response.body for exchange in kept)


def in_order(exchange: Recorded) -> Recorded:
    """Sort headers by name: files of vcrpy do not keep their order, but for those of one name."""
    request, response = exchange.request, exchange.response
    # How a request is carried is not on the cassette.
    carried = {"read_timeout": 0.0, "slow": False, "repeatable": True, "largest": 0}
    return Recorded(
        request=replace(request, headers=tuple(sorted(request.headers)), **carried),
        response=replace(response, headers=tuple(sorted(response.headers, key=lambda header: header[0]))),
        at=exchange.at,
    )


@pytest.mark.holds("B205")
def test_alike_requests_are_answered_in_order_and_the_last_look_is_repeated(tmp_path: Path) -> None:
    recorded(tmp_path / "run.yaml", get(), get("/jobs/j2"), get(), get())
    player = replay(tmp_path / "run.yaml")
    assert [count(player, get()) for _ in range(5)] == [1, 3, 4, 4, 4]
    assert count(player, get("/jobs/j2")) == 2


@pytest.mark.holds("B205")
def test_what_changes_something_is_answered_once(tmp_path: Path) -> None:
    request = ask(one_instance(), "POST", "/jobs", sampler_job())
    recorded(tmp_path / "run.yaml", request)
    player = replay(tmp_path / "run.yaml")
    assert count(player, request) == 1
    result = player.send(request)
    assert isinstance(result, Failure)
    assert result.failure() == NotOnCassette(cassette=str(tmp_path / "run.yaml"), wanted="create job", nearest=1)


def test_a_request_that_is_not_on_the_cassette_is_told_apart_from_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    recorded(path, get("/jobs?limit=5&pending=true&backend=ibm_b"), get("/jobs?limit=5&pending=true"))
    result = replay(path).send(get("/jobs?limit=9&pending=true"))
    assert isinstance(result, Failure)
    differences = (Difference("query.limit", "5", "9"),)
    assert result.failure() == NotOnCassette(cassette=str(path), wanted="list jobs", nearest=2, differences=differences)
    other = replay(path).send(get("/backends"))
    assert isinstance(other, Failure)
    assert other.failure() == NotOnCassette(cassette=str(path), wanted="list backends", recorded=("list jobs (2)",))


@pytest.mark.holds("B213")
def test_a_cassette_is_for_its_owner_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "deeper" / "run.yaml"
    before = os.umask(0)
    try:
        recorded(path, get())
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["run.yaml"]


@pytest.mark.holds("B213")
@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[]", b"interactions: 3", b"interactions: [{a: b}]", b"a: [", b"{}"]
)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_no_cassette_is_an_error_and_never_overwritten(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"run{suffix}"
    path.write_bytes(content)
    for attempt in (replay, record, lambda path: RecordingTransport(Server(), path)):
        with pytest.raises(CassetteError, match="cannot be read as a cassette"):
            attempt(path)
    assert path.read_bytes() == content
    assert isinstance(load_cassette(tmp_path / "missing.yaml").failure(), CassetteUnreadable)


@pytest.mark.holds("B211")
def test_a_secret_that_cannot_be_taken_out_keeps_the_cassette_from_being_saved(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    recorded(path, get())
    before = path.read_bytes()
    recorder = RecordingTransport(Server(), path)
    recorder.send(token_request(KEY))
    recorder.send(ask(one_instance(), "POST", "/jobs", sampler_job(params={"note": b64encode(KEY.encode()).decode()})))
    with pytest.raises(CassetteError, match="exchange 3, body of the request: a secret") as caught:
        recorder.close()
    assert KEY not in str(caught.value)
    assert path.read_bytes() == before
    # The error was raised; at the end it must not be raised again.
    recorder.discard()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_all_that_must_not_be_in_a_file_is_named(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"run{suffix}"
    leaky = replace(get(), headers=(("Accept", "ada@research.example"), ("Cookie", "a=1")))
    body = b'{"tags": ["IBMid-270005ABCD", "grace@navy.example"]}'
    exchanges = [
        Recorded(request=request, response=Response(status=200, body=body))
        for request in (leaky, replace(get(), headers=()))
    ]
    path.write_text(write_cassette(exchanges, path).unwrap())
    assert [(leak.exchange, leak.place, leak.reason) for leak in check_cassette(path)] == [
        (1, "header Accept of the request", "an e-mail address"),
        (1, "body of the response", "an e-mail address"),
        (1, "body of the response", "the id of a user"),
        (1, "header Cookie of the request", "a header that is never written"),
        (2, "body of the response", "an e-mail address"),
        (2, "body of the response", "the id of a user"),
    ]


def test_a_body_that_is_no_text_needs_yaml(tmp_path: Path) -> None:
    class Binary(Server):
        def send(self, request: Request, /) -> Result[Response, Problem]:
            self.requests.append(request)
            return Success(Response(status=200, body=bytes(range(240, 256))))

    recorder = RecordingTransport(Binary(), tmp_path / "run.json")
    recorder.send(get())
    with pytest.raises(CassetteError, match=r"Name it with the suffix \.yaml"):
        recorder.close()
    recorder.discard()
    kept = RecordingTransport(Binary(), tmp_path / "run.yaml")
    kept.send(get())
    kept.close()
    assert replay(tmp_path / "run.yaml").send(get()).unwrap().body == bytes(range(240, 256))


@pytest.mark.holds("B213")
@pytest.mark.parametrize(
    ("mode", "known", "new", "kept"),
    [
        ("none", 1, None, 1),
        ("once", 1, None, 1),
        ("new_episodes", 1, 1, 2),
        ("all", 1, 2, 2),
    ],
)
def test_the_modes_are_those_of_vcrpy(tmp_path: Path, mode: Mode, known: int, new: int | None, kept: int) -> None:
    path = tmp_path / "run.yaml"
    recorded(path, get())
    server = Server()
    carrier = record(path, server, mode=mode)
    assert count(carrier, get()) == known
    result = carrier.send(get("/jobs/new"))
    assert (read(result.unwrap())["count"] if isinstance(result, Success) else None) == new
    carrier.close()
    assert len(replay(path).exchanges) == kept
    assert len(server.requests) == {"none": 0, "once": 0, "new_episodes": 1, "all": 2}[mode]


@pytest.mark.parametrize("mode", ["once", "new_episodes", "all"])
def test_where_there_is_no_cassette_one_is_made(tmp_path: Path, mode: Mode) -> None:
    with_recorder = record(tmp_path / "run.yaml", Server(), mode=mode)
    count(with_recorder, get())
    with_recorder.close()
    assert len(replay(tmp_path / "run.yaml").exchanges) == 1


def test_the_mode_none_needs_a_cassette_and_others_must_exist(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="No such file"):
        record(tmp_path / "run.yaml", Server(), mode="none")
    with pytest.raises(IBMInputValueError, match="new_episodes"):
        record(tmp_path / "run.yaml", Server(), mode="new")  # type: ignore[arg-type]  # that is the mistake
    assert get_args(Mode) == ("none", "once", "new_episodes", "all")


@pytest.mark.holds("B213")
def test_tokens_are_always_asked_anew_where_the_cloud_can_be_reached(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    recorded(path, token_request(), get())
    server = Server()
    recorder = record(path, server, mode="new_episodes")
    recorder.send(token_request())
    recorder.send(get())
    recorder.close()
    assert [request.url.rpartition("/")[2] for request in server.requests] == ["token"]
    assert len(replay(path).exchanges) == 2


@pytest.mark.holds("B213")
def test_what_does_not_arrive_is_not_recorded(tmp_path: Path) -> None:
    class Deaf(Server):
        def send(self, request: Request, /) -> Result[Response, Problem]:
            return Failure(NetworkFault(url=request.url, kind="unclear", reason="the line is dead"))

    recorder = RecordingTransport(Deaf(), tmp_path / "run.yaml")
    assert isinstance(recorder.send(get()), Failure)
    recorder.close()
    assert not (tmp_path / "run.yaml").exists()


def test_a_recorder_that_nobody_closes_keeps_its_cassette(tmp_path: Path) -> None:
    recorder = RecordingTransport(Server(), tmp_path / "run.yaml")
    recorder.send(get())
    del recorder
    gc.collect()
    assert len(replay(tmp_path / "run.yaml").exchanges) == 1


def test_what_was_saved_stays_when_the_rest_is_discarded(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    recorder = RecordingTransport(Server(), path)
    for job, then in (("j1", recorder.save), ("j2", recorder.discard), ("j3", recorder.save), ("j4", recorder.discard)):
        recorder.send(get(f"/jobs/{job}"))
        then()
    recorder.close()
    assert [exchange.request.url.rpartition("/")[2] for exchange in replay(path).exchanges] == ["j1", "j3"]


def test_threads_lose_and_mix_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    requests = [get(f"/jobs/j{number % 20}") for number in range(160)]
    server = Server()
    recorder = RecordingTransport(server, path)
    with ThreadPoolExecutor(8) as pool:
        recorded = sorted(pool.map(lambda request: (request.url, count(recorder, request)), requests))
    recorder.close()
    player = replay(path)
    with ThreadPoolExecutor(8) as pool:
        replayed = sorted(pool.map(lambda request: (request.url, count(player, request)), requests))
    assert replayed == recorded
    assert player.finished


def test_several_services_share_a_cassette(tmp_path: Path) -> None:
    worlds: list[World] = [one_instance(seed=seed) for seed in (1, 2)]
    clouds = [EmulatedTransport(world) for world in worlds]

    class Switch(Server):
        def send(self, request: Request, /) -> Result[Response, Problem]:
            mine = next(
                (cloud for cloud in clouds if request.header("Service-CRN") == first_crn(cloud.world)), clouds[0]
            )
            return mine.send(request)

    recorder = RecordingTransport(Switch(), tmp_path / "run.yaml")
    requests = [ask(world, "GET", "/instances/usage") for world in (*worlds, *worlds)]
    recorded = [read(recorder.send(request).unwrap()) for request in requests]
    recorder.close()
    player = replay(tmp_path / "run.yaml")
    replayed = [read(player.send(request).unwrap()) for request in reversed(requests)]
    assert [usage["plan_id"] for usage in reversed(replayed)] == [usage["plan_id"] for usage in recorded]


def test_a_cassette_shows_its_path_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    recorded(path, token_request(KEY))
    assert repr(CassetteTransport(path)) == f"CassetteTransport('{path}')"
    assert repr(RecordingTransport(EmulatedTransport(one_instance()), path)).endswith(f", '{path}')")
    assert KEY.encode() not in b"".join(map(text_of, replay(path).exchanges))
    assert check_cassette(path) == ()


PLAYED_BY_VCRPY = """
import json, sys, urllib3, vcr
out = []
with vcr.use_cassette(sys.argv[1], record_mode="none", match_on=["method", "uri"]) as cassette:
    for request in cassette.requests:
        response = urllib3.request(request.method, request.uri, body=request.body, retries=False)
        out.append([response.status, response.data.decode()])
    assert cassette.all_played
print(json.dumps(out))
"""


def play_by_vcrpy(path: Path) -> Any:
    """Play a cassette by vcrpy's own player, which patches urllib3, and so in a process of its own."""
    finished = subprocess.run(
        [sys.executable, "-c", PLAYED_BY_VCRPY, str(path)], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def test_vcrpy_plays_what_we_record(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    recorded(path, token_request(), get(), get(), ask(one_instance(), "POST", "/jobs", sampler_job()))
    assert [json.loads(body)["count"] for _, body in play_by_vcrpy(path)] == [1, 2, 3, 4]


RECORDED_BY_VCRPY = """
import sys, urllib3, vcr
with vcr.use_cassette(sys.argv[1], record_mode="once"):
    urllib3.request("GET", sys.argv[2] + "/api/v1/versions", retries=False)
"""


def test_we_play_what_vcrpy_records(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    cloud = EmulatedTransport(one_instance())
    with door_to(cloud) as door:
        subprocess.run([sys.executable, "-c", RECORDED_BY_VCRPY, str(path), door.base], check=True)
    player = replay(path)
    response = player.send(Request(method="GET", url="https://quantum.cloud.ibm.com/api/v1/versions")).unwrap()
    assert response.body == cloud.send(Request(method="GET", url="https://x/api/v1/versions")).unwrap().body
    assert player.finished


def test_a_body_that_hides_itself_is_kept_as_it_was_sent(tmp_path: Path) -> None:
    body = HiddenBytes(b"Some logs.")
    for suffix in SUFFIXES:
        recorder = RecordingTransport(Server(body), tmp_path / f"run{suffix}")
        recorder.send(replace(get(), body=body))
        recorder.close()
        (kept,) = load_cassette(tmp_path / f"run{suffix}").unwrap()
        assert (bytes(kept.request.body), bytes(kept.response.body)) == (b"Some logs.", b"Some logs.")
