"""From typed JSON to objects. The sender is not trusted: sizes are checked first, no name in the data is imported."""

import base64
import io
import json
import math
import re
import struct
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import Instruction, Parameter
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers import BitArray, DataBin, PrimitiveResult, PubResult, SamplerPubResult
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit.quantum_info import PauliLindbladMap, PauliList
from qiskit.result import Result as QiskitResult
from returns.result import Failure, Result, Success

from ...records.problem import Problem, TooLarge, TooSlow
from ..execution_spans import (
    DoubleSliceSpan,
    ExecutionSpan,
    ExecutionSpans,
    SliceSpan,
    TwirledSliceSpan,
    TwirledSliceSpanV2,
)
from ..ledger import (
    MEMBER,
    OBJECT,
    OBSERVABLE,
    READING_QPY,
    VALUE,
    DecodeLimits,
    Ledger,
    RefusedError,
    TimeLeft,
    refuse,
    too_large,
)
from ..qpy_bounds import NEWEST, check_qpy
from ..qpy_delays import read_delays
from ..result_types import EstimatorPubResult, LayerError, NoiseLearnerResult, PauliLindbladError
from ..safe_decoding import inflate, read_array
from .encoding import ARRAY_KINDS, INT_KEYS, NOISE_MODULE
from .noise_model import read_noise_model
from .quantum_info import HOME, build_operator
from .sparse import read_sparse

T = TypeVar("T")

DEFAULT_LIMITS = DecodeLimits()
_LONGEST_REASON = 500
"""Characters of what a builder says is wrong; some draw whole circuits."""
_STEPS_OF_TEXT = 1 / 400
"""How long it takes to read one byte of text."""
_PIECE = 1 << 16
"""Bytes of a text that are looked at at a time."""
_WIDEST = 4
"""Bytes that a character takes in a text that has one beyond those of Latin script."""
_NARROW_TEXT = re.compile(rb'(?<!\\)"[A-Za-z0-9+/=]*+"')
"""Base64 between quotation marks. Nothing in it makes the text around it wide, and nothing around it makes it wide."""
_NOISE_MODULES = (NOISE_MODULE, "qiskit_ibm_runtime.results.noise_learner")
WRONG = (
    ArithmeticError, AttributeError, LookupError, NotImplementedError, TypeError, ValueError, struct.error, QiskitError,
)  # fmt: skip
"""What builders raise for a value that is not what its tag promises."""


def decode_value(
    body: bytes, limits: DecodeLimits = DEFAULT_LIMITS, time_left: TimeLeft | None = None
) -> Result[object, Problem]:
    """Read typed JSON. Objects with an unknown tag stay plain dictionaries. Never imports or runs what data names.

    Args:
        body: The text.
        limits: How much it may ask of this process.
        time_left: Tells the seconds until it must be read; without it, time does not matter.

    Fails with:
        TooLarge: A size reaches beyond `limits`.
        TooNew: A circuit was written by a newer Qiskit than the installed one can read.
        TooSlow: There is no time left.
        UnreadableValue: Anything else is wrong.

    Source: behaviour B80, B81, B177, B316, B317, B319.
    """
    return read_within(lambda ledger: _Decoder(ledger).read(_read_text(body, ledger), 0), limits, time_left)


def decode_circuits(
    data: bytes,
    limits: DecodeLimits = DEFAULT_LIMITS,
    *,
    newest: int = NEWEST,
    annotations: Mapping[str, Any] | None = None,
) -> Result[list[QuantumCircuit], Problem]:
    """Read the circuits of a QPY file, within the bounds of a value.

    Fails with:
        TooLarge, TooNew, UnreadableValue: As `decode_value`.

    Source: behaviour B357.
    """
    read = partial(read_circuits, data, programs=None, newest=newest, annotations=annotations or {})
    return read_within(read, limits)


def open_ledger(text: str, limits: DecodeLimits) -> Result[Ledger, Problem]:
    """Pay for JSON text that somebody else will parse, and return what is left for `build_value`.

    Fails with:
        TooLarge: The text is too long, or has too many values.
    """
    ledger = Ledger(limits)
    return _guarded(lambda: pay_for_text(text, ledger), limits).map(lambda _: ledger)


def build_value(data: object, ledger: Ledger) -> Result[object, Problem]:
    """Return what parsed JSON stands for. Lists and objects in it are changed in place.

    Fails with:
        TooLarge, TooNew, TooSlow, UnreadableValue: As `decode_value`.
    """
    return _guarded(lambda: _Decoder(ledger).read(data, 0), ledger.limits)


def read_within(
    read: Callable[[Ledger], T], limits: DecodeLimits, time_left: TimeLeft | None = None
) -> Result[T, Problem]:
    """Return what `read` makes of a value, or why it refused. It is given the ledger that pays.

    Source: behaviour B81, B316.
    """
    ledger = Ledger(limits, time_left)
    return _guarded(lambda: read(ledger), limits)


def _guarded(act: Callable[[], T], limits: DecodeLimits) -> Result[T, Problem]:
    """Return what `act` returns, or why it refused.

    Source: behaviour B81.
    """
    try:
        return Success(act())
    except RefusedError as refusal:
        return Failure(refusal.problem)
    except RecursionError:
        # Data that is nested beyond the stack of Python, whatever the limits say.
        return Failure(too_large("depth", limits.depth, limits.depth, "depth").problem)


def pay_for_text(text: bytes | str, ledger: Ledger) -> None:
    """Pay for JSON text and all values in it, before it is parsed."""
    limits, size = ledger.limits, len(text)
    if size > limits.input_bytes:
        raise too_large("JSON text", size, limits.input_bytes, "input_bytes")
    ledger.walk("JSON text", _STEPS_OF_TEXT * size)
    # Every value but the first of a list or an object follows a comma.
    items = 1 + _count_marks(text)
    if items > limits.items:
        raise too_large("number of values", items, limits.items, "items")
    # The text stays, and so do the texts in it.
    ledger.keep("JSON text", size + _size_of_texts(text))
    ledger.pay("values of JSON", VALUE, items)


def _count_marks(text: bytes | str) -> int:
    """Return how many commas there are, and beginnings of lists and objects."""
    if isinstance(text, str):
        return sum(map(text.count, ",[{"))
    # In pieces that stay in the cache this takes a third of the time that `count` takes.
    data = np.frombuffer(text, np.uint8)
    pieces = (data[start : start + _PIECE] for start in range(0, len(data), _PIECE))
    return sum(int(np.count_nonzero(piece == mark)) for piece in pieces for mark in b",[{")


def _size_of_texts(text: bytes | str) -> int:
    """Return the bytes that all texts inside of a JSON text become, at most."""
    escape: Any = b"\\u" if isinstance(text, bytes) else "\\u"
    slash: Any = escape[:1]
    # Looking for one character is far faster, and there is seldom any.
    if text.isascii() and (slash not in text or escape not in text):
        return len(text)
    raw = text if isinstance(text, bytes) else text.encode(errors="surrogatepass")
    narrow = sum(len(found[0]) for found in _NARROW_TEXT.finditer(raw))
    return narrow + _WIDEST * (len(raw) - narrow)


def _read_text(body: bytes, ledger: Ledger) -> object:
    """Return plain JSON data, which may hold NaN, Infinity and numbers beyond 64 bits."""
    pay_for_text(body, ledger)
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return read_odd_text(body, ledger)


def read_odd_text(body: bytes, ledger: Ledger) -> object:
    """Return plain JSON data of a text that is paid for, with NaN, Infinity and numbers beyond 64 bits.

    Source: behaviour B81.
    """
    ledger.hold("JSON text", len(body) if body.isascii() else _WIDEST * len(body))
    # Whole numbers of thousands of digits take longest.
    ledger.walk("JSON text", 10 * _STEPS_OF_TEXT * len(body))
    try:
        return json.loads(body.decode())
    except ValueError as reason:
        raise refuse("JSON", str(reason)) from None


class _Decoder:
    """One pass over the data of one value, innermost objects first."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.limits = ledger.limits
        self._inside = 0

    def read_inside(self, value: object) -> object:
        """Return what a value stands for that is inside a circuit: circuits in circuits count as depth."""
        self._inside += 1
        try:
            return self.read(value, self._inside)
        finally:
            self._inside -= 1

    def read(self, value: Any, depth: int) -> Any:
        """Return what `value` stands for. Lists and objects are changed in place."""
        if depth > self.limits.depth:
            raise too_large("depth", depth, self.limits.depth, "depth")
        if isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, list | dict):
                    value[index] = self.read(item, depth + 1)
            return value
        if isinstance(value, dict):
            for key, item in value.items():
                if isinstance(item, list | dict):
                    value[key] = self.read(item, depth + 1)
            return self._build(value)
        return value

    def _build(self, value: dict[str, Any]) -> object:
        """Return the object that a tagged dictionary stands for."""
        tag = value.get("__type__")
        if not isinstance(tag, str):
            return _with_integer_keys(value) if value.get(INT_KEYS) is True else value
        self.ledger.pay(tag[:80], OBJECT)
        try:
            if tag in _FROM_PLACE:
                return _FROM_PLACE[tag](self, value)
            if tag in _FROM_ENTRIES:
                entries = value.pop("__value__")
                _wanted(isinstance(entries, dict), "an object with entries")
                return _FROM_ENTRIES[tag](self, entries)
            if tag in _FROM_VALUE:
                return _FROM_VALUE[tag](self, value.pop("__value__"))
        except WRONG as reason:
            raise _refusal(tag, reason) from None
        return value


def _refusal(tag: str, reason: Exception) -> RefusedError:
    """Return the refusal of a value of type `tag` of which a builder says what is wrong."""
    shown = f"it has no {reason}" if isinstance(reason, KeyError) else str(reason)
    return refuse(tag, shown[:_LONGEST_REASON])


def _with_integer_keys(value: dict[str, Any]) -> dict[Any, Any]:
    """Return the dictionary with the integers as keys that JSON made texts of."""
    del value[INT_KEYS]
    return {int(key) if _is_integer_text(key) else key: item for key, item in value.items()}


def _is_integer_text(text: str) -> bool:
    digits = text.removeprefix("-")
    return len(digits) < 20 and digits.isascii() and digits.isdigit()


def _wanted(condition: object, wanted: str) -> None:
    """Refuse a value that is not what its tag promises."""
    if not condition:
        raise ValueError(f"its value is not {wanted}")


def _is_size(value: object) -> bool:
    return type(value) is int and value >= 0


def _shape(value: Any) -> tuple[int, ...]:
    _wanted(isinstance(value, list) and all(map(_is_size, value)), "a list of sizes")
    return tuple(value)


def _metadata(value: dict[str, Any]) -> dict[str, Any]:
    metadata = value.get("metadata")
    _wanted(metadata is None or isinstance(metadata, dict), "a result with metadata")
    return metadata or {}


# Numbers, dates, arrays


def _datetime(_: _Decoder, value: Any) -> datetime:
    return datetime.fromisoformat(value)


def _complex(_: _Decoder, value: Any) -> complex:
    real, imaginary = value
    _wanted(_is_number(real) and _is_number(imaginary), "a pair of numbers")
    return complex(real, imaginary)


def _set(decoder: _Decoder, value: Any) -> set[object]:
    _wanted(isinstance(value, list), "a list")
    members = [tuple(item) if isinstance(item, list) else item for item in value]
    # Members of equal hash can be made at will, and each of them is compared with all others.
    alike = Counter(map(hash, members)).values()
    decoder.ledger.pay("a set", MEMBER, len(members))
    decoder.ledger.walk("a set", float(sum(count * count for count in alike)))
    return set(members)


EXTRAPOLATORS = frozenset(
    ("linear", "exponential", "double_exponential", "fallback", *(f"polynomial_degree_{n}" for n in range(1, 8)))
)
"""Names that the server writes where an array is expected."""


def _ndarray(decoder: _Decoder, value: Any) -> object:
    if isinstance(value, str):
        return value if value in EXTRAPOLATORS else read_array(value, decoder.ledger)
    if isinstance(value, dict):
        raise TypeError("its value is an object")
    leaves = list(_leaves(value))
    # One long text makes every item of the array as long.
    longest = max((len(leaf) for leaf in leaves if isinstance(leaf, str)), default=0)
    size = len(leaves) * max(16, 4 * longest)
    decoder.ledger.unpack("ndarray", size)
    decoder.ledger.keep("ndarray", 2 * size)
    decoder.ledger.walk("ndarray", len(leaves))
    if all(map(_is_plain, leaves)):
        array = np.array(value)
        if array.dtype.kind in ARRAY_KINDS:
            return array
    return _object_array(value)


def _object_array(value: object) -> NDArray[np.object_]:
    """Return an array of objects, which NumPy does not look into: it would multiply out what is an operator."""
    shape = _regular_shape(value)
    items = [value]
    for _ in shape:
        items = [item for row in items if isinstance(row, list) for item in row]
    array = np.empty(len(items), dtype=object)
    for index, item in enumerate(items):
        array[index] = item
    return array.reshape(shape)


def _regular_shape(value: object) -> tuple[int, ...]:
    """Return the shape of nested lists, as deep as all lists of a depth are equally long."""
    if not isinstance(value, list):
        return ()
    inner = {_regular_shape(item) for item in value}
    return (len(value), *(inner.pop() if len(inner) == 1 else ()))


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | complex)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _leaves(value: object) -> Iterator[object]:
    """Yield what is not a list in nested lists."""
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _sparse(decoder: _Decoder, value: Any) -> object:
    _wanted(isinstance(value, str), "text")
    return read_sparse(value, decoder.ledger)


# Circuits and what belongs to them


def _quantum_circuit(decoder: _Decoder, value: Any) -> QuantumCircuit:
    _wanted(isinstance(value, str), "text")
    data = inflate(value, "QuantumCircuit", decoder.ledger, decoder.limits.circuit_bytes, "circuit_bytes")
    (circuit,) = _read_qpy(data, decoder)
    return circuit


def read_circuits(
    data: bytes, ledger: Ledger, *, programs: int | None, newest: int, annotations: Mapping[str, Any]
) -> list[QuantumCircuit]:
    """Return the circuits of QPY data, each checked and paid for before it is built.

    Args:
        data: What was written.
        ledger: What pays.
        programs: How many circuits there must be; `None` for any number.
        newest: The newest version that whoever wrote the data speaks.
        annotations: What reads the annotations of boxes, by the first part of their namespace.

    Fails with:
        RefusedError: As `check_qpy` has it, or the data is damaged.

    Source: behaviour B365.
    """
    try:
        return _read_qpy(data, _Decoder(ledger), programs=programs, newest=newest, annotation_factories=annotations)
    except WRONG as reason:
        raise _refusal("QuantumCircuit", reason) from None


def _read_qpy(
    data: bytes, decoder: "_Decoder", *, programs: int | None = 1, newest: int = NEWEST, **more: Any
) -> list[QuantumCircuit]:
    with decoder.ledger.lent("reading a circuit", READING_QPY * len(data)):
        check_qpy(data, decoder.ledger, newest=newest, programs=programs)
        circuits = qpy.load(io.BytesIO(data), metadata_deserializer=partial(_CircuitMetadata, decoder), **more)
    # To look for delays takes as long as all definitions are together, each as often as it is used.
    return [*map(read_delays, circuits)] if b"Delay" in data else list(circuits)


class _CircuitMetadata(json.JSONDecoder):
    """Reads the metadata of a circuit, within the bounds of the value that the circuit is in.

    Source: behaviour B264.
    """

    def __init__(self, decoder: _Decoder) -> None:
        super().__init__()
        self._decoder = decoder

    def decode(self, text: str) -> Any:  # type: ignore[override]  # how spaces are found is the business of the base
        """Return the metadata. What cannot be read in them stays data: it takes nothing with it."""
        body = text.encode()
        metadata = _read_text(body, self._decoder.ledger)
        if not isinstance(metadata, dict):
            return metadata
        return {name: self._read(value, name, body) for name, value in metadata.items()}

    def _read(self, value: object, name: str, body: bytes) -> object:
        try:
            return self._decoder.read_inside(value)
        except RefusedError as refusal:
            if isinstance(refusal.problem, TooLarge | TooSlow):
                raise
            return json.loads(body)[name]


def _instruction(decoder: _Decoder, value: Any) -> Instruction:
    return _quantum_circuit(decoder, value).data[0].operation


def _parameter(_: _Decoder, value: Any) -> Parameter:
    data = base64.b64decode(value, validate=True)
    size, identity = struct.unpack_from("!H16s", data)
    name = data[18:]
    _wanted(len(name) == size, "the length that it states")
    return Parameter(name.decode(), uuid=uuid.UUID(bytes=identity))


_BYTES_OF_LETTER = 10
"""What a letter of an observable becomes."""


def _observables_array(decoder: _Decoder, value: Any) -> ObservablesArray:
    leaves = list(_leaves(value))
    texts = [[leaf] if isinstance(leaf, str) else leaf for leaf in leaves if isinstance(leaf, dict | str)]
    labels = [label for several in texts for label in several]
    # All at once: they are built in one call, which nothing can interrupt.
    decoder.ledger.pay("observables", OBSERVABLE, max(len(labels), len(leaves)))
    decoder.ledger.keep("observables", _BYTES_OF_LETTER * sum(map(len, labels)))
    for leaf in leaves:
        coefficients = leaf.values() if isinstance(leaf, dict) else [1.0] if isinstance(leaf, str) else [None]
        _wanted(
            all(isinstance(coefficient, int | float | complex) for coefficient in coefficients),
            "labels and coefficients",
        )
    return ObservablesArray(value)


def _bindings_array(decoder: _Decoder, value: dict[str, Any]) -> BindingsArray:
    data = {_names(key, decoder.ledger): array for key, array in value["data"].items()}
    for array in data.values():
        _wanted(isinstance(array, np.ndarray) and array.dtype.kind in "biuf", "arrays of real numbers")
        decoder.ledger.unpack("BindingsArray", 8 * array.size)
        decoder.ledger.keep("BindingsArray", 8 * array.size)
    return BindingsArray(data, shape=_shape(value["shape"]))


def _names(key: str, ledger: Ledger) -> tuple[str, ...]:
    pay_for_text(key, ledger)
    names = msgspec.json.decode(key, type=list[str])
    return tuple(names)


def _noise_model(decoder: _Decoder, value: dict[str, Any]) -> object:
    return read_noise_model(value, decoder.ledger)


# Results


def _bit_array(_: _Decoder, value: dict[str, Any]) -> BitArray:
    _wanted(_is_size(value["num_bits"]), "a number of bits")
    return BitArray(value["array"], value["num_bits"])


def _data_bin(_: _Decoder, value: dict[str, Any]) -> DataBin:
    shape = value["shape"]
    return DataBin(shape=() if shape is None else _shape(shape), **value["fields"])


def _pub_result(kind: type[PubResult]) -> Callable[[_Decoder, dict[str, Any]], PubResult]:
    def build(_: _Decoder, value: dict[str, Any]) -> PubResult:
        _wanted(isinstance(value["data"], DataBin), "data and metadata")
        return kind(value["data"], _metadata(value))

    return build


def _primitive_result(_: _Decoder, value: dict[str, Any]) -> PrimitiveResult[Any]:
    pubs = value["pub_results"]
    _wanted(isinstance(pubs, list) and all(isinstance(pub, PubResult) for pub in pubs), "a list of pub results")
    return PrimitiveResult(pubs, _metadata(value))


def _qiskit_result(_: _Decoder, value: dict[str, Any]) -> QiskitResult:
    _wanted(all(isinstance(experiment, dict) for experiment in value["results"]), "a result")
    return QiskitResult.from_dict(value)


def _noise_learner_result(_: _Decoder, value: dict[str, Any]) -> NoiseLearnerResult:
    layers = value["data"]
    _wanted(isinstance(layers, list) and all(isinstance(layer, LayerError) for layer in layers), "a list of layers")
    return NoiseLearnerResult(layers, _metadata(value))


def _layer_error(value: dict[str, Any]) -> LayerError:
    circuit, qubits, error = value["circuit"], value["qubits"], value.get("error")
    _wanted(isinstance(circuit, QuantumCircuit) and isinstance(error, PauliLindbladError | None), "a layer")
    _wanted(isinstance(qubits, list) and all(map(_is_size, qubits)), "a layer and its qubits")
    return LayerError(circuit, qubits, error)


def _lindblad_map(_: _Decoder, value: dict[str, Any]) -> PauliLindbladMap:
    terms = [(label, qubits, rate) for label, qubits, rate in value["paulis"]]
    for label, qubits, rate in terms:
        _wanted(isinstance(label, str) and isinstance(qubits, list) and _is_number(rate), "labels, qubits and rates")
    return PauliLindbladMap.from_sparse_list(terms, num_qubits=value["num_qubits"])


def _lindblad_error(value: dict[str, Any]) -> PauliLindbladError:
    generators, rates = value["generators"], value["rates"]
    _wanted(isinstance(generators, PauliList) and len(rates) == len(generators), "a list of Paulis and their rates")
    real = rates.dtype.kind in "biuf" if isinstance(rates, np.ndarray) else all(map(_is_number, rates))
    _wanted(real, "a list of Paulis and their rates")
    return PauliLindbladError(generators, rates)


def _span(kind: type[ExecutionSpan], *ranges: str) -> Callable[[_Decoder, dict[str, Any]], ExecutionSpan]:
    """Return the builder of a span whose slices hold, behind a shape, what `ranges` name."""

    def build(decoder: _Decoder, value: dict[str, Any]) -> ExecutionSpan:
        start, stop = value["start"], value["stop"]
        _wanted(isinstance(start, datetime) and isinstance(stop, datetime), "a time from start to stop")
        _wanted((start.tzinfo is None) == (stop.tzinfo is None), "a time from start to stop")
        _wanted(all(map(_is_integer_text, value["data_slices"])), "slices of data by the number of their pub")
        slices = {int(pub): _slice(decoder, ranges, *data) for pub, data in value["data_slices"].items()}
        return kind(start, stop, slices)

    return build


def _slice(decoder: _Decoder, ranges: tuple[str, ...], shape: Any, *numbers: Any) -> tuple[Any, ...]:
    """Return the shape and what follows it: pairs of numbers become ranges."""
    sizes = _shape(shape)
    if math.prod(sizes) > decoder.limits.output_bytes:
        raise too_large("data of a span", math.prod(sizes), decoder.limits.output_bytes, "output_bytes")
    # Shots stand last, and the randomizations of twirling before them; a pub of one binding has no other axis.
    _wanted(len(sizes) >= len(set(ranges) & {"range", "flag"}), "a slice of data of that shape")
    _wanted(len(numbers) == len(ranges) + ranges.count("range"), "a slice of that kind")
    rest = iter(numbers)
    parts: list[object] = []
    for name in ranges:
        first = next(rest)
        _wanted(isinstance(first, bool) if name == "flag" else _is_size(first), "a slice of whole numbers")
        if name == "range":
            last = next(rest)
            _wanted(_is_size(last), "a slice of whole numbers")
            parts.append(slice(first, last))
        else:
            parts.append(first)
    return (sizes, *parts)


def _spans(_: _Decoder, value: dict[str, Any]) -> ExecutionSpans:
    spans = value["spans"]
    _wanted(isinstance(spans, list) and all(isinstance(span, ExecutionSpan) for span in spans), "a list of spans")
    return ExecutionSpans(spans)


# By tag


def _settings(decoder: _Decoder, value: dict[str, Any]) -> object:
    module, name, arguments = value["__module__"], value["__class__"], value["__value__"]
    if not (isinstance(module, str) and module.startswith(HOME)):
        return value
    _wanted(isinstance(arguments, dict), "a dictionary of arguments")
    return build_operator(module, name, arguments, decoder.ledger)


def _by_class(_: _Decoder, value: dict[str, Any]) -> object:
    if value["__module__"] not in _NOISE_MODULES:
        return value
    return _NOISE_CLASSES[value["__class__"]](value["__value__"])


_NOISE_CLASSES: dict[str, Callable[[dict[str, Any]], object]] = {
    "LayerError": _layer_error,
    "PauliLindbladError": _lindblad_error,
}

_FROM_PLACE: dict[str, Callable[[_Decoder, dict[str, Any]], object]] = {
    "settings": _settings,
    "_json": _by_class,
}
"""Builders of tags that name a module and a class beside the value. Foreign ones stay dictionaries."""

_FROM_VALUE: dict[str, Callable[[_Decoder, Any], object]] = {
    "datetime": _datetime,
    "complex": _complex,
    "set": _set,
    "ndarray": _ndarray,
    "spmatrix": _sparse,
    "QuantumCircuit": _quantum_circuit,
    "Instruction": _instruction,
    "Parameter": _parameter,
    "ObservablesArray": _observables_array,
    "to_json": lambda _, value: value,
}
"""Builders of tags whose value is a text or a list. What is inside the value is built already."""

_FROM_ENTRIES: dict[str, Callable[[_Decoder, dict[str, Any]], object]] = {
    "BindingsArray": _bindings_array,
    "NoiseModel": _noise_model,
    "PauliLindbladMap": _lindblad_map,
    "BitArray": _bit_array,
    "DataBin": _data_bin,
    "SamplerPubResult": _pub_result(SamplerPubResult),
    "EstimatorPubResult": _pub_result(EstimatorPubResult),
    "PubResult": _pub_result(PubResult),
    "PrimitiveResult": _primitive_result,
    "Result": _qiskit_result,
    "NoiseLearnerResult": _noise_learner_result,
    "ExecutionSpans": _spans,
    "ExecutionSpanCollection": _spans,
    "ExecutionSpan": _span(SliceSpan, "range"),
    "DoubleSliceSpan": _span(DoubleSliceSpan, "range", "range"),
    "TwirledSliceSpan": _span(TwirledSliceSpan, "flag", "range", "range"),
    "TwirledSliceSpanV2": _span(TwirledSliceSpanV2, "flag", "range", "range", "size"),
}
"""Builders of tags whose value is an object with entries, built already too."""
