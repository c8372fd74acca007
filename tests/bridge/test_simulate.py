"""Simulated jobs: repeatable, noisy where the device is, and with every bit in its place."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import IfElseOp, Measure, Parameter, Reset
from qiskit.circuit.library import CXGate, HGate, RXGate, XGate
from qiskit.primitives.containers import PrimitiveResult, SamplerPubResult
from qiskit.providers import QubitProperties
from qiskit.transpiler import InstructionProperties, Target
from returns.result import Failure

from qiskit_runtime_service.bridge.circuits import read_pubs
from qiskit_runtime_service.bridge.orders import SamplerJob
from qiskit_runtime_service.bridge.simulate import active_qubits, run_sampler_job, shrink_circuit, shrink_target
from qiskit_runtime_service.records.problem import BadArgument, NotExecutable, TooLarge

WAYS = pytest.mark.parametrize("use_aer", [True, False])


def device(num_qubits: int = 60, error: float | None = 0.02) -> Target:
    """Return a line of qubits with the same error everywhere; `None` makes it ideal."""
    target = Target(
        num_qubits=num_qubits,
        dt=1e-9,
        qubit_properties=[QubitProperties(t1=1e-4, t2=1e-4)] * num_qubits if error else None,
    )
    properties = InstructionProperties(duration=1e-7, error=error) if error else None
    for gate in (HGate(), XGate(), RXGate(Parameter("t")), Measure(), Reset()):
        target.add_instruction(gate, {(qubit,): properties for qubit in range(num_qubits)})
    target.add_instruction(CXGate(), dict.fromkeys(pairwise(range(num_qubits)), properties))
    target.add_instruction(IfElseOp, name="if_else")
    return target


def ghz(width: int, first: int = 0, num_qubits: int = 60) -> QuantumCircuit:
    circuit = QuantumCircuit(num_qubits, width)
    circuit.h(first)
    for qubit in range(first, first + width - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.barrier()
    circuit.measure(range(first, first + width), range(width))
    return circuit


def job_of(*pubs: object, shots: int = 400, seed: int | None = None) -> SamplerJob:
    return SamplerJob(pubs=read_pubs(pubs, shots).unwrap(), seed=seed)


def run(
    *pubs: object, shots: int = 400, seed: int = 7, use_aer: bool = True, error: float | None = None
) -> PrimitiveResult[SamplerPubResult]:
    return run_sampler_job(job_of(*pubs, shots=shots), device(error=error), seed, use_aer=use_aer).unwrap()


@WAYS
def test_the_same_seed_gives_the_same_shots_and_another_seed_others(use_aer: bool) -> None:
    first, again, other = (run(ghz(3), seed=seed, use_aer=use_aer)[0].data.c for seed in (1, 1, 2))
    assert first == again
    assert first != other


@WAYS
def test_equal_pubs_of_one_job_get_different_shots(use_aer: bool) -> None:
    result = run(ghz(3), ghz(3), use_aer=use_aer)
    assert result[0].data.c != result[1].data.c


def test_another_process_gives_the_same_shots() -> None:
    code = (
        "from tests.bridge.test_simulate import ghz, run\n"
        "print([run(ghz(3), use_aer=way, error=0.02)[0].data.c.array.tobytes().hex() for way in (True, False)])"
    )
    ours = [run(ghz(3), use_aer=way, error=0.02)[0].data.c.array.tobytes().hex() for way in (True, False)]
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == str(ours)


def test_the_seed_of_the_job_comes_first_even_if_it_is_0() -> None:
    target = device()
    by_job = run_sampler_job(job_of(ghz(3), seed=0), target, 5).unwrap()
    by_argument = run_sampler_job(job_of(ghz(3)), target, 0).unwrap()
    assert by_job[0].data.c == by_argument[0].data.c


def test_with_aer_the_errors_of_the_device_make_noise() -> None:
    noisy, ideal = run(ghz(4), error=0.05)[0], run(ghz(4), error=None)[0]
    assert set(ideal.data.c.get_counts()) == {"0000", "1111"}
    assert len(noisy.data.c.get_counts()) > 4
    assert noisy.data.c.get_counts()["0000"] > 100


def test_without_aer_there_is_no_noise_and_the_metadata_says_so() -> None:
    pub = run(ghz(4), error=0.05, use_aer=False)[0]
    assert set(pub.data.c.get_counts()) == {"0000", "1111"}
    assert pub.metadata["simulation"] == {"method": "statevector", "noise": False}


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


def conditional() -> QuantumCircuit:
    circuit = QuantumCircuit(60, 2)
    circuit.h(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(9)
    circuit.measure(9, 1)
    return circuit


def test_with_aer_circuits_decide_while_they_run() -> None:
    counts = run(conditional())[0].data.c.get_counts()
    assert set(counts) == {"00", "11"}


def test_without_aer_circuits_that_decide_are_refused_with_the_fix() -> None:
    late = QuantumCircuit(60, 1)
    late.measure(0, 0)
    late.x(0)
    for circuit, words in ((conditional(), "'if_else'"), (late, "'x' after a measurement")):
        result = run_sampler_job(job_of(ghz(2), circuit), device(), 1, use_aer=False)
        assert isinstance(result, Failure)
        problem = result.failure()
        assert isinstance(problem, NotExecutable)
        assert problem.pub == 1
        assert words in problem.reason
        assert "pip install" in problem.reason


@WAYS
def test_wide_clifford_circuits_run_without_noise(use_aer: bool) -> None:
    pub = run(ghz(50), error=0.05, use_aer=use_aer)[0]
    counts = pub.data.c.get_counts()
    assert set(counts) == {"0" * 50, "1" * 50}
    assert 140 < counts["0" * 50] < 260
    assert pub.metadata["simulation"] == {"method": "stabilizer", "noise": False}


@WAYS
def test_wide_circuits_of_other_gates_are_refused(use_aer: bool) -> None:
    circuit = ghz(50)
    circuit.rx(0.1, 55)
    result = run_sampler_job(job_of(circuit), device(), 1, use_aer=use_aer)
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, TooLarge)
    assert "51 active qubits of pub 0" in problem.what


def test_a_circuit_for_another_device_is_refused() -> None:
    circuit = ghz(2)
    circuit.s(0)
    result = run_sampler_job(job_of(ghz(2), circuit), device(), 1)
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, NotExecutable)
    assert problem.pub == 1


def test_a_negative_seed_is_refused() -> None:
    result = run_sampler_job(job_of(ghz(2)), device(), -1)
    assert isinstance(result, Failure)
    assert isinstance(result.failure(), BadArgument)


def test_shrinking_keeps_the_active_qubits_and_what_is_known_of_them() -> None:
    circuit = ghz(3, first=40)
    circuit.delay(100, 2)
    active = active_qubits(circuit)
    assert active == (40, 41, 42)
    assert shrink_circuit(circuit, active).count_ops() == {"h": 1, "cx": 2, "barrier": 1, "measure": 3}
    small = shrink_target(device(error=0.1), active)
    assert (small.num_qubits, small.dt) == (3, 1e-9)
    assert set(small["cx"]) == {(0, 1), (1, 2)}
    assert small["cx"][(0, 1)].error == 0.1
    assert small.qubit_properties[0].t1 == 1e-4
    assert set(small["if_else"]) == {None}
