"""Identity gates as what they are on a device: a wait."""

from collections.abc import Mapping

from qiskit.circuit import ControlFlowOp, Delay, Qubit
from qiskit.converters import circuit_to_dag, dag_to_circuit
from qiskit.dagcircuit import DAGCircuit
from qiskit.transpiler import InstructionDurations
from qiskit.transpiler.basepasses import TransformationPass

from .._public import public


@public("transpiler.passes")
class ConvertIdToDelay(TransformationPass):
    """Make each `id` a delay that lasts as long as a gate does on that qubit, inside of control flow too.

    Args:
        durations: How long gates last, such as `backend.target.durations()`.
        gate: The name of the gate.

    Source: behaviour B463.
    """

    def __init__(self, durations: InstructionDurations, gate: str = "sx") -> None:
        super().__init__()
        self._durations = durations
        self._gate = gate

    def run(self, dag: DAGCircuit) -> DAGCircuit:
        """Change the identities of a circuit.

        Raises:
            TranspilerError: It is not known how long the gate lasts on a qubit.
        """
        return self._change(dag, {qubit: place for place, qubit in enumerate(dag.qubits)})

    def _change(self, dag: DAGCircuit, places: Mapping[Qubit, int]) -> DAGCircuit:
        """Change a circuit, or the body of control flow, whose qubits have places on the device."""
        for node in dag.op_nodes():
            if node.name == "id":
                duration = self._durations.get(self._gate, [places[node.qargs[0]]], unit="dt")
                dag.substitute_node(node, Delay(duration, "dt"), inplace=True)
            elif isinstance(node.op, ControlFlowOp):
                bodies = []
                for body in node.op.blocks:
                    within = {inner: places[outer] for inner, outer in zip(body.qubits, node.qargs, strict=True)}
                    bodies.append(dag_to_circuit(self._change(circuit_to_dag(body), within)))
                dag.substitute_node(node, node.op.replace_blocks(bodies), inplace=True)
        return dag
