"""Circuits in files: OpenQASM 2, OpenQASM 3 and QPY, told apart by how they begin."""

import io
from pathlib import Path

import click
from qiskit import QuantumCircuit, qpy
from qiskit.exceptions import QiskitError
from returns.result import Success

from ..bridge.openqasm import read_openqasm
from ..bridge.qpy_bounds import NEWEST, OLDEST
from ..bridge.qpy_delays import read_delays
from ..bridge.typed_json import decode_circuits
from ..core.messages import describe

QPY_BEGIN = b"QISKIT"


def read_circuits(data: bytes, name: str) -> list[QuantumCircuit]:
    """Return the circuits of a file, each with measurements: all qubits are measured where none is.

    Raises a `ClickException` that names the file for one that holds no circuit.
    """
    try:
        if data.startswith(QPY_BEGIN) and len(data) > len(QPY_BEGIN):
            circuits = read_qpy(data)
        else:
            circuits = [read_program(data.decode())]
            circuits[0].name = Path(name).stem
        if not circuits:
            raise ValueError("it holds no circuit")
    except (QiskitError, ValueError) as error:
        raise click.ClickException(f"{name} cannot be read: {error}\nGive OpenQASM 2, OpenQASM 3 or QPY.") from error
    return [circuit if circuit.num_clbits else circuit.measure_all(inplace=False) for circuit in circuits]


def read_qpy(data: bytes) -> list[QuantumCircuit]:
    """Return the circuits of a file of QPY, or raise a `ValueError`.

    Versions that the service does not speak are left to Qiskit, which knows those that are older or newer.

    Source: behaviour B357.
    """
    if not OLDEST <= data[len(QPY_BEGIN)] <= NEWEST:
        return read_other_qpy(data)
    read = decode_circuits(data)
    if not isinstance(read, Success):
        raise ValueError(describe(read.failure()).line.rstrip("."))
    circuits: list[QuantumCircuit] = read.unwrap()
    return circuits


def read_other_qpy(data: bytes) -> list[QuantumCircuit]:
    """Return circuits as Qiskit reads them, or raise a `ValueError`."""
    try:
        circuits: list[QuantumCircuit] = [*map(read_delays, qpy.load(io.BytesIO(data)))]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a reader in Rust panics, which is no `Exception`
        raise ValueError(f"{type(error).__name__}: {error}") from error
    return circuits


def read_program(text: str) -> QuantumCircuit:
    """Return the circuit of a program in OpenQASM, or raise a `ValueError`."""
    read = read_openqasm(text)
    match read:
        case Success(circuit):
            return circuit
        case _:
            raise ValueError(read.failure().reason)
