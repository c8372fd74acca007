"""Instances: what they may spend, what they have spent, and what older versions say of it."""

import json

import msgspec
import pytest

from qiskit_runtime_service.emulator.saving import decode_world, encode_world
from qiskit_runtime_service.emulator.world import move_on
from qiskit_runtime_service.emulator.worlds import one_instance, two_regions
from qiskit_runtime_service.testing import build_world, instance, line_device

from ..support.calls import act, ask, first_crn, open_session, read, respond, sampler_job, submit


@pytest.mark.holds("B137")
def test_a_limit_is_set_told_and_taken_away() -> None:
    world = one_instance(plan="premium")
    assert read(act(world, "GET", "/instances/configuration")[1]) == {"instance_limit": None}
    world, response = act(world, "PUT", "/instances/configuration", {"instance_limit": 60})
    assert response.status == 204
    assert read(act(world, "GET", "/instances/configuration")[1]) == {"instance_limit": 60}
    assert read(act(world, "GET", "/instances/usage")[1])["usage_limit_seconds"] == 60
    assert read(act(world, "GET", "/instance")[1])["instance_limit_seconds"] == "60"
    world, _ = act(world, "PUT", "/instances/configuration", {"instance_limit": None})
    assert "usage_limit_seconds" not in read(act(world, "GET", "/instances/usage")[1])


@pytest.mark.holds("B137")
@pytest.mark.parametrize("body", [{}, {"instance_limit": 0}, {"instance_limit": "many"}, [], None])
def test_a_limit_that_is_none_is_refused(body: object) -> None:
    assert act(one_instance(), "PUT", "/instances/configuration", body)[1].status == 400


@pytest.mark.holds("B137")
def test_a_limit_below_what_was_spent_is_refused() -> None:
    world, _ = submit(one_instance(run_seconds=30))
    world = move_on(world, 100)
    assert act(world, "PUT", "/instances/configuration", {"instance_limit": 29})[1].status == 409
    world, response = act(world, "PUT", "/instances/configuration", {"instance_limit": 30})
    assert response.status == 204
    assert act(world, "POST", "/jobs", sampler_job())[1].status == 409


@pytest.mark.holds("B135")
@pytest.mark.parametrize(("queue_seconds", "run_seconds", "charged"), [(0.1, 2.0, 2), (0.7, 0.3, 1), (0.0, 2.5, 3)])
def test_what_is_charged_is_told_in_whole_seconds(queue_seconds: float, run_seconds: float, charged: int) -> None:
    world = one_instance(queue_seconds=queue_seconds, run_seconds=run_seconds, limit=600.0)
    jobs = []
    for _ in range(2):
        world, job = submit(world)
        jobs.append(job)
    world = move_on(world, 100)
    for job in jobs:
        body = act(world, "GET", f"/jobs/{job}/metrics")[1].body
        assert f'"qpu_charge_time_seconds":{charged},'.encode() in body
        assert json.loads(body)["circuits_execution_time_ns"] == pytest.approx(run_seconds * 1e9, rel=1e-6)
    body = act(world, "GET", "/instances/usage")[1].body
    assert f'"usage_consumed_seconds":{2 * charged},"usage_limit_seconds":600,'.encode() in body
    for job in jobs:
        world, deleted = act(world, "DELETE", f"/jobs/{job}")
        assert deleted.status == 204
    assert read(act(world, "GET", "/instances/usage")[1])["usage_consumed_seconds"] == 2 * charged


@pytest.mark.holds("B135")
def test_a_session_among_the_workloads_has_used_whole_seconds() -> None:
    world, session = open_session(one_instance(plan="premium", run_seconds=3), mode="dedicated")
    world, _ = submit(world, session_id=session)
    world = move_on(world, 3.25)
    (workload,) = read(act(world, "GET", "/workloads")[1])["workloads"]
    assert repr((workload["usage_seconds"], workload["usage"]["qpu_charge_time_seconds"])) == "(4, 4)"


@pytest.mark.holds("B135")
def test_the_last_digit_of_an_instant_costs_no_second() -> None:
    world, job = submit(move_on(one_instance(run_seconds=100), 0.1))
    for _ in range(5):
        world = move_on(world, 0.2)
    world, _ = act(world, "POST", f"/jobs/{job}/cancel")
    charged = read(act(world, "GET", f"/jobs/{job}")[1])["usage"]["qpu_charge_time_seconds"]
    assert charged == 1


def test_an_account_tells_its_own_plans_and_nobody_elses() -> None:
    world = two_regions()
    (account,) = set(world.keys.values())
    body = read(act(world, "GET", f"/accounts/{account}")[1])
    assert [plan["backends"] for plan in body["plans"]] == [["ibm_east5"], ["ibm_europe7"]]
    second = body["plans"][1]
    assert second["plan_id"] == second["subscription_id"]
    assert second["subscription_name"] == "pay-as-you-go"
    body = read(act(world, "GET", f"/accounts/{account}?plan_id={second['plan_id']}")[1])
    assert body == {"plans": [second]}
    assert act(world, "GET", "/accounts/other")[1].status == 403


@pytest.mark.holds("B137")
@pytest.mark.parametrize(("limit", "reached", "status"), [(30, True, 409), (31, False, 200)])
def test_a_limit_is_reached_when_all_of_it_is_spent(limit: int, reached: bool, status: int) -> None:
    world, _ = submit(one_instance(run_seconds=30))
    world, _ = act(move_on(world, 100), "PUT", "/instances/configuration", {"instance_limit": limit})
    assert read(act(world, "GET", "/instances/usage")[1])["usage_limit_reached"] is reached
    assert act(world, "POST", "/jobs", sampler_job())[1].status == status


def test_an_account_tells_what_its_instances_of_one_plan_may_spend_together() -> None:
    world = build_world(
        instance("one", devices=[line_device("ibm_a", 2)], limit=600, allocation=60),
        instance("two", devices=[line_device("ibm_b", 2)], limit=30),
        instance("three", devices=[line_device("ibm_c", 2)], allocation=7),
        instance("guest", account="guest", devices=[line_device("ibm_g", 2)], limit=1000),
    )
    (plan,) = read(act(world, "GET", f"/accounts/{next(iter(world.keys.values()))}")[1])["plans"]
    assert plan["backends"] == ["ibm_a", "ibm_b", "ibm_c"]
    assert (plan["usage_limit_seconds"], plan["usage_allocation_seconds"]) == (630, 67)
    assert read(act(world, "GET", "/instances/usage")[1])["usage_limit_seconds"] == 600


def test_a_device_without_pulses_says_so() -> None:
    world = one_instance()
    assert read(act(world, "GET", "/backends/ibm_emu5/defaults")[1])["pulse_library"] == []
    assert act(world, "GET", "/backends/other/defaults")[1].status == 404


@pytest.mark.holds("B138")
@pytest.mark.parametrize(
    ("version", "keys"),
    [("2026-04-15", {"qpu_charge_time_seconds", "status"}), ("2026-02-01", {"quantum_seconds", "seconds"})],
)
def test_the_usage_of_a_job_follows_the_version(version: str, keys: set[str]) -> None:
    world, job = submit(one_instance())
    body = read(respond(world, ask(world, "GET", f"/jobs/{job}", version=version))[1])
    assert body["usage"].keys() == keys


def test_a_world_is_the_same_after_it_was_saved() -> None:
    world, session = open_session(one_instance(queue_seconds=10))
    world, _ = submit(world, session_id=session, tags=["a"])
    device = msgspec.structs.replace(world.devices["ibm_emu5"], state="paused")
    world = msgspec.structs.replace(world, devices={device.name: device})
    for _ in range(300):
        world, _ = submit(world)
    again = decode_world(encode_world(world))
    assert again == world
    assert again.jobs[first_crn(world)] == world.jobs[first_crn(world)]


@pytest.mark.parametrize("saved", [b"", b"\xc1", b"{}", msgspec.msgpack.encode({"format": 1, "world": {}})])
def test_what_is_no_saved_world_is_told(saved: bytes) -> None:
    with pytest.raises(ValueError, match="no saved world"):
        decode_world(saved)


def test_what_no_world_can_hold_is_not_saved_as_nothing() -> None:
    world = one_instance()
    device = msgspec.structs.replace(world.devices["ibm_emu5"], state=object())
    with pytest.raises(NotImplementedError, match="A world holds no object"):
        encode_world(msgspec.structs.replace(world, devices={device.name: device}))


def test_a_world_of_a_later_form_is_told() -> None:
    read_back = msgspec.msgpack.decode(encode_world(one_instance()))
    with pytest.raises(ValueError, match="form 2"):
        decode_world(msgspec.msgpack.encode(read_back | {"format": 2}))
