"""Journeys of a user, one for each cassette in `cassettes/`: its world, and what the user does.

A journey returns what the user saw, as plain data, so that a recording and its replays can be compared.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import msgspec
import numpy as np
import pytest
from qiskit import QuantumCircuit, generate_preset_pass_manager
from qiskit.circuit import Parameter
from qiskit.primitives import BitArray, PrimitiveResult
from qiskit.quantum_info import SparsePauliOp
from samplomatic import build
from samplomatic.transpiler import generate_boxing_pass_manager

from qiskit_runtime_service import (
    Batch,
    EstimatorV2,
    Executor,
    QiskitRuntimeService,
    QuantumProgram,
    RuntimeJobV2,
    SamplerV2,
    Session,
)
from qiskit_runtime_service.emulator.needs import JobTask
from qiskit_runtime_service.emulator.world import Crashed, Outcome, World
from qiskit_runtime_service.exceptions import IBMError, RuntimeJobFailureError, RuntimeJobNotFound
from qiskit_runtime_service.results import NoiseLearnerResult, NoiseLearnerV3Results, QuantumProgramResult
from qiskit_runtime_service.testing import (
    EmulatedTransport,
    Fault,
    Revoke,
    Status,
    build_world,
    instance,
    line_device,
    many_instances,
    one_instance,
    too_many_requests,
    two_regions,
)
from qiskit_runtime_service.transport.base import Clock
from tests.shell.clouds import bell
from tests.support.calls import ask, sampler_job
from tests.support.program_runs import RUNS


class Connect(Protocol):
    """Open a service for the account of the journey, over a carrier that tells the time."""

    def __call__(self, **arguments: Any) -> QiskitRuntimeService: ...

    @property
    def clock(self) -> Clock: ...


def nothing(_: EmulatedTransport) -> None:
    """Prepare nothing."""


class Journey(NamedTuple):
    """What is recorded on one cassette."""

    run: Callable[[Connect], object]
    world: Callable[[], World]
    simulate: Callable[[JobTask], Outcome] | None = None
    """What runs jobs; the simulator of the local channel by default."""
    prepare: Callable[[EmulatedTransport], None] = nothing
    """What happens in the cloud before the user comes."""


def seen_of(job: RuntimeJobV2) -> dict[str, object]:
    """Return what a user sees of a job. Its submission tag is another one each time."""
    return {
        "id": job.job_id(),
        "status": job.status(),
        "created": job.creation_date,
        "backend": str(job.backend()),
        "session": job.session_id,
        "metrics": job.metrics(),
        "logs": job.logs(),
        "usage": job.usage(),
        "primitive": job.primitive_id,
    }


def account_discovery(connect: Connect) -> object:
    service = connect()
    europe = connect(region="eu-de")
    return [service.instances(), service.active_instance(), europe.active_instance(), connect(tags=["b"]).usage()]


def least_busy(connect: Connect) -> object:
    service = connect()
    backend = service.least_busy(min_num_qubits=3, operational=True)
    named = service.backend("ibm_europe7")
    properties = named.properties()
    assert properties is not None
    return [
        backend.name,
        [backend.name for backend in service.backends()],
        backend.status().pending_jobs,
        backend.target.num_qubits,
        named.configuration().n_qubits,
        properties.t1(0),
        named.best_qubits(2),
        service.backends(filters=lambda backend: backend.num_qubits > 5)[0].name,
    ]


def sampler_job_runs(connect: Connect) -> object:
    service = connect()
    backend = service.least_busy()
    job = SamplerV2(mode=backend).run([(bell(backend), None, 64)])
    job.wait_for_final_state()
    counts = job.result()[0].data.meas.get_counts()
    job.update_tags(["kept"])
    found = service.job(job.job_id())
    listed = [job.job_id() for job in service.jobs(limit=5)]
    inputs = sorted(found.inputs)
    seen = seen_of(found)
    with pytest.deprecated_call():
        service.delete_job(job.job_id())
    try:
        service.job(job.job_id())
    except RuntimeJobNotFound as error:
        return [counts, listed, inputs, seen, found.tags, str(error)]
    raise AssertionError("a deleted job was found")


def quantum_program_runs(connect: Connect) -> object:
    service = connect()
    backend = service.least_busy()
    program = QuantumProgram(50, passthrough_data={"angles": np.arange(3.0)})
    angle = Parameter("angle")
    circuit = QuantumCircuit(2, 2)
    circuit.rx(angle, 0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    ready = generate_preset_pass_manager(1, backend=backend, initial_layout=[0, 1]).run(circuit)
    program.append_circuit_item(ready, [[0.0], [3.0]])
    boxes = generate_boxing_pass_manager(enable_gates=True, enable_measures=True)
    template, samplex = build(boxes.run(ready))
    program.append_samplex_item(template, samplex, {"parameter_values": [3.0]}, shape=(4,))
    job = Executor(backend).run(program)
    result: Any = job.result()
    sent = job.inputs["quantum_program"]
    arrays = [{name: array.tolist() for name, array in item.items()} for item in result]
    return seen_of(job), arrays, result.passthrough_data["angles"].tolist(), [item.shape for item in sent.items]


def programs_run(connect: Connect) -> object:
    service = connect()
    backend = service.least_busy()
    seen: list[object] = []
    for program, run in RUNS.items():
        job = run(backend, {"environment": {"job_tags": [program]}})
        found = service.job(job.job_id())
        seen.append([plain(job.result()), sorted(found.inputs), plain(found.result()), found.tags])
    return seen


def plain(result: Any) -> object:
    """Return what a result of any program tells, as plain data."""
    match result:
        case PrimitiveResult():
            return [{name: plain(value) for name, value in pub.data.items()} for pub in result]
        case QuantumProgramResult():
            return [{name: array.tolist() for name, array in item.items()} for item in result]
        case NoiseLearnerV3Results():
            return [
                [learned.rates.tolist(), [terms.to_sparse_list() for terms in learned.generators]] for learned in result
            ]
        case NoiseLearnerResult():
            return [[learned.qubits, learned.error and learned.error.rates.tolist()] for learned in result]
        case BitArray():
            return result.get_counts()
        case np.ndarray():
            return result.tolist()
    return str(result)


def estimator_job_runs(connect: Connect) -> object:
    service = connect()
    backend = service.least_busy()
    circuit = bell(backend).remove_final_measurements(inplace=False)
    observables = [SparsePauliOp(pauli).apply_layout(circuit.layout) for pauli in ("ZZ", "XX")]
    job = EstimatorV2(mode=backend).run([(circuit, observables)], precision=0.05)
    values = job.result()[0].data
    return [values.evs.tolist(), values.stds.tolist(), seen_of(job)]


def session(connect: Connect) -> object:
    service = connect()
    backend = service.least_busy()
    with Session(backend=backend, max_time="1h") as opened:
        jobs = [SamplerV2(mode=opened).run([bell(backend)], shots=16) for _ in range(2)]
        counts = [job.result()[0].data.meas.get_counts() for job in jobs]
        status = opened.status()
    assert opened.session_id is not None
    again = Session.from_id(opened.session_id, service)
    return [counts, status, again.status(), again.details(), [seen_of(job) for job in jobs]]


def batch(connect: Connect) -> object:
    service = connect()
    backend = service.least_busy()
    with Batch(backend=backend) as opened:
        jobs = [SamplerV2(mode=opened).run([bell(backend)], shots=shots) for shots in (8, 16)]
    counts = [job.result()[0].data.meas.get_counts() for job in jobs]
    cancelled = Batch(backend=backend)
    cancelled.cancel()
    listed = [job.job_id() for job in service.jobs(session_id=opened.session_id)]
    return [counts, opened.status(), opened.usage(), listed, cancelled.session_id]


def failed_job(connect: Connect) -> object:
    service = connect()
    backend = service.least_busy()
    job = SamplerV2(mode=backend).run([bell(backend)], shots=8)
    try:
        job.result()
    except RuntimeJobFailureError as error:
        return [str(error), job.error_message(), seen_of(job)]
    raise AssertionError("a job that crashed has a result")


def cancelled_job(connect: Connect) -> object:
    service = connect()
    backend = service.least_busy()
    job = SamplerV2(mode=backend).run([bell(backend)], shots=8)
    first = job.status()
    job.cancel()
    try:
        job.result()
    except IBMError as error:
        return [first, str(error), seen_of(job)]
    raise AssertionError("a cancelled job has a result")


def long_queue(connect: Connect) -> object:
    service = connect()
    backend = service.least_busy()
    began = connect.clock.now()
    job = SamplerV2(mode=backend).run([bell(backend)], shots=8)
    counts = job.result()[0].data.meas.get_counts()
    return [counts, connect.clock.now() - began > 3600, seen_of(job)]


def paging(connect: Connect) -> object:
    service = connect()
    first = service.active_instance()
    found = service.jobs(limit=None, instance=first)
    skipped = service.jobs(limit=3, skip=203, instance=first)
    return [
        len(service.instances()),
        [job.job_id() for job in (*found, *skipped)],
        service.jobs(skip=500, instance=first),
    ]


def expired_token(connect: Connect) -> object:
    service = connect()
    usages = [service.usage()]
    # Beyond the life of a token, and then one that is revoked before its time.
    for seconds in (4000.0, 60.0):
        connect.clock.sleep(seconds)
        usages.append(service.usage())
    return usages


def unavailable_then_success(connect: Connect) -> object:
    service = connect()
    return [[backend.name for backend in service.backends()], service.usage()]


def usage_shapes(connect: Connect) -> object:
    service = connect()
    return [dict(service.usage(instance=row["crn"])) for row in service.instances()]


def crash(_: JobTask) -> Outcome:
    """Fail each job."""
    return Crashed(reason="The circuit has an instruction that the device lacks.", code=7001, solution="Transpile it.")


def submit_many(cloud: EmulatedTransport) -> None:
    """Submit more jobs than a page holds."""
    for number in range(205):
        cloud.send(ask(cloud.world, "POST", "/jobs", sampler_job(tags=[f"t{number % 3}"])))
    cloud.sleep(3600.0)


def instances_of_all_kinds() -> World:
    """Return a world whose instances say of their usage all that can be said."""
    return build_world(
        instance("unlimited", plan="premium"),
        instance("limited", plan="flex", limit=600.0),
        instance("allocated", plan="open", allocation=1200.0),
        instance("both", plan="pay-as-you-go", limit=60.0, allocation=1200.0),
        instance("spent", plan="open", limit=0.0),
    )


def small() -> World:
    """Return a world whose device has three qubits: of a larger one noise is learned for a while."""
    return one_instance(devices=[line_device("ibm_line", 3)])


def premium(*, queue_seconds: float = 0.0) -> World:
    """Return a world with one instance that has sessions."""
    return one_instance(plan="premium", queue_seconds=queue_seconds)


def discoverable() -> World:
    """Return a world with three instances in two regions."""
    device = line_device("ibm_emu5", 5)
    return build_world(
        instance("first", plan="open", devices=[device], tags=["a"]),
        instance("second", plan="premium", region="eu-de", devices=[device], tags=["a", "b"]),
        instance("third", plan="flex", region="eu-de", devices=[device]),
    )


def paged() -> World:
    """Return a world whose search has three pages."""
    return msgspec.structs.replace(many_instances(5, plans=2), page_size=2)


def failing_at(*faults: Fault) -> World:
    """Return a world with one instance in which things go wrong."""
    return msgspec.structs.replace(one_instance(), faults=faults)


JOURNEYS: dict[str, Journey] = {
    "account_discovery": Journey(account_discovery, discoverable),
    "least_busy": Journey(least_busy, two_regions),
    "sampler_job": Journey(sampler_job_runs, one_instance),
    "quantum_program": Journey(quantum_program_runs, one_instance),
    "programs": Journey(programs_run, small),
    "estimator_job": Journey(estimator_job_runs, one_instance),
    "session": Journey(session, premium),
    "batch": Journey(batch, premium),
    "failed_job": Journey(failed_job, one_instance, simulate=crash),
    "cancelled_job": Journey(cancelled_job, lambda: premium(queue_seconds=7200.0)),
    "long_queue": Journey(long_queue, lambda: premium(queue_seconds=3600.0)),
    "paging": Journey(paging, paged, simulate=crash, prepare=submit_many),
    "expired_token": Journey(
        expired_token, lambda: failing_at(Fault(effect=Revoke(), path="*/instances/usage", after=2, times=1))
    ),
    "unavailable_then_success": Journey(
        unavailable_then_success,
        lambda: failing_at(
            Fault(effect=Status(code=503, headers=(("Retry-After", "2"),)), path="*/backends", times=2),
            Fault(effect=too_many_requests(1), path="*/instances/usage", times=1),
        ),
    ),
    "usage_shapes": Journey(usage_shapes, instances_of_all_kinds),
}
