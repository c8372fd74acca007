"""Laws of sessions: how long one may be open, and what its state is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from qiskit_runtime_service.core.sessions import describe_status, is_closed, read_max_time
from qiskit_runtime_service.records.problem import BadArgument
from qiskit_runtime_service.records.session import SessionDetails

UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
parts = st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from("dhms")), min_size=1, max_size=5)


@pytest.mark.holds("B141")
@given(parts, st.sampled_from(["", " ", "  "]))
def test_the_parts_of_a_time_add_up_in_any_order(given_parts: list[tuple[int, str]], gap: str) -> None:
    text = gap.join(f"{count}{unit}" for count, unit in given_parts)
    seconds = sum(count * UNITS[unit] for count, unit in given_parts)
    assert read_max_time(text).value_or(0) == seconds


@pytest.mark.holds("B141")
@given(st.integers(1, 10**9))
def test_seconds_are_taken_as_they_are(seconds: int) -> None:
    assert read_max_time(seconds) == read_max_time(f"{seconds}s") == Success(seconds)


def test_no_time_is_left_to_the_service() -> None:
    assert read_max_time(None) == Success(None)


@pytest.mark.holds("B141")
@pytest.mark.parametrize("odd", [0, -5, True, 1.5, "", "5", "5M", "1.5h", "x", "2h x", "h", "-2h", "²h", b"2h", [2]])
def test_anything_else_is_refused_with_its_value(odd: object) -> None:
    left = read_max_time(odd)
    assert isinstance(left, Failure)
    problem = left.failure()
    assert isinstance(problem, BadArgument)
    assert (problem.name, problem.value) == ("max_time", repr(odd))


@pytest.mark.holds("B141")
@given(st.text(max_size=8) | st.integers() | st.floats() | st.binary(max_size=3))
def test_whatever_is_given_is_seconds_or_a_problem(given_value: object) -> None:
    seconds = read_max_time(given_value).value_or(None)
    assert seconds is None or seconds >= 1


@pytest.mark.holds("B142")
@pytest.mark.parametrize(
    ("state", "accepting", "words"),
    [
        ("open", True, "Pending"),
        ("inactive", False, "Pending"),
        ("active", True, "In progress, accepting new jobs"),
        ("active", False, "In progress, not accepting new jobs"),
        ("pending_inactive", False, "In progress, accepting new jobs"),
        ("pending_closed", True, "In progress, not accepting new jobs"),
        ("closed", False, "Closed"),
        ("on the moon", True, "On the moon"),
        ("", False, ""),
    ],
)
def test_a_state_is_told_as(state: str, accepting: bool, words: str) -> None:
    session = SessionDetails(id="s", instance="i", state=state, accepting_jobs=accepting)
    assert describe_status(session) == words
    assert is_closed(session) is (words == "Closed")
