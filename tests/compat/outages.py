"""How many calls of the existing client outlast an outage: asked over standard input, told over standard output."""

import json
import logging
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

from qiskit_ibm_runtime import QiskitRuntimeService

logging.disable(logging.CRITICAL)


def ask(question: dict[str, str]) -> dict[str, object]:
    """Call twelve times at once while the server is away; tell how long that took, and how many calls were answered."""
    os.environ.update(dict.fromkeys(("IAM_URL", "GLOBAL_SEARCH_URL"), question["base"]))
    os.environ["GLOBAL_CATALOG_URL"] = f"{question['base']}/api/v1"
    service = QiskitRuntimeService(
        token=question["key"],
        instance=question["crn"],
        url_resolver=lambda *_: f"{question['base']}/api/v1",
    )
    service.backends()
    urlopen(f"{question['base']}/leave").close()  # noqa: S310  # of this machine

    def survives(_: int) -> bool:
        try:
            service.jobs()
        except Exception:  # noqa: BLE001  # whatever it is, the call is lost
            return False
        return True

    began = time.monotonic()
    with ThreadPoolExecutor(12) as pool:
        survived = sum(pool.map(survives, range(12)))
    return {"survived": survived, "seconds": time.monotonic() - began}


print(json.dumps(ask(json.load(sys.stdin))))
