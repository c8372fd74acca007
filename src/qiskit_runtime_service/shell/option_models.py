"""Options of directed execution that users hold. Each says what it does, its unit, and its value if none is given."""

import re
from collections.abc import Callable
from dataclasses import field
from math import isfinite
from typing import Annotated, Any, Literal

from msgspec import Meta

from .._warn import warn_user
from ..core.arguments import as_python
from ..records.options import (
    Amplifier,
    Auto,
    DecouplingSequence,
    Extrapolator,
    LogLevel,
    MeasType,
    NaturalNumber,
    PositiveFloat,
    PositiveInt,
    Scheduling,
    SlackDistribution,
    TwirlingGroup,
    TwirlingStrategy,
)
from .option_group import Group, UnfitError, group, read_value
from .option_model import OptionModel, option_model

_IMAGE = re.compile(r"[a-zA-Z0-9]+([/.\-_][a-zA-Z0-9]+)*:[a-zA-Z0-9]+([.\-_][a-zA-Z0-9]+)*")


def _read_image(value: Any) -> str | None:
    image: str | None = read_value(str | None, value)
    if image is not None and not _IMAGE.fullmatch(image):
        raise UnfitError("the name of an image and its tag, as 'name:tag', or None")
    return image


def _read_old_limit(value: Any) -> int | None:
    seconds: int | None = read_value(PositiveInt | None, value)
    if seconds is not None:
        words = "environment.max_execution_time is deprecated; set max_execution_time of the options in its place."
        warn_user(words, DeprecationWarning)
    return seconds


def _sequence(kind: Any, *, least: int = 0) -> Callable[[Any], Any]:
    """Return what reads several values, at least so many different ones, or one that `kind` names beside them.

    A tuple stays a tuple.
    """

    def read(value: Any) -> Any:
        plain = list(value) if isinstance(value, range) else as_python(value)
        held = read_value(kind, plain)
        if isinstance(held, list) and len(set(held)) < least:
            raise UnfitError(f"at least {least} of them" + (", and different" if least > 1 else ""))
        return tuple(held) if isinstance(value, tuple) else held

    return read


def _read_layers(value: Any) -> Any:
    """Return the noise of layers as pairs of an instruction and its map."""
    if value is None:
        return None
    wanted = "None, or a list of pairs (CircuitInstruction of a box, PauliLindbladMap)"
    pairs = list(value) if isinstance(value, list | tuple) else [value]
    for index, pair in enumerate(pairs):
        kinds = [type(part).__name__ for part in pair] if isinstance(pair, list | tuple) else []
        if kinds != ["CircuitInstruction", "PauliLindbladMap"]:
            raise UnfitError(f"{wanted}; item {index} is no such pair")
        instruction, noise = pair
        if instruction.name != "box":
            raise UnfitError(f"{wanted}; item {index} is an instruction {instruction.name!r}")
        if not all(map(isfinite, noise.rates)):
            raise UnfitError(f"{wanted} with finite rates; item {index} has others")
        if len(instruction.qubits) != noise.num_qubits:
            sizes = f"{len(instruction.qubits)} and {noise.num_qubits} qubits"
            raise UnfitError(f"{wanted} of as many qubits; item {index} has {sizes}")
    return [tuple(pair) for pair in pairs]


def _layers() -> Any:
    return field(default=None, metadata={"read": _read_layers})


# Common to all


@option_model
class EnvironmentOptions(OptionModel):
    """How the job is labelled and logged, and what runs it."""

    log_level: LogLevel = "WARNING"
    """From which level on the service writes a log."""
    job_tags: list[str] = field(default_factory=list)
    """Tags of the job, at most 8 of at most 86 characters; jobs can be listed by them."""
    private: bool = False
    """Whether the result can be read once only, and the inputs not at all."""
    max_execution_time: int | None = field(default=None, metadata={"read": _read_old_limit})
    """Deprecated: it stands in the options themselves, and counts only where that is not set."""
    image: str | None = field(default=None, metadata={"read": _read_image})
    """The image that runs the job, as `name:tag`."""


@option_model
class ExecutionOptions(OptionModel):
    """How each shot is taken, and what is told of the timing."""

    init_qubits: bool = True
    """Whether qubits are reset before each shot."""
    rep_delay: Annotated[float, Meta(ge=0)] | None = None
    """Seconds between two shots, within `backend.rep_delay_range`. `None`: `backend.default_rep_delay`."""
    scheduler_timing: bool = False
    """Whether the result tells when each instruction was played."""
    stretch_values: bool = False
    """Whether the result tells what stretches became."""


@option_model
class SamplerExecutionOptions(ExecutionOptions):
    """How each shot is taken, what is told of the timing, and what of it a sampler returns."""

    meas_type: MeasType = "classified"
    """Bits (`classified`), or complex points of each shot (`kerneled`) or of their mean (`avg_kerneled`)."""


@option_model
class SimulatorOptions(OptionModel):
    """What is heeded only where the job runs in this process."""

    angle_decimals: NaturalNumber = 5
    """To how many decimals of π/2 angles are rounded, so that twirled Clifford circuits stay Clifford circuits."""
    layer_noise_model: list[tuple[Any, Any]] | None = _layers()
    """Pairs of a box and its `PauliLindbladMap`: noise that is simulated at that layer."""
    seed_simulator: NaturalNumber | None = None
    """The same seed gives the same shots, 0 included. `None`: another each time."""
    warn_absent: bool = True
    """Whether layers that `layer_noise_model` does not know are warned of."""


@option_model
class TwirlingOptions(OptionModel):
    """Random gates that turn noise into Pauli noise.

    With both numbers `auto`, a randomization takes max(64, shots / 32) shots, with one of them the other follows.
    """

    enable_gates: bool | None = None
    """`None`: False; for an estimator, True at `resilience_level=2`."""
    enable_measure: bool | None = None
    """`None`: False; for an estimator, True from `resilience_level=1` on."""
    group: TwirlingGroup = "pauli"
    """What the random gates are drawn from."""
    num_randomizations: PositiveInt | Auto = "auto"
    """Random circuits that stand for each circuit."""
    shots_per_randomization: PositiveInt | Auto = "auto"
    """Shots of each of them. If both numbers are given, their product is the shots, whatever else is asked for."""
    strategy: TwirlingStrategy = "active-accum"
    """Qubits twirled in a layer: those active in it, up to it, in the circuit, or all."""


@option_model
class DynamicalDecouplingOptions(OptionModel):
    """Pulses on idle qubits that keep their state. Not for circuits with control flow."""

    enable: bool = False
    """Whether there are any."""
    sequence_type: DecouplingSequence = "XX"
    """Two X pulses, one and its reverse (`XpXm`), or X, Y and their reverses (`XY4`)."""
    extra_slack_distribution: SlackDistribution = "middle"
    """Where time goes that does not divide: between the pulses, or to the edges."""
    scheduling_method: Scheduling = "alap"
    """Operations as late or as soon as possible."""
    skip_reset_qubits: bool = False
    """Whether qubits that were just reset are left alone."""


# Executor and sampler


@option_model
class ExecutorOptions(OptionModel):
    """What may be set for an executor."""

    environment: Group[EnvironmentOptions] = group(default_factory=EnvironmentOptions)
    execution: Group[ExecutionOptions] = group(default_factory=ExecutionOptions)
    experimental: dict[str, Any] = field(default_factory=dict)
    """Options that have no class yet."""
    simulator: Group[SimulatorOptions] = group(default_factory=SimulatorOptions)
    max_execution_time: PositiveInt | None = None
    """Seconds on the processor after which the service stops the job. `None`: the limit of the service."""


@option_model
class SamplerOptions(OptionModel):
    """What may be set for a sampler of directed execution."""

    default_shots: PositiveInt | None = 4096
    """Shots where neither the PUBs nor `run` say."""
    dynamical_decoupling: Group[DynamicalDecouplingOptions] = group(default_factory=DynamicalDecouplingOptions)
    execution: Group[SamplerExecutionOptions] = group(default_factory=SamplerExecutionOptions)
    twirling: Group[TwirlingOptions] = group(default_factory=TwirlingOptions)
    max_execution_time: PositiveInt | None = None
    """Seconds on the processor after which the service stops the job. `None`: the limit of the service."""
    simulator: Group[SimulatorOptions] = group(default_factory=SimulatorOptions)
    experimental: dict[str, Any] = field(default_factory=dict)
    """Options that have no class yet."""
    environment: Group[EnvironmentOptions] = group(default_factory=EnvironmentOptions)


# Estimator


@option_model
class MeasureNoiseLearningOptions(OptionModel):
    """How the errors of measurements are learned. Only with `measure_mitigation`."""

    num_randomizations: PositiveInt | Auto = "auto"
    """`auto`: as many as the PUBs take."""


@option_model
class PecOptions(OptionModel):
    """Probabilistic error cancellation: shots over circuits that undo learned noise on average."""

    max_overhead: PositiveFloat | None = 100
    """How many times the shots may grow; `None` for no limit."""
    noise_gain: Annotated[float, Meta(ge=0)] | Auto = "auto"
    """Noise that is left, as a factor: 0 removes all. `auto`: as little as `max_overhead` allows."""


@option_model
class ZneOptions(OptionModel):
    """Zero-noise extrapolation: run with more noise, and draw the line back to none."""

    amplifier: Amplifier = "gate_folding"
    """How noise is added: by folding gates, or by learned noise (`pea`)."""
    noise_factors: Any = field(
        default="auto", metadata={"read": _sequence(list[Annotated[float, Meta(ge=1)]] | Auto, least=2)}
    )
    """At least two, each 1 or more. `auto`: (1, 3, 5)."""
    extrapolator: Any = field(
        default=("exponential", "linear"), metadata={"read": _sequence(list[Extrapolator] | Extrapolator, least=1)}
    )
    """One, or several of which the first good one counts. Each needs so many factors: `linear`, `exponential` and
    `fallback` 2, `double_exponential` 4, `polynomial_degree_k` k+1."""
    extrapolated_noise_factors: Any = field(
        default="auto", metadata={"read": _sequence(list[Annotated[float, Meta(ge=0)]] | Auto)}
    )
    """Where the lines are read. `auto`: [0, *noise_factors]."""


@option_model
class ResilienceOptions(OptionModel):
    """How errors are mitigated. What is `None` follows `resilience_level`."""

    measure_mitigation: bool | None = None
    """Undo errors of measurements (TREX). `None`: True from `resilience_level=1` on."""
    measure_noise_learning: Group[MeasureNoiseLearningOptions] = group(default_factory=MeasureNoiseLearningOptions)
    pec_mitigation: bool = False
    """Cancel errors by probability; not together with ZNE."""
    pec: Group[PecOptions] = group(default_factory=PecOptions)
    zne_mitigation: bool | None = None
    """Extrapolate to zero noise. `None`: True at `resilience_level=2`."""
    zne: Group[ZneOptions] = group(default_factory=ZneOptions)
    layer_noise_model: list[tuple[Any, Any]] | None = _layers()
    """Pairs of a box and its `PauliLindbladMap`, as a noise learner finds them. PEC and PEA need it."""


@option_model
class EstimatorOptions(OptionModel):
    """What may be set for an estimator of directed execution."""

    default_precision: PositiveFloat = 0.015625
    """Standard error of a PUB where neither it nor `run` says; 1/precision² shots."""
    default_shots: NaturalNumber | None = None
    """Shots in the place of `default_precision`."""
    execution: Group[ExecutionOptions] = group(default_factory=ExecutionOptions)
    twirling: Group[TwirlingOptions] = group(default_factory=TwirlingOptions)
    dynamical_decoupling: Group[DynamicalDecouplingOptions] = group(default_factory=DynamicalDecouplingOptions)
    simulator: Group[SimulatorOptions] = group(default_factory=SimulatorOptions)
    experimental: dict[str, Any] = field(default_factory=dict)
    """Options that have no class yet."""
    environment: Group[EnvironmentOptions] = group(default_factory=EnvironmentOptions)
    resilience: Group[ResilienceOptions] = group(default_factory=ResilienceOptions)
    resilience_level: Literal[0, 1, 2] = 1
    """How much is done against errors: nothing, measurements (1), also ZNE and gate twirling (2)."""
    max_execution_time: PositiveInt | None = None
    """Seconds on the processor after which the service stops the job. `None`: the limit of the service."""


# Other programs


@option_model
class _BitFlipChecks(OptionModel):
    """How flips of bits are found, by pulses that a qubit in its state does not notice."""

    enable: bool = False
    """Whether these are made."""
    x_pulse_type: Literal["xslow", "rx"] = "xslow"
    """The gate `xslow`, or 20 gates `rx`."""
    strategy: Literal["node", "edge"] = "node"
    """Whether a flip counts against its qubit, or against all that it is coupled to."""


@option_model
class PreCircuitBitFlipChecksOptions(_BitFlipChecks):
    """Checks before the circuit."""


@option_model
class PostCircuitBitFlipChecksOptions(_BitFlipChecks):
    """Checks after the circuit."""


@option_model
class BitFlipChecksOptions(OptionModel):
    """Which checks for flipped bits are made around each circuit."""

    pre_circuit: Group[PreCircuitBitFlipChecksOptions] = group(default_factory=PreCircuitBitFlipChecksOptions)
    post_circuit: Group[PostCircuitBitFlipChecksOptions] = group(default_factory=PostCircuitBitFlipChecksOptions)


@option_model
class NoiseLearnerV3Options(OptionModel):
    """What may be set for a noise learner of boxes."""

    shots_per_randomization: PositiveInt = 128
    """Of each random circuit."""
    num_randomizations: PositiveInt = 32
    """Random circuits for each depth."""
    layer_pair_depths: list[NaturalNumber] = field(default_factory=lambda: [0, 1, 2, 4, 16, 32])
    """How often a layer and its inverse are repeated."""
    bit_flip_checks: Group[BitFlipChecksOptions] = group(default_factory=BitFlipChecksOptions)
    simulator: Group[SimulatorOptions] = group(default_factory=SimulatorOptions)
    experimental: dict[str, Any] = field(default_factory=dict)
    """Options that have no class yet."""
    execution: Group[ExecutionOptions] = group(default_factory=ExecutionOptions)
    environment: Group[EnvironmentOptions] = group(default_factory=EnvironmentOptions)
    max_execution_time: PositiveInt | None = None
    """Seconds on the processor after which the service stops the job. `None`: the limit of the service."""


@option_model
class CalibratorOptions(OptionModel):
    """What may be set for a calibrator."""

    environment: Group[EnvironmentOptions] = group(default_factory=EnvironmentOptions)
    experimental: dict[str, Any] = field(default_factory=dict)
    """Options that have no class yet."""
