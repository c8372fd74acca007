"""What instances listed, remembered: one snapshot of each, exchanged whole."""

from itertools import count
from typing import NamedTuple

from ..records.backend import BackendListing
from ..transport.process import ProcessLock


class Snapshot(NamedTuple):
    """The backends of one instance, as they were listed once. It never changes: who has it has all of it."""

    turn: int
    """Which turn of asking brought it; the later one is asked for later."""
    asked_at: float
    """In seconds."""
    listing: BackendListing


class Listings:
    """The latest snapshot of each instance. Safe under threads and forks.

    Answers may come in another order than they were asked for in. Of two the one that was asked for later counts,
    and none counts that was asked for before its instance was forgotten.

    Source: behaviour B306.
    """

    def __init__(self) -> None:
        self._turns = count(1)
        self._latest: dict[str, Snapshot] = {}
        self._forgotten: dict[str, int] = {}
        """The turn in which an instance was last forgotten."""
        self._guard = ProcessLock()

    def take_turn(self) -> int:
        """Return the turn of who asks, or forgets, now."""
        return next(self._turns)

    def latest(self, crn: str, now: float, max_age: float) -> BackendListing | None:
        """Return what an instance listed no more than `max_age` seconds ago, if it is remembered; with 0, nothing."""
        held = self._latest.get(crn)
        return held.listing if held is not None and max_age and now - held.asked_at <= max_age else None

    def peek(self, crn: str) -> BackendListing | None:
        """Return what an instance listed last, however long ago, if it is remembered."""
        held = self._latest.get(crn)
        return None if held is None else held.listing

    def remember(self, crn: str, fresh: Snapshot) -> None:
        """Put a snapshot in the place of an older one."""
        with self._guard:
            held = self._latest.get(crn)
            if fresh.turn > max(self._forgotten.get(crn, 0), 0 if held is None else held.turn):
                self._latest[crn] = fresh

    def forget(self, crn: str, turn: int) -> None:
        """Forget what an instance listed when it was asked before a turn, also where the answer is still to come."""
        with self._guard:
            self._forgotten[crn] = max(self._forgotten.get(crn, 0), turn)
            held = self._latest.get(crn)
            if held is not None and held.turn < turn:
                del self._latest[crn]
