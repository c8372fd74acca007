"""Results of quantum programs, in all versions of the schema: from bytes to what users hold."""

from functools import partial
from typing import TypeVar

import msgspec
from returns.result import Result

from ..bridge.ledger import DecodeLimits, Ledger, TimeLeft, refuse
from ..bridge.typed_json import DEFAULT_LIMITS, pay_for_text, read_odd_text, read_within
from ..records.problem import Problem
from .items import ChunkSpan
from .results import ChunkPart, Metadata, QuantumProgramItemResult, QuantumProgramResult
from .schema import (
    VERSIONS,
    ItemResult,
    MetadataBody,
    ResultBody,
    Span,
    Version,
    Versioned,
    in_utc,
    unknown_version,
)
from .tensors import read_tensor, read_tree

T = TypeVar("T", bound=Versioned)


def decode_program_result(
    body: bytes, limits: DecodeLimits = DEFAULT_LIMITS, time_left: TimeLeft | None = None
) -> Result[QuantumProgramResult, Problem]:
    """Read the result of a quantum program. What it costs is paid for before it is built.

    Fails with:
        TooLarge: A size reaches beyond `limits`.
        TooSlow: There is no time left.
        UnreadableValue: It is no such result, it is damaged, or no version of the schema that is known here.

    Source: behaviour B364.
    """
    return read_within(partial(read_program_result, body), limits, time_left)


def read_program_result(body: bytes, ledger: Ledger) -> QuantumProgramResult:
    """Return the result of a quantum program, whoever prepared it, as far as the ledger pays for it.

    Raises:
        RefusedError: It is none, or there is no room.
    """
    found, version = read_body(body, ResultBody, ledger)
    items = [_read_item(item, ledger, version) for item in found.data]
    tree = read_tree(found.passthrough_data, ledger, packed=version.packed)
    result = QuantumProgramResult(items, _read_metadata(found.metadata), tree)
    result.semantic_role = found.semantic_role
    return result


def read_body(body: bytes, kind: type[T], ledger: Ledger) -> tuple[T, Version]:
    """Return a body as what it must be, and how its version differs from others. The text is paid for.

    Raises:
        RefusedError: It is not that, or of a version that is not known here.
    """
    pay_for_text(body, ledger)
    try:
        found = msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = _convert(read_odd_text(body, ledger), kind)
    return found, _version(found)


def _convert(data: object, kind: type[T]) -> T:
    """Return JSON data as what they must be."""
    try:
        return msgspec.convert(data, kind)
    # A text that Python alone reads may have half a character.
    except (msgspec.ValidationError, UnicodeEncodeError, RecursionError) as reason:
        if kind is not Versioned:
            # Whatever else is wrong with it, an unknown version is why.
            _version(_convert(data, Versioned))
        raise refuse("a quantum program", str(reason)) from None


def _version(found: Versioned) -> Version:
    version = VERSIONS.get(found.schema_version)
    if version is None:
        raise unknown_version("a quantum program", found.schema_version, VERSIONS)
    return version


def _read_item(item: ItemResult, ledger: Ledger, version: Version) -> QuantumProgramItemResult:
    arrays = {name: read_tensor(tensor, ledger, packed=version.packed) for name, tensor in item.results.items()}
    return QuantumProgramItemResult(arrays, item.metadata)


def _read_metadata(metadata: MetadataBody | None) -> Metadata:
    return Metadata([_read_span(span) for span in metadata.chunk_timing] if metadata else [])


def _read_span(span: Span) -> ChunkSpan:
    parts = [ChunkPart(part.idx_item, part.size, part.permutation, part.element_range) for part in span.parts]
    return ChunkSpan(in_utc(span.start), in_utc(span.stop), parts)
