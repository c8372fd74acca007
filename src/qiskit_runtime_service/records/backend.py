"""Nouns of backends: a line of a listing, a configuration, calibration properties, a status."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from .names import Names
from .selection import Condition


class BackendRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One backend of a listing: all that is known without asking for more."""

    name: str
    instance: str = ""
    """CRN of the instance that listed it."""
    state: str = "online"
    """`online`, `paused` or `offline`; the server may send words that we do not know yet."""
    reason: str = ""
    """Why it is not online, in the server's words."""
    queue_length: int | None = None
    """How many jobs wait; `None` where the listing does not say it, and never taken for 0."""
    num_qubits: int | None = None
    """`None` where the listing is silent; the configuration knows."""
    physical_qubits: int | None = None
    simulator: bool | None = None
    mock: bool = False
    """A stand-in for dry runs: never listed unless asked for, never chosen."""
    processor: str = ""
    """Family and revision, such as `Heron r2`."""
    clops: float | None = None
    """Circuit layer operations a second."""
    two_qubit_error: float | None = None
    """Median over the pairs of the device, each by its best gate but `rzz`, 0 to 1 (B272)."""
    readout_error: float | None = None
    """Median over the qubits of the device, 0 to 1."""
    wait_seconds: float | None = None
    """How long jobs wait on average."""
    calibrated: float | None = None
    """Instant of the last calibration; the listing never tells, the properties do."""
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away."""


class BackendListing(msgspec.Struct, frozen=True, kw_only=True):
    """The backends of one instance, in the server's order."""

    rows: tuple[BackendRow, ...]
    lost: int = 0
    """How many rows could not be understood. They are not in `rows`."""
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away, in the rows and of the whole."""


class BackendQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a backend, each condition beside the cheapest data that can decide it."""

    row: tuple[Condition, ...] = ()
    configuration: tuple[Condition, ...] = ()
    status: tuple[Condition, ...] = ()
    tested: bool = False
    """Whether a test that is no data, the user's `filters=`, has a say too."""
    only_best: bool = False
    """Whether one backend that work can be given to is enough."""
    fractional: bool | None = False
    """`True` insists that the only one has fractional gates."""
    all_instances: bool = False
    """Whether a device is asked about once for each instance that has it, not only in its best."""


class BackendStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a backend takes jobs now."""

    backend_name: str
    backend_version: str = "0.0.0"
    operational: bool = False
    pending_jobs: int | None = None
    """`None` where the service does not say it."""
    status_msg: str = ""
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away."""


Count = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
"""A number of qubits or bits: each costs memory, and a server's word for it is not enough."""

Samples = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""A number of samples that Qiskit can hold."""


class GateEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gate of a configuration. Without a coupling map it is everywhere.

    A key that is not here makes the reader look closer, so that it can say what it skips (B100).
    """

    name: str
    parameters: tuple[str, ...] | None = None
    qasm_def: str | None = None
    coupling_map: tuple[tuple[int, ...], ...] | None = None
    latency_map: tuple[tuple[int, ...], ...] | None = None
    conditional: bool | None = None
    description: str | None = None


class InstructionSignature(msgspec.Struct, frozen=True, kw_only=True):
    """An instruction that Qiskit has no class for."""

    name: str
    description: str = ""
    num_qubits: Count = 1
    num_clbits: Count = 0
    parameters: tuple[str, ...] = ()
    return_type: str | None = None


class TimingConstraints(msgspec.Struct, frozen=True, kw_only=True):
    """Granularities of the control electronics, in samples of `dt`."""

    granularity: Samples = 1
    min_length: Samples = 1
    pulse_alignment: Samples = 1
    acquire_alignment: Samples = 1


class ProcessorType(msgspec.Struct, frozen=True, kw_only=True):
    """The chip: `Heron`, revision `2`."""

    family: str | None = None
    revision: str | int | float | None = None
    segment: str | None = None


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What a backend is built like. Field names and units are those of the wire (B30)."""

    backend_name: str
    backend_version: str
    n_qubits: Count
    basis_gates: tuple[str, ...]
    gates: tuple[GateEntry, ...]
    local: bool = False
    simulator: bool = False
    conditional: bool = False
    open_pulse: bool = False
    memory: bool = False
    coupling_map: tuple[tuple[int, int], ...] | None = None
    online_date: datetime | None = None
    supported_instructions: Names | None = None
    supported_features: Names | None = None
    instruction_signatures: tuple[InstructionSignature, ...] | None = None
    timing_constraints: TimingConstraints | None = None
    dt: float | None = None
    """Nanoseconds."""
    dtm: float | None = None
    """Nanoseconds."""
    rep_delay_range: tuple[float, ...] | None = None
    """Microseconds."""
    default_rep_delay: float | None = None
    """Microseconds."""
    dynamic_reprate_enabled: bool | None = None
    rep_times: tuple[float, ...] | None = None
    """Microseconds."""
    max_shots: int | None = None
    max_experiments: int | None = None
    meas_map: tuple[tuple[int, ...], ...] | None = None
    meas_levels: tuple[int, ...] | None = None
    meas_kernels: tuple[str, ...] | None = None
    discriminators: tuple[str, ...] | None = None
    n_registers: int | None = None
    processor_type: ProcessorType | None = None
    sample_name: str | None = None
    description: str | None = None
    url: str | None = None
    quantum_volume: int | None = None
    clops: int | float | str | None = None
    clops_h: int | float | str | None = None
    clops_v: int | float | str | None = None
    coords: tuple[tuple[float, ...], ...] | None = None
    credits_required: bool | None = None
    allow_q_object: bool | None = None
    multi_meas_enabled: bool | None = None
    parallel_compilation: bool | None = None
    measure_esp_enabled: bool | None = None
    calibration_id: str | None = None
    rest: bytes = msgspec.field(default=b"{}", name="$rest")
    """The fields that the server sent beside these, as one JSON object. Hardly anybody reads them."""
    ignored: tuple[str, ...] = msgspec.field(default=(), name="$ignored")
    """A sentence for each part that could not be understood and was left away."""

    @property
    def others(self) -> dict[str, Any]:
        """The fields beside the named ones, decoded anew each time."""
        decoded: dict[str, Any] = msgspec.json.decode(self.rest)
        return decoded


class Nduv(msgspec.Struct, frozen=True, gc=False):
    """A calibrated number: name, date, unit, value. The letters are IBM's own name for it."""

    name: str
    unit: str
    value: float
    date: str | None = None
    """ISO 8601 with an offset, kept as text: of thousands hardly one is ever read."""


class GateProperties(msgspec.Struct, frozen=True, gc=False):
    """What was measured of one gate on one tuple of qubits."""

    gate: str
    qubits: tuple[int, ...]
    parameters: tuple[Nduv, ...]
    name: str | None = None


class QubitList(msgspec.Struct, frozen=True, gc=False):
    """A named chain of qubits that a general property speaks of."""

    name: str
    qubits: tuple[int, ...]


class Properties(msgspec.Struct, frozen=True, kw_only=True):
    """One calibration of a backend."""

    backend_name: str = ""
    backend_version: str = ""
    last_update_date: datetime | None = None
    """As the service says it, else when the latest of it was measured; `None` where nobody knows."""
    qubits: tuple[tuple[Nduv, ...], ...] = ()
    gates: tuple[GateProperties, ...] = ()
    general: tuple[Nduv, ...] | None = None
    general_qlists: tuple[QubitList, ...] | None = None
    ignored: tuple[str, ...] = msgspec.field(default=(), name="$ignored")
    """A sentence for each part that could not be understood and was left away."""
