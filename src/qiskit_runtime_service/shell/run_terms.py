"""The terms of a run that all have who run jobs: whether it is a dry one, how large its jobs are, what it may use."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)

from .._warn import warn_user
from ..client.raising import raise_if, value_or_raise
from ..core.arguments import if_given, read_flag, read_number, read_whole
from ..core.estimates import add_estimates
from ..core.usage import as_dry_run, cost_of_run, judge_run, warn_of_open
from ..records.estimate import UsageEstimate
from .backend import IBMBackend

Part = TypeVar("Part")


class RunTerms(NamedTuple):
    """What a run is told beside what it runs."""

    dry_run: bool = False
    """Whether a stand-in for the device takes it."""
    max_payload: int | None = None
    """How many bytes of parameters each of its jobs may have; `None` for one job, however large."""
    max_usage: float | None = None
    """How many seconds it may be thought to use, all its jobs together."""


def read_terms(*, dry_run: Any, max_payload: Any = None, max_usage: Any = None) -> RunTerms:
    """Return the terms of a run.

    Raises:
        IBMInputValueError: They are not what they must be.
    """
    largest = if_given(partial(read_whole, least=1))("max_payload", max_payload)
    most = if_given(partial(read_number, least=0.0, unit="seconds"))("max_usage", max_usage)
    return RunTerms(value_or_raise(read_flag("dry_run", dry_run)), value_or_raise(largest), value_or_raise(most))


def estimate_jobs(
    parts: Sequence[Part],
    estimate: Callable[[Part], UsageEstimate],
    terms: RunTerms,
    *,
    backend: IBMBackend,
    limit: int | None,
) -> list[UsageEstimate | None]:
    """Return what each job of a run is thought to use, before any is sent; `None` for each where nobody counts it.

    Args:
        parts: What the jobs run, which was checked.
        estimate: Tells what one of them would use.
        terms: Those of the run.
        backend: Where it runs, or would without `dry_run`.
        limit: The seconds after which the service stops each job, if it is to.

    Raises:
        IBMRuntimeError: It is more than `max_usage` of the run.

    Warns:
        UserWarning: It may be more, because something is not known.

    Source: behaviour B541, B542, B543.
    """
    most = terms.max_usage
    if most is None and not backend.service._asks_for_estimates:
        return [None] * len(parts)
    jobs = [estimate(part) for part in parts]
    if terms.dry_run:
        jobs = [as_dry_run(job, job.backend) for job in jobs]
    if most is not None:
        total = add_estimates(jobs)
        raise_if(judge_run(total, most, limit))
        if (open_end := warn_of_open(most, [cost_of_run(total, limit)])) is not None:
            warn_user(open_end)
    return [*jobs]
