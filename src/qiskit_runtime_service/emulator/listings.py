"""Listing jobs: filters, order, pages. Filters look only at what is known without an outcome."""

import math

import msgspec

from ..records.exchange import Response
from .job_index import JobFilter, Mark
from .job_life import EmulatedJob
from .jobs import describe_job, view_of
from .requests import Call, flag, instant, whole_number, word
from .responses import MALFORMED, json_response, refuse
from .world import World, jobs_of

LARGEST_PAGE = 200


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
    view = view_of(world, call, with_params=flag(call, "exclude_params") is False)
    described = [describe_job(job, view) for job in page.jobs]
    return world, json_response({"jobs": described, "count": page.count, "limit": page.limit, "offset": page.offset})


def find_page(world: World, call: Call) -> Page | None:
    """Return the page that was asked for, or `None` if a date in the query is none."""
    wanted = read_filter(world, call)
    if wanted is None:
        return None
    limit = whole_number(call, "limit", least=1, most=LARGEST_PAGE, default=LARGEST_PAGE)
    offset = whole_number(call, "offset", least=0, most=2**31, default=0)
    oldest_first = word(call, "sort").upper() == "ASC"
    jobs, count = jobs_of(world, call.crn).page(wanted, limit=limit, offset=offset, oldest_first=oldest_first)
    return Page(jobs=jobs, count=count, limit=limit, offset=offset)


def read_filter(world: World, call: Call) -> JobFilter | None:
    """Return what the query asks of each job, or `None` if a date is none."""
    fields = (("device", "backend"), ("program", "program"), ("session", "session_id"))
    named = [(field, word(call, key)) for field, key in fields if word(call, key)]
    return read_dates(
        call,
        JobFilter(
            now=world.now,
            has=(*named, *(("tag", tag) for tag in call.query.get("tags", ()))),
            lacks=hidden_marks(world, call),
            pending=flag(call, "pending"),
        ),
    )


def hidden_marks(world: World, call: Call) -> tuple[Mark, ...]:
    """Return the marks of jobs on mock devices, which are listed only when asked for."""
    if flag(call, "include_mocks"):
        return ()
    return tuple(("device", name) for name, device in world.devices.items() if device.mock)


def read_dates(call: Call, wanted: JobFilter) -> JobFilter | None:
    """Add what the query asks of the date of each job; both ends are included."""
    after, before = word(call, "created_after"), word(call, "created_before")
    first = instant(after) if after else -math.inf
    last = instant(before) if before else math.inf
    if first is None or last is None:
        return None
    return msgspec.structs.replace(wanted, first=first, last=last)
