"""Bodies of jobs that run quantum programs, as IBM's client 0.51.0 sent them and a server answered, by their names."""

import json
from pathlib import Path
from typing import Any

from ibm_quantum_schemas.executor import version_0_1, version_0_2, version_1_0, version_1_1, version_2_0

MODELS = {
    "v0.1": version_0_1,
    "v0.2": version_0_2,
    "v1.0": version_1_0,
    "v1.1": version_1_1,
    "v2.0": version_2_0,
}
"""By version of the schema, where its publisher has its models."""
HERE = Path(__file__).parent
REQUESTS = tuple(sorted(path.name.removesuffix("_request.json") for path in HERE.glob("*_request.json")))
RESULTS = tuple(sorted(path.name.removesuffix("_result.json") for path in HERE.glob("*_result.json")))


def params_of(name: str) -> dict[str, Any]:
    """Return the parameters of a job."""
    params: dict[str, Any] = json.loads((HERE / f"{name}_request.json").read_bytes())["params"]
    return params


def result_of(name: str) -> bytes:
    """Return the result of a job as it came."""
    return (HERE / f"{name}_result.json").read_bytes()
