"""Ready worlds, worlds that are built, and worlds in files."""

from collections import defaultdict
from pathlib import Path

import pytest

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.emulator.faults import Fault, Status
from qiskit_runtime_service.emulator.handle import needs
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    broken,
    build_world,
    busy,
    emulated_cloud,
    ibm_quantum,
    instance,
    line_device,
    load_world,
    one_instance,
    save_world,
)
from qiskit_runtime_service.testing.ready import READY

from ..support.calls import act, ask, read, respond, sampler_job, token_request


@pytest.mark.parametrize("name", READY)
def test_a_ready_world_takes_its_seed_and_its_time(name: str) -> None:
    world = READY[name](seed=7, now=1_800_000_000.0)
    assert (world.seed, world.now) == (7, 1_800_000_000.0)
    assert READY[name]().seed == 0


@pytest.mark.holds("B355", "B449")
def test_the_world_of_the_guides_begins_no_earlier_than_its_past() -> None:
    least = 28 * 24 * 3600
    assert ibm_quantum(now=least).now == least
    with pytest.raises(ValueError, match=r"^now is 2419199\.\nIt must be seconds since the epoch, 2,419,200 or more"):
        ibm_quantum(now=least - 1)


def test_a_busy_world_has_something_of_everything() -> None:
    world = busy()
    seen: set[str] = set()
    for crn in world.instances:
        request = ask(world, "GET", "/jobs?limit=200", crn=crn)
        assert needs(world, request) == ()
        seen |= {job["state"]["status"] for job in read(respond(world, request)[1])["jobs"]}
    assert seen == {"Queued", "Running", "Completed", "Failed", "Cancelled"}
    assert {device.state for device in world.devices.values()} == {"online", "paused", "offline"}
    assert {read(act(world, "GET", f"/sessions/{session}")[1])["state"] for session in world.sessions} == {
        "active",
        "closed",
    }
    assert read(act(world, "GET", "/instances/usage")[1])["usage_consumed_seconds"] > 0
    assert act(world, "POST", "/jobs", sampler_job("ibm_busy27"))[1].status == 200
    assert busy() == world
    assert busy(seed=1) != world


def test_a_broken_world_is_a_world_with_faults() -> None:
    world = broken(Status(code=503), Fault(effect=Status(code=500), path="*/jobs", times=2), path="*/backends")
    statuses = []
    for path in ("/backends", "/backends", "/jobs", "/jobs", "/jobs"):
        world, response = act(world, "GET", path)
        statuses.append(response.status)
    assert statuses == [503, 200, 500, 500, 200]
    assert broken(world=busy()).instances == busy().instances


def test_a_world_is_built_from_the_instances_that_it_has() -> None:
    line = line_device("ibm_a", 5)
    world = build_world(
        instance("research", plan="premium", region="eu-de", devices=[line, line_device("ibm_b", 7)], tags=["team"]),
        instance("teaching", devices=[line], limit=600),
        instance("spare", plan="premium", allocation=60),
        instance("trial", account="guest", staging=True, devices=[line]),
        seed=3,
    )
    assert [listed.name for listed in world.instances.values()] == ["research", "teaching", "spare", "trial"]
    assert sorted(world.devices) == ["ibm_a", "ibm_b"]
    assert [plan.name for plan in world.plans.values()] == ["premium", "open"]
    crns = list(world.instances)
    assert ":bluemix:public:quantum-computing:eu-de:" in crns[0]
    assert crns[3].startswith("crn:v1:staging:public:")
    assert list(world.keys) == [API_KEY, f"{API_KEY}-guest"]
    assert respond(world, ask(world, "GET", "/backends", crn=crns[3]))[1].status == 403
    assert respond(world, token_request(f"{API_KEY}-guest"))[1].status == 200
    assert respond(world, ask(world, "POST", "/sessions", {"backend": "ibm_a"}, crn=crns[0]))[1].status == 200


def test_a_built_world_says_how_long_tokens_last_and_how_often_one_may_submit() -> None:
    world = build_world(instance("a", devices=[line_device("ibm_a", 2)]), token_seconds=60, jobs_per_minute=1)
    assert read(respond(world, token_request())[1])["expires_in"] == 60
    statuses = []
    for _ in range(2):
        world, response = act(world, "POST", "/jobs", sampler_job("ibm_a"))
        statuses.append(response.status)
    assert statuses == [200, 429]


def test_the_past_of_a_busy_world_can_be_fetched() -> None:
    cloud = emulated_cloud(busy())
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    done = [job for job in service.jobs(limit=None) if job.status() == "DONE"]
    assert len(done) > 20
    assert {len(job.result()) for job in done[:2]} == {0}


@pytest.mark.holds("B449")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "open-instance",
            {
                ("ibm_fez", "DONE", "guide"): (12, 28.0, 3.25),
                ("ibm_brisbane", "DONE", ""): (4, 9.0, 3.0),
                ("ibm_kyiv", "DONE", "retired"): (3, 27.0, 26.917),
                ("ibm_torino", "ERROR", ""): (1, 5.0, 5.0),
                ("ibm_fez", "CANCELLED", ""): (1, 4.0, 4.0),
                ("ibm_fez", "DONE", "bell"): (1, 0.125, 0.125),
            },
        ),
        (
            "premium-instance",
            {
                ("ibm_fez", "DONE", "guide"): (60, 28.0, 1.45),
                ("ibm_brisbane", "DONE", ""): (20, 9.0, 1.4),
                ("ibm_kyiv", "DONE", "retired"): (15, 27.0, 26.417),
                ("ibm_torino", "ERROR", ""): (1, 5.0, 5.0),
                ("ibm_fez", "CANCELLED", ""): (1, 4.0, 4.0),
                ("ibm_fez", "DONE", "bell"): (1, 0.125, 0.125),
                ("ibm_torino", "DONE", ""): (5, 0.083, 0.081),
            },
        ),
    ],
)
def test_the_world_of_the_guides_begins_with_a_month_of_jobs(
    name: str, told: dict[tuple[str, str, str], tuple[int, float, float]]
) -> None:
    """Told is how many there are of each kind, and how many days ago the first and the last was made."""
    cloud = emulated_cloud(READY["ibm_quantum"]())
    now, ages = cloud.now(), defaultdict[tuple[str, str, str], list[float]](list)
    for job in QiskitRuntimeService(token=API_KEY, instance=name, transport=cloud, clock=cloud).jobs(limit=None):
        assert job.creation_date is not None
        kind = (str(job.record.backend), str(job.status()), " ".join(job.tags))
        ages[kind].append((now - job.creation_date.timestamp()) / (24 * 3600))
    assert {kind: (len(days), round(max(days), 3), round(min(days), 3)) for kind, days in ages.items()} == told


def test_two_devices_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="ibm_a"):
        build_world(instance("a", devices=[line_device("ibm_a", 2)]), instance("b", devices=[line_device("ibm_a", 3)]))


def test_a_world_goes_through_a_file(tmp_path: Path) -> None:
    path = tmp_path / "worlds" / "busy.world"
    save_world(busy(), path)
    again = load_world(path)
    assert again == busy()
    assert EmulatedTransport(again).world is again
    assert [file.name for file in path.parent.iterdir()] == ["busy.world"]


def test_a_file_that_is_no_world_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.world"
    path.write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"broken\.world"):
        load_world(path)
    with pytest.raises(FileNotFoundError):
        load_world(tmp_path / "missing.world")


def test_a_plan_is_sold_at_its_price() -> None:
    (plan,) = one_instance(plan="pay-as-you-go").plans.values()
    assert (plan.display_name, plan.pricing_type) == ("Pay-as-you-go", "paygo")


@pytest.mark.holds("B193")
def test_a_cloud_refuses_programs_that_the_service_does_not_have() -> None:
    for name in ("poem", "Executor"):
        with pytest.raises(ValueError, match=f"no program '{name}'.*\nName one of .*executor, noise-learner"):
            emulated_cloud(programs={"executor": print, name: print})


def test_an_offer_of_an_instance_is_a_value() -> None:
    assert {instance("a", tags=["t"]), instance("a", tags=["t"]), instance("b")} == {
        instance("b"),
        instance("a", tags=["t"]),
    }
