"""The door to passes that schedule dynamic circuits and fill their idle time, where IBM's users look for them."""

from ...._doors import open_doors
from ....passes.decoupling import PadDynamicalDecoupling
from ....passes.padding import BlockBasePadder, PadDelay
from ....passes.scheduling import ALAPScheduleAnalysis, ASAPScheduleAnalysis

__all__ = ["ALAPScheduleAnalysis", "ASAPScheduleAnalysis", "BlockBasePadder", "PadDelay", "PadDynamicalDecoupling"]

open_doors(__name__)
