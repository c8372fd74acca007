"""Asks for listings by ways on which one value is odd. Runs in the environment of IBM's client, not in ours.

Reads `{"base", "key", "crn", "gates"}` from standard input: the URL of the door, an API key, the CRN of an instance,
and what to list by which way. Prints an object from each way to the names that were listed, or to what was raised.
"""

import json
import os
import sys
from typing import Any

GIVEN = json.load(sys.stdin)
BASE = GIVEN["base"]
os.environ.update(IAM_URL=BASE, GLOBAL_SEARCH_URL=BASE, GLOBAL_CATALOG_URL=f"{BASE}/api/v1")

from qiskit_ibm_runtime import QiskitRuntimeService  # noqa: E402  # the environment is read when this is loaded


def names(gate: str, what: str) -> Any:
    """List what comes by a way."""

    def resolve(*_: Any) -> str:
        return f"{BASE}/{gate}/api/v1"

    try:
        service = QiskitRuntimeService(
            channel="ibm_quantum_platform", token=GIVEN["key"], url_resolver=resolve, instance=GIVEN["crn"]
        )
        if what == "instances":
            return sorted(instance["crn"] for instance in service.instances())
        if what == "jobs":
            return sorted(job.job_id() for job in service.jobs())
        return sorted(backend.name for backend in service.backends())
    except Exception as error:  # noqa: BLE001  # what it raises is the answer
        return repr(error)[:200]


print(json.dumps({gate: names(gate, what) for gate, what in GIVEN["gates"].items()}))  # to whoever asked
