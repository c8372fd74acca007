"""What is too much: jobs in a minute, and bytes in a job."""

import msgspec
import pytest

from qiskit_runtime_service.emulator.world import World, move_on
from qiskit_runtime_service.testing import many_instances, one_instance

from ..support.calls import act, ask, read, respond, sampler_job, submit


def slow_lane(world: World) -> World:
    return msgspec.structs.replace(world, jobs_per_minute=2)


@pytest.mark.holds("B201")
def test_who_submits_too_often_is_told_how_long_to_wait() -> None:
    world, _ = submit(slow_lane(one_instance()))
    world, _ = submit(move_on(world, 20))
    world, refused = act(move_on(world, 10), "POST", "/jobs", sampler_job())
    assert (refused.status, refused.header("Retry-After")) == (429, "30")
    assert read(refused)["errors"][0]["code"] == 1202
    world, refused = act(move_on(world, 29.5), "POST", "/jobs", sampler_job())
    assert (refused.status, refused.header("Retry-After")) == (429, "1")
    world, taken = act(move_on(world, 1), "POST", "/jobs", sampler_job())
    assert taken.status == 200


@pytest.mark.holds("B201")
def test_the_jobs_of_all_instances_of_an_account_count() -> None:
    world = slow_lane(many_instances(3))
    statuses = []
    for crn in world.instances:
        world, response = respond(world, ask(world, "POST", "/jobs", sampler_job(), crn=crn))
        statuses.append(response.status)
    assert statuses == [200, 200, 429]


@pytest.mark.holds("B201")
def test_a_job_that_is_too_large_is_refused() -> None:
    padding = b" " * (64 * 10**6)
    _, response = act(one_instance(), "POST", "/jobs", msgspec.json.encode(sampler_job()) + padding)
    assert response.status == 413
