"""What programs can read of an error, apart from its words, and by which names it is caught."""

import copy
import pickle
from typing import Any, get_args

import msgspec
import pytest
from qiskit.providers.exceptions import QiskitBackendNotFoundError

from qiskit_runtime_service import exceptions
from qiskit_runtime_service.exceptions import IBMRuntimeError, InvalidAccountError, SubmissionUnknown, exception_for
from qiskit_runtime_service.records import problem as case
from qiskit_runtime_service.records.call import Attempt, FailedCall, Subject
from qiskit_runtime_service.records.problem import Problem

URL = "https://h.example:8443/api/v1/jobs?x=1"
TRIED = (Attempt(0.0, "503"), Attempt(1.5, "no response: connection refused"))
SAID: dict[str, Any] = {"code": "1217", "message": "The backend is away.", "trace": "t-1"}


def told(problem: Problem) -> dict[str, object]:
    """Return what the error of a problem tells programs."""
    error = exception_for(problem)
    names = ["host", "status", "code", "server_message", "trace", "attempts"]
    return {name: getattr(error, name) for name in names}


@pytest.mark.parametrize(
    "problem",
    [
        case.ServerRefusal(url=URL, tried=TRIED, status=503, solution="Wait.", **SAID),
        case.SubmissionRefused(url=URL, tried=TRIED, status=503, **SAID),
        case.KeyRefused(url=URL, tried=TRIED, status=503, **SAID),
        case.NotAuthorized(url=URL, tried=TRIED, status=503, instance="crn:v1", **SAID),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_the_error_of_a_refused_call_tells_what_the_server_said(problem: Problem) -> None:
    assert told(problem) == {
        "host": "h.example",
        "status": 503,
        "code": "1217",
        "server_message": "The backend is away.",
        "trace": "t-1",
        "attempts": TRIED,
    }


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (case.NotAuthorized(url=URL, instance="crn:v1", status=403), 403),
        (case.KeyRefused(url=URL, status=400, code="", message=""), 400),
        (case.UnreadableBody(url=URL, reason="no JSON", start="<html>"), None),
        (case.NetworkFault(url=URL, kind="refused", reason="broken"), None),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_what_the_server_did_not_say_is_none(problem: Problem, status: int | None) -> None:
    assert told(problem) == {
        "host": "h.example",
        "status": status,
        "code": None,
        "server_message": None,
        "trace": None,
        "attempts": (),
    }


@pytest.mark.parametrize(
    "problem",
    [
        case.KeyStayedBehind(url=URL),
        case.JobNotFound(job="j1", instances=2),
        # The code of a job is not that of a call.
        case.JobFailed(job="j1", reason="Too wide.", code=1002),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_the_error_of_what_is_no_call_tells_of_none(problem: Problem) -> None:
    assert told(problem) == {
        "host": None,
        "status": None,
        "code": None,
        "server_message": None,
        "trace": None,
        "attempts": (),
    }


@pytest.mark.parametrize("tag", ["sent-1", None])
def test_a_submission_that_is_unknown_tells_its_tag(tag: str | None) -> None:
    error = exception_for(case.SubmissionUnknown(instance="crn:v1", tag=tag, reason="silence"))
    assert isinstance(error, SubmissionUnknown)
    assert error.tag == tag


def test_an_error_that_is_raised_by_a_user_tells_nothing() -> None:
    error = SubmissionUnknown("Somewhere else.", "Look there.")
    assert (error.problem, error.tag, error.host, error.attempts) == (None, None, None, ())
    assert (str(error), error.fix) == ("Somewhere else. Look there.", "Somewhere else. Look there.")


# What a call was about

CALLS: list[Any] = [
    case.ServerRefusal(url=URL, status=500),
    case.UnreadableBody(url=URL, reason="no JSON", start="<html>"),
    case.NotAuthorized(url=URL, instance="crn:v1", status=403),
    case.KeyRefused(url=URL, status=400, code="", message=""),
    case.InstancesUnreachable(reasons=("one: 403", "two: 500")),
    *(case.NetworkFault(url=URL, kind="unclear", cause=cause, reason="odd") for cause in get_args(case.Cause)),
]
FURTHER: dict[Subject, type[Exception]] = {
    "jobs": IBMRuntimeError,
    "backend": QiskitBackendNotFoundError,
    "account": InvalidAccountError,
}


def test_every_kind_of_failed_call_is_among_these() -> None:
    kinds = {kind for kind in get_args(Problem) if issubclass(kind, FailedCall)}
    assert {type(problem) for problem in CALLS} == {*kinds, case.InstancesUnreachable} - {case.SubmissionRefused}


@pytest.mark.holds("B294", "B312")
@pytest.mark.parametrize("subject", FURTHER)
@pytest.mark.parametrize(
    "problem", CALLS, ids=lambda problem: f"{type(problem).__name__} {getattr(problem, 'cause', '')}"
)
def test_what_fails_in_a_call_is_caught_by_what_it_was_about_too(problem: Any, subject: Subject) -> None:
    plain = exception_for(problem)
    error: Any = exception_for(msgspec.structs.replace(problem, subject=subject))
    assert isinstance(error, type(plain))
    # That a key is refused is of the account anyway.
    by_itself = {"account"} if isinstance(problem, case.KeyRefused) else set()
    assert {further for further, kind in FURTHER.items() if isinstance(error, kind)} == {subject} | by_itself
    assert {further for further, kind in FURTHER.items() if isinstance(plain, kind)} == by_itself
    assert str(error) == str(plain)
    # A traceback, and who looks for a name to catch, is told one that can be imported.
    assert (type(error).__module__, type(error).__qualname__) == (type(plain).__module__, type(plain).__qualname__)
    assert type(error).__module__ == exceptions.__name__
    assert type(error).__name__ in exceptions.__all__
    assert repr(error) == repr(plain)


@pytest.mark.holds("B294")
@pytest.mark.parametrize("journey", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])  # noqa: S301  # ours
@pytest.mark.parametrize(
    "problem",
    [
        *(msgspec.structs.replace(problem, subject=subject) for problem in CALLS for subject in ("", *FURTHER)),
        case.SubmissionRefused(url=URL, status=404),
        case.JobUnreadable(job="j1", part="result", reason="It is no JSON: odd.", fix="Ask again."),
        case.SubmissionUnknown(instance="crn:v1", tag="sent-1", reason="silence"),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_an_error_survives_a_pickle_and_a_copy(problem: Problem, journey: Any) -> None:
    error = exception_for(problem)
    error.add_note("It was a Monday.")
    again: Any = journey(error)
    assert type(again) is type(error)
    assert (again.problem, str(again), again.args) == (problem, str(error), error.args)
    assert again.__notes__ == ["It was a Monday."]


def test_an_error_that_a_user_raises_survives_a_pickle_too() -> None:
    again = pickle.loads(pickle.dumps(SubmissionUnknown("Somewhere else.")))  # noqa: S301  # our own bytes
    assert (type(again), str(again), again.problem) == (SubmissionUnknown, "Somewhere else.", None)
