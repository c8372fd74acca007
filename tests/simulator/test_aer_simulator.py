"""`aer_simulator` is Aer: its instructions, its bounds, no errors and no time."""

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Gate
from qiskit.circuit.library import CCXGate, CHGate, CSwapGate, CUGate, CXGate, CYGate, CZGate, UCGate, XGate
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import Target, generate_preset_pass_manager
from returns.pipeline import is_successful
from returns.result import Failure

from qiskit_runtime_service import EstimatorV2, IBMBackend, QiskitRuntimeService, SamplerV2
from qiskit_runtime_service.bridge.circuits import read_pubs
from qiskit_runtime_service.bridge.executable import check_pubs
from qiskit_runtime_service.bridge.target import build_target, find_undefined_gates
from qiskit_runtime_service.records.backend import Configuration
from qiskit_runtime_service.records.problem import NotExecutable
from qiskit_runtime_service.simulator.aer_simulator import describe_simulator
from qiskit_runtime_service.simulator.conditions import Conditions
from qiskit_runtime_service.simulator.job_params import SamplerJob, Settings
from qiskit_runtime_service.simulator.method import Work
from qiskit_runtime_service.simulator.sampler import run_sampler_job
from qiskit_runtime_service.simulator.with_aer import choose_plain_method, run_as_aer
from qiskit_runtime_service.wire.configuration import read_configuration

from ..support.existing import ask_existing_client, needs_existing_client

SCRIPT = Path(__file__).parents[1] / "compat" / "simulated_gates.py"
DESCRIBED = SCRIPT.with_name("simulator_described.py")
# It has to run where none of our packages is, so it is loaded as it stands.
TRIED: dict[str, QuantumCircuit] = runpy.run_path(str(SCRIPT))["circuits"]()
OUTCOMES = {
    "x": "010",
    "y": "010",
    "z": "011",
    "id": "011",
    "h": "010",
    "s": "010",
    "sdg": "011",
    "t": "011",
    "sx": "010",
    "sxdg": "011",
    "rx": "010",
    "ry": "010",
    "rz": "011",
    "r": "010",
    "p": "011",
    "u": "010",
    "u1": "011",
    "u2": "011",
    "u3": "010",
    "cx": "111",
    "cy": "111",
    "cz": "011",
    "csx": "111",
    "cp": "111",
    "cu": "111",
    "cu1": "111",
    "cu3": "111",
    "crx": "111",
    "cry": "111",
    "crz": "011",
    "swap": "110",
    "ecr": "011",
    "rxx": "110",
    "ryy": "110",
    "rzx": "111",
    "rzz within the bounds of hardware": "011",
    "rzz outside": "011",
    "ccx": "111",
    "ccz": "111",
    "cswap": "101",
    "mcx": "111",
    "mcphase": "111",
    "pauli": "101",
    "diagonal": "011",
    "unitary": "111",
    "unitary of two qubits": "110",
    "initialize": "111",
    "initialize by a text": "110",
    "kraus": "111",
    "reset": "010",
    "barrier": "011",
    "delay": "011",
    "delay of all, in microseconds": "011",
    "measure in the middle": "010",
    "if_else": "111",
    "if_else with a delay": "111",
    "for_loop": "111",
    "for_loop with a parameter": "111",
    "while_loop": "010",
    "break_loop": "111",
    "continue_loop": "011",
    "switch_case": "111",
}
"""What is measured after each instruction of the script."""


@pytest.fixture(scope="module")
def backend() -> IBMBackend:
    return QiskitRuntimeService(channel="local").backend("aer_simulator")


def known(*, with_aer: bool) -> Configuration:
    return read_configuration(describe_simulator(with_aer=with_aer), "aer_simulator").unwrap()


def target(*, with_aer: bool) -> Target:
    return build_target(known(with_aer=with_aer), None)


def counts_of(backend: IBMBackend, circuit: QuantumCircuit, shots: int = 20) -> dict[str, int]:
    counts: dict[str, int] = SamplerV2(backend).run([circuit], shots=shots).result()[0].data.c.get_counts()
    return counts


# Its instructions


@pytest.mark.holds("B267")
def test_every_instruction_that_the_target_lists_runs_as_it_is_written(backend: IBMBackend) -> None:
    job = SamplerV2(backend).run(list(TRIED.values()), shots=20)
    measured = {name: pub.data.c.get_counts() for name, pub in zip(TRIED, job.result(), strict=True)}
    assert measured == {name: {outcome: 20} for name, outcome in OUTCOMES.items()}
    tried = {instruction.name for circuit in TRIED.values() for instruction in circuit.data}
    # These two are inside a loop.
    assert set(backend.target.operation_names) == (tried | {"break_loop", "continue_loop"}) - {"barrier"}


@needs_existing_client
@pytest.mark.holds("B267")
@pytest.mark.parametrize("with_aer", [True, False])
def test_the_existing_client_takes_the_simulator_of_a_cloud(with_aer: bool) -> None:
    assert ask_existing_client(DESCRIBED, json.loads(describe_simulator(with_aer=with_aer))) == 156


@needs_existing_client
@pytest.mark.holds("B267")
def test_the_simulator_of_the_existing_client_measures_the_same() -> None:
    assert ask_existing_client(SCRIPT, None) == {name: {outcome: 20} for name, outcome in OUTCOMES.items()}


@pytest.mark.holds("B266", "B267")
@pytest.mark.parametrize("setting", [None, False, True])
def test_no_gate_of_it_is_hidden(setting: bool | None) -> None:
    shown = QiskitRuntimeService(channel="local").backend("aer_simulator", use_fractional_gates=setting)
    assert {"rx", "rzz", "u", "crx", "cu3", "unitary", "mcx"} <= set(shown.target.operation_names)
    assert find_undefined_gates(shown.descriptions()[0]) == ()
    assert shown.ignored == ()


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_what_it_lacks_is_transpiled_for_it(backend: IBMBackend, level: int) -> None:
    circuit = QuantumCircuit(5, 3)
    circuit.x(1)
    circuit.append(UCGate([np.eye(2), np.array([[0, 1], [1, 0]])]), [0, 1])
    circuit.iswap(0, 2)
    circuit.mcx([1, 2], 3)
    circuit.unitary(np.array([[0, 1], [1, 0]]), 4)
    circuit.measure([1, 2, 3], [0, 1, 2])
    made = generate_preset_pass_manager(level, backend=backend, seed_transpiler=1).run(circuit)
    assert counts_of(backend, made) == {"111": 20}


# Its bounds


@pytest.mark.holds("B267")
def test_the_bounds_of_rzz_are_those_of_hardware() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.rzz(-1, 0, 1)
    pubs = read_pubs([circuit], 10).unwrap()
    ideal, described = target(with_aer=True), known(with_aer=True)
    hardware = build_target(Configuration(
        backend_name="ibm_line", backend_version="1", n_qubits=2, basis_gates=described.basis_gates, gates=(),
    ), None)  # fmt: skip
    assert not ideal.gate_has_angle_bounds("rzz")
    assert check_pubs(pubs, ideal).unwrap() is None
    assert hardware.gate_has_angle_bounds("rzz")
    assert isinstance(check_pubs(pubs, hardware).failure(), NotExecutable)


@pytest.mark.holds("B267")
@given(st.integers(1, 156), st.booleans())
def test_a_state_vector_is_not_larger_than_the_limit(width: int, stabilized: bool) -> None:
    method = choose_plain_method(width, stabilized=stabilized)
    assert method.noise == "none"
    assert method.name == ("automatic" if width <= 26 or stabilized else "matrix_product_state")


@pytest.mark.holds("B267")
def test_wide_circuits_run_by_stabilizers_or_as_matrix_product_states(backend: IBMBackend) -> None:
    chain = QuantumCircuit(60, 60)
    chain.h(0)
    for qubit in range(59):
        chain.cx(qubit, qubit + 1)
    turned, paused = chain.copy(), chain.copy()
    turned.p(np.pi / 2, 0)
    paused.delay(1, 3, unit="us")
    with paused.if_test((paused.clbits[0], 1)):
        paused.rx(0.1, 59)
    circuits = [chain, turned, paused]
    for circuit in circuits:
        circuit.measure(range(60), range(60))
    job = SamplerV2(backend).run(circuits, shots=100)
    for pub in job.result():
        assert set(pub.data.c.get_counts()) == {"0" * 60, "1" * 60}
    assert job.logs().splitlines() == [
        "PUB 0: 60 active qubits, automatic, without noise.",
        "PUB 1: 60 active qubits, matrix_product_state, without noise.",
        "PUB 2: 60 active qubits, matrix_product_state, without noise.",
    ]


# No errors, no time


@pytest.mark.holds("B267")
def test_it_has_no_errors_and_no_time(backend: IBMBackend) -> None:
    assert (backend.dt, backend.properties(), backend.coupling_map, backend.num_qubits) == (None, None, None, 156)
    assert backend.target.dt is None
    assert backend.target.qubit_properties is None
    assert all(set(places.values()) == {None} for places in map(backend.target.__getitem__, ["cx", "x", "measure"]))
    assert backend.configuration().description == "Aer, without noise"


@pytest.mark.holds("B267")
@pytest.mark.parametrize(("duration", "unit"), [(1, "s"), (1.5, "us"), (7, "dt"), (0.25, "ms"), (3, "ns"), (2.5, "ps")])
def test_a_delay_has_no_effect_in_any_unit(duration: float, unit: str) -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.delay(duration, 0, unit=unit)
    circuit.h(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 0)):
        circuit.delay(duration, 1, unit=unit)
        circuit.x(1)
    circuit.measure(1, 1)
    run = run_as_aer(Work(pub=0, circuits=[circuit], active=(0, 1), shots=50, seed=1))
    (shots,) = run.shots
    assert shots.outcomes.tolist() == [[False, True]]


def left_open(kind: str) -> QuantumCircuit:
    """Return a circuit whose bit 0 is 1 by a decision inside of another, which also changes what nobody looks at."""
    circuit = QuantumCircuit(3, 3)
    circuit.x([0, 2])
    circuit.measure(0, 1)
    inner = circuit.if_test((circuit.clbits[1], 1))
    match kind:
        case "if":
            with circuit.if_test((circuit.clbits[1], 1)):
                circuit.x(1)
                with inner:
                    circuit.measure(2, 0)
        case "switch":
            with circuit.switch(circuit.clbits[1]) as case:
                with case(1), inner:
                    circuit.measure(2, 0)
                with case(0):
                    circuit.x(1)
        case _:
            with circuit.for_loop(range(2)), inner:
                circuit.x(1)
                with circuit.if_test((circuit.clbits[0], 0)):
                    circuit.measure(2, 0)
    return circuit


@pytest.mark.holds("B255")
@pytest.mark.parametrize("kind", ["if", "switch", "for"])
def test_decisions_inside_of_decisions_may_change_what_nobody_looks_at(kind: str) -> None:
    run = run_as_aer(Work(pub=0, circuits=[left_open(kind)] * 2, active=(0, 1, 2), shots=20, seed=1))
    assert [shots.outcomes.tolist() for shots in run.shots] == [[[True, True, False]]] * 2


def test_an_estimator_has_the_exact_values_of_stabilizer_states(backend: IBMBackend) -> None:
    pair = QuantumCircuit(2)
    pair.h(0)
    pair.cx(0, 1)
    data = EstimatorV2(backend).run([(pair, [SparsePauliOp(label) for label in ("ZZ", "XX", "YY")])]).result()[0].data
    assert data.evs.tolist() == [1.0, 1.0, -1.0]
    assert data.stds.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.holds("B267")
def test_the_same_seed_gives_the_same_shots(backend: IBMBackend) -> None:
    coins = QuantumCircuit(5, 5)
    coins.h(range(5))
    coins.measure(range(5), range(5))
    sampler = SamplerV2(backend, options={"simulator": {"seed_simulator": 3}})
    first, second = (sampler.run([coins, coins], shots=200).result() for _ in range(2))
    assert first[0].data.c == second[0].data.c
    assert first[0].data.c != first[1].data.c


# Where Aer is not installed


def plain_circuits() -> dict[str, QuantumCircuit]:
    """Return the circuits of those instructions that it has without Aer."""
    listed = {*target(with_aer=False).operation_names, "barrier"}
    return {
        name: circuit
        for name, circuit in TRIED.items()
        if all(instruction.name in listed for instruction in circuit.data) and name != "measure in the middle"
    }


@pytest.mark.holds("B267")
def test_without_aer_it_has_what_our_own_simulators_run_and_says_so() -> None:
    described = known(with_aer=False)
    assert "pip install 'qiskit-runtime-service[aer]'" in str(described.description)
    assert find_undefined_gates(described) == ()
    circuits = plain_circuits()
    tried = {instruction.name for circuit in circuits.values() for instruction in circuit.data}
    assert tried - {"barrier"} == set(target(with_aer=False).operation_names)
    assert run_plainly(circuits) == {name: OUTCOMES[name] for name in circuits}


def run_plainly(circuits: dict[str, QuantumCircuit]) -> dict[str, str]:
    """Return what is measured without Aer, where it is certain."""
    job = SamplerJob(pubs=read_pubs(list(circuits.values()), 20).unwrap(), settings=Settings())
    conditions = Conditions(target=target(with_aer=False), seed=1, simulator=True, use_aer=False)
    result: Any = run_sampler_job(job, conditions).unwrap().result
    counts = [pub.data.c.get_counts() for pub in result]
    assert all(list(count.values()) == [20] for count in counts)
    return {name: next(iter(count)) for name, count in zip(circuits, counts, strict=True)}


@pytest.mark.takes_long
@pytest.mark.holds("B267", "B268")
def test_without_aer_it_has_no_control_flow_and_refuses_what_decides() -> None:
    ideal = target(with_aer=False)
    assert {"if_else", "while_loop", "reset", "kraus"}.isdisjoint(ideal.operation_names)
    refused = check_pubs(read_pubs([TRIED["if_else"]], 10).unwrap(), ideal)
    assert isinstance(refused, Failure)
    assert "if_else" in refused.failure().reason


# Controls that are zeros


OPEN = [
    # A gate, and the outcome where all its qubits are 0 and qubit 4 is 1.
    (CXGate(ctrl_state=0), "10010"),
    (CYGate(ctrl_state=0), "10010"),
    (CZGate(ctrl_state=0), "10000"),
    (CUGate(np.pi, 0, 0, 0, ctrl_state=0), "10010"),
    (CCXGate(ctrl_state=0), "10100"),
    (CCXGate(ctrl_state=1), "10000"),
    (CSwapGate(ctrl_state=0), "10000"),
    (XGate().control(3, ctrl_state=0), "11000"),
    (XGate().control(3, ctrl_state=4), "10000"),
]


def opened(gate: Gate) -> QuantumCircuit:
    circuit = QuantumCircuit(5, 5)
    circuit.x(4)
    circuit.append(gate, range(gate.num_qubits))
    circuit.measure(range(5), range(5))
    return circuit


@pytest.mark.holds("B267")
def test_gates_are_controlled_by_zeros_too(backend: IBMBackend) -> None:
    circuits = {gate.name: opened(gate) for gate, _ in OPEN}
    outcomes = {gate.name: outcome for gate, outcome in OPEN}
    assert {name: counts_of(backend, circuit) for name, circuit in circuits.items()} == {
        name: {outcome: 20} for name, outcome in outcomes.items()
    }
    assert run_plainly(circuits) == outcomes


@pytest.mark.holds("B85", "B267")
def test_a_control_by_zeros_needs_a_gate_that_is_there_and_a_simulator() -> None:
    there = read_pubs([opened(CXGate(ctrl_state=0))], None).unwrap()
    assert is_successful(check_pubs(there, target(with_aer=True), simulator=True))
    hardware = check_pubs(there, target(with_aer=True)).failure()
    assert isinstance(hardware, NotExecutable)
    assert "'cx_o0' on qubits 0, 1" in hardware.reason
    lacking = read_pubs([opened(CHGate(ctrl_state=0))], None).unwrap()
    problem = check_pubs(lacking, target(with_aer=True), simulator=True).failure()
    assert isinstance(problem, NotExecutable)
    assert "'ch_o0' on qubits 0, 1" in problem.reason
