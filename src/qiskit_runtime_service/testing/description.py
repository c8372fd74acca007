"""A world in words: what stands in its file. The schema and the page of the reference are made from these records."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ..emulator.bounds import Count, Real
from ..emulator.coherent_noise import CoherentNoise
from ..emulator.job_life import LONGEST_RUN
from ..emulator.plans import LONGEST_SESSION
from ..emulator.session_life import PAUSE
from ..emulator.world import DeviceState

Name = Annotated[str, Meta(min_length=1)]
Seconds = Annotated[float, Meta(ge=0.0, le=1e10)]
WholeSeconds = Annotated[int, Meta(ge=0, le=10**10)]
Number = Annotated[int, Meta(ge=1, le=10**6)]
Width = Annotated[int, Meta(ge=1, le=10_000)]
Date = Annotated[datetime, Meta(tz=True)]
Scale = Annotated[float, Meta(gt=0.0, le=1e9)]
Spread = Annotated[float, Meta(ge=0.0, le=1e9)]
Status = Annotated[int, Meta(ge=200, le=599)]
Length = Annotated[int, Meta(ge=1 - 2**63, le=2**63 - 1)]
Part = Annotated[float, Meta(ge=0.0, lt=1.0)]
Header = tuple[Name, str]

ORDINARY = CoherentNoise()


class Described(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is described in words. A field that is not known is refused."""


class CalibrationDescription(Described, frozen=True, kw_only=True):
    """One calibration of a device, after the first, which is that of its snapshot."""

    ago: Annotated[Seconds, Meta(description="Seconds before the world begins.")] = 0.0
    date: Annotated[Date | None, Meta(description="When it was; it counts more than `ago`.")] = None
    errors: Annotated[Seconds, Meta(description="What all errors are multiplied by, up to 1.")] = 1.0


class CoherentDescription(Described, frozen=True, kw_only=True):
    """Errors that are the same in each shot, which decoupling and twirling undo. `{}` is an ordinary device."""

    detuning: Annotated[Spread, Meta(description="Hertz by which the phase of an idle qubit runs off.")] = (
        ORDINARY.detuning
    )
    zz: Annotated[Spread, Meta(description="Hertz by which an idle qubit depends on an idle neighbour.")] = ORDINARY.zz
    over_rotation: Annotated[
        Spread, Meta(description="The part by which gates on two qubits turn too far; those on one, by a tenth of it.")
    ] = ORDINARY.over_rotation
    drift: Annotated[Spread, Meta(description="Hertz by which detunings wander within hours.")] = ORDINARY.drift
    seed: Annotated[
        Count | None, Meta(description="What they are drawn from; usually the seed of the world and the device.")
    ] = None


class DeviceDescription(Described, frozen=True, kw_only=True):
    """A device: one that was recorded, or a line of qubits that are all alike."""

    name: Annotated[Name | None, Meta(description="What it is called; of a recorded one usually its own name.")] = None
    snapshot: Annotated[Name | None, Meta(description="Which recorded one, such as `fez`.")] = None
    qubits: Annotated[Width | None, Meta(description="How many stand in the line.")] = None
    fractional: Annotated[bool, Meta(description="Whether a recorded one has `rx` and `rzz`.")] = False
    dynamic: Annotated[bool, Meta(description="Whether a recorded one lists `dynamic_circuits`.")] = False
    measure_2: Annotated[bool, Meta(description="Whether a recorded one has the shorter measurement.")] = False
    queue_length: Annotated[Count, Meta(description="Jobs of others in its queue, as listings tell it.")] = 0
    queue_seconds: Annotated[Seconds, Meta(description="How long each job waits.")] = 0.0
    run_seconds: Annotated[
        Seconds | None, Meta(description="How long each job runs; usually what it takes by IBM's formula.")
    ] = None
    state: Annotated[DeviceState, Meta(description="Whether it takes jobs off its queue.")] = "online"
    reason: Annotated[str, Meta(description="Why it is in that state.")] = ""
    mock: Annotated[bool, Meta(description="Whether it is for dry runs, whose results mean nothing.")] = False
    coherent: Annotated[
        CoherentDescription | None, Meta(description="What it has beside the noise that it tells of.")
    ] = None
    calibrations: Annotated[
        tuple[CalibrationDescription, ...], Meta(description="How it was calibrated since, oldest first.")
    ] = ()


class JobDescription(Described, frozen=True, kw_only=True):
    """A job of the past, or many alike. One that has not ended by its times is queued or runs."""

    device: Annotated[Name, Meta(description="Where it ran; the device may be gone.")]
    program: Annotated[Name, Meta(description="What it ran.")] = "sampler"
    ago: Annotated[Seconds, Meta(description="Seconds before the world begins.")] = 3600.0
    created: Annotated[Date | None, Meta(description="When it was created; it counts more than `ago`.")] = None
    waited: Annotated[Seconds, Meta(description="Seconds in the queue.")] = 0.0
    ran: Annotated[Seconds, Meta(description="Seconds on the device.")] = 2.0
    limit: Annotated[WholeSeconds, Meta(description="Seconds that it might run at most.")] = LONGEST_RUN
    status: Annotated[Literal["Completed", "Failed", "Cancelled"], Meta(description="How it ended.")] = "Completed"
    reason: Annotated[str, Meta(description="Why it failed.")] = ""
    code: Annotated[Count | None, Meta(description="The code of that.")] = None
    logs: Annotated[str, Meta(description="What it wrote.")] = ""
    tags: Annotated[tuple[str, ...], Meta(description="What it is found by.")] = ()
    session: Annotated[Name | None, Meta(description="The name of one of the sessions of the instance.")] = None
    private: Annotated[bool, Meta(description="Whether its params are told to nobody, its result once.")] = False
    by: Annotated[Name | None, Meta(description="The name of the person who submitted it.")] = None
    count: Annotated[Number, Meta(description="How many of them there are.")] = 1
    every: Annotated[Seconds, Meta(description="Seconds from one of them to the next.")] = 60.0
    openqasm: Annotated[
        Name | None, Meta(description="What was run, in OpenQASM; without a result below it is simulated.")
    ] = None
    shots: Annotated[Number, Meta(description="How often that was run.")] = 4096
    observables: Annotated[tuple[Name, ...], Meta(description="What an estimator measured, such as `ZZ`.")] = ()
    counts: Annotated[dict[str, Count], Meta(description="The result of a sampler, such as `{00 = 5, 11 = 7}`.")] = {}
    evs: Annotated[tuple[Real, ...], Meta(description="The expectation values of an estimator.")] = ()
    stds: Annotated[tuple[Real, ...], Meta(description="Their standard errors; 0 where none are given.")] = ()
    result_file: Annotated[
        Name | None, Meta(description="A file beside this one with a result, as the service sends it.")
    ] = None


class SessionDescription(Described, frozen=True, kw_only=True):
    """A session or batch of the past. Its jobs name it."""

    name: Annotated[Name, Meta(description="By what jobs name it.")]
    device: Annotated[Name, Meta(description="Where its jobs run.")]
    mode: Annotated[Literal["dedicated", "batch"], Meta(description="Which of the two it is.")] = "dedicated"
    ago: Annotated[Seconds, Meta(description="Seconds before the world begins.")] = 3600.0
    created: Annotated[Date | None, Meta(description="When it was opened; it counts more than `ago`.")] = None
    max_seconds: Annotated[WholeSeconds, Meta(description="How long it lives at most.")] = LONGEST_SESSION
    pause_seconds: Annotated[WholeSeconds, Meta(description="How long it holds its device without a job.")] = PAUSE
    closed: Annotated[bool, Meta(description="Whether it was closed after its last job.")] = True
    by: Annotated[Name | None, Meta(description="The name of the person who opened it.")] = None


class InstanceDescription(Described, frozen=True, kw_only=True):
    """A service instance."""

    name: Annotated[Name, Meta(description="What users call it.")]
    plan: Annotated[Name, Meta(description="What it is sold as: `open`, `pay-as-you-go`, `premium` …")] = "open"
    region: Annotated[Name, Meta(description="The location in its CRN.")] = "us-east"
    account: Annotated[Name, Meta(description="Who owns it.")] = "main"
    staging: Annotated[bool, Meta(description="Whether it belongs to the staging cloud.")] = False
    devices: Annotated[
        tuple[Name, ...] | None, Meta(description="The names of the devices that it has; usually all.")
    ] = None
    tags: Annotated[tuple[str, ...], Meta(description="What it is found by.")] = ()
    limit: Annotated[
        Seconds | None, Meta(description="Seconds that its owner lets it spend; usually 600 of the open plan.")
    ] = None
    allocation: Annotated[Seconds | None, Meta(description="Seconds that it was given.")] = None
    consumed: Annotated[
        Seconds, Meta(description="Seconds that it spent before the jobs below. They count always.")
    ] = 0.0
    jobs: Annotated[tuple[JobDescription, ...], Meta(description="Its jobs of the past, in any order.")] = ()
    sessions: Annotated[tuple[SessionDescription, ...], Meta(description="Its sessions of the past.")] = ()


class PersonDescription(Described, frozen=True, kw_only=True):
    """Somebody who uses an account beside whom it belongs to."""

    name: Annotated[Name, Meta(description="By what jobs and sessions name who they belong to.")]
    account: Annotated[Name, Meta(description="Whose instances may be used.")] = "main"
    key: Annotated[Name | None, Meta(description="The API key; usually `emulated-api-key-<name>`.")] = None


class QueueDescription(Described, frozen=True, kw_only=True):
    """How long jobs wait."""

    kind: Annotated[
        Literal["device", "fixed", "drawn"],
        Meta(description="As their device says, equally long everywhere, or each for a time of its own."),
    ] = "device"
    seconds: Annotated[
        Seconds | None, Meta(description="How long everywhere, or on average; usually as the device says.")
    ] = None


# What goes wrong


class StatusDescription(Described, frozen=True, kw_only=True, tag_field="kind", tag="status"):
    """It is answered with these words, and nothing is done."""

    code: Annotated[Status, Meta(description="The status, such as 503.")]
    headers: Annotated[tuple[Header, ...], Meta(description='Such as `[["Retry-After", "5"]]`.')] = ()
    body: Annotated[str, Meta(description="What is said.")] = ""
    base64: Annotated[bytes, Meta(description="The same, where it is no text.")] = b""


class LostDescription(Described, frozen=True, kw_only=True, tag_field="kind", tag="lost"):
    """No response arrives, so that the caller cannot know whether the cloud acted."""

    acted: Annotated[bool, Meta(description="Whether it did.")]


class UnreachableDescription(Described, frozen=True, kw_only=True, tag_field="kind", tag="unreachable"):
    """No request arrives, and the caller knows that."""


class RevokeDescription(Described, frozen=True, kw_only=True, tag_field="kind", tag="revoke"):
    """Every token given so far expires; then it is answered."""


class StallDescription(Described, frozen=True, kw_only=True, tag_field="kind", tag="stall"):
    """It is answered, but not at once."""

    seconds: Annotated[Seconds, Meta(description="How long nothing comes.")]


class DripDescription(Described, frozen=True, kw_only=True, tag_field="kind", tag="drip"):
    """It is answered, but the body comes in drops."""

    seconds: Annotated[Seconds, Meta(description="How long the body takes.")]


class TruncateDescription(Described, frozen=True, kw_only=True, tag_field="kind", tag="truncate"):
    """It is answered, but the connection breaks in the middle of the body."""

    keep: Annotated[Part, Meta(description="The part of the body that arrives.")] = 0.5


class MisstateDescription(Described, frozen=True, kw_only=True, tag_field="kind", tag="misstate"):
    """It is answered, but with a wrong length."""

    by: Annotated[Length, Meta(description="How many bytes it is off.")]


class GarbleDescription(Described, frozen=True, kw_only=True, tag_field="kind", tag="garble"):
    """What is said is not HTTP."""

    garbage: Annotated[bytes | None, Meta(description="What it is, in base64; usually of another protocol.")] = None


EffectDescription = (
    StatusDescription
    | LostDescription
    | UnreachableDescription
    | RevokeDescription
    | StallDescription
    | DripDescription
    | TruncateDescription
    | MisstateDescription
    | GarbleDescription
)


class FaultDescription(Described, frozen=True, kw_only=True):
    """Something that goes wrong with the requests that it matches."""

    effect: Annotated[EffectDescription, Meta(description='What happens, such as `{ kind = "status", code = 503 }`.')]
    method: Annotated[str, Meta(description="Glob over the method, such as `POST`.")] = "*"
    path: Annotated[str, Meta(description="Glob over the path without its query, such as `*/jobs`.")] = "*"
    after: Annotated[Count, Meta(description="How many matching requests go well first.")] = 0
    times: Annotated[Count | Literal["all"], Meta(description="How many go wrong then; `all` for all.")] = 1


class WorldDescription(Described, frozen=True, kw_only=True):
    """A world. Nothing must be there."""

    seed: Annotated[int, Meta(ge=1 - 2**63, le=2**63 - 1, description="What all that looks random follows from.")] = 0
    now: Annotated[Date | None, Meta(description="When it begins; behind a door usually now.")] = None
    clock: Annotated[
        Literal["real", "virtual"] | None,
        Meta(description="Whether time goes on by itself, or by what is waited; usually real behind `emulate` alone."),
    ] = None
    speed: Annotated[Scale, Meta(description="Seconds that go by in one of a real clock.")] = 1.0
    queue: Annotated[QueueDescription, Meta(description="How long jobs wait.")] = QueueDescription()
    token_seconds: Annotated[Number, Meta(description="How long a token is good for.")] = 3600
    jobs_per_minute: Annotated[
        Number | None, Meta(description="How many jobs an account may submit within any minute.")
    ] = None
    seconds_per_unit: Annotated[
        Scale | None, Meta(description="Seconds of usage in a resource unit; usually usage is told in seconds alone.")
    ] = None
    programs: Annotated[
        tuple[Name, ...] | None, Meta(description="Which programs it runs; usually those of the service.")
    ] = None
    coherent: Annotated[
        CoherentDescription | None, Meta(description="What devices have that say nothing of their own.")
    ] = None
    faults: Annotated[tuple[FaultDescription, ...], Meta(description="What goes wrong.")] = ()
    devices: Annotated[tuple[DeviceDescription, ...], Meta(description="What there is to run on.")] = ()
    instances: Annotated[
        tuple[InstanceDescription, ...], Meta(description="Usually an open one called `main` with all devices.")
    ] = (InstanceDescription(name="main"),)
    people: Annotated[tuple[PersonDescription, ...], Meta(description="Who uses it beside the owners.")] = ()
