"""The ready worlds by name, for those who choose one in words: a mark on a test, or the command line."""

from collections.abc import Callable, Mapping

from ..emulator.building import busy
from ..emulator.world import World
from ..emulator.worlds import many_instances, one_instance, two_regions

READY: Mapping[str, Callable[..., World]] = {
    "one_instance": one_instance,
    "two_regions": two_regions,
    "many_instances": lambda count=20, **arguments: many_instances(count, **arguments),
    "busy": busy,
}
