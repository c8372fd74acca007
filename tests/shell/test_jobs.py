"""Jobs: what they tell, what is read of them once and kept, and how they travel."""

import copy
import json
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from qiskit.primitives import PrimitiveResult

from qiskit_runtime_service import RuntimeDecoder, RuntimeJobV2
from qiskit_runtime_service.emulator.world import Crashed, World, give_outcome
from qiskit_runtime_service.exceptions import (
    IBMApiError,
    IBMRuntimeError,
    InvalidAccountError,
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
)
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, Fault, Lost, Status, line_device, one_instance

from .clouds import open_service, submit_bell


def strike(cloud: EmulatedTransport, *faults: Fault) -> None:
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=faults))


def finished(**options: Any) -> tuple[RuntimeJobV2, EmulatedTransport]:
    """Return a job that has come to its end, and nothing was read of it yet."""
    service, cloud = open_service()
    job = submit_bell(service, **options)
    job.wait_for_final_state()
    return job, cloud


def test_a_job_tells_what_it_was_given() -> None:
    job, cloud = finished()
    since = len(cloud.ledger)
    ((circuit, _, shots),) = job.inputs["pubs"]
    assert (circuit.num_qubits, shots) == (5, 64)
    assert [job.inputs["version"] for _ in range(2)] == [2, 2]
    assert len(cloud.ledger) == since + 1
    assert "exclude_params" not in cloud.ledger[-1].request.url


def test_the_inputs_of_a_private_job_are_told_to_nobody() -> None:
    job, _ = finished(environment={"private": True})
    assert job.inputs == {}


def test_the_metrics_are_all_that_the_service_tells() -> None:
    job, _ = finished()
    assert set(job.metrics()) >= {"timestamps", "usage", "circuits_execution_time_ns"}
    assert job.usage() == job.usage(partial=True) == 3.0


def test_the_calibration_is_that_of_the_time_of_the_job() -> None:
    service, cloud = open_service(one_instance(queue_seconds=100.0))
    job = submit_bell(service)
    assert job.properties() is None
    job.wait_for_final_state()
    since = len(cloud.ledger)
    properties = job.properties()
    assert properties is not None
    assert properties.backend_name == "ibm_emu5"
    assert job.properties() is properties
    urls = [exchange.request.url for exchange in cloud.ledger[since:] if "updated_before" in exchange.request.url]
    assert len(urls) == 1
    assert job.properties(refresh=True) is not None


def test_an_image_and_an_estimate_are_told() -> None:
    job, _ = finished()
    assert job.image == ""
    assert job.usage_estimation == pytest.approx({"quantum_seconds": 2.016217088})


def test_a_job_without_a_backend_is_asked_for_it() -> None:
    service, cloud = open_service()
    job = submit_bell(service)
    bare = RuntimeJobV2(service, msgspec.structs.replace(job.record, backend=None))
    since = len(cloud.ledger)
    backend = bare.backend()
    assert backend is not None
    assert backend.name == "ibm_emu5"
    assert len([exchange for exchange in cloud.ledger[since:] if "/jobs/" in exchange.request.url]) == 1


# Results


@pytest.mark.holds("B150")
def test_a_result_is_saved_before_anything_tries_to_understand_it(tmp_path: Path) -> None:
    job, cloud = finished()
    since = len(cloud.ledger)
    path = job.save_result(tmp_path / "result.json")
    assert path.read_bytes() == job.raw_result()
    assert len(cloud.requests("/results")) == 1
    assert len(cloud.ledger) == since + 1
    saved = json.loads(path.read_text(), cls=RuntimeDecoder)
    assert saved[0].data.meas.get_counts() == job.result()[0].data.meas.get_counts()
    assert len(cloud.ledger) == since + 1
    assert [file.name for file in tmp_path.iterdir()] == ["result.json"]


@pytest.mark.holds("B150")
def test_what_cannot_be_decoded_is_not_lost(tmp_path: Path) -> None:
    job, cloud = finished()
    odd = b'{"__type__": "PrimitiveResult", "__value__": 3}'
    strike(cloud, Fault(path="*/results", effect=Status(code=200, body=odd)))
    with pytest.raises(IBMApiError, match="cannot be decoded") as raised:
        job.result()
    assert "save_result" in "".join(raised.value.__notes__)
    assert job.save_result(tmp_path / "odd.json").read_bytes() == odd
    # It may have been damaged on its way, so it is fetched anew.
    assert isinstance(job.result(), PrimitiveResult)


@pytest.mark.holds("B48", "B150")
def test_a_private_result_is_read_once_and_kept(tmp_path: Path) -> None:
    job, cloud = finished(environment={"private": True})
    with ThreadPoolExecutor(8) as pool:
        results = [future.result() for future in [pool.submit(job.result) for _ in range(16)]]
    first, *others = (result[0].data.meas for result in results)
    assert others == [first] * 15
    assert len(cloud.requests("/results")) == 1
    assert job.save_result(tmp_path / "kept").stat().st_size == len(job.raw_result())
    again = job.service.job(job.job_id())
    with pytest.raises(RuntimeInvalidStateError, match="Private results can be read once"):
        again.result()


@pytest.mark.holds("B150")
def test_a_private_result_that_cannot_be_decoded_is_not_asked_for_again() -> None:
    job, cloud = finished(environment={"private": True})
    strike(cloud, Fault(path="*/results", effect=Status(code=200, body=b"[1"), times=1))
    for _ in range(2):
        with pytest.raises(IBMApiError):
            job.result()
    assert job.raw_result() == b"[1"
    assert len(cloud.requests("/results")) == 1


class Upper:
    """A decoder in the manner of IBM's: a class with a class method."""

    @classmethod
    def decode(cls, text: str) -> str:
        return text.upper()


@pytest.mark.holds("B150")
@pytest.mark.parametrize(
    ("decoder", "wanted"),
    [
        (json.loads, lambda text: json.loads(text)),
        (Upper, lambda text: text.upper()),
        (json.JSONDecoder, lambda text: json.loads(text)),
        (json.JSONDecoder(), lambda text: json.loads(text)),
        ([Upper, len], lambda text: len(text)),
        ((str.strip, json.loads), lambda text: json.loads(text)),
    ],
)
def test_a_decoder_of_the_user_reads_the_text(decoder: Any, wanted: Callable[[str], object]) -> None:
    job, cloud = finished()
    text = job.raw_result().decode()
    assert job.result(decoder=decoder) == wanted(text)
    assert isinstance(job.result(), PrimitiveResult)
    assert isinstance(job.result(None, RuntimeDecoder), PrimitiveResult)
    assert len(cloud.requests("/results")) == 1


@pytest.mark.holds("B150")
def test_a_lost_result_is_fetched_again() -> None:
    job, cloud = finished()
    strike(cloud, Fault(path="*/results", effect=Lost(acted=True), times=2))
    assert isinstance(job.result(), PrimitiveResult)


# Failures


def crash(world: World, job: RuntimeJobV2, **crashed: Any) -> World:
    return give_outcome(world, job.job_id(), Crashed(**crashed))


@pytest.mark.holds("B41", "B151")
@pytest.mark.parametrize(
    ("crashed", "message"),
    [
        ({"reason": "It broke.", "code": 1517}, "Error code 1517; It broke."),
        ({"reason": "It broke."}, "It broke."),
    ],
)
def test_a_failure_has_reason_and_code(crashed: dict[str, Any], message: str) -> None:
    service, cloud = open_service()
    job = submit_bell(service)
    cloud.sleep(10.0)
    cloud.alter(lambda world: crash(world, job, solution="Mend it.", **crashed))
    with pytest.raises(RuntimeJobFailureError) as raised:
        job.result()
    assert message in str(raised.value)
    assert str(raised.value).splitlines()[-1] == "Mend it."
    assert job.error_message() == message
    assert job.status() == "ERROR"


@pytest.mark.holds("B151")
def test_a_failure_without_a_reason_is_looked_up_in_the_place_of_the_result() -> None:
    service, cloud = open_service()
    job = submit_bell(service)
    cloud.sleep(10.0)
    cloud.alter(lambda world: crash(world, job, reason=""))
    log = b"noise\nTraceback (most recent call last)\nfirst\nTraceback (most recent call last)\n  ValueError: no"
    strike(cloud, Fault(path="*/results", effect=Status(code=200, body=log), times=None))
    assert job.error_message() == "Traceback (most recent call last)\n  ValueError: no"
    with pytest.raises(RuntimeJobFailureError, match="ValueError: no"):
        job.result()


def test_a_job_that_did_not_fail_has_no_error() -> None:
    job, _ = finished()
    assert job.error_message() is None


def test_the_final_words_are_those_that_end_a_wait() -> None:
    job, _ = finished()
    assert job.status() in job.JOB_FINAL_STATES
    assert job.JOB_FINAL_STATES == ("DONE", "CANCELLED", "ERROR")
    assert job.ERROR == "ERROR"


@pytest.mark.holds("B151")
@pytest.mark.parametrize(
    "ask",
    [
        lambda job: job.logs(),
        lambda job: job.metrics(),
        lambda job: job.cancel(),
        lambda job: job.raw_result(),
        lambda job: job.service.job("nothing"),
        lambda job: job.service.jobs(),
        lambda job: next(job.service.iter_jobs()),
    ],
)
def test_a_refusal_about_jobs_has_the_exception_that_users_of_the_existing_client_catch(
    ask: Callable[[RuntimeJobV2], object],
) -> None:
    job, cloud = finished()
    strike(cloud, Fault(path="*/jobs*", effect=Status(code=501), times=None))
    with pytest.raises(IBMRuntimeError, match="501") as raised:
        ask(job)
    assert isinstance(raised.value, IBMApiError)
    assert raised.value.status == 501


def test_the_backend_of_a_job_is_the_one_that_the_service_names() -> None:
    service, cloud = open_service(one_instance(devices=[line_device("ibm_one", 5), line_device("ibm_two", 5)]))
    asked = service.backend("ibm_one")
    answers = {b'{"id": "j1"}': "ibm_one", b'{"id": "j1", "backend": "ibm_two"}': "ibm_two"}
    for body, taken in answers.items():
        strike(cloud, Fault(method="POST", path="*/jobs", effect=Status(code=200, body=body)))
        job = service.submit(Submission(program="sampler", backend="ibm_one", params=b'{"pubs":[]}'), asked)
        backend = job.backend()
        assert backend is not None
        assert (job.job_id(), backend.name) == ("j1", taken)


def test_what_is_not_settled_yet_is_told_to_those_who_want_a_part() -> None:
    job, cloud = finished()
    for status, told in (("pending", [0.0, 3.5]), ("complete", [3.5, 3.5])):
        body = msgspec.json.encode({"usage": {"qpu_charge_time_seconds": 3.5, "status": status}})
        strike(cloud, Fault(path="*/metrics", effect=Status(code=200, body=body), times=None))
        assert [job.usage(), job.usage(partial=True)] == told


@pytest.mark.holds("B540")
def test_a_charge_without_seconds_is_none_of_them() -> None:
    job, cloud = finished()
    for status, told in (("pending", [0, 0]), ("complete", [None, None])):
        body = msgspec.json.encode({"usage": {"value": 1.25, "status": status}})
        strike(cloud, Fault(path="*/metrics", effect=Status(code=200, body=body), times=None))
        assert [job.usage(), job.usage(partial=True)] == told


# As a value


@pytest.mark.holds("B150")
def test_jobs_are_equal_by_id_and_instance() -> None:
    job, _ = finished()
    again = job.service.job(job.job_id())
    assert job == again
    assert len({job, again}) == 1
    other = submit_bell(job.service)
    assert other.instance == job.instance
    assert job != other
    assert len({job, again, other}) == 2
    assert job != RuntimeJobV2(job.service, msgspec.structs.replace(job.record, instance="elsewhere"))
    assert job != job.job_id()


@pytest.mark.holds("B150")
def test_a_job_travels_with_its_result_and_without_its_key() -> None:
    job, _ = finished()
    job.result()
    frozen = pickle.dumps(job)
    assert API_KEY.encode() not in frozen
    there = pickle.loads(frozen)  # noqa: S301  # our own pickle
    assert there == job
    assert (there.status(), there.tags, there.instance) == ("DONE", job.tags, job.instance)
    assert there.result()[0].data.meas.get_counts() == job.result()[0].data.meas.get_counts()
    with pytest.raises(InvalidAccountError, match="came out of a pickle"):
        there.logs()


def test_a_copy_of_a_job_is_the_job() -> None:
    job, cloud = finished()
    job.raw_result()
    since = len(cloud.ledger)
    for twin in (copy.copy(job), copy.deepcopy(job)):
        assert twin == job
        assert twin.service is job.service
        assert twin.raw_result() == job.raw_result()
    assert len(cloud.ledger) == since


def test_the_image_of_a_submission_is_that_of_its_job() -> None:
    service, _ = open_service()
    order = Submission(program="sampler", backend="ibm_emu5", params=b'{"pubs":[]}', image="registry/image:1.2")
    job = service.submit(order, service.backend("ibm_emu5"))
    assert job.image == service.job(job.job_id()).image == "registry/image:1.2"


def test_a_submission_as_it_stands_is_told_before_anything_is_asked() -> None:
    service, cloud = open_service()
    backend = service.backend("ibm_emu5")
    order = Submission(program="sampler", backend="ibm_emu5", params=b'{"pubs":[]}', private=True)
    job = service.submit(order, backend)
    since = len(cloud.ledger)
    assert (job.primitive_id, job.private, job.session_id, job.image) == ("sampler", True, None, "")
    assert job.backend() is backend
    assert len(cloud.ledger) == since


@pytest.mark.holds("B353")
def test_a_path_that_no_disk_takes_is_not_repeated_whole(tmp_path: Path) -> None:
    job, _ = finished()
    with pytest.raises(OSError, match="File name too long") as caught:
        job.save_result(tmp_path / ("y" * 100_000))
    assert len(str(caught.value)) < 10_100
