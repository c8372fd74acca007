"""Measurements and resets in the middle of a circuit, as instructions of their own."""

from qiskit.dagcircuit import DAGCircuit, DAGOpNode
from qiskit.transpiler import Target
from qiskit.transpiler.basepasses import TransformationPass

from .._public import public
from .._warn import warn_user
from .block_order import operations


class _Replace(TransformationPass):
    """What both passes are: `measure` and `reset` that are not the last on their qubits become others."""

    def __init__(self, target: Target, others: dict[str, str]) -> None:
        """Check the names.

        Args:
            target: Of the device.
            others: What each becomes, by name.

        Raises:
            ValueError: A name does not begin with what it replaces, or the target does not have it.
        """
        super().__init__()
        for name, other in others.items():
            if not other.startswith(name):
                raise ValueError(f"{other!r} is no name of a {name}: it must begin with {name!r}.")
            if other not in target.operation_names:
                raise ValueError(
                    f"The target has no {other!r}. It has {', '.join(sorted(target.operation_names))}. "
                    "Choose a backend that supports it."
                )
        self._target = target
        self._others = others

    def run(self, dag: DAGCircuit) -> DAGCircuit:
        """Replace what is not last, outside of control flow; warn of qubits on which the target has no other."""
        for name, other in self._others.items():
            for node in not_last(dag, name):
                places = tuple(dag.find_bit(qubit).index for qubit in node.qargs)
                if self._target.instruction_supported(other, places):
                    dag.substitute_node(node, self._target.operation_from_name(other), inplace=True)
                else:
                    warn_user(f"The target has no {other!r} on qubit {places[0]}, so that {name!r} stays there.")
        return dag


def not_last(dag: DAGCircuit, name: str) -> list[DAGOpNode]:
    """Return the instructions of a name after which something else is done to their qubit, a barrier included."""
    last: set[DAGOpNode] = set()
    others = []
    for node in reversed(list(dag.topological_op_nodes())):
        if node.name == name:
            if all(next_ in last for next_ in operations(dag.quantum_successors(node))):
                last.add(node)
            else:
                others.append(node)
    return others


@public("transpiler.passes")
class ConvertToMidCircuitMeasure(_Replace):
    """Replace each `measure` that is not the last on its qubit with another instruction of the device.

    Args:
        target: Of the device.
        mcm_name: Name of the other instruction.

    Raises:
        ValueError: The name does not begin with `measure`, or the target does not have it.

    Source: behaviour B463.
    """

    def __init__(self, target: Target, mcm_name: str = "measure_2") -> None:
        super().__init__(target, {"measure": mcm_name})


@public("transpiler.passes")
class ConvertToMidCircuitResetAndMeasure(_Replace):
    """Replace each `measure` and each `reset` that is not the last on its qubit with others of the device.

    Args:
        target: Of the device.
        mcm_name: Name of what replaces `measure`.
        mcr_name: Name of what replaces `reset`.

    Raises:
        ValueError: A name does not begin with what it replaces, or the target does not have it.

    Source: behaviour B463.
    """

    def __init__(self, target: Target, mcm_name: str = "measure_2", mcr_name: str = "reset_2") -> None:
        super().__init__(target, {"measure": mcm_name, "reset": mcr_name})
