"""Results of quantum programs as the service writes them, in each version of the schema."""

from binascii import b2a_base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from samplomatic.quantum_program import ChunkPart, ChunkSpan

from .results import ItemMetadata, QuantumProgramItemResult, QuantumProgramResult
from .tensors import DTYPES, encode_tensor, encode_tree

VERSIONS: Final = ("v0.1", "v0.2", "v1.0", "v1.1", "v2.0")
"""The versions of the schema, the oldest first."""
_PLAIN: Final = {"f": "f64", "b": "bool", "u": "u8", "c": "c128"}
"""The type, by its kind, that an array has where there are few types and nothing is compressed."""


def encode_result(result: QuantumProgramResult, version: str) -> bytes:
    """Return a result as JSON text in a version of the schema. What a version has no place for is left out.

    Args:
        result: What is told. Each part of a chunk holds the first elements of its item that no part before it holds.
        version: One of `VERSIONS`.

    Source: behaviour B395.
    """
    age = VERSIONS.index(version)
    data = [_item(item, age) for item in result]
    spans = _Spans(result, with_ranges=age >= 2)
    body: dict[str, object] = {
        "schema_version": version,
        "data": data,
        "metadata": {"chunk_timing": [spans.describe(span) for span in result.metadata.chunk_timing]},
    }
    if age >= 1:
        body["passthrough_data"] = _tree(result.passthrough_data, age)
    if age >= 2:
        body["semantic_role"] = result.semantic_role
    return msgspec.json.encode(body)


def _item(item: QuantumProgramItemResult, age: int) -> dict[str, object]:
    metadata = None if age == 0 else _metadata(item.metadata)
    return {"results": {name: _tensor(array, age) for name, array in item.items()}, "metadata": metadata}


def _metadata(known: ItemMetadata) -> dict[str, object]:
    timing, stretches = known.scheduler_timing, known.stretch_values
    return {
        "scheduler_timing": timing and {"timing": timing.timing, "circuit_duration": timing.circuit_duration},
        "stretch_values": stretches
        and [
            {
                "name": stretch.name,
                "value": stretch.value,
                "remainder": stretch.remainder,
                "expanded_values": [list(pair) for pair in stretch.expanded_values],
            }
            for stretch in stretches
        ],
    }


def _tensor(array: NDArray[Any], age: int) -> dict[str, object]:
    if age == len(VERSIONS) - 1:
        return encode_tensor(array)
    name = _PLAIN.get(array.dtype.kind, "f64")
    kept = np.packbits(array, bitorder="little") if name == "bool" else np.ascontiguousarray(array, DTYPES[name])
    return {"data": b2a_base64(kept.tobytes(), newline=False).decode(), "shape": list(array.shape), "dtype": name}


def _tree(tree: Any, age: int) -> object:
    if age == len(VERSIONS) - 1:
        return encode_tree(tree)
    match tree:
        case np.ndarray():
            return _tensor(tree, age)
        case Mapping():
            return {name: _tree(value, age) for name, value in tree.items()}
        case list() | tuple():
            return [_tree(value, age) for value in tree]
        case _:
            return tree


class _Spans:
    """Which elements of each item are told of already."""

    def __init__(self, result: QuantumProgramResult, *, with_ranges: bool) -> None:
        self._with_ranges = with_ranges
        self._dimensions = [_dimensions(item) for item in result]
        self._told = [0] * len(result)

    def describe(self, span: ChunkSpan) -> dict[str, object]:
        return {
            "start": _instant(span.start),
            "stop": _instant(span.stop),
            "parts": [self._part(part) for part in span.parts],
        }

    def _part(self, part: ChunkPart) -> dict[str, object]:
        index, size = part.idx_item, part.size
        told: dict[str, object] = {"idx_item": index, "size": size}
        if self._with_ranges:
            start = self._told[index]
            told |= {"permutation": list(range(self._dimensions[index])), "element_range": [start, start + size, 1]}
        self._told[index] += size
        return told


def _dimensions(item: QuantumProgramItemResult) -> int:
    """Return how many axes the shape of an item has: all of an array but those of shots and bits."""
    for name, array in item.items():
        return int(array.ndim) - (1 if name == "pauli_signs" or name.endswith("_avg_iq") else 2)
    return 0


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
