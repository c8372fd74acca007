"""What `--json` writes: a record for the answer of each command. The schema in the documents is made from these.

No field is ever left out.
"""

from typing import Any, ClassVar, cast, get_args, get_type_hints

import msgspec

from ..records import checkup, placement
from ..records.backend import BackendRow
from ..records.cassette import Drift, Leak


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What every command writes beside the data that it was asked for."""

    troubles: tuple[str, ...] = ()
    """A sentence for each thing that could not be asked, read or done."""


class ListAnswer(Answer, frozen=True, kw_only=True):
    """What a command writes that lists something. `--json` with fields writes the rows alone."""

    rows_in: ClassVar[str]
    """The field that has the rows."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the account in use, and where it came from. Secrets are masked."""

    field: str
    value: str
    origin: str


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """An instance of the account: its rank, or the reason for which it is not used."""

    crn: str
    name: str
    plan: str
    pricing_type: str
    region: str
    tags: tuple[str, ...]
    rank: int | None
    reason: str


class Identity(Answer, frozen=True, kw_only=True):
    """The answer of `whoami`. Its troubles have a line, too, for each call that did not go well at once."""

    channel: str
    active_instance: str
    account: tuple[Origin, ...]
    looked_at: tuple[str, ...]
    instances: tuple[Ranked, ...]


class Checkup(checkup.Checkup, frozen=True, kw_only=True):
    """The answer of `doctor`."""

    troubles: tuple[str, ...] = ()
    """As of every answer."""


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """An account in the file. The key stays there."""

    name: str
    channel: str
    url: str
    instance: str | None
    region: str | None
    plans_preference: tuple[str, ...]
    tags: tuple[str, ...]
    default: bool
    problem: str | None
    """Why it cannot be used."""


class SavedList(ListAnswer, frozen=True, kw_only=True):
    """The answer of `accounts`."""

    rows_in: ClassVar[str] = "accounts"
    file: str
    accounts: tuple[Saved, ...]


class Login(Answer, frozen=True, kw_only=True):
    """The answer of `login`."""

    file: str
    name: str
    channel: str
    instance: str | None
    default: bool
    checked: bool
    instances: tuple[str, ...]
    """Names of the instances that the key opens."""


class Logout(Answer, frozen=True, kw_only=True):
    """The answer of `logout`."""

    file: str
    name: str
    deleted: bool


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """A service instance of the account."""

    crn: str
    name: str
    plan: str
    pricing_type: str
    tags: tuple[str, ...]


class InstanceList(ListAnswer, frozen=True, kw_only=True):
    """The answer of `instances`."""

    rows_in: ClassVar[str] = "instances"
    instances: tuple[Instance, ...]


class BackendList(ListAnswer, frozen=True, kw_only=True):
    """The answer of `backends`, best first. Errors are shares of 1, instants seconds since the epoch."""

    rows_in: ClassVar[str] = "backends"
    backends: tuple[BackendRow, ...]


class Placement(placement.Placement, frozen=True, kw_only=True):
    """The answer of `backends --explain`, and of `select`."""

    troubles: tuple[str, ...] = ()
    """As of every answer."""


class Backend(Answer, frozen=True, kw_only=True):
    """The answer of `backend`."""

    name: str
    instance: str
    version: str
    state: str
    queue_length: int | None
    num_qubits: int
    processor: str
    simulator: bool
    max_shots: int | None
    basis_gates: tuple[str, ...]
    coupling_map: tuple[tuple[int, int], ...]
    two_qubit_error: float | None
    readout_error: float | None
    calibrated: str | None
    """ISO 8601."""
    faulty_qubits: tuple[int, ...]
    ignored: tuple[str, ...]
    """A sentence for each part of the description that could not be understood."""


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A span of time, as the service writes it."""

    start_time: str | None
    end_time: str | None


class Usage(Answer, frozen=True, kw_only=True):
    """The answer of `usage`, in seconds and in resource units; `null` where the service does not say."""

    instance: str
    consumed_seconds: float | None
    limit_seconds: float | None
    allocation_seconds: float | None
    consumed_ru: float | None
    limit_ru: float | None
    allocation_ru: float | None
    remaining_seconds: float | None
    limit_reached: bool | None
    period: Period | None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it stands."""

    id: str
    status: str
    backend: str | None
    instance: str
    program: str
    created: str | None
    """ISO 8601."""
    tags: tuple[str, ...]
    session: str | None


class JobList(ListAnswer, frozen=True, kw_only=True):
    """The answer of `jobs`."""

    rows_in: ClassVar[str] = "jobs"
    jobs: tuple[Job, ...]


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session or a batch as the listing tells it."""

    id: str
    mode: str
    """`session` or `batch`."""
    status: str
    """`pending`, `in_progress`, `completed`, `canceled`, `failed`."""
    accepting_jobs: bool | None
    backend: str | None
    instance: str
    created: str | None
    """ISO 8601."""
    ended: str | None
    """ISO 8601."""
    used_seconds: float | None
    """Charged so far."""


class SessionList(ListAnswer, frozen=True, kw_only=True):
    """The answer of `sessions list`."""

    rows_in: ClassVar[str] = "sessions"
    sessions: tuple[Session, ...]


class SessionReport(Answer, frozen=True, kw_only=True):
    """The answer of `sessions show`, `sessions close` and `sessions cancel`. Durations in seconds."""

    id: str
    mode: str
    """`dedicated` or `batch`, as the service says it."""
    state: str
    accepting_jobs: bool
    backend: str | None
    instance: str
    started: str | None
    """ISO 8601, and so the others."""
    last_job_completed: str | None
    closed: str | None
    max_seconds: float | None
    used_seconds: float | None


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How often each outcome was read, by register of the circuit."""

    circuit: str
    counts: dict[str, dict[str, int]]


class JobReport(Answer, frozen=True, kw_only=True):
    """The answer of `job`."""

    job: Job
    error: str | None
    result: Any
    """With `--result`: counts for a sampler, values for an estimator; otherwise `null`."""
    log: str | None
    """With `--log`."""


class Laid(msgspec.Struct, frozen=True, kw_only=True):
    """A circuit as it would run."""

    circuit: str
    qubits: tuple[int, ...]
    """The qubits of the device, by qubit of the circuit."""
    depth: int
    gates: dict[str, int]
    expected_error: float
    """By the calibration; a share of 1."""


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an estimate: executions that are alike. Durations in seconds."""

    what: str = msgspec.field(name="for")
    executions: int
    most_executions: int | None
    """`null` where nobody knows."""
    circuit_seconds: float | None
    """`null` where nobody knows."""
    delay_seconds: float


class Estimated(msgspec.Struct, frozen=True, kw_only=True):
    """What a job would use. Durations in seconds."""

    jobs: int
    executions: int
    most_executions: int | None
    """`null` where nobody knows how many."""
    charge_seconds: float
    """About; 0 where nothing is charged."""
    floor_seconds: float
    """At least: the executions alone."""
    formula_seconds: float
    """About, by IBM's formula."""
    most_formula_seconds: float | None
    quick_seconds: float | None
    """By the documented rule of thumb; `null` where it does not apply."""
    most_quick_seconds: float | None
    at_least: bool
    """Whether it can only be more: something is unknown that costs."""
    free: str
    """Why nothing is charged; empty where something is."""
    remaining_seconds: float | None
    """What the instance may still spend; `null` without a limit, or where that is not told."""
    share_of_remaining: float | None
    queue_length: int | None
    wait_seconds: float | None
    calibrated: str | None
    terms: tuple[Term, ...]
    assumptions: tuple[str, ...]
    unknown: tuple[str, ...]


class Estimate(Answer, frozen=True, kw_only=True):
    """The answer of `estimate`."""

    backend: str
    instance: str
    shots: int
    estimate: Estimated


class Run(Answer, frozen=True, kw_only=True):
    """The answer of `run`."""

    backend: str
    instance: str
    shots: int
    circuits: tuple[Laid, ...]
    estimate: Estimated
    """What it was thought to use before it was sent."""
    job: Job | None
    """`null` for a dry run."""
    counts: tuple[Counts, ...] | None
    """`null` where it was not waited for."""


class CassetteLine(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange on a cassette."""

    number: int
    seconds: float | None
    """Since the first answer; `null` where the cassette does not say."""
    operation: str
    arguments: dict[str, str]
    status: int
    size: int
    """Bytes of the answer."""


class CassetteShown(ListAnswer, frozen=True, kw_only=True):
    """The answer of `cassette show`."""

    rows_in: ClassVar[str] = "exchanges"
    cassette: str
    exchanges: tuple[CassetteLine, ...]


class CassetteChecked(ListAnswer, frozen=True, kw_only=True):
    """The answer of `cassette check`."""

    rows_in: ClassVar[str] = "leaks"
    cassette: str
    leaks: tuple[Leak, ...]


class CassetteDiff(ListAnswer, frozen=True, kw_only=True):
    """The answer of `cassette diff`."""

    rows_in: ClassVar[str] = "changes"
    old: str
    new: str
    changes: tuple[Drift, ...]


class Emulated(Answer, frozen=True, kw_only=True):
    """The answer of `emulate`, once the door is open."""

    url: str
    runtime_url: str
    token: str
    instances: dict[str, str]
    """From name to CRN."""
    environment: dict[str, str]
    """Variables that lead both clients to the door, and let them trust it."""
    authority: str | None = None
    """The file of the authority that clients must trust; `None` where the door speaks plain HTTP."""


def row_type(kind: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """Return what has the fields of an answer: itself, or what a list is of."""
    if not issubclass(kind, ListAnswer):
        return kind
    row, _ = get_args(get_type_hints(kind)[kind.rows_in])
    return cast("type[msgspec.Struct]", row)


def fields_of(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the fields of which `--json` may be told to write some."""
    return tuple(name for name in row_type(kind).__struct_fields__ if name != "troubles")


def answers_of(command: str) -> dict[str, type[msgspec.Struct]]:
    """Return the answers that a command may give, by what it was asked."""
    return {asked: kind for asked, kind in ANSWERS.items() if asked.partition(" ")[0] == command}


ANSWERS: dict[str, type[msgspec.Struct]] = {
    "login": Login,
    "logout": Logout,
    "whoami": Identity,
    "doctor": Checkup,
    "accounts": SavedList,
    "instances": InstanceList,
    "backends": BackendList,
    "backends --explain": Placement,
    "backend": Backend,
    "estimate": Estimate,
    "run": Run,
    "jobs": JobList,
    "job": JobReport,
    "sessions list": SessionList,
    "sessions show": SessionReport,
    "usage": Usage,
    "select": Placement,
    "emulate": Emulated,
    "cassette show": CassetteShown,
    "cassette check": CassetteChecked,
    "cassette diff": CassetteDiff,
}
"""The type of each answer, by command."""
