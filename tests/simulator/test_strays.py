"""Coherent errors: what echoes undo, what twirling makes random, and who has to do without."""

import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Measure, Parameter
from qiskit.circuit.library import CXGate, CZGate, RZGate, RZZGate, SXGate, XGate
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.quantum_info import Operator, process_fidelity
from qiskit.transpiler import InstructionProperties, Target

from qiskit_runtime_service.bridge.observables import read_estimator_pubs
from qiskit_runtime_service.emulator.coherent_noise import CoherentNoise
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.programs.quantum_program import QuantumProgram
from qiskit_runtime_service.simulator.conditions import Conditions
from qiskit_runtime_service.simulator.estimator import run_estimator_job
from qiskit_runtime_service.simulator.job_params import EstimatorJob, SamplerJob
from qiskit_runtime_service.simulator.program_items import Asked, run_program, simulate_program
from qiskit_runtime_service.simulator.sampler import run_sampler_job
from qiskit_runtime_service.simulator.strays import add_strays, as_paulis, is_stray

DAY = 86400.0
DETUNED = CoherentNoise(detuning=10e3, zz=0.0, over_rotation=0.0, drift=0.0, seed=5)
COUPLED = CoherentNoise(detuning=0.0, zz=10e3, over_rotation=0.0, drift=0.0, seed=5)
TURNED = CoherentNoise(detuning=0.0, zz=0.0, over_rotation=0.1, drift=0.0, seed=5)
QUIET = CoherentNoise(detuning=0.0, zz=0.0, over_rotation=0.0, drift=0.0, seed=5)
NANO = 1e-9


def line(width: int = 3) -> Target:
    """Return a line of qubits: gates of 40 ns on one of them and of 100 ns on two, readout of 1000 ns."""
    target = Target(num_qubits=width)
    singles = [(qubit,) for qubit in range(width)]
    pairs = [(qubit, qubit + 1) for qubit in range(width - 1)]
    for gate in (SXGate(), XGate()):
        target.add_instruction(gate, dict.fromkeys(singles, InstructionProperties(duration=40 * NANO)))
    target.add_instruction(RZGate(Parameter("a")), dict.fromkeys(singles, InstructionProperties(duration=0.0)))
    for gate in (CZGate(), CXGate(), RZZGate(Parameter("b"))):
        target.add_instruction(gate, dict.fromkeys(pairs, InstructionProperties(duration=100 * NANO)))
    target.add_instruction(Measure(), dict.fromkeys(singles, InstructionProperties(duration=1000 * NANO)))
    return target


LINE = line()


def strays(circuit: QuantumCircuit, noise: CoherentNoise, at: float = 0.0) -> list[tuple[tuple[int, ...], Any]]:
    """Return the qubits and the matrix of each gate that nobody asked for."""
    noisy = add_strays(circuit, LINE, noise, at)
    return [
        (tuple(noisy.find_bit(qubit).index for qubit in step.qubits), step.operation.to_matrix())
        for step in noisy.data
        if is_stray(step)
    ]


def phases(circuit: QuantumCircuit, noise: CoherentNoise, at: float = 0.0) -> dict[tuple[int, ...], float]:
    """Return by which angle qubits are turned about Z, or two of them about ZZ."""
    found: dict[tuple[int, ...], float] = {}
    for where, matrix in strays(circuit, noise, at):
        assert np.allclose(matrix, np.diag(np.diag(matrix)))
        found[where] = found.get(where, 0.0) + float(np.angle(matrix[1, 1] / matrix[0, 0]))
    return found


def waiting(*nanoseconds: int) -> QuantumCircuit:
    """Return a qubit in superposition that waits, with an X between each two times."""
    circuit = QuantumCircuit(3)
    circuit.sx(0)
    for index, time in enumerate(nanoseconds):
        if index:
            circuit.x(0)
        circuit.delay(time, 0, "ns")
    circuit.sx(0)
    return circuit


@pytest.mark.holds("B417")
def test_an_idle_qubit_picks_up_a_phase_that_grows_with_time() -> None:
    (where, once), *others = phases(waiting(1000), DETUNED).items()
    assert (where, others) == ((0,), [])
    assert 1e-4 < abs(once) < 2 * math.pi * 50e3 * 1e-6
    assert phases(waiting(2000), DETUNED) == {(0,): pytest.approx(2 * once)}
    assert phases(waiting(1000), msgspec.structs.replace(DETUNED, detuning=30e3)) == {(0,): pytest.approx(3 * once)}


@pytest.mark.holds("B417")
def test_pulses_undo_the_phase_and_only_where_they_stand_right() -> None:
    assert phases(waiting(500, 500), DETUNED) == {}
    assert phases(waiting(250, 500, 250), DETUNED) == {}
    whole = phases(waiting(1000), DETUNED)[0,]
    assert phases(waiting(300, 700), DETUNED) == {(0,): pytest.approx(0.4 * whole)}


@pytest.mark.holds("B417")
def test_a_qubit_in_its_ground_state_and_one_that_was_measured_pick_up_nothing() -> None:
    circuit = QuantumCircuit(3, 1)
    circuit.delay(1000, 0, "ns")
    circuit.rz(0.3, 0)
    circuit.barrier()
    circuit.sx(1)
    circuit.measure(1, 0)
    circuit.delay(1000, 1, "ns")
    assert strays(circuit, CoherentNoise(over_rotation=0.0, seed=1)) == []


@pytest.mark.holds("B417")
def test_a_qubit_that_waits_for_another_is_idle_for_so_long() -> None:
    circuit = QuantumCircuit(3)
    circuit.sx(0)
    circuit.sx(1)
    circuit.cz(1, 2)
    circuit.cz(1, 2)
    circuit.cz(0, 1)
    circuit.sx(0)
    noisy = add_strays(circuit, LINE, QUIET, 0.0)
    delays = [(noisy.find_bit(step.qubits[0]).index, step.params[0]) for step in noisy.data if step.name == "delay"]
    # The 0 waits for two gates of 100 ns; the 2 joins the others in its ground state, and waits for them at the end.
    assert delays[0] == (0, pytest.approx(200 * NANO))
    assert sorted(delays[1:]) == [(1, pytest.approx(40 * NANO)), (2, pytest.approx(140 * NANO))]
    assert phases(circuit, DETUNED).keys() == {(0,), (1,), (2,)}
    assert phases(circuit, DETUNED)[0,] == pytest.approx(0.2 * phases(waiting(1000), DETUNED)[0,])


def pair(first: list[int], second: list[int], *, joined: bool = True) -> QuantumCircuit:
    """Return two qubits that wait at the same time, each with an X after so many nanoseconds."""
    circuit = QuantumCircuit(3)
    circuit.sx([0, 1])
    if joined:
        circuit.cz(0, 1)
    circuit.barrier(0, 1)
    for qubit, times in enumerate((first, second)):
        for index, time in enumerate(times):
            if index:
                circuit.x(qubit)
            circuit.delay(time, qubit, "ns")
    circuit.barrier(0, 1)
    circuit.sx([0, 1])
    return circuit


@pytest.mark.holds("B417")
def test_qubits_that_wait_together_turn_each_other_and_an_echo_of_one_undoes_it() -> None:
    whole = phases(pair([1000], [1000]), COUPLED)[0, 1]
    assert abs(whole) > 1e-4
    assert phases(pair([400], [1000]), COUPLED)[0, 1] == pytest.approx(whole)  # it waits for the other
    assert phases(pair([480, 480], [1000]), COUPLED).keys() <= {(0, 1)}
    assert abs(phases(pair([480, 480], [1000]), COUPLED).get((0, 1), 0.0)) < abs(whole) / 20
    # An echo of both at the same time leaves it as it was, one after the other does not.
    assert phases(pair([480, 480], [480, 480]), COUPLED)[0, 1] == pytest.approx(0.96 * whole)
    staggered = phases(pair([460, 460], [210, 460, 210]), COUPLED)
    assert abs(staggered.get((0, 1), 0.0)) < abs(whole) / 10
    assert strays(pair([1000], [1000], joined=False), COUPLED) == []


@pytest.mark.holds("B417")
def test_gates_turn_too_far_about_their_own_axis() -> None:
    circuit = QuantumCircuit(2)
    circuit.x(0)
    (_, after_x), (_, after_sx) = strays(circuit, TURNED)[0], strays(waiting(0), TURNED)[0]
    # An X turns twice as far as an SX, and twice as far too far.
    assert np.allclose(after_sx @ after_sx, after_x)
    # By a tenth of what gates on two qubits do.
    assert 1e-3 < np.linalg.norm(after_x - np.eye(2)) < 0.2
    for gate in (CZGate(), CXGate()):
        joined = QuantumCircuit(2)
        joined.append(gate, [0, 1])
        ((where, matrix),) = strays(joined, TURNED)
        assert where == (0, 1)
        # It is a part more of what the gate does, so that both can change places.
        assert np.allclose(matrix @ gate.to_matrix(), gate.to_matrix() @ matrix)
    turned = QuantumCircuit(2)
    turned.rzz(0.5, 0, 1)
    angle = add_strays(turned, LINE, TURNED, 0.0).data[0].params[0]
    assert 0 < abs(angle / 0.5 - 1) < 0.5


@pytest.mark.holds("B416")
def test_detunings_drift_with_time_within_bounds_and_come_from_the_seed() -> None:
    moving = msgspec.structs.replace(DETUNED, drift=1e3)
    fixed = phases(waiting(1000), DETUNED)[0,]
    times = [hours * 3600.0 for hours in range(24)]
    assert {phases(waiting(1000), DETUNED, at)[0,] for at in times} == {fixed}
    seen = np.array([phases(waiting(1000), moving, at)[0,] for at in times]) - fixed
    bound = 2 * math.pi * 1e3 * math.sqrt(2) * 1e-6
    assert np.abs(seen).max() <= bound * (1 + 1e-9)
    assert seen.max() - seen.min() > bound / 2
    assert phases(waiting(1000), moving, DAY) == phases(waiting(1000), moving, DAY)
    assert phases(waiting(1000), msgspec.structs.replace(DETUNED, seed=6))[0,] != fixed


@st.composite
def circuits(draw: Any) -> QuantumCircuit:
    """Draw gates and delays on three qubits in a line."""
    circuit = QuantumCircuit(3)
    steps = st.tuples(st.sampled_from(["sx", "x", "rz", "cz", "cx", "delay", "barrier"]), st.integers(0, 2))
    for name, qubit in draw(st.lists(steps, max_size=14)):
        low = min(qubit, 1)
        match name:
            case "rz":
                circuit.rz(0.7, qubit)
            case "cz" | "cx":
                getattr(circuit, name)(low, low + 1)
            case "delay":
                circuit.delay(200, qubit, "ns")
            case "barrier":
                circuit.barrier()
            case _:
                getattr(circuit, name)(qubit)
    return circuit


@pytest.mark.holds("B417")
@given(circuit=circuits(), at=st.floats(0, 1e9))
def test_a_circuit_stays_what_it_is_but_for_what_is_stray(circuit: QuantumCircuit, at: float) -> None:
    noisy = add_strays(circuit, LINE, CoherentNoise(seed=3), at)
    plain = noisy.copy_empty_like()
    for step in noisy.data:
        if not is_stray(step) and step.name != "delay":
            plain.append(step)
    assert Operator(plain).equiv(Operator(circuit))
    quiet = add_strays(circuit, LINE, QUIET, at)
    assert not any(map(is_stray, quiet.data))
    assert noisy == add_strays(circuit, LINE, CoherentNoise(seed=3), at)
    for step in noisy.data:
        if is_stray(step) and len(step.qubits) == 2:
            assert abs(noisy.find_bit(step.qubits[0]).index - noisy.find_bit(step.qubits[1]).index) == 1


@pytest.mark.holds("B418")
@given(angle=st.floats(-1.4, 1.4).filter(lambda angle: abs(angle) > 1e-3), seconds=st.integers(1, 10))
def test_twirling_makes_random_paulis_of_a_stray(angle: float, seconds: int) -> None:
    noise = msgspec.structs.replace(COUPLED, zz=abs(angle) * 1e3)
    noisy = add_strays(pair([100 * seconds], [100 * seconds]), LINE, noise, 0.0)
    (stray,) = filter(is_stray, noisy.data)
    turned = float(np.angle(stray.operation.to_matrix()[1, 1] / stray.operation.to_matrix()[0, 0]))
    ((letters, where, rate),) = as_paulis(stray).operation.noise.to_sparse_list()
    assert (letters, sorted(where)) == ("ZZ", [0, 1])
    assert (1 - math.exp(-2 * rate)) / 2 == pytest.approx(math.sin(turned / 2) ** 2, abs=1e-9)
    assert 1 - process_fidelity(Operator(stray.operation)) == pytest.approx(math.sin(turned / 2) ** 2)
    (gate,) = (step for step in noisy.data if step.name == "cz")
    assert as_paulis(gate) is gate


# Through the programs

MANILA = FakeManilaV2()
SHOTS = 4000
LOST = CoherentNoise(detuning=60e3, zz=0.0, over_rotation=0.0, drift=0.0, seed=1)


def ramsey(*nanoseconds: int) -> QuantumCircuit:
    circuit = QuantumCircuit(5, 1)
    circuit.compose(waiting(*nanoseconds), [0, 1, 2], inplace=True)
    circuit.barrier()
    circuit.measure(0, 0)
    return circuit


def conditions(noise: CoherentNoise | None, **more: Any) -> Conditions:
    return Conditions(target=MANILA.target, seed=7, coherent=noise, **more)


def by_sampler(circuit: QuantumCircuit, where: Conditions) -> float:
    job = SamplerJob(pubs=(SamplerPub.coerce((circuit, None, SHOTS)),))
    data: Any = run_sampler_job(job, where).unwrap().result[0].data
    return float((data.c.array & 1).mean())


def by_estimator(circuit: QuantumCircuit, where: Conditions) -> float:
    bare = circuit.remove_final_measurements(inplace=False)
    pubs = read_estimator_pubs([(bare, "IIIIZ")], 1 / math.sqrt(SHOTS)).unwrap()
    data: Any = run_estimator_job(EstimatorJob(pubs=pubs, resilience_level=0), where).unwrap().result[0].data
    return float((1 - data.evs) / 2)


def by_executor(circuit: QuantumCircuit, where: Conditions) -> float:
    program = QuantumProgram(SHOTS)
    program.append_circuit_item(circuit)
    return float(run_program(program, where)[0]["c"].mean())


@pytest.mark.holds("B417")
@pytest.mark.parametrize("run", [by_sampler, by_estimator, by_executor])
def test_every_program_has_coherent_errors_and_an_echo_helps(run: Any) -> None:
    free, echoed = ramsey(8000), ramsey(2000, 4000, 2000)
    without = run(free, conditions(None)), run(echoed, conditions(None))
    with_errors = run(free, conditions(LOST)), run(echoed, conditions(LOST))
    # SX twice is an X, but for relaxation and readout.
    assert without[0] > 0.85
    assert without[1] > 0.8
    assert with_errors[0] < without[0] - 0.1
    assert with_errors[1] == pytest.approx(without[1], abs=0.03)


@pytest.mark.holds("B417")
def test_simulators_stand_ins_and_noise_of_the_users_have_none() -> None:
    free = ramsey(8000)
    assert by_executor(free, conditions(LOST, simulator=True)) == 1.0
    assert by_executor(free, conditions(LOST, mock=True)) == pytest.approx(0.5, abs=0.05)


@pytest.mark.holds("B419")
@pytest.mark.parametrize("decides", [True, False])
def test_who_has_to_do_without_is_told(decides: bool) -> None:
    target = line(12)
    circuit = QuantumCircuit(12, 12)
    circuit.sx(0)
    for qubit in range(1 if decides else 11):
        circuit.cz(qubit, qubit + 1)
    if decides:
        circuit.measure(0, 0)
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.x(1)
    circuit.measure(range(12), range(12))
    job = SamplerJob(pubs=(SamplerPub.coerce((circuit, None, 20)),))
    simulated = run_sampler_job(job, Conditions(target=target, seed=7, coherent=CoherentNoise(seed=1))).unwrap()
    reason = "it decides while it runs" if decides else "it joins 12 qubits, and coherent errors are followed on 10"
    assert simulated.result.metadata["noise_left_out"] == [f"PUB 0 ran without coherent errors: {reason}."]
    plain = run_sampler_job(job, Conditions(target=target, seed=7)).unwrap()
    assert "noise_left_out" not in plain.result.metadata


@pytest.mark.holds("B418")
def test_a_wide_part_of_a_program_has_them_as_random_paulis() -> None:
    circuit = QuantumCircuit(12, 12)
    for qubit in range(11):
        circuit.cz(qubit, qubit + 1)
    for qubit in range(12):
        circuit.sx(qubit)
        circuit.sx(qubit)
    circuit.barrier()
    circuit.measure(range(12), range(12))
    program = QuantumProgram(400)
    program.append_circuit_item(circuit)
    wrong = []
    for over in (0.0, 2.0):
        noise = CoherentNoise(detuning=0.0, zz=0.0, over_rotation=over, drift=0.0, seed=2)
        where = Conditions(target=line(12), seed=7, coherent=noise)
        answered = simulate_program(program, where, Asked(), 7).unwrap()
        assert any("a part of 12 qubits" in note and "Pauli frames" in note for note in answered.notes)
        wrong.append(1 - answered.result[0]["c"].mean(axis=0))
    assert not wrong[0].any()
    # Each qubit by as much as its own gates turn too far: twice sin² of a half of 0.2 * π/2, on average.
    assert 0.01 < wrong[1].mean() < 0.2
    assert wrong[1].std() > 0.01
