"""The table of what Aer can run, against Aer."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import Clbit, Delay, Gate, Measure, Qubit, Reset
from qiskit.circuit.classical import expr, types
from qiskit.circuit.library import (
    Barrier,
    DiagonalGate,
    Initialize,
    MCPhaseGate,
    MCXGate,
    PauliGate,
    UnitaryGate,
    get_standard_gate_name_mapping,
)
from qiskit.quantum_info import Kraus

from qiskit_runtime_service.simulator.aer_support import INSTRUCTIONS, LONGEST, OPERATORS, missing_in_aer, unrolled_size

from ..support.walking import by_aer, walked

OTHERS = {
    "barrier": Barrier(1),
    "delay": Delay(100),
    "measure": Measure(),
    "reset": Reset(),
    "unitary": UnitaryGate([[0, 1], [1, 0]]),
    "diagonal": DiagonalGate([1, -1]),
    "pauli": PauliGate("XZ"),
    "initialize": Initialize([0, 1]),
    "mcx": MCXGate(4),
    "mcphase": MCPhaseGate(0.5, 3),
    "kraus": Kraus([[[0, 1], [1, 0]]]).to_instruction(),
}
UNITARY = sorted(set().union(*INSTRUCTIONS.values()) - {"barrier", "delay", "measure", "reset", "initialize", "kraus"})


def operation_of(name: str) -> Any:
    if name in OTHERS:
        return OTHERS[name]
    gate = get_standard_gate_name_mapping()[name]
    # A quarter turn is a Clifford gate, as the stabilizer method wants it.
    return type(gate)(*[1.5707963267948966] * len(gate.params)) if gate.params else gate


@pytest.mark.holds("B255")
@pytest.mark.parametrize("method", INSTRUCTIONS)
def test_each_method_of_aer_runs_what_the_table_says(method: str) -> None:
    """Each gate is followed by its inverse, so that the outcome is known."""
    circuits = []
    for name in sorted(INSTRUCTIONS[method] - {"initialize"}):
        operation = operation_of(name)
        circuit = QuantumCircuit(5, 5, name=name)
        circuit.x(range(5))
        circuit.append(operation, range(operation.num_qubits), range(operation.num_clbits))
        if name == "csx":
            # Its inverse has no name of its own, and its fourth power does nothing.
            for _ in range(3):
                circuit.append(operation, range(2))
        elif name in UNITARY:
            circuit.append(operation.inverse(), range(operation.num_qubits))
        circuit.measure(range(5), range(5))
        circuits.append(circuit)
    wanted = [{"11110" if circuit.name in {"reset", "kraus"} else "11111": 4} for circuit in circuits]
    names = [circuit.name for circuit in circuits]
    assert dict(zip(names, by_aer(circuits, 4, method=method), strict=True)) == dict(zip(names, wanted, strict=True))


@pytest.mark.parametrize("method", ["statevector", "matrix_product_state"])
def test_these_methods_initialize_qubits(method: str) -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.append(Initialize([0, 1]), [1])
    circuit.measure([0, 1], [0, 1])
    assert by_aer([circuit], 4, method=method) == [{"11": 4}]


CONSTRUCTORS: dict[Any, Callable[..., expr.Expr]] = {
    expr.Unary.Op.BIT_NOT: expr.bit_not,
    expr.Unary.Op.LOGIC_NOT: expr.logic_not,
    expr.Binary.Op.BIT_AND: expr.bit_and,
    expr.Binary.Op.BIT_OR: expr.bit_or,
    expr.Binary.Op.BIT_XOR: expr.bit_xor,
    expr.Binary.Op.LOGIC_AND: expr.logic_and,
    expr.Binary.Op.LOGIC_OR: expr.logic_or,
    expr.Binary.Op.EQUAL: expr.equal,
    expr.Binary.Op.NOT_EQUAL: expr.not_equal,
    expr.Binary.Op.LESS: expr.less,
    expr.Binary.Op.LESS_EQUAL: expr.less_equal,
    expr.Binary.Op.GREATER: expr.greater,
    expr.Binary.Op.GREATER_EQUAL: expr.greater_equal,
}


@pytest.mark.holds("B255")
def test_aer_and_the_walk_evaluate_each_operator_alike_for_all_numbers_of_two_bits() -> None:
    assert frozenset(CONSTRUCTORS) == OPERATORS
    circuits = []
    for (kind, construct), left, right in product(CONSTRUCTORS.items(), range(4), range(4)):
        circuit = QuantumCircuit(5, 5)
        a, b = (
            ClassicalRegister(bits=circuit.clbits[:2], name="a"),
            ClassicalRegister(bits=circuit.clbits[2:4], name="b"),
        )
        circuit.add_register(a, b)
        for qubit in range(4):
            if (left | right << 2) >> qubit & 1:
                circuit.x(qubit)
        circuit.measure(range(4), range(4))
        logical = kind.name.startswith("LOGIC")
        operands = [a[0], b[0]] if logical else [a, b]
        node = construct(*operands[: 1 if isinstance(kind, expr.Unary.Op) else 2])
        with circuit.if_test(node if isinstance(node.type, types.Bool) else expr.equal(node, 1)):
            circuit.x(4)
        circuit.measure(4, 4)
        assert missing_in_aer(circuit) is None
        circuits.append(circuit)
    assert [walked(circuit, 1) for circuit in circuits] == by_aer(circuits, 1)


def with_condition(build: Callable[[QuantumCircuit, ClassicalRegister], expr.Expr], width: int = 3) -> QuantumCircuit:
    circuit = QuantumCircuit(1, width)
    with circuit.if_test(build(circuit, circuit.cregs[0])):
        circuit.x(0)
    return circuit


@pytest.mark.holds("B255")
@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda _, c: expr.index(c, 0), "Index"),
        (lambda _, c: expr.equal(expr.add(c, 1), 1), "ADD"),
        (lambda _, c: expr.equal(expr.sub(c, 1), 1), "SUB"),
        (lambda _, c: expr.equal(expr.mul(c, 1), 1), "MUL"),
        (lambda _, c: expr.equal(expr.div(c, 1), 1), "DIV"),
        (lambda _, c: expr.equal(expr.shift_left(c, 1), 1), "SHIFT_LEFT"),
        (lambda _, c: expr.equal(expr.shift_right(c, 1), 1), "SHIFT_RIGHT"),
        (lambda *_: expr.less(expr.negate(1.0), 1.0), "Float"),
        (lambda *_: expr.less(2.0, 1.0), "Float"),
        # Aer takes the lowest bit for the whole number, in silence.
        (lambda _, c: expr.logic_not(c), "cast to Bool"),
        (lambda circuit, _: circuit.add_var("n", expr.lift(True)), "'n'"),
    ],
)
def test_expressions_that_aer_does_not_know_are_named(build: Any, words: str) -> None:
    assert words in str(missing_in_aer(with_condition(build)))


@pytest.mark.holds("B255")
def test_whole_numbers_of_more_than_32_bits_are_not_for_aer() -> None:
    circuits = [with_condition(lambda _, c: expr.less(1, c), width) for width in (32, 33)]
    assert [missing_in_aer(circuit) for circuit in circuits] == [None, "an expression of more than 32 bits"]
    # What the bound is for: Aer compares the lowest 32.
    for circuit, width, wanted in zip(circuits, (32, 33), ("1", "0"), strict=True):
        placed = circuit.copy_empty_like()
        placed.x(0)
        placed.measure(0, width - 1)
        placed.x(0)
        whole = placed.compose(circuit)
        whole.measure(0, 0)
        assert [next(iter(by_aer([whole], 1)[0]))[-1], next(iter(walked(whole, 1)))[-1]] == [wanted, "1"]


def twice() -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    with circuit.for_loop((1, 1)):
        circuit.x(0)
    return circuit


def by_variable() -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    with circuit.for_loop(range(2), expr.Var.new("i", types.Uint(8))):
        circuit.x(0)
    return circuit


def waiting() -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop((circuit.clbits[0], 1)):
        circuit.x(0)
    return circuit


def switching() -> QuantumCircuit:
    circuit = QuantumCircuit(1, 3)
    with circuit.switch(expr.bit_not(circuit.cregs[0])) as case, case(1):
        circuit.x(0)
    return circuit


def other_bits() -> QuantumCircuit:
    body = QuantumCircuit([Qubit(), Clbit()])
    circuit = QuantumCircuit(1, 1)
    circuit.if_else((circuit.clbits[0], 1), body, None, [0], [0])
    return circuit


def boxed() -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    with circuit.box():
        circuit.x(0)
    return circuit


def stored() -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    circuit.store(circuit.clbits[0], True)
    return circuit


def unknown() -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.append(Gate("odd", 1, []), [0])
    return circuit


@pytest.mark.holds("B255")
@pytest.mark.parametrize(
    ("build", "words"),
    [
        (twice, "counts something twice"),
        (by_variable, "over a variable"),
        (waiting, "'while_loop'"),
        (switching, "'switch_case' on an expression"),
        (other_bits, "whose body has other bits"),
        (boxed, "'box'"),
        (stored, "'store'"),
        (unknown, "'odd'"),
    ],
)
def test_instructions_that_aer_does_not_know_are_named(build: Callable[[], QuantumCircuit], words: str) -> None:
    assert words in str(missing_in_aer(build()))


@pytest.mark.holds("B255")
def test_loops_are_unrolled_up_to_a_bound() -> None:
    def nested(times: int) -> QuantumCircuit:
        circuit = QuantumCircuit(1, 1)
        with circuit.for_loop(range(100)), circuit.for_loop(range(times)):
            circuit.x(0)
        return circuit

    # One instruction, a hundred inner loops, and what is in them.
    assert unrolled_size(nested(7)) == 1 + 100 * (1 + 7)
    assert missing_in_aer(nested(LONGEST // 100 - 2)) is None
    assert "more than 100000 instructions" in str(missing_in_aer(nested(LONGEST // 100)))
