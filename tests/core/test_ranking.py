"""Laws of orders, errors and layouts, against brute force."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import combinations
from math import inf

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from returns.result import Success

from qiskit_runtime_service.core.backends import build_query, require_available, select_backends
from qiskit_runtime_service.core.calibration import (
    Errors,
    expected_error,
    find_faulty,
    median_readout_error,
    median_two_qubit_error,
    read_errors,
)
from qiskit_runtime_service.core.layout import Graph, build_graph, find_best_qubits
from qiskit_runtime_service.core.ranking import (
    RANKS,
    asks_for_waiting_time,
    build_scores,
    fields_of,
    fill_quality,
    read_ranking,
    show_score,
)
from qiskit_runtime_service.core.selection import judge
from qiskit_runtime_service.records.backend import (
    BackendRow,
    Configuration,
    GateEntry,
    GateProperties,
    Nduv,
    Properties,
)
from qiskit_runtime_service.records.problem import BadArgument
from tests.strategies import rows

NOW = 1_788_256_800.0
DATE = "2026-09-01T06:00:00+00:00"

known_rows = st.builds(
    msgspec.structs.replace,
    rows,
    wait_seconds=st.sampled_from([None, 0.0, 60.0, 60.0]),
    clops=st.sampled_from([None, 1000.0, 200_000.0]),
    two_qubit_error=st.sampled_from([None, 0.001, 0.01]),
    readout_error=st.sampled_from([None, 0.01]),
    calibrated=st.sampled_from([None, NOW, NOW - 86_400]),
)
rankings = st.lists(st.sampled_from(sorted(RANKS)), max_size=3, unique=True).map(tuple)


def goodness(row: BackendRow, name: str) -> float:
    """Say in plain words how good a row is; less is better."""
    match name:
        case "num_qubits":
            return inf if row.num_qubits is None else -row.num_qubits
        case "clops":
            return inf if row.clops is None else -row.clops
        case "calibration_age":
            return inf if row.calibrated is None else -row.calibrated
        case "waiting_time":
            return inf if row.wait_seconds is None else row.wait_seconds
        case "queue_length":
            return row.queue_length
    value = row.two_qubit_error if name == "two_qubit_error" else row.readout_error
    return inf if value is None else value


@pytest.mark.holds("B2", "B110")
@given(st.lists(known_rows, max_size=30), rankings, st.sampled_from([None, 5, 133]))
def test_a_fleet_is_ordered_as_brute_force_orders_it_with_one_reason_for_each_other(
    fleet: list[BackendRow], names: tuple[str, ...], least: int | None
) -> None:
    query = require_available(build_query(min_num_qubits=least).unwrap())
    outcome = select_backends(fleet, query, build_scores(names, NOW))
    fit = [
        row
        for row in fleet
        if row.state == "online" and not row.mock and (least is None or (row.num_qubits or 0) >= least)
        if least is None or row.num_qubits is not None
    ]
    best = sorted(fit, key=lambda row: [goodness(row, name) for name in names])
    assert [*map(id, outcome.items)] == [*map(id, best)]
    assert outcome.chosen is (best[0] if best else None)
    assert len(outcome.rejected) + len(best) == len(fleet)
    for rejection in outcome.rejected:
        failed = [
            condition
            for condition in query.row
            if judge(condition, [getattr(rejection.item, condition.field)]) == [False]
        ]
        assert (rejection.condition, rejection.found) == (failed[0], getattr(rejection.item, failed[0].field))


@given(st.lists(st.sampled_from([*RANKS, "beauty", ""]), max_size=3))
def test_only_known_names_rank(names: list[str]) -> None:
    outcome = read_ranking(names)
    if set(names) <= set(RANKS):
        assert outcome == Success(tuple(names))
    else:
        assert isinstance(outcome.failure(), BadArgument)


def test_one_name_need_not_be_a_tuple() -> None:
    assert read_ranking("clops") == Success(("clops",))
    assert asks_for_waiting_time(fields_of(("clops", "waiting_time")))
    assert not asks_for_waiting_time(fields_of(("clops",)))


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [("num_qubits", -156, "156"), ("calibration_age", 3600.4, "3600 s"), ("clops", inf, "unknown"), ("x", 2, "2")],
)
def test_scores_are_shown_as_people_write_them(name: str, value: float, shown: str) -> None:
    assert show_score(name, value) == shown


# Calibrations

errors = st.sampled_from([0.0, 0.001, 0.02, 0.5, 1.0])
PAIRS = [(0, 1), (1, 0), (1, 2), (2, 3), (3, 0), (3, 4)]


def nduv(name: str, value: float) -> Nduv:
    return Nduv(name, "", value, DATE)


def calibration(
    readout: Mapping[int, float], gates: Mapping[tuple[str, tuple[int, ...]], float], off: frozenset[int] = frozenset()
) -> Properties:
    return Properties(
        backend_name="b",
        backend_version="1",
        last_update_date=datetime(2026, 9, 1, 6, tzinfo=UTC),
        qubits=tuple(
            (nduv("readout_error", readout[qubit]), nduv("operational", float(qubit not in off))) for qubit in range(5)
        ),
        gates=tuple(GateProperties(gate, qubits, (nduv("gate_error", e),)) for (gate, qubits), e in gates.items()),
    )


CONFIGURATION = Configuration(
    backend_name="b",
    backend_version="1",
    n_qubits=5,
    basis_gates=("sx", "cz", "ecr"),
    gates=(GateEntry(name="cz", coupling_map=((2, 4),)), GateEntry(name="rzz", coupling_map=((0, 4),))),
)

calibrations = st.builds(
    calibration,
    st.fixed_dictionaries(dict.fromkeys(range(5), errors)),
    st.dictionaries(
        st.tuples(st.sampled_from(["cz", "ecr"]), st.sampled_from(PAIRS))
        | st.tuples(st.just("sx"), st.integers(0, 4).map(lambda qubit: (qubit,))),
        errors,
    ),
    st.frozensets(st.integers(0, 4), max_size=2),
)


@pytest.mark.holds("B110")
@given(calibrations)
def test_a_calibration_fills_what_a_row_is_silent_on(properties: Properties) -> None:
    row = BackendRow(name="b", readout_error=0.25)
    names = ("calibration_age",)
    assert fields_of(names) == ("calibrated",)
    filled = fill_quality(row, properties)
    assert filled.calibrated is not None
    assert filled.readout_error == 0.25
    assert filled.two_qubit_error == median_two_qubit_error(properties)
    assert filled.calibrated == properties.last_update_date.timestamp()
    assert fill_quality(filled, properties) == filled
    assert median_readout_error(properties) is not None


@pytest.mark.holds("B110")
def test_medians_take_the_better_gate_of_a_pair_and_no_uncalibrated_one() -> None:
    properties = calibration(
        dict.fromkeys(range(5), 0.01),
        {("cz", (0, 1)): 0.3, ("ecr", (1, 0)): 0.1, ("cz", (1, 2)): 1.0, ("cz", (2, 3)): 0.2, ("sx", (0,)): 0.9},
    )
    assert median_two_qubit_error(properties) == pytest.approx(0.15)
    assert median_two_qubit_error(msgspec.structs.replace(properties, gates=())) is None
    assert median_readout_error(msgspec.structs.replace(properties, qubits=())) is None


@pytest.mark.holds("B111")
@given(st.dictionaries(st.sampled_from([("cz", (0, 1)), ("measure", (0,)), ("rz", (1,))]), st.integers(1, 50)), errors)
def test_the_expected_error_is_that_of_independent_trials(
    uses: dict[tuple[str, tuple[int, ...]], int], e: float
) -> None:
    known = Errors({0: e}, {("cz", (0, 1)): 0.01})
    right = (1 - 0.01) ** uses.get(("cz", (0, 1)), 0) * (1 - e) ** uses.get(("measure", (0,)), 0)
    assert expected_error(uses, known) == pytest.approx(1 - right)


# Layouts


def cost_of(graph: Graph, chosen: tuple[int, ...]) -> float:
    """Return the cost of a set by its least tree, found edge by edge; for ever if it is not connected."""
    joined, cost = {chosen[0]}, sum(graph.qubits.get(qubit, inf) for qubit in chosen)
    while joined != set(chosen):
        edges = [
            (edge, neighbour)
            for qubit in joined
            for neighbour, edge in graph.pairs.get(qubit, {}).items()
            if neighbour in chosen and neighbour not in joined
        ]
        if not edges:
            return inf
        edge, neighbour = min(edges)
        joined.add(neighbour)
        cost += edge
    return cost


@pytest.mark.holds("B112")
@given(calibrations, st.integers(0, 6))
@example(calibration(dict.fromkeys(range(5), 0.0), {}), 2)
def test_the_best_qubits_are_those_of_brute_force(properties: Properties, count: int) -> None:
    graph = build_graph(CONFIGURATION, properties)
    found = find_best_qubits(CONFIGURATION, properties, count, beam=100)
    costs = {qubits: cost_of(graph, qubits) for qubits in combinations(range(5), count)} if count else {}
    best = min(costs.values(), default=inf)
    if best == inf:
        assert isinstance(found.failure(), BadArgument)
        return
    layout = found.unwrap()
    assert costs[layout.qubits] == pytest.approx(best)
    assert find_faulty(properties).qubits.isdisjoint(layout.qubits)
    assert 0 <= layout.error <= 1


@pytest.mark.holds("B112")
def test_without_a_calibration_any_connected_qubits_will_do() -> None:
    assert find_best_qubits(CONFIGURATION, None, 2).unwrap().qubits == (2, 4)
    assert isinstance(find_best_qubits(CONFIGURATION, None, 3).failure(), BadArgument)
    assert read_errors(None) == Errors({}, {})
