"""Nouns of failure: one closed union, `Problem`.

Each member says what is the case and holds what a good message needs.
"""

from typing import Literal

import msgspec

from .call import FailedCall, Subject
from .cassette import Difference, Leak
from .instance import InstancePreference
from .selection import Shortfall

# Arguments


class BadArgument(msgspec.Struct, frozen=True, kw_only=True):
    """An argument has a value that cannot be meant."""

    name: str
    value: str
    wanted: str
    """What would be right, as the end of the sentence "must be …"."""


class WrongType(BadArgument, frozen=True, kw_only=True):
    """An argument is of a kind that cannot be meant, such as a text where a number must be."""


class OutOfRange(BadArgument, frozen=True, kw_only=True):
    """An argument counts something that is not there."""


class UnreadableInput(BadArgument, frozen=True, kw_only=True):
    """A file that was named cannot be read."""

    path: str
    errno: int | None = None
    """The number by which the system knows the error."""


class UnknownOption(msgspec.Struct, frozen=True, kw_only=True):
    """An option that its group does not have."""

    group: str
    name: str
    nearest: str | None


# Accounts


class UnknownChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that does not exist was asked for."""

    channel: str
    origin: str
    """The argument, variable or file entry that names it."""


class LegacyChannel(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the retired `ibm_quantum` platform was asked for."""

    origin: str


class AccountNameNotFound(msgspec.Struct, frozen=True, kw_only=True):
    """The file has no entry of that name."""

    name: str
    path: str
    known: tuple[str, ...]


class NoAccount(msgspec.Struct, frozen=True, kw_only=True):
    """No place that was looked at holds an account."""

    channel: str | None
    path: str
    searched: tuple[str, ...]
    unused: tuple[str, ...] = ()
    """A sentence for each entry that the file has: why it is none of those."""


class BrokenEntry(msgspec.Struct, frozen=True, kw_only=True):
    """The entry that was asked for is there but cannot be used."""

    name: str
    path: str
    reason: str


class NoCredential(msgspec.Struct, frozen=True, kw_only=True):
    """The key could not be had from where it is said to be."""

    place: str
    reason: str
    fix: str


class UnreadableFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of ours cannot be read, or is not ours to read."""

    path: str
    reason: str
    fix: str
    errno: int | None = None
    """The number by which the system knows the error."""


class MalformedFile(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a file of ours is not what it should be."""

    path: str
    reason: str
    fix: str


class UnwritableFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of ours cannot be changed. It is as it was."""

    path: str
    reason: str
    fix: str
    errno: int | None = None
    """The number by which the system knows the error."""


class AccountNameTaken(msgspec.Struct, frozen=True, kw_only=True):
    """The file has an entry of that name, which must not be replaced."""

    name: str
    path: str


class UnfitEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An account was to be saved with a value that cannot be used. Nothing was touched."""

    name: str
    value: str
    wanted: str
    """What would be right, as the end of the sentence "must be …"."""


class DefaultTaken(msgspec.Struct, frozen=True, kw_only=True):
    """Another entry is the default, and must not lose its mark."""

    name: str
    path: str


# Names of resources


class MalformedCrn(msgspec.Struct, frozen=True, kw_only=True):
    """A text that should be a Cloud Resource Name is none."""

    crn: str
    reason: str


class UnsafeUrl(msgspec.Struct, frozen=True, kw_only=True):
    """A URL that credentials must not be sent to."""

    url: str
    reason: str
    fix: str = "Use an https URL, or http on this machine only."


# Instances


class NoInstances(msgspec.Struct, frozen=True, kw_only=True):
    """The account has no instance at all."""


class NoInstanceMatches(msgspec.Struct, frozen=True, kw_only=True):
    """The account has instances, but none that is accepted."""

    preference: InstancePreference
    considered: int
    shortfalls: tuple[Shortfall, ...]
    regions: tuple[str, ...] = ()
    """Where it has instances, if it has none in the region that is preferred."""


class InstanceNotFound(msgspec.Struct, frozen=True, kw_only=True):
    """No instance of the account has that name or CRN."""

    wanted: str
    known: tuple[str, ...]


class NothingAllocated(msgspec.Struct, frozen=True, kw_only=True):
    """The instance that was named is there, but has no time to spend."""

    wanted: str
    known: tuple[str, ...]
    """Those that have."""


class InstancesUnreachable(msgspec.Struct, frozen=True, kw_only=True):
    """Every instance that was asked failed, in different ways. `reasons` has a sentence for each."""

    reasons: tuple[str, ...]
    subject: Subject = ""


# Backends


class UnreadableRows(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of a listing do not say what they are of, and were left out. It is told, never raised."""

    count: int
    rows: str
    """What they are rows of, such as `jobs`."""
    lacking: str
    """What would identify them, such as `id`."""


class UnknownFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A filter by an attribute that backends do not have."""

    name: str
    nearest: str | None


class NoBackendMatches(msgspec.Struct, frozen=True, kw_only=True):
    """There are backends, but none that is accepted."""

    considered: int
    shortfalls: tuple[Shortfall, ...]
    unreachable: tuple[str, ...] = ()
    """A sentence for each instance that could not be asked, and each backend that could not be read."""


class BackendNotFound(msgspec.Struct, frozen=True, kw_only=True):
    """No instance that was asked has a backend of that name."""

    name: str
    nearest: str | None
    unreachable: tuple[str, ...] = ()
    """A sentence for each instance that could not be asked."""


class BrokenBackend(msgspec.Struct, frozen=True, kw_only=True):
    """A backend describes itself in a way that cannot be understood, or not at all."""

    name: str
    reason: str


class CalibrationNotFound(msgspec.Struct, frozen=True, kw_only=True):
    """A backend is not known as it was at the calibration that was asked for."""

    name: str
    calibration_id: str


class NotMeasured(msgspec.Struct, frozen=True, kw_only=True):
    """A calibration does not have what it was asked for."""

    what: str


class NoFractionalGates(msgspec.Struct, frozen=True, kw_only=True):
    """Fractional gates were asked of a backend that has none."""

    name: str


class NoStandIn(msgspec.Struct, frozen=True, kw_only=True):
    """A dry run was asked for, and the service has nothing that stands in for the backend."""

    name: str
    stand_in: str


class UsesFaulty(msgspec.Struct, frozen=True, kw_only=True):
    """A circuit uses something that the calibration reports as not operational."""

    backend: str
    gate: str
    qubits: tuple[int, ...]


# The network and the servers


Cause = Literal["name", "connection", "tls", "proxy", "silence", "deadline", "broken", "unusable"]
"""What kept a response away.

`name`: the host has no address; `connection`: it takes none, or a proxy finds nobody there; `tls`: it is not
trusted; `proxy`: a proxy refuses, or is not there; `silence`: the host said nothing for too long; `deadline`: the
whole call took too long; `broken`: what came is not a response, or not the whole of it; `unusable`: the request or a
setting of ours cannot be used.
"""


class NetworkFault(FailedCall, frozen=True, kw_only=True):
    """No response arrived."""

    kind: Literal["never sent", "refused", "unclear"]
    """`refused`: the far side or TLS said no; `unclear`: the server may have acted."""
    reason: str
    cause: Cause = "connection"
    acts: bool = False
    """Whether the request was to change something."""


class ServerRefusal(FailedCall, frozen=True, kw_only=True):
    """The server answered with an error."""

    status: int
    code: str = ""
    message: str = ""
    solution: str = ""
    trace: str = ""


class KeyStayedBehind(msgspec.Struct, frozen=True, kw_only=True):
    """Something that came out of a pickle was asked for more than it holds."""

    url: str


class KeyRefused(FailedCall, frozen=True, kw_only=True):
    """The token service does not accept the API key."""

    status: int
    code: str
    message: str
    trace: str = ""
    around: str = ""
    """What is around the key and does not belong to it, such as white space."""


class NotAuthorized(FailedCall, frozen=True, kw_only=True):
    """The token is good but may not do this, or not with this instance."""

    instance: str
    status: int
    code: str = ""
    message: str = ""
    trace: str = ""


class UnreadableBody(FailedCall, frozen=True, kw_only=True):
    """A response whose body is not what the protocol promises."""

    reason: str
    start: str
    """The first characters of the body."""
    is_json: bool = False
    """Whether it came whole and only says something else: then no further try mends it."""


# Jobs


class JobNotFound(msgspec.Struct, frozen=True, kw_only=True):
    """No instance that was asked holds the job."""

    job: str
    instances: int


class JobFailed(msgspec.Struct, frozen=True, kw_only=True):
    """The job ended in an error."""

    job: str
    reason: str
    code: int | None = None
    solution: str = ""


class JobRanTooLong(msgspec.Struct, frozen=True, kw_only=True):
    """The job was stopped at its maximum execution time."""

    job: str
    reason: str


class JobCancelled(msgspec.Struct, frozen=True, kw_only=True):
    """The job was cancelled, so it has no result."""

    job: str
    reason: str


class JobNotCancellable(msgspec.Struct, frozen=True, kw_only=True):
    """The job is in a state that cannot be cancelled."""

    job: str
    message: str


class JobStaysHere(msgspec.Struct, frozen=True, kw_only=True):
    """The job runs in this process, and cannot be pickled before its end."""

    job: str
    status: str


class JobNotFinal(msgspec.Struct, frozen=True, kw_only=True):
    """The job waits or runs, so it cannot be deleted."""

    job: str
    message: str


class JobTimeout(msgspec.Struct, frozen=True, kw_only=True):
    """The job was not known to be final in time."""

    job: str
    status: str
    waited: float
    others: int = 0
    """How many jobs that were waited for together are not final either."""
    unread: str = ""
    """Why the last look could not read it, if it could not."""


class NoResult(msgspec.Struct, frozen=True, kw_only=True):
    """The job is done but the server has no result for it."""

    job: str


class JobUnreadable(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a job, or what it was submitted with, came and cannot be decoded."""

    job: str
    part: str
    """`result` or `inputs`."""
    reason: str
    """A sentence."""
    fix: str


# Submissions


class SubmissionUnknown(msgspec.Struct, frozen=True, kw_only=True):
    """A job was sent, nothing proves that there is none, and it was not found."""

    instance: str
    tag: str | None
    """What the job is tagged with, if it exists; `None` where submissions are not tagged."""
    reason: str
    looks: int = 0
    """How often it was looked for and not found."""
    unread: str = ""
    """Why the last look could not tell, if it could not."""


class SubmissionRefused(ServerRefusal, frozen=True, kw_only=True):
    """The service did not take a job: there is none."""

    subject: Subject = "jobs"


class UsageSpent(msgspec.Struct, frozen=True, kw_only=True):
    """A job was not sent, because the instance would be spent beyond what the user allows. Durations in seconds."""

    instance: str
    consumed: float | None
    """`None` where the service does not tell it in seconds, so that no bound in seconds can be kept."""
    cost: float
    most: float
    pending: float = 0.0
    """What jobs may take that wait or run, as far as that is known."""
    pending_jobs: int = 0
    more: str = ""
    """Why the job may take more than `cost`."""


class RunTooCostly(msgspec.Struct, frozen=True, kw_only=True):
    """A run was not sent, because its own estimate is more than the user allows. Durations in seconds."""

    backend: str
    cost: float
    most: float
    executions: int
    more: str = ""
    """Why it may take more than `cost`."""


# Sessions


class SessionNotFound(msgspec.Struct, frozen=True, kw_only=True):
    """No instance that was asked holds the session."""

    session: str
    instances: int


class SessionClosed(msgspec.Struct, frozen=True, kw_only=True):
    """A session that is known to take no more jobs was to take one."""

    session: str | None


# Circuits and values


class NotExecutable(msgspec.Struct, frozen=True, kw_only=True):
    """A circuit that the backend cannot run as it is."""

    pub: int
    """Which of the PUBs, or of the items of a quantum program, it belongs to."""
    reason: str
    fix: str = "Transpile it with generate_preset_pass_manager(backend=backend)"
    noun: str = "PUB"


class TooHeavy(msgspec.Struct, frozen=True, kw_only=True):
    """To simulate something takes longer than it may."""

    what: str
    seconds: float
    """About, or more."""
    limit: float
    """Seconds."""
    fix: str
    """What helps beside less work, as more of the sentence; empty if nothing does."""


class TooWide(msgspec.Struct, frozen=True, kw_only=True):
    """To simulate something takes more memory than it may."""

    what: str
    size: int
    """Bytes."""
    limit: int
    """Bytes."""
    fix: str
    """What helps beside fewer qubits, as more of the sentence; empty if nothing does."""


class UnreadableValue(msgspec.Struct, frozen=True, kw_only=True):
    """Typed JSON that cannot be decoded. `tag` is the innermost type reached."""

    tag: str
    reason: str


class TooLarge(msgspec.Struct, frozen=True, kw_only=True):
    """Data that declares or reaches a size beyond a limit."""

    what: str
    size: int
    """What was reached when it was refused; the whole may be larger."""
    limit: int
    setting: str
    """What raises the limit: a field of `DecodeLimits`, or `max_answer` of the service."""
    url: str = ""
    """Whose answer it is, where it is a whole answer."""


class TooSlow(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered is not decoded in the time that the call may take."""

    what: str
    """What was next."""


class TooNew(msgspec.Struct, frozen=True, kw_only=True):
    """Data written by a newer version than the installed one can read."""

    what: str
    version: int
    supported: int


# Cassettes


class NotOnCassette(msgspec.Struct, frozen=True, kw_only=True):
    """A request that no exchange on the cassette answers."""

    cassette: str
    wanted: str
    """The operation, such as `list backends`."""
    nearest: int | None = None
    """The number of the exchange that is most like it, counted from 1; `None` if there is none of this operation."""
    differences: tuple[Difference, ...] = ()
    """Where they differ; nothing if the response was played and must not be repeated."""
    recorded: tuple[str, ...] = ()
    """What else there is, each operation with its number of exchanges."""


class CassetteUnreadable(msgspec.Struct, frozen=True, kw_only=True):
    """A file that should be a cassette is none, or is not there."""

    path: str
    reason: str


class CassetteUnwritable(msgspec.Struct, frozen=True, kw_only=True):
    """A cassette cannot be saved. What was there is as it was."""

    path: str
    reason: str
    fix: str


class SecretOnCassette(msgspec.Struct, frozen=True, kw_only=True):
    """A cassette was not saved, because something is on it that must not be kept."""

    path: str
    leaks: tuple[Leak, ...]


Problem = (
    BadArgument
    | WrongType
    | OutOfRange
    | UnreadableInput
    | UnknownOption
    | UnknownChannel
    | LegacyChannel
    | AccountNameNotFound
    | NoAccount
    | BrokenEntry
    | NoCredential
    | UnreadableFile
    | MalformedFile
    | UnwritableFile
    | AccountNameTaken
    | UnfitEntry
    | DefaultTaken
    | MalformedCrn
    | UnsafeUrl
    | NoInstances
    | NoInstanceMatches
    | InstanceNotFound
    | NothingAllocated
    | InstancesUnreachable
    | UnreadableRows
    | UnknownFilter
    | NoBackendMatches
    | BackendNotFound
    | BrokenBackend
    | CalibrationNotFound
    | NotMeasured
    | NoFractionalGates
    | NoStandIn
    | UsesFaulty
    | NetworkFault
    | ServerRefusal
    | KeyStayedBehind
    | KeyRefused
    | NotAuthorized
    | UnreadableBody
    | JobNotFound
    | JobFailed
    | JobRanTooLong
    | JobCancelled
    | JobNotCancellable
    | JobStaysHere
    | JobNotFinal
    | JobTimeout
    | NoResult
    | JobUnreadable
    | SubmissionUnknown
    | SubmissionRefused
    | UsageSpent
    | RunTooCostly
    | SessionNotFound
    | SessionClosed
    | NotExecutable
    | TooHeavy
    | TooWide
    | UnreadableValue
    | TooLarge
    | TooSlow
    | TooNew
    | NotOnCassette
    | CassetteUnreadable
    | CassetteUnwritable
    | SecretOnCassette
)
