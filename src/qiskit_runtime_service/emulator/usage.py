"""What an instance has spent and may spend, and which versions of the interface there are."""

import math
from typing import Annotated, Any

import msgspec

from ..records.exchange import Response
from .job_life import in_units, whole_seconds
from .plans import counts_from, longest_session
from .requests import Call, read_body, word
from .responses import FOREIGN_ACCOUNT, MALFORMED, NO_CONTENT, SPENT_MORE, json_response, milli, refuse, without_none
from .session_life import PAUSE
from .world import HOUR, EmulatedInstance, World, jobs_of, plan_name

VERSIONS: tuple[dict[str, str], ...] = (
    {"version": "2024-01-01", "sunset_date": "2027-01-01", "status": "deprecated"},
    {"version": "2025-01-01", "sunset_date": "2027-01-01", "status": "deprecated"},
    {"version": "2025-05-01", "sunset_date": "2027-01-01", "status": "deprecated"},
    {"version": "2026-02-01", "sunset_date": "2027-02-01", "status": "deprecated"},
    {"version": "2026-02-15", "sunset_date": "2027-02-15", "status": "deprecated"},
    {"version": "2026-03-15", "status": "live"},
    {"version": "2026-04-15", "status": "live"},
)


def read_usage(world: World, call: Call) -> tuple[World, Response]:
    """Tell what the instance has spent. Without limit and allocation it cannot reach a limit.

    Source: behaviour B529, B532.
    """
    instance = world.instances[call.crn]
    start = counts_from(plan_name(world, instance), world.now)
    period = {"start_time": milli(max(0.0, start)), "end_time": milli(world.now)}
    spent, unit = spent_seconds(world, instance), world.seconds_per_unit
    limits = without_none(
        usage_limit_seconds=whole(instance.limit), usage_allocation_seconds=whole(instance.allocation)
    )
    body: dict[str, Any] = {
        "instance_id": instance.crn,
        "plan_id": instance.plan_id,
        **without_none(usage_period=None if start == -math.inf else period),
        "usage_consumed_seconds": spent,
        **limits,
        **without_none(
            usage_consumed_ru=in_units(spent, unit),
            usage_limit_ru=in_units(instance.limit, unit),
            usage_allocation_ru=in_units(instance.allocation, unit),
        ),
    }
    return world, json_response(body | {"usage_limit_reached": spent >= limit_of(instance)} if limits else body)


def whole(bound: float | None) -> int | None:
    """Return seconds that may be spent as they are told, if there is a bound: a begun one is none."""
    return None if bound is None else int(bound)


def read_instance(world: World, call: Call) -> tuple[World, Response]:
    """Tell what the instance has. Seconds are texts here."""
    instance = world.instances[call.crn]
    unit = world.seconds_per_unit
    limits = without_none(
        instance_limit_ru=in_units(instance.limit, unit),
        usage_allocation_ru=in_units(instance.allocation, unit),
        instance_limit=whole(instance.limit),
        instance_limit_seconds=None if instance.limit is None else f"{instance.limit:g}",
        usage_allocation_seconds=None if instance.allocation is None else f"{instance.allocation:g}",
    )
    return world, json_response({"backends": instance.devices, "plan_id": instance.plan_id, **limits})


class LimitBody(msgspec.Struct, frozen=True):
    """The body that sets the limit of an instance; `None` takes it away."""

    instance_limit: Annotated[int, msgspec.Meta(ge=1)] | None


def read_limit(world: World, call: Call) -> tuple[World, Response]:
    """Tell what the owner of the instance lets it spend."""
    return world, json_response({"instance_limit": whole(world.instances[call.crn].limit)})


def set_limit(world: World, call: Call) -> tuple[World, Response]:
    """Set what the instance may spend, unless it has spent more already.

    Source: behaviour B137.
    """
    body = read_body(call.request.body, LimitBody)
    if body is None:
        return world, refuse(world, call, MALFORMED)
    limit = body.instance_limit
    instance = world.instances[call.crn]
    if limit is not None and spent_seconds(world, instance) > limit:
        return world, refuse(world, call, SPENT_MORE)
    limited = msgspec.structs.replace(instance, limit=None if limit is None else float(limit))
    instances = {**world.instances, call.crn: limited}
    return msgspec.structs.replace(world, instances=instances), NO_CONTENT


def read_account(world: World, call: Call) -> tuple[World, Response]:
    """Tell what the caller's account may do and spend, plan by plan, or for the one plan that is named."""
    if call.names[0] != call.account:
        return world, refuse(world, call, FOREIGN_ACCOUNT)
    held = [instance for instance in world.instances.values() if instance.account == call.account]
    wanted = word(call, "plan_id")
    plan_ids = [plan_id for plan_id in dict.fromkeys(instance.plan_id for instance in held) if wanted in ("", plan_id)]
    return world, json_response({"plans": [describe_plan_use(world, plan_id, held) for plan_id in plan_ids]})


def describe_plan_use(world: World, plan_id: str, held: list[EmulatedInstance]) -> dict[str, Any]:
    """Return what the instances of one plan may do and spend together. A plan counts as one subscription."""
    mine = [instance for instance in held if instance.plan_id == plan_id]
    plan = world.plans.get(plan_id)
    longest = longest_session("" if plan is None else plan.name)
    allocations = [instance.allocation for instance in mine if instance.allocation is not None]
    limits = [instance.limit for instance in mine if instance.limit is not None]
    return {
        "plan_id": plan_id,
        "subscription_id": plan_id,
        "subscription_name": "unknown" if plan is None else plan.name,
        "backends": list(dict.fromkeys(name for instance in mine for name in instance.devices)),
        "max_ttl": longest,
        "active_ttl": longest,
        "interactive_ttl": PAUSE,
        **without_none(
            usage_allocation_seconds=int(sum(allocations)) if allocations else None,
            usage_limit_seconds=int(sum(limits)) if limits else None,
            unallocated_usage_seconds=0 if allocations else None,
        ),
    }


def read_versions(world: World, _: Call) -> tuple[World, Response]:
    """List the versions of the interface. Anybody may ask."""
    return world, json_response({"versions": VERSIONS})


def spent_seconds(world: World, instance: EmulatedInstance) -> int:
    """Return the time that is charged for all jobs that came to their end, as far as it counts still.

    Source: behaviour B135, B529.
    """
    since = counts_from(plan_name(world, instance), world.now)
    dropped = sum(seconds for hour, seconds in instance.dropped.items() if (hour + 1) * HOUR > since)
    return whole_seconds(instance.consumed) + dropped + jobs_of(world, instance.crn).charged(world.now, since)


def limit_reached(world: World, instance: EmulatedInstance) -> bool:
    """Tell whether the instance may not submit any more."""
    limit = limit_of(instance)
    return limit < math.inf and spent_seconds(world, instance) >= limit


def limit_of(instance: EmulatedInstance) -> float:
    """Return what the instance may spend: its own limit counts before the allocation."""
    limits = (instance.limit, instance.allocation)
    return next((limit for limit in limits if limit is not None), math.inf)
