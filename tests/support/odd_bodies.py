"""Bodies in which one value is odd: what each value of a good body feeds, and that nothing else is touched.

The tables are written by hand: which place of a body feeds which field of the record that users hold, and what fits
there. The records of the untouched body say what all other fields must be.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
from hypothesis import strategies as st
from returns.result import Result, Success

from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.wire import configuration, responses
from tests.strategies import json_values

Path = tuple[str | int, ...]
Fits = Callable[[Any], bool | None]
"""Whether a value says something in its place; `None` where that hangs on what is inside of it."""

URL, CRN = "https://h.example/x", "crn-of-the-instance"

odd_values = (
    json_values
    | st.sampled_from(["3", "10", "2.5", " 7 ", "1e3", "9" * 400, "1e999"])
    | st.sampled_from(["nan", "0x10", "", "null", "true", "1_000", "\u0663"])
    | st.sampled_from([3.0, 2.5, -0.0, 1e300, 10**30, 10**400, 1.5e-300, True, [], {}, [None], {"value": "1"}])
)
"""JSON of any shape, with what looks like something else."""

NO_JSON = ("NaN", "Infinity", "-Infinity", '"\\ud800"', '"\\udc00\\ud800"', "1e999", "-1e999", "9" * 5_000)
"""What only some writers of JSON write, or only some readers read."""


def is_text(value: Any) -> bool | None:
    return isinstance(value, str)


def is_date(value: Any) -> bool | None:
    return isinstance(value, str) and None


def is_flag(value: Any) -> bool | None:
    return isinstance(value, bool)


def is_number(value: Any) -> bool | None:
    if isinstance(value, str):
        return bool(re.fullmatch(r"\s*-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?\s*", value, re.ASCII)) and None
    return isinstance(value, int | float) and not isinstance(value, bool) and (abs(value) < 1e300 or None)


def has_whole_characters(value: Any) -> bool | None:
    fits = is_number(value)
    return fits if isinstance(value, str) else fits and float(value).is_integer()


def is_object(value: Any) -> bool | None:
    return isinstance(value, dict) and None


def is_list(value: Any) -> bool | None:
    return isinstance(value, list) and None


def is_anything(_: Any) -> bool | None:
    return None


def any_of(*kinds: Fits) -> Fits:
    def fits(value: Any) -> bool | None:
        answers = {kind(value) for kind in kinds}
        return True if True in answers else None if None in answers else False

    return fits


class Place(NamedTuple):
    """A place of a body, the fields of the record that it feeds, and what fits there."""

    path: Path
    feeds: tuple[Path, ...]
    fits: Fits


class Body(NamedTuple):
    """A good body, how it is read, and its optional places."""

    read: Callable[[bytes], Result[Any, Problem]]
    tree: Any
    places: tuple[Place, ...]


def place(path: str, feeds: str, fits: Fits) -> Place:
    """Return a place, of paths that are written with dots, as in `devices.1.clops`; several fields by blanks."""
    return Place(_path(path), tuple(map(_path, feeds.split())), fits)


def _path(text: str) -> Path:
    return tuple(int(step) if step.isdecimal() else step for step in text.split("."))


DEVICE = {
    "name": "ibm_b",
    "status": {"name": "online", "reason": "available"},
    "is_simulator": False,
    "qubits": 3,
    "physical_qubits": 4,
    "queue_length": 7,
    "class": "mock",
    "clops": {"type": "hardware", "value": 1000},
    "processor_type": {"family": "Heron", "revision": "2"},
    "performance_metrics": {"two_q_error_median": {"value": 0.002}, "readout_error_median": {"value": 0.01}},
    "wait_time_seconds": {"average": 12.5},
}
JOB = {
    "id": "j2",
    "backend": "ibm_b",
    "program": {"id": "sampler"},
    "created": "2026-09-01T10:00:00Z",
    "cost": 600,
    "private": True,
    "session_id": "s",
    "runtime": "image:1",
    "tags": ["a", "b", "c"],
    "state": {"status": "Failed", "reason": "why", "reason_code": 1517, "reason_solution": "do"},
    "estimated_running_time_seconds": 2.5,
    "usage": {"qpu_charge_time_seconds": 2, "value": 0.5, "status": "complete"},
}
JOB_PLACES = (
    ("backend", "backend", is_text),
    ("program", "program", any_of(is_text, is_object)),
    ("program.id", "program", is_text),
    ("created", "created", is_date),
    ("cost", "cost", is_number),
    ("private", "private", is_flag),
    ("session_id", "session", is_text),
    ("runtime", "image", is_text),
    ("tags", "tags", is_list),
    ("tags.1", "tags", is_text),
    ("state", "state", any_of(is_text, is_object)),
    ("state.status", "state.status", is_text),
    ("state.reason", "state.reason", is_text),
    ("state.reason_code", "state.code", has_whole_characters),
    ("state.reason_solution", "state.solution", is_text),
    ("estimated_running_time_seconds", "estimated_seconds", is_number),
    ("usage", "charged_seconds charged_ru", is_object),
    ("usage.qpu_charge_time_seconds", "charged_seconds", is_number),
    ("usage.value", "charged_ru", is_number),
    ("usage.status", "charged_seconds charged_ru", is_text),
)
INSTANCE = {
    "crn": "crn-2",
    "name": "second",
    "service_plan_unique_id": "p",
    "doc": {"extensions": {"instance_limit_seconds": "600"}},
    "tags": ["a", "b"],
}
NDUV = {"name": "T1", "unit": "us", "value": 1.5, "date": "2026-09-01T06:00:00+00:00"}
CONFIGURATION: dict[str, Any] = {
    "backend_name": "b",
    "backend_version": "1",
    "n_qubits": 2,
    "basis_gates": ["cz"],
    "gates": [{"name": "cz", "parameters": [], "qasm_def": "", "coupling_map": [[0, 1], [1, 0]]}],
    "local": False,
    "simulator": True,
    "memory": True,
    "coupling_map": [[0, 1], [1, 0]],
    "online_date": "2026-09-01T06:00:00+00:00",
    "supported_instructions": ["cz", "if_else"],
    "supported_features": ["qasm3"],
    "timing_constraints": {"granularity": 8, "min_length": 16},
    "dt": 4.0,
    "rep_delay_range": [0, 100],
    "max_shots": 10,
    "meas_map": [[0], [1]],
    "processor_type": {"family": "Heron", "revision": 2},
    "quantum_volume": 32,
    "clops": 1000,
    "coords": [[0, 1], [0, 2]],
    "a_field_of_tomorrow": [1],
}
PROPERTIES: dict[str, Any] = {
    "backend_name": "b",
    "backend_version": "1",
    "last_update_date": "2026-09-01T06:00:00+00:00",
    "qubits": [[NDUV], [NDUV, NDUV]],
    "gates": [{"gate": "cz", "qubits": [0, 1], "parameters": [NDUV], "name": "cz0_1"}],
    "general": [NDUV],
    "general_qlists": [{"name": "chain", "qubits": [0, 1]}],
}

BODIES: dict[str, Body] = {
    "backends": Body(
        lambda body: responses.read_backends(body, URL, CRN),
        {"devices": [DEVICE | {"name": "ibm_a"}, DEVICE, DEVICE | {"name": "ibm_c"}]},
        (
            *(
                place(f"devices.1.{path}", " ".join(f"rows.1.{field}" for field in feeds.split()), fits)
                for path, feeds, fits in (
                    ("status", "state reason", any_of(is_text, is_object)),
                    ("status.name", "state", is_text),
                    ("status.reason", "reason", is_text),
                    ("is_simulator", "simulator", is_flag),
                    ("qubits", "num_qubits", has_whole_characters),
                    ("physical_qubits", "physical_qubits", has_whole_characters),
                    ("queue_length", "queue_length", is_number),
                    ("class", "mock", is_text),
                    ("clops", "clops", any_of(is_number, is_object)),
                    ("clops.value", "clops", is_number),
                    ("processor_type", "processor", any_of(is_text, is_object)),
                    ("processor_type.family", "processor", is_text),
                    ("processor_type.revision", "processor", any_of(is_text, is_number)),
                    ("performance_metrics", "two_qubit_error readout_error", is_object),
                    ("performance_metrics.two_q_error_median", "two_qubit_error", any_of(is_number, is_object)),
                    ("performance_metrics.two_q_error_median.value", "two_qubit_error", is_number),
                    ("performance_metrics.readout_error_median", "readout_error", any_of(is_number, is_object)),
                    ("performance_metrics.readout_error_median.value", "readout_error", is_number),
                    ("wait_time_seconds", "wait_seconds", any_of(is_number, is_object)),
                    ("wait_time_seconds.average", "wait_seconds", is_number),
                )
            ),
        ),
    ),
    "status": Body(
        lambda body: responses.read_status(body, URL, "b"),
        {"state": True, "status": "active", "length_queue": 7, "backend_version": "1.0.0"},
        (
            place("state", "operational", is_flag),
            place("status", "status_msg", is_text),
            place("length_queue", "pending_jobs", is_number),
            place("backend_version", "backend_version", is_text),
        ),
    ),
    "usage": Body(
        lambda body: responses.read_usage(body, URL, CRN),
        {
            "instance_id": "i",
            "plan_id": "p",
            "usage_period": {"start_time": "s", "end_time": "e"},
            "usage_consumed_seconds": 45,
            "usage_limit_seconds": 600,
            "usage_allocation_seconds": 700,
            "usage_consumed_ru": 4.5,
            "usage_limit_ru": 60.5,
            "usage_allocation_ru": 70.5,
            "usage_limit_reached": True,
        },
        (
            place("instance_id", "instance_id", is_text),
            place("plan_id", "plan_id", is_text),
            place("usage_period", "period", is_object),
            place("usage_period.start_time", "period.start_time", is_text),
            place("usage_period.end_time", "period.end_time", is_text),
            place("usage_consumed_seconds", "consumed", is_number),
            place("usage_limit_seconds", "limit", is_number),
            place("usage_allocation_seconds", "allocation", is_number),
            place("usage_consumed_ru", "consumed_ru", is_number),
            place("usage_limit_ru", "limit_ru", is_number),
            place("usage_allocation_ru", "allocation_ru", is_number),
            place("usage_limit_reached", "limit_reached", is_flag),
        ),
    ),
    "created job": Body(
        lambda body: responses.read_created_job(body, URL),
        {"id": "j", "backend": "b"},
        (place("backend", "backend", is_text),),
    ),
    "job": Body(
        lambda body: responses.read_job(body, URL, CRN, "j2"),
        JOB,
        tuple(place(*row) for row in JOB_PLACES),
    ),
    "jobs": Body(
        lambda body: responses.read_jobs(body, URL, CRN),
        {"jobs": [JOB | {"id": "j1"}, JOB, JOB | {"id": "j3"}], "count": 3},
        (
            place("count", "count", has_whole_characters),
            *(
                place(f"jobs.1.{path}", " ".join(f"jobs.1.{field}" for field in feeds.split()), fits)
                for path, feeds, fits in JOB_PLACES
            ),
        ),
    ),
    "metrics": Body(
        lambda body: responses.read_metrics(body, URL),
        {
            "timestamps": {"created": "c", "running": "r", "finished": "f"},
            "usage": {"qpu_charge_time_seconds": 2, "value": 0.5, "status": "complete"},
        },
        (
            place("timestamps", "created running finished", is_object),
            *(place(f"timestamps.{name}", name, is_text) for name in ("created", "running", "finished")),
            place("usage", "charged_seconds charged_ru settled", is_object),
            place("usage.qpu_charge_time_seconds", "charged_seconds", is_number),
            place("usage.value", "charged_ru", is_number),
            place("usage.status", "settled", is_text),
        ),
    ),
    "session": Body(
        lambda body: responses.read_session(body, URL, CRN, "s"),
        {
            "id": "s",
            "mode": "batch",
            "state": "active",
            "accepting_jobs": True,
            "backend_name": "b",
            "max_ttl": 3600,
            "interactive_ttl": 60,
            "active_ttl": 3540,
            "elapsed_time": 12.5,
            "started_at": "1",
            "activated_at": "2",
            "closed_at": "3",
            "last_job_started": "4",
            "last_job_completed": "5",
            "timestamps": [{"status": "open", "timestamp": "1"}, {"status": "active", "timestamp": "2"}],
        },
        (
            place("mode", "mode", is_text),
            place("state", "state", is_text),
            place("accepting_jobs", "accepting_jobs", is_flag),
            place("backend_name", "backend", is_text),
            place("max_ttl", "max_time", is_number),
            place("interactive_ttl", "interactive_timeout", is_number),
            place("active_ttl", "active_timeout", is_number),
            place("elapsed_time", "usage_time", is_number),
            *(place(name, name, is_text) for name in ("started_at", "activated_at", "closed_at")),
            *(place(name, name, is_text) for name in ("last_job_started", "last_job_completed")),
            place("timestamps", "timestamps", is_list),
            place("timestamps.1", "timestamps.1", is_object),
        ),
    ),
    "search": Body(
        lambda body: responses.read_search(body, URL),
        {"items": [INSTANCE | {"crn": "crn-1"}, INSTANCE, INSTANCE | {"crn": "crn-3"}], "search_cursor": "next"},
        (
            place("search_cursor", "cursor", is_text),
            place("items.1.name", "found.1.name", is_text),
            place("items.1.service_plan_unique_id", "found.1.plan_id", is_text),
            place("items.1.tags", "found.1.tags", is_list),
            place("items.1.tags.0", "found.1.tags", is_text),
            place("items.1.doc", "found.1.allocated", is_anything),
            place("items.1.doc.extensions", "found.1.allocated", is_anything),
        ),
    ),
    "plan": Body(
        lambda body: responses.read_plan(body, URL, "p"),
        {"overview_ui": {"en": {"display_name": "Open"}}, "metadata": {"pricing": {"type": "free"}}},
        (
            place("overview_ui", "name", is_object),
            place("overview_ui.en", "name", is_object),
            place("overview_ui.en.display_name", "name", is_text),
            place("metadata", "pricing_type", is_object),
            place("metadata.pricing", "pricing_type", is_object),
            place("metadata.pricing.type", "pricing_type", is_text),
        ),
    ),
    "token": Body(
        lambda body: responses.read_token(body, URL, 0.0),
        {"access_token": "opaque", "expires_in": 60},
        (place("expires_in", "lifetime", is_number),),
    ),
    "configuration": Body(
        lambda body: configuration.read_configuration(body, URL),
        CONFIGURATION,
        (
            *(place(name, name, is_anything) for name in [*CONFIGURATION][5:-1]),
            place("timing_constraints.granularity", "timing_constraints.granularity", is_anything),
            place("processor_type.family", "processor_type.family", is_anything),
            place("processor_type.revision", "processor_type.revision", is_anything),
            place("supported_instructions.0", "supported_instructions", is_text),
            place("supported_features.0", "supported_features", is_text),
            place("gates.0.coupling_map", "gates.0.coupling_map", is_list),
            place("gates.0.parameters", "gates.0.parameters", is_list),
        ),
    ),
    "properties": Body(
        lambda body: configuration.read_properties(body, URL),
        PROPERTIES,
        (
            place("backend_name", "backend_name", is_text),
            place("backend_version", "backend_version", is_text),
            place("last_update_date", "last_update_date", is_date),
            place("qubits", "qubits", is_list),
            place("qubits.1", "qubits.1", is_list),
            place("qubits.0.0.date", "qubits.0.0.date", is_date),
            place("gates", "gates", is_list),
            place("gates.0.parameters.0.date", "gates.0.parameters.0.date", is_date),
            place("general", "general", is_list),
            place("general_qlists", "general_qlists", is_list),
            place("gates.0.name", "gates.0.name", is_text),
        ),
    ),
}

ROWS = {
    "backends": ("devices", "rows", "name"),
    "jobs": ("jobs", "jobs", "id"),
    "search": ("items", "found", "crn"),
}
"""By kind of body: the list of its rows, the field that it feeds, and what identifies a row."""


def fields_in(record: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield each value inside a record with its path; what was left away, and what has no name, apart."""
    if isinstance(record, msgspec.Struct):
        names = [name for name in record.__struct_fields__ if name not in ("ignored", "lost", "rest")]
        for name in names:
            yield from fields_in(getattr(record, name), (*path, name))
    elif isinstance(record, tuple) and record and any(isinstance(item, msgspec.Struct | tuple) for item in record):
        for index, item in enumerate(record):
            yield from fields_in(item, (*path, index))
    else:
        yield path, record


def others_in(record: Any, feeds: tuple[Path, ...]) -> dict[Path, Any]:
    """Return the values of a record that are not fed by a place."""
    return {path: value for path, value in fields_in(record) if not any(path[: len(fed)] == fed for fed in feeds)}


def parent_of(tree: Any, path: Path) -> Any:
    for step in path[:-1]:
        tree = tree[step]
    return tree


def with_value(tree: Any, path: Path, value: object) -> Any:
    # By way of JSON, which shares no part between rows, as a copy would.
    tree = json.loads(json.dumps(tree))
    parent_of(tree, path)[path[-1]] = value
    return tree


def encode(tree: Any) -> bytes:
    """Write a body as Python writes JSON."""
    return json.dumps(tree).encode()


def whole(kind: str) -> Any:
    """Return the record of the good body."""
    record = BODIES[kind].read(encode(BODIES[kind].tree)).unwrap()
    assert record.ignored == ()
    return record


def check_an_odd_value(kind: str, spot: Place, value: Any) -> None:
    """An odd value in an optional place leaves all else as it was, and is told."""
    read, tree, _ = BODIES[kind]
    found = read(encode(with_value(tree, spot.path, value))).unwrap()
    assert others_in(found, spot.feeds) == others_in(whole(kind), spot.feeds)
    is_field = isinstance(spot.path[-1], str)
    fits = (value is None and is_field) or spot.fits(value)
    if fits:
        assert found.ignored == ()
    elif fits is False:
        assert found.ignored != ()
        if is_field:
            absent = read(encode(with_value(tree, spot.path, None))).unwrap()
            assert _with_gaps(found) == _with_gaps(absent)


def _with_gaps(record: Any) -> dict[Path, Any]:
    """Return the values of a record. A list that is none may be an empty one, which says no more than a gap."""
    return {path: value for path, value in fields_in(record) if value not in (None, ())}


def check_no_json(kind: str, spot: Place, text: str) -> None:
    """What is not quite JSON leaves all else as it was, and is told."""
    read, tree, _ = BODIES[kind]
    body = encode(with_value(tree, spot.path, "@")).replace(b'"@"', text.encode())
    outcome = read(body)
    assert isinstance(outcome, Success), outcome
    found = outcome.unwrap()
    assert others_in(found, spot.feeds) == others_in(whole(kind), spot.feeds)


def check_an_odd_row(kind: str, index: int, value: Any) -> None:
    """A row that cannot be identified leaves the others as they were, is counted and told."""
    read, tree, _ = BODIES[kind]
    rows, field, _ = ROWS[kind]
    found = read(encode(with_value(tree, (rows, index), value))).unwrap()
    expected = list(getattr(whole(kind), field))
    del expected[index]
    assert list(getattr(found, field)) == expected
    assert (found.ignored != ()) is (value is not None)
    if hasattr(found, "lost"):
        assert found.lost == 1
