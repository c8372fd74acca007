"""When each instruction plays: a line for each, in samples, in the order and the form that the service documents."""

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.transpiler import Target

from qiskit_runtime_service.simulator.schedule import describe_schedule

from ..support.devices import device

TARGET = device(4)
"""Everything takes 100 samples."""


def lines_of(circuit: QuantumCircuit, target: Target = TARGET) -> tuple[list[str], int]:
    described = describe_schedule(circuit, target)
    assert described is not None
    timing: str = described["timing"]
    assert timing == "".join(f"{line}\n" for line in timing.splitlines())
    assert all(line.count(",") == 5 for line in timing.splitlines())
    return timing.splitlines(), described["circuit_duration"]


@pytest.mark.holds("B277")
def test_instructions_start_as_soon_as_their_qubits_are_free() -> None:
    circuit = QuantumCircuit(4, 1)
    circuit.x(0)
    circuit.cx(0, 1)
    circuit.rz(0.1, 1)
    circuit.x(3)
    circuit.barrier(1, 3)
    circuit.x(3)
    circuit.measure(1, 0)
    assert lines_of(circuit) == (
        [
            "main,x_0,Qubit 0,0,100,play",
            "main,cx_0_1,Qubit 0,100,100,play",
            "main,cx_0_1,Qubit 1,100,100,play",
            # What takes no time, as a change of frame does, plays nothing.
            "main,rz_1,Qubit 1,200,0,shift_phase",
            "main,x_3,Qubit 3,0,100,play",
            "main,barrier,Qubit 1,200,0,barrier",
            "main,barrier,Qubit 3,200,0,barrier",
            "main,x_3,Qubit 3,200,100,play",
            "main,measure_1,Qubit 1,200,100,play",
            "main,measure_1,AWGR0_1,200,100,capture",
        ],
        300,
    )


@pytest.mark.holds("B277")
@pytest.mark.parametrize(
    ("length", "unit", "samples"), [(70, "dt", 70), (2, "us", 2000), (50.0, "ns", 50), (1e-8, "s", 10)]
)
def test_a_delay_plays_nothing_and_takes_its_time(length: float, unit: str, samples: int) -> None:
    circuit = QuantumCircuit(1)
    circuit.delay(length, 0, unit)
    circuit.x(0)
    assert lines_of(circuit) == ([f"main,x_0,Qubit 0,{samples},100,play"], samples + 100)
    circuit.delay(length, 0, unit)
    assert lines_of(circuit)[1] == 2 * samples + 100


@pytest.mark.holds("B277")
def test_a_delay_that_is_not_known_before_it_runs_counts_as_nothing() -> None:
    circuit = QuantumCircuit(1)
    circuit.delay(Parameter("t"), 0, "dt")
    circuit.x(0)
    assert lines_of(circuit) == (["main,x_0,Qubit 0,0,100,play"], 100)


@pytest.mark.holds("B277")
def test_what_decides_waits_for_all_before_it_and_its_blocks_start_together() -> None:
    circuit = QuantumCircuit(4, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.x(3)
    with circuit.if_test((0, 1)) as otherwise:
        circuit.x(2)
        circuit.x(2)
    with otherwise:
        circuit.x(1)
    circuit.x(1)
    circuit.x(3)
    assert lines_of(circuit) == (
        [
            "main,x_0,Qubit 0,0,100,play",
            "main,measure_0,Qubit 0,100,100,play",
            "main,measure_0,AWGR0_0,100,100,capture",
            "main,x_3,Qubit 3,0,100,play",
            "then,x_2,Qubit 2,200,100,play",
            "then,x_2,Qubit 2,300,100,play",
            "else,x_1,Qubit 1,200,100,play",
            # The qubits of all blocks are free when the longest is over, other qubits before.
            "main,x_1,Qubit 1,400,100,play",
            "main,x_3,Qubit 3,100,100,play",
        ],
        500,
    )


@pytest.mark.holds("B277")
def test_loops_and_boxes_play_where_they_stand() -> None:
    circuit = QuantumCircuit(2, 1)
    with circuit.for_loop(range(3)):
        circuit.x(1)
    with circuit.box():
        circuit.x(1)
    with circuit.while_loop((circuit.clbits[0], 1)):
        circuit.x(0)
    with circuit.switch(circuit.clbits[0]) as case:
        with case(0):
            circuit.x(0)
        with case(1):
            circuit.x(1)
    assert lines_of(circuit) == (
        [
            "main,x_1,Qubit 1,0,100,play",
            "main,x_1,Qubit 1,100,100,play",
            "main,x_1,Qubit 1,200,100,play",
            "main,x_1,Qubit 1,300,100,play",
            "then,x_0,Qubit 0,400,100,play",
            "then,x_0,Qubit 0,500,100,play",
            "else,x_1,Qubit 1,500,100,play",
        ],
        600,
    )


@pytest.mark.holds("B277")
def test_an_empty_circuit_takes_no_time_and_a_device_without_samples_tells_none() -> None:
    assert lines_of(QuantumCircuit(3)) == ([], 0)
    assert lines_of(QuantumCircuit()) == ([], 0)
    assert describe_schedule(QuantumCircuit(3), Target(num_qubits=3)) is None
