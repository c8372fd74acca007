"""Angles of `rzz` within what devices are calibrated for."""

from qiskit.circuit import Parameter
from qiskit.circuit.library import RZZGate
from qiskit.transpiler import Target
from qiskit.transpiler.passes import WrapAngles

from .._public import public
from ..bridge.target import RZZ_BOUNDS


@public("transpiler.passes")
class FoldRzzAngle(WrapAngles):
    """Write each `rzz` whose angle is not between 0 and π/2 with one whose angle is, and with `x` and `rz`.

    The circuit stays what it is, global phase included, and so do angles that are not bound yet. `transpile` does this
    by itself for backends of this package.

    Source: behaviour B461.
    """

    def __init__(self) -> None:
        target = Target()
        target.add_instruction(RZZGate(Parameter("angle")), angle_bounds=RZZ_BOUNDS)
        super().__init__(target)
