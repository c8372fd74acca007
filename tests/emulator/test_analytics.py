"""What an account has used: totals, groups and days add up, and filters narrow them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.world import World, move_on
from qiskit_runtime_service.emulator.worlds import START
from qiskit_runtime_service.testing import build_world, busy, instance, line_device

from ..support.calls import act, ask, open_session, read, respond, submit
from ..support.examples import examples

FIELDS = {"usage", "jobs"} | {
    name
    for kind in ("sessions", "batch_sessions", "dedicated_sessions", "individual_jobs")
    for name in (kind, f"{kind}_usage", f"avg_{kind}_usage", f"max_{kind}_usage")
}
FIELDS |= {"queue_time", "avg_queue_time", "max_queue_time"}
ADDED_UP = [field for field in FIELDS if not field.startswith(("avg_", "max_"))]


def used() -> World:
    """Return a world where a minute of work was done, alone and in a batch, on two days."""
    world = build_world(
        instance("a", plan="premium", devices=[line_device("ibm_emu5", 5, queue_seconds=10, run_seconds=20)]),
        instance("b", account="guest", devices=[line_device("ibm_guest", 2)]),
    )
    world, _ = submit(world)
    world, batch = open_session(world)
    world, _ = submit(world, session_id=batch)
    world = move_on(world, 24 * 3600)
    world, _ = submit(world)
    return move_on(world, 3600)


def totals(world: World, path: str) -> Any:
    response = act(world, "GET", f"/analytics/{path}")[1]
    assert response.status == 200, response.body
    return read(response)


@pytest.mark.holds("B200")
def test_what_was_used_in_all() -> None:
    found = totals(used(), "usage")
    assert found.keys() == FIELDS
    assert (found["jobs"], found["usage"]) == (3, 60_000)
    assert (found["individual_jobs"], found["avg_individual_jobs_usage"]) == (2, 20_000)
    assert (found["batch_sessions"], found["batch_sessions_usage"], found["dedicated_sessions"]) == (1, 20_000, 0)
    assert (found["queue_time"], found["max_queue_time"]) == (30_000, 10_000)


@pytest.mark.holds("B200")
def test_two_sessions_and_jobs_that_never_began_count_and_have_not_waited() -> None:
    world = used()
    world, first = open_session(world, mode="dedicated")
    world, second = open_session(world, mode="dedicated")
    for session in (first, second, second):
        world, _ = submit(world, session_id=session)
    world, dropped = submit(world)
    world, _ = act(move_on(world, 5), "POST", f"/jobs/{dropped}/cancel")
    found = totals(world, "usage")
    assert (found["jobs"], found["queue_time"], found["max_queue_time"]) == (7, 30_000, 10_000)
    assert (found["usage"], found["dedicated_sessions_usage"]) == (60_000, 0)
    found = totals(move_on(world, 1000), "usage")
    assert (found["usage"], found["queue_time"]) == (120_000, 60_000)
    # Two jobs of one session that run at once hold the device as long as one does, and a minute more.
    assert (found["dedicated_sessions"], found["dedicated_sessions_usage"]) == (2, 160_000)
    assert (found["sessions"], found["max_sessions_usage"]) == (3, 80_000)


@pytest.mark.holds("B200")
@pytest.mark.parametrize(
    ("query", "jobs"),
    [
        ("interval_start=2026-09-02T00:00:00Z", 1),
        ("interval_end=2026-09-02T00:00:00Z", 2),
        ("interval_start=2026-09-02T10:00:00Z", 1),
        ("interval_start=2026-09-02T10:00:00.001Z", 0),
        ("interval_end=2026-09-02T10:00:00Z", 2),
        ("interval_end=2026-09-02T10:00:00.001Z", 3),
        ("backend=ibm_emu5&backend=other", 3),
        ("backend=other", 0),
        ("plan=premium&simulators=false", 3),
        ("plan=open", 0),
        ("user_id=nobody", 0),
    ],
)
def test_filters_narrow_what_is_told(query: str, jobs: int) -> None:
    assert totals(used(), f"usage?{query}")["jobs"] == jobs


@pytest.mark.holds("B200")
@pytest.mark.parametrize(
    ("group_by", "key"), [("backend", "ibm_emu5"), ("plan", "premium"), ("user_id", None), ("subscription_id", None)]
)
def test_groups_have_the_keys_that_were_asked_for(group_by: str, key: str | None) -> None:
    world = used()
    (row,) = totals(world, f"usage_grouped?group_by={group_by}")["data"]
    (account, _) = world.keys.values()
    expected = {"user_id": f"IBMid-{account[:10].upper()}", "subscription_id": next(iter(world.plans))}
    assert row["key"] == expected.get(group_by, key)
    assert row["jobs"] == 3


def test_days_are_told_with_their_beginning_and_end() -> None:
    world = used()
    found = totals(world, "usage_grouped_by_date?group_by=instance")
    assert [(row["interval_start"], row["jobs"]) for row in found["data"]] == [
        ("2026-09-01T00:00:00.000Z", 2),
        ("2026-09-02T00:00:00.000Z", 1),
    ]
    assert found["interval_end"] == "2026-09-03T00:00:00.000Z"
    assert {row["key"] for row in found["data"]} == {next(iter(world.instances))}


@pytest.mark.parametrize(
    "path",
    ["usage?interval_start=soon", "usage_grouped", "usage_grouped?group_by=no", "usage_grouped_by_date?group_by=plan"],
)
def test_a_question_without_meaning_is_refused(path: str) -> None:
    assert act(used(), "GET", f"/analytics/{path}")[1].status == 400


@pytest.mark.holds("B200")
def test_nobody_is_told_of_another_account() -> None:
    world = used()
    guest = list(world.instances)[1]
    request = ask(world, "GET", "/analytics/filters")
    assert [backend["name"] for backend in read(respond(world, request)[1])["backends"]] == ["ibm_emu5"]
    assert respond(world, ask(world, "GET", "/analytics/usage", crn=guest))[1].status == 403


@settings(max_examples=examples(20), deadline=None)
@given(st.integers(0, 5), st.sampled_from(["instance", "backend", "plan"]), st.integers(-30, 30))
def test_groups_and_days_add_up_to_the_whole(seed: int, group_by: str, hours: int) -> None:
    world = busy(seed=seed, now=START + 3600 * hours)
    whole = totals(world, "usage")
    for rows in (
        totals(world, f"usage_grouped?group_by={group_by}")["data"],
        totals(world, "usage_grouped_by_date?group_by=instance")["data"],
    ):
        assert {field: sum(row[field] for row in rows) for field in ADDED_UP} == {
            field: whole[field] for field in ADDED_UP
        }
