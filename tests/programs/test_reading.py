"""Results of quantum programs: those of all versions are read, and nothing in them is believed."""

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.bridge.ledger import DecodeLimits
from qiskit_runtime_service.bridge.results import has_schema
from qiskit_runtime_service.programs.reading import decode_program_result
from qiskit_runtime_service.programs.result_bodies import encode_result
from qiskit_runtime_service.programs.roles import read_result
from qiskit_runtime_service.quantum_program import ChunkPart, ChunkSpan
from qiskit_runtime_service.records.problem import Problem, TooLarge, TooSlow, UnreadableValue
from qiskit_runtime_service.results import (
    ItemMetadata,
    Metadata,
    QuantumProgramItemResult,
    QuantumProgramResult,
    SchedulerTiming,
    StretchValues,
)

from .samples import MODELS, RESULTS, result_of


def read(body: Any, **limits: int) -> QuantumProgramResult:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decode_program_result(text, DecodeLimits(**limits)).unwrap()


def problem_of(body: Any, **limits: int) -> Problem:
    return decode_program_result(json.dumps(body).encode(), DecodeLimits(**limits)).failure()


@pytest.mark.holds("B364")
@pytest.mark.parametrize("name", RESULTS)
def test_what_a_server_answers_is_read_as_the_schema_has_it(name: str) -> None:
    body = result_of(name)
    found = read(body)
    version = json.loads(body)["schema_version"]
    theirs = MODELS[version].QuantumProgramResultModel.model_validate_json(body)
    assert found.semantic_role == getattr(theirs, "semantic_role", None)
    assert len(found) == len(theirs.data)
    for item, held in zip(found, theirs.data, strict=True):
        assert item.keys() == held.results.keys()
        for key, tensor in held.results.items():
            np.testing.assert_array_equal(item[key], tensor.to_numpy())
        assert item.metadata == ItemMetadata()
    for span, told in zip(found.metadata.chunk_timing, theirs.metadata.chunk_timing, strict=True):
        assert (span.start, span.stop) == (told.start, told.stop)
        assert [(part.idx_item, part.size) for part in span.parts] == [
            (part.idx_item, part.size) for part in told.parts
        ]
    if version >= "v1.0":
        # IBM's client drops these two (executor.md, 9).
        parts = [part for span in found.metadata.chunk_timing for part in span.parts]
        told_parts = [part for span in theirs.metadata.chunk_timing for part in span.parts]
        assert [(part.permutation, part.element_range) for part in parts] == [
            (part.permutation, part.element_range) for part in told_parts
        ]


def test_what_the_executor_answered_is_there() -> None:
    result = read(result_of("executor"))
    (item,) = result
    assert item["c"].shape == (2, 3, 10, 3)
    assert item["c"].dtype == np.bool_
    assert item["c"].sum() == 59
    assert result.passthrough_data["x"] == [1, 2.5, None, True]
    assert result.passthrough_data["arr"].shape == (2, 3)
    assert result.timing.duration == 2.0
    assert result.timing.start == datetime(2026, 11, 29, 16, 39, 1, 321190, UTC)
    assert result.metadata.chunk_timing[0].parts == [ChunkPart(0, 6, [0, 1], (0, 6, 1))]


def test_what_is_told_of_items_is_read() -> None:
    body = json.loads(result_of("executor"))
    body["data"][0]["metadata"] = {
        "scheduler_timing": {"timing": "main,x,Qubit 0,0,10,play", "circuit_duration": 10},
        "stretch_values": [{"name": "a", "value": 5, "remainder": 1, "expanded_values": [[0, 5], [10, 6]]}],
    }
    assert read(body)[0].metadata == ItemMetadata(
        SchedulerTiming("main,x,Qubit 0,0,10,play", 10), [StretchValues("a", 5, 1, [(0, 5), (10, 6)])]
    )


def test_a_result_without_metadata_is_read_and_an_instant_without_a_zone_is_utc() -> None:
    body = json.loads(result_of("executor_v0.1"))
    assert read(body | {"metadata": None}).metadata == Metadata([])
    body["metadata"]["chunk_timing"][0]["start"] = "2026-11-29T16:00:00"
    assert read(body).timing.start == datetime(2026, 11, 29, 16, tzinfo=UTC)
    body["metadata"]["chunk_timing"][0]["start"] = "2026-11-29T16:00:00+02:00"
    assert read(body).timing.start == datetime(2026, 11, 29, 14, tzinfo=UTC)


@pytest.mark.parametrize("version", MODELS)
def test_a_result_that_is_written_is_read_in_each_version(version: str) -> None:
    span = ChunkSpan(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC), [ChunkPart(0, 2)])
    item = QuantumProgramItemResult({"c": np.arange(12).reshape(2, 3, 2) % 2 == 0})
    written = QuantumProgramResult([item], Metadata([span]), {"a": [np.arange(3.0)]})
    written.semantic_role = "somebody"
    body = encode_result(written, version)
    MODELS[version].QuantumProgramResultModel.model_validate_json(body)
    found = read(body)
    np.testing.assert_array_equal(found[0]["c"], item["c"])
    assert found.timing.duration == 86400.0
    if version != "v0.1":
        np.testing.assert_array_equal(found.passthrough_data["a"][0], [0.0, 1.0, 2.0])
    assert found.semantic_role == ("somebody" if version >= "v1.0" else None)


@pytest.mark.holds("B364")
def test_numbers_that_only_python_reads_are_read() -> None:
    body = json.loads(result_of("executor")) | {"passthrough_data": [float("inf"), 2**70]}
    result = read(body)
    assert result.passthrough_data == [float("inf"), 2**70]
    assert result[0]["c"].sum() == 59
    assert result.timing.duration == 2.0
    assert has_schema(json.dumps(body).encode())
    assert not has_schema(b'{"a": Infinity, "schema_version": "v2.0"}x')


@pytest.mark.holds("B364")
def test_half_a_character_is_read_or_is_why_there_is_no_result() -> None:
    body, half = json.loads(result_of("executor")), "\ud800"
    looks = {"data": half, "shape": [1], "dtype": "f64"}
    found = read(body | {"passthrough_data": [half, {half: 1}, looks, {**looks, "dtype": half}]})
    assert found.passthrough_data == [half, {half: 1}, looks, {**looks, "dtype": half}]
    item = body["data"][0]
    tensor = {**item["results"]["c"], "data": half}
    for broken in (
        half,
        body | {"schema_version": half},
        body | {"semantic_role": half},
        body | {"data": [{**item, "results": {"c": tensor}}]},
        body | {"data": [{**item, "metadata": {"scheduler_timing": {"timing": half, "circuit_duration": 1}}}]},
    ):
        assert isinstance(
            decode_program_result(json.dumps(broken).encode()).value_or(None), QuantumProgramResult | None
        )
        assert isinstance(read_result(json.dumps(broken).encode()).value_or(None), QuantumProgramResult | None)


@pytest.mark.holds("B364")
def test_what_is_no_result_says_why() -> None:
    body = json.loads(result_of("executor"))
    newer = problem_of(body | {"schema_version": "v2.1"})
    assert newer == UnreadableValue(
        tag="a quantum program", reason="its schema is 'v2.1', and known here are v0.1, v0.2, v1.0, v1.1, v2.0"
    )
    # Whatever else is in a newer one.
    assert problem_of({"schema_version": "v2.1"}) == newer
    broken: Any
    for broken in ({}, [], {"schema_version": 2}, {"schema_version": "v2.0", "data": 1}, "text"):
        assert isinstance(problem_of(broken), UnreadableValue)
    assert isinstance(decode_program_result(b"Traceback").failure(), UnreadableValue)


@pytest.mark.holds("B364")
def test_a_result_is_paid_for_before_it_is_built() -> None:
    body = json.loads(result_of("executor"))
    text = json.dumps(body).encode()
    assert len(read(body)) == 1
    problems = {
        "input_bytes": problem_of(body, input_bytes=len(text) - 1),
        "items": problem_of(body, items=40),
        "output_bytes": problem_of(body, output_bytes=22),
        "memory": problem_of(body, memory=5000),
    }
    for setting, problem in problems.items():
        assert isinstance(problem, TooLarge)
        assert problem.setting == setting
    body["passthrough_data"] = [[[[1]]]]
    assert isinstance(problem_of(body, depth=2), TooLarge)
    body["passthrough_data"] = list(range(3000))
    assert isinstance(decode_program_result(json.dumps(body).encode(), time_left=lambda: 0.0).failure(), TooSlow)


@given(st.sampled_from(RESULTS), st.data())
def test_whatever_is_changed_there_is_a_result_or_a_problem(name: str, data: st.DataObject) -> None:
    body = json.loads(result_of(name))
    place: Any = body
    for _ in range(6):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            place[key] = data.draw(st.sampled_from([None, 0, -1, "", "x", [], {}, [1], 2**70, True]))
            break
        place = place[key]
    result = decode_program_result(json.dumps(body).encode())
    assert isinstance(result.value_or(None), QuantumProgramResult | None)


# Roles


@pytest.mark.holds("B366")
def test_what_nobody_has_prepared_is_the_result_itself() -> None:
    body = json.loads(result_of("sampler_twirled"))
    assert type(read_result(result_of("executor")).unwrap()) is QuantumProgramResult
    for change in (
        {"semantic_role": "somebody"},
        {"semantic_role": None},
        {"passthrough_data": None},
        {"passthrough_data": {"post_processor": {"version": "v9"}}},
        {"passthrough_data": {"post_processor": "v0.1"}},
    ):
        found = read_result(json.dumps(body | change).encode()).unwrap()
        assert type(found) is QuantumProgramResult


@pytest.mark.holds("B366")
def test_what_a_sampler_has_prepared_it_reads() -> None:
    result = read_result(result_of("sampler_twirled")).unwrap()
    assert result[0].data.meas.num_shots == 64
    assert result[0].metadata["circuit_metadata"] == {"who": "sample"}


@pytest.mark.holds("B366")
def test_what_a_sampler_cannot_have_prepared_is_a_problem() -> None:
    body = json.loads(result_of("sampler_twirled"))
    del body["data"][0]["results"]["meas"]
    problem = read_result(json.dumps(body).encode()).failure()
    assert isinstance(problem, UnreadableValue)
    assert problem.tag == "the result of sampler_v2"
