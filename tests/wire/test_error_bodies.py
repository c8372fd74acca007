"""Laws of answers that say no: every body has a meaning, and none is quoted at length."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import KeyRefused, NotAuthorized, ServerRefusal
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.wire.error_bodies import (
    Complaint,
    key_problem_from,
    problem_from,
    read_complaint,
    read_retry_after,
    start_of,
    unreadable,
)
from qiskit_runtime_service.wire.requests import exchange_key
from tests.strategies import json_values, make_crn
from tests.wire.samples import read_sample

RUNTIME = Request(method="GET", url="https://q.example/jobs", headers=(("Service-CRN", make_crn()),))
ELSEWHERE = Request(method="POST", url="https://iam.example/identity/token")
statuses = st.sampled_from([400, 401, 403, 404, 409, 429, 500, 503, 599])
bodies = st.binary() | st.text().map(lambda text: text.encode()) | json_values.map(msgspec.json.encode)


@st.composite
def error_bodies(draw: st.DrawFn) -> bytes:
    """Return a body that has the keys of an error, with anything behind them."""
    keys = st.sampled_from(["errors", "error", "code", "message", "errorCode", "errorMessage", "trace", "solution"])
    inner = st.dictionaries(keys, json_values, max_size=4)
    value = json_values | inner | st.lists(inner | json_values, max_size=2)
    return msgspec.json.encode(draw(st.dictionaries(keys, value, max_size=4)))


@pytest.mark.holds("B25")
@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (
            read_sample("error_container"),
            Complaint(
                code="1217",
                message="Job is not in a state that allows cancellation.",
                solution="Only queued or running jobs can be cancelled.",
                trace="7d1c6f0e-0000-4000-8000-000000000001",
            ),
        ),
        (
            read_sample("iam_error_response"),
            Complaint(code="BXNIM0415E", message="Provided API key could not be found.", trace="cGhvZW5peC0wMDAx"),
        ),
        (b'{"error": {"message": "no", "code": 7}}', Complaint(code="7", message="no")),
        (b'{"errors": [{"code": "a", "message": "no"}, {"code": "b"}]}', Complaint(code="a", message="no")),
        (b'{"errors": ["no"], "trace": "t"}', Complaint(message="no", trace="t")),
        (b'{"error": "no"}', Complaint(message="no")),
        (b'{"message": "no"}', Complaint(message="no")),
        (b'{"errors": [], "message": "no"}', Complaint(message="no")),
        (b'{"message": null}', Complaint()),
        (b"{}", Complaint()),
        (b"", Complaint()),
        (b"<html>\n<b>Bad  Gateway</b>", Complaint(message="<html> <b>Bad Gateway</b>")),
        (b"[1, 2]", Complaint(message="[1, 2]")),
        (b"\xff\xfe", Complaint(message="\ufffd\ufffd")),
    ],
)
def test_an_error_body_says(body: bytes, complaint: Complaint) -> None:
    assert read_complaint(body) == complaint


@given(bodies | error_bodies())
def test_every_error_body_has_a_meaning(body: bytes) -> None:
    complaint = read_complaint(body)
    assert all(isinstance(getattr(complaint, field), str) for field in Complaint.__struct_fields__)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b'{"message": ' + b"9" * 5_000 + b"}", b"\x00"])
def test_a_hostile_error_body_has_a_meaning(body: bytes) -> None:
    assert len(read_complaint(body).message) <= 80


@given(st.binary(max_size=2_000) | st.text(max_size=500).map(lambda text: text.encode()))
def test_a_body_is_quoted_in_one_short_line(body: bytes) -> None:
    quoted = start_of(body)
    assert len(quoted) <= 80
    assert len(quoted.splitlines()) <= 1
    problem = unreadable("https://h.example", body, ValueError("why"))
    assert (problem.start, problem.reason) == (quoted, "why")


@pytest.mark.holds("B25")
@pytest.mark.parametrize("field", ["message", "code", "solution", "trace"])
def test_a_server_cannot_fill_the_screen(field: str) -> None:
    body = msgspec.json.encode({field: "x\n" * 100_000})
    assert len(getattr(read_complaint(body), field)) <= 2_000


@given(statuses, bodies | error_bodies(), st.booleans())
def test_every_refusal_names_status_and_place(status: int, body: bytes, at_runtime: bool) -> None:
    request = RUNTIME if at_runtime else ELSEWHERE
    response = Response(status=status, body=body)
    complaint = read_complaint(body)
    problem = problem_from(request, response)
    assert isinstance(problem, NotAuthorized) is (at_runtime and status in (401, 403))
    assert isinstance(problem, NotAuthorized | ServerRefusal)
    assert (problem.url, problem.status) == (request.url, status)
    assert (problem.code, problem.message) == (complaint.code, complaint.message)
    refused = key_problem_from(ELSEWHERE, response)
    if status in (400, 401, 403):
        code, message, trace = complaint.code, complaint.message, complaint.trace
        assert refused == KeyRefused(url=ELSEWHERE.url, status=status, code=code, message=message, trace=trace)
    else:
        assert refused == problem_from(ELSEWHERE, response)


@pytest.mark.holds("B307")
@pytest.mark.parametrize(
    ("key", "around"),
    [
        ("k", ""), ("a b", ""), ("", ""), (" k", "white space"), ("k\r\n", "white space"), ("k\u2003", "white space"),
        ("'k'", "quotation marks"), ('k"', "quotation marks"), ('"k" ', "white space"), ("k&apikey=k", ""),
    ],
)  # fmt: skip
def test_what_is_around_a_refused_key_is_told(key: str, around: str) -> None:
    refused = key_problem_from(exchange_key("https://iam.cloud.ibm.com", Secret(key)), Response(status=400))
    assert isinstance(refused, KeyRefused)
    assert refused.around == around


@pytest.mark.parametrize(
    ("headers", "body", "trace"),
    [
        ((), b'{"trace": "body"}', "body"),
        ((("x-request-id", "request"),), b'{"trace": "body"}', "body"),
        ((("x-request-id", "request"), ("X-Global-Transaction-Id", "global")), b"", "request"),
        ((("x-global-transaction-id", "global"),), b"", "global"),
        ((), b"", ""),
    ],
)
def test_a_refusal_can_be_traced(headers: tuple[tuple[str, str], ...], body: bytes, trace: str) -> None:
    problem = problem_from(ELSEWHERE, Response(status=500, headers=headers, body=body))
    assert isinstance(problem, ServerRefusal)
    assert problem.trace == trace


@pytest.mark.holds("B26")
def test_who_may_not_use_an_instance_is_told_which() -> None:
    problem: Any = problem_from(RUNTIME, Response(status=403))
    assert problem.instance == make_crn()


def retry_after(text: str, now: float = 0.0) -> float | None:
    return read_retry_after(Response(status=429, headers=(("retry-after", text),)), now)


@pytest.mark.holds("B24")
@pytest.mark.parametrize(
    ("text", "now", "seconds"),
    [
        ("0", 0.0, 0.0),
        ("5", 0.0, 5.0),
        (" 120 ", 0.0, 120.0),
        ("Tue, 01 Sep 2026 10:00:30 GMT", 1788256800.0, 30.0),
        ("Tue, 01 Sep 2026 12:00:30 +0200", 1788256800.0, 30.0),
        ("Tue, 01 Sep 2026 10:00:00 GMT", 1788256830.0, 0.0),
        ("-1", 0.0, None),
        ("1.5", 0.0, None),
        ("soon", 0.0, None),
        ("", 0.0, None),
        ("²", 0.0, None),
        ("٣", 0.0, None),
        ("0\x1f", 0.0, None),
        ("\t7\t", 0.0, 7.0),
        ("9" * 400, 0.0, float("inf")),
    ],
)
def test_a_server_asks_for_a_pause(text: str, now: float, seconds: float | None) -> None:
    assert retry_after(text, now) == seconds


def test_without_the_header_no_pause_is_asked_for() -> None:
    assert read_retry_after(Response(status=429), 0.0) is None


@given(
    st.text(max_size=12) | st.integers(0, 10**12).map(str) | st.from_regex(r"[ ,:a-zA-Z0-9+-]{0,30}", fullmatch=True)
)
def test_every_retry_after_is_a_pause_or_nothing(text: str) -> None:
    pause = retry_after(text)
    assert pause is None or pause >= 0


@given(st.integers(0, 4 * 10**9), st.integers(-500, 500))
def test_a_date_asks_for_the_time_until_then(now: int, later: int) -> None:
    text = format_datetime(datetime.fromtimestamp(now, UTC) + timedelta(seconds=later), usegmt=True)
    assert retry_after(text, now) == max(later, 0)


@pytest.mark.parametrize(
    "text", ["a, 99999999999999999999 Jan 2000 0:0:0 GMT", "Tue, 01 Sep 99999999999999999999 10:00:00 GMT"]
)
def test_an_impossible_date_asks_for_nothing(text: str) -> None:
    assert retry_after(text) is None
