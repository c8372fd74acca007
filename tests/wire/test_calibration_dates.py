"""When a device was calibrated, and what is known of it where dates cannot be read."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.core.ranking import fill_quality
from qiskit_runtime_service.models import BackendProperties
from qiskit_runtime_service.records.backend import BackendRow, GateProperties, Nduv, Properties
from qiskit_runtime_service.wire.configuration import find_date, read_properties, read_stamp
from qiskit_runtime_service.wire.responses import read_job, read_jobs
from tests.strategies import json_values

URL = "https://h.example/properties"
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
BODY: dict[str, Any] = {
    "backend_name": "b",
    "backend_version": "1",
    "last_update_date": "2026-09-01T12:00:00Z",
    "qubits": [[{"name": "T1", "unit": "us", "value": 2.0, "date": "2026-09-01T06:00:00Z"}]],
    "gates": [
        {
            "gate": "sx",
            "qubits": [0],
            "parameters": [{"name": "gate_error", "unit": "", "value": 0.5, "date": "2026-09-01T11:00:00+02:00"}],
        }
    ],
}


def read(**odd: Any) -> Properties:
    found = read_properties(msgspec.json.encode(BODY | odd), URL).unwrap()
    assert found is not None
    return found


@pytest.mark.holds("B46", "B347")
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-09-01T12:00:00Z", NOON),
        ("2026-09-01T12:00:00", NOON),
        ("2026-09-01T14:00:00+02:00", NOON),
        (NOON, NOON),
        (NOON.replace(tzinfo=None), NOON),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_read_as_it_is_meant_and_what_is_none_is_none(written: Any, meant: datetime | None) -> None:
    found = read_stamp(written)
    assert found == meant
    assert found is None or found.tzinfo is not None


@pytest.mark.holds("B347")
@given(json_values)
def test_a_wrong_date_of_a_calibration_hides_nothing_else(odd: Any) -> None:
    whole, found = read(), read(last_update_date=odd)
    assert (found.qubits, found.gates, found.backend_name) == (whole.qubits, whole.gates, "b")
    latest = datetime(2026, 9, 1, 11, tzinfo=timezone(timedelta(hours=2)))
    assert found.last_update_date is not None or find_date(found) == latest
    properties = BackendProperties(found)
    assert properties.t1(0) == (2e-6)
    assert properties.last_update_date == find_date(found)
    assert "b" in repr(properties)


@pytest.mark.holds("B347")
@given(json_values)
def test_a_wrong_date_of_a_value_hides_that_date_only(odd: Any) -> None:
    qubit = [{"name": "T1", "unit": "us", "value": 2.0, "date": odd}]
    properties = BackendProperties(read(qubits=[qubit]))
    value, date = properties.qubit_property(0, "T1")
    assert value == 2e-6
    assert date is None or date.tzinfo is not None
    assert [item.value for item in properties.qubits[0]] == [2.0]
    assert [row["value"] for row in properties.to_dicts()] == [2e-6, 0.5]
    assert BackendProperties.from_dict(properties.to_dict()).t1(0) == 2e-6


@pytest.mark.holds("B347")
@given(st.sampled_from(["backend_name", "backend_version", "qubits", "gates", "general"]), json_values)
def test_whatever_else_is_odd_a_calibration_is_one(name: str, odd: Any) -> None:
    found = read(**{name: odd})
    assert name == "qubits" or found.qubits == read().qubits
    assert name == "gates" or found.gates == read().gates
    assert found.last_update_date == NOON


@pytest.mark.holds("B284", "B347")
@pytest.mark.parametrize("body", [b'{"message": "no such backend, or none that you may see, at all"}', b"[]", b"5"])
def test_what_tells_of_no_qubits_and_no_gates_is_no_calibration(body: bytes) -> None:
    problem = read_properties(body, URL).failure()
    assert getattr(problem, "is_json", None) is True


def test_where_no_date_can_be_read_none_is_known() -> None:
    bare = Properties(
        qubits=((Nduv(name="T1", unit="us", value=1.0, date="soon"),),),
        gates=(GateProperties(gate="x", qubits=(0,), parameters=()),),
    )
    assert find_date(bare) is None
    assert find_date(Properties()) is None
    assert fill_quality(BackendRow(name="b"), bare).calibrated is None
    assert fill_quality(BackendRow(name="b", calibrated=5.0), bare).calibrated == 5.0
    assert repr(BackendProperties(bare)) == "<BackendProperties('', unknown)>"


@pytest.mark.holds("B347")
@pytest.mark.parametrize("odd", ["soon", "2026-13-01T00:00:00Z", "0000-01-01T00:00:00Z", ""])
def test_a_date_that_no_calendar_has_is_named_where_it_stands(odd: str) -> None:
    good = {"name": "T1", "unit": "us", "value": 2.0, "date": "2026-09-01T06:00:00Z"}
    gate = {"gate": "sx", "qubits": [0], "parameters": [good, good | {"date": odd}]}
    found = read(qubits=[[good], [good, good | {"date": odd}]], gates=[gate], general=[good | {"date": odd}])
    assert found.ignored == (
        "qubits[1][1].date: it is no date of a calendar",
        "gates[0].parameters[1].date: it is no date of a calendar",
        "general[0].date: it is no date of a calendar",
    )
    assert read().ignored == ()


@pytest.mark.holds("B281")
@pytest.mark.parametrize("odd", ["soon", "0001-01-01T00:00:00Z", "10000-01-01T00:00:00Z"])
def test_a_date_of_a_job_that_no_calendar_has_is_named(odd: str) -> None:
    told = "created: it is no date of a calendar"
    job = read_job(msgspec.json.encode({"id": "a", "created": odd}), URL, "crn", "a").unwrap()
    assert (job.created, job.ignored) == (None, (told,))
    rows = [{"id": "b", "created": "2026-09-01T06:00:00Z"}, None, {"id": "a", "created": odd}]
    page = read_jobs(msgspec.json.encode({"jobs": rows, "count": 3}), URL, "crn").unwrap()
    assert [job.ignored for job in page.jobs] == [(), (told,)]
    assert f"jobs['a'].{told}" in page.ignored
