"""In which order the instructions of a dynamic circuit are scheduled, so that it falls into few blocks."""

from collections.abc import Iterable, Iterator, Mapping

from qiskit.circuit import ControlFlowOp
from qiskit.dagcircuit import DAGCircuit, DAGOpNode


def block_order_op_nodes(dag: DAGCircuit) -> Iterator[DAGOpNode]:
    """Yield the nodes of a circuit in a topological order that keeps its blocks few and long.

    It goes by rounds. First come the gates that must, then at once all measurements and resets before which there is
    nothing but gates, then all control flow of which that is true. A gate must come if something else than a gate,
    or the direct successor of what is done in the round, waits for it. All others wait for a later block.

    Source: behaviour B457.
    """
    # Dictionaries, for sets have no order.
    waits_for = {node: operations(dag.predecessors(node)) for node in dag.topological_op_nodes()}
    while waits_for:
        free = find_free(waits_for)
        batch = [node for node in free if is_readout(node)] + [node for node in free if is_control_flow(node)]
        successors = {successor for node in batch for successor in dag.successors(node)}
        needed = find_needed(waits_for, successors)
        gates = [node for node in free if is_gate(node) and (node in needed or not batch)]
        for node in gates + batch:
            del waits_for[node]
            yield node


def operations(nodes: Iterable[object]) -> list[DAGOpNode]:
    """Keep what is an operation among nodes."""
    return [node for node in nodes if isinstance(node, DAGOpNode)]


def is_readout(node: DAGOpNode) -> bool:
    """Tell whether a node is what a device does on many qubits at once: a measurement or a reset."""
    return node.name in {"measure", "reset"}


def is_control_flow(node: DAGOpNode) -> bool:
    """Tell whether a node is control flow."""
    return isinstance(node.op, ControlFlowOp)


def is_gate(node: DAGOpNode) -> bool:
    """Tell whether a node is neither of these: a gate, a barrier, a delay."""
    return not is_readout(node) and not is_control_flow(node)


def find_free(waits_for: Mapping[DAGOpNode, Iterable[DAGOpNode]]) -> dict[DAGOpNode, None]:
    """Return the nodes that wait for nothing but gates, in order."""
    free: dict[DAGOpNode, None] = {}
    for node, predecessors in waits_for.items():
        if all(before not in waits_for or (is_gate(before) and before in free) for before in predecessors):
            free[node] = None
    return free


def find_needed(waits_for: Mapping[DAGOpNode, Iterable[DAGOpNode]], successors: Iterable[DAGOpNode]) -> set[DAGOpNode]:
    """Return what must be done before something else than a gate, or before one of the successors."""
    needed: set[DAGOpNode] = set()
    wanted = set(successors)
    for node in reversed(waits_for):
        if node in needed or node in wanted or not is_gate(node):
            needed.update(waits_for[node])
    return needed
