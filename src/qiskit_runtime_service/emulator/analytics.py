"""What an account has used: by instance, device, user or plan, and day by day.

Work is a job, a session or a batch. It counts for the instant at which it was created. Times are told in milliseconds
(B200).
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, TypeVar

import msgspec

from ..records.exchange import Response
from .identity import user_of, users_of
from .job_index import JobFilter
from .job_life import charged_seconds
from .requests import Call, flag, instant, word
from .responses import MALFORMED, json_response, milli, refuse
from .sessions import elapsed_seconds, session_jobs
from .world import EmulatedInstance, World, jobs_of, plan_name

Key = TypeVar("Key")

DAY = 24 * 3600.0
USUAL_DAYS = 28
Kind = Literal["individual_jobs", "session_jobs", "batch_sessions", "dedicated_sessions"]
JOBS = ("individual_jobs", "session_jobs")
SESSIONS = ("batch_sessions", "dedicated_sessions")


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose work it is. Each plan of an account counts as one subscription."""

    instance: str
    user_id: str
    plan: str
    subscription_id: str


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """One job, session or batch. Durations in seconds."""

    kind: Kind
    created: float
    used: float
    queued: float = 0.0
    """How long a job has waited, if it began."""
    owner: Owner
    backend: str
    simulator: bool


class WorkFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which work to keep. An empty set of words keeps all."""

    words: tuple[tuple[str, frozenset[str]], ...]
    """A key, and what may stand there."""
    simulators: bool
    first: float
    end: float


KEYS: dict[str, Callable[[Work], str]] = {
    "instance": lambda work: work.owner.instance,
    "backend": lambda work: work.backend,
    "user_id": lambda work: work.owner.user_id,
    "plan": lambda work: work.owner.plan,
    "subscription_id": lambda work: work.owner.subscription_id,
}
"""What work is grouped and narrowed by."""


def read_filters(world: World, call: Call) -> tuple[World, Response]:
    """List the words by which the other listings may be filtered."""
    mine = instances_of(world, call)
    plans = {instance.plan_id: plan_name(world, instance) for instance in mine}
    return world, json_response(
        {
            "backends": [
                {"name": name} for name in dict.fromkeys(name for instance in mine for name in instance.devices)
            ],
            "instances": [{"id": instance.crn, "deleted": False} for instance in mine],
            "users": [{"id": user} for user in users_of(world, call.account)],
            "plans": [{"name": name} for name in plans.values()],
            "subscriptions": [{"id": plan, "name": name} for plan, name in plans.items()],
        }
    )


def read_used(world: World, call: Call) -> tuple[World, Response]:
    """Tell what was used in all."""
    wanted = read_filter(call, -math.inf, math.inf)
    if wanted is None:
        return world, refuse(world, call, MALFORMED)
    return world, json_response(sum_up(find_work(world, call, wanted)))


def read_grouped(world: World, call: Call) -> tuple[World, Response]:
    """Tell what was used, one row for each key that has any."""
    wanted = read_filter(call, -math.inf, math.inf)
    group_by = KEYS.get(word(call, "group_by"))
    if wanted is None or group_by is None:
        return world, refuse(world, call, MALFORMED)
    groups = group(find_work(world, call, wanted), group_by)
    return world, json_response({"data": [{"key": key, **sum_up(work)} for key, work in groups.items()]})


def read_grouped_by_date(world: World, call: Call) -> tuple[World, Response]:
    """Tell what was used by instance, one row for each day, in UTC, and instance that have any."""
    end = (world.now // DAY + 1) * DAY
    wanted = read_filter(call, end - USUAL_DAYS * DAY, end)
    if wanted is None or word(call, "group_by") != "instance":
        return world, refuse(world, call, MALFORMED)
    groups = group(find_work(world, call, wanted), lambda work: (work.created // DAY * DAY, work.owner.instance))
    rows = [
        {"key": crn, "interval_start": milli(day), "interval_end": milli(day + DAY), **sum_up(work)}
        for (day, crn), work in sorted(groups.items())
    ]
    interval = {"interval_start": milli(wanted.first), "interval_end": milli(wanted.end)}
    return world, json_response(interval | {"data": rows})


def read_filter(call: Call, first: float, end: float) -> WorkFilter | None:
    """Read which work is wanted, with an interval for a query that names none; `None` if a date is none."""
    start, stop = word(call, "interval_start"), word(call, "interval_end")
    since, until = instant(start) if start else first, instant(stop) if stop else end
    if since is None or until is None:
        return None
    return WorkFilter(
        words=tuple((key, frozenset(call.query.get(key, ()))) for key in KEYS),
        simulators=flag(call, "simulators") is not False,
        first=since,
        end=until,
    )


def find_work(world: World, call: Call, wanted: WorkFilter) -> list[Work]:
    """Return the work of the caller's account that `wanted` keeps."""
    return [work for work in all_work(world, call) if keeps(wanted, work)]


def keeps(wanted: WorkFilter, work: Work) -> bool:
    """Tell whether a filter keeps this work."""
    return (
        wanted.first <= work.created < wanted.end
        and (wanted.simulators or not work.simulator)
        and all(not words or KEYS[key](work) in words for key, words in wanted.words)
    )


def all_work(world: World, call: Call) -> Iterator[Work]:
    """Return all work of the caller's account."""
    for instance in instances_of(world, call):
        owner = Owner(
            instance=instance.crn,
            user_id=user_of(call.account),
            plan=plan_name(world, instance),
            subscription_id=instance.plan_id,
        )
        for job in jobs_of(world, instance.crn).select(JobFilter(now=world.now)):
            began = job.starts_at <= min(world.now, job.ends_at)
            yield Work(
                kind="individual_jobs" if job.session is None else "session_jobs",
                created=job.created,
                used=charged_seconds(job, world.now),
                queued=job.starts_at - job.created if began else 0.0,
                owner=owned_by(owner, job.user),
                backend=job.device,
                simulator=is_simulator(world, job.device),
            )
        for session in [session for session in world.sessions.values() if session.crn == instance.crn]:
            yield Work(
                kind="batch_sessions" if session.mode == "batch" else "dedicated_sessions",
                created=session.created,
                used=elapsed_seconds(session, session_jobs(world, session), world.now),
                owner=owned_by(owner, session.user),
                backend=session.device,
                simulator=is_simulator(world, session.device),
            )


def owned_by(owner: Owner, user: str | None) -> Owner:
    """Return whose work it is that `user` did in an account of `owner`."""
    return owner if user is None else msgspec.structs.replace(owner, user_id=user)


def instances_of(world: World, call: Call) -> list[EmulatedInstance]:
    """Return the instances of the caller's account."""
    return [instance for instance in world.instances.values() if instance.account == call.account]


def is_simulator(world: World, device: str) -> bool:
    """Tell whether a device is a simulator; one that is not there any more is none."""
    return device in world.devices and world.devices[device].simulator


def group(work: Iterable[Work], key_of: Callable[[Work], Key]) -> dict[Key, list[Work]]:
    """Return work by key, in the order in which the keys come."""
    groups: dict[Key, list[Work]] = {}
    for item in work:
        groups.setdefault(key_of(item), []).append(item)
    return groups


def sum_up(work: Iterable[Work]) -> dict[str, float]:
    """Return the totals of some work."""
    held = list(work)
    jobs = [item for item in held if item.kind in JOBS]
    totals: dict[str, float] = {"usage": thousandfold(sum(job.used for job in jobs)), "jobs": len(jobs)}
    kinds = {"sessions": SESSIONS, **{kind: (kind,) for kind in (*SESSIONS, "individual_jobs")}}
    for name, members in kinds.items():
        used = [item.used for item in held if item.kind in members]
        totals |= {name: len(used), **describe_times(f"{name}_usage", used)}
    return totals | describe_times("queue_time", [job.queued for job in jobs])


def describe_times(name: str, seconds: list[float]) -> dict[str, float]:
    """Return sum, average and largest of some durations, in milliseconds."""
    total = sum(seconds)
    return {
        name: thousandfold(total),
        f"avg_{name}": thousandfold(total / len(seconds)) if seconds else 0,
        f"max_{name}": thousandfold(max(seconds, default=0.0)),
    }


def thousandfold(seconds: float) -> int:
    """Return milliseconds."""
    return round(1000 * seconds)
