"""Parameters of jobs that run quantum programs, in all versions of the schema: from bytes to the program."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import prod
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from pybase64 import b64decode
from qiskit import QuantumCircuit
from qiskit.quantum_info import PauliLindbladMap
from returns.result import Result, Success
from rustworkx import JSONDeserializationError
from samplomatic.exceptions import DeserializationError, ParameterError, SamplexError, SerializationError
from samplomatic.quantum_program import CircuitItem, QuantumProgramItem, SamplexItem
from samplomatic.samplex import Samplex
from samplomatic.serialization import samplex_from_json

from ..bridge.ledger import (
    LABEL,
    DecodeLimits,
    Ledger,
    RefusedError,
    TimeLeft,
    refuse,
    too_large,
)
from ..bridge.openqasm import pay_for_openqasm, read_openqasm
from ..bridge.qpy_bounds import NEWEST_OF_PROGRAMS, check_qpy
from ..bridge.safe_decoding import inflate
from ..bridge.typed_json import DEFAULT_LIMITS, WRONG, pay_for_text, read_circuits, read_within
from ..records.problem import Problem
from .annotations import ANNOTATIONS
from .quantum_program import QuantumProgram
from .reading import read_body
from .schema import Item, Params, Program, Version
from .schema import Samplex as SamplexText
from .tensors import Tensor, read_tensor, read_tree

_TAG = "a quantum program"
_UNREADABLE = (
    *WRONG, msgspec.ValidationError, JSONDeserializationError,
    DeserializationError, ParameterError, SamplexError, SerializationError,
)  # fmt: skip
"""What is raised of data that is not what it says."""


class Inputs(NamedTuple):
    """What a job was sent."""

    version: str
    """Of the schema, such as `v2.0`."""
    program: QuantumProgram
    options: dict[str, Any]
    """Those for the program, by name."""


class _Circuits(msgspec.Struct, frozen=True):
    """The circuits of all items, as QPY or as OpenQASM."""

    b64_data: str | None = None
    data: list[str] | None = None


class _PauliLindblad(msgspec.Struct, frozen=True):
    """A map of Pauli-Lindblad noise."""

    sparse_terms: list[tuple[str, list[int], float]]
    num_qubits: int


def read_inputs(
    body: bytes, limits: DecodeLimits = DEFAULT_LIMITS, time_left: TimeLeft | None = None
) -> Result[Inputs, Problem]:
    """Read the parameters of a job that runs a quantum program. What they cost is paid for before it is built.

    Fails with:
        TooLarge: A size reaches beyond `limits`.
        TooNew: A circuit was written by a newer Qiskit than the installed one can read.
        TooSlow: There is no time left.
        UnreadableValue: They are none, damaged, or of no version of the schema that is known here.

    Source: behaviour B364, B365.
    """
    return read_within(partial(_read_inputs, body), limits, time_left)


def _read_inputs(body: bytes, ledger: Ledger) -> Inputs:
    found, version = read_body(body, Params, ledger)
    try:
        return Inputs(found.schema_version, _read_program(found.quantum_program, ledger, version), found.options)
    except _UNREADABLE as reason:
        raise refuse(_TAG, str(reason)[:500] or type(reason).__name__) from None


def _read_program(found: Program, ledger: Ledger, version: Version) -> QuantumProgram:
    circuits = _read_together(found, ledger, version) if version.together else _read_apart(found, ledger, version)
    items = [_read_item(item, circuit, ledger, version) for item, circuit in zip(found.items, circuits, strict=True)]
    tree = read_tree(found.passthrough_data, ledger, packed=version.packed)
    level: Any = found.meas_level
    program = QuantumProgram(found.shots, items, None, level, tree)
    program.semantic_role = found.semantic_role
    return program


# Circuits


def _read_together(found: Program, ledger: Ledger, version: Version) -> Sequence[QuantumCircuit]:
    circuits = msgspec.convert(found.circuits, _Circuits)
    count = len(found.items)
    if circuits.b64_data is not None:
        return _read_qpy(circuits.b64_data, count, ledger, packed=version.packed)
    texts = circuits.data or []
    if len(texts) != count:
        raise refuse(_TAG, f"there are {len(texts)} circuits for {count} items")
    return [_read_text(text, ledger) for text in texts]


def _read_apart(found: Program, ledger: Ledger, version: Version) -> Iterator[QuantumCircuit]:
    for item in found.items:
        if item.circuit is None:
            raise refuse(_TAG, "an item has no circuit")
        yield from _read_qpy(item.circuit.circuit_b64, 1, ledger, packed=version.packed)


def _read_qpy(text: str, count: int, ledger: Ledger, *, packed: bool) -> list[QuantumCircuit]:
    if packed:
        most = min(ledger.limits.circuit_bytes * max(count, 1), ledger.limits.output_bytes)
        data = inflate(text, "QuantumCircuit", ledger, most, "circuit_bytes")
    else:
        ledger.keep("QuantumCircuit", len(text))
        data = b64decode(text, validate=True)
    return read_circuits(data, ledger, programs=count, newest=NEWEST_OF_PROGRAMS, annotations=ANNOTATIONS)


def _read_text(text: str, ledger: Ledger) -> QuantumCircuit:
    """Return a circuit that is written in OpenQASM."""
    pay_for_openqasm(text, ledger)
    match read_openqasm(text):
        case Success(circuit):
            return circuit
        case failed:
            raise RefusedError(failed.failure())


# Items


def _read_item(item: Item, circuit: QuantumCircuit, ledger: Ledger, version: Version) -> QuantumProgramItem:
    size: Any = None if item.chunk_size == "auto" else item.chunk_size
    shape = tuple(item.shape)
    if any(length < 0 for length in shape):
        raise refuse(_TAG, f"a shape is {shape}")
    read = partial(read_tensor, ledger=ledger, packed=version.packed)
    if item.item_type == "circuit" and item.circuit_arguments is not None:
        values = _spread(read(item.circuit_arguments), shape, ledger)
        return CircuitItem(circuit, circuit_arguments=values, chunk_size=size)
    if item.item_type == "samplex" and item.samplex is not None:
        samplex = _read_samplex(item.samplex, ledger)
        arguments = {name: _read_argument(value, ledger, read) for name, value in item.samplex_arguments.items()}
        return SamplexItem(circuit, samplex, samplex_arguments=arguments, shape=shape, chunk_size=size)
    raise refuse(_TAG, f"an item is of the type {item.item_type[:16]!r}, or has no arguments for it")


def _spread(values: NDArray[Any], shape: tuple[int, ...], ledger: Ledger) -> NDArray[Any]:
    """Return values as often as the shape of their item says."""
    if not shape or not values.ndim:
        return values
    ledger.keep("circuit arguments", values.itemsize * prod(shape) * max(values.size, 1))
    spread = np.broadcast_shapes(shape, values.shape[:-1])
    return np.broadcast_to(values, (*spread, values.shape[-1]))


def _read_argument(value: Any, ledger: Ledger, read: Callable[[Tensor], NDArray[Any]]) -> Any:
    """Return an argument of a samplex: a number, an array, or a map of noise."""
    if isinstance(value, bool | int):
        return value
    if isinstance(value, dict) and "sparse_terms" in value:
        found = msgspec.convert(value, _PauliLindblad)
        if found.num_qubits > ledger.limits.qubits:
            raise too_large("qubits of a map of noise", found.num_qubits, ledger.limits.qubits, "qubits")
        ledger.pay("terms of noise", LABEL, len(found.sparse_terms))
        return PauliLindbladMap.from_sparse_list(found.sparse_terms, found.num_qubits)
    return read(msgspec.convert(value, Tensor))


# Samplexes


class _Node(msgspec.Struct, frozen=True):
    """A node of a samplex."""

    id: int
    data: Any = None


class _Link(msgspec.Struct, frozen=True):
    """An edge of a samplex."""

    source: int
    target: int
    id: int | None = None


class _Graph(msgspec.Struct, frozen=True):
    """The graph of a samplex."""

    directed: bool
    attrs: dict[str, str]
    nodes: list[_Node]
    links: list[_Link]


_COUNTS = frozenset(("num_subsystems", "num_output_subsystems", "slice_idxs"))
"""Entries whose numbers are the sizes of what is built."""
_DIGITS = 20
_PLACE = 200
"""Bytes that one of something takes that a number counts."""
_NODES = 40
"""How much a value in the text of a samplex costs more than one of JSON: most are objects of NumPy."""


def _read_samplex(found: SamplexText, ledger: Ledger) -> Samplex:
    """Return a samplex. Its text holds texts of JSON, arrays, and a circuit; all are checked and paid for.

    Source: behaviour B365.
    """
    text = found.samplex_json
    pay_for_text(text, ledger)
    ledger.walk("a samplex", _NODES * text.count(","))
    graph = msgspec.json.decode(text, type=_Graph)
    _check_graph(graph, ledger)
    table = json.loads(graph.attrs["param_table"])
    check_qpy(b64decode(table["circuit_base64"], validate=True), ledger, newest=NEWEST_OF_PROGRAMS)
    for name, number in _numbers("", [graph.attrs, [node.data for node in graph.nodes]], 0):
        setting = "items" if "param" in name else "qubits"
        most: int = getattr(ledger.limits, setting)
        if abs(number) > most:
            raise too_large(f"{name[:40]} of a samplex", abs(number), most, setting)
        if name in _COUNTS:
            ledger.keep("a samplex", _PLACE * abs(number))
    return samplex_from_json(text).finalize()


def _check_graph(graph: _Graph, ledger: Ledger) -> None:
    """Refuse a graph whose edges lead nowhere, or whose numbers are beyond their count: its reader would not return."""
    nodes = {node.id for node in graph.nodes}
    ends = {end for link in graph.links for end in (link.source, link.target)}
    if not graph.directed or not ends <= nodes or len(nodes) < len(graph.nodes):
        raise refuse("a samplex", "it is no graph of its own nodes")
    largest = max((*nodes, *(link.id or 0 for link in graph.links)), default=0)
    if min((*nodes, *(link.id or 0 for link in graph.links)), default=0) < 0 or largest > ledger.limits.items:
        raise too_large("the number of a node in a samplex", largest, ledger.limits.items, "items")
    # The reader makes a place for each number up to the largest.
    ledger.keep("a samplex", _PLACE * largest)


_DEEPEST = 8
"""How many texts of JSON stand in each other."""


def _numbers(name: str, value: Any, depth: int) -> Iterator[tuple[str, int]]:
    """Yield the whole numbers in data, and in texts of JSON inside of it, each with the name of its entry."""
    match value:
        case bool():
            return
        case int():
            yield name, value
        case str() if value[:1] in ("{", "[") and depth < _DEEPEST:
            yield from _numbers(name, json.loads(value), depth + 1)
        case str() if value.removeprefix("-").isdecimal():
            yield name, int(value) if len(value) < _DIGITS else 10**_DIGITS
        case dict():
            for inner, held in value.items():
                yield from _numbers(inner, held, depth)
        case list():
            for held in value:
                yield from _numbers(name, held, depth)
