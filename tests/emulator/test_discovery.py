"""The search for instances, and the catalog of plans."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.world import EmulatedPlan, World
from qiskit_runtime_service.emulator.worlds import many_instances, one_instance

from ..support.calls import act, ask, first_crn, read, respond

FIELDS = ["crn", "service_plan_unique_id", "name", "doc", "tags"]


def search(world: World, cursor: str | None = None, limit: int = 100) -> Any:
    body = {"query": "service_name:quantum-computing", "fields": FIELDS}
    request = ask(
        world, "POST", f"/v3/resources/search?limit={limit}", body | ({"search_cursor": cursor} if cursor else {})
    )
    _, response = respond(world, request)
    assert response.status == 200
    return read(response)


@settings(deadline=None)
@given(count=st.integers(0, 30), limit=st.integers(-1, 40), page_size=st.integers(1, 12))
def test_the_pages_of_a_search_hold_each_instance_once_and_the_last_has_no_cursor(
    count: int, limit: int, page_size: int
) -> None:
    world = msgspec.structs.replace(many_instances(count, devices=()), page_size=page_size)
    if not count:
        # Without an instance there is nothing whose CRN the shared helper could send.
        return
    found: list[str] = []
    cursor: str | None = None
    for _ in range(count):
        page = search(world, cursor, limit)
        assert page["items"]
        found += [item["crn"] for item in page["items"]]
        cursor = page.get("search_cursor")
        if cursor is None:
            break
    assert cursor is None
    assert found == list(world.instances)


@pytest.mark.parametrize("cursor", ["x", "Y3Vyc29yLTE", "Y3Vyc29yLS0x", "ä"])
def test_a_cursor_that_was_never_given_is_refused(cursor: str) -> None:
    world = many_instances(2)
    request = ask(world, "POST", "/v3/resources/search", {"query": "", "search_cursor": cursor})
    assert respond(world, request)[1].status == 400


def test_an_instance_may_lack_tags_and_allocation() -> None:
    world = one_instance()
    crn = first_crn(world)
    bare = msgspec.structs.replace(world.instances[crn], tags=None, allocated=False)
    item = search(msgspec.structs.replace(world, instances={crn: bare}))["items"][0]
    assert item["tags"] is None
    assert item["doc"] == {}


def test_only_the_fields_that_are_asked_for_are_told() -> None:
    world = one_instance()
    request = ask(world, "POST", "/v3/resources/search", {"query": "", "fields": ["name"]})
    assert read(respond(world, request)[1])["items"] == [{"name": "instance-1"}]


def test_an_archived_plan_is_forbidden_and_an_unknown_one_is_not_found() -> None:
    archived = EmulatedPlan(id="p1", name="old", archived=True)
    world = msgspec.structs.replace(one_instance(), plans={"p1": archived})
    assert act(world, "GET", "/p1")[1].status == 403
    assert act(world, "GET", "/p2")[1].status == 404


def test_a_plan_may_lack_its_texts() -> None:
    world = msgspec.structs.replace(one_instance(), plans={"p1": EmulatedPlan(id="p1", name="odd")})
    body = read(act(world, "GET", "/p1")[1])
    assert "display_name" not in body["overview_ui"]["en"]
    assert "type" not in body["metadata"]["pricing"]
