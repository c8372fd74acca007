"""The ready worlds by name, for those who choose one in words: a mark on a test, or the command line."""

from collections.abc import Callable, Mapping

import msgspec

from ..emulator.coherent_noise import CoherentNoise
from ..emulator.world import World
from ..emulator.worlds import START
from ..simulator.cloud import snapshot_world
from .arguments import WHOLE, read_instant, reads
from .checked import busy, many_instances, one_instance, two_regions


@reads(seed=WHOLE, now=read_instant)
def snapshots(*, seed: int = 0, now: float = START) -> World:
    """Return a world with one instance that has every device snapshot."""
    return msgspec.structs.replace(snapshot_world(), seed=seed, now=now)


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
    "mitigation": mitigation,
}
