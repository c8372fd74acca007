"""The exceptions that IBM's users know, and the one place where problems become exceptions.

They are Qiskit errors, so this module is loaded only when one is raised or named.
"""

from typing import assert_never
from urllib.parse import urlsplit

from qiskit.exceptions import QiskitError
from qiskit.providers.exceptions import JobError, JobTimeoutError, QiskitBackendNotFoundError

from .core.selection import describe_shortfall, show
from .records import problem as case
from .records.call import Attempt, FailedCall
from .records.cassette import Leak
from .records.instance import InstancePreference
from .records.problem import Problem
from .records.selection import Shortfall

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

NOT_FOUND = 404


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
        return self._said("code")

    @property
    def server_message(self) -> str | None:
        """The server's own words."""
        return self._said("message")

    @property
    def trace(self) -> str | None:
        """What the server's support asks for."""
        return self._said("trace")

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """What was tried, and when."""
        return self.problem.tried if isinstance(self.problem, FailedCall) else ()

    def _said(self, field: str) -> str | None:
        return (getattr(self.problem, field, "") if self.host else "") or None

    def __str__(self) -> str:
        return str(self.message)


class IBMError(_ReadableError):
    """Base of all errors of this library."""


class IBMAccountError(IBMError):
    """An account cannot be used."""


class AccountsError(IBMAccountError):
    """Base of the errors of saved accounts."""


class AccountNotFoundError(AccountsError):
    """No account was found."""


class AccountAlreadyExistsError(AccountsError):
    """An account of that name is there already."""


class InvalidAccountError(AccountsError):
    """An account is there, but not as it should be."""


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


class UnfitAccountError(InvalidAccountError, IBMInputValueError):
    """An account was to be saved that could not be used. To catch it, name `InvalidAccountError`."""


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


class RuntimeApiError(IBMApiError, IBMRuntimeError):
    """The service refused something about a job. To catch it, name `IBMRuntimeError` or `IBMApiError`."""


class UnknownProgramError(RuntimeProgramNotFound, IBMApiError):
    """The service knows no such program, backend or session. To catch it, name `RuntimeProgramNotFound`."""


class SubmissionUnknown(IBMRuntimeError):  # noqa: N818  # it says what is the case, not what went wrong
    """A job was sent, its answer was lost, and it is not known whether there is a job.

    Nothing was sent again. `tag` is what the job is tagged with, if it exists.
    """

    def __init__(self, message: str, tag: str | None = None) -> None:
        super().__init__(message)
        self.tag = tag


class RuntimeJobFailureError(_ReadableError, JobError):
    """The job failed."""


class RuntimeJobTimeoutError(_ReadableError, JobTimeoutError):
    """The job was not final in time."""


class TapeError(IBMError):
    """A tape does not have what was asked for, or cannot be read or kept."""


class BackendNotFoundError(_ReadableError, QiskitBackendNotFoundError):
    """No backend matches. To catch it, name Qiskit's own `QiskitBackendNotFoundError`."""


def exception_for(problem: Problem) -> _ReadableError:
    """Return the exception that IBM's users expect. Its last line is the way out."""
    match problem:
        # Arguments
        case case.BadArgument(name=name, value=value, wanted=wanted):
            return IBMInputValueError(f"{name} is {value}.\nIt must be {wanted}.")
        case case.UnknownOption(group=group, name=name, nearest=nearest):
            return IBMInputValueError(
                f"{group} has no option {name!r}.\n"
                + (f"Did you mean {nearest!r}?" if nearest else "What else the service knows goes in experimental=.")
            )

        # Accounts
        case case.UnknownChannel(channel=channel, origin=origin):
            return IBMInputValueError(
                f"There is no channel {channel!r} ({origin}).\nUse 'ibm_quantum_platform', 'ibm_cloud' or 'local'."
            )
        case case.LegacyChannel(origin=origin):
            return InvalidAccountError(
                f"The channel 'ibm_quantum' is retired ({origin}).\n"
                "Save the account again with channel='ibm_quantum_platform' and an IBM Cloud API key."
            )
        case case.AccountNameNotFound(name=name, path=path, known=known):
            return AccountNotFoundError(f"{path} has no account {name!r}.\nIt has: {show(known)}.")
        case case.NoAccount(channel=channel, path=path, searched=searched, broken=broken):
            looked = "".join(f"\n  - {each}" for each in (*(f"{each}: nothing" for each in searched), *broken))
            wanted = f" for channel {channel!r}" if channel else ""
            return AccountNotFoundError(
                f"No account{wanted} was found. Looked at:{looked}\n"
                "Give token=, set QISKIT_IBM_TOKEN, or save an account in " + path + "."
            )
        case case.BrokenEntry(name=name, path=path, reason=reason):
            return InvalidAccountError(
                f"The account {name!r} in {path} cannot be used: {reason}.\nMend the entry or save it again."
            )
        case case.NoCredential(place=place, reason=reason, fix=fix):
            return InvalidAccountError(f"No API key came from {place}: {reason}.\n{fix}")
        case case.UnreadableFile(path=path, reason=reason, fix=fix):
            return InvalidAccountError(f"{path} cannot be read: {reason}.\n{fix}")
        case case.UnwritableFile(path=path, reason=reason, fix=fix):
            return AccountFileError(f"{path} is as it was, because it cannot be changed: {reason}.\n{fix}")
        case case.AccountNameTaken(name=name, path=path):
            return AccountAlreadyExistsError(
                f"{path} has an account {name!r} already.\nGive another name=, or overwrite=True to replace it."
            )
        case case.DefaultTaken(name=name, path=path):
            return AccountAlreadyExistsError(
                f"{path} has a default account already, {name!r}.\n"
                "Give overwrite=True to make this one the default in its place."
            )
        case case.UnfitEntry(name=name, value=value, wanted=wanted):
            return UnfitAccountError(f"The account was not saved: {name} is {value}.\nIt must be {wanted}.")

        # Names of resources
        case case.MalformedCrn(crn=crn, reason=reason):
            return IBMInputValueError(
                f"{crn!r} is no Cloud Resource Name: {reason}.\n"
                "Copy the CRN of the instance from its page, or give its name."
            )
        case case.UnsafeUrl(url=url, reason=reason):
            return IBMInputValueError(
                f"Credentials are not sent to {url!r}: {reason}.\nUse an https URL, or http on this machine only."
            )

        # Instances
        case case.NoInstances():
            return IBMInputValueError(
                "The account has no quantum instance.\nCreate one on the platform, or ask its owner for access."
            )
        case case.NoInstanceMatches(preference=preference, considered=considered, shortfalls=shortfalls):
            return IBMInputValueError(
                f"None of {considered} instances fits {_preference(preference)}: {_shortfalls(shortfalls)}.\n"
                "Relax region=, plans_preference= or tags=, or give instance=."
            )
        case case.InstanceNotFound(wanted=wanted, known=known):
            return IBMInputValueError(f"The account has no instance {wanted!r}.\nIt has: {show(known)}.")
        case case.InstancesUnreachable(reasons=reasons):
            listed = "".join(f"\n  - {each}" for each in reasons)
            return IBMApiError(f"No instance could be reached:{listed}\nTry again, or name another with instance=.")

        # Backends
        case case.UnknownFilter(name=name, nearest=nearest):
            return IBMInputValueError(
                f"Backends have no attribute {name!r} to filter by.\n"
                + (f"Did you mean {nearest!r}?" if nearest else "See the attributes of IBMBackend.configuration().")
            )
        case case.NoBackendMatches(considered=considered, shortfalls=shortfalls, unreachable=unreachable):
            found = (
                f"0 of {considered} backends match: {_shortfalls(shortfalls)}" if considered else "No backend at all"
            )
            return BackendNotFoundError(f"{found}.{_unreachable(unreachable)}\nRelax the filter named last.")
        case case.BackendNotFound(name=name, nearest=nearest, unreachable=unreachable):
            hint = f"Did you mean {nearest!r}?" if nearest else "service.backends() lists what there is."
            return BackendNotFoundError(f"There is no backend {name!r}.{_unreachable(unreachable)}\n{hint}")
        case case.BrokenBackend(name=name, reason=reason):
            return BackendNotFoundError(
                f"The backend {name!r} cannot be used: {reason}.\nChoose another, or report this to its owner."
            )
        case case.NoFractionalGates(name=name):
            return IBMInputValueError(
                f"The backend {name!r} has no fractional gates.\nUse use_fractional_gates=False or another backend."
            )
        case case.NoStandIn(name=name, stand_in=stand_in):
            return BackendNotFoundError(
                f"There is no {stand_in!r}, which would stand in for {name!r} in a dry run.\nRun without dry_run=True."
            )
        case case.UsesFaulty(backend=backend, gate=gate, qubits=qubits):
            return IBMInputValueError(
                f"{gate!r} on {show(qubits)} is reported as faulty by {backend!r}.\n"
                "Transpile for backend.target, which leaves faulty qubits and gates out."
            )

        # The network and the servers
        case case.NetworkFault(url=url, kind=kind, reason=reason, cause=cause):
            acted = " It is not known whether the server acted." if kind == "unclear" else ""
            return _NETWORK_ERRORS.get(cause, IBMNetworkError)(
                f"No response from {url} after {_history(problem)}: {reason}.{acted}\n{_WAYS_OUT[cause]}"
            )
        case case.SubmissionRefused(url=url, status=status, solution=solution):
            refused = UnknownProgramError if status == NOT_FOUND else RuntimeApiError
            answered = f"{url} answered {status} after {_history(problem)}{_said(problem)}"
            return refused(f"The job was not submitted: {answered}.\n{solution or _way_on(status)}")
        case case.ServerRefusal(url=url, status=status, solution=solution):
            way_out = solution or _way_on(status)
            refusing = RuntimeApiError if isinstance(problem, case.JobRefusal) else IBMApiError
            return refusing(f"{url} answered {status} after {_history(problem)}{_said(problem)}.\n{way_out}")
        case case.KeyStayedBehind(url=url):
            return InvalidAccountError(
                f"{url} cannot be asked: this came out of a pickle, and the API key stayed behind.\n"
                "Open a QiskitRuntimeService and ask it again."
            )
        case case.KeyRefused(url=url, status=status):
            return InvalidAccountError(
                f"{url} does not accept the API key: it answered {status}{_said(problem)}.\n"
                "Check the token= that was given or saved; a new key can be made on the IBM Cloud page for API keys."
            )
        case case.NotAuthorized(url=url, instance=instance, status=status):
            return IBMNotAuthorizedError(
                f"{url} answered {status}{_said(problem)}.\nCheck that the account may use the instance {instance}."
            )
        case case.UnreadableBody(url=url, reason=reason, start=start):
            return IBMApiError(
                f"The answer of {url} cannot be read, after {_history(problem)}: {reason}. It begins with {start!r}.\n"
                "Try again; if it stays, something between here and the service answers in its place."
            )

        # Jobs
        case case.JobNotFound(job=job, instances=count):
            return RuntimeJobNotFound(
                f"Job {job!r} is in none of the {count} instances that were asked.\nCheck the id, or give the instance."
            )
        case case.JobFailed(job=job, reason=reason, code=code, solution=solution):
            shown = f"Error code {code}; {reason}" if code is not None else reason or "the service gives no reason"
            return RuntimeJobFailureError(f"Job {job} has failed:\n{shown}" + (f"\n{solution}" if solution else ""))
        case case.JobRanTooLong(job=job, reason=reason):
            return RuntimeJobMaxTimeoutError(
                f"Job {job} ran longer than maximum execution time. Job was cancelled: {reason}\n"
                "Raise max_execution_time, or split the work."
            )
        case case.JobCancelled(job=job):
            return RuntimeInvalidStateError(
                f"Job {job} was cancelled, so it has no result.\nRun it again if you need one."
            )
        case case.JobNotCancellable(job=job, message=message):
            return RuntimeInvalidStateError(
                f"Job {job} cannot be cancelled: {message}\nIt has come to its end already."
            )
        case case.JobNotFinal(job=job, message=message):
            return RuntimeInvalidStateError(f"Job {job} cannot be deleted: {message}\nWait for its end, or cancel it.")
        case case.JobTimeout(job=job, status=status, waited=waited, others=others):
            more = f" {others} others are not final either." if others else ""
            return RuntimeJobTimeoutError(
                f"Job {job} is {status} after {waited:.0f} s. It goes on.{more}\n"
                f"Wait longer, or fetch it later with service.job({job!r})."
            )
        case case.NoResult(job=job):
            return RuntimeInvalidStateError(
                f"The service holds no result of job {job}.\nPrivate results can be read once."
            )

        # Submissions
        case case.SubmissionUnknown(instance=instance, tag=tag, reason=reason, looks=looks):
            asked = (
                f"job_tags=[{tag!r}], instance={instance!r}, include_mocks=True" if tag else f"instance={instance!r}"
            )
            looked = f" It was looked for {looks} times by its tag and not found." if looks else ""
            return SubmissionUnknown(
                f"It is not known whether the job was submitted: {reason}.{looked}\n"
                f"Before you submit it again, look at service.jobs({asked}).",
                tag,
            )
        case case.UsageSpent(instance=instance, consumed=consumed, cost=cost, most=most):
            more = f", and the job may take {cost:g} s" if cost else ""
            return IBMRuntimeError(
                f"The job was not submitted: {instance} has spent {consumed:g} s of max_usage={most:g}{more}.\n"
                "Raise max_usage= of the service, or give the job a smaller max_execution_time."
            )

        # Sessions
        case case.SessionNotFound(session=session, instances=count):
            return IBMInputValueError(
                f"Session {session!r} is in none of the {count} instances that were asked.\n"
                "Check the id, or open a session with Session(backend=backend)."
            )
        case case.SessionClosed(session=session):
            return IBMRuntimeError(f"The session {session!r} is closed.\nOpen another, or run on its backend.")

        # Circuits and values
        case case.NotExecutable(pub=pub, reason=reason, fix=fix):
            return IBMInputValueError(f"PUB {pub} cannot run on this backend: {reason}.\n{fix}.")
        case case.UnreadableValue(tag=tag, reason=reason):
            return IBMApiError(
                f"A value of type {tag!r} cannot be decoded: {reason}.\nTry a newer version of this library."
            )
        case case.TooLarge(what=what, size=size, limit=limit):
            return IBMApiError(
                f"{what} has {size}, more than the limit of {limit}.\nRaise the limit if this is meant; for a result: "
                "job.result(decoder=RuntimeDecoder(limits=DecodeLimits(output_bytes=2**30)))."
            )
        case case.TooNew(what=what, version=version, supported=supported):
            return IBMApiError(
                f"The data is {what} {version}; up to {what} {supported} is read here.\n"
                f"Install a newer qiskit-runtime-service and a Qiskit whose qpy.QPY_VERSION is at least {version}."
            )

        # Tapes
        case case.NotOnTape(tape=tape, asked=asked):
            return TapeError(
                f"{tape} has no answer to this request: {asked}.{_nearest(problem)}\n"
                "Record it: transport=record(path, mode='new_episodes'), or mode='all' to record everything anew."
            )
        case case.TapeUnreadable(path=path, reason=reason):
            return TapeError(
                f"{path} cannot be read as a tape: {reason}.\nRecord it with transport=record(path), or mend the file."
            )
        case case.TapeUnwritable(path=path, reason=reason, fix=fix):
            return TapeError(f"The tape {path} was not saved: {reason}.\n{fix}")
        case case.SecretOnTape(path=path, leaks=leaks):
            return TapeError(
                f"The tape {path} was not saved, because this must not be on it:{describe_leaks(leaks)}\n"
                "Take it out of the program, such as out of tags and metadata, and record again."
            )
        case _:
            assert_never(problem)


def describe_leaks(leaks: tuple[Leak, ...]) -> str:
    """Return a line for each leak, without what leaked."""
    return "".join(f"\n  - exchange {each.exchange}, {each.place}: {each.reason}" for each in leaks)


def _nearest(problem: case.NotOnTape) -> str:
    """Return what is on the tape instead."""
    if problem.nearest is None:
        return f"\nOn the tape are: {', '.join(problem.recorded) or 'nothing'}."
    if not problem.differences:
        return f"\nExchange {problem.nearest} means the same, but was played, and must not be repeated."
    lines = "".join(
        f"\n  - {each.field}: {_shown(each.recorded)} on the tape, {_shown(each.asked)} asked"
        for each in problem.differences
    )
    return f"\nMost like it is exchange {problem.nearest}:{lines}"


def _shown(value: str | None) -> str:
    return "nothing" if value is None else value


_NETWORK_ERRORS = {
    "tls": IBMCertificateError,
    "proxy": IBMProxyError,
    "silence": IBMTimeoutError,
    "deadline": IBMTimeoutError,
}

_WAYS_OUT = {
    "name": "Check the URL of the account, and that this machine is on the network.",
    "connection": "Check that this machine is on the network, and whether it needs a proxy: proxies=, HTTPS_PROXY.",
    "tls": (
        "If the network has an authority of its own, name its file: verify='bundle.pem' or REQUESTS_CA_BUNDLE; "
        "else check the URL of the account and the date of this machine."
    ),
    "proxy": "Check address, user and password in proxies=, HTTPS_PROXY or ALL_PROXY; NO_PROXY names exceptions.",
    "silence": "Try again; if the service needs longer, allow more: timeout=.",
    "deadline": "Try again; if the service needs longer, allow more: timeout=.",
    "broken": "Try again; if it stays, something between here and the service breaks the answers.",
    "unusable": "Check the settings named above: verify=, REQUESTS_CA_BUNDLE, SSL_CERT_FILE, proxies=, the URL.",
}

_WAYS_ON = (
    (500, "Try again later."),
    (429, "Try again later, and less often."),
    (400, "Change what was asked for."),
    (0, "The service does not redirect: check the URL of the account, and what answers in its place."),
)
"""By the least status that they are for, where the server offers none."""


def _history(problem: FailedCall) -> str:
    """Tell what was tried, and why no more."""
    count, last = len(problem.tried), problem.tried[-1].at if problem.tried else 0.0
    attempts = "1 attempt" if count < 2 else f"{count} attempts in {last:.1f} s"
    return f"{attempts} ({problem.gave_up})" if problem.gave_up else attempts


def _way_on(status: int) -> str:
    """Return the way out of a refusal that names none itself."""
    return next(out for least, out in _WAYS_ON if status >= least)


def _said(problem: case.ServerRefusal | case.KeyRefused | case.NotAuthorized) -> str:
    """Return the server's own words with code and trace, or nothing."""
    words = f": {problem.message}" if problem.message else ""
    code = f", code {problem.code}" if problem.code else ""
    trace = f", trace {problem.trace}" if problem.trace else ""
    return f"{code}{trace}{words}".rstrip(".")


def _shortfalls(shortfalls: tuple[Shortfall, ...]) -> str:
    return ", ".join(map(describe_shortfall, shortfalls)) or "there is none"


def _unreachable(reasons: tuple[str, ...]) -> str:
    return "".join(f"\n  - could not be asked: {each}" for each in reasons)


def _preference(preference: InstancePreference) -> str:
    parts = [
        f"{name}={show(value)}"
        for name, value in (
            ("region", preference.region),
            ("plans_preference", preference.plans),
            ("tags", preference.tags),
        )
        if value
    ]
    return " and ".join(parts) or "(all have nothing allocated)"
