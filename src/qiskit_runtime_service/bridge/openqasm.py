"""Programs in OpenQASM: from a text to a circuit."""

import re

from qiskit import QuantumCircuit, QuantumRegister, qasm2, qasm3
from qiskit.exceptions import QiskitError
from returns.result import Failure, Result, Success

from ..records.problem import UnreadableValue

VERSION = re.compile(r"(?:\s|//[^\n]*\n|/\*.*?\*/)*OPENQASM\s+(\d)", re.DOTALL)


def read_openqasm(text: str, *, num_qubits: int = 0) -> Result[QuantumCircuit, UnreadableValue]:
    """Return the circuit of a program in OpenQASM 2 or 3.

    Args:
        text: The program. A physical qubit `$n` becomes qubit n.
        num_qubits: How wide the circuit of a program on physical qubits is at least.

    Fails with:
        UnreadableValue: It is not OpenQASM, or what reads OpenQASM 3 is not installed.

    Source: behaviour B244.
    """
    version = VERSION.match(text)
    if version is None:
        return _unreadable("it does not begin with OPENQASM 2.0; or OPENQASM 3.0;")
    if version[1] == "2":
        try:
            # No folder is searched: a program comes from anywhere, and includes what Qiskit itself has.
            legacy = qasm2.LEGACY_CUSTOM_INSTRUCTIONS
            return Success(qasm2.loads(text, include_path=(), custom_instructions=legacy))
        except QiskitError as error:
            return _unreadable(error.message)
    return _read_version_3(text).map(lambda circuit: _widened(circuit, num_qubits))


def _read_version_3(text: str) -> Result[QuantumCircuit, UnreadableValue]:
    try:
        from openqasm3.parser import QASM3ParsingError
    except ImportError:
        return _unreadable("reading OpenQASM 3 takes the package qiskit-qasm3-import")
    try:
        return Success(qasm3.loads(text))
    except (QiskitError, QASM3ParsingError) as error:
        # The parser says nothing where the grammar is not met; the text of an error of Qiskit stands in quotes.
        words = error.message if isinstance(error, QiskitError) else str(error)
        return _unreadable(words or "it is not OpenQASM 3")


def _widened(circuit: QuantumCircuit, num_qubits: int) -> QuantumCircuit:
    if circuit.layout is None or circuit.num_qubits >= num_qubits:
        return circuit
    wide = QuantumCircuit(QuantumRegister(num_qubits, "q"), circuit.clbits, *circuit.cregs, name=circuit.name)
    wide.compose(circuit, wide.qubits[: circuit.num_qubits], circuit.clbits, inplace=True)
    return wide


def _unreadable(reason: str) -> Failure[UnreadableValue]:
    return Failure(UnreadableValue(tag="OpenQASM", reason=reason.rstrip(".")))
