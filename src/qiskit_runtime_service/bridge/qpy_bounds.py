"""Check the sizes that QPY data declares, and pay for them: Qiskit's reader allocates before it looks."""

import math
import struct
from functools import lru_cache
from struct import Struct
from typing import Any

from qiskit import circuit
from qiskit.circuit import Barrier, Delay, Measure, Operation, Reset, controlflow, library
from qiskit.qpy.common import QPY_VERSION

from ..records.problem import TooNew
from .ledger import (
    BIT,
    CIRCUIT,
    DEFINITION,
    INSTRUCTION,
    PARAMETER,
    PLACE,
    REGISTER,
    SYMBOL,
    USE,
    VISIT,
    Ledger,
    Price,
    RefusedError,
    refuse,
    too_large,
)
from .safe_decoding import NPY_START, parse_array_header


def newest_known(spoken: int, installed: int = QPY_VERSION) -> int:
    """Return the newest version of QPY that the service speaks and the installed Qiskit knows."""
    return min(spoken, installed)


NEWEST = newest_known(17)
"""The service speaks QPY 13 to 17: circuits are written in the newest of these that Qiskit knows."""
NEWEST_OF_PROGRAMS = newest_known(18)
"""Quantum programs are written in the newest version that Qiskit knows; of these the sizes are known here."""
OLDEST = 13
"""Older QPY holds expressions as text that a reader evaluates: it can run code."""

_TAG = "QuantumCircuit"
_HOMES = (library, circuit, controlflow)
"""Where the reader looks for the class of an instruction, in its order."""
_OPAQUE_NAMES = frozenset((b"Clifford", b"pauli_product_measurement"))
"""Instructions that the reader knows by itself."""
_PLAIN = (Barrier, Delay, Measure, Reset)
"""Instructions that are read into a compact form, as standard gates are."""
_EVOLUTION = b"p"
_CIRCUIT = Struct("!HcHIIQIQI")
_INSTRUCTION = Struct("!HHHIIBHqII")
_TYPED = Struct("!cQ")
_CUSTOM = Struct("!HcII?QIIQ")
_REGISTER = Struct("!c?IH?")
_REGISTER_18 = Struct("!c?IH??")
"""Of version 18: whether its bits follow each other, so that only the first is named, and each place takes 4 bytes."""
_VECTOR_18 = Struct("!HQ16s")
_ELEMENT_18 = Struct("!HQ")
"""An element of a vector names the vector by its place in a table."""
_VARIABLE = Struct("!16scH")
_COUNT = Struct("!Q")
_SMALL_COUNT = Struct("!I")
_SIZES = Struct("!IQ")
_INDEX = Struct("!i")
_CONDITION_IS_EXPRESSION = 2
_HAS_ANNOTATIONS = 0x80
_VISITS = 15
"""How long it takes to begin with a circuit, as against one of its instructions."""
_NUMBERS = frozenset((b"i", b"f", b"c", b"r", b"z", b"s"))
"""Kinds of parameters that are plain values: numbers, ranges, nothing, texts."""


def check_qpy(data: bytes, ledger: Ledger, *, newest: int = NEWEST, programs: int | None = 1) -> None:
    """Refuse QPY data that is not so many circuits of a known version, with all sizes within the data and paid for.

    Args:
        data: What is to be read.
        ledger: What pays.
        newest: The newest version that whoever wrote the data speaks, and the installed Qiskit reads.
        programs: How many circuits there must be; `None` for any number.

    Fails with:
        TooLarge: There is more of something, or it is deeper, than the ledger allows.
        TooNew: The version is newer than that.
        TooSlow: There is no time to read it.
        UnreadableValue: The data is no QPY, or declares more than it holds.

    Source: behaviour B81, B316, B317, B365.
    """
    view = _View(memoryview(data), ledger)
    preface, version = view.unpack(Struct("!6sB"))
    if preface != b"QISKIT":
        raise refuse(_TAG, "the data is not QPY")
    if version > newest:
        raise RefusedError(TooNew(what="QPY", version=version, supported=newest))
    if version < OLDEST:
        raise refuse(_TAG, f"QPY {version} is older than {OLDEST}, which is the oldest that can be read safely")
    view.version = version
    count, _ = view.unpack(Struct("!3xQc"))
    if programs is not None and count != programs:
        raise refuse(_TAG, f"the data holds {count} circuits instead of {'one' if programs == 1 else programs}")
    if bytes(view.take(1)) != b"q":
        raise refuse(_TAG, "the program is not a circuit")
    view.hold(count, _CIRCUIT.size)
    starts = _read_starts(view, count) if version >= 16 else ()
    ledger.keep("a circuit", len(data))
    visits = 0
    for index in range(count):
        if starts and starts[index] != view.position:
            raise refuse(_TAG, "the circuit is not where the table says")
        visits += _check_circuit(view, 0)
    # Whoever goes through a circuit goes through its definitions each time that they are used.
    ledger.pay("circuits inside of circuits", VISIT, visits)


def _read_starts(view: "_View", programs: int) -> tuple[int, ...]:
    """Return where each circuit begins, by the table of them."""
    return Struct(f"!{programs}Q").unpack(view.take(programs * _COUNT.size))


class _View:
    """QPY data and how far it was read. Never copies the data."""

    def __init__(self, data: memoryview, ledger: Ledger, version: int = 0) -> None:
        self.data = data
        self.ledger = ledger
        self.version = version
        self.position = 0

    def unpack(self, layout: Struct) -> tuple[Any, ...]:
        """Return the fields that come next."""
        start = self.position
        self.skip(layout.size)
        return layout.unpack_from(self.data, start)

    def skip(self, size: int) -> None:
        """Go over the next `size` bytes."""
        end = self.position + size
        if end > len(self.data):
            self.hold(size)
        self.position = end

    def take(self, size: int) -> memoryview:
        """Return the next `size` bytes."""
        start = self.position
        self.skip(size)
        return self.data[start : self.position]

    def hold(self, count: int, size: int = 1) -> None:
        """Refuse a count of things of at least `size` bytes that the rest of the data cannot hold."""
        if count * size > len(self.data) - self.position:
            raise refuse(_TAG, f"QPY declares {count} items at byte {self.position} of {len(self.data)}")

    def part(self, size: int) -> "_View":
        """Return the next `size` bytes as data of their own. The reader copies them at each level of nesting."""
        self.ledger.unpack("nested parts of a circuit", size)
        return _View(self.take(size), self.ledger, self.version)

    def pay(self, what: str, price: Price, count: int, size: int) -> None:
        """Pay for a count of things of at least `size` bytes each, which must be there."""
        self.hold(count, size)
        self.ledger.pay(what, price, count)


def _check_width(view: _View, *widths: int) -> None:
    for width in widths:
        if width > view.ledger.limits.qubits:
            raise too_large("qubits or bits of a circuit", width, view.ledger.limits.qubits, "qubits")


def _check_depth(view: _View, depth: int, what: str) -> None:
    if depth > view.ledger.limits.depth:
        raise too_large(f"depth of {what}", depth, view.ledger.limits.depth, "depth")


def _check_circuit(view: _View, depth: int) -> int:
    """Walk over one circuit. Sizes that Qiskit allocates by are held against the bytes that are left, and paid for.

    Returns:
        How much there is to visit: the circuit and its instructions, and what is inside of them as often as it is used.
    """
    _check_depth(view, depth, "a circuit")
    name, phase_kind, phase, qubits, clbits, metadata, registers, instructions, variables = view.unpack(_CIRCUIT)
    _check_width(view, qubits, clbits)
    view.ledger.pay("circuits", CIRCUIT)
    view.ledger.pay("qubits and bits", BIT, qubits + clbits)
    view.skip(name)
    visits = _VISITS + _check_value(phase_kind, view.part(phase), depth)
    view.skip(metadata)
    _check_registers(view, registers)
    _check_variables(view, variables)
    if view.version >= 15:
        _check_annotations(view)
    if view.version >= 18:
        _check_vectors(view)
    customs = _check_customs(view, depth)
    view.pay("instructions", INSTRUCTION, instructions, _INSTRUCTION.size)
    for _ in range(instructions):
        visits += _check_instruction(view, customs, depth)
    if view.version < 18 and view.unpack(Struct("!H")) != (0,):
        raise refuse(_TAG, "pulse calibrations are not read")
    _check_layout(view)
    return visits


def _check_registers(view: _View, count: int) -> None:
    layout, place = (_REGISTER, 8) if view.version < 18 else (_REGISTER_18, 4)
    view.pay("registers", REGISTER, count, layout.size)
    for _ in range(count):
        _, _, size, name, _, *attached = view.unpack(layout)
        view.skip(name)
        if any(attached):
            # Only the first place is there, so the size is held against nothing but the limit.
            _check_width(view, size)
            view.ledger.pay("registers", PLACE, size)
            view.skip(place)
        else:
            view.pay("registers", PLACE, size, place)
            view.skip(place * size)


def _check_vectors(view: _View) -> None:
    """Walk over the table of vectors of parameters."""
    (count,) = view.unpack(Struct("!H"))
    view.pay("vectors of parameters", SYMBOL, count, _VECTOR_18.size)
    for _ in range(count):
        name, size, _ = view.unpack(_VECTOR_18)
        _check_vector_size(view, size)
        view.skip(name)


def _check_variables(view: _View, count: int) -> None:
    view.pay("variables", REGISTER, count, _VARIABLE.size)
    for _ in range(count):
        _, _, name = view.unpack(_VARIABLE)
        if bytes(view.take(1)) == b"u":
            _check_width(view, *view.unpack(Struct("!L")))
        view.skip(name)


def _check_annotations(view: _View) -> None:
    (namespaces,) = view.unpack(_SMALL_COUNT)
    view.pay("annotations", REGISTER, namespaces, _SIZES.size)
    for _ in range(namespaces):
        name, state = view.unpack(_SIZES)
        view.skip(name)
        view.skip(state)


def _check_customs(view: _View, depth: int) -> dict[bytes, int]:
    """Walk over the definitions of a circuit's own instructions; return how much there is to visit in each."""
    customs: dict[bytes, int] = {}
    bases = []
    (count,) = view.unpack(_COUNT)
    view.pay("definitions", DEFINITION, count, _CUSTOM.size)
    for _ in range(count):
        size, kind, qubits, clbits, has_definition, definition, controls, _, base_size = view.unpack(_CUSTOM)
        _check_width(view, qubits, clbits, controls)
        name = bytes(view.take(size))
        part = view.part(definition)
        if has_definition and kind == _EVOLUTION:
            raise refuse(_TAG, "Pauli evolution gates are not read: decompose them")
        customs[name] = _check_circuit(part, depth + 1) if has_definition else 0
        bases.append((name, view.part(base_size)))
    for name, base in bases:
        if base.data:
            # A base may be defined behind what it is the base of.
            customs[name] += _check_instruction(base, customs, depth, placed=False)
    return customs


def _check_instruction(view: _View, customs: dict[bytes, int], depth: int, *, placed: bool = True) -> int:
    """Walk over one instruction; return how much there is to visit in it.

    The base of a controlled gate is not placed: its qubits are counted, not listed.
    """
    name_size, label, params, qargs, cargs, extras, register, _, controls, _ = view.unpack(_INSTRUCTION)
    if controls:
        _check_width(view, controls)
    visits = 1 + _check_name(bytes(view.take(name_size)), customs, view.ledger)
    view.skip(label + register)
    if extras & 3 == _CONDITION_IS_EXPRESSION:
        visits += _check_typed(view, depth)
    if placed:
        view.skip(5 * (qargs + cargs))
    if params:
        view.pay("parameters", PARAMETER, params, _TYPED.size)
    for _ in range(params):
        visits += _check_typed(view, depth)
    if extras & _HAS_ANNOTATIONS:
        (annotations,) = view.unpack(_SMALL_COUNT)
        view.pay("annotations", SYMBOL, annotations, _SIZES.size)
        for _ in range(annotations):
            _, payload = view.unpack(_SIZES)
            view.skip(payload)
    return visits


def _check_name(name: bytes, customs: dict[bytes, int], ledger: Ledger) -> int:
    """Pay for an instruction of that name; return how much there is to visit in it."""
    visits = customs.get(name)
    if visits is None:
        price = _price_of(name)
        if price is None:
            raise refuse(_TAG, f"there is no instruction {name[:80]!r}")
        if price is INSTRUCTION:
            return 0
    ledger.pay("instructions", USE)
    return visits or 0


@lru_cache(maxsize=1024)
def _price_of(name: bytes) -> Price | None:
    """Return what Qiskit's instruction of that name costs, if there is one: the reader would call anything it finds."""
    text = name.decode("utf-8", "replace")
    found = next((getattr(home, text) for home in _HOMES if hasattr(home, text)), None)
    if not (isinstance(found, type) and issubclass(found, Operation)):
        return USE if name in _OPAQUE_NAMES else None
    return INSTRUCTION if found in _PLAIN or getattr(found, "_standard_gate", None) is not None else USE


def _check_typed(view: _View, depth: int) -> int:
    kind, size = view.unpack(_TYPED)
    if kind in _NUMBERS:
        view.skip(size)
        return 0
    return _check_value(kind, view.part(size), depth)


def _check_value(kind: bytes, view: _View, depth: int) -> int:
    """Walk over one parameter; return how much there is to visit in it.

    Kinds that are not named hold no sizes that are believed.
    """
    match kind:
        case b"q":
            return _check_circuit(view, depth + 1)
        case b"t":
            return _check_tuple(view, depth + 1)
        case b"v":
            _check_vector(view)
        case b"e":
            _check_expression(view, depth)
        case b"m":
            _, controls, _, _ = view.unpack(Struct("!cIId"))
            _check_width(view, controls)
        case b"n":
            _check_matrix(view)
        case b"x":
            # An expression of classical values is a tree with a node for every few bytes.
            view.ledger.pay("expressions", PARAMETER, len(view.data) // 4)
    if kind not in _NUMBERS:
        view.ledger.pay("parameters", SYMBOL)
    return 0


def _check_tuple(view: _View, depth: int) -> int:
    _check_depth(view, depth, "a tuple")
    (count,) = view.unpack(_COUNT)
    view.pay("parameters", PARAMETER, count, _TYPED.size)
    return sum(_check_typed(view, depth) for _ in range(count))


def _check_vector(view: _View) -> None:
    """Walk over an element of a vector of parameters, which says how long the vector is."""
    if view.version >= 18:
        view.unpack(_ELEMENT_18)
        return
    name, size, _, _ = view.unpack(Struct("!HQ16sQ"))
    _check_vector_size(view, size)
    view.skip(name)


def _check_vector_size(view: _View, size: int) -> None:
    if size > view.ledger.limits.items:
        raise too_large("parameter vector", size, view.ledger.limits.items, "items")


def _check_expression(view: _View, depth: int) -> None:
    """Walk over an expression of parameters: its steps, then its symbols and what each stands for."""
    _check_depth(view, depth, "an expression")
    symbols, steps = view.unpack(Struct("!QQ"))
    view.skip(steps)
    view.pay("expressions", SYMBOL, symbols, 10)
    # A step takes 34 bytes, and leaves a node of a tree.
    view.ledger.pay("expressions", PARAMETER, steps // 8)
    for _ in range(symbols):
        symbol, kind, size = view.unpack(Struct("!ccQ"))
        match symbol:
            case b"p":
                (name,) = view.unpack(Struct("!H16x"))
                view.skip(name)
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
    exists, initial, mapping, final, registers, _ = view.unpack(Struct("!?iiiIi"))
    if not exists:
        return
    initial, mapping, final = (max(count, 0) for count in (initial, mapping, final))
    for count, size in ((initial, _INDEX.size), (mapping, 4), (final, 4)):
        view.pay("layouts", PLACE, count, size)
    _check_registers(view, registers)
    for _ in range(initial):
        # A bit of no register has no size of a name, which says so up to version 17 by itself.
        if view.unpack(_INDEX) != (-1,) or view.version < 18:
            (name,) = view.unpack(_INDEX)
            view.skip(max(name, 0))
    view.skip(4 * (mapping + final))
