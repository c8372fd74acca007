"""Sessions and batches: what time, their jobs and their users make of them."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.queues import DrawnQueue
from qiskit_runtime_service.emulator.session_life import active_seconds, closed_at, timeline
from qiskit_runtime_service.emulator.world import Finished, World, give_outcome, move_on, put_device
from qiskit_runtime_service.emulator.worlds import line_device, one_instance
from qiskit_runtime_service.testing import build_world, instance

from ..support.calls import act, ask, first_crn, open_session, read, respond, sampler_job, submit
from ..support.examples import examples

DONE = Finished(result=b"{}")


def premium(queue_seconds: float = 100.0, run_seconds: float = 5.0) -> World:
    return one_instance(plan="premium", queue_seconds=queue_seconds, run_seconds=run_seconds)


def read_session(world: World, session: str) -> Any:
    return read(act(world, "GET", f"/sessions/{session}")[1])


def state_of(world: World, session: str) -> tuple[str, bool]:
    fields = read_session(world, session)
    return fields["state"], fields["accepting_jobs"]


def status_of(world: World, job: str) -> str:
    return str(read(act(world, "GET", f"/jobs/{job}")[1])["state"]["status"])


@pytest.mark.holds("B130")
def test_a_session_is_open_then_active_then_inactive_then_active_again() -> None:
    world, session = open_session(premium(), mode="dedicated", interactive_ttl=10)
    world, _ = submit(world, session_id=session)
    states = [state_of(move_on(world, seconds), session)[0] for seconds in (0, 99, 100, 114, 115, 9999)]
    assert states == ["open", "open", "active", "active", "inactive", "inactive"]
    world, job = submit(move_on(world, 200), session_id=session)
    assert (state_of(world, session), status_of(world, job)) == (("inactive", True), "Queued")
    assert state_of(move_on(world, 100), session) == ("active", True)


@pytest.mark.holds("B130")
def test_a_job_that_comes_while_the_session_is_active_does_not_queue_again() -> None:
    world, session = open_session(premium())
    world, _ = submit(world, session_id=session)
    world, second = submit(move_on(world, 106), session_id=session)
    assert status_of(world, second) == "Running"
    _, alone = submit(world)
    assert status_of(submit(world)[0], alone) == "Queued"


@pytest.mark.holds("B130")
def test_a_job_that_comes_at_the_instant_at_which_its_session_is_inactive_queues_anew() -> None:
    world, session = open_session(premium(queue_seconds=20, run_seconds=10), interactive_ttl=15)
    world, _ = submit(world, session_id=session)
    assert state_of(move_on(world, 44), session) == ("active", True)
    world, job = submit(move_on(world, 45), session_id=session)
    assert (state_of(world, session), status_of(world, job)) == (("inactive", True), "Queued")
    world = move_on(world, 20)
    told = read_session(world, session)["timestamps"]
    assert [(each["status"], each["timestamp"][11:19]) for each in told] == [
        ("open", "10:00:00"),
        ("active", "10:00:20"),
        ("inactive", "10:00:45"),
        ("active", "10:01:05"),
    ]


@pytest.mark.holds("B130", "B135")
def test_the_time_of_a_dedicated_session_is_that_of_the_wall_and_of_a_batch_that_of_its_jobs() -> None:
    for mode, elapsed in (("dedicated", 5 + 60), ("batch", 5)):
        world, session = open_session(premium(), mode=mode)
        assert read_session(world, session)["elapsed_time"] is None
        world, _ = submit(world, session_id=session)
        assert read_session(move_on(world, 1000), session)["elapsed_time"] == elapsed


def test_a_session_tells_when_the_last_of_its_jobs_started_and_ended() -> None:
    world, session = open_session(premium(queue_seconds=10, run_seconds=5))
    for seconds in (0, 100, 100):
        world, _ = submit(move_on(world, seconds), session_id=session)
    told = [read_session(move_on(world, seconds), session) for seconds in (9, 10, 14, 15)]
    assert [(fields["last_job_started"], fields["last_job_completed"]) for fields in told] == [
        ("2026-09-01T10:01:50.000Z", "2026-09-01T10:01:55.000Z"),
        ("2026-09-01T10:03:30.000Z", "2026-09-01T10:01:55.000Z"),
        ("2026-09-01T10:03:30.000Z", "2026-09-01T10:01:55.000Z"),
        ("2026-09-01T10:03:30.000Z", "2026-09-01T10:03:35.000Z"),
    ]


@pytest.mark.holds("B132", "B133")
def test_a_session_that_takes_no_more_jobs_is_closed_once_it_is_drained() -> None:
    world, session = open_session(premium())
    world, job = submit(world, session_id=session)
    world, response = act(world, "PATCH", f"/sessions/{session}", {"accepting_jobs": False})
    assert (response.status, state_of(world, session)) == (204, ("open", False))
    assert act(world, "POST", "/jobs", sampler_job(session_id=session))[1].status == 400
    assert state_of(move_on(world, 102), session) == ("active", False)
    world = give_outcome(move_on(world, 105), job, DONE)
    fields = read_session(world, session)
    assert (fields["state"], fields["state_reason"]) == ("closed", "The session was closed.")
    assert fields["closed_at"] == fields["last_job_completed"]
    assert status_of(world, job) == "Completed"


@pytest.mark.holds("B132")
def test_an_empty_session_is_closed_as_soon_as_it_takes_no_more_jobs() -> None:
    world, session = open_session(premium())
    world, _ = act(world, "PATCH", f"/sessions/{session}", {"accepting_jobs": False})
    assert state_of(world, session) == ("closed", False)
    assert act(world, "PATCH", f"/sessions/{session}", {"accepting_jobs": False})[1].status == 204
    refused = act(world, "PATCH", f"/sessions/{session}", {"accepting_jobs": True})[1]
    assert read(refused)["errors"][0]["code"] == 4001


@pytest.mark.holds("B132")
def test_a_session_that_is_not_closed_may_take_jobs_again() -> None:
    world, session = open_session(premium())
    world, _ = submit(world, session_id=session)
    for accepting in (False, True):
        world, response = act(world, "PATCH", f"/sessions/{session}", {"accepting_jobs": accepting})
        assert response.status == 204
    assert state_of(world, session) == ("open", True)
    assert submit(world, session_id=session)


@pytest.mark.holds("B132")
def test_a_cancelled_session_drops_its_queue_and_lets_its_running_job_end() -> None:
    world, session = open_session(premium(queue_seconds=10, run_seconds=100), interactive_ttl=1)
    world, running = submit(world, session_id=session)
    world = move_on(world, 50)
    device = msgspec.structs.replace(world.devices["ibm_emu5"], state="paused")
    world, queued = submit(put_device(world, device), session_id=session)
    world, response = act(world, "DELETE", f"/sessions/{session}/close")
    assert (response.status, state_of(world, session)) == (204, ("closed", False))
    assert (status_of(world, running), status_of(world, queued)) == ("Running", "Cancelled")
    world = give_outcome(move_on(world, 1000), running, DONE)
    assert status_of(world, running) == "Completed"
    assert read_session(world, session)["state_reason"] == "The session was cancelled."
    assert act(world, "DELETE", f"/sessions/{session}/close")[1].status == 204


@pytest.mark.holds("B131", "B133")
def test_at_its_maximum_time_a_session_fails_what_is_queued_and_lets_run_what_runs() -> None:
    world, session = open_session(premium(queue_seconds=50, run_seconds=20), max_ttl=110, interactive_ttl=5)
    world, first = submit(world, session_id=session)
    world, late = submit(move_on(world, 120), session_id=session)
    assert (status_of(world, late), status_of(move_on(world, 39), late)) == ("Queued", "Queued")
    world = move_on(world, 40)
    assert state_of(world, session) == ("closed", False)
    assert read(act(world, "GET", f"/jobs/{late}")[1])["state"]["reason_code"] == 4001
    assert read(act(world, "GET", f"/jobs/{late}")[1])["usage"]["qpu_charge_time_seconds"] == 0
    assert read(act(world, "GET", f"/jobs/{late}/metrics")[1])["timestamps"]["running"] is None
    refused = act(world, "POST", "/jobs", sampler_job(session_id=session))[1]
    assert (refused.status, read(refused)["errors"][0]["code"]) == (400, 4001)
    assert status_of(give_outcome(world, first, DONE), first) == "Completed"


@pytest.mark.holds("B131")
def test_a_job_that_runs_at_the_maximum_time_goes_on() -> None:
    world, session = open_session(premium(queue_seconds=0, run_seconds=100), max_ttl=10)
    world, job = submit(world, session_id=session)
    world = move_on(world, 50)
    assert (state_of(world, session)[0], status_of(world, job)) == ("closed", "Running")


def test_cancelling_the_only_job_leaves_the_session_as_if_it_had_never_come() -> None:
    world, session = open_session(premium())
    before = read_session(world, session)
    world, job = submit(world, session_id=session)
    world, _ = act(world, "POST", f"/jobs/{job}/cancel")
    assert read_session(world, session) == before
    assert state_of(move_on(world, 100), session)[0] == "open"


def test_a_session_waits_while_its_device_is_paused() -> None:
    world, session = open_session(premium(queue_seconds=10))
    world, job = submit(world, session_id=session)
    device = world.devices["ibm_emu5"]
    world = put_device(world, msgspec.structs.replace(device, state="paused"))
    assert state_of(move_on(world, 10**6), session)[0] == "open"
    world = put_device(move_on(world, 500), device)
    assert status_of(move_on(world, 9), job) == "Queued"
    assert state_of(move_on(world, 10), session)[0] == "active"


def paused(world: World, name: str) -> World:
    return put_device(world, msgspec.structs.replace(world.devices[name], state="paused"))


def test_two_sessions_wait_while_their_device_is_paused_and_one_on_another_device_does_not() -> None:
    devices = [line_device(name, 5, queue_seconds=10, run_seconds=5) for name in ("ibm_a", "ibm_b")]
    world = one_instance(plan="premium", devices=devices)
    world, held = open_session(world, "ibm_a", mode="dedicated", interactive_ttl=15)
    world, batch = open_session(world, "ibm_a", mode="batch")
    world, elsewhere = open_session(world, "ibm_b", mode="dedicated", interactive_ttl=15)
    world, empty = open_session(world, "ibm_a")
    sessions = (held, batch, elsewhere)
    for backend, session in zip(("ibm_a", "ibm_a", "ibm_b"), sessions, strict=True):
        world, _ = submit(world, backend, session_id=session)
    world = paused(move_on(world, 2), "ibm_a")
    later = move_on(world, 500)
    assert [state_of(later, session) for session in sessions] == [("open", True), ("open", True), ("inactive", True)]
    resumed = put_device(later, devices[0])
    assert [state_of(move_on(resumed, 9), session)[0] for session in sessions] == ["open", "open", "inactive"]
    told = [read_session(move_on(resumed, 100), session) for session in sessions]
    assert [fields["activated_at"] for fields in told] == [
        "2026-09-01T10:08:32.000Z",
        "2026-09-01T10:08:32.000Z",
        "2026-09-01T10:00:10.000Z",
    ]
    assert [fields["elapsed_time"] for fields in told] == [20, 5, 20]
    assert state_of(move_on(resumed, 100), empty) == ("open", True)


@pytest.mark.holds("B130", "B195")
def test_after_a_pause_the_jobs_of_a_session_still_start_with_the_first_of_them() -> None:
    world = one_instance(plan="premium", queue=DrawnQueue(600), run_seconds=5)
    world, one = open_session(world, mode="dedicated", interactive_ttl=15)
    world, two = open_session(world, mode="dedicated", interactive_ttl=15)
    for session in (one, two, one, two, two):
        world, _ = submit(world, session_id=session)
    resumed = put_device(move_on(paused(world, "ibm_emu5"), 700), world.devices["ibm_emu5"])
    for session in (one, two):
        for later in (world, resumed):
            fields = read_session(move_on(later, 10**4), session)
            assert fields["elapsed_time"] == pytest.approx(20)
            assert [entry["status"] for entry in fields["timestamps"]] == ["open", "active", "inactive"]
            assert fields["activated_at"] == fields["last_job_started"]


@pytest.mark.holds("B195")
def test_after_a_pause_a_session_waits_for_the_time_of_the_first_job_that_is_still_queued() -> None:
    world = one_instance(plan="premium", queue=DrawnQueue(600), run_seconds=5)
    world, session = open_session(world)
    world, first = submit(world, session_id=session)
    world, second = submit(world, session_id=session)
    device = world.devices["ibm_emu5"]
    world = paused(world, "ibm_emu5")
    world, _ = act(world, "POST", f"/jobs/{first}/cancel")
    book = put_device(world, device).jobs[first_crn(world)]
    control, _ = submit(one_instance(plan="premium", queue=DrawnQueue(600), run_seconds=5))
    control, _ = submit(control)
    waits = [job.starts_at - job.created for job in control.jobs[first_crn(control)].values()]
    assert book[second].starts_at - book[second].created == waits[1] != waits[0]


def test_a_session_whose_dry_run_goes_on_during_a_pause_is_active_twice() -> None:
    devices = [line_device("ibm_a", 2, queue_seconds=100), line_device("mock_a", 2, queue_seconds=7, mock=True)]
    world, session = open_session(
        one_instance(plan="premium", devices=devices), "ibm_a", mode="dedicated", interactive_ttl=15
    )
    for backend in ("ibm_a", "mock_a"):
        world, _ = submit(world, backend, session_id=session)
    world = put_device(move_on(paused(world, "ibm_a"), 50), devices[0])
    fields = read_session(move_on(world, 1000), session)
    assert [(entry["status"], entry["timestamp"][14:19]) for entry in fields["timestamps"]] == [
        ("open", "00:00"),
        ("active", "01:40"),
        ("inactive", "01:57"),
        ("active", "02:30"),
        ("inactive", "02:47"),
    ]
    assert fields["elapsed_time"] == 34


def test_a_job_that_is_cancelled_as_it_starts_has_begun_its_session() -> None:
    world, session = open_session(premium(queue_seconds=100), mode="dedicated", interactive_ttl=10)
    world, job = submit(world, session_id=session)
    world, _ = act(move_on(world, 100), "POST", f"/jobs/{job}/cancel")
    assert state_of(world, session) == ("active", True)
    fields = read_session(move_on(world, 50), session)
    assert (fields["state"], fields["elapsed_time"]) == ("inactive", 10)


@pytest.mark.holds("B131", "B133")
def test_while_a_device_is_paused_the_time_of_a_session_that_has_begun_runs_and_that_of_another_does_not() -> None:
    world, begun = open_session(premium(queue_seconds=10, run_seconds=5), max_ttl=120, interactive_ttl=15)
    world, first = submit(world, session_id=begun)
    world, fresh = open_session(move_on(world, 20), max_ttl=120, interactive_ttl=15)
    device = world.devices["ibm_emu5"]
    world = paused(world, "ibm_emu5")
    late = {}
    for session in (begun, fresh):
        world, late[session] = submit(world, session_id=session)
    for seconds, status, states in ((60, "Running", ("active", "active")), (105, "Failed", ("closed", "active"))):
        resumed = move_on(put_device(move_on(world, seconds), device), 12)
        assert (status_of(resumed, late[begun]), status_of(resumed, late[fresh])) == (status, "Running")
        assert (state_of(resumed, begun)[0], state_of(resumed, fresh)[0]) == states
        assert status_of(give_outcome(resumed, first, DONE), first) == "Completed"


def test_a_pause_of_a_device_holds_the_queues_of_all_instances_that_have_it() -> None:
    shared = line_device("ibm_a", 5, queue_seconds=10)
    world = build_world(instance("one", devices=[shared]), instance("two", devices=[shared]))
    jobs = {}
    for crn in world.instances:
        world, created = respond(world, ask(world, "POST", "/jobs", sampler_job("ibm_a"), crn=crn))
        jobs[crn] = read(created)["id"]

    def statuses(world: World) -> list[str]:
        looks = [respond(world, ask(world, "GET", f"/jobs/{job}", crn=crn))[1] for crn, job in jobs.items()]
        return [read(look)["state"]["status"] for look in looks]

    world = move_on(paused(world, "ibm_a"), 1000)
    assert statuses(world) == ["Queued", "Queued"]
    world = put_device(world, shared)
    assert statuses(move_on(world, 9)) == ["Queued", "Queued"]
    assert statuses(move_on(world, 10)) == ["Running", "Running"]


@pytest.mark.holds("B132")
def test_what_is_done_to_a_session_is_not_done_to_another_on_the_same_paused_device() -> None:
    world, first = open_session(premium(queue_seconds=10))
    world, second = open_session(world)
    device = world.devices["ibm_emu5"]
    world = paused(world, "ibm_emu5")
    jobs = []
    for session in (first, second, first, second):
        world, job = submit(world, session_id=session)
        jobs.append(job)
    world, response = act(world, "DELETE", f"/sessions/{first}/close")
    assert response.status == 204
    assert [status_of(world, job) for job in jobs] == ["Cancelled", "Queued", "Cancelled", "Queued"]
    assert [state_of(world, session) for session in (first, second)] == [("closed", False), ("open", True)]
    world, _ = act(world, "PATCH", f"/sessions/{second}", {"accepting_jobs": False})
    assert state_of(move_on(world, 1000), second) == ("open", False)
    world = move_on(put_device(world, device), 10)
    assert [status_of(world, job) for job in jobs] == ["Cancelled", "Running", "Cancelled", "Running"]
    assert state_of(move_on(world, 5), second) == ("closed", False)


@pytest.mark.holds("B134")
def test_the_open_plan_has_batches_and_no_dedicated_sessions() -> None:
    world, _ = open_session(one_instance(), mode="batch")
    refused = act(world, "POST", "/sessions", {"mode": "dedicated", "backend": "ibm_emu5"})[1]
    assert (refused.status, read(refused)["errors"][0]["code"]) == (400, 1352)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"mode": "forever"}, 400),
        ({"max_ttl": 0}, 400),
        ({"max_ttl": "long"}, 400),
        ({"interactive_ttl": -1}, 400),
        ({"backend": "ibm_other"}, 404),
        ({"instance": "crn:v1:other"}, 403),
    ],
)
def test_a_session_that_cannot_be_is_refused(change: dict[str, object], status: int) -> None:
    world, response = act(premium(), "POST", "/sessions", {"mode": "batch", "backend": "ibm_emu5"} | change)
    assert (response.status, len(world.sessions)) == (status, 0)


@pytest.mark.holds("B434")
@pytest.mark.parametrize("named", [None, "hub1/group1/project1"])
def test_what_is_no_crn_does_not_name_another_instance(named: str | None) -> None:
    world, _ = open_session(premium(), instance=named)
    (session,) = world.sessions.values()
    assert session.crn == next(iter(world.instances))


def test_a_session_needs_a_device_that_its_instance_has_and_that_is_in_the_world() -> None:
    mine = instance("mine", plan="premium", devices=[line_device("ibm_mine", 5), line_device("ibm_left", 5)])
    world = build_world(mine, instance("other", plan="premium", devices=[line_device("ibm_foreign", 5)]))
    left = {name: device for name, device in world.devices.items() if name != "ibm_left"}
    world = msgspec.structs.replace(world, devices=left)
    for name, status in (("ibm_mine", 200), ("ibm_foreign", 404), ("ibm_left", 404)):
        assert act(world, "POST", "/sessions", {"mode": "batch", "backend": name})[1].status == status, name


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"[" * 100000])
def test_what_is_no_body_of_a_session_is_refused(body: bytes) -> None:
    world, session = open_session(premium())
    assert act(world, "POST", "/sessions", body)[1].status == 400
    assert act(world, "PATCH", f"/sessions/{session}", body)[1].status == 400


@pytest.mark.holds("B131")
def test_a_session_lives_at_most_eight_hours_and_takes_both_names_of_its_backend() -> None:
    body = {"mode": "batch", "backend_name": "ibm_emu5", "max_ttl": 10**6}
    fields = read(act(premium(), "POST", "/sessions", body)[1])
    assert (fields["max_ttl"], fields["backend_name"]) == (28800, "ibm_emu5")


@pytest.mark.holds("B133")
def test_a_session_has_one_backend_but_lets_dry_runs_pass() -> None:
    devices = (line_device("ibm_a", 2), line_device("ibm_b", 2), line_device("mock_a", 2, mock=True))
    world, session = open_session(one_instance(devices=devices), "ibm_a")
    assert act(world, "POST", "/jobs", sampler_job("ibm_b", session_id=session))[1].status == 400
    assert submit(world, "mock_a", session_id=session)


@pytest.mark.holds("B133")
def test_an_instance_does_not_see_the_sessions_of_another() -> None:
    world, session = open_session(premium())
    crn = first_crn(world)
    other = msgspec.structs.replace(world.instances[crn], crn=crn.replace("us-east", "eu-de"))
    world = msgspec.structs.replace(world, instances={**world.instances, other.crn: other})
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", "/close")):
        request = ask(world, method, f"/sessions/{session}{path}", {"accepting_jobs": False}, crn=other.crn)
        assert respond(world, request)[1].status == 404
    assert respond(world, ask(world, "POST", "/jobs", sampler_job(session_id=session), crn=other.crn))[1].status == 404


steps = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.sampled_from([10, 15, 20, 25, 30, 45]) | st.integers(0, 60)),
        st.tuples(st.just("submit"), st.just(0)),
        st.tuples(st.just("cancel job"), st.integers(0, 9)),
        st.tuples(st.sampled_from(["stop", "resume", "close", "pause", "online"]), st.just(0)),
    ),
    max_size=25,
)


def play(world: World, session: str, jobs: list[str], verb: str, argument: int) -> World:
    """Do one step of a history."""
    if verb == "submit":
        world, response = act(world, "POST", "/jobs", sampler_job(session_id=session))
        jobs += [read(response)["id"]] if response.status == 200 else []
        return world
    device = world.devices["ibm_emu5"]
    ways: dict[str, Callable[[], World]] = {
        "wait": lambda: move_on(world, argument),
        "cancel job": lambda: act(world, "POST", f"/jobs/{jobs[argument % len(jobs)]}/cancel")[0] if jobs else world,
        "stop": lambda: act(world, "PATCH", f"/sessions/{session}", {"accepting_jobs": False})[0],
        "resume": lambda: act(world, "PATCH", f"/sessions/{session}", {"accepting_jobs": True})[0],
        "close": lambda: act(world, "DELETE", f"/sessions/{session}/close")[0],
        "pause": lambda: put_device(world, msgspec.structs.replace(device, state="paused")),
        "online": lambda: put_device(world, msgspec.structs.replace(device, state="online")),
    }
    return ways[verb]()


@settings(max_examples=examples(150), deadline=None)
@given(steps)
@example([("submit", 0), ("wait", 45), ("submit", 0)])
def test_whatever_happens_the_past_of_a_session_stays_and_closed_is_its_end(history: list[tuple[str, int]]) -> None:
    world, session = open_session(premium(queue_seconds=20, run_seconds=10), max_ttl=120, interactive_ttl=15)
    jobs: list[str] = []
    past: list[tuple[str, float]] = []
    used = 0.0
    for verb, argument in history:
        world = play(world, session, jobs, verb, argument)
        held = world.sessions[session]
        states = timeline(held, world.now)
        assert states[: len(past)] == past
        assert [at for _, at in states] == sorted(at for _, at in states)
        assert active_seconds(held, world.now) >= used
        accepting = read_session(world, session)["accepting_jobs"]
        if states[-1][0] == "closed":
            assert not accepting
            assert closed_at(held) <= world.now
        past, used = list(states), active_seconds(held, world.now)
    world = move_on(put_device(world, msgspec.structs.replace(world.devices["ibm_emu5"], state="online")), 1000)
    assert all(job.ends_at <= world.now for job in world.jobs.get(first_crn(world), {}).values())


@pytest.mark.holds("B135")
def test_an_instance_is_charged_for_jobs_and_not_for_pauses() -> None:
    world, session = open_session(premium(), mode="dedicated")
    world, job = submit(world, session_id=session)
    world = give_outcome(move_on(world, 1000), job, DONE)
    assert read_session(world, session)["elapsed_time"] == 65
    assert read(act(world, "GET", "/instances/usage")[1])["usage_consumed_seconds"] == 5
