"""In which bases the terms of observables are measured."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.quantum_info import PauliList
from qiskit.transpiler import Target

from .light_cones import Wires


class Basis(NamedTuple):
    """What can be measured at once."""

    letters: str
    """X, Y or Z for each qubit, the highest first; I where nothing is measured."""
    terms: tuple[str, ...]
    """The terms whose values follow."""


@lru_cache(maxsize=256)
def choose_bases(terms: tuple[str, ...]) -> tuple[Basis, ...]:
    """Return few bases in which all terms are measured, each in one: those that commute qubit by qubit share one."""
    groups = PauliList(list(terms)).group_commuting(qubit_wise=True)
    return tuple(Basis(_join(labels), tuple(labels)) for labels in (group.to_labels() for group in groups))


def split_by_cones(basis: Basis, wires: Wires) -> list[Basis]:
    """Return the terms of a basis in groups, each with those terms whose light cones lie in that of one of them.

    Source: behaviour B252.
    """
    cones = {term: frozenset(wires.cone_of(measured_qubits(term)).qubits) for term in basis.terms}
    groups: dict[frozenset[int], list[str]] = {}
    for term in sorted(basis.terms, key=lambda term: -len(cones[term])):
        around = next((cone for cone in groups if cones[term] <= cone), cones[term])
        groups.setdefault(around, []).append(term)
    return [Basis(_join(terms), tuple(terms)) for terms in groups.values()]


def _join(labels: Sequence[str]) -> str:
    """Return the letter that any of the labels has at each place, or I."""
    return "".join(max(letters) for letters in zip(*labels, strict=True))


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


def measured_qubits(letters: str) -> list[int]:
    """Return the qubits that a text of I, X, Y and Z says something of."""
    return [qubit for qubit, letter in enumerate(reversed(letters)) if letter != "I"]
