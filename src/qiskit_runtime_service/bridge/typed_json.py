"""Typed JSON: plain JSON in which `{"__type__": tag, "__value__": value}` stands for an object."""

import base64
import io
import json
import struct
import uuid
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import Parameter
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers import BitArray, DataBin, PrimitiveResult, PubResult, SamplerPubResult
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.observables_array import ObservablesArray
from returns.result import Failure, Result, Success

from ..records.problem import Problem, TooLarge
from .bounded import Budget, Limits, RefusedError, inflate, read_array, refuse
from .qpy_bounds import NEWEST, check_qpy
from .spans import SLICE_LENGTHS, DoubleSliceSpan, ExecutionSpan, ExecutionSpans, TwirledSliceSpan, TwirledSliceSpanV2

DEFAULT_LIMITS = Limits()
_ARRAY_KINDS = frozenset("biufcUS")
_LARGEST_SET = 10_000


# Encoding


def encode_value(value: object) -> bytes:
    """Return `value` as typed JSON text.

    Raises:
        TypeError: Something in `value` has no form in typed JSON.

    Source: behaviour B80.
    """
    return json.dumps(value, cls=TypedEncoder).encode()


class TypedEncoder(json.JSONEncoder):
    """The encoder of typed JSON for `json.dumps`, which also knows the bare tokens NaN and Infinity."""

    def default(self, o: Any) -> Any:
        """Return what stands for an object that plain JSON has no form for."""
        match o:
            case np.bool_():
                return bool(o)
            case np.integer():
                return int(o)
            case np.floating():
                return float(o)
            case complex() | np.complexfloating():
                return _tagged("complex", [float(o.real), float(o.imag)])
            case np.ndarray():
                return _tagged("ndarray", _array_value(o))
            case date():
                return _tagged("datetime", o.isoformat())
            case set() | frozenset():
                return _tagged("set", list(o))
            case QuantumCircuit():
                return _tagged("QuantumCircuit", _circuit_text(o))
            case Parameter():
                return _tagged("Parameter", _parameter_text(o))
            case ObservablesArray():
                return _tagged("ObservablesArray", o.tolist())
            case BindingsArray():
                return _tagged("BindingsArray", _bindings_value(o))
            case BitArray():
                return _tagged("BitArray", {"array": o.array, "num_bits": o.num_bits})
            case DataBin():
                return _tagged("DataBin", _data_bin_value(o))
            case PubResult():
                tag = "SamplerPubResult" if isinstance(o, SamplerPubResult) else "PubResult"
                return _tagged(tag, {"data": o.data, "metadata": o.metadata})
            case PrimitiveResult():
                return _tagged("PrimitiveResult", {"pub_results": list(o), "metadata": o.metadata})
            case ExecutionSpans():
                return _tagged("ExecutionSpans", {"spans": o.spans})
            case ExecutionSpan():
                return _tagged(type(o).__name__, msgspec.structs.asdict(o))
            case _:
                raise TypeError(f"{type(o).__name__} has no form in typed JSON.")


def _tagged(tag: str, value: object) -> dict[str, object]:
    return {"__type__": tag, "__value__": value}


def _array_value(array: NDArray[Any]) -> object:
    """Return base64 text of the compressed array; a nested list for an array of Python objects."""
    if array.dtype.kind == "O":
        return array.tolist()
    if array.dtype.kind not in _ARRAY_KINDS:
        raise TypeError(f"An array of {array.dtype} has no form in typed JSON.")
    if not (array.flags.c_contiguous or array.flags.f_contiguous):
        array = array.copy()
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(array))
    data = array if array.flags.c_contiguous else array.T
    stream = zlib.compressobj()
    # Text has no buffer format, so the items are shown to zlib as bytes.
    items = data.reshape(-1).view(np.uint8).data if array.size else b""
    packed = b"".join((stream.compress(header.getvalue()), stream.compress(items), stream.flush()))
    return base64.b64encode(packed).decode("ascii")


def _circuit_text(circuit: QuantumCircuit) -> str:
    stream = io.BytesIO()
    qpy.dump(circuit, stream, metadata_serializer=TypedEncoder, version=NEWEST)
    return base64.b64encode(zlib.compress(stream.getbuffer())).decode("ascii")


def _parameter_text(parameter: Parameter) -> str:
    name = parameter.name.encode()
    return base64.b64encode(struct.pack("!H16s", len(name), parameter.uuid.bytes) + name).decode("ascii")


def _bindings_value(bindings: BindingsArray) -> dict[str, object]:
    return {"shape": bindings.shape, "data": {json.dumps(names): array for names, array in bindings.data.items()}}


def _data_bin_value(data: DataBin) -> dict[str, object]:
    return {"field_names": list(data), "shape": data.shape, "fields": dict(data.items())}


# Decoding


def decode_value(body: bytes, limits: Limits = DEFAULT_LIMITS) -> Result[object, Problem]:
    """Read typed JSON. Objects with an unknown tag stay plain dictionaries. Never imports or runs what data names.

    Fails with:
        TooLarge: A size reaches beyond `limits`.
        TooNew: A circuit was written by a newer Qiskit than the installed one can read.
        UnreadableValue: Anything else is wrong.

    Source: behaviour B80, B81.
    """
    try:
        return Success(_Decoder(limits).read(_parse(body, limits), 0))
    except RefusedError as refusal:
        return Failure(refusal.problem)
    except RecursionError:
        return Failure(TooLarge(what="depth", size=body.count(b"[") + body.count(b"{"), limit=limits.depth))


def _parse(body: bytes, limits: Limits) -> object:
    """Return plain JSON data whose size and number of values are within `limits`."""
    if len(body) > limits.input_bytes:
        raise RefusedError(TooLarge(what="JSON text", size=len(body), limit=limits.input_bytes))
    # Every value but the first of a list or an object follows a comma.
    items = 1 + body.count(b",") + body.count(b"[") + body.count(b"{")
    if items > limits.items:
        raise RefusedError(TooLarge(what="number of values", size=items, limit=limits.items))
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _parse_leniently(body)


def _parse_leniently(body: bytes) -> object:
    """Return plain JSON data that may hold NaN, Infinity and numbers beyond 64 bits."""
    try:
        return json.loads(body.decode())
    except ValueError as reason:
        raise refuse("JSON", str(reason)) from None


class _Decoder:
    """One pass over the data of one value, innermost objects first."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.budget = Budget(limits.output_bytes)

    def read(self, value: Any, depth: int) -> Any:
        """Return what `value` stands for. Lists and objects are changed in place."""
        if depth > self.limits.depth:
            raise RefusedError(TooLarge(what="depth", size=depth, limit=self.limits.depth))
        if isinstance(value, list):
            for index, item in enumerate(value):
                value[index] = self.read(item, depth + 1)
            return value
        if isinstance(value, dict):
            for key, item in value.items():
                value[key] = self.read(item, depth + 1)
            return self._build(value)
        return value

    def _build(self, value: dict[str, Any]) -> object:
        """Return the object that a tagged dictionary stands for."""
        tag = value.get("__type__")
        build = _BUILDERS.get(tag) if isinstance(tag, str) else None
        if build is None:
            return value
        if "__value__" not in value:
            raise refuse(str(tag), "it has no __value__")
        try:
            return build(self, value.pop("__value__"))
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, struct.error, QiskitError) as reason:
            raise refuse(str(tag), str(reason)) from None


def _wanted(condition: object, wanted: str) -> None:
    """Refuse a value that is not what its tag promises."""
    if not condition:
        raise ValueError(f"its value is not {wanted}")


def _is_size(value: object) -> bool:
    return type(value) is int and value >= 0


def _shape(value: Any) -> tuple[int, ...]:
    _wanted(isinstance(value, list) and all(map(_is_size, value)), "a list of sizes")
    return tuple(value)


def _datetime(_: _Decoder, value: Any) -> datetime:
    return datetime.fromisoformat(value)


def _complex(_: _Decoder, value: Any) -> complex:
    real, imaginary = value
    _wanted(all(isinstance(part, int | float) for part in value), "a pair of numbers")
    return complex(real, imaginary)


def _set(_: _Decoder, value: Any) -> set[object]:
    # Items of equal hash can be made at will, and a set of n such items takes n² steps.
    _wanted(isinstance(value, list) and len(value) <= _LARGEST_SET, f"a list of at most {_LARGEST_SET} items")
    return {tuple(item) if isinstance(item, list) else item for item in value}


def _ndarray(decoder: _Decoder, value: Any) -> object:
    if isinstance(value, str):
        return read_array(value, decoder.budget)
    leaves = list(_leaves(value))
    _wanted(all(leaf is None or isinstance(leaf, str | int | float | complex) for leaf in leaves), "plain data")
    # One long text makes every item of the array as long.
    longest = max((len(leaf) for leaf in leaves if isinstance(leaf, str)), default=0)
    decoder.budget.spend(len(leaves) * max(16, 4 * longest), "ndarray")
    array = np.array(value)
    return array if array.dtype.kind in _ARRAY_KINDS else np.array(value, dtype=object)


def _leaves(value: object) -> Iterator[object]:
    """Yield what is not a list in nested lists."""
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _quantum_circuit(decoder: _Decoder, value: Any) -> QuantumCircuit:
    _wanted(isinstance(value, str), "text")
    data = inflate(value, "QuantumCircuit", decoder.budget, decoder.limits.circuit_bytes)
    check_qpy(data, decoder.limits)
    (circuit,) = qpy.load(io.BytesIO(data))
    return circuit


def _parameter(_: _Decoder, value: Any) -> Parameter:
    data = base64.b64decode(value, validate=True)
    size, identity = struct.unpack_from("!H16s", data)
    name = data[18:]
    _wanted(len(name) == size, "the length that it states")
    return Parameter(name.decode(), uuid=uuid.UUID(bytes=identity))


def _observables_array(_: _Decoder, value: Any) -> ObservablesArray:
    return ObservablesArray(value)


def _bindings_array(_: _Decoder, value: Any) -> BindingsArray:
    data = {_names(key): array for key, array in value["data"].items()}
    for array in data.values():
        _wanted(isinstance(array, np.ndarray) and array.dtype.kind in "biuf", "arrays of real numbers")
    return BindingsArray(data, shape=_shape(value["shape"]))


def _names(key: str) -> tuple[str, ...]:
    names = msgspec.json.decode(key, type=list[str])
    return tuple(names)


def _bit_array(_: _Decoder, value: Any) -> BitArray:
    _wanted(_is_size(value["num_bits"]), "a number of bits")
    return BitArray(value["array"], value["num_bits"])


def _data_bin(_: _Decoder, value: Any) -> DataBin:
    return DataBin(shape=_shape(value["shape"]), **value["fields"])


def _pub_result(kind: type[PubResult]) -> Callable[[_Decoder, Any], PubResult]:
    def build(_: _Decoder, value: Any) -> PubResult:
        _wanted(isinstance(value["data"], DataBin) and isinstance(value["metadata"], dict), "data and metadata")
        return kind(value["data"], value["metadata"])

    return build


def _primitive_result(_: _Decoder, value: Any) -> PrimitiveResult[Any]:
    pubs, metadata = value["pub_results"], value["metadata"]
    _wanted(isinstance(pubs, list) and all(isinstance(each, PubResult) for each in pubs), "a list of pub results")
    _wanted(isinstance(metadata, dict), "pub results and metadata")
    return PrimitiveResult(pubs, metadata)


def _span(kind: type[ExecutionSpan]) -> Callable[[_Decoder, Any], ExecutionSpan]:
    def build(_: _Decoder, value: Any) -> ExecutionSpan:
        start, stop = value["start"], value["stop"]
        _wanted(isinstance(start, datetime) and isinstance(stop, datetime), "a time from start to stop")
        slices = {int(pub): _slice(kind, data) for pub, data in value["data_slices"].items()}
        return kind(start=start, stop=stop, data_slices=slices)

    return build


def _slice(kind: type[ExecutionSpan], data: Any) -> tuple[Any, ...]:
    shape, *bounds = data
    _wanted(len(data) == SLICE_LENGTHS[kind] and all(type(each) in (int, bool) for each in bounds), "a slice")
    return (_shape(shape), *bounds)


def _spans(_: _Decoder, value: Any) -> ExecutionSpans:
    spans = value["spans"]
    _wanted(isinstance(spans, list) and all(isinstance(each, ExecutionSpan) for each in spans), "a list of spans")
    return ExecutionSpans(tuple(spans))


_BUILDERS: dict[str, Callable[[_Decoder, Any], object]] = {
    "datetime": _datetime,
    "complex": _complex,
    "set": _set,
    "ndarray": _ndarray,
    "QuantumCircuit": _quantum_circuit,
    "Parameter": _parameter,
    "ObservablesArray": _observables_array,
    "BindingsArray": _bindings_array,
    "BitArray": _bit_array,
    "DataBin": _data_bin,
    "SamplerPubResult": _pub_result(SamplerPubResult),
    "EstimatorPubResult": _pub_result(PubResult),
    "PubResult": _pub_result(PubResult),
    "PrimitiveResult": _primitive_result,
    "ExecutionSpans": _spans,
    "ExecutionSpanCollection": _spans,
    "ExecutionSpan": _span(ExecutionSpan),
    "DoubleSliceSpan": _span(DoubleSliceSpan),
    "TwirledSliceSpan": _span(TwirledSliceSpan),
    "TwirledSliceSpanV2": _span(TwirledSliceSpanV2),
    "to_json": lambda _, value: value,
}
"""From tag to builder. A builder gets a value whose own objects are built already."""
