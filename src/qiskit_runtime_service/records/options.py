"""Nouns of options: what may be set for a sampler. What is unset is not sent (B47)."""

from msgspec import UNSET, Struct, UnsetType, field


class EnvironmentOptions(Struct, kw_only=True, forbid_unknown_fields=True):
    """How the job is run and labelled."""

    log_level: str | UnsetType = UNSET
    """`DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`."""
    job_tags: list[str] | UnsetType | None = UNSET
    private: bool | UnsetType = UNSET
    """A private result can be read once."""


class ExecutionOptions(Struct, kw_only=True, forbid_unknown_fields=True):
    """How each shot is taken."""

    init_qubits: bool | UnsetType = UNSET
    rep_delay: float | UnsetType = UNSET
    """Seconds between two shots."""


class SimulatorOptions(Struct, kw_only=True, forbid_unknown_fields=True):
    """What only a simulator heeds."""

    seed_simulator: int | UnsetType | None = UNSET


class SamplerOptions(Struct, kw_only=True, forbid_unknown_fields=True):
    """What may be set for a sampler."""

    default_shots: int | UnsetType = UNSET
    """Shots of a PUB that says none; the service's own default is 4096."""
    max_execution_time: int | UnsetType | None = UNSET
    """Seconds after which the service stops the job."""
    environment: EnvironmentOptions = field(default_factory=EnvironmentOptions)
    execution: ExecutionOptions = field(default_factory=ExecutionOptions)
    simulator: SimulatorOptions = field(default_factory=SimulatorOptions)
