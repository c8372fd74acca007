"""Circuits that measure in a basis, and bases in parts that few qubits decide."""

import math

from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.transpiler import Target

from ..bridge.measurement_bases import Basis, join_letters, measured_qubits
from .light_cones import Wires


def split_by_cones(basis: Basis, wires: Wires) -> list[Basis]:
    """Return the terms of a basis in groups, each with those terms whose light cones lie in that of one of them.

    Source: behaviour B252.
    """
    cones = {term: frozenset(wires.cone_of(measured_qubits(term)).qubits) for term in basis.terms}
    groups: dict[frozenset[int], list[str]] = {}
    for term in sorted(basis.terms, key=lambda term: -len(cones[term])):
        around = next((cone for cone in groups if cones[term] <= cone), cones[term])
        groups.setdefault(around, []).append(term)
    return [Basis(join_letters(terms), tuple(terms)) for terms in groups.values()]


def measure_in(circuit: QuantumCircuit, letters: str, target: Target) -> QuantumCircuit:
    """Return `circuit` with measurements in a basis behind it, lowest qubit first, in a register of their own.

    The basis is changed with the gates of the device where it has `rz` and `sx`, so that their errors count.
    """
    whole = circuit.copy()
    measured = measured_qubits(letters)
    whole.add_register(ClassicalRegister(len(measured)))
    native = {"rz", "sx"} <= set(target.operation_names)
    for bit, qubit in enumerate(measured):
        match letters[-1 - qubit], native:
            case "X", True:
                whole.rz(math.pi / 2, qubit)
                whole.sx(qubit)
            case "Y", True:
                whole.sx(qubit)
            case "X", False:
                whole.h(qubit)
            case "Y", False:
                whole.sdg(qubit)
                whole.h(qubit)
            case _:
                pass
        whole.measure(qubit, circuit.num_clbits + bit)
    return whole
