"""Laws of backends: queries, listings against brute force, fractional gates, units."""

from collections.abc import Mapping
from datetime import UTC, datetime
from math import inf
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from qiskit_runtime_service.core.backends import (
    SHORTEST_QUEUE,
    apply_fractional,
    build_query,
    explain_none,
    fill_row,
    has_dynamic_circuits,
    in_si_units,
    read_field,
    require_available,
    require_best,
    require_fractional,
    row_filters,
    select_backends,
    warn_of_state,
)
from qiskit_runtime_service.core.basis import find_fractional
from qiskit_runtime_service.core.names import nearest_name
from qiskit_runtime_service.core.selection import keep_best
from qiskit_runtime_service.records.backend import BackendQuery, BackendRow, BackendStatus, Configuration
from qiskit_runtime_service.records.problem import (
    BackendNotFound,
    BadArgument,
    NoBackendMatches,
    NoFractionalGates,
    UnknownFilter,
    WrongType,
)
from qiskit_runtime_service.records.selection import Condition
from tests.strategies import backend_names, configurations, json_values, queue_lengths, rows

fleets = st.lists(rows, max_size=30)


class Wanted(msgspec.Struct, frozen=True):
    """What a user asks, in the words of the public call."""

    name: str | None = None
    min_num_qubits: int | None = None
    include_mocks: bool = False
    operational: bool | None = None
    simulator: bool | None = None
    pending_jobs: int | None = None

    def query(self) -> BackendQuery:
        attributes: dict[str, Any] = {
            "operational": self.operational,
            "simulator": self.simulator,
            "pending_jobs": self.pending_jobs,
        }
        return build_query(
            name=self.name,
            min_num_qubits=self.min_num_qubits,
            include_mocks=self.include_mocks,
            attributes={key: value for key, value in attributes.items() if value is not None},
        ).unwrap()

    def accepts(self, row: BackendRow) -> bool:
        """Say what is meant, without conditions."""
        return not (
            (row.mock and not self.include_mocks and self.name is None)
            or (self.name is not None and row.name != self.name)
            or (self.min_num_qubits is not None and (row.num_qubits is None or row.num_qubits < self.min_num_qubits))
            or (self.operational is True and row.state != "online")
            or (self.operational is False and row.state == "online")
            or (self.simulator is not None and row.simulator != self.simulator)
            or (self.pending_jobs is not None and row.queue_length != self.pending_jobs)
        )


queries = st.builds(
    Wanted,
    name=st.none() | st.none() | backend_names,
    min_num_qubits=st.sampled_from([None, None, 0, 5, 128, 133]),
    include_mocks=st.booleans(),
    operational=st.sampled_from([None, True, False]),
    simulator=st.sampled_from([None, None, True, False]),
    pending_jobs=st.none() | st.none() | queue_lengths,
)


@pytest.mark.holds("B12")
@given(fleets, queries)
def test_the_listing_alone_keeps_what_the_plain_words_keep(fleet: list[BackendRow], wanted: Wanted) -> None:
    outcome = select_backends(fleet, wanted.query())
    assert outcome.items == tuple(row for row in fleet if wanted.accepts(row))
    assert len(outcome.rejected) + len(outcome.ranked) == len(fleet)


@given(fleets, queries)
def test_the_reasons_can_be_left_away(fleet: list[BackendRow], wanted: Wanted) -> None:
    for scores in ((), (SHORTEST_QUEUE,)):
        query = wanted.query()
        assert keep_best(fleet, row_filters(query), scores) == select_backends(fleet, query, scores).items


@pytest.mark.holds("B15")
@given(fleets, queries)
def test_the_least_busy_is_the_first_of_the_shortest_queue(fleet: list[BackendRow], wanted: Wanted) -> None:
    query = require_available(wanted.query())
    fit = [row for row in fleet if wanted.accepts(row) and row.state == "online" and not row.mock]
    best = min(fit, key=lambda row: inf if row.queue_length is None else row.queue_length, default=None)
    chosen = select_backends(fleet, query, (SHORTEST_QUEUE,)).chosen
    # `is`: among equals it is the one of the best instance, which is listed first.
    assert chosen is best


@pytest.mark.holds("B15")
@given(fleets, queries)
def test_what_is_chosen_for_work_is_online_and_no_mock(fleet: list[BackendRow], wanted: Wanted) -> None:
    query = require_available(wanted.query())
    assert require_available(query) == query
    for row in select_backends(fleet, query).items:
        assert (row.state, row.mock) == ("online", False)


@given(fleets, queries, st.sampled_from(["name", "min_num_qubits", "operational", "simulator", "pending_jobs"]))
def test_a_condition_less_never_loses_a_backend(fleet: list[BackendRow], wanted: Wanted, dropped: str) -> None:
    wider = msgspec.structs.replace(wanted, **{dropped: None}, include_mocks=wanted.include_mocks or dropped == "name")
    assert set(select_backends(fleet, wanted.query()).items) <= set(select_backends(fleet, wider.query()).items)


NAMED_FIELDS = tuple(name for name in Configuration.__struct_fields__ if name not in ("rest", "ignored"))
KEPT = """
    acquisition_latency allow_object_storage channels conditional_latency hamiltonian input_allowed live_data
    meas_lo_range n_uchannels parametric_pulses pulse_num_channels pulse_num_qubits qubit_channel_mapping
    qubit_lo_range rep_delays u_channel_lo uchannels_enabled
"""
"""Of the pulse era."""

TEXTS = "backend_name backend_version calibration_id description sample_name status_msg url clops clops_h clops_v"
FLAGS = """
    allow_q_object conditional credits_required dynamic_reprate_enabled local measure_esp_enabled memory
    multi_meas_enabled open_pulse operational parallel_compilation simulator
"""
LISTS = """
    basis_gates coords coupling_map discriminators gates instruction_signatures meas_kernels meas_levels meas_map
    rep_delay_range rep_times supported_features supported_instructions
"""
FITTING: dict[str, Any] = {
    **dict.fromkeys(TEXTS.split(), "a"),
    **dict.fromkeys(FLAGS.split(), True),
    **dict.fromkeys(LISTS.split(), ()),
    "processor_type": {"family": "Heron"},
    "timing_constraints": {"granularity": 8},
    "online_date": datetime(2026, 1, 1, tzinfo=UTC),
}
"""A value for each attribute that is no number."""


@pytest.mark.holds("B12")
@pytest.mark.parametrize("field", [*NAMED_FIELDS, *KEPT.split()])
def test_each_field_of_a_configuration_can_be_asked_for(field: str) -> None:
    value = FITTING.get(field, 1)
    query = build_query(attributes={field: value}).unwrap()
    if field == "backend_name":
        assert Condition("name", "equals", value) in query.row
    elif field == "n_qubits":
        assert Condition("num_qubits", "equals", value) in query.row
    elif field == "simulator":
        assert Condition("simulator", "equals", value) in query.row
    else:
        assert query.configuration == (Condition(field, "equals", value),)


@pytest.mark.parametrize("field", sorted({*BackendStatus.__struct_fields__} - {"ignored"}))
def test_each_field_of_a_status_can_be_asked_for(field: str) -> None:
    query = build_query(include_mocks=True, attributes={field: FITTING.get(field, 1)}).unwrap()
    assert len((*query.row, *query.configuration, *query.status)) == 1


@pytest.mark.holds("B309")
@pytest.mark.parametrize(
    ("state", "reason", "told"),
    [
        ("online", "", None),
        ("online", "as always", None),
        ("unknown", "", None),
        ("paused", "", "The backend b is paused, says its listing: jobs wait until it is online again."),
        ("dreaming", "late", "The backend b is dreaming (late), says its listing: jobs wait until it is online again."),
    ],
)
def test_what_is_told_before_a_submission(state: str, reason: str, told: str | None) -> None:
    assert warn_of_state(BackendRow(name="b", state=state, reason=reason)) == told


@pytest.mark.holds("B303")
@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("n_qubits", "5", "a number or None"),
        ("n_qubits", True, "a number or None"),
        ("n_qubits", np.True_, "a number or None"),
        ("n_qubits", [5], "a number or None"),
        ("max_shots", "many", "a number or None"),
        ("pending_jobs", "5", "a number or None"),
        ("operational", "no", "True or False"),
        ("operational", 0, "True or False"),
        ("operational", None, "True or False"),
        ("simulator", "False", "True or False or None"),
        ("dynamic_circuits", "no", "True or False"),
        ("backend_name", 5, "a text"),
        ("status_msg", False, "a text"),
        ("basis_gates", "cz", "a list"),
        ("coupling_map", 5, "a list or None"),
        ("processor_type", "Heron", "a dictionary or None"),
    ],
)
def test_a_value_that_an_attribute_never_has_is_refused(field: str, value: object, wanted: str) -> None:
    refused = Failure(WrongType(name=field, value=repr(value), wanted=wanted))
    assert build_query(attributes={field: value}) == refused


@pytest.mark.holds("B300", "B303")
def test_values_of_numpy_are_what_they_stand_for() -> None:
    asked = {"n_qubits": np.int64(5), "dt": np.float32(0.5), "simulator": np.False_, "basis_gates": np.array(["cz"])}
    query = build_query(include_mocks=True, attributes=asked).unwrap()
    assert query.row == (Condition("num_qubits", "equals", 5), Condition("simulator", "equals", False))
    assert query.configuration == (Condition("dt", "equals", 0.5), Condition("basis_gates", "equals", ("cz",)))
    assert [type(condition.wanted) for condition in query.row] == [int, bool]


@pytest.mark.holds("B303")
def test_what_is_not_asked_of_dynamic_circuits_decides_nothing() -> None:
    assert build_query(attributes={"dynamic_circuits": None}) == build_query(dynamic_circuits=None) == build_query()


@pytest.mark.holds("B12", "B14")
def test_the_cheapest_data_decides() -> None:
    query = build_query(
        min_num_qubits=5,
        dynamic_circuits=True,
        attributes={"operational": False, "pending_jobs": 0, "status_msg": "active", "basis_gates": ["cz", "rz"]},
    ).unwrap()
    assert set(query.row) == {
        Condition("mock", "equals", False),
        Condition("num_qubits", "at_least", 5),
        Condition("state", "differs", "online"),
        Condition("queue_length", "equals", 0),
    }
    assert query.configuration == (
        Condition("dynamic_circuits", "equals", True),
        Condition("basis_gates", "equals", ("cz", "rz")),
    )
    assert query.status == (Condition("status_msg", "equals", "active"),)


def test_dynamic_circuits_can_be_asked_away() -> None:
    query = build_query(dynamic_circuits=False).unwrap()
    assert query.configuration == (Condition("dynamic_circuits", "equals", False),)


@pytest.mark.holds("B268")
@pytest.mark.parametrize(
    ("features", "instructions", "told"),
    [
        (("qasm3", "dynamic_circuits"), ("cz", "if_else"), True),
        (("qasm3",), ("cz", "if_else"), True),
        (None, ("if_else",), True),
        (("dynamic_circuits",), ("cz",), True),
        (("dynamic_circuits",), None, True),
        (("qasm3",), ("cz", "store"), False),
        ((), None, False),
        (None, (), False),
    ],
)
def test_a_backend_runs_control_flow_if_its_features_or_its_instructions_say_so(
    features: tuple[str, ...] | None, instructions: tuple[str, ...] | None, told: bool
) -> None:
    described = Configuration(
        backend_name="b", backend_version="1", n_qubits=1, basis_gates=(), gates=(),
        supported_features=features, supported_instructions=instructions,
    )  # fmt: skip
    assert has_dynamic_circuits(described) is told
    assert read_field(described, "dynamic_circuits") is told


@pytest.mark.holds("B13")
@pytest.mark.parametrize(
    ("typo", "nearest"),
    [("num_qubits", "n_qubits"), ("simulater", "simulator"), ("operationl", "operational"), ("xyzzy", None)],
)
def test_an_unknown_filter_names_the_nearest(typo: str, nearest: str | None) -> None:
    assert build_query(attributes={typo: 1}) == Failure(UnknownFilter(name=typo, nearest=nearest))


@pytest.mark.holds("B14")
def test_an_empty_name_is_no_name() -> None:
    problem = build_query(name="").failure()
    assert isinstance(problem, BadArgument)
    assert problem.name == "name"


@given(
    name=st.none() | st.text(max_size=3),
    qubits=st.none() | st.integers(),
    dynamic=st.none() | st.booleans(),
    attributes=st.dictionaries(st.sampled_from(["simulator", "dt", "status_msg", "channels"]) | st.text(), json_values),
)
def test_every_query_is_built_or_refused(
    name: str | None, qubits: int | None, dynamic: bool | None, attributes: Mapping[str, Any]
) -> None:
    outcome = build_query(name=name, min_num_qubits=qubits, dynamic_circuits=dynamic, attributes=attributes)
    if isinstance(outcome, Success):
        query = outcome.unwrap()
        assert set(attributes) <= {
            "name",
            "backend_name",
            *NAMED_FIELDS,
            *KEPT.split(),
            *BackendStatus.__struct_fields__,
        }
        assert len((*query.row, *query.configuration, *query.status)) >= len(attributes)
    else:
        assert isinstance(outcome.failure(), UnknownFilter | BadArgument)


@pytest.mark.parametrize("value", [{"family": "Heron"}, {1}, bytearray()])
def test_a_filter_value_need_not_hash(value: object) -> None:
    query = BackendQuery(row=(Condition("simulator", "equals", value),))
    rejected = select_backends([BackendRow(name="a")], query).rejected
    assert isinstance(explain_none(rejected, query, ["a"]), NoBackendMatches)


@pytest.mark.holds("B12")
@given(rows, configurations())
def test_a_configuration_fills_what_a_row_is_silent_on_and_nothing_else(
    row: BackendRow, configuration: Configuration
) -> None:
    silent = {field for field in ("num_qubits", "simulator") if getattr(row, field) is None}
    filled = fill_row(row, configuration)
    assert fill_row(filled, configuration) == filled
    changed = {field for field in BackendRow.__struct_fields__ if getattr(filled, field) != getattr(row, field)}
    assert changed == silent
    for field, configured in (("num_qubits", configuration.n_qubits), ("simulator", configuration.simulator)):
        assert getattr(filled, field) == (configured if field in silent else getattr(row, field))


@given(queries)
def test_asking_for_the_best_changes_no_condition(wanted: Wanted) -> None:
    query = wanted.query()
    best = require_best(query)
    assert best.only_best
    assert require_best(best) == best
    assert msgspec.structs.replace(best, only_best=False) == query


@given(fleets, queries, st.lists(st.sampled_from(["broken", "offline"]), max_size=2))
def test_nothing_left_is_explained(fleet: list[BackendRow], wanted: Wanted, unreachable: list[str]) -> None:
    query = wanted.query()
    rejected = select_backends(fleet, query).rejected
    known = [row.name for row in fleet]
    problem = explain_none(rejected, query, known, tuple(unreachable))
    if wanted.name is not None and wanted.name not in known:
        assert isinstance(problem, BackendNotFound)
        assert problem.name == wanted.name
        assert problem.nearest is None or problem.nearest in known
    else:
        assert isinstance(problem, NoBackendMatches)
        assert problem.considered == len(rejected) == sum(shortfall.count for shortfall in problem.shortfalls)
    assert problem.unreachable == tuple(unreachable)


@given(st.text(max_size=8), st.lists(st.text(max_size=8), max_size=5))
def test_the_nearest_name_is_a_known_one_and_a_known_name_is_nearest_to_itself(name: str, known: list[str]) -> None:
    assert nearest_name(name, known) in {None, *known}
    if name:
        assert nearest_name(name, [*known, name]) == name
        assert nearest_name(name.upper(), [name]) == name


@pytest.mark.holds("B297")
@pytest.mark.parametrize(
    ("name", "known", "nearest"),
    [
        ("IBM_FEZ", ["ibm_fes", "ibm_fez"], "ibm_fez"),
        ("ibm_fez", ["IBM_FEZ", "ibm_fes"], "IBM_FEZ"),
        ("Ibm_Fez", ["IBM_FEZ", "ibm_fez"], "IBM_FEZ"),
        ("ibm_fez", ["IBM_FEZ", "ibm_fez"], "ibm_fez"),
        ("IBM_FES", ["ibm_kyiv", "ibm_fez"], "ibm_fez"),
        ("paris", ["ibm_kyiv", "ibm_fez"], None),
    ],
)
def test_capitals_hide_no_name(name: str, known: list[str], nearest: str | None) -> None:
    assert nearest_name(name, known) == nearest


@pytest.mark.holds("B28", "B266")
@given(configurations())
def test_hiding_the_fractional_gates_hides_exactly_them(configuration: Configuration) -> None:
    fractional = set() if configuration.simulator else find_fractional(configuration.basis_gates)
    hidden = apply_fractional(configuration, False)
    assert apply_fractional(hidden, False) == hidden
    assert hidden.basis_gates == tuple(name for name in configuration.basis_gates if name not in fractional)
    assert [gate.name for gate in hidden.gates] == [
        gate.name for gate in configuration.gates if gate.name not in fractional
    ]
    if configuration.supported_instructions is None:
        assert hidden.supported_instructions is None
    else:
        assert hidden.supported_instructions == tuple(
            name for name in configuration.supported_instructions if name not in fractional
        )
    back = msgspec.structs.replace(
        hidden,
        basis_gates=configuration.basis_gates,
        gates=configuration.gates,
        supported_instructions=configuration.supported_instructions,
    )
    assert back == configuration


@pytest.mark.holds("B28")
@given(configurations())
def test_showing_all_gates_changes_nothing(configuration: Configuration) -> None:
    assert apply_fractional(configuration, None) == apply_fractional(configuration, True) == configuration


@pytest.mark.holds("B29", "B266")
@given(configurations(), st.sampled_from([None, False, True]))
def test_fractional_gates_are_insisted_on_only_where_they_are_asked_for(
    configuration: Configuration, wanted: bool | None
) -> None:
    if wanted and not {"rx", "rzz"} & find_fractional(configuration.basis_gates):
        missing = NoFractionalGates(name=configuration.backend_name)
        assert require_fractional(configuration, wanted) == Failure(missing)
    else:
        assert require_fractional(configuration, wanted) == Success(configuration)


@pytest.mark.holds("B27")
@given(configurations())
def test_units_become_seconds_and_nothing_else_changes(configuration: Configuration) -> None:
    scaled = in_si_units(configuration)
    for field, per_second in (("dt", 1e9), ("dtm", 1e9), ("default_rep_delay", 1e6)):
        value = getattr(configuration, field)
        assert getattr(scaled, field) == (None if value is None else value / per_second)
    for field in ("rep_delay_range", "rep_times"):
        values = getattr(configuration, field)
        assert getattr(scaled, field) == (
            None if values is None else tuple(microseconds / 1e6 for microseconds in values)
        )
    units = ("dt", "dtm", "default_rep_delay", "rep_delay_range", "rep_times")
    back = msgspec.structs.replace(scaled, **{name: getattr(configuration, name) for name in units})
    assert back == configuration


@pytest.mark.holds("B27")
def test_a_heron_has_samples_of_four_nanoseconds() -> None:
    configuration = Configuration(
        backend_name="b", backend_version="1", n_qubits=1, basis_gates=(), gates=(),
        dt=4.0, dtm=4.0, default_rep_delay=250.0, rep_delay_range=(0.0, 500.0), rep_times=(1000.0,),
    )  # fmt: skip
    scaled = in_si_units(configuration)
    assert (scaled.dt, scaled.dtm, scaled.default_rep_delay) == (4e-9, 4e-9, 250e-6)
    assert (scaled.rep_delay_range, scaled.rep_times) == ((0.0, 500e-6), (1e-3,))


@pytest.mark.holds("B14")
def test_a_mock_is_found_by_its_name_alone() -> None:
    mock = BackendRow(name="mock_a", state="online", mock=True)
    assert select_backends([mock], build_query().unwrap()).items == ()
    assert select_backends([mock], build_query(name="mock_a").unwrap()).items == (mock,)
