"""What a client estimates, and what an emulated cloud says and charges: one counting, in process and behind a door."""

import os
import subprocess
import sys
import warnings
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import SparsePauliOp

from qiskit_runtime_service import (
    Batch,
    EstimatorV2,
    Executor,
    IBMBackend,
    NoiseLearner,
    NoiseLearnerV3,
    QiskitRuntimeService,
    QuantumProgram,
    SamplerV2,
)
from qiskit_runtime_service.emulator.needs import Submission
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.executor_estimator import EstimatorV2 as DirectedEstimator
from qiskit_runtime_service.executor_noise_learner import NoiseLearnerV3 as OnExecutor
from qiskit_runtime_service.executor_sampler import SamplerV2 as DirectedSampler
from qiskit_runtime_service.simulator.running_time import time_submission
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    emulated_cloud,
    ibm_cloud,
    line_device,
    one_instance,
    recorded_device,
)

from ..support.program_runs import FEW, flipped, layer

EACH = 253.36e-6
"""Seconds of an execution of `flipped` on a line: delay 250, reset 1.7, x 0.032, cz 0.068, measurement 1.56 µs."""


def line_world() -> World:
    return one_instance(devices=[line_device("ibm_line", 5), line_device("mock_line", 5, mock=True)], plan="premium")


def opened(world: World) -> tuple[IBMBackend, EmulatedTransport]:
    """Open a service on a cloud, and return its first device."""
    cloud = emulated_cloud(world)
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    return service.backend(next(iter(world.devices))), cloud


@cache
def line() -> IBMBackend:
    return opened(line_world())[0]


def bare() -> QuantumCircuit:
    return flipped(5).remove_final_measurements(inplace=False)


def swept() -> QuantumCircuit:
    circuit = QuantumCircuit(5, 2)
    circuit.rz(Parameter("t"), 0)
    circuit.compose(flipped(5), inplace=True)
    return circuit


def seen(*labels: str) -> SparsePauliOp:
    return SparsePauliOp([f"III{label}" for label in labels])


def estimation(job: Any) -> float:
    return float(job.usage_estimation["quantum_seconds"])


# What is charged


@pytest.mark.holds("B525")
@pytest.mark.parametrize(
    ("shots", "seconds", "charged"), [(1, 2.000253, 3), (4096, 3.037763, 4), (100_000, 27.336, 28)]
)
def test_a_sampler_is_charged_for_its_shots(shots: int, seconds: float, charged: int) -> None:
    job = SamplerV2(line()).run([flipped(5)], shots=shots)
    assert estimation(job) == pytest.approx(seconds, abs=1e-6)
    job.wait_for_final_state()
    assert job.usage() == charged
    began, ended = (datetime.fromisoformat(job.metrics()["timestamps"][name]) for name in ("running", "finished"))
    assert (ended - began).total_seconds() == pytest.approx(seconds, abs=1e-3)


@pytest.mark.holds("B525")
@pytest.mark.parametrize(
    ("execution", "each"),
    [
        ({"rep_delay": 20e-6}, 23.36e-6),
        ({"rep_delay": 500e-6}, 503.36e-6),
        ({"rep_delay": 0.0}, 3.36e-6),
        ({"init_qubits": False}, 251.66e-6),
    ],
)
def test_the_delay_and_the_resets_between_shots_are_charged(execution: dict[str, Any], each: float) -> None:
    job = SamplerV2(line(), {"execution": execution}).run([flipped(5)], shots=10_000)
    assert estimation(job) == pytest.approx(2 + 10_000 * each)


@pytest.mark.holds("B525", "B526")
@pytest.mark.parametrize(
    ("level", "executions"),
    [(0, 2 * 4096), (1, 3 * 4096), (2, 7 * 4096)],
    ids=["two bases", "and the readout", "three noise factors"],
)
def test_mitigation_is_charged(level: int, executions: int) -> None:
    job = EstimatorV2(line(), {"resilience_level": level}).run([(bare(), seen("ZZ", "XX"))])
    assert estimation(job) == pytest.approx(2 + executions * EACH, rel=1e-3)


@pytest.mark.holds("B525")
def test_several_circuits_of_one_job_have_one_overhead_and_those_of_a_batch_each_its_own() -> None:
    backend, cloud = opened(line_world())
    together = SamplerV2(backend).run([flipped(5)] * 3, shots=4096)
    assert estimation(together) == pytest.approx(2 + 3 * 4096 * EACH)
    with Batch(backend) as batch:
        jobs = [SamplerV2(mode=batch).run([flipped(5)], shots=4096) for _ in range(3)]
    for job in jobs:
        job.wait_for_final_state()
    assert batch.usage() == 3 * 4
    together.wait_for_final_state()
    assert together.usage() == 6
    assert backend.service.usage()["usage_consumed_seconds"] == 18
    assert cloud.answered > 0


# What a client estimates

SPREADS = st.fixed_dictionaries(
    {},
    optional={
        "enable_gates": st.booleans(),
        "enable_measure": st.booleans(),
        "num_randomizations": st.sampled_from(["auto", 1, 3, 32]),
        "shots_per_randomization": st.sampled_from(["auto", 1, 7, 64]),
    },
)
EXECUTION = st.fixed_dictionaries({}, optional={"rep_delay": st.floats(0.0, 500e-6), "init_qubits": st.booleans()})
NUMBERS = st.integers(1, 20_000)


@pytest.mark.holds("B525")
@given(
    shots=st.lists(st.none() | NUMBERS, min_size=1, max_size=3),
    points=st.sampled_from([(), (1,), (4,), (2, 3), (0,)]),
    options=st.fixed_dictionaries({}, optional={"default_shots": NUMBERS, "twirling": SPREADS, "execution": EXECUTION}),
)
@example(shots=[None], points=(), options={"twirling": {"enable_gates": True, "num_randomizations": 32}})
def test_a_sampler_is_told_what_it_estimates(
    shots: list[int | None], points: tuple[int, ...], options: dict[str, Any]
) -> None:
    pubs = [(swept(), np.zeros((*points, 1)), number) for number in shots]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler = SamplerV2(line(), options)
        assert estimation(sampler.run(pubs)) == pytest.approx(sampler.estimate(pubs).usage.seconds, rel=1e-12)


@pytest.mark.holds("B525", "B526")
@given(
    precision=st.none() | st.floats(0.005, 0.5),
    labels=st.lists(st.sampled_from(["ZZ", "XX", "XY", "II", "ZI"]), min_size=1, max_size=4, unique=True),
    options=st.fixed_dictionaries(
        {"resilience_level": st.sampled_from([0, 1, 2])},
        optional={
            "default_shots": NUMBERS,
            "default_precision": st.floats(0.005, 0.5),
            "twirling": SPREADS,
            "execution": EXECUTION,
            "resilience": st.sampled_from(
                [
                    {"measure_mitigation": False},
                    {"zne_mitigation": True, "zne": {"noise_factors": [1, 2]}},
                    {"pec_mitigation": True, "zne_mitigation": False},
                    {"zne_mitigation": True, "zne": {"amplifier": "pea"}, "layer_noise_learning": FEW},
                ]
            ),
        },
    ),
)
@example(
    precision=None,
    labels=["ZZ"],
    options={
        "resilience_level": 0,
        "default_shots": 1,
        "resilience": {"pec_mitigation": True, "zne_mitigation": False},
        "twirling": {"enable_gates": False, "shots_per_randomization": 1, "num_randomizations": 3},
    },
)
def test_an_estimator_is_told_what_it_estimates(
    precision: float | None, labels: list[str], options: dict[str, Any]
) -> None:
    pub = (bare(), [seen(label) for label in labels])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        estimator = EstimatorV2(line(), options)
        estimate = estimator.estimate([pub], precision=precision)
        assume(estimate.usage.most_executions is None or estimate.usage.executions < 10**9)
        job = estimator.run([pub], precision=precision)
    assert estimation(job) == pytest.approx(estimate.usage.seconds, rel=1e-12)


@pytest.mark.holds("B525")
@given(few=NUMBERS, more=st.integers(0, 50_000))
def test_more_shots_are_never_charged_less(few: int, more: int) -> None:
    sampler = SamplerV2(line())
    one, other = (estimation(sampler.run([flipped(5)], shots=shots)) for shots in (few, few + more))
    assert 2.0 < one <= other


def program() -> QuantumProgram:
    made = QuantumProgram(1000)
    made.append_circuit_item(flipped(5))
    made.append_circuit_item(swept(), circuit_arguments=np.zeros((4, 1)))
    return made


def learner_of_circuits() -> NoiseLearner:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return NoiseLearner(line(), FEW)


@pytest.mark.holds("B525")
@pytest.mark.parametrize(
    ("make", "inputs"),
    [
        (lambda: Executor(line()), program()),
        (lambda: Executor(line(), {"execution": {"rep_delay": 100e-6, "init_qubits": False}}), program()),
        (lambda: DirectedSampler(line()), [flipped(5)]),
        (lambda: DirectedEstimator(line(), {"resilience_level": 2}), [(bare(), seen("ZZ"))]),
        (lambda: NoiseLearnerV3(line(), {**FEW, "execution": {"rep_delay": 100e-6}}), [layer(5)]),
        (lambda: OnExecutor(line(), FEW), [layer(5)]),
        (learner_of_circuits, [bare()]),
    ],
    ids=["executor", "executor with options", "sampler", "estimator", "learner", "learner on executor", "of circuits"],
)
def test_a_program_is_told_what_it_estimates(make: Any, inputs: Any) -> None:
    held = make()
    told = held.estimate(inputs).usage.seconds
    assert told > 2.001
    assert estimation(held.run(inputs)) == pytest.approx(told, rel=1e-12)


PROGRAM = """\
from qiskit import QuantumCircuit
from qiskit_runtime_service import QiskitRuntimeService, SamplerV2
sampler = SamplerV2(QiskitRuntimeService().backend("ibm_fez"))
circuit = QuantumCircuit(156, 1)
circuit.sx(0)
circuit.measure(0, 0)
job = sampler.run([circuit], shots=1000)
job.wait_for_final_state()
print(sampler.estimate([circuit], shots=1000).seconds, job.usage_estimation["quantum_seconds"], job.usage())
"""


@pytest.mark.holds("B525")
def test_behind_a_door_it_is_the_same() -> None:
    with ibm_cloud(one_instance(devices=[recorded_device("fez")])) as cloud:
        command = [sys.executable, "-c", PROGRAM]
        printed = subprocess.run(
            command, env=os.environ | cloud.environment, check=True, capture_output=True, text=True
        )
    estimated, told, charged = map(float, printed.stdout.split())
    assert told == pytest.approx(estimated, rel=1e-12)
    assert told == pytest.approx(2 + 1000 * 253.168e-6)
    assert charged == 3.0


# Dry runs and what does not run


@pytest.mark.holds("B528")
def test_a_dry_run_tells_estimate_and_charge_side_by_side() -> None:
    backend, _ = opened(line_world())
    sampler = SamplerV2(backend)
    job = sampler.run([flipped(5)], shots=100_000, dry_run=True)
    assert job.result()[0].data.c.num_shots == 100_000
    assert estimation(job) == pytest.approx(sampler.estimate([flipped(5)], shots=100_000).usage.seconds)
    assert job.usage() == 28
    assert backend.service.usage()["usage_consumed_seconds"] == 0


@pytest.mark.holds("B526")
@pytest.mark.parametrize(
    ("program_id", "params"),
    [
        ("sampler", b"{}"),
        ("sampler", b'{"pubs":[["OPENQASM 3.0; qubit q;"]],"options":7}'),
        ("sampler", b'{"pubs":[["OPENQASM 3.0; include \\"stdgates.inc\\"; h $0;",null,1000]]}'),
        ("sampler", b'{"pubs":[["OPENQASM 3.0; bit c; c = measure $7;",null,1000]]}'),
        ("estimator", b'{"pubs":[["OPENQASM 3.0; x $0;"]]}'),
        ("executor", b"{}"),
        ("noise-learner", b"{}"),
        ("noise-learner", b'{"circuits":[7]}'),
        ("calibrate", b"{}"),
        ("other", b"{}"),
    ],
)
def test_what_cannot_run_takes_what_comes_before_the_first_circuit(program_id: str, params: bytes) -> None:
    assert time_submission(submission(program_id, params)) == 2.0


def submission(program_id: str, params: bytes) -> Submission:
    device = line_device("ibm_line", 5)
    assert device.configuration is not None
    assert device.properties is not None
    return Submission(
        device="ibm_line",
        program=program_id,
        params=params,
        configuration=device.configuration,
        properties=device.properties,
    )


@pytest.mark.holds("B525")
@pytest.mark.parametrize("padding", [0, 100_000])
def test_openqasm_is_counted_as_circuits_are_however_long_the_params(padding: int) -> None:
    text = b'OPENQASM 3.0; include \\"stdgates.inc\\"; bit c; x $0; c = measure $0;' + b" " * padding
    asked = submission("sampler", b'{"pubs":[["' + text + b'",null,1000]]}')
    assert time_submission(asked) == time_submission(asked) == pytest.approx(2 + 1000 * 253.292e-6)


@pytest.mark.holds("B533")
@pytest.mark.parametrize(("points", "taken"), [(100, True), (101, False)])
def test_a_sampler_job_has_up_to_ten_million_executions(points: int, taken: bool) -> None:
    values = b"[" + b",".join([b"[0.0]"] * points) + b"]"
    text = b'OPENQASM 3.0; include \\"stdgates.inc\\"; input float theta; bit c; rz(theta) $0; c = measure $0;'
    params = b'{"pubs":[["' + text + b'",' + values + b",100000]]}"
    seconds = time_submission(submission("sampler", params))
    assert seconds == (pytest.approx(2 + 10**7 * 253.26e-6) if taken else 2.0)
