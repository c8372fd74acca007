"""Values that are no finite numbers, which no device can run: among the bindings of a pub, and inside its circuit."""

import math
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, Parameter, ParameterExpression
from qiskit.circuit.classical import expr, types
from qiskit.circuit.parametervector import ParameterVectorElement
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from returns.result import Failure, Result, Success

from ..records.problem import BadArgument, Problem
from .inner_circuits import circuits_in, name_step
from .target import STANDARD

Found = tuple[str, str]
"""Where a number stands that is not finite, and the number."""

_BARE = frozenset(name for name, gate in STANDARD.items() if not gate.params)
"""Instructions that have no parameters."""
_SURE = frozenset((int, Parameter, ParameterExpression, ParameterVectorElement, QuantumCircuit))
"""What has no number that is not finite: Qiskit takes none into an expression, and circuits are looked at later."""
_CLASSICAL = {
    "store": "rvalue",
    "if_else": "condition",
    "while_loop": "condition",
    "switch_case": "target",
    "box": "duration",
}
"""What an instruction has besides its parameters that can hold a number."""


def check_finite(pubs: Sequence[SamplerPub | EstimatorPub], name: str = "pubs") -> Result[None, Problem]:
    """Check that every number of every pub is finite: bindings, observables, and what is inside circuits.

    Args:
        pubs: To be run.
        name: What a message calls them.

    Fails with:
        BadArgument: The first that is not, with its pub, and the parameter and index or the instruction.

    Source: behaviour B262.
    """
    for index, pub in enumerate(pubs):
        found = _in_bindings(pub) or _in_observables(pub) or _in_circuit(pub.circuit, range(pub.circuit.num_qubits))
        if found is not None:
            where, value = found
            wanted = "a finite number; an optimizer that ran away or a division by 0 may have made it"
            return Failure(BadArgument(name=f"{where} of {name}[{index}]", value=value, wanted=wanted))
    return Success(None)


def _in_bindings(pub: SamplerPub | EstimatorPub) -> Found | None:
    for names, values in pub.parameter_values.data.items():
        finite = np.isfinite(values)
        if not finite.all():
            *index, column = map(int, np.argwhere(~finite)[0])
            place = f" at {index}" if index else ""
            return f"the value{place} for parameter {names[column]!r}", _shown(values[(*index, column)])
    return None


def _in_observables(pub: SamplerPub | EstimatorPub) -> Found | None:
    if not isinstance(pub, EstimatorPub):
        return None
    observables: NDArray[Any] = np.asarray(pub.observables.sparse_observables_array())
    for index, observable in np.ndenumerate(observables):
        coefficients = np.asarray(observable.coeffs)
        finite = np.isfinite(coefficients)
        if not finite.all():
            place = f" at {list(index)}" if index else ""
            return f"a coefficient of the observable{place}", _shown(coefficients[~finite][0])
    return None


def _in_circuit(circuit: QuantumCircuit, qubits: Sequence[int]) -> Found | None:
    """Return what is not finite in a circuit, in its blocks and in its own instructions."""
    odd = _odd_number(circuit.global_phase)
    if odd is not None:
        return "the global phase of the circuit", odd
    special = []
    for step in circuit.data:
        if not step.is_standard_gate():
            special.append(step)
        if step.name in _BARE:
            continue
        for value in step.params if step.name not in _CLASSICAL else _classical_values(step):
            # Nearly all are finite floats or parameters, so these are told apart first.
            if value.__class__ in _SURE or (isinstance(value, float) and math.isfinite(value)):
                continue
            odd = _odd_number(value)
            if odd is not None:
                where = [qubits[circuit.find_bit(bit).index] for bit in step.qubits]
                return f"a value of {name_step(step.name, where)} in the circuit", odd
    for step in special:
        where = [qubits[circuit.find_bit(bit).index] for bit in step.qubits]
        found = next(filter(None, (_in_circuit(inner, where) for inner in circuits_in(step))), None)
        if found is not None:
            return found
    return None


def _classical_values(step: CircuitInstruction) -> tuple[object, ...]:
    return (getattr(step.operation, _CLASSICAL[step.name], None),)


def _odd_number(value: object) -> str | None:
    """Return the first number in a value that is not finite, as text."""
    return next((_shown(number) for number in _numbers(value) if not np.isfinite(number)), None)


def _numbers(value: Any) -> Iterator[Any]:
    """Yield the numbers in a number, an array or an expression of classical values."""
    match value:
        case float() | complex() | np.inexact():
            yield value
        case np.ndarray() if value.dtype.kind in "fc":
            yield from value[~np.isfinite(value)]
        case expr.Value():
            # A duration has its number in its unit.
            yield from _numbers(value.value.value() if value.type.kind is types.Duration else value.value)
        case expr.Unary() | expr.Cast():
            yield from _numbers(value.operand)
        case expr.Binary():
            yield from chain(_numbers(value.left), _numbers(value.right))
        case expr.Index():
            yield from chain(_numbers(value.target), _numbers(value.index))


def _shown(value: Any) -> str:
    return repr(value.item() if isinstance(value, np.generic) else value)
