"""Which primitive reads the result of a quantum program: the one that prepared it."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from .results import QuantumProgramResult

_READERS: Final = {
    ("sampler_v2", "v0.1"): "sampler",
    ("estimator_v2", "v0.1"): "estimator",
    ("noise_learner_v3", "v0.1"): "noise_learner",
}
"""The module of this room whose `post_process` reads a result, by role and version of what prepared it."""


def post_process(result: QuantumProgramResult) -> Any:
    """Return what the primitive that prepared a program makes of its result; without one, the result itself.

    Source: behaviour B366.
    """
    module = _READERS.get((result.semantic_role or "", _version_of(result.passthrough_data)))
    if module is None:
        return result
    read: Callable[[QuantumProgramResult], object] = import_module(f".{module}", __package__).post_process
    return read(result)


def _version_of(tree: Any) -> str:
    """Return the version of what prepared a program, as its data says; empty if they do not."""
    told = tree.get("post_processor") if isinstance(tree, dict) else None
    version = told.get("version") if isinstance(told, dict) else None
    return version if isinstance(version, str) else ""
