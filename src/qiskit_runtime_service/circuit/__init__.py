"""The door to the instructions of IBM's devices that Qiskit has no class for, where IBM's users look for them."""

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)

from .._doors import open_doors
from ..bridge.instructions import MeasureReset, MidCircuitMeasure, MidCircuitReset, XSlowGate

__all__ = ["MeasureReset", "MidCircuitMeasure", "MidCircuitReset", "XSlowGate"]

open_doors(__name__)
