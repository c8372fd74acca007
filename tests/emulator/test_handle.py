"""Laws of the one function that is the cloud."""

import json

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.faults import Effect, Fault, Lost, Revoke, Spoiled, Status, Truncate, Unreachable
from qiskit_runtime_service.emulator.handle import handle, needs
from qiskit_runtime_service.emulator.needs import DeviceBodies, Need
from qiskit_runtime_service.emulator.saving import open_book
from qiskit_runtime_service.emulator.world import Crashed, Finished, World, give_device, give_outcome, move_on
from qiskit_runtime_service.emulator.worlds import API_KEY, device_from_row, line_device, one_instance
from qiskit_runtime_service.records.backend import BackendRow
from qiskit_runtime_service.records.exchange import Request, Response

from ..support.calls import act, ask, first_crn, read, sampler_job, submit
from ..support.examples import examples

ENDS = {"Completed", "Failed", "Cancelled"}


def lived_in() -> World:
    """Return a world in which something has happened already."""
    row = BackendRow(name="ibm_row", num_qubits=2)
    world = one_instance(
        devices=(
            line_device("ibm_emu5", 2, queue_seconds=10),
            device_from_row(row),
            line_device("mock_x", 1, mock=True),
        )
    )
    for backend in ("ibm_emu5", "ibm_row", "mock_x"):
        world, _ = submit(world, backend, tags=["demo"])
    world, opened = act(world, "POST", "/sessions", {"mode": "batch", "backend": "ibm_emu5"})
    world, _ = submit(world, "ibm_emu5", session_id=read(opened)["id"])
    world = give_outcome(move_on(world, 5), "d404", Finished(result=b"{}"))
    return msgspec.structs.replace(world, plans={**world.plans, "plan-1": next(iter(world.plans.values()))})


WORLD = lived_in()
JOBS = [job for held in WORLD.jobs.values() for job in held]
SESSIONS = list(WORLD.sessions)

anything = st.text(max_size=20) | st.characters()
names = (
    st.sampled_from([*JOBS, *SESSIONS, "ibm_emu5", "ibm_row", "mock_x", "", "jobs", "%2F", "a%ED%A0%80b", "é"])
    | anything
)
ends = st.sampled_from(
    [
        "identity/token",
        "v3/resources/search",
        "v2/resource_instances",
        "v2/resource_instances/{}",
        "plan-1",
        "backends",
        "backends/{}/configuration",
        "backends/{}/properties",
        "backends/{}/status",
        "jobs",
        "jobs/{}",
        "jobs/{}/results",
        "jobs/{}/logs",
        "jobs/{}/metrics",
        "jobs/{}/cancel",
        "jobs/{}/tags",
        "instances/usage",
        "instance",
        "instances/configuration",
        "backends/{}/defaults",
        "sessions",
        "sessions/{}",
        "sessions/{}/close",
        "accounts/{}",
        "analytics/filters",
        "analytics/usage",
        "analytics/usage_grouped",
        "analytics/usage_grouped_by_date",
        "workloads",
        "tags",
        "versions",
        "{}",
    ]
)
paging = ["limit", "offset", "sort"]
filters = ["backend", "pending", "tags", "created_after", "created_before", "program", "session_id", "search", "type"]
workload_keys = ["status", "mode", "user", "next", "previous"]
switches = ["include_mocks", "exclude_params", "fields", "updated_before", "calibration_id"]
analytics_keys = ["group_by", "instance", "interval_start", "interval_end", "plan", "simulators"]
keys = st.sampled_from([*paging, *filters, *switches, *workload_keys, *analytics_keys])
values = anything | st.sampled_from(
    [
        "true",
        "True",
        "0",
        "-1",
        "201",
        "9" * 5000,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
        "job",
        "demo",
        "batch",
        "instance",
        "me",
        "d29ya2xvYWQtMQ==",
    ]
)
bases = anything | st.sampled_from(["", "/", "https://quantum.cloud.ibm.com/api/v1/", "http://[::1/x/", "//", "x://"])
bodies = st.one_of(
    st.binary(max_size=50),
    st.sampled_from(
        [
            msgspec.json.encode(sampler_job(cost=1)),
            b"[" * 5000,
            b"NaN",
            b'{"params":{"\\ud800":NaN},"program_id":"sampler","backend":"ibm_emu5","tags":["\\ud800"]}',
            b'{"params":{"a":1e999},"program_id":"sampler","backend":"ibm_row"}',
            b'{"tags":["a"]}',
            b'{"mode":"batch","backend":"ibm_emu5","max_ttl":5}',
            b'{"accepting_jobs":false}',
            b'{"instance_limit":600}',
            b'{"query":"","search_cursor":"Y3Vyc29yLTE="}',
            f"grant_type=urn:ibm:params:oauth:grant-type:apikey&apikey={API_KEY}".encode(),
        ]
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["params", "tags", "program_id", "backend", "cost", "fields"]), inner)
        ),
        max_leaves=6,
    ).map(lambda value: json.dumps(value).encode()),
)
methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "get", ""]) | anything
headers = st.lists(st.tuples(anything, anything), max_size=2).map(tuple)
good_headers = (("AUTHORIZATION", f"apikey {API_KEY}"), ("service-crn", first_crn(WORLD)))


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Draw anything from a fair question to noise; most get past the door."""
    path = draw(ends).replace("{}", draw(names))
    query = "&".join(f"{key}={value}" for key, value in draw(st.lists(st.tuples(keys, values), max_size=4)))
    known = draw(st.sampled_from([good_headers, good_headers, good_headers, good_headers[:1], ()]))
    version = draw(st.sampled_from([(), (("IBM-API-Version", "2026-04-15"),)]))
    return Request(
        method=draw(methods),
        url=f"{draw(bases)}{path}?{query}",
        headers=(*known, *version, *draw(headers)),
        body=draw(bodies),
    )


def supply(world: World, need: Need, outcome: Finished | Crashed) -> World:
    if isinstance(need, DeviceBodies):
        return give_device(world, need.name, b"{}", b"{}")
    return give_outcome(world, need.id, outcome)


def answer_fully(world: World, request: Request) -> tuple[World, Response]:
    """Give what is needed, then answer."""
    while wanted := needs(world, request):
        for number, need in enumerate(wanted):
            outcome = Finished(result=b"{}") if number % 2 else Crashed(reason="so it goes")
            world = supply(world, need, outcome)
    world, reply = handle(world, request)
    assert isinstance(reply, Response)
    return world, reply


@settings(max_examples=examples(400), deadline=None)
@given(requests(), st.sampled_from([0.0, 6.0, 100.0, 10**6]))
@example(Request(method="GET", url=""), 0.0)
@example(Request(method="\ud800", url="\ud800", headers=(("\ud800", "\ud800"),)), 0.0)
def test_every_request_gets_a_well_formed_answer(request: Request, seconds: float) -> None:
    _, response = answer_fully(move_on(WORLD, seconds), request)
    assert 200 <= response.status < 500
    content_type = (response.header("Content-Type") or "").partition(";")[0]
    if request.method == "HEAD":
        assert response.body == b""
    elif content_type == "application/json":
        json.loads(response.body.decode())
    else:
        assert content_type == "text/plain" or response.body == b""
    assert (response.status == 204) == (content_type == "")


@settings(deadline=None)
@given(requests(), requests())
def test_the_same_question_to_the_same_world_has_the_same_answer(first: Request, second: Request) -> None:
    before = msgspec.json.encode(snapshot(WORLD))
    once = handle(WORLD, first)
    handle(WORLD, second)
    assert handle(WORLD, first) == once
    assert msgspec.json.encode(snapshot(WORLD)) == before


def snapshot(world: World) -> dict[str, object]:
    """Return all of a world as plain values that can be compared later."""
    built = msgspec.to_builtins(world, enc_hook=open_book)
    assert isinstance(built, dict)
    return built


@settings(deadline=None)
@given(requests())
def test_with_an_unlucky_world_every_answer_is_one_of_four(request: Request) -> None:
    effects: tuple[Effect, ...] = (
        Status(code=503, body=b"<html>"),
        Lost(acted=True),
        Unreachable(),
        Revoke(),
        Truncate(),
    )
    faults = tuple(Fault(effect=effect, after=number) for number, effect in enumerate(effects))
    world = msgspec.structs.replace(WORLD, faults=faults)
    for _ in effects:
        world, reply = handle(world, request)
        assert isinstance(reply, Response | Spoiled | Lost | Unreachable)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.sampled_from(["ibm_emu5", "ibm_row"])),
        st.tuples(st.just("wait"), st.floats(0, 20)),
        st.tuples(st.sampled_from(["cancel", "delete", "look"]), st.integers(0, 20)),
    ),
    max_size=30,
)


@settings(max_examples=examples(60), deadline=None)
@given(steps, st.integers(1, 7), st.sampled_from(["", "&pending=true", "&pending=false", "&backend=ibm_row"]))
def test_whatever_happens_no_job_is_lost_and_no_end_is_taken_back(
    history: list[tuple[str, str | float | int]], limit: int, query: str
) -> None:
    world = move_on(WORLD, 0)
    alive = [job for job in JOBS if WORLD.jobs[first_crn(WORLD)][job].device != "mock_x"]
    ended: dict[str, str] = {}
    for verb, argument in history:
        world = play(world, verb, argument, alive)
        world, response = answer_fully(world, ask(world, "GET", "/jobs"))
        states = {job["id"]: job["state"]["status"] for job in read(response)["jobs"]}
        assert states.keys() == set(alive)
        assert {job: states[job] for job in ended.keys() & states.keys()} == {
            job: state for job, state in ended.items() if job in states
        }
        ended |= {job: state for job, state in states.items() if state in ENDS}
    assert_pages_add_up(world, limit, query)


def play(world: World, verb: str, argument: str | float | int, alive: list[str]) -> World:
    """Do one step, and keep the list of jobs that must be there."""
    if verb == "submit":
        world, job = submit(world, str(argument))
        alive.append(job)
        return world
    if verb == "wait":
        return move_on(world, float(argument))
    job = alive[int(argument) % len(alive)] if alive else "d404"
    method, path = {"cancel": ("POST", f"/jobs/{job}/cancel"), "delete": ("DELETE", f"/jobs/{job}")}.get(
        verb, ("GET", f"/jobs/{job}/results")
    )
    world, response = answer_fully(world, ask(world, method, path))
    if verb == "delete" and response.status == 204:
        alive.remove(job)
    return world


def assert_pages_add_up(world: World, limit: int, query: str) -> None:
    """Check that pages hold as many jobs as they count, each once."""
    found: list[str] = []
    for _ in range(100):
        world, response = answer_fully(world, ask(world, "GET", f"/jobs?limit={limit}&offset={len(found)}{query}"))
        page = read(response)
        if not page["jobs"]:
            break
        found += [job["id"] for job in page["jobs"]]
    assert page["count"] == len(found) == len(set(found))
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize(
    "url",
    [
        "/backends",
        "/api/v1/backends",
        "http://quantum.emu.test/api/v1/backends?x=1",
        "http://127.0.0.1:1/experimental/api/v1/backends#part",
        "backends",
    ],
)
def test_any_prefix_and_both_forms_of_target_lead_to_the_same_place(url: str) -> None:
    request = msgspec.structs.replace(ask(WORLD, "GET", "/"), url=url)
    assert handle(WORLD, request) == handle(WORLD, ask(WORLD, "GET", "/backends"))


def test_a_wrong_method_is_told_the_right_ones() -> None:
    _, response = act(WORLD, "PATCH", "/jobs")
    assert (response.status, response.header("allow")) == (405, "GET, POST, HEAD, OPTIONS")


@pytest.mark.holds("B342")
@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/jobs", "GET, POST, HEAD, OPTIONS"),
        ("/jobs/d1/cancel", "POST, OPTIONS"),
        ("/sessions/s1", "GET, PATCH, HEAD, OPTIONS"),
        ("/versions", "GET, HEAD, OPTIONS"),
    ],
)
def test_anybody_may_ask_which_methods_a_path_takes(path: str, methods: str) -> None:
    request = msgspec.structs.replace(ask(WORLD, "OPTIONS", path), headers=())
    assert handle(WORLD, request) == (WORLD, Response(status=204, headers=(("Allow", methods),)))


def test_a_path_that_is_not_there_takes_no_method() -> None:
    assert act(WORLD, "OPTIONS", "/poems")[1].status == 404


@pytest.mark.holds("B342")
@settings(deadline=None)
@given(requests(), st.sampled_from([0.0, 100.0]))
def test_the_head_of_an_answer_is_that_of_the_whole_and_changes_nothing(request: Request, seconds: float) -> None:
    world = move_on(WORLD, seconds)
    whole = msgspec.structs.replace(request, method="GET")
    head = msgspec.structs.replace(request, method="HEAD")
    assert needs(world, head) == needs(world, whole)
    _, answer = handle(world, whole)
    after, got = handle(world, head)
    assert isinstance(answer, Response)
    assert isinstance(got, Response)
    assert after == world
    assert (got.status, got.body) == (answer.status, b"")
    assert got.headers == (*answer.headers, ("Content-Length", str(len(answer.body))))


@pytest.mark.holds("B342")
def test_looking_at_the_head_of_a_private_result_leaves_it_to_be_read() -> None:
    world, private = submit(WORLD, "mock_x", private=True)
    world = give_outcome(move_on(world, 100), private, Finished(result=b'{"results":[]}'))
    heads = []
    for method in ("HEAD", "HEAD", "GET", "GET"):
        world, answer = act(world, method, f"/jobs/{private}/results")
        heads.append((answer.status, answer.header("Content-Length"), answer.body))
    assert heads == [(200, "14", b""), (200, "14", b""), (200, None, b'{"results":[]}'), (204, None, b"")]


def test_a_fault_has_no_body_either_where_the_head_is_asked_for() -> None:
    world = msgspec.structs.replace(WORLD, faults=(Fault(effect=Status(code=503, body=b"down"), times=None),))
    for method, body, length in (("GET", b"down", None), ("HEAD", b"", "4")):
        _, answer = act(world, method, "/jobs")
        assert (answer.status, answer.body, answer.header("Content-Length")) == (503, body, length)


def test_a_stale_content_type_does_no_harm() -> None:
    request = ask(WORLD, "GET", "/instances/usage")
    stale = msgspec.structs.replace(request, headers=(*request.headers, ("Content-Type", "application/json")))
    assert handle(WORLD, stale) == handle(WORLD, request)
