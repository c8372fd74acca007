"""Histories of a whole cloud: whatever is done in whatever order, what has ended stays as it ended."""

from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from qiskit_runtime_service.emulator.changes import Change, find_change, make_change
from qiskit_runtime_service.emulator.handle import needs
from qiskit_runtime_service.emulator.needs import DeviceBodies
from qiskit_runtime_service.emulator.saving import decode_world, encode_world
from qiskit_runtime_service.emulator.world import (
    Crashed,
    DeviceState,
    Finished,
    World,
    give_outcome,
    move_on,
    put_device,
)
from qiskit_runtime_service.records.exchange import Response
from qiskit_runtime_service.testing import DeviceQueue, DrawnQueue, FixedQueue, build_world, instance, line_device

from ..promises.sizes import size
from ..support.calls import ask, read, respond, sampler_job

ENDED = ("Completed", "Failed", "Cancelled")
DEVICES = ("ibm_a", "ibm_b")
LONG = 10.0**5


class Seen(msgspec.Struct, frozen=True):
    """What a job was described as after its end."""

    state: dict[str, Any]
    usage: dict[str, Any]
    created: str


class CloudMachine(RuleBasedStateMachine):
    """A cloud with two instances, and all that a user remembers of it."""

    world: World

    @initialize(queue=st.sampled_from([DeviceQueue(), FixedQueue(3.0), DrawnQueue(20.0)]), seed=st.integers(0, 3))
    def begin(self, queue: DeviceQueue | FixedQueue | DrawnQueue, seed: int) -> None:
        devices = [line_device(name, 2, queue_seconds=10, run_seconds=5) for name in DEVICES]
        self.world = build_world(
            instance("one", plan="premium", devices=devices, limit=500),
            instance("two", devices=devices),
            queue=queue,
            seed=seed,
        )
        self.alive: dict[str, str] = {}
        """From each job that must be there to its instance."""
        self.sessions: dict[str, str] = {}
        self.ended: dict[str, Seen] = {}
        self.spent = dict.fromkeys(self.world.instances, 0.0)
        self.closed: set[str] = set()
        self.noted = self.noted_again = self.world
        # Something to work on: short histories are drawn more often than long ones.
        for number, device in ((0, "ibm_a"), (1, "ibm_a"), (0, "ibm_b")):
            self.submit(number, device, private=False, cost=60)
        self.open_a_session(0, "ibm_a", "dedicated")

    def ask(self, method: str, path: str, crn: str, body: object = None) -> Response:
        """Ask the cloud; every third job that comes to its end breaks."""
        request = ask(self.world, method, path, body, crn=crn)
        while wanted := needs(self.world, request):
            for task in wanted:
                assert not isinstance(task, DeviceBodies)
                broke = int(task.id[-3:]) % 3 == 0
                outcome = Crashed(reason="It broke.") if broke else Finished(result=b"{}")
                self.world = give_outcome(self.world, task.id, outcome)
        self.world, response = respond(self.world, request)
        assert response.status < 500
        assert (response.status == 204) == (response.body == b"") or path.endswith("/logs")
        if response.status >= 400:
            assert read(response)["errors"][0]["message"]
        return response

    def crn(self, number: int) -> str:
        return list(self.world.instances)[number % 2]

    @rule(
        number=st.integers(0, 1), device=st.sampled_from(DEVICES), private=st.booleans(), cost=st.sampled_from([1, 60])
    )
    def submit(self, number: int, device: str, private: bool, cost: int) -> None:
        crn = self.crn(number)
        body = sampler_job(device, private=private, cost=cost, tags=[f"tag-{number}"])
        response = self.ask("POST", "/jobs", crn, body)
        assert response.status in {200, 409}
        if response.status == 200:
            self.alive[read(response)["id"]] = crn

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def submit_to_a_session(self, data: st.DataObject) -> None:
        session = data.draw(st.sampled_from(sorted(self.sessions)))
        crn = self.sessions[session]
        device = read(self.ask("GET", f"/sessions/{session}", crn))["backend_name"]
        response = self.ask("POST", "/jobs", crn, sampler_job(device, session_id=session))
        assert response.status in {200, 400, 409}
        if response.status == 200:
            assert session not in self.closed
            self.alive[read(response)["id"]] = crn

    @rule(number=st.integers(0, 1), device=st.sampled_from(DEVICES), mode=st.sampled_from(["batch", "dedicated"]))
    def open_a_session(self, number: int, device: str, mode: str) -> None:
        crn = self.crn(number)
        response = self.ask("POST", "/sessions", crn, {"mode": mode, "backend": device, "max_ttl": 40})
        assert response.status == (400 if mode == "dedicated" and number else 200)
        if response.status == 200:
            self.sessions[read(response)["id"]] = crn

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), how=st.sampled_from(["stop", "cancel"]))
    def close_a_session(self, data: st.DataObject, how: str) -> None:
        session = data.draw(st.sampled_from(sorted(self.sessions)))
        crn = self.sessions[session]
        if how == "stop":
            self.ask("PATCH", f"/sessions/{session}", crn, {"accepting_jobs": False})
        else:
            self.ask("DELETE", f"/sessions/{session}/close", crn)

    @rule(seconds=st.sampled_from([0.0, 1.0, 12.0, 30.0, 300.0]))
    def wait(self, seconds: float) -> None:
        self.world = move_on(self.world, seconds)

    @rule(name=st.sampled_from(DEVICES), state=st.sampled_from(["online", "paused"]))
    def change_a_device(self, name: str, state: DeviceState) -> None:
        self.world = put_device(self.world, msgspec.structs.replace(self.world.devices[name], state=state))

    @precondition(lambda self: self.alive)
    @rule(data=st.data(), verb=st.sampled_from(["cancel", "delete", "tag", "results", "logs", "metrics"]))
    def do_something_to_a_job(self, data: st.DataObject, verb: str) -> None:
        job = data.draw(st.sampled_from(sorted(self.alive)))
        crn = self.alive[job]
        match verb:
            case "cancel":
                assert self.ask("POST", f"/jobs/{job}/cancel", crn).status == (409 if job in self.ended else 204)
            case "delete":
                running = read(self.ask("GET", f"/jobs/{job}", crn))["state"]["status"] == "Running"
                assert self.ask("DELETE", f"/jobs/{job}", crn).status == (400 if running else 204)
                if not running:
                    self.ended.pop(job, None)
                    del self.alive[job]
            case "tag":
                assert self.ask("PUT", f"/jobs/{job}/tags", crn, {"tags": ["other"]}).status == 204
            case _:
                self.ask("GET", f"/jobs/{job}/{verb}", crn)

    @precondition(lambda self: self.ended)
    @rule(data=st.data())
    def forget_a_job(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(sorted(self.ended)))
        del self.ended[job]
        assert self.ask("DELETE", f"/jobs/{job}", self.alive.pop(job)).status == 204

    @rule()
    def save_and_load(self) -> None:
        again = decode_world(encode_world(self.world))
        assert again == self.world
        self.world = again

    @invariant()
    def no_job_is_lost_and_no_end_is_taken_back(self) -> None:
        for crn in self.world.instances:
            page = read(self.ask("GET", "/jobs", crn))
            jobs = {job["id"]: job for job in page["jobs"]}
            assert jobs.keys() == {job for job, holder in self.alive.items() if holder == crn}
            assert page["count"] == len(jobs)
            for job, body in jobs.items():
                if body["state"]["status"] in ENDED:
                    seen = Seen(body["state"], body["usage"], body["created"])
                    assert self.ended.setdefault(job, seen) == seen
                else:
                    assert job not in self.ended

    @invariant()
    def pending_and_final_jobs_are_all_jobs(self) -> None:
        for crn in self.world.instances:
            pending, final = (read(self.ask("GET", f"/jobs?pending={word}", crn)) for word in ("true", "false"))
            assert pending["count"] + final["count"] == read(self.ask("GET", "/jobs?limit=1", crn))["count"]
            assert all(job["state"]["status"] not in ENDED for job in pending["jobs"])
            assert all(job["state"]["status"] in ENDED for job in final["jobs"])

    @invariant()
    def what_is_spent_never_falls(self) -> None:
        for crn, before in self.spent.items():
            now = read(self.ask("GET", "/instances/usage", crn))["usage_consumed_seconds"]
            assert now >= before - 1e-6
            self.spent[crn] = now

    @invariant()
    def all_that_was_new_makes_the_world_of_the_one_at_the_beginning(self) -> None:
        body = msgspec.msgpack.encode(find_change(self.noted, self.world))
        self.noted_again = make_change(self.noted_again, msgspec.msgpack.decode(body, type=Change))
        self.noted = self.world
        made, world = (decode_world(encode_world(world)) for world in (self.noted_again, self.world))
        assert encode_world(made) == encode_world(world)

    @invariant()
    def a_closed_session_stays_closed(self) -> None:
        for session, crn in self.sessions.items():
            body = read(self.ask("GET", f"/sessions/{session}", crn))
            if session in self.closed:
                assert body["state"] == "closed"
            if body["state"] == "closed":
                assert not body["accepting_jobs"]
                self.closed.add(session)

    def teardown(self) -> None:
        """In the end everything ends, if the devices work."""
        if not hasattr(self, "world"):
            return
        for device in list(self.world.devices.values()):
            self.world = put_device(self.world, msgspec.structs.replace(device, state="online"))
        self.world = move_on(self.world, LONG)
        for crn in self.world.instances:
            states = {job["state"]["status"] for job in read(self.ask("GET", "/jobs", crn))["jobs"]}
            assert states <= set(ENDED)


TestHistories = pytest.mark.takes_long(CloudMachine.TestCase)
TestHistories.settings = settings(max_examples=size(600), stateful_step_count=30, deadline=None)
