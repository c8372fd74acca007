"""Laws of orders, errors and layouts, against brute force."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations
from math import exp, inf, log
from random import Random
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from returns.pipeline import is_successful
from returns.result import Success

from qiskit_runtime_service.core.backends import build_query, require_available, select_backends
from qiskit_runtime_service.core.calibration import (
    Errors,
    Place,
    expected_error,
    median_readout_error,
    median_two_qubit_error,
    read_errors,
    two_qubit_errors,
)
from qiskit_runtime_service.core.estimates import estimate_usage
from qiskit_runtime_service.core.layout import find_best_qubits
from qiskit_runtime_service.core.ranking import (
    Measured,
    asks_for_waiting_time,
    build_scores,
    fields_of,
    fill_quality,
    listed_ranking,
    rank_measured,
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
from qiskit_runtime_service.records.estimate import CircuitRuns, DeviceTimes, UsageEstimate
from qiskit_runtime_service.records.problem import BadArgument
from tests.strategies import rows

from ..support.examples import examples

NOW = 1_788_256_800.0
DATE = "2026-09-01T06:00:00+00:00"

RANKS = (
    "queue_length", "waiting_time", "num_qubits", "two_qubit_error", "readout_error", "clops", "calibration_age",
)  # fmt: skip

known_rows = st.builds(
    msgspec.structs.replace,
    rows,
    wait_seconds=st.sampled_from([None, 0.0, 60.0, 60.0]),
    clops=st.sampled_from([None, 1000.0, 200_000.0]),
    two_qubit_error=st.sampled_from([None, 0.001, 0.01]),
    readout_error=st.sampled_from([None, 0.01]),
    calibrated=st.sampled_from([None, NOW, NOW - 86_400]),
)
rankings = st.lists(st.sampled_from(RANKS), max_size=3, unique=True).map(tuple)


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
            return inf if row.queue_length is None else row.queue_length
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
    if set(names) <= {*RANKS}:
        assert outcome == Success(tuple(names))
    else:
        assert isinstance(outcome.failure(), BadArgument)


@pytest.mark.holds("B545")
@pytest.mark.parametrize("name", ["usage", "expected_error"])
def test_what_takes_a_circuit_is_refused_without_one_and_says_why(name: str) -> None:
    assert read_ranking(("clops", name), measured=True) == Success(("clops", name))
    refusal = read_ranking(name).failure()
    assert "which take a circuit" in refusal.wanted
    assert "explain_backends(circuit=circuit)" in refusal.wanted
    assert "usage" not in read_ranking("beauty").failure().wanted
    assert "calibration_age, expected_error, usage" in read_ranking("beauty", measured=True).failure().wanted


def used(seconds: float | None) -> UsageEstimate:
    """Return an estimate of so many seconds above the overhead; `None` for one that can only be more."""
    length = None if seconds is None else seconds
    run = CircuitRuns(what="PUB 0", executions=1, most=1, length=length)
    return estimate_usage([run], DeviceTimes(backend="b", rep_delay=0.0, reset=0.0))


measured_rows = st.builds(
    Measured,
    known_rows,
    st.sampled_from([0.0, 0.1, 0.1, 0.5]),
    st.sampled_from([None, 0.0, 1.0, 1.0, 30.0]).map(used),
)
orders = st.lists(st.sampled_from([*RANKS, "usage", "expected_error"]), max_size=3, unique=True).map(tuple)


def worth(one: Measured, name: str) -> float:
    """Say in plain words how good a backend is for a circuit; less is better."""
    match name:
        case "usage":
            return inf if one.usage.at_least else one.usage.seconds
        case "expected_error":
            return one.expected_error
    return goodness(one.row, name)


@pytest.mark.holds("B2", "B114", "B545")
@given(st.lists(measured_rows, max_size=20), orders)
def test_backends_for_a_circuit_are_ordered_as_brute_force_orders_them(
    fleet: list[Measured], names: tuple[str, ...]
) -> None:
    outcome = rank_measured(fleet, names, NOW)
    first = names if {"usage", "expected_error"} & {*names} else ("expected_error", *names)
    weights = (*first, "expected_error", "queue_length", "usage")
    best = sorted(fleet, key=lambda one: [worth(one, name) for name in weights])
    assert [*map(id, outcome.items)] == [id(one.row) for one in best]
    assert outcome.score_names[: len(first)] == first
    assert {"expected_error", "queue_length", "usage"} <= {*outcome.score_names}
    assert len({*outcome.score_names}) == len(outcome.score_names)
    for ranked, one in zip(outcome.ranked, best, strict=True):
        shown = dict(zip(outcome.score_names, ranked.scores, strict=True))
        assert shown["expected_error"] == one.expected_error
        assert shown["usage"] == worth(one, "usage")


@pytest.mark.holds("B545")
def test_the_listing_is_asked_for_what_needs_no_circuit_alone() -> None:
    assert listed_ranking(("usage", "clops", "expected_error", "waiting_time")) == ("clops", "waiting_time")


def test_one_name_need_not_be_a_tuple() -> None:
    assert read_ranking("clops") == Success(("clops",))
    assert asks_for_waiting_time(fields_of(("clops", "waiting_time")))
    assert not asks_for_waiting_time(fields_of(("clops",)))


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("num_qubits", -156, "156"),
        ("usage", 3.0374, "3.04 s"),
        ("usage", inf, "unknown"),
        ("calibration_age", 3600.4, "3600 s"),
        ("clops", inf, "unknown"),
        ("x", 2, "2"),
    ],
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
            (nduv("readout_error", readout[qubit]), nduv("operational", float(qubit not in off)))
            for qubit in range(len(readout))
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
    assert properties.last_update_date is not None
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


@pytest.mark.holds("B272")
def test_a_fractional_gate_counts_only_where_there_is_no_other() -> None:
    readout = dict.fromkeys(range(5), 0.01)
    fractional: dict[Place, float] = {("rzz", (0, 1)): 0.001, ("rzz", (1, 2)): 0.003}
    both = fractional | {("cz", (0, 1)): 0.004, ("cz", (1, 0)): 0.006, ("cz", (2, 3)): 0.008}
    # The better direction of a pair counts, and counts once.
    assert two_qubit_errors(calibration(readout, both)) == (0.004, 0.008)
    assert two_qubit_errors(calibration(readout, fractional)) == (0.001, 0.003)
    assert two_qubit_errors(calibration(readout, fractional | {("cz", (0, 1)): 1.0})) == (0.001, 0.003)


@pytest.mark.holds("B111")
@given(st.dictionaries(st.sampled_from([("cz", (0, 1)), ("measure", (0,)), ("rz", (1,))]), st.integers(1, 50)), errors)
def test_the_expected_error_is_that_of_independent_trials(
    uses: dict[tuple[str, tuple[int, ...]], int], e: float
) -> None:
    known = Errors({0: e}, {("cz", (0, 1)): 0.01})
    right = (1 - 0.01) ** uses.get(("cz", (0, 1)), 0) * (1 - e) ** uses.get(("measure", (0,)), 0)
    assert expected_error(uses, known) == pytest.approx(1 - right)
    assert str(expected_error(uses, Errors({}, {}))) == "0.0"  # and not -0.0


# Layouts


class Device(NamedTuple):
    """A device by how often each of its parts errs."""

    readout: tuple[float, ...]
    single: dict[int, float]
    pairs: dict[tuple[int, int], float]
    off: frozenset[int]

    def described(self) -> tuple[Configuration, Properties]:
        """Return how a service describes it: every pair in one direction, and the other was never calibrated."""
        configuration = Configuration(
            backend_name="b",
            backend_version="1",
            n_qubits=len(self.readout),
            basis_gates=("sx", "cz", "ecr"),
            gates=(GateEntry(name="cz", coupling_map=tuple(self.pairs)),),
        )
        gates: dict[tuple[str, tuple[int, ...]], float] = {("cz", pair): error for pair, error in self.pairs.items()}
        gates |= {("ecr", (other, one)): 1.0 for one, other in self.pairs}
        gates |= {("sx", (qubit,)): error for qubit, error in self.single.items()}
        return configuration, calibration(dict(enumerate(self.readout)), gates, self.off)

    def renumbered(self, numbers: Sequence[int]) -> "Device":
        """Return the device with `numbers[q]` in the place of `q`."""
        return Device(
            tuple(error for _, error in sorted(zip(numbers, self.readout, strict=True))),
            {numbers[qubit]: error for qubit, error in self.single.items()},
            {(numbers[one], numbers[other]): error for (one, other), error in self.pairs.items()},
            frozenset(numbers[qubit] for qubit in self.off),
        )


@st.composite
def devices(draw: st.DrawFn) -> Device:
    """Return a tree, from star to line, with some pairs more and some broken qubits, in any order of numbers."""
    size = draw(st.integers(1, 7))
    star = draw(st.booleans())
    tree = [(0 if star else draw(st.integers(0, other - 1)), other) for other in range(1, size)]
    extra = draw(st.lists(st.sampled_from([*combinations(range(size), 2)]), max_size=4)) if size > 1 else []
    device = Device(
        tuple(draw(st.lists(errors, min_size=size, max_size=size))),
        draw(st.dictionaries(st.integers(0, size - 1), errors, max_size=size)),
        {pair: draw(errors) for pair in [*tree, *extra]},
        draw(st.frozensets(st.integers(0, size - 1), max_size=2)),
    )
    return device.renumbered(draw(st.permutations(range(size))))


def cost_of(error: float) -> float:
    return 100.0 if error == 1 else -log(1 - error)


def least_cost(device: Device, chosen: tuple[int, ...]) -> float:
    """Return what some qubits cost, joined by the cheapest pair again and again; for ever if they are not connected."""
    cost = sum(
        inf if q in device.off else cost_of(device.readout[q]) + cost_of(device.single.get(q, 0)) for q in chosen
    )
    parts = {qubit: {qubit} for qubit in chosen}
    for (one, other), error in sorted(device.pairs.items(), key=lambda pair: pair[1]):
        if one in parts and other in parts and parts[one] is not parts[other]:
            cost += cost_of(error)
            joined = parts[one] | parts[other]
            parts |= dict.fromkeys(joined, joined)
    return cost if all(len(part) == len(chosen) for part in parts.values()) else inf


@pytest.mark.holds("B112")
@given(devices(), st.integers(1, 8))
def test_the_best_qubits_are_those_of_brute_force(device: Device, count: int) -> None:
    found = find_best_qubits(*device.described(), count)
    costs = {qubits: least_cost(device, qubits) for qubits in combinations(range(len(device.readout)), count)}
    best = min(costs.values(), default=inf)
    if best == inf:
        assert isinstance(found.failure(), BadArgument)
        return
    layout = found.unwrap()
    assert costs[layout.qubits] == pytest.approx(best)
    assert layout.error == pytest.approx(1 - exp(-best))


@pytest.mark.holds("B112")
@settings(max_examples=examples(50))
@given(devices(), st.integers(1, 4), st.randoms())
def test_other_numbers_for_the_qubits_change_neither_error_nor_connection(
    device: Device, count: int, random: Random
) -> None:
    numbers = [*range(len(device.readout))]
    random.shuffle(numbers)
    found = find_best_qubits(*device.described(), count)
    renumbered = find_best_qubits(*device.renumbered(numbers).described(), count)
    assert is_successful(found) == is_successful(renumbered)
    if is_successful(found):
        back = tuple(sorted(numbers.index(qubit) for qubit in renumbered.unwrap().qubits))
        assert renumbered.unwrap().error == pytest.approx(found.unwrap().error)
        assert least_cost(device, back) == pytest.approx(least_cost(device, found.unwrap().qubits))
        assert least_cost(device, back) < inf
    else:
        assert found == renumbered


@pytest.mark.holds("B112")
@pytest.mark.parametrize("centre", [0, 3, 6])
def test_a_star_is_joined_by_its_centre_whatever_its_number(centre: int) -> None:
    leaves = [qubit for qubit in range(7) if qubit != centre]
    star = Device((0.01,) * 7, {}, {(leaf, centre): 0.01 * (1 + leaf) for leaf in leaves}, frozenset())
    for count in (2, 3, 7):
        layout = find_best_qubits(*star.described(), count).unwrap()
        assert layout.qubits == tuple(sorted([centre, *leaves[: count - 1]]))
    assert find_best_qubits(*star._replace(off=frozenset({centre})).described(), 2).failure() == BadArgument(
        name="n", value="2", wanted="at most 1, the working qubits that are connected"
    )


@pytest.mark.holds("B112")
def test_of_equal_qubits_the_first_in_ascending_order_win() -> None:
    ring = Device((0.0,) * 6, {}, {(qubit, (qubit + 1) % 6): 0.0 for qubit in range(6)}, frozenset())
    assert find_best_qubits(*ring.described(), 3).unwrap().qubits == (0, 1, 2)
    assert find_best_qubits(*ring._replace(off=frozenset({1})).described(), 3).unwrap().qubits == (0, 4, 5)


def test_there_is_no_best_of_no_qubits() -> None:
    device = Device((0.0,), {}, {}, frozenset({0}))
    assert find_best_qubits(*device.described(), 0).failure() == BadArgument(name="n", value="0", wanted="at least 1")
    assert find_best_qubits(*device.described(), 1).failure() == BadArgument(
        name="n", value="1", wanted="0: no qubit works"
    )


@pytest.mark.holds("B112")
def test_the_best_gate_of_a_pair_counts_and_the_worst_of_a_qubit() -> None:
    configuration = Configuration(
        backend_name="b", backend_version="1", n_qubits=3, gates=(),
        basis_gates=("sx", "x", "cz", "ecr", "id", "measure", "reset"),
    )  # fmt: skip
    gates: dict[tuple[str, tuple[int, ...]], float] = {
        ("cz", (0, 1)): 0.5, ("ecr", (1, 0)): 0.1, ("cz", (1, 2)): 0.2, ("rzz", (1, 2)): 0.0,
        ("sx", (0,)): 0.01, ("x", (0,)): 0.02, ("id", (0,)): 0.9, ("measure", (0,)): 0.9, ("reset", (0,)): 0.9,
    }  # fmt: skip
    layout = find_best_qubits(configuration, calibration({0: 0.03, 1: 0.04, 2: 0.5}, gates), 2).unwrap()
    assert layout.qubits == (0, 1)
    assert layout.error == pytest.approx(1 - 0.98 * 0.97 * 0.96 * 0.9)


@pytest.mark.holds("B112")
def test_a_gate_that_is_off_joins_no_pair() -> None:
    device = Device((0.0,) * 3, {}, {(0, 1): 0.0, (1, 2): 0.1}, frozenset())
    configuration, properties = device.described()
    off = tuple(
        msgspec.structs.replace(
            gate, parameters=(*gate.parameters, nduv("operational", float({*gate.qubits} != {0, 1})))
        )
        for gate in properties.gates
    )
    worn = msgspec.structs.replace(properties, gates=off)
    assert find_best_qubits(configuration, properties, 2).unwrap().qubits == (0, 1)
    assert find_best_qubits(configuration, worn, 2).unwrap().qubits == (1, 2)


@pytest.mark.holds("B112")
def test_the_64_best_sets_of_each_size_are_followed() -> None:
    # Each decoy is a good pair that only a bad one widens; the best three qubits begin with a pair behind all of them.
    for decoys, best in ((63, (189, 190, 191)), (64, (0, 1, 2))):
        pairs = {(3 * number, 3 * number + 1): 0.01 for number in range(decoys)}
        pairs |= {(3 * number + 1, 3 * number + 2): 0.9 for number in range(decoys)}
        first = 3 * decoys
        pairs |= {(first, first + 1): 0.02, (first + 1, first + 2): 0.02}
        device = Device((0.0,) * (first + 3), {}, pairs, frozenset())
        assert find_best_qubits(*device.described(), 3).unwrap().qubits == best
        assert find_best_qubits(*device.described(), 3, beam=100).unwrap().qubits == (first, first + 1, first + 2)


@pytest.mark.holds("B112")
def test_without_a_calibration_any_connected_qubits_will_do() -> None:
    assert find_best_qubits(CONFIGURATION, None, 2).unwrap().qubits == (2, 4)
    assert isinstance(find_best_qubits(CONFIGURATION, None, 3).failure(), BadArgument)
    assert read_errors(None) == Errors({}, {})


def test_a_pair_with_a_qubit_that_the_device_does_not_have_counts_for_nothing() -> None:
    beyond = msgspec.structs.replace(
        CONFIGURATION, gates=(GateEntry(name="cz", coupling_map=((1, 2), (2, 9), (9, 0))),)
    )
    assert find_best_qubits(beyond, None, 2).unwrap().qubits == (1, 2)
    assert isinstance(find_best_qubits(beyond, None, 3).failure(), BadArgument)
