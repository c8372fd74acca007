"""How long instructions last on a device, in dt."""

from collections.abc import Sequence

from qiskit.circuit import Delay, Instruction, ParameterExpression
from qiskit.dagcircuit import DAGCircuit
from qiskit.transpiler import Target, TranspilerError
from qiskit.transpiler.passes import TimeUnitConversion


class Timing:
    """What a target says of durations."""

    def __init__(self, target: Target | None) -> None:
        """Read a target.

        Raises:
            TranspilerError: There is none, or it does not say how long a dt is.
        """
        if target is None:
            raise TranspilerError("Nothing says how long instructions last. Give a target: target=backend.target.")
        if target.dt is None:
            raise TranspilerError("The target does not say how long a dt is. Set it in seconds: target.dt = 1e-9.")
        self._target = target
        self._durations = target.durations()

    def count_delays(self, dag: DAGCircuit) -> DAGCircuit:
        """Return a circuit whose delays, but for those inside of control flow, are whole numbers of dt.

        Raises:
            TranspilerError: A delay depends on a parameter or stretches.
        """
        conversion = TimeUnitConversion(target=self._target)
        counted = conversion.run(dag)
        stretches = conversion.property_set["time_unit"] == "stretch"
        for node in counted.op_nodes(op=Delay):
            if stretches or isinstance(node.op.duration, ParameterExpression):
                raise TranspilerError(
                    f"Nobody knows yet how long {node.op.duration} is, for which a delay lasts. "
                    "Bind parameters before you schedule: circuit.assign_parameters(values); "
                    "what stretches is scheduled by the service."
                )
        return counted

    def duration(self, operation: Instruction, qubits: Sequence[int]) -> int:
        """Return how long an operation on some qubits of the device lasts; 0 for what acts on no qubit.

        Raises:
            TranspilerError: The target does not say.
        """
        if isinstance(operation, Delay):
            return int(operation.duration)
        return int(self._durations.get(operation, list(qubits), unit="dt")) if qubits else 0


def check_physical(dag: DAGCircuit, name: str) -> None:
    """Check that a circuit is laid out on a device, for a pass of some name.

    Raises:
        TranspilerError: It is not.
    """
    if dag.qregs.keys() != {"q"}:
        raise TranspilerError(
            f"{name} needs a circuit on the qubits of a device, in one register `q`, and has "
            f"{', '.join(dag.qregs) or 'none'}. Transpile the circuit for the device before."
        )
