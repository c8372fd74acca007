"""Circuits and targets on their active qubits alone: simulating idle ones takes long and changes nothing."""

from collections.abc import Sequence

from qiskit import QuantumCircuit
from qiskit.circuit import QuantumRegister
from qiskit.providers import QubitProperties
from qiskit.transpiler import Target


def active_qubits(circuit: QuantumCircuit) -> tuple[int, ...]:
    """Return the qubits that something other than a barrier or a delay acts on, in order."""
    place = {qubit: index for index, qubit in enumerate(circuit.qubits)}
    used = {qubit for step in circuit.data if step.name not in ("barrier", "delay") for qubit in step.qubits}
    return tuple(sorted(place[qubit] for qubit in used))


def shrink_circuit(circuit: QuantumCircuit, active: Sequence[int]) -> QuantumCircuit:
    """Return the circuit on its active qubits alone, with the same classical bits, registers and variables."""
    small = QuantumCircuit(QuantumRegister(len(active), "q"), name=circuit.name)
    small.add_bits(circuit.clbits)
    small.add_register(*circuit.cregs)
    for variable in circuit.iter_declared_vars():
        small.add_uninitialized_var(variable)
    place = {circuit.qubits[index]: small.qubits[position] for position, index in enumerate(active)}
    for step in circuit.data:
        kept = [place[qubit] for qubit in step.qubits if qubit in place]
        if len(kept) == len(step.qubits):
            small.append(step.replace(qubits=kept), copy=False)
        elif kept:
            # Only a barrier reaches beyond the active qubits.
            small.barrier(kept)
    return small


def shrink_target(target: Target, active: Sequence[int]) -> Target:
    """Return the target of a device that has the active qubits alone, numbered from 0."""
    place = {index: position for position, index in enumerate(active)}
    small = Target(
        num_qubits=len(active),
        dt=target.dt,
        granularity=target.granularity,
        min_length=target.min_length,
        pulse_alignment=target.pulse_alignment,
        acquire_alignment=target.acquire_alignment,
        qubit_properties=_qubit_properties(target, active),
    )
    for name in target.operation_names:
        places = target[name]
        kept = (
            None
            if None in places
            else {
                tuple(place[index] for index in where): properties
                for where, properties in places.items()
                if all(index in place for index in where)
            }
        )
        small.add_instruction(target.operation_from_name(name), kept, name=name)
    return small


def _qubit_properties(target: Target, active: Sequence[int]) -> list[QubitProperties]:
    """Return what is known of the active qubits. Aer warns about a device that says nothing at all."""
    known = target.qubit_properties or {}
    return [known[index] if known else QubitProperties() for index in active]
