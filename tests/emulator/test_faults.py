"""Faults as data."""

import msgspec
import pytest

from qiskit_runtime_service.emulator.faults import (
    Drip,
    Effect,
    Fault,
    Garble,
    Lost,
    Misstate,
    Revoke,
    Spoiled,
    Stall,
    Status,
    Truncate,
    Unreachable,
    html_page,
    too_many_requests,
)
from qiskit_runtime_service.emulator.handle import handle
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.emulator.worlds import one_instance
from qiskit_runtime_service.records.exchange import Response

from ..support.calls import act, ask, read, respond, sampler_job, token_request


def faulty(effect: Effect, method: str = "*", path: str = "*", after: int = 0, times: int | None = 1) -> World:
    fault = Fault(effect=effect, method=method, path=path, after=after, times=times)
    return msgspec.structs.replace(one_instance(), faults=(fault,))


def test_a_fault_skips_the_first_strikes_some_and_lets_the_rest_pass() -> None:
    world = faulty(Status(code=503), path="*/backends", after=2, times=3)
    statuses = []
    for _ in range(7):
        world, response = act(world, "GET", "/backends")
        statuses.append(response.status)
    assert statuses == [200, 200, 503, 503, 503, 200, 200]


def test_a_fault_strikes_only_what_it_matches() -> None:
    world = faulty(Status(code=500), method="POST", path="*/jobs", times=None)
    assert act(world, "GET", "/jobs")[1].status == 200
    world, response = act(world, "POST", "/jobs", sampler_job())
    assert response.status == 500
    assert world.jobs_created == 0


def test_a_status_is_said_word_for_word() -> None:
    page = Status(code=429, headers=(("Retry-After", "7"), ("Content-Type", "text/html")), body=b"<html>")
    _, response = act(faulty(page), "GET", "/backends")
    assert (response.status, response.header("retry-after"), response.body) == (429, "7", b"<html>")


def test_the_first_status_that_is_due_is_said_and_all_that_match_count() -> None:
    first, second = Fault(effect=Status(code=500), after=1), Fault(effect=Status(code=502), times=2)
    world = msgspec.structs.replace(one_instance(), faults=(first, second))
    statuses = []
    for _ in range(3):
        world, response = act(world, "GET", "/backends")
        statuses.append(response.status)
    assert statuses == [502, 500, 200]


def test_a_lost_response_hides_whether_the_world_acted() -> None:
    for acted in (False, True):
        world = faulty(Lost(acted=acted))
        after, reply = handle(world, ask(world, "POST", "/jobs", sampler_job()))
        assert reply == Lost(acted=acted)
        assert after.jobs_created == int(acted)


def test_a_host_that_cannot_be_reached_does_not_act() -> None:
    world = faulty(Unreachable())
    after, reply = handle(world, ask(world, "POST", "/jobs", sampler_job()))
    assert reply == Unreachable()
    assert after.jobs_created == 0


def test_a_revoked_token_is_refused_and_the_next_one_is_good() -> None:
    world = faulty(Revoke(), path="*/backends")
    for expected in (401, 200):
        world, exchanged = respond(world, token_request())
        headers = (("Authorization", f"Bearer {read(exchanged)['access_token']}"), *ask(world, "GET", "/").headers[1:])
        request = msgspec.structs.replace(ask(world, "GET", "/backends"), headers=headers)
        world, reply = handle(world, request)
        assert isinstance(reply, Response)
        assert reply.status == expected


def reply_to(*effects: Effect) -> object:
    """Return what comes back when all of `effects` strike at once."""
    world = msgspec.structs.replace(one_instance(), faults=tuple(Fault(effect=effect) for effect in effects))
    return handle(world, ask(world, "GET", "/versions"))[1]


def test_what_spoils_a_response_leaves_the_response_itself_alone() -> None:
    response = reply_to()
    assert isinstance(response, Response)
    size = len(response.body)
    assert reply_to(Stall(seconds=3)) == Spoiled(response=response, stall=3)
    assert reply_to(Drip(seconds=3)) == Spoiled(response=response, drip=3)
    assert reply_to(Truncate(keep=0.5)) == Spoiled(response=response, cut=size // 2)
    assert reply_to(Truncate(keep=1)) == Spoiled(response=response, cut=size - 1)
    assert reply_to(Misstate(by=-4)) == Spoiled(response=response, stated=size - 4)
    assert reply_to(Garble(garbage=b"x")) == Spoiled(response=response, garbage=b"x")


@pytest.mark.holds("B139")
def test_faults_that_strike_together_add_up() -> None:
    page = html_page(503)
    both = reply_to(Stall(seconds=1), page, Truncate(), Stall(seconds=2))
    assert isinstance(both, Spoiled)
    assert (both.stall, both.response.status, both.cut) == (3, 503, len(page.body) // 2)
    assert reply_to(Stall(seconds=1), Lost(acted=True)) == Lost(acted=True)
    assert reply_to(page, Unreachable(), Lost(acted=True)) == Unreachable()


def test_a_limit_of_requests_says_when_to_come_again_only_if_told() -> None:
    assert [too_many_requests(seconds).headers[1:] for seconds in (None, 7)] == [(), (("Retry-After", "7"),)]


def test_a_body_that_is_empty_can_be_neither_cut_nor_misstated() -> None:
    empty = Status(code=204)
    assert reply_to(empty, Truncate(), Misstate(by=3)) == Response(status=204)
