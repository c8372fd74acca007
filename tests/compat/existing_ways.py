"""One way to lead IBM's client to an emulated cloud. Runs in the environment of that client, not in ours.

Reads `{"way", "base", "key", "crn"}`, and more `"variables"` if need be, from standard input and prints the names of
the backends and the shots of a job.
"""

import json
import os
import sys
from typing import Any

GIVEN = json.load(sys.stdin)
BASE = GIVEN["base"]
PORT = BASE.rpartition(":")[2]
WAYS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "variables and a resolver": (
        {"IAM_URL": BASE, "GLOBAL_SEARCH_URL": BASE, "GLOBAL_CATALOG_URL": f"{BASE}/api/v1"},
        {"url_resolver": lambda *_: f"{BASE}/api/v1"},
    ),
    "an experimental URL": (
        {"IAM_URL": BASE, "QISKIT_FUNCTIONS_EXPERIMENTAL": "1"},
        {"url": f"{BASE}/experimental/api/v1"},
    ),
    "a proxy": (
        {"IAM_URL": "http://iam.emu.test"},
        {"url": "http://emu.test", "proxies": {"urls": {"http": f"http://127.0.0.1:{PORT}"}}},
    ),
}
VARIABLES, ARGUMENTS = WAYS[GIVEN["way"]]
os.environ.update(VARIABLES | GIVEN.get("variables", {}))

from qiskit import QuantumCircuit  # noqa: E402  # the environment is read when these are loaded
from qiskit_ibm_runtime import QiskitRuntimeService, SamplerV2  # noqa: E402  # the lines before must come first


def main() -> None:
    """Go this way."""
    service = QiskitRuntimeService(token=GIVEN["key"], instance=GIVEN["crn"], **ARGUMENTS)
    names = [backend.name for backend in service.backends()]
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    job = SamplerV2(mode=service.backend(names[0])).run([circuit], shots=5)
    print(json.dumps([names, job.result()[0].data.meas.num_shots]))


if __name__ == "__main__":
    main()
