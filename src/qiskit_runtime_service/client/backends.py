"""The second journey: from instances to the backends that a query leaves, with what was fetched remembered."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from copy import copy
from functools import partial
from typing import Literal, NamedTuple, Self

from msgspec.structs import replace
from returns.result import Failure, Result, Success

from ..core.backends import Candidate, fill_row, is_undecided, select_backends, select_candidates
from ..core.ranking import (
    asks_for_calibration,
    asks_for_waiting_time,
    build_scores,
    fields_of,
    fill_quality,
    is_unmeasured,
)
from ..core.selection import select
from ..records.backend import BackendQuery, BackendRow, BackendStatus, Configuration, Properties
from ..records.problem import InstancesUnreachable, Problem
from ..records.selection import Rejected, Selection
from ..transport.base import Clock
from .cache import Cache
from .parallel import gather
from .raising import exception_of
from .rest import Client

LISTING_SECONDS = 60.0
"""How old a listing may be where only a name is looked up. A choice by queue always lists anew."""

Part = Literal["configuration", "properties", "status"]
"""What can be asked of a backend that the listing does not tell."""

Key = tuple[str, str, str | None]
"""CRN of the instance, name of the backend, calibration."""

Trouble = tuple[str, Problem]
"""Which instance or backend could not be read, and why."""


class Listing(NamedTuple):
    """The backends of several instances, in the order of the instances."""

    rows: tuple[BackendRow, ...]
    troubles: tuple[Trouble, ...]


class Choice(NamedTuple):
    """The backends that a query leaves, best first, and what became of the others."""

    selection: Selection[BackendRow]
    troubles: tuple[Trouble, ...]


class Known(NamedTuple):
    """What was fetched of a backend so far."""

    configuration: Configuration | None
    properties: Properties | None
    has_properties: bool
    """Whether `properties` was fetched: `None` may be the answer."""


class Fleet:
    """All backends that a client can reach. Caches by instance and name; safe under threads."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._listings: dict[str, tuple[float, tuple[BackendRow, ...]]] = {}
        self._configurations: Cache[Key, Configuration] = Cache()
        self._properties: Cache[Key, Properties | None] = Cache()
        self._statuses: Cache[tuple[str, str], BackendStatus] = Cache()

    def over(self, client: Client) -> Self:
        """Return the same backends, reached by another client. What was fetched is shared."""
        twin = copy(self)
        twin._client = client
        return twin

    def choose(
        self,
        crns: Sequence[str],
        query: BackendQuery,
        ranking: Sequence[str] = (),
        *,
        max_age: float = 0.0,
    ) -> Result[Choice, Problem]:
        """List the instances and keep what `query` accepts, asking for more only where it must.

        Args:
            crns: The instances, best first.
            query: What is asked.
            ranking: Names of `core.ranking.RANKS` to order by.
            max_age: How old, in seconds, a listing may be.

        Fails with:
            InstancesUnreachable, or the only reason: No instance could be listed.

        Source: behaviour B12, B13, B110.
        """
        asked = [each.field for each in query.row]
        waiting = asks_for_waiting_time((*asked, *fields_of(ranking)))
        listing = self.list_backends(crns, max_age=max_age, waiting=waiting)
        if listing.troubles and not listing.rows:
            return Failure(_all_failed(listing.troubles))
        rows, gaps = self._fill_gaps(listing.rows, query)
        rows, unmeasured = self._measure(rows, asked)
        finer, broken = self._look_closer(select_backends(rows, query), query)
        ranked, unclear = self._rank(finer, ranking)
        return Success(Choice(ranked, (*listing.troubles, *gaps, *unmeasured, *broken, *unclear)))

    def list_backends(self, crns: Sequence[str], *, max_age: float = 0.0, waiting: bool = False) -> Listing:
        """List all instances at once. Listings younger than `max_age` seconds are not asked for again.

        Args:
            crns: The instances.
            max_age: In seconds.
            waiting: Ask for waiting times too.

        Source: behaviour B11.
        """
        now = self._clock.now()
        old = [
            each
            for each in crns
            if each not in self._listings or now - self._listings[each][0] > max_age or not max_age
        ]
        troubles: list[Trouble] = []
        for crn, answer in zip(
            old, gather([partial(self._client.backends, each, waiting) for each in old]), strict=True
        ):
            if isinstance(answer, Success):
                self._listings[crn] = (now, answer.unwrap())
            else:
                self._listings.pop(crn, None)
                troubles.append((crn, answer.failure()))
        rows = tuple(row for crn in crns if crn in self._listings for row in self._listings[crn][1])
        return Listing(rows, tuple(troubles))

    def configuration(self, crn: str, name: str, calibration_id: str | None = None) -> Result[Configuration, Problem]:
        """Return how a backend is built, fetched once."""
        return self._configurations.get(
            (crn, name, calibration_id), partial(self._client.configuration, crn, name, calibration_id)
        )

    def properties(self, crn: str, name: str, calibration_id: str | None = None) -> Result[Properties | None, Problem]:
        """Return the calibration of a backend, fetched once. That there is none is remembered too."""
        return self._properties.get(
            (crn, name, calibration_id), partial(self._client.properties, crn, name, calibration_id, None)
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
        fetch: dict[Part, Callable[[BackendRow], object]] = {
            "configuration": lambda row: self.configuration(row.instance, row.name, calibration_id),
            "properties": lambda row: self.properties(row.instance, row.name, calibration_id),
            "status": lambda row: self._statuses.get(
                (row.instance, row.name), partial(self._client.status, row.instance, row.name)
            ),
        }
        gather([partial(fetch[part], row) for row in rows for part in parts])

    def known(self, crn: str, name: str, calibration_id: str | None) -> Known:
        """Return what was fetched of a backend so far."""
        key = (crn, name, calibration_id)
        return Known(self._configurations.peek(key), self._properties.peek(key), key in self._properties)

    def remember(self, crn: str, name: str, calibration_id: str | None, known: Known) -> None:
        """Hold what was fetched elsewhere."""
        key = (crn, name, calibration_id)
        if known.configuration is not None:
            self._configurations.put(key, known.configuration)
        if known.has_properties:
            self._properties.put(key, known.properties)

    def forget(self, crn: str, name: str) -> None:
        """Fetch everything about a backend again when it is next asked for."""
        self._configurations.forget_all(lambda key: key[:2] == (crn, name))
        self.forget_properties(crn, name)
        self._statuses.forget((crn, name))
        self._listings.pop(crn, None)

    def forget_properties(self, crn: str, name: str) -> None:
        """Fetch the calibrations of a backend again when they are next asked for."""
        self._properties.forget_all(lambda key: key[:2] == (crn, name))

    def _fill_gaps(
        self, rows: Sequence[BackendRow], query: BackendQuery
    ) -> tuple[tuple[BackendRow, ...], tuple[Trouble, ...]]:
        """Ask the configuration where a listing is silent on something that decides."""
        gaps = {index: row for index, row in enumerate(rows) if is_undecided(row, query)}
        filled = list(rows)
        troubles: list[Trouble] = []
        for (index, row), answer in zip(gaps.items(), self._configurations_of(gaps.values()), strict=True):
            if isinstance(answer, Success):
                filled[index] = fill_row(row, answer.unwrap())
            else:
                troubles.append((row.name, answer.failure()))
        return tuple(filled), tuple(troubles)

    def _look_closer(
        self, selection: Selection[BackendRow], query: BackendQuery
    ) -> tuple[Selection[BackendRow], tuple[Trouble, ...]]:
        """Fetch, all at once, what the rest of the query needs, and decide it."""
        if not query.configuration and not query.status:
            return selection, ()
        rows = selection.items
        candidates: list[Candidate] = []
        troubles: list[Trouble] = []
        for row, answer in zip(rows, gather([partial(self._describe, row, query) for row in rows]), strict=True):
            if isinstance(answer, Success):
                candidates.append(answer.unwrap())
            else:
                troubles.append((row.name, answer.failure()))
        finer = select_candidates(candidates, query)
        kept = {(each.row.instance, each.row.name) for each in finer.items}
        rejected = tuple(Rejected(each.item.row, each.condition, each.found) for each in finer.rejected)
        ranked = tuple(each for each in selection.ranked if (each.item.instance, each.item.name) in kept)
        return replace(selection, ranked=ranked, rejected=(*selection.rejected, *rejected)), tuple(troubles)

    def _rank(
        self, selection: Selection[BackendRow], ranking: Sequence[str]
    ) -> tuple[Selection[BackendRow], tuple[Trouble, ...]]:
        """Order what is left; where the listing is silent on something that decides, the calibration is asked."""
        if not ranking:
            return selection, ()
        rows, troubles = self._measure(selection.items, fields_of(ranking))
        ranked = select(rows, (), build_scores(ranking, self._clock.now()))
        return replace(ranked, rejected=selection.rejected), troubles

    def _measure(
        self, rows: Sequence[BackendRow], fields: Collection[str]
    ) -> tuple[tuple[BackendRow, ...], tuple[Trouble, ...]]:
        """Ask the calibration where a listing is silent on one of `fields`."""
        if not asks_for_calibration(fields):
            return tuple(rows), ()
        measured = list(rows)
        gaps = [index for index, row in enumerate(rows) if is_unmeasured(row, fields)]
        asked = [partial(self.properties, rows[index].instance, rows[index].name) for index in gaps]
        troubles: list[Trouble] = []
        for index, answer in zip(gaps, gather(asked), strict=True):
            if not isinstance(answer, Success):
                troubles.append((rows[index].name, answer.failure()))
            elif (properties := answer.unwrap()) is not None:
                measured[index] = fill_quality(rows[index], properties)
        return tuple(measured), tuple(troubles)

    def _describe(self, row: BackendRow, query: BackendQuery) -> Result[Candidate, Problem]:
        candidate: Result[Candidate, Problem] = Success(Candidate(row))
        if query.configuration:
            told = self.configuration(row.instance, row.name)
            candidate = told.map(lambda configuration: Candidate(row, configuration))
        if query.status:
            candidate = candidate.bind(
                lambda one: self.status(row.instance, row.name).map(lambda status: one._replace(status=status))
            )
        return candidate

    def _configurations_of(self, rows: Collection[BackendRow]) -> list[Result[Configuration, Problem]]:
        return gather([partial(self.configuration, each.instance, each.name) for each in rows])


def _all_failed(troubles: Sequence[Trouble]) -> Problem:
    """Return the one reason that all share, or a problem that lists them."""
    problems = [problem for _, problem in troubles]
    if len({type(each) for each in problems}) == 1:
        return problems[0]
    return InstancesUnreachable(reasons=sentences(troubles))


def sentences(troubles: Sequence[Trouble]) -> tuple[str, ...]:
    """Return a line for each trouble: who, and why."""
    return tuple(f"{who}: {why}" for who, why in reasons_of(troubles))


def reasons_of(troubles: Sequence[Trouble]) -> Iterator[tuple[str, str]]:
    """Yield who could not be read, and why in one line."""
    for who, problem in troubles:
        yield who, str(exception_of(problem)).partition("\n")[0]
