"""Directed execution by IBM's client, unmodified, against an emulated cloud. Runs in the environment of that client.

Reads `{"base", "key", "instance"}` from standard input. Prints an object from the name of each journey to the empty
text, or to what went wrong.
"""

import contextlib
import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

GIVEN = json.load(sys.stdin)
BASE = GIVEN["base"]
os.environ.update(IAM_URL=BASE, GLOBAL_SEARCH_URL=BASE, GLOBAL_CATALOG_URL=f"{BASE}/api/v1")

import numpy as np  # noqa: E402  # the environment is read when these are loaded
from qiskit import QuantumCircuit  # noqa: E402  # the lines before must come first
from qiskit.circuit import Parameter  # noqa: E402  # the lines before must come first
from qiskit.quantum_info import SparsePauliOp, Statevector  # noqa: E402  # the lines before must come first
from qiskit.transpiler import generate_preset_pass_manager  # noqa: E402  # the lines before must come first
from qiskit_ibm_runtime import (  # noqa: E402  # the lines before must come first
    Batch,
    Calibrator,
    Executor,
    NoiseLearnerV3,
    QiskitRuntimeService,
    QuantumProgram,
    Session,
)
from qiskit_ibm_runtime.exceptions import RuntimeJobFailureError  # noqa: E402  # the lines before must come first
from qiskit_ibm_runtime.executor_estimator import EstimatorV2  # noqa: E402  # the lines before must come first
from qiskit_ibm_runtime.executor_sampler import SamplerV2  # noqa: E402  # the lines before must come first
from samplomatic import build  # noqa: E402  # the lines before must come first
from samplomatic.transpiler import generate_boxing_pass_manager  # noqa: E402  # the lines before must come first
from samplomatic.utils import find_unique_box_instructions  # noqa: E402  # the lines before must come first

JOURNEYS: list[Callable[[], None]] = []


def journey(function: Callable[[], None]) -> Callable[[], None]:
    """Put a function on the list."""
    JOURNEYS.append(function)
    return function


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    SERVICE = QiskitRuntimeService(
        token=GIVEN["key"], url_resolver=lambda *_: f"{BASE}/api/v1", instance=GIVEN["instance"]
    )
MANILA, FEZ = SERVICE.backend("fake_manila"), SERVICE.backend("fake_fez")


def as_isa(circuit: Any, backend: Any) -> Any:
    """Return a circuit on the first qubits of a device."""
    layout = list(range(circuit.num_qubits))
    return generate_preset_pass_manager(1, backend, initial_layout=layout, seed_transpiler=1).run(circuit)


def ghz(width: int) -> Any:
    """Return a GHZ state."""
    circuit = QuantumCircuit(width)
    circuit.h(0)
    for qubit in range(width - 1):
        circuit.cx(qubit, qubit + 1)
    return circuit


def ising() -> Any:
    """Return four steps of an Ising chain of five."""
    circuit = QuantumCircuit(5)
    for _ in range(4):
        circuit.rx(0.3, range(5))
        for qubit in (0, 2, 1, 3):
            circuit.rzz(-np.pi / 2, qubit, qubit + 1)
    return circuit


OBSERVABLES = [*map(SparsePauliOp, ("ZIIII", "IIZII", "IIIZZ"))]


def mean_error(level: int, **options: Any) -> float:
    """Return how far off the values of the chain are, in the mean of the observables."""
    ideal = [Statevector(ising()).expectation_value(observable).real for observable in OBSERVABLES]
    circuit = as_isa(ising(), MANILA)
    estimator = EstimatorV2(MANILA)
    estimator.options.resilience_level = level
    estimator.options.default_shots = 16_384
    estimator.options.update(**options)
    placed = [observable.apply_layout(circuit.layout) for observable in OBSERVABLES]
    values = estimator.run([(circuit, placed)]).result()[0].data.evs
    return float(np.abs(values - ideal).mean())


@journey
def executor_runs_circuits_with_arguments() -> None:
    circuit = QuantumCircuit(2)
    circuit.rx(Parameter("t"), 0)
    circuit.cx(0, 1)
    circuit.measure_all()
    program = QuantumProgram(shots=1000, passthrough_data={"tree": [1, {"deep": np.arange(3)}]})
    program.append_circuit_item(as_isa(circuit, MANILA), np.array([[0.0], [np.pi / 2], [np.pi]]))
    result = Executor(MANILA).run(program).result()
    bits = result[0]["meas"]
    assert bits.shape == (3, 1000, 2)
    ones = bits.mean(axis=(1, 2))
    assert ones[0] < 0.1
    assert 0.4 < ones[1] < 0.6
    assert ones[2] > 0.9
    assert result.passthrough_data["tree"][1]["deep"].tolist() == [0, 1, 2]
    assert result.timing.duration > 0


@journey
def executor_runs_a_samplex_over_a_sweep_and_its_flips_come_along() -> None:
    circuit = QuantumCircuit(3)
    circuit.rx(Parameter("t"), 0)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit.measure_all()
    boxed = generate_boxing_pass_manager().run(as_isa(circuit, FEZ))
    template, samplex = build(boxed)
    program = QuantumProgram(shots=64)
    angles = np.array([0.0, np.pi])[:, None]
    program.append_samplex_item(template, samplex, {"parameter_values": angles}, shape=(8, 2))
    executor = Executor(FEZ)
    executor.options.execution.scheduler_timing = True
    job = executor.run(program)
    (item,) = job.result()
    assert item["meas"].shape == (8, 2, 64, 3)
    bits = item["meas"] ^ item["measurement_flips.meas"]
    assert bits[:, 0].mean() < 0.1
    assert bits[:, 1].mean() > 0.9
    assert item.metadata.scheduler_timing.circuit_duration > 0
    again = SERVICE.job(job.job_id())
    assert (again.result()[0]["meas"] == item["meas"]).all()
    assert again.inputs["quantum_program"].shots == 64


@journey
def executor_tells_points() -> None:
    circuit = QuantumCircuit(1)
    circuit.x(0)
    circuit.measure_all()
    for level, name, shape in (("kerneled", "meas_iq", (50, 1)), ("avg_kerneled", "meas_avg_iq", (1,))):
        program = QuantumProgram(shots=50, meas_level=level)
        program.append_circuit_item(as_isa(circuit, MANILA))
        (item,) = Executor(MANILA).run(program).result()
        points = next(iter(item.values()))
        assert name in item or "meas" in item
        assert points.shape == shape
        assert points.dtype == np.complex128


@journey
def sampler_untwirled_and_twirled() -> None:
    circuit = ghz(4)
    circuit.measure_all()
    for twirl in (False, True):
        sampler = SamplerV2(FEZ)
        sampler.options.twirling.enable_gates = twirl
        sampler.options.twirling.enable_measure = twirl
        counts = sampler.run([as_isa(circuit, FEZ)], shots=2048).result()[0].data.meas.get_counts()
        assert sum(counts.values()) == 2048
        assert counts["0000"] + counts["1111"] > 0.85 * 2048


@journey
def sampler_with_points_and_with_decoupling() -> None:
    circuit = ghz(3)
    circuit.measure_all()
    sampler = SamplerV2(MANILA)
    sampler.options.execution.meas_type = "kerneled"
    points = sampler.run([as_isa(circuit, MANILA)], shots=20).result()[0].data.meas
    assert points.shape == (20, 3)
    sampler = SamplerV2(MANILA)
    sampler.options.dynamical_decoupling.enable = True
    sampler.options.dynamical_decoupling.sequence_type = "XY4"
    counts = sampler.run([as_isa(circuit, MANILA)], shots=500).result()[0].data.meas.get_counts()
    assert counts["000"] + counts["111"] > 350


@journey
def sampler_of_a_dynamic_circuit() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    circuit.measure(1, 1)
    counts = SamplerV2(FEZ).run([as_isa(circuit, FEZ)], shots=200).result()[0].data.c.get_counts()
    assert counts["11"] > 150


@journey
def estimator_mitigates() -> None:
    raw, trex, zne = (mean_error(level) for level in (0, 1, 2))
    assert 0.09 < raw < 0.2, raw
    assert trex < 0.75 * raw, (trex, raw)
    assert zne < 0.04, zne


@journey
def estimator_on_a_wide_device_with_a_sweep() -> None:
    circuit = ghz(3)
    circuit.rx(Parameter("t"), 2)
    isa = as_isa(circuit, FEZ)
    observable = SparsePauliOp(["ZZI", "IZZ"], [0.5, 0.5]).apply_layout(isa.layout)
    result = EstimatorV2(FEZ).run([(isa, observable, [[0.0], [np.pi]])], precision=0.03).result()
    assert result[0].data.evs.shape == (2,)
    assert abs(result[0].data.evs[0] - 1) < 0.15


@journey
def sessions_and_batches_of_them() -> None:
    circuit = ghz(2)
    isa = as_isa(circuit, MANILA)
    observable = SparsePauliOp("ZZ").apply_layout(isa.layout)
    for mode in (Session, Batch):
        with mode(backend=MANILA) as held:
            jobs = [EstimatorV2(held).run([(isa, observable)], precision=0.1) for _ in range(2)]
            assert all(abs(job.result()[0].data.evs - 1) < 0.4 for job in jobs)


@journey
def noise_is_learned_and_pec_takes_it_away() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    for _ in range(7):
        circuit.cx(0, 1)
        circuit.barrier()
    isa = as_isa(circuit, MANILA)
    observable = SparsePauliOp("XX").apply_layout(isa.layout)
    plain, estimator = EstimatorV2(MANILA), EstimatorV2(MANILA)
    plain.options.twirling.enable_gates = True
    estimator.options.resilience.pec_mitigation = True
    plain.options.default_shots = estimator.options.default_shots = 32_768
    layers = estimator.find_unique_layers([(isa, observable)], types="gates")
    learner = NoiseLearnerV3(MANILA)
    learner.options.layer_pair_depths = [0, 1, 4, 16]
    maps = learner.run(layers).result().to_pauli_lindblad_maps()
    assert all(0.008 < sum(found.rates) < 0.03 for found in maps), [sum(found.rates) for found in maps]
    raw = float(plain.run([(isa, observable)]).result()[0].data.evs)
    assert raw < 0.97, raw
    estimator.options.resilience.layer_noise_model = list(zip(layers, maps, strict=True))
    mitigated = float(estimator.run([(isa, observable)]).result()[0].data.evs)
    assert abs(mitigated - 1) < abs(raw - 1) / 2, (raw, mitigated)


@journey
def a_device_is_calibrated() -> None:
    found = Calibrator(MANILA).run().result()
    assert found.start <= found.stop


@journey
def what_the_device_does_not_have_is_a_failed_job() -> None:
    circuit = QuantumCircuit(1)
    circuit.h(0)
    circuit.measure_all()
    program = QuantumProgram(shots=10)
    program.append_circuit_item(circuit)
    job = Executor(MANILA).run(program)
    try:
        job.result()
    except RuntimeJobFailureError as error:
        assert "7000" in str(error)
    else:
        raise AssertionError("it was run")


@journey
def a_private_job_is_answered_once() -> None:
    circuit = ghz(2)
    circuit.measure_all()
    executor = Executor(MANILA)
    executor.options.environment.private = True
    program = QuantumProgram(shots=10)
    program.append_circuit_item(as_isa(circuit, MANILA))
    assert executor.run(program).result()[0]["meas"].shape == (10, 2)


@journey
def the_quick_start_of_the_executor() -> None:
    circuit = QuantumCircuit(3)
    circuit.h(0)
    for left, right in ((0, 1), (1, 2)):
        circuit.h(right)
        circuit.cz(left, right)
        circuit.h(right)
    for qubit, name in enumerate(("theta", "phi", "lam")):
        circuit.rz(Parameter(name), qubit)
    circuit.measure_all()
    manager = generate_preset_pass_manager(backend=FEZ, optimization_level=0)
    values = np.random.default_rng(1).random((10, 3))
    program = QuantumProgram(shots=128)
    program.append_circuit_item(manager.run(circuit), circuit_arguments=values)
    manager.post_scheduling = generate_boxing_pass_manager(enable_gates=True, enable_measures=True)
    template, samplex = build(manager.run(circuit))
    program.append_samplex_item(
        template, samplex=samplex, samplex_arguments={"parameter_values": values}, shape=(2, 14, 10)
    )
    plain, twirled = Executor(FEZ).run(program).result()
    assert plain["meas"].shape == (10, 128, 3)
    bits = twirled["meas"] ^ twirled["measurement_flips.meas"]
    assert bits.shape == (2, 14, 10, 128, 3)
    for read in (plain["meas"], bits):
        # A GHZ state, whatever the phases: all bits are alike.
        assert (read.all(axis=-1) | ~read.any(axis=-1)).mean() > 0.85


@journey
def executors_samplers_and_learners_in_sessions_and_batches() -> None:
    circuit = ghz(2)
    circuit.measure_all()
    isa = as_isa(circuit, MANILA)
    program = QuantumProgram(shots=100)
    program.append_circuit_item(isa)
    boxed = generate_boxing_pass_manager().run(isa)
    layers = find_unique_box_instructions(boxed, undress_boxes=True)
    for mode in (Session, Batch):
        with mode(backend=MANILA) as held:
            learner = NoiseLearnerV3(mode=held)
            learner.options.layer_pair_depths = [0, 1, 4]
            jobs = [Executor(mode=held).run(program), SamplerV2(mode=held).run([isa], shots=100), learner.run(layers)]
            assert {job.session_id for job in jobs} == {held.session_id}
            assert jobs[0].result()[0]["meas"].shape == (100, 2)
            assert jobs[1].result()[0].data.meas.num_shots == 100
            assert len(jobs[2].result()) == len(layers)
        assert held.details()["state"] == "closed"


@journey
def learned_noise_is_injected_and_cancels_that_of_the_device() -> None:
    circuit = QuantumCircuit(2)
    for _ in range(8):
        circuit.cx(0, 1)
        circuit.barrier()
    circuit.measure_all()
    boxed = generate_boxing_pass_manager(
        inject_noise_targets="gates", inject_noise_strategy="uniform_modification", inject_noise_site="after"
    ).run(as_isa(circuit, MANILA))
    layers = find_unique_box_instructions(boxed, undress_boxes=True)
    learner = NoiseLearnerV3(MANILA)
    learner.options.layer_pair_depths = [0, 1, 4, 16]
    noise = learner.run(layers).result().to_dict(layers, require_refs=False)
    template, samplex = build(boxed)
    program = QuantumProgram(shots=64, noise_maps=noise)
    (scales,) = [spec.name for spec in samplex.inputs().get_specs() if spec.name.startswith("noise_scales")]
    program.append_samplex_item(template, samplex=samplex, samplex_arguments={scales: 0.0}, shape=(400,))
    program.append_samplex_item(template, samplex=samplex, samplex_arguments={scales: -1.0}, shape=(400,))
    plain, cancelled = Executor(MANILA).run(program).result()
    values = []
    for item in (plain, cancelled):
        ones = (item["meas"] ^ item["measurement_flips.meas"]).sum(axis=-1)
        # The parity of both bits, which readout errs in alike, with the sign of each randomization.
        parity = (1 - 2.0 * (ones % 2)).mean(axis=-1)
        signs = 1 - 2.0 * (item["pauli_signs"].sum(axis=-1) % 2)
        values.append(float((parity * signs).mean()))
    strength = sum(sum(found.rates) for found in noise.values())
    gamma = float(np.exp(2 * 8 * strength / len(noise)))
    # What is left are the errors of readout.
    assert abs(gamma * values[1] - 1) < 0.7 * abs(values[0] - 1), (values, gamma)


def main() -> None:
    troubles = {}
    for walk in JOURNEYS:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                walk()
            troubles[walk.__name__] = ""
        except Exception:  # noqa: BLE001 - whatever goes wrong on a journey is its outcome
            troubles[walk.__name__] = traceback.format_exc()[-1500:]
    print(json.dumps(troubles))


with contextlib.suppress(BrokenPipeError):
    main()
