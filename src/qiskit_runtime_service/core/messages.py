"""The words of problems: what happened, with which values, and the way out. Records in, text out.

Exceptions, logs, checks, failed jobs and the command line all use these.
"""

from math import ceil, isinf
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import asdict, replace

from .._shown import MOST_OF_A_TEXT, as_line, counted, shorten
from ..records import problem as case
from ..records.call import FailedCall
from ..records.cassette import Leak
from ..records.instance import InstancePreference
from ..records.problem import Problem
from ..records.selection import Shortfall
from .estimate_reports import show_number
from .keys import hide_keys
from .names import hint_at
from .selection import describe_shortfall, show


class Message(NamedTuple):
    """What is said of a problem."""

    what: str
    """What happened, and with which value. Words of a server in it may have lines of their own."""
    way_out: str
    """What to do; empty where nobody knows."""
    details: tuple[str, ...] = ()
    """Further values, a line each."""

    @property
    def line(self) -> str:
        """What happened in one line that can be printed, for logs and lists."""
        return as_line(" ".join(self.what.split()))

    @property
    def fix(self) -> str:
        """All that follows the first line."""
        return "\n".join((*self.details, *filter(None, (self.way_out,))))

    def __str__(self) -> str:
        return f"{self.what}\n{self.fix}" if self.fix else self.what


class _Shown(str):
    """A text of a problem, of which words have no more than is read: of a name, which is quoted, the beginning."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(shorten(str(self)))

    def __format__(self, form: str) -> str:
        return format(shorten(str(self), MOST_OF_A_TEXT), form)


_WORDS: dict[type[Problem], tuple[str, str]] = {
    # Arguments
    **dict.fromkeys(
        (case.BadArgument, case.WrongType, case.OutOfRange, case.UnreadableInput),
        ("{name} is {value}.", "It must be {wanted}."),
    ),
    # Accounts
    case.UnknownChannel: (
        "There is no channel {channel!r} ({origin}).",
        "Use 'ibm_quantum_platform', 'ibm_cloud' or 'local'.",
    ),
    case.LegacyChannel: (
        "The channel 'ibm_quantum' is retired ({origin}).",
        "Save the account again with channel='ibm_quantum_platform' and an IBM Cloud API key.",
    ),
    case.AccountNameNotFound: ("{path} has no account {name!r}.", "It has: {known}."),
    case.BrokenEntry: ("The account {name!r} in {path} cannot be used: {reason}.", "Mend the entry or save it again."),
    case.NoCredential: ("No API key came from {place}: {reason}.", "{fix}"),
    case.UnreadableFile: ("{path} cannot be read: {reason}.", "{fix}"),
    case.MalformedFile: ("{path} cannot be read: {reason}.", "{fix}"),
    case.UnwritableFile: ("{path} is as it was, because it cannot be changed: {reason}.", "{fix}"),
    case.AccountNameTaken: (
        "{path} has an account {name!r} already.",
        "Give another name=, or overwrite=True to replace it.",
    ),
    case.DefaultTaken: (
        "{path} has a default account already, {name!r}.",
        "Give overwrite=True to make this one the default in its place.",
    ),
    case.UnfitEntry: ("The account was not saved: {name} is {value}.", "It must be {wanted}."),
    # Names of resources
    case.MalformedCrn: (
        "{crn!r} is no Cloud Resource Name: {reason}.",
        "Copy the CRN of the instance from its page, or give its name.",
    ),
    case.UnsafeUrl: (
        "Credentials are not sent to {url!r}: {reason}.",
        "{fix}",
    ),
    # Instances
    case.NoInstances: (
        "The account has no quantum instance.",
        "Create one on the platform, or ask its owner for access.",
    ),
    case.InstanceNotFound: ("The account has no instance {wanted!r}.", "It has: {known}."),
    case.NothingAllocated: (
        "The instance {wanted!r} has no time allocated.",
        "Ask its owner for some, or use another: {known}.",
    ),
    # Backends
    case.BrokenBackend: (
        "The backend {name!r} cannot be used: {reason}.",
        "Choose another, or report this to its owner.",
    ),
    case.NoFractionalGates: (
        "The backend {name!r} has no fractional gates.",
        "Use use_fractional_gates=False or another backend.",
    ),
    case.NoStandIn: (
        "There is no {stand_in!r}, which would stand in for {name!r} in a dry run.",
        "Run without dry_run=True.",
    ),
    case.UsesFaulty: (
        "{gate!r} on {qubits} is reported as faulty by {backend!r}.",
        "Transpile for backend.target, which leaves faulty qubits and gates out.",
    ),
    case.NotMeasured: ("The calibration has no {what}.", "See to_dict() for what there is."),
    case.CalibrationNotFound: (
        "The backend {name!r} has no calibration {calibration_id!r}.",
        "Leave calibration_id= out to get the latest.",
    ),
    # Jobs
    case.JobRanTooLong: (
        "Job {job} ran longer than maximum execution time. Job was cancelled: {reason}",
        "Raise max_execution_time, or split the work.",
    ),
    case.JobCancelled: ("Job {job} was cancelled, so it has no result.", "Run it again if you need one."),
    case.JobNotCancellable: ("Job {job} cannot be cancelled: {message}", "It has come to its end already."),
    case.JobStaysHere: (
        "Job {job} is {status} in this process, and cannot be pickled.",
        "Wait for its end with job.wait_for_final_state(), or let the other process run it.",
    ),
    case.JobNotFinal: ("Job {job} cannot be deleted: {message}", "Wait for its end, or cancel it."),
    case.NoResult: ("The service holds no result of job {job}.", "Private results can be read once."),
    case.JobUnreadable: ("The {part} of job {job} cannot be decoded. {reason}", "{fix}"),
    # Sessions
    case.SessionClosed: ("The session {session!r} is closed.", "Open another, or run on its backend."),
    # Circuits and values
    case.NotExecutable: ("{noun} {pub} cannot run on this backend: {reason}.", "{fix}."),
    case.TooHeavy: (
        "{what} would take about {seconds:.3g} s or more to simulate; the limit is {limit:g} s.",
        "Use fewer qubits, layers, shots or PUBs{fix}.",
    ),
    case.TooWide: (
        "{what} would take {size:.3g} bytes of memory to simulate; the limit is {limit} bytes.",
        "Use fewer qubits, or only Clifford gates{fix}.",
    ),
    case.UnreadableValue: (
        "A value of type {tag!r} cannot be decoded: {reason}.",
        "Try a newer version of this library.",
    ),
    case.TooSlow: (
        "The answer was there, but it was not decoded in the time that the call may take; next was {what}.",
        "Allow more: timeout=, or service.within(...); job.save_result(path) keeps a result as it came.",
    ),
    case.TooNew: (
        "The data is {what} {version}; up to {what} {supported} is read here.",
        "Install a newer qiskit-runtime-service and a Qiskit whose qpy.QPY_VERSION is at least {version}.",
    ),
    # Keys and cassettes
    case.KeyStayedBehind: (
        "{url} cannot be asked: this came out of a pickle, and the API key stayed behind.",
        "Open a QiskitRuntimeService and ask it again.",
    ),
    case.CassetteUnreadable: (
        "{path} cannot be read as a cassette: {reason}.",
        "Record it with transport=record(path), or mend the file.",
    ),
    case.CassetteUnwritable: ("The cassette {path} was not saved: {reason}.", "{fix}"),
}
"""What happened and the way out, of problems whose words follow from their fields alone."""


def describe(problem: Problem) -> Message:
    """Return what is said of a problem, without what looks like a key in it, and no more than is read. Never fails.

    Source: behaviour B328, B353.
    """
    what, way_out, details = _describe(_fit_to_show(problem))
    return Message(_fit_to_read(what), _fit_to_read(way_out), tuple(map(_fit_to_read, details)))


def _fit_to_show(value: Any) -> Any:
    """Return a problem, or a part of one, whose texts are fit for a message."""
    if isinstance(value, str):
        return _Shown(hide_keys(value))
    if type(value) is tuple:
        return tuple(map(_fit_to_show, value))
    if isinstance(value, Struct):
        return replace(value, **{name: _fit_to_show(part) for name, part in asdict(value).items()})
    return value


def _fit_to_read(text: str) -> str:
    return shorten(hide_keys(text), MOST_OF_A_TEXT)


def _describe(problem: Problem) -> Message:
    if type(problem) in _WORDS:
        fields = asdict(problem).items()
        shown = {name: _show_field(name, value) for name, value in fields}
        what, way_out = _WORDS[type(problem)]
        return Message(what.format(**shown), way_out.format(**shown))
    match problem:
        case FailedCall():
            return _describe_call(problem)
        case case.UnknownOption(group=group, name=name, nearest=nearest):
            hint = hint_at(nearest, "What else the service knows goes in experimental=.")
            return Message(f"{group} has no option {name!r}.", hint)
        case case.UnknownFilter(name=name, nearest=nearest):
            hint = hint_at(nearest, "See the attributes of IBMBackend.configuration().")
            return Message(f"Backends have no attribute {name!r} to filter by.", hint)
        case case.NoAccount(channel=channel, path=path, searched=searched, unused=unused):
            wanted = f" for channel {channel!r}" if channel else ""
            way_out = f"Give token=, set QISKIT_IBM_TOKEN, or save an account in {path}."
            places = listed(*(f"{place}: nothing" for place in searched), *unused)
            return Message(f"No account{wanted} was found. Looked at:", way_out, places)
        case case.NoInstanceMatches(preference=preference, considered=considered, shortfalls=shortfalls):
            what = f"{_no_instance(considered, _preference(preference))}: {_shortfalls(shortfalls)}."
            where = (f"The account has instances in {show(problem.regions)}.",) if problem.regions else ()
            return Message(what, "Relax region=, plans_preference= or tags=, or give instance=.", where)
        case case.InstancesUnreachable(reasons=reasons):
            way_out = "Try again, or name another with instance=."
            return Message("These instances could not be asked:", way_out, listed(*reasons))
        case case.UnreadableRows(count=count, rows=rows, lacking=lacking):
            have, their = ("has", "its") if count == 1 else ("have", "their")
            way_out = f"The log at DEBUG tells what was sent in {their} place."
            return Message(f"{count} of its {rows} {have} no {lacking}.", way_out)
        case case.NoBackendMatches(considered=considered, shortfalls=shortfalls, unreachable=unreachable):
            return _describe_none(considered, shortfalls, unreachable)
        case case.BackendNotFound(name=name, nearest=nearest, unreachable=()):
            hint = hint_at(nearest, "service.backends() lists what there is.")
            return Message(f"There is no backend {name!r}.", hint)
        case case.BackendNotFound(name=name, nearest=nearest, unreachable=unreachable):
            what = f"Not everything could be read, and the rest has no backend {name!r}."
            return Message(what, f"Try again later. {hint_at(nearest, '')}".rstrip(), listed(*unreachable))
        case case.JobNotFound(job=job, instances=count):
            return Message(f"Job {job!r} is {_nowhere(count)}.", "Check the id, or give the instance.")
        case case.SessionNotFound(session=session, instances=count):
            way_out = "Check the id, or open a session with Session(backend=backend)."
            return Message(f"Session {session!r} is {_nowhere(count)}.", way_out)
        case case.JobFailed(job=job, reason=reason, code=code, solution=solution):
            shown_reason = f"Error code {code}; {reason}" if code is not None else reason
            why = shown_reason or "the service gives no reason"
            return Message(f"Job {job} has failed:", _offered(solution), (why,))
        case case.JobTimeout(job=job, status=status, waited=waited, others=others, unread=unread):
            more = f" {counted(others, 'other')} {'is' if others == 1 else 'are'} not final either." if others else ""
            what = f"Job {job} is {status} after {waited:.0f} s. It goes on.{more}"
            if unread:
                what = f"Job {job} was {status} when it was last read; after {waited:.0f} s it cannot be read: {unread}"
            return Message(what, f"Wait longer, or fetch it later with service.job({job!r}).")
        case case.SubmissionUnknown():
            return _describe_doubt(problem)
        case case.UsageSpent():
            return _describe_spending(problem)
        case case.RunTooCostly(backend=backend, cost=cost, most=most, executions=executions, more=more):
            how = f"{'at least' if more else 'about'} {show_spent(cost)} on {backend}"
            what_for = (
                f", for {show_number(executions)} execution{'' if executions == 1 else 's'}" if executions else ""
            )
            what = f"The job was not submitted: it would use {how}{what_for}, more than max_usage={most:g}."
            way_out = "Raise max_usage= of the run, or run less: fewer shots, parameter values or PUBs."
            return Message(what, way_out, (more,) if more else ())
        case case.TooLarge(what=what, size=size, limit=limit, setting=setting):
            way_out = f"Raise the limit if this is meant: {_raised(setting, size)}."
            return Message(f"{what} has {size}, more than the limit of {limit}.", way_out)
        case case.NotOnCassette(cassette=cassette, wanted=wanted):
            way_out = "Record it: transport=record(path, mode='new_episodes'), or mode='all' to record everything anew."
            return Message(f"{cassette} has no answer to this request: {wanted}.", way_out, _nearest(problem))
        case case.SecretOnCassette(path=path, leaks=leaks):
            what = f"The cassette {path} was not saved, because this must not be on it:"
            way_out = "Take it out of the program, such as out of tags and metadata, and record again."
            return Message(what, way_out, describe_leaks(leaks))
        case _:
            raise AssertionError(f"nobody gave {type(problem).__name__} words")


def _show_field(name: str, value: Any) -> Any:
    """Return a field as words have it: what may be a value of the user's as such, and all else as it is."""
    if isinstance(value, tuple):
        return show(value)
    return _Shown(shorten(value)) if name in ("name", "value", "what") and isinstance(value, str) else value


def show_spent(seconds: float) -> str:
    """Return usage that counts against a bound as a person would write it, rounded up to hundredths.

    What is a little beyond the bound must not look as if it were not.
    """
    # What is exact in hundredths may be a little more as a float.
    return "∞ s" if isinf(seconds) else f"{ceil(seconds * 100 - 1e-6) / 100:.15g} s"


def _describe_spending(problem: case.UsageSpent) -> Message:
    """Return what is said of a job that would spend an instance beyond `max_usage` of the service."""
    bound = f"max_usage={problem.most:g}"
    if problem.consumed is None:
        what = f"The job was not submitted: in seconds the service does not tell what {problem.instance} has spent."
        return Message(what, f"Leave out {bound} of the service, or look at service.usage().")
    parts = [f"{problem.instance} has spent {show_spent(problem.consumed)} of {bound}"]
    if problem.pending_jobs:
        who = "1 job that waits or runs" if problem.pending_jobs == 1 else f"{problem.pending_jobs} that wait or run"
        parts.append(f"{who} may take {show_spent(problem.pending)}")
    if problem.cost:
        parts.append(f"the job may take {'at least ' if problem.more else ''}{show_spent(problem.cost)}")
    stated = f"{', '.join(parts[:-1])}, and {parts[-1]}" if len(parts) > 1 else parts[0]
    way_out = "Raise max_usage= of the service, run less, or give the job a smaller max_execution_time."
    return Message(f"The job was not submitted: {stated}.", way_out, (problem.more,) if problem.more else ())


def _describe_doubt(problem: case.SubmissionUnknown) -> Message:
    """Return what is said of a submission that may have become a job."""
    place = f"instance={problem.instance!r}"
    query = f"job_tags=[{problem.tag!r}], {place}, include_mocks=True" if problem.tag else place
    often = "once" if problem.looks == 1 else f"{problem.looks} times"
    looked = f" It was looked for {often} by its tag and not found." if problem.looks else ""
    unread = f" The jobs with its tag could not be listed: {problem.unread.rstrip('.')}." if problem.unread else ""
    what = f"It is not known whether the job was submitted: {problem.reason}.{looked}{unread}"
    return Message(what, f"Before you submit it again, look at service.jobs({query}).")


def _raised(setting: str, size: int) -> str:
    """Return how a limit is raised beyond a size.

    Source: behaviour B321.
    """
    enough = f"{setting}=2**{size.bit_length()}"
    if setting == "max_answer":
        return f"QiskitRuntimeService({enough})"
    return f"for a result, job.result(decoder=RuntimeDecoder(limits=DecodeLimits({enough})))"


def _describe_call(problem: FailedCall) -> Message:
    """Return what is said of a call that failed."""
    match problem:
        case case.NetworkFault(url=url, kind=kind, reason=reason, cause=cause, acts=acts):
            acted = " It is not known whether the server acted." if acts and kind == "unclear" else ""
            return Message(f"No response from {url} after {_history(problem)}: {reason}.{acted}", _WAYS_OUT[cause])
        case case.SubmissionRefused(url=url, status=status, solution=solution):
            answered = f"{url} answered {status} after {_history(problem)}{_server_words(problem)}"
            return Message(f"The job was not submitted: {answered}.", _offered(solution) or _way_on(status))
        case case.ServerRefusal(url=url, status=status, solution=solution):
            answered = f"{url} answered {status} after {_history(problem)}{_server_words(problem)}."
            return Message(answered, _offered(solution) or _way_on(status))
        case case.KeyRefused(url=url, status=status, around=around):
            what = f"{url} does not accept the API key: it answered {status}{_server_words(problem)}."
            if around:
                return Message(what, f"The key has {around} around it: take that away where it was given or saved.")
            way_out = "Check the token= that was given or saved"
            return Message(what, f"{way_out}; a new key can be made on the IBM Cloud page for API keys.")
        case case.NotAuthorized(url=url, instance=instance, status=401, gave_up=reason) if reason:
            what = f"{url} answered 401{_server_words(problem)}. The token was renewed; {reason.rstrip('.')}."
            return Message(what, f"Try again; if it stays, check that the account may use the instance {instance}.")
        case case.NotAuthorized(url=url, instance=instance, status=status):
            what = f"{url} answered {status}{_server_words(problem)}."
            return Message(what, f"Check that the account may use the instance {instance}.")
        case case.UnreadableBody(url=url, reason=reason, start=start, is_json=True):
            answer = f"The answer of {url} is JSON of another shape, after {_history(problem)}"
            way_out = "Check the URL of the account; if it is right, a newer version of this library may read it."
            return Message(f"{answer}: {reason}. It begins with {start!r}.", way_out)
        case case.UnreadableBody(url=url, reason=reason, start=start):
            answer = f"The answer of {url} cannot be read, after {_history(problem)}"
            way_out = "Try again; if it stays, something between here and the service answers in its place."
            return Message(f"{answer}: {reason}. It begins with {start!r}.", way_out)
        case _:
            raise AssertionError(f"nobody gave {type(problem).__name__} words")


def describe_leaks(leaks: tuple[Leak, ...]) -> tuple[str, ...]:
    """Return a line for each leak, without what leaked."""
    return listed(*(f"exchange {leak.exchange}, {leak.place}: {leak.reason}" for leak in leaks))


def listed(*lines: str) -> tuple[str, ...]:
    """Return lines as those of a list."""
    return tuple(f"  - {line}" for line in lines)


def _nearest(problem: case.NotOnCassette) -> tuple[str, ...]:
    """Return what is on the cassette instead."""
    if problem.nearest is None:
        return (f"On the cassette are: {', '.join(problem.recorded) or 'nothing'}.",)
    if not problem.differences:
        return (f"Exchange {problem.nearest} means the same, but was played, and must not be repeated.",)
    lines = (
        f"{difference.field}: {_shown(difference.recorded)} on the cassette, {_shown(difference.wanted)} asked"
        for difference in problem.differences
    )
    return (f"Most like it is exchange {problem.nearest}:", *listed(*lines))


def _shown(value: str | None) -> str:
    return "nothing" if value is None else value


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
    count = len(problem.tried)
    attempts = "1 attempt" if count < 2 else f"{count} attempts in {problem.tried[-1].at:.1f} s"
    return f"{attempts} ({problem.gave_up})" if problem.gave_up else attempts


_NO_WAY_OUT = frozenset({"none", "null", "n/a", "na", "-"})
"""What servers write where they have no solution to offer."""


def _offered(solution: str) -> str:
    """Return the way out that a server offers, if it does.

    Source: behaviour B296.
    """
    return "" if solution.strip(" .").casefold() in _NO_WAY_OUT else solution


def _way_on(status: int) -> str:
    """Return the way out of a refusal that names none itself."""
    return next((out for least, out in _WAYS_ON if status >= least), _WAYS_ON[-1][1])


def _server_words(problem: case.ServerRefusal | case.KeyRefused | case.NotAuthorized) -> str:
    """Return the server's own words with code and trace, or nothing."""
    words = f": {problem.message}" if problem.message else ""
    code = f", code {problem.code}" if problem.code else ""
    trace = f", trace {problem.trace}" if problem.trace else ""
    return f"{code}{trace}{words}".rstrip(".")


def _describe_none(considered: int, shortfalls: tuple[Shortfall, ...], unread: tuple[str, ...]) -> Message:
    """Return what is said where no backend is left; what could not be asked or read comes first."""
    counted = f"0 of {considered} backends match: {_shortfalls(shortfalls)}."
    match considered, unread:
        case 0, ():
            return Message("No backend at all.", "Relax the filter named last.")
        case _, ():
            return Message(counted, "Relax the filter named last.")
        case 0, _:
            way_out = "Try again later, or ask another instance: instance=."
            return Message("No backend could be read:", way_out, listed(*unread))
        case _:
            what = f"Not all could be asked or read. Of the others, {counted}"
            return Message(what, "Try again later, or relax the filter named last.", listed(*unread))


def _shortfalls(shortfalls: tuple[Shortfall, ...]) -> str:
    return ", ".join(map(describe_shortfall, shortfalls)) or "there is none"


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
    return " and ".join(parts)


def _no_instance(considered: int, wanted: str) -> str:
    """Return that no instance fits what is wanted, or none can be used where nothing is."""
    if considered == 1:
        return f"The one instance does not fit {wanted}" if wanted else "The one instance cannot be used"
    return f"None of {considered} instances {f'fits {wanted}' if wanted else 'can be used'}"


def _nowhere(asked: int) -> str:
    return "not in the instance that was asked" if asked == 1 else f"in none of the {asked} instances that were asked"
