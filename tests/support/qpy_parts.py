"""Parts of QPY data, written by hand after its public description, so that each size in it can be a lie."""

import struct
from collections.abc import Iterable, Sequence

Typed = tuple[bytes, bytes]
"""A kind of one letter, and the data of that kind."""


def qpy_file(
    circuit: bytes,
    *,
    version: int = 13,
    magic: bytes = b"QISKIT",
    programs: int = 1,
    kind: bytes = b"q",
    start: int | None = None,
) -> bytes:
    """Return data of some programs; from version 16 on, a table says where they start."""
    head = struct.pack("!6sBBBBQcc", magic, version, 2, 1, 0, programs, b"p", kind)
    if version < 16:
        return head + circuit
    return head + struct.pack("!Q", len(head) + 8 if start is None else start) + circuit


def circuit(
    *,
    qubits: int = 1,
    clbits: int = 0,
    name: bytes = b"c",
    phase: Typed = (b"i", b"\0\0\0\0\0\0\0\0"),
    metadata: bytes = b"{}",
    registers: Sequence[bytes] = (),
    variables: Sequence[bytes] = (),
    annotations: bytes = b"",
    customs: Sequence[bytes] = (),
    instructions: Sequence[bytes] = (),
    count: int | None = None,
    calibrations: int = 0,
    layout: bytes | None = None,
) -> bytes:
    """Return one circuit. `count` is how many instructions it says that it has."""
    head = struct.pack(
        "!HcHIIQIQI",
        len(name),
        phase[0],
        len(phase[1]),
        qubits,
        clbits,
        len(metadata),
        len(registers),
        len(instructions) if count is None else count,
        len(variables),
    )
    body = [head, name, phase[1], metadata, *registers, *variables, annotations]
    body += [struct.pack("!Q", len(customs)), *customs, *instructions]
    return b"".join([*body, struct.pack("!H", calibrations), no_layout() if layout is None else layout])


def register(name: bytes = b"q", bits: int = 1, *, size: int | None = None) -> bytes:
    """Return a register; `size` is how many bits it says that it has."""
    head = struct.pack("!c?IH?", b"q", True, bits if size is None else size, len(name), True)
    return head + name + b"".join(struct.pack("!q", bit) for bit in range(bits))


def variable(name: bytes = b"v", *, width: int | None = None) -> bytes:
    """Return a variable: a truth value, or an unsigned integer of some bits."""
    kind = b"b" if width is None else b"u" + struct.pack("!L", width)
    return struct.pack("!16scH", b"\1" * 16, b"l", len(name)) + kind + name


def namespaces(*states: tuple[bytes, bytes], count: int | None = None) -> bytes:
    """Return the states of the serializers of annotations, by namespace."""
    head = struct.pack("!I", len(states) if count is None else count)
    return head + b"".join(struct.pack("!IQ", len(name), len(state)) + name + state for name, state in states)


def custom(
    name: bytes,
    *,
    kind: bytes = b"g",
    qubits: int = 1,
    clbits: int = 0,
    controls: int = 0,
    definition: bytes | None = None,
    base: bytes = b"",
) -> bytes:
    """Return the definition of an instruction of one's own."""
    held = b"" if definition is None else definition
    head = struct.pack(
        "!HcII?QIIQ", len(name), kind, qubits, clbits, definition is not None, len(held), controls, 0, len(base)
    )
    return head + name + held + base


def instruction(
    name: bytes = b"XGate",
    *,
    label: bytes = b"",
    params: Sequence[Typed] = (),
    qargs: int = 1,
    cargs: int = 0,
    placed: bool = True,
    extras: int = 0,
    condition: Typed | None = None,
    register_name: bytes = b"",
    controls: int = 0,
    annotations: Sequence[bytes] = (),
) -> bytes:
    """Return one instruction; with `annotations`, that there are some must be among the `extras`."""
    head = struct.pack(
        "!HHHIIBHqII",
        len(name), len(label), len(params), qargs, cargs, extras, len(register_name), 0, controls, 0,
    )  # fmt: skip
    bits = [struct.pack("!cI", b"q", bit) for bit in range(qargs)] + [struct.pack("!cI", b"c", b) for b in range(cargs)]
    return b"".join(
        [
            head,
            name,
            label,
            register_name,
            b"" if condition is None else typed(condition),
            *(bits if placed else ()),
            *map(typed, params),
            *((struct.pack("!I", len(annotations)), *annotations) if extras & 0x80 else ()),
        ]
    )


def annotation(payload: bytes, *, size: int | None = None) -> bytes:
    """Return one annotation of the first namespace."""
    return struct.pack("!IQ", 0, len(payload) if size is None else size) + payload


def typed(value: Typed, *, size: int | None = None) -> bytes:
    """Return a value behind its kind and its length."""
    kind, data = value
    return struct.pack("!cQ", kind, len(data) if size is None else size) + data


def together(values: Iterable[Typed], *, count: int | None = None) -> Typed:
    """Return a tuple."""
    items = list(values)
    return b"t", struct.pack("!Q", len(items) if count is None else count) + b"".join(map(typed, items))


def element(name: bytes = b"v", *, length: int = 2) -> Typed:
    """Return an element of a vector of parameters."""
    return b"v", struct.pack("!HQ16sQ", len(name), length, b"\2" * 16, 0) + name


def symbol(kind: bytes, of: bytes, value: Typed) -> bytes:
    """Return a symbol of an expression, and what stands for it."""
    return struct.pack("!ccQ", kind, value[0], len(value[1])) + of + value[1]


def parameter(name: bytes = b"a") -> bytes:
    """Return a parameter by itself."""
    return struct.pack("!H16s", len(name), b"\3" * 16) + name


def expression(*symbols: bytes, steps: bytes = b"", count: int | None = None, length: int | None = None) -> Typed:
    """Return an expression of parameters."""
    head = struct.pack("!QQ", len(symbols) if count is None else count, len(steps) if length is None else length)
    return b"e", head + steps + b"".join(symbols)


def modifier(controls: int) -> Typed:
    """Return what makes an instruction a controlled one."""
    return b"m", struct.pack("!cIId", b"c", controls, 0, 1.0)


def matrix(descr: str = "<c16", shape: str = "(2, 2)", data: int = 64, *, start: bytes = b"\x93NUMPY\x01\x00") -> Typed:
    """Return a matrix in the form of `.npy` files, with that many bytes of data."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"n", start + len(header).to_bytes(2, "little") + header + bytes(data)


def no_layout() -> bytes:
    return struct.pack("!?iiiIi", False, 0, 0, 0, 0, 0)


def placed_layout(*, initial: int = 1, mapping: int = 1, final: int = 1, registers: int = 1, data: int) -> bytes:
    """Return a layout that says how many of each it has, and that many bytes of them."""
    return struct.pack("!?iiiIi", True, initial, mapping, final, registers, 0) + bytes(data)
