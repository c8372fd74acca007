"""Circuits as texts that are equal for equal circuits, whichever version of Qiskit wrote them."""

import struct
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import ClassicalRegister, ParameterExpression
from qiskit.circuit.classical import expr
from qiskit.exceptions import QiskitError

from ..bridge.qpy_bounds import NEWEST_OF_PROGRAMS
from ..bridge.typed_json import decode_circuits

_UNREADABLE = (
    QiskitError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    OverflowError,
    struct.error,
)
"""What reading may raise of data that is not what it says."""


def sketch_circuits(encoded: bytes) -> str | None:
    """Return a text that tells circuits in QPY apart: their size, and a digest of all that is run.

    Names of circuits, metadata, and identities of parameters do not count. `None` for what cannot be
    read, is not trusted to be read, or holds no circuit.

    Source: behaviour B206.
    """
    try:
        found = decode_circuits(encoded, newest=NEWEST_OF_PROGRAMS, annotations=_annotations(encoded))
        return "; ".join(map(_sketch, found.value_or(()))) or None
    except _UNREADABLE:
        return None


def _annotations(encoded: bytes) -> Mapping[str, Any]:
    """Return what reads the annotations of boxes, if there are any: it takes the extra `executor`, and long to load."""
    if b"samplomatic" not in encoded:
        return {}
    try:
        from ..programs.annotations import ANNOTATIONS
    except ImportError:
        return {}
    return ANNOTATIONS


def _sketch(circuit: QuantumCircuit) -> str:
    lines = "\n".join((*_places_elsewhere(circuit), *_lines(circuit)))
    digest = sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"circuit of {circuit.num_qubits} qubits and {len(circuit.data)} operations, sha256 {digest}"


def _places_elsewhere(circuit: QuantumCircuit) -> Iterator[str]:
    """Yield which bit of a register each is that is not there with all of it, as in the boxes of a noise learner."""
    for bit in (*circuit.qubits, *circuit.clbits):
        # Python shows a bit of no register by where it is in memory.
        if not circuit.find_bit(bit).registers and "register=" in repr(bit):
            yield repr(bit)


def _lines(circuit: QuantumCircuit, indent: str = "") -> Iterator[str]:
    """Yield one line for each part of a circuit that matters."""
    yield f"{indent}{circuit.num_qubits} {circuit.num_clbits} {_value(circuit.global_phase)}"
    for register in (*circuit.qregs, *circuit.cregs):
        bits = [circuit.find_bit(bit).index for bit in register]
        yield f"{indent}{register.name} {bits}"
    for variable in circuit.iter_vars():
        yield f"{indent}{variable.name} {variable.type}"
    for step in circuit.data:
        places = [circuit.find_bit(bit).index for bit in (*step.qubits, *step.clbits)]
        blocks = getattr(step.operation, "blocks", ())
        params = () if blocks else getattr(step.operation, "params", ())
        values = [_expression(circuit, param) if isinstance(param, expr.Expr) else _value(param) for param in params]
        # The unit of a delay that the service was sent without one goes without saying.
        unit = getattr(step.operation, "unit", "dt") if step.name == "delay" else "dt"
        values.extend([unit] * (unit != "dt"))
        values.extend(map(repr, getattr(step.operation, "annotations", ())))
        yield f"{indent}{step.operation.name} {_where(circuit, step.operation)} {places} {', '.join(values)}"
        for block in blocks:
            yield from _lines(block, f"{indent} ")


def _where(circuit: QuantumCircuit, operation: Any) -> str:
    """Return the condition or the target of control flow, by the places of its bits."""
    condition = getattr(operation, "condition", None)
    if condition is None:
        condition = getattr(operation, "target", None)
    if isinstance(condition, tuple):
        bits, value = condition
        return f"{_bits(circuit, bits)} == {value}"
    return "" if condition is None else _expression(circuit, condition)


def _expression(circuit: QuantumCircuit, node: Any) -> str:
    """Return a classical expression as text."""
    if not isinstance(node, expr.Expr):
        return _bits(circuit, node)
    if isinstance(node, expr.Var):
        return node.name if node.standalone else _bits(circuit, node.var)
    if isinstance(node, expr.Stretch):
        return f"stretch {node.name}"
    if isinstance(node, expr.Value):
        return f"{node.value} {node.type}"
    parts = [getattr(node, name) for name in ("left", "right", "operand", "target", "index") if hasattr(node, name)]
    inner = ", ".join(_expression(circuit, part) for part in parts)
    return f"{type(node).__name__} {getattr(node, 'op', '')} {node.type} ({inner})"


def _bits(circuit: QuantumCircuit, bits: Any) -> str:
    """Return the name of a register or the place of a bit."""
    return str(bits.name) if isinstance(bits, ClassicalRegister) else str(circuit.find_bit(bits).index)


def _value(value: Any) -> str:
    """Return a parameter as text. Its name matters, its identity does not."""
    if isinstance(value, ParameterExpression):
        return str(value)
    if isinstance(value, QuantumCircuit):
        return "\n".join(_lines(value))
    if isinstance(value, np.ndarray):
        return f"{value.shape} {value.dtype} {sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}"
    return repr(float(value)) if isinstance(value, int | float) else str(value)
