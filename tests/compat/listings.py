"""Sessions opened and jobs listed by IBM's client, unmodified. Runs in the environment of that client, not in ours.

Reads `{"base", "key", "crn", "steps"}` from standard input: the URL of the door, an API key, a CRN, and a list of
pairs: what to do and with which arguments. What was sent is on the ledger of the cloud. Prints how many went well.
"""

import json
import logging
import os
import sys
from datetime import datetime

GIVEN = json.load(sys.stdin)
BASE = GIVEN["base"]
os.environ.update(IAM_URL=BASE, GLOBAL_SEARCH_URL=BASE, GLOBAL_CATALOG_URL=f"{BASE}/api/v1")

from qiskit_ibm_runtime import Batch, QiskitRuntimeService, Session  # noqa: E402  # the environment is read at once

logging.disable(logging.CRITICAL)
service = QiskitRuntimeService(token=GIVEN["key"], url_resolver=lambda *_: f"{BASE}/api/v1", instance=GIVEN["crn"])
backend = service.backend("ibm_fast")
for what, arguments in GIVEN["steps"]:
    if what == "jobs":
        dates = {name: datetime.fromisoformat(arguments[name]) for name in arguments if name.startswith("created_")}
        service.jobs(**{**arguments, **dates})
    else:
        kind = {"session": Session, "batch": Batch}[what]
        how = arguments.pop("then")
        session = kind(backend, **arguments)
        getattr(session, how)()
print(json.dumps(len(GIVEN["steps"])))
