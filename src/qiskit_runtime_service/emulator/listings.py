"""Listing jobs: filters, order, pages. Filters look only at what is known without an outcome."""

import math
from collections.abc import Callable, Collection

import msgspec

from ..records.exchange import Response
from .answers import MALFORMED, json_answer, refuse
from .calls import Call, flag, instant, whole_number, word
from .jobs import describe_job
from .world import EmulatedJob, World

LARGEST_PAGE = 200
Filter = Callable[[EmulatedJob], bool]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a listing. `count` is the number of all jobs that match."""

    jobs: tuple[EmulatedJob, ...]
    count: int
    limit: int
    offset: int


def list_jobs(world: World, call: Call) -> tuple[World, Response]:
    """List one page of the jobs of the instance, newest first unless asked otherwise."""
    page = find_page(world, call)
    if page is None:
        return world, refuse(world, call, MALFORMED)
    with_params = flag(call, "exclude_params") is False
    described = [describe_job(world, call.account, each, with_params=with_params) for each in page.jobs]
    return world, json_answer({"jobs": described, "count": page.count, "limit": page.limit, "offset": page.offset})


def find_page(world: World, call: Call) -> Page | None:
    """Return the page that was asked for, or `None` if a date in the query is none."""
    filters = read_filters(world, call)
    if filters is None:
        return None
    limit = whole_number(call, "limit", least=1, most=LARGEST_PAGE, default=LARGEST_PAGE)
    offset = whole_number(call, "offset", least=0, most=2**31, default=0)
    # Without a filter nothing is looked at but the page: an instance may hold very many jobs.
    matching: Collection[EmulatedJob] = world.jobs.get(call.crn, {}).values()
    for keep in filters:
        matching = list(filter(keep, matching))
    oldest_first = list(matching)
    ordered = oldest_first if word(call, "sort").upper() == "ASC" else oldest_first[::-1]
    return Page(jobs=tuple(ordered[offset : offset + limit]), count=len(matching), limit=limit, offset=offset)


def read_filters(world: World, call: Call) -> list[Filter] | None:
    """Return what the query asks of each job, or `None` if a date is none."""
    filters: list[Filter] = []
    mocks = {name for name, each in world.devices.items() if each.mock}
    if mocks and not flag(call, "include_mocks"):
        filters.append(lambda job: job.device not in mocks)
    if backend := word(call, "backend"):
        filters.append(lambda job: job.device == backend)
    if program := word(call, "program"):
        filters.append(lambda job: job.program == program)
    if session := word(call, "session_id"):
        filters.append(lambda job: job.session == session)
    if tags := set(call.query.get("tags", ())):
        filters.append(lambda job: tags.issubset(job.tags))
    pending = flag(call, "pending")
    if pending is not None:
        filters.append(lambda job: (job.ends_at > world.now) is pending)
    return read_dates(call, filters)


def read_dates(call: Call, filters: list[Filter]) -> list[Filter] | None:
    """Add what the query asks of the date of each job; both ends are included."""
    after, before = word(call, "created_after"), word(call, "created_before")
    earliest, latest = (instant(each) if each else None for each in (after, before))
    if (after and earliest is None) or (before and latest is None):
        return None
    first = -math.inf if earliest is None else earliest
    last = math.inf if latest is None else latest
    return [*filters, lambda job: first <= job.created <= last] if after or before else filters
