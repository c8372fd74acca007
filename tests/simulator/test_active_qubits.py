"""Circuits and targets on their active qubits alone."""

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
