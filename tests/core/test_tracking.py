"""Laws of what several jobs use together: sums leave nothing out, and what is not known is never nothing."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.core.estimates import estimate_usage, in_session, without_charge
from qiskit_runtime_service.core.tracking import add_up, describe_tracked
from qiskit_runtime_service.records.estimate import CircuitRuns, DeviceTimes, UsageEstimate
from qiskit_runtime_service.records.tracking import TrackedJob, UsageSum

DEVICE = DeviceTimes(backend="ibm_x", rep_delay=250e-6, reset=0.0)


def estimate(executions: int, most: int | None, length: float | None = 0.0) -> UsageEstimate:
    """Return what so many executions use: 2 s, and 250 µs and the length for each."""
    run = CircuitRuns(what="PUB 0", executions=executions, most=most, length=length)
    return estimate_usage([run], DEVICE)


BELL = estimate(4000, 4000)
"""3 seconds."""


def job(number: int = 1, thought: UsageEstimate | None = BELL, **changes: Any) -> TrackedJob:
    fields: dict[str, Any] = {
        "backend": "ibm_x",
        "program": "sampler",
        "session": None,
        "status": "DONE",
        "final": True,
    }
    fields |= {"instance": "i", "estimate": thought, **changes}
    return TrackedJob(job_id=f"j{number}", **fields)


estimates = st.builds(
    estimate, st.sampled_from([0, 1, 4000, 10**6]), st.none() | st.just(10**7), st.sampled_from([None, 0.0, 1e-4])
)
jobs = st.lists(
    st.builds(
        job,
        st.integers(1, 10**6),
        st.none() | estimates | estimates.map(lambda one: without_charge(one, "it is a dry run")),
        backend=st.sampled_from(["ibm_x", "ibm_y"]),
        program=st.sampled_from(["sampler", "estimator"]),
        final=st.booleans(),
        charged_seconds=st.none() | st.sampled_from([0, 3, 2.5]),
        charged_ru=st.none() | st.sampled_from([0, 0.5]),
    ),
    max_size=5,
)


@pytest.mark.holds("B543")
@given(jobs)
def test_sums_by_backend_and_program_are_the_total(tracked: list[TrackedJob]) -> None:
    usage = add_up(tracked)
    assert usage.jobs == tuple(tracked)
    assert len({(one.backend, one.program) for one in usage.sums}) == len(usage.sums)
    for name in ("jobs", "free", "unestimated", "settled"):
        assert getattr(usage.total, name) == sum(getattr(one, name) for one in usage.sums)
    assert math.isclose(usage.total.estimated_seconds, math.fsum(one.estimated_seconds for one in usage.sums))
    assert usage.total.at_least is any(one.at_least for one in usage.sums)
    for name in ("charged_seconds", "charged_ru"):
        told = [getattr(one, name) for one in usage.sums if getattr(one, name) is not None]
        assert getattr(usage.total, name) == (sum(told) if told else None)
    most = [one.most_seconds for one in usage.sums]
    assert (usage.total.most_seconds is None) is (None in most)


@pytest.mark.holds("B543")
@given(jobs, st.none() | estimates)
def test_one_more_job_never_costs_less(tracked: list[TrackedJob], thought: UsageEstimate | None) -> None:
    before = add_up(tracked).total
    after = add_up([*tracked, job(0, thought, charged_seconds=2)]).total
    assert after.jobs == before.jobs + 1
    assert after.estimated_seconds >= before.estimated_seconds
    assert (after.charged_seconds or 0) == (before.charged_seconds or 0) + 2
    assert after.unestimated == before.unestimated + (thought is None)
    assert after.at_least or not before.at_least


@pytest.mark.holds("B544")
@pytest.mark.parametrize(
    ("tracked", "settled", "seconds", "units"),
    [
        ([], 0, None, None),
        ([job(final=False, charged_seconds=3)], 0, None, None),
        ([job(charged_seconds=None)], 0, None, None),
        ([job(charged_seconds=0)], 1, 0, None),
        ([job(1, charged_seconds=3), job(2)], 1, 3, None),
        ([job(1, charged_seconds=3), job(2, charged_seconds=4, charged_ru=0.5)], 2, 7, 0.5),
        ([job(1, charged_ru=0.25), job(2, charged_ru=0.5)], 2, None, 0.75),
        ([job(1, without_charge(BELL, "it is a dry run"), charged_seconds=3)], 1, 0, None),
    ],
)
def test_what_is_charged_is_that_of_jobs_that_are_settled(
    tracked: list[TrackedJob], settled: int, seconds: float | None, units: float | None
) -> None:
    total = add_up(tracked).total
    assert (total.settled, total.charged_seconds, total.charged_ru) == (settled, seconds, units)


@pytest.mark.holds("B543")
def test_what_nobody_knew_is_not_taken_for_nothing() -> None:
    total = add_up([job(1), job(2, None)]).total
    assert (total.estimated_seconds, total.unestimated, total.at_least) == (3.0, 1, True)
    unknown = add_up([job(1, estimate(4000, None))]).total
    assert (unknown.estimated_seconds, unknown.most_seconds) == (3.0, None)


def cells(*tracked: TrackedJob) -> list[tuple[str, ...]]:
    return [row[3:] for row in describe_tracked(add_up(tracked)).rows]


@pytest.mark.holds("B543", "B544")
@pytest.mark.parametrize(
    ("one", "shown"),
    [
        (job(charged_seconds=4), ("about 3.00 s", "1 of 1", "4 s")),
        (job(charged_seconds=4, charged_ru=0.125), ("about 3.00 s", "1 of 1", "4 s, 0.125 RU")),
        (job(final=False), ("about 3.00 s", "0 of 1", "–")),
        (job(thought=estimate(4000, 8000), final=False), ("about 3.00 s to 4.00 s", "0 of 1", "–")),
        (job(thought=estimate(4000, None), final=False), ("3.00 s or more", "0 of 1", "–")),
        (job(thought=estimate(4000, 4000, None), final=False), ("at least 3.00 s", "0 of 1", "–")),
        (job(thought=None, final=False), ("unknown", "0 of 1", "–")),
    ],
)
def test_a_line_says_how_sure_it_is(one: TrackedJob, shown: tuple[str, ...]) -> None:
    assert cells(one) == [shown]


@pytest.mark.holds("B543")
def test_the_table_has_a_line_for_all_where_there_are_several() -> None:
    usage = add_up(
        [job(1, charged_seconds=4), job(2, program="estimator", final=False)], ["Not counted: why."], ["j2: x"]
    )
    report = describe_tracked(usage)
    assert report.title == "Usage of 2 jobs"
    assert report.columns == ("backend", "program", "jobs", "estimated", "settled", "charged")
    assert report.rows[-1] == ("together", "", "2", "about 6.00 s", "1 of 2", "4 s")
    assert report.notes == (
        "1 of 2 not settled when last read; refresh() reads again.",
        "Not counted: why.",
        "j2: x",
    )
    assert describe_tracked(add_up([])).title == "Usage of 0 jobs"


@pytest.mark.holds("B543")
def test_notes_say_what_is_free_unknown_and_in_a_session() -> None:
    report = describe_tracked(
        add_up(
            [
                job(1, without_charge(BELL, "it is a dry run"), charged_seconds=3),
                job(2, None, charged_seconds=3),
                job(3, in_session(BELL), session="s", charged_seconds=3),
            ]
        )
    )
    free, unestimated, wall, told = report.notes
    assert free == "Nothing is charged for 1 of 3: it is a dry run."
    assert unestimated == "Of 1 nobody knows what they use before they have run."
    assert "In a session its wall time is charged" in wall
    assert told == "What is charged here is the sum over jobs; session.usage() tells the time of a session."


def test_records_of_usage_are_plain_and_hash() -> None:
    usage = add_up([job(1, charged_seconds=4)])
    assert hash(usage) == hash(add_up([job(1, charged_seconds=4)]))
    assert msgspec.to_builtins(usage)["total"] == msgspec.to_builtins(
        UsageSum(
            backend="ibm_x",
            program="sampler",
            jobs=1,
            free=0,
            unestimated=0,
            estimated_seconds=3.0,
            most_seconds=3.0,
            at_least=False,
            settled=1,
            charged_seconds=4,
            charged_ru=None,
        )
    )
