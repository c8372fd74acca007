"""Laws of the choice for other schedulers: every backend has a place and a reason, and nothing else decides."""

from operator import attrgetter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from qiskit_runtime_service.core.instances import rank_instances
from qiskit_runtime_service.core.placement import decide_placement, preference_of
from qiskit_runtime_service.records.backend import BackendRow
from qiskit_runtime_service.records.instance import Instance
from qiskit_runtime_service.records.placement import PlacementQuery, PlacementRequest
from qiskit_runtime_service.records.problem import BadArgument, UnknownFilter
from qiskit_runtime_service.records.selection import Condition
from tests.strategies import rows

INSTANCES = (
    Instance(crn="crn:v1:b:p:quantum-computing:us-east:a/x:1::", name="paid", plan="premium", pricing_type="paid"),
    Instance(crn="crn:v1:b:p:quantum-computing:eu-de:a/x:2::", name="free", plan="open", pricing_type="free"),
    Instance(crn="crn:v1:b:p:quantum-computing:us-east:a/x:3::", name="empty", allocated=False),
)
NAMES = [*(instance.crn for instance in INSTANCES), *(instance.name for instance in INSTANCES), "elsewhere", ""]

ORDERS = (
    "queue_length", "waiting_time", "num_qubits", "two_qubit_error", "readout_error", "clops", "calibration_age",
)  # fmt: skip

queries = st.builds(
    PlacementQuery,
    where=st.none() | st.sampled_from(["num_qubits >= 27", "not simulator and queue_length < 9", "clops != none"]),
    conditions=st.lists(st.sampled_from([Condition("state", "equals", "online")]), max_size=1).map(tuple),
    order=st.lists(st.sampled_from(ORDERS), max_size=2, unique=True).map(tuple),
    available=st.booleans(),
)
fleets = st.lists(
    st.builds(lambda row, held: msgspec.structs.replace(row, instance=held), rows, st.sampled_from(NAMES)), max_size=8
).map(tuple)
preferred = st.builds(
    lambda query, region, plans: msgspec.structs.replace(query, region=region, plans=plans),
    queries,
    st.sampled_from([None, "us-east"]),
    st.sampled_from([(), ("premium",)]),
)
NOW = 2e9


@given(fleets, preferred)
def test_every_backend_has_one_place_and_a_reason(fleet: tuple[BackendRow, ...], query: PlacementQuery) -> None:
    placed = decide_placement(PlacementRequest(backends=fleet, instances=INSTANCES, query=query), NOW).unwrap()
    fitting = [(place.backend, place.instance) for place in placed.ranked]
    refused = [(refusal.backend, refusal.instance) for refusal in placed.rejected]
    assert sorted([*fitting, *refused]) == sorted((row.name, row.instance) for row in fleet)
    assert [place.rank for place in placed.ranked] == list(range(1, len(fitting) + 1))
    assert placed.chosen == (placed.ranked[0] if placed.ranked else None)
    assert all(refusal.reason for refusal in placed.rejected)
    assert placed.order == query.order
    assert all(len(place.scores) == len(query.order) for place in placed.ranked)
    assert all(bool(place.reason) == bool(query.order) for place in placed.ranked)


@pytest.mark.holds("B243")
@given(fleets, preferred)
def test_only_backends_of_instances_that_are_used_are_ranked(
    fleet: tuple[BackendRow, ...], query: PlacementQuery
) -> None:
    placed = decide_placement(PlacementRequest(backends=fleet, instances=INSTANCES, query=query), NOW).unwrap()
    used = rank_instances(INSTANCES, preference_of(query)).items
    assert {place.instance for place in placed.ranked} <= {
        name for instance in used for name in (instance.crn, instance.name)
    }
    assert [place.instance for place in placed.instances if place.rank is not None] == [
        instance.crn for instance in used
    ]
    assert len(placed.instances) == len(INSTANCES)


@pytest.mark.holds("B243")
@given(fleets, queries.filter(lambda query: not query.order))
def test_of_equal_backends_those_of_the_better_instance_come_first(
    fleet: tuple[BackendRow, ...], query: PlacementQuery
) -> None:
    placed = decide_placement(PlacementRequest(backends=fleet, instances=INSTANCES, query=query), NOW).unwrap()
    places = [("free" in place.instance or ":2:" in place.instance) for place in placed.ranked]
    assert places == sorted(places, reverse=True)


@pytest.mark.holds("B243")
@given(st.lists(rows, max_size=8).map(tuple))
def test_without_instances_it_is_the_choice_of_least_busy(fleet: tuple[BackendRow, ...]) -> None:
    placed = decide_placement(PlacementRequest(backends=fleet), NOW).unwrap()
    fit = [row for row in fleet if row.state == "online" and not row.mock]
    assert [place.backend for place in placed.ranked] == [
        row.name for row in sorted(fit, key=attrgetter("queue_length"))
    ]


@given(fleets, preferred)
def test_the_answer_is_plain_json(fleet: tuple[BackendRow, ...], query: PlacementQuery) -> None:
    request = PlacementRequest(backends=fleet, instances=INSTANCES, query=query)
    again = msgspec.json.decode(msgspec.json.encode(request), type=PlacementRequest)
    placed = decide_placement(request, NOW).unwrap()
    assert msgspec.json.encode(decide_placement(again, NOW).unwrap()) == msgspec.json.encode(placed)


@pytest.mark.holds("B243")
def test_the_outcome_is_summed_up() -> None:
    fleet = (
        BackendRow(name="ibm_a", instance="free", num_qubits=127, queue_length=4),
        BackendRow(name="ibm_b", instance="paid", num_qubits=156, queue_length=4),
        BackendRow(name="ibm_c", instance="empty", num_qubits=156),
        BackendRow(name="ibm_d", instance="nobody", num_qubits=156),
        BackendRow(name="ibm_e", instance="free", num_qubits=5, state="paused"),
    )
    request = PlacementRequest(backends=fleet, instances=INSTANCES, query=PlacementQuery(where="num_qubits > 100"))
    placed = decide_placement(request, NOW).unwrap()
    assert placed.summary == "ibm_a is the best of 2; 3 of 5 do not fit"
    ranked = {place.backend: place.reason for place in placed.ranked}
    assert ranked | {refusal.backend: refusal.reason for refusal in placed.rejected} == {
        "ibm_a": "queue_length: 4",
        "ibm_b": "queue_length: 4",
        "ibm_c": "its instance is not used: has no time allocated",
        "ibm_d": "its instance is not among those given",
        "ibm_e": "is paused, not online",
    }
    none = decide_placement(msgspec.structs.replace(request, query=PlacementQuery(where="num_qubits > 200")), NOW)
    assert none.unwrap().summary == (
        "0 of 5 backends match: 2 are of instances that are not used, 1 is not online (paused), "
        "2 have num_qubits of 200 or less (most: 156)"
    )
    assert decide_placement(PlacementRequest(backends=()), NOW).unwrap().summary == "There are no backends"


@pytest.mark.holds("B243")
@pytest.mark.parametrize(
    ("query", "problem"),
    [
        (PlacementQuery(where="num_qubits >"), BadArgument),
        (PlacementQuery(where="num_qbits > 5"), UnknownFilter),
        (PlacementQuery(where="basis_gates contains rzz"), BadArgument),
        (PlacementQuery(conditions=(Condition("num_qubits", "one_of", 5),)), BadArgument),
        (PlacementQuery(order=("luck",)), BadArgument),
        (PlacementQuery(region="us-east"), BadArgument),
    ],
)
def test_what_cannot_be_decided_is_refused(query: PlacementQuery, problem: type) -> None:
    outcome = decide_placement(PlacementRequest(backends=(), query=query), NOW)
    assert isinstance(outcome, Failure)
    assert isinstance(outcome.failure(), problem)


def test_every_record_of_a_listing_fits_the_question() -> None:
    row = BackendRow(name="ibm_a", instance="crn", num_qubits=5, clops=1.0, calibrated=1.0)
    request = PlacementRequest(backends=(row,), query=PlacementQuery(order=("calibration_age",)))
    assert isinstance(decide_placement(request, NOW), Success)
