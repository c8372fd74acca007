"""One job: what it is told as, its results, logs and metrics, and what may be done to it."""

from typing import Any

import msgspec

from ..records.exchange import Response
from .identity import user_of
from .job_life import Crashed, EmulatedJob, Finished, in_units, ran_too_long, status_of, used_seconds
from .requests import Call, flag, read_body, version_of, word
from .responses import (
    IS_RUNNING,
    MALFORMED,
    NO_CONTENT,
    NO_LOGS_YET,
    NOT_CANCELLABLE,
    TEXT,
    UNKNOWN_JOB,
    json_response,
    micro,
    raw_response,
    refuse,
    text_response,
    without_none,
)
from .submissions import judge_tags
from .world import World, drop_job, jobs_of, put_job, settle_session

RAN_TOO_LONG = 1305
UNITS_SINCE = "2026-04-15"
"""The version of the interface that tells usage in resource units too."""


def find_job(world: World, call: Call) -> EmulatedJob | None:
    """Return the job that the path names, if the instance has it."""
    return jobs_of(world, call.crn).get(call.names[0])


def read_job(world: World, call: Call) -> tuple[World, Response]:
    """Describe one job."""
    job = find_job(world, call)
    if job is None:
        return world, refuse(world, call, UNKNOWN_JOB)
    return world, json_response(describe_job(job, view_of(world, call, with_params=not flag(call, "exclude_params"))))


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What the description of a job depends on beside the job."""

    now: float
    owner: str
    """Whom the account belongs to."""
    version: str
    with_params: bool
    seconds_per_unit: float | None


def view_of(world: World, call: Call, *, with_params: bool) -> View:
    """Return what descriptions of jobs depend on for this caller."""
    return View(
        now=world.now,
        owner=user_of(call.account),
        version=version_of(call),
        with_params=with_params,
        seconds_per_unit=world.seconds_per_unit,
    )


def describe_job(job: EmulatedJob, view: View) -> dict[str, Any]:
    """Return a job as the service tells it. The params of a private job are never told."""
    status = status_of(job, view.now)
    too_long = status == "Cancelled" and ran_too_long(job)
    return {
        "id": job.id,
        "backend": job.device,
        "program": {"id": job.program},
        "created": micro(job.created),
        "cost": job.cost,
        "tags": job.tags,
        "user_id": job.user or view.owner,
        "state": describe_state(job, status),
        "status": "Cancelled - Ran too long" if too_long else status,
        "estimated_running_time_seconds": job.run_seconds,
        **without_none(
            usage=None if status == "Queued" else describe_usage(job, view.now, view.version, view.seconds_per_unit),
            session_id=job.session,
            private=job.private or None,
            runtime=job.runtime,
            calibration_id=job.calibration_id,
            params=msgspec.Raw(job.params) if view.with_params and not job.private else None,
        ),
    }


def describe_state(job: EmulatedJob, status: str) -> dict[str, Any]:
    """Return status and reason. A job that ran too long is cancelled, for a reason and with its code."""
    if status == "Cancelled" and ran_too_long(job):
        return {"status": status, "reason": "Ran too long", "reason_code": RAN_TOO_LONG}
    if status == "Failed" and isinstance(job.outcome, Crashed):
        crash = job.outcome
        return without_none(
            status=status, reason=crash.reason, reason_code=crash.code, reason_solution=crash.solution or None
        )
    return {"status": status}


def usage_status(job: EmulatedJob, now: float) -> str:
    """Tell whether what the job is charged can still change."""
    return "complete" if now >= job.ends_at else "pending"


def read_results(world: World, call: Call) -> tuple[World, Response]:
    """Answer with the result, or with nothing where there is none. That of a private job is told once.

    Source: behaviour B245.
    """
    job = find_job(world, call)
    if job is None:
        return world, refuse(world, call, UNKNOWN_JOB)
    if status_of(job, world.now) != "Completed" or not isinstance(job.outcome, Finished) or job.result_read:
        return world, NO_CONTENT
    response = raw_response(job.outcome.result, TEXT)
    if not job.private:
        return world, response
    return put_job(world, call.crn, msgspec.structs.replace(job, result_read=True)), response


def read_logs(world: World, call: Call) -> tuple[World, Response]:
    """Answer with the logs of a final job; one that failed and wrote none tells why.

    Source: behaviour B249.
    """
    job = find_job(world, call)
    if job is None:
        return world, refuse(world, call, UNKNOWN_JOB)
    if status_of(job, world.now) in {"Queued", "Running"}:
        return world, refuse(world, call, NO_LOGS_YET)
    return world, text_response(logs_of(job))


def logs_of(job: EmulatedJob) -> str:
    """Return what a job wrote, or why it failed."""
    match job.outcome:
        case Crashed(logs="", reason=reason):
            return f"{reason}\n"
        case None:
            return ""
        case outcome:
            return outcome.logs


def read_metrics(world: World, call: Call) -> tuple[World, Response]:
    """Tell when a job ran and what it cost, in the layout of the version that the caller speaks."""
    job = find_job(world, call)
    if job is None:
        return world, refuse(world, call, UNKNOWN_JOB)
    return world, json_response(describe_metrics(job, world.now, version_of(call), world.seconds_per_unit))


def describe_metrics(job: EmulatedJob, now: float, version: str, seconds_per_unit: float | None) -> dict[str, Any]:
    """Return the metrics of a job. No version is the oldest.

    Source: behaviour B138.
    """
    seconds = used_seconds(job, now)
    ran = job.ends_at - job.starts_at if seconds else 0.0
    execution = {"circuits_execution_time_ns": round(ran * 1e9)}
    usage = describe_usage(job, now, version, seconds_per_unit)
    metrics = {**describe_application(job.application), "timestamps": describe_times(job, now)}
    if version >= "2026-04-15":
        return metrics | {"usage": usage} | execution
    if version >= "2026-03-15":
        return metrics | {"usage": usage | execution}
    return metrics | {"bss": {"seconds": seconds}, "usage": usage}


def describe_usage(job: EmulatedJob, now: float, version: str, seconds_per_unit: float | None) -> dict[str, Any]:
    """Return what a job is charged, or would be if it were none for a dry run. No version is the oldest.

    Source: behaviour B138, B528, B532.
    """
    seconds = used_seconds(job, now)
    if version >= "2026-03-15":
        units = in_units(seconds, seconds_per_unit) if version >= UNITS_SINCE else None
        told = {"qpu_charge_time_seconds": seconds, "status": usage_status(job, now)}
        return told | without_none(value=units)
    return {"quantum_seconds": seconds, "seconds": seconds}


def describe_times(job: EmulatedJob, now: float) -> dict[str, str | None]:
    """Return when a job was created, began to run and ended; `None` for what did not happen."""
    ran = job.starts_at <= min(now, job.ends_at)
    return {
        "created": micro(job.created),
        "running": micro(job.starts_at) if ran else None,
        "finished": micro(job.ends_at) if now >= job.ends_at else None,
    }


def describe_application(application: str) -> dict[str, str]:
    """Return who submitted the job: `<format>/<package>-<version>[*],.../<caller>[/...]`."""
    _, _, rest = application.partition("/")
    packages, _, caller = rest.partition("/")
    versions = dict(package.rstrip("*").rpartition("-")[::2] for package in packages.split(","))
    name = caller.partition("/")[0].replace("~", "/")
    return without_none(caller=name or None, qiskit_version=versions.get("qiskit"))


def cancel_job(world: World, call: Call) -> tuple[World, Response]:
    """Stop a job that is not final."""
    job = find_job(world, call)
    if job is None:
        return world, refuse(world, call, UNKNOWN_JOB)
    if world.now >= job.ends_at:
        return world, refuse(world, call, NOT_CANCELLABLE)
    return _without(put_job(world, call.crn, cancelled(job, world.now)), job), NO_CONTENT


def _without(world: World, job: EmulatedJob) -> World:
    """Return a world in which the session of `job` goes on without it."""
    session = world.sessions.get(job.session or "")
    return world if session is None else settle_session(world, session)


def cancelled(job: EmulatedJob, now: float) -> EmulatedJob:
    """Return `job` as it is after it was stopped."""
    return msgspec.structs.replace(job, cancelled=True, ends_at=now, outcome=None)


def delete_job(world: World, call: Call) -> tuple[World, Response]:
    """Forget a job that does not run. One that is queued never will.

    Source: behaviour B275.
    """
    job = find_job(world, call)
    if job is None:
        return world, refuse(world, call, UNKNOWN_JOB)
    if world.now >= job.ends_at:
        return drop_job(world, call.crn, job), NO_CONTENT
    if status_of(job, world.now) == "Running":
        return world, refuse(world, call, IS_RUNNING)
    return _without(drop_job(world, call.crn, job), job), NO_CONTENT


class TagsBody(msgspec.Struct, frozen=True):
    """The body that replaces the tags of a job."""

    tags: tuple[str, ...]


def replace_tags(world: World, call: Call) -> tuple[World, Response]:
    """Give a job other tags."""
    job = find_job(world, call)
    if job is None:
        return world, refuse(world, call, UNKNOWN_JOB)
    body = read_body(call.request.body, TagsBody)
    if body is None:
        return world, refuse(world, call, MALFORMED)
    if refusal := judge_tags(body.tags):
        return world, refuse(world, call, refusal)
    return put_job(world, call.crn, msgspec.structs.replace(job, tags=body.tags)), NO_CONTENT


def search_tags(world: World, call: Call) -> tuple[World, Response]:
    """List the tags of the jobs of the instance that hold a text of 3 to 100 characters."""
    text = word(call, "search")
    if word(call, "type") != "job" or not 3 <= len(text) <= 100:
        return world, refuse(world, call, MALFORMED)
    marks = {mark for leaf in jobs_of(world, call.crn).leaves for mark in leaf.marks}
    return world, json_response({"tags": sorted(value for field, value in marks if field == "tag" and text in value)})
