"""What a world must be given from outside: how devices describe themselves, and how jobs end."""

import math

import msgspec

from ..records.exchange import Response
from .backends import find_device
from .calibrations import find_calibration
from .coherent_noise import CoherentNoise
from .job_life import EmulatedJob, awaits_outcome, lacks_outcome
from .jobs import find_job
from .listings import find_page
from .requests import Call
from .submissions import admit_job
from .workloads import find_candidates
from .world import Device, World, coherent_noise_of, find_holder, jobs_of, seed_of


class DeviceBodies(msgspec.Struct, frozen=True):
    """Wanted: configuration and properties of a device, for `give_device`."""

    name: str


class JobTask(msgspec.Struct, frozen=True, kw_only=True):
    """Wanted: the outcome of a job, for `give_outcome`. All that a simulation may depend on is here."""

    id: str
    device: str
    program: str
    params: bytes
    """JSON text, as it was submitted."""
    configuration: bytes
    """JSON text."""
    properties: bytes
    """JSON text; an empty object where there is no calibration."""
    seed: int
    """At least 0, less than 2 to the power of 32."""
    starts_at: float
    """When the job began or will begin, as it is scheduled now. Seconds since the epoch."""
    ends_at: float
    """When the job came or will come to its end, as it is scheduled now. Seconds since the epoch."""
    mock: bool
    """Whether the device is a stand-in, whose results mean nothing."""
    coherent: CoherentNoise | None = None
    """What the device has beside the noise that it tells of, with its seed."""


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """Wanted: how many seconds a job runs that is submitted so, for `handle`. All that they may depend on is here."""

    device: str
    program: str
    params: bytes
    """JSON text, as it is submitted."""
    configuration: bytes
    """JSON text."""
    properties: bytes
    """JSON text; an empty object where there is no calibration."""


class Abandoned(msgspec.Struct, frozen=True):
    """Wanted: that a job whose device is not there any more comes to its end, by `abandon_job`."""

    id: str


Need = DeviceBodies | JobTask | Abandoned


def need_of_submission(world: World, call: Call) -> DeviceBodies | Submission | None:
    """Return what must be known before a submission is answered: how long the job runs, or what its device tells.

    It is nothing where the job is refused, or where its device says how long each runs.

    Source: behaviour B525.
    """
    if all(device.run_seconds is not None for device in world.devices.values()):
        return None
    envelope = admit_job(world, call)
    if isinstance(envelope, Response):
        return None
    device = world.devices[envelope.backend]
    if device.run_seconds is not None:
        return None
    bodies = bodies_of(device, envelope.calibration_id)
    if isinstance(bodies, DeviceBodies):
        return bodies
    configuration, properties = bodies
    return Submission(
        device=device.name,
        program=envelope.program_id,
        params=bytes(envelope.params),
        configuration=configuration,
        properties=properties,
    )


def find_need(world: World, wanted: str) -> Need | None:
    """Return what the outcome of a job needs, due or not; `None` for a job that has or needs none.

    A job whose device takes none off its queue needs nothing before it is due: nobody knows yet when it will run.
    """
    found = find_holder(world, wanted)
    if found is None:
        return None
    _, job = found
    return need_of(world, job) if lacks_outcome(job) and job.starts_at < math.inf else None


def needs_nothing(_: World, __: Call) -> tuple[Need, ...]:
    """Return nothing: the world itself knows the answer."""
    return ()


def needs_of_device(world: World, call: Call) -> tuple[Need, ...]:
    """Return what must be given to describe the device that the path names."""
    device = find_device(world, call)
    return () if device is None or is_described(device) else (DeviceBodies(device.name),)


def needs_of_job(world: World, call: Call) -> tuple[Need, ...]:
    """Return what must be given to describe the job that the path names."""
    job = find_job(world, call)
    if job is None:
        return ()
    return (Abandoned(job.id),) if is_stranded(world, job) else due_needs(world, (job,))


def needs_of_page(world: World, call: Call) -> tuple[Need, ...]:
    """Return what must be given to describe one page of jobs."""
    if not jobs_of(world, call.crn).awaits(world.now):
        return ()
    page = find_page(world, call)
    return () if page is None else due_needs(world, page.jobs)


def needs_of_workloads(world: World, call: Call) -> tuple[Need, ...]:
    """Return what must be given to list workloads: whether a job failed is one of the things asked for."""
    if not jobs_of(world, call.crn).awaits(world.now):
        return ()
    found = find_candidates(world, call, {"job"}) or []
    return due_needs(world, tuple(job for job in found if isinstance(job, EmulatedJob)))


def due_needs(world: World, jobs: tuple[EmulatedJob, ...]) -> tuple[Need, ...]:
    """Return one need for each job that came to an end nobody told yet; devices are asked for once."""
    return tuple(dict.fromkeys(need_of(world, job) for job in jobs if awaits_outcome(job, world.now)))


def need_of(world: World, job: EmulatedJob) -> Need:
    """Return the task of `job`, or first what its device must tell; or that the job is abandoned, by its device."""
    device = world.devices.get(job.device)
    if device is None:
        return Abandoned(job.id)
    bodies = bodies_of(device, job.calibration_id)
    if isinstance(bodies, DeviceBodies):
        return bodies
    configuration, properties = bodies
    return JobTask(
        id=job.id,
        device=device.name,
        program=job.program,
        params=job.params,
        configuration=configuration,
        properties=properties,
        seed=seed_of(world, job),
        starts_at=job.starts_at,
        ends_at=job.ends_at,
        mock=device.mock,
        coherent=coherent_noise_of(world, device),
    )


def bodies_of(device: Device, calibration_id: str | None) -> tuple[bytes, bytes] | DeviceBodies:
    """Return configuration and properties that a job goes by: of its calibration, or of today, if they were given."""
    if device.configuration is None or device.properties is None:
        return DeviceBodies(device.name)
    calibration = find_calibration(device.calibrations, calibration_id or "")
    if calibration is None:
        return device.configuration, device.properties
    return calibration.configuration, calibration.properties


def is_stranded(world: World, job: EmulatedJob) -> bool:
    """Tell whether `job` waits for a device that stood still and is not there any more: it would wait for ever."""
    return job.device not in world.devices and lacks_outcome(job) and job.ends_at == math.inf


def is_described(device: Device) -> bool:
    """Tell whether configuration and properties were given."""
    return device.configuration is not None and device.properties is not None
