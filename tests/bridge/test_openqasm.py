"""Programs in OpenQASM: what becomes of them, and what is said of those that are none."""

import subprocess
import sys

import pytest
from qiskit import QuantumCircuit, qasm2, qasm3
from returns.result import Failure

from qiskit_runtime_service.bridge.openqasm import read_openqasm

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


def test_without_its_reader_openqasm_3_says_what_it_takes() -> None:
    code = (
        "import sys; sys.modules['openqasm3'] = None\n"
        "from qiskit_runtime_service.bridge.openqasm import read_openqasm\n"
        "print(read_openqasm('OPENQASM 3.0;').failure().reason)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "reading OpenQASM 3 takes the package qiskit-qasm3-import\n"
