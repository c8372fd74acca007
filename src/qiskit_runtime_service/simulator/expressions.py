"""What classical expressions of a circuit are worth, for all branches of a simulation at once."""

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from numpy.typing import NDArray
from qiskit.circuit import Duration
from qiskit.circuit.classical import expr, types

Values: TypeAlias = NDArray[Any]
"""One value for each branch: of `bool`, of `float` (a `Duration` is in seconds), or of Python's own whole numbers."""

WIDEST = 1 << 16
"""How many bits a whole number may have."""
PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9, "ps": 1e12}


class UndefinedValueError(ArithmeticError):
    """An expression has no value: its text says why."""


class Memory(Protocol):
    """What the branches remember."""

    dt: float
    """Seconds."""

    @property
    def size(self) -> int:
        """How many branches there are."""

    def read(self, variable: expr.Var) -> Values:
        """Return what a variable, a bit or a register holds."""

    def keep(self, chosen: NDArray[np.bool_], /) -> "Memory":
        """Return the memory of some of the branches."""


def evaluate(node: expr.Expr, memory: Memory) -> Values:
    """Return what an expression is worth in each branch.

    Whole numbers are held modulo 2 to their width: sums, differences, products and shifts drop what is beyond, a
    quotient its fraction. A cast to fewer bits keeps the lowest, one of a `Float` to a `Uint` drops the fraction.
    `logic_and` and `logic_or` look at their right side only where the left one leaves it open.

    Raises:
        UndefinedValueError: A division by zero, an index beyond the width, a cast of what is not finite to a whole
            number, or a stretch.

    Source: behaviour B256.
    """
    if isinstance(node.type, types.Uint) and node.type.width > WIDEST:
        raise UndefinedValueError(f"a number has {node.type.width} bits, more than {WIDEST}")
    match node:
        case expr.Value():
            return _constant(node, memory)
        case expr.Var():
            return memory.read(node)
        case expr.Cast():
            return cast(evaluate(node.operand, memory), node.operand.type, node.type)
        case expr.Index():
            pairs = zip(evaluate(node.target, memory), evaluate(node.index, memory), strict=True)
            return np.array([_bit_of(target, index, node.target.type.width) for target, index in pairs], bool)
        case expr.Unary():
            return _negated(node, evaluate(node.operand, memory))
        case expr.Binary(op=expr.Binary.Op.LOGIC_AND | expr.Binary.Op.LOGIC_OR):
            return _logic(node, memory)
        case expr.Binary():
            return _combined(node, evaluate(node.left, memory), evaluate(node.right, memory))
        case _:
            raise UndefinedValueError(f"{getattr(node, 'name', node)!r} has no value outside of a delay")


def default_of(kind: types.Type) -> bool | int | float:
    """Return what a variable holds that was never written."""
    return False if isinstance(kind, types.Bool) else 0 if isinstance(kind, types.Uint) else 0.0


def filled(kind: types.Type, value: object, size: int) -> Values:
    """Return the same value for each branch."""
    dtype = bool if isinstance(kind, types.Bool) else object if isinstance(kind, types.Uint) else float
    return np.full(size, value, dtype)


def whole_numbers(values: Iterable[int]) -> Values:
    """Return Python's own whole numbers as an array."""
    listed = list(values)
    array = np.empty(len(listed), object)
    array[:] = listed
    return array


def seconds_of(duration: Duration, dt: float) -> float:
    """Return a literal duration in seconds."""
    unit = duration.unit()
    return float(duration.value() * dt if unit == "dt" else duration.value() / PER_SECOND[unit])


def cast(values: Values, source: types.Type, wanted: types.Type) -> Values:
    """Return values as another type.

    Raises:
        UndefinedValueError: A `Float` is not finite where a whole number is wanted.
    """
    match wanted:
        case types.Bool():
            return np.asarray(values != 0, bool)
        case types.Uint():
            if isinstance(source, types.Float) and not np.isfinite(values).all():
                raise UndefinedValueError("a number that is not finite is cast to a whole one")
            mask = (1 << wanted.width) - 1
            return whole_numbers(int(value) & mask for value in values)
        case _:
            return values.astype(float)


def _constant(node: expr.Value, memory: Memory) -> Values:
    value = seconds_of(node.value, memory.dt) if isinstance(node.value, Duration) else node.value
    return filled(node.type, value, memory.size)


def _bit_of(target: int, index: int, width: int) -> bool:
    if index >= width:
        raise UndefinedValueError(f"index {index} is beyond {width} bits")
    return bool(target >> index & 1)


def _negated(node: expr.Unary, values: Values) -> Values:
    match node.op:
        case expr.Unary.Op.NEGATE:
            return np.negative(values)
        case expr.Unary.Op.BIT_NOT if isinstance(node.type, types.Uint):
            return whole_numbers(value ^ (1 << node.type.width) - 1 for value in values)
        case _:
            return np.logical_not(values)


def _logic(node: expr.Binary, memory: Memory) -> Values:
    """Look at the right side only where the left one leaves the answer open, as OpenQASM does."""
    values = evaluate(node.left, memory).copy()
    open_still = values if node.op is expr.Binary.Op.LOGIC_AND else ~values
    values[open_still] = evaluate(node.right, memory.keep(open_still.copy()))
    return values


_OPERATORS: Mapping[expr.Binary.Op, Callable[[Any, Any], Any]] = {
    expr.Binary.Op.BIT_AND: operator.and_,
    expr.Binary.Op.BIT_OR: operator.or_,
    expr.Binary.Op.BIT_XOR: operator.xor,
    expr.Binary.Op.EQUAL: operator.eq,
    expr.Binary.Op.NOT_EQUAL: operator.ne,
    expr.Binary.Op.LESS: operator.lt,
    expr.Binary.Op.LESS_EQUAL: operator.le,
    expr.Binary.Op.GREATER: operator.gt,
    expr.Binary.Op.GREATER_EQUAL: operator.ge,
    expr.Binary.Op.ADD: operator.add,
    expr.Binary.Op.SUB: operator.sub,
    expr.Binary.Op.MUL: operator.mul,
}


def _combined(node: expr.Binary, left: Values, right: Values) -> Values:
    width: int | None = node.type.width if isinstance(node.type, types.Uint) else None
    match node.op:
        case expr.Binary.Op.SHIFT_LEFT if width is not None:
            # A shift by a large number must not make a number that fills the memory.
            pairs = zip(left, right, strict=True)
            return whole_numbers(a << b & (1 << width) - 1 if b < width else 0 for a, b in pairs)
        case expr.Binary.Op.SHIFT_RIGHT if width is not None:
            return whole_numbers(a >> min(b, width) for a, b in zip(left, right, strict=True))
        case expr.Binary.Op.DIV:
            if not np.all(right != 0):
                raise UndefinedValueError("a number is divided by zero")
            with np.errstate(all="ignore"):
                values = left // right if width is not None else left.astype(float) / right.astype(float)
        case op:
            if isinstance(node.type, types.Duration):
                left, right = left.astype(float), right.astype(float)
            with np.errstate(all="ignore"):
                values = _OPERATORS[op](left, right)
    if width is not None:
        return whole_numbers(value & (1 << width) - 1 for value in values)
    return np.asarray(values, bool if isinstance(node.type, types.Bool) else float)
