"""The second journey: from instances to the backends that a query leaves, with what was fetched remembered."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import partial
from itertools import chain
from typing import Any, NamedTuple, Self

from returns.result import Failure, Result, Success

from ..core.choice import Chosen, Fetch, Key, Known, Part, decide_choice, key_of
from ..core.troubles import Trouble, find_lost_rows, judge_troubles
from ..records.backend import BackendListing, BackendQuery, BackendRow, BackendStatus, Configuration, Properties
from ..records.problem import Problem
from ..transport.base import Clock
from .cache import Cache
from .listings import Listings, Snapshot
from .parallel import gather
from .rest import Client

LISTING_SECONDS = 60.0
"""How old a listing may be where only a name is looked up. A choice by queue always lists anew."""

DescriptionKey = tuple[str, str | None]
"""Name of the backend, calibration. A device is described alike to all instances that have it (B481)."""

PutTest = Callable[[Sequence[BackendRow]], Mapping[Key, Result[bool, Problem]]]
"""Puts the test of a user to backends, the best first, and returns how it went with at least one of them."""


class Listing(NamedTuple):
    """The backends of several instances, in the order of the instances."""

    rows: tuple[BackendRow, ...]
    unlisted: tuple[Trouble, ...]
    """The instances that gave no listing."""
    lost: tuple[Trouble, ...]
    """The instances of which some rows could not be read."""


class Described(NamedTuple):
    """What was fetched of a backend so far."""

    configuration: Configuration | None
    properties: Properties | None
    has_properties: bool
    """Whether `properties` was fetched: `None` may be the answer."""


class Backends:
    """All backends that a client can reach. What describes a device is fetched once, however many instances have it.

    Safe under threads.
    """

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._listings = Listings()
        self._configurations: Cache[DescriptionKey, Configuration] = Cache(clock, LISTING_SECONDS)
        self._properties: Cache[DescriptionKey, Properties | None] = Cache(clock, LISTING_SECONDS)
        self._statuses: Cache[tuple[str, str], BackendStatus] = Cache(clock, 0.0)

    def over(self, client: Client) -> Self:
        """Return the same backends, reached by another client. What was fetched is shared."""
        twin = copy(self)
        twin._client = client
        return twin

    def now(self) -> float:
        """Return the instant from which ages are counted, in seconds since the epoch."""
        return self._clock.now()

    def choose(
        self,
        crns: Sequence[str],
        query: BackendQuery,
        ranking: Sequence[str] = (),
        *,
        max_age: float = 0.0,
        put_test: PutTest | None = None,
    ) -> Result[Chosen, Problem]:
        """Choose among the backends of the instances: fetch what the decision wants to know, and ask it again.

        Args:
            crns: The instances, best first.
            query: What is asked.
            ranking: Names of `core.ranking.RANKS` to order by.
            max_age: How old, in seconds, a listing may be.
            put_test: The test of the user, where `query.tested`.

        Fails with:
            InstancesUnreachable, or the only reason: No instance could be listed.

        Source: behaviour B12, B13, B110, B117, B291.
        """
        known = Known(now=self._clock.now())
        missing: tuple[Trouble, ...] = ()
        while True:
            match decide_choice(query, ranking, known):
                case Chosen(selection, troubles):
                    return Success(Chosen(selection, (*missing, *troubles)))
                case Fetch(parts, ()):
                    listing = self.list_backends(crns, max_age=max_age, waiting="waiting_time" in parts)
                    if (none_answered := judge_troubles(listing.unlisted, asked=len(crns))) is not None:
                        return Failure(none_answered)
                    missing = (*listing.unlisted, *listing.lost)
                    known = known._replace(rows=listing.rows)
                case Fetch(("verdict",), rows) if put_test is not None:
                    known = known._replace(verdicts={**known.verdicts, **put_test(rows)})
                case Fetch(parts, rows):
                    for part in parts:
                        known = self._learn(known, part, rows)

    def list_backends(self, crns: Sequence[str], *, max_age: float = 0.0, waiting: bool = False) -> Listing:
        """List all instances at once. Listings younger than `max_age` seconds are not asked for again.

        Args:
            crns: The instances.
            max_age: In seconds.
            waiting: Ask for waiting times too.

        Source: behaviour B11, B306.
        """
        now, turn = self._clock.now(), self._listings.take_turn()
        # Read once: other threads may remember and forget listings meanwhile.
        known = {crn: self._listings.latest(crn, now, max_age) for crn in crns}
        listed = {crn: listing for crn, listing in known.items() if listing is not None}
        old = [crn for crn in known if crn not in listed]
        troubles: list[Trouble] = []
        for crn, answer in zip(old, gather([partial(self._client.backends, crn, waiting) for crn in old]), strict=True):
            match answer:
                case Success(listing):
                    self._listings.remember(crn, Snapshot(turn, now, listing))
                    listed[crn] = listing
                case Failure(problem):
                    self._listings.forget(crn, turn)
                    troubles.append((crn, problem))
        found = [(crn, listed[crn]) for crn in crns if crn in listed]
        lost = (find_lost_rows(crn, listing.lost, "backends", "name") for crn, listing in found)
        rows = tuple(row for _, listing in found for row in listing.rows)
        return Listing(rows, tuple(troubles), tuple(chain.from_iterable(lost)))

    def left_away(self, crns: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yield an instance and a sentence for each part of its last listing that could not be understood."""
        for crn in crns:
            held = self._listings.peek(crn)
            yield from ((crn, sentence) for sentence in (held.ignored if held else ()))

    def configuration(self, crn: str, name: str, calibration_id: str | None = None) -> Result[Configuration, Problem]:
        """Return how a backend is built, fetched once. One that cannot be read is asked for again after a while.

        Source: behaviour B285.
        """
        return self._configurations.get(
            (name, calibration_id), partial(self._client.configuration, crn, name, calibration_id)
        )

    def properties(self, crn: str, name: str, calibration_id: str | None = None) -> Result[Properties | None, Problem]:
        """Return the calibration of a backend, fetched once. That there is none is remembered too."""
        return self._properties.get(
            (name, calibration_id), partial(self._client.properties, crn, name, calibration_id, None)
        )

    def past_properties(self, crn: str, name: str, updated_before: str) -> Result[Properties | None, Problem]:
        """Return the last calibration before an ISO instant. Not remembered."""
        return self._client.properties(crn, name, None, updated_before)

    def status(self, crn: str, name: str) -> Result[BackendStatus, Problem]:
        """Return whether a backend takes jobs now. Never remembered; one fetched ahead is told once."""
        ahead = self._statuses.take((crn, name))
        return self._client.status(crn, name) if ahead is None else Success(ahead)

    def fetch_ahead(
        self, rows: Iterable[BackendRow], parts: Collection[Part], calibration_id: str | None = None
    ) -> None:
        """Fetch parts of several backends at once. What cannot be had is told when it is asked for."""
        fetch = self._fetchers(calibration_id) | {
            "status": lambda row: self._statuses.get(key_of(row), partial(self._client.status, *key_of(row))),
        }
        gather([partial(fetch[part], row) for row in rows for part in parts])

    def forget_ahead(self) -> None:
        """Forget each status that was fetched ahead and not told: by the time that it is asked for, it is old."""
        self._statuses.forget_all(lambda _: True)

    def known(self, name: str, calibration_id: str | None) -> Described:
        """Return what was fetched of a backend so far."""
        key = (name, calibration_id)
        return Described(self._configurations.peek(key), self._properties.peek(key), key in self._properties)

    def remember(self, name: str, calibration_id: str | None, known: Described) -> None:
        """Hold what was fetched elsewhere."""
        key = (name, calibration_id)
        if known.configuration is not None:
            self._configurations.put(key, known.configuration)
        if known.has_properties:
            self._properties.put(key, known.properties)

    def renew(self, crn: str, name: str) -> Result[BackendListing, Problem]:
        """List an instance anew, and fetch all else about a backend again when it is next asked for.

        Where that fails, all stays as it was.

        Source: behaviour B108, B306, B346.
        """
        now, turn = self._clock.now(), self._listings.take_turn()
        listed = self._client.backends(crn)
        match listed:
            case Success(listing):
                self._listings.remember(crn, Snapshot(turn, now, listing))
                self._configurations.forget_all(_is_of(name))
                self._properties.forget_all(_is_of(name))
                self._statuses.forget((crn, name))
        return listed

    def renew_properties(self, crn: str, name: str, calibration_id: str | None) -> Result[Properties | None, Problem]:
        """Fetch the calibration of a backend anew. Where that fails, what was fetched before stays.

        Source: behaviour B346.
        """
        fetched = self._client.properties(crn, name, calibration_id, None)
        match fetched:
            case Success(properties):
                self._properties.renew((name, calibration_id), properties, _is_of(name))
        return fetched

    def _learn(self, known: Known, part: Part, rows: Sequence[BackendRow]) -> Known:
        """Fetch a part of all rows at once."""
        fetch = self._fetchers(None)[part]
        found = dict(zip(map(key_of, rows), gather([partial(fetch, row) for row in rows]), strict=True))
        match part:
            case "configuration":
                return known._replace(configurations={**known.configurations, **found})
            case "status":
                return known._replace(statuses={**known.statuses, **found})
            case _:
                return known._replace(properties={**known.properties, **found})

    def _fetchers(self, calibration_id: str | None) -> dict[Part, Callable[[BackendRow], Result[Any, Problem]]]:
        return {
            "configuration": lambda row: self.configuration(*key_of(row), calibration_id),
            "properties": lambda row: self.properties(*key_of(row), calibration_id),
            "status": lambda row: self.status(*key_of(row)),
        }


def _is_of(name: str) -> Callable[[DescriptionKey], bool]:
    """Return what tells whether something belongs to a backend."""
    return lambda key: key[0] == name
