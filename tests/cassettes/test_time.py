"""The time of cassettes: it passes at once, never goes back, and brings the end of what waits."""

from pathlib import Path

import pytest

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.cassettes.play import Player
from qiskit_runtime_service.exceptions import RuntimeJobTimeoutError
from qiskit_runtime_service.records.cassette import Recorded
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.testing import (
    API_KEY,
    CassetteTransport,
    EmulatedTransport,
    RecordingTransport,
    one_instance,
    record,
    replay,
)

from ..support.calls import ask

NOON = 1_788_264_000.0
"""2026-09-01T12:00:00Z."""


def look(job: str) -> Request:
    return Request(method="GET", url=f"https://quantum.cloud.ibm.com/api/v1/jobs/{job}")


def player(*looks: tuple[str, float | None]) -> Player:
    """Return a player of looks at jobs, each with the time at which its response came."""
    exchanges = [Recorded(request=look(job), response=Response(status=200), at=at) for job, at in looks]
    return Player(Path("run.yaml"), exchanges)


def test_after_sleeping_on_a_cassette_it_is_as_much_later() -> None:
    clock = player(("j1", NOON))
    seen = [clock.now()]
    for seconds in (5.0, 0.25, 0.0, -3.0, 3600.0):
        clock.sleep(seconds)
        seen.append(clock.now())
    assert seen == [NOON, NOON + 5, NOON + 5.25, NOON + 5.25, NOON + 5.25, NOON + 3605.25]


def test_a_response_brings_its_time_and_never_an_earlier_one() -> None:
    clock = player(("j1", NOON), ("j2", NOON + 60), ("j3", None), ("j4", NOON + 30))
    seen = []
    for job in ("j4", "j1", "j3", "j2"):
        clock.send(look(job))
        seen.append(clock.now())
    assert seen == [NOON + 30, NOON + 30, NOON + 30, NOON + 60]
    clock.sleep(5)
    clock.send(look("j2"))
    assert clock.now() == NOON + 65


def test_a_cassette_begins_at_its_first_date_or_at_none() -> None:
    assert player(("j1", None), ("j2", NOON), ("j3", NOON + 1)).now() == NOON
    assert player(("j1", None)).now() == 0.0


def test_a_recorder_passes_the_time_of_its_clock_and_dates_what_comes_by_it(tmp_path: Path) -> None:
    cloud, clock = EmulatedTransport(one_instance()), EmulatedTransport(one_instance(now=NOON))
    recorder = record(tmp_path / "run.yaml", cloud, clock=clock)
    for path in ("/jobs/j1", "/jobs/j2"):
        recorder.send(ask(cloud.world, "GET", path))
        recorder.sleep(5)
    recorder.close()
    assert recorder.now() == clock.now() == NOON + 10
    assert [exchange.at for exchange in replay(tmp_path / "run.yaml").exchanges] == [NOON, NOON + 5]


def submit_and_wait(carrier: CassetteTransport | RecordingTransport, seconds: float) -> tuple[str, float]:
    """Wait for a job that never ends, and return what was said and how long it took."""
    service = QiskitRuntimeService(token=API_KEY, transport=carrier)
    job = service.run_program("sampler", {"pubs": []}, service.backend("ibm_emu5"))
    began = carrier.now()
    with pytest.raises(RuntimeJobTimeoutError) as caught:
        job.wait_for_final_state(timeout=seconds)
    return str(caught.value), carrier.now() - began


@pytest.mark.parametrize(("seconds", "told"), [(30.0, "30 s"), (3600.0, "3600 s")])
def test_a_deadline_comes_on_a_replay_of_a_job_that_never_ends(tmp_path: Path, seconds: float, told: str) -> None:
    recorder = RecordingTransport(EmulatedTransport(one_instance(queue_seconds=10**7)), tmp_path / "run.yaml")
    live = submit_and_wait(recorder, 30.0)
    recorder.close()
    said, waited = submit_and_wait(replay(tmp_path / "run.yaml"), seconds)
    assert f"is QUEUED after {told}. It goes on." in said
    assert waited == pytest.approx(seconds)
    assert "is QUEUED after 30 s. It goes on." in live[0]
    assert live[1] == pytest.approx(30)


def test_a_result_that_never_comes_ends_at_its_deadline_on_a_replay(tmp_path: Path) -> None:
    recorder = RecordingTransport(EmulatedTransport(one_instance(queue_seconds=10**7)), tmp_path / "run.yaml")
    submit_and_wait(recorder, 1.0)
    recorder.close()
    carrier = replay(tmp_path / "run.yaml")
    service = QiskitRuntimeService(token=API_KEY, transport=carrier)
    job = service.run_program("sampler", {"pubs": []}, service.backend("ibm_emu5"))
    began = carrier.now()
    for total, timeout, told in ((7.0, 7.0, "7 s"), (107.0, 100.0, "100 s")):
        with pytest.raises(RuntimeJobTimeoutError, match=f"is QUEUED after {told}"):
            job.result(timeout=timeout)
        assert carrier.now() - began == pytest.approx(total)
