"""Global Search, which finds the instances of an account, and Global Catalog, which tells their plans."""

from base64 import b64decode, b64encode
from typing import Any

import msgspec

from ..records.exchange import Response
from .requests import Call, read_body, whole_number
from .responses import ARCHIVED_PLAN, BAD_CURSOR, MALFORMED, json_response, refuse, without_none
from .world import EmulatedInstance, EmulatedPlan, World

CURSOR = "cursor-"


class Search(msgspec.Struct, frozen=True):
    """The body of a search. Its query is not evaluated: the emulated cloud sells nothing else."""

    fields: tuple[str, ...] | None = None
    search_cursor: str | None = None


def search(world: World, call: Call) -> tuple[World, Response]:
    """List one page of the caller's instances."""
    wanted = read_body(call.request.body, Search)
    if wanted is None:
        return world, refuse(world, call, MALFORMED)
    start = read_cursor(wanted.search_cursor)
    if start is None:
        return world, refuse(world, call, BAD_CURSOR)
    limit = whole_number(call, "limit", least=1, most=world.page_size, default=world.page_size)
    mine = [instance for instance in world.instances.values() if instance.account == call.account]
    end = start + limit
    page = [keep_fields(describe_instance(instance), wanted.fields) for instance in mine[start:end]]
    cursor = write_cursor(end) if end < len(mine) else None
    return world, json_response(without_none(items=page, limit=limit, search_cursor=cursor))


def write_cursor(position: int) -> str:
    """Return the cursor of the page that starts at `position`."""
    return b64encode(f"{CURSOR}{position}".encode()).decode()


def read_cursor(cursor: str | None) -> int | None:
    """Return where a page starts, or `None` for a cursor that was never given."""
    if not cursor:
        return 0
    try:
        position = int(b64decode(cursor.encode(), validate=True).decode().removeprefix(CURSOR))
    except ValueError:
        return None
    return position if write_cursor(position) == cursor and position > 0 else None


def describe_instance(instance: EmulatedInstance) -> dict[str, Any]:
    """Return an instance as the search tells it. Without allocation its document is empty."""
    return {
        "crn": instance.crn,
        "name": instance.name,
        "service_plan_unique_id": instance.plan_id,
        "doc": {"extensions": describe_allocation(instance)} if instance.allocated else {},
        "tags": instance.tags,
    }


def describe_allocation(instance: EmulatedInstance) -> dict[str, Any]:
    """Return what an instance was given. Seconds are texts here, as in the samples."""
    limits = without_none(instance_limit_seconds=instance.limit, usage_allocation_seconds=instance.allocation)
    return {"backends": instance.devices} | {key: f"{seconds:g}" for key, seconds in limits.items()}


def keep_fields(item: dict[str, Any], fields: tuple[str, ...] | None) -> dict[str, Any]:
    """Return only the fields that were asked for; all if none were named."""
    return item if fields is None else {key: value for key, value in item.items() if key in fields}


def read_plan(world: World, call: Call) -> tuple[World, Response]:
    """Describe one plan, unless it is not sold any more."""
    plan = world.plans[call.names[0]]
    if plan.archived:
        return world, refuse(world, call, ARCHIVED_PLAN)
    return world, json_response(describe_plan(plan))


def describe_plan(plan: EmulatedPlan) -> dict[str, Any]:
    """Return a plan as the catalog tells it."""
    text = f"{plan.name} plan of an emulated cloud"
    titles = without_none(display_name=plan.display_name, description=text, long_description=text)
    pricing = without_none(type=plan.pricing_type, origin="global_catalog")
    return {
        "id": plan.id,
        "name": plan.name,
        "kind": "plan",
        "active": True,
        "overview_ui": {"en": titles},
        "metadata": {"pricing": pricing},
    }
