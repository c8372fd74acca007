"""Until when somebody waits who is told of something that is still to come."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.faults import Fault, Lost, Status, too_many_requests
from qiskit_runtime_service.emulator.handle import handle, waits_until
from qiskit_runtime_service.emulator.history import NO_RESULTS
from qiskit_runtime_service.emulator.world import World, give_outcome, leap_to, move_on, put_device
from qiskit_runtime_service.emulator.worlds import START, one_instance

from ..support.calls import act, ask, first_crn, open_session, read, respond, submit, token_request

ENDS = ("", "/results", "/logs", "/metrics")


def until(world: World, path: str, method: str = "GET") -> float | None:
    """Return until when somebody waits who asks for that."""
    request = ask(world, method, path)
    return waits_until(world, request, handle(world, request)[1])


def with_job(queue: float, run: float) -> tuple[World, str]:
    world, job = submit(one_instance(queue_seconds=queue, run_seconds=run))
    return give_outcome(world, job, NO_RESULTS), job


def told(world: World, job: str) -> object:
    return read(act(world, "GET", f"/jobs/{job}")[1])


@pytest.mark.holds("B448")
@given(
    queue=st.integers(1, 10**6),
    run=st.integers(1, 10**4),
    end=st.sampled_from(ENDS),
    part=st.floats(0.0, 0.999),
)
def test_until_then_the_same_is_told_and_in_the_end_nothing_is_waited_for(
    queue: int, run: int, end: str, part: float
) -> None:
    world, job = with_job(queue, run)
    path = f"/jobs/{job}{end}"
    steps = []
    while (step := until(world, path)) is not None:
        between = move_on(world, part * (step - world.now))
        assert act(between, "GET", path)[1].status == act(world, "GET", path)[1].status
        assert told(between, job) == told(world, job)
        steps.append(step)
        world = leap_to(world, step)
    assert steps == [START + queue, START + queue + run]
    assert read(act(world, "GET", f"/jobs/{job}")[1])["status"] == "Completed"


@pytest.mark.holds("B448")
def test_listings_wait_for_the_next_of_all_jobs() -> None:
    world = one_instance(queue_seconds=50.0, run_seconds=7.0)
    assert [until(world, path) for path in ("/jobs", "/workloads", "/instances/usage")] == [None, None, None]
    world, _ = submit(world)
    world, _ = submit(move_on(world, 10.0))
    for path in ("/jobs", "/workloads", "/instances/usage"):
        assert until(world, path) == START + 50.0
        assert until(move_on(world, 41.0), path) == START + 57.0
        assert until(move_on(world, 52.0), path) == START + 67.0
        assert until(move_on(world, 57.0), path) is None


@pytest.mark.holds("B448")
def test_a_session_is_waited_for_until_it_is_active_and_while_it_closes() -> None:
    world, session = open_session(one_instance(queue_seconds=50.0, run_seconds=7.0))
    path = f"/sessions/{session}"
    assert until(world, path) is None
    world, _ = submit(world, session_id=session)
    assert until(world, path) == START + 50.0
    active = leap_to(world, START + 51.0)
    assert until(active, path) is None  # Nobody's looks let a session run out.
    closing, _ = act(active, "PATCH", path, {"accepting_jobs": False})
    assert until(closing, path) == START + 57.0
    assert read(act(leap_to(closing, START + 57.0), "GET", path)[1])["state"] == "closed"


@pytest.mark.holds("B448")
def test_nobody_waits_for_what_no_time_changes() -> None:
    world, job = with_job(50.0, 7.0)
    paths = ("/backends", "/backends/ibm_emu5/status", "/versions", "/jobs/none", "/tags?type=job&search=abc")
    assert [until(world, path) for path in paths] == [None] * len(paths)
    assert until(world, f"/jobs/{job}/cancel", "POST") is None
    cancelled, _ = act(world, "POST", f"/jobs/{job}/cancel")
    assert until(cancelled, f"/jobs/{job}") is None
    device = world.devices["ibm_emu5"]
    paused = put_device(world, msgspec.structs.replace(device, state="paused"))
    assert until(paused, f"/jobs/{job}") is None


@pytest.mark.holds("B448")
def test_a_refusal_that_names_its_time_is_waited_for() -> None:
    world, job = with_job(50.0, 7.0)

    def struck(fault: Fault) -> float | None:
        return until(msgspec.structs.replace(world, faults=(fault,)), f"/jobs/{job}")

    assert struck(Fault(effect=too_many_requests(30))) == START + 30.0
    assert struck(Fault(effect=Status(code=503))) is None
    assert struck(Fault(effect=Lost(acted=False))) is None
    assert struck(Fault(effect=Status(code=503, headers=(("Retry-After", "soon"),)))) is None


@pytest.mark.holds("B448")
@given(leaps=st.lists(st.floats(0.0, 1e6), max_size=4), lived=st.floats(0.0, 7200.0))
def test_tokens_age_by_the_time_that_goes_by_for_everybody(leaps: list[float], lived: float) -> None:
    world, response = respond(one_instance(), token_request())
    bearer = ("Authorization", f"Bearer {read(response)['access_token']}")
    asked = ask(world, "GET", "/backends")
    request = msgspec.structs.replace(asked, headers=(bearer, *asked.headers[1:]))
    world = leap_to(move_on(world, lived), -math.inf)
    for leap in leaps:
        world = leap_to(world, world.now + leap)
    lapsed = lived >= 3600.0
    if abs(lived - 3600.0) > 1e-3:
        assert (respond(world, request)[1].status == 401) == lapsed
    assert first_crn(world)
