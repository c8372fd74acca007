"""Snapshots of listings: of two the one that was asked for later counts, in whatever order they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.client.listings import Listings, Snapshot
from qiskit_runtime_service.records.backend import BackendListing, BackendRow

ONE, TWO = "crn:one", "crn:two"


def listing_of(turn: int) -> BackendListing:
    return BackendListing(
        rows=tuple(BackendRow(name=f"ibm_{turn}_{number}", instance=ONE) for number in range(turn % 3))
    )


def test_a_snapshot_is_as_old_as_it_may_be_and_no_older() -> None:
    listings = Listings()
    turn = listings.take_turn()
    listings.remember(ONE, Snapshot(turn, 100.0, listing_of(2)))
    assert listings.latest(ONE, now=160.0, max_age=60.0) == listing_of(2)
    assert listings.latest(ONE, now=160.1, max_age=60.0) is None
    assert listings.latest(ONE, now=100.0, max_age=0.0) is None
    assert listings.latest(TWO, now=100.0, max_age=60.0) is None
    assert listings.peek(ONE) == listing_of(2)
    assert listings.peek(TWO) is None


def test_an_instance_without_backends_is_remembered_as_such() -> None:
    listings = Listings()
    listings.remember(ONE, Snapshot(listings.take_turn(), 0.0, BackendListing(rows=())))
    assert listings.latest(ONE, now=1.0, max_age=60.0) == BackendListing(rows=())


events = st.lists(
    st.tuples(st.sampled_from([ONE, TWO]), st.sampled_from(["listed", "forgotten"]), st.integers(1, 20)),
    max_size=12,
    unique_by=lambda event: event[2],
)
"""In any order: whose turn it was, and in which turn it was asked, or forgotten."""


@pytest.mark.holds("B306")
@given(events)
def test_what_is_remembered_is_the_latest_that_was_not_forgotten(happened: list[tuple[str, str, int]]) -> None:
    listings = Listings()
    for crn, what, turn in happened:
        if what == "listed":
            listings.remember(crn, Snapshot(turn, 0.0, listing_of(turn)))
        else:
            listings.forget(crn, turn)
    for crn in (ONE, TWO):
        forgotten = max((turn for who, what, turn in happened if (who, what) == (crn, "forgotten")), default=0)
        listed = max((turn for who, what, turn in happened if (who, what) == (crn, "listed")), default=0)
        expected = listing_of(listed) if listed > forgotten else None
        assert listings.latest(crn, now=0.0, max_age=1.0) == expected


def test_turns_are_taken_one_after_the_other() -> None:
    listings = Listings()
    assert [listings.take_turn() for _ in range(3)] == [1, 2, 3]
