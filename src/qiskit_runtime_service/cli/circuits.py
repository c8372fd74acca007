"""Circuits in files: OpenQASM 2, OpenQASM 3 and QPY, told apart by how they begin."""

import io
import re
from pathlib import Path

import click
from qiskit import QuantumCircuit, qasm2, qasm3, qpy
from qiskit.exceptions import QiskitError

QPY_BEGIN = b"QISKIT"
VERSION = re.compile(r"(?:\s|//[^\n]*\n|/\*.*?\*/)*OPENQASM\s+(\d)", re.DOTALL)


def read_circuits(data: bytes, name: str) -> list[QuantumCircuit]:
    """Return the circuits of a file, each with measurements: all qubits are measured where none is.

    Raises a `ClickException` that names the file for one that holds no circuit.
    """
    try:
        if data.startswith(QPY_BEGIN):
            circuits = qpy.load(io.BytesIO(data))
        else:
            circuits = [read_text(data.decode())]
            circuits[0].name = Path(name).stem
        if not circuits:
            raise ValueError("it holds no circuit")
    except (QiskitError, ValueError) as error:
        raise click.ClickException(f"{name} cannot be read: {error}\nGive OpenQASM 2, OpenQASM 3 or QPY.") from error
    return [circuit if circuit.num_clbits else circuit.measure_all(inplace=False) for circuit in circuits]


def read_text(text: str) -> QuantumCircuit:
    """Return the circuit of a program in OpenQASM.

    Raises a `ValueError` or a `QiskitError` for one that cannot be read.
    """
    version = VERSION.match(text)
    if version is None:
        raise ValueError("it does not begin with OPENQASM 2.0; or OPENQASM 3.0;")
    if version[1] == "2":
        return qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    return read_qasm3(text)


def read_qasm3(text: str) -> QuantumCircuit:
    """Return the circuit of a program in OpenQASM 3; a `ValueError` has what its parser says."""
    from openqasm3.parser import QASM3ParsingError

    try:
        return qasm3.loads(text)
    except QASM3ParsingError as error:
        raise ValueError(str(error)) from error
