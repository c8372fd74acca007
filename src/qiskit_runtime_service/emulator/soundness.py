"""What must hold between the parts of a world, for one that comes from a file (B345). Types and ranges hold already."""

import json
import math
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import msgspec

from .bounds import LATEST
from .job_index import number_in
from .job_life import EmulatedJob
from .session_life import EmulatedSession
from .world import Device, World

PARTS_OF_CRN = 10
STEP = re.compile(r"\[(\d+)\]|\.(\w+)")
Flaw = tuple[str, str]
"""Where something is wrong, as a path that begins with the world, and what."""


def find_flaw(world: World) -> Flaw | None:
    """Return the first thing that is wrong with a world that was read, or `None`."""
    return next(flaws_of(world), None)


LIGHT = tuple(
    (field.name, msgspec.msgpack.Decoder(field.type))
    for field in msgspec.structs.fields(World)
    if field.name not in ("instances", "devices", "jobs", "sessions")
)
"""What is soon looked through, of all that a world has."""


def find_misfit(world: World) -> tuple[str, Any, str] | None:
    """Return what of a world that was put together by hand is not of its type: where, what it is, and why; or `None`.

    Of instances, devices, jobs and sessions there may be megabytes, so they are not looked at.

    Source: behaviour B355.
    """
    for name, decoder in LIGHT:
        value = getattr(world, name)
        try:
            decoder.decode(msgspec.msgpack.encode(value))
        except (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError) as error:
            reason, _, place = str(error).partition(" - at `$")
            path = place.rstrip("`")
            return f".{name}{path}", _look_up(value, path), reason
    return None


def _look_up(value: Any, path: str) -> Any:
    """Return what stands at a place inside of a value, as far as there is one."""
    for index, name in STEP.findall(path):
        value = value[int(index)] if index else getattr(value, name, value)
    return value


def flaws_of(world: World) -> Iterator[Flaw]:
    """Return all that is wrong with a world."""
    yield from misfiled("plans", ((key, plan.id) for key, plan in world.plans.items()))
    yield from misfiled("instances", ((key, instance.crn) for key, instance in world.instances.items()))
    yield from misfiled("devices", ((key, device.name) for key, device in world.devices.items()))
    yield from misfiled("sessions", ((key, session.id) for key, session in world.sessions.items()))
    for crn in world.instances:
        if crn.count(":") + 1 != PARTS_OF_CRN:
            yield f".instances[{crn!r}].crn", f"a CRN has {PARTS_OF_CRN} parts"
    for name, device in world.devices.items():
        yield from flaws_of_device(f".devices[{name!r}]", device)
    for key, session in world.sessions.items():
        yield from flaws_of_session(f".sessions[{key!r}]", session, world)
    yield from flaws_of_books(world)


def misfiled(part: str, names: Iterable[tuple[str, str]]) -> Iterator[Flaw]:
    """Return what stands under another name than its own."""
    return ((f".{part}[{key!r}]", f"it is called {name!r}") for key, name in names if key != name)


def flaws_of_device(where: str, device: Device) -> Iterator[Flaw]:
    """Return what is wrong with what a device says of itself."""
    texts = [(f"{where}.configuration", device.configuration), (f"{where}.properties", device.properties)]
    for place, calibration in enumerate(device.calibrations):
        at = f"{where}.calibrations[{place}]"
        texts += [(f"{at}.configuration", calibration.configuration), (f"{at}.properties", calibration.properties)]
    return ((at, "it is no JSON object") for at, text in texts if text is not None and not is_json_object(text))


def flaws_of_session(where: str, session: EmulatedSession, world: World) -> Iterator[Flaw]:
    """Return what is wrong with a session."""
    if session.crn not in world.instances:
        yield f"{where}.crn", f"there is no instance {session.crn!r}"
    if session.created > world.now:
        yield f"{where}.created", f"it is {session.created}, and now is {world.now}"
    last = 0.0
    for place, span in enumerate(session.spans):
        if not (last <= span.starts_at <= span.ends_at and is_date(span.starts_at) and is_date(span.ends_at)):
            yield f"{where}.spans[{place}]", f"it is from {span.starts_at} to {span.ends_at}"
        last = span.starts_at


def flaws_of_books(world: World) -> Iterator[Flaw]:
    """Return what is wrong with the jobs of all instances, beside the rest of the world."""
    seen: set[int] = set()
    for crn, held in world.jobs.items():
        if crn not in world.instances:
            yield f".jobs[{crn!r}]", "there is no such instance"
        jobs = chain.from_iterable(leaf.jobs for leaf in held.leaves)
        for place, job in enumerate(jobs):
            if job.session is not None and job.session not in world.sessions:
                yield f".jobs[{crn!r}][{place}].session", f"there is no session {job.session!r}"
            if job.number in seen or job.number > world.jobs_created:
                told = f"{job.number} is taken, or above jobs_created, {world.jobs_created}"
                yield f".jobs[{crn!r}][{place}].number", told
            seen.add(job.number)


def flaws_of_jobs(jobs: tuple[EmulatedJob, ...]) -> Iterator[Flaw]:
    """Return what is wrong with the jobs of one instance, by themselves: a book can be made of sound ones alone."""
    number, created = 0, 0.0
    for place, job in enumerate(jobs):
        if job.number <= number or number_in(job.id) != job.number:
            yield f"[{place}].number", f"it is {job.number}, after {number}, in the job {job.id!r}"
        if job.created < created:
            yield f"[{place}].created", f"it is {job.created}, after {created}"
        if not (is_date(job.starts_at) and is_date(job.ends_at)):
            yield f"[{place}].ends_at", f"the job runs from {job.starts_at} to {job.ends_at}"
        elif job.starts_at < job.ends_at == math.inf:
            yield f"[{place}].ends_at", "the job starts and never ends"
        if not is_json_object(job.params):
            yield f"[{place}].params", "they are no JSON object"
        number, created = job.number, job.created


def is_date(instant: float) -> bool:
    """Tell whether an instant can be told as a date, or never is."""
    return instant <= LATEST or instant == math.inf


def is_json_object(text: bytes) -> bool:
    """Tell whether a text is a JSON object, maybe in Python's dialect, which knows `NaN`."""
    try:
        text.decode()
        msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        return False
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return is_python_object(text)
    return True


def is_python_object(text: bytes) -> bool:
    """Tell whether a text is a JSON object in Python's dialect."""
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
