"""Which primitive reads the result of a quantum program: the one that prepared it."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from returns.result import Failure, Result, Success

from ..bridge.ledger import DecodeLimits, TimeLeft
from ..bridge.typed_json import DEFAULT_LIMITS, WRONG
from ..records.problem import Problem, UnreadableValue
from .reading import decode_program_result
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
    module = _READERS.get((result.semantic_role or "", _version_of(result.passthrough_data)))
    if module is None:
        return result
    read: Callable[[QuantumProgramResult], object] = import_module(f".{module}", __package__).post_process
    return read(result)


def read_result(
    body: bytes, limits: DecodeLimits = DEFAULT_LIMITS, time_left: TimeLeft | None = None
) -> Result[Any, Problem]:
    """Read the body of a finished job: a `PrimitiveResult` if a sampler or an estimator prepared it.

    Fails with:
        TooLarge, TooSlow, UnreadableValue: As `decode_program_result` has it, or it is not what its primitive prepared.

    Source: behaviour B364, B366.
    """
    return decode_program_result(body, limits, time_left).bind(_post_processed)


def _post_processed(result: QuantumProgramResult) -> Result[Any, Problem]:
    try:
        return Success(post_process(result))
    except WRONG as reason:
        words = f"it has no {reason}" if isinstance(reason, KeyError) else str(reason)
        return Failure(UnreadableValue(tag=f"the result of {result.semantic_role}", reason=words[:_LONGEST_REASON]))


def _version_of(tree: Any) -> str:
    """Return the version of what prepared a program, as its data says; empty if they do not."""
    told = tree.get("post_processor") if isinstance(tree, dict) else None
    version = told.get("version") if isinstance(told, dict) else None
    return version if isinstance(version, str) else ""
