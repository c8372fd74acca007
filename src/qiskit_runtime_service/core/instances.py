"""Decisions about instances: which to ask the catalog about, which to use, in which order."""

from collections.abc import Iterable
from operator import attrgetter

from returns.result import Failure, Result, Success

from ..records.instance import PRICING_ORDER, FoundInstance, Instance, InstancePreference, Plan, SearchPage
from ..records.problem import InstanceNotFound, NoInstanceMatches, NoInstances, NothingAllocated, Problem
from ..records.selection import Condition, Selection
from .selection import Filter, Score, select, sum_up

ALLOCATED = Filter[Instance](Condition("allocated", "equals", True), attrgetter("allocated"))


def next_cursor(page: SearchPage, seen: Iterable[str] = ()) -> str | None:
    """Return the cursor to search on with, or `None` after the last page.

    An empty page and a cursor that was followed before end the search too: a server that goes
    round in circles must not take us along.

    Source: behaviour B5, B283.
    """
    return page.cursor if page.cursor and (page.found or page.lost) and page.cursor not in seen else None


def plans_to_ask(found: Iterable[FoundInstance]) -> tuple[str, ...]:
    """Return each plan id once, in order of appearance. Unallocated instances need no plan."""
    return tuple(dict.fromkeys(instance.plan_id for instance in found if instance.allocated))


def join_plans(found: Iterable[FoundInstance], plans: Iterable[Plan]) -> tuple[Instance, ...]:
    """Give each instance the name and pricing of its plan, `unknown` where the catalog is silent."""
    known = {plan.id: plan for plan in plans}
    pairs = ((instance, known.get(instance.plan_id, Plan(id=instance.plan_id))) for instance in found)
    return tuple(
        Instance(
            crn=instance.crn,
            name=instance.name,
            plan=plan.name,
            pricing_type=plan.pricing_type,
            tags=instance.tags,
            allocated=instance.allocated,
            ignored=(*instance.ignored, *plan.ignored),
        )
        for instance, plan in pairs
    )


def rank_instances(instances: Iterable[Instance], preference: InstancePreference) -> Selection[Instance]:
    """Keep the instances that `preference` accepts, best first, and say why the others fall.

    Best is the earliest in `preference.plans`; without plans, the cheapest pricing type, with
    unknown types last. Ties keep their input order.

    Source: behaviour B6, B7, B8.
    """
    return select(instances, _filters(preference), (_score(preference),))


def require_instance(
    selection: Selection[Instance], preference: InstancePreference
) -> Result[tuple[Instance, ...], Problem]:
    """Return the ranked instances.

    Fails with:
        NoInstances: There was none to choose from.
        NoInstanceMatches: All were rejected; the problem counts why.
    """
    if selection.ranked:
        return Success(selection.items)
    if not selection.rejected:
        return Failure(NoInstances())
    regions = {rejection.item.region for rejection in selection.rejected if rejection.item.allocated}
    return Failure(
        NoInstanceMatches(
            preference=preference,
            considered=len(selection.rejected),
            shortfalls=sum_up(selection.rejected),
            regions=() if preference.region in (None, *regions) else tuple(sorted(regions)),
        )
    )


def find_instances(instances: Iterable[Instance], wanted: str) -> Result[tuple[Instance, ...], Problem]:
    """Return the instances with that CRN or that name, in input order.

    Several instances may share a name: all are used that have time allocated.

    Fails with:
        InstanceNotFound: There is none.
        NothingAllocated: None of them has time allocated.

    Source: behaviour B6, B9.
    """
    seen = tuple(instances)
    matches = tuple(instance for instance in seen if wanted in (instance.crn, instance.name))
    usable = tuple(instance for instance in matches if instance.allocated)
    if usable:
        return Success(usable)
    known = tuple(instance.name or instance.crn for instance in seen if instance.allocated)
    return Failure((NothingAllocated if matches else InstanceNotFound)(wanted=wanted, known=known))


def _filters(preference: InstancePreference) -> tuple[Filter[Instance], ...]:
    region, plans, tags = preference.region, _lower(preference.plans), _lower(preference.tags)
    return (
        ALLOCATED,
        *((Filter[Instance](Condition("region", "equals", region), attrgetter("region")),) if region else ()),
        *(Filter[Instance](Condition("tags", "contains", tag), lambda one: _lower(one.tags)) for tag in tags),
        *((Filter[Instance](Condition("plan", "one_of", plans), _lower_plan),) if plans else ()),
    )


def _score(preference: InstancePreference) -> Score[Instance]:
    if plans := _lower(preference.plans):
        return Score[Instance]("place in plans_preference", lambda instance: plans.index(_lower_plan(instance)) + 1)
    return Score[Instance]("place in pricing order", _pricing_place)


def _pricing_place(instance: Instance) -> int:
    pricing = instance.pricing_type.lower()
    return PRICING_ORDER.index(pricing) + 1 if pricing in PRICING_ORDER else len(PRICING_ORDER)


def _lower(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word.lower() for word in words)


def _lower_plan(instance: Instance) -> str:
    return instance.plan.lower()
