"""A world at a glance, for people who watch: devices, queues, instances, sessions, and the newest jobs.

Nothing here is secret: no key, no params, no result.
"""

from collections import Counter
from collections.abc import Iterable
from heapq import nlargest
from typing import Any

from .job_index import JobFilter
from .job_life import EmulatedJob, JobStatus, ran_too_long, status_of
from .needs import Need, due_needs
from .queues import typical_wait
from .session_life import EmulatedSession, timeline
from .usage import limit_of, spent_seconds
from .world import Device, EmulatedInstance, World

MOST_JOBS = 20
MOST_SESSIONS = 10
MEDIAN_ERROR = "two_q_error_median"


def overview_needs(world: World) -> tuple[Need, ...]:
    """Return what must be given to tell how the newest jobs have ended."""
    return due_needs(world, tuple(job for _, job in newest_jobs(world)))


def describe_overview(world: World) -> dict[str, Any]:
    """Return what is to be seen of a world. Instants are seconds since the epoch, durations seconds."""
    pending = [job for held in world.jobs.values() for job in held.select(JobFilter(now=world.now, pending=True))]
    standing = Counter((job.device, status_of(job, world.now)) for job in pending)
    return {
        "now": world.now,
        "seed": world.seed,
        "devices": [describe_device(world, device, standing) for device in world.devices.values()],
        "instances": [describe_instance(world, instance) for instance in world.instances.values()],
        "jobs_created": world.jobs_created,
        "queued": count(standing, "Queued"),
        "running": count(standing, "Running"),
        "jobs": [describe_job(world, crn, job) for crn, job in newest_jobs(world)],
        "sessions": [describe_session(world, session) for session in newest_sessions(world.sessions.values())],
        "sessions_created": world.sessions_created,
    }


def newest_jobs(world: World) -> list[tuple[str, EmulatedJob]]:
    """Return the newest jobs, newest first, each with the CRN of its instance."""
    everything = JobFilter(now=world.now)
    pages = (
        (crn, job)
        for crn, held in world.jobs.items()
        for job in held.page(everything, limit=MOST_JOBS, offset=0, oldest_first=False)[0]
    )
    return nlargest(MOST_JOBS, pages, key=lambda pair: pair[1].number)


def newest_sessions(sessions: Iterable[EmulatedSession]) -> list[EmulatedSession]:
    """Return the newest sessions, newest first."""
    return list(sessions)[: -MOST_SESSIONS - 1 : -1]


def count(standing: Counter[tuple[str, JobStatus]], status: JobStatus) -> int:
    """Return how many jobs have a status, on all devices together."""
    return sum(number for (_, found), number in standing.items() if found == status)


def describe_device(world: World, device: Device, standing: Counter[tuple[str, JobStatus]]) -> dict[str, Any]:
    """Return what is to be seen of a device: its line, others and ours."""
    errors = (metric.value for metric in device.metrics if metric.name == MEDIAN_ERROR)
    return {
        "name": device.name,
        "qubits": device.num_qubits,
        "processor": device.processor,
        "state": device.state,
        "reason": device.reason,
        "others": device.queue_length,
        "queued": standing[device.name, "Queued"],
        "running": standing[device.name, "Running"],
        "wait": typical_wait(world.queue, device.queue_seconds).average,
        "error": next(errors, None),
        "mock": device.mock,
    }


def describe_instance(world: World, instance: EmulatedInstance) -> dict[str, Any]:
    """Return what is to be seen of an instance: what it has spent, and may spend."""
    limit = limit_of(instance)
    plan = world.plans.get(instance.plan_id)
    return {
        "name": instance.name,
        "region": instance.crn.split(":")[5],
        "plan": "unknown" if plan is None else plan.name,
        "spent": spent_seconds(world, instance),
        "limit": None if limit == float("inf") else limit,
    }


def describe_job(world: World, crn: str, job: EmulatedJob) -> dict[str, Any]:
    """Return what is to be seen of a job. Instants that are not known yet are `None`."""
    instance = world.instances.get(crn)
    return {
        "id": job.id,
        "program": job.program,
        "device": job.device,
        "instance": crn if instance is None else instance.name,
        "status": status_of(job, world.now),
        "too_long": ran_too_long(job),
        "created": job.created,
        "starts_at": known(job.starts_at),
        "ends_at": known(job.ends_at),
        "tags": job.tags,
        "session": job.session,
        "private": job.private,
    }


def known(instant: float) -> float | None:
    """Return an instant, or `None` for one that never comes."""
    return instant if instant < float("inf") else None


def describe_session(world: World, session: EmulatedSession) -> dict[str, Any]:
    """Return what is to be seen of a session or a batch."""
    instance = world.instances.get(session.crn)
    return {
        "id": session.id,
        "mode": session.mode,
        "device": session.device,
        "instance": session.crn if instance is None else instance.name,
        "state": timeline(session, world.now)[-1][0],
        "created": session.created,
    }
