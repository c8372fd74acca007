"""How long the delays of a circuit are: expressions are evaluated, and stretches get their values."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterExpression
from qiskit.circuit.classical import expr
from qiskit.transpiler import Target

from .expressions import PER_SECOND, UndefinedValueError, Values, evaluate

Shares = Mapping[expr.Stretch, float]
"""How often each stretch is in something."""


class Span(NamedTuple):
    """A duration that may depend on stretches."""

    seconds: float
    shares: Shares = MappingProxyType({})


def resolve_stretches(circuit: QuantumCircuit, target: Target) -> dict[expr.Stretch, float]:
    """Return how many seconds each stretch of a circuit takes.

    Qubits meet at a barrier, at any other instruction on several of them, and at the end of a block. Where a qubit
    would be there before the last one, its stretches since it last met others take what is missing, in equal parts
    for each time that one is used; one that is used by several qubits takes the least of what they offer. A stretch
    keeps the value of the first meeting that it comes to, and is 0 if nothing is missing there. A conditional block
    takes as long as its longest body, a `for` loop its body times its indices, a `while` loop its body once.

    Raises:
        UndefinedValueError: A duration is a parameter, or an expression that is not linear in stretches.

    Source: behaviour B258.
    """
    values: dict[expr.Stretch, float] = {}
    time_of(circuit, range(circuit.num_qubits), target, values)
    return values


def dt_of(target: Target | None) -> float:
    """Return how many seconds a `dt` takes: a nanosecond where no device tells its own."""
    return 1e-9 if target is None or target.dt is None else float(target.dt)


def seconds_of_delay(operation: Any, dt: float, values: Mapping[expr.Stretch, float]) -> float:
    """Return how long a delay or a box with a duration takes, whose stretches are resolved.

    Raises:
        UndefinedValueError: It is less than nothing, or not known.
    """
    span = span_of(operation, dt)
    seconds = span.seconds + sum(share * values.get(stretch, 0.0) for stretch, share in span.shares.items())
    # Differences of floats that are meant to be equal may be a little below.
    if seconds < -1e-15:
        raise UndefinedValueError(f"a delay lasts {seconds:g} s")
    return max(0.0, seconds)


def span_of(operation: Any, dt: float) -> Span:
    """Return how long a delay or a box with a duration takes.

    Raises:
        UndefinedValueError: It is a parameter, or an expression that is not linear in stretches.
    """
    duration, unit = operation.duration, operation.unit
    if isinstance(duration, expr.Expr):
        return _linear(duration, dt)
    if isinstance(duration, ParameterExpression):
        raise UndefinedValueError(f"a delay lasts {duration}, which is not bound, in a circuit with a stretch")
    return Span(float(duration) * dt if unit == "dt" else float(duration) / PER_SECOND[unit])


class _Constants:
    """The memory of an expression that reads nothing."""

    size = 1

    def __init__(self, dt: float) -> None:
        self.dt = dt

    def read(self, variable: expr.Var) -> Values:
        raise UndefinedValueError(f"a duration depends on {variable!r}")

    def keep(self, _: NDArray[np.bool_], /) -> "_Constants":
        return self


def _linear(node: expr.Expr, dt: float) -> Span:
    """Return an expression as a sum of stretches and a rest."""
    if not any(isinstance(name, expr.Stretch) for name in expr.iter_identifiers(node)):
        return Span(float(evaluate(node, _Constants(dt))[0]))
    match node:
        case expr.Stretch():
            return Span(0.0, {node: 1.0})
        case expr.Unary(op=expr.Unary.Op.NEGATE):
            return _times(_linear(node.operand, dt), -1.0)
        case expr.Binary(op=expr.Binary.Op.ADD):
            return _plus(_linear(node.left, dt), _linear(node.right, dt))
        case expr.Binary(op=expr.Binary.Op.SUB):
            return _plus(_linear(node.left, dt), _times(_linear(node.right, dt), -1.0))
        case expr.Binary(op=expr.Binary.Op.MUL):
            left, right = _linear(node.left, dt), _linear(node.right, dt)
            return _times(left, right.seconds) if left.shares else _times(right, left.seconds)
        case expr.Binary(op=expr.Binary.Op.DIV) if not (divisor := _linear(node.right, dt)).shares:
            if not divisor.seconds:
                raise UndefinedValueError("a duration is divided by zero")
            return _times(_linear(node.left, dt), 1 / divisor.seconds)
        case _:
            raise UndefinedValueError("a duration is no sum of multiples of stretches")


def _plus(left: Span, right: Span) -> Span:
    names = dict.fromkeys((*left.shares, *right.shares))
    shares = {name: left.shares.get(name, 0.0) + right.shares.get(name, 0.0) for name in names}
    return Span(left.seconds + right.seconds, shares)


def _times(span: Span, factor: float) -> Span:
    return Span(span.seconds * factor, {name: share * factor for name, share in span.shares.items()})


class _Clocks:
    """The time at each qubit of a block, and the stretches since it last met others."""

    def __init__(self, values: dict[expr.Stretch, float]) -> None:
        self.values = values
        self.seconds: dict[int, float] = {}
        self.waiting: dict[int, Span] = {}

    def pass_by(self, qubits: Iterable[int], span: Span) -> None:
        """Let time go by at some qubits."""
        for qubit in qubits:
            self.waiting[qubit] = _plus(self.waiting.get(qubit, Span(0.0)), span)
            self._settle(qubit)

    def meet(self, qubits: Iterable[int]) -> float:
        """Let qubits wait for the last of them; return when that is."""
        members = tuple(qubits)
        for qubit in members:
            self._settle(qubit)
        latest = max((self.seconds.get(qubit, 0.0) for qubit in members), default=0.0)
        offers: dict[expr.Stretch, float] = {}
        for qubit in members:
            shares = self.waiting.get(qubit, Span(0.0)).shares
            total = sum(shares.values())
            offer = (latest - self.seconds[qubit]) / total if total > 0 else 0.0
            for stretch in shares:
                offers[stretch] = min(offer, offers.get(stretch, offer))
        self.values.update(offers)
        for qubit in members:
            self._settle(qubit)
        latest = max((self.seconds.get(qubit, 0.0) for qubit in members), default=0.0)
        self.seconds.update(dict.fromkeys(members, latest))
        return latest

    def _settle(self, qubit: int) -> None:
        """Turn into time what is known of it."""
        if (span := self.waiting.pop(qubit, None)) is not None:
            known = sum(share * self.values[name] for name, share in span.shares.items() if name in self.values)
            self.seconds[qubit] = self.seconds.get(qubit, 0.0) + span.seconds + known
            if left := {name: share for name, share in span.shares.items() if name not in self.values}:
                self.waiting[qubit] = Span(0.0, left)


def time_of(block: QuantumCircuit, qubits: Sequence[int], target: Target, values: dict[expr.Stretch, float]) -> float:
    """Return how long a block takes whose qubits are `qubits` of the device, and give its stretches their values."""
    clocks = _Clocks(values)
    place = dict(zip(block.qubits, qubits, strict=True))
    dt = dt_of(target)
    for step in block.data:
        where = tuple(place[qubit] for qubit in step.qubits)
        if len(where) > 1 and step.name != "delay":
            clocks.meet(where)
        if step.name == "delay":
            clocks.pass_by(where, span_of(step.operation, dt))
        elif step.name == "box":
            inside = time_of(step.operation.body, where, target, values)
            given = Span(0.0) if step.operation.duration is None else span_of(step.operation, dt)
            clocks.pass_by(where, given if given.shares else Span(max(inside, given.seconds)))
        elif step.is_control_flow():
            inside = max((time_of(body, where, target, values) for body in step.operation.blocks), default=0.0)
            times = len(step.operation.params[0]) if step.name == "for_loop" else 1
            clocks.pass_by(where, Span(inside * times))
        elif where:
            clocks.pass_by(where, Span(duration_of(target, step.name, where)))
    return clocks.meet(qubits)


def duration_of(target: Target, name: str, where: tuple[int, ...]) -> float:
    """Return how long an operation takes, in seconds; 0 where the device does not say."""
    known = target[name].get(where) if name in target.operation_names else None
    return 0.0 if known is None or known.duration is None else float(known.duration)
