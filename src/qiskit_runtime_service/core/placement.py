"""The choice for other schedulers: instances and backends at once, from plain data to plain data."""

from collections.abc import Mapping, Sequence
from math import inf

from returns.result import Failure, Result, Success

from ..records.backend import BackendRow
from ..records.instance import Instance, InstancePreference
from ..records.placement import InstancePlace, Place, Placement, PlacementQuery, PlacementRequest, Refusal
from ..records.problem import BadArgument, Problem
from ..records.selection import Condition, Rejected, Selection
from .backends import build_query, require_available, select_backends
from .instances import rank_instances
from .ranking import build_scores, read_ranking, show_scores
from .selection import describe_rejection, describe_shortfall, sum_up
from .where import read_where

NOT_GIVEN = Condition("given", "equals", True)
"""What an instance is not that a backend names, but the request does not."""


def decide_placement(request: PlacementRequest, now: float) -> Result[Placement, Problem]:
    """Rank the backends that fit, best first, and say why the others do not.

    Backends of better instances come first among equal ones. Only what the listing tells can be asked.

    Args:
        request: What there is, and what is wanted.
        now: Seconds since the epoch.

    Fails with:
        BadArgument: What is asked cannot be meant.
        UnknownFilter: Backends do not have an attribute that is asked about.

    Source: behaviour B243.
    """
    query = request.query
    ranking = read_ranking(query.order)
    conditions = Success(()) if query.where is None else read_where(query.where)
    built = conditions.bind(lambda read: build_query(include_mocks=True, conditions=(*read, *query.conditions)))
    match ranking, built:
        case (Failure(problem), _) | (_, Failure(problem)):
            return Failure(problem)
    wanted = built.unwrap()
    if beyond := (*wanted.configuration, *wanted.status):
        return Failure(BadArgument(name="where", value=beyond[0].field, wanted="about what listings tell"))
    if (query.region or query.plans or query.tags) and not request.instances:
        return Failure(
            BadArgument(name="instances", value="empty", wanted="given where region, plans or tags are asked")
        )
    instances = rank_instances(request.instances, preference_of(query))
    rows, strangers = _by_instance(request.backends, instances) if request.instances else (request.backends, ())
    selection = select_backends(
        rows, require_available(wanted) if query.available else wanted, build_scores(ranking.unwrap(), now)
    )
    return Success(describe_placement(selection, strangers, instances))


def preference_of(query: PlacementQuery) -> InstancePreference:
    """Return what is asked of instances."""
    return InstancePreference(region=query.region, plans=query.plans, tags=query.tags)


def describe_placement(
    selection: Selection[BackendRow],
    strangers: Sequence[Refusal] = (),
    instances: Selection[Instance] | None = None,
) -> Placement:
    """Return a selection as plain data.

    Args:
        selection: How the backends were chosen.
        strangers: Backends whose instances are not used.
        instances: How the instances were chosen.
    """
    names = selection.score_names
    ranked = tuple(
        Place(
            rank=rank,
            backend=candidate.item.name,
            instance=candidate.item.instance,
            scores=tuple(None if score == inf else score for score in candidate.scores),
            reason=show_scores(names, candidate.scores),
        )
        for rank, candidate in enumerate(selection.ranked, 1)
    )
    return Placement(
        chosen=ranked[0] if ranked else None,
        summary=_sum_up(selection, len(strangers)),
        order=names,
        ranked=ranked,
        rejected=(*strangers, *map(_refuse, selection.rejected)),
        instances=() if instances is None else _places_of(instances),
    )


def _by_instance(
    rows: Sequence[BackendRow], instances: Selection[Instance]
) -> tuple[Sequence[BackendRow], tuple[Refusal, ...]]:
    """Return the backends of instances that are used, those of better ones first, and the others with the reason."""
    ranks = _ranks_of(instances)
    reasons = {key: rejection for rejection in instances.rejected for key in (rejection.item.crn, rejection.item.name)}
    kept = sorted((row for row in rows if row.instance in ranks), key=lambda row: ranks[row.instance])
    return kept, tuple(_refuse_stranger(row, reasons) for row in rows if row.instance not in ranks)


def _ranks_of(instances: Selection[Instance]) -> dict[str, int]:
    """Return the rank of each instance by CRN and, where it has one, by name; the best has a name that is shared."""
    ranks: dict[str, int] = {}
    for rank, instance in enumerate(instances.items):
        ranks.setdefault(instance.crn, rank)
        if instance.name:
            ranks.setdefault(instance.name, rank)
    return ranks


def _refuse(rejected: Rejected[BackendRow]) -> Refusal:
    condition = rejected.condition
    return Refusal(
        backend=rejected.item.name,
        instance=rejected.item.instance,
        reason=describe_rejection(rejected),
        field=condition.field,
        comparison=condition.comparison,
        wanted=condition.wanted,
        found=rejected.found,
    )


def _refuse_stranger(row: BackendRow, reasons: Mapping[str, Rejected[Instance]]) -> Refusal:
    """Say why the instance of a backend is not used."""
    rejected = reasons.get(row.instance)
    if rejected is None:
        condition, found, reason = NOT_GIVEN, False, "its instance is not among those given"
    else:
        condition, found = rejected.condition, rejected.found
        reason = f"its instance is not used: {describe_rejection(rejected)}"
    return Refusal(
        backend=row.name,
        instance=row.instance,
        reason=reason,
        field=f"instance.{condition.field}",
        comparison=condition.comparison,
        wanted=condition.wanted,
        found=found,
    )


def _places_of(instances: Selection[Instance]) -> tuple[InstancePlace, ...]:
    ranked = [
        (candidate.item, rank, show_scores(instances.score_names, candidate.scores))
        for rank, candidate in enumerate(instances.ranked, 1)
    ]
    fallen = [(rejection.item, None, describe_rejection(rejection)) for rejection in instances.rejected]
    return tuple(
        InstancePlace(instance=instance.crn, name=instance.name, rank=rank, reason=reason)
        for instance, rank, reason in [*ranked, *fallen]
    )


def _sum_up(selection: Selection[BackendRow], strangers: int) -> str:
    rejected = len(selection.rejected) + strangers
    total = len(selection.ranked) + rejected
    if selection.chosen is not None:
        return f"{selection.chosen.name} is the best of {len(selection.ranked)}; {rejected} of {total} do not fit"
    reasons = [describe_shortfall(shortfall) for shortfall in sum_up(selection.rejected)]
    if strangers:
        reasons.insert(0, f"{strangers} are of instances that are not used")
    return f"0 of {total} backends match: {', '.join(reasons)}" if total else "There are no backends"
