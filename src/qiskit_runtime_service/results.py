"""The door to what jobs answer with that Qiskit has no class for, where IBM's users look for it."""

from .bridge.answers import (
    EstimatorPubResult,
    LayerError,
    NoiseLearnerResult,
    PauliLindbladError,
)

__all__ = [
    "EstimatorPubResult",
    "LayerError",
    "NoiseLearnerResult",
    "PauliLindbladError",
]
