"""Listings of jobs: what is asked of each instance, page by page, and no further than somebody reads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, NamedTuple, TypedDict

from returns.result import Failure, Result, Success

from ..core.arguments import Read, if_given, read_all, read_flag, read_text, read_texts, read_whole
from ..core.jobs import PAGE_LIMIT, first_page, merge_listings, next_page, query_for_each
from ..core.troubles import Trouble, find_lost_rows, judge_troubles
from ..records.job import Job, JobPage, JobQuery
from ..records.problem import BadArgument, Problem
from .dates import read_date
from .parallel import gather
from .raising import log_troubles, raise_if
from .rest import Client


class JobFilters(TypedDict, total=False):
    """What a listing of jobs may be filtered by, as `QiskitRuntimeService.jobs` describes it."""

    backend_name: str | None
    pending: bool | None
    program_id: str | None
    job_tags: Sequence[str] | str | None
    session_id: str | None
    created_after: datetime | None
    created_before: datetime | None
    descending: bool
    include_mocks: bool


def read_job_query(
    limit: int | None, skip: int, filters: JobFilters, page_size: int = PAGE_LIMIT
) -> Result[JobQuery, Problem]:
    """Return what to list.

    Fails with:
        BadArgument: An argument is not what it must be, or there is no such filter.

    Source: behaviour B44, B46, B299.
    """
    for odd in filters.keys() - JobFilters.__annotations__:
        wanted = f"one of {', '.join(JobFilters.__annotations__)}"
        return Failure(BadArgument(name="A filter of jobs", value=repr(odd), wanted=wanted))
    read = read_all(ARGUMENTS, {"limit": limit, "skip": skip, "page_size": page_size, **filters})
    return read.map(lambda given: _query_of(**given))


def _query_of(
    *,
    page_size: int,
    backend_name: str | None = None,
    program_id: str | None = None,
    job_tags: tuple[str, ...] | None = None,
    session_id: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    **alike: Any,
) -> JobQuery:
    """Return what to list, of arguments that were read; what is `alike` has one name for users and for us."""
    return JobQuery(
        backend=backend_name,
        program=program_id,
        tags=job_tags or (),
        session=session_id,
        created_after=None if created_after is None else created_after.timestamp(),
        created_before=None if created_before is None else created_before.timestamp(),
        page_size=min(page_size, PAGE_LIMIT),
        **alike,
    )


ARGUMENTS: Mapping[str, Read[Any]] = {
    "limit": if_given(partial(read_whole, least=0)),
    "skip": partial(read_whole, least=0),
    "page_size": partial(read_whole, least=1),
    "backend_name": if_given(read_text),
    "pending": if_given(read_flag),
    "program_id": if_given(read_text),
    "job_tags": if_given(read_texts),
    "session_id": if_given(read_text),
    "created_after": if_given(read_date),
    "created_before": if_given(read_date),
    "descending": read_flag,
    "include_mocks": read_flag,
}
"""What each argument of a listing must be."""


class JobListing(NamedTuple):
    """The jobs of several instances, merged by date, and what could not be read."""

    jobs: tuple[Job, ...]
    troubles: tuple[Trouble, ...]


def list_jobs(client: Client, crns: Sequence[str], query: JobQuery) -> JobListing:
    """Return the jobs of all instances, merged by date. They are listed at once.

    What cannot be read is told and left out. Raises why, if no instance answers.

    Source: behaviour B45, B291.
    """
    walks = plan_walks(client, crns, query)
    listings = gather([partial(list[Job], walk) for walk in walks])
    tell_of_silence(walks)
    jobs = tuple(merge(listings, crns, query))
    return JobListing(jobs, tuple(trouble for walk in walks for trouble in walk.troubles))


def iterate_jobs(client: Client, crns: Sequence[str], query: JobQuery) -> Iterator[Job]:
    """Yield the jobs of all instances, merged by date. After the first pages, one is asked for when it is read.

    What cannot be read is told and left out. Raises why, if no instance answers.

    Source: behaviour B45, B291.
    """
    walks = plan_walks(client, crns, query)
    rests = [iter(walk) for walk in walks]
    heads = gather([partial(next, rest, None) for rest in rests])
    tell_of_silence(walks)
    begun = [chain([head], rest) for head, rest in zip(heads, rests, strict=True) if head is not None]
    yield from merge(begun, crns, query)


class JobWalk:
    """The jobs of one instance, page by page. It ends at a page that cannot be read.

    Source: behaviour B44, B283, B293.
    """

    def __init__(self, client: Client, crn: str, query: JobQuery) -> None:
        self._client = client
        self._crn = crn
        self._query = query
        self.answered = False
        """Whether a page could be read."""
        self.troubles: tuple[Trouble, ...] = ()
        """What hides some of the jobs: rows that could not be read, and what ended it before its end."""

    def __iter__(self) -> Iterator[Job]:
        query = self._query
        seen: set[str] = set()
        lost, barren = 0, False
        step = first_page(query)
        while step is not None:
            match self._client.jobs(self._crn, query, step.limit, step.offset):
                case Failure(problem):
                    self._note(((self._crn, problem),))
                    return
                case Success(page):
                    self.answered = True
                    self._note(find_lost_rows(self._crn, page.lost, "jobs", "id"))
            # A server that sends what we have already has come to its end, whatever it counts; one that
            # sends more than it was asked for is cut.
            fresh = [*{job.id: job for job in page.jobs if job.id not in seen}.values()][: step.limit]
            seen.update(job.id for job in fresh)
            yield from fresh
            # Two pages on end of which nothing can be read are the end too: who sends nothing else may go on so.
            unread = page.lost if fresh or not (page.jobs or barren) else 0
            lost, barren = lost + unread, not fresh
            step = next_page(query, len(seen), JobPage(jobs=tuple(fresh), count=page.count, lost=unread), lost)

    def _note(self, troubles: tuple[Trouble, ...]) -> None:
        """Note what hides jobs, and tell it. Of an instance that never answered the others decide what is told."""
        self.troubles += troubles
        if self.answered:
            log_troubles(troubles)


def plan_walks(client: Client, crns: Sequence[str], query: JobQuery) -> list[JobWalk]:
    """Return a walk for each instance. A single one skips and limits what it lists itself."""
    return [JobWalk(client, crn, query if len(crns) == 1 else query_for_each(query)) for crn in crns]


def merge(listings: Iterable[Iterable[Job]], crns: Sequence[str], query: JobQuery) -> Iterable[Job]:
    """Merge what the walks of `plan_walks` have found."""
    return chain.from_iterable(listings) if len(crns) == 1 else merge_listings(listings, query)


def tell_of_silence(walks: Sequence[JobWalk]) -> None:
    """Tell which instances have not answered at all. Raises why, if none of them has."""
    silent = [trouble for walk in walks for trouble in walk.troubles if not walk.answered]
    raise_if(judge_troubles(silent, asked=len(walks)))
    log_troubles(silent)
