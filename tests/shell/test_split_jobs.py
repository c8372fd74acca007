"""Runs in parts whose parts stand differently: each question is about all of them."""

import io
from contextlib import redirect_stderr

import pytest
from msgspec.structs import replace
from qiskit import QuantumCircuit

from qiskit_runtime_service import QiskitRuntimeService, RuntimeJobV2, SamplerV2
from qiskit_runtime_service.emulator.world import Crashed, give_outcome
from qiskit_runtime_service.exceptions import (
    IBMApiError,
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
    RuntimeJobTimeoutError,
)
from qiskit_runtime_service.shell.split_job import SplitJob
from qiskit_runtime_service.testing import EmulatedTransport, Fault, Status, line_device, one_instance

from .clouds import open_service


def opened() -> tuple[QiskitRuntimeService, EmulatedTransport]:
    """Open a service with a device that runs at once, one with a short queue and one with a long one."""
    queues = {"ibm_quick": 0.0, "ibm_later": 100.0, "ibm_last": 1000.0}
    devices = [line_device(name, 5, queue_seconds=seconds) for name, seconds in queues.items()]
    return open_service(one_instance(devices=devices))


def run(service: QiskitRuntimeService, name: str, shots: int = 10) -> RuntimeJobV2:
    circuit = QuantumCircuit(5)
    circuit.x(0)
    circuit.measure_all()
    return SamplerV2(service.backend(name)).run([circuit], shots=shots)


@pytest.mark.holds("B167")
def test_a_run_has_ended_when_its_last_part_has() -> None:
    service, cloud = opened()
    quick, later = run(service, "ibm_quick"), run(service, "ibm_later")
    cloud.sleep(10.0)
    for parts, statuses in (([quick, later], ["DONE", "QUEUED"]), ([later, quick], ["QUEUED", "DONE"])):
        job = SplitJob(parts)
        assert job.statuses() == statuses
        assert job.in_final_state() is False
        assert job.done() is False
    job = SplitJob([quick, later])
    job.wait_for_final_state()
    assert job.statuses() == ["DONE", "DONE"]
    assert job.in_final_state() is True
    assert job.done() is True


@pytest.mark.holds("B167")
@pytest.mark.parametrize("failed", [0, 1])
def test_a_run_with_a_failed_part_has_ended_and_is_not_done(failed: int) -> None:
    service, cloud = opened()
    parts = [run(service, "ibm_quick", shots) for shots in (10, 20)]
    cloud.sleep(10.0)
    cloud.alter(lambda world: give_outcome(world, parts[failed].job_id(), Crashed(reason="It broke.", code=1517)))
    job = SplitJob(parts)
    assert job.in_final_state() is True
    assert job.done() is False
    assert sorted(job.statuses()) == ["DONE", "ERROR"]
    with pytest.raises(RuntimeJobFailureError, match="It broke") as caught:
        job.result()
    assert type(caught.value) is RuntimeJobFailureError
    assert parts[failed].job_id() in str(caught.value)
    (kept,) = job[1 - failed].result()
    assert kept.data.meas.num_shots == (20, 10)[failed]


def test_only_the_parts_that_have_not_ended_are_cancelled() -> None:
    service, cloud = opened()
    quick, later, last = (run(service, name) for name in ("ibm_quick", "ibm_later", "ibm_last"))
    cloud.sleep(10.0)
    job = SplitJob([later, quick, last])
    job.cancel()
    assert job.statuses() == ["CANCELLED", "DONE", "CANCELLED"]
    asked = [request.url.split("/")[-2] for request in cloud.requests("/cancel")]
    assert asked == [later.job_id(), last.job_id()]
    assert job.in_final_state() is True
    with pytest.raises(RuntimeInvalidStateError, match=f"Job {later.job_id()} was cancelled"):
        job.result()


@pytest.mark.takes_long
@pytest.mark.holds("B167")
def test_results_are_in_the_order_of_the_parts_whichever_ends_first() -> None:
    service, cloud = opened()
    job = SplitJob([run(service, "ibm_later", 11), run(service, "ibm_quick", 22), run(service, "ibm_last", 33)])
    began = cloud.now()
    result = job.result()
    assert [pub.data.meas.num_shots for pub in result] == [11, 22, 33]
    assert cloud.now() - began >= 1000.0
    # What is said of the whole is that of the first part, though others ran before it.
    spans = [told["execution"]["execution_spans"] for told in (result.metadata, *result.metadata["jobs"])]
    starts = [f"{span.start:%H:%M:%S}" for span in spans]
    assert starts == ["10:01:40", "10:01:40", "10:00:00", "10:16:40"]


@pytest.mark.holds("B167")
def test_the_deadline_of_a_run_is_that_of_all_its_parts_together() -> None:
    service, cloud = opened()
    job = SplitJob([run(service, "ibm_quick"), run(service, "ibm_later"), run(service, "ibm_last")])
    for wait in (job.wait_for_final_state, job.result):
        began = cloud.now()
        with pytest.raises(RuntimeJobTimeoutError, match="QUEUED after 30 s"):
            wait(timeout=30.0)
        assert cloud.now() - began == pytest.approx(30.0, abs=0.2)
    assert job.statuses() == ["DONE", "QUEUED", "QUEUED"]


def test_the_parts_of_a_run_can_be_taken_by_place_and_in_a_row() -> None:
    service, _ = opened()
    one, two, three = (run(service, "ibm_last") for _ in range(3))
    job = SplitJob([one, two, three])
    assert (job[0], job[-1]) == (one, three)
    assert isinstance(job[1:], SplitJob)
    assert job[1:].job_ids() == [two.job_id(), three.job_id()]
    assert list(job[:2]) == [one, two]
    assert repr(job[:2]) == f"<SplitJob(['{one.job_id()}', '{two.job_id()}'])>"


def test_a_run_whose_parts_cannot_be_looked_at_says_so() -> None:
    service, cloud = opened()
    job = SplitJob([run(service, "ibm_last"), run(service, "ibm_last")])
    fault = Fault(method="GET", path="*/jobs*", effect=Status(code=400), times=None)
    cloud.alter(lambda world: replace(world, faults=(fault,)))
    for ask in (job.statuses, job.done, job.in_final_state, job.cancel, job.wait_for_final_state, job.result):
        with pytest.raises(IBMApiError, match="400"):
            ask()
    assert not cloud.requests("/cancel")


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.takes_long
def test_a_run_shows_how_all_its_parts_stand_where_it_is_asked_to() -> None:
    service, _ = opened()
    for shown in (False, True):
        job = SplitJob([run(service, "ibm_later"), run(service, "ibm_last")])
        with redirect_stderr(Terminal()) as stream:
            job.result(progress=shown)
        assert ("2 jobs: 2 QUEUED" in stream.getvalue()) is shown
