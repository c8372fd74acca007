"""What QPY has no form for is refused with its place, and what it has one for passes."""

from typing import Any

import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Annotation, Gate, Parameter
from qiskit.circuit.library import PauliEvolutionGate, XGate
from qiskit.quantum_info import SparsePauliOp
from returns.result import Failure, Success

from qiskit_runtime_service.bridge.qpy_form import check_form
from qiskit_runtime_service.bridge.typed_json import decode_value, encode_value
from qiskit_runtime_service.records.problem import NotExecutable

from .test_circuits import pubs_of

ROOM = 65502
"""Bytes of a name: two to the sixteen less one, less an underscore and 32 digits."""


class Note(Annotation):
    namespace = "tests.note"


def refusal(circuit: QuantumCircuit) -> NotExecutable:
    values = [0.5] * circuit.num_parameters
    result = check_form(pubs_of(QuantumCircuit(1), (circuit, values)))
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, NotExecutable)
    assert problem.pub == 1
    return problem


@pytest.mark.holds("B263")
def test_annotations_are_refused_also_inside() -> None:
    circuit = QuantumCircuit(3, 1)
    with circuit.if_test((circuit.clbits[0], 1)), circuit.box([Note()]):
        circuit.x(2)
    problem = refusal(circuit)
    assert problem.reason == "instruction 'box' on qubit 2 has an annotation, Note, that would not arrive as it is"
    assert problem.fix.startswith("Take the annotations off")
    plain = QuantumCircuit(3, 1)
    with plain.box(label="b"):
        plain.cx(2, 1)
    assert check_form(pubs_of(plain)) == Success(None)


@pytest.mark.holds("B263")
def test_pauli_evolutions_are_refused() -> None:
    circuit = QuantumCircuit(3)
    circuit.append(PauliEvolutionGate(SparsePauliOp("XX"), 0.5), [2, 0])
    problem = refusal(circuit)
    assert problem.reason == "instruction 'PauliEvolution' on qubits 2, 0 is a Pauli evolution, which is not read back"
    assert check_form(pubs_of(circuit.decompose())) == Success(None)


def of_circuit(name: str) -> QuantumCircuit:
    return QuantumCircuit(1, name=name)


def of_register(name: str) -> QuantumCircuit:
    return QuantumCircuit(QuantumRegister(1, "q"), ClassicalRegister(1, name))


def of_parameter(name: str) -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.rx(Parameter(name), 0)
    return circuit


def of_variable(name: str) -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.add_var(name, True)
    return circuit


def of_stretch(name: str) -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.add_stretch(name)
    return circuit


def of_label(name: str) -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.append(Gate("own", 1, [], label=name), [0])
    return circuit


def of_label_of_a_gate(name: str) -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.append(XGate(label=name), [0])
    return circuit


def of_label_of_a_barrier(name: str) -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.barrier(0, label=name)
    return circuit


def of_label_in_a_block(name: str) -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.append(XGate(label=name), [0])
    return circuit


def of_instruction(name: str) -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.append(Gate(name, 1, []), [0])
    return circuit


def of_inner_variable(name: str) -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.add_var(name, True)
    return circuit


def of_inner_label(name: str) -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    inner = QuantumCircuit(1, name="own")
    inner.append(Gate("inner", 1, [], label=name), [0])
    circuit.append(inner.to_gate(), [0])
    return circuit


@pytest.mark.holds("B263")
@pytest.mark.parametrize(
    ("build", "what"),
    [
        (of_circuit, "the name of a circuit"),
        (of_register, "the name of a register"),
        (of_parameter, "the name of a parameter"),
        (of_variable, "the name of a variable"),
        (of_stretch, "the name of a stretch"),
        (of_label, "a label"),
        (of_label_of_a_gate, "a label"),
        (of_label_of_a_barrier, "a label"),
        (of_label_in_a_block, "a label"),
        (of_instruction, "an instruction"),
        (of_inner_variable, "the name of a variable"),
        (of_inner_label, "a label"),
    ],
)
def test_names_are_as_long_as_there_is_room_for(build: Any, what: str) -> None:
    longest = build("é" * (ROOM // 2))
    assert check_form(pubs_of((longest, [0.5] * longest.num_parameters))) == Success(None)
    assert decode_value(encode_value(longest)).unwrap() == longest
    problem = refusal(build("é" * (ROOM // 2) + "x"))
    assert problem.reason == f"{what}, '{'é' * 40}'…, has {ROOM + 1} bytes, where QPY has room for {ROOM}"
    assert problem.fix == "Shorten the name"


@pytest.mark.holds("B263")
def test_names_are_made_of_characters() -> None:
    assert refusal(of_circuit("a\ud800")).reason == r"the name of a circuit, 'a\ud800', has characters that are none"
