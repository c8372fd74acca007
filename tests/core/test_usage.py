"""Laws of usage: what is left is a number that cannot be negative, or nothing."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.core.estimates import add_estimates, estimate_usage
from qiskit_runtime_service.core.usage import (
    cost_of,
    cost_of_estimate,
    cost_of_pending,
    cost_of_run,
    judge_run,
    judge_spending,
    remaining_seconds,
    warn_of_limit,
    warn_of_open,
)
from qiskit_runtime_service.records.estimate import CircuitRuns, DeviceTimes, UsageEstimate
from qiskit_runtime_service.records.job import JUST_CREATED, Job, Submission
from qiskit_runtime_service.records.problem import RunTooCostly, UsageSpent
from qiskit_runtime_service.records.usage import Cost, Usage

amounts = st.sampled_from([0.0, 0.5, 45.0, 600.0, 1e9])


@pytest.mark.holds("B50")
@pytest.mark.parametrize(
    ("consumed", "limit", "allocation", "left"),
    [
        (45.0, 600.0, 600.0, 555.0),
        (45.0, 600.0, None, 555.0),
        (45.0, None, 600.0, 555.0),
        (45.0, None, None, None),
        (700.0, 600.0, None, 0.0),
        (0.0, 0.0, 600.0, 0.0),
        (1.0, 600.0, 10.0, 599.0),
        (None, 600.0, None, None),
        (None, None, None, None),
    ],
)
def test_what_is_left(
    consumed: float | None, limit: float | None, allocation: float | None, left: float | None
) -> None:
    usage = Usage(instance_id="i", consumed=consumed, limit=limit, allocation=allocation)
    assert remaining_seconds(usage) == left


@pytest.mark.holds("B50")
@given(amounts, st.none() | amounts, st.none() | amounts, amounts)
def test_spending_more_never_leaves_more(
    consumed: float, limit: float | None, allocation: float | None, more: float
) -> None:
    left, later = (
        remaining_seconds(Usage(instance_id="i", consumed=seconds, limit=limit, allocation=allocation))
        for seconds in (consumed, consumed + more)
    )
    assert (left is None) is (limit is None and allocation is None)
    if left is not None and later is not None:
        assert 0 <= later <= left


@pytest.mark.holds("B50")
def test_what_is_not_told_counts_as_nothing_spent() -> None:
    silent = Usage(instance_id="i", limit=10.0, limit_reached=True)
    assert warn_of_limit(silent) == "There is no more time available for the plan of the instance."
    spent = warn_of_limit(Usage(instance_id="i", limit=0.0, limit_reached=True))
    assert spent == "The instance has met its usage limit: 0 of 0 s are spent."


@pytest.mark.holds("B148")
def test_no_bound_in_seconds_is_kept_where_seconds_are_not_told() -> None:
    silent = Usage(instance_id="i", consumed_ru=3.0)
    refusal = judge_spending(silent, most=5.0, cost=Cost(seconds=1.0))
    assert refusal == UsageSpent(instance="i", consumed=None, cost=1.0, most=5.0)


@pytest.mark.holds("B147")
@given(amounts, st.none() | amounts, st.none() | amounts, st.none() | st.booleans())
def test_there_is_a_warning_where_the_service_says_that_a_limit_is_reached(
    consumed: float, limit: float | None, allocation: float | None, reached: bool | None
) -> None:
    usage = Usage(instance_id="i", consumed=consumed, limit=limit, allocation=allocation, limit_reached=reached)
    warning = warn_of_limit(usage)
    assert (warning is not None) is (reached is True)
    if warning is not None:
        assert ("usage limit" in warning) is (limit is not None and consumed >= limit)


costs = st.builds(Cost, seconds=amounts, more=st.sampled_from(["", "It is not known.", "Nobody knows."]))
"""What jobs may use."""


@pytest.mark.holds("B148")
@given(amounts, amounts, costs, st.lists(costs, max_size=3))
def test_what_goes_beyond_the_bound_is_refused_with_all_numbers(
    consumed: float, most: float, cost: Cost, pending: list[Cost]
) -> None:
    spent = judge_spending(Usage(instance_id="i", consumed=consumed), most, cost, pending)
    waiting = math.fsum(one.seconds for one in pending)
    assert (spent is None) is (consumed + waiting < most and consumed + waiting + cost.seconds <= most)
    if spent is not None:
        assert (spent.consumed, spent.cost, spent.most, spent.more) == (consumed, cost.seconds, most, cost.more)
        assert (spent.pending, spent.pending_jobs) == (waiting, len(pending))


@pytest.mark.holds("B148")
@given(amounts, amounts, costs, st.lists(costs, max_size=3), costs)
def test_one_more_job_that_waits_never_lets_another_go(
    consumed: float, most: float, cost: Cost, pending: list[Cost], more: Cost
) -> None:
    usage = Usage(instance_id="i", consumed=consumed)
    if judge_spending(usage, most, cost, pending) is not None:
        assert judge_spending(usage, most, cost, [*pending, more]) is not None


# What a job costs before it has run

DEVICE = DeviceTimes(backend="ibm_x", rep_delay=250e-6, reset=0.0)


def estimate(executions: int, most: int | None, length: float | None = 0.0, free: str = "") -> UsageEstimate:
    """Return what so many executions use: 2 s, and 250 µs and the length for each."""
    unknown = () if length is not None and most is not None else ("Its length is not known.",)
    run = CircuitRuns(what="PUB 0", executions=executions, most=most, length=length, unknown=unknown)
    return estimate_usage([run], msgspec.structs.replace(DEVICE, free=free))


@pytest.mark.holds("B541")
@pytest.mark.parametrize(
    ("thought", "limit", "cost"),
    [
        (None, None, Cost(seconds=0.0, more="Nobody knows what the program takes.")),
        (None, 60, Cost(seconds=60.0)),
        (estimate(4000, 4000), None, Cost(seconds=3.0)),
        (estimate(4000, 4000), 60, Cost(seconds=60.0)),
        (estimate(4000, 4000), 1, Cost(seconds=1.0)),
        (estimate(4000, 8000), None, Cost(seconds=4.0)),
        (estimate(4000, 4001), None, Cost(seconds=4.0)),
        (estimate(1, 10**400), None, Cost(seconds=math.inf)),
        (estimate(4000, None), None, Cost(seconds=3.0, more="Its length is not known.")),
        (estimate(4000, 4000, None), None, Cost(seconds=3.0, more="Its length is not known.")),
        (estimate(4000, None), 60, Cost(seconds=60.0)),
        (estimate(4000, None, free="It is simulated."), 60, Cost(seconds=0.0)),
    ],
)
def test_a_job_counts_as_its_limit_or_else_as_its_estimate(
    thought: UsageEstimate | None, limit: int | None, cost: Cost
) -> None:
    order = Submission(program="sampler", backend="ibm_x", params=b"{}", estimate=thought, cost=limit)
    assert cost_of(order) == cost


@pytest.mark.holds("B148")
@pytest.mark.parametrize(
    ("expected", "limit", "seconds"),
    [
        (3.0, 600.0, 3.0),
        (300.0, 60.0, 60.0),
        (3.0, None, 3.0),
        (None, 60.0, 60.0),
        (3.0, 0.0, 3.0),
        (None, None, None),
        (3.04, None, 4.0),
    ],
)
def test_a_job_that_waits_counts_as_what_is_told_of_it(
    expected: float | None, limit: float | None, seconds: float | None
) -> None:
    job = Job(id="j", instance="i", state=JUST_CREATED, estimated_seconds=expected, cost=limit)
    told = Cost(seconds=0.0, more="The service does not tell of all jobs that wait or run what they take.")
    assert cost_of_pending(job) == (told if seconds is None else Cost(seconds=seconds))


runs = st.builds(
    estimate,
    st.sampled_from([0, 1, 4000, 10**7]),
    st.none() | st.just(10**7),
    st.sampled_from([None, 0.0, 1e-4]),
    st.sampled_from(["", "It is simulated."]),
)


@pytest.mark.holds("B542")
@given(runs, amounts, st.none() | st.sampled_from([1.0, 600.0]))
def test_a_run_is_refused_where_what_is_known_of_it_is_more_than_it_may_use(
    thought: UsageEstimate, most: float, limit: float | None
) -> None:
    refusal = judge_run(thought, most, limit)
    cost = cost_of_run(thought, limit)
    assert (refusal is not None) is (cost.seconds > most)
    if refusal is not None:
        assert (refusal.backend, refusal.most, refusal.cost, refusal.more) == ("ibm_x", most, cost.seconds, cost.more)
        assert refusal.executions == thought.executions
        assert judge_run(thought, refusal.cost, limit) is None
    if limit is None:
        assert cost == cost_of_estimate(thought)
    else:
        assert cost.seconds <= limit
        assert not cost.more


@pytest.mark.holds("B542")
def test_the_limit_of_a_run_is_that_of_each_of_its_jobs() -> None:
    both = add_estimates([estimate(4000, 4000), estimate(8000, None)])
    assert judge_run(both, 7.0, None) is None
    refusal = judge_run(both, 6.9, None)
    assert refusal == RunTooCostly(
        backend="ibm_x", cost=7.0, most=6.9, executions=12000, more="Its length is not known."
    )
    assert judge_run(both, 8.0, 4.0) is None
    assert judge_run(both, 7.9, 4.0) == RunTooCostly(backend="ibm_x", cost=8.0, most=7.9, executions=12000)


@pytest.mark.holds("B541")
@given(st.lists(costs, max_size=4), amounts)
def test_what_may_be_more_is_warned_of_once_for_each_reason(counted: list[Cost], most: float) -> None:
    warning = warn_of_open(most, counted)
    reasons = {cost.more for cost in counted} - {""}
    assert (warning is not None) is bool(reasons)
    for reason in reasons:
        assert (warning or "").count(reason) == 1
