"""What decides a bit, in parts: small circuits, whose every distribution and value is known from the whole state."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import IfElseOp, SwitchCaseOp
from qiskit.circuit.classical import expr
from qiskit.quantum_info import Pauli, Statevector

from qiskit_runtime_service.bridge.measurement_bases import choose_bases
from qiskit_runtime_service.simulator.bases import split_by_cones
from qiskit_runtime_service.simulator.light_cones import Part, Wires

from ..support.examples import examples

WIDTH = 7
steps = st.tuples(
    st.sampled_from(["h", "t", "rx", "cx", "cz", "rzz", "swap", "barrier"]),
    st.permutations(range(WIDTH)),
    st.floats(-3, 3),
)


@st.composite
def circuits(draw: st.DrawFn) -> QuantumCircuit:
    """Return gates, few enough to leave some qubits apart."""
    circuit = QuantumCircuit(WIDTH, WIDTH)
    for name, order, angle in draw(st.lists(steps, max_size=10)):
        match name:
            case "cx" | "cz" | "swap":
                getattr(circuit, name)(*order[:2])
            case "rzz":
                circuit.rzz(angle, *order[:2])
            case "rx":
                circuit.rx(angle, order[0])
            case "barrier":
                circuit.barrier(order[:3])
            case _:
                getattr(circuit, name)(order[0])
    return circuit


def chances(circuit: QuantumCircuit, qubits: list[int]) -> NDArray[np.float64]:
    """Return how likely the outcomes of some qubits are, the first of them lowest."""
    found: NDArray[np.float64] = Statevector(circuit).probabilities(qubits)
    return found


def bare(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the gates alone, which come first."""
    gates = circuit.copy_empty_like()
    for step in circuit.data:
        if step.name != "measure":
            gates.append(step)
    return gates


@pytest.mark.holds("B252")
@settings(max_examples=examples(60))
@given(circuits(), st.permutations(range(WIDTH)), st.integers(1, WIDTH))
def test_parts_have_the_distribution_of_the_whole(gates: QuantumCircuit, order: list[int], number: int) -> None:
    measured = order[:number]
    circuit = gates.copy()
    circuit.measure(measured, range(number))
    parts = Wires(circuit).parts_that_decide(range(number))
    whole = chances(gates, measured)
    # Bit by bit, the lowest first: each part has some bits, and the parts together have them all once.
    bits = [bit for part in parts for bit in part.bits]
    assert sorted(bits) == list(range(number))
    found: NDArray[Any] = np.ones(1)
    for part in parts:
        qubits = [part.qubits.index(measured[bit]) for bit in part.bits]
        found = np.kron(chances(bare(Wires(circuit).build(part)), qubits), found)
    again = [sum((outcome >> place & 1) << bit for place, bit in enumerate(bits)) for outcome in range(2**number)]
    assert np.allclose(whole[again], found)


@pytest.mark.holds("B252")
@settings(max_examples=examples(60))
@given(circuits(), st.text("IXYZ", min_size=WIDTH, max_size=WIDTH))
def test_a_light_cone_has_the_value_of_the_whole(circuit: QuantumCircuit, label: str) -> None:
    wires = Wires(circuit)
    cone = wires.cone_of([qubit for qubit in range(WIDTH) if label[-1 - qubit] != "I"])
    inside = "".join(label[-1 - qubit] for qubit in reversed(cone.qubits))
    wanted = Statevector(circuit).expectation_value(Pauli(label))
    found = Statevector(wires.build(cone)).expectation_value(Pauli(inside)) if inside else 1.0
    assert math.isclose(wanted.real, complex(found).real, abs_tol=1e-9)
    assert len(cone.qubits) <= WIDTH


@pytest.mark.holds("B252")
@given(circuits(), st.lists(st.text("IZ", min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=6, unique=True))
def test_terms_are_kept_when_a_basis_is_split(circuit: QuantumCircuit, labels: list[str]) -> None:
    (basis,) = choose_bases(tuple(labels))
    groups = split_by_cones(basis, Wires(circuit))
    assert sorted(term for group in groups for term in group.terms) == sorted(labels)
    assert all(
        letter in ("I", seen)
        for group in groups
        for term in group.terms
        for letter, seen in zip(term, group.letters, strict=True)
    )


def parts_of(circuit: QuantumCircuit, *bits: int) -> list[Part]:
    return Wires(circuit).parts_that_decide(bits or range(circuit.num_clbits))


def chain() -> QuantumCircuit:
    """Return a row of qubits, each joined to the next, one after the other."""
    circuit = QuantumCircuit(12, 12)
    for qubit in range(11):
        circuit.cx(qubit, qubit + 1)
    circuit.barrier()
    circuit.measure(range(12), range(12))
    return circuit


def test_what_is_after_has_no_effect() -> None:
    circuit = chain()
    circuit.x(0)
    circuit.cx(0, 3)
    assert [part.qubits for part in parts_of(circuit)] == [tuple(range(12))]
    # Of the first two bits, only the first two gates decide; barriers join nothing.
    assert parts_of(circuit, 0, 1) == [Part((0, 1, 12, 13), (0, 1, 2), (0, 1))]


def test_nothing_decides_bits_that_are_not_measured() -> None:
    circuit = QuantumCircuit(3, 2)
    circuit.h(0)
    circuit.cx(0, 1)
    assert parts_of(circuit) == []


def wide_pairs(joined: bool = False) -> QuantumCircuit:
    """Return two groups of six qubits; a bit of the first is written, and read before the last gate of the second."""
    circuit = QuantumCircuit(12, 12)
    for first in (0, 6):
        for qubit in range(first, first + 5):
            circuit.cx(qubit, qubit + 1)
    circuit.measure(0, 0)
    if joined:
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.x(11)
    circuit.measure(range(1, 12), range(1, 12))
    return circuit


def test_parts_are_joined_by_bits_that_are_read() -> None:
    assert [part.qubits for part in parts_of(wide_pairs())] == [tuple(range(6)), tuple(range(6, 12))]
    assert [part.qubits for part in parts_of(wide_pairs(joined=True))] == [tuple(range(12))]


@pytest.mark.parametrize("way", ["register", "expression", "switch on a bit", "switch on a register"])
def test_a_condition_joins_whatever_its_form(way: str) -> None:
    circuit = wide_pairs()
    body = QuantumCircuit(1)
    body.x(0)
    register = ClassicalRegister(bits=circuit.clbits[:2], name="both")
    circuit.add_register(register)
    operation = {
        "register": lambda: IfElseOp((register, 1), body),
        "expression": lambda: IfElseOp(expr.lift(circuit.clbits[0]), body),
        "switch on a bit": lambda: SwitchCaseOp(circuit.clbits[0], [(1, body)]),
        "switch on a register": lambda: SwitchCaseOp(register, [(1, body)]),
    }[way]()
    # Nothing but the condition names the bits.
    circuit.append(operation, [11], [])
    circuit.measure(11, 11)
    assert [part.qubits for part in parts_of(circuit)] == [tuple(range(12))]


def test_decisions_that_no_bit_depends_on_are_left_out() -> None:
    circuit = QuantumCircuit(4, 4)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    with circuit.switch(circuit.clbits[0]) as case, case(1):
        circuit.x(2)
    with circuit.if_test((circuit.clbits[0], 1)), circuit.if_test((circuit.clbits[1], 0)):
        circuit.measure(3, 3)
    circuit.measure(2, 2)
    circuit.measure(0, 0)
    # The first one changes a qubit that nobody looks at; the others one that is measured, or a bit.
    assert parts_of(circuit) == [Part((0, 2, 3, 4, 5), (0, 2, 3), (0, 1, 2, 3))]


def test_loops_on_bits_that_are_asked_for_stay_whatever_they_change() -> None:
    circuit = QuantumCircuit(2, 1)
    circuit.measure(0, 0)
    with circuit.while_loop((circuit.clbits[0], 1)):
        circuit.x(1)
    assert parts_of(circuit) == [Part((0, 1), (0, 1), (0,))]


def test_a_loop_on_no_qubits_is_a_part_too() -> None:
    circuit = QuantumCircuit(1, 2)
    with circuit.while_loop((circuit.clbits[1], 1)):
        pass
    circuit.measure(0, 0)
    assert parts_of(circuit) == [Part((0, 1), (0,), (0, 1))]


def test_variables_keep_a_circuit_whole() -> None:
    circuit = wide_pairs()
    circuit.add_var("flag", expr.lift(False))
    (part,) = parts_of(circuit, 11)
    assert part.qubits == tuple(range(12))
    assert Wires(circuit).build(part) is circuit


def test_small_parts_go_together() -> None:
    circuit = QuantumCircuit(9, 9)
    for first in (0, 3, 6):
        circuit.h(first)
        circuit.cx(first, first + 1)
    circuit.measure(range(9), range(9))
    # Pairs of two, and three qubits alone.
    assert [len(part.qubits) for part in parts_of(circuit)] == [5, 4]
    assert sorted(qubit for part in parts_of(circuit) for qubit in part.qubits) == list(range(9))


def test_a_part_is_built_with_all_bits_and_registers_in_the_order_that_is_asked_for() -> None:
    circuit = wide_pairs()
    wires = Wires(circuit)
    part = wires.parts_that_decide([11])[0]
    built = wires.build(part, [5, 4, 3, 2, 1, 0])
    assert (built.num_qubits, built.clbits, built.cregs) == (6, circuit.clbits, circuit.cregs)
    assert [[built.find_bit(qubit).index for qubit in step.qubits] for step in built.data] == [
        [5, 4],
        [4, 3],
        [3, 2],
        [2, 1],
        [1, 0],
        [0],
    ]
