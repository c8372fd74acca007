"""What `Neat` of a package finds for PUBs of a device, and what comes of reckoning with it.

Runs in the environment of IBM's client, asked about by `{"package": "qiskit_ibm_runtime"}` on standard input, and in
ours.
"""

import json
import math
import sys
import warnings
from importlib import import_module
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives.containers import DataBin, PubResult
from qiskit.quantum_info import SparsePauliOp

DEVICE = "FakeManilaV2"


def entangled(turn: float | Parameter) -> QuantumCircuit:
    """Return a circuit of the device: three qubits, the middle of them turned about Z."""
    circuit = QuantumCircuit(3)
    circuit.sx([0, 1, 2])
    circuit.rz(turn, 1)
    circuit.cx(0, 1)
    circuit.sx(1)
    circuit.cx(1, 2)
    circuit.rz(math.pi / 2, 2)
    circuit.x(0)
    return circuit


def clifford_pubs() -> list[Any]:
    """Return three PUBs of Clifford circuits: one observable, an array of them, and an array of angles too."""
    mixed = SparsePauliOp(["IIY", "XZI", "ZYY", "XXX"], [0.5, -1.25, 2.0, 0.25])
    angles = [[0.0], [math.pi / 2], [math.pi], [-math.pi / 2]]
    return [
        (entangled(math.pi / 2), mixed),
        (entangled(-math.pi / 2), [["XZY", "YXI"], ["ZYI", "XXX"], ["IIY", "YXY"]]),
        (entangled(Parameter("turn")), [["ZXX"], ["IIY"], [mixed]], angles),
    ]


def noisy_pub() -> Any:
    """Return a PUB of a Clifford circuit with many gates, whose last value is 0 with noise and without."""
    circuit = entangled(math.pi / 2)
    for _ in range(6):
        circuit.cx(0, 1)
        circuit.cx(1, 2)
        circuit.cx(1, 2)
        circuit.cx(0, 1)
    return circuit, ["IIY", "XZI", "XZY", "YXI", "YXY", "ZYI", "ZYY", "XXX"]


def other_pubs() -> list[Any]:
    """Return PUBs of circuits that are no Clifford circuits."""
    return [(entangled(0.4), "ZZI"), (entangled(2.1), ["XXX", "ZYX"]), (entangled(3.9), "IZZ")]


def steps_of(circuit: QuantumCircuit) -> list[Any]:
    """Write down the instructions of a circuit."""
    return [
        [step.name, [circuit.find_bit(qubit).index for qubit in step.qubits], [float(x) for x in step.operation.params]]
        for step in circuit.data
    ]


def answer(package: str) -> dict[str, Any]:
    """Return values without and with noise, Clifford circuits, and sums, by what they are."""
    warnings.simplefilter("ignore")
    tools = import_module(f"{package}.debug_tools")
    neat = tools.Neat(getattr(import_module(f"{package}.fake_provider"), DEVICE)())
    one, other = tools.NeatPubResult([[1.5, -2.0], [0.25, 4.0]]), tools.NeatPubResult([[2.0, 0.5], [-1.0, 8.0]])
    ran: Any = PubResult(DataBin(evs=np.array([[0.5, 0.25], [2.0, -4.0]]), shape=(2, 2)))
    sums = {
        "one + other": one + other, "one - other": one - other, "one * other": one * other, "one / other": one / other,
        "one + 2": one + 2, "2 + one": 2 + one, "one - 2": one - 2, "2 - one": 2 - one, "one * 3": one * 3,
        "3 * one": 3 * one, "one / 4": one / 4, "4 / one": 4 / one, "one ** 2": one**2, "abs(one)": abs(one),
        "one + ran": one + ran, "ran + one": ran + one, "one - ran": one - ran, "ran - one": ran - one,
        "one * ran": one * ran, "ran * one": ran * one, "one / ran": one / ran, "ran / one": ran / one,
    }  # fmt: skip
    return {
        "ideal": [result.vals.tolist() for result in neat.ideal_sim(clifford_pubs())],
        "ideal of others": [result.vals.tolist() for result in neat.ideal_sim(other_pubs(), cliffordize=True)],
        "noisy": neat.noisy_sim([noisy_pub()], seed_simulator=5, precision=0.005)[0].vals.tolist(),
        "circuits": [steps_of(pub.circuit) for pub in neat.to_clifford(other_pubs())],
        "sums": {name: result.vals.tolist() for name, result in sums.items()},
    }


if __name__ == "__main__":
    print(json.dumps(answer(json.load(sys.stdin)["package"])))
