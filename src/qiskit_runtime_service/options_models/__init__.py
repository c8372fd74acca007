"""The door to the options of directed execution, where IBM's users look for them."""

from .._doors import open_doors
from ..shell.option_models import (
    BitFlipChecksOptions,
    CalibratorOptions,
    DynamicalDecouplingOptions,
    EnvironmentOptions,
    EstimatorOptions,
    ExecutionOptions,
    ExecutorOptions,
    MeasureNoiseLearningOptions,
    NoiseLearnerV3Options,
    PecOptions,
    PostCircuitBitFlipChecksOptions,
    PreCircuitBitFlipChecksOptions,
    ResilienceOptions,
    SamplerExecutionOptions,
    SamplerOptions,
    SimulatorOptions,
    TwirlingOptions,
    ZneOptions,
)

__all__ = [
    "BitFlipChecksOptions",
    "CalibratorOptions",
    "DynamicalDecouplingOptions",
    "EnvironmentOptions",
    "EstimatorOptions",
    "ExecutionOptions",
    "ExecutorOptions",
    "MeasureNoiseLearningOptions",
    "NoiseLearnerV3Options",
    "PecOptions",
    "PostCircuitBitFlipChecksOptions",
    "PreCircuitBitFlipChecksOptions",
    "ResilienceOptions",
    "SamplerExecutionOptions",
    "SamplerOptions",
    "SimulatorOptions",
    "TwirlingOptions",
    "ZneOptions",
]

open_doors(__name__)
