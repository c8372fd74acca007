"""The door to what jobs answer with that Qiskit has no class for, where IBM's users look for it.

What quantum programs answer with is loaded when it is first asked for: it needs the extra `executor`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ._left_out import not_here
from .bridge.learned_noise import CalibratorResult, NoiseLearnerV3Result, NoiseLearnerV3Results
from .bridge.result_types import EstimatorPubResult, LayerError, NoiseLearnerResult, PauliLindbladError

_OF_PROGRAMS = (
    "ItemMetadata",
    "Metadata",
    "QuantumProgramItemResult",
    "QuantumProgramResult",
    "SchedulerTiming",
    "StretchValues",
)

__all__ = [
    "CalibratorResult",
    "EstimatorPubResult",
    "ItemMetadata",
    "LayerError",
    "Metadata",
    "NoiseLearnerResult",
    "NoiseLearnerV3Result",
    "NoiseLearnerV3Results",
    "PauliLindbladError",
    "QuantumProgramItemResult",
    "QuantumProgramResult",
    "SchedulerTiming",
    "StretchValues",
]

if TYPE_CHECKING:
    from .programs.results import (
        ItemMetadata,
        Metadata,
        QuantumProgramItemResult,
        QuantumProgramResult,
        SchedulerTiming,
        StretchValues,
    )
else:

    def __getattr__(name: str) -> object:
        if name not in _OF_PROGRAMS:
            raise not_here(__name__, name)
        return getattr(import_module(".programs.results", __package__), name)
