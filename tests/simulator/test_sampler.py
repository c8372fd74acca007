"""Simulated samplers: repeatable, noisy where the device is, and with every bit in its place."""

import math
import subprocess
import sys
from datetime import datetime

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Clbit, Instruction, Parameter
from qiskit.circuit.classical import expr, types
from qiskit.primitives.containers import PrimitiveResult, SamplerPubResult
from qiskit.transpiler import InstructionProperties
from returns.result import Failure

from qiskit_runtime_service.bridge.circuits import read_pubs
from qiskit_runtime_service.records.problem import BadArgument, NotExecutable, TooWide
from qiskit_runtime_service.simulator.conditions import Conditions, Simulated
from qiskit_runtime_service.simulator.job_params import Execution, SamplerJob, Settings, Simulator, Twirling
from qiskit_runtime_service.simulator.sampler import run_sampler_job

from ..support.devices import conditional, device, ghz

WITHOUT = (
    "PUB 0 ran without gate errors, readout errors and relaxation by T1 and T2: "
    "qiskit-aer is not installed, pip install 'qiskit-runtime-service[aer]'."
)
WALK = "statevector, branch by branch"
WAYS = pytest.mark.parametrize("use_aer", [True, False])


def job_of(*pubs: object, shots: int = 400, **settings: object) -> SamplerJob:
    return SamplerJob(pubs=read_pubs(pubs, shots).unwrap(), settings=Settings(**settings))  # type: ignore[arg-type]  # by name


def simulate(
    *pubs: object,
    shots: int = 400,
    seed: int = 7,
    use_aer: bool = True,
    mock: bool = False,
    error: float | None = None,
    **settings: object,
) -> Simulated[SamplerPubResult]:
    conditions = Conditions(target=device(error=error), seed=seed, use_aer=use_aer, mock=mock, started=10, ended=20)
    return run_sampler_job(job_of(*pubs, shots=shots, **settings), conditions).unwrap()


def run(*pubs: object, **more: object) -> PrimitiveResult[SamplerPubResult]:
    return simulate(*pubs, **more).result  # type: ignore[arg-type]  # by name


@WAYS
def test_the_same_seed_gives_the_same_shots_and_another_seed_others(use_aer: bool) -> None:
    first, again, other = (run(ghz(3), seed=seed, use_aer=use_aer)[0].data.c for seed in (1, 1, 2))
    assert first == again
    assert first != other


@WAYS
def test_equal_pubs_of_one_job_get_different_shots(use_aer: bool) -> None:
    result = run(ghz(3), ghz(3), use_aer=use_aer)
    assert result[0].data.c != result[1].data.c


@pytest.mark.takes_long
@pytest.mark.holds("B86")
def test_another_process_gives_the_same_shots() -> None:
    code = (
        "from tests.simulator.test_sampler import ghz, run\n"
        "print([run(ghz(3), use_aer=way, error=0.02)[0].data.c.array.tobytes().hex() for way in (True, False)])"
    )
    ours = [run(ghz(3), use_aer=way, error=0.02)[0].data.c.array.tobytes().hex() for way in (True, False)]
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == str(ours)


@pytest.mark.holds("B86")
def test_the_seed_of_the_job_comes_first_even_if_it_is_0() -> None:
    by_job = run(ghz(3), seed=5, simulator=Simulator(seed_simulator=0))
    by_conditions = run(ghz(3), seed=0)
    assert by_job[0].data.c == by_conditions[0].data.c


@pytest.mark.holds("B185")
def test_with_aer_the_errors_of_the_device_make_noise() -> None:
    noisy, ideal = run(ghz(4), error=0.05)[0], run(ghz(4), error=None)[0]
    assert set(ideal.data.c.get_counts()) == {"0000", "1111"}
    assert len(noisy.data.c.get_counts()) > 4
    assert noisy.data.c.get_counts()["0000"] > 100


@pytest.mark.holds("B185")
def test_without_aer_there_is_no_noise_and_the_notes_say_so() -> None:
    result, notes = simulate(ghz(4), error=0.05, use_aer=False)
    assert set(result[0].data.c.get_counts()) == {"0000", "1111"}
    assert list(notes) == ["PUB 0: 4 active qubits, statevector, without noise.", WITHOUT]


@WAYS
def test_every_bit_is_in_its_place(use_aer: bool) -> None:
    circuit = QuantumCircuit(QuantumRegister(60, "q"), ClassicalRegister(9, "c"), ClassicalRegister(2, "d"))
    circuit.x(40)
    circuit.x(5)
    circuit.measure(40, circuit.cregs[0][0])
    circuit.measure(5, circuit.cregs[0][8])
    circuit.measure(6, circuit.cregs[1][0])
    circuit.measure(40, circuit.cregs[1][1])
    data = run(circuit, use_aer=use_aer)[0].data
    assert list(data) == ["c", "d"]
    assert data.c.get_counts() == {"100000001": 400}
    assert data.d.get_counts() == {"10": 400}
    assert data.c.array[0].tolist() == [1, 1]


@WAYS
def test_registers_that_share_bits_and_bits_without_register_are_kept_apart(use_aer: bool) -> None:
    circuit = QuantumCircuit(60, 3)
    circuit.add_register(ClassicalRegister(bits=[circuit.clbits[2], circuit.clbits[0]], name="back"))
    circuit.x(0)
    circuit.measure(0, 0)
    data = run(circuit, use_aer=use_aer)[0].data
    assert data.back.get_counts() == {"10": 400}
    assert data.c.get_counts() == {"001": 400}


@WAYS
def test_a_pub_of_many_bindings_keeps_its_shape(use_aer: bool) -> None:
    angle = Parameter("a")
    circuit = QuantumCircuit(60, 1)
    circuit.rx(angle, 3)
    circuit.measure(3, 0)
    angles = np.array([[0, np.pi / 2, np.pi], [np.pi, np.pi / 2, 0]])
    data = run((circuit, angles[..., None]), use_aer=use_aer)[0].data
    assert (data.shape, data.c.shape, data.c.num_shots) == ((2, 3), (2, 3), 400)
    ones = [[data.c[row, column].get_counts().get("1", 0) for column in range(3)] for row in range(2)]
    assert [row[::2] for row in ones] == [[0, 400], [400, 0]]
    assert all(140 < row[1] < 260 for row in ones)
    assert data.c[0, 1] != data.c[1, 1]


@WAYS
def test_a_pub_without_bindings_or_measurements_has_empty_or_zero_bits(use_aer: bool) -> None:
    angle = Parameter("a")
    circuit = QuantumCircuit(60, 2)
    circuit.rx(angle, 0)
    empty, plain, idle = run((circuit, np.empty((0, 1))), (circuit, [1.0]), QuantumCircuit(60, 2), use_aer=use_aer)
    assert empty.data.c.shape == (0,)
    assert plain.data.c.get_counts() == idle.data.c.get_counts() == {"00": 400}


def test_with_aer_circuits_decide_while_they_run() -> None:
    counts = run(conditional())[0].data.c.get_counts()
    assert set(counts) == {"00", "11"}


@pytest.mark.holds("B255")
def test_without_aer_circuits_that_decide_are_walked_through_with_random_paulis() -> None:
    late = QuantumCircuit(60, 2)
    late.measure(0, 0)
    late.x(0)
    late.measure(0, 1)
    result, notes = simulate(ghz(2), conditional(), late, use_aer=False, error=0.01)
    assert result[1].data.c.get_counts().keys() >= {"00", "11"}
    assert result[2].data.c.get_counts()["10"] > 370
    assert list(notes) == [
        "PUB 0: 2 active qubits, statevector, without noise.",
        f"PUB 1: 2 active qubits, {WALK}, with the gate and readout errors of the device as random Paulis.",
        f"PUB 2: 1 active qubits, {WALK}, with the gate and readout errors of the device as random Paulis.",
        WITHOUT,
        WITHOUT.replace("PUB 0", "PUBs 1 and 2").replace("gate errors, readout errors and relaxation", "relaxation"),
    ]


@pytest.mark.holds("B255", "B256")
@WAYS
def test_circuits_with_variables_run(use_aer: bool) -> None:
    result, notes = simulate(counting(), use_aer=use_aer)
    assert result[0].data.c.get_counts() == {"101": 400}
    assert list(notes) == [f"PUB 0: 1 active qubits, {WALK}, with the noise of the device."]


def counting() -> QuantumCircuit:
    """Return a circuit that turns a qubit around as long as a counter is below 5."""
    circuit = QuantumCircuit(60, 3)
    n = circuit.add_var("n", expr.lift(0, types.Uint(8)))
    with circuit.while_loop(expr.less(n, 5)):
        circuit.x(41)
        circuit.store(n, expr.add(n, 1))
    circuit.measure(41, 0)
    circuit.store(circuit.clbits[2], expr.equal(n, 5))
    return circuit


@pytest.mark.holds("B257")
@WAYS
def test_what_cannot_be_walked_through_is_a_failure_with_the_pub(use_aer: bool) -> None:
    wide = counting()
    wide.h(range(21))
    result = run_sampler_job(job_of(ghz(2), wide), Conditions(target=device(), seed=1, use_aer=use_aer))
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, NotExecutable)
    assert problem.pub == 1
    assert "up to 20 active qubits, and there are 22" in problem.reason


@pytest.mark.holds("B255", "B257")
@WAYS
@pytest.mark.parametrize("error", [None, 0.001])
def test_parts_that_have_nothing_to_do_with_each_other_are_walked_through_alone(
    use_aer: bool, error: float | None
) -> None:
    circuit = QuantumCircuit(60, 24)
    for place in range(24):
        with circuit.while_loop((circuit.clbits[place], 0)):
            circuit.x(place)
            circuit.measure(place, place)
    result, notes = simulate(circuit, use_aer=use_aer, error=error, shots=50)
    assert result[0].data.c.get_counts() == {"1" * 24: 50}
    assert f"24 active qubits in 5 parts of up to 5, {WALK}" in notes[0]


@pytest.mark.holds("B258")
@WAYS
def test_circuits_with_stretches_run(use_aer: bool) -> None:
    circuit = QuantumCircuit(60, 2)
    circuit.delay(circuit.add_stretch("gap"), 40)
    circuit.x([40, 41])
    circuit.x(41)
    circuit.barrier()
    circuit.measure([40, 41], [0, 1])
    assert run(circuit, use_aer=use_aer)[0].data.c.get_counts() == {"01": 400}


@pytest.mark.holds("B258")
def test_a_qubit_decays_while_its_stretch_lasts() -> None:
    circuit = QuantumCircuit(60, 1)
    circuit.x(40)
    circuit.barrier(40, 41)
    circuit.delay(circuit.add_stretch("gap"), 40)
    # Three times the T1 of the device, at a qubit that is not simulated.
    circuit.delay(300, 41, "us")
    circuit.barrier(40, 41)
    circuit.measure(40, 0)
    ones = run(circuit, error=1e-6)[0].data.c.get_counts().get("1", 0)
    assert abs(ones / 400 - math.exp(-3)) < 0.05


@pytest.mark.holds("B259")
def test_wide_circuits_measure_with_measure_2_as_with_measure() -> None:
    target = device(error=0.001)
    measure_2 = Instruction("measure_2", 1, 1, [])
    places = {(qubit,): InstructionProperties(1e-7, 0.001) for qubit in range(60)}
    target.add_instruction(measure_2, places, name="measure_2")
    circuit = ghz(30)
    circuit.append(measure_2, [40], [0])
    for subject, words in ((circuit, "stabilizer"), (ghz(30), "stabilizer")):
        simulated = run_sampler_job(job_of(subject), Conditions(target=target, seed=3)).unwrap()
        assert words in simulated.notes[0]
    narrow = QuantumCircuit(60, 1)
    narrow.x(7)
    narrow.append(measure_2, [7], [0])
    simulated = run_sampler_job(job_of(narrow), Conditions(target=target, seed=3)).unwrap()
    assert simulated.notes[0].startswith(f"PUB 0: 1 active qubits, {WALK}")
    assert simulated.result[0].data.c.get_counts()["1"] > 390


def test_a_walk_under_a_noise_model_of_the_user_says_that_it_has_no_noise() -> None:
    from qiskit_aer.noise import NoiseModel

    result, notes = simulate(counting(), simulator=Simulator(noise_model=NoiseModel()))
    assert result[0].data.c.get_counts() == {"101": 400}
    assert list(notes) == [
        f"PUB 0: 1 active qubits, {WALK}, without noise.",
        f"PUB 0 ran without the noise model that was given: {WALK} is as much as time and memory allow.",
    ]


@pytest.mark.holds("B185")
def test_wide_clifford_circuits_run_without_aer() -> None:
    result, notes = simulate(ghz(50), error=0.05, use_aer=False)
    counts = result[0].data.c.get_counts()
    assert set(counts) == {"0" * 50, "1" * 50}
    assert 140 < counts["0" * 50] < 260
    assert list(notes) == ["PUB 0: 50 active qubits, stabilizer, without noise.", WITHOUT]


@pytest.mark.holds("B185")
def test_wide_clifford_circuits_run_with_random_paulis() -> None:
    result, notes = simulate(ghz(50), error=0.001)
    array = result[0].data.c
    ones = array.bitcount() / 50
    assert 120 < np.count_nonzero(ones > 0.5) < 280
    whole = np.count_nonzero((ones == 0) | (ones == 1)) / 400
    # 99 gates and 50 readouts, each of which fails once in a thousand times or a little more often.
    assert 0.75 < whole < 0.95
    assert "random Paulis" in notes[0]


@pytest.mark.holds("B185")
def test_wide_circuits_of_other_gates_run_without_noise_and_need_aer() -> None:
    turned = QuantumCircuit(60)
    turned.rx(0.1, 0)
    circuit = ghz(50).compose(turned, front=True)
    result, notes = simulate(circuit)
    assert set(result[0].data.c.get_counts()) == {"0" * 50, "1" * 50}
    assert list(notes) == ["PUB 0: 50 active qubits, matrix_product_state, without noise."]
    refused = run_sampler_job(job_of(circuit), Conditions(target=device(), seed=1, use_aer=False))
    assert isinstance(refused, Failure)
    problem = refused.failure()
    assert isinstance(problem, TooWide)
    assert problem.what == "PUB 0 joins 50 qubits, whose state"
    assert "pip install" in problem.fix


@pytest.mark.holds("B185")
@pytest.mark.parametrize(
    ("angles", "words"),
    [
        ([0.0, 0.1], "matrix_product_state, without noise"),
        ([0.1, 0.0], "matrix_product_state, without noise"),
        ([0.0, np.pi / 2], "stabilizer, with the gate and readout errors of the device as random Paulis"),
    ],
)
def test_wide_circuits_have_noise_if_all_bindings_are_of_clifford_gates(angles: list[float], words: str) -> None:
    angle = Parameter("a")
    turned = QuantumCircuit(60)
    turned.rx(angle, 0)
    circuit = ghz(30).compose(turned, front=True)
    result, notes = simulate((circuit, np.array(angles)[:, None], 2))
    assert list(notes) == [f"PUB 0: 30 active qubits, {words}."]
    assert result[0].data.c.shape == (2,)


@pytest.mark.holds("B252")
@WAYS
def test_independent_parts_are_run_apart_and_keep_their_bits(use_aer: bool) -> None:
    circuit = QuantumCircuit(60, 16)
    # The second part is measured into every other bit, the first into those between.
    for first, bits in ((30, range(1, 16, 2)), (2, range(0, 16, 2))):
        circuit.compose(ghz(8, first), clbits=bits, inplace=True)
    circuit.x(2)
    result, notes = simulate(circuit, error=0.001, use_aer=use_aer)
    method = "density_matrix, with the noise of the device" if use_aer else "statevector, without noise"
    assert notes[0] == f"PUB 0: 16 active qubits in 2 parts of up to 8, {method}."
    shots = np.array([[bit == "1" for bit in reversed(text)] for text in result[0].data.c.get_bitstrings()])
    ones = [shots[:, start::2].mean(axis=1) for start in (0, 1)]
    assert all(((share == 0) | (share == 1)).mean() > (0.8 if use_aer else 0.99) for share in ones)
    # Each of the four ways in which two coins fall.
    both = [
        ((ones[0] > 0.5) == first) & ((ones[1] > 0.5) == second) for first in (True, False) for second in (True, False)
    ]
    assert all(60 < np.count_nonzero(way) < 140 for way in both)


def test_a_negative_seed_is_refused() -> None:
    result = run_sampler_job(job_of(ghz(2)), Conditions(target=device(), seed=-1))
    assert isinstance(result, Failure)
    assert isinstance(result.failure(), BadArgument)


@pytest.mark.holds("B189")
@WAYS
def test_points_lie_around_minus_one_and_one(use_aer: bool) -> None:
    circuit = QuantumCircuit(60, 2)
    circuit.x(0)
    circuit.measure([0, 1], [0, 1])
    angles = Parameter("a")
    circuit.rx(angles, 5)
    pub = (circuit, np.zeros((3, 1)))
    kerneled = run(pub, use_aer=use_aer, execution=Execution(meas_type="kerneled"))[0].data.c
    assert (kerneled.shape, kerneled.dtype) == ((3, 400, 2), np.complex128)
    assert np.abs(kerneled.mean(axis=(0, 1)) - [1, -1]).max() < 0.05
    averaged = run(pub, use_aer=use_aer, execution=Execution(meas_type="avg_kerneled"))[0].data.c
    assert averaged.shape == (3, 2)
    assert np.allclose(averaged, kerneled.mean(axis=1))


def test_a_noise_model_of_the_user_comes_in_the_place_of_that_of_the_device() -> None:
    from qiskit_aer.noise import NoiseModel, ReadoutError

    model = NoiseModel()
    model.add_readout_error(ReadoutError([[0, 1], [1, 0]]), [41])
    result = run(ghz(2, first=40), error=0.05, simulator=Simulator(noise_model=model))
    assert set(result[0].data.c.get_counts()) == {"10", "01"}
    job = job_of(ghz(2), simulator=Simulator(noise_model=model))
    refused = run_sampler_job(job, Conditions(target=device(), seed=1, use_aer=False))
    assert isinstance(refused, Failure)
    assert isinstance(refused.failure(), BadArgument)


@pytest.mark.filterwarnings("ignore:from_dict has been deprecated:DeprecationWarning")
def test_a_noise_model_may_be_given_as_its_dictionary() -> None:
    from qiskit_aer.noise import NoiseModel, ReadoutError, amplitude_damping_error

    model = NoiseModel()
    model.add_readout_error(ReadoutError([[0, 1], [1, 0]]), [41])
    model.add_all_qubit_quantum_error(amplitude_damping_error(1.0), ["x"])
    for given in (model.to_dict(), model.to_dict(serializable=True)):
        result = run(ghz(2, first=40), simulator=Simulator(noise_model=given))
        assert set(result[0].data.c.get_counts()) == {"10", "01"}


@pytest.mark.filterwarnings("ignore:from_dict has been deprecated:DeprecationWarning")
@pytest.mark.parametrize("given", ["ideal", 3, {}, {"errors": 3}, {"errors": [{"type": "odd"}]}, {"errors": {1j, 2}}])
def test_what_is_no_noise_model_is_refused_with_its_name(given: object) -> None:
    job = job_of(ghz(2), simulator=Simulator(noise_model=given))
    refused = run_sampler_job(job, Conditions(target=device(), seed=1, use_aer=True)).failure()
    assert isinstance(refused, BadArgument)
    assert refused.name == "simulator.noise_model"
    assert refused.wanted == "a NoiseModel of qiskit-aer, or what its to_dict() returns"


def test_a_noise_model_leaves_the_bits_of_a_circuit_in_their_order() -> None:
    from qiskit_aer.noise import NoiseModel

    one, other = Clbit(), Clbit()
    circuit = QuantumCircuit(QuantumRegister(60, "q"), [one, other])
    # The register has them the other way round than the circuit.
    circuit.add_register(ClassicalRegister(bits=[other, one], name="back"))
    circuit.x(41)
    circuit.measure([41, 42], [one, other])
    result = run(circuit, simulator=Simulator(noise_model=NoiseModel()))
    assert result[0].data.back.get_counts() == {"10": 400}


def test_with_a_noise_model_circuits_decide_by_their_registers() -> None:
    from qiskit_aer.noise import NoiseModel

    one, other = Clbit(), Clbit()
    circuit = QuantumCircuit(QuantumRegister(60, "q"), [one, other])
    back, seen = ClassicalRegister(bits=[other, one], name="back"), ClassicalRegister(2, "seen")
    circuit.add_register(back, seen)
    circuit.x(41)
    circuit.measure([41, 42], [one, other])
    with circuit.if_test((back, 2)):
        circuit.x(43)
    with circuit.if_test((back, 1)):
        circuit.x(44)
    circuit.measure([43, 44], seen)
    data = run(circuit, simulator=Simulator(noise_model=NoiseModel()))[0].data
    assert (data.back.get_counts(), data.seen.get_counts()) == ({"10": 400}, {"01": 400})


@pytest.mark.holds("B193")
def test_the_results_of_a_stand_in_are_random() -> None:
    result = run(ghz(3), mock=True)
    assert set(result[0].data.c.get_counts()) == {format(number, "03b") for number in range(8)}


@pytest.mark.holds("B188")
def test_metadata_are_those_of_the_service() -> None:
    circuit = ghz(2)
    circuit.metadata = {"mine": 1}
    result = run(circuit, (ghz(3), None, 100))
    assert [pub_result.metadata for pub_result in result] == [
        {"circuit_metadata": {"mine": 1}},
        {"circuit_metadata": {}},
    ]
    assert set(result.metadata) == {"execution", "version"}
    spans = result.metadata["execution"]["execution_spans"]
    assert [(span.start, span.stop) for span in spans] == [
        (datetime(1970, 1, 1, 0, 0, 10), datetime(1970, 1, 1, 0, 0, 18)),  # noqa: DTZ001  # the service writes no zone
        (datetime(1970, 1, 1, 0, 0, 18), datetime(1970, 1, 1, 0, 0, 20)),  # noqa: DTZ001  # the service writes no zone
    ]
    assert [(span.mask(index).shape, span.size) for index, span in enumerate(spans)] == [((400,), 400), ((100,), 100)]


def test_twirled_shots_are_told_by_randomization() -> None:
    angle = Parameter("a")
    circuit = QuantumCircuit(60, 1)
    circuit.rx(angle, 3)
    circuit.measure(3, 0)
    result = run((circuit, np.zeros((2, 1)), 100), twirling=Twirling(enable_gates=True))
    assert result[0].metadata["num_randomizations"] == 2
    (span,) = result.metadata["execution"]["execution_spans"]
    assert (span.mask(0).shape, span.size) == ((2, 100), 200)


@pytest.mark.holds("B189")
def test_points_scatter_by_a_quarter() -> None:
    circuit = QuantumCircuit(60, 1)
    circuit.measure(0, 0)
    points = run(circuit, shots=4000, execution=Execution(meas_type="kerneled"))[0].data.c
    assert (points.real.std(), points.imag.std()) == pytest.approx((0.25, 0.25), rel=0.05)


@pytest.mark.holds("B277")
@pytest.mark.parametrize("mock", [False, True])
@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, False),
        ({"execution": Execution(scheduler_timing=True)}, True),
        ({"execution": Execution(scheduler_timing=False)}, False),
        ({"experimental": {"execution": {"scheduler_timing": True}}}, True),
        ({"experimental": {"execution": {"scheduler_timing": False}}}, False),
        ({"experimental": {"execution": True}}, False),
    ],
)
def test_the_timing_of_each_circuit_is_told_where_it_was_asked_for(
    mock: bool, settings: dict[str, object], told: bool
) -> None:
    metadata = [found.metadata for found in run(ghz(1), ghz(2), error=0.01, mock=mock, **settings)]
    assert [set(found) - {"circuit_metadata"} for found in metadata] == [{"compilation"} if told else set()] * 2
    if told:
        timings = [found["compilation"]["scheduler_timing"] for found in metadata]
        assert [timing["circuit_duration"] for timing in timings] == [200, 300]
        assert timings[0]["timing"].startswith("main,h_0,Qubit 0,0,100,play\n")
