"""Results of quantum programs as the service writes them, in each version of the schema."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from samplomatic.quantum_program import ChunkPart as Part
from samplomatic.quantum_program import ChunkSpan

from .results import ItemMetadata, QuantumProgramItemResult, QuantumProgramResult
from .schema import VERSIONS
from .tensors import encode_plain_tensor, encode_tensor, encode_tree

_VERSIONS: Final = tuple(VERSIONS)
"""The versions of the schema, the oldest first."""
_WITH_RANGES: Final = _VERSIONS.index("v1.0")
"""The first that tells which elements were run when, and what reads a result."""


def encode_result(result: QuantumProgramResult, version: str) -> bytes:
    """Return a result as JSON text in a version of the schema. What a version has no place for is left out.

    Args:
        result: What is told.
        version: One of `schema.VERSIONS`.

    Source: behaviour B395.
    """
    age = _VERSIONS.index(version)
    body: dict[str, object] = {
        "schema_version": version,
        "data": [_item(item, age) for item in result],
        "metadata": {"chunk_timing": [_span(span, age) for span in result.metadata.chunk_timing]},
    }
    if age >= 1:
        body["passthrough_data"] = _tree(result.passthrough_data, age)
    if age >= _WITH_RANGES:
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
    return encode_tensor(array) if age == len(_VERSIONS) - 1 else encode_plain_tensor(array)


def _tree(tree: Any, age: int) -> object:
    if age == len(_VERSIONS) - 1:
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


def _span(span: ChunkSpan, age: int) -> dict[str, object]:
    parts = [_part(part, age) for part in span.parts]
    return {"start": _instant(span.start), "stop": _instant(span.stop), "parts": parts}


def _part(part: Part, age: int) -> dict[str, object]:
    told: dict[str, object] = {"idx_item": part.idx_item, "size": part.size}
    if age >= _WITH_RANGES:
        permutation, elements = getattr(part, "permutation", None), getattr(part, "element_range", None)
        told |= {"permutation": permutation or [], "element_range": elements or (0, part.size, 1)}
    return told


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
