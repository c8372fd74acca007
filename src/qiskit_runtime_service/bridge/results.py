"""Results of jobs: bytes to the objects that users hold. An emulated cloud writes them with `typed_json`."""

import re

import msgspec
from returns.result import Result

from ..records.problem import Problem
from .ledger import DecodeLimits, TimeLeft
from .result_types import LayerError, NoiseLearnerResult
from .typed_json import DEFAULT_LIMITS, decode_value


def decode_result(
    body: bytes, limits: DecodeLimits = DEFAULT_LIMITS, time_left: TimeLeft | None = None
) -> Result[object, Problem]:
    """Read the body of a finished job of any program.

    A sampler or an estimator gives a `PrimitiveResult`. What has no class of ours, such as the result of an
    executor, stays the lists and dictionaries that the text holds, with typed values inside it built.

    Fails with:
        TooLarge: A size reaches beyond `limits`.
        TooSlow: There is no time left.
        TooNew: A circuit in it was written by a newer Qiskit than the installed one can read.
        UnreadableValue: It is not JSON, such as the plain text of a crashed program, or a typed value is damaged.

    Source: behaviour B81, B82, B175.
    """
    return decode_value(body, limits, time_left)


def as_layers(value: object) -> object:
    """Return what a noise learner of circuits says of layers as its result: its class has no tag of its own there.

    Source: behaviour B406.
    """
    match value:
        case {"data": list(layers), **rest} if all(isinstance(layer, LayerError) for layer in layers):
            told = rest.get("metadata")
            return NoiseLearnerResult(layers, told if isinstance(told, dict) else None)
        case _:
            return value


_SCHEMA = re.compile(rb'\s*{\s*"schema_version"\s*:\s*"')
"""How a body begins that says of which version it is, in all that any client writes."""


class _Versioned(msgspec.Struct):
    schema_version: str


def has_schema(body: bytes) -> bool:
    """Tell whether a body says of which version of a schema it is. What is written in typed JSON does not."""
    try:
        msgspec.json.decode(body, type=_Versioned)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # It may have numbers that only Python reads.
        return _SCHEMA.match(body) is not None
    return True
