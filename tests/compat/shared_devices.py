"""Backends that several instances have, listed by IBM's client. Runs in the environment of that client, not in ours.

Reads `{"base", "key", "calls"}` from standard input: the URL of a door, an API key, and a list of keyword arguments of
`backends`. What was asked is on the ledger of the cloud. Prints the names that each call returns.
"""

import json
import logging
import os
import sys

GIVEN = json.load(sys.stdin)
BASE = GIVEN["base"]
os.environ.update(IAM_URL=BASE, GLOBAL_SEARCH_URL=BASE, GLOBAL_CATALOG_URL=f"{BASE}/api/v1")

from qiskit_ibm_runtime import QiskitRuntimeService  # noqa: E402  # the environment is read at once

logging.disable(logging.CRITICAL)
service = QiskitRuntimeService(token=GIVEN["key"], url_resolver=lambda *_: f"{BASE}/api/v1")
print(json.dumps([[backend.name for backend in service.backends(**given)] for given in GIVEN["calls"]]))
