"""Tracking usage: whose jobs count, what they were thought to use and are charged, and how few requests that takes."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service import Batch, QiskitRuntimeService, RuntimeJobV2, Session, UsageTracker
from qiskit_runtime_service.core.estimates import estimate_usage
from qiskit_runtime_service.exceptions import IBMError, SubmissionUnknown
from qiskit_runtime_service.records.estimate import CircuitRuns, DeviceTimes
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.testing import (
    API_KEY,
    Fault,
    Lost,
    Status,
    line_device,
    one_instance,
    two_regions,
)

from .clouds import open_service

ESTIMATE = estimate_usage(
    [CircuitRuns(what="PUB 0", executions=4000, most=4000, length=0.0)],
    DeviceTimes(backend="ibm_emu5", rep_delay=250e-6, reset=0.0),
)
"""3 seconds."""
BACKEND = "ibm_emu5"


def submit(service: QiskitRuntimeService, name: str = BACKEND, **changes: Any) -> RuntimeJobV2:
    """Submit a job that fails at once, which is as good as any other where only usage counts."""
    order = Submission(program="sampler", backend=name, params=b'{"pubs":[]}', estimate=ESTIMATE)
    return service.submit(msgspec.structs.replace(order, **changes), service.backend(name))


def numbers(cost: UsageTracker) -> tuple[int, float, int, float]:
    """Return how many jobs there are and what they were thought to use, how many are settled and their charge."""
    total = cost.records.total
    return total.jobs, total.estimated_seconds, total.settled, cost.charged_seconds


def charges(cost: UsageTracker) -> float:
    """Return what the service tells that all jobs are charged, each asked for itself."""
    return sum(job.usage() or 0 for job in cost.jobs)


@pytest.mark.holds("B543", "B544")
def test_jobs_of_a_block_are_added_up_estimated_and_then_charged() -> None:
    service, cloud = open_service(one_instance(queue_seconds=60.0))
    submit(service)
    with service.track() as cost:
        assert numbers(cost) == (0, 0.0, 0, 0.0)
        jobs = [submit(service), submit(service)]
        assert numbers(cost) == (2, 6.0, 0, 0.0)
    submit(service)
    assert (cost.jobs, cost.service) == (jobs, service)
    assert cost.estimated_seconds == 6.0
    assert numbers(cost.refresh()) == (2, 6.0, 0, 0.0)
    cloud.sleep(3600.0)
    assert numbers(cost) == (2, 6.0, 0, 0.0)
    assert numbers(cost.refresh()) == (2, 6.0, 2, charges(cost))
    assert cost.charged_seconds > 0


@pytest.mark.holds("B544")
def test_nothing_is_asked_for_but_by_refresh_and_that_by_one_listing_for_each_instance() -> None:
    service, cloud = open_service(two_regions())
    with service.track() as cost:
        for _ in range(20):
            submit(service, "ibm_east5")
            submit(service, "ibm_europe7")
    since = len(cloud.ledger)
    assert (str(cost), cost.to_json(), cost.charged_seconds) is not None
    assert len(cloud.ledger) == since
    cloud.sleep(3600.0)
    cost.refresh()
    asked = [exchange.request for exchange in cloud.ledger[since:]]
    assert sorted(request.header("Service-CRN") or "" for request in asked if "/jobs?" in request.url) == sorted(
        instance["crn"] for instance in service.instances()
    )
    assert not [request for request in asked if "/jobs?" not in request.url and "token" not in request.url]
    since = len(cloud.ledger)
    settled = numbers(cost.refresh())
    assert len(cloud.ledger) == since
    assert settled == (40, 120.0, 40, charges(cost))


@pytest.mark.holds("B544")
def test_one_job_is_one_request_and_none_once_it_was_seen_to_be_settled() -> None:
    service, cloud = open_service()
    with service.track() as cost:
        job = submit(service)
    cloud.sleep(3600.0)
    since = len(cloud.ledger)
    cost.refresh()
    assert [
        exchange.request.url.rpartition("/")[2] for exchange in cloud.ledger[since:] if "jobs" in exchange.request.url
    ] == [f"{job.job_id()}?exclude_params=true"]
    with service.track() as other:
        waited = submit(service)
        cloud.sleep(3600.0)
        waited.wait_for_final_state()
    since = len(cloud.ledger)
    settled = numbers(other.refresh())
    assert len(cloud.ledger) == since
    assert settled == (1, 3.0, 1, charges(other))


@pytest.mark.holds("B543")
def test_blocks_within_blocks_each_count_and_one_entered_twice_counts_once() -> None:
    service, _ = open_service()
    with service.track() as outer:
        submit(service)
        with service.track() as inner, outer:
            submit(service)
        submit(service)
    assert (numbers(outer)[0], numbers(inner)[0]) == (3, 1)
    with outer:
        submit(service)
    assert numbers(outer)[0] == 4


@pytest.mark.holds("B543")
def test_a_block_that_raises_keeps_what_it_has_counted() -> None:
    service, _ = open_service()
    cost = service.track()
    with pytest.raises(ZeroDivisionError), cost:
        submit(service)
        raise ZeroDivisionError
    submit(service)
    assert numbers(cost)[0] == 1


@pytest.mark.holds("B543")
def test_what_is_not_submitted_does_not_count_and_what_may_have_been_is_told() -> None:
    service, cloud = open_service()
    backend = service.backend(BACKEND)
    with service.track() as cost:
        with pytest.raises(IBMError, match="was not submitted"):
            submit(service, params=b"[]")
        lost = Fault(method="POST", path="*/jobs", effect=Lost(acted=False))
        cloud.alter(partial(msgspec.structs.replace, faults=(lost,)))
        with pytest.raises(SubmissionUnknown):
            service.submit(Submission(program="sampler", backend=BACKEND, params=b"{}"), backend)
    assert numbers(cost)[0] == 0
    (doubt,) = cost.records.doubts
    assert doubt.startswith("Not counted, for there may be no job: It is not known whether the job was submitted")
    assert doubt in " ".join(str(cost).split())


@pytest.mark.holds("B543")
def test_another_service_does_not_count_and_the_same_with_other_limits_does() -> None:
    service, cloud = open_service()
    elsewhere, _ = open_service()
    again = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    with service.track() as cost:
        submit(elsewhere)
        assert numbers(cost)[0] == 0
        submit(service.within(20))
        submit(again)
    assert numbers(cost)[0] == 2


@pytest.mark.holds("B543")
def test_programs_sessions_and_batches_count_with_what_nobody_knew_of_them() -> None:
    service, _ = open_service(one_instance(plan="premium"))
    backend = service.backend(BACKEND)
    with service.track() as cost:
        with Session(backend) as session:
            service.run_program("sampler", {"pubs": []})
        with Batch(backend):
            service.run_program("executor", {"pubs": []})
    assert [(one.program, one.jobs, one.unestimated) for one in cost.records.sums] == [
        ("sampler", 1, 1),
        ("executor", 1, 1),
    ]
    assert cost.records.jobs[0].session == session.session_id
    assert "Of 2 nobody knows what they use before they have run." in str(cost)


@pytest.mark.holds("B543")
def test_a_dry_run_is_not_charged_whatever_it_tells() -> None:
    devices = [line_device(BACKEND, 5), line_device("mock_emu5", 5, mock=True)]
    service, cloud = open_service(one_instance(devices=devices))
    mock = service.backend("mock_emu5")
    with service.track() as cost:
        submit(service, "mock_emu5")
        service.run_program("sampler", {"pubs": []}, mock)
    cloud.sleep(3600.0)
    assert numbers(cost.refresh()) == (2, 0.0, 2, 0.0)
    assert "Nothing is charged for 2 of 2: it is a stand-in for dry runs" in str(cost)


@pytest.mark.holds("B544")
def test_a_job_that_is_cancelled_before_it_runs_is_charged_nothing() -> None:
    service, cloud = open_service(one_instance(queue_seconds=60.0))
    with service.track() as cost:
        submit(service).cancel()
        submit(service)
    cloud.sleep(3600.0)
    assert numbers(cost.refresh()) == (2, 6.0, 2, charges(cost))
    assert cost.jobs[0].usage() == 0


@pytest.mark.holds("B544")
def test_what_cannot_be_read_is_told_and_read_the_next_time() -> None:
    service, cloud = open_service()
    with service.track() as cost:
        submit(service)
    cloud.sleep(3600.0)
    down = Fault(method="GET", path="*/jobs/*", effect=Status(code=501), times=None)
    cloud.alter(partial(msgspec.structs.replace, faults=(down,)))
    assert numbers(cost.refresh()) == (1, 3.0, 0, 0.0)
    (trouble,) = cost.records.troubles
    assert "501" in trouble
    cloud.alter(partial(msgspec.structs.replace, faults=()))
    assert numbers(cost.refresh()) == (1, 3.0, 1, charges(cost))
    assert cost.records.troubles == ()


@pytest.mark.holds("B543")
def test_a_tracker_shows_itself_as_text_json_and_html() -> None:
    service, cloud = open_service()
    with service.track() as cost:
        submit(service)
        submit(service, program="estimator")
    cloud.sleep(3600.0)
    cost.refresh()
    lines = str(cost).splitlines()
    assert lines[0] == "Usage of 2 jobs"
    assert [line.split("  ")[0] for line in lines[3:]] == ["ibm_emu5", "ibm_emu5", "together"]
    assert all(len(line) <= 80 for line in lines)
    assert repr(cost) == str(cost)
    page = cost._repr_html_()
    assert "<td>about 6.00 s</td>" in page
    assert f"<td>{charges(cost):g} s</td>" in page
    plain = json.loads(cost.to_json())
    assert plain == json.loads(json.dumps(cost.to_dict()))
    assert plain["total"]["charged_seconds"] == charges(cost)
    assert [one["program"] for one in plain["jobs"]] == ["sampler", "estimator"]


@pytest.mark.holds("B543")
def test_a_task_counts_where_it_begins_in_the_block_and_not_after_it() -> None:
    service, _ = open_service()

    async def journey() -> tuple[int, int]:
        over = asyncio.Event()

        async def work() -> None:
            submit(service)
            await over.wait()
            submit(service)

        before = asyncio.create_task(work())
        await asyncio.sleep(0)
        with service.track() as cost:
            within = asyncio.create_task(work())
            await asyncio.to_thread(submit, service)
            await asyncio.sleep(0)
            counted = len(cost.jobs)
        over.set()
        await asyncio.gather(before, within)
        return counted, len(cost.jobs)

    assert asyncio.run(journey()) == (2, 2)


@pytest.mark.holds("B543")
def test_a_thread_counts_where_it_enters_the_block_itself() -> None:
    service, _ = open_service()

    def entered() -> None:
        with cost:
            submit(service)

    with ThreadPoolExecutor(4) as pool, service.track() as cost:
        for future in [pool.submit(submit, service) for _ in range(8)]:
            future.result()
        assert cost.jobs == []
        for counted in [pool.submit(entered) for _ in range(8)]:
            counted.result()
    assert len(cost.jobs) == 8


LANES, TRACKERS = 2, 3
STEPS = st.lists(
    st.tuples(st.integers(0, LANES - 1), st.sampled_from(["enter", "leave", "run"]), st.integers(0, TRACKERS - 1)),
    max_size=12,
)


def check(steps: list[tuple[int, str, int]], run: list[Callable[..., Any]], submit_one: Callable[[], object]) -> None:
    """Take steps in lanes: each tracker counts the jobs of the lanes in which it is entered and not left."""
    trackers = [SERVICE.track() for _ in range(TRACKERS)]
    entered: list[tuple[int, int]] = []
    counts = [0] * TRACKERS
    for lane, step, number in steps:
        if step == "enter":
            entered.append((lane, number))
            run[lane](trackers[number].__enter__)
        elif step == "leave" and (lane, number) in entered:
            entered.remove((lane, number))
            run[lane](trackers[number].__exit__, None, None, None)
        elif step == "run":
            run[lane](submit_one)
            for other in {tracker for at, tracker in entered if at == lane}:
                counts[other] += 1
        assert [len(tracker.jobs) for tracker in trackers] == counts


SERVICE, CLOUD = open_service(one_instance(queue_seconds=1e9))


@pytest.mark.holds("B543")
@given(STEPS)
def test_each_thread_and_each_task_counts_for_the_blocks_that_it_has_entered(steps: list[tuple[int, str, int]]) -> None:
    pools = [ThreadPoolExecutor(1) for _ in range(LANES)]
    try:
        check(steps, [lambda do, *given_, pool=pool: pool.submit(do, *given_).result() for pool in pools], one_more)
    finally:
        for pool in pools:
            pool.shutdown()
    # This is what tasks are: each has a copy of the context in which it began.
    check(steps, [copy_context().run for _ in range(LANES)], one_more)


def one_more() -> RuntimeJobV2:
    return submit(SERVICE)
