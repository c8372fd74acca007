"""One job as it was submitted, and what time makes of it."""

import math
from typing import Annotated, Literal

import msgspec

from .bounds import Instant, Seconds, Someday, WholeSeconds

JobStatus = Literal["Queued", "Running", "Completed", "Failed", "Cancelled"]

LONGEST_RUN = 10800
"""Seconds that a job may run at most, whatever it asks for."""
UNTOLD_RUN = 2.0
"""Seconds that a job runs of which nobody says how long: those that the service needs before the first circuit."""
ERRORS_OF_THE_SYSTEM = frozenset({1003, 5203, 5204, *range(8000, 10000)})
"""Codes of jobs that failed through no fault of their own. Which of the registry count is our choice."""


class Finished(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A job that ran to its end. `result` is the body of its result, byte for byte."""

    result: bytes
    logs: str = ""


class Crashed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A job that ended in an error."""

    reason: str
    code: int | None = None
    solution: str = ""
    logs: str = ""


Outcome = Finished | Crashed

SESSION_OVER = Crashed(
    reason="The session was closed before the job could run.",
    code=4001,
    solution="Submit the job to a new session, with a longer maximum time.",
)


def device_gone(device: str) -> Crashed:
    """Return how a job ends whose device left the cloud before anybody looked at the job."""
    return Crashed(
        reason=f"The device {device!r} is not there any more.",
        code=1003,
        solution="Submit the job to another device.",
    )


# There may be 100,000 of these, so the garbage collector leaves them alone: they hold no rings.
class EmulatedJob(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One job as it was submitted, and what became of it. Instants are seconds since the epoch."""

    id: str
    number: Annotated[int, msgspec.Meta(ge=1, le=10**12)]
    """Jobs are counted from 1 through the whole world."""
    device: str
    program: str
    params: bytes
    """JSON text, as it was submitted."""
    created: Instant
    starts_at: Someday
    """Infinite while the device takes no jobs off its queue; after `ends_at` for a job that will never run."""
    ends_at: Someday
    run_seconds: Seconds
    cost: WholeSeconds
    """Seconds that it may run at most."""
    tags: tuple[str, ...] = ()
    log_level: str = "warning"
    private: bool = False
    session: str | None = None
    runtime: str | None = None
    calibration_id: str | None = None
    application: str = ""
    """What the submitting client said of itself."""
    cancelled: bool = False
    outcome: Outcome | None = None
    result_read: bool = False
    user: str | None = None
    """Who submitted it; `None` for whom its account belongs to."""
    seed: int | None = None
    """What it draws from, where it was submitted to the world that this one branched off."""
    dry: bool = False
    """Whether it was sent to a stand-in: it tells what a real one would be charged, and nobody is."""


def status_of(job: EmulatedJob, now: float) -> JobStatus:
    """Tell what has become of `job`.

    A job whose time is over is `Running` until its outcome is given.
    """
    if job.cancelled:
        return "Cancelled"
    if now < min(job.starts_at, job.ends_at):
        return "Queued"
    if now < job.ends_at:
        return "Running"
    if ran_too_long(job):
        return "Cancelled"
    if job.outcome is None:
        return "Running"
    return "Completed" if isinstance(job.outcome, Finished) else "Failed"


def ran_too_long(job: EmulatedJob) -> bool:
    """Tell whether the job is stopped, at `ends_at`, because it would run longer than it may."""
    return job.run_seconds > job.cost and job.starts_at <= job.ends_at and not job.cancelled


def awaits_outcome(job: EmulatedJob, now: float) -> bool:
    """Tell whether the job came to its end, and nobody has yet said to which."""
    return now >= job.ends_at and lacks_outcome(job)


def lacks_outcome(job: EmulatedJob) -> bool:
    """Tell whether the job will run to an end that nobody has told yet."""
    return job.outcome is None and not job.cancelled and not ran_too_long(job)


def usage_of(job: EmulatedJob) -> int:
    """Return the time on the processor that `job` tells of once it ended, in whole seconds.

    It is nothing where the system failed, once that is known.

    Source: behaviour B527, B528.
    """
    if job.starts_at >= job.ends_at or failed_by_system(job):
        return 0
    return whole_seconds(job.ends_at - job.starts_at)


def failed_by_system(job: EmulatedJob) -> bool:
    """Tell whether `job` failed through no fault of its own."""
    return isinstance(job.outcome, Crashed) and job.outcome.code in ERRORS_OF_THE_SYSTEM


def charge_of(job: EmulatedJob) -> int:
    """Return the time that `job` costs its instance once it ended, in whole seconds: a dry run costs nothing."""
    return 0 if job.dry else usage_of(job)


def in_units(seconds: float | None, seconds_per_unit: float | None) -> float | None:
    """Return seconds of usage as resource units; `None` where one of the two is not told.

    Source: behaviour B532.
    """
    return None if seconds is None or seconds_per_unit is None else seconds / seconds_per_unit


def whole_seconds(used: float) -> int:
    """Return seconds of usage as they are told: whole, and a second that has begun counts."""
    # Instants since the epoch are exact to less than a microsecond, which must not cost a second.
    return math.ceil(round(used, 6))


def used_seconds(job: EmulatedJob, now: float) -> int:
    """Return the time on the processor that `job` tells of; nothing before its end."""
    return usage_of(job) if now >= job.ends_at else 0


def charged_seconds(job: EmulatedJob, now: float) -> int:
    """Return the time that `job` costs its instance; nothing before its end."""
    return charge_of(job) if now >= job.ends_at else 0


def schedule(job: EmulatedJob, starts_at: float, deadline: float) -> EmulatedJob:
    """Let `job` start at `starts_at`; one that would start after `deadline` fails then and never runs."""
    if starts_at > deadline:
        return msgspec.structs.replace(job, starts_at=starts_at, ends_at=deadline, outcome=SESSION_OVER)
    ends_at = starts_at + min(job.run_seconds, job.cost)
    outcome = None if job.outcome == SESSION_OVER else job.outcome
    return msgspec.structs.replace(job, starts_at=starts_at, ends_at=ends_at, outcome=outcome)
