"""Quantum programs as the parameters of a job."""

import io
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from pybase64 import b64encode
from qiskit import QuantumCircuit, qpy
from qiskit.qpy.common import QPY_VERSION
from qiskit.quantum_info import PauliLindbladMap
from samplomatic.quantum_program import CircuitItem, QuantumProgramItem, SamplexItem
from samplomatic.serialization import samplex_to_json
from samplomatic.ssv import SSV

from ..bridge.qpy_delays import keep_units
from ..bridge.typed_json import RuntimeEncoder
from .annotations import ANNOTATIONS
from .quantum_program import QuantumProgram
from .tensors import encode_tensor, encode_tree

SCHEMA: Final = "v2.0"
"""The version that is sent."""


def encode_program(program: QuantumProgram, options: Mapping[str, Any]) -> bytes:
    """Return the parameters of a job that runs `program`, as JSON text.

    Args:
        program: What was checked already.
        options: Those that are for the program: `init_qubits`, `rep_delay`, `scheduler_timing`, `stretch_values` and
            `experimental`.

    Raises:
        TypeError, ValueError: The options are no JSON.
        Beside these, what `encode_circuits` raises.

    Source: behaviour B361.
    """
    body = {
        "schema_version": SCHEMA,
        "quantum_program": {
            "shots": int(program.shots),
            "circuits": encode_circuits([item.circuit for item in program.items]),
            "items": [_item(item) for item in program.items],
            "semantic_role": program.semantic_role,
            "meas_level": program.meas_level,
            "passthrough_data": encode_tree(program.passthrough_data),
        },
        # NaN and Infinity are refused, and would be null otherwise.
        "options": msgspec.Raw(json.dumps(options, allow_nan=False).encode()),
    }
    return msgspec.json.encode(body)


def encode_circuits(circuits: Sequence[QuantumCircuit]) -> dict[str, object]:
    """Return what stands for circuits: their QPY as base64 of a zlib stream.

    Raises:
        TypeError: Metadata of a circuit have no form in typed JSON.
        QiskitError, ValueError, OverflowError: Something in a circuit has no form in QPY.
    """
    stream = io.BytesIO()
    qpy.dump(
        [keep_units(circuit) for circuit in circuits],
        stream,
        metadata_serializer=RuntimeEncoder,
        version=QPY_VERSION,
        annotation_factories=ANNOTATIONS,
    )
    data = b64encode(zlib.compress(stream.getbuffer())).decode("ascii")
    return {"b64_data": data, "qpy_version": QPY_VERSION, "num_programs": len(circuits)}


def _item(item: QuantumProgramItem) -> dict[str, object]:
    size = "auto" if item.chunk_size is None else int(item.chunk_size)
    match item:
        case CircuitItem():
            # The shape is that of the arguments: IBM's client says so by leaving it empty.
            arguments = encode_tensor(item.circuit_arguments)
            return {"item_type": "circuit", "circuit_arguments": arguments, "shape": [], "chunk_size": size}
        case SamplexItem():
            return {
                "item_type": "samplex",
                "samplex": {"ssv": SSV, "samplex_json": samplex_to_json(item.samplex, ssv=SSV)},
                "samplex_arguments": {name: _argument(value) for name, value in item.samplex_arguments.items()},
                "shape": list(item.shape),
                "chunk_size": size,
            }
    raise TypeError(f"{type(item).__name__} is no item of a quantum program.")


def _argument(value: Any) -> object:
    """Return what stands for an argument of a samplex."""
    if isinstance(value, PauliLindbladMap):
        terms = [[paulis, list(qubits), rate] for paulis, qubits, rate in value.to_sparse_list()]
        return {"sparse_terms": terms, "num_qubits": value.num_qubits}
    return value if isinstance(value, bool | int) else encode_tensor(value)
