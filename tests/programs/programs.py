"""Quantum programs to test with."""

from typing import Any

import numpy as np
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import PauliLindbladMap
from samplomatic import InjectNoise, Twirl, build
from samplomatic.samplex import Samplex
from samplomatic.transpiler import generate_boxing_pass_manager

from qiskit_runtime_service import QuantumProgram

MAP = PauliLindbladMap.from_sparse_list([("XX", (0, 1), 0.25), ("Z", (1,), 0.5)], num_qubits=2)
OPTIONS: dict[str, Any] = {
    "init_qubits": True,
    "rep_delay": None,
    "scheduler_timing": False,
    "stretch_values": False,
    "experimental": {},
}


def plain(*angles: Any, width: int = 2) -> QuantumCircuit:
    """Return a state of two qubits, measured into `c`."""
    circuit = QuantumCircuit(width, name="plain", metadata={"who": "me"})
    circuit.add_register(ClassicalRegister(2, "c"))
    circuit.sx(0)
    for qubit, angle in enumerate(angles):
        circuit.rz(angle, qubit % width)
    circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def turned() -> QuantumCircuit:
    """Return a state that has one parameter."""
    return plain(Parameter("a"))


def boxed(circuit: QuantumCircuit | None = None, **more: Any) -> tuple[QuantumCircuit, Samplex]:
    """Return the template and the samplex of a circuit, all of it twirled."""
    boxing = {"enable_gates": True, "enable_measures": True, **more}
    return build(generate_boxing_pass_manager(**boxing).run(circuit or turned()))


def noisy() -> tuple[QuantumCircuit, Samplex]:
    """Return a template and its samplex with noise that is injected."""
    circuit = QuantumCircuit(2)
    circuit.add_register(ClassicalRegister(2, "c"))
    with circuit.box([Twirl(), InjectNoise("ref", "mod")]):
        circuit.cz(0, 1)
    with circuit.box([Twirl()]):
        circuit.measure([0, 1], [0, 1])
    return build(circuit)


def every_kind() -> QuantumProgram:
    """Return a program with an item of each kind, and a tree."""
    program = QuantumProgram(7, meas_level="both", passthrough_data={"a": [1, np.arange(3.0)], "b": None})
    program.append_circuit_item(turned(), np.arange(6.0).reshape(2, 3, 1), chunk_size=2)
    program.append_samplex_item(*boxed(), {"parameter_values": np.zeros((3, 1))}, shape=(4, 3), chunk_size=3)
    arguments = {"noise_scales.mod": np.array([[1.0], [-2.5]]), "pauli_lindblad_maps": {"ref": MAP}}
    program.append_samplex_item(*noisy(), arguments, shape=(2, 4), chunk_size=5)
    program.semantic_role = "somebody"
    return program
