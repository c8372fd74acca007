"""Laws of submissions: their tags, what an answer proves, when the job is looked for, what a listing tells of it."""

from math import inf
from typing import get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from returns.result import Failure, Result, Success

from qiskit_runtime_service.core.submissions import (
    Found,
    NotRead,
    NotThere,
    decide_look,
    doubt_after,
    is_enough,
    join_tags,
    judge_look,
    judge_refusal,
    mark_submission,
    query_for_tag,
    submission_tags,
    users_tags,
)
from qiskit_runtime_service.records.job import Job, JobPage, JobQuery, JobState, Submission
from qiskit_runtime_service.records.problem import (
    KeyRefused,
    NetworkFault,
    NotAuthorized,
    Problem,
    ServerRefusal,
    SubmissionRefused,
    TooLarge,
    UnreadableBody,
)
from tests.strategies import values_of

JOBS, TOKEN = "https://h.example/api/v1/jobs", "https://iam.example/identity/token"
TAG = f"submission-{'0123456789abcdef' * 2}"
OTHER = f"submission-{'f' * 32}"
LOOK_ALIKES = [
    "submission-1",
    f"submission-{'0' * 31}",
    f"submission-{'0' * 33}",
    f"submission-{'G' * 32}",
    f"my-{TAG}",
    f"{TAG}\n",
]
"""What users may tag their jobs with themselves."""
tag_lists = st.lists(st.sampled_from(["a", "b", *LOOK_ALIKES]), max_size=10).map(tuple)


def submission(*tags: str) -> Submission:
    return Submission(program="sampler", backend="b", params=b"{}", tags=tags)


# Tags


@pytest.mark.holds("B145")
@given(tag_lists)
def test_a_tag_is_added_at_the_end_where_there_is_room(tags: tuple[str, ...]) -> None:
    before = submission(*tags)
    after = mark_submission(before, TAG)
    assert after.tags == ((*tags, TAG) if len(tags) < 8 else tags)
    assert msgspec.structs.replace(after, tags=()) == msgspec.structs.replace(before, tags=())


@pytest.mark.holds("B145")
def test_eight_tags_of_the_user_leave_no_room() -> None:
    assert mark_submission(submission(*"abcdefg"), TAG).tags == (*"abcdefg", TAG)
    assert mark_submission(submission(*"abcdefgh"), TAG).tags == tuple("abcdefgh")


@pytest.mark.holds("B325")
@given(tag_lists, st.integers(0, 10))
def test_what_users_are_shown_is_what_they_gave(tags: tuple[str, ...], place: int) -> None:
    assert users_tags((*tags[:place], TAG, *tags[place:])) == tags
    assert submission_tags((*tags[:place], TAG, *tags[place:])) == (TAG,)


@pytest.mark.holds("B325")
@given(tag_lists, st.sampled_from([(), (TAG,), (TAG, OTHER)]))
def test_new_tags_keep_the_tag_of_the_submission_where_there_is_room(
    tags: tuple[str, ...], marks: tuple[str, ...]
) -> None:
    joined = join_tags(tags, marks)
    assert joined[: len(tags)] == tags
    assert joined[len(tags) :] == marks[: max(8 - len(tags), 0)]
    assert join_tags(joined, marks) == joined


# What an attempt proves

PROVING = (400, 401, 403, 404, 409)


@pytest.mark.holds("B322")
def test_who_asks_too_often_has_no_job_if_the_service_itself_says_so() -> None:
    told = ServerRefusal(url=JOBS, status=429, code="1202", message="Too many requests.")
    assert doubt_after(told) == ""
    assert judge_refusal(told) == SubmissionRefused(
        url=JOBS, subject="", status=429, code="1202", message="Too many requests."
    )
    assert doubt_after(ServerRefusal(url=JOBS, status=429)) == "the service answered 429"


@pytest.mark.holds("B146", "B322")
@pytest.mark.parametrize(
    ("problem", "doubt"),
    [
        (NetworkFault(url=JOBS, kind="unclear", reason="the connection broke"), "the connection broke"),
        (NetworkFault(url=f"{JOBS}?dry_run=true", kind="unclear", reason="it broke"), "it broke"),
        (NetworkFault(url=f"{JOBS}/j1", kind="unclear", reason="the connection broke"), ""),
        (NetworkFault(url=JOBS, kind="never sent", reason="no route"), ""),
        (NetworkFault(url=JOBS, kind="refused", reason="bad certificate"), ""),
        (NetworkFault(url=TOKEN, kind="unclear", reason="the connection broke"), ""),
        (UnreadableBody(url=JOBS, reason="truncated", start='{"id'), "the answer cannot be read: truncated"),
        (UnreadableBody(url=TOKEN, reason="truncated", start="<"), ""),
        (
            TooLarge(what="The answer", size=9, limit=8, setting="max_answer", url=JOBS),
            "the answer has more than 8 bytes",
        ),
        (TooLarge(what="The answer", size=9, limit=8, setting="max_answer", url=TOKEN), ""),
        (
            ServerRefusal(url=JOBS, status=429, message="Too many requests."),
            "the service answered 429: Too many requests",
        ),
        (ServerRefusal(url=JOBS, status=503), "the service answered 503"),
        (ServerRefusal(url=JOBS, status=503, code="1202", message="Busy."), "the service answered 503: Busy"),
        (ServerRefusal(url=TOKEN, status=503), ""),
        (ServerRefusal(url=f"{JOBS}/j1/cancel", status=503), ""),
        (NotAuthorized(url=JOBS, instance="i", status=401), ""),
    ],
)
def test_there_may_be_a_job_wherever_nothing_proves_that_there_is_none(problem: Problem, doubt: str) -> None:
    assert doubt_after(problem) == doubt
    assert judge_refusal(problem) == problem


@pytest.mark.holds("B322")
@pytest.mark.parametrize("status", range(100, 600))
def test_a_status_proves_that_there_is_no_job_only_if_the_service_says_so(status: int) -> None:
    refusal = ServerRefusal(url=JOBS, status=status, message="So it is.", trace="t")
    assert (doubt_after(refusal) == "") is (status in PROVING)
    judged = judge_refusal(refusal)
    assert isinstance(judged, SubmissionRefused) is (status in PROVING)
    if isinstance(judged, SubmissionRefused):
        assert msgspec.structs.asdict(judged) == msgspec.structs.asdict(refusal)
        assert judge_refusal(judged) == judged


@given(st.one_of(*map(values_of, get_args(Problem))))
def test_every_problem_is_in_doubt_or_stays_or_says_that_there_is_no_job(problem: Problem) -> None:
    judged = judge_refusal(problem)
    assert judged is problem or (isinstance(judged, SubmissionRefused) and not doubt_after(problem))


# When the job is looked for


def looks_at(waited: float, each_takes: float, time_left: float = inf, *, answered: bool = True) -> list[float]:
    """Return when a job is looked for that is never found, counted from the answer."""
    now, last, at = waited, None, []
    while (step := decide_look(now, last, time_left=time_left - (now - waited), answered=answered)) is not None:
        assert step.pause >= 0.0
        last = step.at
        at.append(now + step.pause)
        now += step.pause + each_takes
        assert len(at) < 99
    return at


@pytest.mark.holds("B146", "B324")
def test_the_first_look_is_at_once_and_the_pauses_grow_for_a_quarter_of_a_minute() -> None:
    assert looks_at(0.0, 0.0) == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5]
    assert looks_at(0.7, 0.0) == [0.7, 1.5, 3.5, 7.5, 15.5]
    assert looks_at(0.0, 2.0) == [0.0, 2.0, 4.0, 7.5, 15.5]
    assert looks_at(33.0, 0.0) == [33.0]
    assert looks_at(0.0, 100.0) == [0.0, 100.0]
    assert looks_at(0.7, 0.0, answered=False) == [0.7]


@pytest.mark.holds("B324")
@given(st.floats(0, 100), st.floats(0, 200), st.booleans())
@example(0.0, 0.0, True)
def test_looking_ends_with_a_look_that_is_late_enough(waited: float, each_takes: float, answered: bool) -> None:
    at = looks_at(waited, each_takes, answered=answered)
    assert at[0] == waited
    assert 1 <= len(at) <= (6 if answered else 1)
    assert at == sorted(set(at))
    assert at[-1] >= 15.5 - 1e-9 or not answered
    # No later than it must be: the next moment that is planned, or when the look before it was over.
    assert at[-1] <= max(15.5, waited, 15.5 + each_takes) + 1e-9
    assert is_enough(max(at[-1], 15.5 if answered else 0.0), answered=answered)


@pytest.mark.holds("B324")
def test_a_job_is_taken_as_not_there_only_by_a_look_that_is_late_enough() -> None:
    assert [is_enough(last, answered=True) for last in (0.0, 15.4, 15.5, 99.0)] == [False, False, True, True]
    assert is_enough(0.0, answered=False)


@pytest.mark.holds("B324")
@given(st.floats(0, 20), st.floats(0, 5), st.floats(-1, 40), st.booleans())
def test_no_look_begins_at_or_after_the_deadline(
    waited: float, each_takes: float, time_left: float, answered: bool
) -> None:
    at = looks_at(waited, each_takes, time_left, answered=answered)
    assert all(moment < waited + time_left + 1e-6 for moment in at)
    assert at or time_left <= 0


# What a listing tells


def job(job_id: str, *tags: str, created: float | None = 1.0) -> Job:
    return Job(id=job_id, instance="i", state=JobState(status="Queued"), tags=tags, created=created)


OURS, LATER, STRANGER, UNTAGGED = job("j1", "a", TAG), job("j2", TAG, created=2.0), job("s", "a", OTHER), job("u")
rows = st.lists(st.sampled_from([OURS, LATER, STRANGER, UNTAGGED]), max_size=4, unique=True)


@pytest.mark.holds("B146")
def test_all_jobs_with_the_tag_are_asked_for_the_latest_first_dry_runs_too() -> None:
    assert query_for_tag(TAG) == JobQuery(limit=None, tags=(TAG,), descending=True, include_mocks=True)


@pytest.mark.holds("B323")
@pytest.mark.parametrize(
    ("page", "told"),
    [
        (JobPage(jobs=(OURS,), count=1), Found((OURS,))),
        (JobPage(jobs=(STRANGER, OURS), count=9, lost=3), Found((OURS,))),
        (JobPage(jobs=(LATER, OURS)), Found((OURS, LATER))),
        (JobPage(jobs=(), count=0), NotThere()),
        (JobPage(jobs=()), NotThere()),
        (JobPage(jobs=(STRANGER,), count=1), NotRead("the listing has other jobs than those with the tag")),
        (JobPage(jobs=(UNTAGGED,), count=1), NotRead("the listing has other jobs than those with the tag")),
        (
            JobPage(jobs=(), count=1),
            NotRead("the listing has jobs that it does not show, or that cannot be read"),
        ),
        (
            JobPage(jobs=(), count=0, lost=1),
            NotRead("the listing has jobs that it does not show, or that cannot be read"),
        ),
    ],
)
def test_a_listing_tells_of_the_job(page: JobPage, told: object) -> None:
    assert judge_look(Success(page), TAG) == told


@pytest.mark.holds("B323")
@given(rows, st.none() | st.integers(0, 9), st.integers(0, 2))
def test_a_job_is_ours_only_if_it_carries_the_tag_and_there_is_none_only_if_nothing_is_listed(
    listed: list[Job], count: int | None, lost: int
) -> None:
    told = judge_look(Success(JobPage(jobs=tuple(listed), count=count, lost=lost)), TAG)
    ours = [one for one in (OURS, LATER) if one in listed]
    assert told == Found(tuple(ours)) if ours else not isinstance(told, Found)
    assert isinstance(told, NotThere) is (not listed and not lost and not count)


@pytest.mark.holds("B323")
@pytest.mark.parametrize(
    ("problem", "lasting"),
    [
        (ServerRefusal(url=JOBS, status=500), False),
        (NetworkFault(url=JOBS, kind="unclear", reason="it broke"), False),
        (UnreadableBody(url=JOBS, reason="jobs is missing or wrong", start="{}", is_json=True), False),
        (NotAuthorized(url=JOBS, instance="i", status=403), True),
        (KeyRefused(url=TOKEN, status=400, code="", message=""), True),
    ],
)
def test_a_listing_that_fails_says_nothing(problem: Problem, lasting: bool) -> None:
    failed: Result[JobPage, Problem] = Failure(problem)
    told = judge_look(failed, TAG)
    assert isinstance(told, NotRead)
    assert told.lasting is lasting
    assert told.reason
