"""Laws of answers: every body is read or refused, unknown fields pass, nulls are absences."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Result, Success

from qiskit_runtime_service.records.backend import BackendListing, BackendRow, BackendStatus
from qiskit_runtime_service.records.instance import FoundInstance, Plan, SearchPage
from qiskit_runtime_service.records.job import CreatedJob, Job, JobMetrics, JobPage, JobState
from qiskit_runtime_service.records.problem import Problem, UnreadableBody
from qiskit_runtime_service.records.usage import Usage, UsagePeriod
from qiskit_runtime_service.wire.responses import (
    read_backends,
    read_created_job,
    read_created_session,
    read_inputs,
    read_instant,
    read_job,
    read_jobs,
    read_metrics,
    read_object,
    read_plan,
    read_search,
    read_session,
    read_status,
    read_token,
    read_usage,
    write_instant,
)
from tests.strategies import CANARY, json_values
from tests.wire.samples import read_sample

URL, CRN = "https://h.example/x", "crn-of-the-instance"
JOB, SESSION = "d2fabc0sample0000001", "d2fabc0session00001"
Reader = Callable[[bytes], Result[Any, Problem]]

READERS: dict[str, tuple[Reader, str]] = {
    "token": (lambda body: read_token(body, URL, 0.0), "iam_token_response"),
    "search": (lambda body: read_search(body, URL), "global_search_response"),
    "plan": (lambda body: read_plan(body, URL, "p"), "catalog_plan_response"),
    "backends": (lambda body: read_backends(body, URL, CRN), "backends_response"),
    "status": (lambda body: read_status(body, URL, "b"), "backend_status"),
    "usage": (lambda body: read_usage(body, URL, CRN), "instance_usage"),
    "created job": (lambda body: read_created_job(body, URL), "job_create_response"),
    "job": (lambda body: read_job(body, URL, CRN, JOB), "job_get_failed"),
    "jobs": (lambda body: read_jobs(body, URL, CRN), "jobs_list"),
    "metrics": (lambda body: read_metrics(body, URL), "job_metrics"),
    "session": (lambda body: read_session(body, URL, CRN, SESSION), "session_details"),
    "created session": (lambda body: read_created_session(body, URL), "session_details"),
}
readers = pytest.mark.parametrize("kind", READERS)
Path = tuple[str | int, ...]


def paths_in(tree: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of each value inside a body."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        yield (*path, key)
        yield from paths_in(value, (*path, key))


def parent_of(tree: Any, path: Path) -> Any:
    for key in path[:-1]:
        tree = tree[key]
    return tree


def with_value(tree: Any, path: Path, value: object) -> Any:
    tree = deepcopy(tree)
    parent_of(tree, path)[path[-1]] = value
    return tree


def without(tree: Any, path: Path) -> Any:
    tree = deepcopy(tree)
    del parent_of(tree, path)[path[-1]]
    return tree


def check(outcome: Result[Any, Problem]) -> None:
    if not isinstance(outcome, Success):
        problem = outcome.failure()
        assert isinstance(problem, UnreadableBody)
        assert problem.url == URL
        assert len(problem.start) <= 80
        assert len(problem.start.splitlines()) <= 1


def sample_of(kind: str) -> Any:
    return msgspec.json.decode(read_sample(READERS[kind][1]))


@readers
@given(body=st.binary() | json_values.map(msgspec.json.encode) | st.text().map(lambda text: text.encode()))
def test_every_body_is_read_or_refused(kind: str, body: bytes) -> None:
    check(READERS[kind][0](body))


@readers
@given(data=st.data())
def test_a_body_with_a_wrong_part_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    tree = sample_of(kind)
    path = data.draw(st.sampled_from(sorted(paths_in(tree), key=str)))
    check(READERS[kind][0](msgspec.json.encode(with_value(tree, path, data.draw(json_values)))))


@readers
@given(cut=st.integers(0, 2_000))
def test_a_body_that_breaks_off_is_refused(kind: str, cut: int) -> None:
    read, sample = READERS[kind]
    body = read_sample(sample).rstrip()
    outcome = read(body[:cut])
    check(outcome)
    assert isinstance(outcome, Success) is (cut >= len(body))


@readers
@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b'{"id": "\xff', b"1e999", b"9" * 5_000, b'"\\ud800"']
)
def test_a_hostile_body_is_refused(kind: str, body: bytes) -> None:
    outcome = READERS[kind][0](body)
    check(outcome)
    assert not isinstance(outcome, Success)


@readers
@given(data=st.data())
def test_unknown_fields_pass(kind: str, data: st.DataObject) -> None:
    read, _ = READERS[kind]
    tree = sample_of(kind)
    objects = [(), *(path for path in paths_in(tree) if isinstance(parent_of(tree, (*path, "")), dict))]
    path = data.draw(st.sampled_from(sorted(objects, key=str)))
    more = with_value(tree, (*path, "a_field_of_tomorrow"), data.draw(json_values))
    assert read(msgspec.json.encode(more)) == read(msgspec.json.encode(tree))


NULLS = [
    pytest.param(kind, path, id=f"{kind}: {'.'.join(map(str, path))}")
    for kind in READERS
    for path in paths_in(sample_of(kind))
    # What stands in the extensions is nobody's business: that there are any means that time was allocated.
    if isinstance(path[-1], str) and "extensions" not in path[:-1]
]


@pytest.mark.parametrize(("kind", "path"), NULLS)
def test_a_null_is_an_absence(kind: str, path: Path) -> None:
    read, _ = READERS[kind]
    tree = sample_of(kind)
    absent, null = (read(msgspec.json.encode(body)) for body in (without(tree, path), with_value(tree, path, None)))
    if isinstance(absent, Success):
        assert null == absent
    else:
        assert not isinstance(null, Success)


# What the samples say


def test_the_listing_of_the_protocol_is_read() -> None:
    real, mock = read_backends(read_sample("backends_response"), URL, CRN).unwrap().rows
    assert real == BackendRow(
        name="ibm_emu3",
        instance=CRN,
        state="online",
        reason="available",
        queue_length=7,
        num_qubits=3,
        physical_qubits=3,
        simulator=False,
        processor="Heron r2",
        clops=1000.0,
        two_qubit_error=0.002,
        readout_error=0.01,
    )
    assert (mock.name, mock.mock) == ("mock_emu3", True)
    assert mock == BackendRow(
        name="mock_emu3", instance=CRN, state="online", queue_length=0, num_qubits=3, simulator=False, mock=True
    )


def test_a_listing_that_says_almost_nothing_is_read() -> None:
    assert read_backends(b'{"devices": []}', URL, CRN).unwrap() == BackendListing(rows=())
    (row,) = read_backends(b'{"devices": [{"name": "b", "queue_length": -3}]}', URL, CRN).unwrap().rows
    assert row == BackendRow(name="b", instance=CRN, state="unknown", queue_length=None)


@pytest.mark.holds("B348")
@pytest.mark.parametrize("told", ['"many"', "null", "true", "[3]", "{}", "-1", "-0.5", '"-1"'])
def test_a_queue_that_is_not_told_is_not_empty(told: str) -> None:
    listed = f'{{"devices": [{{"name": "b", "queue_length": {told}}}]}}'.encode()
    assert read_backends(listed, URL, CRN).unwrap().rows[0].queue_length is None
    assert read_status(f'{{"state": true, "length_queue": {told}}}'.encode(), URL, "b").unwrap().pending_jobs is None


@pytest.mark.holds("B309")
@pytest.mark.parametrize("word", ["online", "Online", "ONLINE", "paused", "Paused", "offline", "OFFLINE"])
def test_listing_and_status_agree_on_whether_a_backend_is_operational(word: str) -> None:
    listed = f'{{"devices": [{{"name": "b", "status": {{"name": "{word}"}}}}]}}'.encode()
    (row,) = read_backends(listed, URL, CRN).unwrap().rows
    status = read_status(f'{{"state": true, "status": "{word}"}}'.encode(), URL, "b").unwrap()
    assert row.state == word.lower()
    assert status.operational is (row.state == "online") is (word.lower() == "online")


LISTINGS: dict[str, Callable[[bytes], Result[Any, Problem]]] = {
    "devices": lambda body: read_backends(body, URL, CRN),
    "jobs": lambda body: read_jobs(body, URL, CRN),
    "items": lambda body: read_search(body, URL),
}
"""By the field that has the rows."""


@pytest.mark.holds("B283")
@pytest.mark.parametrize("field", LISTINGS)
@pytest.mark.parametrize("rows", ["nothing", None, {}, "x", 0, False])
def test_a_listing_without_its_rows_is_not_an_empty_one(field: str, rows: object) -> None:
    other: dict[str, object] = {"count": 0, "search_cursor": "x", "limit": 20}
    body = msgspec.json.encode(other if rows == "nothing" else other | {field: rows})
    problem = LISTINGS[field](body).failure()
    assert isinstance(problem, UnreadableBody)
    assert problem.is_json
    assert field in problem.reason
    assert isinstance(LISTINGS[field](msgspec.json.encode(other | {field: []})), Success)


def test_an_old_revision_that_is_a_number_is_shown_as_it_was_sent() -> None:
    body = b'{"devices": [{"name": "b", "processor_type": {"family": "Falcon", "revision": 5}}]}'
    assert read_backends(body, URL, CRN).unwrap().rows[0].processor == "Falcon r5"


@pytest.mark.holds("B6")
def test_the_search_of_the_protocol_is_read() -> None:
    page = read_search(read_sample("global_search_response"), URL).unwrap()
    plan = "11111111-aaaa-4bbb-8ccc-00000000000"
    assert [(instance.name, instance.plan_id, instance.tags, instance.allocated) for instance in page.found] == [
        ("open-main", f"{plan}1", ("team-a",), True),
        ("prem-eu", f"{plan}2", (), True),
        ("not-provisioned", f"{plan}1", (), False),
    ]
    assert page.cursor is None
    assert read_search(b'{"items": [], "search_cursor": ""}', URL).unwrap() == SearchPage(found=())
    assert read_search(b'{"items": [{"crn": "c"}], "search_cursor": "x"}', URL).unwrap() == SearchPage(
        found=(FoundInstance(crn="c", name="", plan_id="", allocated=False),), cursor="x"
    )


@pytest.mark.holds("B7")
def test_the_plan_of_the_protocol_is_read() -> None:
    assert read_plan(read_sample("catalog_plan_response"), URL, "p").unwrap() == Plan(
        id="p", name="open", pricing_type="free"
    )
    silent = b'{"overview_ui": {}, "metadata": {"pricing": {"type": ""}}}'
    assert read_plan(silent, URL, "p").unwrap() == Plan(id="p")


def test_the_status_of_the_protocol_is_read() -> None:
    assert read_status(read_sample("backend_status"), URL, "b").unwrap() == BackendStatus(
        backend_name="b", backend_version="1.0.0", operational=True, pending_jobs=7, status_msg="active"
    )
    assert read_status(b'{"length_queue": -1}', URL, "b").unwrap() == BackendStatus(backend_name="b", pending_jobs=None)


@pytest.mark.holds("B309")
@pytest.mark.parametrize(
    ("state", "word", "operational"),
    [
        (True, "active", True), (True, "online", True), (True, "internal", True), (True, None, True),
        (True, "paused", False), (True, "Offline", False), (False, "paused", False), (False, "active", False),
        (None, "active", False),
    ],
)  # fmt: skip
def test_a_backend_is_operational_where_it_takes_jobs_and_runs_them(
    state: bool | None, word: str | None, operational: bool
) -> None:
    status = read_status(msgspec.json.encode({"state": state, "status": word}), URL, "b").unwrap()
    assert (status.operational, status.status_msg) == (operational, word or "")


def test_the_usage_of_the_protocol_is_read() -> None:
    usage = read_usage(read_sample("instance_usage"), URL, CRN).unwrap()
    assert (usage.consumed, usage.limit, usage.allocation, usage.limit_reached) == (45.0, 600.0, 600.0, False)
    # Whole numbers stay whole.
    assert {type(seconds) for seconds in (usage.consumed, usage.limit, usage.allocation)} == {int}
    halved = read_usage(b'{"usage_consumed_seconds": 0.5}', URL, CRN).unwrap()
    assert (halved.consumed, read_usage(b"{}", URL, CRN).unwrap().consumed) == (0.5, None)
    assert usage.instance_id.startswith("crn:v1:")
    assert usage.plan_id == "11111111-aaaa-4bbb-8ccc-000000000001"
    assert usage.period == UsagePeriod(start_time="2026-08-20T00:00:00.000Z", end_time="2026-09-17T00:00:00.000Z")
    assert read_usage(b'{"usage_limit_seconds": 0}', URL, CRN).unwrap() == Usage(instance_id=CRN, limit=0.0)


COMPLETED = Job(
    id="d2fabc0sample0000001",
    instance=CRN,
    state=JobState(status="Completed"),
    program="sampler",
    backend="ibm_emu3",
    created=1788256800.123456,
    tags=("demo",),
    cost=600.0,
    estimated_seconds=2.5,
    charged_seconds=2.0,
)


def test_the_jobs_of_the_protocol_are_read() -> None:
    assert read_job(read_sample("job_get_completed"), URL, CRN, JOB).unwrap() == COMPLETED
    page = read_jobs(read_sample("jobs_list"), URL, CRN).unwrap()
    assert isinstance(page, JobPage)
    assert page.jobs[0] == COMPLETED
    assert [job.id[-1] for job in page.jobs] == ["1", "2"]
    assert page.count == 2


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("job_get_queued", JobState(status="Queued")),
        ("job_get_ran_too_long", JobState(status="Cancelled", reason="Ran too long", code=1305)),
        (
            "job_get_failed",
            JobState(
                status="Failed",
                reason="The circuit uses an unsupported instruction.",
                code=1517,
                solution="Transpile for the target backend.",
            ),
        ),
    ],
)
def test_the_states_of_the_protocol_are_read(name: str, state: JobState) -> None:
    assert read_job(read_sample(name), URL, CRN, JOB).unwrap().state == state


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"reason_code": 1}, 1),
        ({"reasonCode": 2}, 2),
        ({"reason_code": 1, "reasonCode": 2}, 2),
        ({"reason_code": 1, "reasonCode": None}, 1),
        ({}, None),
    ],
)
def test_a_reason_code_has_two_spellings(state: dict[str, int | None], code: int | None) -> None:
    body = msgspec.json.encode({"id": "j", "state": {"status": "Failed", **state}})
    assert read_job(body, URL, CRN, "j").unwrap().state.code == code


@pytest.mark.holds("B453")
@pytest.mark.parametrize("odd", [{}, {"id": None}, {"id": 5}, {"id": ""}, {"id": ["j"]}])
def test_what_was_asked_for_by_its_id_is_known_by_it(odd: dict[str, Any]) -> None:
    ignored = ("id",) if odd.get("id") is not None else ()
    for state in ({"status": "Queued"}, {"state": {"status": "Queued"}}):
        job = read_job(msgspec.json.encode(state | odd), URL, CRN, "j").unwrap()
        assert (job.id, job.state.status) == ("j", "Queued")
        assert tuple(sentence.partition(":")[0] for sentence in job.ignored) == ignored
    session = read_session(msgspec.json.encode({"state": "open"} | odd), URL, CRN, "s").unwrap()
    assert (session.id, session.state) == ("s", "open")
    assert tuple(sentence.partition(":")[0] for sentence in session.ignored) == ignored


@pytest.mark.holds("B453", "B284")
@pytest.mark.parametrize("body", [b"{}", b'{"data": {"id": "j", "status": "Queued"}}', b'{"id": 5, "tags": ["a"]}'])
def test_an_answer_without_id_and_state_is_about_nothing(body: bytes) -> None:
    for problem in (read_job(body, URL, CRN, "j").failure(), read_session(body, URL, CRN, "s").failure()):
        assert isinstance(problem, UnreadableBody)
        assert (problem.reason, problem.is_json) == ("id is missing or wrong", True)


@pytest.mark.holds("B453", "B284")
def test_the_answer_about_another_is_none() -> None:
    body = msgspec.json.encode({"id": "other", "status": "Completed", "mode": "batch"})
    for problem in (read_job(body, URL, CRN, "j").failure(), read_session(body, URL, CRN, "s").failure()):
        assert isinstance(problem, UnreadableBody)
        assert (problem.reason, problem.is_json) == ("id: it is of 'other'", True)


@pytest.mark.holds("B454")
def test_of_two_rows_of_one_name_the_first_counts() -> None:
    devices = [{"name": "a", "qubits": 5}, {"name": "b"}, {"name": "a", "qubits": 7}, {"name": "c"}, {"name": "a"}]
    listing = read_backends(msgspec.json.encode({"devices": devices}), URL, CRN).unwrap()
    assert [(row.name, row.num_qubits) for row in listing.rows] == [("a", 5), ("b", None), ("c", None)]
    assert (listing.lost, listing.ignored) == (0, ("devices['a']: it is listed before",) * 2)


def test_a_state_may_stand_beside_the_job() -> None:
    assert read_job(b'{"id": "j", "status": "Queued"}', URL, CRN, "j").unwrap().state == JobState(status="Queued")


def test_a_charge_that_is_not_settled_is_not_told() -> None:
    body = b'{"id": "j", "usage": {"qpu_charge_time_seconds": 2, "value": 0.5, "status": "pending"}}'
    job = read_job(body, URL, CRN, "j").unwrap()
    assert (job.charged_seconds, job.charged_ru) == (None, None)
    metrics = read_metrics(body, URL).unwrap()
    assert (metrics.charged_seconds, metrics.charged_ru, metrics.settled) == (2.0, 0.5, False)


@pytest.mark.holds("B540")
@pytest.mark.parametrize(
    ("charge", "seconds", "units"),
    [
        (b'"qpu_charge_time_seconds": 2, "value": 1.25', 2, 1.25),
        (b'"qpu_charge_time_seconds": 2', 2, None),
        (b'"value": 1', None, 1),
        (b'"qpu_charge_time_seconds": 0, "value": 0', 0, 0),
    ],
)
def test_a_charge_is_read_in_seconds_and_in_resource_units(
    charge: bytes, seconds: float | None, units: float | None
) -> None:
    body = b'{"id": "j", "usage": {' + charge + b', "status": "complete"}}'
    job, metrics = read_job(body, URL, CRN, "j").unwrap(), read_metrics(body, URL).unwrap()
    assert (job.charged_seconds, job.charged_ru) == (metrics.charged_seconds, metrics.charged_ru) == (seconds, units)
    assert type(job.charged_ru) is type(units)


@pytest.mark.holds("B540")
def test_what_an_instance_has_spent_is_read_in_resource_units_too() -> None:
    body = (
        b'{"usage_consumed_seconds": 45, "usage_consumed_ru": 4.5, "usage_limit_ru": 60, "usage_allocation_ru": 70.5}'
    )
    usage = read_usage(body, URL, CRN).unwrap()
    assert usage == Usage(instance_id=CRN, consumed=45, consumed_ru=4.5, limit_ru=60, allocation_ru=70.5)
    assert read_usage(b'{"usage_consumed_ru": 4.5}', URL, CRN).unwrap().consumed is None


def test_the_other_answers_of_the_protocol_are_read() -> None:
    created = CreatedJob(id="d2fabc0sample0000001", backend="ibm_emu3")
    assert read_created_job(read_sample("job_create_response"), URL).unwrap() == created
    assert read_created_job(b'{"id": "j", "backend": null}', URL).unwrap() == CreatedJob(id="j")
    assert read_metrics(read_sample("job_metrics"), URL).unwrap() == JobMetrics(
        created="2026-09-01T10:00:00.123456Z",
        running="2026-09-01T10:00:05.000000Z",
        finished="2026-09-01T10:00:09.500000Z",
        charged_seconds=2.0,
        settled=True,
    )


# Tokens


def jwt(claims: object) -> str:
    return f"e30.{urlsafe_b64encode(msgspec.json.encode(claims)).decode().rstrip('=')}.c2ln"


@pytest.mark.holds("B20")
@pytest.mark.parametrize(
    ("token", "expires_in", "lifetime"),
    [
        (jwt({"iat": 1000, "exp": 4600}), 60, 3600.0),
        (jwt({"iat": 1788260400, "exp": 1788260460.5}), None, 60.5),
        (jwt({"iat": 1000, "exp": 1000}), 60, 60.0),
        (jwt({"exp": 4600}), 60, 60.0),
        (jwt([]), 60, 60.0),
        ("opaque", 60, 60.0),
        ("a.ü.c", 60, 60.0),
        ("a.!.c", None, 3600.0),
        ("a..c", None, 3600.0),
        ("a.b.c.d", None, 3600.0),
    ],
)
def test_a_token_lives_as_long_as_the_server_says(token: str, expires_in: float | None, lifetime: float) -> None:
    body = msgspec.json.encode({"access_token": token, "expires_in": expires_in})
    read = read_token(body, URL, 7.0).unwrap()
    assert (read.value.reveal(), read.received_at, read.lifetime) == (token, 7.0, lifetime)


@given(st.text(max_size=5), st.lists(st.text(max_size=6), max_size=3))
def test_no_token_is_shown(end: str, parts: list[str]) -> None:
    token = ".".join([CANARY + end, *parts])
    read = read_token(msgspec.json.encode({"access_token": token}), URL, 0.0)
    assert CANARY not in repr(read)


# Instants


@pytest.mark.holds("B46")
@given(st.integers(-(10**9), 4 * 10**9), st.integers(0, 999_999))
def test_an_instant_survives_the_wire(seconds: int, micros: int) -> None:
    instant = seconds + micros / 1e6
    text = write_instant(instant)
    assert text.endswith("+00:00")
    read = read_instant(text)
    assert read is not None
    assert abs(read - instant) < 1e-6


@pytest.mark.holds("B46")
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("yesterday", None),
        ("2026-13-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", 0.0),
        ("1970-01-01T00:00:00", 0.0),
        ("1970-01-01T02:00:00+02:00", 0.0),
        ("1969-12-31T19:00:00-05:00", 0.0),
        ("2026-09-01T10:00:00.123456Z", 1788256800.123456),
        ("2026-09-01T10:00:00.5Z", 1788256800.5),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("0001-01-02T23:59:59Z", None),
        ("0001-01-03T00:00:00Z", -62135424000.0),
        ("9999-12-30T00:00:00Z", 253402128000.0),
        ("9999-12-30T00:00:01Z", None),
        ("9999-12-31T23:59:59.999999Z", None),
        ("9999-12-31T23:59:59-23:59", None),
    ],
)
def test_an_instant_is_read(text: str | None, seconds: float | None) -> None:
    assert read_instant(text) == seconds


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?", fullmatch=True))
def test_a_strange_date_hides_no_job(text: str) -> None:
    instant = read_instant(text)
    for hours in (-23, 0, 23):
        zone = timezone(timedelta(hours=hours))
        assert instant is None or 1 <= datetime.fromtimestamp(instant, zone).year <= 9999


def test_no_instant_is_not_written() -> None:
    assert write_instant(None) == ""
    assert write_instant(1767243600.0) == "2026-01-01T05:00:00+00:00"


@pytest.mark.parametrize(
    ("body", "params"),
    [
        (b'{"id": "j", "params": {"pubs": [1, 2.50]}}', b'{"pubs": [1, 2.50]}'),
        (b'{"id": "j", "private": true}', None),
        (b'{"id": "j", "params": null}', None),
    ],
)
def test_parameters_are_kept_as_they_are_written(body: bytes, params: bytes | None) -> None:
    assert read_inputs(body, URL).unwrap() == params


def test_metrics_are_told_in_the_words_of_the_service() -> None:
    metrics = read_object(read_sample("job_metrics"), URL).unwrap()
    assert metrics["qiskit_version"] == "2.6.2"
    assert metrics["usage"] == {"qpu_charge_time_seconds": 2, "status": "complete"}


@pytest.mark.parametrize("kind", ["created job", "created session", "job", "session"])
def test_an_empty_id_is_no_answer(kind: str) -> None:
    read, _ = READERS[kind]
    asked = {"job": JOB, "session": SESSION}.get(kind, "x")
    assert isinstance(read(b'{"id": "", "backend": "b"}').failure(), UnreadableBody)
    assert read(msgspec.json.encode({"id": asked, "backend": "b"})).value_or(None) is not None
