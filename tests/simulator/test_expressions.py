"""What expressions are worth: answers written out."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from qiskit.circuit import ClassicalRegister, Clbit, Duration
from qiskit.circuit.classical import expr, types

from qiskit_runtime_service.simulator.expressions import UndefinedValueError, Values, cast, evaluate, filled

U4, U8, BOOL, FLOAT = types.Uint(4), types.Uint(8), types.Bool(), types.Float()
A, B = expr.Var.new("a", U4), expr.Var.new("b", U4)
P, Q = expr.Var.new("p", BOOL), expr.Var.new("q", BOOL)
F, G = expr.Var.new("f", FLOAT), expr.Var.new("g", FLOAT)


class Held:
    """A memory of two branches."""

    dt = 2e-9

    def __init__(self, columns: dict[object, Values]) -> None:
        self.columns = columns

    @property
    def size(self) -> int:
        return len(next(iter(self.columns.values())))

    def read(self, variable: expr.Var) -> Values:
        return self.columns[variable]

    def keep(self, chosen: NDArray[np.bool_], /) -> "Held":
        return Held({name: values[chosen] for name, values in self.columns.items()})


MEMORY = Held(
    {
        A: np.array([9, 3], object),
        B: np.array([12, 3], object),
        P: np.array([True, False]),
        Q: np.array([True, True]),
        F: np.array([2.5, -1.0]),
        G: np.array([0.5, 4.0]),
    }
)


@pytest.mark.holds("B256")
@pytest.mark.parametrize(
    ("node", "wanted"),
    [
        (expr.lift(5, U8), [5, 5]),
        (expr.lift(True), [True, True]),
        (expr.bit_and(A, B), [8, 3]),
        (expr.bit_or(A, B), [13, 3]),
        (expr.bit_xor(A, B), [5, 0]),
        (expr.bit_not(A), [6, 12]),
        (expr.bit_and(P, Q), [True, False]),
        (expr.bit_or(P, Q), [True, True]),
        (expr.bit_xor(P, Q), [False, True]),
        (expr.bit_not(P), [False, True]),
        (expr.logic_and(P, Q), [True, False]),
        (expr.logic_or(P, expr.logic_not(Q)), [True, False]),
        (expr.logic_not(P), [False, True]),
        # A whole number is true where it is not 0.
        (expr.logic_not(expr.sub(A, 9)), [True, False]),
        (expr.equal(A, B), [False, True]),
        (expr.not_equal(A, B), [True, False]),
        (expr.equal(P, Q), [True, False]),
        (expr.less(A, B), [True, False]),
        (expr.less_equal(A, B), [True, True]),
        (expr.greater(A, 3), [True, False]),
        (expr.greater_equal(A, 3), [True, True]),
        # What is beyond the width is dropped, on both sides.
        (expr.add(A, B), [5, 6]),
        (expr.sub(A, B), [13, 0]),
        (expr.sub(B, A), [3, 0]),
        (expr.mul(A, B), [12, 9]),
        (expr.div(B, A), [1, 1]),
        (expr.div(A, 4), [2, 0]),
        (expr.shift_left(A, 1), [2, 6]),
        (expr.shift_left(A, 4), [0, 0]),
        (expr.shift_left(A, expr.lift((1 << 60), types.Uint(64))), [0, 0]),
        (expr.shift_right(A, 1), [4, 1]),
        (expr.shift_right(A, expr.lift((1 << 60), types.Uint(64))), [0, 0]),
        (expr.index(A, 3), [True, False]),
        (expr.index(A, 0), [True, True]),
        (expr.index(A, expr.bit_and(B, 3)), [True, False]),
        (expr.add(F, G), [3.0, 3.0]),
        (expr.sub(F, G), [2.0, -5.0]),
        (expr.mul(F, G), [1.25, -4.0]),
        (expr.div(F, G), [5.0, -0.25]),
        (expr.negate(F), [-2.5, 1.0]),
        (expr.less(F, G), [False, True]),
        (expr.cast(A, types.Uint(2)), [1, 3]),
        (expr.cast(A, U8), [9, 3]),
        (expr.cast(A, BOOL), [True, True]),
        (expr.cast(A, FLOAT), [9.0, 3.0]),
        (expr.cast(P, U8), [1, 0]),
        (expr.cast(P, FLOAT), [1.0, 0.0]),
        (expr.cast(F, U8), [2, 255]),
        (expr.cast(F, BOOL), [True, True]),
        (expr.lift(Duration.us(1.5)), [1.5e-6, 1.5e-6]),
        (expr.add(Duration.dt(500), Duration.ns(1)), [1.001e-6, 1.001e-6]),
        (expr.mul(Duration.dt(500), A), [9e-6, 3e-6]),
        (expr.mul(F, Duration.ms(2)), [5e-3, -2e-3]),
        (expr.div(Duration.s(3), 2), [1.5, 1.5]),
        (expr.div(Duration.us(3), Duration.ns(500)), [6.0, 6.0]),
        (expr.negate(Duration.ps(4)), [-4e-12, -4e-12]),
        (expr.less(Duration.dt(500), Duration.us(1.5)), [True, True]),
    ],
)
def test_each_expression_has_its_value(node: expr.Expr, wanted: list[object]) -> None:
    values = evaluate(node, MEMORY)
    assert values.tolist() == pytest.approx(wanted)
    assert {type(value) for value in values.tolist()} == {type(value) for value in wanted}


@pytest.mark.holds("B256")
@pytest.mark.parametrize(
    ("node", "words"),
    [
        (expr.div(A, expr.sub(B, 12)), "divided by zero"),
        (expr.div(F, 0.0), "divided by zero"),
        (expr.index(A, 4), "index 4 is beyond 4 bits"),
        (expr.cast(expr.div(expr.mul(F, 1e308), 1e-10), U8), "not finite"),
        (expr.cast(A, types.Uint(1 << 17)), "131072 bits"),
        (expr.less(expr.Stretch.new("gap"), Duration.dt(1)), "'gap' has no value outside of a delay"),
    ],
)
def test_an_expression_without_a_value_says_why(node: expr.Expr, words: str) -> None:
    with pytest.raises(UndefinedValueError, match=words):
        evaluate(node, MEMORY)


@pytest.mark.holds("B256")
def test_the_right_side_counts_only_where_the_left_one_leaves_it_open() -> None:
    zero = expr.sub(B, 12)
    quotient = expr.equal(expr.div(A, zero), 1)
    assert evaluate(expr.logic_and(zero, quotient), MEMORY).tolist() == [False, False]
    assert evaluate(expr.logic_or(expr.logic_not(zero), quotient), MEMORY).tolist() == [True, False]


@given(st.integers(1, 90).flatmap(lambda width: st.tuples(st.just(width), *[st.integers(0, 2**width - 1)] * 2)))
def test_whole_numbers_of_any_width_are_counted_modulo_their_width(case: tuple[int, int, int]) -> None:
    width, left, right = case
    a, b = (expr.Var.new(name, types.Uint(width)) for name in "ab")
    memory = Held({a: filled(a.type, left, 1), b: filled(b.type, right, 1)})
    for combine, wanted in ((expr.add, left + right), (expr.sub, left - right), (expr.mul, left * right)):
        assert evaluate(combine(a, b), memory).tolist() == [wanted % 2**width]
    assert evaluate(expr.less(a, b), memory).tolist() == [left < right]
    assert evaluate(expr.bit_not(a), memory).tolist() == [2**width - 1 - left]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_cast_to_its_integer_part(number: float) -> None:
    assert cast(np.array([number]), FLOAT, U8).tolist() == [math.trunc(number) % 256]


def test_an_expression_may_read_bits_and_registers() -> None:
    bit, register = Clbit(), ClassicalRegister(3, "c")
    memory = Held({expr.lift(bit): np.array([True]), expr.lift(register): np.array([6], object)})
    assert evaluate(expr.lift(bit), memory).tolist() == [True]
    assert evaluate(expr.equal(register, 6), memory).tolist() == [True]
