"""Laws of usage: what is left is a number that cannot be negative, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.core.usage import judge_spending, remaining_seconds, warn_of_limit
from qiskit_runtime_service.records.problem import UsageSpent
from qiskit_runtime_service.records.usage import Usage

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
    assert judge_spending(silent, most=5.0, cost=5.0) is None
    assert judge_spending(silent, most=5.0, cost=6.0) == UsageSpent(instance="i", consumed=0, cost=6.0, most=5.0)


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


@pytest.mark.holds("B148")
@given(amounts, amounts, amounts)
def test_what_goes_beyond_the_bound_is_refused_with_all_three_numbers(
    consumed: float, most: float, cost: float
) -> None:
    spent = judge_spending(Usage(instance_id="i", consumed=consumed), most, cost)
    assert (spent is None) is (consumed < most and consumed + cost <= most)
    if spent is not None:
        assert (spent.consumed, spent.cost, spent.most) == (consumed, cost, most)
