"""Creating a job: reading the envelope, checking it, and deciding when the job will run."""

import json
import math
import re
from typing import Any

import msgspec

from ..records.exchange import Response
from .backends import knows_calibration
from .job_index import JobFilter
from .job_life import LONGEST_RUN, UNTOLD_RUN, EmulatedJob, schedule
from .requests import Call
from .responses import (
    LIMIT_REACHED,
    MALFORMED,
    OTHER_BACKEND,
    SESSION_CLOSED,
    TAG_TOO_LONG,
    TOO_LARGE,
    TOO_MANY_REQUESTS,
    TOO_MANY_TAGS,
    UNKNOWN_BACKEND,
    UNKNOWN_CALIBRATION,
    UNKNOWN_PROGRAM,
    UNKNOWN_SESSION,
    Refusal,
    json_response,
    refuse,
    without_none,
)
from .session_life import EmulatedSession, accepts_jobs, deadline_of, start_in, with_job
from .usage import limit_reached
from .world import Device, World, job_id, jobs_of, put_job, put_session, queue_end

PROGRAMS = frozenset({"sampler", "estimator", "noise-learner", "executor", "calibrate"})
LOG_LEVELS = frozenset({"critical", "error", "warning", "info", "debug"})
MINUTE = 60.0
LARGEST_BODY = 64 * 10**6
MOST_TAGS = 8
LONGEST_TAG = 86
LONGEST_SESSION_ID = 36
LONGEST_CALIBRATION = 100
IMAGE = re.compile(r"[a-z0-9]+([/._-][a-z0-9]+)*:[a-z0-9]+([._-][a-z0-9]+)*", re.IGNORECASE)


class Envelope(msgspec.Struct, frozen=True):
    """The body of a submission. Keys that are not listed here have no effect."""

    program_id: str
    params: msgspec.Raw
    backend: str
    log_level: str = "warning"
    tags: tuple[str, ...] = ()
    cost: int = LONGEST_RUN
    private: bool = False
    session_id: str | None = None
    runtime: str | None = None
    calibration_id: str | None = None


def create_job(world: World, call: Call) -> tuple[World, Response]:
    """Put a new job into the queue."""
    envelope = admit_job(world, call)
    if isinstance(envelope, Response):
        return world, envelope
    job = make_job(world, world.devices[envelope.backend], envelope, call)
    session = world.sessions.get(envelope.session_id or "")
    grown = world if session is None else put_session(world, with_job(session, job))
    counted = msgspec.structs.replace(grown, jobs_created=job.number)
    return put_job(counted, call.crn, job), json_response(describe_creation(job))


def admit_job(world: World, call: Call) -> Envelope | Response:
    """Return a submission that is taken, or the refusal."""
    if len(call.request.body) > LARGEST_BODY:
        return refuse(world, call, TOO_LARGE)
    pause = pause_before_next(world, call.account)
    if pause is not None:
        return refuse(world, call, TOO_MANY_REQUESTS, headers=(("Retry-After", str(pause)),))
    envelope = read_envelope(call.request.body)
    if envelope is None:
        return refuse(world, call, MALFORMED)
    refusal = judge(world, call.crn, envelope)
    return envelope if refusal is None else refuse(world, call, refusal)


def pause_before_next(world: World, account: str) -> int | None:
    """Return for how many seconds the account may not submit; `None` if it may (B201)."""
    if world.jobs_per_minute is None:
        return None
    # Who has waited as long as was said may submit, to the very second.
    recent = JobFilter(now=world.now, first=math.nextafter(world.now - MINUTE, math.inf))
    mine = [instance.crn for instance in world.instances.values() if instance.account == account]
    dates = sorted(job.created for crn in mine for job in jobs_of(world, crn).select(recent))
    if len(dates) < world.jobs_per_minute:
        return None
    return max(1, math.ceil(dates[-world.jobs_per_minute] + MINUTE - world.now))


def read_envelope(body: bytes) -> Envelope | None:
    """Read the body of a submission, or return `None` for what is none."""
    try:
        body.decode()  # The decoder does not look into the texts of params.
        return msgspec.json.decode(body, type=Envelope)
    except msgspec.DecodeError:
        return read_python_json(body)
    except (UnicodeDecodeError, RecursionError):
        return None


def read_python_json(body: bytes) -> Envelope | None:
    """Read a submission whose params are in Python's dialect, which knows `NaN` and `Infinity`."""
    try:
        fields: Any = json.loads(body)
        params = json.dumps(fields["params"]).encode()
        envelope = msgspec.json.decode(json.dumps(fields | {"params": None}), type=Envelope)
    except (ValueError, LookupError, TypeError, RecursionError, msgspec.MsgspecError):
        return None
    return msgspec.structs.replace(envelope, params=msgspec.Raw(params))


def judge(world: World, crn: str, envelope: Envelope) -> Refusal | None:
    """Choose the reason not to take a submission; `None` to take it.

    Source: behaviour B446.
    """
    if not is_well_formed(envelope):
        return MALFORMED
    if refusal := judge_tags(envelope.tags):
        return refusal
    if envelope.program_id not in (PROGRAMS if world.programs is None else world.programs):
        return UNKNOWN_PROGRAM
    instance = world.instances[crn]
    if envelope.backend not in instance.devices or envelope.backend not in world.devices:
        return UNKNOWN_BACKEND
    if not knows_calibration(world.devices[envelope.backend], envelope.calibration_id or ""):
        return UNKNOWN_CALIBRATION
    if envelope.session_id is not None and (refusal := judge_session(world, crn, envelope)):
        return refusal
    return LIMIT_REACHED if limit_reached(world, instance) else None


def judge_session(world: World, crn: str, envelope: Envelope) -> Refusal | None:
    """Choose the reason why a session does not take a submission; `None` if it does.

    A dry run goes to a mock device, which is another than that of its session.

    Source: behaviour B133.
    """
    session = world.sessions.get(envelope.session_id or "")
    if session is None or session.crn != crn:
        return UNKNOWN_SESSION
    if not accepts_jobs(session, world.now):
        return SESSION_CLOSED
    elsewhere = envelope.backend != session.device and not world.devices[envelope.backend].mock
    return OTHER_BACKEND if elsewhere else None


def is_well_formed(envelope: Envelope) -> bool:
    """Tell whether each field is within its documented limits. A larger cost is capped instead."""
    return (
        bytes(envelope.params).lstrip()[:1] == b"{"
        and envelope.cost >= 0
        and envelope.log_level.lower() in LOG_LEVELS
        and len(envelope.session_id or "") <= LONGEST_SESSION_ID
        and len(envelope.calibration_id or "") <= LONGEST_CALIBRATION
        and (envelope.runtime is None or IMAGE.fullmatch(envelope.runtime) is not None)
    )


def judge_tags(tags: tuple[str, ...]) -> Refusal | None:
    """Choose the reason not to take these tags; `None` to take them."""
    if len(tags) > MOST_TAGS:
        return TOO_MANY_TAGS
    return TAG_TOO_LONG if any(len(tag) > LONGEST_TAG for tag in tags) else None


def make_job(world: World, device: Device, envelope: Envelope, call: Call) -> EmulatedJob:
    """Return the job with its times fixed.

    Source: behaviour B525.
    """
    number = world.jobs_created + 1
    session = world.sessions.get(envelope.session_id or "")
    starts_at, deadline = find_slot(world, device, session, number)
    job = EmulatedJob(
        id=job_id(world, number),
        number=number,
        device=device.name,
        program=envelope.program_id,
        params=bytes(envelope.params),
        # Listings date a job to the microsecond and are asked for that date again, both ends included.
        created=round(world.now, 6),
        starts_at=starts_at,
        ends_at=starts_at,
        run_seconds=next(told for told in (device.run_seconds, call.run_seconds, UNTOLD_RUN) if told is not None),
        cost=min(envelope.cost, LONGEST_RUN),
        tags=envelope.tags,
        log_level=envelope.log_level.lower(),
        private=envelope.private,
        session=envelope.session_id,
        runtime=envelope.runtime,
        calibration_id=envelope.calibration_id,
        application=call.request.header("X-Qx-Client-Application") or "",
        user=call.user,
        dry=device.mock,
    )
    return schedule(job, starts_at, deadline)


def find_slot(world: World, device: Device, session: EmulatedSession | None, number: int) -> tuple[float, float]:
    """Return when the job with that number will run if it comes now, and until when it must have begun."""
    starts_at = queue_end(world, device, number)
    if session is None:
        return starts_at, math.inf
    return start_in(session, world.now, starts_at), deadline_of(session)


def describe_creation(job: EmulatedJob) -> dict[str, Any]:
    """Return what a submission is answered with."""
    return without_none(
        id=job.id,
        backend=job.device,
        session_id=job.session,
        private=job.private or None,
        calibration_id=job.calibration_id,
    )
