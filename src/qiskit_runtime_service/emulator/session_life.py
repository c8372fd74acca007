"""One session or batch, and what time makes of it.

A session stores when its jobs run, as spans; all that it is told as follows from these and the time.
"""

import math
from collections.abc import Iterable
from typing import Literal

import msgspec

from .bounds import Instant, Someday, WholeSeconds
from .job_life import EmulatedJob

PAUSE = 60
"""Seconds that a session holds its device without a job, unless told otherwise."""

Mode = Literal["dedicated", "batch"]
State = Literal["open", "active", "inactive", "closed"]


class Span(msgspec.Struct, frozen=True):
    """A time in which jobs run, one after the other or together, with pauses too short to end it."""

    starts_at: Someday
    ends_at: Someday


class EmulatedSession(msgspec.Struct, frozen=True, kw_only=True):
    """One session or batch. Instants are seconds since the epoch, durations seconds."""

    id: str
    crn: str
    device: str
    mode: Mode
    created: Instant
    max_ttl: WholeSeconds
    """How long it lives at most, from the first start of a job."""
    interactive_ttl: WholeSeconds
    """How long it holds the device while no job comes."""
    spans: tuple[Span, ...] = ()
    """Oldest first; `interactive_ttl` or more lies between two."""
    stopped_at: Instant | None = None
    """Since when it takes no more jobs."""
    cancelled_at: Instant | None = None
    user: str | None = None
    """Who opened it; `None` for whom its account belongs to."""


def deadline_of(session: EmulatedSession) -> float:
    """Return when the session is closed at the latest; infinite before a start of a job is known.

    Source: behaviour B131.
    """
    return session.spans[0].starts_at + session.max_ttl if session.spans else math.inf


def closed_at(session: EmulatedSession) -> float:
    """Return when the session is closed: cancelled, drained, or at its maximum time."""
    cancelled = math.inf if session.cancelled_at is None else session.cancelled_at
    return min(deadline_of(session), cancelled, drained_at(session))


def drained_at(session: EmulatedSession) -> float:
    """Return when a session that takes no more jobs has run the last; infinite for one that takes them.

    Source: behaviour B132.
    """
    if session.stopped_at is None:
        return math.inf
    return max(session.stopped_at, session.spans[-1].ends_at) if session.spans else session.stopped_at


def accepts_jobs(session: EmulatedSession, now: float) -> bool:
    """Tell whether the session takes jobs."""
    return session.stopped_at is None and now < closed_at(session)


def timeline(session: EmulatedSession, now: float) -> list[tuple[State, float]]:
    """Return the states so far, each with its beginning, oldest first.

    Source: behaviour B130.
    """
    end = closed_at(session)
    states: list[tuple[State, float]] = [("open", session.created)]
    for span in session.spans:
        states += [("active", span.starts_at), ("inactive", span.ends_at + session.interactive_ttl)]
    lived = [(state, began) for state, began in states if began <= end]
    return [(state, began) for state, began in (*lived, ("closed", end)) if began <= now]


def active_seconds(session: EmulatedSession, now: float) -> float:
    """Return for how long the session has held the device."""
    end = min(now, closed_at(session))
    ends = ((span.starts_at, min(end, span.ends_at + session.interactive_ttl)) for span in session.spans)
    return sum(stop - start for start, stop in ends if stop > start)


def start_in(session: EmulatedSession, now: float, queue_end: float) -> float:
    """Return when a job that comes now will run: an active session does not queue again.

    Source: behaviour B130.
    """
    if not session.spans or queue_end == math.inf:
        return queue_end
    last = session.spans[-1]
    return max(now, last.starts_at) if now < last.ends_at + session.interactive_ttl else queue_end


def with_job(session: EmulatedSession, job: EmulatedJob) -> EmulatedSession:
    """Return the session with one job more to run."""
    return msgspec.structs.replace(session, spans=extend(session.spans, job, session.interactive_ttl))


def extend(spans: tuple[Span, ...], job: EmulatedJob, pause: float) -> tuple[Span, ...]:
    """Add the time of `job` to the last of `spans`, or as a new one if `pause` or more lies between."""
    new = Span(min(job.starts_at, job.ends_at), job.ends_at)
    if not spans or new.starts_at >= spans[-1].ends_at + pause:
        return (*spans, new)
    last = spans[-1]
    return (*spans[:-1], Span(min(last.starts_at, new.starts_at), max(last.ends_at, new.ends_at)))


def respan(session: EmulatedSession, unfinished: Iterable[EmulatedJob], now: float) -> EmulatedSession:
    """Return the session after its jobs were cancelled or moved: what is past stays, the rest is laid anew."""
    spans = tuple(Span(span.starts_at, min(span.ends_at, now)) for span in session.spans if span.starts_at <= now)
    for job in sorted(unfinished, key=lambda job: job.starts_at):
        spans = extend(spans, job, session.interactive_ttl)
    return msgspec.structs.replace(session, spans=spans)
