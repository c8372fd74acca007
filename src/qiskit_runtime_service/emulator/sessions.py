"""Sessions and batches: opening one, what it is told as, and the two ways of closing it."""

from typing import Any

import msgspec

from ..records.exchange import Response
from .identity import user_of
from .job_index import JobFilter
from .job_life import EmulatedJob, charged_seconds, status_of
from .jobs import cancelled
from .plans import has_sessions, longest_session
from .requests import Call, read_body
from .responses import (
    FOREIGN_INSTANCE,
    MALFORMED,
    NO_CONTENT,
    NO_DEDICATED,
    SESSION_CLOSED,
    UNKNOWN_BACKEND,
    UNKNOWN_SESSION,
    Refusal,
    json_response,
    milli,
    refuse,
    without_none,
)
from .session_life import (
    PAUSE,
    EmulatedSession,
    Mode,
    accepts_jobs,
    active_seconds,
    closed_at,
    timeline,
)
from .world import World, jobs_of, plan_name, put_jobs, put_session, session_id, settle_session


class SessionBody(msgspec.Struct, frozen=True):
    """The body that opens a session. Keys that are not listed here have no effect."""

    mode: Mode = "dedicated"
    backend: str = ""
    backend_name: str = ""
    instance: str | None = None
    max_ttl: int | None = None
    interactive_ttl: int | None = None


class AcceptingBody(msgspec.Struct, frozen=True):
    """The body that lets a session take jobs, or take none any more."""

    accepting_jobs: bool


def create_session(world: World, call: Call) -> tuple[World, Response]:
    """Open a session or a batch.

    Source: behaviour B134.
    """
    body = read_body(call.request.body, SessionBody)
    if body is None:
        return world, refuse(world, call, MALFORMED)
    if refusal := judge_session_body(world, call.crn, body):
        return world, refuse(world, call, refusal)
    session = make_session(world, call, body)
    counted = msgspec.structs.replace(world, sessions_created=world.sessions_created + 1)
    return put_session(counted, session), json_response(describe_session(world, call.account, session))


def judge_session_body(world: World, crn: str, body: SessionBody) -> Refusal | None:
    """Choose the reason not to open a session; `None` to open it.

    Source: behaviour B434.
    """
    if any(seconds is not None and seconds < 1 for seconds in (body.max_ttl, body.interactive_ttl)):
        return MALFORMED
    if body.instance != crn and (body.instance or "").startswith("crn:"):
        return FOREIGN_INSTANCE
    instance = world.instances[crn]
    device = body.backend or body.backend_name
    if device not in instance.devices or device not in world.devices:
        return UNKNOWN_BACKEND
    return NO_DEDICATED if body.mode == "dedicated" and not has_sessions(plan_name(world, instance)) else None


def make_session(world: World, call: Call, body: SessionBody) -> EmulatedSession:
    """Return a session in which nothing has run yet. A longer life than the plan gives is cut."""
    longest = longest_session(plan_name(world, world.instances[call.crn]))
    return EmulatedSession(
        id=session_id(world, world.sessions_created + 1),
        crn=call.crn,
        device=body.backend or body.backend_name,
        mode=body.mode,
        created=world.now,
        max_ttl=min(body.max_ttl or longest, longest),
        interactive_ttl=body.interactive_ttl or PAUSE,
        user=call.user,
    )


def find_session(world: World, call: Call) -> EmulatedSession | None:
    """Return the session that the path names, if the instance has it."""
    session = world.sessions.get(call.names[0])
    return session if session is not None and session.crn == call.crn else None


def read_session(world: World, call: Call) -> tuple[World, Response]:
    """Describe one session."""
    session = find_session(world, call)
    if session is None:
        return world, refuse(world, call, UNKNOWN_SESSION)
    return world, json_response(describe_session(world, call.account, session))


def describe_session(world: World, account: str, session: EmulatedSession) -> dict[str, Any]:
    """Return a session as the service tells it."""
    now = world.now
    states = timeline(session, now)
    first = dict(reversed(states))
    jobs = session_jobs(world, session)
    started = [job.starts_at for job in jobs if job.starts_at <= min(now, job.ends_at)]
    ended = [job.ends_at for job in jobs if job.ends_at <= now and job.starts_at <= job.ends_at]
    return {
        "id": session.id,
        "backend_name": session.device,
        "mode": session.mode,
        "state": states[-1][0],
        "state_reason": describe_reason(session, now),
        "accepting_jobs": accepts_jobs(session, now),
        "interactive_ttl": session.interactive_ttl,
        "max_ttl": session.max_ttl,
        "active_ttl": session.max_ttl,
        "started_at": milli(session.created),
        **without_none(
            activated_at=dated(first.get("active")),
            closed_at=dated(first.get("closed")),
            last_job_started=dated(max(started, default=None)),
            last_job_completed=dated(max(ended, default=None)),
        ),
        "elapsed_time": elapsed_seconds(session, jobs, now) if "active" in first else None,
        "timestamps": [{"status": state, "timestamp": milli(at)} for state, at in states],
        "user_id": session.user or user_of(account),
    }


def dated(instant: float | None) -> str | None:
    """Return an instant as text, if there is one."""
    return None if instant is None else milli(instant)


def describe_reason(session: EmulatedSession, now: float) -> str:
    """Return why a session is closed; the empty text while it is not."""
    end = closed_at(session)
    if now < end:
        return ""
    if session.cancelled_at == end:
        return "The session was cancelled."
    drained = session.stopped_at is not None
    return "The session was closed." if drained else "The session reached its maximum time."


def elapsed_seconds(session: EmulatedSession, jobs: list[EmulatedJob], now: float) -> float:
    """Return what a session has used: the time that it held the device; a batch, the time of its jobs.

    Source: behaviour B135.
    """
    if session.mode == "dedicated":
        return active_seconds(session, now)
    return sum(charged_seconds(job, now) for job in jobs)


def session_jobs(world: World, session: EmulatedSession) -> list[EmulatedJob]:
    """Return the jobs of a session, oldest first."""
    wanted = JobFilter(now=world.now, has=(("session", session.id),))
    return list(jobs_of(world, session.crn).select(wanted))


def change_session(world: World, call: Call) -> tuple[World, Response]:
    """Let a session take no more jobs, or take them again. What is queued still runs.

    Source: behaviour B132.
    """
    session = find_session(world, call)
    if session is None:
        return world, refuse(world, call, UNKNOWN_SESSION)
    body = read_body(call.request.body, AcceptingBody)
    if body is None:
        return world, refuse(world, call, MALFORMED)
    if world.now >= closed_at(session):
        return world, refuse(world, call, SESSION_CLOSED) if body.accepting_jobs else NO_CONTENT
    stopped_at = None if body.accepting_jobs else world.now if session.stopped_at is None else session.stopped_at
    return put_session(world, msgspec.structs.replace(session, stopped_at=stopped_at)), NO_CONTENT


def cancel_session(world: World, call: Call) -> tuple[World, Response]:
    """Close a session at once: what is queued is cancelled, what runs goes on to its end.

    Source: behaviour B132.
    """
    session = find_session(world, call)
    if session is None:
        return world, refuse(world, call, UNKNOWN_SESSION)
    if world.now >= closed_at(session):
        return world, NO_CONTENT
    now = world.now
    held = jobs_of(world, call.crn).change(
        ("session", session.id), now, lambda job: cancelled(job, now) if status_of(job, now) == "Queued" else job
    )
    closed = msgspec.structs.replace(session, cancelled_at=now)
    return settle_session(put_jobs(world, call.crn, held), closed), NO_CONTENT
