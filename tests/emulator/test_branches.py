"""A world that goes on in two places: what they share, and what each has for itself."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.needs import JobTask, find_need
from qiskit_runtime_service.emulator.saving import decode_world, encode_world
from qiskit_runtime_service.emulator.world import Finished, World, branch_off, give_outcome, move_on
from qiskit_runtime_service.emulator.worlds import one_instance

from ..support.calls import act, first_crn, open_session, read, submit

DONE = Finished(result=b'{"answer":42}', logs="fine")
BRANCHES = st.integers(-(2**31), 2**31)


def lived(seed: int = 5) -> tuple[World, str, str]:
    """Return a world with a job that has ended and one that waits, and their ids."""
    world, first = submit(one_instance(seed=seed, queue_seconds=60, plan="premium"))
    world = give_outcome(move_on(world, 100), first, DONE)
    world, second = submit(world)
    return world, first, second


def seed_of(world: World, job: str) -> int:
    need = find_need(world, job)
    assert isinstance(need, JobTask)
    return need.seed


@pytest.mark.holds("B279")
@given(BRANCHES)
def test_a_branch_answers_as_the_world_that_it_left(branch: int) -> None:
    world, first, second = lived()
    other = branch_off(world, branch)
    for path in (
        "/jobs",
        f"/jobs/{first}",
        f"/jobs/{first}/results",
        f"/jobs/{second}",
        "/backends",
        "/instances/usage",
    ):
        told = act(world, "GET", path)[1]
        assert told.status == 200, path
        assert act(other, "GET", path)[1].body == told.body
    assert (other.now, other.devices, other.instances) == (world.now, world.devices, world.instances)


@pytest.mark.holds("B279")
@given(BRANCHES, BRANCHES)
def test_a_job_that_was_there_draws_alike_in_all_branches(one: int, other: int) -> None:
    world, _, second = lived()
    drawn = seed_of(world, second)
    assert seed_of(branch_off(world, one), second) == drawn
    assert seed_of(branch_off(branch_off(world, one), other), second) == drawn


@pytest.mark.holds("B279")
@given(st.sets(BRANCHES, min_size=2, max_size=4))
def test_what_comes_later_has_ids_and_seeds_of_its_own_in_each_branch(numbers: set[int]) -> None:
    world, _, _ = lived()
    branches = [world, *(branch_off(world, number) for number in numbers)]
    branches += [branch_off(branches[1], number) for number in numbers]
    later = [submit(branch) for branch in branches]
    assert len({job for _, job in later}) == len(branches)
    assert len({seed_of(branch, job) for branch, job in later}) == len(branches)
    assert len({open_session(branch)[1] for branch in branches}) == len(branches)


@pytest.mark.holds("B279")
def test_one_branch_of_one_world_is_always_the_same() -> None:
    world, _, _ = lived()
    assert branch_off(world, 3) == branch_off(world, 3)
    assert branch_off(world, 3) != branch_off(world, 4)
    assert branch_off(world, 3) != branch_off(lived(seed=6)[0], 3)


@pytest.mark.holds("B279")
def test_a_branch_can_be_saved_and_an_older_file_read() -> None:
    world, _, second = lived()
    branch = branch_off(world, 1)
    assert decode_world(encode_world(branch)) == branch
    saved = msgspec.msgpack.decode(encode_world(world))
    for job in saved["world"]["jobs"][first_crn(world)]:
        del job["seed"]
    older = decode_world(msgspec.msgpack.encode(saved))
    assert older == world
    assert seed_of(older, second) == seed_of(world, second)
    assert read(act(older, "GET", f"/jobs/{second}")[1])["id"] == second
