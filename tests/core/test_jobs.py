"""Laws of jobs: states, the pace of polling, listings that end, listings that merge."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qiskit_runtime_service.core.jobs import (
    Finished,
    NextPage,
    PollAgain,
    decide_poll,
    describe_wait,
    first_page,
    is_final,
    merge_listings,
    newer_of,
    next_page,
    pause_after,
    plan_looks,
    problem_of,
    query_for_each,
    reason_in,
    status_of,
)
from qiskit_runtime_service.records.job import Job, JobPage, JobQuery, JobState
from qiskit_runtime_service.records.problem import JobCancelled, JobFailed, JobRanTooLong, JobTimeout
from tests.strategies import instants, job_pages, jobs, states

JUST_CREATED = JobState(status="Initializing")
RUNNING, DONE = (
    Job(id="j", instance="i", state=JobState(status=status), created=None) for status in ("Running", "Completed")
)


@pytest.mark.holds("B40")
@pytest.mark.parametrize(
    ("status", "code", "word"),
    [
        ("Queued", None, "QUEUED"),
        ("running", None, "RUNNING"),
        ("COMPLETED", None, "DONE"),
        ("Failed", 1517, "ERROR"),
        ("Cancelled", None, "CANCELLED"),
        ("Cancelled", 1200, "CANCELLED"),
        ("Cancelled", 1305, "ERROR"),
        ("Cancelled - Ran too long", None, "ERROR"),
        ("Initializing", None, "INITIALIZING"),
        ("Paused by moon", None, "PAUSED BY MOON"),
    ],
)
def test_a_state_is_called(status: str, code: int | None, word: str) -> None:
    assert status_of(JobState(status=status, code=code)) == word


@pytest.mark.holds("B40")
@given(states | st.builds(JobState, status=st.text(max_size=5), code=st.none() | st.integers()))
def test_every_state_has_a_word_and_case_does_not_matter(state: JobState) -> None:
    word = status_of(state)
    assert word == word.upper()
    assert is_final(state) is (word in {"DONE", "ERROR", "CANCELLED"})
    assert (
        status_of(msgspec.structs.replace(state, status=state.status.swapcase())) == word
        or "ß" in state.status
        or (state.status.swapcase().lower() != state.status.lower())
    )


@pytest.mark.holds("B41")
@given(jobs)
def test_a_final_job_has_a_result_or_a_problem(job: Job) -> None:
    problem, word = problem_of(job), status_of(job.state)
    assert (problem is None) is (word not in ("ERROR", "CANCELLED"))
    match problem:
        case JobFailed(reason=reason, code=code):
            assert (word, reason, code) == ("ERROR", job.state.reason, job.state.code)
        case JobRanTooLong(reason=reason):
            assert (word, reason) == ("ERROR", job.state.reason)
            assert job.state.code == 1305 or "ran too long" in job.state.status.lower()
        case JobCancelled(reason=reason):
            assert (word, reason) == ("CANCELLED", job.state.reason)
    assert problem is None or problem.job == job.id  # type: ignore[union-attr]  # all three problems of jobs have it


@pytest.mark.holds("B40")
@pytest.mark.parametrize("status", ["Completed", "Running"])
def test_a_job_that_did_not_fail_has_no_problem_whatever_its_code(status: str) -> None:
    assert problem_of(Job(id="j", instance="i", state=JobState(status=status, code=1305))) is None


# Waiting

SLACK = 2e-3
"""Seconds by which a deadline may be overrun, so that no pause is too short to pass the time."""


class Wait(NamedTuple):
    polls: list[float]
    """Instants of each look, from the start."""
    last: Finished | JobTimeout | None


def wait(
    ends: float, *, timeout: float | None = None, interval: float | None = None, stop: float = 1e9, start: float = 0.0
) -> Wait:
    """Wait for a job that ends at `ends`, as the shell does, on a clock that began at `start`."""
    now = start
    polls: list[float] = []
    while now - start <= stop and len(polls) < 2_000:
        waited = now - start
        polls.append(waited)
        step = decide_poll(DONE if waited >= ends else RUNNING, waited=waited, timeout=timeout, interval=interval)
        if not isinstance(step, PollAgain):
            return Wait(polls, step)
        assert step.seconds > 0
        now += step.seconds
    return Wait(polls, None)


@pytest.mark.holds("B42")
def test_the_first_hour_takes_at_most_120_polls() -> None:
    assert len(wait(1e9, stop=3600).polls) <= 120


@pytest.mark.holds("B42")
@given(st.floats(0, 50_000))
@example(0.0)
@example(0.5)
@example(600.0)
def test_the_end_is_noticed_soon(ends: float) -> None:
    seen = wait(ends)
    assert seen.last == Finished(DONE)
    late = seen.polls[-1] - ends
    assert 0 <= late <= min(max(0.5, seen.polls[-2] / 10 if len(seen.polls) > 1 else 0), 60) + 1e-6
    assert late <= max(0.5, ends / 10) + 1e-6


@pytest.mark.holds("B42")
@given(st.floats(0, 500), st.floats(0, 500), st.none() | st.sampled_from([1.0, 30.0]))
def test_a_deadline_is_met(ends: float, timeout: float, interval: float | None) -> None:
    seen = wait(ends, timeout=timeout, interval=interval)
    assert seen.polls[-1] <= timeout + SLACK
    if ends <= timeout:
        assert seen.last == Finished(DONE)
    elif ends > timeout + SLACK:
        assert isinstance(seen.last, JobTimeout)
    if isinstance(seen.last, JobTimeout):
        assert seen.last.waited >= timeout
        assert (seen.last.job, seen.last.status) == ("j", "RUNNING")


@pytest.mark.holds("B42")
def test_a_deadline_is_met_on_a_clock_of_our_days() -> None:
    # A float of today's seconds resolves 2.4e-7 s: a shorter pause does not move an emulated clock.
    for tenths in range(200):
        seen = wait(1e9, timeout=tenths / 10, start=1.7e9)
        assert isinstance(seen.last, JobTimeout)
        assert len(seen.polls) < 50


@pytest.mark.holds("B42")
@given(jobs, st.floats(0, 1e9), st.none() | st.floats(0, 1e6), st.none() | st.floats(0.01, 1e4))
@example(RUNNING, 0.0, None, 0.01)
@example(RUNNING, 0.0, 0.05, 0.01)
def test_what_follows_a_look_is_what_the_rule_says(
    job: Job, waited: float, timeout: float | None, interval: float | None
) -> None:
    step = decide_poll(job, waited=waited, timeout=timeout, interval=interval)
    if is_final(job.state):
        assert step == Finished(job)
    elif timeout is not None and waited >= timeout:
        assert step == JobTimeout(job=job.id, status=status_of(job.state), waited=waited)
    else:
        assert isinstance(step, PollAgain)
        growing = min(max(waited / 20, 0.1), 30) if job.session is not None else min(max(waited / 10, 0.5), 60)
        pause = growing if interval is None else max(interval, 0.1)
        assert step.seconds == (pause if timeout is None else min(pause, max(timeout - waited, 0.001)))


# Listing


class Listing(NamedTuple):
    jobs: list[Job]
    requests: int
    pages: list[NextPage]


def list_all(query: JobQuery, serve: Callable[[NextPage], JobPage], most: int) -> Listing:
    """Follow the pages of a server as the shell does, and fail after `most` requests."""
    collected: list[Job] = []
    pages: list[NextPage] = []
    lost = 0
    step = first_page(query)
    while step is not None:
        pages.append(step)
        if len(pages) > most:
            pytest.fail(f"more than {most} requests")
        page = serve(step)
        collected, lost = [*collected, *page.jobs], lost + page.lost
        step = next_page(query, len(collected), page, lost)
    return Listing(collected, len(pages), pages)


queries = st.builds(
    JobQuery,
    limit=st.sampled_from([None, 0, 1, 3, 10, 200, 201, 450]),
    skip=st.sampled_from([0, 0, 1, 5, 500]),
    descending=st.booleans(),
    page_size=st.sampled_from([200, 200, 50]),
)


def job(number: int) -> Job:
    return Job(id=f"j{number}", instance="i", state=JobState(status="Queued"))


@pytest.mark.holds("B44")
@given(queries, st.sampled_from([0, 1, 5, 10, 199, 200, 201, 433]), st.sampled_from([1, 7, 50, 200, 1000]))
def test_a_truthful_server_yields_exactly_the_slice(query: JobQuery, held: int, cap: int) -> None:
    def serve(step: NextPage) -> JobPage:
        stop = step.offset + min(step.limit, cap)
        return JobPage(jobs=tuple(map(job, range(held)[step.offset : stop])), count=held)

    stop = None if query.limit is None else query.skip + query.limit
    wanted = list(map(job, range(held)[query.skip : stop]))
    pages = -(-len(wanted) // min(cap, query.page_size))
    seen = list_all(query, serve, pages + 1)
    assert seen.jobs == wanted
    assert all(0 < page.limit <= query.page_size for page in seen.pages)
    assert query.limit != 0 or seen.requests == 0


@pytest.mark.holds("B283")
@given(queries, st.sets(st.integers(0, 40)), st.sampled_from([1, 7, 50]), st.sampled_from([None, 41]))
@example(JobQuery(limit=1), {0}, 50, None)
def test_rows_that_cannot_be_read_are_passed_over(query: JobQuery, odd: set[int], cap: int, count: int | None) -> None:
    def serve(step: NextPage) -> JobPage:
        sent = range(41)[step.offset : step.offset + min(step.limit, cap)]
        read = tuple(job(number) for number in sent if number not in odd)
        return JobPage(jobs=read, count=count, lost=len(sent) - len(read))

    wanted = [job(number) for number in range(41)[query.skip :] if number not in odd]
    assert list_all(query, serve, 42).jobs == wanted[: query.limit]


@pytest.mark.holds("B44")
@given(queries, st.lists(job_pages, max_size=6))
def test_a_lying_server_is_asked_at_most_once_more_than_it_has_pages(query: JobQuery, script: list[JobPage]) -> None:
    rest = list(script)

    def serve(step: NextPage) -> JobPage:
        page = rest.pop(0) if rest else JobPage(jobs=(), count=10**9)
        # Short pages and wrong counts, but never more than was asked for.
        return msgspec.structs.replace(page, jobs=page.jobs[: step.limit])

    seen = list_all(query, serve, len(script) + 1)
    assert query.limit is None or len(seen.jobs) <= query.limit


@given(st.sampled_from([1, 3, 50]), st.integers(1, 3), st.integers(0, 9))
def test_a_server_without_end_is_left_at_the_limit(limit: int, size: int, skip: int) -> None:
    query = JobQuery(limit=limit, skip=skip)
    seen = list_all(query, lambda _: JobPage(jobs=tuple(map(job, range(size))), count=10**9), limit)
    assert limit <= len(seen.jobs) < limit + size


@pytest.mark.holds("B44")
@given(queries, st.integers(0, 500), job_pages)
def test_an_empty_page_ends_the_listing(query: JobQuery, collected: int, page: JobPage) -> None:
    assert next_page(query, collected, msgspec.structs.replace(page, jobs=())) is None


@given(queries, st.integers(1, 500))
def test_the_next_page_begins_where_the_last_one_ended(query: JobQuery, collected: int) -> None:
    step = next_page(query, collected, JobPage(jobs=(job(1),), count=10**9))
    if step is not None:
        assert step.offset == query.skip + collected
        assert query.limit is None or collected + step.limit <= query.limit
    else:
        assert query.limit is not None
        assert collected >= query.limit


@pytest.mark.holds("B44")
def test_a_listing_without_a_count_ends_at_an_empty_page() -> None:
    held = list(map(job, range(5)))

    def serve(step: NextPage) -> JobPage:
        return JobPage(jobs=tuple(held[step.offset : step.offset + 2]))

    assert list_all(JobQuery(limit=None), serve, 4).jobs == held


# Merging

HUGE = 10**30
cuts = st.builds(
    JobQuery,
    limit=st.sampled_from([None, 1, 2, 3, HUGE]),
    skip=st.integers(0, 4) | st.sampled_from([2**63 - 1, HUGE]),
    descending=st.booleans(),
)


def in_order(held: list[Job], query: JobQuery) -> list[Job]:
    """Return jobs as a listing has them: by date, ties as they were, those without a date last."""
    sign = -1 if query.descending else 1
    return sorted(held, key=lambda listed: (listed.created is None, sign * (listed.created or 0.0)))


@pytest.mark.holds("B45")
@given(st.lists(st.lists(jobs, max_size=4), max_size=3), queries | cuts)
def test_a_merge_is_the_sorted_whole_cut_once(listings: list[list[Job]], query: JobQuery) -> None:
    sorted_each = [in_order(listing, query) for listing in listings]
    whole = in_order([listed for listing in sorted_each for listed in listing], query)[query.skip :]
    assert [*merge_listings(sorted_each, query)] == (whole if query.limit is None else whole[: query.limit])


@pytest.mark.holds("B45")
@given(st.lists(st.lists(jobs, max_size=6), min_size=1, max_size=3), st.integers(1, 4))
def test_a_merge_reads_no_further_than_it_must(listings: list[list[Job]], wanted: int) -> None:
    read = 0

    def reading(listing: list[Job]) -> Iterator[Job]:
        nonlocal read
        for listed in listing:
            read += 1
            yield listed

    query = JobQuery(limit=wanted)
    merged = [*merge_listings([reading(in_order(listing, query)) for listing in listings], query)]
    assert read <= len(merged) + len(listings)


@given(st.lists(st.lists(jobs, min_size=2, max_size=6), min_size=1, max_size=3), cuts)
def test_what_each_instance_is_asked_is_enough_for_the_merge(listings: list[list[Job]], query: JobQuery) -> None:
    wider = query_for_each(query)
    assert (wider.skip, wider.descending) == (0, query.descending)
    whole = [in_order(listing, query) for listing in listings]
    assert [*merge_listings([listing[: wider.limit] for listing in whole], query)] == [*merge_listings(whole, query)]


# Looking at many


placed = st.builds(
    Job,
    id=st.integers(1, 99).map(lambda number: f"j{number}"),
    instance=st.sampled_from(["i1", "i2", "i3"]),
    state=states | st.just(JUST_CREATED),
    program=st.sampled_from(["sampler", "sampler", "estimator", ""]),
    backend=st.sampled_from([None, "ibm_a", "ibm_a", "ibm_b"]),
    session=st.sampled_from([None, None, "s1"]),
    tags=st.lists(st.sampled_from(["a", "b", "c"]), max_size=3, unique=True).map(tuple),
    created=instants,
)


def fits(job: Job, query: JobQuery) -> bool:
    """Whether a listing has the job, as the service filters."""
    return (
        query.backend in (None, job.backend)
        and query.program in (None, job.program)
        and query.session in (None, job.session)
        and set(query.tags) <= set(job.tags)
        and (query.created_after is None or (job.created is not None and job.created >= query.created_after))
        and (query.created_before is None or (job.created is not None and job.created <= query.created_before))
        and query.include_mocks
    )


@pytest.mark.holds("B153")
@given(st.lists(placed, max_size=8))
def test_every_job_is_looked_at_once_and_each_listing_has_all_its_jobs(held: list[Job]) -> None:
    looks = plan_looks(held)
    assert sorted(job.id for look in looks for job in look.jobs) == sorted(job.id for job in held)
    assert len(looks) == len({job.instance for job in held})
    for look in looks:
        assert {job.instance for job in look.jobs} == {look.instance}
        assert (look.query is None) is (len(look.jobs) == 1)
        if look.query is not None:
            assert look.query.limit is None
            assert all(fits(job, look.query) for job in look.jobs)


@pytest.mark.holds("B153")
def test_dates_that_are_ours_narrow_nothing() -> None:
    seen = Job(id="j1", instance="i", state=JobState(status="Queued"), created=5.0)
    fresh = Job(id="j2", instance="i", state=JUST_CREATED, created=9e9)
    (mixed,), (dated,) = plan_looks([seen, fresh]), plan_looks([seen, msgspec.structs.replace(seen, created=7.0)])
    assert mixed.query is not None
    assert (mixed.query.created_after, mixed.query.created_before) == (None, None)
    assert dated.query is not None
    assert (dated.query.created_after, dated.query.created_before) == (4.0, 8.0)


@given(st.lists(placed, min_size=1, max_size=5), st.floats(0, 1e6))
def test_a_wait_is_described_in_one_line_with_every_status(held: list[Job], waited: float) -> None:
    line = describe_wait(held, waited)
    assert "\n" not in line
    assert all(status_of(job.state) in line for job in held)
    backends = {job.backend for job in held} - {None}
    assert (f" on {backends.pop()}" in line) if len(backends) == 1 else " on " not in line


@pytest.mark.parametrize(("waited", "text"), [(0.4, "0:00"), (65.0, "1:05"), (3725.0, "1:02:05")])
def test_elapsed_time_is_told_as_on_a_clock(waited: float, text: str) -> None:
    job = Job(id="j", instance="i", state=JobState(status="Queued"), backend="ibm_a")
    assert describe_wait([job], waited) == f"j QUEUED on ibm_a, {text}"


@pytest.mark.holds("B151")
@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (None, ""),
        (b"", ""),
        (b'"it broke"', "it broke"),
        (b' \n"it broke"\n', "it broke"),
        (b"it broke\n", "it broke"),
        (b"a Traceback (most recent call last): x", "Traceback (most recent call last): x"),
        (
            b"Traceback (most recent call last) 1 Traceback (most recent call last) 2",
            "Traceback (most recent call last) 2",
        ),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_the_reason_in_a_result_is_its_last_traceback(result: bytes | None, reason: str) -> None:
    assert reason_in(result) == reason


@given(st.floats(0, 1e6))
def test_a_job_in_a_session_is_looked_at_at_least_as_often(waited: float) -> None:
    assert pause_after(waited, in_session=True) <= pause_after(waited, in_session=False)


@pytest.mark.holds("B42")
def test_the_end_of_a_job_in_a_session_is_noticed_within_a_twentieth() -> None:
    for ends in (0.05, 1.0, 17.0, 300.0, 5000.0):
        now = 0.0
        while now < ends:
            now += pause_after(now, in_session=True)
        assert now - ends <= max(0.1, ends / 20)


@given(jobs, jobs)
def test_what_is_final_stays_so_and_all_else_is_as_it_was_found(known: Job, found: Job) -> None:
    kept = newer_of(known, found)
    final = {"DONE", "CANCELLED", "ERROR"}
    if status_of(known.state) not in final:
        assert kept is found
    elif status_of(found.state) not in final or known.charged_seconds is not None or known.charged_ru is not None:
        assert kept is known
    else:
        assert (kept.charged_seconds, kept.charged_ru) == (found.charged_seconds, found.charged_ru)
        assert (kept.id, kept.state, kept.tags) == (known.id, known.state, known.tags)
    assert newer_of(kept, kept) == kept
