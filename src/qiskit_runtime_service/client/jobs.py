"""Listings of jobs: what is asked of each instance, page by page, and no further than somebody reads."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import NamedTuple, TypedDict

from returns.result import Failure, Result, Success

from ..core.jobs import PAGE_LIMIT, first_page, merge_listings, next_page, query_for_each
from ..core.troubles import Trouble, judge_troubles
from ..records.job import Job, JobPage, JobQuery
from ..records.problem import BadArgument, Problem
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
        BadArgument: A number is below what it may be, a date is none, or there is no such filter.

    Source: behaviour B44, B46.
    """
    for argument, value, least in (("limit", limit, 0), ("skip", skip, 0), ("page_size", page_size, 1)):
        if value is not None and value < least:
            return Failure(BadArgument(name=argument, value=str(value), wanted=f"{least} or more"))
    for odd in filters.keys() - JobFilters.__annotations__:
        wanted = f"one of {', '.join(JobFilters.__annotations__)}"
        return Failure(BadArgument(name="A filter of jobs", value=repr(odd), wanted=wanted))
    tags = filters.get("job_tags") or ()
    after, before = (_read_date(name, filters.get(name)) for name in ("created_after", "created_before"))
    return after.bind(
        lambda first: before.map(
            lambda last: JobQuery(
                limit=limit,
                skip=skip,
                backend=filters.get("backend_name"),
                pending=filters.get("pending"),
                program=filters.get("program_id"),
                tags=(tags,) if isinstance(tags, str) else tuple(tags),
                session=filters.get("session_id"),
                created_after=first,
                created_before=last,
                descending=filters.get("descending", True),
                include_mocks=filters.get("include_mocks", False),
                page_size=min(page_size, PAGE_LIMIT),
            )
        )
    )


def _read_date(name: str, given: object) -> Result[float | None, Problem]:
    """Return an instant, in seconds since the epoch; a date without a zone is local time."""
    if given is None:
        return Success(None)
    wanted = "a datetime, with a zone or in local time"
    try:
        return Success(given.timestamp()) if isinstance(given, datetime) else Failure(_odd_date(name, given, wanted))
    except (OverflowError, OSError, ValueError):
        return Failure(_odd_date(name, given, f"{wanted}, that a clock can show"))


def _odd_date(name: str, given: object, wanted: str) -> BadArgument:
    return BadArgument(name=name, value=repr(given), wanted=wanted)


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
    return JobListing(jobs, tuple(walk.trouble for walk in walks if walk.trouble))


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

    Source: behaviour B44, B293.
    """

    def __init__(self, client: Client, crn: str, query: JobQuery) -> None:
        self._client = client
        self._crn = crn
        self._query = query
        self.answered = False
        """Whether a page could be read."""
        self.trouble: Trouble | None = None
        """What ended it, if it did not come to its end."""

    def __iter__(self) -> Iterator[Job]:
        query = self._query
        seen: set[str] = set()
        step = first_page(query)
        while step is not None:
            match self._client.jobs(self._crn, query, step.limit, step.offset):
                case Failure(problem):
                    self._end(problem)
                    return
                case Success(page):
                    self.answered = True
            # A server that sends what we have already has come to its end, whatever it counts; one that
            # sends more than it was asked for is cut.
            fresh = [*{job.id: job for job in page.jobs if job.id not in seen}.values()][: step.limit]
            seen.update(job.id for job in fresh)
            yield from fresh
            step = next_page(query, len(seen), JobPage(jobs=tuple(fresh), count=page.count))

    def _end(self, problem: Problem) -> None:
        """Note what hides the rest, and tell it. Of an instance that never answered the others decide what is told."""
        self.trouble = (self._crn, problem)
        if self.answered:
            log_troubles([self.trouble])


def plan_walks(client: Client, crns: Sequence[str], query: JobQuery) -> list[JobWalk]:
    """Return a walk for each instance. A single one skips and limits what it lists itself."""
    return [JobWalk(client, crn, query if len(crns) == 1 else query_for_each(query)) for crn in crns]


def merge(listings: Iterable[Iterable[Job]], crns: Sequence[str], query: JobQuery) -> Iterable[Job]:
    """Merge what the walks of `plan_walks` have found."""
    return chain.from_iterable(listings) if len(crns) == 1 else merge_listings(listings, query)


def tell_of_silence(walks: Sequence[JobWalk]) -> None:
    """Tell which instances have not answered at all. Raises why, if none of them has."""
    silent = [walk.trouble for walk in walks if walk.trouble and not walk.answered]
    raise_if(judge_troubles(silent, asked=len(walks)))
    log_troubles(silent)
