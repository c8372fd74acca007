"""An odd value hides itself and nothing else, in every body that is read."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiskit_runtime_service.records.backend import BackendRow
from qiskit_runtime_service.records.problem import UnreadableBody
from qiskit_runtime_service.wire.configuration import read_configuration
from qiskit_runtime_service.wire.responses import (
    read_backends,
    read_created_job,
    read_inputs,
    read_job,
    read_jobs,
    read_object,
    read_search,
    read_token,
    read_usage,
)
from tests.support.examples import examples
from tests.support.odd_bodies import (
    BODIES,
    CONFIGURATION,
    CRN,
    NO_JSON,
    ROWS,
    URL,
    check_an_odd_row,
    check_an_odd_value,
    check_no_json,
    encode,
    odd_values,
    parent_of,
)

bodies = pytest.mark.parametrize("kind", BODIES)


@bodies
def test_the_tables_name_places_that_are_there(kind: str) -> None:
    _, tree, places = BODIES[kind]
    assert all(parent_of(tree, spot.path)[spot.path[-1]] is not None for spot in places)


@bodies
@settings(max_examples=examples(40))
@given(data=st.data())
@pytest.mark.holds("B281", "B282")
def test_an_odd_value_leaves_all_else_as_it_was(kind: str, data: st.DataObject) -> None:
    spot = data.draw(st.sampled_from(BODIES[kind].places))
    check_an_odd_value(kind, spot, data.draw(odd_values))


@pytest.mark.holds("B320")
def test_an_answer_has_no_more_values_than_any_that_is_known() -> None:
    def listing(count: int) -> bytes:
        # One for the whole, one for the object, one for the list, one for each comma.
        return b'{"devices":[' + b"null," * (count - 4) + b"null,null]}"

    assert read_backends(listing(250_000), URL, CRN).unwrap().rows == ()
    problem = read_backends(listing(250_001), URL, CRN).failure()
    assert isinstance(problem, UnreadableBody)
    assert problem.is_json
    assert problem.reason == "it has about 250001 values; 250000 are read at most"
    described = read_configuration(b'{"gates":[' + b"1," * 999_997 + b"1,1]}", URL).failure()
    assert "1000000 are read at most" in str(described)
    inputs = b'{"params":[' + b"1," * 999_996 + b"1,1]}"
    assert read_inputs(inputs, URL).unwrap() == inputs[10:-1]
    assert "1000000 are read at most" in str(read_inputs(inputs.replace(b"[", b"[1,"), URL).failure())


@pytest.mark.holds("B320")
def test_an_answer_of_which_next_to_nothing_fits_is_none() -> None:
    def listing(odd: int) -> bytes:
        return encode(
            {"devices": [{"name": "good"}, *({"name": f"odd_{number}", "qubits": []} for number in range(odd))]}
        )

    found = read_backends(listing(1_000), URL, CRN).unwrap()
    assert (len(found.rows), len(found.ignored)) == (1_001, 1_000)
    problem = read_backends(listing(1_001), URL, CRN).failure()
    assert isinstance(problem, UnreadableBody)
    assert (problem.is_json, problem.reason) == (True, "more than 1000 parts of it do not fit")


@bodies
@pytest.mark.parametrize("text", NO_JSON, ids=lambda text: text[:10])
@pytest.mark.holds("B281")
def test_what_is_not_quite_json_leaves_all_else_as_it_was(kind: str, text: str) -> None:
    for spot in BODIES[kind].places:
        check_no_json(kind, spot, text)


@pytest.mark.parametrize("kind", ROWS)
@settings(max_examples=examples(40))
@given(data=st.data())
@pytest.mark.holds("B283")
def test_an_odd_row_leaves_the_others_as_they_were(kind: str, data: st.DataObject) -> None:
    rows, _, identity = ROWS[kind]
    index = data.draw(st.integers(0, 2))
    row = BODIES[kind].tree[rows][index]
    unnamed: st.SearchStrategy[Any] = st.just({}) | st.sampled_from([None, "", 5, [], {}]).map(
        lambda odd: row | {identity: odd}
    )
    nameless = odd_values.filter(lambda value: not (isinstance(value, dict) and identity in value))
    check_an_odd_row(kind, index, data.draw(unnamed | nameless))


@bodies
@given(cut=st.integers(1, 5_000), odd=st.booleans())
@settings(max_examples=examples(20))
@pytest.mark.holds("B284")
def test_a_body_that_breaks_off_is_not_salvaged(kind: str, cut: int, odd: bool) -> None:
    read, tree, _ = BODIES[kind]
    body = encode({"a": 5, **dict.fromkeys(tree, 5)} if odd else tree)
    problem = read(body[: -1 - cut % (len(body) - 1)]).failure()
    assert isinstance(problem, UnreadableBody)
    assert not problem.is_json


# The same, value by value


def rows(**odd: Any) -> tuple[BackendRow, ...]:
    device = {"name": "odd", "queue_length": 2, "status": {"name": "paused"}}
    device |= {"processor_type": {"family": "Heron", "revision": "2"}, **odd}
    body = json.dumps({"devices": [{"name": "first", "queue_length": 1}, device]}).encode()
    return read_backends(body, URL, CRN).unwrap().rows


def odd_row(**odd: Any) -> BackendRow:
    first, row = rows(**odd)
    assert first == BackendRow(name="first", instance=CRN, state="unknown", queue_length=1)
    return row


FINE = BackendRow(name="odd", instance=CRN, state="paused", queue_length=2, processor="Heron r2")


@pytest.mark.holds("B281", "B282")
@pytest.mark.parametrize(
    ("odd", "field", "value", "ignored"),
    [
        ({"queue_length": 2.5}, "queue_length", 3, ()),
        ({"queue_length": 0.01}, "queue_length", 1, ()),
        ({"queue_length": "3"}, "queue_length", 3, ()),
        ({"queue_length": "2.5"}, "queue_length", 3, ()),
        ({"queue_length": -2.5}, "queue_length", None, ()),
        ({"queue_length": True}, "queue_length", None, ("queue_length: Expected `int | float | null`, got `bool`",)),
        ({"queue_length": "3 jobs"}, "queue_length", None, ("queue_length: Expected `int | float | null`, got `str`",)),
        ({"queue_length": "nan"}, "queue_length", None, ("queue_length: Expected `int | float | null`, got `str`",)),
        ({"status": "online"}, "state", "online", ()),
        ({"status": "a word of tomorrow"}, "state", "a word of tomorrow", ()),
        ({"status": 5}, "state", "unknown", ("status: Expected `object | null`, got `int`",)),
        ({"clops": 1000}, "clops", 1000.0, ()),
        ({"clops": "1000"}, "clops", 1000.0, ()),
        ({"clops": {"value": "1000"}}, "clops", 1000.0, ()),
        ({"clops": {"value": []}}, "clops", None, ("clops.value: Expected `float | null`, got `array`",)),
        ({"wait_time_seconds": 12}, "wait_seconds", 12.0, ()),
        ({"processor_type": "Heron r3"}, "processor", "Heron r3", ()),
        (
            {"performance_metrics": {"two_q_error_median": 0.25, "readout_error_median": []}}, "two_qubit_error", 0.25,
            ("performance_metrics.readout_error_median: Expected `object | null`, got `array`",),
        ),
        ({"qubits": 5.0}, "num_qubits", 5, ()),
        ({"qubits": "5"}, "num_qubits", 5, ()),
        ({"qubits": 5.5}, "num_qubits", None, ("qubits: Expected `int | null`, got `float`",)),
        ({"is_simulator": 0}, "simulator", None, ("is_simulator: Expected `bool | null`, got `int`",)),
        ({"is_simulator": "false"}, "simulator", None, ("is_simulator: Expected `bool | null`, got `str`",)),
        (
            {"processor_type": {"family": "Heron", "revision": ["2"]}}, "processor", "Heron",
            ("processor_type.revision: Expected `int | float | str | null`, got `array`",),
        ),
    ],
)  # fmt: skip
def test_a_device_keeps_all_but_its_odd_field(
    odd: dict[str, Any], field: str, value: object, ignored: tuple[str, ...]
) -> None:
    expected = {name: getattr(FINE, name) for name in FINE.__struct_fields__} | {field: value, "ignored": ignored}
    row = odd_row(**odd)
    assert {name: getattr(row, name) for name in row.__struct_fields__} == expected


@pytest.mark.holds("B281", "B282")
@pytest.mark.parametrize(
    ("odd", "field", "value", "ignored"),
    [
        ({"tags": ["a", 5, "b"]}, "tags", ("a", "b"), ("tags[1]: Expected `str`, got `int`",)),
        ({"tags": "a"}, "tags", (), ("tags: Expected `array | null`, got `str`",)),
        ({"cost": "10"}, "cost", 10.0, ()),
        ({"cost": "ten"}, "cost", None, ("cost: Expected `float | null`, got `str`",)),
        ({"created": 1788256800}, "created", None, ("created: Expected `str | null`, got `int`",)),
        ({"private": 1}, "private", False, ("private: Expected `bool | null`, got `int`",)),
        ({"usage": {"qpu_charge_time_seconds": "2"}}, "charged_seconds", 2, ()),
    ],
)
def test_a_job_keeps_all_but_its_odd_field(
    odd: dict[str, Any], field: str, value: object, ignored: tuple[str, ...]
) -> None:
    job = {"id": "j", "state": {"status": "Failed", "reason": "why", "reason_code": 1517}}
    good, found = (read_job(encode(body), URL, CRN, "j").unwrap() for body in (job, job | odd))
    expected = {name: getattr(good, name) for name in good.__struct_fields__} | {field: value, "ignored": ignored}
    assert {name: getattr(found, name) for name in found.__struct_fields__} == expected


@pytest.mark.holds("B281", "B282")
@pytest.mark.parametrize(
    ("code", "read", "ignored"),
    [("1517", 1517, ()), (1517.0, 1517, ()), ("E17", None, ("state.reason_code: Expected `int | null`, got `str`",))],
)
def test_a_job_keeps_its_state_beside_an_odd_code(code: object, read: int | None, ignored: tuple[str, ...]) -> None:
    job = read_job(encode({"id": "j", "state": {"status": "Failed", "reason_code": code}}), URL, CRN, "j").unwrap()
    assert (job.state.status, job.state.code, job.ignored) == ("Failed", read, ignored)


@pytest.mark.holds("B282")
def test_a_text_in_the_place_of_a_state_or_a_program_is_read() -> None:
    job = read_job(encode({"id": "j", "state": "Failed", "program": "sampler"}), URL, CRN, "j").unwrap()
    assert (job.state.status, job.program, job.ignored) == ("Failed", "sampler", ())


@pytest.mark.holds("B281")
@pytest.mark.parametrize(
    ("doc", "allocated"),
    [
        ({"extensions": 7}, True),
        ({"extensions": ["a"]}, True),
        (7, True),
        ({"extensions": {}}, False),
        ({"extensions": None}, False),
        ({}, False),
        (None, False),
    ],
)
def test_odd_extensions_do_not_say_that_nothing_is_allocated(doc: object, allocated: bool) -> None:
    page = read_search(encode({"items": [{"crn": "c1", "doc": doc}, {"crn": "c2"}]}), URL).unwrap()
    assert [(instance.crn, instance.allocated) for instance in page.found] == [("c1", allocated), ("c2", False)]


@pytest.mark.holds("B283", "B286")
def test_what_is_left_away_is_told_where_it_stands() -> None:
    rows = [{"id": "j1", "cost": []}, 5, {"id": "j2", "tags": [1]}, {"cost": 1}]
    page = read_jobs(encode({"jobs": rows, "count": "many"}), URL, CRN).unwrap()
    assert [(job.id, job.ignored) for job in page.jobs] == [
        ("j1", ("cost: Expected `float | null`, got `array`",)),
        ("j2", ("tags[0]: Expected `str`, got `int`",)),
    ]
    assert (page.lost, page.count) == (2, None)
    assert page.ignored == (
        "jobs['j1'].cost: Expected `float | null`, got `array`",
        "jobs[1]: Expected `object | null`, got `int`",
        "jobs['j2'].tags[0]: Expected `str`, got `int`",
        "jobs[3]: id is missing or wrong",
        "count: Expected `int | null`, got `str`",
    )


@pytest.mark.holds("B281")
def test_what_is_not_quite_json_is_read_and_told() -> None:
    told = "the whole: it is not quite JSON, so numbers that are none and halves of characters count as absent"
    fields = b'"usage_consumed_seconds": NaN, "usage_limit_seconds": -Infinity, "plan_id": "\\ud800!", "new": 1e999'
    usage = read_usage(b"\xef\xbb\xbf{" + fields + b"}", URL, CRN).unwrap()
    assert (usage.consumed, usage.limit, usage.plan_id, usage.ignored) == (None, None, "?!", (told,))
    assert read_object(b'{"a": NaN, "b": [1]}', URL).unwrap() == {"a": None, "b": [1]}
    described = read_configuration(encode(CONFIGURATION | {"new": float("inf"), "dt": float("nan")}), URL).unwrap()
    assert (described.dt, described.max_shots, described.ignored) == (None, 10, (told,))
    assert described.others == {"a_field_of_tomorrow": [1], "new": None}


@pytest.mark.holds("B281")
@pytest.mark.parametrize(("sent", "read"), [("3600", 3600.0), (60, 60.0), ("soon", 3600.0), ([], 3600.0)])
def test_a_token_is_read_beside_an_odd_lifetime(sent: object, read: float) -> None:
    token = read_token(encode({"access_token": "opaque", "expires_in": sent}), URL, 7.0).unwrap()
    assert (token.value.reveal(), token.lifetime) == ("opaque", read)


@pytest.mark.holds("B281")
def test_of_two_values_of_one_name_the_last_counts() -> None:
    body = b'{"devices": [{"name": "a", "qubits": 1, "qubits": 2, "clops": [], "queue_length": [], "queue_length": 4}]}'
    (row,) = read_backends(body, URL, CRN).unwrap().rows
    assert (row.num_qubits, row.queue_length, row.ignored) == (
        2,
        4,
        ("clops: Expected `object | null`, got `array`",),
    )


@pytest.mark.holds("B284")
@pytest.mark.parametrize(
    ("body", "reason", "is_json"),
    [
        (b"[]", "Expected `object`, got `array`", True),
        (b"null", "Expected `object`, got `null`", True),
        (b'{"state": {}}', "id is missing or wrong", True),
        (b'{"id": ""}', "id is missing or wrong", True),
        (b'{"id": 5, "tags": [1]}', "id is missing or wrong", True),
        (b"[" * 5_000 + b"]" * 5_000, "Expected `object`, got `array`", True),
        (b'{"id":' * 5_000 + b"1" + b"}" * 5_000, "id is missing or wrong", True),
        (b'{"id": 5, "x": NaN, "tags": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", "id is missing or wrong", True),
        (b"[" * 5_000 + b"]" * 4_999, "Expected `object`, got `array`", False),
        (b"", "Input data was truncated", False),
        (b'{"id": 5', "Expected `str`, got `int` - at `$.id`", False),
        (b"<html>", "JSON is malformed: invalid character (byte 0)", False),
        (b'{"id": "\xff"}', "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte", False),
    ],
)
def test_json_of_another_shape_is_no_damaged_body(body: bytes, reason: str, is_json: bool) -> None:
    problem = read_created_job(body, URL).failure()
    assert isinstance(problem, UnreadableBody)
    assert (problem.reason, problem.is_json) == (reason, is_json)


DEEP = b"[" * 20_000 + b"]" * 20_000
"""More levels than any library that the tests load lets Python read."""


@pytest.mark.holds("B352")
@pytest.mark.parametrize("field", ["queue_length", "clops", "a_field_of_tomorrow"])
def test_what_is_too_deep_takes_nothing_with_it(field: str) -> None:
    body = b'{"devices": [{"name": "a", "qubits": 3, "%s": %s}, {"name": "b", "qubits": 5}]}'
    listing = read_backends(body % (field.encode(), DEEP), URL, CRN).unwrap()
    assert [(row.name, row.num_qubits) for row in listing.rows] == [("a", 3), ("b", 5)]
    assert "the whole: it has more levels than can be read, so what is deepest counts as absent" in listing.ignored


@pytest.mark.holds("B352")
def test_a_configuration_with_a_part_that_is_too_deep_is_read() -> None:
    tree = {"backend_name": "a", "backend_version": "1", "n_qubits": 1, "basis_gates": ["x"], "gates": [], "rest": 0}
    found = read_configuration(msgspec.json.encode(tree).replace(b'"rest":0', b'"more":1,"rest":' + DEEP), URL).unwrap()
    assert (found.backend_name, found.n_qubits) == ("a", 1)
    assert msgspec.json.decode(found.rest)["more"] == 1


@pytest.mark.holds("B283")
def test_an_empty_name_identifies_nothing() -> None:
    listing = read_backends(b'{"devices": [{"name": ""}, null, {"name": "b"}]}', URL, CRN).unwrap()
    assert [row.name for row in listing.rows] == ["b"]
    assert listing.ignored == (
        "devices[0].name: Expected `str` of length >= 1",
        "devices[0]: name is missing or wrong",
    )
