"""Laws of submissions: their tags, unclear answers, and the looks for a job."""

from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.core.submissions import (
    decide_look,
    judge_answer,
    mark_submission,
    query_for_tag,
    tag_of,
)
from qiskit_runtime_service.records.job import JobQuery, Submission
from qiskit_runtime_service.records.problem import (
    NetworkFault,
    NotAuthorized,
    Problem,
    ServerRefusal,
    SubmissionRefused,
    SubmissionUnknown,
    TooLarge,
    UnreadableBody,
)
from tests.strategies import values_of

JOBS, TOKEN = "https://h.example/api/v1/jobs", "https://iam.example/identity/token"
TAG = "submission-1"
tag_lists = st.lists(st.sampled_from(["a", "b", "submission-0"]), max_size=10).map(tuple)


def submission(*tags: str) -> Submission:
    return Submission(program="sampler", backend="b", params=b"{}", tags=tags)


MARKED = mark_submission(submission("a"), TAG)


@pytest.mark.holds("B145")
@given(tag_lists)
def test_a_tag_is_added_at_the_end_where_there_is_room(tags: tuple[str, ...]) -> None:
    before = submission(*tags)
    after = mark_submission(before, TAG)
    if len(tags) < 8:
        assert after.tags == (*tags, TAG)
        assert tag_of(after) == TAG
    else:
        assert after == before
    assert msgspec.structs.replace(after, tags=()) == msgspec.structs.replace(before, tags=())


@pytest.mark.holds("B146")
@pytest.mark.parametrize(
    ("problem", "unclear"),
    [
        (NetworkFault(url=JOBS, kind="unclear", reason="the connection broke"), True),
        (NetworkFault(url=f"{JOBS}?dry_run=true", kind="unclear", reason="the connection broke"), True),
        (NetworkFault(url=f"{JOBS}/j1", kind="unclear", reason="the connection broke"), False),
        (NetworkFault(url=JOBS, kind="never sent", reason="no route"), False),
        (NetworkFault(url=JOBS, kind="refused", reason="bad certificate"), False),
        (NetworkFault(url=TOKEN, kind="unclear", reason="the connection broke"), False),
        (UnreadableBody(url=JOBS, reason="truncated", start='{"id'), True),
        (TooLarge(what="The answer", size=9, limit=8, setting="max_answer", url=JOBS), True),
        (TooLarge(what="The answer", size=9, limit=8, setting="max_answer", url=TOKEN), False),
        (TooLarge(what="depth", size=9, limit=8, setting="depth"), False),
        (UnreadableBody(url=TOKEN, reason="truncated", start="<"), False),
        *((ServerRefusal(url=JOBS, status=status), False) for status in (302, 400, 403, 404, 409, 429, 503)),
        *((ServerRefusal(url=JOBS, status=status), True) for status in (408, 500, 502, 504, 520, 524)),
        (ServerRefusal(url=TOKEN, status=500), False),
        (NotAuthorized(url=JOBS, instance="i", status=401), False),
    ],
)
def test_an_answer_is_unclear_where_a_job_may_exist(problem: Problem, unclear: bool) -> None:
    judged = judge_answer(problem, MARKED, "i")
    assert isinstance(judged, SubmissionUnknown) is unclear
    if isinstance(judged, SubmissionUnknown):
        assert (judged.instance, judged.tag, judged.looks) == ("i", TAG, 0)
        assert judged.reason
        assert judge_answer(judged, MARKED, "i") is judged
    elif isinstance(problem, ServerRefusal) and problem.url == JOBS:
        assert isinstance(judged, SubmissionRefused)
        assert msgspec.structs.asdict(judged) == msgspec.structs.asdict(problem)
    else:
        assert judged is problem


@pytest.mark.holds("B146")
def test_without_a_tag_an_unclear_answer_stays_unclear() -> None:
    judged = judge_answer(ServerRefusal(url=JOBS, status=500), submission(), "i")
    assert judged == SubmissionUnknown(instance="i", tag=None, reason="the service answered 500")


@given(st.one_of(*map(values_of, get_args(Problem))))
def test_every_problem_stays_what_it_is_or_says_that_nothing_is_known(problem: Problem) -> None:
    judged = judge_answer(problem, MARKED, "i")
    assert judged is problem or isinstance(judged, SubmissionUnknown | SubmissionRefused)


@pytest.mark.holds("B146")
@given(st.floats(0, 10))
def test_looking_ends(each_takes: float) -> None:
    waited, looks = 0.0, 0
    while (step := decide_look(looks, waited)) is not None:
        assert step.pause >= 0
        waited += step.pause + each_takes
        looks += 1
    assert 1 <= looks <= 6
    assert waited <= 60 + 8 + each_takes


@pytest.mark.holds("B146")
def test_the_first_look_is_at_once_and_the_pauses_grow_for_a_minute() -> None:
    looks = [decide_look(number, 0.0) for number in range(7)]
    assert [None if look is None else look.pause for look in looks] == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, None]
    for waited, pause in ((59.9, 0.5), (60.0, None), (1e9, None)):
        look = decide_look(1, waited)
        assert (None if look is None else look.pause) == pause


@pytest.mark.holds("B146")
def test_the_first_of_all_jobs_with_the_tag_is_looked_for_dry_runs_too() -> None:
    assert query_for_tag(TAG) == JobQuery(limit=1, tags=(TAG,), descending=False, include_mocks=True)


@pytest.mark.holds("B145")
def test_eight_tags_of_the_user_leave_no_room() -> None:
    assert mark_submission(submission(*"abcdefg"), TAG).tags == (*"abcdefg", TAG)
    assert mark_submission(submission(*"abcdefgh"), TAG).tags == tuple("abcdefgh")
