"""What Aer can run, as a table. What is not in it ends in errors, in wrong counts, or ends the process."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import ClassicalRegister, Clbit, Parameter
from qiskit.circuit.classical import expr, types

_CLIFFORD = frozenset((
    "barrier", "delay", "measure", "reset", "cx", "cy", "cz", "ecr", "h", "id", "pauli", "rz", "s", "sdg", "swap",
    "sx", "sxdg", "x", "y", "z",
))  # fmt: skip
_PLAIN = _CLIFFORD | frozenset((
    "ccx", "cp", "cu1", "diagonal", "kraus", "p", "r", "rx", "rxx", "ry", "ryy", "rzx", "rzz", "t", "tdg", "u", "u1",
    "u2", "u3", "unitary",
))  # fmt: skip
INSTRUCTIONS: Mapping[str, frozenset[str]] = {
    "density_matrix": _PLAIN,
    "statevector": _PLAIN | {"ccz", "crx", "cry", "crz", "cswap", "csx", "cu", "cu3", "initialize", "mcphase", "mcx"},
    "matrix_product_state": _PLAIN | {"cswap", "csx", "initialize"},
    "stabilizer": _CLIFFORD,
}
"""By Aer's word for its method: the instructions that it runs, control flow aside."""
PLAIN_INSTRUCTIONS = INSTRUCTIONS["density_matrix"]
"""What every method runs but that for Clifford circuits."""
CONTROL_FLOW = frozenset(("if_else", "for_loop", "switch_case", "break_loop", "continue_loop"))
"""Not `while_loop`, which Aer runs without a bound."""
OPERATORS: frozenset[Any] = frozenset(
    (
        *(expr.Unary.Op.BIT_NOT, expr.Unary.Op.LOGIC_NOT),
        *(expr.Binary.Op.BIT_AND, expr.Binary.Op.BIT_OR, expr.Binary.Op.BIT_XOR),
        *(expr.Binary.Op.LOGIC_AND, expr.Binary.Op.LOGIC_OR, expr.Binary.Op.EQUAL, expr.Binary.Op.NOT_EQUAL),
        *(expr.Binary.Op.LESS, expr.Binary.Op.LESS_EQUAL, expr.Binary.Op.GREATER, expr.Binary.Op.GREATER_EQUAL),
    )
)
WIDEST = 32
"""How many bits a whole number in an expression may have: of more, Aer compares the lowest only."""
LONGEST = 100_000
"""How many instructions may be left when Aer has unrolled all loops."""


def missing_in_aer(circuit: QuantumCircuit) -> str | None:
    """Return the first thing in a circuit that Aer cannot run by any method, in words; `None` if there is none.

    Source: behaviour B255.
    """
    if (reason := next(_missing(circuit, frozenset(circuit.clbits)), None)) is not None:
        return reason
    return f"loops of more than {LONGEST} instructions" if unrolled_size(circuit) > LONGEST else None


def unrolled_size(circuit: QuantumCircuit) -> int:
    """Return how many instructions a circuit has if each `for` loop is written out."""
    size = len(circuit.data)
    if circuit.has_control_flow_op():
        for step in circuit.data:
            if step.is_control_flow():
                times = len(step.operation.params[0]) if step.name == "for_loop" else 1
                size += times * sum(map(unrolled_size, step.operation.blocks))
    return size


def _missing(circuit: QuantumCircuit, outer: frozenset[Clbit]) -> Iterator[str]:
    """Yield what is missing in a block, of a circuit with the classical bits `outer`."""
    for variable in circuit.iter_vars():
        yield f"the variable {variable.name!r}"
    for name in circuit.count_ops():
        if name not in CONTROL_FLOW and not any(name in names for names in INSTRUCTIONS.values()):
            yield f"{name!r}"
    if not circuit.has_control_flow_op():
        return
    for step in circuit.data:
        if not step.is_control_flow():
            continue
        operation = step.operation
        if operation.blocks and not step.qubits:
            # Aer marks the places that it jumps to on qubits; without any, it jumps elsewhere.
            yield f"a {step.name!r} on no qubits"
        match step.name:
            case "if_else":
                condition = operation.condition
                yield from _missing_in(condition if isinstance(condition, expr.Expr) else condition[0], outer)
            case "switch_case":
                target = operation.target
                if isinstance(target, expr.Expr) and not isinstance(target, expr.Var):
                    yield "a 'switch_case' on an expression"
                yield from _missing_in(target, outer)
            case "for_loop":
                indices, parameter, _ = operation.params
                if not isinstance(indices, range) and len(set(indices)) < len(indices):
                    yield "a 'for_loop' that counts something twice"
                if not isinstance(parameter, Parameter | None):
                    yield "a 'for_loop' over a variable"
            case _:
                pass
        for body in operation.blocks:
            if list(body.clbits) != list(step.clbits):
                yield f"a {step.name!r} whose body has other bits"
            yield from _missing(body, outer)


def _missing_in(value: Clbit | ClassicalRegister | expr.Expr, outer: frozenset[Clbit]) -> Iterator[str]:
    """Yield what is missing in what a circuit decides by."""
    match value:
        case Clbit() | ClassicalRegister():
            bits: Sequence[Clbit] = [value] if isinstance(value, Clbit) else list(value)
            if not outer.issuperset(bits):
                yield "a condition on bits that only a body has"
            return
        case expr.Var():
            yield from _missing_in(value.var, outer) if isinstance(value.var, Clbit | ClassicalRegister) else ()
        case expr.Cast():
            if isinstance(value.type, types.Bool):
                yield "a cast to Bool"
            yield from _missing_in(value.operand, outer)
        case expr.Unary():
            yield from _missing_in(value.operand, outer)
        case expr.Binary():
            yield from _missing_in(value.left, outer)
            yield from _missing_in(value.right, outer)
        case expr.Value():
            pass
        case _:
            yield f"an expression with {type(value).__name__}"
    if isinstance(value, expr.Unary | expr.Binary) and value.op not in OPERATORS:
        yield f"the operator {value.op.name}"
    if not isinstance(value.type, types.Bool | types.Uint):
        yield f"an expression of the type {value.type}"
    elif isinstance(value.type, types.Uint) and value.type.width > WIDEST:
        yield f"an expression of more than {WIDEST} bits"
