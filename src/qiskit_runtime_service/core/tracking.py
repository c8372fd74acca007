"""Decisions about what several jobs use together: sums by backend and program, and the table that tells them."""

import math
from collections.abc import Iterable, Sequence

from ..records.report import Report
from ..records.tracking import TrackedJob, TrackedUsage, UsageSum
from .estimate_reports import show_seconds
from .estimates import IN_SESSION
from .messages import show_spent


def add_up(jobs: Iterable[TrackedJob], doubts: Sequence[str] = (), troubles: Sequence[str] = ()) -> TrackedUsage:
    """Return what jobs use together, in all and by backend and program.

    Source: behaviour B543, B544.
    """
    tracked = tuple(jobs)
    groups: dict[tuple[str, str], list[TrackedJob]] = {}
    for job in tracked:
        groups.setdefault((job.backend, job.program), []).append(job)
    sums = tuple(sum_of(group) for group in groups.values())
    return TrackedUsage(total=sum_of(tracked), sums=sums, jobs=tracked, doubts=tuple(doubts), troubles=tuple(troubles))


def sum_of(jobs: Sequence[TrackedJob]) -> UsageSum:
    """Return what jobs use together. What is not charged counts as nothing, what is not known is counted apart.

    Source: behaviour B543, B544.
    """
    estimates = [job.estimate for job in jobs if job.estimate is not None]
    charged = [one for one in estimates if not one.free]
    most = [one.most_seconds for one in charged]
    settled = [job for job in jobs if job.settled]
    seconds = [0 if job.free else job.charged_seconds for job in settled if job.charged_seconds is not None]
    units = [0 if job.free else job.charged_ru for job in settled if job.charged_ru is not None]
    return UsageSum(
        backend=", ".join(dict.fromkeys(job.backend for job in jobs)),
        program=", ".join(dict.fromkeys(job.program for job in jobs)),
        jobs=len(jobs),
        free=sum(job.free for job in jobs),
        unestimated=len(jobs) - len(estimates),
        estimated_seconds=math.fsum(one.charge for one in charged),
        most_seconds=None if None in most else math.fsum(one for one in most if one is not None),
        at_least=any(one.at_least for one in charged) or len(estimates) < len(jobs),
        settled=len(settled),
        charged_seconds=sum(seconds) if seconds else None,
        charged_ru=sum(units) if units else None,
    )


def describe_tracked(usage: TrackedUsage) -> Report:
    """Tell what jobs use together, a line for each backend and program, and what of it nobody knows yet.

    Source: behaviour B543, B544.
    """
    rows = [_cells(one) for one in usage.sums]
    if len(rows) > 1:
        rows.append(_cells(usage.total, "together", ""))
    count = usage.total.jobs
    return Report(
        title=f"Usage of {count} job{'' if count == 1 else 's'}",
        columns=("backend", "program", "jobs", "estimated", "settled", "charged"),
        rows=tuple(rows),
        notes=tuple(_notes(usage)),
    )


def _cells(one: UsageSum, backend: str | None = None, program: str | None = None) -> tuple[str, ...]:
    return (
        one.backend if backend is None else backend,
        one.program if program is None else program,
        str(one.jobs),
        show_estimate(one),
        f"{one.settled} of {one.jobs}",
        show_charge(one),
    )


def show_estimate(one: UsageSum) -> str:
    """Return what jobs are thought to use, from what is about right to the most, as a person would write it."""
    if one.unestimated == one.jobs:
        return "unknown" if one.jobs else "nothing"
    how = "at least" if one.at_least else "about"
    if one.most_seconds is None:
        return f"{show_seconds(one.estimated_seconds)} or more"
    if one.most_seconds > one.estimated_seconds:
        return f"{how} {show_seconds(one.estimated_seconds)} to {show_seconds(one.most_seconds)}"
    return f"{how} {show_seconds(one.estimated_seconds)}"


def show_charge(one: UsageSum) -> str:
    """Return what jobs are charged, in each unit that the service tells; a dash where it tells nothing yet."""
    told = [] if one.charged_seconds is None else [show_spent(one.charged_seconds)]
    told += [] if one.charged_ru is None else [f"{one.charged_ru:.6g} RU"]
    return ", ".join(told) or "–"


def _notes(usage: TrackedUsage) -> Iterable[str]:
    total = usage.total
    if total.settled < total.jobs:
        yield f"{total.jobs - total.settled} of {total.jobs} not settled when last read; refresh() reads again."
    if total.free:
        reasons = "; ".join(
            dict.fromkeys(job.estimate.free for job in usage.jobs if job.estimate and job.estimate.free)
        )
        yield f"Nothing is charged for {total.free} of {total.jobs}: {reasons}."
    if total.unestimated:
        yield f"Of {total.unestimated} nobody knows what they use before they have run."
    unknown = dict.fromkeys(
        sentence for job in usage.jobs if job.estimate is not None for sentence in job.estimate.unknown
    )
    yield from unknown
    if IN_SESSION in unknown:
        yield "What is charged here is the sum over jobs; session.usage() tells the time of a session."
    yield from usage.doubts
    yield from usage.troubles
