"""Listings of sessions and batches: what is asked of each instance, page by page."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import inf
from typing import Any, NamedTuple, get_args

from returns.result import Failure, Result, Success

from ..core.arguments import Read, if_given, read_all, read_flag, read_text, read_whole
from ..core.troubles import Trouble, find_lost_rows, judge_troubles
from ..records.problem import Problem
from ..records.session import ListedSession, SessionQuery, WorkloadMode
from .dates import read_date
from .parallel import gather
from .raising import log_troubles, raise_if
from .rest import Client

PAGE_LIMIT = 50
"""The largest page of the listing of workloads."""
MODES: tuple[WorkloadMode, ...] = get_args(WorkloadMode)

ARGUMENTS: Mapping[str, Read[Any]] = {
    "limit": if_given(partial(read_whole, least=0)),
    "backend_name": if_given(read_text),
    "closed": if_given(read_flag),
    "created_after": if_given(read_date),
    "created_before": if_given(read_date),
}
"""What each argument of a listing must be."""


class SessionListing(NamedTuple):
    """The sessions of several instances, the newest first, and what could not be read."""

    sessions: tuple[ListedSession, ...]
    troubles: tuple[Trouble, ...] = ()
    answered: bool = True
    """Whether at least a page could be read."""


def read_session_query(**given: Any) -> Result[SessionQuery, Problem]:
    """Return which sessions to list.

    Fails with:
        BadArgument: An argument is not what it must be.
    """
    return read_all(ARGUMENTS, given).map(
        lambda read: SessionQuery(
            limit=read["limit"],
            backend=read["backend_name"],
            closed=read["closed"],
            created_after=read["created_after"] and read["created_after"].timestamp(),
            created_before=read["created_before"] and read["created_before"].timestamp(),
        )
    )


def list_sessions(client: Client, crns: Sequence[str], query: SessionQuery) -> SessionListing:
    """Return the sessions and batches of all instances, merged by date. All are listed at once.

    What cannot be read is told and left out. Raises why, if no instance answers.

    Source: behaviour B291, B563.
    """
    walks = [partial(walk, client, crn, query, mode) for crn in crns for mode in MODES]
    listings = gather(walks)
    silent = [trouble for listing in listings if not listing.answered for trouble in listing.troubles]
    raise_if(judge_troubles(silent, asked=len(listings)))
    # An instance that does not answer is one trouble, whichever of its two listings was asked for.
    told = (trouble for listing in listings for trouble in listing.troubles)
    troubles = tuple({(who, type(problem)): (who, problem) for who, problem in told}.values())
    log_troubles(troubles)
    found = [session for listing in listings for session in listing.sessions]
    newest = sorted(found, key=lambda session: -inf if session.created is None else session.created, reverse=True)
    return SessionListing(tuple(newest[: query.limit]), troubles)


def walk(client: Client, crn: str, query: SessionQuery, mode: WorkloadMode) -> SessionListing:
    """Return the sessions, or the batches, of one instance, as far as they are wanted.

    It ends at a page that brings nothing new, whatever the server says is next.
    """
    found: dict[str, ListedSession] = {}
    troubles: tuple[Trouble, ...] = ()
    cursor: str | None = None
    answered = False
    while query.limit is None or len(found) < query.limit:
        left = PAGE_LIMIT if query.limit is None else min(PAGE_LIMIT, query.limit - len(found))
        match client.sessions(crn, query, mode, left, cursor):
            case Failure(problem):
                return SessionListing(tuple(found.values()), (*troubles, (crn, problem)), answered)
            case Success(page):
                answered = True
        troubles += find_lost_rows(crn, page.lost, "sessions", "id")
        fresh = {session.id: session for session in page.sessions if session.id not in found}
        found |= fresh
        cursor = page.cursor
        if cursor is None or not fresh:
            break
    return SessionListing(tuple(found.values()), troubles)
