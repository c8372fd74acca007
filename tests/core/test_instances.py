"""Laws of instances: the search ends, each plan is asked once, the best comes first."""

from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from returns.result import Failure, Success

from qiskit_runtime_service.core.instances import (
    find_instances,
    join_plans,
    next_cursor,
    plans_to_ask,
    rank_instances,
    require_instance,
)
from qiskit_runtime_service.core.messages import describe
from qiskit_runtime_service.records.instance import (
    FoundInstance,
    Instance,
    InstancePreference,
    Plan,
    SearchPage,
)
from qiskit_runtime_service.records.problem import InstanceNotFound, NoInstanceMatches, NoInstances, NothingAllocated
from tests.strategies import found_instances, instances, make_crn, plans, preferences, search_pages

many = st.lists(instances, max_size=6)


full_pages = st.builds(
    SearchPage,
    found=st.lists(found_instances, min_size=1, max_size=2).map(tuple),
    cursor=st.sampled_from([None, "c1", "c2", "c3"]),
)
ROUND = SearchPage(found=(FoundInstance(crn="c", name="n", plan_id="p"),), cursor="c1")


@pytest.mark.holds("B5")
@given(st.fixed_dictionaries(dict.fromkeys((None, "c1", "c2", "c3"), search_pages | full_pages)))
@example({None: ROUND, "c1": ROUND})
def test_the_search_ends_whatever_cursors_the_server_gives(server: dict[str | None, SearchPage]) -> None:
    cursor: str | None = None
    seen: list[str] = []
    for _ in range(len(server) + 4):
        cursor = next_cursor(server[cursor], seen)
        if cursor is None:
            return
        assert cursor
        assert cursor not in seen
        seen.append(cursor)
    pytest.fail("the search goes round in circles")


@pytest.mark.holds("B5")
@given(search_pages)
def test_a_page_with_instances_and_a_new_cursor_is_followed(page: SearchPage) -> None:
    assert next_cursor(page) == (page.cursor if page.found and page.cursor else None)


@pytest.mark.holds("B283")
def test_a_page_of_which_nothing_can_be_read_is_no_empty_page() -> None:
    assert next_cursor(SearchPage(found=(), cursor="c", lost=1)) == "c"
    assert next_cursor(SearchPage(found=(), cursor="c", lost=1), ["c"]) is None
    assert next_cursor(SearchPage(found=(), cursor=None, lost=1)) is None


@pytest.mark.holds("B7")
@given(st.lists(found_instances))
def test_each_plan_of_an_allocated_instance_is_asked_for_once(found: list[FoundInstance]) -> None:
    ids = plans_to_ask(found)
    assert len(set(ids)) == len(ids)
    assert set(ids) == {instance.plan_id for instance in found if instance.allocated}
    assert list(ids) == sorted(ids, key=[instance.plan_id for instance in found if instance.allocated].index)


@pytest.mark.holds("B7")
@given(st.lists(found_instances), st.lists(plans, unique_by=lambda plan: plan.id))
def test_every_instance_found_is_kept_in_order_with_its_plan(found: list[FoundInstance], known: list[Plan]) -> None:
    joined = join_plans(found, known)
    assert [(instance.crn, instance.name, instance.tags, instance.allocated) for instance in joined] == [
        (instance.crn, instance.name, instance.tags, instance.allocated) for instance in found
    ]
    for before, after in zip(found, joined, strict=True):
        matching = [(plan.name, plan.pricing_type) for plan in known if plan.id == before.plan_id]
        assert (after.plan, after.pricing_type) == (matching[0] if matching else ("unknown", "unknown"))


def accepts(wanted: InstancePreference, instance: Instance) -> bool:
    """Say it a second time, as plain as possible."""
    region = instance.crn.split(":")[5] if instance.crn.count(":") >= 5 else ""
    has = {tag.lower() for tag in instance.tags}
    return (
        instance.allocated
        and wanted.region in (None, region)
        and all(tag.lower() in has for tag in wanted.tags)
        and (not wanted.plans or instance.plan.lower() in {plan.lower() for plan in wanted.plans})
    )


def place_of(wanted: InstancePreference, instance: Instance) -> int:
    if wanted.plans:
        return next(place for place, plan in enumerate(wanted.plans) if plan.lower() == instance.plan.lower())
    order = {word: place for place, word in enumerate(["free", "trial", "paygo", "paid", "subscription", "unknown"])}
    return order.get(instance.pricing_type.lower(), order["unknown"])


@pytest.mark.holds("B6", "B8")
@given(many, preferences)
def test_the_ranking_is_that_of_the_plain_words(found: list[Instance], wanted: InstancePreference) -> None:
    kept = [
        (place_of(wanted, instance), at, instance) for at, instance in enumerate(found) if accepts(wanted, instance)
    ]
    ranked = rank_instances(found, wanted).items
    assert ranked == tuple(instance for _, _, instance in sorted(kept, key=lambda triple: triple[:2]))


@given(many, preferences)
def test_ranking_twice_changes_nothing(found: list[Instance], wanted: InstancePreference) -> None:
    once = rank_instances(found, wanted)
    assert rank_instances(once.items, wanted).ranked == once.ranked


@pytest.mark.holds("B6")
@given(many, preferences)
def test_every_instance_is_ranked_or_rejected_for_a_reason(found: list[Instance], wanted: InstancePreference) -> None:
    outcome = rank_instances(found, wanted)
    assert Counter([*outcome.items, *(rejection.item for rejection in outcome.rejected)]) == Counter(found)
    assert all(rejection.found != rejection.condition.wanted for rejection in outcome.rejected)


@given(many, preferences)
def test_a_wish_less_never_loses_an_instance(found: list[Instance], wanted: InstancePreference) -> None:
    narrow = set(rank_instances(found, wanted).items)
    for wider in (
        InstancePreference(plans=wanted.plans, tags=wanted.tags),
        InstancePreference(region=wanted.region, tags=wanted.tags),
        InstancePreference(region=wanted.region, plans=wanted.plans, tags=wanted.tags[1:]),
    ):
        assert narrow <= set(rank_instances(found, wider).items)


@given(many, preferences)
def test_nothing_to_use_is_told_apart_from_nothing_there(found: list[Instance], wanted: InstancePreference) -> None:
    selection = rank_instances(found, wanted)
    outcome = require_instance(selection, wanted)
    if not found:
        assert outcome == Failure(NoInstances())
    elif selection.ranked:
        assert outcome == Success(selection.items)
    else:
        problem = outcome.failure()
        assert isinstance(problem, NoInstanceMatches)
        assert (problem.preference, problem.considered) == (wanted, len(found))
        assert sum(shortfall.count for shortfall in problem.shortfalls) == len(found)


@pytest.mark.holds("B8")
@pytest.mark.parametrize(
    ("region", "location", "kept"),
    [("us-east", "us-east", True), ("east", "us-east", False), ("us-east", "us-east-2", False)],
)
def test_a_region_is_equal_or_it_is_another(region: str, location: str, kept: bool) -> None:
    # A substring test would take `us-east` for `us-east-2`.
    outcome = rank_instances([Instance(crn=make_crn(location))], InstancePreference(region=region))
    assert bool(outcome.ranked) is kept


@pytest.mark.holds("B8")
def test_the_region_is_the_location_and_nothing_else_of_the_crn() -> None:
    crn = "crn:v1:bluemix:public:eu-de:us-east:a/eu-de:eu-de::"
    assert rank_instances([Instance(crn=crn)], InstancePreference(region="eu-de")).items == ()


@pytest.mark.holds("B7", "B8")
def test_an_unknown_pricing_type_ranks_last_and_breaks_nothing() -> None:
    words = ["barter", "subscription", "unknown", "paid", "", "paygo", "trial", "Free"]
    found = [Instance(crn=str(place), pricing_type=word) for place, word in enumerate(words)]
    ranked = rank_instances(found, InstancePreference()).items
    assert [instance.pricing_type for instance in ranked] == [
        "Free", "trial", "paygo", "paid", "subscription", "barter", "unknown", "",
    ]  # fmt: skip


@pytest.mark.holds("B6", "B9")
@given(many, st.sampled_from(["n1", "n2", make_crn(), "absent"]))
def test_an_instance_is_found_by_its_crn_or_its_name(found: list[Instance], wanted: str) -> None:
    outcome = find_instances(found, wanted)
    matches = tuple(instance for instance in found if instance.crn == wanted or instance.name == wanted)
    usable = tuple(instance for instance in matches if instance.allocated)
    known = tuple(instance.name or instance.crn for instance in found if instance.allocated)
    if usable:
        assert outcome == Success(usable)
    elif matches:
        assert outcome == Failure(NothingAllocated(wanted=wanted, known=known))
    else:
        assert outcome == Failure(InstanceNotFound(wanted=wanted, known=known))


@pytest.mark.holds("B6")
def test_of_two_instances_of_one_name_the_one_with_time_is_used() -> None:
    spent, fresh = (Instance(crn=make_crn("us-east", n), name="twin", allocated=n == 2) for n in (1, 2))
    other = Instance(crn=make_crn("eu-de", 3), name="other")
    assert find_instances([spent, fresh, other], "twin") == Success((fresh,))
    assert find_instances([spent, other], "twin") == Failure(NothingAllocated(wanted="twin", known=("other",)))


@pytest.mark.holds("B8")
def test_the_regions_that_there_are_are_named_where_none_is_in_the_one_that_is_asked_for() -> None:
    found = [Instance(crn=make_crn(region, n)) for n, region in enumerate(("us-east", "jp-tok", "us-east"))]
    wanted = InstancePreference(region="eu-de")
    bare = Instance(crn=make_crn("au-syd", 9), allocated=False)
    message = describe(require_instance(rank_instances([*found, bare], wanted), wanted).failure())
    assert message.details == ("The account has instances in jp-tok, us-east.",)
    for preference in (InstancePreference(region="jp-tok", tags=("a",)), InstancePreference(tags=("a",))):
        message = describe(require_instance(rank_instances([*found, bare], preference), preference).failure())
        assert message.details == ()
