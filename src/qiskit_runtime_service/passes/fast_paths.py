"""Which branches of a dynamic circuit a device decides without waiting for all of its qubits."""

from qiskit import QuantumCircuit
from qiskit.circuit import Clbit, Delay, Gate, IfElseOp
from qiskit.dagcircuit import DAGCircuit, DAGOpNode

from .block_order import is_control_flow


def find_fast_paths(dag: DAGCircuit) -> set[DAGOpNode]:
    """Find the branches that a device decides on a fast path.

    They are `if_test` with or without `else`, of gates and delays on one qubit, on a bit that was last read of that
    qubit, in the same circuit or body.

    Source: behaviour B459.
    """
    fast: set[DAGOpNode] = set()
    written_by: dict[Clbit, DAGOpNode] = {}
    for node in dag.topological_op_nodes():
        if _is_branch_of_gates(node):
            (bit,) = node.cargs
            before = written_by.get(bit)
            if before is not None and before.name == "measure" and before.qargs == node.qargs:
                fast.add(node)
        written_by.update(dict.fromkeys(_written(node), node))
    return fast


def _is_branch_of_gates(node: DAGOpNode) -> bool:
    """Tell whether a node decides by one bit over gates and delays on one qubit."""
    if not isinstance(node.op, IfElseOp) or len(node.qargs) != 1 or len(node.cargs) != 1:
        return False
    return all(isinstance(step.operation, Gate | Delay) for body in node.op.blocks for step in body.data)


def _written(node: DAGOpNode) -> set[Clbit]:
    """Return the bits of a circuit that a node may write; control flow only reads those that it decides by."""
    if not is_control_flow(node):
        return set(node.cargs)
    return {node.cargs[place] for body in node.op.blocks for place in _places_written(body)}


def _places_written(circuit: QuantumCircuit) -> set[int]:
    """Return the places of the bits that a circuit may write."""
    places: set[int] = set()
    for step in circuit.data:
        bits = [circuit.find_bit(bit).index for bit in step.clbits]
        if step.is_control_flow():
            places.update(bits[place] for body in step.operation.blocks for place in _places_written(body))
        else:
            places.update(bits)
    return places
