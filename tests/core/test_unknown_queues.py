"""A queue that nobody knows: it never wins over one that is known, and a condition on it asks the status."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Success

from qiskit_runtime_service.core.backends import SHORTEST_QUEUE, build_query, require_available
from qiskit_runtime_service.core.choice import Chosen, Fetch, Known, decide_choice, key_of
from qiskit_runtime_service.core.placement import decide_placement
from qiskit_runtime_service.core.reports import describe_backends
from qiskit_runtime_service.records.backend import BackendRow, BackendStatus
from qiskit_runtime_service.records.placement import PlacementQuery, PlacementRequest
from qiskit_runtime_service.records.selection import Condition

lengths = st.none() | st.integers(0, 50)
fleets = st.lists(lengths, min_size=1, max_size=8).map(
    lambda queues: tuple(BackendRow(name=f"b{at}", queue_length=queue) for at, queue in enumerate(queues))
)


def first_of(step: Fetch | Chosen) -> BackendRow:
    assert isinstance(step, Chosen)
    return step.selection.items[0]


@pytest.mark.holds("B15", "B110", "B348")
@given(fleets)
def test_the_unknown_comes_after_all_that_is_known(fleet: tuple[BackendRow, ...]) -> None:
    query = require_available(build_query().unwrap())
    best = first_of(decide_choice(query, ["queue_length"], Known(rows=fleet)))
    known = [row.queue_length for row in fleet if row.queue_length is not None]
    assert best.queue_length == min(known, default=None)
    assert SHORTEST_QUEUE.read(BackendRow(name="b")) == inf
    placed = decide_placement(PlacementRequest(backends=fleet, query=PlacementQuery()), 0.0).unwrap()
    assert placed.chosen is not None
    assert placed.chosen.backend == best.name


@pytest.mark.holds("B12", "B348")
@given(fleets, st.dictionaries(st.integers(0, 7), lengths), st.integers(0, 50))
def test_a_condition_on_it_asks_the_status_of_those_that_are_silent(
    fleet: tuple[BackendRow, ...], told: dict[int, int | None], most: int
) -> None:
    query = build_query(conditions=[Condition("queue_length", "at_most", most)]).unwrap()
    silent = tuple(row for row in fleet if row.queue_length is None)
    step = decide_choice(query, (), Known(rows=fleet))
    if silent:
        assert step == Fetch(("status",), silent)
    statuses = {
        key_of(row): Success(BackendStatus(backend_name=row.name, pending_jobs=told.get(int(row.name[1:]))))
        for row in silent
    }
    step = decide_choice(query, (), Known(rows=fleet, statuses=statuses))
    assert isinstance(step, Chosen)
    queues = [told.get(at) if row.queue_length is None else row.queue_length for at, row in enumerate(fleet)]
    expected = [f"b{at}" for at, queue in enumerate(queues) if queue is not None and queue <= most]
    assert [row.name for row in step.selection.items] == expected


def test_a_table_says_of_it_that_it_is_unknown() -> None:
    rows = [BackendRow(name="b"), BackendRow(name="c", queue_length=0)]
    assert [row[4] for row in describe_backends("Backends", rows).rows] == ["unknown", "0"]
