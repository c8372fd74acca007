"""Where each name for tests lives, for editors, type checkers, and `__init__.py`, which loads it from there."""

from ..cassettes.inspection import check_cassette as check_cassette
from ..cassettes.inspection import compare_cassettes as compare_cassettes
from ..cassettes.play import CassetteTransport as CassetteTransport
from ..cassettes.play import replay as replay
from ..cassettes.record import RecordingTransport as RecordingTransport
from ..cassettes.record import record as record
from ..client.clock import SystemClock as SystemClock
from ..emulator.building import broken as broken
from ..emulator.building import build_world as build_world
from ..emulator.building import busy as busy
from ..emulator.building import instance as instance
from ..emulator.faults import Drip as Drip
from ..emulator.faults import Fault as Fault
from ..emulator.faults import Garble as Garble
from ..emulator.faults import Lost as Lost
from ..emulator.faults import Misstate as Misstate
from ..emulator.faults import Revoke as Revoke
from ..emulator.faults import Stall as Stall
from ..emulator.faults import Status as Status
from ..emulator.faults import Truncate as Truncate
from ..emulator.faults import Unreachable as Unreachable
from ..emulator.faults import html_page as html_page
from ..emulator.faults import too_many_requests as too_many_requests
from ..emulator.queues import DeviceQueue as DeviceQueue
from ..emulator.queues import DrawnQueue as DrawnQueue
from ..emulator.queues import FixedQueue as FixedQueue
from ..emulator.worlds import API_KEY as API_KEY
from ..emulator.worlds import device_from_row as device_from_row
from ..emulator.worlds import line_device as line_device
from ..emulator.worlds import many_instances as many_instances
from ..emulator.worlds import one_instance as one_instance
from ..emulator.worlds import recalibrated as recalibrated
from ..emulator.worlds import two_regions as two_regions
from ..simulator.cloud import Simulation as Simulation
from ..simulator.cloud import describe_device as describe_device
from ..simulator.cloud import emulated_cloud as emulated_cloud
from ..simulator.worker import Worker as Worker
from ..transport.emulated import EmulatedTransport as EmulatedTransport
from .admission import DoorLimits as DoorLimits
from .door import door_to as door_to
from .sent import SentRequests as SentRequests
from .world_file import load_world as load_world
from .world_file import save_world as save_world

__all__: list[str]
