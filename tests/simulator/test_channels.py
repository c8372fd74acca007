"""What gates and devices do to expectation values of Paulis: as Qiskit says of gates, and Aer of devices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit.circuit import Delay, Measure, Reset
from qiskit.circuit.library import CXGate, ECRGate, RXGate, RZGate, RZZGate, SXGate, XGate, YGate
from qiskit.providers import QubitProperties
from qiskit.quantum_info import PTM, Operator, SuperOp
from qiskit.transpiler import InstructionProperties, Target

from qiskit_runtime_service.fake_provider import FakeFez, FakeManilaV2, FakeSherbrooke
from qiskit_runtime_service.simulator.channels import RESET, DeviceNoise, Matrix, channel_of_unitaries, turn_z
from qiskit_runtime_service.simulator.noise import build_noise_model

ANGLES = st.floats(-7, 7)


def as_ours(superop: object) -> Matrix:
    """Return what Qiskit says of a channel, with the first qubit slowest."""
    matrix = np.asarray(PTM(superop).data)
    assert np.allclose(matrix.imag, 0)
    if len(matrix) == 16:
        matrix = matrix.reshape(4, 4, 4, 4).transpose(1, 0, 3, 2).reshape(16, 16)
    return matrix.real


@given(first=ANGLES, second=ANGLES)
def test_a_gate_does_what_qiskit_says(first: float, second: float) -> None:
    for gate in (XGate(), YGate(), SXGate(), RXGate(first), RZGate(second), CXGate(), ECRGate(), RZZGate(first)):
        ours = channel_of_unitaries(np.asarray(gate.to_matrix(), complex))
        assert np.allclose(ours, as_ours(Operator(gate)), atol=1e-12)
    assert np.allclose(turn_z(np.array([first, second]))[1], as_ours(Operator(RZGate(second))), atol=1e-12)


def test_a_reset_leads_to_the_ground_state() -> None:
    assert np.allclose(RESET, as_ours(SuperOp(Reset())))


@pytest.mark.holds("B390")
@pytest.mark.parametrize("device", [FakeManilaV2, FakeSherbrooke, FakeFez])
def test_the_noise_of_a_device_is_the_one_that_aer_has(device: type) -> None:
    target = device().target
    active = (0, 1, 2)
    model = build_noise_model(target, active, relaxation=True)
    noise = DeviceNoise(target)
    errors = [error for error in model.to_dict()["errors"] if error["type"] == "qerror"]
    seen = 0
    for error in errors:
        found = _read(error)
        for name in error["operations"]:
            for where in error["gate_qubits"]:
                ours = noise.after(name, tuple(active[place] for place in where))
                assert ours is not None
                assert np.allclose(ours, as_ours(found), atol=1e-9), (name, where)
                seen += 1
    assert seen >= 12


def _read(error: dict[str, object]) -> SuperOp:
    from qiskit_aer.noise import QuantumError

    return SuperOp(QuantumError.from_dict(error))


def one_qubit(**errors: float | None) -> Target:
    """Return a qubit of known T1 and T2 (µs), and gates that take 50 ns and err so often."""
    times = [QubitProperties(t1=100e-6, t2=300e-6)]
    target = Target(num_qubits=1, dt=2e-9, qubit_properties=times)
    for gate in (XGate(), SXGate()):
        target.add_instruction(gate, {(0,): InstructionProperties(duration=50e-9, error=errors.get(gate.name))})
    target.add_instruction(Measure(), {(0,): InstructionProperties(error=0.1)})
    return target


@pytest.mark.holds("B390")
def test_a_gate_errs_as_often_as_told_and_at_least_as_its_qubit_relaxes() -> None:
    noise = DeviceNoise(one_qubit(x=0.01, sx=0.0))
    told, relaxed = noise.after("x", (0,)), noise.after("sx", (0,))
    assert told is not None
    assert relaxed is not None
    # The average fidelity of a channel of one qubit is (trace + 2) / 6.
    assert (np.trace(told) + 2) / 6 == pytest.approx(1 - 0.01)
    # T2 is cut at 2 T1 = 200 µs.
    kept, coherent = np.exp(-50e-9 / 100e-6), np.exp(-50e-9 / 200e-6)
    assert relaxed.tolist() == [
        [1, 0, 0, 0],
        [0, pytest.approx(coherent), 0, 0],
        [0, 0, pytest.approx(coherent), 0],
        [pytest.approx(1 - kept), 0, 0, pytest.approx(kept)],
    ]


@pytest.mark.holds("B390")
def test_time_goes_by_in_delays_of_all_units_and_readout_errs_by_the_state() -> None:
    noise = DeviceNoise(one_qubit())
    kept = np.exp(-1e-6 / 100e-6)
    for duration, unit in ((500, "dt"), (1000, "ns"), (1, "us"), (1e-3, "ms"), (1e-6, "s")):
        idle = noise.while_idle(duration, unit, 0)
        assert idle is not None
        assert idle[3, 3] == pytest.approx(kept)
    assert noise.while_idle(0, "dt", 0) is None
    readout = noise.before_readout("measure", 0)
    assert readout is not None
    assert readout[3].tolist() == [0.0, 0.0, 0.0, pytest.approx(0.8)]


def test_a_device_that_tells_nothing_has_no_noise() -> None:
    target = Target(num_qubits=1)
    target.add_instruction(XGate(), {(0,): None})
    target.add_instruction(Delay(1), {(0,): None})
    target.add_instruction(Measure(), {(0,): None})
    noise = DeviceNoise(target)
    assert noise.after("x", (0,)) is None
    assert noise.after("y", (0,)) is None
    assert noise.while_idle(1000, "s", 0) is None
    assert noise.before_readout("measure", 0) is None
