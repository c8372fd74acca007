"""Worlds from their descriptions in TOML, and what is wrong with a description (B447)."""

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from typing import Any, NamedTuple, TypeVar, assert_never

import msgspec

from .._public import public
from ..client.clock import SystemClock
from ..client.files import read_whole, without_keys
from ..client.raising import value_or_raise
from ..core.arguments import read_path
from ..core.keys import hide_keys
from ..emulator.coherent_noise import CoherentNoise
from ..emulator.faults import (
    Drip,
    Effect,
    Fault,
    Garble,
    Lost,
    Misstate,
    Revoke,
    Stall,
    Status,
    Truncate,
    Unreachable,
)
from ..emulator.history import PastJob, PastSession
from ..emulator.queues import DeviceQueue, DrawnQueue, FixedQueue, QueueModel
from ..emulator.submissions import PROGRAMS
from ..emulator.world import Device, World
from ..emulator.worlds import START
from ..simulator.cloud import emulated_cloud
from ..transport.base import Clock
from ..transport.emulated import EmulatedTransport
from .arguments import FAULT, reads
from .checked import build_world, instance, line_device, person, recalibrated
from .description import (
    CoherentDescription,
    DeviceDescription,
    DripDescription,
    EffectDescription,
    FaultDescription,
    GarbleDescription,
    InstanceDescription,
    JobDescription,
    LostDescription,
    MisstateDescription,
    QueueDescription,
    RevokeDescription,
    SessionDescription,
    StallDescription,
    StatusDescription,
    TruncateDescription,
    UnreachableDescription,
    WorldDescription,
)
from .past import past_job, past_session
from .recorded import recorded_device

T = TypeVar("T")

SUFFIX = ".toml"
"""How the name of a file ends in which a world is described."""
OF_SNAPSHOTS = ("fractional", "dynamic", "measure_2")
OWN_RESULTS = ("counts", "evs", "result_file")


class DescribedWorld(NamedTuple):
    """A world, and how its time goes on."""

    world: World
    clock: str | None
    """`real`, `virtual`, or `None` where that is not said."""
    speed: float

    def make_clock(self) -> Clock | None:
        """Return what the time of the world runs with; `None` where it stands still until somebody waits."""
        return SystemClock() if self.clock == "real" else None


@public("testing")
@reads(path=read_path)
def described_cloud(path: str | Path) -> EmulatedTransport:
    """Return a carrier to the emulated cloud that a file in TOML describes, with its clock.

    Raises a `ValueError` that names the file and the field for a description that is none, and an `OSError` for a file
    that cannot be read.

    Source: behaviour B447, B451.
    """
    described = read_described(Path(path))
    return emulated_cloud(described.world, clock=described.make_clock(), speed=described.speed)


def is_described(path: str | PurePath) -> bool:
    """Tell whether a file describes a world, by its name."""
    return PurePath(path).suffix == SUFFIX


def read_described(path: Path, now: float = START) -> DescribedWorld:
    """Return the world that a file describes.

    Args:
        path: The file.
        now: When the world begins, unless it says so.

    Raises:
        ValueError: It is no description of a world. The file and the field are named.
        OSError: It cannot be read.

    Source: behaviour B447.
    """
    try:
        text = read_whole(path)
    except OSError as error:
        raise without_keys(error) from None
    try:
        description = decode_description(text)
        world = build_described(description, path.parent, now)
    except (ValueError, OSError) as error:
        raise ValueError(f"{hide_keys(str(path))}: {hide_keys(' '.join(str(error).splitlines()))}") from error
    marked = msgspec.structs.replace(world, described=hashlib.sha256(text).hexdigest())
    return DescribedWorld(marked, description.clock, description.speed)


def decode_description(text: bytes) -> WorldDescription:
    """Return what a file says. Raises a `ValueError` that says where it is wrong."""
    try:
        return msgspec.convert(tomllib.loads(text.decode()), WorldDescription)
    except UnicodeDecodeError as error:
        raise ValueError("this is no text in UTF-8") from error
    except RecursionError as error:
        raise ValueError("this is nested too deep") from error


def build_described(description: WorldDescription, folder: Path, now: float) -> World:
    """Return the world that is described.

    Args:
        description: What it is to be.
        folder: Where the files are that it names.
        now: When it begins, unless it says so.

    Raises:
        ValueError: What is described cannot be. The field is named.
    """
    begin = now if description.now is None else description.now.timestamp()
    devices = build_devices(description, begin)
    refuse_strangers(description, devices)
    offers = [
        at(f"instances[{place}]", build_offer, told, f"instances[{place}]", devices, folder)
        for place, told in enumerate(description.instances)
    ]
    return at(
        "instances",
        build_world,
        *offers,
        people=[person(told.name, account=told.account, key=told.key) for told in description.people],
        programs=description.programs,
        faults=list(build_faults(description)),
        coherent=build_coherent(description.coherent),
        queue=build_queue(description.queue),
        token_seconds=description.token_seconds,
        jobs_per_minute=description.jobs_per_minute,
        seconds_per_unit=description.seconds_per_unit,
        seed=description.seed,
        now=begin,
    )


def at(place: str, make: Callable[..., T], *arguments: Any, **more: Any) -> T:
    """Return what `make` makes. What it raises as a `ValueError` says where that is described."""
    try:
        return make(*arguments, **more)
    except ValueError as error:
        if " - at `$" in str(error):
            raise
        raise flaw(place, str(error).removesuffix(".")) from error


def flaw(place: str, what: str) -> ValueError:
    """Return the error for what is wrong at a place of a description."""
    return ValueError(f"{what} - at `$.{place}`")


# Devices


def build_devices(description: WorldDescription, begin: float) -> dict[str, Device]:
    """Return the devices that are described, by their names."""
    devices: dict[str, Device] = {}
    for place, told in enumerate(description.devices):
        device = at(f"devices[{place}]", build_device, told, f"devices[{place}]", begin)
        if device.name in devices:
            raise flaw(f"devices[{place}].name", f"two devices are called {device.name!r}")
        devices[device.name] = device
    return devices


def build_device(told: DeviceDescription, place: str, begin: float) -> Device:
    """Return a device with all its calibrations."""
    if (told.snapshot is None) == (told.qubits is None):
        raise flaw(place, "a device has either a snapshot, or qubits in a line")
    pace = {name: getattr(told, name) for name in ("queue_length", "queue_seconds", "run_seconds", "mock")}
    if told.qubits is not None:
        device = build_line(told, place, told.qubits, pace)
    else:
        recorded = {name: getattr(told, name) for name in ("name", *OF_SNAPSHOTS)}
        device = at(f"{place}.snapshot", recorded_device, told.snapshot, **recorded, **pace)
    coherent = build_coherent(told.coherent)
    device = msgspec.structs.replace(device, state=told.state, reason=told.reason, coherent=coherent)
    for number, calibration in enumerate(told.calibrations):
        date = begin - calibration.ago if calibration.date is None else calibration.date.timestamp()
        device = at(f"{place}.calibrations[{number}]", recalibrated, device, at=date, errors=calibration.errors)
    return device


def build_line(told: DeviceDescription, place: str, qubits: int, pace: dict[str, Any]) -> Device:
    """Return a line of qubits."""
    if told.name is None:
        raise flaw(f"{place}.name", "a line of qubits needs a name")
    unfit = next((name for name in OF_SNAPSHOTS if getattr(told, name)), None)
    if unfit is not None:
        raise flaw(f"{place}.{unfit}", "a line of qubits has branches, and no other gates than it always has")
    return line_device(told.name, qubits, **pace)


def build_coherent(told: CoherentDescription | None) -> CoherentNoise | None:
    """Return what a device has beside the noise that it tells of.

    Source: behaviour B466.
    """
    return None if told is None else CoherentNoise(**msgspec.structs.asdict(told))


def build_queue(told: QueueDescription) -> QueueModel:
    """Return how jobs wait."""
    match told:
        case QueueDescription(kind="device", seconds=None):
            return DeviceQueue()
        case QueueDescription(kind="drawn", seconds=seconds):
            return DrawnQueue(mean_seconds=seconds)
        case QueueDescription(kind="fixed", seconds=float() as seconds):
            return FixedQueue(seconds=seconds)
        case QueueDescription(kind="fixed"):
            raise flaw("queue.seconds", "a fixed queue says how long jobs wait")
        case _:
            raise flaw("queue.seconds", "how long jobs wait for a device is said by the device")


def build_faults(description: WorldDescription) -> Iterator[Fault]:
    """Yield what goes wrong.

    Source: behaviour B466.
    """
    for place, told in enumerate(description.faults):
        yield at(f"faults[{place}]", build_fault, told, f"faults[{place}]")


def build_fault(told: FaultDescription, place: str) -> Fault:
    """Return one thing that goes wrong."""
    times = None if told.times == "all" else told.times
    effect = build_effect(told.effect, f"{place}.effect")
    fault = Fault(effect=effect, method=told.method, path=told.path, after=told.after, times=times)
    read: Fault = value_or_raise(FAULT("the fault", fault))
    return read


def build_effect(told: EffectDescription, place: str) -> Effect:
    """Return what happens to a request."""
    match told:
        case StatusDescription(body=body, base64=base64):
            if body and base64:
                raise flaw(f"{place}.base64", "what is said is either a text or in base64")
            return Status(code=told.code, headers=told.headers, body=body.encode() or base64)
        case LostDescription(acted=acted):
            return Lost(acted=acted)
        case UnreachableDescription():
            return Unreachable()
        case RevokeDescription():
            return Revoke()
        case StallDescription(seconds=seconds):
            return Stall(seconds=seconds)
        case DripDescription(seconds=seconds):
            return Drip(seconds=seconds)
        case TruncateDescription(keep=keep):
            return Truncate(keep=keep)
        case MisstateDescription(by=by):
            return Misstate(by=by)
        case GarbleDescription(garbage=garbage):
            return Garble() if garbage is None else Garble(garbage=garbage)
        case _:
            assert_never(told)


def refuse_strangers(description: WorldDescription, devices: dict[str, Device]) -> None:
    """Raise a `ValueError` for the first name that nothing has."""
    programs = PROGRAMS if description.programs is None else PROGRAMS.union(description.programs)
    people = {told.name for told in description.people}
    for place, kind, name, known in names_used(description):
        among = {"device": devices, "program": programs, "person": people, "session": known}[kind]
        if name not in among:
            raise flaw(place, f"there is no {kind} {name!r}, but {', '.join(sorted(among)) or 'none at all'}")


def names_used(description: WorldDescription) -> Iterator[tuple[str, str, str, set[str]]]:
    """Return each name that stands for something: where, of which kind, the name, and the sessions near it."""
    for number, told in enumerate(description.instances):
        here = f"instances[{number}]"
        sessions = {session.name for session in told.sessions}
        for place, name in enumerate(told.devices or ()):
            yield f"{here}.devices[{place}]", "device", name, sessions
        for place, job in enumerate(told.jobs):
            yield f"{here}.jobs[{place}].program", "program", job.program, sessions
            if job.by is not None:
                yield f"{here}.jobs[{place}].by", "person", job.by, sessions
            if job.session is not None:
                yield f"{here}.jobs[{place}].session", "session", job.session, sessions
        for place, session in enumerate(told.sessions):
            if session.by is not None:
                yield f"{here}.sessions[{place}].by", "person", session.by, sessions


# Instances and what happened in them


def build_offer(told: InstanceDescription, place: str, devices: dict[str, Device], folder: Path) -> Any:
    """Return an instance with its devices and its past."""
    held = devices.values() if told.devices is None else [devices[name] for name in told.devices]
    fields = ("plan", "region", "account", "staging", "tags", "limit", "allocation", "consumed")
    return instance(
        told.name,
        devices=held,
        jobs=[
            at(f"{place}.jobs[{number}]", build_job, job, f"{place}.jobs[{number}]", devices, folder)
            for number, job in enumerate(told.jobs)
        ],
        sessions=list(map(build_session, told.sessions)),
        **{name: getattr(told, name) for name in fields},
    )


def build_session(told: SessionDescription) -> PastSession:
    """Return a session of the past."""
    fields = {name: getattr(told, name) for name in told.__struct_fields__ if name != "created"}
    return past_session(**fields, created=None if told.created is None else told.created.timestamp())


def build_job(told: JobDescription, place: str, devices: dict[str, Device], folder: Path) -> PastJob:
    """Return a job of the past."""
    given = [name for name in OWN_RESULTS if getattr(told, name)]
    if len(given) > 1:
        raise flaw(f"{place}.{given[1]}", f"a job has one result, and this has {' and '.join(given)}")
    if told.openqasm is not None and not given and told.status == "Completed" and told.device not in devices:
        raise flaw(f"{place}.device", f"nothing is simulated on {told.device!r}, which is not there: give its result")
    unknown = None if told.openqasm is None else "simulated"
    fields = ("device", "program", "ago", "waited", "ran", "limit", "status", "reason", "code", "logs", "tags")
    more = ("session", "private", "by", "count", "every")
    return past_job(
        **{name: getattr(told, name) for name in (*fields, *more)},
        created=None if told.created is None else told.created.timestamp(),
        params=None if told.openqasm is None else params_of(told),
        result=at(f"{place}.{given[0]}", build_result, told, folder) if given else unknown,
    )


def params_of(told: JobDescription) -> dict[str, Any]:
    """Return what was submitted."""
    wanted = [list(told.observables), None, told.shots**-0.5] if told.program == "estimator" else [None, told.shots]
    return {"pubs": [[told.openqasm, *wanted]], "version": 2, "support_qiskit": True}


def build_result(told: JobDescription, folder: Path) -> Any:
    """Return the result that is described."""
    if told.result_file is not None:
        return read_whole(folder / told.result_file)
    # Qiskit is loaded with these, and only now needed.
    import numpy as np
    from qiskit.primitives import BitArray, DataBin, PrimitiveResult, PubResult, SamplerPubResult

    if told.counts:
        widths = {len(bits) for bits in told.counts}
        if len(widths) > 1 or widths == {0} or set("".join(told.counts)) - {"0", "1"}:
            raise ValueError("counts are of texts of 0 and 1, all of one length")
        bits = BitArray.from_counts(told.counts, num_bits=widths.pop())
        return PrimitiveResult([SamplerPubResult(DataBin(meas=bits))], {"version": 2})
    if told.stds and len(told.stds) != len(told.evs):
        raise ValueError(f"there are {len(told.evs)} evs and {len(told.stds)} stds")
    stds = told.stds or (0.0,) * len(told.evs)
    data = DataBin(evs=np.array(told.evs), stds=np.array(stds), shape=(len(told.evs),))
    return PrimitiveResult([PubResult(data)], {"version": 2})
