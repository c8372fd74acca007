"""The ready worlds by name, for those who choose one in words: a mark on a test, or the command line."""

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from .._public import public
from ..emulator.coherent_noise import CoherentNoise
from ..emulator.history import PastJob
from ..emulator.world import Device, World
from ..emulator.worlds import START
from ..simulator.cloud import snapshot_world
from .arguments import WHOLE, read_instant, reads
from .checked import build_world, busy, instance, many_instances, one_instance, recalibrated, two_regions
from .past import past_job, past_session
from .recorded import recorded_device

GUIDED = partial(recorded_device, dynamic=True, measure_2=True)
"""What makes a device that guides name."""
HOUR = 3600.0
DAY = 24 * HOUR
MONTH = 28 * DAY
BELL = """\
OPENQASM 3.0;
include "stdgates.inc";
bit[2] c;
rz(pi/2) $0; sx $0; rz(pi/2) $0;
rz(pi/2) $1; sx $1; rz(pi/2) $1;
cz $0, $1;
rz(pi/2) $1; sx $1; rz(pi/2) $1;
c[0] = measure $0;
c[1] = measure $1;
"""
"""A Bell pair in the gates of a Heron."""


@reads(seed=WHOLE, now=read_instant)
def snapshots(*, seed: int = 0, now: float = START) -> World:
    """Return a world with one instance that has every device snapshot."""
    return msgspec.structs.replace(snapshot_world(), seed=seed, now=now)


@public("testing")
@reads(seed=WHOLE, now=partial(read_instant, least=MONTH))
def ibm_quantum(*, seed: int = 0, now: float = START) -> World:
    """Return a world like the one that IBM's guides and tutorials expect, so that they run as they stand.

    It has `ibm_fez`, `ibm_torino` and `ibm_brisbane`, with fractional gates where they were measured, branches and
    `measure_2`, calibrated yesterday and this hour; an instance of the open plan and one of the premium plan, which has
    a stand-in for each device, for dry runs; and a month of jobs, with a session, some that failed, and a device that
    is gone.

    Args:
        seed: What all that looks random follows from.
        now: When the world begins, in seconds since the epoch; at least the 28 days of its past.

    Source: behaviour B449, B468.
    """
    devices = guide_devices(now)
    return build_world(
        instance("open-instance", devices=devices, jobs=guide_jobs(12), allocation=600),
        instance(
            "premium-instance",
            plan="premium",
            devices=[*devices, *stand_ins()],
            tags=["research"],
            jobs=[*guide_jobs(60), past_job("ibm_torino", ago=2 * HOUR, session="tutorial", count=5)],
            sessions=[past_session("tutorial", "ibm_torino", ago=2 * HOUR)],
        ),
        seed=seed,
        now=now,
    )


def guide_devices(now: float) -> list[Device]:
    """Return the devices that guides name."""
    recorded = [
        GUIDED("fez", fractional=True, queue_length=12, queue_seconds=2.0),
        GUIDED("torino", fractional=True, queue_length=3, queue_seconds=2.0),
        GUIDED("brisbane", queue_length=40, queue_seconds=2.0),
    ]
    return [recalibrated(recalibrated(device, at=now - DAY, errors=1.1), at=now - HOUR / 2) for device in recorded]


def stand_ins() -> list[Device]:
    """Return what takes the place of those devices in dry runs, which paid plans have."""
    return [
        GUIDED("fez", name="mock_fez", fractional=True, mock=True),
        GUIDED("torino", name="mock_torino", fractional=True, mock=True),
        GUIDED("brisbane", name="mock_brisbane", mock=True),
    ]


def guide_jobs(count: int) -> list[PastJob]:
    """Return the jobs of about a month of one instance: `count` that went well, and some that did not."""
    bell = {"pubs": [[BELL, None, 4096]], "version": 2, "support_qiskit": True}
    return [
        past_job("ibm_fez", ago=MONTH, count=count, every=27 * DAY / count, waited=30.0, ran=4.0, tags=["guide"]),
        past_job("ibm_brisbane", program="estimator", ago=9 * DAY, count=count // 3, every=24 * DAY / count, ran=12.0),
        past_job("ibm_kyiv", ago=27 * DAY, count=count // 4, every=HOUR, tags=["retired"]),
        past_job("ibm_torino", ago=5 * DAY, status="Failed", code=1002, reason="The circuit is not of this device."),
        past_job("ibm_fez", ago=4 * DAY, status="Cancelled"),
        past_job("ibm_fez", ago=3 * HOUR, params=bell, result="simulated", tags=["bell"]),
    ]


@reads(seed=WHOLE, now=read_instant)
def mitigation(*, seed: int = 0, now: float = START) -> World:
    """Return a world with one instance that has every device snapshot, with noise on which mitigation can be tried.

    Source: behaviour B416.
    """
    return msgspec.structs.replace(snapshots(seed=seed, now=now), coherent=CoherentNoise())


READY: Mapping[str, Callable[..., World]] = {
    "one_instance": one_instance,
    "two_regions": two_regions,
    "many_instances": lambda count=20, **arguments: many_instances(count, **arguments),
    "busy": busy,
    "snapshots": snapshots,
    "ibm_quantum": ibm_quantum,
    "mitigation": mitigation,
}
"""Every ready world takes `seed` and `now`."""
