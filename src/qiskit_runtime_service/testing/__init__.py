"""What users need to test their programs: an emulated cloud and ready worlds for it."""

from ..emulator.building import broken, build_world, busy, instance
from ..emulator.faults import (
    Drip,
    Fault,
    Garble,
    Lost,
    Misstate,
    Revoke,
    Stall,
    Status,
    Truncate,
    Unreachable,
    html_page,
    too_many_requests,
)
from ..emulator.worlds import (
    API_KEY,
    device_from_row,
    line_device,
    many_instances,
    one_instance,
    two_regions,
)
from ..shell.local import emulated_cloud
from ..transport.emulated import EmulatedTransport
from .door import door_to
from .world_file import load_world, save_world

__all__ = [
    "API_KEY",
    "Drip",
    "EmulatedTransport",
    "Fault",
    "Garble",
    "Lost",
    "Misstate",
    "Revoke",
    "Stall",
    "Status",
    "Truncate",
    "Unreachable",
    "broken",
    "build_world",
    "busy",
    "device_from_row",
    "door_to",
    "emulated_cloud",
    "html_page",
    "instance",
    "line_device",
    "load_world",
    "many_instances",
    "one_instance",
    "save_world",
    "too_many_requests",
    "two_regions",
]
