"""Where each name for tests lives, for editors, type checkers, and `__init__.py`, which loads it from there."""

from ..cassettes.inspection import check_cassette as check_cassette
from ..cassettes.inspection import compare_cassettes as compare_cassettes
from ..cassettes.play import CassetteTransport as CassetteTransport
from ..cassettes.play import replay as replay
from ..cassettes.record import RecordingTransport as RecordingTransport
from ..cassettes.record import record as record
from ..client.clock import SystemClock as SystemClock
from ..emulator.coherent_noise import CoherentNoise as CoherentNoise
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
from ..emulator.queues import DeviceQueue as DeviceQueue
from ..emulator.queues import DrawnQueue as DrawnQueue
from ..emulator.queues import FixedQueue as FixedQueue
from ..emulator.worlds import API_KEY as API_KEY
from ..simulator.cloud import Simulation as Simulation
from ..simulator.cloud import describe_device as describe_device
from ..simulator.worker import Worker as Worker
from ..transport.emulated import EmulatedTransport as EmulatedTransport
from .admission import DoorLimits as DoorLimits
from .checked import broken as broken
from .checked import build_world as build_world
from .checked import busy as busy
from .checked import device_from_row as device_from_row
from .checked import html_page as html_page
from .checked import instance as instance
from .checked import line_device as line_device
from .checked import many_instances as many_instances
from .checked import one_instance as one_instance
from .checked import recalibrated as recalibrated
from .checked import too_many_requests as too_many_requests
from .checked import two_regions as two_regions
from .checked_cloud import emulated_cloud as emulated_cloud
from .door import door_to as door_to
from .sent import SentRequests as SentRequests
from .world_file import load_world as load_world
from .world_file import save_world as save_world

__all__: list[str]
