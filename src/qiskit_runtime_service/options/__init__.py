"""The door to the options, where IBM's users look for them."""

from .._doors import open_doors
from ..records.options import Unset
from ..shell.options import (
    DynamicalDecouplingOptions,
    EnvironmentOptions,
    EstimatorOptions,
    ExecutionOptionsV2,
    LayerNoiseLearningOptions,
    MeasureNoiseLearningOptions,
    NoiseLearnerOptions,
    OptionsV2,
    PecOptions,
    ResilienceOptionsV2,
    SamplerExecutionOptionsV2,
    SamplerOptions,
    SimulatorOptions,
    TwirlingOptions,
    ZneOptions,
)

__all__ = [
    "DynamicalDecouplingOptions",
    "EnvironmentOptions",
    "EstimatorOptions",
    "ExecutionOptionsV2",
    "LayerNoiseLearningOptions",
    "MeasureNoiseLearningOptions",
    "NoiseLearnerOptions",
    "OptionsV2",
    "PecOptions",
    "ResilienceOptionsV2",
    "SamplerExecutionOptionsV2",
    "SamplerOptions",
    "SimulatorOptions",
    "TwirlingOptions",
    "Unset",
    "ZneOptions",
]

open_doors(__name__)
