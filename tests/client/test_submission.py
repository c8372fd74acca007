"""Submitting: warnings, bounds, and what an interrupted user is told. Promise 12 has the rest."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Event
from typing import Any

import msgspec
import pytest
from returns.result import Result

from qiskit_runtime_service import (
    IBMBackend,
    QiskitRuntimeService,
    RuntimeJobV2,
    SamplerV2,
    SubmissionUnknown,
    Timeouts,
)
from qiskit_runtime_service.core.estimates import estimate_usage, without_charge
from qiskit_runtime_service.emulator.faults import Effect
from qiskit_runtime_service.exceptions import (
    IBMApiError,
    IBMInputValueError,
    IBMNotAuthorizedError,
    IBMRuntimeError,
    RuntimeProgramNotFound,
)
from qiskit_runtime_service.records.estimate import CircuitRuns, DeviceTimes
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    Fault,
    Lost,
    Revoke,
    Stall,
    Status,
    Unreachable,
    line_device,
    one_instance,
    too_many_requests,
)

from ..shell.clouds import Repeating, bell, open_service

ORDER = Submission(program="sampler", backend="ibm_emu5", params=b'{"pubs":[]}')
ESTIMATE = estimate_usage(
    [CircuitRuns(what="PUB 0", executions=2000, most=4000, length=0.0)],
    DeviceTimes(backend="ibm_emu5", rep_delay=250e-6, reset=0.0),
)
"""2.5 to 3 seconds."""


def submit(service: QiskitRuntimeService, backend: IBMBackend, **changes: object) -> RuntimeJobV2:
    return service.submit(msgspec.structs.replace(ORDER, **changes), backend)


def strike(cloud: EmulatedTransport, *faults: Fault) -> None:
    """Let only these faults strike."""
    cloud.alter(partial(msgspec.structs.replace, faults=faults))


def spend(cloud: EmulatedTransport, seconds: float) -> None:
    """Let every instance have spent so much."""

    cloud.alter(
        lambda world: msgspec.structs.replace(
            world,
            instances={
                crn: msgspec.structs.replace(instance, consumed=seconds) for crn, instance in world.instances.items()
            },
        )
    )


def test_a_warning_points_at_the_line_that_runs_a_primitive() -> None:
    service, cloud = open_service(one_instance(limit=100.0))
    backend = service.backend("ibm_emu5")
    circuit = bell(backend)
    spend(cloud, 100.0)
    with pytest.warns(UserWarning, match="usage limit") as warned, pytest.raises(IBMRuntimeError):
        SamplerV2(mode=backend).run([circuit])
    assert [warning.filename for warning in warned] == [__file__]


@pytest.mark.holds("B147")
def test_a_reached_limit_is_warned_of_and_the_service_decides() -> None:
    service, cloud = open_service(one_instance(limit=100.0))
    backend = service.backend("ibm_emu5")
    submit(service, backend)
    spend(cloud, 100.0)
    cloud.sleep(300.0)
    with pytest.warns(UserWarning, match=r"usage limit: 102 of 100 s"), pytest.raises(IBMApiError, match="409"):
        submit(service, backend)


@pytest.mark.holds("B146")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"program": "no-such-program"}, RuntimeProgramNotFound),
        ({"session": "no-such-session"}, RuntimeProgramNotFound),
        ({"tags": ("x" * 99,)}, IBMRuntimeError),
        ({"params": b"[]"}, IBMRuntimeError),
    ],
)
def test_a_refusal_has_the_exception_that_users_of_the_existing_client_catch(
    changes: dict[str, Any], error: type[Exception]
) -> None:
    service, _ = open_service()
    with pytest.raises(error, match="was not submitted") as raised:
        submit(service, service.backend("ibm_emu5"), **changes)
    assert isinstance(raised.value, IBMApiError)
    assert raised.value.status in (400, 404)
    assert raised.value.host == "quantum.cloud.ibm.com"


@pytest.mark.holds("B146")
def test_a_lost_submission_is_looked_for_at_growing_distances() -> None:
    service, cloud = open_service()
    backend = service.backend("ibm_emu5")
    fault = Fault(path="*/jobs", method="POST", effect=Lost(acted=False), times=None)
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=(fault,)))
    began = cloud.now()
    with pytest.raises(IBMRuntimeError):
        submit(service, backend)
    assert len(cloud.requests("/jobs", "GET")) == 6
    assert cloud.now() - began == pytest.approx(0.5 + 1 + 2 + 4 + 8)


@pytest.mark.holds("B324")
@pytest.mark.parametrize(
    ("effect", "posts", "looks", "seconds"),
    [
        (None, 1, 0, (0.0, 0.0)),
        (Unreachable(), 2, 1, (0.0, 1.0)),
        # The first look comes after the pause, the last 15.5 s after the answer.
        (Status(code=503), 1, 6, (15.5, 15.5)),
        (Status(code=429), 1, 6, (15.5, 15.5)),
        (Status(code=503, headers=(("Retry-After", "6"),)), 1, 3, (15.5, 15.5)),
        (too_many_requests(), 2, 6, (15.5, 15.5)),
        (too_many_requests(33), 2, 1, (33.0, 33.0)),
        (Revoke(), 2, 6, (15.5, 15.5)),
        (Lost(acted=True), 1, 1, (0.0, 0.0)),
        (Status(code=400), 1, 0, (0.0, 0.0)),
    ],
)
def test_a_second_post_costs_looks_and_a_good_one_none(
    effect: Effect | None, posts: int, looks: int, seconds: tuple[float, float]
) -> None:
    service, cloud = open_service()
    backend = service.backend("ibm_emu5")
    submit(service, backend)
    strike(cloud, *([] if effect is None else [Fault(method="POST", path="*/jobs", effect=effect)]))
    since, began = len(cloud.ledger), cloud.now()
    with suppress(IBMApiError, SubmissionUnknown):
        submit(service, backend)
    sent = Counter(exchange.request.method for exchange in cloud.ledger[since:] if "/jobs" in exchange.request.url)
    # A pause of more than half a second leaves the second look no time of its own.
    assert sent["POST"] == posts
    assert sent["GET"] in (looks, looks - 1 if looks == 6 and not isinstance(effect, Revoke) else looks)
    assert seconds[0] - 1e-6 <= cloud.now() - began <= seconds[1] + 1e-6


@pytest.mark.holds("B324")
def test_a_deadline_that_comes_before_the_last_look_leaves_it_open() -> None:
    service, cloud = open_service(timeout=Timeouts(slow_call=10.0))
    backend = service.backend("ibm_emu5")
    strike(cloud, Fault(method="POST", path="*/jobs", effect=Status(code=503)))
    began = cloud.now()
    with pytest.raises(SubmissionUnknown, match="the service answered 503"):
        submit(service, backend)
    assert cloud.now() - began < 10.0
    assert len(cloud.requests("/jobs", "POST")) == 1


@pytest.mark.holds("B324")
@pytest.mark.parametrize("limit", [10.0, 20.0])
def test_looks_that_are_answered_late_do_not_last_beyond_the_deadline(limit: float) -> None:
    service, cloud = open_service(timeout=Timeouts(slow_call=limit))
    backend = service.backend("ibm_emu5")
    strike(
        cloud,
        Fault(method="POST", path="*/jobs", effect=Status(code=503)),
        Fault(method="GET", path="*/jobs", effect=Stall(seconds=25.0), times=None),
    )
    began = cloud.now()
    with pytest.raises(SubmissionUnknown, match="the service answered 503"):
        submit(service, backend)
    assert cloud.now() - began <= limit + 0.5


@pytest.mark.holds("B322")
def test_what_the_first_attempt_left_open_stays_open_whatever_the_second_is_answered() -> None:
    service, cloud = open_service()
    backend = service.backend("ibm_emu5")
    for second in (Status(code=404), Unreachable(), Status(code=403)):
        strike(
            cloud,
            Fault(method="POST", path="*/jobs", effect=Status(code=503)),
            Fault(method="POST", path="*/jobs", effect=second, after=1, times=None),
        )
        with pytest.raises(SubmissionUnknown, match="the service answered 503") as raised:
            submit(service, backend)
        assert raised.value.tag is not None
    assert service.jobs() == []


@pytest.mark.holds("B322")
def test_who_may_not_use_an_instance_is_told_so() -> None:
    service, cloud = open_service()
    backend = service.backend("ibm_emu5")
    for code, posts in ((401, 1), (403, 1)):
        strike(cloud, Fault(path="*/jobs", effect=Status(code=code), times=None))
        since = len(cloud.requests("/jobs", "POST"))
        with pytest.raises(IBMNotAuthorizedError, match=f"answered {code}"):
            submit(service, backend)
        assert len(cloud.requests("/jobs", "POST")) - since == posts


@pytest.mark.holds("B323")
def test_several_jobs_of_one_submission_are_a_warning_that_names_them() -> None:
    way = Repeating(EmulatedTransport(one_instance()))
    service = QiskitRuntimeService(token=API_KEY, transport=way, clock=way.cloud)
    backend = service.backend("ibm_emu5")
    way.left = 1
    with pytest.warns(UserWarning, match="has become several jobs") as warned:
        job = submit(service, backend)
    (other,) = {listed.job_id() for listed in service.jobs()} - {job.job_id()}
    assert str(warned[0].message).endswith(f"{job.job_id()} is taken. Cancel the others: {other}.")
    assert warned[0].filename == __file__


@pytest.mark.holds("B147")
def test_a_usage_that_cannot_be_read_stops_nothing() -> None:
    service, cloud = open_service()
    fault = Fault(path="*/usage", effect=Status(code=500), times=None)
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=(fault,)))
    assert submit(service, service.backend("ibm_emu5")).status() == "RUNNING"


# A bound of the user's


@pytest.mark.holds("B148")
def test_what_goes_beyond_max_usage_is_not_sent() -> None:
    service, cloud = open_service(max_usage=60.0)
    backend = service.backend("ibm_emu5")
    job = submit(service, backend, cost=60)
    cloud.sleep(3600.0)
    assert job.in_final_state()
    with pytest.raises(IBMRuntimeError, match=r"has spent 2 s of max_usage=60, and the job may take 59 s"):
        submit(service, backend, cost=59)
    spend(cloud, 60.0)
    with pytest.raises(IBMRuntimeError, match="not submitted"):
        submit(service, backend, cost=1)
    assert len(cloud.requests("/jobs", "POST")) == 1


@pytest.mark.holds("B148", "B541")
@pytest.mark.parametrize(("bound", "limit", "sent"), [(52, None, 1), (51.9, None, 0), (51.9, 2, 1), (52, 4, 0)])
def test_without_a_limit_a_job_counts_as_its_estimate(bound: float, limit: int | None, sent: int) -> None:
    """A limit counts in the place of the estimate, be it more or less."""
    service, cloud = open_service(max_usage=bound)
    spend(cloud, 49.0)
    with suppress(IBMRuntimeError):
        submit(service, service.backend("ibm_emu5"), estimate=ESTIMATE, cost=limit)
    assert len(cloud.requests("/jobs", "POST")) == sent


@pytest.mark.holds("B148")
def test_jobs_that_wait_count_as_what_the_service_expects_of_them_or_as_their_limit() -> None:
    service, cloud = open_service(one_instance(queue_seconds=3600.0), max_usage=60.0)
    backend = service.backend("ibm_emu5")
    submit(service, backend, cost=50)
    submit(service, backend, cost=1)
    with pytest.raises(IBMRuntimeError, match=r"0 s of max_usage=60, 2 that wait or run may take 3 s, and .* 58 s"):
        submit(service, backend, cost=58)
    submit(service, backend, cost=57)
    assert len(cloud.requests("/jobs", "POST")) == 3


@pytest.mark.holds("B148")
def test_jobs_beyond_the_first_page_count_too() -> None:
    service, cloud = open_service(one_instance(queue_seconds=3600.0))
    bounded = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud, max_usage=403.0)
    backend = service.backend("ibm_emu5")
    for _ in range(201):
        submit(service, backend, cost=9)
    with pytest.raises(IBMRuntimeError, match="201 that wait or run may take 402 s"):
        submit(bounded, bounded.backend("ibm_emu5"), cost=2)
    submit(bounded, bounded.backend("ibm_emu5"), cost=1)


@pytest.mark.holds("B541")
def test_what_nobody_can_know_is_counted_as_what_is_known_of_it_and_warned_of() -> None:
    service, cloud = open_service(max_usage=60.5)
    spend(cloud, 60.0)
    with pytest.warns(UserWarning, match="Nobody knows what the program takes") as warned:
        submit(service, service.backend("ibm_emu5"))
    assert str(warned[0].message).startswith("max_usage=60.5 is kept by what is known, and more may be used: ")
    assert [warning.filename for warning in warned] == [__file__]
    assert len(cloud.requests("/jobs", "POST")) == 1


@pytest.mark.holds("B541")
def test_what_is_not_charged_is_sent_whatever_is_spent_and_asks_nothing_more() -> None:
    service, cloud = open_service(max_usage=1.0)
    spend(cloud, 60.0)
    backend = service.backend("ibm_emu5")
    for _ in range(2):
        submit(service, backend, estimate=without_charge(ESTIMATE, "it is a dry run"))
    assert len(cloud.requests("/jobs", "POST")) == 2
    assert len(cloud.requests("/jobs", "GET")) == 0
    assert len(cloud.requests("/usage")) == 1


@pytest.mark.holds("B148")
def test_a_bound_is_checked_by_a_listing_and_a_look_at_the_usage_for_each_job() -> None:
    service, cloud = open_service(max_usage=600.0)
    backend = service.backend("ibm_emu5")
    for number in (1, 2, 3):
        submit(service, backend, cost=3)
        assert len(cloud.requests("/usage")) == len(cloud.requests("/jobs", "GET")) == number


@pytest.mark.holds("B148")
@pytest.mark.parametrize("path", ["*/usage", "*/jobs"])
def test_a_bound_that_cannot_be_checked_is_not_passed_over(path: str) -> None:
    service, cloud = open_service(max_usage=60.0)
    backend = service.backend("ibm_emu5")
    strike(cloud, Fault(method="GET", path=path, effect=Status(code=500), times=None))
    with pytest.raises(IBMApiError, match="500"):
        submit(service, backend, cost=3)
    assert not cloud.requests("/jobs", "POST")


class Slow:
    """A carrier on which submissions stay on the way until they may go on."""

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud = cloud
        self.posting, self.go_on = Event(), Event()

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if request.method == "POST" and request.url.endswith("/jobs"):
            self.posting.set()
            assert self.go_on.wait(30)
        return self.cloud.send(request)

    def close(self) -> None:
        self.cloud.close()


@pytest.mark.holds("B148")
def test_a_job_that_is_on_the_way_counts_for_the_next() -> None:
    cloud = EmulatedTransport(one_instance())
    way = Slow(cloud)
    service = QiskitRuntimeService(token=API_KEY, transport=way, clock=cloud, max_usage=60.0)
    backend = service.backend("ibm_emu5")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(submit, service, backend, cost=40)
        assert way.posting.wait(30)
        with pytest.raises(IBMRuntimeError, match="1 job that waits or runs may take 40 s, and the job may take 30 s"):
            submit(service.within(20), backend, cost=30)
        way.go_on.set()
        assert first.result().job_id()
    with pytest.raises(IBMRuntimeError, match="1 job that waits or runs may take 2 s"):
        submit(service, backend, cost=59)


@pytest.mark.holds("B148")
@pytest.mark.parametrize("tagged", [True, False])
def test_of_many_jobs_at_once_no_more_are_sent_than_the_bound_allows(tagged: bool) -> None:
    service, cloud = open_service(one_instance(queue_seconds=3600.0), max_usage=45.0, submission_tags=tagged)
    backend = service.backend("ibm_emu5")
    # On the way each counts as 40 s, and as the 2 s that the service expects of it once it waits.
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(submit, service, backend, cost=40) for _ in range(16)]
    sent = [answer for answer in answers if answer.exception() is None]
    assert all(isinstance(answer.exception(), IBMRuntimeError | None) for answer in answers)
    assert len(sent) == len(cloud.requests("/jobs", "POST"))
    assert 1 <= len(sent) <= 3


@pytest.mark.parametrize("odd", [-1.0, float("nan")])
def test_a_bound_below_nothing_is_refused(odd: float) -> None:
    with pytest.raises(IBMInputValueError, match="max_usage"):
        open_service(max_usage=odd)


class Interrupted:
    """A carrier whose user loses patience while a job is being submitted."""

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud = cloud

    def send(self, request: Request, /) -> Result[Response, Problem]:
        answer = self.cloud.send(request)
        if request.method == "POST" and request.url.endswith("/jobs"):
            raise KeyboardInterrupt
        return answer

    def close(self) -> None:
        self.cloud.close()


def test_who_interrupts_a_submission_is_told_how_to_find_the_job() -> None:
    cloud = EmulatedTransport(one_instance())
    service = QiskitRuntimeService(token=API_KEY, transport=Interrupted(cloud), clock=cloud)
    with pytest.raises(KeyboardInterrupt) as raised:
        submit(service, service.backend("ibm_emu5"))
    (note,) = raised.value.__notes__
    (job,) = service.jobs()
    assert job.record.tags[0] in note


@pytest.mark.holds("B146")
def test_the_job_of_a_dry_run_is_found_too() -> None:
    devices = [line_device("ibm_emu5", 5), line_device("mock_emu5", 5, mock=True)]
    service, cloud = open_service(one_instance(devices=devices))
    backend = service.backend("mock_emu5")
    fault = Fault(method="POST", path="*/jobs", effect=Lost(acted=True))
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=(fault,)))
    job = service.submit(msgspec.structs.replace(ORDER, backend="mock_emu5"), backend)
    assert [listed.job_id() for listed in service.jobs(include_mocks=True)] == [job.job_id()]


@pytest.mark.holds("B147")
def test_the_usage_is_looked_at_again_after_300_seconds() -> None:
    service, cloud = open_service()
    backend = service.backend("ibm_emu5")
    looks = []
    for pause in (0.0, 299.0, 1.0):
        cloud.sleep(pause)
        submit(service, backend)
        looks.append(len(cloud.requests("/usage")))
    assert looks == [1, 1, 2]
