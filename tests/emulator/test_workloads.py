"""Workloads: jobs, sessions and batches in one listing."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from qiskit_runtime_service.emulator.handle import needs
from qiskit_runtime_service.emulator.world import Crashed, Finished, World, give_outcome, move_on
from qiskit_runtime_service.emulator.worlds import line_device, one_instance

from ..support.calls import act, ask, open_session, read, submit


def lived_in() -> World:
    """Return a world with a finished, a failed, a cancelled and a queued job, a batch and a session."""
    devices = (
        line_device("ibm_a", 2),
        line_device("ibm_b", 2, queue_seconds=1000),
        line_device("mock_a", 2, mock=True),
    )
    world = one_instance(plan="premium", devices=devices)
    world, good = submit(world, "ibm_a", tags=["good", "all"])
    world, bad = submit(move_on(world, 1), "ibm_a", tags=["bad", "all"])
    world, dropped = submit(move_on(world, 1), "ibm_b", tags=["all"])
    world, batch = open_session(move_on(world, 1), "ibm_a")
    world, _ = submit(world, "ibm_a", session_id=batch)
    world, session = open_session(move_on(world, 1), "ibm_b", mode="dedicated")
    world, _ = act(world, "DELETE", f"/sessions/{session}/close")
    world, _ = submit(move_on(world, 1), "ibm_b")
    world, _ = submit(world, "mock_a")
    world, _ = act(world, "POST", f"/jobs/{dropped}/cancel")
    world = give_outcome(move_on(world, 10), good, Finished(result=b"{}"))
    return give_outcome(world, bad, Crashed(reason="It broke."))


WORLD = lived_in()


def listed(query: str) -> Any:
    return read(act(WORLD, "GET", f"/workloads{query}")[1])


@pytest.mark.holds("B136")
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", "completed failed canceled in_progress canceled pending"),
        ("?sort=createdAt&user=me", "completed failed canceled in_progress canceled pending"),
        ("?sort=-createdAt", "pending canceled in_progress canceled failed completed"),
        ("?mode=job", "completed failed canceled pending"),
        ("?mode=session&mode=batch", "in_progress canceled"),
        ("?status=failed&status=canceled", "failed canceled canceled"),
        ("?backend=ibm_a", "completed failed in_progress"),
        ("?tags=all&tags=bad", "failed"),
        ("?search=good", "completed"),
        ("?created_after=2026-09-01T10:00:03Z", "in_progress canceled pending"),
        ("?created_before=2026-09-01T10:00:00Z", "completed"),
        ("?backend=mock_a", ""),
        ("?backend=mock_a&include_mocks=True", "in_progress"),
    ],
)
def test_a_listing_keeps_what_was_asked_for(query: str, wanted: str) -> None:
    body = listed(query)
    assert " ".join(workload["status"] for workload in body["workloads"]) == wanted
    assert body["total_count"] == len(wanted.split())


@pytest.mark.holds("B136")
def test_the_cursors_lead_through_all_pages_and_back() -> None:
    page = listed("?limit=4&backend=ibm_a&backend=ibm_b&sort=createdAt")
    forward = listed("?limit=4")
    assert "previous" not in forward
    second = listed(f"?{urlsplit(forward['next']['href']).query}")
    assert "next" not in second
    assert len(forward["workloads"]) + len(second["workloads"]) == forward["total_count"] == second["total_count"]
    assert listed(f"?{urlsplit(second['previous']['href']).query}") == forward
    assert page["limit"] == 4


@pytest.mark.holds("B136")
def test_pages_of_one_lead_through_all_and_back() -> None:
    seen, page = [], listed("?limit=1")
    while "next" in page:
        seen += page["workloads"]
        page = listed(f"?{urlsplit(page['next']['href']).query}")
    seen += page["workloads"]
    assert seen == listed("")["workloads"]
    for workload in reversed(seen[:-1]):
        page = listed(f"?{urlsplit(page['previous']['href']).query}")
        assert page["workloads"] == [workload]
    assert "previous" not in page


def test_sessions_on_mock_devices_are_listed_only_when_asked_for() -> None:
    devices = [line_device("ibm_a", 2), line_device("mock_a", 2, mock=True)]
    world, first = open_session(one_instance(devices=devices), "mock_a")
    world, second = open_session(world, "ibm_a")
    for query, wanted in (("", [second]), ("?include_mocks=True", [first, second])):
        body = read(act(world, "GET", f"/workloads{query}")[1])
        assert [workload["id"] for workload in body["workloads"]] == wanted


@pytest.mark.holds("B136")
def test_a_page_out_of_range_has_the_usual_size() -> None:
    assert [listed(f"?limit={limit}")["limit"] for limit in (0, 51, "x", 50)] == [10, 10, 10, 50]


@pytest.mark.holds("B136")
@pytest.mark.parametrize(
    "query", ["?status=odd", "?mode=odd", "?sort=name", "?user=you", "?next=odd", "?created_after=odd"]
)
def test_what_has_no_meaning_is_refused(query: str) -> None:
    assert act(WORLD, "GET", f"/workloads{query}")[1].status == 400


def test_a_batch_tells_its_usage_and_whether_it_takes_jobs() -> None:
    (batch,) = listed("?mode=batch")["workloads"]
    assert (batch["accepting_jobs"], batch["usage"]["qpu_charge_time_seconds"]) == (True, 2)


def test_a_job_that_ended_untold_is_asked_for_before_it_is_listed() -> None:
    world, job = submit(one_instance())
    request = ask(world, "GET", "/workloads?status=completed")
    assert needs(world, request) == ()
    assert [getattr(need, "id", "") for need in needs(move_on(world, 10), request)] == [job]
