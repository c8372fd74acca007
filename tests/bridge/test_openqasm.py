"""Programs in OpenQASM: what becomes of them, and what is said of those that are none."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit, qasm2, qasm3
from qiskit.circuit.library import ECRGate, RZZGate
from qiskit.quantum_info import Operator
from returns.result import Failure

from qiskit_runtime_service.bridge.ledger import DecodeLimits, Ledger, RefusedError
from qiskit_runtime_service.bridge.openqasm import pay_for_openqasm, read_openqasm

PHYSICAL = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nbit[2] c;\nx $2;\nc[0] = measure $2;\nc[1] = measure $0;\n'


def bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


@pytest.mark.holds("B244")
@pytest.mark.parametrize("text", [qasm2.dumps(bell()), qasm3.dumps(bell()), f"// a\n/* b\n*/ {qasm3.dumps(bell())}"])
def test_a_circuit_comes_back_from_its_program(text: str) -> None:
    assert read_openqasm(text).unwrap() == bell()


@pytest.mark.holds("B244")
@pytest.mark.parametrize(("wanted", "width"), [(0, 3), (3, 3), (5, 5)])
def test_a_physical_qubit_keeps_its_number_and_the_circuit_has_room_for_others(wanted: int, width: int) -> None:
    circuit = read_openqasm(PHYSICAL, num_qubits=wanted).unwrap()
    places = [[circuit.find_bit(qubit).index for qubit in instruction.qubits] for instruction in circuit.data]
    assert (circuit.num_qubits, places) == (width, [[2], [2], [0]])
    assert [(register.name, len(register)) for register in circuit.cregs] == [("c", 2)]


def test_a_program_on_qubits_of_its_own_stays_as_wide_as_it_says() -> None:
    assert read_openqasm(qasm3.dumps(bell()), num_qubits=5).unwrap().num_qubits == 2


ECR = "gate ecr a, b { s a; sx b; cx a, b; x a; } "
RZZ = "gate rzz(p) a, b { cx a, b; rz(p) b; cx a, b; } "
HEAD = {2: 'OPENQASM 2.0; include "qelib1.inc"; ', 3: 'OPENQASM 3.0; include "stdgates.inc"; '}


@pytest.mark.holds("B431")
@pytest.mark.parametrize("version", [2, 3])
def test_a_gate_that_is_defined_as_qiskits_is_qiskits(version: int) -> None:
    declared = "qreg q[2]; creg c[1]; "
    circuit = read_openqasm(HEAD[version] + ECR + declared + "ecr q[0], q[1]; ecr q[1], q[0];").unwrap()
    assert [step.operation.base_class for step in circuit.data] == [ECRGate] * 2
    assert [[circuit.find_bit(qubit).index for qubit in step.qubits] for step in circuit.data] == [[0, 1], [1, 0]]


@pytest.mark.holds("B431")
def test_a_gate_with_parameters_keeps_them_and_one_in_a_branch_is_found() -> None:
    text = f"{HEAD[3]}{RZZ}{ECR}input float[64] turn; bit[1] c; rzz(turn / 2) $0, $1; if (c[0]) {{ ecr $0, $1; }}"
    circuit = read_openqasm(text).unwrap()
    turned, branch = circuit.data
    assert turned.operation.base_class is RZZGate
    assert [parameter.name for parameter in circuit.parameters] == ["turn"]
    assert circuit.assign_parameters([1.0]).data[0].operation.params == [0.5]
    assert [step.operation.base_class for step in branch.operation.blocks[0].data] == [ECRGate]


@pytest.mark.holds("B431")
@pytest.mark.parametrize(
    "definition",
    [
        "gate ecr a, b { cx a, b; }",
        "gate ecr a { x a; }",
        "gate ecr(p) a, b { rz(p) a; }",
        "gate mine a, b { cx a, b; }",
    ],
)
def test_a_gate_that_means_something_else_stays_what_was_written(definition: str) -> None:
    name = definition.split()[1].partition("(")[0]
    use = {"ecr a {": "ecr $0;", "ecr(p)": "ecr(1) $0, $1;"}
    call = next((call for begin, call in use.items() if begin in definition), f"{name} $0, $1;")
    circuit = read_openqasm(f"{HEAD[3]}{definition} {call}").unwrap()
    assert not circuit.data[0].is_standard_gate()
    assert circuit.data[0].name == name


@pytest.mark.holds("B431")
@given(st.floats(-10, 10))
def test_what_a_program_does_is_the_same_with_gates_of_qiskit(angle: float) -> None:
    written = QuantumCircuit(2)
    written.ecr(0, 1)
    written.rzz(angle, 0, 1)
    read = read_openqasm(qasm3.dumps(written)).unwrap()
    assert [step.operation.base_class for step in read.data] == [ECRGate, RZZGate]
    assert Operator(read).equiv(Operator(written))


@pytest.mark.holds("B432")
@pytest.mark.parametrize(
    ("text", "instructions"),
    [
        ("OPENQASM 3.0; qubit[100] q; x q; x q;", 300),
        ("OPENQASM 2.0; qreg q[100]; creg c[50]; measure q -> c;", 150),
        ("OPENQASM 3.0; qubit[100] q; x q[0]; x q [1];", 100),
        ("OPENQASM 3.0; x $99;", 0),
    ],
)
def test_an_instruction_on_a_whole_register_costs_one_for_each_bit(text: str, instructions: int) -> None:
    bits = {"$99": 99, "creg c[50]": 150}
    bit = next((count for part, count in bits.items() if part in text), 100)
    needed = 100 * len(text) + 300 * bit + 100 * instructions
    pay_for_openqasm(text, Ledger(DecodeLimits(memory=needed)))
    with pytest.raises(RefusedError):
        pay_for_openqasm(text, Ledger(DecodeLimits(memory=needed - 1)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it does not begin with OPENQASM 2.0; or OPENQASM 3.0;"),
        ("x $0;", "it does not begin with OPENQASM 2.0; or OPENQASM 3.0;"),
        ("OPENQASM 2.0; qreg q[1]; nothing q[0];", "<input>:1,25: 'nothing' is not defined in this scope"),
        ("OPENQASM 3.0; nothing $0;", "1,14: gate 'nothing' is not defined"),
        ("OPENQASM 3.0; x $0", "it is not OpenQASM 3"),
        (
            'OPENQASM 2.0; include "pyproject.toml";',
            "<input>:1,22: unable to find 'pyproject.toml' in the include search path",
        ),
    ],
)
def test_what_is_no_program_says_why(text: str, reason: str) -> None:
    read = read_openqasm(text)
    assert isinstance(read, Failure)
    assert read.failure().reason == reason


@pytest.mark.takes_long
def test_without_its_reader_openqasm_3_says_what_it_takes() -> None:
    code = (
        "import sys; sys.modules['openqasm3'] = None\n"
        "from qiskit_runtime_service.bridge.openqasm import read_openqasm\n"
        "print(read_openqasm('OPENQASM 3.0;').failure().reason)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "reading OpenQASM 3 takes the package qiskit-qasm3-import\n"
