"""Which path leads where. Anything may stand before a path: hosts and base URLs differ, the ends do not."""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import msgspec

from ..records.exchange import Request, Response
from .analytics import read_filters, read_grouped, read_grouped_by_date, read_used
from .backends import list_backends, read_configuration, read_defaults, read_properties, read_status
from .coming import changes_of_instance, changes_of_job, changes_of_session, never_changes
from .discovery import read_plan, search
from .identity import exchange_key, find_caller
from .jobs import cancel_job, delete_job, read_job, read_logs, read_metrics, read_results, replace_tags, search_tags
from .listings import list_jobs
from .needs import Need, needs_nothing, needs_of_device, needs_of_job, needs_of_page, needs_of_workloads
from .requests import Call, read_query, read_segments, split_url
from .resource_controller import list_resources, read_resource
from .responses import FOREIGN_INSTANCE, NO_AUTHORIZATION, NO_INSTANCE, UNKNOWN_PATH, WRONG_METHOD, refuse
from .sessions import cancel_session, change_session, create_session, read_session
from .submissions import create_job
from .usage import read_account, read_instance, read_limit, read_usage, read_versions, set_limit
from .workloads import list_workloads
from .world import World

Handler = Callable[[World, Call], tuple[World, Response]]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of path: the segments that it ends in, who may take it, and what it leads to."""

    end: tuple[str, ...]
    """`*` stands for any one segment."""
    handlers: Mapping[str, Handler]
    """By method."""
    guard: Literal["open", "account", "instance"] = "instance"
    needs: Callable[[World, Call], tuple[Need, ...]] = needs_nothing
    """What a GET must be given."""
    changes: Callable[[World, Call], Iterable[float]] = never_changes
    """When time alone may change what a GET is answered."""


def route(
    end: str,
    guard: Literal["open", "account", "instance"] = "instance",
    needs: Callable[[World, Call], tuple[Need, ...]] = needs_nothing,
    changes: Callable[[World, Call], Iterable[float]] = never_changes,
    **handlers: Handler,
) -> Route:
    """Return the route of all paths that end so."""
    return Route(end=tuple(end.split("/")), guard=guard, needs=needs, changes=changes, handlers=handlers)


CATALOG = route("*", "account", GET=read_plan)

ROUTES = (
    route("v3/resources/search", "account", POST=search),
    route("v2/resource_instances/*", "account", GET=read_resource),
    route("backends/*/configuration", needs=needs_of_device, GET=read_configuration),
    route("backends/*/properties", needs=needs_of_device, GET=read_properties),
    route("backends/*/status", GET=read_status),
    route("backends/*/defaults", GET=read_defaults),
    route("jobs/*/results", needs=needs_of_job, changes=changes_of_job, GET=read_results),
    route("jobs/*/logs", needs=needs_of_job, changes=changes_of_job, GET=read_logs),
    route("jobs/*/metrics", needs=needs_of_job, changes=changes_of_job, GET=read_metrics),
    route("jobs/*/cancel", POST=cancel_job),
    route("jobs/*/tags", PUT=replace_tags),
    route("sessions/*/close", DELETE=cancel_session),
    route("identity/token", "open", POST=exchange_key),
    route("v2/resource_instances", "account", GET=list_resources),
    route("instances/usage", changes=changes_of_instance, GET=read_usage),
    route("instances/configuration", GET=read_limit, PUT=set_limit),
    route("analytics/filters", GET=read_filters),
    route("analytics/usage", GET=read_used),
    route("analytics/usage_grouped", GET=read_grouped),
    route("analytics/usage_grouped_by_date", GET=read_grouped_by_date),
    route("accounts/*", "account", GET=read_account),
    route("sessions/*", changes=changes_of_session, GET=read_session, PATCH=change_session),
    route("jobs/*", needs=needs_of_job, changes=changes_of_job, GET=read_job, DELETE=delete_job),
    route("jobs", needs=needs_of_page, changes=changes_of_instance, GET=list_jobs, POST=create_job),
    route("backends", GET=list_backends),
    route("sessions", POST=create_session),
    route("workloads", needs=needs_of_workloads, changes=changes_of_instance, GET=list_workloads),
    route("instance", GET=read_instance),
    route("tags", GET=search_tags),
    route("versions", "open", GET=read_versions),
)
"""Longest first, so that a job called `jobs` is still a job."""


def admit(world: World, request: Request) -> tuple[Route, Call] | Response:
    """Find what a request is about and whether its sender may ask; else return the refusal.

    Anybody may ask which methods a path takes.

    Source: behaviour B342.
    """
    path, query = split_url(request.url)
    call = Call(request=request, query=read_query(query))
    segments = read_segments(path)
    found = find_route(world, segments)
    if found is None:
        return refuse(world, call, UNKNOWN_PATH)
    allowed = (("Allow", ", ".join(methods_of(found))),)
    if request.method == "OPTIONS":
        return Response(status=204, headers=allowed)
    if request.method not in found.handlers:
        return refuse(world, call, WRONG_METHOD, headers=allowed)
    ends = segments[-len(found.end) :]
    names = tuple(given for given, wanted in zip(ends, found.end, strict=True) if wanted == "*")
    call = msgspec.structs.replace(call, names=names)
    if found.guard == "open":
        return found, call
    caller = find_caller(world, request)
    if caller is None:
        return refuse(world, call, NO_AUTHORIZATION)
    call = msgspec.structs.replace(call, account=caller.account, user=caller.user)
    return (found, call) if found.guard == "account" else admit_to_instance(world, found, call)


def methods_of(found: Route) -> tuple[str, ...]:
    """Return the methods that a path takes."""
    heads = ("HEAD",) if "GET" in found.handlers else ()
    return (*found.handlers, *heads, "OPTIONS")


def admit_to_instance(world: World, found: Route, call: Call) -> tuple[Route, Call] | Response:
    """Check that the caller names an instance and that it is the caller's own."""
    crn = call.request.header("Service-CRN")
    if crn is None:
        return refuse(world, call, NO_INSTANCE)
    instance = world.instances.get(crn)
    if instance is None or instance.account != call.account:
        return refuse(world, call, FOREIGN_INSTANCE)
    return found, msgspec.structs.replace(call, crn=crn)


def find_route(world: World, segments: tuple[str, ...]) -> Route | None:
    """Return the longest route that the path ends in; a path that ends in a plan leads to the catalog."""
    for candidate in ROUTES:
        if fits(candidate.end, segments[-len(candidate.end) :]):
            return candidate
    return CATALOG if segments[-1] in world.plans else None


def fits(end: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    """Tell whether `segments` are what `end` describes."""
    return len(end) == len(segments) and all(
        wanted in ("*", given) for wanted, given in zip(end, segments, strict=True)
    )
