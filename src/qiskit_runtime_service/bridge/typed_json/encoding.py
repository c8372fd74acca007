"""From objects to typed JSON."""

import base64
import io
import json
import struct
import zlib
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import Instruction, Parameter
from qiskit.circuit.parametertable import ParameterView
from qiskit.primitives.containers import BitArray, DataBin, PrimitiveResult, PubResult, SamplerPubResult
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.quantum_info import PauliLindbladMap
from qiskit.result import Result as QiskitResult
from qiskit.transpiler import CouplingMap

from ..._public import public
from ..._shown import shorten, write_out
from ..._warn import warn_user
from ..execution_spans import ExecutionSpan, ExecutionSpans, SliceSpan
from ..qpy_bounds import NEWEST
from ..qpy_delays import keep_units
from ..result_types import EstimatorPubResult, LayerError, NoiseLearnerResult, PauliLindbladError
from .sparse import is_sparse_matrix, sparse_text

ARRAY_KINDS = frozenset("biufcUSMm")
NOISE_MODULE = "qiskit_ibm_runtime.utils.noise_learner_result"
"""Where the classes of the noise learner once lived: the name that the server still writes."""
INT_KEYS = "__int_keys__"
"""The entry of a dictionary that says that its other keys were integers."""


def encode_value(value: object) -> bytes:
    """Return `value` as typed JSON text.

    Raises:
        TypeError: Something in `value` has no form in typed JSON.

    Source: behaviour B80, B177.
    """
    try:
        return json.dumps(value, cls=RuntimeEncoder).encode()
    except RecursionError:
        raise TypeError("it has too many levels") from None
    except ValueError as reason:
        # Python writes no number too long, and nothing that is in itself.
        raise TypeError(str(reason)) from reason


def encode_input(value: object) -> bytes:
    """Return what a user wants to be sent as typed JSON text.

    Raises:
        TypeError: Something in `value` has no form in typed JSON, or a text in it holds half of a character.

    Source: behaviour B80, B301.
    """
    text = encode_value(value)
    # Python writes whole characters, too, as two such escapes. They are rare.
    if b"\\ud" in text:
        try:
            json.dumps(json.loads(text), ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise TypeError("a text in it holds half of a character, a lone surrogate") from None
    return text


@public("json")
def to_base64_string(data: str) -> str:
    """Return the bytes of a text, in UTF-8, as base64 text."""
    return base64.b64encode(data.encode()).decode("ascii")


@public()
class RuntimeEncoder(json.JSONEncoder):
    """Write objects of Qiskit and NumPy as the service reads them: `json.dumps(value, cls=RuntimeEncoder)`.

    Raises:
        TypeError: Something has no form in typed JSON.

    Source: behaviour B80, B177.
    """

    def default(self, obj: Any) -> Any:
        """Return what stands for an object that plain JSON has no form for."""
        match obj:
            case np.bool_():
                return bool(obj)
            case np.integer():
                return int(obj)
            case np.floating():
                return float(obj)
            case complex() | np.complexfloating():
                return _tagged("complex", [float(obj.real), float(obj.imag)])
            case np.ndarray():
                return _tagged("ndarray", _array_value(obj))
            case date():
                return _tagged("datetime", obj.isoformat())
            case set() | frozenset():
                return _tagged("set", list(obj))
            case QuantumCircuit():
                return _tagged("QuantumCircuit", _circuit_text(obj))
            case Parameter():
                return _tagged("Parameter", _parameter_text(obj))
            case ParameterView() | CouplingMap():
                return list(obj)
            case Instruction():
                return _tagged("Instruction", _instruction_text(obj))
            case ObservablesArray():
                return _tagged("ObservablesArray", obj.tolist())
            case BindingsArray():
                return _tagged("BindingsArray", _bindings_value(obj))
            case SamplerPub():
                return [obj.circuit, obj.parameter_values.as_array(obj.circuit.parameters), obj.shots]
            case EstimatorPub():
                values = obj.parameter_values.as_array(obj.circuit.parameters)
                return [obj.circuit, obj.observables.tolist(), values, obj.precision]
            case _:
                return _result_value(obj)


def _result_value(o: Any) -> object:
    """Return what stands for something that a job answers with."""
    match o:
        case BitArray():
            return _tagged("BitArray", {"array": o.array, "num_bits": o.num_bits})
        case DataBin():
            return _tagged("DataBin", _data_bin_value(o))
        case PubResult():
            return _tagged(_pub_tag(o), {"data": o.data, "metadata": o.metadata})
        case PrimitiveResult():
            return _tagged("PrimitiveResult", {"pub_results": list(o), "metadata": o.metadata})
        case ExecutionSpans():
            return _tagged("ExecutionSpans", {"spans": list(o)})
        case ExecutionSpan():
            tag = "ExecutionSpan" if isinstance(o, SliceSpan) else type(o).__name__
            slices = {pub: _flat(data_slice) for pub, data_slice in o.data_slices.items()}
            return _tagged(tag, {"start": o.start, "stop": o.stop, "data_slices": slices})
        case NoiseLearnerResult():
            return _tagged("NoiseLearnerResult", {"data": o.data, "metadata": o.metadata})
        case LayerError():
            return _noise_value(o, {"circuit": o.circuit, "qubits": o.qubits, "error": o.error})
        case PauliLindbladError():
            return _noise_value(o, {"generators": o.generators, "rates": o.rates})
        case PauliLindbladMap():
            terms = [[paulis, list(qubits), rate] for paulis, qubits, rate in o.to_sparse_list()]
            return _tagged("PauliLindbladMap", {"paulis": terms, "num_qubits": o.num_qubits})
        case QiskitResult():
            return _tagged("Result", o.to_dict())
        case _:
            return _value_by_manner(o)


def _value_by_manner(o: Any) -> object:
    """Return what stands for an object that is known by what it can do."""
    if is_sparse_matrix(o):
        return _tagged("spmatrix", sparse_text(o))
    if _is_noise_model(o):
        return _tagged("NoiseModel", o.to_dict(serializable=True))
    if isinstance(settings := getattr(o, "settings", None), dict):
        place = {"__module__": type(o).__module__, "__class__": type(o).__name__}
        return {"__type__": "settings", **place, "__value__": _with_marked_keys(settings)}
    if callable(to_json := getattr(o, "to_json", None)):
        return _tagged("to_json", to_json())
    if callable(o):
        warn_user(f"Callable {shorten(write_out(o))} is not JSON serializable and will be set to None.")
        return None
    raise TypeError(f"{type(o).__name__} has no form in typed JSON.")


def _tagged(tag: str, value: object) -> dict[str, object]:
    return {"__type__": tag, "__value__": value}


def _array_value(array: NDArray[Any]) -> object:
    """Return base64 text of the compressed array; a nested list for an array of Python objects."""
    if array.dtype.kind == "O":
        return array.tolist()
    if array.dtype.kind not in ARRAY_KINDS:
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
    qpy.dump(keep_units(circuit), stream, metadata_serializer=RuntimeEncoder, version=NEWEST)
    return base64.b64encode(zlib.compress(stream.getbuffer())).decode("ascii")


def _instruction_text(instruction: Instruction) -> str:
    circuit = QuantumCircuit(instruction.num_qubits, instruction.num_clbits)
    circuit.append(instruction, circuit.qubits, circuit.clbits)
    return _circuit_text(circuit)


def _parameter_text(parameter: Parameter) -> str:
    name = parameter.name.encode()
    return base64.b64encode(struct.pack("!H16s", len(name), parameter.uuid.bytes) + name).decode("ascii")


def _bindings_value(bindings: BindingsArray) -> dict[str, object]:
    return {"shape": bindings.shape, "data": {json.dumps(names): array for names, array in bindings.data.items()}}


def _data_bin_value(data: DataBin) -> dict[str, object]:
    return {"field_names": list(data), "shape": data.shape, "fields": dict(data.items())}


def _pub_tag(pub: PubResult) -> str:
    kinds = ((SamplerPubResult, "SamplerPubResult"), (EstimatorPubResult, "EstimatorPubResult"))
    return next((tag for kind, tag in kinds if isinstance(pub, kind)), "PubResult")


def _flat(data_slice: Iterable[Any]) -> list[object]:
    """Return a slice of an execution span with start and stop in place of each range."""
    flat: list[object] = []
    for part in data_slice:
        flat.extend((part.start, part.stop) if isinstance(part, slice) else (part,))
    return flat


def _noise_value(o: object, value: dict[str, object]) -> dict[str, object]:
    return {"__type__": "_json", "__module__": NOISE_MODULE, "__class__": type(o).__name__, "__value__": value}


def _is_noise_model(o: object) -> bool:
    """Tell whether it is Aer's, without loading Aer."""
    aer = ("qiskit_aer.noise.noise_model", "NoiseModel")
    return any((kind.__module__, kind.__name__) == aer for kind in type(o).__mro__)


def _with_marked_keys(value: object) -> object:
    """Return `value` with a mark in each dictionary that has integers as keys: JSON makes them texts."""
    if not isinstance(value, dict):
        return value
    marked = {key: _with_marked_keys(item) for key, item in value.items()}
    return marked | {INT_KEYS: True} if any(isinstance(key, int) for key in marked) else marked
