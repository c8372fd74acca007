"""Decisions about backends: what to ask of which data, which to keep, in which order."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import starmap
from math import inf
from operator import attrgetter
from typing import Any

import msgspec
from returns.result import Failure, Result, Success

from ..records.backend import BackendQuery, BackendRow, BackendStatus, Configuration
from ..records.problem import (
    BackendNotFound,
    BadArgument,
    BrokenBackend,
    CalibrationNotFound,
    NoBackendMatches,
    NoFractionalGates,
    Problem,
    ServerRefusal,
    UnknownFilter,
    UnreadableBody,
)
from ..records.selection import Condition, Rejected, Selection
from .arguments import as_python, refuse
from .basis import NATIVE_TURNS, find_fractional
from .names import nearest_name
from .selection import Filter, Score, select, sum_up

PASSES = Condition("filters", "equals", True)
"""The user's own test, as the condition that a backend fails which it turns down."""

SHORTEST_QUEUE = Score[BackendRow]("queue_length", lambda row: inf if row.queue_length is None else row.queue_length)
"""A queue that nobody knows is the longest."""

DYNAMIC_CIRCUITS = "dynamic_circuits"
"""What is asked of a backend that shall run control flow; `has_dynamic_circuits` tells it."""

ONLINE = Condition("state", "equals", "online")
UNKNOWN = "unknown"
"""The state of a backend whose listing says none."""
NO_MOCK = Condition("mock", "equals", False)

ROW_FIELDS = {
    "name": "name",
    "backend_name": "name",
    "n_qubits": "num_qubits",
    "simulator": "simulator",
    "pending_jobs": "queue_length",
}
"""The fields of a row that IBM's users filter by, by the names that they have for them."""
CONFIGURED = frozenset({"num_qubits", "simulator"})
"""The fields of a row that the configuration can fill."""
QUEUED = frozenset({"queue_length"})
"""The fields of a row that the status can fill."""
_STATUS_FIELDS = frozenset(BackendStatus.__struct_fields__) - {"ignored"}
_OLD_FIELDS = frozenset(
    {"acquisition_latency", "allow_object_storage", "channels", "conditional_latency", "hamiltonian", "input_allowed"}
    | {"live_data", "meas_lo_range", "n_uchannels", "parametric_pulses", "pulse_num_channels", "pulse_num_qubits"}
    | {"qubit_channel_mapping", "qubit_lo_range", "rep_delays", "u_channel_lo", "uchannels_enabled"}
)
"""What configurations of the pulse era have beside the fields that the record names."""
_NAMED_FIELDS = frozenset(Configuration.__struct_fields__) - {"rest", "ignored"}
_CONFIGURATION_FIELDS = _NAMED_FIELDS | _OLD_FIELDS
_FILTER_NAMES = sorted(
    {*ROW_FIELDS, *_STATUS_FIELDS, *_CONFIGURATION_FIELDS, "min_num_qubits", DYNAMIC_CIRCUITS} - {"name"}
)


def build_query(
    *,
    name: str | None = None,
    min_num_qubits: int | None = None,
    dynamic_circuits: bool | None = None,
    include_mocks: bool = False,
    all_instances: bool = False,
    attributes: Mapping[str, Any] | None = None,
    conditions: Iterable[Condition] = (),
) -> Result[BackendQuery, Problem]:
    """Put each condition beside the cheapest data that can decide it.

    Args:
        name: The name that a backend must have.
        min_num_qubits: The fewest qubits.
        dynamic_circuits: Whether control flow must, or must not, be supported.
        include_mocks: Keep the stand-ins for dry runs.
        all_instances: Keep a device once for each instance that has it.
        attributes: Values that attributes of the configuration or status must have.
        conditions: What else is asked.

    Fails with:
        UnknownFilter: `attributes` or `conditions` name one that backends do not have.
        BadArgument: `name` is empty, an attribute cannot have the value, or a condition compares what cannot be
            compared.

    Source: behaviour B12, B13, B14, B303.
    """
    if name == "":
        return Failure(BadArgument(name="name", value="''", wanted="the name of a backend"))
    parts: dict[str, list[Condition]] = {"row": [], "configuration": [], "status": []}
    if name is not None:
        parts["row"].append(Condition("name", "equals", name))
    if min_num_qubits is not None:
        parts["row"].append(Condition("num_qubits", "at_least", min_num_qubits))
    values = {DYNAMIC_CIRCUITS: dynamic_circuits, **(attributes or {})}
    if values[DYNAMIC_CIRCUITS] is None:
        del values[DYNAMIC_CIRCUITS]
    for placed in (*starmap(_place_attribute, values.items()), *map(_place_words, conditions)):
        match placed:
            case Success((part, condition)):
                parts[part].append(condition)
            case Failure(problem):
                return Failure(problem)
    # A mock is asked for by its name, or with all the others. Few are there, so this is decided last.
    if not include_mocks and name is None:
        parts["row"].append(NO_MOCK)
    row, configuration, status = map(tuple, parts.values())
    return Success(BackendQuery(row=row, configuration=configuration, status=status, all_instances=all_instances))


def _place_attribute(name: str, value: Any) -> Result[tuple[str, Condition], Problem]:
    """Return what can decide whether an attribute has a value, and the condition that it does."""
    try:
        plain = as_plain(as_python(value))
    except RecursionError:
        return refuse(name, value, "of fewer levels")
    if (problem := _misfit(name, plain, value)) is not None:
        return Failure(problem)
    if name == "operational":
        return Success(("row", Condition("state", "equals" if plain else "differs", "online")))
    if name in ROW_FIELDS:
        return Success(("row", Condition(ROW_FIELDS[name], "equals", plain)))
    if name in _CONFIGURATION_FIELDS or name == DYNAMIC_CIRCUITS:
        return Success(("configuration", Condition(name, "equals", plain)))
    if name in _STATUS_FIELDS:
        return Success(("status", Condition(name, "equals", plain)))
    return Failure(UnknownFilter(name=name, nearest=nearest_name(name, _FILTER_NAMES)))


def _misfit(name: str, value: Any, given: Any) -> Problem | None:
    from .attributes import find_misfit  # Takes long to load, and few attributes are asked for.

    return find_misfit(name, value, given)


def _place_words(condition: Condition) -> Result[tuple[str, Condition], Problem]:
    from .attributes import place_condition  # Takes long to load, and few conditions are in words.

    return place_condition(condition)


def require_available(query: BackendQuery) -> BackendQuery:
    """Add what a backend must be to be chosen for work: online, and no mock."""
    return msgspec.structs.replace(
        query, row=(ONLINE, *(condition for condition in query.row if condition not in (ONLINE, NO_MOCK)), NO_MOCK)
    )


def require_best(query: BackendQuery) -> BackendQuery:
    """Add that one backend is enough, and that work can be given to it."""
    return msgspec.structs.replace(query, only_best=True)


def warn_of_state(row: BackendRow) -> str | None:
    """Return what to warn of before a job is submitted, or `None` where the listing says nothing against it.

    Source: behaviour B309.
    """
    if row.state in ("online", UNKNOWN):
        return None
    reason = f" ({row.reason})" if row.reason else ""
    return f"The backend {row.name} is {row.state}{reason}, says its listing: jobs wait until it is online again."


def select_backends(
    rows: Iterable[BackendRow], query: BackendQuery, scores: Sequence[Score[BackendRow]] = ()
) -> Selection[BackendRow]:
    """Decide what the listing alone can decide, with a reason for each rejection.

    Rows with equal scores keep their order, so list the best instance first.

    Source: behaviour B1, B12, B15, B348.
    """
    return select(rows, row_filters(query), scores)


def read_field(configuration: Configuration, name: str) -> Any:
    """Return a field as users see it, whether the record names it or not; `None` if it is not there."""
    if name == DYNAMIC_CIRCUITS:
        return has_dynamic_circuits(configuration)
    if name in _NAMED_FIELDS:
        return getattr(in_si_units(configuration), name)
    return configuration.others.get(name)


def has_dynamic_circuits(configuration: Configuration) -> bool:
    """Tell whether a backend runs control flow: older ones say it by their instructions alone.

    Source: behaviour B268.
    """
    told = DYNAMIC_CIRCUITS in (configuration.supported_features or ())
    return told or "if_else" in (configuration.supported_instructions or ())


def fill_row(row: BackendRow, configuration: Configuration) -> BackendRow:
    """Return `row` with its gaps filled from the configuration."""
    return msgspec.structs.replace(
        row,
        num_qubits=configuration.n_qubits if row.num_qubits is None else row.num_qubits,
        simulator=configuration.simulator if row.simulator is None else row.simulator,
    )


def fill_queue(row: BackendRow, status: BackendStatus) -> BackendRow:
    """Return `row` with its queue filled from the status, where it does not say it."""
    return msgspec.structs.replace(
        row, queue_length=status.pending_jobs if row.queue_length is None else row.queue_length
    )


def explain_none(
    rejected: Sequence[Rejected[Any]], query: BackendQuery, known: Sequence[str], unreachable: tuple[str, ...] = ()
) -> Problem:
    """Return the problem that says best why nothing is left."""
    named = next((condition.wanted for condition in query.row if condition.field == "name"), None)
    if named is not None and named not in known:
        return BackendNotFound(name=str(named), nearest=nearest_name(str(named), known), unreachable=unreachable)
    return NoBackendMatches(considered=len(rejected), shortfalls=sum_up(rejected), unreachable=unreachable)


def blame_backend(problem: Problem, name: str, calibration_id: str | None = None) -> Problem:
    """Say what it means for a backend that its configuration cannot be had; an outage says nothing about it.

    Args:
        problem: What came of asking.
        name: The backend.
        calibration_id: The calibration that was asked for, if any.

    Source: behaviour B100, B295.
    """
    match problem:
        case UnreadableBody(reason=reason):
            return BrokenBackend(name=name, reason=reason)
        case ServerRefusal(status=404) if calibration_id is not None:
            return CalibrationNotFound(name=name, calibration_id=calibration_id)
        case ServerRefusal(status=404):
            return BrokenBackend(name=name, reason="it is listed, but the service does not describe it")
        case _:
            return problem


def apply_fractional(configuration: Configuration, use_fractional_gates: bool | None) -> Configuration:
    """Return the configuration as the setting shows it: `False` hides the fractional gates.

    A simulator shows all its gates: none of them is calibrated, so none is better left alone.

    Source: behaviour B28, B266.
    """
    if use_fractional_gates is not False or configuration.simulator:
        return configuration
    hidden = find_fractional(configuration.basis_gates)
    instructions = configuration.supported_instructions
    return msgspec.structs.replace(
        configuration,
        basis_gates=tuple(name for name in configuration.basis_gates if name not in hidden),
        gates=tuple(gate for gate in configuration.gates if gate.name not in hidden),
        supported_instructions=instructions and tuple(name for name in instructions if name not in hidden),
    )


def require_fractional(
    configuration: Configuration, use_fractional_gates: bool | None
) -> Result[Configuration, Problem]:
    """Insist on fractional gates where they were asked for.

    Fails with:
        NoFractionalGates: `True` was asked of a backend that has neither `rx` nor `rzz` as such.

    Source: behaviour B29, B266.
    """
    if use_fractional_gates and NATIVE_TURNS.isdisjoint(find_fractional(configuration.basis_gates)):
        return Failure(NoFractionalGates(name=configuration.backend_name))
    return Success(configuration)


def row_filters(query: BackendQuery) -> tuple[Filter[BackendRow], ...]:
    """Return the filters by which the listing alone decides, for `select` and `keep_best`."""
    return tuple(Filter[BackendRow](condition, attrgetter(condition.field)) for condition in query.row)


def as_plain(value: Any) -> Any:
    """Return a value with tuples for lists and dictionaries for records, so that what is asked meets what is held."""
    if isinstance(value, msgspec.Struct):
        value = {name: field for name, field in msgspec.structs.asdict(value).items() if field is not None}
    if isinstance(value, dict):
        return {name: as_plain(item) for name, item in value.items()}
    return tuple(map(as_plain, value)) if isinstance(value, list | tuple) else value


def in_si_units(configuration: Configuration) -> Configuration:
    """Return the configuration as users see it: seconds, where the wire has nano- and microseconds.

    Source: behaviour B27.
    """

    def scaled(value: float | None, per_second: float) -> float | None:
        # Division, not multiplication with the inverse: that differs in the last bit.
        return None if value is None else value / per_second

    def all_scaled(values: tuple[float, ...] | None) -> tuple[float, ...] | None:
        return None if values is None else tuple(value / 1e6 for value in values)

    return msgspec.structs.replace(
        configuration,
        dt=scaled(configuration.dt, 1e9),
        dtm=scaled(configuration.dtm, 1e9),
        default_rep_delay=scaled(configuration.default_rep_delay, 1e6),
        rep_delay_range=all_scaled(configuration.rep_delay_range),
        rep_times=all_scaled(configuration.rep_times),
    )
