"""Descriptions that do not quite fit: what fits is used, and the rest is named."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from returns.result import Success

from qiskit_runtime_service.records.backend import Configuration, Properties
from qiskit_runtime_service.records.problem import UnreadableBody
from qiskit_runtime_service.wire.configuration import read_configuration, read_properties
from qiskit_runtime_service.wire.snapshot_file import encode_snapshot, read_snapshot_file
from tests.strategies import configurations, json_values

NDUV = {"name": "T1", "unit": "us", "value": 1.5, "date": "2026-09-01T06:00:00+00:00"}
WHOLE: dict[str, Any] = {
    "backend_name": "b",
    "backend_version": "1",
    "n_qubits": 2,
    "basis_gates": ["cz"],
    "gates": [{"name": "cz", "parameters": [], "qasm_def": "", "coupling_map": [[0, 1], [1, 0]]}],
    "max_shots": 10,
    "coords": [[0, 1], [0, 2]],
    "timing_constraints": {"granularity": 8},
}
PROPERTIES: dict[str, Any] = {
    "backend_name": "b",
    "backend_version": "1",
    "last_update_date": "2026-09-01T06:00:00+00:00",
    "qubits": [[NDUV], [NDUV, NDUV]],
    "gates": [{"gate": "cz", "qubits": [0, 1], "parameters": [NDUV]}],
    "general": [],
}


def configured(**changes: Any) -> Configuration:
    return read_configuration(json.dumps(WHOLE | changes).encode(), "url").unwrap()


def calibrated(**changes: Any) -> Properties:
    properties = read_properties(json.dumps(PROPERTIES | changes).encode(), "url").unwrap()
    assert properties is not None
    return properties


def test_what_fits_is_read_without_a_word() -> None:
    assert configured().ignored == calibrated().ignored == ()
    assert configured().rest == b"{}"


@pytest.mark.holds("B100")
@pytest.mark.parametrize(
    ("changes", "left", "reason"),
    [
        ({"max_shots": "many"}, {"max_shots": None}, "max_shots: Expected `int | null`, got `str`"),
        ({"timing_constraints": {"granularity": -1, "more": 2}}, {}, "timing_constraints.granularity: Expected"),
        ({"coords": 7}, {"coords": ()}, "coords: Expected"),
        ({"coords": [[0, "x"], [1, 2]]}, {"coords": ((1.0, 2.0),)}, "coords[0]: Expected"),
        ({"online_date": "soon"}, {"online_date": None}, "online_date: Invalid"),
        ({"processor_type": []}, {"processor_type": None}, "processor_type: Expected"),
    ],
)
def test_an_optional_part_that_is_wrong_is_left_away(
    changes: dict[str, Any], left: dict[str, Any], reason: str
) -> None:
    found = configured(**changes)
    assert {name: getattr(found, name) for name in left} == left
    assert [sentence for sentence in found.ignored if sentence.startswith(reason)]
    assert found.gates == configured().gates


SILENT = (
    *("credits_required", "default_rep_delay", "description", "dt", "dtm", "meas_map", "n_registers", "online_date"),
    *("processor_type", "rep_delay_range", "sample_name", "supported_instructions"),
)
TELLING = (
    *("coupling_map", "supported_features", "instruction_signatures", "timing_constraints", "dynamic_reprate_enabled"),
    *("rep_times", "max_shots", "max_experiments", "meas_levels", "meas_kernels", "discriminators", "url", "clops"),
    *("clops_h", "clops_v", "quantum_volume", "coords", "allow_q_object", "multi_meas_enabled", "measure_esp_enabled"),
    *("parallel_compilation", "calibration_id", "a_field_of_tomorrow"),
)


@pytest.mark.holds("B311")
def test_null_says_something_of_every_field_but_twelve() -> None:
    for name in SILENT:
        assert configured(**{name: None}).others == {}
    for name in TELLING:
        assert configured(**{name: None}).others == {name: None}
    assert configured(**dict.fromkeys(SILENT + TELLING)).others == dict.fromkeys(TELLING)


@pytest.mark.holds("B100")
def test_gates_are_kept_one_by_one() -> None:
    good = WHOLE["gates"][0]
    found = configured(gates=[good | {"colour": 1}, {"qasm_def": ""}, good | {"coupling_map": [[0, 1], ["a"]]}, 3])
    assert [gate.name for gate in found.gates] == ["cz", "cz"]
    assert found.gates[0] == configured().gates[0]
    assert found.gates[1].coupling_map == ((0, 1),)
    assert "gates[0]: the key 'colour' is not known" in found.ignored
    assert "gates[1]: name is missing or wrong" in found.ignored


@pytest.mark.holds("B100")
def test_qubits_keep_their_numbers() -> None:
    found = calibrated(qubits=[None, [NDUV | {"value": None}, NDUV], [NDUV]])
    assert [len(qubit) for qubit in found.qubits] == [0, 1, 1]
    assert found.ignored == ("qubits[0]: Expected `array`, got `null`", "qubits[1][0]: value is missing or wrong")


@pytest.mark.holds("B30", "B100")
@pytest.mark.parametrize(
    "changes", [{"n_qubits": None}, {"n_qubits": -1}, {"backend_name": 7}, {"basis_gates": [1]}, {"basis_gates": None}]
)
def test_without_what_makes_a_backend_there_is_none(changes: dict[str, Any]) -> None:
    assert isinstance(read_configuration(json.dumps(WHOLE | changes).encode(), "url").failure(), UnreadableBody)


@given(st.dictionaries(st.sampled_from([*WHOLE, *Configuration.__struct_fields__, "new"]), json_values))
@example({"clops": []})
@example({"clops_h": {"type": "hardware", "value": 1000}})
def test_any_configuration_is_read_or_refused(changes: dict[str, Any]) -> None:
    found = read_configuration(
        msgspec.json.encode(WHOLE | {key: _sendable(value) for key, value in changes.items()}), "u"
    )
    if isinstance(found, Success):
        known = found.unwrap()
        assert isinstance(known, Configuration)
        # What the server says is null is kept as that.
        assert set(known.others) <= {"new", "rest", "ignored"} | {
            name for name, value in changes.items() if value is None
        }
        hash(known)
    else:
        assert isinstance(found.failure(), UnreadableBody)


def _sendable(value: Any) -> Any:
    """Return a JSON value with integers that fit into 64 bits, as msgspec writes them."""
    if isinstance(value, int):
        return max(min(value, 2**63 - 1), -(2**63))
    if isinstance(value, list):
        return [_sendable(item) for item in value]
    return {key: _sendable(item) for key, item in value.items()} if isinstance(value, dict) else value


@given(st.dictionaries(st.sampled_from(sorted(PROPERTIES)), st.just(None) | st.just([None]) | st.just("x")))
def test_any_properties_are_read_or_refused(changes: dict[str, Any]) -> None:
    found = read_properties(json.dumps(PROPERTIES | changes).encode(), "url")
    assert isinstance(found, Success) or isinstance(found.failure(), UnreadableBody)


@pytest.mark.holds("B106")
@given(configurations(), st.sampled_from([None, calibrated(), calibrated(general_qlists=[])]))
def test_a_snapshot_file_gives_back_what_was_put_in(
    configuration: Configuration, properties: Properties | None
) -> None:
    kept = msgspec.structs.replace(configuration, rest=b'{"new":[1,{"a":null}]}')
    file = encode_snapshot(kept, properties)
    assert read_snapshot_file(file, "path").unwrap() == (kept, properties)
    assert encode_snapshot(*read_snapshot_file(file, "path").unwrap()) == file


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b'{"format": "x", "configuration": 1, "properties": 2}'])
def test_another_file_is_no_snapshot(data: bytes) -> None:
    assert isinstance(read_snapshot_file(data, "path").failure(), UnreadableBody)
