"""Decisions about jobs: what a state means, when to look again, which page comes next."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import NamedTuple

from msgspec.structs import replace

from ..records.job import EXECUTOR, JUST_CREATED, Job, JobPage, JobQuery, JobState
from ..records.problem import (
    JobCancelled,
    JobFailed,
    JobRanTooLong,
    JobTimeout,
    JobUnreadable,
    Problem,
    TooLarge,
    TooSlow,
    UnreadableValue,
)
from .messages import describe

FINAL = frozenset({"DONE", "ERROR", "CANCELLED"})
RAN_TOO_LONG = 1305
PAGE_LIMIT = 200
"""The largest page that the service documents."""
LONGEST_REASON = 2_000
"""How many characters are kept of a text that is no traceback."""
SHORTEST_POLL = 0.5
LONGEST_POLL = 60.0
SHORTEST_INTERVAL = 0.1
"""The shortest pause that may be asked for."""
SHORTEST_PAUSE = 0.001
"""A clock of our days resolves 2.4e-7 s: a pause below that would not move it."""

NOT_JSON = "JSON"
"""The tag of a text that is no JSON at all."""

_STATUS_WORDS = {
    "queued": "QUEUED",
    "running": "RUNNING",
    "completed": "DONE",
    "failed": "ERROR",
    "cancelled": "CANCELLED",
    "cancelled - ran too long": "ERROR",
}


def status_of(state: JobState) -> str:
    """Return the word that users know for a state. A word that we do not know is kept, upper case.

    Source: behaviour B40.
    """
    if state.status.lower() == "cancelled" and state.code == RAN_TOO_LONG:
        return "ERROR"
    return _STATUS_WORDS.get(state.status.lower(), state.status.upper())


def newer_of(known: Job, found: Job) -> Job:
    """Return what is to be held of a job after a look at it. What is final stays so; its charge may come later.

    Source: behaviour B544.
    """
    if not is_final(known.state):
        return found
    charged = known.charged_seconds is not None or known.charged_ru is not None
    if charged or not is_final(found.state):
        return known
    return replace(known, charged_seconds=found.charged_seconds, charged_ru=found.charged_ru)


def is_final(state: JobState) -> bool:
    """Whether the state can never change again."""
    return status_of(state) in FINAL


def problem_of(job: Job) -> Problem | None:
    """Return why a final job has no result, or `None` if it has one.

    Source: behaviour B40, B41.
    """
    status, state = status_of(job.state), job.state
    if status == "ERROR" and (state.code == RAN_TOO_LONG or state.status.lower() == "cancelled - ran too long"):
        return JobRanTooLong(job=job.id, reason=state.reason)
    if status == "ERROR":
        return JobFailed(job=job.id, reason=state.reason, code=state.code, solution=state.solution)
    if status == "CANCELLED":
        return JobCancelled(job=job.id, reason=state.reason)
    return None


def blame_job(problem: Problem, job: Job, part: str, start: str) -> Problem:
    """Say of a text that cannot be decoded which job it is of, and what can be done.

    Args:
        problem: Why it cannot be decoded.
        job: Whose it is.
        part: What it is: `result` or `inputs`.
        start: Its first characters.

    Source: behaviour B298.
    """
    if isinstance(problem, TooSlow):
        return problem
    message = describe(problem)
    reason, fix = message.what, message.way_out
    if isinstance(problem, TooLarge) and job.program == EXECUTOR:
        fix = fix.replace("RuntimeDecoder", "ProgramDecoder") + " ProgramDecoder is in qiskit_runtime_service.executor."
    if isinstance(problem, UnreadableValue) and problem.tag == NOT_JSON:
        reason = f"It is no JSON: {problem.reason}. It begins with {start!r}."
        fix = "job.logs() may say why." if job.private else "Ask for it again; if it stays so, job.logs() may say why."
    return JobUnreadable(job=job.id, part=part, reason=reason, fix=fix)


def reason_in(result: bytes | None) -> str:
    """Return why a job failed, where only the text in the place of its result tells: its last traceback.

    Source: behaviour B151.
    """
    text = (result or b"").decode("utf-8", "replace").strip().strip('"')
    _, found, trace = text.rpartition("Traceback (most recent call last)")
    return f"{found}{trace}" if found else text[:LONGEST_REASON]


class PollAgain(NamedTuple):
    """Look again after `seconds`."""

    seconds: float


class Finished(NamedTuple):
    """The job is final."""

    job: Job


def decide_poll(
    job: Job, *, waited: float, timeout: float | None = None, interval: float | None = None
) -> PollAgain | Finished | JobTimeout:
    """Choose what follows a look at `job`. All times in seconds. Never fails.

    Without an interval the pause grows with the wait: a tenth of it, at least 0.5 s, at most 60 s.
    That is at most 120 looks in the first hour. In a session, where the next job is waiting for the
    end of this one, it is a twentieth, at least 0.1 s, at most 30 s.

    Source: behaviour B42.
    """
    if is_final(job.state):
        return Finished(job)
    if timeout is not None and waited >= timeout:
        return JobTimeout(job=job.id, status=status_of(job.state), waited=waited)
    pause = pause_after(waited, in_session=job.session is not None) if interval is None else interval
    pause = max(pause, SHORTEST_INTERVAL)
    return PollAgain(pause if timeout is None else min(pause, max(timeout - waited, SHORTEST_PAUSE)))


def pause_after(waited: float, *, in_session: bool) -> float:
    """Return the seconds between two looks at a job that was waited for so long."""
    part, shortest, longest = (20, SHORTEST_INTERVAL, 30.0) if in_session else (10, SHORTEST_POLL, LONGEST_POLL)
    return min(max(waited / part, shortest), longest)


class Look(NamedTuple):
    """How to look at some jobs of one instance: one by one, or by a listing that has them all."""

    instance: str
    jobs: tuple[Job, ...]
    query: JobQuery | None
    """`None` for one by one."""


DATE_SLACK = 1.0
"""Seconds by which the dates of a listing are widened, since instants are rounded on their way."""


def plan_looks(jobs: Iterable[Job]) -> tuple[Look, ...]:
    """Choose how to look at many jobs with few requests: a listing for each instance that has several.

    A listing is narrowed by all that its jobs have in common. The dates of jobs that were just
    created are ours and not the server's, so they narrow nothing.

    Source: behaviour B153.
    """
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        groups.setdefault(job.instance, []).append(job)
    return tuple(
        Look(instance, tuple(group), _query_for(group) if len(group) > 1 else None)
        for instance, group in groups.items()
    )


def _query_for(jobs: list[Job]) -> JobQuery:
    dates = [job.created for job in jobs if job.created is not None and job.state != JUST_CREATED]
    dated = len(dates) == len(jobs)
    return JobQuery(
        limit=None,
        backend=_common({job.backend for job in jobs}),
        program=_common({job.program or None for job in jobs}),
        session=_common({job.session for job in jobs}),
        tags=tuple(tag for tag in jobs[0].tags if all(tag in job.tags for job in jobs)),
        created_after=min(dates) - DATE_SLACK if dated else None,
        created_before=max(dates) + DATE_SLACK if dated else None,
        include_mocks=True,
    )


def _common(values: set[str | None]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None


def describe_wait(jobs: Sequence[Job], waited: float) -> str:
    """Return one line on jobs that are waited for: how they stand, where, and for how long.

    Args:
        jobs: At least one.
        waited: Seconds.
    """
    hours, rest = divmod(int(waited), 3600)
    minutes, seconds = divmod(rest, 60)
    elapsed = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    backends = {job.backend for job in jobs if job.backend}
    where = f" on {backends.pop()}" if len(backends) == 1 else ""
    if len(jobs) == 1:
        return f"{jobs[0].id} {status_of(jobs[0].state)}{where}, {elapsed}"
    words = Counter(status_of(job.state) for job in jobs)
    standing = ", ".join(f"{count} {word}" for word, count in words.most_common())
    return f"{len(jobs)} jobs{where}: {standing}, {elapsed}"


class NextPage(NamedTuple):
    """Ask for up to `limit` jobs, skipping `offset`."""

    limit: int
    offset: int


def first_page(query: JobQuery) -> NextPage | None:
    """Return the page to begin with, or `None` if nothing is wanted."""
    return _page(query, 0)


def next_page(query: JobQuery, collected: int, page: JobPage, lost: int = 0) -> NextPage | None:
    """Return the page after `page`, or `None` at the end of the listing.

    Args:
        query: What is listed.
        collected: The jobs held so far, those of `page` included.
        page: The last one.
        lost: The rows that could not be read so far, those of `page` included.

    An empty page ends the listing whatever the count says, so it always ends.

    Source: behaviour B44, B283.
    """
    if not (page.jobs or page.lost) or (page.count is not None and query.skip + collected + lost >= page.count):
        return None
    return _page(query, collected, lost)


def _page(query: JobQuery, collected: int, lost: int = 0) -> NextPage | None:
    left = query.page_size if query.limit is None else min(query.limit - collected, query.page_size)
    return NextPage(left, query.skip + collected + lost) if left > 0 else None


def query_for_each(query: JobQuery) -> JobQuery:
    """Return what to ask of each of several instances, so that the merged list can be cut.

    Which jobs are skipped is known only after the merge.
    """
    limit = None if query.limit is None else query.limit + query.skip
    return replace(query, limit=limit, skip=0)


def merge_listings(listings: Iterable[Iterable[Job]], query: JobQuery) -> Iterator[Job]:
    """Merge the jobs of several instances by date, then skip and limit as `query` says.

    Each listing is in the order of `query`, and read no further than the merge has come. Jobs of one
    instant keep the order of their listings; a job without a date goes last.

    Source: behaviour B45.
    """
    sign = -1.0 if query.descending else 1.0
    merged = merge(*listings, key=lambda job: (job.created is None, sign * (job.created or 0.0)))
    # What is counted one by one never comes to more than that.
    start = min(query.skip, sys.maxsize)
    return islice(merged, start, None if query.limit is None else min(start + query.limit, sys.maxsize))
