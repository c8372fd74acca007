"""Check the sizes that QPY data declares: Qiskit's reader believes them, and allocates before it looks."""

import math
import struct
from functools import lru_cache
from typing import Any

from qiskit import circuit
from qiskit.circuit import Operation, controlflow, library
from qiskit.qpy.common import QPY_VERSION

from ..records.problem import TooLarge, TooNew
from .safe_decoding import NPY_START, Budget, DecodeLimits, RefusedError, parse_array_header, refuse

NEWEST = min(17, QPY_VERSION)
"""The service speaks QPY 13 to 17: circuits are written in the newest of these that Qiskit knows."""
OLDEST = 13
"""Older QPY holds expressions as text that a reader evaluates: it can run code."""

_TAG = "QuantumCircuit"
_HOMES = (library, circuit, controlflow)
"""Where the reader looks for the class of an instruction, in its order."""
_OPAQUE_NAMES = frozenset((b"Clifford", b"pauli_product_measurement"))
"""Instructions that the reader knows by itself."""
_EVOLUTION = b"p"
_INSTRUCTION_BYTES = struct.calcsize("!HHHIIBHqII")
_CONDITION_IS_EXPRESSION = 2
_HAS_ANNOTATIONS = 0x80


def check_qpy(data: bytes, limits: DecodeLimits) -> None:
    """Refuse QPY data that is not one circuit of a known version whose sizes are all within the data.

    Fails with:
        TooLarge: There are more qubits, or deeper circuits, than `limits` allow.
        TooNew: The version is newer than the service speaks or the installed Qiskit reads.
        UnreadableValue: The data is no QPY, or declares more than it holds.
    """
    view = _View(memoryview(data), limits, Budget(limits.output_bytes))
    preface, version = view.unpack("6sB")
    if preface != b"QISKIT":
        raise refuse(_TAG, "the data is not QPY")
    if version > NEWEST:
        raise RefusedError(TooNew(what="QPY", version=version, supported=NEWEST))
    if version < OLDEST:
        raise refuse(_TAG, f"QPY {version} is older than {OLDEST}, which is the oldest that can be read safely")
    view.version = version
    programs, _ = view.unpack("3xQc")
    if programs != 1:
        raise refuse(_TAG, f"the data holds {programs} circuits instead of one")
    if bytes(view.take(1)) != b"q":
        raise refuse(_TAG, "the program is not a circuit")
    if version >= 16 and view.unpack("Q") != (view.position,):
        raise refuse(_TAG, "the circuit is not where the table says")
    _check_circuit(view, 0)


class _View:
    """QPY data and how far it was read. Never copies the data."""

    def __init__(self, data: memoryview, limits: DecodeLimits, nested: Budget, version: int = 0) -> None:
        self.data = data
        self.limits = limits
        self.nested = nested
        self.version = version
        self.position = 0

    def unpack(self, layout: str) -> tuple[Any, ...]:
        """Return the fields that come next."""
        layout = "!" + layout
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def take(self, size: int) -> memoryview:
        """Return the next `size` bytes."""
        start = self.position
        self.hold(size)
        self.position += size
        return self.data[start : self.position]

    def hold(self, count: int, size: int = 1) -> None:
        """Refuse a count of things of at least `size` bytes that the rest of the data cannot hold."""
        if count * size > len(self.data) - self.position:
            raise refuse(_TAG, f"QPY declares {count} items at byte {self.position} of {len(self.data)}")

    def part(self, size: int) -> "_View":
        """Return the next `size` bytes as data of their own. The reader copies them at each level of nesting."""
        self.nested.spend(size, "nested parts of a circuit")
        return _View(self.take(size), self.limits, self.nested, self.version)


def _check_width(view: _View, *widths: int) -> None:
    for width in widths:
        if width > view.limits.qubits:
            raise RefusedError(TooLarge(what="qubits or bits of a circuit", size=width, limit=view.limits.qubits))


def _check_circuit(view: _View, depth: int) -> None:
    """Walk over one circuit. Sizes that Qiskit allocates by are held against the bytes that are left."""
    if depth > view.limits.depth:
        raise RefusedError(TooLarge(what="depth of a circuit", size=depth, limit=view.limits.depth))
    name, phase_kind, phase, qubits, clbits, metadata, registers, instructions, variables = view.unpack("HcHIIQIQI")
    _check_width(view, qubits, clbits)
    view.take(name)
    _check_value(phase_kind, view.part(phase), depth)
    view.take(metadata)
    _check_registers(view, registers)
    _check_variables(view, variables)
    if view.version >= 15:
        _check_annotations(view)
    customs = _check_customs(view, depth)
    view.hold(instructions, _INSTRUCTION_BYTES)
    for _ in range(instructions):
        _check_instruction(view, customs, depth)
    if view.unpack("H") != (0,):
        raise refuse(_TAG, "pulse calibrations are not read")
    _check_layout(view)


def _check_registers(view: _View, count: int) -> None:
    for _ in range(count):
        _, _, size, name, _ = view.unpack("c?IH?")
        view.take(name)
        view.take(8 * size)


def _check_variables(view: _View, count: int) -> None:
    for _ in range(count):
        _, _, name = view.unpack("16scH")
        if bytes(view.take(1)) == b"u":
            _check_width(view, *view.unpack("L"))
        view.take(name)


def _check_annotations(view: _View) -> None:
    (namespaces,) = view.unpack("I")
    for _ in range(namespaces):
        name, state = view.unpack("IQ")
        view.take(name)
        view.take(state)


def _check_customs(view: _View, depth: int) -> set[bytes]:
    """Walk over the definitions of a circuit's own instructions; return their names."""
    names = set()
    bases = []
    (count,) = view.unpack("Q")
    for _ in range(count):
        size, kind, qubits, clbits, has_definition, definition, controls, _, base_size = view.unpack("HcII?QIIQ")
        _check_width(view, qubits, clbits, controls)
        names.add(bytes(view.take(size)))
        part = view.part(definition)
        if has_definition and kind == _EVOLUTION:
            raise refuse(_TAG, "Pauli evolution gates are not read: decompose them")
        if has_definition:
            _check_circuit(part, depth + 1)
        bases.append(view.part(base_size))
    for base in bases:
        if base.data:
            _check_instruction(base, names, depth, placed=False)
    return names


def _check_instruction(view: _View, customs: set[bytes], depth: int, *, placed: bool = True) -> None:
    """Walk over one instruction. The base of a controlled gate is not placed: its qubits are counted, not listed."""
    name_size, label, params, qargs, cargs, extras, register, _, controls, _ = view.unpack("HHHIIBHqII")
    _check_width(view, controls)
    _check_name(bytes(view.take(name_size)), customs)
    view.take(label + register)
    if extras & 3 == _CONDITION_IS_EXPRESSION:
        _check_typed(view, depth)
    if placed:
        view.take(5 * (qargs + cargs))
    for _ in range(params):
        _check_typed(view, depth)
    if extras & _HAS_ANNOTATIONS:
        (annotations,) = view.unpack("I")
        for _ in range(annotations):
            _, payload = view.unpack("IQ")
            view.take(payload)


def _check_name(name: bytes, customs: set[bytes]) -> None:
    if name not in customs and not _is_instruction(name):
        raise refuse(_TAG, f"there is no instruction {name[:80]!r}")


@lru_cache(maxsize=1024)
def _is_instruction(name: bytes) -> bool:
    """Tell whether Qiskit has an instruction of that name: the reader would call anything that it finds there."""
    text = name.decode("utf-8", "replace")
    found = next((getattr(home, text) for home in _HOMES if hasattr(home, text)), None)
    return name in _OPAQUE_NAMES or (isinstance(found, type) and issubclass(found, Operation))


def _check_typed(view: _View, depth: int) -> None:
    kind, size = view.unpack("cQ")
    _check_value(kind, view.part(size), depth)


def _check_value(kind: bytes, view: _View, depth: int) -> None:
    """Walk over one parameter. Kinds that are not named hold no sizes that are believed."""
    match kind:
        case b"q":
            _check_circuit(view, depth + 1)
        case b"t":
            (count,) = view.unpack("Q")
            for _ in range(count):
                _check_typed(view, depth)
        case b"v":
            _check_vector(view)
        case b"e":
            _check_expression(view, depth)
        case b"m":
            _, controls, _, _ = view.unpack("cIId")
            _check_width(view, controls)
        case b"n":
            _check_matrix(view)


def _check_vector(view: _View) -> None:
    name, size, _, _ = view.unpack("HQ16sQ")
    if size > view.limits.items:
        raise RefusedError(TooLarge(what="parameter vector", size=size, limit=view.limits.items))
    view.take(name)


def _check_expression(view: _View, depth: int) -> None:
    """Walk over an expression of parameters: its steps, then its symbols and what each stands for."""
    if depth > view.limits.depth:
        raise RefusedError(TooLarge(what="depth of an expression", size=depth, limit=view.limits.depth))
    symbols, steps = view.unpack("QQ")
    view.take(steps)
    for _ in range(symbols):
        symbol, kind, size = view.unpack("ccQ")
        match symbol:
            case b"p":
                (name,) = view.unpack("H16x")
                view.take(name)
            case b"v":
                _check_vector(view)
            case _:
                raise refuse(_TAG, "an expression has a symbol that is no parameter")
        value = view.part(size)
        if kind == b"e":
            _check_expression(value, depth + 1)


def _check_matrix(view: _View) -> None:
    if view.take(8) != NPY_START:
        raise refuse(_TAG, "a matrix is not in the .npy format 1.0")
    (length,) = struct.unpack("<H", view.take(2))
    dtype, shape, _ = parse_array_header(bytes(view.take(length)))
    view.hold(math.prod(shape), dtype.itemsize)


def _check_layout(view: _View) -> None:
    exists, initial, mapping, final, registers, _ = view.unpack("?iiiIi")
    if exists:
        for count, size in ((initial, 8), (mapping, 4), (final, 4), (registers, 9)):
            view.hold(count, size)
