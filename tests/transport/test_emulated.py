"""The carrier to an emulated cloud: its clock, its ledger, and what it fetches from outside."""

import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from qiskit_runtime_service.emulator.faults import (
    Drip,
    Effect,
    Garble,
    Lost,
    Misstate,
    Stall,
    Status,
    Truncate,
    Unreachable,
)
from qiskit_runtime_service.emulator.needs import JobTask
from qiskit_runtime_service.emulator.world import Crashed, Finished, Outcome, World, put_device
from qiskit_runtime_service.emulator.worlds import device_from_row, line_device, one_instance
from qiskit_runtime_service.records.backend import BackendRow
from qiskit_runtime_service.records.exchange import Response
from qiskit_runtime_service.records.problem import NetworkFault
from qiskit_runtime_service.testing import broken
from qiskit_runtime_service.transport.emulated import EmulatedTransport

from ..support.calls import ask, read, sampler_job


def listed() -> World:
    """Return a world whose device is listed but not described."""
    return one_instance(devices=(device_from_row(BackendRow(name="ibm_x", num_qubits=2), queue_seconds=60),))


def library(name: str) -> tuple[bytes, bytes]:
    return f'{{"backend_name":"{name}"}}'.encode(), b"{}"


class Simulator:
    """A simulation that remembers its orders."""

    def __init__(self) -> None:
        self.orders: list[JobTask] = []

    def __call__(self, order: JobTask) -> Outcome:
        self.orders.append(order)
        return Finished(result=order.params) if order.program == "sampler" else Crashed(reason="not a sampler")


class PatientExecutor(ThreadPoolExecutor):
    """An executor that counts what it is given."""

    def __init__(self) -> None:
        super().__init__(1)
        self.given = 0

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        self.given += 1
        return super().submit(*args, **kwargs)


def get(cloud: EmulatedTransport, path: str) -> Response:
    return cloud.send(ask(cloud.world, "GET", path)).unwrap()


def post_job(cloud: EmulatedTransport, backend: str = "ibm_x", **fields: object) -> str:
    return str(read(cloud.send(ask(cloud.world, "POST", "/jobs", sampler_job(backend, **fields))).unwrap())["id"])


@pytest.mark.holds("B196")
def test_sleeping_moves_the_cloud_at_once_and_never_back() -> None:
    cloud = EmulatedTransport(one_instance())
    began = cloud.now()
    cloud.sleep(3600)
    cloud.sleep(-5)
    assert cloud.now() == began + 3600


def test_bodies_are_fetched_from_the_library_once() -> None:
    names: list[str] = []

    def counted(name: str) -> tuple[bytes, bytes]:
        names.append(name)
        return library(name)

    cloud = EmulatedTransport(listed(), library=counted)
    get(cloud, "/backends")
    assert names == []
    for _ in range(2):
        assert read(get(cloud, "/backends/ibm_x/configuration")) == {"backend_name": "ibm_x"}
        assert read(get(cloud, "/backends/ibm_x/properties")) == {}
    assert names == ["ibm_x"]


def test_a_device_that_nobody_describes_is_a_mistake_of_the_caller() -> None:
    cloud = EmulatedTransport(listed())
    with pytest.raises(LookupError, match="ibm_x"):
        get(cloud, "/backends/ibm_x/configuration")


def test_a_job_is_simulated_once_and_only_when_it_is_looked_at_after_its_end() -> None:
    simulate = Simulator()
    cloud = EmulatedTransport(listed(), library=library, simulate=simulate)
    job = post_job(cloud)
    get(cloud, f"/jobs/{job}")
    cloud.sleep(3600)
    assert simulate.orders == []
    assert get(cloud, f"/jobs/{job}/results").body == simulate.orders[0].params
    get(cloud, "/jobs")
    assert len(simulate.orders) == 1


def test_without_a_simulation_a_due_job_fails_and_says_why() -> None:
    cloud = EmulatedTransport(one_instance())
    job = post_job(cloud, "ibm_emu5")
    cloud.sleep(10)
    state = read(get(cloud, f"/jobs/{job}"))["state"]
    assert (state["status"], state["reason"]) == ("Failed", "This emulated cloud has no simulation.")


def test_many_threads_that_look_at_one_job_simulate_it_once() -> None:
    simulate = Simulator()
    cloud = EmulatedTransport(listed(), library=library, simulate=simulate)
    job = post_job(cloud)
    cloud.sleep(3600)
    with ThreadPoolExecutor(8) as pool:
        bodies = set(pool.map(lambda _: get(cloud, f"/jobs/{job}/results").body, range(32)))
    assert len(bodies) == len(simulate.orders) == 1


def test_an_executor_gets_each_job_when_it_is_submitted() -> None:
    simulate = Simulator()
    with PatientExecutor() as executor:
        cloud = EmulatedTransport(listed(), library=library, simulate=simulate, executor=executor)
        jobs = [post_job(cloud) for _ in range(3)]
        assert executor.given == 3
        cloud.sleep(3600)
        assert [get(cloud, f"/jobs/{job}").status for job in jobs] == [200] * 3
        assert [job["status"] for job in read(get(cloud, "/jobs"))["jobs"]] == ["Completed"] * 3
        assert executor.given == 3
    assert sorted(order.id for order in simulate.orders) == jobs


def test_a_job_that_will_run_too_long_is_not_handed_to_the_executor() -> None:
    with PatientExecutor() as executor:
        cloud = EmulatedTransport(one_instance(), simulate=Simulator(), executor=executor)
        post_job(cloud, "ibm_emu5", cost=1)
        assert executor.given == 0


def test_a_job_that_is_running_in_the_executor_is_waited_for() -> None:
    free = threading.Event()

    def slow(order: JobTask) -> Outcome:
        free.wait(5)
        return Finished(result=b"[]")

    with PatientExecutor() as executor:
        cloud = EmulatedTransport(one_instance(), simulate=slow, executor=executor)
        job = post_job(cloud, "ibm_emu5")
        cloud.sleep(10)
        threading.Timer(0.01, free.set).start()
        assert get(cloud, f"/jobs/{job}/results").body == b"[]"


def test_a_closed_cloud_simulates_what_the_executor_had_not_begun_when_it_is_looked_at() -> None:
    free = threading.Event()
    simulate = Simulator()
    with PatientExecutor() as executor:
        executor.submit(free.wait, 5)
        cloud = EmulatedTransport(one_instance(), simulate=simulate, executor=executor)
        job = post_job(cloud, "ibm_emu5")
        cloud.close()
        free.set()
    # By now the executor has done all that it was still given.
    assert simulate.orders == []
    cloud.sleep(10)
    assert get(cloud, f"/jobs/{job}/results").status == 200
    assert len(simulate.orders) == 1


def test_the_ledger_holds_time_request_and_status_of_each_exchange() -> None:
    cloud = EmulatedTransport(one_instance())
    get(cloud, "/backends")
    cloud.sleep(7)
    get(cloud, "/jobs?limit=3")
    post_job(cloud, "ibm_emu5")
    began = cloud.ledger[0].at
    assert [(exchange.at - began, exchange.request.method, exchange.status) for exchange in cloud.ledger] == [
        (0, "GET", 200),
        (7, "GET", 200),
        (7, "POST", 200),
    ]
    assert len(cloud.requests("/jobs")) == 2
    assert [request.method for request in cloud.requests("/jobs", "POST")] == ["POST"]
    assert len(cloud.requests()) == 3


@pytest.mark.parametrize(
    ("effect", "status"),
    [
        (Status(code=503), 503),
        (Stall(seconds=1.0), 200),
        (Drip(seconds=1.0), 200),
        (Truncate(), 200),
        (Misstate(by=1), 200),
        (Garble(), None),
        (Lost(acted=True), None),
        (Unreachable(), None),
    ],
)
def test_the_ledger_holds_the_status_that_was_sent_however_it_arrived(effect: Effect, status: int | None) -> None:
    cloud = EmulatedTransport(broken(effect))
    cloud.send(ask(cloud.world, "GET", "/backends"))
    assert [exchange.status for exchange in cloud.ledger] == [status]


def test_a_ledger_may_keep_the_newest_alone_and_counts_them_all() -> None:
    cloud = EmulatedTransport(one_instance(), remembered=2)
    for limit in (1, 2, 3):
        get(cloud, f"/jobs?limit={limit}")
    assert [request.url[-7:] for request in cloud.requests("/jobs")] == ["limit=2", "limit=3"]
    assert (len(cloud.ledger), cloud.answered) == (2, 3)


@pytest.mark.holds("B140")
@pytest.mark.parametrize(
    ("effects", "left", "spent", "cause"),
    [
        ((Stall(seconds=4),), None, 4, None),
        ((Stall(seconds=4),), 4.5, 4, None),
        ((Stall(seconds=4),), 4.0, 4, "deadline"),
        ((Stall(seconds=4),), 1.5, 1.5, "deadline"),
        ((Stall(seconds=4), Drip(seconds=3)), 7.0, 7, "deadline"),
        ((Stall(seconds=4), Drip(seconds=3)), 7.5, 7, None),
        ((Stall(seconds=40),), 35.0, 30, "silence"),
        ((Stall(seconds=30),), None, 30, "silence"),
        ((Stall(seconds=4), Drip(seconds=300)), None, 34, "silence"),
    ],
)
def test_a_caller_spends_what_a_fault_takes_and_no_more_than_it_has(
    effects: tuple[Effect, ...], left: float | None, spent: float, cause: str | None
) -> None:
    cloud = EmulatedTransport(broken(*effects))
    began = cloud.now()
    request = msgspec.structs.replace(ask(cloud.world, "GET", "/backends"), read_timeout=30.0, time_left=left)
    outcome = cloud.send(request)
    assert cloud.now() - began == pytest.approx(spent)
    if cause is None:
        assert outcome.unwrap().status == 200
    else:
        problem = outcome.failure()
        assert isinstance(problem, NetworkFault)
        assert (problem.kind, problem.cause) == ("unclear", cause)


def test_the_world_may_be_altered_between_two_requests() -> None:
    cloud = EmulatedTransport(one_instance())
    cloud.alter(lambda world: put_device(world, line_device("ibm_emu5", 9)))
    assert read(get(cloud, "/backends"))["devices"][0]["qubits"] == 9


def test_an_emulated_cloud_loads_neither_executors_nor_networks() -> None:
    script = (
        "import sys; import qiskit_runtime_service.transport.emulated; "
        "sys.exit(' '.join({'concurrent.futures', 'urllib3', 'socket', 'qiskit'} & set(sys.modules)))"
    )
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert finished.stderr.strip() == ""


class TurnedClock:
    """A clock that goes when it is turned, and counts how long it was slept on."""

    def __init__(self) -> None:
        self.reading = 100.0

    def now(self) -> float:
        return self.reading

    def sleep(self, seconds: float, /) -> None:
        self.reading += seconds


@pytest.mark.holds("B196")
def test_with_a_clock_the_world_runs_as_many_times_as_fast() -> None:
    clock = TurnedClock()
    cloud = EmulatedTransport(one_instance(queue_seconds=600, run_seconds=60), clock=clock, speed=60)
    began = cloud.now()
    job = post_job(cloud, "ibm_emu5")
    seen = []
    for _ in range(3):
        seen.append(read(get(cloud, f"/jobs/{job}"))["state"]["status"])
        clock.reading += 10.5
    assert seen == ["Queued", "Running", "Failed"]
    assert cloud.now() - began == pytest.approx(31.5 * 60)
    assert [exchange.at - began for exchange in cloud.ledger] == pytest.approx([0, 0, 630, 1260])


@pytest.mark.holds("B196")
def test_sleeping_in_a_world_with_a_clock_takes_time_on_that_clock() -> None:
    clock = TurnedClock()
    cloud = EmulatedTransport(one_instance(), clock=clock, speed=60)
    began = cloud.now()
    cloud.sleep(120)
    cloud.sleep(-5)
    assert clock.reading == 102
    assert cloud.now() - began == pytest.approx(120)


@pytest.mark.holds("B196")
def test_a_clock_that_is_set_back_does_not_turn_the_world_back() -> None:
    clock = TurnedClock()
    cloud = EmulatedTransport(one_instance(), clock=clock)
    began = cloud.now()
    clock.reading -= 50
    assert cloud.now() == began
    clock.reading += 60
    assert cloud.world.now - began == pytest.approx(10)
    clock.reading += 10
    assert cloud.now() - began == pytest.approx(20)


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf")])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        EmulatedTransport(one_instance(), clock=TurnedClock(), speed=speed)
