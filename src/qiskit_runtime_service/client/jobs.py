"""Listings of jobs: what is asked of each instance, page by page, and no further than somebody reads."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import TypedDict

from returns.result import Failure, Result, Success

from ..core.jobs import PAGE_LIMIT, first_page, merge_listings, next_page, query_for_each
from ..records.job import Job, JobPage, JobQuery
from ..records.problem import BadArgument, Problem
from .parallel import gather
from .raising import value_or_raise
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


def list_jobs(client: Client, crns: Sequence[str], query: JobQuery) -> list[Job]:
    """Return the jobs of all instances, merged by date. They are listed at once.

    Raises what the first listing that fails raises.
    """
    if len(crns) == 1:
        return [*walk_jobs(client, crns[0], query)]
    query_for_one = query_for_each(query)

    def list_one(crn: str) -> list[Job]:
        return [*walk_jobs(client, crn, query_for_one)]

    return [*merge_listings(gather([partial(list_one, crn) for crn in crns]), query)]


def iterate_jobs(client: Client, crns: Sequence[str], query: JobQuery) -> Iterator[Job]:
    """Yield the jobs of all instances, merged by date. After the first pages, one is asked for when it is read."""
    if len(crns) == 1:
        yield from walk_jobs(client, crns[0], query)
        return
    walks = [walk_jobs(client, crn, query_for_each(query)) for crn in crns]
    heads = gather([partial(next, walk, None) for walk in walks])
    begun = [chain([head], walk) for head, walk in zip(heads, walks, strict=True) if head is not None]
    yield from merge_listings(begun, query)


def walk_jobs(client: Client, crn: str, query: JobQuery) -> Iterator[Job]:
    """Yield the jobs of one instance, page by page. Nothing is asked before the first is wanted.

    Source: behaviour B44, B283.
    """
    seen: set[str] = set()
    lost, barren = 0, False
    step = first_page(query)
    while step is not None:
        page = value_or_raise(client.jobs(crn, query, step.limit, step.offset))
        # A server that sends what we have already has come to its end, whatever it counts; one that
        # sends more than it was asked for is cut.
        fresh = [*{job.id: job for job in page.jobs if job.id not in seen}.values()][: step.limit]
        seen.update(job.id for job in fresh)
        yield from fresh
        # Two pages on end of which nothing can be read are the end too: who sends nothing else may go on so.
        unread = page.lost if fresh or not (page.jobs or barren) else 0
        lost, barren = lost + unread, not fresh
        step = next_page(query, len(seen), JobPage(jobs=tuple(fresh), count=page.count, lost=unread), lost)
