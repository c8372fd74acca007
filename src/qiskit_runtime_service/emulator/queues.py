"""How long a job waits in the queue of its device: a model as data, and what follows from it.

Nothing is drawn at random: a drawn wait follows from the seed of the world and the number of the job (B195).
"""

import math

import msgspec

from .._public import public
from .bounds import Seconds

HALF = math.log(2)
NINETEEN_TWENTIETHS = math.log(20)


@public("testing")
class DeviceQueue(msgspec.Struct, frozen=True, tag=True):
    """Every job waits as long as its device says."""


@public("testing")
class FixedQueue(msgspec.Struct, frozen=True, tag=True):
    """Every job waits equally long, on any device."""

    seconds: Seconds


@public("testing")
class DrawnQueue(msgspec.Struct, frozen=True, tag=True):
    """Each job waits for a time of its own: many for a short one, some for a very long one."""

    mean_seconds: Seconds | None = None
    """What the waits come to on average; `None` for what the device says."""


QueueModel = DeviceQueue | FixedQueue | DrawnQueue


class TypicalWait(msgspec.Struct, frozen=True):
    """What jobs wait on average, and what half and 95 % of them wait at most; in seconds."""

    average: float
    p50: float
    p95: float


def wait_seconds(model: QueueModel, device_seconds: float, draw: float) -> float:
    """Return how long a job waits.

    Args:
        model: How jobs wait.
        device_seconds: What the device says.
        draw: The place of the job among all: at least 0, below 1. The higher, the longer it waits.
    """
    match model:
        case DeviceQueue():
            return device_seconds
        case FixedQueue(seconds=seconds):
            return seconds
        case DrawnQueue(mean_seconds=mean):
            return -math.log1p(-draw) * (device_seconds if mean is None else mean)


def typical_wait(model: QueueModel, device_seconds: float) -> TypicalWait:
    """Return what jobs wait for a device that says `device_seconds`."""
    match model:
        case DeviceQueue():
            return TypicalWait(device_seconds, device_seconds, device_seconds)
        case FixedQueue(seconds=seconds):
            return TypicalWait(seconds, seconds, seconds)
        case DrawnQueue(mean_seconds=given):
            mean = device_seconds if given is None else given
            return TypicalWait(mean, HALF * mean, NINETEEN_TWENTIETHS * mean)
