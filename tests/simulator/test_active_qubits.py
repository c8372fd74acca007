"""Circuits and targets on their active qubits alone."""

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Clbit
from qiskit.circuit.classical import expr, types
from qiskit.circuit.library import CXGate, XGate
from qiskit.providers import QubitProperties
from qiskit.transpiler import InstructionProperties, Target

from qiskit_runtime_service.simulator.active_qubits import active_qubits, shrink_circuit, shrink_target

from ..support.devices import device, ghz


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


def test_a_small_target_has_the_times_of_the_whole() -> None:
    whole = Target(
        num_qubits=4,
        dt=2e-9,
        granularity=2,
        min_length=3,
        pulse_alignment=4,
        acquire_alignment=5,
        qubit_properties=[QubitProperties(t1=float(qubit)) for qubit in range(4)],
    )
    whole.add_instruction(XGate(), {(qubit,): InstructionProperties(error=qubit / 10) for qubit in range(4)})
    whole.add_instruction(CXGate(), {(0, 3): None, (3, 1): None, (1, 0): None, (2, 3): None})
    small = shrink_target(whole, (0, 1, 3))
    assert (small.num_qubits, small.dt, small.granularity, small.min_length) == (3, 2e-9, 2, 3)
    assert (small.pulse_alignment, small.acquire_alignment) == (4, 5)
    assert [known.t1 for known in small.qubit_properties] == [0.0, 1.0, 3.0]
    assert {where: known.error for where, known in small["x"].items()} == {(0,): 0.0, (1,): 0.1, (2,): 0.3}
    assert set(small["cx"]) == {(0, 2), (2, 1), (1, 0)}


def test_a_small_target_has_properties_for_each_qubit_even_if_nothing_is_known() -> None:
    whole = Target(num_qubits=4)
    whole.add_instruction(XGate(), {(qubit,): None for qubit in range(4)})
    assert [(known.t1, known.t2) for known in shrink_target(whole, (1, 3)).qubit_properties] == [(None, None)] * 2


def test_a_qubit_is_active_if_more_than_a_barrier_or_a_delay_is_on_it() -> None:
    circuit = QuantumCircuit(6, 1)
    circuit.barrier()
    circuit.delay(5, 1)
    circuit.cz(5, 2)
    circuit.measure(0, 0)
    assert active_qubits(circuit) == (0, 2, 5)
    assert active_qubits(QuantumCircuit(3)) == ()


def test_a_small_circuit_has_the_same_bits_in_the_same_order() -> None:
    one, other, loose = Clbit(), Clbit(), Clbit()
    circuit = QuantumCircuit(QuantumRegister(4, "device"), [one, other, loose], name="mine")
    # The registers have the bits in another order than the circuit, and one of them twice.
    circuit.add_register(ClassicalRegister(bits=[other, one], name="back"), ClassicalRegister(bits=[one], name="c"))
    circuit.x(3)
    circuit.barrier(0, 1, 3)
    circuit.barrier(0)
    circuit.delay(5, 1)
    circuit.delay(7, 3)
    circuit.cx(3, 1)
    circuit.measure([1, 3], [loose, one])
    small = shrink_circuit(circuit, (1, 3))
    assert (small.name, small.num_qubits, small.clbits, small.cregs) == ("mine", 2, circuit.clbits, circuit.cregs)
    assert [
        (step.name, [small.find_bit(qubit).index for qubit in step.qubits], list(step.clbits)) for step in small.data
    ] == [
        ("x", [1], []),
        ("barrier", [0, 1], []),
        ("delay", [0], []),
        ("delay", [1], []),
        ("cx", [1, 0], []),
        ("measure", [0], [loose]),
        ("measure", [1], [one]),
    ]
    # The circuit of the user stays as it is.
    assert (circuit.num_qubits, len(circuit.data)) == (4, 8)


def test_a_small_circuit_declares_the_same_variables() -> None:
    circuit = QuantumCircuit(3, 1)
    flag = circuit.add_var("flag", expr.Value(1, types.Bool()))
    circuit.measure(2, 0)
    with circuit.if_test(flag):
        circuit.x(2)
    small = shrink_circuit(circuit, active_qubits(circuit))
    assert small.num_qubits == 1
    assert list(small.iter_declared_vars()) == [flag]
    assert small.count_ops() == {"store": 1, "measure": 1, "if_else": 1}
