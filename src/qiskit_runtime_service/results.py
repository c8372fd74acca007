"""The door to what jobs answer with that Qiskit has no class for, where IBM's users look for it."""

from typing import TYPE_CHECKING

from ._left_out import closed
from .bridge.result_types import EstimatorPubResult, LayerError, NoiseLearnerResult, PauliLindbladError

__all__ = [
    "EstimatorPubResult",
    "LayerError",
    "NoiseLearnerResult",
    "PauliLindbladError",
]

if not TYPE_CHECKING:
    __getattr__ = closed(__name__)
