"""A device and circuits for it, for the tests of the simulation."""

from itertools import pairwise

from qiskit import QuantumCircuit
from qiskit.circuit import IfElseOp, Measure, Parameter, Reset
from qiskit.circuit.library import CXGate, HGate, RXGate, XGate
from qiskit.providers import QubitProperties
from qiskit.transpiler import InstructionProperties, Target


def device(num_qubits: int = 60, error: float | None = 0.02) -> Target:
    """Return a line of qubits with the same error everywhere; `None` makes it ideal."""
    target = Target(
        num_qubits=num_qubits,
        dt=1e-9,
        qubit_properties=[QubitProperties(t1=1e-4, t2=1e-4)] * num_qubits if error else None,
    )
    properties = InstructionProperties(duration=1e-7, error=error) if error else None
    for gate in (HGate(), XGate(), RXGate(Parameter("t")), Measure(), Reset()):
        target.add_instruction(gate, {(qubit,): properties for qubit in range(num_qubits)})
    target.add_instruction(CXGate(), dict.fromkeys(pairwise(range(num_qubits)), properties))
    target.add_instruction(IfElseOp, name="if_else")
    return target


def ghz(width: int, first: int = 0, num_qubits: int = 60) -> QuantumCircuit:
    circuit = QuantumCircuit(num_qubits, width)
    circuit.h(first)
    for qubit in range(first, first + width - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.barrier()
    circuit.measure(range(first, first + width), range(width))
    return circuit


def conditional() -> QuantumCircuit:
    circuit = QuantumCircuit(60, 2)
    circuit.h(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(9)
    circuit.measure(9, 1)
    return circuit
