"""Circuits in files: OpenQASM 2, OpenQASM 3 and QPY, told apart by how they begin."""

import io
from pathlib import Path

import click
from qiskit import QuantumCircuit, qpy
from qiskit.exceptions import QiskitError
from returns.result import Success

from ..bridge.openqasm import read_openqasm
from ..bridge.qpy_delays import read_delays

QPY_BEGIN = b"QISKIT"


def read_circuits(data: bytes, name: str) -> list[QuantumCircuit]:
    """Return the circuits of a file, each with measurements: all qubits are measured where none is.

    Raises a `ClickException` that names the file for one that holds no circuit.
    """
    try:
        if data.startswith(QPY_BEGIN):
            circuits = [*map(read_delays, qpy.load(io.BytesIO(data)))]
        else:
            circuits = [read_program(data.decode())]
            circuits[0].name = Path(name).stem
        if not circuits:
            raise ValueError("it holds no circuit")
    except (QiskitError, ValueError) as error:
        raise click.ClickException(f"{name} cannot be read: {error}\nGive OpenQASM 2, OpenQASM 3 or QPY.") from error
    return [circuit if circuit.num_clbits else circuit.measure_all(inplace=False) for circuit in circuits]


def read_program(text: str) -> QuantumCircuit:
    """Return the circuit of a program in OpenQASM, or raise a `ValueError`."""
    read = read_openqasm(text)
    match read:
        case Success(circuit):
            return circuit
        case _:
            raise ValueError(read.failure().reason)
