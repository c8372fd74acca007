"""The exceptions that IBM's users know, and the table of which problem is which of them.

They are Qiskit errors, so this module is loaded only when one is raised or named.
"""

import errno
from os import strerror
from typing import Any
from urllib.parse import urlsplit

from qiskit import QiskitError
from qiskit.providers.exceptions import JobError, JobTimeoutError, QiskitBackendNotFoundError

from .core.keys import hide_keys_of
from .core.messages import describe
from .records import problem as case
from .records.call import Attempt, FailedCall, Subject
from .records.problem import Problem

__all__ = [
    "AccountAlreadyExistsError",
    "AccountNotFoundError",
    "BackendPropertyError",
    "IBMAccountError",
    "IBMApiError",
    "IBMBackendApiError",
    "IBMBackendApiProtocolError",
    "IBMBackendError",
    "IBMBackendValueError",
    "IBMCertificateError",
    "IBMError",
    "IBMInputValueError",
    "IBMNetworkError",
    "IBMNotAuthorizedError",
    "IBMProxyError",
    "IBMRuntimeError",
    "IBMTimeoutError",
    "InvalidAccountError",
    "JobError",
    "JobTimeoutError",
    "QiskitBackendNotFoundError",
    "QiskitError",
    "RuntimeInvalidStateError",
    "RuntimeJobFailureError",
    "RuntimeJobMaxTimeoutError",
    "RuntimeJobNotFound",
    "RuntimeJobTimeoutError",
    "RuntimeProgramNotFound",
    "SubmissionUnknown",
]


def _word_of(problem: Problem | None, field: str) -> str | None:
    """Return what the server said, if it was asked."""
    return (getattr(problem, field, "") if isinstance(problem, FailedCall) else "") or None


class _ReadableError(QiskitError):
    """A Qiskit error that shows its lines as lines, and can be read by programs too.

    What a failed call has of these, its error tells; of all other errors they are `None` or empty.
    """

    problem: Problem | None = None
    """What is the case, as a record."""

    @property
    def fix(self) -> str:
        """The way out: the last line of the message."""
        return str(self).rpartition("\n")[2]

    @property
    def host(self) -> str | None:
        """The host that was called."""
        return urlsplit(self.problem.url).hostname if isinstance(self.problem, FailedCall) else None

    @property
    def status(self) -> int | None:
        """The status of the answer."""
        status: int | None = getattr(self.problem, "status", None) if self.host else None
        return status

    @property
    def code(self) -> str | None:
        """The server's own code of the error."""
        return _word_of(self.problem, "code")

    @property
    def server_message(self) -> str | None:
        """The server's own words."""
        return _word_of(self.problem, "message")

    @property
    def trace(self) -> str | None:
        """What the server's support asks for."""
        return _word_of(self.problem, "trace")

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """What was tried, and when."""
        return self.problem.tried if isinstance(self.problem, FailedCall) else ()

    def __str__(self) -> str:
        return str(self.message)

    def __reduce__(self) -> Any:
        # The class of a problem may have no name of its own (`_COMBINED`), so it is chosen again.
        if self.problem is None:
            return super().__reduce__()
        return exception_for, (self.problem,), vars(self)


class IBMError(_ReadableError):
    """Base of all errors of this library."""


class IBMAccountError(IBMError):
    """An account cannot be used."""


class AccountsError(IBMAccountError):
    """Base of the errors of saved accounts."""


class CloudResourceNameResolutionError(AccountsError):
    """IBM's client raises it where a name cannot be resolved to an instance. Here that is an `IBMInputValueError`."""


class AccountNotFoundError(AccountsError):
    """No account was found."""


class AccountAlreadyExistsError(AccountsError):
    """An account of that name is there already."""


class InvalidAccountError(AccountsError):
    """An account is there, but not as it should be."""


class MalformedAccountsError(InvalidAccountError, ValueError):
    """The account file is no file of accounts. To catch it, name `InvalidAccountError`, or Python's `ValueError`."""


class UnreadableAccountsError(InvalidAccountError, OSError):
    """The account file cannot be read. To catch it, name `InvalidAccountError`, or Python's `OSError`."""


class AccountFileError(AccountsError, OSError):
    """The account file cannot be changed. To catch it, name `OSError`."""


class IBMApiError(IBMError):
    """The service could not be reached, or refused."""


class IBMNetworkError(IBMApiError, ConnectionError):
    """No response arrived. To catch it, name `IBMApiError`, or Python's `ConnectionError`."""


class IBMTimeoutError(IBMNetworkError, TimeoutError):
    """No response arrived in time. To catch it, name `IBMApiError`, or Python's `TimeoutError`."""


class IBMCertificateError(IBMNetworkError):
    """The far side is not who it should be, or nobody that we trust vouches for it."""


class IBMProxyError(IBMNetworkError):
    """The proxy does not let us through."""


class IBMInputValueError(IBMError, ValueError):
    """An input is not what it must be."""


class InputTypeError(IBMInputValueError, TypeError):
    """An input is of another type than it must be. To catch it, name `IBMInputValueError`, or Python's `TypeError`."""


class InputIndexError(IBMInputValueError, IndexError):
    """An input counts what is not there. To catch it, name `IBMInputValueError`, or Python's `IndexError`."""


class InputFileError(IBMInputValueError, OSError):
    """A file that was named cannot be read. To catch it, name `IBMInputValueError`, or Python's `OSError`."""


class MissingFileError(InputFileError, FileNotFoundError):
    """A file that was named is not there. To catch it, name `FileNotFoundError` too."""


class UnfitAccountError(InvalidAccountError, IBMInputValueError):
    """An account is given, or to be saved, that cannot be used. To catch it, name `InvalidAccountError`."""


class IBMNotAuthorizedError(IBMError):
    """The account may not do this."""


class IBMBackendError(IBMError):
    """Base of the errors of backends."""


class IBMBackendApiError(IBMBackendError):
    """The service refused something about a backend."""


class IBMBackendApiProtocolError(IBMBackendError):
    """The service described a backend in a way that cannot be understood."""


class IBMBackendValueError(IBMBackendError, ValueError):
    """A value given to a backend is not what it must be."""


class BackendPropertyError(IBMError):
    """A calibration does not have what it was asked for."""


class IBMRuntimeError(IBMError):
    """Base of the errors of jobs and programs."""


class RuntimeJobNotFound(IBMRuntimeError):  # noqa: N818  # the name is IBM's
    """The job does not exist."""


class RuntimeProgramNotFound(IBMRuntimeError):  # noqa: N818  # the name is IBM's
    """The program does not exist."""


class RuntimeInvalidStateError(IBMRuntimeError):
    """The job is in a state that does not allow this."""


class RuntimeJobMaxTimeoutError(IBMRuntimeError):
    """The job ran into its maximum execution time."""


class SessionNotFoundError(IBMInputValueError, IBMRuntimeError):
    """The session does not exist. To catch it, name `IBMInputValueError` or `IBMRuntimeError`."""


class UnknownProgramError(RuntimeProgramNotFound, IBMApiError):
    """The service knows no such program, backend or session. To catch it, name `RuntimeProgramNotFound`."""


class SubmissionUnknown(IBMRuntimeError):  # noqa: N818  # it says what is the case, not what went wrong
    """A job was sent, nothing proves that there is none, and it was not found.

    Nothing was sent again before the job was looked for.
    """

    @property
    def tag(self) -> str | None:
        """What the job is tagged with, if it exists."""
        return self.problem.tag if isinstance(self.problem, case.SubmissionUnknown) else None


class RuntimeJobFailureError(_ReadableError, JobError):
    """The job failed."""


class RuntimeJobTimeoutError(IBMRuntimeError, JobTimeoutError):
    """The job was not final in time."""


class CassetteError(IBMError):
    """A cassette does not have what was asked for, or cannot be read or kept."""


class BackendNotFoundError(_ReadableError, QiskitBackendNotFoundError):
    """No backend matches. To catch it, name Qiskit's own `QiskitBackendNotFoundError`."""


_PROBLEMS: dict[type[_ReadableError], tuple[type[Problem], ...]] = {
    # Arguments and names
    IBMInputValueError: (
        *(case.BadArgument, case.UnknownOption, case.UnknownChannel, case.MalformedCrn, case.UnsafeUrl),
        *(case.NoInstances, case.NoInstanceMatches, case.InstanceNotFound, case.NothingAllocated),
        case.UnknownFilter,
        *(case.NoFractionalGates, case.UsesFaulty, case.NotExecutable),
        *(case.TooHeavy, case.TooWide),
    ),
    InputTypeError: (case.WrongType,),
    InputIndexError: (case.OutOfRange,),
    InputFileError: (case.UnreadableInput,),
    # Accounts
    AccountNotFoundError: (case.AccountNameNotFound, case.NoAccount),
    AccountAlreadyExistsError: (case.AccountNameTaken, case.DefaultTaken),
    AccountFileError: (case.UnwritableFile,),
    UnreadableAccountsError: (case.UnreadableFile,),
    MalformedAccountsError: (case.MalformedFile,),
    UnfitAccountError: (case.UnfitEntry, case.LegacyChannel),
    InvalidAccountError: (*(case.BrokenEntry, case.NoCredential, case.KeyRefused, case.KeyStayedBehind),),
    # The network, the servers, and what they send
    IBMNetworkError: (case.NetworkFault,),
    IBMTimeoutError: (case.TooSlow,),
    IBMApiError: (
        *(case.ServerRefusal, case.UnreadableBody, case.UnreadableRows),
        *(case.InstancesUnreachable, case.SubmissionRefused),
        *(case.UnreadableValue, case.TooLarge, case.TooNew, case.JobUnreadable),
    ),
    IBMNotAuthorizedError: (case.NotAuthorized,),
    # Backends
    BackendNotFoundError: (
        *(case.BackendNotFound, case.NoBackendMatches, case.NoStandIn),
        *(case.BrokenBackend, case.CalibrationNotFound),
    ),
    BackendPropertyError: (case.NotMeasured,),
    # Jobs, submissions, sessions
    RuntimeJobNotFound: (case.JobNotFound,),
    SessionNotFoundError: (case.SessionNotFound,),
    RuntimeJobFailureError: (case.JobFailed,),
    RuntimeJobMaxTimeoutError: (case.JobRanTooLong,),
    RuntimeJobTimeoutError: (case.JobTimeout,),
    RuntimeInvalidStateError: (
        *(case.JobCancelled, case.JobNotCancellable, case.JobNotFinal, case.JobStaysHere, case.NoResult),
    ),
    SubmissionUnknown: (case.SubmissionUnknown,),
    IBMRuntimeError: (case.UsageSpent, case.RunTooCostly, case.SessionClosed),
    # Cassettes
    CassetteError: (case.NotOnCassette, case.CassetteUnreadable, case.CassetteUnwritable, case.SecretOnCassette),
}
"""Which problems are which exception."""

_EXCEPTIONS = {kind: error for error, kinds in _PROBLEMS.items() for kind in kinds}

_BY_CAUSE = {
    "tls": IBMCertificateError,
    "proxy": IBMProxyError,
    "silence": IBMTimeoutError,
    "deadline": IBMTimeoutError,
}
"""What a fault of the network is more closely."""

_BY_SUBJECT: dict[Subject, type[_ReadableError]] = {
    "jobs": IBMRuntimeError,
    "backend": BackendNotFoundError,
    "account": InvalidAccountError,
}
"""What the error of a call is besides, by what the call was about."""

_OF_CALLS = (IBMApiError, IBMNotAuthorizedError, InvalidAccountError, IBMNetworkError, *{*_BY_CAUSE.values()})

_COMBINED: dict[tuple[type[_ReadableError], Subject], type[_ReadableError]] = {
    (kind, subject): type(kind.__name__, (kind, further), {"__doc__": kind.__doc__, "__module__": kind.__module__})
    for kind in _OF_CALLS
    for subject, further in _BY_SUBJECT.items()
    if not issubclass(kind, further)
}
"""What is caught by the names of both. It is shown by the name of the first, which users can import."""


_OF_FILES = (case.UnreadableFile, case.UnwritableFile, case.UnreadableInput)
"""What is an error of the system about a file."""


def exception_for(problem: Problem) -> _ReadableError:
    """Return the exception that IBM's users expect. Its last line is the way out.

    Source: behaviour B294, B312, B337.
    """
    kind = _EXCEPTIONS[type(problem)]
    match problem:
        case case.NetworkFault(cause=cause):
            kind = _BY_CAUSE.get(cause, kind)
        case case.SubmissionRefused(status=404):
            kind = UnknownProgramError
        case case.UnreadableInput(errno=errno.ENOENT):
            kind = MissingFileError
    error = _COMBINED.get((kind, _subject_of(problem)), kind)(str(describe(problem)))
    error.problem = hide_keys_of(problem)
    if isinstance(problem, _OF_FILES) and isinstance(error, OSError):
        error.errno, error.filename = problem.errno, problem.path
        # What no system knows has no words, and may be too large to ask for them.
        if problem.errno is not None and problem.errno in errno.errorcode:
            error.strerror = strerror(problem.errno)
    return error


def _subject_of(problem: Problem) -> Subject:
    """Return what the call was about that failed."""
    match problem:
        case FailedCall(subject=subject) | case.InstancesUnreachable(subject=subject):
            return subject
        case case.JobUnreadable() | case.TooSlow():
            return "jobs"
        case _:
            return ""
