"""One submission by IBM's client, unmodified. Runs in the environment of that client, not in ours.

Reads `{"base", "key", "crn"}` from standard input: the URL of the door, an API key, and a CRN. Prints how many jobs the
client knows of afterwards: 1, or 0 if it raised.
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
from qiskit_ibm_runtime.exceptions import IBMError  # noqa: E402  # the lines before must come first

logging.disable(logging.CRITICAL)
service = QiskitRuntimeService(token=GIVEN["key"], url_resolver=lambda *_: f"{BASE}/api/v1", instance=GIVEN["crn"])
backend = service.backend("ibm_emu5")
circuit = QuantumCircuit(backend.num_qubits)
circuit.x(0)
circuit.measure_all()
try:
    SamplerV2(mode=backend).run([circuit], shots=1)
    print(json.dumps(1))
except IBMError:
    print(json.dumps(0))
