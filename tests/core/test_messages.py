"""Laws of the words of problems, and the exception that each problem is."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit.exceptions import QiskitError
from qiskit.providers.exceptions import JobError, JobTimeoutError, QiskitBackendNotFoundError

from qiskit_runtime_service import exceptions
from qiskit_runtime_service.core.messages import describe
from qiskit_runtime_service.records import problem as case
from qiskit_runtime_service.records.problem import Problem
from tests.strategies import CANARY, values_of

KINDS: tuple[type[Problem], ...] = get_args(Problem)
problems: st.SearchStrategy[Problem] = st.one_of([values_of(kind) for kind in KINDS])

CLASSES: dict[str, tuple[type[Exception], ...]] = {
    "BadArgument UnknownOption UnknownChannel MalformedCrn UnsafeUrl NoInstances NoInstanceMatches InstanceNotFound "
    "UnknownFilter NoFractionalGates UsesFaulty SessionNotFound NotExecutable": (
        exceptions.IBMInputValueError,
        ValueError,
    ),
    "LegacyChannel BrokenEntry NoCredential UnreadableFile KeyStayedBehind KeyRefused": (
        exceptions.InvalidAccountError,
        exceptions.IBMAccountError,
    ),
    "AccountNameNotFound NoAccount": (exceptions.AccountNotFoundError,),
    "AccountNameTaken DefaultTaken": (exceptions.AccountAlreadyExistsError,),
    "UnwritableFile": (exceptions.IBMAccountError, OSError),
    "UnfitEntry": (exceptions.InvalidAccountError, exceptions.IBMInputValueError, ValueError),
    "NoBackendMatches BackendNotFound BrokenBackend NoStandIn": (QiskitBackendNotFoundError,),
    "InstancesUnreachable ServerRefusal UnreadableBody UnreadableValue TooLarge TooNew": (exceptions.IBMApiError,),
    "NetworkFault": (exceptions.IBMApiError, exceptions.IBMNetworkError, ConnectionError),
    "JobRefusal SubmissionRefused": (exceptions.IBMApiError, exceptions.IBMRuntimeError),
    "NotAuthorized": (exceptions.IBMNotAuthorizedError,),
    "JobNotFound": (exceptions.RuntimeJobNotFound,),
    "JobFailed": (exceptions.RuntimeJobFailureError, JobError),
    "JobRanTooLong": (exceptions.RuntimeJobMaxTimeoutError,),
    "JobCancelled JobNotCancellable JobNotFinal NoResult": (exceptions.RuntimeInvalidStateError,),
    "JobTimeout": (exceptions.RuntimeJobTimeoutError, JobTimeoutError),
    "SubmissionUnknown": (exceptions.SubmissionUnknown,),
    "UsageSpent SessionClosed": (exceptions.IBMRuntimeError,),
    "NotOnCassette CassetteUnreadable CassetteUnwritable SecretOnCassette": (exceptions.IBMError,),
}
"""By problem: the classes under which IBM's users, and Python's, catch it."""

EXPECTED = {name: classes for names, classes in CLASSES.items() for name in names.split()}


def test_every_problem_is_expected_here() -> None:
    assert {*EXPECTED} == {kind.__name__ for kind in KINDS}


@given(problems)
def test_a_problem_is_the_exception_that_users_catch_with_the_words_that_all_use(problem: Problem) -> None:
    error: Any = exceptions.exception_for(problem)
    assert isinstance(error, QiskitError)
    for expected in EXPECTED[type(problem).__name__]:
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


def test_a_submission_to_nowhere_is_a_program_that_is_not_there() -> None:
    refused = case.SubmissionRefused(url="https://h.example", status=404)
    assert isinstance(exceptions.exception_for(refused), exceptions.RuntimeProgramNotFound)


@pytest.mark.holds("B229")
@given(problems)
def test_a_line_can_be_printed(problem: Problem) -> None:
    assert describe(problem).line.isprintable()
