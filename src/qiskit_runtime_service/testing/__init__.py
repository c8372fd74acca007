"""What users need to test their programs: an emulated cloud and ready worlds for it."""

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

__all__ = [
    "API_KEY",
    "EmulatedTransport",
    "device_from_row",
    "door_to",
    "emulated_cloud",
    "line_device",
    "many_instances",
    "one_instance",
    "two_regions",
]
