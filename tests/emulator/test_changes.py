"""What is new in a world: found between two worlds, small, and done again to the same effect."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.changes import Change, find_change, make_change
from qiskit_runtime_service.emulator.handle import handle
from qiskit_runtime_service.emulator.saving import decode_world, encode_world
from qiskit_runtime_service.emulator.world import Crashed, World, give_outcome, move_on, put_device
from qiskit_runtime_service.testing import (
    DrawnQueue,
    Fault,
    Lost,
    Status,
    broken,
    build_world,
    busy,
    instance,
    line_device,
    many_instances,
    one_instance,
    two_regions,
)

from ..support.calls import act, ask, open_session, submit

ONE = one_instance(queue_seconds=60, plan="premium")
TWO, _ = submit(ONE)
THREE, SECOND = submit(TWO)
IN_A_SESSION, _ = open_session(THREE)
ENDED = give_outcome(move_on(THREE, 1000), SECOND, Crashed(reason="It broke."))
WITHOUT_A_JOB = act(ENDED, "DELETE", f"/jobs/{SECOND}")[0]
OTHER_WAY_ROUND = msgspec.structs.replace(
    two_regions(), instances=dict(list(two_regions().instances.items())[::-1]), devices={}
)
WORLDS = {
    "one": ONE,
    "two": TWO,
    "three": THREE,
    "a session": IN_A_SESSION,
    "a job less": WITHOUT_A_JOB,
    "an outcome": ENDED,
    "paused": put_device(THREE, msgspec.structs.replace(THREE.devices["ibm_emu5"], state="paused")),
    "a device more": put_device(THREE, line_device("ibm_more", 3)),
    "busy": busy(),
    "two regions": two_regions(),
    "two regions, the other way round": OTHER_WAY_ROUND,
    "many": many_instances(5),
    "built": build_world(
        instance("a", limit=5), faults=[Fault(effect=Lost(acted=True))], queue=DrawnQueue(), jobs_per_minute=3
    ),
}


def again(before: World, after: World, made: World | None = None) -> World:
    """Do what is new in `after` again, as it is read back from bytes, in `before` or in what is equal to it."""
    body = msgspec.msgpack.encode(find_change(before, after))
    return make_change(made or before, msgspec.msgpack.decode(body, type=Change))


def form_of(world: World) -> bytes:
    """Return the one form of all worlds that are equal: of a number, say, that is whole and of one with a fraction."""
    return encode_world(decode_world(encode_world(world)))


@pytest.mark.holds("B335")
@pytest.mark.parametrize("after", WORLDS)
@pytest.mark.parametrize("before", WORLDS)
def test_between_any_two_worlds_what_is_new_makes_the_one_of_the_other(before: str, after: str) -> None:
    made = again(WORLDS[before], WORLDS[after])
    assert form_of(made) == form_of(WORLDS[after])
    assert list(made.instances) == list(WORLDS[after].instances)


@given(st.lists(st.sampled_from(list(WORLDS)), min_size=2, max_size=6), st.floats(0, 10**6))
def test_one_change_after_the_other_ends_where_the_last_does(names: list[str], seconds: float) -> None:
    worlds = [move_on(WORLDS[name], seconds * place) for place, name in enumerate(names)]
    made = worlds[0]
    for before, after in pairwise(worlds):
        made = again(before, after, made)
    assert form_of(made) == form_of(worlds[-1])


@given(st.sampled_from(list(WORLDS)), st.floats(0, 10**6))
def test_that_time_went_on_is_no_news(name: str, seconds: float) -> None:
    change = find_change(WORLDS[name], move_on(WORLDS[name], seconds))
    assert change.is_time
    assert change.now == WORLDS[name].now + seconds
    assert find_change(ONE, TWO).is_time is False


def test_one_job_among_many_is_as_little_news_as_one_among_few() -> None:
    few = len(msgspec.msgpack.encode(find_change(TWO, THREE)))
    world = ONE
    for _ in range(1100):
        world, _ = submit(world)
    more, job = submit(world)
    assert len(msgspec.msgpack.encode(find_change(world, more))) < few + 50
    ended = give_outcome(more, job, Crashed(reason="It broke."))
    # What was submitted is not told again.
    assert len(msgspec.msgpack.encode(find_change(more, ended))) < few / 2


@pytest.mark.parametrize(
    "change",
    [
        Change(now=0.0, fields={"tomorrow": msgspec.Raw(b"\x01")}),
        Change(now=0.0, fields={"seed": msgspec.Raw(b"\xa1x")}),
        Change(now=0.0, jobs={"crn": find_change(THREE, WITHOUT_A_JOB).jobs.popitem()[1]}),
        Change(now=0.0, items={"queues": find_change(THREE, IN_A_SESSION).items["sessions"]}),
        find_change(THREE, WORLDS["an outcome"]),
    ],
)
def test_what_is_new_in_another_world_is_refused_in_words(change: Change) -> None:
    with pytest.raises(ValueError, match="of another world, or of another version"):
        make_change(two_regions(), change)


def test_a_fault_that_struck_is_new() -> None:
    world = broken(Status(code=503))
    after, _ = handle(world, ask(world, "GET", "/backends"))
    assert after.faults != world.faults
    assert form_of(again(world, after)) == form_of(after)
