"""What happened in a world before it begins."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit.primitives import BitArray, DataBin, PrimitiveResult, SamplerPubResult

from qiskit_runtime_service import IBMInputValueError, QiskitRuntimeService
from qiskit_runtime_service.emulator.saving import decode_world, encode_world
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.emulator.worlds import START
from qiskit_runtime_service.testing import (
    API_KEY,
    build_world,
    emulated_cloud,
    instance,
    line_device,
    past_job,
    past_session,
    person,
)

from ..support.calls import act, ask, read, respond, sampler_job, token_request

LINE = line_device("ibm_line", 5)
DAY = 24 * 3600.0
BELL = "OPENQASM 3; include 'stdgates.inc'; bit[2] c; x $0; x $1; c[0] = measure $0; c[1] = measure $1;"


def world_with(*jobs: Any, **more: Any) -> World:
    return build_world(instance("one", plan="premium", devices=[LINE], jobs=jobs, **more))


def service_for(world: World, key: str = API_KEY) -> QiskitRuntimeService:
    cloud = emulated_cloud(world)
    return QiskitRuntimeService(token=key, transport=cloud, clock=cloud)


def listed(world: World, query: str = "") -> list[dict[str, Any]]:
    return list(read(act(world, "GET", f"/jobs?limit=200{query}")[1])["jobs"])


@pytest.mark.holds("B444")
def test_a_job_of_the_past_has_its_result_its_date_its_tags_and_its_retired_device() -> None:
    result = PrimitiveResult([SamplerPubResult(DataBin(c=BitArray.from_counts({"01": 3, "11": 5}, num_bits=2)))])
    world = world_with(past_job("ibm_gone", ago=400 * DAY, ran=7.0, result=result, tags=["thesis"], logs="well\n"))
    [job] = service_for(world).jobs(job_tags=["thesis"])
    assert job.status() == "DONE"
    assert job.result()[0].data.c.get_counts() == {"01": 3, "11": 5}
    assert job.creation_date is not None
    assert job.creation_date.timestamp() == START - 400 * DAY
    assert (job.usage(), job.logs()) == (7, "well\n")
    assert job.record.backend == "ibm_gone"


@pytest.mark.holds("B444")
def test_a_job_of_the_past_without_a_result_has_no_pubs_and_its_own_logs() -> None:
    [job] = service_for(world_with(past_job("ibm_line", ago=DAY, logs="as told\n"))).jobs()
    assert len(job.result()) == 0
    assert job.logs() == "as told\n"


@pytest.mark.holds("B444")
def test_jobs_end_as_they_say_or_have_not_ended_yet() -> None:
    world = world_with(
        past_job("ibm_line", ago=9, status="Failed", reason="It broke.", code=1002),
        past_job("ibm_line", ago=8, status="Cancelled"),
        past_job("ibm_line", ago=7, ran=5.0, limit=4),
        past_job("ibm_line", ago=6),
        past_job("ibm_line", ago=5, waited=4.0),
        past_job("ibm_line", ago=4, waited=60.0),
    )
    jobs = listed(world, "&sort=ASC")
    told = ["Failed", "Cancelled", "Cancelled - Ran too long", "Completed", "Running", "Queued"]
    assert [job["status"] for job in jobs] == told
    assert jobs[0]["state"] == {"status": "Failed", "reason": "It broke.", "reason_code": 1002}
    assert decode_world(encode_world(world)) == world


@pytest.mark.holds("B444")
@given(
    entries=st.lists(
        st.tuples(st.integers(0, 1000), st.integers(1, 5), st.integers(0, 60), st.booleans()), min_size=1, max_size=6
    )
)
def test_jobs_are_counted_by_their_dates_whoever_has_them(entries: list[tuple[int, int, int, bool]]) -> None:
    pasts = [
        (past_job("ibm_line", ago=ago + (count - 1) * every, count=count, every=every), second)
        for ago, count, every, second in entries
    ]
    world = build_world(
        instance("one", devices=[LINE], jobs=[job for job, second in pasts if not second]),
        instance("two", devices=[LINE], jobs=[job for job, second in pasts if second]),
    )
    jobs = sorted((job for held in world.jobs.values() for job in held.values()), key=lambda job: job.number)
    assert [job.number for job in jobs] == list(range(1, world.jobs_created + 1))
    assert world.jobs_created == sum(count for _, count, _, _ in entries)
    assert [job.created for job in jobs] == sorted(
        START - ago - (count - 1 - place) * every for ago, count, every, _ in entries for place in range(count)
    )
    assert decode_world(encode_world(world)) == world


@pytest.mark.holds("B444")
def test_what_was_not_computed_is_simulated_when_somebody_looks() -> None:
    params = {"pubs": [[BELL, None, 20]], "version": 2, "support_qiskit": True}
    world = world_with(past_job("ibm_line", params=params, result="simulated"))
    [job] = service_for(world).jobs()
    assert sum(job.result()[0].data.c.get_counts().values()) == 20


@pytest.mark.holds("B444")
def test_a_session_of_the_past_has_its_jobs_and_its_end() -> None:
    world = world_with(
        past_job("ibm_line", ago=3000, ran=10, session="long ago"),
        past_job("ibm_line", ago=2000, ran=10, session="long ago"),
        past_job("ibm_line", ago=5, ran=60, session="still"),
        sessions=[
            past_session("still", "ibm_line", ago=6, closed=False),
            past_session("long ago", "ibm_line", mode="batch"),
        ],
    )
    old, new = world.sessions
    states = {name: read(act(world, "GET", f"/sessions/{name}")[1]) for name in (old, new)}
    assert (states[old]["state"], states[old]["mode"]) == ("closed", "batch")
    assert states[old]["closed_at"] == "2026-09-01T09:26:50.000Z"
    assert (states[new]["state"], states[new]["accepting_jobs"]) == ("active", True)
    assert len(listed(world, f"&session_id={old}")) == 2
    assert decode_world(encode_world(world)) == world


@pytest.mark.holds("B444")
def test_what_was_spent_counts() -> None:
    world = world_with(past_job("ibm_line", ran=30, count=3), consumed=500.0, limit=600)
    told = read(act(world, "GET", "/instances/usage")[1])
    assert (told["usage_consumed_seconds"], told["usage_limit_reached"]) == (590, False)


@pytest.mark.holds("B444")
@pytest.mark.parametrize(
    ("job", "words"),
    [
        (past_job("ibm_line", created=START + 1), "ibm_line.*\n.*1788256800"),
        (past_job("ibm_line", ago=59, count=2), "ibm_line"),
        (past_job("ibm_line", session="none"), "no session 'none'.*\n.*none"),
    ],
    ids=["later", "the last of them later", "of no session"],
)
def test_a_past_that_cannot_be_is_refused(job: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        world_with(job)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [({"status": "Done"}, "status"), ({"count": 0}, "count"), ({"ago": -1}, "ago"), ({"device": ""}, "device")],
)
def test_an_argument_that_does_not_fit_is_named(arguments: dict[str, Any], name: str) -> None:
    with pytest.raises(IBMInputValueError, match=f"^.?{name} "):
        past_job(**{"device": "ibm_line", **arguments})


@pytest.mark.holds("B445")
def test_people_of_one_account_have_keys_and_jobs_of_their_own() -> None:
    world = build_world(
        instance("one", plan="premium", devices=[LINE], jobs=[past_job("ibm_line", by="ada"), past_job("ibm_line")]),
        people=[person("ada"), person("bob", key="the key of bob")],
    )
    assert list(world.keys) == [API_KEY, f"{API_KEY}-ada", "the key of bob"]
    assert len(set(world.keys.values())) == 1
    ada, bob = world.people.values()
    owners = {job["user_id"] for job in listed(world)}
    assert ada in owners
    assert bob not in owners
    assert len(owners) == 2
    users = read(act(world, "GET", "/analytics/filters")[1])["users"]
    assert {user["id"] for user in users} == owners | {bob}
    used = read(act(world, "GET", f"/analytics/usage?user_id={ada}")[1])
    assert used["jobs"] == 1


@pytest.mark.holds("B445")
@pytest.mark.parametrize("way", ["key", "token"])
def test_a_job_belongs_to_whoever_submits_it_by_key_or_by_token(way: str) -> None:
    world = build_world(instance("one", devices=[LINE]), people=[person("ada")])
    for key, owner in ((API_KEY, None), (f"{API_KEY}-ada", world.people[f"{API_KEY}-ada"])):
        world, token = respond(world, token_request(key))
        authorization = f"apikey {key}" if way == "key" else f"Bearer {read(token)['access_token']}"
        asked = ask(world, "POST", "/jobs", sampler_job("ibm_line"))
        signed = (("Authorization", authorization), *asked.headers[1:])
        world, answered = respond(world, msgspec.structs.replace(asked, headers=signed))
        [held] = world.jobs.values()
        assert held[read(answered)["id"]].user == owner
        mine = msgspec.structs.replace(ask(world, "GET", "/workloads?user=me"), headers=signed)
        assert [told["id"] for told in read(respond(world, mine)[1])["workloads"]] == [read(answered)["id"]]
    assert len(read(act(world, "GET", "/workloads")[1])["workloads"]) == 2


@pytest.mark.holds("B446")
def test_a_world_runs_the_programs_that_it_has() -> None:
    world = build_world(instance("one", devices=[LINE]), programs=["sampler", "my-program"])
    statuses = {
        name: act(world, "POST", "/jobs", {"program_id": name, "backend": "ibm_line", "params": {}})[1].status
        for name in ("sampler", "my-program", "estimator")
    }
    assert statuses == {"sampler": 200, "my-program": 200, "estimator": 404}
    emulated_cloud(world, programs={"my-program": lambda *_: {}})
    with pytest.raises(ValueError, match="my-other"):
        emulated_cloud(world, programs={"my-other": lambda *_: {}})
