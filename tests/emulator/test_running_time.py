"""How long jobs run, what they are charged, and what counts of it: by a number that comes from outside."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.handle import handle, need_before
from qiskit_runtime_service.emulator.needs import DeviceBodies, Submission
from qiskit_runtime_service.emulator.saving import decode_world, encode_world
from qiskit_runtime_service.emulator.world import Crashed, Finished, World, give_device, give_outcome, move_on
from qiskit_runtime_service.emulator.worlds import device_from_row, line_device, one_instance
from qiskit_runtime_service.records.backend import BackendRow
from qiskit_runtime_service.records.exchange import Response
from qiskit_runtime_service.testing import busy, ibm_quantum, recalibrated, two_regions

from ..support.calls import act, ask, open_session, read, sampler_job, submit

DAY = 24 * 3600.0


def submit_for(
    world: World, seconds: float | None, backend: str = "ibm_emu5", /, **fields: object
) -> tuple[World, str]:
    """Submit a job of which it is said from outside how long it runs, and return its id."""
    world, reply = handle(world, ask(world, "POST", "/jobs", sampler_job(backend, **fields)), seconds)
    assert isinstance(reply, Response)
    assert reply.status == 200, reply.body
    return world, str(read(reply)["id"])


def told(world: World, path: str) -> dict[str, Any]:
    body: dict[str, Any] = read(act(world, "GET", path)[1])
    return body


def spent(world: World) -> object:
    return told(world, "/instances/usage")["usage_consumed_seconds"]


@pytest.mark.holds("B525")
@given(seconds=st.floats(0.0, 10_800.0))
def test_a_job_runs_and_costs_what_is_said_of_it_from_outside(seconds: float) -> None:
    world, job = submit_for(one_instance(plan="premium"), seconds)
    assert told(world, f"/jobs/{job}")["estimated_running_time_seconds"] == seconds
    world = give_outcome(world, job, Finished(result=b"{}"))
    if seconds > 0.01:
        assert told(move_on(world, seconds - 0.01), f"/jobs/{job}")["status"] == "Running"
    ended = move_on(world, seconds + 1e-3)
    assert told(ended, f"/jobs/{job}")["status"] == "Completed"
    assert spent(ended) == math.ceil(round(seconds, 6))


@pytest.mark.holds("B525")
def test_a_job_of_which_nobody_says_how_long_it_runs_takes_two_seconds() -> None:
    world, job = submit_for(one_instance(), None)
    assert told(world, f"/jobs/{job}")["estimated_running_time_seconds"] == 2.0


@pytest.mark.holds("B525")
def test_what_a_device_says_of_all_its_jobs_counts_more() -> None:
    world = one_instance(run_seconds=7)
    assert need_before(world, ask(world, "POST", "/jobs", sampler_job())) is None
    world, job = submit_for(world, 100.0)
    assert told(world, f"/jobs/{job}")["estimated_running_time_seconds"] == 7.0


@pytest.mark.holds("B525")
def test_who_submits_is_asked_how_long_the_job_runs_once_its_device_is_described() -> None:
    world = one_instance(devices=[device_from_row(BackendRow(name="ibm_x", num_qubits=2))])
    request = ask(world, "POST", "/jobs", sampler_job("ibm_x"))
    assert need_before(world, request) == DeviceBodies("ibm_x")
    assert need_before(give_device(world, "ibm_x", b'{"a":1}', b"{}"), request) == Submission(
        device="ibm_x", program="sampler", params=b'{"pubs":[],"version":2}', configuration=b'{"a":1}', properties=b"{}"
    )


@pytest.mark.holds("B525")
def test_a_job_for_an_older_calibration_is_asked_about_with_that() -> None:
    device = recalibrated(line_device("ibm_emu5", 5), at=1788256800.0, errors=2.0)
    world = one_instance(devices=[device])
    for calibration in device.calibrations:
        asked = need_before(world, ask(world, "POST", "/jobs", sampler_job(calibration_id=calibration.id)))
        assert isinstance(asked, Submission)
        assert asked.properties == calibration.properties


@pytest.mark.holds("B525")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/jobs", sampler_job("ibm_other")),
        ("POST", "/jobs", sampler_job(program_id="other")),
        ("POST", "/jobs", sampler_job(session_id="other")),
        ("POST", "/jobs", b"{"),
        ("POST", "/sessions", {"mode": "batch", "backend": "ibm_emu5"}),
        ("GET", "/jobs", None),
        ("POST", "/nowhere", None),
    ],
)
def test_nobody_is_asked_about_what_is_refused_or_is_no_job(method: str, path: str, body: object) -> None:
    world = one_instance()
    assert need_before(world, ask(world, method, path, body)) is None
    assert need_before(world, ask(world, "POST", "/jobs", sampler_job())) is not None


@pytest.mark.holds("B525")
def test_ready_worlds_say_of_no_job_how_long_it_runs() -> None:
    for world in (one_instance(), two_regions(), ibm_quantum()):
        assert {device.run_seconds for device in world.devices.values()} == {None}


@pytest.mark.holds("B525")
@pytest.mark.parametrize(("cost", "status", "charged"), [(5, "Cancelled - Ran too long", 5), (30, "Completed", 28)])
def test_a_job_ends_where_it_may_run_no_longer_and_is_charged_that(cost: int, status: str, charged: int) -> None:
    world, job = submit_for(one_instance(), 27.3, cost=cost)
    world = move_on(give_outcome(world, job, Finished(result=b"{}")), 40.0)
    assert told(world, f"/jobs/{job}")["status"] == status
    assert told(world, f"/jobs/{job}")["estimated_running_time_seconds"] == 27.3
    assert spent(world) == charged


@pytest.mark.holds("B525")
def test_a_batch_has_used_the_time_of_each_of_its_jobs() -> None:
    world, batch = open_session(one_instance())
    for seconds in (3.037418496, 5.1, 2.0):
        world, _ = submit_for(world, seconds, session_id=batch)
    assert told(move_on(world, 30.0), f"/sessions/{batch}")["elapsed_time"] == 4 + 6 + 2


# What failed


@pytest.mark.holds("B527")
@pytest.mark.parametrize(
    ("code", "charged"), [(9999, 0), (5203, 0), (8001, 0), (1003, 0), (1002, 4), (6000, 4), (7000, 4), (None, 4)]
)
def test_what_the_system_breaks_costs_nothing(code: int | None, charged: int) -> None:
    world, job = submit_for(one_instance(), 3.5)
    world = move_on(give_outcome(world, job, Crashed(reason="It broke.", code=code)), 10.0)
    for version in ("2026-04-15", "2024-01-01"):
        reply = handle(world, ask(world, "GET", f"/jobs/{job}/metrics", version=version))[1]
        assert isinstance(reply, Response)
        usage = read(reply)["usage"]
        assert usage.get("qpu_charge_time_seconds", usage.get("quantum_seconds")) == charged
    assert spent(world) == charged


@pytest.mark.holds("B527")
def test_what_is_cancelled_costs_what_it_ran() -> None:
    world, job = submit_for(one_instance(queue_seconds=5.0), 100.0)
    waiting, _ = act(move_on(world, 3.0), "POST", f"/jobs/{job}/cancel")
    assert spent(move_on(waiting, 300.0)) == 0
    running, _ = act(move_on(world, 9.5), "POST", f"/jobs/{job}/cancel")
    assert spent(move_on(running, 300.0)) == 5


# Dry runs


def with_stand_in() -> World:
    return one_instance(devices=[line_device("ibm_emu5", 5), line_device("mock_emu5", 5, mock=True)], plan="premium")


@pytest.mark.holds("B528")
def test_a_dry_run_tells_what_a_real_one_costs_and_costs_nothing() -> None:
    world, dry = submit_for(with_stand_in(), 27.3, "mock_emu5")
    ended = move_on(world, 30.0)
    assert told(ended, f"/jobs/{dry}/metrics")["usage"] == {"qpu_charge_time_seconds": 28, "status": "complete"}
    assert spent(ended) == 0
    ended, real = submit_for(ended, 27.3)
    assert spent(move_on(ended, 30.0)) == 28
    deleted, _ = act(ended, "DELETE", f"/jobs/{dry}")
    assert spent(deleted) == 0
    assert real != dry


@pytest.mark.holds("B528")
def test_a_dry_run_costs_its_batch_nothing() -> None:
    world, batch = open_session(with_stand_in())
    world, _ = submit_for(world, 9.0, "mock_emu5", session_id=batch)
    world, _ = submit_for(world, 3.0, session_id=batch)
    assert told(move_on(world, 30.0), f"/sessions/{batch}")["elapsed_time"] == 3


# What counts


@pytest.mark.holds("B529")
@given(
    runs=st.lists(st.tuples(st.integers(1, 500), st.integers(0, 20)), max_size=12),
    deleted=st.sets(st.integers(0, 11)),
    later=st.floats(0.0, 60.0),
)
@example(runs=[(30, 1)], deleted={0}, later=28.5)
def test_usage_is_what_ended_within_28_days(runs: list[tuple[int, int]], deleted: set[int], later: float) -> None:
    """Jobs that were deleted leave within the hour, and what leaves does not come back."""
    world = one_instance(plan="premium")
    ends: list[tuple[float, int, bool]] = []
    for place, (seconds, days) in enumerate(runs):
        world, job = submit_for(world, seconds)
        world = move_on(world, seconds)
        ends.append((world.now, seconds, place in deleted))
        if place in deleted:
            world, _ = act(world, "DELETE", f"/jobs/{job}")
        world = move_on(world, days * DAY)
    world = move_on(world, later * DAY)
    first = world.now - 28 * DAY
    least = sum(seconds for end, seconds, _ in ends if end > first)
    most = sum(seconds for end, seconds, gone in ends if end > first - (3600.0 if gone else 0.0))
    found = spent(world)
    assert isinstance(found, int)
    assert 0 <= least <= found <= most
    assert spent(move_on(world, 29 * DAY)) == 0


@pytest.mark.holds("B529")
def test_the_window_ends_now() -> None:
    body = told(one_instance(now=1788256800.0), "/instances/usage")
    assert body["usage_period"] == {"start_time": "2026-08-04T10:00:00.000Z", "end_time": "2026-09-01T10:00:00.000Z"}


@pytest.mark.holds("B529")
@pytest.mark.parametrize("plan", ["pay-as-you-go", "flex"])
def test_what_is_paid_by_use_counts_for_ever(plan: str) -> None:
    world, job = submit_for(one_instance(plan=plan), 9.0)
    world, _ = submit_for(world, 3.0)
    world, deleted = act(move_on(world, 60.0), "DELETE", f"/jobs/{job}")
    assert deleted.status == 204
    later = move_on(world, 400 * DAY)
    assert spent(later) == 12
    assert "usage_period" not in told(later, "/instances/usage")


@pytest.mark.holds("B529")
def test_what_was_spent_on_deleted_jobs_is_saved() -> None:
    world, job = submit_for(one_instance(), 9.0)
    world, _ = act(move_on(world, 60.0), "DELETE", f"/jobs/{job}")
    assert spent(decode_world(encode_world(world))) == 9


@pytest.mark.holds("B529", "B530")
def test_an_open_instance_may_go_on_when_what_it_spent_is_28_days_old() -> None:
    world = one_instance()
    world, _ = submit_for(world, 600.0)
    full = move_on(world, 601.0)
    body = told(full, "/instances/usage")
    assert (body["usage_limit_seconds"], body["usage_consumed_seconds"], body["usage_limit_reached"]) == (
        600,
        600,
        True,
    )
    assert act(full, "POST", "/jobs", sampler_job())[1].status == 409
    later = move_on(full, 28 * DAY)
    assert told(later, "/instances/usage")["usage_limit_reached"] is False
    assert act(later, "POST", "/jobs", sampler_job())[1].status == 200


@pytest.mark.holds("B530")
def test_the_open_plan_has_600_seconds_and_others_have_no_limit() -> None:
    assert told(one_instance(), "/instance")["instance_limit_seconds"] == "600"
    assert told(one_instance(limit=60.0), "/instance")["instance_limit_seconds"] == "60"
    for plan in ("premium", "pay-as-you-go", "flex"):
        assert "instance_limit" not in told(one_instance(plan=plan), "/instance")
    limits = [instance.limit for instance in two_regions().instances.values()]
    assert limits == [600.0, None]
    assert [instance.limit for instance in busy().instances.values()] == [36_000.0, None]


@pytest.mark.holds("B531")
@pytest.mark.parametrize(
    ("plan", "asked", "lives"),
    [("open", None, 600), ("open", 60, 60), ("open", 7200, 600), ("premium", None, 28800), ("premium", 7200, 7200)],
)
def test_batches_of_the_open_plan_live_ten_minutes(plan: str, asked: int | None, lives: int) -> None:
    fields = {} if asked is None else {"max_ttl": asked}
    world, batch = open_session(one_instance(plan=plan, run_seconds=1), **fields)
    world, _ = submit(world, session_id=batch)
    assert told(world, f"/sessions/{batch}")["max_ttl"] == lives
    assert told(move_on(world, lives - 1), f"/sessions/{batch}")["accepting_jobs"] is True
    assert told(move_on(world, lives + 1), f"/sessions/{batch}")["state"] == "closed"
    (told_plan,) = told(world, f"/accounts/{next(iter(world.keys.values()))}")["plans"]
    assert told_plan["max_ttl"] == (600 if plan == "open" else 28800)


# Resource units


@pytest.mark.holds("B532")
def test_without_a_rate_usage_is_told_in_seconds_alone() -> None:
    world, job = submit_for(one_instance(), 30.0)
    world = move_on(world, 60.0)
    for path in ("/instances/usage", "/instance", f"/jobs/{job}", f"/jobs/{job}/metrics", "/workloads"):
        text = act(world, "GET", path)[1].body
        assert b'_ru"' not in text
        assert b'"value"' not in text


@pytest.mark.holds("B532")
def test_with_a_rate_usage_is_told_in_both_from_the_version_on_that_has_it() -> None:
    world = msgspec.structs.replace(one_instance(limit=600.0), seconds_per_unit=1.25)
    world, job = submit_for(world, 29.5)
    world = move_on(world, 60.0)
    usage = {"qpu_charge_time_seconds": 30, "status": "complete", "value": 24.0}
    assert told(world, f"/jobs/{job}")["usage"] == told(world, f"/jobs/{job}/metrics")["usage"] == usage
    older = handle(world, ask(world, "GET", f"/jobs/{job}", version="2026-03-15"))[1]
    assert isinstance(older, Response)
    assert "value" not in read(older)["usage"]
    body = told(world, "/instances/usage")
    assert (body["usage_consumed_ru"], body["usage_limit_ru"]) == (24.0, 480.0)
    assert "usage_allocation_ru" not in body
    assert told(world, "/instance")["instance_limit_ru"] == 480.0
    (workload,) = told(world, "/workloads")["workloads"]
    assert workload["usage"]["value"] == 24.0
