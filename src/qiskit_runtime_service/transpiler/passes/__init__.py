"""The door to passes for Qiskit's pass managers, where IBM's users look for them."""

from ..._doors import open_doors
from ...passes.clifford import ConvertISAToClifford
from ...passes.decoupling import PadDynamicalDecoupling
from ...passes.id_to_delay import ConvertIdToDelay
from ...passes.mid_circuit import ConvertToMidCircuitMeasure, ConvertToMidCircuitResetAndMeasure
from ...passes.padding import PadDelay
from ...passes.rzz_folding import FoldRzzAngle
from ...passes.scheduling import ASAPScheduleAnalysis

__all__ = [
    "ASAPScheduleAnalysis",
    "ConvertISAToClifford",
    "ConvertIdToDelay",
    "ConvertToMidCircuitMeasure",
    "ConvertToMidCircuitResetAndMeasure",
    "FoldRzzAngle",
    "PadDelay",
    "PadDynamicalDecoupling",
]

open_doors(__name__)
