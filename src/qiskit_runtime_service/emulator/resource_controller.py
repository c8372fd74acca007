"""The Resource Controller, which tells of instances by CRN or by name."""

from typing import Any
from urllib.parse import quote, urlencode

from ..records.exchange import Response
from .discovery import read_cursor, write_cursor
from .requests import Call, whole_number, word
from .responses import BAD_CURSOR, UNKNOWN_INSTANCE, json_response, refuse, without_none
from .usage import whole
from .world import EmulatedInstance, World

PATH = "/v2/resource_instances"


def list_resources(world: World, call: Call) -> tuple[World, Response]:
    """List one page of the caller's instances, all or those of one name.

    Source: behaviour B276.
    """
    start = read_cursor(word(call, "start"))
    if start is None:
        return world, refuse(world, call, BAD_CURSOR)
    limit = whole_number(call, "limit", least=1, most=world.page_size, default=world.page_size)
    name = word(call, "name")
    held = [
        instance
        for instance in world.instances.values()
        if instance.account == call.account and name in ("", instance.name)
    ]
    end = start + limit
    page = [describe_resource(instance) for instance in held[start:end]]
    query = urlencode(without_none(limit=limit, name=name or None, start=write_cursor(end)))
    next_url = f"{PATH}?{query}" if end < len(held) else None
    return world, json_response({"rows_count": len(page), "next_url": next_url, "resources": page})


def read_resource(world: World, call: Call) -> tuple[World, Response]:
    """Tell of one instance of the caller, by its CRN or by the unique part of it.

    Source: behaviour B276.
    """
    wanted = call.names[0]
    for instance in world.instances.values():
        if instance.account == call.account and wanted in (instance.crn, unique_part(instance.crn)):
            return world, json_response(describe_resource(instance))
    return world, refuse(world, call, UNKNOWN_INSTANCE)


def unique_part(crn: str) -> str:
    """Return what a CRN has of its own."""
    return crn.split(":")[7]


def describe_resource(instance: EmulatedInstance) -> dict[str, Any]:
    """Return an instance as the Resource Controller tells it. What it was given stands in `extensions`."""
    segments = instance.crn.split(":")
    given = {
        "backends": instance.devices,
        "instance_limit_seconds": whole(instance.limit),
        "usage_allocation_seconds": whole(instance.allocation),
    }
    return {
        "id": instance.crn,
        "guid": unique_part(instance.crn),
        "url": f"{PATH}/{quote(instance.crn, safe='')}",
        "crn": instance.crn,
        "name": instance.name,
        "account_id": instance.account,
        "region_id": segments[5],
        "resource_id": segments[4],
        "resource_plan_id": instance.plan_id,
        "type": "service_instance",
        "state": "active",
        "extensions": given if instance.allocated else {},
    }
