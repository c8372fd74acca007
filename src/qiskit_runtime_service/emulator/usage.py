"""What an instance has spent and may spend, and which versions of the interface there are."""

import math
from typing import Any

from ..records.exchange import Response
from .answers import json_answer, milli, told
from .calls import Call
from .world import EmulatedInstance, World, charged_seconds

PERIOD_SECONDS = 28 * 24 * 3600.0

VERSIONS: tuple[dict[str, str], ...] = (
    {"version": "2025-05-01", "sunset_date": "2027-01-01", "status": "deprecated"},
    {"version": "2026-03-15", "status": "live"},
    {"version": "2026-04-15", "status": "live"},
)


def read_usage(world: World, call: Call) -> tuple[World, Response]:
    """Tell what the instance has spent. Without limit and allocation it cannot reach a limit."""
    instance = world.instances[call.crn]
    start = world.now // PERIOD_SECONDS * PERIOD_SECONDS
    spent = spent_seconds(world, instance)
    limits = told(usage_limit_seconds=instance.limit, usage_allocation_seconds=instance.allocation)
    body: dict[str, Any] = {
        "instance_id": instance.crn,
        "plan_id": instance.plan_id,
        "usage_period": {"start_time": milli(start), "end_time": milli(start + PERIOD_SECONDS)},
        "usage_consumed_seconds": spent,
        **limits,
    }
    return world, json_answer(body | {"usage_limit_reached": spent >= limit_of(instance)} if limits else body)


def read_instance(world: World, call: Call) -> tuple[World, Response]:
    """Tell what the instance has. Seconds are texts here."""
    instance = world.instances[call.crn]
    limits = told(
        instance_limit=instance.limit,
        instance_limit_seconds=None if instance.limit is None else f"{instance.limit:g}",
        usage_allocation_seconds=None if instance.allocation is None else f"{instance.allocation:g}",
    )
    return world, json_answer({"backends": instance.devices, "plan_id": instance.plan_id, **limits})


def read_versions(world: World, _: Call) -> tuple[World, Response]:
    """List the versions of the interface. Anybody may ask."""
    return world, json_answer({"versions": VERSIONS})


def spent_seconds(world: World, instance: EmulatedInstance) -> float:
    """Return the time that is charged for all jobs that came to their end. It never falls."""
    jobs = world.jobs.get(instance.crn, {}).values()
    return instance.consumed + sum(charged_seconds(each, world.now) for each in jobs)


def limit_reached(world: World, instance: EmulatedInstance) -> bool:
    """Tell whether the instance may not submit any more."""
    limit = limit_of(instance)
    return limit < math.inf and spent_seconds(world, instance) >= limit


def limit_of(instance: EmulatedInstance) -> float:
    """Return what the instance may spend: its own limit counts before the allocation."""
    limits = (instance.limit, instance.allocation)
    return next((each for each in limits if each is not None), math.inf)
