"""What the local mode of IBM's client tells of its devices. Runs in the environment of that client, not in ours.

Reads nothing, and prints `{"physical_qubits", "dynamic"}`: the qubits of each chip by device, where they are told, and
which devices have dynamic circuits.
"""

import json
import logging

from qiskit_ibm_runtime import QiskitRuntimeService

logging.disable(logging.CRITICAL)
service = QiskitRuntimeService(channel="local")
chips = {backend.name: backend.physical_qubits for backend in service.backends()}
told = {
    "physical_qubits": {name: count for name, count in chips.items() if count is not None},
    "dynamic": sorted(backend.name for backend in service.backends(dynamic_circuits=True)),
}
print(json.dumps(told))
