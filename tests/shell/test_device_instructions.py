"""Instructions that only devices have, from the circuit of a user to the counts, on a cloud and in this process."""

import copy
import pickle
from typing import Any

import msgspec
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Gate, Instruction
from qiskit.circuit.exceptions import CircuitError

from qiskit_runtime_service import IBMBackend, SamplerV2
from qiskit_runtime_service.circuit import MeasureReset, MidCircuitMeasure, MidCircuitReset, XSlowGate
from qiskit_runtime_service.emulator.world import Device
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.shell.snapshot_backend import SnapshotBackend
from qiskit_runtime_service.testing import line_device, one_instance

from .clouds import open_service

KINDS: list[Any] = [MidCircuitMeasure, MidCircuitReset, MeasureReset, XSlowGate]


def device_with_all() -> Device:
    """Return a device of two qubits that has each instruction on each qubit, and no calibration: it makes no errors."""
    device = line_device("ibm_all", 2)
    told = msgspec.json.decode(device.configuration or b"{}")
    told["gates"].append({"name": "xslow", "parameters": [], "qasm_def": None, "coupling_map": [[0], [1]]})
    told["basis_gates"].append("xslow")
    told["instruction_signatures"] = [
        {"name": name, "num_qubits": 1, "num_clbits": bits, "parameters": []}
        for name, bits in (("measure_2", 1), ("reset_2", 0), ("measure_reset", 1))
    ]
    return msgspec.structs.replace(device, configuration=msgspec.json.encode(told), properties=b"{}")


def on_a_cloud() -> IBMBackend:
    service, _ = open_service(one_instance(devices=[device_with_all()]))
    return service.backend("ibm_all")


def in_this_process() -> SnapshotBackend:
    return SnapshotBackend("ibm_all", on_a_cloud().descriptions())


def walked() -> QuantumCircuit:
    """Return a circuit that reads 1, then 0 after the reset that read it, 1, and 0 after the other reset."""
    circuit = QuantumCircuit(1, 4)
    circuit.append(XSlowGate(), [0])
    circuit.append(MeasureReset(), [0], [0])
    circuit.append(MidCircuitMeasure(), [0], [1])
    circuit.append(XSlowGate(), [0])
    circuit.append(MidCircuitMeasure(label="third"), [0], [2])
    circuit.append(MidCircuitReset(), [0])
    circuit.measure(0, 3)
    return circuit


@pytest.mark.holds("B424", "B425")
@pytest.mark.parametrize("place", [on_a_cloud, in_this_process])
def test_each_does_what_it_is_for(place: Any) -> None:
    job = SamplerV2(place()).run([walked()], shots=50)
    assert job.result()[0].data.c.get_counts() == {"0101": 50}


@pytest.mark.holds("B425")
def test_they_are_the_same_in_branches() -> None:
    circuit = QuantumCircuit(1, 2)
    circuit.x(0)
    circuit.append(MidCircuitMeasure(), [0], [0])
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.append(MeasureReset(), [0], [1])
    circuit.append(MidCircuitMeasure(), [0], [0])
    job = SamplerV2(in_this_process()).run([circuit], shots=50)
    assert job.result()[0].data.c.get_counts() == {"10": 50}


@pytest.mark.parametrize("kind", KINDS)
def test_a_device_that_does_not_have_one_refuses_it(kind: Any) -> None:
    service, cloud = open_service(one_instance(devices=[line_device("ibm_plain", 2)]))
    made = kind()
    circuit = QuantumCircuit(1, 1)
    circuit.append(made, [0], list(range(made.num_clbits)))
    backend = service.backend("ibm_plain")
    with pytest.raises(IBMInputValueError, match=f"{made.name!r} on qubit 0 is not supported"):
        SamplerV2(backend).run([circuit])
    assert not [
        exchange for exchange in cloud.ledger if exchange.request.method == "POST" and "jobs" in exchange.request.url
    ]


@pytest.mark.holds("B424")
@pytest.mark.parametrize(
    ("made", "shape"),
    [
        (MidCircuitMeasure(), ("measure_2", 1, 1, None)),
        (MidCircuitMeasure("measure_3", label="a"), ("measure_3", 1, 1, "a")),
        (MidCircuitReset(), ("reset_2", 1, 0, None)),
        (MidCircuitReset("reset_3", "b"), ("reset_3", 1, 0, "b")),
        (MeasureReset(), ("measure_reset", 1, 1, None)),
        (MeasureReset(name="measure_reset_2", label="c"), ("measure_reset_2", 1, 1, "c")),
        (XSlowGate(), ("xslow", 1, 0, None)),
    ],
    ids=repr,
)
def test_each_is_an_instruction_of_qiskit(made: Instruction, shape: tuple[Any, ...]) -> None:
    assert (made.name, made.num_qubits, made.num_clbits, made.label) == shape
    assert made.params == []
    assert made.definition is None
    assert isinstance(made, Gate) == (made.name == "xslow")
    assert made == made.copy() == copy.deepcopy(made) == pickle.loads(pickle.dumps(made))  # noqa: S301  # our own bytes
    with pytest.raises(CircuitError, match="not implemented"):
        made.inverse()


@pytest.mark.holds("B424")
@pytest.mark.parametrize(
    ("kind", "name", "beginning"),
    [
        (MidCircuitMeasure, "measure", "measure_"),
        (MidCircuitMeasure, "reset_2", "measure_"),
        (MidCircuitReset, "reset", "reset_"),
        (MeasureReset, "measure_2", "measure_reset"),
        (MeasureReset, "", "measure_reset"),
    ],
)
def test_a_name_that_begins_otherwise_is_refused(kind: Any, name: str, beginning: str) -> None:
    with pytest.raises(ValueError, match=f"{name!r}. The provided name must start with `{beginning}`"):
        kind(name)
