"""Primitives: what a run checks, sends and returns."""

import inspect
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.exceptions import QiskitError
from qiskit.primitives import BaseEstimatorV2, BaseSamplerV2
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, ReadoutError

from qiskit_runtime_service import (
    EstimatorOptions,
    EstimatorV2,
    IBMBackend,
    RuntimeDecoder,
    RuntimeJobV2,
    SamplerOptions,
    SamplerV2,
)
from qiskit_runtime_service.emulator.faults import Fault, Status
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.exceptions import (
    IBMApiError,
    IBMInputValueError,
    IBMRuntimeError,
    QiskitBackendNotFoundError,
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
    RuntimeJobTimeoutError,
)
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.shell.in_process_job import InProcessJob
from qiskit_runtime_service.shell.session import Batch
from qiskit_runtime_service.shell.split_job import SplitJob
from qiskit_runtime_service.testing import EmulatedTransport, line_device, one_instance

from .clouds import bell, open_service
from .test_budgets import costs


def opened(world: World | None = None) -> tuple[IBMBackend, EmulatedTransport]:
    service, cloud = open_service(world)
    return service.least_busy(), cloud


def bodies(cloud: EmulatedTransport) -> list[dict[str, Any]]:
    """Return the submissions that reached the cloud."""
    posts = (exchange.request for exchange in cloud.ledger if exchange.request.method == "POST")
    return [json.loads(post.body) for post in posts if post.url.endswith("/jobs")]


def flat(backend: IBMBackend) -> QuantumCircuit:
    """Return a circuit without measurements that the backend can run."""
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    return generate_preset_pass_manager(1, backend=backend, seed_transpiler=1).run(circuit)


# What is sent


@pytest.mark.holds("B163")
def test_all_that_is_not_for_the_program_goes_in_the_envelope() -> None:
    backend, cloud = opened()
    options = {
        "max_execution_time": 300,
        "environment": {"log_level": "DEBUG", "job_tags": ["a", "b"], "private": True},
        "experimental": {"image": "img:1", "foo": {"bar": 1}, "execution": {"fast": True}},
        "execution": {"init_qubits": False},
        "default_shots": 50,
    }
    SamplerV2(backend, options).run([bell(backend)])
    (body,) = bodies(cloud)
    params = body.pop("params")
    assert set(body.pop("tags")) >= {"a", "b"}
    assert body == {
        "program_id": "sampler",
        "backend": backend.name,
        "log_level": "DEBUG",
        "cost": 300,
        "private": True,
        "runtime": "img:1",
    }
    assert params["options"] == {
        "default_shots": 50,
        "execution": {"init_qubits": False, "fast": True},
        "experimental": {"foo": {"bar": 1}},
    }


@pytest.mark.holds("B47")
def test_nothing_is_sent_that_nobody_set() -> None:
    backend, cloud = opened()
    SamplerV2(backend).run([bell(backend)])
    EstimatorV2(backend).run([(flat(backend), "IIIZZ")])
    sampler, estimator = (body["params"] for body in bodies(cloud))
    assert sampler["options"] == estimator["options"] == {}
    assert [sampler["pubs"][0][2], estimator["pubs"][0][3]] == [None, None]
    assert "resilience_level" not in estimator


@pytest.mark.holds("B163", "B164")
def test_an_estimator_sends_observables_as_labels_and_its_level_beside_the_options() -> None:
    backend, cloud = opened()
    circuit = flat(backend)
    observable = SparsePauliOp(["ZZ", "XX"], [1, 0.5]).apply_layout(circuit.layout)
    estimator = EstimatorV2(backend, EstimatorOptions(resilience_level=2, default_precision=0.5))
    estimator.options.resilience.zne.noise_factors = [1, 3]
    estimator.run([(circuit, [observable, "IIIII"])], precision=0.1)
    params = bodies(cloud)[0]["params"]
    assert params["resilience_level"] == 2
    assert params["options"] == {"default_precision": 0.5, "resilience": {"zne": {"noise_factors": [1.0, 3.0]}}}
    assert sorted(params["pubs"][0][1][0].values()) == [0.5, 1.0]
    assert params["pubs"][0][1][1] == {"IIIII": 1.0}
    assert params["pubs"][0][3] == 0.1


@pytest.mark.holds("B49", "B83", "B85", "B162")
def test_a_run_is_one_request_and_refusing_is_none() -> None:
    backend, cloud = opened()
    circuit, level = bell(backend), flat(backend)
    assert backend.target is not None
    SamplerV2(backend).run([circuit])
    since = len(cloud.ledger)
    SamplerV2(backend).run([circuit] * 3)
    EstimatorV2(backend).run([(level, "IIIZZ")] * 3)
    assert costs(cloud, since)["POST /jobs"] == 2
    assert len(cloud.ledger) == since + 2
    unfit = QuantumCircuit(2)
    unfit.h(0)
    refusals: tuple[Callable[[], object], ...] = (
        lambda: SamplerV2(backend).run([circuit, unfit.measure_all(inplace=False)]),
        lambda: EstimatorV2(backend).run([(level, "IIIZZ"), (unfit, "ZZ")]),
        lambda: SamplerV2(backend, {"execution": {"rep_delay": 9.0}}).run([circuit]),
        lambda: SamplerV2(backend).run([circuit], shots=-1),
        lambda: EstimatorV2(backend).run([(level, "IIIZZ")], precision=0),
        lambda: SamplerV2(backend).run([]),
    )
    for refused in refusals:
        with pytest.raises(IBMInputValueError):
            refused()
    assert len(cloud.ledger) == since + 2


@pytest.mark.holds("B162")
def test_what_does_not_go_together_is_refused_at_the_latest_by_the_run() -> None:
    backend, cloud = opened()
    estimator = EstimatorV2(backend)
    estimator.options.resilience.measure_noise_learning.num_randomizations = 3
    with pytest.raises(IBMInputValueError, match="measure_mitigation is not True"):
        estimator.run([(flat(backend), "IIIZZ")])
    assert not bodies(cloud)


@pytest.mark.holds("B169")
def test_a_dry_run_goes_to_the_stand_in() -> None:
    devices = [line_device("ibm_emu5", 5), line_device("mock_emu5", 5, mock=True)]
    backend, cloud = opened(one_instance(devices=devices))
    job = SamplerV2(backend).run([bell(backend)], dry_run=True)
    assert bodies(cloud)[0]["backend"] == "mock_emu5"
    assert isinstance(job, RuntimeJobV2)


@pytest.mark.holds("B169")
def test_a_dry_run_without_a_stand_in_is_refused() -> None:
    backend, cloud = opened()
    with pytest.raises(QiskitBackendNotFoundError, match="no 'mock_emu5', which would stand in for 'ibm_emu5'"):
        SamplerV2(backend).run([bell(backend)], dry_run=True)
    assert not bodies(cloud)


def test_jobs_of_a_batch_say_so() -> None:
    backend, cloud = opened()
    with Batch(backend) as batch:
        sampler = SamplerV2(mode=batch)
        assert sampler.mode is batch
        assert sampler.backend() is backend
        sampler.run([bell(backend)])
    assert bodies(cloud)[0]["session_id"] == batch.session_id


@pytest.mark.holds("B170")
def test_a_session_that_is_closed_takes_no_run() -> None:
    backend, cloud = opened()
    with Batch(backend) as batch:
        sampler = SamplerV2(batch)
    with pytest.raises(IBMRuntimeError, match="is closed"):
        sampler.run([bell(backend)])
    assert not bodies(cloud)


def test_a_calibration_goes_with_the_job() -> None:
    service, cloud = open_service()
    backend = service.backend("ibm_emu5", calibration_id="c1")
    assert SamplerV2(backend).mode is None
    SamplerV2(backend).run([bell(service.backend("ibm_emu5"))])
    assert bodies(cloud)[0]["calibration_id"] == "c1"


def test_what_has_no_form_on_the_wire_is_refused_by_its_place() -> None:
    backend, cloud = opened()
    strange = bell(backend)
    strange.metadata = {"made by": object()}
    with pytest.raises(IBMInputValueError, match=r"pubs\[1\] is circuit '.*', whose metadata are not JSON"):
        SamplerV2(backend).run([bell(backend), strange])
    with pytest.raises(IBMInputValueError, match="options is not JSON: object has no form"):
        SamplerV2(backend, {"experimental": {"a": object()}}).run([bell(backend)])
    assert not bodies(cloud)


# What is said on the way


@pytest.mark.holds("B166")
def test_a_circuit_without_registers_and_differing_shots_are_told() -> None:
    backend, _ = opened()
    with pytest.warns(UserWarning, match="PUB 1 has no classical registers"):
        SamplerV2(backend).run([bell(backend), flat(backend)])
    with pytest.warns(DeprecationWarning, match="Different shots"):
        SamplerV2(backend).run([(bell(backend), None, 5), (bell(backend), None, 6)])
    with pytest.warns(DeprecationWarning, match="Different precision"):
        EstimatorV2(backend).run([(flat(backend), "IIIZZ", None, 0.1), (flat(backend), "IIIZZ", None, 0.2)])


@pytest.mark.parametrize("mode", [None, "ibm_emu5", 3])
def test_a_mode_that_is_none_says_what_it_can_be(mode: Any) -> None:
    for kind in (SamplerV2, EstimatorV2):
        with pytest.raises(IBMInputValueError, match="mode is") as caught:
            kind(mode)
        assert "in the block of a session it may be left out" in str(caught.value).splitlines()[-1]


@pytest.mark.parametrize("options", [3, EstimatorOptions(), "x"])
def test_options_of_another_kind_are_refused(options: Any) -> None:
    backend, _ = opened()
    with pytest.raises(IBMInputValueError, match="a dictionary or SamplerOptions"):
        SamplerV2(backend, options)


def test_options_that_are_given_are_copied() -> None:
    backend, _ = opened()
    given = SamplerOptions(default_shots=5)
    sampler = SamplerV2(backend, given)
    sampler.options.default_shots = 6
    assert given.default_shots == 5
    assert isinstance(sampler, BaseSamplerV2)
    assert isinstance(EstimatorV2(backend), BaseEstimatorV2)
    assert "ibm_emu5" in repr(sampler)


# Runs in parts


@pytest.mark.holds("B167")
def test_a_run_in_parts_has_the_results_in_order() -> None:
    backend, cloud = opened()
    pubs = [(bell(backend), None, 10)] * 5
    whole = SamplerV2(backend).run(pubs)
    size = len(json.dumps(bodies(cloud)[0]["params"]))
    since = len(cloud.ledger)
    job = SamplerV2(backend).run(pubs, max_payload=size // 2)
    assert isinstance(job, SplitJob)
    assert len(job) == len(cloud.ledger) - since == 3
    assert [len(body["params"]["pubs"]) for body in bodies(cloud)[1:]] == [2, 2, 1]
    assert all(len(json.dumps(body["params"])) <= size // 2 for body in bodies(cloud)[1:])
    assert [result.data.meas.num_shots for result in job.result()] == [10] * 5
    assert len(job.result().metadata["jobs"]) == 3
    assert job.done()
    assert job.statuses() == ["DONE"] * 3
    job.wait_for_final_state(timeout=0)
    assert job.job_ids() == [part.job_id() for part in job] == [job[0].job_id(), *job[1:].job_ids()]
    assert len(SamplerV2(backend).run(pubs, max_payload=size)) == 1
    assert whole.job_id() not in job.job_ids()


def test_a_limit_below_one_pub_is_refused() -> None:
    backend, cloud = opened()
    with pytest.raises(IBMInputValueError, match="max_payload is too small for PUB 0"):
        SamplerV2(backend).run([bell(backend)], max_payload=200)
    assert not bodies(cloud)


@pytest.mark.holds("B167")
def test_jobs_that_were_submitted_before_a_failure_are_named() -> None:
    backend, cloud = opened()
    circuit = bell(backend)
    SamplerV2(backend).run([circuit])
    size = len(json.dumps(bodies(cloud)[0]["params"]))
    SamplerV2(backend).run([circuit] * 2, max_payload=size)
    fault = Fault(method="POST", path="*/jobs", effect=Status(code=400), after=1)
    cloud.alter(lambda world: replace(world, faults=(fault,)))
    with pytest.raises(IBMApiError) as caught:
        SamplerV2(backend).run([circuit] * 3, max_payload=size)
    (note,) = caught.value.__notes__
    assert note.startswith("1 of 3 jobs were submitted before: ['")


def test_jobs_of_a_run_in_parts_are_cancelled_together() -> None:
    backend, cloud = opened(one_instance(queue_seconds=60))
    circuit = bell(backend)
    SamplerV2(backend).run([circuit])
    job = SamplerV2(backend).run([circuit] * 2, max_payload=len(json.dumps(bodies(cloud)[0]["params"])))
    assert not job.in_final_state()
    job.cancel()
    assert job.statuses() == ["CANCELLED"] * 2
    job.cancel()


# Programs without a class


@pytest.mark.holds("B170")
def test_a_program_is_run_by_its_name() -> None:
    service, cloud = open_service()
    backend = service.least_busy()
    options = {"environment": {"job_tags": ["n"], "private": True}, "max_execution_time": 60}
    inputs = {"circuits": [flat(backend)], "options": {"max_layers_to_learn": 2}, "version": 2}
    since = len(cloud.ledger)
    job = service.run_program("noise-learner", inputs, backend, options=options, image="img:1")
    assert costs(cloud, since)["POST /jobs"] == 1
    (body,) = bodies(cloud)
    assert set(body.pop("tags")) > {"n"}
    params = body.pop("params")
    assert params["circuits"][0]["__type__"] == "QuantumCircuit"
    assert params["options"] == {"max_layers_to_learn": 2}
    assert body == {
        "program_id": "noise-learner",
        "backend": "ibm_emu5",
        "log_level": "WARNING",
        "cost": 60,
        "private": True,
        "runtime": "img:1",
    }
    assert job.primitive_id == "noise-learner"
    with Batch(backend) as batch:
        service.run_program("executor", {}, batch)
    assert bodies(cloud)[-1]["session_id"] == batch.session_id


@pytest.mark.holds("B170")
@pytest.mark.parametrize(
    ("program", "inputs", "options", "words"),
    [
        ("", {}, None, "program_id is ''"),
        ("executor", [1], None, "inputs is"),
        ("executor", {"a": object()}, None, "inputs is not JSON: object has no form"),
        ("executor", {}, {"default_shots": 1}, "OptionsV2 has no option"),
    ],
)
def test_a_program_that_cannot_be_meant_is_refused(program: str, inputs: Any, options: Any, words: str) -> None:
    service, cloud = open_service()
    with pytest.raises(IBMInputValueError, match=words):
        service.run_program(program, inputs, service.least_busy(), options=options)
    wrong: Any
    for wrong in (AerSimulator(), "ibm_emu5", None):
        with pytest.raises(IBMInputValueError, match="mode is"):
            service.run_program("executor", {}, wrong)
    assert not bodies(cloud)


# Backends of others


@pytest.mark.holds("B168")
@pytest.mark.parametrize(
    "backend", [FakeManilaV2(), GenericBackendV2(3, seed=1), AerSimulator()], ids=["recorded", "generic", "aer"]
)
def test_any_backend_of_qiskit_runs_both_primitives(backend: Any) -> None:
    circuit = QuantumCircuit(2)
    circuit.ry(Parameter("angle"), 0)
    circuit.cx(0, 1)
    laid_out = generate_preset_pass_manager(1, backend=backend, seed_transpiler=1).run(circuit)
    observable = SparsePauliOp("ZZ")
    if laid_out.layout is not None:
        observable = observable.apply_layout(laid_out.layout)
    estimated = EstimatorV2(backend, {"seed_estimator": 3}).run([(laid_out, observable, [[0.0], [np.pi]])])
    assert isinstance(estimated, InProcessJob)
    assert estimated.result()[0].data.evs == pytest.approx([1, 1], abs=0.2)
    measured = generate_preset_pass_manager(1, backend=backend).run(circuit.measure_all(inplace=False))
    sampler = SamplerV2(backend, {"simulator": {"seed_simulator": 0}})
    counts = [sampler.run([(measured, [np.pi / 2])]).result()[0].data.meas.get_counts() for _ in range(2)]
    assert counts[0] == counts[1]
    assert sum(counts[0].values()) == 4096


@pytest.mark.holds("B168")
def test_a_job_in_this_process_has_all_that_one_in_the_cloud_has() -> None:
    here = {name for name in dir(InProcessJob) if not name.startswith("_")}
    there = {name for name in dir(RuntimeJobV2) if not name.startswith("_")}
    # What the service said of a job.
    assert there - here == {"record"}
    for name in ("result", "wait_for_final_state", "raw_result", "save_result", "backend", "update_tags", "usage"):
        one, other = (inspect.signature(getattr(kind, name)).parameters for kind in (InProcessJob, RuntimeJobV2))
        assert list(one) == list(other), name


@pytest.mark.holds("B168")
def test_a_job_in_this_process_has_the_manners_of_one_in_the_cloud(tmp_path: Path) -> None:
    sampler = SamplerV2(AerSimulator(), {"environment": {"job_tags": ["a"]}, "default_shots": 7})
    job: Any = sampler.run([bell_of_two()])
    job.wait_for_final_state(60)
    assert job.status() == "DONE"
    assert (job.done(), job.running(), job.errored(), job.cancelled()) == (True, False, False, False)
    assert job.in_final_state()
    assert job.error_message() is None
    assert job.result()[0].data.meas.num_shots == 7
    assert (job.tags, job.primitive_id, job.usage(), job.logs()) == (["a"], "sampler", 0.0, "")
    assert (job.session_id, job.instance, job.service, job.private) == (None, None, None, False)
    assert job.backend().name == "aer_simulator"
    assert job.inputs["options"]["default_shots"] == 7
    assert job.creation_date.tzinfo is not None
    assert (job.image, job.usage_estimation, job.properties()) == ("", {"quantum_seconds": 0.0}, None)
    assert job.update_tags(["b", "c", "b"]) == job.tags == ["b", "c"]
    assert job.result(decoder=json.loads)["__type__"] == "PrimitiveResult"
    seen: list[str] = []
    job.wait_for_final_state(on_change=lambda status, _: seen.append(status))
    assert seen == ["DONE"] * 2
    assert job.save_result(tmp_path / "result.json").read_bytes() == job.raw_result()
    assert RuntimeDecoder().decode(job.raw_result().decode())[0].data.meas == job.result()[0].data.meas
    assert job.metrics()["usage"] == {"qpu_charge_time_seconds": 0, "status": "complete"}
    assert None not in job.metrics()["timestamps"].values()
    with pytest.raises(RuntimeInvalidStateError, match="begun"):
        job.cancel()


@contextmanager
def held() -> Iterator[None]:
    """Keep threads that are started in here from their work until the end."""
    released = threading.Event()
    # The first that a thread does is to tell this hook of its first call.
    threading.setprofile(lambda *_: released.wait(10))
    try:
        yield
    finally:
        threading.setprofile(None)  # It is how the hook is taken away.
        released.set()


@pytest.mark.holds("B168")
def test_a_job_in_this_process_that_has_not_begun_can_be_cancelled() -> None:
    with held():
        job: Any = SamplerV2(AerSimulator()).run([bell_of_two()])
        assert (job.status(), job.in_final_state()) == ("QUEUED", False)
        job.cancel()
    assert (job.status(), job.cancelled(), job.in_final_state(), job.errored()) == ("CANCELLED", True, True, False)
    job.wait_for_final_state(10)
    with pytest.raises(QiskitError) as caught:
        job.result()
    assert type(caught.value) is RuntimeInvalidStateError
    assert str(caught.value).startswith(f"Job {job.job_id()} was cancelled")
    with pytest.raises(RuntimeInvalidStateError):
        job.raw_result()
    assert job.error_message() is None
    assert job.metrics()["timestamps"]["running"] is None


@pytest.mark.holds("B168")
def test_a_job_in_this_process_that_has_ended_cannot_be_cancelled() -> None:
    job: Any = SamplerV2(AerSimulator()).run([bell_of_two()], shots=1)
    job.result()
    with pytest.raises(QiskitError) as caught:
        job.cancel()
    assert type(caught.value) is RuntimeInvalidStateError
    assert str(caught.value).startswith(f"Job {job.job_id()} cannot be cancelled: it has begun in this process.")


def test_a_backend_that_fails_is_the_cause_of_a_failed_job() -> None:
    circuit = bell_of_two()
    circuit.measure_all()
    backend = AerSimulator(method="stabilizer")
    turned = QuantumCircuit(1)
    turned.ry(0.3, 0)
    turned.measure_all()
    job = SamplerV2(backend).run([turned])
    with pytest.raises(RuntimeJobFailureError) as caught:
        job.result()
    assert caught.value.__cause__ is not None
    assert job.status() == "ERROR"
    assert job.error_message()


def test_a_deadline_holds_in_this_process_too() -> None:
    with held():
        job = SamplerV2(AerSimulator()).run([bell_of_two()])
        with pytest.raises(RuntimeJobTimeoutError, match=f"{job.job_id()} "):
            job.result(timeout=0)
    assert len(job.result()) == 1


@pytest.mark.holds("B168")
def test_what_has_no_effect_in_this_process_is_said_once() -> None:
    options = {"dynamical_decoupling": {"enable": True}, "twirling": {"strategy": "all"}, "max_execution_time": 3}
    with pytest.warns(UserWarning) as caught:
        SamplerV2(AerSimulator(), options).run([bell_of_two()]).result()
    (warning,) = caught
    assert "{'dynamical_decoupling': {'enable': True}, 'twirling': {'strategy': 'all'}}" in str(warning.message)
    assert warning.filename == __file__
    with pytest.warns(UserWarning, match="dry_run has no effect"):
        SamplerV2(AerSimulator()).run([bell_of_two()], dry_run=True)


@pytest.mark.holds("B168")
def test_circuits_for_a_recorded_device_are_checked_against_it() -> None:
    with pytest.raises(IBMInputValueError, match="instruction 'h' on qubit 0 is not supported"):
        SamplerV2(FakeManilaV2()).run([bell_of_two()])


def test_batches_of_other_backends_hold_nothing() -> None:
    with Batch(AerSimulator()) as batch:
        assert SamplerV2(batch).run([bell_of_two()], shots=3).result()[0].data.meas.num_shots == 3


class Recorder(GenericBackendV2):
    """A backend that remembers what it is told, and fails."""

    def run(self, _: Any, **options: Any) -> Any:
        self.run_options = options
        raise QiskitError("It only listens.")


@pytest.mark.holds("B168")
@pytest.mark.parametrize(("kind", "returned"), [("kerneled", "single"), ("avg_kerneled", "avg")])
def test_the_kind_of_measurement_reaches_the_backend(kind: str, returned: str) -> None:
    backend = Recorder(2, seed=1)
    job = SamplerV2(backend, {"execution": {"meas_type": kind}, "default_shots": 5}).run([bell_of_two()])
    with pytest.raises(RuntimeJobFailureError, match="It only listens"):
        job.result()
    assert backend.run_options["meas_level"] == 1
    assert backend.run_options["meas_return"] == returned
    assert backend.run_options["shots"] == 5


@pytest.mark.holds("B168")
def test_noise_reaches_a_simulator() -> None:
    noise = NoiseModel()
    noise.add_all_qubit_readout_error(ReadoutError([[0, 1], [1, 0]]))
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    job = SamplerV2(AerSimulator(), {"simulator": {"noise_model": noise}}).run([circuit], shots=5)
    assert job.result()[0].data.meas.get_counts() == {"1": 5}


def bell_of_two() -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return circuit
