"""Clients that this project did not write, each in an environment of its own, as black boxes.

A test that asks one is marked `@pytest.mark.asks("qrmi")`: without it, it is skipped, and in `make compat` it fails.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from qiskit_runtime_service.testing import EmulatedTransport

ROOT = Path(__file__).parents[2]
CLIENTS = {
    "existing": "IBM's existing client",
    "existing043": "IBM's client 0.43",
    "existing046": "IBM's client 0.46",
    "experiments": "qiskit-experiments",
    "mcp": "the MCP server for IBM Quantum",
    "mthree": "mthree",
    "pennylane": "pennylane-qiskit",
    "prefect": "prefect-qiskit",
    "pytket": "pytket-qiskit",
    "qbraid": "qBraid",
    "qdmi": "IBM's QDMI device",
    "qrmi": "QRMI",
}


def python_of(client: str) -> str:
    """Return the interpreter of a client's environment, such as `.venvs/qrmi/bin/python`, or `QRMI_PYTHON`."""
    return os.environ.get(f"{client.upper()}_PYTHON") or str(ROOT / ".venvs" / client / "bin" / "python")


def why_missing(client: str) -> str | None:
    """Return what is to be said where a client is not installed."""
    if Path(python_of(client)).exists():
        return None
    return f"{CLIENTS[client]} is not installed: `make compat` installs it"


def ask_client(client: str, script: Path, question: Any) -> Any:
    """Run a script in the environment of a client: JSON in, JSON out."""
    command = [python_of(client), "-W", "ignore", str(script)]
    done = subprocess.run(command, input=json.dumps(question), check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def answered(cloud: EmulatedTransport) -> dict[int | None, list[str]]:
    """Return what was asked of a cloud, by the status that it answered: methods and paths, with `*` for each id."""
    requests: dict[int | None, set[str]] = {}
    for exchange in cloud.ledger:
        path = re.sub(r"/(jobs|sessions)/[^/]+", r"/\1/*", urlsplit(exchange.request.url).path)
        requests.setdefault(exchange.status, set()).add(f"{exchange.request.method} {path}")
    return {status: sorted(lines) for status, lines in requests.items()}
