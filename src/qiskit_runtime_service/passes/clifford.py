"""The Clifford circuit next to a circuit."""

import math
import random

from qiskit.circuit import ParameterExpression
from qiskit.dagcircuit import DAGCircuit
from qiskit.transpiler.basepasses import TransformationPass

from .._public import public

_KEPT = frozenset({"barrier", "cx", "cz", "ecr", "id", "measure", "sx", "x"})
_TURNS = frozenset({"rx", "rz", "rzz"})


@public("transpiler.passes")
class ConvertISAToClifford(TransformationPass):
    """Make a circuit of a device a Clifford circuit: angles of `rz`, `rx` and `rzz` become multiples of π/2.

    They are rounded, halves up. One that is not bound becomes 0, π/2, π or 3π/2 at random, each gate by itself.

    Args:
        seed: For angles that are not bound.

    Source: behaviour B462.
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__()
        self._dice = random.Random(seed)  # noqa: S311  # it hides nothing

    def run(self, dag: DAGCircuit) -> DAGCircuit:
        """Change the angles of a circuit.

        Raises:
            ValueError: There is an instruction of another kind in it, control flow included.
        """
        for node in dag.topological_op_nodes():
            if node.name in _TURNS:
                (angle,) = node.op.params
                quarters = (
                    self._dice.randrange(4)
                    if isinstance(angle, ParameterExpression)
                    else math.floor(angle / (math.pi / 2) + 0.5)
                )
                dag.substitute_node(node, type(node.op)(quarters * (math.pi / 2)), inplace=True)
            elif node.name not in _KEPT:
                kinds = ", ".join(sorted(_KEPT | _TURNS))
                raise ValueError(
                    f"The circuit has an instruction {node.name!r}. It may have only {kinds}: "
                    "transpile it for a device before."
                )
        return dag
