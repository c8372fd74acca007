"""Workloads: jobs, sessions and batches of an instance in one listing, a job of a session within it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from urllib.parse import urlencode

from ..records.exchange import Response
from .identity import user_of
from .job_index import JobFilter
from .job_life import EmulatedJob, in_units, ran_too_long, status_of, whole_seconds
from .jobs import UNITS_SINCE, describe_usage
from .listings import hidden_marks, read_dates
from .requests import Call, split_url, whole_number, word
from .responses import BAD_CURSOR, MALFORMED, json_response, milli, refuse, without_none
from .session_life import EmulatedSession, accepts_jobs, closed_at, timeline
from .sessions import elapsed_seconds, session_jobs
from .world import World, jobs_of

LARGEST_PAGE = 50
USUAL_PAGE = 10
MODES = frozenset({"job", "session", "batch"})
STATUSES = frozenset({"completed", "canceled", "failed", "pending", "in_progress"})
Workload = EmulatedJob | EmulatedSession


def list_workloads(world: World, call: Call) -> tuple[World, Response]:
    """List one page of workloads, oldest first unless asked otherwise.

    Source: behaviour B136.
    """
    start = read_place(word(call, "next") or word(call, "previous"))
    if start is None:
        return world, refuse(world, call, BAD_CURSOR)
    found = find_workloads(world, call)
    if found is None:
        return world, refuse(world, call, MALFORMED)
    limit = whole_number(call, "limit", least=1, most=LARGEST_PAGE, default=USUAL_PAGE)
    end = start + limit
    body = {
        "workloads": [describe_workload(world, call, workload) for workload in found[start:end]],
        "total_count": len(found),
        "limit": limit,
        **without_none(
            previous=link(call, "previous", max(0, start - limit)) if start > 0 else None,
            next=link(call, "next", end) if end < len(found) else None,
        ),
    }
    return world, json_response(body)


def find_workloads(world: World, call: Call) -> list[Workload] | None:
    """Return what the query asks for, in order; `None` for a query with words that have no meaning."""
    modes = set(call.query.get("mode", MODES))
    statuses = set(call.query.get("status", STATUSES))
    sort = word(call, "sort") or "createdAt"
    if not (modes <= MODES and statuses <= STATUSES and sort.lstrip("-") == "createdAt" and is_me(call)):
        return None
    candidates = find_candidates(world, call, modes)
    if candidates is None:
        return None
    if "status" in call.query:
        candidates = [workload for workload in candidates if workload_status(workload, world.now) in statuses]
    return sorted(candidates, key=lambda workload: workload.created, reverse=sort.startswith("-"))


def is_me(call: Call) -> bool:
    """Tell whether the caller asks for all there is, or for its own."""
    return word(call, "user") in ("", "me")


def find_candidates(world: World, call: Call, modes: set[str]) -> list[Workload] | None:
    """Return what passes all but the status, which may need an outcome first; `None` if a date is none."""
    tags = tuple(("tag", tag) for tag in call.query.get("tags", ()))
    device = tuple(("device", name) for name in (word(call, "backend"),) if name)
    alone = (("session", ""),)
    wanted = read_dates(call, JobFilter(now=world.now, has=(*tags, *device, *alone), lacks=hidden_marks(world, call)))
    if wanted is None:
        return None
    found: list[Workload] = list(jobs_of(world, call.crn).select(wanted)) if "job" in modes else []
    if not tags:
        sessions = (session for session in world.sessions.values() if session.crn == call.crn)
        found += [session for session in sessions if keeps(wanted, session, modes)]
    if word(call, "user") == "me":
        found = [workload for workload in found if workload.user == call.user]
    text = word(call, "search")
    return [workload for workload in found if text in workload.id or text in getattr(workload, "tags", ())]


def keeps(wanted: JobFilter, session: EmulatedSession, modes: set[str]) -> bool:
    """Tell whether a session passes a filter. A session has no tags."""
    devices = {value for field, value in wanted.has if field == "device"}
    return (
        mode_of(session) in modes
        and (not devices or session.device in devices)
        and ("device", session.device) not in wanted.lacks
        and wanted.first <= session.created <= wanted.last
    )


def mode_of(workload: Workload) -> str:
    """Return the mode of a workload."""
    if isinstance(workload, EmulatedJob):
        return "job"
    return "batch" if workload.mode == "batch" else "session"


def workload_status(workload: Workload, now: float) -> str:
    """Tell what has become of a workload, in the words of this listing."""
    if isinstance(workload, EmulatedJob):
        words = {"Queued": "pending", "Running": "in_progress", "Completed": "completed", "Failed": "failed"}
        return words.get(status_of(workload, now), "canceled")
    state = timeline(workload, now)[-1][0]
    closed = "completed" if workload.cancelled_at is None else "canceled"
    return {"open": "pending", "closed": closed}.get(state, "in_progress")


def describe_workload(world: World, call: Call, workload: Workload) -> dict[str, Any]:
    """Return a workload as this listing tells it."""
    common = {
        "id": workload.id,
        "created": milli(workload.created),
        "backend": workload.device,
        "instance": call.crn,
        "user_id": workload.user or user_of(call.account),
        "mode": mode_of(workload),
        "status": workload_status(workload, world.now),
    }
    if isinstance(workload, EmulatedJob):
        return common | describe_lone_job(workload, world)
    return common | describe_shared(world, workload)


def describe_lone_job(job: EmulatedJob, world: World) -> dict[str, Any]:
    """Return what is told only of a job."""
    now = world.now
    usage = describe_usage(job, now, UNITS_SINCE, world.seconds_per_unit)
    return without_none(
        ended=milli(job.ends_at) if now >= job.ends_at else None,
        status_reason="Ran too long" if now >= job.ends_at and ran_too_long(job) else None,
    ) | {
        "accepting_jobs": None,
        "tags": job.tags,
        "usage": usage,
        "usage_seconds": usage["qpu_charge_time_seconds"],
        "estimated_running_time_seconds": job.run_seconds,
    }


def describe_shared(world: World, session: EmulatedSession) -> dict[str, Any]:
    """Return what is told only of a session or a batch."""
    end = closed_at(session)
    over = world.now >= end
    seconds = whole_seconds(elapsed_seconds(session, session_jobs(world, session), world.now))
    return without_none(ended=milli(end) if over else None) | {
        "accepting_jobs": accepts_jobs(session, world.now),
        "tags": (),
        "usage": {"qpu_charge_time_seconds": seconds, "status": "complete" if over else "pending"}
        | without_none(value=in_units(seconds, world.seconds_per_unit)),
        "usage_seconds": seconds,
        "estimated_running_time_seconds": None,
    }


def link(call: Call, key: str, place: int) -> dict[str, str]:
    """Return where another page is, with all else that was asked."""
    path, _ = split_url(call.request.url)
    cursor = urlsafe_b64encode(f"workload-{place}".encode()).decode()
    rest = [(name, values) for name, values in call.query.items() if name not in ("next", "previous")]
    return {"href": f"{path}?{urlencode([*rest, (key, cursor)], doseq=True, errors='replace')}"}


def read_place(cursor: str) -> int | None:
    """Return where a page starts, or `None` for a cursor that was never given."""
    if not cursor:
        return 0
    try:
        text = urlsafe_b64decode(cursor.encode()).decode()
        place = int(text.removeprefix("workload-"))
    except ValueError:
        return None
    return place if text == f"workload-{place}" and place >= 0 else None
