"""Laws of partial answers: what is raised, and what is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.core.troubles import Trouble, about, describe_troubles, find_lost_rows, judge_troubles
from qiskit_runtime_service.records.problem import (
    BadArgument,
    InstancesUnreachable,
    NetworkFault,
    NotAuthorized,
    Problem,
    ServerRefusal,
    UnreadableRows,
)

URL = "https://h.example"
FOREIGN = NotAuthorized(url=URL, instance="crn", status=403, subject="jobs")
DOWN = ServerRefusal(url=URL, status=500, subject="jobs")
BUSY = ServerRefusal(url=URL, status=429, subject="jobs")
SILENT = NetworkFault(url=URL, kind="unclear", reason="silence", subject="jobs")
WORDS: dict[Problem, str] = {
    FOREIGN: "https://h.example answered 403.",
    DOWN: "https://h.example answered 500 after 1 attempt.",
    BUSY: "https://h.example answered 429 after 1 attempt.",
    SILENT: "No response from https://h.example after 1 attempt: silence.",
}
KINDS = list(WORDS)

troubles = st.lists(st.tuples(st.sampled_from(["one", "two", "three"]), st.sampled_from(KINDS)), max_size=4)


@pytest.mark.holds("B291")
@given(troubles, st.integers(0, 3))
def test_a_problem_is_raised_exactly_where_nothing_answered(known: list[Trouble], others: int) -> None:
    raised = judge_troubles(known, asked=len(known) + others)
    assert (raised is not None) == (bool(known) and others == 0)
    if raised is None:
        return
    problems = [problem for _, problem in known]
    if len(set(problems)) == 1:
        assert raised == problems[0]
    else:
        assert isinstance(raised, InstancesUnreachable)
        assert raised.reasons == tuple(f"{who}: {WORDS[problem]}" for who, problem in known)
        assert raised.subject == "jobs"


@pytest.mark.holds("B291")
@pytest.mark.parametrize(
    ("known", "asked", "raised"),
    [
        ([], 0, None),
        ([], 2, None),
        ([("one", DOWN)], 2, None),
        ([("one", DOWN)], 1, DOWN),
        ([("one", FOREIGN), ("two", FOREIGN)], 2, FOREIGN),
        (
            [("one", DOWN), ("two", BUSY)],
            2,
            InstancesUnreachable(
                reasons=(
                    "one: https://h.example answered 500 after 1 attempt.",
                    "two: https://h.example answered 429 after 1 attempt.",
                ),
                subject="jobs",
            ),
        ),
    ],
)
def test_one_reason_is_itself_and_several_are_listed(known: list[Trouble], asked: int, raised: Problem | None) -> None:
    assert judge_troubles(known, asked=asked) == raised


def test_a_trouble_is_told_by_the_name_of_its_instance_where_that_is_known() -> None:
    known: list[Trouble] = [("crn:1", DOWN), ("crn:2", BUSY)]
    assert describe_troubles(known, {"crn:1": "mine"}) == (
        "mine could not be read: https://h.example answered 500 after 1 attempt.",
        "crn:2 could not be read: https://h.example answered 429 after 1 attempt.",
    )


@pytest.mark.holds("B283")
def test_rows_that_were_left_out_are_told_of_who_listed_them_and_no_rows_are_no_trouble() -> None:
    assert find_lost_rows("crn:1", 0, "jobs", "id") == ()
    lost = find_lost_rows("crn:1", 2, "jobs", "id")
    assert lost == (("crn:1", UnreadableRows(count=2, rows="jobs", lacking="id")),)
    assert describe_troubles(lost, {"crn:1": "mine"}) == ("mine could not be read whole: 2 of its jobs have no id.",)


@pytest.mark.holds("B294")
@pytest.mark.parametrize("problem", [*KINDS, InstancesUnreachable(reasons=())])
def test_what_a_call_was_about_is_said_of_calls_alone(problem: Any) -> None:
    assert getattr(about("backend", problem), "subject", None) == "backend"
    odd = BadArgument(name="x", value="1", wanted="2")
    assert about("backend", odd) is odd
