"""What is local works in other processes, however it came there, and in threads."""

import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from typing import Any

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from qiskit_runtime_service import IBMBackend, QiskitRuntimeLocalService, RuntimeJobV2, SamplerV2, Session
from qiskit_runtime_service.emulator.needs import JobTask
from qiskit_runtime_service.exceptions import RuntimeJobNotFound
from qiskit_runtime_service.testing import (
    EmulatedTransport,
    Simulation,
    describe_device,
    emulated_cloud,
    one_instance,
)
from qiskit_runtime_service.transport.process import ProcessLock

from ..support.forks import Gate, forks, held_up, in_child, may_warn
from .clouds import bell

LOCAL = QiskitRuntimeLocalService().backend("aer_simulator")
"""A backend that children of a fork find as it is."""


def turned() -> list[QuantumCircuit]:
    """Return circuits of one parameter, bound so that qubit n of circuit n is flipped and no other."""
    angle = [Parameter(f"a{qubit}") for qubit in range(3)]
    circuit = QuantumCircuit(3)
    for qubit in range(3):
        circuit.rx(angle[qubit], qubit)
    circuit.measure_all()
    return [circuit.assign_parameters([3.141592653589793 * (qubit == one) for qubit in range(3)]) for one in range(3)]


TURNED = [{"001": 8}, {"010": 8}, {"100": 8}]


def count(backend: IBMBackend, circuit: QuantumCircuit) -> dict[str, int]:
    """Run a circuit in whatever process this is."""
    counts: dict[str, int] = SamplerV2(backend).run([circuit], shots=8).result()[0].data.meas.get_counts()
    return counts


def submit(backend: IBMBackend, circuit: QuantumCircuit) -> RuntimeJobV2:
    """Run a circuit in whatever process this is, and return its job."""
    job = SamplerV2(backend).run([circuit], shots=8)
    job.result()
    return job


def toss(_: int) -> tuple[str, str]:
    """Return the id of a job on the backend of this module, and what it measured of 64 random bits."""
    circuit = QuantumCircuit(64)
    circuit.h(range(64))
    circuit.measure_all()
    job = SamplerV2(LOCAL).run([circuit], shots=1)
    return job.job_id(), job.result()[0].data.meas.get_bitstrings()[0]


def fail(backend: IBMBackend) -> None:
    backend.service.job("d-nowhere")


# Pools of processes


@pytest.fixture(scope="module")
def spawned() -> Iterator[Executor]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.mark.holds("B278")
def test_a_pool_runs_bound_circuits_on_a_local_backend(spawned: Executor) -> None:
    backend = QiskitRuntimeLocalService().backend("aer_simulator")
    assert list(spawned.map(partial(count, backend), turned())) == TURNED


@pytest.mark.takes_long
@pytest.mark.holds("B278")
def test_jobs_come_back_from_a_pool_with_their_results(spawned: Executor) -> None:
    backend = QiskitRuntimeLocalService().backend("aer_simulator")
    jobs = list(spawned.map(partial(submit, backend), turned()))
    assert [job.result()[0].data.meas.get_counts() for job in jobs] == TURNED
    assert len({job.job_id() for job in jobs}) == 3
    assert [job.status() for job in jobs] == ["DONE"] * 3
    assert backend.service.jobs() == []


@pytest.mark.holds("B278")
def test_a_session_goes_to_a_pool(spawned: Executor) -> None:
    backend = QiskitRuntimeLocalService().backend("fake_manila")
    with Session(backend) as session:
        job = spawned.submit(submit, session, bell(backend)).result()  # type: ignore[arg-type]  # a mode like another
        assert job.session_id == session.session_id


def test_an_error_comes_back_from_a_pool_as_itself(spawned: Executor) -> None:
    with pytest.raises(RuntimeJobNotFound, match="Job 'd-nowhere' is not in the instance that was asked"):
        spawned.submit(fail, LOCAL).result()


@pytest.mark.takes_long
@forks
@may_warn
@pytest.mark.holds("B279", "B280")
def test_children_of_a_fork_go_ways_of_their_own() -> None:
    mine = [toss(0)]
    with get_context("fork").Pool(2) as pool:
        theirs = pool.map(toss, range(4), chunksize=1)
    mine.append(toss(0))
    ids, shots = zip(*mine, *theirs, strict=True)
    assert len(set(ids)) == len(set(shots)) == 6
    assert {job.job_id() for job in LOCAL.service.jobs()} >= {mine[0][0], mine[1][0]}
    assert {job.job_id() for job in LOCAL.service.jobs()}.isdisjoint(job for job, _ in theirs)


@pytest.mark.takes_long
@pytest.mark.holds("B278")
def test_a_cluster_of_dask_runs_bound_circuits_on_a_local_backend() -> None:
    distributed: Any = import_module("distributed")  # It has no types, and takes a second to load.
    backend = QiskitRuntimeLocalService().backend("aer_simulator")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        futures = client.map(lambda circuit: count(backend, circuit), turned(), pure=False)
        assert client.gather(futures) == TURNED


def test_threads_share_a_local_backend() -> None:
    backend = QiskitRuntimeLocalService().backend("aer_simulator")
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(partial(count, backend), turned() * 4)) == TURNED * 4
    assert len({job.job_id() for job in backend.service.jobs(limit=None)}) == 12


# Locks at a fork


@forks
@may_warn
@pytest.mark.holds("B280")
@pytest.mark.parametrize("make", [threading.Lock, threading.RLock])
def test_a_lock_that_a_thread_held_at_the_fork_is_open_in_the_child(make: Any) -> None:
    lock, gate = ProcessLock(make), Gate()

    def hold() -> None:
        with lock:
            gate.pass_by()

    def hold_twice() -> str:
        for _ in range(2):
            with lock:
                pass
        return "both"

    with held_up(gate, hold):
        assert in_child(hold_twice) == "both"
    assert hold_twice() == "both"


@forks
@may_warn
@pytest.mark.holds("B280")
def test_what_a_thread_was_fetching_at_the_fork_is_fetched_in_the_child() -> None:
    gate = Gate()

    def library(name: str) -> tuple[bytes, bytes]:
        gate.pass_by()
        return describe_device(name)

    cloud = EmulatedTransport(emulated_cloud().world, library=library, simulate=Simulation())
    (backend,) = QiskitRuntimeLocalService(transport=cloud).backends("aer_simulator", use_fractional_gates=None)
    with held_up(gate, backend.configuration):
        assert in_child(lambda: count(backend, turned()[1])) == "{'010': 8}"
    assert count(backend, turned()[0]) == {"001": 8}


@forks
@may_warn
@pytest.mark.holds("B280")
def test_a_cloud_that_a_thread_was_changing_at_the_fork_answers_in_the_child() -> None:
    gate, cloud = Gate(), emulated_cloud(one_instance())
    service = QiskitRuntimeLocalService(transport=cloud)

    def change(world: Any) -> Any:
        gate.pass_by()
        return world

    with held_up(gate, lambda: cloud.alter(change)):
        assert in_child(service.backends) == "[<IBMBackend('ibm_emu5')>]"


@forks
@may_warn
@pytest.mark.holds("B280")
@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor], ids=["in a thread", "in an executor"])
def test_a_job_that_was_simulated_at_the_fork_is_simulated_in_the_child_too(executor: Any) -> None:
    gate = Gate()

    def answer(params: object, task: JobTask) -> object:
        gate.pass_by()
        return {"job": task.id}

    pool = None if executor is None else executor(1)
    cloud = emulated_cloud(one_instance(), programs={"executor": answer}, executor=pool)
    service = QiskitRuntimeLocalService(transport=cloud)
    backend = service.backend("ibm_emu5")
    job = service.run_program("executor", {}, backend)
    with held_up(gate, job.result):
        assert in_child(job.result) == str({"job": job.job_id()})
        assert in_child(lambda: service.run_program("executor", {}, backend).result()["job"] != job.job_id()) == "True"
    assert job.result() == {"job": job.job_id()}
    if pool is not None:
        pool.shutdown()


@forks
@may_warn
@pytest.mark.holds("B280")
def test_a_session_that_a_thread_was_closing_at_the_fork_is_closed_in_the_child() -> None:
    gate = Gate()

    class Slow(EmulatedTransport):
        def answer(self, request: Any, /, *, patience: float | None = None) -> Any:
            if request.method in ("PATCH", "DELETE"):
                gate.pass_by()
            return super().answer(request, patience=patience)

    service = QiskitRuntimeLocalService(transport=Slow(one_instance(plan="premium")))
    session = Session(service.backend("ibm_emu5"))

    def close() -> bool:
        session.close()
        return session.closed

    with held_up(gate, close):
        assert in_child(close) == "True"
    assert session.closed
