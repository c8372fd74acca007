"""Laws of the words of problems, and the exception that each problem is."""

import pickle
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit.exceptions import QiskitError
from qiskit.providers.exceptions import JobError, JobTimeoutError, QiskitBackendNotFoundError

from qiskit_runtime_service import exceptions
from qiskit_runtime_service.core.messages import describe
from qiskit_runtime_service.records import problem as case
from qiskit_runtime_service.records.call import Attempt, FailedCall
from qiskit_runtime_service.records.cassette import Difference, Leak
from qiskit_runtime_service.records.instance import InstancePreference
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.records.selection import Condition, Shortfall
from tests.strategies import CANARY, values_of

KINDS: tuple[type[Problem], ...] = get_args(Problem)
problems: st.SearchStrategy[Problem] = st.one_of([values_of(kind) for kind in KINDS])

CLASSES: dict[str, tuple[type[Exception], ...]] = {
    "BadArgument UnknownOption UnknownChannel MalformedCrn UnsafeUrl NoInstances NoInstanceMatches InstanceNotFound "
    "NothingAllocated UnknownFilter NoFractionalGates UsesFaulty NotExecutable TooHeavy TooWide": (
        exceptions.IBMInputValueError,
        ValueError,
    ),
    "WrongType": (exceptions.IBMInputValueError, ValueError, TypeError),
    "OutOfRange": (exceptions.IBMInputValueError, ValueError, IndexError),
    "UnreadableInput": (exceptions.IBMInputValueError, ValueError, OSError),
    "UnreadableFile": (exceptions.InvalidAccountError, exceptions.IBMAccountError, OSError),
    "BrokenEntry NoCredential KeyStayedBehind KeyRefused": (
        exceptions.InvalidAccountError,
        exceptions.IBMAccountError,
    ),
    "AccountNameNotFound NoAccount": (exceptions.AccountNotFoundError,),
    "AccountNameTaken DefaultTaken": (exceptions.AccountAlreadyExistsError,),
    "MalformedFile": (exceptions.InvalidAccountError, ValueError),
    "UnwritableFile": (exceptions.IBMAccountError, OSError),
    "UnfitEntry LegacyChannel": (exceptions.InvalidAccountError, exceptions.IBMInputValueError, ValueError),
    "NoBackendMatches BackendNotFound BrokenBackend CalibrationNotFound NoStandIn": (QiskitBackendNotFoundError,),
    "InstancesUnreachable ServerRefusal UnreadableBody UnreadableValue TooLarge TooNew": (exceptions.IBMApiError,),
    "UnreadableRows": (exceptions.IBMApiError,),
    "NetworkFault": (exceptions.IBMApiError, exceptions.IBMNetworkError, ConnectionError),
    "TooSlow": (exceptions.IBMApiError, exceptions.IBMRuntimeError, exceptions.IBMTimeoutError, TimeoutError),
    "SubmissionRefused": (exceptions.IBMApiError,),
    "JobUnreadable": (exceptions.IBMApiError, exceptions.IBMRuntimeError),
    "NotAuthorized": (exceptions.IBMNotAuthorizedError,),
    "NotMeasured": (exceptions.BackendPropertyError,),
    "JobNotFound": (exceptions.RuntimeJobNotFound,),
    "SessionNotFound": (exceptions.IBMInputValueError, ValueError, exceptions.IBMRuntimeError),
    "JobFailed": (exceptions.RuntimeJobFailureError, JobError),
    "JobRanTooLong": (exceptions.RuntimeJobMaxTimeoutError,),
    "JobCancelled JobNotCancellable JobNotFinal JobStaysHere NoResult": (exceptions.RuntimeInvalidStateError,),
    "JobTimeout": (exceptions.RuntimeJobTimeoutError, JobTimeoutError),
    "SubmissionUnknown": (exceptions.SubmissionUnknown,),
    "UsageSpent RunTooCostly SessionClosed": (exceptions.IBMRuntimeError,),
    "NotOnCassette CassetteUnreadable CassetteUnwritable SecretOnCassette": (exceptions.IBMError,),
}
"""By problem: the classes under which IBM's users, and Python's, catch it."""

FURTHER: dict[str, type[Exception]] = {
    "": QiskitError,
    "jobs": exceptions.IBMRuntimeError,
    "backend": QiskitBackendNotFoundError,
    "account": exceptions.InvalidAccountError,
}
"""By what a call was about: what the error of its failure is besides."""

EXPECTED = {name: classes for names, classes in CLASSES.items() for name in names.split()}


def test_every_problem_is_expected_here() -> None:
    assert {*EXPECTED} == {kind.__name__ for kind in KINDS}


@pytest.mark.holds("B294")
@given(problems)
def test_a_problem_is_the_exception_that_users_catch_with_the_words_that_all_use(problem: Problem) -> None:
    error: Any = exceptions.exception_for(problem)
    assert isinstance(error, QiskitError)
    for expected in (*EXPECTED[type(problem).__name__], FURTHER[getattr(problem, "subject", "")]):
        assert isinstance(error, expected)
    assert error.problem is problem
    message = describe(problem)
    assert str(error) == str(message)
    assert error.fix == str(message).rpartition("\n")[2]
    assert CANARY not in str(error)


@given(problems)
def test_a_message_says_what_happened_and_the_way_out_is_its_last_line(problem: Problem) -> None:
    message = describe(problem)
    assert message.what
    assert str(message) == "\n".join([message.what, *message.details, *([message.way_out] if message.way_out else [])])
    assert f"{message.what}\n{message.fix}".rstrip("\n") == str(message).rstrip("\n")
    assert "\n" not in message.line
    # Only a failed job may have no way out: it is the service that knows why.
    assert message.way_out or isinstance(problem, case.JobFailed) or not getattr(problem, "fix", "none")


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        ("tls", exceptions.IBMCertificateError),
        ("proxy", exceptions.IBMProxyError),
        ("silence", exceptions.IBMTimeoutError),
        ("deadline", TimeoutError),
        ("name", exceptions.IBMNetworkError),
    ],
)
def test_a_fault_of_the_network_is_caught_by_its_cause(cause: Any, expected: type[Exception]) -> None:
    fault = case.NetworkFault(url="https://h.example", kind="never sent", cause=cause, reason="broken")
    assert isinstance(exceptions.exception_for(fault), expected)


@pytest.mark.parametrize(("number", "missing"), [(2, True), (13, False), (None, False)])
def test_a_file_that_is_not_there_is_caught_as_one(number: int | None, missing: bool) -> None:
    problem = case.UnreadableInput(name="path", value="'x'", wanted="the path of a file", path="x", errno=number)
    assert isinstance(exceptions.exception_for(problem), FileNotFoundError) is missing


OF_FILES: dict[type[Problem], dict[str, str]] = {
    case.UnreadableFile: {"reason": "no", "fix": "Do."},
    case.UnwritableFile: {"reason": "no", "fix": "Do."},
    case.UnreadableInput: {"name": "path", "value": "'x'", "wanted": "a path"},
}


@pytest.mark.holds("B337")
@pytest.mark.parametrize("kind", OF_FILES)
@pytest.mark.parametrize(("number", "words"), [(2, "No such file or directory"), (28, "No space left on device")])
def test_an_error_of_a_file_has_what_those_of_the_system_have(kind: Any, number: int, words: str) -> None:
    error = exceptions.exception_for(kind(path="/there", errno=number, **OF_FILES[kind]))
    for told in (error, pickle.loads(pickle.dumps(error))):  # noqa: S301  # its own
        assert isinstance(told, OSError)
        assert (told.errno, told.strerror, told.filename) == (number, words, "/there")


def test_a_submission_to_nowhere_is_a_program_that_is_not_there() -> None:
    refused = case.SubmissionRefused(url="https://h.example", status=404)
    assert isinstance(exceptions.exception_for(refused), exceptions.RuntimeProgramNotFound)


@pytest.mark.holds("B229")
@given(problems)
def test_a_line_can_be_printed(problem: Problem) -> None:
    assert describe(problem).line.isprintable()


U = "https://h.example"
SMALL = Shortfall(Condition("num_qubits", "at_least", 133), 2, 127)
TWICE = (Attempt(0.0, "503"), Attempt(2.04, "503"))
DIFFERENCES = (Difference("limit", "10", "20"), Difference("tags", None, "a"))
SAID: list[tuple[Problem, str, tuple[str, ...], str]] = [
    (
        case.UnknownOption(group="dynamical_decoupling", name="enabel", nearest="enable"),
        "dynamical_decoupling has no option 'enabel'.", (), "Did you mean 'enable'?",
    ),
    (
        case.UnknownOption(group="twirling", name="x", nearest=None),
        "twirling has no option 'x'.", (), "What else the service knows goes in experimental=.",
    ),
    (
        case.UnknownFilter(name="num_qbits", nearest="num_qubits"),
        "Backends have no attribute 'num_qbits' to filter by.", (), "Did you mean 'num_qubits'?",
    ),
    (
        case.UnknownFilter(name="x", nearest=None),
        "Backends have no attribute 'x' to filter by.", (), "See the attributes of IBMBackend.configuration().",
    ),
    (
        case.NoAccount(channel="ibm_cloud", path="a.json", searched=("entry 'x'",), unused=("y cannot be used",)),
        "No account for channel 'ibm_cloud' was found. Looked at:", ("  - entry 'x': nothing", "  - y cannot be used"),
        "Give token=, set QISKIT_IBM_TOKEN, or save an account in a.json.",
    ),
    (
        case.NoAccount(channel=None, path="a.json", searched=()),
        "No account was found. Looked at:", (), "Give token=, set QISKIT_IBM_TOKEN, or save an account in a.json.",
    ),
    (
        case.NoInstanceMatches(
            preference=InstancePreference(region="eu-de", plans=("open", "flex")), considered=2,
            shortfalls=(Shortfall(Condition("region", "equals", "eu-de"), 2, "us-east"),),
        ),
        "None of 2 instances fits region=eu-de and plans_preference=open, flex: 2 have region us-east, not eu-de.", (),
        "Relax region=, plans_preference= or tags=, or give instance=.",
    ),
    (
        case.NoInstanceMatches(preference=InstancePreference(tags=("a",)), considered=1, shortfalls=()),
        "The one instance does not fit tags=a: there is none.", (),
        "Relax region=, plans_preference= or tags=, or give instance=.",
    ),
    (
        case.NoInstanceMatches(preference=InstancePreference(), considered=1, shortfalls=()),
        "The one instance cannot be used: there is none.", (),
        "Relax region=, plans_preference= or tags=, or give instance=.",
    ),
    (
        case.NoInstanceMatches(preference=InstancePreference(), considered=2, shortfalls=()),
        "None of 2 instances can be used: there is none.", (),
        "Relax region=, plans_preference= or tags=, or give instance=.",
    ),
    (
        case.JobNotFound(job="j1", instances=1),
        "Job 'j1' is not in the instance that was asked.", (), "Check the id, or give the instance.",
    ),
    (
        case.JobNotFound(job="j1", instances=3),
        "Job 'j1' is in none of the 3 instances that were asked.", (), "Check the id, or give the instance.",
    ),
    (
        case.SessionNotFound(session="s1", instances=1),
        "Session 's1' is not in the instance that was asked.", (),
        "Check the id, or open a session with Session(backend=backend).",
    ),
    (
        case.JobTimeout(job="j1", status="QUEUED", waited=59.7, others=1),
        "Job j1 is QUEUED after 60 s. It goes on. 1 other is not final either.", (),
        "Wait longer, or fetch it later with service.job('j1').",
    ),
    (
        case.InstancesUnreachable(reasons=("one: no answer", "two: 500")),
        "These instances could not be asked:", ("  - one: no answer", "  - two: 500"),
        "Try again, or name another with instance=.",
    ),
    (
        case.UnreadableRows(count=1, rows="jobs", lacking="id"),
        "1 of its jobs has no id.", (), "The log at DEBUG tells what was sent in its place.",
    ),
    (
        case.UnreadableRows(count=2, rows="backends", lacking="name"),
        "2 of its backends have no name.", (), "The log at DEBUG tells what was sent in their place.",
    ),
    (
        case.NoBackendMatches(considered=2, shortfalls=(SMALL,), unreachable=("one: 500",)),
        (
            "Not all could be asked or read. Of the others, 0 of 2 backends match: "
            "2 have fewer than 133 qubits (most: 127)."
        ),
        ("  - one: 500",),
        "Try again later, or relax the filter named last.",
    ),
    (
        case.NoBackendMatches(considered=2, shortfalls=(SMALL,)),
        "0 of 2 backends match: 2 have fewer than 133 qubits (most: 127).", (), "Relax the filter named last.",
    ),
    (
        case.NoBackendMatches(considered=0, shortfalls=(), unreachable=("one: 500", "ibm_x: broken")),
        "No backend could be read:", ("  - one: 500", "  - ibm_x: broken"),
        "Try again later, or ask another instance: instance=.",
    ),
    (
        case.NoBackendMatches(considered=0, shortfalls=()),
        "No backend at all.", (), "Relax the filter named last.",
    ),
    (
        case.BackendNotFound(name="ibm_fes", nearest="ibm_fez", unreachable=("one: 500",)),
        "Not everything could be read, and the rest has no backend 'ibm_fes'.", ("  - one: 500",),
        "Try again later. Did you mean 'ibm_fez'?",
    ),
    (
        case.BackendNotFound(name="ibm_fes", nearest=None, unreachable=("one: 500", "two: 403")),
        "Not everything could be read, and the rest has no backend 'ibm_fes'.",
        ("  - one: 500", "  - two: 403"), "Try again later.",
    ),
    (
        case.BackendNotFound(name="ibm_fes", nearest="ibm_fez"),
        "There is no backend 'ibm_fes'.", (), "Did you mean 'ibm_fez'?",
    ),
    (
        case.CalibrationNotFound(name="ibm_fez", calibration_id="c1"),
        "The backend 'ibm_fez' has no calibration 'c1'.", (), "Leave calibration_id= out to get the latest.",
    ),
    (
        case.NotMeasured(what="gate 'cz' on (0, 1)"),
        "The calibration has no gate 'cz' on (0, 1).", (), "See to_dict() for what there is.",
    ),
    (
        case.BackendNotFound(name="x", nearest=None),
        "There is no backend 'x'.", (), "service.backends() lists what there is.",
    ),
    (
        case.JobFailed(job="j1", reason="Too deep.", code=1305, solution="Make it shallow."),
        "Job j1 has failed:", ("Error code 1305; Too deep.",), "Make it shallow.",
    ),
    (case.JobFailed(job="j1", reason="Too deep.", solution=" None."), "Job j1 has failed:", ("Too deep.",), ""),
    (
        case.JobUnreadable(job="j1", part="result", reason="It is no JSON: odd.", fix="Ask for it again."),
        "The result of job j1 cannot be decoded. It is no JSON: odd.", (), "Ask for it again.",
    ),
    (case.JobFailed(job="j1", reason="Too deep."), "Job j1 has failed:", ("Too deep.",), ""),
    (case.JobFailed(job="j1", reason=""), "Job j1 has failed:", ("the service gives no reason",), ""),
    (
        case.JobTimeout(job="j1", status="QUEUED", waited=59.7, others=2),
        "Job j1 is QUEUED after 60 s. It goes on. 2 others are not final either.", (),
        "Wait longer, or fetch it later with service.job('j1').",
    ),
    (
        case.JobTimeout(job="j1", status="QUEUED", waited=0.2),
        "Job j1 is QUEUED after 0 s. It goes on.", (), "Wait longer, or fetch it later with service.job('j1').",
    ),
    (
        case.SubmissionUnknown(instance="i", tag="t", reason="no answer", looks=3),
        "It is not known whether the job was submitted: no answer. It was looked for 3 times by its tag and not found.",
        (),
        "Before you submit it again, look at service.jobs(job_tags=['t'], instance='i', include_mocks=True).",
    ),
    (
        case.JobTimeout(job="j1", status="QUEUED", waited=4.2, others=2, unread="No response from h."),
        "Job j1 was QUEUED when it was last read; after 4 s it cannot be read: No response from h.", (),
        "Wait longer, or fetch it later with service.job('j1').",
    ),
    (
        case.SubmissionUnknown(instance="i", tag="t", reason="no answer", looks=1, unread="h answered 500."),
        (
            "It is not known whether the job was submitted: no answer. "
            "It was looked for once by its tag and not found. "
            "The jobs with its tag could not be listed: h answered 500."
        ),
        (),
        "Before you submit it again, look at service.jobs(job_tags=['t'], instance='i', include_mocks=True).",
    ),
    (
        case.SubmissionUnknown(instance="i", tag=None, reason="no answer"),
        "It is not known whether the job was submitted: no answer.", (),
        "Before you submit it again, look at service.jobs(instance='i').",
    ),
    (
        case.UsageSpent(instance="i", consumed=45.0, cost=30.0, most=60.0),
        "The job was not submitted: i has spent 45 s of max_usage=60, and the job may take 30 s.", (),
        "Raise max_usage= of the service, run less, or give the job a smaller max_execution_time.",
    ),
    (
        case.UsageSpent(instance="i", consumed=60.5, cost=0.0, most=60.0),
        "The job was not submitted: i has spent 60.5 s of max_usage=60.", (),
        "Raise max_usage= of the service, run less, or give the job a smaller max_execution_time.",
    ),
    (
        case.UsageSpent(
            instance="i", consumed=45.0, cost=3.0374, most=60.0, pending=12.5, pending_jobs=2, more="It is long."
        ),
        (
            "The job was not submitted: i has spent 45 s of max_usage=60, 2 that wait or run may take 12.5 s, and the "
            "job may take at least 3.04 s."
        ),
        ("It is long.",),
        "Raise max_usage= of the service, run less, or give the job a smaller max_execution_time.",
    ),
    (
        case.UsageSpent(instance="i", consumed=60.0, cost=0.0, most=60.0, pending=3.0, pending_jobs=1),
        (
            "The job was not submitted: i has spent 60 s of max_usage=60, and 1 job that waits or runs may take 3 s."
        ),
        (),
        "Raise max_usage= of the service, run less, or give the job a smaller max_execution_time.",
    ),
    (
        case.UsageSpent(instance="i", consumed=None, cost=3.0, most=60.0),
        "The job was not submitted: in seconds the service does not tell what i has spent.", (),
        "Leave out max_usage=60 of the service, or look at service.usage().",
    ),
    (
        case.RunTooCostly(backend="ibm_x", cost=27.328, most=20.0, executions=100000),
        (
            "The job was not submitted: it would use about 27.33 s on ibm_x, for 100,000 executions, more than "
            "max_usage=20."
        ),
        (),
        "Raise max_usage= of the run, or run less: fewer shots, parameter values or PUBs.",
    ),
    (
        case.RunTooCostly(backend="ibm_x", cost=3.04, most=0.0, executions=4096),
        "The job was not submitted: it would use about 3.04 s on ibm_x, for 4096 executions, more than max_usage=0.",
        (),
        "Raise max_usage= of the run, or run less: fewer shots, parameter values or PUBs.",
    ),
    (
        case.RunTooCostly(backend="ibm_x", cost=10800.0, most=20.0, executions=1, more="It is long."),
        (
            "The job was not submitted: it would use at least 10800 s on ibm_x, for 1 execution, more than "
            "max_usage=20."
        ),
        ("It is long.",),
        "Raise max_usage= of the run, or run less: fewer shots, parameter values or PUBs.",
    ),
    (
        case.NotOnCassette(cassette="c.yaml", wanted="list jobs", recorded=("list backends: 2", "read job: 1")),
        "c.yaml has no answer to this request: list jobs.", ("On the cassette are: list backends: 2, read job: 1.",),
        "Record it: transport=record(path, mode='new_episodes'), or mode='all' to record everything anew.",
    ),
    (
        case.NotOnCassette(cassette="c.yaml", wanted="list jobs"),
        "c.yaml has no answer to this request: list jobs.", ("On the cassette are: nothing.",),
        "Record it: transport=record(path, mode='new_episodes'), or mode='all' to record everything anew.",
    ),
    (
        case.NotOnCassette(cassette="c.yaml", wanted="list jobs", nearest=4),
        "c.yaml has no answer to this request: list jobs.",
        ("Exchange 4 means the same, but was played, and must not be repeated.",),
        "Record it: transport=record(path, mode='new_episodes'), or mode='all' to record everything anew.",
    ),
    (
        case.NotOnCassette(cassette="c.yaml", wanted="list jobs", nearest=4, differences=DIFFERENCES),
        "c.yaml has no answer to this request: list jobs.",
        (
            "Most like it is exchange 4:",
            "  - limit: 10 on the cassette, 20 asked",
            "  - tags: nothing on the cassette, a asked",
        ),
        "Record it: transport=record(path, mode='new_episodes'), or mode='all' to record everything anew.",
    ),
    (
        case.SecretOnCassette(path="c.yaml", leaks=(Leak(3, "body", "it looks like a key"),)),
        "The cassette c.yaml was not saved, because this must not be on it:",
        ("  - exchange 3, body: it looks like a key",),
        "Take it out of the program, such as out of tags and metadata, and record again.",
    ),
    (
        case.NetworkFault(
            url=U, kind="unclear", reason="no words", cause="silence", tried=TWICE, gave_up="time is up", acts=True
        ),
        (
            "No response from https://h.example after 2 attempts in 2.0 s (time is up): no words. "
            "It is not known whether the server acted."
        ),
        (),
        "Try again; if the service needs longer, allow more: timeout=.",
    ),
    (
        case.NetworkFault(url=U, kind="unclear", reason="no words", cause="silence", tried=TWICE[:1]),
        "No response from https://h.example after 1 attempt: no words.", (),
        "Try again; if the service needs longer, allow more: timeout=.",
    ),
    (
        case.NetworkFault(url=U, kind="refused", reason="refused", tried=TWICE[:1], acts=True),
        "No response from https://h.example after 1 attempt: refused.", (),
        "Check that this machine is on the network, and whether it needs a proxy: proxies=, HTTPS_PROXY.",
    ),
    (
        case.SubmissionRefused(url=U, status=500, message="Down.", code="7", trace="t"),
        "The job was not submitted: https://h.example answered 500 after 1 attempt, code 7, trace t: Down.", (),
        "Try again later.",
    ),
    (
        case.SubmissionRefused(url=U, status=400, solution="Be brief."),
        "The job was not submitted: https://h.example answered 400 after 1 attempt.", (), "Be brief.",
    ),
    (
        case.ServerRefusal(url=U, status=429, message="Slow down.", tried=TWICE),
        "https://h.example answered 429 after 2 attempts in 2.0 s: Slow down.", (), "Try again later, and less often.",
    ),
    (
        case.ServerRefusal(url=U, status=404, solution="Ask another."),
        "https://h.example answered 404 after 1 attempt.", (), "Ask another.",
    ),
    (
        case.ServerRefusal(url=U, status=500, solution="none"),
        "https://h.example answered 500 after 1 attempt.", (), "Try again later.",
    ),
    (
        case.SubmissionRefused(url=U, status=400, solution="N/A"),
        "The job was not submitted: https://h.example answered 400 after 1 attempt.", (), "Change what was asked for.",
    ),
    (
        case.KeyRefused(url=U, status=400, code="BXNIM0415E", message="No such key."),
        "https://h.example does not accept the API key: it answered 400, code BXNIM0415E: No such key.", (),
        "Check the token= that was given or saved; a new key can be made on the IBM Cloud page for API keys.",
    ),
    (
        case.KeyRefused(url=U, status=400, code="", message="", around="white space"),
        "https://h.example does not accept the API key: it answered 400.", (),
        "The key has white space around it: take that away where it was given or saved.",
    ),
    (
        case.NotAuthorized(url=U, instance="i", status=403, trace="t"),
        "https://h.example answered 403, trace t.", (), "Check that the account may use the instance i.",
    ),
    (
        case.NotAuthorized(url=U, instance="i", status=401, message="No.", gave_up="nothing is sent twice"),
        "https://h.example answered 401: No. The token was renewed; nothing is sent twice.", (),
        "Try again; if it stays, check that the account may use the instance i.",
    ),
    (
        case.UnreadableBody(url=U, reason="no JSON", start="<html>", tried=TWICE),
        "The answer of https://h.example cannot be read, after 2 attempts in 2.0 s: no JSON. It begins with '<html>'.",
        (), "Try again; if it stays, something between here and the service answers in its place.",
    ),
    (
        case.UnreadableBody(url=U, reason="id is wrong", start="{", is_json=True),
        "The answer of https://h.example is JSON of another shape, after 1 attempt: id is wrong. It begins with '{'.",
        (), "Check the URL of the account; if it is right, a newer version of this library may read it.",
    ),
    (
        case.BadArgument(name="shots", value="-1", wanted="a positive number"),
        "shots is -1.", (), "It must be a positive number.",
    ),
    (
        case.NothingAllocated(wanted="x", known=("one", "two")),
        "The instance 'x' has no time allocated.", (), "Ask its owner for some, or use another: one, two.",
    ),
    (
        case.InstanceNotFound(wanted="x", known=("one", "two")),
        "The account has no instance 'x'.", (), "It has: one, two.",
    ),
    (
        case.UsesFaulty(backend="ibm_fez", gate="cz", qubits=(0, 1)),
        "'cz' on 0, 1 is reported as faulty by 'ibm_fez'.", (),
        "Transpile for backend.target, which leaves faulty qubits and gates out.",
    ),
]  # fmt: skip
"""A problem, what happened, the details, and the way out."""


@pytest.mark.holds("B292", "B296")
@pytest.mark.parametrize(
    ("problem", "what", "details", "way_out"),
    SAID,
    ids=[f"{at}-{type(row[0]).__name__}" for at, row in enumerate(SAID)],
)
def test_what_happened_stands_first_and_the_way_out_is_named(
    problem: Problem, what: str, details: tuple[str, ...], way_out: str
) -> None:
    message = describe(problem)
    assert message.what == what
    assert message.details == details
    assert message.way_out == way_out
    assert message.fix == "\n".join([*details, *([way_out] if way_out else [])])


@pytest.mark.parametrize(
    ("status", "way_out"),
    [
        (599, "Try again later."),
        (500, "Try again later."),
        (499, "Try again later, and less often."),
        (429, "Try again later, and less often."),
        (428, "Change what was asked for."),
        (400, "Change what was asked for."),
        (399, "The service does not redirect: check the URL of the account, and what answers in its place."),
        (0, "The service does not redirect: check the URL of the account, and what answers in its place."),
    ],
)
def test_a_refusal_without_a_way_out_gets_that_of_its_status(status: int, way_out: str) -> None:
    assert describe(case.ServerRefusal(url=U, status=status)).way_out == way_out


@pytest.mark.parametrize(
    ("cause", "word"),
    [
        ("name", "URL"), ("connection", "HTTPS_PROXY"), ("tls", "verify="), ("proxy", "NO_PROXY"),
        ("silence", "timeout="), ("deadline", "timeout="), ("broken", "breaks the answers"), ("unusable", "settings"),
    ],
)  # fmt: skip
def test_each_cause_of_a_silent_network_has_a_way_out(cause: Any, word: str) -> None:
    assert word in describe(case.NetworkFault(url=U, kind="unclear", reason="r", cause=cause)).way_out


@pytest.mark.holds("B229")
def test_a_line_is_what_happened_without_breaks_and_without_what_moves_a_terminal() -> None:
    words = describe(case.JobNotFinal(job="j1", message="it\n\n runs\x1b[2J \u202e"))
    assert words.line == r"Job j1 cannot be deleted: it runs\x1b[2J \u202e"
    assert words.what == "Job j1 cannot be deleted: it\n\n runs\x1b[2J \u202e"


@pytest.mark.parametrize("nobody", [FailedCall(url=U), InstancePreference()])
def test_what_is_no_problem_has_no_words(nobody: Any) -> None:
    with pytest.raises(AssertionError, match=f"nobody gave {type(nobody).__name__} words"):
        describe(nobody)
