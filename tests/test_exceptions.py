"""What programs can read of an error, apart from its words."""

import pytest

from qiskit_runtime_service.exceptions import SubmissionUnknown, exception_for
from qiskit_runtime_service.records import problem as case
from qiskit_runtime_service.records.call import Attempt
from qiskit_runtime_service.records.problem import Problem

URL = "https://h.example:8443/api/v1/jobs?x=1"
TRIED = (Attempt(0.0, "503"), Attempt(1.5, "no response: connection refused"))
SAID = {"code": "1217", "message": "The backend is away.", "trace": "t-1"}


def told(problem: Problem) -> dict[str, object]:
    """Return what the error of a problem tells programs."""
    error = exception_for(problem)
    names = ["host", "status", "code", "server_message", "trace", "attempts"]
    return {name: getattr(error, name) for name in names}


@pytest.mark.parametrize(
    "problem",
    [
        case.ServerRefusal(url=URL, tried=TRIED, status=503, solution="Wait.", **SAID),
        case.JobRefusal(url=URL, tried=TRIED, status=503, **SAID),
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
