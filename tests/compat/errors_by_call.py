"""What public calls of IBM's client raise. Runs in the environment of that client, not in ours.

Reads `{"base", "key", "crn", "tables", "at_once", "names"}` from standard input: the URL of the door, an API key, a
CRN, which tables of `tests/support/public_calls.py` to go through one after the other, how many calls to make at a
time, and the names that users can import. Prints an object from the
name of each call to two lists of names: the narrowest that what was raised is caught by, and all.
"""

import json
import logging
import os
import runpy
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import urlopen

GIVEN = json.load(sys.stdin)
BASE = GIVEN["base"]
os.environ.update(IAM_URL=BASE, GLOBAL_SEARCH_URL=BASE, GLOBAL_CATALOG_URL=f"{BASE}/api/v1")

import qiskit_ibm_runtime  # noqa: E402  # the environment is read when this is loaded

CALLS = runpy.run_path(str(Path(__file__).parents[1] / "support" / "public_calls.py"))
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def open_service(way: str = "", **arguments: Any) -> Any:
    """Open a service whose requests to the runtime go by a way."""
    base = "/".join(filter(None, (BASE, way, "api/v1")))
    given = {"token": GIVEN["key"], "url_resolver": lambda *_: base}
    return qiskit_ibm_runtime.QiskitRuntimeService(**given | arguments)


def is_known(kind: type) -> bool:
    """Tell whether users can name a class."""
    own = kind.__module__.startswith("qiskit_ibm_runtime")
    return kind.__name__ in GIVEN["names"] if own else kind.__module__.partition(".")[0] in ("builtins", "qiskit")


with tempfile.TemporaryDirectory() as folder:
    held = CALLS["hold"](qiskit_ibm_runtime, open_service, GIVEN["crn"], Path(folder))

    def answer(do: Any) -> list[list[str]]:
        """Make a call."""
        return CALLS["names_of"](CALLS["raised_by"](do, held), is_known)

    answers: dict[str, Any] = {}
    for table in GIVEN["tables"]:
        urlopen(f"{BASE}/arm/{table}").close()  # noqa: S310  # of this machine
        with ThreadPoolExecutor(GIVEN["at_once"]) as pool:
            answers |= zip(CALLS[table], pool.map(answer, CALLS[table].values()), strict=True)
    print(json.dumps(answers))  # to whoever asked
