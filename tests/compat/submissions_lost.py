"""One submission on each of several ways by IBM's client, unmodified. Runs in the environment of that client, not ours.

Reads `{"base", "key", "crn", "gates"}` from standard input: the URL of the door, an API key, a CRN, and the parts of
paths that the ways begin with. Prints, by gate, how many jobs the client knows of afterwards: 1, or 0 if it raised.
"""

import json
import logging
import os
import sys

GIVEN = json.load(sys.stdin)
BASE = GIVEN["base"]
os.environ.update(IAM_URL=BASE, GLOBAL_SEARCH_URL=BASE, GLOBAL_CATALOG_URL=f"{BASE}/api/v1")

from qiskit import QuantumCircuit  # noqa: E402  # the environment is read when these are loaded
from qiskit_ibm_runtime import QiskitRuntimeService, SamplerV2  # noqa: E402  # the lines before must come first

logging.disable(logging.CRITICAL)


def submit_by(gate: str) -> int:
    """Submit a job, and return how many there are as far as the client knows."""
    service = QiskitRuntimeService(
        token=GIVEN["key"], url_resolver=lambda *_: f"{BASE}/{gate}/api/v1", instance=GIVEN["crn"]
    )
    backend = service.backend("ibm_emu5")
    circuit = QuantumCircuit(backend.num_qubits)
    circuit.x(0)
    circuit.measure_all()
    try:
        SamplerV2(mode=backend).run([circuit], shots=1)
    except Exception:  # noqa: BLE001  # whatever a client raises is its answer
        return 0
    return 1


print(json.dumps({gate: submit_by(gate) for gate in GIVEN["gates"]}))
