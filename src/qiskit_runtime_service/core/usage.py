"""Decisions about usage: how much is left, and whether a job may still be submitted."""

from ..records.problem import UsageSpent
from ..records.usage import Usage


def remaining_seconds(usage: Usage) -> float | None:
    """Return the seconds that may still be spent, never below 0; `None` where nothing limits them, or nobody knows.

    A limit counts before an allocation. A limit of 0 is a limit.

    Source: behaviour B50.
    """
    bound = usage.allocation if usage.limit is None else usage.limit
    return None if bound is None or usage.consumed is None else max(bound - usage.consumed, 0)


def warn_of_limit(usage: Usage) -> str | None:
    """Return what to warn of before a submission, or `None` if the service says of no limit that it is reached.

    Source: behaviour B147.
    """
    if not usage.limit_reached:
        return None
    consumed = usage.consumed or 0
    if usage.limit is not None and consumed >= usage.limit:
        return f"The instance has met its usage limit: {consumed:g} of {usage.limit:g} s are spent."
    return "There is no more time available for the plan of the instance."


def judge_spending(usage: Usage, most: float, cost: float) -> UsageSpent | None:
    """Return why a job that costs up to `cost` seconds must not be submitted, or `None` if it may.

    Args:
        usage: What the instance has spent.
        most: The seconds that it may have spent at the end.
        cost: The most seconds that the job may take; 0 where that is not bounded.

    Source: behaviour B148.
    """
    consumed = usage.consumed or 0
    if consumed >= most or consumed + cost > most:
        return UsageSpent(instance=usage.instance_id, consumed=consumed, cost=cost, most=most)
    return None
