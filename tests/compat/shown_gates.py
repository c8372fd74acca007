"""Which gates IBM's client shows, unmodified. Runs in the environment of that client, not in ours.

Reads `{"base", "key", "crn", "names"}` from standard input: the URL of the door, an API key, a CRN, and the backends.
Prints for each the gates that it shows where fractional gates are set to False, True and None; null where it refuses.
"""

import json
import logging
import os
import sys

GIVEN = json.load(sys.stdin)
BASE = GIVEN["base"]
os.environ.update(IAM_URL=BASE, GLOBAL_SEARCH_URL=BASE, GLOBAL_CATALOG_URL=f"{BASE}/api/v1")

from qiskit_ibm_runtime import QiskitRuntimeService  # noqa: E402  # the environment is read at once
from qiskit_ibm_runtime.exceptions import IBMInputValueError  # noqa: E402  # as above

logging.disable(logging.CRITICAL)
service = QiskitRuntimeService(token=GIVEN["key"], url_resolver=lambda *_: f"{BASE}/api/v1", instance=GIVEN["crn"])


def shown(name: str, setting: bool | None) -> list[str] | None:
    """Return the gates of a backend, or `None`."""
    try:
        backend = service.backend(name, use_fractional_gates=setting)
    except IBMInputValueError:
        return None
    return sorted({*backend.operation_names} - {"measure", "delay", "reset"})


print(json.dumps([[shown(name, setting) for setting in (False, True, None)] for name in GIVEN["names"]]))
