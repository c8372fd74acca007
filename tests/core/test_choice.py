"""Laws of the decision of a choice, against brute force over all that could be known."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Result, Success

from qiskit_runtime_service.core.backends import build_query, require_available, require_best
from qiskit_runtime_service.core.choice import Chosen, Fetch, Key, Known, decide_choice, keep_best_instances, key_of
from qiskit_runtime_service.records.backend import (
    BackendQuery,
    BackendRow,
    BackendStatus,
    Configuration,
    Nduv,
    Properties,
)
from qiskit_runtime_service.records.problem import BrokenBackend, NoFractionalGates, Problem, UnreadableBody
from qiskit_runtime_service.records.selection import Condition
from tests.strategies import rows

BROKEN = UnreadableBody(url="https://h.example", reason="broken", start="")
DAY = datetime(2026, 9, 1, tzinfo=UTC)
NOW = DAY.timestamp() + 3600


class Device(NamedTuple):
    """A backend with all that could be asked of it."""

    row: BackendRow
    configuration: Result[Configuration, Problem]
    status: Result[BackendStatus, Problem]
    properties: Result[Properties | None, Problem]
    verdict: Result[bool, Problem]


def configuration(qubits: int, simulator: bool, *gates: str) -> Configuration:
    return Configuration(
        backend_name="b",
        backend_version="1.0.0" if qubits % 2 else "2.0.0",
        n_qubits=qubits,
        basis_gates=gates,
        gates=(),
        simulator=simulator,
    )


def calibration(readout: float) -> Properties:
    measured = Nduv(date=DAY.isoformat(), name="readout_error", unit="", value=readout)
    return Properties(
        backend_name="b", backend_version="1", last_update_date=DAY, qubits=((measured,),), gates=(), general=()
    )


def or_broken(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Result[Any, Problem]]:
    return st.one_of(values.map(Success), values.map(Success), values.map(Success), st.just(Failure(BROKEN)))


@st.composite
def fleets(draw: st.DrawFn) -> list[Device]:
    drawn = draw(st.lists(rows, max_size=7))
    devices = []
    for index, row in enumerate(drawn):
        qubits = 5 if row.num_qubits is None else row.num_qubits
        described = configuration(
            qubits, bool(row.simulator), *draw(st.sampled_from([("rz", "sx", "cz", "rx", "rzz"), ("cz",)]))
        )
        devices.append(
            Device(
                # One name an instance, as in any listing.
                row=msgspec.structs.replace(
                    row,
                    name=f"{row.name}_{index}",
                    readout_error=draw(st.sampled_from([None, None, 0.01, 0.2])),
                    wait_seconds=draw(st.sampled_from([None, 60.0])),
                ),
                configuration=draw(or_broken(st.just(described))),
                status=draw(or_broken(st.builds(BackendStatus, backend_name=st.just("b"), status_msg=messages))),
                properties=draw(or_broken(st.none() | errors.map(calibration))),
                verdict=draw(or_broken(st.booleans())),
            )
        )
    return devices


messages = st.sampled_from(["active", "internal"])
errors = st.sampled_from([0.01, 0.05, 0.2])


@st.composite
def queries(draw: st.DrawFn) -> BackendQuery:
    attributes = {
        "operational": draw(st.none() | st.booleans()),
        "simulator": draw(st.none() | st.booleans()),
        "backend_version": draw(st.sampled_from([None, None, "1.0.0"])),
        "status_msg": draw(st.sampled_from([None, None, "active"])),
    }
    conditions = [Condition("readout_error", "below", 0.1)] if draw(st.booleans()) else []
    query = build_query(
        min_num_qubits=draw(st.sampled_from([None, None, 5, 100])),
        attributes={name: value for name, value in attributes.items() if value is not None},
        conditions=conditions,
    ).unwrap()
    return msgspec.structs.replace(query, tested=draw(st.booleans()))


rankings = st.lists(st.sampled_from(["queue_length", "readout_error", "waiting_time"]), max_size=2, unique=True)


class Settled(NamedTuple):
    """How a choice ended, and what was fetched on the way."""

    chosen: Chosen
    fetched: Counter[tuple[str, Key]]


def settle(devices: Iterable[Device], query: BackendQuery, ranking: Iterable[str], known: Known) -> Settled:
    """Fetch what is wanted until the choice is made. A row at a time is enough for the test of the user."""
    by_key = {key_of(device.row): device for device in devices}
    fetched: Counter[tuple[str, Key]] = Counter()
    # A part of each row, one after the other, is the most that can be asked.
    for _ in range(4 * len(by_key) + 2):
        step = decide_choice(query, tuple(ranking), known)
        if isinstance(step, Chosen):
            return Settled(step, fetched)
        assert isinstance(step, Fetch)
        if not step.rows:
            assert known.rows is None
            assert step.parts[0] == "listing"
            known = known._replace(rows=tuple(device.row for device in by_key.values()))
            continue
        (part,) = step.parts
        wanted = step.rows[:1] if part == "verdict" else step.rows
        found = {key_of(row): getattr(by_key[key_of(row)], part) for row in wanted}
        fetched.update((part, key) for key in found)
        known = add(known, part, found)
    raise AssertionError("the choice does not end")


def add(known: Known, part: str, found: Mapping[Key, Result[Any, Problem]]) -> Known:
    held: dict[str, Mapping[Key, Any]] = {
        "configuration": known.configurations,
        "status": known.statuses,
        "properties": known.properties,
        "verdict": known.verdicts,
    }
    assert not held[part].keys() & found.keys(), "what is known is asked for again"
    more = {**held[part], **found}
    match part:
        case "configuration":
            return known._replace(configurations=more)
        case "status":
            return known._replace(statuses=more)
        case "properties":
            return known._replace(properties=more)
        case _:
            return known._replace(verdicts=more)


def knowing(devices: Iterable[Device], parts: Iterable[str]) -> Known:
    """Return what is known where `parts` of all devices were fetched ahead."""
    known = Known(now=NOW)
    held = [*devices]
    if "listing" in parts:
        known = known._replace(rows=tuple(device.row for device in held))
    for part in {*parts} - {"listing"}:
        known = add(known, part, {key_of(device.row): getattr(device, part) for device in held})
    return known


class Truth(NamedTuple):
    """What brute force says of a device: whether it is left, and with which values."""

    fits: bool
    is_told: bool
    row: BackendRow


def judge_plainly(device: Device, query: BackendQuery) -> Truth:
    """Say what is meant, part by part, from the cheapest on."""
    row = device.row
    wanted = {condition.field: condition.wanted for condition in (*query.row, *query.configuration, *query.status)}
    listed = (
        ("mock" not in wanted or not row.mock)
        and ("state" not in wanted or online_as_asked(row, query))
        and ("num_qubits" not in wanted or row.num_qubits is None or row.num_qubits >= wanted["num_qubits"])
        and ("simulator" not in wanted or row.simulator is None or row.simulator == wanted["simulator"])
        and ("readout_error" not in wanted or row.readout_error is None or row.readout_error < 0.1)
    )
    if not listed:
        return Truth(False, False, row)
    silent = ("num_qubits" in wanted and row.num_qubits is None) or ("simulator" in wanted and row.simulator is None)
    if silent or "backend_version" in wanted:
        if isinstance(device.configuration, Failure):
            return Truth(False, True, row)
        described = device.configuration.unwrap()
        row = msgspec.structs.replace(
            row,
            num_qubits=described.n_qubits if row.num_qubits is None else row.num_qubits,
            simulator=described.simulator if row.simulator is None else row.simulator,
        )
        if row.num_qubits is None or ("num_qubits" in wanted and row.num_qubits < wanted["num_qubits"]):
            return Truth(False, False, row)
        if "simulator" in wanted and row.simulator != wanted["simulator"]:
            return Truth(False, False, row)
        if "backend_version" in wanted and described.backend_version != "1.0.0":
            return Truth(False, False, row)
    if "status_msg" in wanted:
        if isinstance(device.status, Failure):
            return Truth(False, True, row)
        if device.status.unwrap().status_msg != "active":
            return Truth(False, False, row)
    if "readout_error" in wanted and row.readout_error is None:
        if isinstance(device.properties, Failure):
            return Truth(False, True, row)
        row = with_readout(row, device)
        if row.readout_error is None or row.readout_error >= 0.1:
            return Truth(False, False, row)
    return Truth(True, False, row)


def online_as_asked(row: BackendRow, query: BackendQuery) -> bool:
    return all(
        (row.state == "online") == (condition.comparison == "equals")
        for condition in query.row
        if condition.field == "state"
    )


def with_readout(row: BackendRow, device: Device) -> BackendRow:
    properties = device.properties.value_or(None)
    if row.readout_error is not None or properties is None:
        return row
    return msgspec.structs.replace(
        row, readout_error=properties.qubits[0][0].value, calibrated=DAY.timestamp(), two_qubit_error=None
    )


def order_plainly(truths: list[tuple[Device, BackendRow]], ranking: Iterable[str]) -> list[tuple[Device, BackendRow]]:
    """Order by plain words; what is unknown comes last."""

    def goodness(row: BackendRow, name: str) -> float:
        value = {"readout_error": row.readout_error, "waiting_time": row.wait_seconds}.get(name, row.queue_length)
        return float("inf") if value is None else value

    names = [*ranking]
    if "readout_error" in names:
        truths = [(device, with_readout(row, device)) for device, row in truths]
    return sorted(truths, key=lambda truth: [goodness(truth[1], name) for name in names])


@pytest.mark.holds("B2", "B110", "B117")
@given(fleets(), queries(), rankings)
def test_what_is_left_is_what_brute_force_leaves_in_its_order(
    devices: list[Device], query: BackendQuery, ranking: list[str]
) -> None:
    chosen, _ = settle(devices, query, ranking, Known(now=NOW))
    judged = {key_of(device.row): judge_plainly(device, query) for device in devices}
    fit = [(device, judged[key_of(device.row)].row) for device in devices if judged[key_of(device.row)].fits]
    expected = order_plainly(fit, ranking)
    if query.tested:
        expected = [(device, row) for device, row in expected if device.verdict == Success(True)]
    assert chosen.selection.items == tuple(row for _, row in expected)


@pytest.mark.holds("B1", "B117")
@given(fleets(), queries(), rankings)
def test_each_backend_is_ranked_or_rejected_or_told_and_none_is_lost(
    devices: list[Device], query: BackendQuery, ranking: list[str]
) -> None:
    chosen, _ = settle(devices, query, ranking, Known(now=NOW))
    judged = {key_of(device.row): judge_plainly(device, query) for device in devices}
    ranked = {key_of(row) for row in chosen.selection.items}
    rejected = [key_of(rejection.item) for rejection in chosen.selection.rejected]
    assert len(rejected) == len({*rejected})
    assert not ranked & {*rejected}
    troubled = {name for name, _ in chosen.troubles}
    for device in devices:
        truth = judged[key_of(device.row)]
        if truth.is_told:
            assert device.row.name in troubled
            assert key_of(device.row) not in rejected
        elif not truth.fits:
            assert key_of(device.row) in rejected
    # A backend whose calibration is only wanted for its order stays, and is told.
    for device in devices:
        assert {key_of(device.row)} & (ranked | {*rejected}) or device.row.name in troubled


@pytest.mark.takes_long
@pytest.mark.holds("B117")
@given(fleets(), queries(), rankings, st.sets(st.sampled_from(["listing", "configuration", "status", "properties"])))
def test_the_choice_is_the_same_whatever_is_known_ahead_and_asks_for_no_more(
    devices: list[Device], query: BackendQuery, ranking: list[str], ahead: set[str]
) -> None:
    cold = settle(devices, query, ranking, Known(now=NOW))
    warm = settle(devices, query, ranking, knowing(devices, ahead))
    assert warm.chosen == cold.chosen
    assert warm.fetched <= cold.fetched
    assert not any(part in ahead for part, _ in warm.fetched)


@pytest.mark.takes_long
@pytest.mark.holds("B12", "B117")
@given(fleets(), queries(), rankings)
def test_a_part_is_asked_once_and_only_of_those_that_cheaper_ones_leave(
    devices: list[Device], query: BackendQuery, ranking: list[str]
) -> None:
    chosen, fetched = settle(devices, query, ranking, Known(now=NOW))
    assert all(count == 1 for count in fetched.values())
    rejected = {key_of(rejection.item): rejection.condition.field for rejection in chosen.selection.rejected}
    cost = {"configuration": 1, "status": 2, "properties": 3, "verdict": 4}
    decided_by = {"backend_version": 1, "status_msg": 2, "filters": 4}
    for part, key in fetched:
        if key in rejected:
            row = next(device.row for device in devices if key_of(device.row) == key)
            field = rejected[key]
            silent = hasattr(row, field) and getattr(row, field) is None
            charged = (3 if field == "readout_error" else 1) if silent else decided_by.get(field, 0)
            assert cost[part] <= charged


@st.composite
def shared_fleets(draw: st.DrawFn) -> tuple[list[Device], list[Device]]:
    """Return devices in their best instances, and all that several instances list of them, best instance first."""
    first = draw(fleets())
    others = [
        device._replace(row=msgspec.structs.replace(device.row, instance=instance, queue_length=queue, state=state))
        for instance in ("crn:second", "crn:third")
        for device, is_there, queue, state in draw(
            st.lists(
                st.tuples(
                    *(st.sampled_from(first), st.booleans(), st.none() | st.integers(0, 3)),
                    st.sampled_from(["online", "paused"]),
                ),
                max_size=5,
                unique_by=lambda drawn: drawn[0].row.name,
            )
            if first
            else st.just([])
        )
        if is_there
    ]
    return first, first + others


@pytest.mark.takes_long
@pytest.mark.holds("B481")
@given(shared_fleets(), queries(), rankings, st.booleans())
def test_a_device_of_several_instances_is_chosen_as_if_the_best_alone_had_it(
    fleet: tuple[list[Device], list[Device]], query: BackendQuery, ranking: list[str], best: bool
) -> None:
    first, listed = fleet
    query = require_best(query) if best else query
    assert settle(listed, query, ranking, Known(now=NOW)) == settle(first, query, ranking, Known(now=NOW))


@pytest.mark.takes_long
@pytest.mark.holds("B481")
@given(shared_fleets(), queries(), rankings)
def test_with_all_instances_no_row_is_lost(
    fleet: tuple[list[Device], list[Device]], query: BackendQuery, ranking: list[str]
) -> None:
    _, listed = fleet
    query = msgspec.structs.replace(query, all_instances=True)
    chosen, _ = settle(listed, query, ranking, Known(now=NOW))
    left = {key_of(row) for row in chosen.selection.items}
    truths = {key_of(device.row): judge_plainly(device, query) for device in listed}
    verdicts = {key_of(device.row): not query.tested or device.verdict == Success(True) for device in listed}
    assert left == {key for key, truth in truths.items() if truth.fits and verdicts[key]}


@pytest.mark.holds("B481")
@given(st.lists(rows))
def test_the_first_row_of_each_device_is_kept_in_its_place(listed: list[BackendRow]) -> None:
    kept = keep_best_instances(listed)
    assert [row.name for row in kept] == sorted({row.name for row in listed}, key=[row.name for row in listed].index)
    for row in kept:
        assert row is next(other for other in listed if other.name == row.name)


@pytest.mark.holds("B15", "B29")
@given(fleets(), queries(), rankings, st.sampled_from([None, False, True]))
def test_the_best_is_the_first_that_passes_the_test_and_can_be_used(
    devices: list[Device], query: BackendQuery, ranking: list[str], fractional: bool | None
) -> None:
    wanted = msgspec.structs.replace(require_best(require_available(query)), fractional=fractional)
    chosen, fetched = settle(devices, wanted, ranking, Known(now=NOW))
    all_left = msgspec.structs.replace(wanted, only_best=False, tested=False)
    order = settle(devices, all_left, ranking, Known(now=NOW)).chosen.selection.items
    by_key = {key_of(device.row): device for device in devices}

    def is_usable(device: Device) -> bool:
        described = device.configuration.value_or(None)
        return described is not None and (not fractional or "rx" in described.basis_gates)

    usable = [
        row
        for row in order
        if is_usable(by_key[key_of(row)]) and (not query.tested or by_key[key_of(row)].verdict == Success(True))
    ]
    assert chosen.selection.chosen == (usable[0] if usable else None)
    # Those behind the best are neither tested nor described.
    if usable:
        behind = {key_of(row) for row in order[order.index(usable[0]) + 1 :]}
        assert not any(part == "verdict" and key in behind for part, key in fetched)


@pytest.mark.holds("B15", "B29")
def test_the_winner_that_cannot_be_used_gives_way_and_is_told() -> None:
    described = configuration(5, False, "cz")
    broken, plain = BackendRow(name="broken", num_qubits=5), BackendRow(name="plain", num_qubits=5)
    known = Known(
        rows=(broken, plain),
        configurations={key_of(broken): Failure(BROKEN), key_of(plain): Success(described)},
    )
    query = require_best(require_available(build_query().unwrap()))
    chosen = decide_choice(query, (), known)
    assert isinstance(chosen, Chosen)
    assert chosen.selection.items == (plain,)
    assert chosen.troubles == (("broken", BrokenBackend(name="broken", reason="broken")),)
    insisting = msgspec.structs.replace(query, fractional=True)
    none = decide_choice(insisting, (), known)
    assert isinstance(none, Chosen)
    assert none.selection.items == ()
    assert none.troubles[1] == ("plain", NoFractionalGates(name="b"))


@pytest.mark.holds("B117")
def test_a_condition_on_an_error_asks_the_calibration_only_of_what_is_left() -> None:
    small, large = BackendRow(name="small", num_qubits=5), BackendRow(name="large", num_qubits=133)
    query = build_query(min_num_qubits=100, conditions=[Condition("readout_error", "below", 0.1)]).unwrap()
    assert decide_choice(query, (), Known(rows=(small, large))) == Fetch(("properties",), (large,))


@pytest.mark.holds("B117")
@pytest.mark.parametrize(("ranking", "parts"), [((), ("listing",)), (("waiting_time",), ("listing", "waiting_time"))])
def test_the_listing_comes_first_with_waiting_times_only_where_they_decide(
    ranking: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    assert decide_choice(build_query().unwrap(), ranking, Known()) == Fetch(parts)  # type: ignore[arg-type]  # words


@pytest.mark.holds("B113")
def test_the_test_is_put_to_one_to_two_to_four_more() -> None:
    fleet = tuple(BackendRow(name=f"b{number}", num_qubits=5) for number in range(8))
    query = msgspec.structs.replace(require_best(build_query().unwrap()), tested=True)
    known = Known(rows=fleet)
    sizes = []
    while isinstance(step := decide_choice(query, (), known), Fetch):
        sizes.append(len(step.rows))
        known = add(known, "verdict", {key_of(row): Success(False) for row in step.rows})
    assert sizes == [1, 2, 4, 1]
    assert step.selection.items == ()


@given(
    st.lists(st.sampled_from([None, True, False, 0, 1, "", "yes"]), max_size=8),
    st.booleans(),
)
def test_a_verdict_counts_as_what_it_is_in_a_condition_and_is_not_asked_for_again(
    verdicts: list[Any], only_best: bool
) -> None:
    fleet = tuple(BackendRow(name=f"b{number}", num_qubits=5) for number in range(len(verdicts)))
    given_ahead = {key_of(row): Success(told) for row, told in zip(fleet, verdicts, strict=True) if told is not None}
    described = {key_of(row): Success(configuration(5, False, "cz")) for row in fleet}
    query = msgspec.structs.replace(build_query().unwrap(), tested=True, only_best=only_best)
    step = decide_choice(query, (), Known(rows=fleet, configurations=described, verdicts=given_ahead))
    if isinstance(step, Fetch):
        assert step.parts == ("verdict",)
        assert step.rows
        assert not {key_of(row) for row in step.rows} & given_ahead.keys()
    elif only_best:
        first = next((row for row, told in zip(fleet, verdicts, strict=True) if told), None)
        assert step.selection.chosen == first
    else:
        assert step.selection.items == tuple(row for row, told in zip(fleet, verdicts, strict=True) if told)
