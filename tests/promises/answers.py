"""Ask a service that answers with bombs: a script that runs with our client or with IBM's.

    python tests/promises/answers.py ours|theirs < question.json

The question is an object: `key`, `crn`, `token` and `runtime` with the base URLs of the two, `call`, and the `seconds`
that it may take. Answers with what came of it, the seconds but for those in which others had the cores, and the most
memory beyond what the process had before.
"""

import json
import logging
import os
import resource
import sys
import time
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

MEMORY = 512 << 20
"""Bytes that a call may take beyond what the process has mapped before it."""


def memory(kind: str) -> int:
    """Return what Linux says of the memory of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) << 10


def without_a_core() -> float:
    """Return for how many seconds this thread could go on and others had all cores, where the system tells."""
    told = Path("/proc/thread-self/schedstat")
    return int(told.read_text().split()[1]) / 1e9 if told.exists() else 0.0


def open_service(client: str, question: dict[str, Any]) -> Any:
    """Return a service of which the constructor has sent nothing to the runtime that answers with bombs."""
    key, crn = question["key"], question["crn"]
    if client == "ours":
        ours = import_module("qiskit_runtime_service")
        import_module("qiskit_runtime_service.bridge.results")
        token, runtime = question["token"], question["runtime"]
        ends = ours.Endpoints(runtime=runtime, token=token, search=token, catalog=token)
        return ours.QiskitRuntimeService(token=key, instance=crn, endpoints=ends, timeout=question["seconds"])
    os.environ.update(dict.fromkeys(("IAM_URL", "GLOBAL_SEARCH_URL"), question["token"]))
    os.environ["GLOBAL_CATALOG_URL"] = f"{question['token']}/api/v1"
    theirs = import_module("qiskit_ibm_runtime")
    return theirs.QiskitRuntimeService(token=key, instance=crn, url_resolver=lambda *_: question["runtime"])


def main(client: str) -> None:
    """Call, and print what came of it."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    question = json.load(sys.stdin)
    service = open_service(client, question)
    held = memory("VmRSS")
    if client == "ours":
        resource.setrlimit(resource.RLIMIT_AS, (memory("VmSize") + MEMORY, resource.RLIM_INFINITY))
    began = time.monotonic() - without_a_core()
    try:
        found = service.job("j").result() if question["call"] == "result" else service.usage()
        outcome = f"returned {type(found).__name__}"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        outcome = f"{type(error).__name__}: {error}"[:300]
    seconds = time.monotonic() - without_a_core() - began
    sys.stdout.write(json.dumps({"outcome": outcome, "seconds": seconds, "memory": memory("VmHWM") - held}))


if __name__ == "__main__":
    main(*sys.argv[1:])
