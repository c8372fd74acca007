"""Decisions about usage: how much is left, and whether a job may still be submitted."""

import math
from collections.abc import Iterable

from msgspec.structs import replace

from ..records.estimate import DeviceTimes, UsageEstimate
from ..records.job import Job, Submission
from ..records.problem import RunTooCostly, UsageSpent
from ..records.usage import NOTHING, Cost, Usage
from .estimates import estimate_usage, without_charge

DRY_RUN = "it is a stand-in for dry runs"
NO_ESTIMATE = "Nobody knows what the program takes."
UNTOLD = "The service does not tell of all jobs that wait or run what they take."


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


def as_dry_run(estimate: UsageEstimate | None, backend: str) -> UsageEstimate:
    """Return the estimate of a job on a stand-in for a device, which is not charged.

    Source: behaviour B541.
    """
    times = DeviceTimes(backend=backend, rep_delay=0.0, reset=0.0)
    return without_charge(estimate_usage((), times) if estimate is None else estimate, DRY_RUN)


def cost_of(submission: Submission) -> Cost:
    """Return what a job counts as where an instance must not be spent beyond a bound.

    It is `max_execution_time`, at which the service stops it; without that, the estimate, of a range its upper end, in
    whole seconds, as they are charged.

    Source: behaviour B148, B541.
    """
    if submission.estimate is not None and submission.estimate.free:
        return NOTHING
    if submission.cost is not None:
        return Cost(seconds=float(submission.cost))
    return _in_whole_seconds(cost_of_estimate(submission.estimate))


def _in_whole_seconds(cost: Cost) -> Cost:
    return replace(cost, seconds=float(math.ceil(cost.seconds))) if math.isfinite(cost.seconds) else cost


def cost_of_estimate(estimate: UsageEstimate | None) -> Cost:
    """Return what jobs may use by an estimate, of a range its upper end; without any, nothing is known of it.

    Source: behaviour B541.
    """
    if estimate is None:
        return Cost(seconds=0.0, more=NO_ESTIMATE)
    if estimate.free:
        return NOTHING
    is_open = estimate.at_least or estimate.most_seconds is None
    more = " ".join(estimate.unknown) if is_open else ""
    return Cost(seconds=estimate.charge if estimate.most_seconds is None else estimate.most_seconds, more=more)


def cost_of_pending(job: Job) -> Cost:
    """Return what a job may use that waits or runs: what the service expects of it, or its limit if that is less.

    That is in whole seconds, as they are charged.

    Source: behaviour B148.
    """
    told = [seconds for seconds in (job.estimated_seconds, job.cost) if seconds]
    return _in_whole_seconds(Cost(seconds=min(told))) if told else Cost(seconds=0.0, more=UNTOLD)


def judge_spending(usage: Usage, most: float, cost: Cost, pending: Iterable[Cost] = ()) -> UsageSpent | None:
    """Return why a job must not be submitted, or `None` if it may.

    Args:
        usage: What the instance has spent.
        most: The seconds that it may have spent at the end.
        cost: What the job may use.
        pending: What the jobs may use that wait and run.

    Source: behaviour B148, B541.
    """
    waiting = tuple(pending)
    refusal = UsageSpent(
        instance=usage.instance_id,
        consumed=usage.consumed,
        cost=cost.seconds,
        most=most,
        pending=math.fsum(one.seconds for one in waiting),
        pending_jobs=len(waiting),
        more=cost.more,
    )
    if usage.consumed is None:
        return refusal
    committed = usage.consumed + refusal.pending
    return refusal if committed >= most or committed + cost.seconds > most else None


def judge_run(estimate: UsageEstimate, most: float, limit: float | None) -> RunTooCostly | None:
    """Return why a run must not be sent whose own usage is bounded, or `None` if it may.

    Args:
        estimate: What all its jobs are thought to use together.
        most: The seconds that it may use.
        limit: The seconds after which the service stops each of its jobs, if it is to.

    Source: behaviour B542.
    """
    cost = cost_of_run(estimate, limit)
    if cost.seconds <= most:
        return None
    return RunTooCostly(
        backend=estimate.backend, cost=cost.seconds, most=most, executions=estimate.executions, more=cost.more
    )


def cost_of_run(estimate: UsageEstimate, limit: float | None) -> Cost:
    """Return what a run counts as under its own bound: its estimate, no job for more than the limit that ends it.

    Source: behaviour B542.
    """
    cost = cost_of_estimate(estimate)
    if limit is None:
        return cost
    most = limit * estimate.jobs
    return Cost(seconds=most if cost.more else min(cost.seconds, most))


def warn_of_open(most: float, costs: Iterable[Cost]) -> str | None:
    """Return what to warn of where a bound was kept by what is known, and more may be used; `None` if all is known.

    Source: behaviour B541, B542.
    """
    more = tuple(dict.fromkeys(cost.more for cost in costs if cost.more))
    if not more:
        return None
    reasons = " ".join(more)
    return (
        f"max_usage={most:g} is kept by what is known, and more may be used: {reasons} max_execution_time bounds a job."
    )
