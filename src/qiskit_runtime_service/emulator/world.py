"""The nouns of an emulated cloud, and the changes that come from outside it.

A world is a value. What time does to a job is not stored but told by `status_of`; what a job
computes and how a device is calibrated are not known here but given.
"""

import hashlib
import math
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from .bounds import Count, Instant, Real, Seconds
from .calibrations import Calibration
from .coherent_noise import CoherentNoise
from .faults import Fault
from .job_index import JobBook, JobFilter
from .job_life import Crashed as Crashed
from .job_life import EmulatedJob, charged_seconds, device_gone, lacks_outcome, schedule, status_of
from .job_life import Finished as Finished
from .job_life import Outcome as Outcome
from .plans import counts_from
from .queues import DeviceQueue, QueueModel, wait_seconds
from .session_life import EmulatedSession, deadline_of, respan

DeviceState = Literal["online", "paused", "offline"]


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of merit of a device, as its listing shows it."""

    name: str
    value: Real
    gate: str | None = None
    qubits: tuple[int, ...] = ()


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """One machine."""

    name: str
    num_qubits: Count
    physical_qubits: Count | None = None
    """How many the chip has, if that is known."""
    state: DeviceState = "online"
    reason: str = ""
    """Why it is in that state."""
    queue_length: Count = 0
    """Jobs of others that stand before ours, as listings tell it."""
    queue_seconds: Seconds = 0.0
    """How long each of our jobs waits before it runs, unless the queue of the world says otherwise."""
    run_seconds: Seconds | None = None
    """How long each of our jobs runs; `None` for what each takes."""
    simulator: bool = False
    mock: bool = False
    """A stand-in for dry runs, listed only when asked for."""
    version: str = "1.0.0"
    processor: str = ""
    """Family and revision, such as `Heron r2`."""
    clops: Count | None = None
    metrics: tuple[Metric, ...] = ()
    configuration: bytes | None = None
    """JSON text; `None` until `give_device`."""
    properties: bytes | None = None
    """JSON text; `None` until `give_device`."""
    calibrations: tuple[Calibration, ...] = ()
    """What it said of itself before and says now, oldest first; empty where that was never asked to be kept."""
    coherent: CoherentNoise | None = None
    """What it has beside the noise that it tells of; `None` for what all devices of the world have."""


class EmulatedPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the catalog. A text that is `None` is left out of the answer."""

    id: str
    name: str
    display_name: str | None = None
    pricing_type: str | None = None
    archived: bool = False


class EmulatedInstance(msgspec.Struct, frozen=True, kw_only=True):
    """One service instance. Durations in seconds."""

    crn: str
    name: str
    account: str
    plan_id: str
    devices: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = ()
    allocated: bool = True
    limit: Seconds | None = None
    """What its owner lets it spend; without limit and allocation it may spend what it likes."""
    allocation: Seconds | None = None
    consumed: Seconds = 0.0
    """What it spent on jobs that are not there any more, nobody knows when: it counts always."""
    dropped: Mapping[int, Count] = {}
    """What it spent on jobs that were deleted: seconds, by the hour since the epoch in which they ended."""


NO_JOBS = JobBook()
HOUR = 3600.0


class World(msgspec.Struct, frozen=True, kw_only=True):
    """A whole cloud at one instant. Its mappings are never changed, only replaced."""

    now: Instant
    """Seconds since the epoch."""
    keys: Mapping[str, str]
    """From API key to account."""
    people: Mapping[str, str] = {}
    """From API key to who has it, where that is not whom the account belongs to."""
    plans: Mapping[str, EmulatedPlan]
    """By id."""
    instances: Mapping[str, EmulatedInstance]
    """By CRN, in the order in which the search lists them."""
    devices: Mapping[str, Device]
    """By name."""
    jobs: Mapping[str, JobBook] = {}
    """By CRN, then by id, oldest first."""
    jobs_created: Count = 0
    sessions: Mapping[str, EmulatedSession] = {}
    """By id, oldest first."""
    sessions_created: Count = 0
    seconds_per_unit: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """How many seconds of usage are one resource unit; `None` where usage is told in seconds alone."""
    seed: int = 0
    """Everything that looks random follows from it."""
    queue: QueueModel = DeviceQueue()
    """How long jobs wait."""
    jobs_per_minute: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """How many jobs an account may submit within any minute; `None` for as many as it likes."""
    programs: tuple[str, ...] | None = None
    """Which programs it runs, also some that the service does not know; `None` for those of the service."""
    token_seconds: Annotated[int, msgspec.Meta(ge=1, le=2**62)] = 3600
    tokens_issued: Count = 0
    tokens_revoked: Count = 0
    """The serial number up to which tokens are void."""
    leapt: Seconds = 0.0
    """How much of its time went by for those alone who waited at a door (B448). Tokens do not age by it."""
    page_size: Annotated[int, msgspec.Meta(ge=1)] = 100
    """How many instances the search tells at most at a time."""
    faults: tuple[Fault, ...] = ()
    described: str = ""
    """The digest of the description that it was built from, if it was from one."""
    coherent: CoherentNoise | None = None
    """What devices have that say nothing of their own; `None` for nothing."""

    def __repr__(self) -> str:
        """Say how much there is of everything: the whole would be megabytes, and has keys in it."""
        counts = (("instances", self.instances), ("devices", self.devices), ("faults", self.faults))
        shown = ", ".join(f"{len(items)} {name}" for name, items in counts)
        return f"World(now={self.now}, {shown}, {self.jobs_created} jobs created)"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """Say the same to rich."""
        return [("now", self.now), ("devices", len(self.devices)), ("jobs_created", self.jobs_created)]


def job_id(world: World, number: int) -> str:
    """Return the id of the job with that number. Later ids sort later."""
    return f"d{digest(world, 'jobs')[:7]}{number:012d}"


def digest(world: World, *words: object) -> str:
    """Return 64 hexadecimal digits that follow from the seed of the world and `words`."""
    return hashlib.sha256(repr((world.seed, *words)).encode("utf-8", "replace")).hexdigest()


def seed_of(world: World, job: EmulatedJob) -> int:
    """Return what a job draws from: at least 0, less than 2 to the power of 32."""
    return number_of(world, "job", job.number) if job.seed is None else job.seed


def number_of(world: World, *words: object) -> int:
    """Return a number of 32 bits that follows from the seed of the world and `words`."""
    return int(digest(world, *words)[:8], 16)


def coherent_noise_of(world: World, device: Device) -> CoherentNoise | None:
    """Return what a device has beside the noise that it tells of, with its seed; `None` for nothing.

    Source: behaviour B416.
    """
    noise = world.coherent if device.coherent is None else device.coherent
    if noise is None or noise.seed is not None:
        return noise
    return msgspec.structs.replace(noise, seed=number_of(world, "coherent", device.name))


def branch_off(world: World, branch: int) -> World:
    """Return the world as it goes on elsewhere, while this one goes on here.

    Whatever is there stays as it is, and a job that was submitted ends in both alike. What comes later has ids and
    chances of its own in each, so that shots from several branches are independent.

    Args:
        world: Where it branches off.
        branch: Which branch it is; the same number gives the same world.

    Source: behaviour B279.
    """
    jobs = dict(world.jobs)
    for crn, held in world.jobs.items():
        for job in [job for job in held.values() if lacks_outcome(job)]:
            jobs[crn] = jobs[crn].put(msgspec.structs.replace(job, seed=seed_of(world, job)))
    return msgspec.structs.replace(world, jobs=jobs, seed=number_of(world, "branch", branch))


def find_holder(world: World, wanted: str) -> tuple[str, EmulatedJob] | None:
    """Return the CRN of the instance that has a job, and the job."""
    return next(((crn, held[wanted]) for crn, held in world.jobs.items() if wanted in held), None)


def session_id(world: World, number: int) -> str:
    """Return the id of the session with that number."""
    return f"s{digest(world, 'sessions')[:7]}{number:012d}"


def jobs_of(world: World, crn: str) -> JobBook:
    """Return the jobs of an instance."""
    return world.jobs.get(crn, NO_JOBS)


def put_job(world: World, crn: str, job: EmulatedJob) -> World:
    """Add `job` to an instance, or put it in the place of the one with its id."""
    return put_jobs(world, crn, jobs_of(world, crn).put(job))


def put_jobs(world: World, crn: str, held: JobBook) -> World:
    """Put `held` in the place of the jobs of an instance."""
    return msgspec.structs.replace(world, jobs={**world.jobs, crn: held})


def put_session(world: World, session: EmulatedSession) -> World:
    """Add `session`, or put it in the place of the one with its id."""
    return msgspec.structs.replace(world, sessions={**world.sessions, session.id: session})


def drop_job(world: World, crn: str, job: EmulatedJob) -> World:
    """Take `job` out of an instance. What it cost stays spent."""
    left = put_jobs(world, crn, world.jobs[crn].drop(job))
    cost = charged_seconds(job, world.now)
    if not cost:
        return left
    instance, ended = world.instances[crn], int(job.ends_at // HOUR)
    first = counts_from(plan_name(world, instance), world.now)
    counted = {hour: seconds for hour, seconds in instance.dropped.items() if (hour + 1) * HOUR > first}
    paid = msgspec.structs.replace(instance, dropped={**counted, ended: counted.get(ended, 0) + cost})
    return msgspec.structs.replace(left, instances={**world.instances, crn: paid})


def plan_name(world: World, instance: EmulatedInstance) -> str:
    """Return what the plan of an instance is called."""
    plan = world.plans.get(instance.plan_id)
    return "unknown" if plan is None else plan.name


def put_device(world: World, device: Device) -> World:
    """Add `device`, or put it in the place of the one with its name.

    While it is not online its queue stands still; from when it is, every job in the queue waits anew, those of one
    session with the first of them.

    Source: behaviour B130, B195.
    """
    old = world.devices.get(device.name)
    devices = {**world.devices, device.name: device}
    changed = msgspec.structs.replace(world, devices=devices)
    if old is None or (old.state == "online") == (device.state == "online"):
        return changed
    leaders: dict[str, int] = {}

    def requeue(job: EmulatedJob) -> EmulatedJob:
        if status_of(job, world.now) != "Queued":
            return job
        leader = job.number if job.session is None else leaders.setdefault(job.session, job.number)
        return schedule(job, queue_end(world, device, leader), deadline_for(world, job))

    jobs = {crn: held.change(("device", device.name), world.now, requeue) for crn, held in world.jobs.items()}
    moved = msgspec.structs.replace(changed, jobs=jobs)
    for session in [session for session in world.sessions.values() if session.device == device.name]:
        moved = settle_session(moved, session)
    return moved


def queue_end(world: World, device: Device, number: int) -> float:
    """Return when the job with that number will run if it starts to wait now."""
    if device.state != "online":
        return math.inf
    draw = int(digest(world, "wait", number)[:13], 16) / 16**13
    return world.now + wait_seconds(world.queue, device.queue_seconds, draw)


def deadline_for(world: World, job: EmulatedJob) -> float:
    """Return until when `job` must have started: the end of its session, which an earlier job began."""
    session = world.sessions.get(job.session or "")
    began = session is not None and session.spans and session.spans[0].starts_at <= world.now
    return deadline_of(session) if session is not None and began else math.inf


def settle_session(world: World, session: EmulatedSession) -> World:
    """Lay the spans of `session` anew after its jobs were cancelled or moved."""
    unfinished = JobFilter(now=world.now, has=(("session", session.id),), pending=True)
    jobs = jobs_of(world, session.crn).select(unfinished)
    return put_session(world, respan(session, jobs, world.now))


def give_device(world: World, name: str, configuration: bytes, properties: bytes) -> World:
    """Tell the world how a device describes itself. A device that is not there is passed over."""
    device = world.devices.get(name)
    if device is None:
        return world
    described = msgspec.structs.replace(device, configuration=configuration, properties=properties)
    return msgspec.structs.replace(world, devices={**world.devices, name: described})


def give_outcome(world: World, wanted: str, outcome: Outcome) -> World:
    """Tell the world how the job with the id `wanted` ends.

    What was said once stays. A job that is not there any more is passed over.
    """
    found = find_holder(world, wanted)
    if found is None or found[1].outcome is not None:
        return world
    crn, job = found
    return put_job(world, crn, msgspec.structs.replace(job, outcome=outcome))


def abandon_job(world: World, wanted: str) -> World:
    """Let the job with the id `wanted` fail, because its device is not there any more.

    One that still waits never runs. A job that is not there any more is passed over.

    Source: behaviour B247.
    """
    found = find_holder(world, wanted)
    if found is None or not lacks_outcome(found[1]):
        return world
    crn, job = found
    left = msgspec.structs.replace(job, ends_at=min(job.ends_at, world.now), outcome=device_gone(job.device))
    return put_job(world, crn, left)


def leap_to(world: World, instant: float) -> World:
    """Let time pass until `instant`, of which the clocks of those outside know nothing.

    Source: behaviour B448.
    """
    left = max(0.0, instant - world.now)
    return msgspec.structs.replace(world, now=world.now + left, leapt=world.leapt + left)


def move_on(world: World, seconds: float) -> World:
    """Let time pass."""
    return msgspec.structs.replace(world, now=world.now + max(0.0, seconds))
