"""The Resource Controller: instances by CRN, by name, page by page, and to their account only."""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.emulator.worlds import many_instances, one_instance

from ..support.calls import act, ask, first_crn, read, respond, token_request

LIST = "/v2/resource_instances"


def listed(world: World, query: str = "") -> Any:
    _, response = act(world, "GET", f"{LIST}{query}")
    assert response.status == 200
    return read(response)


def renamed(world: World, *names: str) -> World:
    """Return a world whose instances have other names, in order."""
    instances = {
        crn: msgspec.structs.replace(instance, name=name)
        for (crn, instance), name in zip(world.instances.items(), names, strict=True)
    }
    return msgspec.structs.replace(world, instances=instances)


def sold(world: World, crn: str) -> World:
    """Return a world in which an instance belongs to somebody else."""
    foreign = msgspec.structs.replace(world.instances[crn], account="somebody else")
    return msgspec.structs.replace(world, instances={**world.instances, crn: foreign})


@pytest.mark.holds("B276")
def test_an_instance_is_told_by_its_crn_and_by_its_unique_part() -> None:
    world = one_instance(limit=600.5, seed=3)
    (instance,) = world.instances.values()
    for wanted in (quote(instance.crn, safe=""), instance.crn.split(":")[7]):
        status, told = (answer := act(world, "GET", f"{LIST}/{wanted}")[1]).status, read(answer)
        assert status == 200
        assert (told["id"], told["crn"], told["name"], told["state"]) == (instance.crn,) * 2 + ("instance-1", "active")
        assert told["guid"] == instance.crn.split(":")[7]
        assert (told["resource_plan_id"], told["account_id"]) == (instance.plan_id, instance.account)
        assert (told["region_id"], told["resource_id"]) == ("us-east", "quantum-computing")
        assert told["extensions"] == {
            "backends": ["ibm_emu5"],
            "instance_limit_seconds": 600,
            "usage_allocation_seconds": None,
        }
        # Where it is told is where it is found.
        assert read(act(world, "GET", told["url"])[1]) == told


@pytest.mark.holds("B276")
def test_instances_are_found_by_name_all_that_have_it() -> None:
    world = renamed(many_instances(3), "team", "other", "team")
    first, second, third = world.instances
    assert [resource["crn"] for resource in listed(world, "?name=team")["resources"]] == [first, third]
    assert [resource["crn"] for resource in listed(world, "?name=other")["resources"]] == [second]
    assert [resource["crn"] for resource in listed(world)["resources"]] == [first, second, third]
    assert listed(world, "?name=nobody") == {"rows_count": 0, "next_url": None, "resources": []}


@pytest.mark.holds("B276")
@given(count=st.integers(1, 12), limit=st.integers(-1, 15), page_size=st.integers(1, 6), named=st.booleans())
def test_the_pages_hold_each_instance_once_and_the_last_has_no_next(
    count: int, limit: int, page_size: int, named: bool
) -> None:
    world = msgspec.structs.replace(renamed(many_instances(count, devices=()), *["a b&c"] * count), page_size=page_size)
    found: list[str] = []
    url: str | None = f"{LIST}?limit={limit}" + ("&name=a%20b%26c" if named else "")
    while url is not None:
        page = read(act(world, "GET", url)[1])
        assert 0 < page["rows_count"] == len(page["resources"]) <= page_size
        found += [resource["crn"] for resource in page["resources"]]
        url = page["next_url"]
        assert url is None or parse_qs(urlsplit(url).query)["start"]
    assert found == list(world.instances)


@pytest.mark.holds("B276")
def test_the_instances_of_another_account_are_not_there() -> None:
    world = renamed(many_instances(2), "team", "team")
    mine, theirs = world.instances
    world = sold(world, theirs)
    assert [resource["crn"] for resource in listed(world, "?name=team")["resources"]] == [mine]
    for wanted in (quote(theirs, safe=""), theirs.split(":")[7], "nothing"):
        _, response = act(world, "GET", f"{LIST}/{wanted}")
        assert (response.status, read(response)["errors"][0]["message"]) == (404, "The instance is not found.")


@pytest.mark.holds("B276")
@pytest.mark.parametrize("path", [LIST, f"{LIST}/anything"])
def test_nobody_is_told_without_a_key(path: str) -> None:
    world = one_instance()
    request = msgspec.structs.replace(ask(world, "GET", path), headers=())
    assert respond(world, request)[1].status == 401
    # No instance need be named: it is what is asked for.
    world, answer = respond(world, token_request())
    bearer = (("Authorization", f"Bearer {read(answer)['access_token']}"),)
    wanted = f"{LIST}/{quote(first_crn(world), safe='')}"
    assert respond(world, msgspec.structs.replace(ask(world, "GET", wanted), headers=bearer))[1].status == 200


@pytest.mark.holds("B276")
def test_a_page_that_was_never_told_of_is_refused_and_nothing_else_can_be_done() -> None:
    world = one_instance()
    assert act(world, "GET", f"{LIST}?start=x")[1].status == 400
    assert act(world, "POST", LIST)[1].status == 405
    assert act(world, "DELETE", f"{LIST}/{quote(first_crn(world), safe='')}")[1].status == 405


def test_an_instance_without_allocation_has_nothing_to_tell_of_it() -> None:
    world = one_instance()
    crn = first_crn(world)
    bare = msgspec.structs.replace(world.instances[crn], allocated=False)
    (told,) = listed(msgspec.structs.replace(world, instances={crn: bare}))["resources"]
    assert told["extensions"] == {}
