"""Programs in OpenQASM: from a text to a circuit."""

import re
from typing import Any, Final

from qiskit import QuantumCircuit, QuantumRegister, qasm2, qasm3
from qiskit.circuit import CircuitInstruction, Gate, Operation, ParameterExpression
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Operator
from returns.result import Failure, Result, Success

from ..records.problem import UnreadableValue
from .ledger import BIT, INSTRUCTION, Ledger, too_large

VERSION = re.compile(r"(?:\s|//[^\n]*\n|/\*.*?\*/)*OPENQASM\s+(\d)", re.DOTALL)
STEPS_OF_TEXT = {"2": 0.5, "3": 20.0}
"""How long its parser takes for one character, by the version; that of OpenQASM 3 is written in Python."""

_WHOLE: Final = re.compile(r"(?<![\w.])(?:\d[\d_]*|0[xXoObB]\w+)(?![\w.])|\$(\d+)")
"""Whole numbers, of which some are sizes, and the numbers of physical qubits."""
_REGISTER: Final = re.compile(r"\b(?:[qc]reg\s+(\w+)\s*\[([^\]]*)|(?:qu)?bit\s*\[([^\]]*)\]\s*(\w+))")
"""A register: its name and size in OpenQASM 2, or its size and name in OpenQASM 3."""
_NAME: Final = re.compile(r"\b[^\W\d]\w*\b(?!\s*\[)")
"""A name without an index."""
_DIGITS = 20
"""Of a number that is larger than any limit."""
_LONGEST_MEANING = 20
"""How many instructions say what a gate means that is one of Qiskit's own."""


def pay_for_openqasm(text: str, ledger: Ledger) -> None:
    """Pay for a program before it is read: for its text, its bits, and what it does to whole registers.

    Raises:
        RefusedError: It cannot be paid.

    Source: behaviour B432.
    """
    version = VERSION.match(text)
    ledger.walk("OpenQASM", STEPS_OF_TEXT.get(version[1] if version else "", 1.0) * len(text))
    ledger.pay("instructions", INSTRUCTION, len(text))
    physical = 0
    for found in _WHOLE.finditer(text):
        size = _size(found[1] or found[0])
        if size > ledger.limits.qubits:
            raise too_large("a number in OpenQASM", size, ledger.limits.qubits, "qubits")
        physical = max(physical, size) if found[1] else physical
    registers = {
        name or later: _size(size or later_size, ledger.limits.qubits)
        for name, size, later_size, later in _REGISTER.findall(text)
    }
    ledger.pay("qubits and bits", BIT, physical + sum(registers.values()))
    # An instruction on a register without an index is one on each of its bits.
    uses = sum(registers.get(name, 0) for name in _NAME.findall(text)) if registers else 0
    ledger.pay("instructions on whole registers", INSTRUCTION, uses)


def _size(digits: str, otherwise: int = 10**_DIGITS) -> int:
    """Return a number that is written out; for an expression, or one that is longer than any, `otherwise`."""
    digits = digits.strip().replace("_", "")
    return int(digits) if digits.isdecimal() and len(digits) < _DIGITS else otherwise


def read_openqasm(text: str, *, num_qubits: int = 0) -> Result[QuantumCircuit, UnreadableValue]:
    """Return the circuit of a program in OpenQASM 2 or 3.

    A gate that the program defines as Qiskit's gate of that name is the gate itself, so that a device knows it.

    Args:
        text: The program. A physical qubit `$n` becomes qubit n.
        num_qubits: How wide the circuit of a program on physical qubits is at least.

    Fails with:
        UnreadableValue: It is not OpenQASM, or what reads OpenQASM 3 is not installed.

    Source: behaviour B244, B431.
    """
    version = VERSION.match(text)
    if version is None:
        return _unreadable("it does not begin with OPENQASM 2.0; or OPENQASM 3.0;")
    if version[1] == "2":
        try:
            # No folder is searched: a program comes from anywhere, and includes what Qiskit itself has.
            legacy = qasm2.LEGACY_CUSTOM_INSTRUCTIONS
            return Success(_with_known_gates(qasm2.loads(text, include_path=(), custom_instructions=legacy), {}))
        except QiskitError as error:
            return _unreadable(error.message)
    return _read_version_3(text).map(lambda circuit: _widened(circuit, num_qubits))


def _read_version_3(text: str) -> Result[QuantumCircuit, UnreadableValue]:
    try:
        from openqasm3.parser import QASM3ParsingError
    except ImportError:
        return _unreadable("reading OpenQASM 3 takes the package qiskit-qasm3-import")
    try:
        return Success(_with_known_gates(qasm3.loads(text), {}))
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


def _with_known_gates(circuit: QuantumCircuit, known: dict[tuple[str, ...], Gate | None]) -> QuantumCircuit:
    """Return the circuit with Qiskit's own gates in the place of those that are defined alike, in blocks too.

    `known` has what was found before, by the name and the parameters of a gate.
    """
    for index, step in enumerate(circuit.data):
        operation = _known_operation(step, known)
        if operation is not None:
            circuit.data[index] = step.replace(operation=operation)
    return circuit


def _known_operation(step: CircuitInstruction, known: dict[tuple[str, ...], Gate | None]) -> Operation | None:
    operation: Any = step.operation
    if step.is_control_flow():
        return operation.replace_blocks([_with_known_gates(block, known) for block in operation.blocks])
    if step.is_standard_gate() or not isinstance(operation, Gate):
        return None
    key = (operation.name, *map(str, operation.params))
    if key not in known:
        known[key] = _known_gate(operation)
    return known[key]


def _known_gate(gate: Gate) -> Gate | None:
    """Return Qiskit's gate of the same name, if it means the same."""
    standard = get_standard_gate_name_mapping().get(gate.name)
    if not isinstance(standard, Gate) or standard.num_qubits != gate.num_qubits:
        return None
    definition = gate.definition
    if len(standard.params) != len(gate.params) or definition is None or len(definition.data) > _LONGEST_MEANING:
        return None
    if not all(step.is_standard_gate() for step in definition.data):
        return None
    values = {parameter: 0.3 + index for index, parameter in enumerate(definition.parameters)}
    angles = [_bound(angle, values) for angle in gate.params]
    alike = Operator(definition.assign_parameters(values)).equiv(Operator(standard.base_class(*angles)))
    return standard.base_class(*gate.params) if alike else None


def _bound(angle: Any, values: dict[Any, float]) -> float:
    return float(angle.bind(values, allow_unknown_parameters=True) if isinstance(angle, ParameterExpression) else angle)


def _unreadable(reason: str) -> Failure[UnreadableValue]:
    return Failure(UnreadableValue(tag="OpenQASM", reason=reason.rstrip(".")))
