"""One job, from its submission to its end, and listings of many."""

import msgspec
import pytest

from qiskit_runtime_service.emulator.handle import needs
from qiskit_runtime_service.emulator.needs import DeviceBodies, JobTask, Need
from qiskit_runtime_service.emulator.world import Crashed, Finished, World, give_device, give_outcome, move_on
from qiskit_runtime_service.emulator.worlds import device_from_row, line_device, one_instance
from qiskit_runtime_service.records.backend import BackendRow
from qiskit_runtime_service.records.exchange import Response

from ..support.calls import act, ask, first_crn, open_session, read, respond, sampler_job, submit

DONE = Finished(result=b'{"answer":42}', logs="fine")


def status(world: World, job: str) -> str:
    return str(read(act(world, "GET", f"/jobs/{job}")[1])["state"]["status"])


def wanted(world: World, path: str, method: str = "GET") -> tuple[Need, ...]:
    return needs(world, ask(world, method, path))


def done_job(**fields: object) -> tuple[World, str]:
    world, job = submit(one_instance(), **fields)
    return give_outcome(move_on(world, 10), job, DONE), job


def test_time_alone_moves_a_job_from_queued_to_running_to_its_end() -> None:
    world, job = submit(one_instance(queue_seconds=60, run_seconds=5))
    world = give_outcome(world, job, DONE)
    assert [status(move_on(world, seconds), job) for seconds in (0, 59.9, 60, 64.9, 65, 9999)] == [
        "Queued",
        "Queued",
        "Running",
        "Running",
        "Completed",
        "Completed",
    ]


def test_an_outcome_is_wanted_only_when_a_job_is_looked_at_after_its_end() -> None:
    world, job = submit(one_instance(queue_seconds=60, run_seconds=5))
    paths = (f"/jobs/{job}", f"/jobs/{job}/results", f"/jobs/{job}/logs", f"/jobs/{job}/metrics", "/jobs")
    assert [wanted(world, path) for path in paths] == [()] * 5
    late = move_on(world, 65)
    for path in paths:
        (task,) = wanted(late, path)
        assert isinstance(task, JobTask)
        assert (task.id, task.device, task.program) == (job, "ibm_emu5", "sampler")
    others = ("/backends", "/instances/usage", "/jobs?limit=1&offset=1", "/jobs?tags=none")
    assert [wanted(late, path) for path in others] == [()] * 4
    assert wanted(late, f"/jobs/{job}/cancel", "POST") == ()
    assert status(late, job) == "Running"


def test_a_cancelled_job_and_one_that_ran_too_long_want_no_outcome() -> None:
    world, cancelled = submit(one_instance(queue_seconds=60))
    world, long = submit(world, cost=1)
    world, response = act(world, "POST", f"/jobs/{cancelled}/cancel")
    assert response.status == 204
    late = move_on(world, 1000)
    assert wanted(late, "/jobs") == ()
    assert (status(late, cancelled), status(late, long)) == ("Cancelled", "Cancelled")
    assert read(act(late, "GET", f"/jobs/{cancelled}")[1])["status"] == "Cancelled"


def test_the_device_is_described_before_a_job_on_it_is_run() -> None:
    world = one_instance(devices=(device_from_row(BackendRow(name="ibm_x", num_qubits=2)),))
    world, first = submit(world, "ibm_x")
    world, second = submit(world, "ibm_x")
    world = move_on(world, 10)
    assert wanted(world, "/jobs") == (DeviceBodies("ibm_x"),)
    tasks = wanted(give_device(world, "ibm_x", b'{"c":1}', b'{"p":2}'), "/jobs?sort=ASC")
    assert [(task.id, task.configuration) for task in tasks if isinstance(task, JobTask)] == [
        (first, b'{"c":1}'),
        (second, b'{"c":1}'),
    ]
    seeds = {task.seed for task in tasks if isinstance(task, JobTask)}
    assert len(seeds) == 2
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_the_first_outcome_that_is_given_stays() -> None:
    world, job = done_job()
    assert give_outcome(world, job, Crashed(reason="no")) == world
    assert give_outcome(world, "d404", DONE) == world


@pytest.mark.holds("B245")
def test_results_are_there_when_the_job_is_done_and_not_before() -> None:
    world, job = submit(one_instance(queue_seconds=60))
    assert act(world, "GET", f"/jobs/{job}/results")[1] == Response(status=204)
    assert act(world, "GET", f"/jobs/{job}/logs")[1].status == 404
    world = give_outcome(move_on(world, 100), job, DONE)
    for part, body in (("results", DONE.result), ("logs", b"fine")):
        response = act(world, "GET", f"/jobs/{job}/{part}")[1]
        assert (response.body, (response.header("content-type") or "").partition(";")[0]) == (body, "text/plain")


def test_a_failed_job_has_logs_but_no_result() -> None:
    world, job = submit(one_instance())
    world = give_outcome(move_on(world, 10), job, Crashed(reason="It broke.", logs="smoke"))
    assert act(world, "GET", f"/jobs/{job}/results")[1].status == 204
    assert act(world, "GET", f"/jobs/{job}/logs")[1].body == b"smoke"
    assert read(act(world, "GET", f"/jobs/{job}")[1])["state"] == {"status": "Failed", "reason": "It broke."}


def test_the_result_of_a_private_job_is_told_once_and_its_params_never() -> None:
    world, job = done_job(private=True)
    body = read(act(world, "GET", f"/jobs/{job}")[1])
    assert body["private"] is True
    assert "params" not in body
    world, first = act(world, "GET", f"/jobs/{job}/results")
    world, second = act(world, "GET", f"/jobs/{job}/results")
    assert (first.body, second.status) == (DONE.result, 204)


def test_params_are_told_as_they_came_even_with_numbers_that_only_python_has() -> None:
    body = b'{"program_id":"sampler","backend":"ibm_emu5","params":{"x":NaN,"y":[Infinity]}}'
    world, created = act(one_instance(), "POST", "/jobs", body)
    response = act(world, "GET", f"/jobs/{read(created)['id']}")[1]
    assert b'"params":{"x": NaN, "y": [Infinity]}' in response.body


@pytest.mark.parametrize(
    "change",
    [
        {"params": []},
        {"params": None},
        {"backend": None},
        {"program_id": 3},
        {"tags": ["t"] * 9},
        {"tags": ["t" * 87]},
        {"cost": -1},
        {"cost": "many"},
        {"log_level": "loud"},
        {"session_id": "s" * 37},
        {"calibration_id": "c" * 101},
        {"runtime": "no tag"},
        {"private": "yes"},
    ],
)
def test_a_malformed_submission_is_refused(change: dict[str, object]) -> None:
    world, response = act(one_instance(), "POST", "/jobs", sampler_job() | change)
    assert response.status == 400
    assert world.jobs_created == 0


NO_TEXT = b'{"program_id":"sampler","backend":"ibm_emu5","params":{"a":"\xff"}}'


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100000, NO_TEXT])
def test_what_is_no_submission_at_all_is_refused(body: bytes) -> None:
    assert act(one_instance(), "POST", "/jobs", body)[1].status == 400


@pytest.mark.parametrize("change", [{"backend": "ibm_other"}, {"program_id": "poem"}, {"session_id": "s" * 36}])
def test_an_unknown_backend_program_or_session_is_not_found(change: dict[str, object]) -> None:
    assert act(one_instance(), "POST", "/jobs", sampler_job() | change)[1].status == 404


def test_every_documented_field_of_a_submission_is_taken() -> None:
    fields: dict[str, object] = {
        "tags": ["t" * 86] * 8,
        "cost": 99999,
        "log_level": "WARNING",
        "private": True,
        "session_id": "",
        "calibration_id": "c" * 100,
        "runtime": "registry/image-name:v1.2",
    }
    world, fields["session_id"] = open_session(one_instance())
    world, response = act(world, "POST", "/jobs", sampler_job(**fields))
    assert read(response).keys() == {"id", "backend", "session_id", "private", "calibration_id"}
    body = read(act(world, "GET", f"/jobs/{read(response)['id']}")[1])
    assert body["cost"] == 10800
    assert body["runtime"] == "registry/image-name:v1.2"


def test_no_job_is_taken_once_the_limit_is_reached() -> None:
    world, _ = submit(one_instance(run_seconds=3, limit=4))
    world, job = submit(world)
    assert read(act(world, "GET", "/instances/usage")[1])["usage_limit_reached"] is False
    world = move_on(world, 3)
    usage = read(act(world, "GET", "/instances/usage")[1])
    assert (usage["usage_consumed_seconds"], usage["usage_limit_reached"]) == (6, True)
    assert act(world, "POST", "/jobs", sampler_job())[1].status == 409
    world, _ = act(world, "DELETE", f"/jobs/{job}")
    assert read(act(world, "GET", "/instances/usage")[1])["usage_consumed_seconds"] == 6


def test_without_a_limit_nothing_is_said_of_reaching_it() -> None:
    assert "usage_limit_reached" not in read(act(one_instance(plan="premium"), "GET", "/instances/usage")[1])


def test_a_job_is_cancelled_while_it_lives_and_deleted_unless_it_runs() -> None:
    world, job = submit(one_instance(queue_seconds=60, run_seconds=5))
    world = move_on(world, 62)
    _, refused = act(world, "DELETE", f"/jobs/{job}")
    assert (refused.status, read(refused)["errors"][0]["message"]) == (400, "The job is running.")
    world, response = act(world, "POST", f"/jobs/{job}/cancel")
    assert response.status == 204
    assert read(act(world, "GET", f"/jobs/{job}")[1])["usage"] == {"qpu_charge_time_seconds": 2, "status": "complete"}
    assert act(world, "POST", f"/jobs/{job}/cancel")[1].status == 409
    world, response = act(world, "DELETE", f"/jobs/{job}")
    assert response.status == 204
    for method, part in (("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/results"), ("GET", "/logs")):
        assert act(world, method, f"/jobs/{job}{part}")[1].status == 404


@pytest.mark.holds("B275")
@pytest.mark.parametrize(("waited", "status"), [(0.0, 204), (59.9, 204), (60.0, 400), (64.9, 400), (65.0, 204)])
def test_a_job_is_deleted_before_and_after_it_runs(waited: float, status: int) -> None:
    world, other = submit(one_instance(queue_seconds=60, run_seconds=5))
    world, job = submit(world)
    world, response = act(move_on(world, waited), "DELETE", f"/jobs/{job}")
    assert response.status == status
    gone = status == 204
    assert act(world, "GET", f"/jobs/{job}")[1].status == (404 if gone else 200)
    assert act(world, "GET", f"/jobs/{other}")[1].status == 200
    # What waited has cost nothing, and what ran has cost what it took.
    world = move_on(world, 100)
    spent = read(act(world, "GET", "/instances/usage")[1])["usage_consumed_seconds"]
    assert spent == (5 if waited < 60 else 10)


@pytest.mark.holds("B275")
def test_a_session_goes_on_without_a_job_that_was_deleted() -> None:
    world, session = open_session(one_instance(queue_seconds=10, run_seconds=5))
    world, first = submit(world, session_id=session)
    world, second = submit(world, session_id=session)
    world, response = act(world, "DELETE", f"/jobs/{first}")
    assert response.status == 204
    world = move_on(world, 12)
    assert read(act(world, "GET", f"/jobs/{second}")[1])["state"]["status"] == "Running"
    assert read(act(world, "GET", f"/sessions/{session}")[1])["state"] == "active"


def test_tags_are_replaced_and_found() -> None:
    world, job = submit(one_instance(), tags=["demo"])
    world, response = act(world, "PUT", f"/jobs/{job}/tags", {"tags": ["week-36", "week-37"]})
    assert response.status == 204
    assert read(act(world, "GET", f"/jobs/{job}")[1])["tags"] == ["week-36", "week-37"]
    assert read(act(world, "GET", "/tags?type=job&search=week")[1]) == {"tags": ["week-36", "week-37"]}
    assert read(act(world, "GET", "/tags?type=job&search=demo")[1]) == {"tags": []}
    for query in ("?type=job&search=we", "?search=week", "?type=job"):
        assert act(world, "GET", f"/tags{query}")[1].status == 400
    for body in ({"tags": ["t"] * 9}, {"tags": "t"}, {}, None):
        assert act(world, "PUT", f"/jobs/{job}/tags", body)[1].status == 400
    assert act(world, "PUT", "/jobs/d404/tags", {"tags": []})[1].status == 404


@pytest.mark.holds("B138")
@pytest.mark.parametrize(
    ("version", "root", "usage"),
    [
        ("2026-04-15", {"circuits_execution_time_ns"}, {"qpu_charge_time_seconds", "status"}),
        ("2030-01-01", {"circuits_execution_time_ns"}, {"qpu_charge_time_seconds", "status"}),
        ("2026-03-15", set[str](), {"qpu_charge_time_seconds", "status", "circuits_execution_time_ns"}),
        ("2026-02-15", {"bss"}, {"quantum_seconds", "seconds"}),
        ("2026-02-01", {"bss"}, {"quantum_seconds", "seconds"}),
        ("2025-06-01", {"bss"}, {"quantum_seconds", "seconds"}),
        ("2025-05-01", {"bss"}, {"quantum_seconds", "seconds"}),
        ("2025-01-01", {"bss"}, {"quantum_seconds", "seconds"}),
        ("2024-01-01", {"bss"}, {"quantum_seconds", "seconds"}),
        ("2023-12-31", {"bss"}, {"quantum_seconds", "seconds"}),
        ("garbage", {"bss"}, {"quantum_seconds", "seconds"}),
    ],
)
def test_the_layout_of_metrics_follows_the_version(version: str, root: set[str], usage: set[str]) -> None:
    world, job = done_job()
    body = read(respond(world, ask(world, "GET", f"/jobs/{job}/metrics", version=version))[1])
    assert body.keys() - {"timestamps", "usage"} == root
    assert body["usage"].keys() == usage


def test_metrics_date_only_what_happened() -> None:
    world, job = submit(one_instance(queue_seconds=60, run_seconds=5))
    dated = {"created": "2026-09-01T10:00:00.000000Z", "running": None, "finished": None}
    assert read(act(world, "GET", f"/jobs/{job}/metrics")[1])["timestamps"] == dated
    body = read(act(move_on(world, 61), "GET", f"/jobs/{job}/metrics")[1])
    assert body["timestamps"] == dated | {"running": "2026-09-01T10:01:00.000000Z"}
    assert body["usage"] == {"qpu_charge_time_seconds": 0, "status": "pending"}
    assert act(world, "GET", "/jobs/d404/metrics")[1].status == 404


def listing() -> tuple[World, list[str]]:
    """Return a world with four jobs, ten seconds apart, the first two of them final."""
    world = one_instance(
        devices=(
            line_device("ibm_a", 2),
            line_device("ibm_b", 2, queue_seconds=1000),
            line_device("mock_a", 2, mock=True),
        )
    )
    world, session = open_session(world, "ibm_b")
    jobs = []
    for backend, fields in (
        ("ibm_a", {"tags": ["x", "y"]}),
        ("ibm_a", {"tags": ["x"], "program_id": "estimator"}),
        ("ibm_b", {"session_id": session}),
        ("ibm_b", {}),
    ):
        world, job = submit(world, backend, **fields)
        jobs.append(job)
        world = move_on(world, 10)
    world, _ = submit(world, "mock_a")
    return world, jobs


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [4, 3, 2, 1]),
        ("?sort=DESC", [4, 3, 2, 1]),
        ("?sort=ASC", [1, 2, 3, 4]),
        ("?limit=2", [4, 3]),
        ("?limit=2&offset=3", [1]),
        ("?offset=9", []),
        ("?limit=0&offset=-1", [4, 3, 2, 1]),
        ("?limit=201&offset=x", [4, 3, 2, 1]),
        ("?backend=ibm_a", [2, 1]),
        ("?pending=true", [4, 3]),
        ("?pending=False", [2, 1]),
        ("?program=estimator", [2]),
        ("?tags=x", [2, 1]),
        ("?tags=x&tags=y", [1]),
        ("?session_id=s1", [3]),
        ("?created_after=2026-09-01T10:00:20Z", [4, 3]),
        ("?created_before=2026-09-01T10:00:10%2B00:00", [2, 1]),
        ("?created_after=2026-09-01T12:00:10%2B02:00&created_before=2026-09-01T10:00:20", [3, 2]),
        ("?include_mocks=True", [5, 4, 3, 2, 1]),
    ],
)
def test_a_listing_keeps_what_was_asked_for(query: str, numbers: list[int]) -> None:
    world, _ = listing()
    (session,) = world.sessions
    body = read(act(world, "GET", f"/jobs{query.replace('s1', session)}")[1])
    assert [int(job["id"][-12:]) for job in body["jobs"]] == numbers


def test_a_listing_counts_all_that_match_and_repeats_its_limits() -> None:
    world, _ = listing()
    body = read(act(world, "GET", "/jobs?limit=1&offset=1&backend=ibm_b")[1])
    assert (body["count"], body["limit"], body["offset"], len(body["jobs"])) == (2, 1, 1, 1)
    assert read(act(world, "GET", "/jobs?limit=1000")[1])["limit"] == 200


def test_a_listing_tells_params_only_when_asked() -> None:
    world, _ = submit(one_instance())
    assert "params" not in read(act(world, "GET", "/jobs")[1])["jobs"][0]
    assert "params" in read(act(world, "GET", "/jobs?exclude_params=false")[1])["jobs"][0]


def test_a_date_that_is_none_is_refused() -> None:
    assert act(one_instance(), "GET", "/jobs?created_after=yesterday")[1].status == 400


def test_a_job_is_found_again_by_the_date_it_is_told_with() -> None:
    world, job = submit(msgspec.structs.replace(one_instance(), now=1788256800.1234567))
    created = read(act(world, "GET", f"/jobs/{job}")[1])["created"]
    for key in ("created_after", "created_before"):
        assert read(act(world, "GET", f"/jobs?{key}={created}")[1])["count"] == 1


def test_an_instance_does_not_see_the_jobs_of_another() -> None:
    world, job = submit(one_instance())
    crn = first_crn(world)
    other = msgspec.structs.replace(world.instances[crn], crn=crn.replace("us-east", "eu-de"))
    world = msgspec.structs.replace(world, instances={**world.instances, other.crn: other})
    assert respond(world, ask(world, "GET", f"/jobs/{job}", crn=other.crn))[1].status == 404
    assert read(respond(world, ask(world, "GET", "/jobs", crn=other.crn))[1])["count"] == 0
