"""What runs would use, before they are sent."""

import copy
import json
import math
import pickle
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, Parameter
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager
from samplomatic import InjectNoise, Twirl

from qiskit_runtime_service import (
    Batch,
    Estimate,
    EstimatorV2,
    Executor,
    IBMInputValueError,
    NoiseLearner,
    NoiseLearnerV3,
    QuantumProgram,
    SamplerV2,
    Session,
)
from qiskit_runtime_service.core.estimates import estimate_usage
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.executor_estimator import EstimatorV2 as DirectedEstimator
from qiskit_runtime_service.executor_noise_learner import NoiseLearnerV3 as OnExecutor
from qiskit_runtime_service.executor_sampler import SamplerV2 as DirectedSampler
from qiskit_runtime_service.fake_provider import FakeFez, FakeMiami, FakeSherbrooke
from qiskit_runtime_service.records.estimate import DeviceTimes, UsageEstimate
from qiskit_runtime_service.testing import Fault, Status, build_world, instance, line_device, one_instance

from ..support.program_runs import flipped
from .clouds import bell, open_service

fez = cache(FakeFez)


@cache
def entangled(backend_class: Any = FakeFez, width: int = 2) -> QuantumCircuit:
    """Return a GHZ state as a recorded device runs it, not measured."""
    circuit = QuantumCircuit(width)
    circuit.h(0)
    for qubit in range(width - 1):
        circuit.cx(qubit, qubit + 1)
    return generate_preset_pass_manager(1, backend=backend_class(), seed_transpiler=1).run(circuit)


@cache
def measured(backend_class: Any = FakeFez, width: int = 2) -> QuantumCircuit:
    """Return the same, measured before it is transpiled."""
    circuit = QuantumCircuit(width)
    circuit.h(0)
    for qubit in range(width - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    return generate_preset_pass_manager(1, backend=backend_class(), seed_transpiler=1).run(circuit)


def delayed(micros: float) -> QuantumCircuit:
    """Return a delay beside a gate, measured, of as many microseconds in all but 1.56 and 0.024."""
    circuit = QuantumCircuit(156, 1)
    circuit.sx(0)
    circuit.delay(micros, 0, "us")
    circuit.measure(0, 0)
    return circuit


def branching(width: int = 156) -> QuantumCircuit:
    circuit = QuantumCircuit(width, 1)
    circuit.measure(0, 0)
    with circuit.if_test((0, True)):
        circuit.x(0)
    return circuit


def seen(*labels: str) -> Any:
    """Return an observable of the Bell state."""
    return SparsePauliOp(list(labels)).apply_layout(entangled().layout)


def stretched() -> QuantumCircuit:
    """Return a delay that only the device knows, so that those between executions are alone."""
    circuit = QuantumCircuit(120, 1)
    circuit.delay(circuit.add_stretch("s"), 0)
    circuit.measure(0, 0)
    return circuit


def sweep() -> QuantumCircuit:
    """Return the measured Bell state after a rotation that takes no time."""
    circuit = measured().copy_empty_like()
    circuit.rz(Parameter("p"), 0)
    circuit.compose(measured(), inplace=True)
    return circuit


def turned() -> QuantumCircuit:
    """Return the Bell state after a rotation that takes no time."""
    circuit = entangled().copy_empty_like()
    circuit.rz(Parameter("p"), 0)
    circuit.compose(entangled(), inplace=True)
    return circuit


def sample(*pubs: Any, shots: int | None = None, backend: Any = None, **options: Any) -> Estimate:
    return SamplerV2(backend or fez(), options=options).estimate(pubs, shots=shots)


def expect(*pubs: Any, precision: float | None = None, **options: Any) -> Estimate:
    return EstimatorV2(fez(), options=options).estimate(pubs, precision=precision)


TWIRLED = {"enable_gates": True}
SIX = ("XX", "YY", "ZZ", "XY", "YX", "ZX")
FIVE = {"zne": {"noise_factors": [1, 1.5, 2, 2.5, 3]}}
PEC: dict[str, Any] = {"pec_mitigation": True, "layer_noise_model": []}

CASES: dict[str, tuple[Callable[[], Estimate], int, float, float, float | None]] = {
    "1": (lambda: sample(measured(), shots=1), 1, 0.000, 2.000, 2.000),
    "2": (lambda: sample(measured()), 4096, 1.037, 3.037, 3.434),
    "2, twirled": (lambda: sample(measured(), twirling=TWIRLED), 4096, 1.037, 3.037, 3.434),
    "3": (lambda: sample(measured(), measured()), 8192, 2.075, 4.075, 4.867),
    "4": (lambda: sample((sweep(), np.zeros((100, 1)), 1000)), 100_000, 25.328, 27.328, 37.000),
    "5": (lambda: sample(measured(FakeFez, 20)), 4096, 1.045, 3.045, 3.434),
    "6": (lambda: sample(measured(FakeSherbrooke, 20), backend=FakeSherbrooke()), 4096, 1.081, 3.081, 3.434),
    "7": (lambda: sample((delayed(100), None, 1000)), 1000, 0.353, 2.353, 2.350),
    "8": (lambda: sample(measured(), execution={"rep_delay": 20e-6}), 4096, 0.095, 2.095, None),
    "9": (lambda: sample(measured(), execution={"rep_delay": 500e-6}), 4096, 2.061, 4.061, None),
    "10": (lambda: sample(measured(), execution={"init_qubits": False}), 4096, 1.031, 3.031, 3.434),
    "11": (lambda: sample(stretched(), backend=FakeMiami()), 4096, 16.384, 18.384, None),
    "12": (lambda: sample(measured(), shots=1000, twirling=TWIRLED), 1024, 0.259, 2.259, 2.358),
    "13": (lambda: sample(measured(), shots=10, twirling=TWIRLED), 64, 0.016, 2.016, 2.022),
    "15, ZZ": (lambda: expect((entangled(), seen("ZZ")), resilience_level=0), 4096, 1.037, 3.037, 3.434),
    "15, ZI": (lambda: expect((entangled(), seen("ZI", "IZ", "ZZ")), resilience_level=0), 4096, 1.037, 3.037, 3.434),
    "15, XX": (lambda: expect((entangled(), seen("ZZ", "XX")), resilience_level=0), 8192, 2.075, 4.075, 4.867),
    "16": (
        lambda: expect(
            (turned(), [list(map(seen, SIX))], np.zeros((4, 1, 1))),
            precision=2000**-0.5,
            resilience_level=0,
        ),
        48_000,
        12.157,
        14.157,
        18.800,
    ),
    "17": (lambda: expect((entangled(), seen("ZZ"))), 8192, 2.075, 4.075, 4.867),
    "17, XX": (lambda: expect((entangled(), seen("ZZ", "XX"))), 12_288, 3.112, 5.112, 6.301),
    "17, two": (lambda: expect((entangled(), seen("ZZ")), (entangled(), seen("XX"))), 12_288, 3.112, 5.112, 6.301),
    "18": (lambda: expect((entangled(), seen("ZZ")), precision=0.1), 256, 0.065, 2.065, 2.090),
    "19": (lambda: expect((entangled(), seen("ZZ")), resilience_level=2), 16_384, 4.150, 6.150, 7.734),
    "20": (
        lambda: expect((entangled(), seen("ZZ")), resilience_level=2, resilience=FIVE),
        24_576,
        6.225,
        8.225,
        10.602,
    ),
    "21": (
        lambda: expect((turned(), seen("ZZ", "XX"), np.zeros((10, 1))), resilience_level=2),
        249_856,
        63.283,
        65.283,
        89.450,
    ),
    "22": (lambda: expect((entangled(), seen("ZZ")), resilience=PEC), 8192, 2.075, 4.075, 4.867),
    "26": (lambda: sample(*[(measured(), None, 1000)] * 20), 20_000, 5.066, 7.066, 9.000),
    "28": (lambda: sample(measured(), shots=10**7), 10**7, 2532.760, 2534.760, 3502.000),
    "29": (lambda: sample(branching()), 4096, 1.024, 3.024, 3.434),
    "14": (
        lambda: DirectedSampler(
            fez(), {"twirling": {**TWIRLED, "num_randomizations": 32, "shots_per_randomization": 100}}
        ).estimate([measured()], shots=4096),
        3200,
        0.810,
        2.810,
        3.120,
    ),
    "17, here": (lambda: DirectedEstimator(fez()).estimate([(entangled(), seen("ZZ"))]), 8192, 2.075, 4.075, 4.867),
    "18, here": (
        lambda: DirectedEstimator(fez()).estimate([(entangled(), seen("ZZ"))], precision=0.1),
        256,
        0.065,
        2.065,
        2.090,
    ),
}
"""A worked case; what is asked, executions, floor, formula and rule of thumb, in seconds to the millisecond."""


@pytest.mark.holds("B510", "B511", "B513", "B514", "B515", "B516", "B519")
@pytest.mark.parametrize(("ask", "executions", "floor", "formula", "quick"), CASES.values(), ids=CASES)
@pytest.mark.filterwarnings("ignore:4?[0-9]* shots are taken:UserWarning")
def test_worked_cases_come_out(
    ask: Callable[[], Estimate], executions: int, floor: float, formula: float, quick: float | None
) -> None:
    # The readout is calibrated by what only measures, which the worked cases take for as long as the circuit.
    close = 0.0011
    estimate = ask()
    usage = estimate.usage
    assert estimate.executions == executions
    assert usage.floor == pytest.approx(floor, abs=close)
    assert usage.seconds == pytest.approx(formula, abs=close)
    assert usage.quick == (quick if quick is None else pytest.approx(quick, abs=0.00051))
    # Case 30: what runs in this process costs nothing.
    assert (estimate.seconds, usage.free) == (0.0, "it runs in this process")
    assert estimate.surroundings is None
    assert estimate.share is None


@pytest.mark.holds("B515")
def test_pec_has_the_range_of_what_it_may_take() -> None:
    usage = expect((entangled(), seen("ZZ")), resilience=PEC).usage
    assert usage.most_executions == 413_696
    assert usage.most_seconds == pytest.approx(106.779, abs=0.0011)
    learning = expect((entangled(), seen("ZZ")), resilience={"pec_mitigation": True}).usage
    # One layer of two-qubit gates: 6 depths, 9 bases, 32 randomizations of 128 shots.
    assert (learning.executions, learning.most_executions) == (8192 + 221_184, 413_696 + 221_184)
    plain = entangled().copy_empty_like()
    plain.sx(0)
    none = expect((plain, seen("ZZ")), resilience={"pec_mitigation": True}).usage
    assert (none.executions, none.most_executions) == (8192, 413_696)


def box(width: int, *gates: str) -> CircuitInstruction:
    circuit = QuantumCircuit(width, 2)
    with circuit.box([Twirl(), InjectNoise("r")]):
        for gate in gates:
            if gate == "cz":
                circuit.cz(0, 1)
            else:
                circuit.measure([0, 1], [0, 1])
    return circuit.data[0]


FEW: dict[str, Any] = {"num_randomizations": 2, "shots_per_randomization": 8, "layer_pair_depths": [0, 1]}


@pytest.mark.holds("B515", "B519")
def test_learners_count_what_they_learn() -> None:
    service, _ = open_service(one_instance(devices=[line_device("ibm_line", 3)]))
    backend = service.backend("ibm_line")
    with pytest.warns(DeprecationWarning, match="NoiseLearner is deprecated"):
        of_circuits = NoiseLearner(backend)
    bare = flipped(3).remove_final_measurements(inplace=False)
    assert of_circuits.estimate([bare]).executions == 221_184
    assert of_circuits.estimate([bare]).usage.at_least
    of_circuits.options.update(max_layers_to_learn=0)
    assert of_circuits.estimate([bare]).executions == 0

    of_boxes = NoiseLearnerV3(backend)
    assert of_boxes.estimate([box(3, "cz")]).executions == 221_184
    assert of_boxes.estimate([box(3, "measure")]).executions == 4096
    assert NoiseLearnerV3(backend, FEW).estimate([box(3, "cz")]).executions == 2 * 9 * 2 * 8

    on_executor = OnExecutor(backend)
    assert on_executor.estimate([box(3, "cz")]).executions == 225_280
    assert on_executor.prepare([box(3, "cz")]).estimate() == on_executor.estimate([box(3, "cz")])
    assert not on_executor.estimate([box(3, "cz")]).usage.at_least


@pytest.mark.holds("B514", "B519")
def test_an_executor_counts_a_program_as_it_is_and_so_does_what_was_prepared() -> None:
    program = QuantumProgram(100)
    program.append_circuit_item(measured())
    program.append_circuit_item(sweep(), circuit_arguments=np.zeros((3, 2, 1)))
    estimate = Executor(fez()).estimate(program)
    assert [(term.what, term.executions) for term in estimate.usage.terms] == [("item 0", 100), ("item 1", 600)]
    assert estimate.usage.floor == pytest.approx(700 * 253.276e-6)
    slow = Executor(fez(), {"execution": {"rep_delay": 500e-6, "init_qubits": False}}).estimate(program)
    assert slow.usage.floor == pytest.approx(700 * 501.692e-6)

    estimator = DirectedEstimator(fez(), {"resilience_level": 2})
    prepared = estimator.prepare([(entangled(), seen("ZZ"))])
    assert prepared.estimate() == Executor(fez()).estimate(prepared) == estimator.estimate([(entangled(), seen("ZZ"))])
    assert [term.what for term in prepared.estimate().usage.terms] == [
        "PUB 0, noise x 1",
        "PUB 0, noise x 3",
        "PUB 0, noise x 5",
        "readout",
    ]
    # Here circuits are folded before they are sent, so that their lengths are known.
    lengths = [term.length or 0.0 for term in prepared.estimate().usage.terms]
    assert 0 < lengths[0] < lengths[1] < lengths[2]
    assert prepared.estimate().executions == prepared.executions == 16_384


@pytest.mark.holds("B519")
def test_what_was_prepared_knows_no_backend_after_it_was_copied_or_pickled() -> None:
    prepared = DirectedSampler(fez()).prepare([measured()], shots=10)
    twin = copy.copy(prepared)
    assert Executor(fez()).estimate(twin).executions == 10
    with pytest.raises(IBMInputValueError, match=r"Executor\(mode=backend\)\.estimate\(prepared\)"):
        twin.estimate()


# In a service


def in_service(world: World | None = None, **arguments: Any) -> tuple[Any, Any]:
    service, cloud = open_service(world, **arguments)
    return service.least_busy(), cloud


@pytest.mark.holds("B518")
def test_an_estimate_says_what_part_it_is_of_what_is_left_and_who_waits() -> None:
    backend, _ = in_service(build_world(instance("one", plan="open", devices=[line_device("ibm_emu5", 5)], limit=600)))
    estimate = SamplerV2(backend).estimate([bell(backend)], shots=100_000)
    assert estimate.usage.free == ""
    assert estimate.seconds == estimate.usage.seconds > 27
    assert estimate.surroundings is not None
    assert estimate.surroundings.remaining == 600
    assert estimate.share == pytest.approx(estimate.seconds / 600)
    assert "of the 600.0 s that the instance has left." in " ".join(str(estimate).split())
    assert "No job waits on ibm_emu5." in str(estimate)


@pytest.mark.holds("B518")
def test_what_the_service_does_not_tell_is_said_and_no_error() -> None:
    gone = Fault(path="*/instances/usage", effect=Status(code=404), times=None)
    backend, _ = in_service(replace(one_instance(), faults=(gone,)))
    estimate = SamplerV2(backend).estimate([bell(backend)])
    assert estimate.share is None
    assert "What the instance has left is not known: " in str(estimate)
    assert json.loads(estimate.to_json())["remaining_seconds"] is None


@pytest.mark.holds("B512")
def test_a_session_makes_it_the_least_and_a_batch_does_not() -> None:
    service, _ = open_service(one_instance(plan="premium"))
    backend = service.least_busy()
    circuit = bell(backend)
    with Session(backend) as session:
        inside = SamplerV2(session).estimate([circuit])
        program = QuantumProgram(10)
        program.append_circuit_item(circuit)
        assert Executor(session).estimate(program).usage.at_least
    with Batch(backend) as batch:
        together = SamplerV2(batch).estimate([circuit])
    alone = SamplerV2(backend).estimate([circuit])
    assert inside.usage.at_least
    assert "about" not in repr(inside).replace("about 2 s", "")
    assert together == alone
    assert not alone.usage.at_least


@pytest.mark.holds("B513")
def test_a_stand_in_costs_nothing_and_nobody_is_asked_what_is_left() -> None:
    service, cloud = open_service(one_instance(devices=[line_device("mock_emu5", 5, mock=True)]))
    backend = service.backend("mock_emu5")
    estimate = SamplerV2(backend).estimate([bell(backend)])
    assert (estimate.seconds, estimate.usage.free) == (0.0, "it is a stand-in for dry runs")
    assert not any(exchange.request.url.endswith("/usage") for exchange in cloud.ledger)
    assert "instance" not in str(estimate)


@pytest.mark.holds("B519")
def test_nothing_is_submitted_and_what_cannot_run_is_refused_as_by_run() -> None:
    backend, cloud = in_service()
    circuit = bell(backend)
    bare = circuit.remove_final_measurements(inplace=False)
    sampler, estimator, directed = SamplerV2(backend), EstimatorV2(backend), DirectedSampler(backend)
    zz = SparsePauliOp("IIIZZ")
    foreign = QuantumCircuit(5, 1)
    foreign.h(0)
    foreign.measure(0, 0)
    wide = QuantumCircuit(9, 1)
    tries: list[tuple[Any, Any]] = [
        (sampler, lambda do: do([])),
        (sampler, lambda do: do(circuit)),
        (sampler, lambda do: do([foreign])),
        (sampler, lambda do: do([wide])),
        (sampler, lambda do: do([circuit], shots=10**30)),
        (sampler, lambda do: do([circuit], shots=0)),
        (sampler, lambda do: do([circuit], shots="many")),
        (estimator, lambda do: do([])),
        (estimator, lambda do: do([(bare, "ZZ")])),
        (estimator, lambda do: do([(bare, zz)], precision=-1.0)),
        (estimator, lambda do: do([(bare, zz)], precision=1e-30)),
        (estimator, lambda do: do([(bare, zz)], precision=float("nan"))),
        (directed, lambda do: do([])),
        (directed, lambda do: do([foreign])),
        (directed, lambda do: do([circuit], shots=10**30)),
        (Executor(backend), lambda do: do("a program")),
        (Executor(backend), lambda do: do(QuantumProgram(10))),
        (NoiseLearnerV3(backend), lambda do: do([])),
        (OnExecutor(backend), lambda do: do([])),
        (SamplerV2(backend, options={"execution": {"rep_delay": 9.0}}), lambda do: do([circuit])),
    ]
    for runner, attempt in tries:
        with pytest.raises(IBMInputValueError) as of_run:
            attempt(runner.run)
        with pytest.raises(IBMInputValueError) as of_estimate:
            attempt(runner.estimate)
        assert str(of_estimate.value) == str(of_run.value)
    for runner, pubs in ((sampler, [circuit]), (estimator, [(bare, zz)]), (directed, [circuit])):
        assert runner.estimate(pubs).seconds > 2
    assert not [exchange for exchange in cloud.ledger if exchange.request.url.endswith("/jobs")]


@pytest.mark.holds("B518")
def test_limits_that_a_job_would_meet_are_said() -> None:
    backend, _ = in_service()
    sampler = SamplerV2(backend, options={"max_execution_time": 10})
    circuit = bell(backend)
    assert "max_execution_time" not in str(sampler.estimate([circuit]))
    assert "max_execution_time is 10.00 s" in str(sampler.estimate([circuit], shots=100_000))
    many = [(circuit, None, 100_000)] * 101
    said = " ".join(str(SamplerV2(backend).estimate(many)).split())
    assert "The service takes no more than 10,000,000 executions in such a job" in said


# Backends that tell little


@pytest.mark.holds("B511", "B513")
def test_backends_of_others_tell_what_they_can() -> None:
    generic = GenericBackendV2(2, seed=1)
    circuit = QuantumCircuit(2)
    circuit.sx(0)
    circuit.measure_all()
    estimate = SamplerV2(generic).estimate([circuit], shots=10)
    assert estimate.usage.free == "it runs in this process"
    assert estimate.usage.at_least
    assert any("rep_delay" in sentence for sentence in estimate.usage.unknown)
    assert estimate.usage.terms[0].length is not None
    with_delay = SamplerV2(generic, options={"execution": {"rep_delay": 1e-3}}).estimate([circuit], shots=10)
    assert with_delay.usage.floor > 0.01
    with pytest.raises(IBMInputValueError, match="rep_delay"):
        SamplerV2(generic, options={"execution": {"rep_delay": -1.0}}).estimate([circuit])
    for unread in (None, "soon", float("nan"), True, -1.0):
        generic.default_rep_delay = unread
        assert SamplerV2(generic).estimate([circuit]).usage.at_least
    generic.default_rep_delay = 1e-3
    assert SamplerV2(generic).estimate([circuit], shots=1000).usage.floor > 1


@pytest.mark.holds("B511")
def test_a_delay_of_nothing_is_nothing() -> None:
    generic = GenericBackendV2(2, seed=1)
    generic.default_rep_delay = 1e-3
    circuit = QuantumCircuit(2)
    circuit.sx(0)
    circuit.measure_all()
    none = SamplerV2(generic, options={"execution": {"rep_delay": 0.0}}).estimate([circuit], shots=1000)
    assert none.usage.floor < 0.1


# How it shows itself


@pytest.mark.holds("B517")
def test_text_is_as_wide_as_a_terminal_and_says_all() -> None:
    text = str(expect((entangled(), seen("ZZ", "XX")), resilience={"pec_mitigation": True}))
    assert max(map(len, text.splitlines())) <= 80
    assert text.startswith("fake_fez: Nothing is charged: it runs in this process.")
    assert "PEC takes 1 to 100 times the shots." in text
    estimate = sample(measured())
    assert repr(estimate) == (
        "<Estimate of fake_fez: Nothing is charged: it runs in this process. On such a device, at least 1.04 s on the "
        "QPU; about 3.04 to 3.43 s by IBM's formula, if it runs as one sub-job. 4096 executions × 253.3 µs + 2 s.>"
    )
    assert "<td>253.3 µs</td>" in estimate._repr_html_()
    assert estimate.report().rows == (("PUB 0", "4096", "1.692 µs", "253.3 µs", "1.04 s"),)


@pytest.mark.holds("B353")
def test_a_name_that_commands_terminals_is_shown_as_it_is_written() -> None:
    times = DeviceTimes(backend="\x1b[31mred", rep_delay=250e-6, reset=0.0)
    estimate = Estimate(estimate_usage([], times))
    for text in (repr(estimate), str(estimate), estimate._repr_html_()):
        assert "\x1b" not in text
        assert "\\x1b[31mred: At least 0 s" in text


@pytest.mark.holds("B517")
def test_plain_data_name_their_units() -> None:
    told = json.loads(sample(measured(), execution={"rep_delay": 500e-6}).to_json())
    assert list(told) == [
        *("backend", "jobs", "sub_jobs", "executions", "most_executions", "charge_seconds", "floor_seconds"),
        *("formula_seconds", "most_formula_seconds", "quick_seconds", "most_quick_seconds", "at_least", "free"),
        *("remaining_seconds", "share_of_remaining", "queue_length", "wait_seconds", "calibrated", "terms"),
        *("assumptions", "unknown"),
    ]
    assert (told["backend"], told["calibrated"]) == ("fake_fez", "2025-02-26T15:16:25-05:00")
    assert (told["executions"], told["most_executions"], told["at_least"]) == (4096, 4096, False)
    assert (told["charge_seconds"], told["quick_seconds"], told["remaining_seconds"]) == (0.0, None, None)
    assert told["floor_seconds"] == pytest.approx(4096 * 503.276e-6)
    assert told["formula_seconds"] == told["most_formula_seconds"] == pytest.approx(2 + 4096 * 503.276e-6)
    assert told["terms"] == [
        {
            "for": "PUB 0",
            "executions": 4096,
            "most_executions": 4096,
            "circuit_seconds": pytest.approx(1.692e-6),
            "delay_seconds": pytest.approx(501.584e-6),
        }
    ]
    endless = UsageEstimate(
        backend="b",
        terms=(),
        floor=math.inf,
        seconds=math.inf,
        most_seconds=None,
        quick=None,
        most_quick=None,
        charge=0,
    )
    assert json.loads(Estimate(endless).to_json())["floor_seconds"] is None


@pytest.mark.holds("B517")
def test_estimates_are_equal_copied_and_pickled_as_what_they_say() -> None:
    backend, _ = in_service()
    estimate = SamplerV2(backend).estimate([bell(backend)])
    for twin in (copy.copy(estimate), copy.deepcopy(estimate), pickle.loads(pickle.dumps(estimate))):  # noqa: S301  # our own
        assert twin == estimate
        assert hash(twin) == hash(estimate)
        assert str(twin) == str(estimate)
    assert estimate != SamplerV2(backend).estimate([bell(backend)], shots=1)
    assert estimate != "an estimate"
    assert type(estimate).__module__ == "qiskit_runtime_service"


@pytest.mark.holds("B519")
def test_an_estimate_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sample((measured(), None, 10), (measured(), None, 20))
        sample(delayed(0.0001234))
