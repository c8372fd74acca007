"""Jobs in this process at every stage: waiting, running, cancelled, failed; alone and two at once."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit_aer import AerSimulator

from qiskit_runtime_service import RuntimeJobV2, SamplerV2
from qiskit_runtime_service.exceptions import (
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
    RuntimeJobTimeoutError,
)


def measured() -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    return circuit


@contextmanager
def threads_that_wait() -> Iterator[threading.Event]:
    """Let no new thread begin its work before the event that is given, or the end of the block."""
    go = threading.Event()
    before = threading.getprofile()
    threading.setprofile(lambda *_: go.wait() and None)
    try:
        yield go
    finally:
        go.set()
        threading.setprofile(before)


class Failing(GenericBackendV2):
    """A backend that fails when it is let go, with what it is told to say."""

    def __init__(self, words: str) -> None:
        super().__init__(2, seed=1)
        self.words = words
        self.let_go = threading.Event()

    def run(self, *_: Any, **__: Any) -> Any:
        self.let_go.wait()
        raise QiskitError(self.words)


@contextmanager
def failing(*words: str) -> Iterator[list[Failing]]:
    """Give backends, and let those go that still hold a thread at the end."""
    backends = [Failing(said) for said in words]
    try:
        yield backends
    finally:
        for backend in backends:
            backend.let_go.set()


def stages(job: RuntimeJobV2) -> tuple[str, tuple[bool, bool, bool, bool, bool]]:
    return job.status(), (job.running(), job.done(), job.errored(), job.cancelled(), job.in_final_state())


@pytest.mark.holds("B168")
def test_a_job_that_has_not_begun_can_be_cancelled_and_has_no_result(tmp_path: Path) -> None:
    with threads_that_wait():
        cancelled, other = (SamplerV2(AerSimulator()).run([measured()], shots=shots) for shots in (5, 6))
        assert stages(cancelled) == ("QUEUED", (False, False, False, False, False))
        cancelled.cancel()
        assert stages(cancelled) == ("CANCELLED", (False, False, False, True, True))
        assert stages(other) == ("QUEUED", (False, False, False, False, False))
        cancelled.wait_for_final_state(timeout=0.0)
    words = f"Job {cancelled.job_id()} was cancelled, so it has no result.\nRun it again if you need one."
    for ask in (cancelled.result, cancelled.raw_result, lambda: cancelled.save_result(tmp_path / "result.json")):
        with pytest.raises(RuntimeInvalidStateError) as caught:
            ask()
        assert type(caught.value) is RuntimeInvalidStateError
        assert str(caught.value) == words
    assert list(tmp_path.iterdir()) == []
    assert cancelled.error_message() is None
    assert [cancelled.metrics()["timestamps"][name] for name in ("running", "finished")] == [None, None]
    assert other.result()[0].data.meas.num_shots == 6
    ended = other.metrics()["timestamps"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", instant) for instant in ended.values())
    assert ended["created"] <= ended["running"] <= ended["finished"]
    assert datetime.fromisoformat(ended["created"]) == other.creation_date
    assert stages(other) == ("DONE", (False, True, False, False, True))
    for job, why in ((cancelled, "it was cancelled before"), (other, "it has begun in this process")):
        with pytest.raises(RuntimeInvalidStateError, match=f"Job {job.job_id()} cannot be cancelled: {why}"):
            job.cancel()


@pytest.mark.holds("B168")
def test_of_two_jobs_each_fails_for_a_reason_of_its_own() -> None:
    with failing("It has a headache.", "It is asleep.") as backends:
        one, other = (SamplerV2(backend).run([measured()]) for backend in backends)
        assert stages(one) == stages(other) == ("RUNNING", (True, False, False, False, False))
        with pytest.raises(RuntimeInvalidStateError, match="cannot be cancelled: it has begun in this process"):
            one.cancel()
        with pytest.raises(RuntimeJobTimeoutError, match=f"Job {one.job_id()} is RUNNING after 0 s"):
            one.wait_for_final_state(timeout=0.0)
        assert one.metrics()["timestamps"]["finished"] is None
        backends[1].let_go.set()
        with pytest.raises(RuntimeJobFailureError) as caught:
            other.result()
        assert type(caught.value) is RuntimeJobFailureError
        assert str(caught.value) == f"Job {other.job_id()} has failed:\nQiskitError: 'It is asleep.'"
        assert isinstance(caught.value.__cause__, QiskitError)
        assert stages(other) == ("ERROR", (False, False, True, False, True))
        assert stages(one) == ("RUNNING", (True, False, False, False, False))
        assert one.error_message() is None
        backends[0].let_go.set()
        one.wait_for_final_state()
    assert "It has a headache." in str(one.error_message())
    assert "It is asleep." in str(other.error_message())


@pytest.mark.holds("B168")
def test_what_is_told_of_a_wait_is_the_first_and_the_last_status() -> None:
    told: list[tuple[str, bool]] = []
    with failing("It is over.") as (backend,):

        def tell(status: str, waited: float) -> None:
            told.append((status, waited > 0.0))
            backend.let_go.set()

        SamplerV2(backend).run([measured()]).wait_for_final_state(on_change=tell)
    assert told == [("RUNNING", False), ("ERROR", True)]


@pytest.mark.holds("B168")
def test_two_jobs_have_ids_and_tags_of_their_own() -> None:
    sampler = SamplerV2(AerSimulator(), {"environment": {"job_tags": ["both", "twice"]}})
    one, other = (sampler.run([measured()], shots=1) for _ in range(2))
    assert one.job_id() != other.job_id()
    assert one != other
    assert one.update_tags(["mine", "own", "mine"]) == ["mine", "own"]
    assert (one.tags, other.tags) == (["mine", "own"], ["both", "twice"])
    other.tags.clear()
    assert other.tags == ["both", "twice"]
