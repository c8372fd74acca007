"""How responses are built, and how that changes: twenty-two kinds of change, all named; and what is no change."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given

from qiskit_runtime_service.cassettes.drift import find_drift
from qiskit_runtime_service.cassettes.scrub import scrub
from qiskit_runtime_service.cassettes.shapes import kind_of, shapes_of
from qiskit_runtime_service.records.cassette import Drift, Recorded
from qiskit_runtime_service.records.exchange import Request, Response
from tests.support.conversations import conversations

BODY: dict[str, Any] = {
    "id": "j1",
    "created": "2026-09-01T10:00:00Z",
    "crn": "crn:v1:x",
    "plan_id": "11111111-aaaa-4bbb-8ccc-000000000001",
    "count": 3,
    "seconds": 2.5,
    "private": False,
    "reason": None,
    "state": {"status": "Queued", "code": 1305},
    "tags": ["a", "b"],
    "jobs": [{"id": "a", "cost": 1}, {"id": "b", "cost": 2}],
}
JSON = (("Content-Type", "application/json"),)


def answered(
    body: Any,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = JSON,
    version: str = "2026-04-15",
    path: str = "j1",
) -> Recorded:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request(
        method="GET",
        url=f"https://quantum.cloud.ibm.com/api/v1/jobs/{path}",
        headers=(("Service-CRN", "crn"), ("IBM-API-Version", version)),
    )
    return Recorded(request=request, response=Response(status=status, headers=headers, body=data))


def changes(old: list[Recorded], new: list[Recorded]) -> list[str]:
    return [drift.change for drift in find_drift(shapes_of(old), shapes_of(new))]


def changed(change: Callable[[dict[str, Any]], object]) -> list[str]:
    """Return what is named when a body is changed."""
    body = deepcopy(BODY)
    change(body)
    return changes([answered(BODY)], [answered(body)])


def rename(body: dict[str, Any], old: str, new: str) -> None:
    body[new] = body.pop(old)


IN_BODY: dict[str, tuple[Callable[[dict[str, Any]], object], list[str]]] = {
    "a new field": (lambda body: body.update(extra=1), ["extra is new: integer"]),
    "a field gone": (lambda body: body.pop("count"), ["count is gone"]),
    "a field renamed": (lambda body: rename(body, "id", "job_id"), ["id is gone", "job_id is new: text"]),
    "a new field inside": (lambda body: body["state"].update(extra=""), ["state.extra is new: empty text"]),
    "a field gone inside": (lambda body: body["state"].pop("code"), ["state.code is gone"]),
    "a field gone from all items": (
        lambda body: [job.pop("cost") for job in body["jobs"]],
        ["jobs[].cost is gone"],
    ),
    "a field gone from some items": (
        lambda body: body["jobs"][0].pop("cost"),
        ["jobs[].cost is not always there any more"],
    ),
    "a number becomes text": (lambda body: body.update(count="3"), ["count was integer, is number as text"]),
    "a text becomes a number": (lambda body: body.update(id=1), ["id was text, is integer"]),
    "a whole number becomes a fraction": (lambda body: body.update(count=3.5), ["count was integer, is number"]),
    "a truth value becomes text": (lambda body: body.update(private="no"), ["private was truth value, is text"]),
    "a truth value becomes a number": (lambda body: body.update(private=0), ["private was truth value, is integer"]),
    "a value may be null": (lambda body: body.update(count=None), ["count was integer, is null"]),
    "an object becomes a text": (
        lambda body: body.update(state="Queued"),
        ["state was object, is text"],
    ),
    "an object becomes a list": (
        lambda body: body.update(state=[body["state"]]),
        ["state was object, is list"],
    ),
    "a list becomes an object": (
        lambda body: body.update(tags={"a": True}),
        ["tags was list, is object"],
    ),
    "items of another kind": (lambda body: body.update(tags=[{"name": "a"}]), ["tags[] was text, is object"]),
    "an instant without its zone": (
        lambda body: body.update(created="2026-09-01T10:00:00"),
        ["created was instant, is instant without zone"],
    ),
    "an instant becomes a number": (lambda body: body.update(created=1.5), ["created was instant, is number"]),
    "a CRN becomes an id": (lambda body: body.update(crn="x"), ["crn was CRN, is text"]),
}

AROUND: dict[str, tuple[Recorded, list[str]]] = {
    "another status": (answered(BODY, 201), ["answered 200, answers 201"]),
    "another content type": (
        answered(BODY, headers=(("Content-Type", "text/plain; charset=utf-8"),)),
        ["sent application/json, sends text/plain"],
    ),
    "a new header": (answered(BODY, headers=(*JSON, ("Deprecation", "true"))), ["the header deprecation is new"]),
    "no body": (
        answered(b"", headers=JSON),
        ["the body was object, is nothing"],
    ),
    "a body that is not JSON": (answered(b"<html>"), ["the body was object, is text that is not JSON"]),
    "a list as body": (answered([BODY]), ["the body was object, is list"]),
}


@pytest.mark.holds("B214")
@pytest.mark.parametrize("kind", IN_BODY)
def test_a_change_in_a_body_is_named(kind: str) -> None:
    change, named = IN_BODY[kind]
    assert changed(change) == named


@pytest.mark.holds("B214")
@pytest.mark.parametrize("kind", AROUND)
def test_a_change_around_a_body_is_named(kind: str) -> None:
    new, named = AROUND[kind]
    assert changes([answered(BODY)], [new]) == named


def test_an_endpoint_that_is_only_on_one_cassette_is_named() -> None:
    refusal = answered({}, 404)
    assert find_drift(shapes_of([answered(BODY)]), shapes_of([answered(BODY), refusal])) == (
        Drift("get job, refused with 404", "is only on the new cassette", "", "2026-04-15"),
    )
    assert changes([answered(BODY), refusal], [answered(BODY)]) == ["is only on the old cassette"]


def test_what_is_no_success_is_an_endpoint_of_its_own() -> None:
    answers = [answered({"at": number}, status) for number, status in enumerate((200, 204, 299, 300, 404, 500))]
    assert [(shape.endpoint, shape.statuses) for shape in shapes_of(answers)] == [
        ("get job", (200, 204, 299)),
        ("get job, refused with 300", (300,)),
        ("get job, refused with 404", (404,)),
        ("get job, refused with 500", (500,)),
    ]


def test_both_versions_of_the_interface_are_told() -> None:
    old, new = answered({"a": 1}, version="2025-05-01"), answered({"a": "x"}, version="2026-04-15")
    assert find_drift(shapes_of([old]), shapes_of([new])) == (
        Drift("get job", "a was integer, is text", "2025-05-01", "2026-04-15"),
    )


@pytest.mark.holds("B214")
def test_a_kind_that_is_new_among_others_is_named_with_all_of_them() -> None:
    new = [answered({"a": value}) for value in (2, "x", 3)]
    assert changes([answered({"a": 1})], new) == ["a was integer, is integer or text"]
    assert changes([answered({"a": 1.5})], new) == ["a was number, is integer or text"]


@pytest.mark.holds("B214")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([{"a": 1}, {"a": "x"}], [{"a": 2}]),
        ([{"a": 1}, {}], [{"a": 2}]),
        ([{"a": 1.5}], [{"a": 2}]),
        ([{"a": None}, {"a": 1.5}, {"a": True}], [{"a": 2}]),
        ([{"a": "word"}, {"a": 1.5}], [{"a": ""}, {"a": 2}, {"a": "3"}]),
        ([{"a": "word"}], [{"a": ""}]),
        ([{"a": [{"b": 1}]}], [{"a": []}]),
        ([{"a": []}], [{"a": [{"b": 1}]}]),
        ([{"a": None}, {"a": {"b": 1}}], [{"a": None}]),
    ],
)
def test_what_only_differs_between_two_runs_is_no_change(old: list[Any], new: list[Any]) -> None:
    assert changes([answered(body) for body in old], [answered(body) for body in new]) == []


@given(conversations)
def test_nothing_changed_between_a_cassette_and_itself(recorded: list[Recorded]) -> None:
    assert find_drift(shapes_of(recorded), shapes_of(recorded)) == ()


def test_scrubbing_leaves_the_fields_and_the_kinds_of_numbers() -> None:
    kept, _ = scrub([answered(BODY | {"unknown": {"name": "x", "n": 2.5, "l": [True]}})])
    old = shapes_of([answered(BODY | {"unknown": {"name": "x", "n": 2.5, "l": [True]}})])
    assert changes_between(old, shapes_of(kept)) == []


def changes_between(old: Any, new: Any) -> list[str]:
    return [drift.change for drift in find_drift(old, new)]


KINDS = {
    "number": 1.5,
    "integer": 1,
    "text": "some words",
    "empty text": "",
    "number as text": "3",
    "UUID": "9a1f0c1e-1f0b-4a52-8f2f-5d1a4f7b2c3d",
    "CRN": "crn:v1:bluemix:public:quantum-computing:us-east:a/0:1::",
    "instant": "2026-09-01T10:00:00Z",
    "instant without zone": "2026-09-01T10:00:00",
    "truth value": True,
}
NO_NEWS = {
    "number": {"integer"},
    "text": {"empty text", "number as text", "UUID", "CRN", "instant", "instant without zone"},
}


@pytest.mark.holds("B214")
@pytest.mark.parametrize("before", KINDS)
def test_a_kind_that_the_one_before_takes_in_is_no_news_and_every_other_is(before: str) -> None:
    for after in KINDS:
        news = changes_between(*(shapes_of([answered({"field": KINDS[kind]})]) for kind in (before, after)))
        is_none = after == before or after in NO_NEWS.get(before, set())
        assert news == ([] if is_none else [f"field was {before}, is {after}"])


def test_every_value_has_a_kind() -> None:
    values: list[Any] = [None, True, 1, 1.5, [], {}, "", "x", "1.5", "2026-09-01T10:00:00.123+02:00"]
    assert [kind_of(value) for value in values] == [
        "null",
        "truth value",
        "integer",
        "number",
        "list",
        "object",
        "empty text",
        "text",
        "number as text",
        "instant",
    ]
