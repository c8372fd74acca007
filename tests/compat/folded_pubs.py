"""PUBs whose parameters lead `rzz` beyond its bounds, folded by a client, and written down as JSON.

    python tests/compat/folded_pubs.py < names.json

Run it where the client is installed whose package is named.
"""

import json
import math
import sys
import warnings
from importlib import import_module
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

VALUES = {
    "one": [[0.5], [2.0], [-1.0], [4.0], [7.0]],
    "alike": [[-0.1], [-0.2]],
    "over": [[4.0]],
    "within": [[0.0], [0.7]],
    "turned": [[0.3], [-math.pi], [math.pi], [100.0]],
}


def circuits() -> dict[str, QuantumCircuit]:
    """Return a circuit with one angle, and one with expressions of it."""
    angle = Parameter("angle")
    plain, more = QuantumCircuit(2), QuantumCircuit(3)
    plain.rzz(angle, 0, 1)
    more.rzz(angle, 0, 1)
    more.rzz(2 * angle + 0.1, 2, 1)
    more.rzz(0.25, 0, 2)
    more.rx(angle, 1)
    return {"plain": plain, "more": more}


def told(pub: Any) -> dict[str, Any]:
    """Return gates with their angles and qubits, and the values of the parameters that a PUB was given."""
    gates = [
        [step.name, [str(angle) for angle in step.params], [pub.circuit.find_bit(bit).index for bit in step.qubits]]
        for step in pub.circuit.data
    ]
    values = {
        name: array.ravel().round(9).tolist()
        for (name, *_), array in pub.parameter_values.data.items()
        if name.startswith("rzz_")
    }
    return {"gates": gates, "values": values}


def main(package: str) -> dict[str, Any]:
    """Fold each circuit with all values, for a sampler and for an estimator."""
    warnings.simplefilter("ignore")
    client = import_module(package)
    backend = import_module(f"{package}.fake_provider").FakeFractionalBackend()
    fold = import_module(f"{package}.transpiler.passes.basis.fold_rzz_angle").convert_to_rzz_valid_pub
    sampler, estimator = client.SamplerV2(backend), client.EstimatorV2(backend)
    return {
        f"{name}, {kind}": [
            told(fold(sampler, (circuit, values))),
            told(fold(estimator, (circuit, "Z" * circuit.num_qubits, values))),
        ]
        for name, circuit in circuits().items()
        for kind, values in VALUES.items()
    }


if __name__ == "__main__":
    print(json.dumps(main(json.load(sys.stdin))))
