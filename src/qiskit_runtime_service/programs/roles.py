"""Which primitive reads the result of a quantum program: the one that prepared it."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, Final

from returns.result import Result

from ..bridge.ledger import DecodeLimits, Ledger, TimeLeft, refuse
from ..bridge.typed_json import DEFAULT_LIMITS, WRONG, read_within
from ..records.problem import Problem
from .reading import read_program_result
from .results import QuantumProgramResult

_READERS: Final = {
    ("sampler_v2", "v0.1"): "sampler",
    ("estimator_v2", "v0.1"): "estimator",
    ("noise_learner_v3", "v0.1"): "noise_learner",
}
"""The module of this room whose `post_process` reads a result, by role and version of what prepared it."""

_LONGEST_REASON = 500
"""Characters of what somebody says is wrong."""


def post_process(result: QuantumProgramResult) -> Any:
    """Return what the primitive that prepared a program makes of its result; without one, the result itself.

    Source: behaviour B366.
    """
    read = _reader_of(result)
    return result if read is None else read(result)


def read_result(
    body: bytes, limits: DecodeLimits = DEFAULT_LIMITS, time_left: TimeLeft | None = None
) -> Result[Any, Problem]:
    """Read the body of a finished job: a `PrimitiveResult` if a sampler or an estimator prepared it.

    Fails with:
        TooLarge, TooSlow, UnreadableValue: As `decode_program_result` has it, or it is not what its primitive prepared.

    Source: behaviour B364, B366, B412.
    """
    return read_within(partial(_read, body), limits, time_left)


def _read(body: bytes, ledger: Ledger) -> Any:
    result = read_program_result(body, ledger)
    read = _reader_of(result)
    if read is None:
        return result
    try:
        return read(result, begin=ledger.begin)
    except WRONG as reason:
        words = f"it has no {reason}" if isinstance(reason, KeyError) else str(reason)
        raise refuse(f"the result of {result.semantic_role}", words[:_LONGEST_REASON]) from None


def _reader_of(result: QuantumProgramResult) -> Callable[..., object] | None:
    """Return what reads a result of the primitive that prepared it; `None` where nobody known here did."""
    module = _READERS.get((result.semantic_role or "", _version_of(result.passthrough_data)))
    if module is None:
        return None
    read: Callable[..., object] = import_module(f".{module}", __package__).post_process
    return read


def _version_of(tree: Any) -> str:
    """Return the version of what prepared a program, as its data says; empty if they do not."""
    told = tree.get("post_processor") if isinstance(tree, dict) else None
    version = told.get("version") if isinstance(told, dict) else None
    return version if isinstance(version, str) else ""
