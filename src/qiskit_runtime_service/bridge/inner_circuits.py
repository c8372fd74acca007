"""The circuits inside a circuit: bodies of control flow, and the definitions of instructions that a user has made."""

from collections.abc import Iterator, Sequence

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, ControlledGate, Gate, Instruction, Operation

from .target import STANDARD

_PRIMITIVE = frozenset(("barrier", "break_loop", "continue_loop", "delay", "measure", "reset", "store"))
"""Instructions of Qiskit that are no gates, and have nothing inside."""
_ORDINARY = frozenset((*_PRIMITIVE, *STANDARD))


def is_ordinary(circuit: QuantumCircuit) -> bool:
    """Tell by names alone, at next to no cost, whether all instructions are gates of Qiskit, measurements and the like.

    An instruction of a user's that borrows such a name is met by the encoder: it keeps the units of all delays, and
    raises for what it cannot write.
    """
    ordinary: bool = circuit.count_ops().keys() <= _ORDINARY
    return ordinary


def special_steps(circuit: QuantumCircuit) -> list[CircuitInstruction]:
    """Return the instructions that are no standard gates and may have something inside."""
    if circuit.count_ops().keys() <= _PRIMITIVE:
        return []
    return [step for step in circuit.data if not step.is_standard_gate() and step.name not in _PRIMITIVE]


def inner_circuits(circuit: QuantumCircuit) -> Iterator[tuple[CircuitInstruction, QuantumCircuit]]:
    """Yield the circuits inside a circuit, one level deep, each with the instruction that it is in."""
    for step in special_steps(circuit):
        for inner in circuits_in(step):
            yield step, inner


def circuits_in(step: CircuitInstruction) -> tuple[QuantumCircuit, ...]:
    """Return the bodies or the definition of an instruction."""
    if step.is_standard_gate() or step.name in _PRIMITIVE:
        return ()
    if step.is_control_flow():
        return tuple(step.operation.blocks)
    definition = _own_definition(step.operation)
    return () if definition is None else (definition,)


def _own_definition(operation: Operation) -> QuantumCircuit | None:
    """Return what a user has defined an instruction as; `None` for what Qiskit itself defines."""
    if isinstance(operation, ControlledGate):
        return _own_definition(operation.base_gate)
    if not isinstance(operation, Instruction):
        return None
    kind = operation.base_class
    if kind.__module__.startswith("qiskit.") and kind not in (Gate, Instruction):
        return None
    definition: QuantumCircuit | None = operation.definition
    return definition


def name_step(name: str, qubits: Sequence[int]) -> str:
    """Return the words for an instruction on some qubits."""
    noun = "qubit" if len(qubits) == 1 else "qubits"
    return f"instruction {name!r} on {noun} {', '.join(map(str, qubits))}" if qubits else f"instruction {name!r}"
