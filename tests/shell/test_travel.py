"""What is local goes through pickles and works on the other side."""

import copy
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any, TypeVar

import pytest
from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import SparsePauliOp
from qiskit_aer import AerSimulator

from qiskit_runtime_service import (
    Batch,
    Endpoints,
    EstimatorV2,
    IBMBackend,
    QiskitRuntimeLocalService,
    QiskitRuntimeService,
    RuntimeJobV2,
    SamplerV2,
    Session,
    Timeouts,
)
from qiskit_runtime_service.emulator.needs import JobTask
from qiskit_runtime_service.emulator.world import put_device
from qiskit_runtime_service.exceptions import (
    IBMInputValueError,
    IBMRuntimeError,
    IBMTimeoutError,
    InvalidAccountError,
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
    RuntimeJobNotFound,
)
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.testing import (
    API_KEY,
    Fault,
    Stall,
    SystemClock,
    broken,
    emulated_cloud,
    one_instance,
    recalibrated,
)

from .clouds import bell, open_service

T = TypeVar("T")


def sent(thing: T) -> T:
    """Return what a pickle of a thing gives."""
    return pickle.loads(pickle.dumps(thing))  # noqa: S301  # our own bytes


def flipped(*qubits: int, wide: int = 2) -> QuantumCircuit:
    """Return a circuit that flips some qubits and measures all."""
    circuit = QuantumCircuit(wide)
    for qubit in qubits:
        circuit.x(qubit)
    circuit.measure_all()
    return circuit


def coin() -> QuantumCircuit:
    """Return a circuit that measures 64 random bits."""
    circuit = QuantumCircuit(64)
    circuit.h(range(64))
    circuit.measure_all()
    return circuit


def counts_of(job: RuntimeJobV2) -> dict[str, int]:
    counts: dict[str, int] = job.result()[0].data.meas.get_counts()
    return counts


def run(backend: IBMBackend, circuit: QuantumCircuit, shots: int = 10) -> dict[str, int]:
    """Run a circuit in whatever process this is."""
    return counts_of(SamplerV2(mode=backend).run([circuit], shots=shots))


@pytest.fixture
def service() -> QiskitRuntimeLocalService:
    return QiskitRuntimeLocalService()


# The service


@pytest.mark.holds("B280")
def test_the_local_service_needs_no_account_and_no_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "canary-of-the-environment")
    monkeypatch.setenv("QISKIT_IBM_CHANNEL", "ibm_quantum_platform")
    opened = QiskitRuntimeLocalService()
    assert (opened.channel, opened.is_local) == ("local", True)
    assert len(opened.backends()) == 69
    assert b"canary" not in pickle.dumps(opened)


@pytest.mark.holds("B280")
@pytest.mark.parametrize("kind", [QiskitRuntimeService, QiskitRuntimeLocalService])
def test_the_channel_may_be_named_with_and_without_its_keyword(kind: type[QiskitRuntimeService]) -> None:
    for service in (kind("local"), kind(channel="local")):
        assert type(service) is QiskitRuntimeLocalService
        assert service.channel == "local"


@pytest.mark.holds("B280")
@pytest.mark.parametrize("channel", ["ibm_cloud", "ibm_quantum_platform"])
def test_the_local_service_opens_no_other_channel(channel: str) -> None:
    words = f"channel is '{channel}'.\nIt must be 'local'; QiskitRuntimeService opens the other channels."
    with pytest.raises(IBMInputValueError) as caught:
        QiskitRuntimeLocalService(channel, "a-key")
    assert str(caught.value) == words


@pytest.mark.holds("B278")
def test_a_service_comes_with_its_cloud_as_it_was(service: QiskitRuntimeLocalService) -> None:
    job = SamplerV2(service.backend("aer_simulator")).run([flipped(0)], shots=10)
    there = sent(service)
    assert type(there) is QiskitRuntimeLocalService
    assert there.active_instance() == service.active_instance()
    assert there.instances() == service.instances()
    assert [backend.name for backend in there.backends()] == [backend.name for backend in service.backends()]
    assert [listed.job_id() for listed in there.jobs()] == [job.job_id()]
    assert run(there.least_busy(simulator=True), flipped(1)) == {"10": 10}


@pytest.mark.holds("B278")
def test_from_there_on_the_two_clouds_go_separate_ways(service: QiskitRuntimeLocalService) -> None:
    there = sent(service)
    mine = SamplerV2(service.backend("aer_simulator")).run([flipped(0)])
    theirs = SamplerV2(there.backend("aer_simulator")).run([flipped(1)])
    assert service.jobs() == [mine]
    assert there.jobs() == [theirs]
    with pytest.raises(RuntimeJobNotFound):
        there.job(mine.job_id())


@pytest.mark.holds("B278")
def test_of_two_services_in_one_pickle_each_has_its_own_cloud() -> None:
    services = [QiskitRuntimeLocalService(), QiskitRuntimeLocalService()]
    jobs = [SamplerV2(one.backend("aer_simulator")).run([flipped(0)]) for one in services]
    first, second, again = sent([*services, services[0]])
    assert first is again
    jobs += [SamplerV2(first.backend("aer_simulator")).run([flipped(0)])]
    assert [len(one.jobs()) for one in (*services, first, second)] == [1, 1, 2, 1]


@pytest.mark.holds("B278")
def test_settings_of_a_service_travel() -> None:
    endpoints = Endpoints(
        runtime="https://a.example/api/v1", token="https://b.example", search="https://c.example",
        catalog="https://d.example/api/v1",
    )  # fmt: skip
    slow = Fault(method="GET", path="*/jobs/d-slow", effect=Stall(seconds=600.0))
    cloud = emulated_cloud(broken(slow, world=one_instance(plan="premium")))
    service = QiskitRuntimeLocalService(
        transport=cloud, endpoints=endpoints, submission_tags=False, max_usage=4, timeout=Timeouts(call=7)
    )
    there = sent(service.within(5))
    with pytest.raises(IBMTimeoutError, match="nothing came for 5 s") as caught:
        there.job("d-slow")
    assert caught.value.host == "a.example"
    backend = there.backend("ibm_emu5")
    job = SamplerV2(backend).run([bell(backend)])
    assert job.tags == []
    job.result()
    with pytest.raises(IBMRuntimeError, match="max_usage"):
        SamplerV2(backend).run([bell(backend)])
    assert cloud.requests("/jobs", "POST") == ()


@pytest.mark.holds("B278")
def test_a_warning_that_was_given_is_not_given_again_there(service: QiskitRuntimeLocalService) -> None:
    sampler = SamplerV2(service.backend("fake_manila"), {"dynamical_decoupling": {"enable": True}})
    circuit = bell(service.backend("fake_manila"))
    with pytest.warns(UserWarning, match=r"dynamical_decoupling\.enable has no effect"):
        sampler.run([circuit])
    sent(sampler).run([circuit])


@pytest.mark.holds("B278")
def test_a_copy_is_no_journey(service: QiskitRuntimeLocalService) -> None:
    assert copy.copy(service) is copy.deepcopy(service) is service
    backend = service.backend("aer_simulator")
    assert copy.deepcopy(backend).service is service
    assert copy.deepcopy(SamplerV2(backend)).backend() == backend


# What comes of a service


@pytest.mark.holds("B278")
def test_a_backend_travels_and_runs(service: QiskitRuntimeLocalService) -> None:
    backend = service.backend("fake_fez", use_fractional_gates=None)
    there = sent(backend)
    assert there == backend
    assert there.target.operation_names == backend.target.operation_names
    assert there.properties() == backend.properties()
    assert there.status() == backend.status()
    assert set(run(there, bell(there), 50)) <= {"00", "01", "10", "11"}


@pytest.mark.holds("B278")
def test_both_primitives_travel_with_their_options(service: QiskitRuntimeLocalService) -> None:
    backend = service.backend("aer_simulator")
    sampler, estimator = sent((SamplerV2(backend, {"default_shots": 7}), EstimatorV2(backend)))
    assert counts_of(sampler.run([flipped(1)])) == {"10": 7}
    plain = QuantumCircuit(2)
    plain.x(0)
    assert float(estimator.run([(plain, SparsePauliOp("IZ"))]).result()[0].data.evs) == -1
    assert sampler.backend() is estimator.backend()
    assert len(sampler.backend().service.jobs()) == 2


@pytest.mark.holds("B278")
@pytest.mark.parametrize("mode", [Session, Batch])
def test_a_session_travels_and_is_open_there(service: QiskitRuntimeLocalService, mode: type[Session]) -> None:
    session = mode(service.backend("fake_manila"))
    there = sent(session)
    assert (type(there), there.session_id) == (mode, session.session_id)
    circuit = bell(service.backend("fake_manila"))
    job = SamplerV2(there).run([circuit], shots=5)
    assert job.session_id == session.session_id
    there.close()
    # The one here is another one, and still open.
    assert (there.status(), there.closed) == ("In progress, not accepting new jobs", True)
    assert (session.status(), session.closed) == ("Pending", False)
    assert SamplerV2(session).run([circuit], shots=5).result()[0].data.meas.num_shots == 5
    session.close()


@pytest.mark.holds("B278")
@pytest.mark.parametrize("read", [True, False], ids=["read", "not read"])
def test_a_job_finds_itself_there(service: QiskitRuntimeLocalService, read: bool) -> None:
    backend = service.backend("fake_manila")
    jobs = [SamplerV2(backend).run([bell(backend)], shots=200) for _ in range(2)]
    if read:
        jobs[0].result()
    there = sent(jobs)
    assert there == jobs
    assert there[0].service is there[1].service is not service
    # It was submitted before they parted, so its shots are the same in both.
    assert [counts_of(job) for job in there] == [counts_of(job) for job in jobs]
    assert counts_of(jobs[0]) != counts_of(jobs[1])
    assert [job.status() for job in there] == ["DONE", "DONE"]
    assert there[1].logs() == jobs[1].logs()
    assert there[0].inputs["pubs"][0][0] == jobs[0].inputs["pubs"][0][0]
    assert [job.job_id() for job in there[0].service.jobs()] == [job.job_id() for job in service.jobs()]


@pytest.mark.holds("B278")
def test_a_split_job_travels(service: QiskitRuntimeLocalService) -> None:
    job = SamplerV2(service.backend("aer_simulator")).run([flipped(0), flipped(1)], shots=3, max_payload=10**6)
    there = sent(job)
    assert there.job_ids() == job.job_ids()
    assert [pub.data.meas.get_counts() for pub in there.result()] == [{"01": 3}, {"10": 3}]


@pytest.mark.holds("B278")
def test_an_error_travels_with_what_it_tells(service: QiskitRuntimeLocalService) -> None:
    with pytest.raises(RuntimeJobNotFound) as caught:
        service.job("d-nowhere")
    there = sent(caught.value)
    assert type(there) is RuntimeJobNotFound
    assert (str(there), there.fix, there.problem) == (str(caught.value), caught.value.fix, caught.value.problem)


# Chances


@pytest.mark.holds("B279")
def test_new_jobs_of_several_branches_have_ids_and_shots_of_their_own(service: QiskitRuntimeLocalService) -> None:
    backend = service.backend("aer_simulator")
    branches = [backend, sent(backend), sent(backend), sent(sent(backend))]
    jobs = [SamplerV2(branch).run([coin()], shots=1) for branch in branches]
    assert len({job.job_id() for job in jobs}) == len(set(jobs)) == 4
    assert len({str(counts_of(job)) for job in jobs}) == 4


@pytest.mark.holds("B279")
def test_the_same_journey_gives_the_same_shots() -> None:
    def travel() -> list[dict[str, int]]:
        backend = QiskitRuntimeLocalService().backend("aer_simulator")
        return [run(branch, coin(), 2) for branch in (sent(backend), sent(sent(backend)), backend)]

    assert travel() == travel()


@pytest.mark.holds("B279")
def test_a_seed_of_the_user_gives_the_same_shots_everywhere(service: QiskitRuntimeLocalService) -> None:
    sampler = SamplerV2(service.backend("aer_simulator"), {"simulator": {"seed_simulator": 7}})
    here, there, other = (counts_of(one.run([coin()], shots=3)) for one in (sampler, sent(sampler), sent(sampler)))
    assert here == there == other


# Clouds of one's own


def answer(params: object, task: JobTask) -> object:
    """Run a program of the user's."""
    return {"program": task.program, "params": params}


class Stopped:
    """A clock that stands still and can be pickled."""

    def __init__(self) -> None:
        self.reading = 5.0

    def now(self) -> float:
        return self.reading

    def sleep(self, seconds: float, /) -> None:
        self.reading += seconds


class Locked(Stopped):
    """A clock that holds what is of one process."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()


@pytest.mark.holds("B278")
def test_a_cloud_travels_with_its_programs_its_clock_and_its_speed() -> None:
    cloud = emulated_cloud(
        one_instance(seed=3), programs={"executor": answer}, clock=Stopped(), speed=10.0, remembered=2
    )
    service = QiskitRuntimeLocalService(transport=cloud)
    service.backend("ibm_emu5").status()
    there = sent(cloud)
    assert (there.speed, there.ledger, there.answered) == (10.0, (), 0)
    assert there.now() == cloud.now()
    there.sleep(20.0)
    assert there.now() == cloud.now() + 20.0
    other = QiskitRuntimeLocalService(transport=there)
    job = other.run_program("executor", {"x": 1}, other.backend("ibm_emu5"))
    assert job.result() == {"program": "executor", "params": {"x": 1}}
    assert len(there.ledger) == 2


@pytest.mark.holds("B278")
def test_a_service_over_a_cloud_that_travels_opens_with_the_key_of_that_world() -> None:
    cloud = sent(emulated_cloud(one_instance()))
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    assert [backend.name for backend in service.backends()] == ["ibm_emu5"]


@pytest.mark.holds("B278")
def test_the_clock_of_the_system_is_read_anew_there() -> None:
    clock = sent(SystemClock())
    assert abs(clock.now() - SystemClock().now()) < 60
    cloud = emulated_cloud(one_instance(now=0.0), clock=SystemClock())
    assert 0.0 <= cloud.now() <= sent(cloud).now() < 60


@pytest.mark.holds("B278")
def test_an_executor_stays_behind_and_its_jobs_are_simulated_there() -> None:
    with ThreadPoolExecutor(1) as executor:
        cloud = emulated_cloud(one_instance(), executor=executor)
        service = QiskitRuntimeLocalService(transport=cloud)
        backend = service.backend("ibm_emu5")
        job = SamplerV2(backend).run([bell(backend)], shots=20)
        there = sent(job)
        assert counts_of(there) == counts_of(job)


@pytest.mark.holds("B278")
def test_what_cannot_travel_is_named() -> None:
    with pytest.raises(TypeError) as caught:
        pickle.dumps(QiskitRuntimeLocalService(transport=emulated_cloud(clock=Locked())))
    assert str(caught.value) == (
        "The clock of this emulated cloud cannot be pickled: cannot pickle '_thread.lock' object.\n"
        "Let its class have a method __reduce__, or open a cloud with a clock of its own in the other process."
    )


@pytest.mark.holds("B278")
def test_a_function_without_a_name_travels_with_picklers_that_take_it() -> None:
    cloudpickle: Any = import_module("cloudpickle")
    cloud = emulated_cloud(one_instance(), programs={"executor": lambda *_: {"it": "is"}})
    service = QiskitRuntimeLocalService(transport=cloud)
    with pytest.raises((AttributeError, pickle.PicklingError), match="lambda"):
        pickle.dumps(service)
    there = cloudpickle.loads(cloudpickle.dumps(service))
    assert there.run_program("executor", {}, there.backend("ibm_emu5")).result() == {"it": "is"}


@pytest.mark.holds("B107", "B278")
def test_a_service_that_is_not_local_stays_sealed_whatever_carries_it() -> None:
    service, _ = open_service()
    frozen = pickle.dumps(service)
    assert API_KEY.encode() not in frozen
    with pytest.raises(InvalidAccountError, match="key stayed behind"):
        pickle.loads(frozen).usage()  # noqa: S301  # our own bytes


class Elsewhere:
    """A carrier that nobody knows."""

    def __init__(self) -> None:
        self.cloud = emulated_cloud(one_instance())

    def send(self, request: Any, /) -> Any:
        return self.cloud.send(request)

    def close(self) -> None:
        pass


@pytest.mark.holds("B278")
def test_a_local_service_over_a_carrier_of_others_stays_sealed() -> None:
    key = "a-key-that-is-worth-something"
    crn = next(iter(one_instance().instances))
    service = QiskitRuntimeLocalService(token=key, transport=Elsewhere(), instance=crn)
    frozen = pickle.dumps(service)
    assert key.encode() not in frozen
    with pytest.raises(InvalidAccountError, match="key stayed behind"):
        pickle.loads(frozen).usage()  # noqa: S301  # our own bytes


# What it weighs


@pytest.mark.holds("B278")
def test_descriptions_of_devices_are_not_carried(service: QiskitRuntimeLocalService) -> None:
    empty = len(pickle.dumps(service))
    backends = service.backends()
    assert len(backends) == 69
    for backend in backends:
        backend.properties()
    full = pickle.dumps(service)
    assert empty < 6_000
    assert len(full) < 6_000
    assert len(pickle.dumps(service.backend("fake_fez"))) < 7_000
    there = pickle.loads(full)  # noqa: S301  # our own bytes
    assert there.backend("fake_fez").target.operation_names == service.backend("fake_fez").target.operation_names


def readout_error(service: QiskitRuntimeService) -> float:
    calibration = service.backend("fake_manila").properties()
    assert calibration is not None
    return calibration.readout_error(0)


@pytest.mark.holds("B278")
def test_a_device_that_was_calibrated_again_is_carried_as_it_is() -> None:
    cloud = emulated_cloud()
    service = QiskitRuntimeLocalService(transport=cloud)
    before = readout_error(service)
    at = cloud.now()
    cloud.alter(lambda world: put_device(world, recalibrated(world.devices["fake_manila"], at=at, errors=2.0)))
    assert readout_error(sent(service)) == pytest.approx(2 * before)


@pytest.mark.holds("B278")
def test_no_secret_of_the_user_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {name: f"canary-of-{name.lower()}" for name in ("QISKIT_IBM_TOKEN", "QISKIT_IBM_INSTANCE")}
    for name, secret in secrets.items():
        monkeypatch.setenv(name, secret)
    service = QiskitRuntimeLocalService(token="canary-that-was-given", proxies={"urls": {"https": "http://u:canary@p"}})
    backend = service.backend("aer_simulator")
    job = SamplerV2(backend).run([flipped()])
    job.result()
    for thing in (service, backend, SamplerV2(backend), Session(backend), job, service.jobs()):
        assert b"canary" not in pickle.dumps(thing)


# Jobs in this process


@pytest.mark.holds("B278")
@pytest.mark.parametrize("backend", [FakeManilaV2(), AerSimulator(seed_simulator=1)], ids=["snapshot", "Aer"])
def test_a_job_in_this_process_travels_from_its_end_on(backend: Any) -> None:
    job = SamplerV2(backend, {"environment": {"job_tags": ["mine"]}}).run([flipped(0)], shots=9)
    job.wait_for_final_state()
    there: Any = sent(job)
    assert (there.job_id(), there.status(), there.tags) == (job.job_id(), "DONE", ["mine"])
    assert counts_of(there) == counts_of(job)
    assert there.metrics() == job.metrics()
    assert there.backend().name == backend.name
    assert there.inputs["pubs"][0].circuit == flipped(0)
    assert there.in_final_state()


@pytest.mark.holds("B278")
def test_a_primitive_on_a_backend_of_no_service_travels() -> None:
    sampler = sent(SamplerV2(AerSimulator(), {"default_shots": 6}))
    assert counts_of(sampler.run([flipped(1)])) == {"10": 6}


class Broken(GenericBackendV2):
    def __init__(self) -> None:
        super().__init__(2, seed=1)

    def run(self, *_: Any, **__: Any) -> Any:
        raise QiskitError("It is out of order.")


@pytest.mark.holds("B278")
def test_a_job_in_this_process_that_failed_says_so_there() -> None:
    job = SamplerV2(Broken()).run([flipped()])
    job.wait_for_final_state()
    there = sent(job)
    assert there.status() == "ERROR"
    with pytest.raises(RuntimeJobFailureError, match="It is out of order"):
        there.result()


@pytest.mark.holds("B278")
def test_a_job_in_this_process_that_has_not_ended_stays_and_can_be_copied() -> None:
    go = threading.Event()
    before = threading.getprofile()
    threading.setprofile(lambda *_: go.wait() and None)
    try:
        job = SamplerV2(AerSimulator()).run([flipped()])
        other = SamplerV2(AerSimulator()).run([flipped()])
        words = (
            f"Job {job.job_id()} is QUEUED in this process, and cannot be pickled.\n"
            "Wait for its end with job.wait_for_final_state(), or let the other process run it."
        )
        with pytest.raises(RuntimeInvalidStateError) as caught:
            pickle.dumps(job)
        assert str(caught.value) == words
        assert copy.copy(job) is copy.deepcopy(job) is job
        other.cancel()
        there = sent(other)
        assert (there.status(), there.error_message()) == ("CANCELLED", None)
        with pytest.raises(RuntimeInvalidStateError, match="was cancelled"):
            there.result()
    finally:
        go.set()
        threading.setprofile(before)
    job.wait_for_final_state()
    assert sent(job).status() == "DONE"
