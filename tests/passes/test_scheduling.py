"""Schedules of dynamic circuits, and what fills their idle time."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit, QuantumRegister
from qiskit.circuit import Delay, Gate, IfElseOp, Measure, Parameter, Reset
from qiskit.circuit.library import CZGate, RZGate, SXGate, XGate, YGate
from qiskit.quantum_info import Operator
from qiskit.transpiler import CouplingMap, InstructionProperties, PassManager, Target, TranspilerError

from qiskit_runtime_service.transpiler.passes import ASAPScheduleAnalysis, PadDelay, PadDynamicalDecoupling
from qiskit_runtime_service.transpiler.passes.scheduling import ALAPScheduleAnalysis

X, SX, CZ, READ, RESET = 8, 6, 17, 390, 427
"""Durations of the device, in dt."""
ONE = {(qubit,): qubit for qubit in range(3)}


def device() -> Target:
    """Return a line of three qubits whose dt is a nanosecond."""
    target = Target(num_qubits=3, dt=1e-9)
    for operation, duration in ((XGate(), X), (SXGate(), SX), (Measure(), READ), (Reset(), RESET)):
        target.add_instruction(operation, {place: InstructionProperties(duration=duration * 1e-9) for place in ONE})
    pairs = {(0, 1): None, (1, 2): None}
    target.add_instruction(CZGate(), {pair: InstructionProperties(duration=CZ * 1e-9) for pair in pairs})
    target.add_instruction(RZGate(Parameter("angle")), {place: InstructionProperties(duration=0.0) for place in ONE})
    target.add_instruction(Delay(Parameter("t")), dict.fromkeys(ONE))
    target.add_instruction(IfElseOp, name="if_else")
    return target


TARGET = device()
LASTS = {"x": X, "sx": SX, "cz": CZ, "measure": READ, "reset": RESET, "rz": 0, "barrier": 0}


def late(circuit: QuantumCircuit, *more: Any, target: Target = TARGET) -> QuantumCircuit:
    return PassManager([ALAPScheduleAnalysis(target=target), *(more or (PadDelay(target=target),))]).run(circuit)


def early(circuit: QuantumCircuit) -> QuantumCircuit:
    return PassManager([ASAPScheduleAnalysis(target=TARGET), PadDelay(target=TARGET)]).run(circuit)


def on_wire(circuit: QuantumCircuit, qubit: int) -> list[Any]:
    """Return what happens to a qubit: names, and durations of delays."""
    return [
        step.operation.duration if step.name == "delay" else step.name
        for step in circuit.data
        if circuit.qubits[qubit] in step.qubits
    ]


def lasts(circuit: QuantumCircuit, qubit: int) -> float:
    """Return how long all lasts that happens to a qubit, outside of control flow."""
    return sum(LASTS.get(what, 0) if isinstance(what, str) else what for what in on_wire(circuit, qubit))


@st.composite
def circuits(draw: st.DrawFn, *, measured: bool = True) -> QuantumCircuit:
    circuit = QuantumCircuit(3, 3)
    kinds = ["x", "sx", "rz", "cz", "delay", *(["measure", "reset", "if", "barrier"] if measured else [])]
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=12)):
        qubit = draw(st.integers(0, 2))
        match kind:
            case "rz":
                circuit.rz(0.3, qubit)
            case "cz":
                circuit.cz(*((0, 1) if qubit < 2 else (1, 2)))
            case "delay":
                circuit.delay(draw(st.integers(0, 300)), qubit)
            case "measure":
                circuit.measure(qubit, draw(st.integers(0, 2)))
            case "barrier":
                circuit.barrier(*range(qubit + 1))
            case "if":
                with circuit.if_test((circuit.clbits[draw(st.integers(0, 2))], 1)):
                    circuit.x(qubit)
            case _:
                getattr(circuit, kind)(qubit)
    return circuit


def without_waits(circuit: QuantumCircuit) -> list[list[Any]]:
    return [[what for what in on_wire(circuit, qubit) if what not in ("barrier",) and isinstance(what, str)]
            for qubit in range(3)]  # fmt: skip


@pytest.mark.holds("B459")
@given(circuits(), st.booleans())
def test_every_qubit_that_is_used_takes_the_same_time(circuit: QuantumCircuit, is_late: bool) -> None:
    padded = late(circuit) if is_late else early(circuit)
    used = [qubit for qubit in range(3) if on_wire(circuit, qubit)]
    fast = [step for step in padded.data if step.name == "if_else" and len(step.qubits) < len(used)]
    # A fast path is on a qubit of its own, and no time counts in it.
    assert len({lasts(padded, qubit) for qubit in used}) <= 1
    assert all(len(step.qubits) == 1 for step in fast)
    assert without_waits(padded)[0].count("x") >= on_wire(circuit, 0).count("x")


@pytest.mark.holds("B458")
@given(circuits(measured=False))
def test_a_static_circuit_is_one_block_as_long_as_its_longest_path(circuit: QuantumCircuit) -> None:
    free = [0.0, 0.0, 0.0]
    for step in circuit.data:
        places = [circuit.find_bit(qubit).index for qubit in step.qubits]
        lasting = step.operation.duration if step.name == "delay" else LASTS[step.name]
        for place in places:
            free[place] = max(free[place] for place in places) + (lasting if place == places[-1] else 0)
        for place in places:
            free[place] = max(free[place] for place in places)
    used = [qubit for qubit in range(3) if on_wire(circuit, qubit)]
    for padded in (late(circuit), early(circuit)):
        assert [lasts(padded, qubit) for qubit in used] == [max(free)] * len(used)
        assert Operator(padded) == Operator(circuit)


@pytest.mark.holds("B460")
@given(circuits(measured=False), st.sampled_from([1, 4, 16]), st.sampled_from(["middle", "edges"]), st.booleans())
def test_decoupling_changes_nothing_and_lasts_as_long(
    circuit: QuantumCircuit, alignment: int, distribution: str, repeats: bool
) -> None:
    sequence: list[Gate] = [XGate(), RZGate(math.pi), XGate(), RZGate(-math.pi)]
    decoupling = PadDynamicalDecoupling(
        sequence, pulse_alignment=alignment, extra_slack_distribution=distribution, insert_multiple_cycles=repeats,
        skip_reset_qubits=False, target=TARGET,
    )  # fmt: skip
    padded = late(circuit, decoupling)
    assert Operator(padded) == Operator(circuit)
    assert [lasts(padded, qubit) for qubit in range(3)] == [lasts(late(circuit), qubit) for qubit in range(3)]


@pytest.mark.holds("B457", "B458")
def test_measurements_that_need_not_wait_begin_together() -> None:
    circuit = QuantumCircuit(3, 3)
    circuit.measure(0, 0)
    with circuit.if_test((0, 1)):
        circuit.x(2)
    circuit.x(1)
    circuit.measure(1, 1)
    scheduled = late(circuit)
    assert on_wire(scheduled, 0)[:3] == [X, "measure", "barrier"]
    assert on_wire(scheduled, 1)[:3] == ["x", "measure", "barrier"]


@pytest.mark.holds("B457")
def test_gates_that_nothing_waits_for_come_after_control_flow() -> None:
    circuit = QuantumCircuit(2, 1)
    circuit.measure(0, 0)
    circuit.x(0)
    with circuit.if_test((0, 1)):
        circuit.x(1)
    assert on_wire(late(circuit), 0) == ["measure", "barrier", "if_else", "barrier", "x"]


@pytest.mark.holds("B458")
def test_a_reset_ends_its_block() -> None:
    circuit = QuantumCircuit(3)
    circuit.x(0)
    circuit.reset(0)
    circuit.x([0, 1])
    assert on_wire(late(circuit), 0) == ["x", "reset", "barrier", "x"]
    assert on_wire(late(circuit), 1) == [X + RESET, "barrier", "x"]


@pytest.mark.holds("B459")
def test_a_branch_on_the_qubit_that_was_read_goes_on_a_fast_path() -> None:
    circuit = QuantumCircuit(3, 1)
    circuit.x(1)
    circuit.measure(0, 0)
    with circuit.if_test((0, 1)):
        circuit.x(0)
    circuit.cz(0, 1)
    scheduled = late(circuit)
    (branch,) = [step for step in scheduled.data if step.name == "if_else"]
    assert len(branch.qubits) == 1
    assert on_wire(scheduled, 0) == ["measure", "if_else", "barrier", "cz"]
    assert on_wire(scheduled, 1) == [READ - X, "x", "barrier", "cz"]


@pytest.mark.holds("B459")
def test_other_control_flow_acts_on_all_qubits_that_are_used_and_its_bodies_are_filled() -> None:
    circuit = QuantumCircuit(3, 1)
    circuit.measure(0, 0)
    with circuit.if_test((0, 1)) as otherwise:
        circuit.x(1)
    with otherwise:
        circuit.sx(1)
        circuit.sx(1)
    scheduled = late(circuit)
    (branch,) = [step for step in scheduled.data if step.name == "if_else"]
    bodies = [[on_wire(body, qubit) for qubit in range(2)] for body in branch.operation.blocks]
    assert bodies == [[[X], ["x"]], [[2 * SX], ["sx", "sx"]]]
    assert on_wire(scheduled, 2) == []


@pytest.mark.holds("B459")
def test_equal_instructions_of_two_bodies_are_told_apart() -> None:
    # IBM's client takes the times of one for those of the other, and puts a barrier into the body.
    circuit = QuantumCircuit(3, 1)
    with circuit.if_test((0, 1)) as otherwise:
        circuit.x(0)
        circuit.cz(0, 1)
    with otherwise:
        circuit.sx(0)
        circuit.cz(0, 1)
    (branch,) = late(circuit).data
    bodies = [[on_wire(body, qubit) for qubit in range(2)] for body in branch.operation.blocks]
    assert bodies == [[["x", "cz"], [X, "cz"]], [["sx", "cz"], [SX, "cz"]]]


@pytest.mark.holds("B459")
def test_ends_and_idle_qubits_are_filled_on_request() -> None:
    circuit = QuantumCircuit(3)
    circuit.x(0)
    circuit.sx(1)
    open_ended = late(circuit, PadDelay(fill_very_end=False, target=TARGET))
    assert [on_wire(open_ended, qubit) for qubit in range(3)] == [["x"], [X - SX, "sx"], []]
    everything = late(circuit, PadDelay(schedule_idle_qubits=True, target=TARGET))
    assert on_wire(everything, 2) == [X]


@pytest.mark.holds("B460")
def test_an_idle_time_is_filled_to_the_tick_if_it_is_long_enough() -> None:
    def filled(ticks: int, **options: Any) -> list[Any]:
        circuit = QuantumCircuit(1)
        circuit.x(0)
        circuit.delay(ticks, 0)
        circuit.x(0)
        return on_wire(late(circuit, PadDynamicalDecoupling([XGate(), XGate()], target=TARGET, **options)), 0)[1:-1]

    assert filled(100) == [16, "x", 48, "x", 20]
    assert filled(100, extra_slack_distribution="edges") == [16, "x", 32, "x", 36]
    assert filled(32) == [32]
    assert filled(33) == ["x", 16, "x", 1]
    assert filled(100, pulse_alignment=1) == [21, "x", 42, "x", 21]
    assert filled(100, sequence_min_length_ratios=7) == [100]
    assert filled(100, qubits=[1]) == [100]
    assert filled(100, spacings=[0.1, 0.5, 0.4]) == ["x", 48, "x", 36]
    assert filled(64, insert_multiple_cycles=True) == ["x", "x", 32, "x", "x"]
    assert filled(100, coupling_map=CouplingMap([[0, 1], [1, 2]]), pulse_alignment=1) == [42, "x", 42, "x"]
    assert filled(100, dd_barrier="here") == [100]


@pytest.mark.holds("B460")
def test_a_qubit_that_nothing_has_touched_only_waits() -> None:
    circuit = QuantumCircuit(2)
    circuit.delay(100, 0)
    circuit.x([0, 1])
    circuit.reset(0)
    circuit.x([0, 1])
    circuit.delay(200, 1)
    waits = late(circuit, PadDynamicalDecoupling([XGate(), XGate()], target=TARGET))
    assert on_wire(waits, 0) == [100, "x", "reset", "barrier", 208, "x"]


@pytest.mark.holds("B460")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"dd_sequences": [XGate()] * 3}, "has 3 gates"),
        ({"dd_sequences": [XGate(), YGate()]}, "no identity"),
        ({"dd_sequences": None}, "dd_sequences is missing"),
        ({"spacings": [0.5, 0.6]}, "does not fit 2 gates"),
        ({"spacings": [0.5, 0.6, -0.1]}, "none of them negative"),
        ({"sequence_min_length_ratios": [1, 2]}, "give one for each"),
        ({"extra_slack_distribution": "ends"}, "'middle' or 'edges'"),
        ({"pulse_alignment": 0}, "1 or more"),
        ({"coupling_map": CouplingMap([[0, 1], [1, 2], [2, 0]])}, "two spacings"),
        ({"target": None}, "target=backend.target"),
    ],
)
def test_what_does_not_fit_is_said(options: dict[str, Any], words: str) -> None:
    with pytest.raises(TranspilerError, match=words):
        PadDynamicalDecoupling(**{"dd_sequences": [XGate(), XGate()], "target": TARGET, **options})


@pytest.mark.holds("B458")
def test_what_cannot_be_scheduled_says_the_way_out() -> None:
    def refused(circuit: QuantumCircuit, *passes: Any) -> str:
        with pytest.raises(TranspilerError) as told:
            PassManager(list(passes) or [ALAPScheduleAnalysis(target=TARGET)]).run(circuit)
        return str(told.value)

    waiting, named, plain = QuantumCircuit(1), QuantumCircuit(QuantumRegister(1, "mine")), QuantumCircuit(1)
    waiting.delay(Parameter("long"), 0)
    plain.x(0)
    assert "assign_parameters" in refused(waiting)
    assert "Transpile the circuit" in refused(named)
    assert "target=backend.target" in refused(plain, ALAPScheduleAnalysis())
    assert "set it in seconds" in refused(plain, ALAPScheduleAnalysis(target=Target(num_qubits=1))).lower()
    assert "Run ALAPScheduleAnalysis" in refused(plain, PadDelay(target=TARGET))
