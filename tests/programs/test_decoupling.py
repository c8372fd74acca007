"""Pulses on idle qubits."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit.quantum_info import Operator
from qiskit.transpiler import CouplingMap, InstructionDurations, Target

from qiskit_runtime_service.options_models import DynamicalDecouplingOptions
from qiskit_runtime_service.programs.decoupling import decouple, decoupler

DURATIONS = InstructionDurations(
    [("x", None, 10), ("sx", None, 10), ("rz", None, 0), ("cz", None, 40), ("measure", None, 100), ("reset", None, 90)],
    dt=1e-9,
)  # fmt: skip
PAIRS = [[0, 1], [1, 0], [1, 2], [2, 1]]


def device() -> Target:
    """Return a line of three qubits."""
    return Target.from_configuration(
        ["x", "sx", "rz", "cz", "measure", "reset", "delay"],
        num_qubits=3,
        coupling_map=CouplingMap(PAIRS),
        instruction_durations=DURATIONS,
        dt=1e-9,
    )


def options(**given_: Any) -> dict[str, Any]:
    return DynamicalDecouplingOptions(enable=True, **given_).model_dump()


def waiting(qubits: Any = 3) -> QuantumCircuit:
    """Return a circuit in which qubit 0 waits for 80 dt."""
    circuit = QuantumCircuit(qubits, name="waiting")
    circuit.add_register(ClassicalRegister(1, "c"))
    circuit.cz(0, 1)
    circuit.cz(1, 2)
    circuit.cz(1, 2)
    circuit.cz(0, 1)
    return circuit


def steps_on(circuit: QuantumCircuit, qubit: int) -> list[Any]:
    """Return what is done to a qubit by itself, with durations and angles."""
    return [
        (step.name, *(round(float(number), 3) for number in step.params))
        for step in circuit.data
        if [circuit.find_bit(bit).index for bit in step.qubits] == [qubit]
    ]


PI = round(math.pi, 3)
HALF = round(math.pi / 2, 3)


@pytest.mark.holds("B374")
@pytest.mark.parametrize(
    ("given_", "steps"),
    [
        ({"sequence_type": "XX"}, [("delay", 15), ("x",), ("delay", 30), ("x",), ("delay", 15)]),
        (
            {"sequence_type": "XpXm"},
            [("delay", 15), ("x",), ("delay", 30), ("rz", PI), ("x",), ("rz", -PI), ("delay", 15)],
        ),
        (
            {"sequence_type": "XY4"},
            [
                *(("delay", 5), ("x",), ("delay", 10), ("rz", HALF), ("x",), ("rz", -HALF), ("delay", 10)),
                *(("rz", PI), ("x",), ("rz", -PI), ("delay", 10), ("rz", -HALF), ("x",), ("rz", HALF), ("delay", 5)),
            ],
        ),
    ],
)
def test_pulses_stand_evenly_in_idle_time(given_: dict[str, Any], steps: list[Any]) -> None:
    padded = decouple(waiting(), decoupler(device(), options(**given_))).unwrap()
    assert steps_on(padded, 0) == steps
    assert Operator(without_delays(padded)) == Operator(waiting().remove_final_measurements(inplace=False))


def without_delays(circuit: QuantumCircuit) -> QuantumCircuit:
    bare = circuit.copy_empty_like()
    for step in circuit.data:
        if step.name not in ("delay", "measure"):
            bare.append(step)
    bare.remove_final_measurements()
    return bare


gates = st.lists(
    st.tuples(st.sampled_from(("x", "sx", "rz", "cz", "delay")), st.integers(0, 2), st.integers(1, 300)), max_size=10
)


@pytest.mark.holds("B374")
@given(
    gates,
    st.sampled_from(("XX", "XpXm", "XY4")),
    st.sampled_from(("middle", "edges")),
    st.sampled_from(("alap", "asap")),
    st.booleans(),
)
@settings(max_examples=40)
def test_a_circuit_stays_what_it_is(steps: list[Any], sequence: str, slack: str, method: str, skip: bool) -> None:
    circuit = QuantumCircuit(3, global_phase=0.25)
    for name, qubit, number in steps:
        match name:
            case "rz":
                circuit.rz(number / 100, qubit)
            case "delay":
                circuit.delay(number, qubit)
            case "cz":
                circuit.cz(*((qubit, qubit + 1) if qubit < 2 else (2, 1)))
            case _:
                getattr(circuit, name)(qubit)
    before = circuit.copy()
    by = decoupler(
        device(),
        options(
            sequence_type=sequence, extra_slack_distribution=slack, scheduling_method=method, skip_reset_qubits=skip
        ),
    )
    padded = decouple(circuit, by).unwrap()
    # Phases too: what is exact is the whole operator.
    assert Operator(without_delays(padded)) == Operator(without_delays(circuit))
    assert circuit == before
    # One decoupler serves many circuits.
    assert decouple(circuit, by).unwrap() == padded


@pytest.mark.holds("B374")
def test_qubits_under_other_names_are_those_of_the_device() -> None:
    by = decoupler(device(), options())
    wanted = steps_on(decouple(waiting(), by).unwrap(), 0)
    for qubits in (QuantumRegister(3, "data"), QuantumRegister(3, "q")):
        padded = decouple(waiting(qubits), by).unwrap()
        assert steps_on(padded, 0) == wanted
        assert (padded.name, padded.num_clbits) == ("waiting", 1)
    two = QuantumCircuit(QuantumRegister(2, "a"), QuantumRegister(1, "b"))
    two.compose(waiting().remove_final_measurements(inplace=False), inplace=True)
    assert steps_on(decouple(two, by).unwrap(), 0) == wanted


@pytest.mark.holds("B374")
def test_what_cannot_be_scheduled_is_told() -> None:
    by = decoupler(device(), options())
    unknown = QuantumCircuit(1)
    unknown.h(0)
    stretched = QuantumCircuit(1)
    stretched.delay(stretched.add_stretch("s"), 0)
    open_ended = QuantumCircuit(1)
    open_ended.delay(Parameter("t"), 0)
    branch = QuantumCircuit(1, 1)
    with branch.if_test((0, True)):
        branch.x(0)
    assert "Duration of h on qubits [0]" in decouple(unknown, by).failure()
    assert "stretch" in decouple(stretched, by).failure()
    assert "(t) of delay" in decouple(open_ended, by).failure()
    assert decouple(branch, by).failure() == "nobody knows before it runs how long 'if_else' takes"
