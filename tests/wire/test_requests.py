"""Laws of requests: what is said is sent, and no name can change where it goes."""

from collections.abc import Callable
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qiskit_runtime_service.records.exchange import Request
from qiskit_runtime_service.records.job import JobQuery, Submission
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.records.session import SessionOrder
from qiskit_runtime_service.wire import requests as wire
from tests.strategies import CANARY, make_crn
from tests.wire.samples import read_sample

BASE, CRN = "https://quantum.cloud.ibm.com/api/v1", make_crn()
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
names = texts | st.sampled_from(["..", ".", "a/b", "a?b=c", "a#b", "%2F", "a b", "a;b", "\n", "é", "//", "\\", "@h"])

# Each endpoint with an id in its path, and the path around it.
ENDPOINTS: list[tuple[str, str, Callable[[str], Request], str]] = [
    ("GET", "/backends/*/configuration", lambda name: wire.get_configuration(BASE, CRN, name), ""),
    ("GET", "/backends/*/properties", lambda name: wire.get_properties(BASE, CRN, name), ""),
    ("GET", "/backends/*/status", lambda name: wire.get_status(BASE, CRN, name), ""),
    ("GET", "/jobs/*", lambda name: wire.get_job(BASE, CRN, name), "exclude_params=true"),
    ("GET", "/jobs/*", lambda name: wire.get_job(BASE, CRN, name, with_params=True), ""),
    ("GET", "/jobs/*/results", lambda name: wire.get_results(BASE, CRN, name), ""),
    ("GET", "/jobs/*/logs", lambda name: wire.get_logs(BASE, CRN, name), ""),
    ("GET", "/jobs/*/metrics", lambda name: wire.get_metrics(BASE, CRN, name), ""),
    ("POST", "/jobs/*/cancel", lambda name: wire.cancel_job(BASE, CRN, name), ""),
    ("DELETE", "/jobs/*", lambda name: wire.delete_job(BASE, CRN, name), ""),
    ("GET", "/sessions/*", lambda name: wire.get_session(BASE, CRN, name), ""),
    ("PATCH", "/sessions/*", lambda name: wire.close_session(BASE, CRN, name), ""),
    ("DELETE", "/sessions/*/close", lambda name: wire.cancel_session(BASE, CRN, name), ""),
    ("PUT", "/jobs/*/tags", lambda name: wire.put_tags(BASE, CRN, name, ["a"]), ""),
]


@given(names)
@example("..")
@example("../instances/usage?x=")
def test_an_id_changes_neither_path_nor_query(name: str) -> None:
    for method, path, build, query in ENDPOINTS:
        request = build(name)
        parts = urlsplit(request.url)
        assert request.method == method
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == (
            "https", "quantum.cloud.ibm.com", query, "",
        )  # fmt: skip
        segments = parts.path.split("/")
        pattern = f"/api/v1{path}".split("/")
        assert len(segments) == len(pattern)
        for found, wanted in zip(segments, pattern, strict=True):
            assert unquote(found) == name if wanted == "*" else found == wanted
            assert found not in (".", "..")
        assert request.url.isascii()
        assert request.url.isprintable()


@given(names)
def test_a_plan_id_changes_neither_path_nor_query(name: str) -> None:
    parts = urlsplit(wire.describe_plan("https://c.example/api/v1", name).url)
    assert (parts.netloc, parts.query, parts.fragment) == ("c.example", "", "")
    assert [unquote(segment) for segment in parts.path.split("/")] == ["", "api", "v1", name]


@given(names, names)
def test_values_of_a_query_come_back_as_they_were(calibration: str, before: str) -> None:
    request = wire.get_properties(BASE, CRN, "b", calibration, before)
    assert parse_qsl(urlsplit(request.url).query, keep_blank_values=True) == [
        ("calibration_id", calibration),
        ("updated_before", before),
    ]
    assert urlsplit(wire.get_configuration(BASE, CRN, "b", calibration).url).query.startswith("calibration_id=")


def test_every_runtime_call_names_its_instance_and_its_version() -> None:
    calls = [build("x") for _, _, build, _ in ENDPOINTS]
    calls += [
        wire.list_backends(BASE, CRN),
        wire.get_usage(BASE, CRN),
        wire.create_job(BASE, CRN, SUBMISSION),
        wire.list_jobs(BASE, CRN, JobQuery(), limit=1, offset=0, after="", before=""),
    ]
    for request in calls:
        assert request.header("service-crn") == CRN
        assert request.header("ibm-api-version") == wire.API_VERSION == "2026-04-15"
        assert request.header("accept") == "application/json"
        assert request.header("authorization") is None
        assert (request.header("content-type") == "application/json") is bool(request.body)


SAMPLE = msgspec.json.decode(read_sample("job_create_sampler_request"))
SUBMISSION = Submission(
    program="sampler",
    backend="ibm_emu3",
    params=msgspec.json.encode(SAMPLE["params"]),
    tags=("demo",),
    cost=300,
)


def test_a_submission_is_that_of_the_protocol() -> None:
    request = wire.create_job(BASE, CRN, SUBMISSION)
    assert msgspec.json.decode(request.body) == SAMPLE
    assert (request.method, request.url) == ("POST", f"{BASE}/jobs")
    assert not request.repeatable
    assert request.slow


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({}, {}),
        ({"tags": ("a", "b")}, {"tags": ["a", "b"]}),
        ({"cost": 10}, {"cost": 10}),
        ({"cost": None, "tags": (), "session": None}, {}),
        ({"private": True}, {"private": True}),
        ({"session": "s"}, {"session_id": "s"}),
        ({"calibration_id": "c"}, {"calibration_id": "c"}),
        ({"log_level": "DEBUG"}, {"log_level": "DEBUG"}),
    ],
)
def test_a_submission_says_only_what_is_set(fields: dict[str, object], sent: dict[str, object]) -> None:
    job = msgspec.convert({"program": "p", "backend": "b", "params": b"{}", **fields}, Submission)
    assert msgspec.json.decode(wire.create_job(BASE, CRN, job).body) == {
        "program_id": "p",
        "backend": "b",
        "params": {},
        "log_level": "WARNING",
        **sent,
    }


@given(st.recursive(st.none() | st.integers(-9, 9) | texts, lambda inner: st.dictionaries(texts, inner, max_size=2)))
def test_parameters_are_sent_as_they_stand(params: object) -> None:
    encoded = b"  " + msgspec.json.encode(params)
    job = Submission(program="p", backend="b", params=encoded)
    assert encoded in wire.create_job(BASE, CRN, job).body


def test_the_search_is_that_of_the_protocol() -> None:
    request = wire.search_instances("https://s.example", "Y3Vyc29yLTE=")
    assert request.url == "https://s.example/v3/resources/search?limit=100"
    assert msgspec.json.decode(request.body) == msgspec.json.decode(read_sample("global_search_request"))
    assert "search_cursor" not in msgspec.json.decode(wire.search_instances("https://s.example").body)
    assert request.repeatable


@given(st.lists(texts, max_size=3))
def test_the_tags_are_those_that_were_given(tags: list[str]) -> None:
    assert msgspec.json.decode(wire.put_tags(BASE, CRN, "j", tags).body) == {"tags": tags}


def test_the_tags_are_sent_like_those_of_the_protocol() -> None:
    body = wire.put_tags(BASE, CRN, "j", ("demo", "week-36")).body
    assert msgspec.json.decode(body) == msgspec.json.decode(read_sample("job_tags_put_request"))


@given(st.text(st.characters(codec="utf-8")))
def test_the_key_stands_in_the_body_of_the_exchange_and_nowhere_else(end: str) -> None:
    key = CANARY + end
    request = wire.exchange_key("https://iam.cloud.ibm.com", Secret(key))
    assert parse_qsl(request.body.decode(), keep_blank_values=True) == [
        ("grant_type", "urn:ibm:params:oauth:grant-type:apikey"),
        ("apikey", key),
        ("response_type", "cloud_iam"),
    ]
    assert request.url == "https://iam.cloud.ibm.com/identity/token"
    assert request.header("content-type") == "application/x-www-form-urlencoded"
    assert CANARY not in f"{request!r}{request}{request.url}{request.headers}"


def test_the_exchange_is_byte_for_byte_that_of_the_protocol() -> None:
    body = wire.exchange_key("https://iam.cloud.ibm.com", Secret("APIKEY")).body
    assert body == (
        b"grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=APIKEY&response_type=cloud_iam"
    )


job_queries = st.builds(
    JobQuery,
    backend=st.none() | names,
    pending=st.sampled_from([None, True, False]),
    program=st.none() | names,
    tags=st.lists(names, max_size=3).map(tuple),
    session=st.none() | names,
    descending=st.booleans(),
    include_mocks=st.booleans(),
)


@given(job_queries, st.integers(1, 200), st.integers(0, 500), st.sampled_from(["", "2026-01-01T05:00:00+00:00"]))
def test_a_listing_asks_for_what_the_query_says(query: JobQuery, limit: int, offset: int, after: str) -> None:
    request = wire.list_jobs(BASE, CRN, query, limit=limit, offset=offset, after=after, before=after)
    parts = urlsplit(request.url)
    assert (parts.path, parts.netloc) == ("/api/v1/jobs", "quantum.cloud.ibm.com")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    assert tuple(value for key, value in pairs if key == "tags") == query.tags
    rest = [pair for pair in pairs if pair[0] != "tags"]
    assert len(dict(rest)) == len(rest)
    wanted = {
        "exclude_params": "true",
        "limit": str(limit),
        "offset": str(offset) if offset else None,
        "backend": query.backend,
        "pending": {None: None, True: "true", False: "false"}[query.pending],
        "program": query.program,
        "session_id": query.session,
        "created_after": after or None,
        "created_before": after or None,
        "sort": None if query.descending else "ASC",
        "include_mocks": "True" if query.include_mocks else None,
    }
    assert dict(rest) == {key: value for key, value in wanted.items() if value is not None}


def test_mocks_are_listed_with_a_capital_letter_or_not_mentioned() -> None:
    assert wire.list_backends(BASE, CRN).url == f"{BASE}/backends?include_mocks=True"
    assert wire.list_backends(BASE, CRN, include_mocks=False).url == f"{BASE}/backends"


@pytest.mark.holds("B222")
def test_results_may_take_their_time() -> None:
    assert wire.get_results(BASE, CRN, "j").slow
    assert not wire.get_job(BASE, CRN, "j").slow


MEBIBYTE = 1_048_576
SIZES = {
    **dict.fromkeys(("status", "metrics", "cancel", "close", "tags", "versions", "usage", "plan", "token"), 1),
    **dict.fromkeys(("a job", "a new job", "a session", "a new session", "a job that is deleted"), 1),
    **dict.fromkeys(("jobs", "backends", "instances"), 16),
    **dict.fromkeys(("configuration", "properties", "logs"), 32),
    **dict.fromkeys(("results", "a job with its inputs"), 192),
}
"""How many mebibytes each answer may have."""

ASKED = {
    "status": wire.get_status(BASE, CRN, "b"),
    "metrics": wire.get_metrics(BASE, CRN, "j"),
    "cancel": wire.cancel_job(BASE, CRN, "j"),
    "close": wire.close_session(BASE, CRN, "s"),
    "tags": wire.put_tags(BASE, CRN, "j", ()),
    "versions": wire.list_versions(BASE),
    "usage": wire.get_usage(BASE, CRN),
    "plan": wire.describe_plan(BASE, "p"),
    "token": wire.exchange_key(BASE, Secret("k")),
    "a job": wire.get_job(BASE, CRN, "j"),
    "a new job": wire.create_job(BASE, CRN, Submission(program="p", backend="b", params=b"{}")),
    "a session": wire.get_session(BASE, CRN, "s"),
    "a new session": wire.create_session(BASE, CRN, SessionOrder(mode="batch", backend="b")),
    "a job that is deleted": wire.delete_job(BASE, CRN, "j"),
    "jobs": wire.list_jobs(BASE, CRN, JobQuery(), limit=1, offset=0, after="", before=""),
    "backends": wire.list_backends(BASE, CRN),
    "instances": wire.search_instances(BASE),
    "configuration": wire.get_configuration(BASE, CRN, "b"),
    "properties": wire.get_properties(BASE, CRN, "b"),
    "logs": wire.get_logs(BASE, CRN, "j"),
    "results": wire.get_results(BASE, CRN, "j"),
    "a job with its inputs": wire.get_job(BASE, CRN, "j", with_params=True),
}


@pytest.mark.holds("B318")
def test_an_answer_may_be_as_large_as_fits_what_is_asked() -> None:
    assert {what: request.largest for what, request in ASKED.items()} == {
        what: size * MEBIBYTE for what, size in SIZES.items()
    }
    assert Request(method="GET", url=BASE).largest == MEBIBYTE


@given(st.lists(st.tuples(texts, texts), max_size=3))
def test_headers_are_added_and_none_is_lost(headers: list[tuple[str, str]]) -> None:
    before = wire.get_usage(BASE, CRN)
    after = wire.add_headers(before, *headers)
    assert after.headers == (*before.headers, *headers)
    assert msgspec.structs.replace(after, headers=before.headers) == before


def test_a_session_is_opened_and_closed_as_recorded() -> None:
    wanted = read_sample("session_create_request")
    crn = msgspec.json.decode(wanted)["instance"]
    opened = wire.create_session(BASE, crn, SessionOrder(mode="dedicated", backend="ibm_emu3", max_seconds=3600))
    assert msgspec.json.decode(opened.body) == msgspec.json.decode(wanted)
    assert not opened.repeatable
    closed = wire.close_session(BASE, crn, "s")
    assert msgspec.json.decode(closed.body) == msgspec.json.decode(read_sample("session_patch_request"))
    assert closed.repeatable
