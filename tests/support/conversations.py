"""Exchanges with a cloud, drawn so that private things stand in every place where they may stand."""

import base64
import gzip
import json
import urllib.parse
import zlib
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from qiskit_runtime_service.records.cassette import Recorded
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import JobQuery, Submission
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.records.session import SessionOrder
from qiskit_runtime_service.wire import requests

KEY = "".join(reversed("dEw9-z4xQcR_7mPkL2vBnY6tGhJ8sUfA1oWiZ0eCyT3K"))
"""A key of the form and length that API keys have; it stands nowhere as it is."""

BASE = "https://quantum.internal.example/api/v1"
ACCOUNTS = tuple(f"{digit * 3}{'0f1e2d3c4b5a69788796a5b4c3d2e'}" for digit in "ab9")
CRNS = tuple(
    f"crn:v1:bluemix:public:quantum-computing:{region}:a/{account}:3c5a7e10-1111-4222-8333-{number:012}::"
    for number, (region, account) in enumerate(zip(("us-east", "eu-de", "us-east"), ACCOUNTS, strict=True))
)
PEOPLE = ("ada.lovelace@research.example.org", "grace+runs@navy.example", "IBMid-270005ABCD", "IBMid-55000XYZ12")
PRIVATE = (*CRNS, *PEOPLE, f"written by {PEOPLE[0]} for {CRNS[0]}", f"of a/{ACCOUNTS[1]}")


def _jwt(user: str, account: str) -> str:
    claims = {
        "iam_id": user,
        "email": PEOPLE[0],
        "account": {"bss": account},
        "iat": 1_788_256_800,
        "exp": 1_788_260_400,
    }
    parts = (json.dumps({"alg": "HS256"}), json.dumps(claims))
    signed = ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)
    return f"{signed}.c2lnbmF0dXJlLW9mLXRoZS10b2tlbi0wMTIz"


TOKENS = tuple(_jwt(user, account) for user, account in zip(PEOPLE[2:], ACCOUNTS, strict=False))

ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda key: key,
    "base64": base64.b64encode,
    "base64 at the first offset": lambda key: base64.b64encode(b"x" + key),
    "base64 at the second offset": lambda key: base64.b64encode(b"xy" + key),
    "base64 for URLs": base64.urlsafe_b64encode,
    "base64 in lines": lambda key: base64.encodebytes(b"a line, and one more, before the key: " + key),
    "base64 twice": lambda key: base64.b64encode(base64.b64encode(b"x" + key)),
    "hexadecimal": lambda key: key.hex().encode(),
    "hexadecimal, shifted": lambda key: b"0" + key.hex().upper().encode(),
    "escaped for URLs": lambda key: "".join(f"%{byte:02X}" for byte in key).encode(),
    "quoted for URLs": lambda key: urllib.parse.quote(key).encode(),
    "escaped for JSON": lambda key: "".join(f"\\u{byte:04x}" for byte in key).encode(),
    "gzip in base64": lambda key: base64.b64encode(gzip.compress(b"some text " + key)),
    "zlib in base64": lambda key: base64.b64encode(zlib.compress(b"\x93NUMPY" + key)),
    "other case": bytes.swapcase,
}

FIELDS = (
    "name",
    "id",
    "status",
    "tags",
    "message",
    "owner",
    "email",
    "x-note",
    "qubits",
    "value",
    "instance",
    "secret",
)
plain_texts = st.sampled_from(
    ["", "ibm_a", "online", "a b", "ä→😀", "2026-09-01T10:00:00Z", "line\nline", "eJ", "null"]
)
leaves = st.one_of(
    plain_texts,
    st.sampled_from(PRIVATE),
    st.sampled_from([None, True, 0, 7, -1, 2.5, 1e300, 10**30]),
)
bodies: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=8,
)
"""Bodies with private things in fields that are on the list and in some that are not."""

names = st.sampled_from(["ibm_a", "job-1", "a/b", "ä", "..", "x y", *PEOPLE[:1]])
tag_lists = st.lists(st.sampled_from(["demo", "submission-0123", *PEOPLE]), max_size=3).map(tuple)


def _with_key(request: Request) -> Request:
    return requests.add_headers(request, ("Authorization", f"Bearer {TOKENS[0]}"), ("Cookie", "session=1234567890"))


def one_of_each(crn: str, name: str, tags: tuple[str, ...], params: bytes) -> list[Request]:
    """Return a request to each endpoint."""
    submission = Submission(
        program="sampler",
        backend=name,
        params=params,
        tags=tags,
        cost=300,
        private=True,
        session="session-1",
        calibration_id="calibration-1",
        image="image:tag",
    )
    query = JobQuery(tags=tags, backend=name)
    built = [
        requests.search_instances("https://search.internal.example"),
        requests.describe_plan("https://catalog.internal.example/api/v1", "11111111-aaaa-4bbb-8ccc-000000000001"),
        requests.list_backends(BASE, crn),
        requests.get_configuration(BASE, crn, name),
        requests.get_properties(BASE, crn, name, updated_before="2026-09-01T10:00:00+00:00"),
        requests.get_status(BASE, crn, name),
        requests.get_usage(BASE, crn),
        requests.create_job(BASE, crn, submission),
        requests.get_job(BASE, crn, name),
        requests.list_jobs(BASE, crn, query, limit=10, offset=0, after="2026-09-01T10:00:00+00:00", before=""),
        requests.get_results(BASE, crn, name),
        requests.get_logs(BASE, crn, name),
        requests.get_metrics(BASE, crn, name),
        requests.cancel_job(BASE, crn, name),
        requests.delete_job(BASE, crn, name),
        requests.put_tags(BASE, crn, name, tags),
        requests.create_session(BASE, crn, SessionOrder(mode="batch", backend=name)),
        requests.get_session(BASE, crn, name),
    ]
    return [*map(_with_key, built), requests.exchange_key("https://iam.internal.example", Secret(KEY))]


all_requests = st.builds(
    one_of_each, st.sampled_from(CRNS), names, tag_lists, bodies.map(lambda body: json.dumps({"pubs": body}).encode())
).flatmap(st.sampled_from)

headers = st.lists(
    st.sampled_from(
        [
            ("Content-Type", "application/json"),
            ("Retry-After", "3"),
            ("Set-Cookie", f"token={KEY}"),
            ("X-Request-Id", CRNS[0]),
            ("Warning", "199 a"),
            ("Warning", "199 b"),
        ]
    ),
    max_size=4,
).map(tuple)

token_bodies = st.sampled_from(TOKENS).map(
    lambda token: {"access_token": token, "refresh_token": KEY, "expires_in": 3600}
)
response_bodies = (bodies | token_bodies).map(lambda body: json.dumps(body).encode()) | st.sampled_from(
    [b"", b"<html>not JSON", f"log of {CRNS[0]} with {TOKENS[0]}".encode(), b"[1, NaN]", b"{", b"\xff\xfe\x00"]
)
responses = st.builds(
    Response, status=st.sampled_from([200, 204, 400, 401, 404, 500, 503]), headers=headers, body=response_bodies
)
exchanges = st.builds(
    Recorded,
    request=all_requests,
    response=responses,
    at=st.none() | st.integers(0, 10**10).map(lambda n: 1.7e9 + n / 8),
)
conversations = st.lists(exchanges, min_size=1, max_size=3)


def text_of(exchange: Recorded) -> bytes:
    """Return all that stands in an exchange, in one text."""
    request, response = exchange.request, exchange.response
    parts = [request.url, *(f"{name}: {value}" for name, value in (*request.headers, *response.headers))]
    return b"\n".join([*(part.encode() for part in parts), request.body, response.body])
