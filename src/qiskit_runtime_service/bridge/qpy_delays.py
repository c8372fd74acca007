"""Delays in QPY, which does not keep their unit: as a constant that has its unit, or in ticks."""

from collections.abc import Callable, Iterable, Sequence

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, Delay, Duration, Instruction, ParameterExpression
from qiskit.circuit.classical import expr

from .inner_circuits import circuits_in, inner_circuits

Change = Callable[[CircuitInstruction, Sequence[int]], Delay]
"""From a delay and its qubits, numbered as in the whole circuit, to the delay in its place."""

_DURATIONS = {"s": Duration.s, "ms": Duration.ms, "us": Duration.us, "ns": Duration.ns, "ps": Duration.ps}


def keep_units(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return a circuit whose delays keep their units in QPY: as constants, which QPY has since version 14.

    Raises:
        TypeError: A delay in seconds follows parameters, so that it is no constant.

    Source: behaviour B260.
    """
    return change_delays(circuit, is_more_than_ticks, _as_constant)


def _as_constant(delay: CircuitInstruction, qubits: Sequence[int]) -> Delay:
    duration, unit = parts_of(delay)
    if unit == "dt" or unit not in _DURATIONS:
        return Delay(duration, unit)
    if isinstance(duration, ParameterExpression):
        raise TypeError(f"The delay of {duration} {unit} on qubit {qubits[0]} has no form in QPY.")
    return Delay(expr.lift(_DURATIONS[unit](duration)))


def read_delays(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return a circuit that was read from QPY with the units of its delays.

    Constants become numbers again. What follows parameters is in ticks, which Qiskit's reader takes for a constant.

    Source: behaviour B260.
    """
    return change_delays(circuit, _was_read_wrong, _as_read)


def _was_read_wrong(delay: CircuitInstruction) -> bool:
    return isinstance(delay.params[0], ParameterExpression | expr.Value)


def _as_read(delay: CircuitInstruction, _: Sequence[int]) -> Delay:
    duration = delay.params[0]
    return Delay(duration, "dt") if isinstance(duration, ParameterExpression) else Delay(*_constant(duration))


# What they share


def change_delays(
    circuit: QuantumCircuit, concerned: Callable[[CircuitInstruction], bool], change: Change
) -> QuantumCircuit:
    """Return a circuit with other delays, also in its blocks and definitions; itself where none is concerned."""
    return _changed(circuit, range(circuit.num_qubits), concerned, change)


def _changed(
    circuit: QuantumCircuit,
    qubits: Sequence[int],
    concerned: Callable[[CircuitInstruction], bool],
    change: Change,
) -> QuantumCircuit:
    if not _has(circuit, concerned):
        return circuit
    place = dict(zip(circuit.qubits, qubits, strict=True))
    whole = circuit.copy_empty_like()
    for step in circuit.data:
        operation = None
        where = [place[bit] for bit in step.qubits]
        if step.name == "delay":
            if concerned(step):
                operation = change(step, where)
                operation.label = step.label
        elif inner := circuits_in(step):
            parts = [_changed(part, where, concerned, change) for part in inner]
            if any(new is not old for new, old in zip(parts, inner, strict=True)):
                operation = _with_parts(step, parts)
        # Steps cannot be replaced in place: Qiskit would count the blocks of control flow wrongly.
        whole.append(step if operation is None else step.replace(operation=operation), copy=False)
    return whole


def _has(circuit: QuantumCircuit, concerned: Callable[[CircuitInstruction], bool]) -> bool:
    if "delay" in circuit.count_ops() and any(concerned(step) for step in circuit.data if step.name == "delay"):
        return True
    return any(_has(inner, concerned) for _, inner in inner_circuits(circuit))


def _with_parts(step: CircuitInstruction, parts: Iterable[QuantumCircuit]) -> Instruction:
    """Return the instruction with other blocks or another definition."""
    operation = step.operation
    if step.is_control_flow():
        return operation.replace_blocks(parts)
    operation = operation.to_mutable()
    (operation.definition,) = parts
    return operation


def is_more_than_ticks(delay: CircuitInstruction) -> bool:
    """Tell whether a delay is not simply a whole number of ticks."""
    return not isinstance(delay.params[0], int)


def parts_of(delay: CircuitInstruction) -> tuple[float | ParameterExpression | expr.Expr, str]:
    """Return duration and unit of a delay, `expr` for what only the device resolves."""
    operation = delay.operation
    duration = operation.duration
    return _constant(duration) if isinstance(duration, expr.Value) else (duration, operation.unit)


def _constant(value: expr.Value) -> tuple[float, str]:
    duration = value.value
    return duration.value(), duration.unit()
