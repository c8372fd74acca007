"""Runs whose usage somebody counts: bounded by `max_usage`, of the run or of the service, and tracked."""

import json
import warnings
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from qiskit.circuit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp

from qiskit_runtime_service import (
    Batch,
    EstimatorV2,
    Executor,
    IBMBackend,
    NoiseLearner,
    NoiseLearnerV3,
    QuantumProgram,
    SamplerV2,
    Session,
)
from qiskit_runtime_service.exceptions import IBMInputValueError, IBMRuntimeError
from qiskit_runtime_service.executor_estimator import EstimatorV2 as DirectedEstimator
from qiskit_runtime_service.executor_noise_learner import NoiseLearnerV3 as OnExecutor
from qiskit_runtime_service.executor_sampler import SamplerV2 as DirectedSampler
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.testing import EmulatedTransport, line_device, one_instance

from ..support.program_runs import FEW, flipped, layer
from .clouds import bell, open_service

WIDTH = 3
OBSERVED = (flipped(WIDTH).remove_final_measurements(inplace=False), SparsePauliOp("IZZ"))


def program(_: IBMBackend) -> QuantumProgram:
    made = QuantumProgram(8)
    made.append_circuit_item(flipped(WIDTH))
    return made


def old_learner(backend: IBMBackend) -> NoiseLearner:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return NoiseLearner(backend, FEW)


Made = tuple[Callable[[IBMBackend], Any], Callable[[IBMBackend], Any]]
RUNNERS: dict[str, Made] = {
    "sampler": (SamplerV2, lambda _: [flipped(WIDTH)]),
    "estimator": (EstimatorV2, lambda _: [OBSERVED]),
    "directed sampler": (DirectedSampler, lambda _: [flipped(WIDTH)]),
    "directed estimator": (DirectedEstimator, lambda _: [OBSERVED]),
    "executor": (Executor, program),
    "prepared": (Executor, lambda backend: DirectedSampler(backend).prepare([flipped(WIDTH)])),
    "learner of circuits": (old_learner, lambda _: [OBSERVED[0]]),
    "learner of boxes": (lambda backend: NoiseLearnerV3(backend, FEW), lambda _: [layer(WIDTH)]),
    "learner on the executor": (lambda backend: OnExecutor(backend, FEW), lambda _: [layer(WIDTH)]),
}
"""What runs jobs, and what it is given to run."""


def open_backend(**settings: Any) -> tuple[IBMBackend, EmulatedTransport]:
    devices = [line_device("ibm_line", WIDTH), line_device("mock_line", WIDTH, mock=True)]
    service, cloud = open_service(one_instance(devices=devices, plan="premium"), **settings)
    return service.backend("ibm_line"), cloud


def posted(cloud: EmulatedTransport) -> int:
    return len(cloud.requests("/jobs", "POST"))


@pytest.mark.holds("B542", "B543")
@pytest.mark.filterwarnings("ignore:max_usage=.* is kept by what is known")
@pytest.mark.parametrize("name", RUNNERS)
def test_whatever_runs_jobs_keeps_its_bound_and_is_tracked_with_its_estimate(name: str) -> None:
    make, work = RUNNERS[name]
    backend, cloud = open_backend()
    runner, given = make(backend), work(backend)
    thought = runner.estimate(given).usage
    most = thought.most_seconds or thought.seconds
    with backend.service.track() as cost:
        with pytest.raises(IBMRuntimeError, match=r"was not submitted: it would use .* more than max_usage=2"):
            runner.run(given, max_usage=2.0)
        assert posted(cloud) == 0
        runner.run(given, max_usage=most)
        runner.run(given)
    assert posted(cloud) == 2
    assert [job.estimate for job in cost.records.jobs] == [thought, thought]


@pytest.mark.holds("B148", "B543")
@pytest.mark.filterwarnings("ignore:max_usage=.* is kept by what is known")
@pytest.mark.parametrize("name", RUNNERS)
def test_whatever_runs_jobs_counts_as_its_estimate_for_the_service(name: str) -> None:
    make, work = RUNNERS[name]
    backend, cloud = open_backend(max_usage=2.0)
    with pytest.raises(
        IBMRuntimeError, match=r"has spent 0 s of max_usage=2, and the job may take (at least )?[3-9]\d* s"
    ):
        make(backend).run(work(backend))
    assert posted(cloud) == 0


@pytest.mark.holds("B542")
@pytest.mark.parametrize("name", RUNNERS)
@pytest.mark.parametrize("odd", [-1.0, float("nan"), "2", True])
def test_a_bound_that_is_no_number_of_seconds_is_refused(name: str, odd: Any) -> None:
    make, work = RUNNERS[name]
    backend, cloud = open_backend()
    with pytest.raises(IBMInputValueError, match="max_usage"):
        make(backend).run(work(backend), max_usage=odd)
    assert posted(cloud) == 0


@pytest.mark.holds("B541", "B542")
def test_what_is_not_known_of_a_run_is_warned_of_and_a_limit_closes_it() -> None:
    backend, cloud = open_backend()
    branched = QuantumCircuit(WIDTH, 1)
    branched.measure(0, 0)
    with branched.if_test((branched.clbits[0], 1)):
        branched.x(0)
    sampler = SamplerV2(backend)
    with pytest.warns(UserWarning, match=r"max_usage=5 is kept by what is known, .* PUB 0 is not known") as warned:
        sampler.run([branched], max_usage=5)
    assert [warning.filename for warning in warned] == [__file__]
    sampler.options.max_execution_time = 4
    sampler.run([branched], max_usage=5)
    with pytest.raises(IBMRuntimeError, match="about 4 s on ibm_line"):
        sampler.run([branched], max_usage=3)
    assert posted(cloud) == 2


@pytest.mark.holds("B542")
def test_a_job_counts_for_no_more_than_the_limit_that_ends_it() -> None:
    backend, cloud = open_backend()
    sampler = SamplerV2(backend, {"max_execution_time": 10})
    long = [(bell(backend), None, 100_000)]
    assert sampler.estimate(long).seconds > 20
    sampler.run(long, max_usage=10)
    assert posted(cloud) == 1


@pytest.mark.holds("B541", "B542")
def test_a_session_is_charged_for_more_than_its_jobs_and_a_batch_is_not() -> None:
    backend, _ = open_backend()
    with Batch(backend) as batch:
        SamplerV2(batch).run([bell(backend)], max_usage=5)
    with Session(backend), pytest.warns(UserWarning, match="In a session its wall time is charged"):
        SamplerV2().run([bell(backend)], max_usage=5)


@pytest.mark.holds("B542")
@pytest.mark.parametrize("kind", [SamplerV2, DirectedSampler])
def test_the_bound_of_a_run_in_parts_is_on_all_of_them_and_each_has_its_own_estimate(kind: type[Any]) -> None:
    backend, cloud = open_backend()
    pubs = [bell(backend)] * 3
    sampler = kind(backend)
    (alone,) = sampler.run(pubs[:1], max_payload=10**6)
    payload = len(msgspec.json.encode(json.loads(cloud.requests("/jobs", "POST")[0].body)["params"])) + 100
    each = sampler.estimate(pubs[:1]).usage.seconds
    with backend.service.track() as cost:
        with pytest.raises(IBMRuntimeError, match="not submitted"):
            sampler.run(pubs, max_payload=payload, max_usage=3 * each - 0.1)
        assert posted(cloud) == 1
        split = sampler.run(pubs, max_payload=payload, max_usage=3 * each + 0.1)
    assert len(split) == 3
    assert cost.jobs == list(split)
    assert [job.estimate.seconds for job in cost.records.jobs if job.estimate] == pytest.approx([each] * 3)
    assert alone not in cost.jobs


@pytest.mark.holds("B541", "B542", "B543")
@pytest.mark.parametrize("kind", [SamplerV2, DirectedSampler])
def test_a_dry_run_is_refused_by_no_bound_and_tracked_as_free(kind: type[Any]) -> None:
    backend, cloud = open_backend(max_usage=0.0)
    with backend.service.track() as cost:
        kind(backend).run([bell(backend)], dry_run=True, max_usage=0)
    assert posted(cloud) == 1
    (job,) = cost.records.jobs
    assert (job.backend, job.free, cost.estimated_seconds) == ("mock_line", True, 0.0)
    assert job.estimate is not None
    assert job.estimate.seconds > 2


@pytest.mark.holds("B542")
@pytest.mark.parametrize("kind", [SamplerV2, DirectedSampler])
def test_what_runs_in_this_process_is_refused_by_no_bound(kind: type[Any]) -> None:
    fake = FakeManilaV2()
    assert kind(fake).run([bell(fake)], shots=8, max_usage=0).result()
