"""The options of primitives that users hold. Each says what it does, its unit, and what the service does without it."""

from dataclasses import field
from typing import Annotated, Any

from msgspec import Meta

from .._warn import warn_user
from ..client.raising import value_or_raise
from ..core.arguments import read_object
from ..core.options import check_resilience, check_zne
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
    TwirlingStrategy,
    Unset,
    UnsetType,
)
from ..records.problem import BadArgument
from .option_group import (
    Group,
    OptionGroup,
    UnfitError,
    group,
    option_group,
    or_unset,
    read_value,
)


def _read_noise_model(value: Any) -> Any:
    if value is None or isinstance(value, dict) or type(value).__name__ == "NoiseModel":
        return value
    raise UnfitError("a NoiseModel of qiskit-aer, a dictionary or None")


def _read_coupling_map(value: Any) -> Any:
    """Return pairs of qubits as lists, or a `CouplingMap` as it is."""
    if hasattr(value, "get_edges"):
        return value
    try:
        return read_value(list[Annotated[list[NaturalNumber], Meta(min_length=2, max_length=2)]] | None, value)
    except UnfitError:
        raise UnfitError("a list of pairs of qubits, a CouplingMap or None") from None


def _read_layer_noise_model(value: Any) -> Any:
    """Return what a noise learner found, whole or layer by layer."""
    if value is None or type(value).__name__ == "NoiseLearnerResult":
        return value
    if isinstance(value, list | tuple) and all(type(layer).__name__ == "LayerError" for layer in value):
        return list(value)
    raise UnfitError("a NoiseLearnerResult, a list of its LayerErrors or None")


# Common to all primitives


@option_group
class EnvironmentOptions(OptionGroup):
    """How the job is labelled and logged. None of it counts for the result."""

    log_level: LogLevel = "WARNING"
    """From which level on the service writes a log."""
    job_tags: list[str] | None = None
    """Tags of the job, at most 8 of at most 86 characters; jobs can be listed by them."""
    private: bool | None = False
    """Whether the result can be read once only, and the inputs not at all."""


@option_group
class ExecutionOptionsV2(OptionGroup):
    """How each shot is taken."""

    init_qubits: bool | UnsetType = Unset
    """Whether qubits are reset before each shot. Default: True."""
    rep_delay: float | UnsetType = Unset
    """Seconds between two shots, within `backend.rep_delay_range`. Default: `backend.default_rep_delay`."""


@option_group
class SamplerExecutionOptionsV2(ExecutionOptionsV2):
    """How each shot is taken, and what of it a sampler returns."""

    meas_type: MeasType | UnsetType = Unset
    """Bits (`classified`), or complex points of each shot (`kerneled`) or of their mean. Default: `classified`."""


@option_group
class DynamicalDecouplingOptions(OptionGroup):
    """Pulses on idle qubits that keep their state. Not for circuits with control flow."""

    enable: bool | UnsetType = Unset
    """Default: False."""
    sequence_type: DecouplingSequence | UnsetType = Unset
    """Default: `XX`."""
    extra_slack_distribution: SlackDistribution | UnsetType = Unset
    """Where time goes that does not divide: between the pulses, or to the edges. Default: `middle`."""
    scheduling_method: Scheduling | UnsetType = Unset
    """Operations as late or as soon as possible. Default: `alap`."""
    skip_reset_qubits: bool | UnsetType = Unset
    """Whether qubits that were just reset are left alone. Default: False."""


@option_group
class TwirlingOptions(OptionGroup):
    """Random Paulis that turn noise into Pauli noise.

    With both numbers `auto`, a randomization takes max(64, shots / 32) shots, with one of them the other follows.
    """

    enable_gates: bool | UnsetType = Unset
    """Default: False; for an estimator, True at `resilience_level=2`."""
    enable_measure: bool | UnsetType = Unset
    """Default: False; for an estimator, True from `resilience_level=1` on."""
    num_randomizations: PositiveInt | Auto | UnsetType = Unset
    """Default: `auto`."""
    shots_per_randomization: PositiveInt | Auto | UnsetType = Unset
    """Default: `auto`."""
    strategy: TwirlingStrategy | UnsetType = Unset
    """Qubits twirled in a layer: those active in it, up to it, in the circuit, or all. Default: `active-accum`."""


@option_group
class SimulatorOptions(OptionGroup):
    """What only a simulator heeds."""

    noise_model: Any = field(default=Unset, metadata={"read": or_unset(_read_noise_model)})
    """A `NoiseModel` of qiskit-aer, or its dictionary. Default: that of the device."""
    seed_simulator: int | UnsetType | None = Unset
    """The same seed gives the same shots, 0 included. Default: None, another each time."""
    coupling_map: Any = field(default=Unset, metadata={"read": or_unset(_read_coupling_map)})
    """Pairs of qubits, or a `CouplingMap`. Default: None, all pairs."""
    basis_gates: list[str] | UnsetType | None = Unset
    """Default: None, all gates."""

    def set_backend(self, backend: Any) -> None:
        """Simulate the noise, the gates and the coupling of a Qiskit backend. It needs qiskit-aer.

        Raises:
            IBMInputValueError: It is none.
        """
        from qiskit.providers import BackendV2

        device = value_or_raise(read_object("backend", backend, BackendV2, wanted="a backend of Qiskit"))
        from qiskit_aer.noise import NoiseModel

        self.update(
            noise_model=NoiseModel.from_backend(device),
            coupling_map=device.coupling_map,
            basis_gates=device.operation_names,
        )


@option_group
class OptionsV2(OptionGroup):
    """What every program may be told."""

    max_execution_time: PositiveInt | UnsetType | None = Unset
    """Seconds on the processor after which the service stops the job; it cuts at 10800. Default: None."""
    environment: Group[EnvironmentOptions] = group(default_factory=EnvironmentOptions)
    simulator: Group[SimulatorOptions] = group(default_factory=SimulatorOptions)


@option_group
class SamplerOptions(OptionsV2):
    """What may be set for a sampler."""

    default_shots: PositiveInt | UnsetType = Unset
    """Shots of a PUB where neither it nor `run` says. Default: 4096."""
    dynamical_decoupling: Group[DynamicalDecouplingOptions] = group(default_factory=DynamicalDecouplingOptions)
    execution: Group[SamplerExecutionOptionsV2] = group(default_factory=SamplerExecutionOptionsV2)
    twirling: Group[TwirlingOptions] = group(default_factory=TwirlingOptions)
    experimental: dict[str, Any] | UnsetType = Unset
    """Options that have no class yet. `image` names the image that runs the job."""


# Estimator only


def _read_shots_of_learning(value: Any) -> int | str:
    """Return a number of shots, which is deprecated, or `auto`.

    Source: behaviour B490.
    """
    shots: int | str = read_value(PositiveInt | Auto, value)
    if shots != "auto":
        words = "A number as measure_noise_learning.shots_per_randomization is deprecated by the service; say 'auto'."
        warn_user(words, DeprecationWarning)
    return shots


_LEARNING = {"read": or_unset(_read_shots_of_learning)}


@option_group
class MeasureNoiseLearningOptions(OptionGroup):
    """How the errors of measurements are learned. Only with `measure_mitigation=True`."""

    num_randomizations: PositiveInt | UnsetType = Unset
    """Default: 32."""
    shots_per_randomization: PositiveInt | Auto | UnsetType = field(default=Unset, metadata=_LEARNING)
    """Default: `auto`, so many that a circuit has its shots. A number is deprecated by the service."""


@option_group
class ZneOptions(OptionGroup):
    """Zero-noise extrapolation: run with more noise, and draw the line back to none."""

    amplifier: Amplifier | UnsetType = Unset
    """How noise is added: by folding gates, or by learned noise (`pea`). Default: `gate_folding`."""
    noise_factors: list[Annotated[float, Meta(ge=1)]] | UnsetType = Unset
    """Default: [1, 3, 5]."""
    extrapolator: Extrapolator | list[Extrapolator] | UnsetType = Unset
    """One, or several of which the first good one counts. Each needs so many factors: `linear`, `exponential` and
    `fallback` 2, `double_exponential` 4, `polynomial_degree_k` k+1. Default: [`exponential`, `linear`]."""
    extrapolated_noise_factors: list[float] | Auto | UnsetType = Unset
    """Where the lines are read. Default: [0, *noise_factors]."""

    def find_conflict(self) -> BadArgument | None:
        """Return which extrapolator has too few noise factors, if any."""
        return check_zne(self.to_dict())


@option_group
class PecOptions(OptionGroup):
    """Probabilistic error cancellation: shots over circuits that undo learned noise on average."""

    max_overhead: PositiveFloat | UnsetType | None = Unset
    """How many times the shots may grow; None for no limit. Default: 100."""
    noise_gain: Annotated[float, Meta(ge=0)] | Auto | UnsetType = Unset
    """Noise that is left, as a factor: 0 removes all. Default: `auto`, as little as `max_overhead` allows."""


@option_group
class LayerNoiseLearningOptions(OptionGroup):
    """How the noise of layers is learned, for PEC and PEA."""

    max_layers_to_learn: NaturalNumber | UnsetType | None = Unset
    """None for no limit. Default: 4."""
    shots_per_randomization: PositiveInt | UnsetType = Unset
    """Default: 128."""
    num_randomizations: PositiveInt | UnsetType = Unset
    """Default: 32."""
    layer_pair_depths: list[NaturalNumber] | UnsetType = Unset
    """How often a layer and its inverse are repeated. Default: [0, 1, 2, 4, 16, 32]."""


@option_group
class ResilienceOptionsV2(OptionGroup):
    """How errors are mitigated. What is not set follows `resilience_level`."""

    measure_mitigation: bool | UnsetType = Unset
    """Undo errors of measurements. Default: True from `resilience_level=1` on."""
    measure_noise_learning: Group[MeasureNoiseLearningOptions] = group(default_factory=MeasureNoiseLearningOptions)
    zne_mitigation: bool | UnsetType = Unset
    """Extrapolate to zero noise. Default: True at `resilience_level=2`."""
    zne: Group[ZneOptions] = group(default_factory=ZneOptions)
    pec_mitigation: bool | UnsetType = Unset
    """Cancel errors by probability; not together with ZNE. Default: False."""
    pec: Group[PecOptions] = group(default_factory=PecOptions)
    layer_noise_learning: Group[LayerNoiseLearningOptions] = group(default_factory=LayerNoiseLearningOptions)
    layer_noise_model: Any = field(default=Unset, metadata={"read": or_unset(_read_layer_noise_model)})
    """The result of a noise learner, or a list of its layers: then nothing is learned anew. Default: None."""

    def find_conflict(self) -> BadArgument | None:
        """Return which ways to mitigate errors do not go together, if any."""
        return check_resilience(self.to_dict()) or super().find_conflict()


@option_group
class EstimatorOptions(OptionsV2):
    """What may be set for an estimator."""

    default_precision: PositiveFloat | UnsetType = Unset
    """Standard error of a PUB where neither it nor `run` says; 1/precision² shots. Default: 0.015625."""
    default_shots: NaturalNumber | UnsetType | None = Unset
    """Shots in the place of a precision. Default: None."""
    resilience_level: Annotated[int, Meta(ge=0, le=2)] | UnsetType = Unset
    """How much is done against errors: nothing, measurements (1), also ZNE and gate twirling (2). Default: 1."""
    seed_estimator: int | UnsetType | None = Unset
    """The seed of what an estimator draws. Default: None."""
    dynamical_decoupling: Group[DynamicalDecouplingOptions] = group(default_factory=DynamicalDecouplingOptions)
    resilience: Group[ResilienceOptionsV2] = group(default_factory=ResilienceOptionsV2)
    execution: Group[ExecutionOptionsV2] = group(default_factory=ExecutionOptionsV2)
    twirling: Group[TwirlingOptions] = group(default_factory=TwirlingOptions)
    experimental: dict[str, Any] | UnsetType = Unset
    """Options that have no class yet. `image` names the image that runs the job."""


# Other programs


@option_group
class NoiseLearnerOptions(LayerNoiseLearningOptions, OptionsV2):
    """What may be set for a noise learner."""

    twirling_strategy: TwirlingStrategy | UnsetType = Unset
    """Which qubits are twirled in a layer. Default: `active-accum`."""
    experimental: dict[str, Any] | UnsetType = Unset
    """Options that have no class yet."""


Options = OptionsV2
"""The same, under its first name."""
