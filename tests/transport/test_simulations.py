"""Simulations beside requests: each job once, nobody is held up, and whatever is raised is an outcome."""

import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from qiskit_runtime_service.emulator.needs import JobTask
from qiskit_runtime_service.emulator.world import Crashed, Finished, Outcome, World, put_device
from qiskit_runtime_service.emulator.worlds import line_device, one_instance
from qiskit_runtime_service.records.exchange import Request
from qiskit_runtime_service.transport.emulated import EmulatedTransport
from qiskit_runtime_service.transport.simulations import Simulations

from ..support.calls import ask, read, sampler_job

SOON = 10.0
"""Seconds within which what has to happen happens on any machine."""


class Slow:
    """A simulation that takes as long as is wanted, by name of the program."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.begun: list[str] = []
        self.together = 0
        self.most_together = 0

    def __call__(self, task: JobTask) -> Outcome:
        self.begun.append(task.id)
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        if task.program == "estimator":
            assert self.free.wait(SOON)
        self.together -= 1
        return Finished(result=task.id.encode())


def two_devices() -> World:
    return one_instance(devices=[line_device("ibm_a", 2), line_device("ibm_b", 2)])


def post(cloud: EmulatedTransport, backend: str = "ibm_a", **fields: object) -> str:
    answer = cloud.send(ask(cloud.world, "POST", "/jobs", sampler_job(backend, **fields))).unwrap()
    return str(read(answer)["id"])


def look(cloud: EmulatedTransport, path: str, patience: float | None = 0.0) -> Any:
    """Ask as a door does, for which nobody waits longer than `patience`."""
    reply = cloud.answer(ask(cloud.world, "GET", path), patience=patience)
    return read(reply)  # type: ignore[arg-type]  # no fault strikes here


def status_of(cloud: EmulatedTransport, job: str, patience: float | None = 0.0) -> str:
    return str(look(cloud, f"/jobs/{job}", patience)["state"]["status"])


@pytest.mark.holds("B246")
def test_a_job_that_is_still_simulated_is_running_and_holds_nobody_up() -> None:
    simulate = Slow()
    cloud = EmulatedTransport(two_devices(), simulate=simulate)
    slow, quick, other = post(cloud, program_id="estimator"), post(cloud), post(cloud, "ibm_b")
    cloud.sleep(1000)
    assert status_of(cloud, slow) == "Running"
    assert [job["status"] for job in look(cloud, "/jobs")["jobs"]] == ["Running"] * 3
    assert len(look(cloud, "/backends")["devices"]) == 2
    simulate.free.set()
    assert [status_of(cloud, job, SOON) for job in (slow, quick, other)] == ["Completed"] * 3
    assert sorted(simulate.begun) == [slow, quick, other]
    assert simulate.most_together == 1


@pytest.mark.holds("B246")
def test_all_looks_at_a_job_simulate_it_once_the_patient_and_the_others() -> None:
    simulate = Slow()
    cloud = EmulatedTransport(two_devices(), simulate=simulate)
    job = post(cloud, program_id="estimator")
    cloud.sleep(1000)
    with ThreadPoolExecutor(8) as pool:
        impatient = [pool.submit(status_of, cloud, job) for _ in range(20)]
        assert {future.result() for future in impatient} == {"Running"}
        patient = [pool.submit(status_of, cloud, job, None) for _ in range(4)]
        simulate.free.set()
        assert {future.result() for future in patient} == {"Completed"}
    assert simulate.begun == [job]


@pytest.mark.holds("B246")
def test_who_waits_long_enough_is_told_the_end() -> None:
    simulate = Slow()
    cloud = EmulatedTransport(two_devices(), simulate=simulate)
    jobs = [post(cloud), post(cloud, "ibm_b")]
    cloud.sleep(1000)
    assert [status_of(cloud, job, SOON) for job in jobs] == ["Completed"] * 2


class BrokenError(RuntimeError):
    """Something of Qiskit's or of the user's."""


def raise_it(task: JobTask) -> Outcome:
    raise BrokenError(f"no {task.program} today")


@pytest.mark.holds("B193")
@pytest.mark.parametrize("patience", [None, SOON])
def test_whatever_a_simulation_raises_is_a_failed_job_and_the_others_are_told_too(patience: float | None) -> None:
    def simulate(task: JobTask) -> Outcome:
        return raise_it(task) if task.device == "ibm_a" else Finished(result=b"{}")

    cloud = EmulatedTransport(two_devices(), simulate=simulate)
    bad, good, worse = post(cloud), post(cloud, "ibm_b"), post(cloud, program_id="estimator")
    cloud.sleep(1000)
    statuses = {job["id"]: job["status"] for job in look(cloud, "/jobs", patience)["jobs"]}
    assert statuses | {job: status_of(cloud, job, SOON) for job in (bad, good, worse)} == {
        bad: "Failed",
        good: "Completed",
        worse: "Failed",
    }
    state = look(cloud, f"/jobs/{worse}")["state"]
    assert (state["reason_code"], state["reason"]) == (9999, "BrokenError: no estimator today")
    logs = cloud.send(ask(cloud.world, "GET", f"/jobs/{worse}/logs")).unwrap().body.decode()
    assert logs.startswith("Traceback")
    assert logs.endswith("BrokenError: no estimator today\n")


@pytest.mark.holds("B193")
@pytest.mark.parametrize("patience", [None, SOON])
def test_a_simulation_that_wants_to_end_the_process_ends_its_job_only(patience: float | None) -> None:
    def simulate(task: JobTask) -> Outcome:
        raise SystemExit(f"no {task.program} today")

    cloud = EmulatedTransport(two_devices(), simulate=simulate)
    jobs = [post(cloud), post(cloud, "ibm_b", program_id="estimator")]
    cloud.sleep(1000)
    states = [look(cloud, f"/jobs/{job}", patience)["state"] for job in jobs]
    assert [state["reason"] for state in states] == ["SystemExit: no sampler today", "SystemExit: no estimator today"]


@pytest.mark.holds("B193")
@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit])
def test_what_nobody_was_interrupted_by_is_an_outcome_too(error: type[BaseException]) -> None:
    def simulate(task: JobTask) -> Outcome:
        raise error(task.program)

    cloud = EmulatedTransport(two_devices(), simulate=simulate)
    job = post(cloud)
    cloud.sleep(1000)
    assert status_of(cloud, job, SOON) == "Failed"


@pytest.mark.holds("B193")
def test_words_that_are_no_unicode_fail_their_job_and_are_told_with_escapes() -> None:
    def simulate(task: JobTask) -> Outcome:
        raise BrokenError("no file 'caf\udce9'")

    cloud = EmulatedTransport(two_devices(), simulate=simulate)
    job = post(cloud)
    cloud.sleep(1000)
    assert look(cloud, f"/jobs/{job}", None)["state"]["reason"] == r"BrokenError: no file 'caf\udce9'"
    logs = cloud.send(ask(cloud.world, "GET", f"/jobs/{job}/logs")).unwrap().body.decode()
    assert logs.endswith("BrokenError: no file 'caf\\udce9'\n")


@contextmanager
def executors(kind: str) -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as pool:
        if kind == "shut down":
            pool.shutdown()
        yield pool


@pytest.mark.holds("B193")
@pytest.mark.parametrize("kind", ["working", "shut down"])
def test_what_is_raised_in_an_executor_is_a_failed_job_too(kind: str) -> None:
    with executors(kind) as executor:
        cloud = EmulatedTransport(two_devices(), simulate=raise_it, executor=executor)
        jobs = [post(cloud), post(cloud, "ibm_b")]
        cloud.sleep(1000)
        assert [status_of(cloud, job, None) for job in jobs] == ["Failed"] * 2


class LosingExecutor(Executor):
    """An executor whose futures are cancelled by somebody else, once each."""

    def __init__(self) -> None:
        self.submitted = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.submitted += 1
        future: Future[Any] = Future()
        if self.submitted % 2:
            future.cancel()
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def test_a_simulation_that_somebody_cancelled_begins_anew() -> None:
    executor = LosingExecutor()
    cloud = EmulatedTransport(two_devices(), simulate=Slow(), executor=executor)
    job = post(cloud)
    cloud.sleep(1000)
    assert status_of(cloud, job, None) == "Completed"
    assert executor.submitted == 2


def test_a_simulation_that_is_interrupted_begins_anew_for_whoever_looks_next() -> None:
    calls: list[str] = []

    def simulate(task: JobTask) -> Outcome:
        calls.append(task.id)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return Finished(result=b"{}")

    cloud = EmulatedTransport(two_devices(), simulate=simulate)
    job = post(cloud)
    cloud.sleep(1000)
    with pytest.raises(KeyboardInterrupt):
        status_of(cloud, job, None)
    assert status_of(cloud, job, None) == "Completed"
    assert calls == [job, job]


def task_of(number: int, **changes: Any) -> JobTask:
    fields: dict[str, Any] = {
        "id": f"j{number}",
        "device": "ibm_a",
        "program": "sampler",
        "params": b"{}",
        "configuration": b"{}",
        "properties": b"{}",
        "seed": 1,
        "starts_at": 0.0,
        "ends_at": 1.0,
        "mock": False,
    }
    return JobTask(**fields | changes)


def test_a_job_whose_time_changed_since_it_was_begun_begins_anew() -> None:
    def simulate(task: JobTask) -> Outcome:
        return Finished(result=str(task.starts_at).encode())

    with ThreadPoolExecutor(1) as executor:
        simulations = Simulations(simulate, executor)
        for number in (1, 2):
            simulations.begin(task_of(number))
        outcomes = [simulations.outcome(task_of(number, starts_at=5.0 * (number - 1)), None) for number in (1, 2)]
    assert outcomes == [Finished(result=b"0.0"), Finished(result=b"5.0")]


def test_a_closed_cloud_begins_what_it_is_asked_for_anew() -> None:
    simulate = Slow()
    simulations = Simulations(simulate, None)
    assert simulations.outcome(task_of(1, program="estimator"), 0.0) is None
    assert simulations.outcome(task_of(2), 0.0) is None
    simulations.close()
    simulate.free.set()
    assert simulations.outcome(task_of(2), SOON) == Finished(result=b"j2")
    assert simulate.begun.count("j2") == 1


def test_a_job_that_is_being_simulated_when_the_cloud_is_closed_is_simulated_once() -> None:
    simulate = Slow()
    simulations = Simulations(simulate, None)
    with ThreadPoolExecutor(1) as pool:
        patient = pool.submit(simulations.outcome, task_of(1, program="estimator"), None)
        while not simulate.begun:
            assert simulations.outcome(task_of(1, program="estimator"), 0.01) is None
        simulations.close()
        assert simulations.outcome(task_of(1, program="estimator"), 0.0) is None
        simulate.free.set()
        assert simulations.outcome(task_of(1, program="estimator"), SOON) == Finished(result=b"j1")
        assert patient.result(SOON) == Finished(result=b"j1")
    assert simulate.begun == ["j1"]


def without(world: World, device: str) -> World:
    left = {name: held for name, held in world.devices.items() if name != device}
    return msgspec.structs.replace(world, devices=left)


@pytest.mark.holds("B247")
@pytest.mark.parametrize("patience", [None, 0.0])
def test_a_job_whose_device_leaves_before_anybody_looked_comes_to_its_end(patience: float | None) -> None:
    cloud = EmulatedTransport(two_devices(), simulate=Slow())
    gone, kept = post(cloud), post(cloud, "ibm_b")
    cloud.sleep(1000)
    cloud.alter(lambda world: without(world, "ibm_a"))
    state = look(cloud, f"/jobs/{gone}", patience)["state"]
    assert (state["status"], state["reason"]) == ("Failed", "The device 'ibm_a' is not there any more.")
    assert {job["id"] for job in look(cloud, "/jobs?pending=false", None)["jobs"]} == {gone, kept}
    assert status_of(cloud, kept, SOON) == "Completed"


@pytest.mark.holds("B247")
def test_a_job_in_the_queue_of_a_paused_device_that_leaves_fails_and_costs_nothing() -> None:
    cloud = EmulatedTransport(two_devices(), simulate=Slow())
    cloud.alter(lambda world: put_device(world, msgspec.structs.replace(world.devices["ibm_a"], state="paused")))
    job = post(cloud)
    cloud.sleep(1000)
    assert status_of(cloud, job) == "Queued"
    cloud.alter(lambda world: without(world, "ibm_a"))
    told = look(cloud, f"/jobs/{job}")
    assert (told["state"]["status"], told["usage"]["qpu_charge_time_seconds"]) == ("Failed", 0)


@pytest.mark.holds("B249")
def test_the_logs_of_a_failed_job_tell_why_it_failed() -> None:
    cloud = EmulatedTransport(two_devices(), simulate=lambda _: Crashed(reason="Too wide.", code=5203))
    spoken = EmulatedTransport(two_devices(), simulate=lambda _: Crashed(reason="Too wide.", code=5203, logs="wide\n"))
    for place, words in ((cloud, b"Too wide.\n"), (spoken, b"wide\n")):
        job = post(place)
        place.sleep(1000)
        request: Request = ask(place.world, "GET", f"/jobs/{job}/logs")
        assert place.send(request).unwrap().body == words
