"""Quantum programs as clients send them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager
from samplomatic import build
from samplomatic.quantum_program import SamplexItem
from samplomatic.transpiler import generate_boxing_pass_manager

SAMPLES = Path(__file__).parents[1] / "programs" / "samples"
"""What IBM's client 0.51 sent, one file for each kind of program."""


def sample(name: str) -> bytes:
    """Return the params of a recorded submission."""
    return json.dumps(json.loads((SAMPLES / f"{name}_request.json").read_text())["params"]).encode()


def ghz(width: int, backend: Any) -> QuantumCircuit:
    """Return a measured GHZ state on the first qubits of a device, as it can run it."""
    circuit = QuantumCircuit(width)
    circuit.h(0)
    for qubit in range(width - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    layout = list(range(width))
    return generate_preset_pass_manager(1, backend, initial_layout=layout, seed_transpiler=1).run(circuit)


def twirled(circuit: QuantumCircuit, shape: tuple[int, ...], **boxing: Any) -> SamplexItem:
    """Return a circuit as an item of randomizations."""
    template, samplex = build(generate_boxing_pass_manager(**boxing).run(circuit))
    return SamplexItem(template, samplex, shape=shape)


def untwirl(item: Any, register: str = "meas") -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return the bits of a register as they were before they were flipped."""
    bits: np.ndarray[Any, np.dtype[np.bool_]] = item[register] ^ item[f"measurement_flips.{register}"]
    return bits
