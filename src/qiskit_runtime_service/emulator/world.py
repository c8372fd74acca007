"""The nouns of an emulated cloud, and the changes that come from outside it.

A world is a value. What time does to a job is not stored but told by `status_of`; what a job
computes and how a device is calibrated are not known here but given.
"""

import hashlib
import math
from collections.abc import Mapping
from typing import Literal

import msgspec

from .faults import Fault

DeviceState = Literal["online", "paused", "offline"]
JobStatus = Literal["Queued", "Running", "Completed", "Failed", "Cancelled"]

LONGEST_RUN = 10800
"""Seconds that a job may run at most, whatever it asks for."""


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of merit of a device, as its listing shows it."""

    name: str
    value: float
    gate: str | None = None
    qubits: tuple[int, ...] = ()


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """One machine. Every job on it waits and runs equally long."""

    name: str
    num_qubits: int
    state: DeviceState = "online"
    reason: str = ""
    """Why it is in that state."""
    queue_length: int = 0
    """Jobs of others that stand before ours, as listings tell it."""
    queue_seconds: float = 0.0
    """How long each of our jobs waits before it runs."""
    run_seconds: float = 2.0
    """How long each of our jobs runs."""
    simulator: bool = False
    mock: bool = False
    """A stand-in for dry runs, listed only when asked for."""
    version: str = "1.0.0"
    processor: str = ""
    """Family and revision, such as `Heron r2`."""
    clops: int | None = None
    metrics: tuple[Metric, ...] = ()
    configuration: bytes | None = None
    """JSON text; `None` until `give_device`."""
    properties: bytes | None = None
    """JSON text; `None` until `give_device`."""


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
    limit: float | None = None
    """What its owner lets it spend; without limit and allocation it may spend what it likes."""
    allocation: float | None = None
    consumed: float = 0.0
    """What it spent on jobs that are not there any more."""


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """A job that ran to its end. `result` is the body of its result, byte for byte."""

    result: bytes
    logs: str = ""


class Crashed(msgspec.Struct, frozen=True, kw_only=True):
    """A job that ended in an error."""

    reason: str
    code: int | None = None
    solution: str = ""
    logs: str = ""


Outcome = Finished | Crashed


class EmulatedJob(msgspec.Struct, frozen=True, kw_only=True):
    """One job as it was submitted, and what became of it. Instants are seconds since the epoch."""

    id: str
    number: int
    """Jobs are counted from 1 through the whole world."""
    device: str
    program: str
    params: bytes
    """JSON text, as it was submitted."""
    created: float
    starts_at: float
    """Infinite while the device takes no jobs off its queue."""
    ends_at: float
    run_seconds: float
    cost: int
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


class World(msgspec.Struct, frozen=True, kw_only=True):
    """A whole cloud at one instant. Its mappings are never changed, only replaced."""

    now: float
    """Seconds since the epoch."""
    keys: Mapping[str, str]
    """From API key to account."""
    plans: Mapping[str, EmulatedPlan]
    """By id."""
    instances: Mapping[str, EmulatedInstance]
    """By CRN, in the order in which the search lists them."""
    devices: Mapping[str, Device]
    """By name."""
    jobs: Mapping[str, Mapping[str, EmulatedJob]] = {}
    """By CRN, then by id, oldest first."""
    jobs_created: int = 0
    seed: int = 0
    """Everything that looks random follows from it."""
    token_seconds: int = 3600
    tokens_issued: int = 0
    tokens_revoked: int = 0
    """The serial number up to which tokens are void."""
    page_size: int = 100
    """How many instances the search tells at most at a time."""
    faults: tuple[Fault, ...] = ()

    def __repr__(self) -> str:
        """Say how much there is of everything: the whole would be megabytes, and has keys in it."""
        counts = (("instances", self.instances), ("devices", self.devices), ("faults", self.faults))
        shown = ", ".join(f"{len(each)} {name}" for name, each in counts)
        return f"World(now={self.now}, {shown}, {self.jobs_created} jobs created)"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """Say the same to rich."""
        return [("now", self.now), ("devices", len(self.devices)), ("jobs_created", self.jobs_created)]


def status_of(job: EmulatedJob, now: float) -> JobStatus:
    """Tell what has become of `job`.

    A job whose time is over is `Running` until its outcome is given.
    """
    if job.cancelled:
        return "Cancelled"
    if now < job.starts_at:
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
    return not job.cancelled and job.run_seconds > job.cost


def awaits_outcome(job: EmulatedJob, now: float) -> bool:
    """Tell whether the job came to its end, and nobody has yet said to which."""
    return now >= job.ends_at and job.outcome is None and not job.cancelled and not ran_too_long(job)


def charged_seconds(job: EmulatedJob, now: float) -> float:
    """Return the time on the processor that `job` is charged; nothing before its end."""
    return max(0.0, job.ends_at - job.starts_at) if now >= job.ends_at else 0.0


def job_id(world: World, number: int) -> str:
    """Return the id of the job with that number. Later ids sort later."""
    return f"d{digest(world, 'jobs')[:7]}{number:012d}"


def digest(world: World, *words: object) -> str:
    """Return 64 hexadecimal digits that follow from the seed of the world and `words`."""
    return hashlib.sha256(repr((world.seed, *words)).encode("utf-8", "replace")).hexdigest()


def find_holder(world: World, wanted: str) -> tuple[str, EmulatedJob] | None:
    """Return the CRN of the instance that has a job, and the job."""
    return next(((crn, held[wanted]) for crn, held in world.jobs.items() if wanted in held), None)


def put_job(world: World, crn: str, job: EmulatedJob) -> World:
    """Add `job` to an instance, or put it in the place of the one with its id."""
    held = {**world.jobs.get(crn, {}), job.id: job}
    return msgspec.structs.replace(world, jobs={**world.jobs, crn: held})


def drop_job(world: World, crn: str, job: EmulatedJob) -> World:
    """Take `job` out of an instance. What it cost stays spent."""
    held = {key: each for key, each in world.jobs[crn].items() if key != job.id}
    instance = world.instances[crn]
    spent = instance.consumed + charged_seconds(job, world.now)
    paid = msgspec.structs.replace(instance, consumed=spent)
    jobs = {**world.jobs, crn: held}
    return msgspec.structs.replace(world, jobs=jobs, instances={**world.instances, crn: paid})


def put_device(world: World, device: Device) -> World:
    """Add `device`, or put it in the place of the one with its name.

    While it is not online its queue stands still; from when it is, every job in the queue waits
    for `queue_seconds` anew.
    """
    old = world.devices.get(device.name)
    devices = {**world.devices, device.name: device}
    changed = msgspec.structs.replace(world, devices=devices)
    if old is None or (old.state == "online") == (device.state == "online"):
        return changed
    starts_at = queue_end(device, world.now)
    jobs = {
        crn: {key: reschedule(each, device, starts_at, world.now) for key, each in held.items()}
        for crn, held in world.jobs.items()
    }
    return msgspec.structs.replace(changed, jobs=jobs)


def queue_end(device: Device, now: float) -> float:
    """Return when a job that starts to wait now will run."""
    return now + device.queue_seconds if device.state == "online" else math.inf


def run_end(starts_at: float, run_seconds: float, cost: float) -> float:
    """Return when a job will have run, or will be stopped."""
    return starts_at + min(run_seconds, cost)


def reschedule(job: EmulatedJob, device: Device, starts_at: float, now: float) -> EmulatedJob:
    """Let `job` start at another time, if it stands in the queue of `device`."""
    if job.device != device.name or status_of(job, now) != "Queued":
        return job
    ends_at = run_end(starts_at, job.run_seconds, job.cost)
    return msgspec.structs.replace(job, starts_at=starts_at, ends_at=ends_at)


def give_device(world: World, name: str, configuration: bytes, properties: bytes) -> World:
    """Tell the world how a device describes itself. A device that is not there is passed over."""
    device = world.devices.get(name)
    if device is None:
        return world
    told = msgspec.structs.replace(device, configuration=configuration, properties=properties)
    return msgspec.structs.replace(world, devices={**world.devices, name: told})


def give_outcome(world: World, wanted: str, outcome: Outcome) -> World:
    """Tell the world how the job with the id `wanted` ends.

    What was said once stays. A job that is not there any more is passed over.
    """
    found = find_holder(world, wanted)
    if found is None or found[1].outcome is not None:
        return world
    crn, job = found
    return put_job(world, crn, msgspec.structs.replace(job, outcome=outcome))


def move_on(world: World, seconds: float) -> World:
    """Let time pass."""
    return msgspec.structs.replace(world, now=world.now + max(0.0, seconds))
