"""How long jobs wait: laws of the models, and what a world makes of them."""

import statistics

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.queues import (
    DeviceQueue,
    DrawnQueue,
    FixedQueue,
    QueueModel,
    typical_wait,
    wait_seconds,
)
from qiskit_runtime_service.emulator.saving import decode_world, encode_world
from qiskit_runtime_service.emulator.world import World, put_device
from qiskit_runtime_service.testing import build_world, busy, instance, line_device, many_instances, one_instance

from ..support.calls import act, first_crn, read, submit

seconds = st.floats(0, 1e6)
models = st.one_of(
    st.just(DeviceQueue()),
    st.builds(FixedQueue, seconds),
    st.builds(DrawnQueue, st.none() | seconds),
)
draws = st.floats(0, 1, exclude_max=True)


def waits_in(world: World, count: int) -> list[float]:
    for _ in range(count):
        world, _ = submit(world)
    return [job.starts_at - job.created for job in world.jobs[first_crn(world)].values()]


@given(models, seconds, draws, draws)
def test_a_wait_is_never_negative_and_grows_with_the_draw(
    model: QueueModel, device: float, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert 0 <= wait_seconds(model, device, low) <= wait_seconds(model, device, high)


@pytest.mark.holds("B195")
@given(models, seconds)
def test_half_of_the_waits_and_most_of_them_are_within_what_is_typical(model: QueueModel, device: float) -> None:
    typical = typical_wait(model, device)
    assert wait_seconds(model, device, 0.5) == pytest.approx(typical.p50)
    assert wait_seconds(model, device, 0.95) == pytest.approx(typical.p95)
    waits = [wait_seconds(model, device, (number + 0.5) / 1000) for number in range(1000)]
    assert statistics.fmean(waits) == pytest.approx(typical.average, rel=0.01)


@pytest.mark.holds("B195")
def test_a_device_and_a_fixed_queue_let_all_wait_equally_long() -> None:
    assert set(waits_in(one_instance(queue_seconds=30), 3)) == {30.0}
    assert set(waits_in(one_instance(queue_seconds=30, queue=FixedQueue(7)), 3)) == {7.0}


@pytest.mark.holds("B195")
def test_drawn_waits_differ_and_follow_from_the_seed() -> None:
    queue = DrawnQueue(600)
    waits = waits_in(one_instance(queue=queue, seed=5), 200)
    assert len(set(waits)) == 200
    assert statistics.fmean(waits) == pytest.approx(600, rel=0.2)
    assert waits_in(one_instance(queue=queue, seed=5), 200) == waits
    assert waits_in(one_instance(queue=queue, seed=6), 200) != waits


@pytest.mark.holds("B195")
def test_a_listing_tells_what_is_typical() -> None:
    world = one_instance(queue_seconds=100, queue=DrawnQueue())
    (row,) = read(act(world, "GET", "/backends?fields=wait_time_seconds")[1])["devices"]
    assert row["wait_time_seconds"] == {"average": 100, "p50": 69, "p95": 299}


@pytest.mark.holds("B195")
def test_after_a_pause_each_job_waits_for_its_own_time_anew() -> None:
    world = one_instance(queue=DrawnQueue(600))
    for _ in range(3):
        world, _ = submit(world)
    planned = [job.starts_at for job in world.jobs[first_crn(world)].values()]
    device = world.devices["ibm_emu5"]
    paused = put_device(world, msgspec.structs.replace(device, state="paused"))
    assert {job.starts_at for job in paused.jobs[first_crn(world)].values()} == {float("inf")}
    resumed = put_device(paused, device)
    assert [job.starts_at for job in resumed.jobs[first_crn(world)].values()] == planned


@pytest.mark.parametrize(
    "world",
    [
        busy(queue=DrawnQueue()),
        many_instances(2, queue=FixedQueue(3)),
        build_world(instance("a", devices=[line_device("ibm_a", 2)]), queue=DrawnQueue(60)),
    ],
    ids=["busy", "many", "built"],
)
def test_a_queue_is_saved_with_its_world(world: World) -> None:
    again = decode_world(encode_world(world))
    assert again == world
    assert again.queue != DeviceQueue()
