"""Results of samplers of directed execution, as two clients read them of the same jobs.

As a script it leads IBM's client, in the environment of that client: it reads `{"base", "key", "instance", "jobs"}`
from standard input, and prints what it reads of each job.
"""

import dataclasses
import json
import os
import sys
import warnings
from typing import Any

import numpy as np

FORGOTTEN = ("permutation", "element_range")
"""What IBM's client does not read of the parts of a chunk."""


def told(result: Any) -> Any:
    """Return all that a result tells, as plain data."""
    return {
        "kind": [type(result).__name__, *(type(pub).__name__ for pub in result)],
        "metadata": plain(result.metadata),
        "pubs": [{"metadata": plain(pub.metadata), "data": data(pub.data)} for pub in result],
    }


def data(found: Any) -> dict[str, Any]:
    """Return the arrays of a PUB."""
    fields = {name: found[name] for name in found}
    return {"shape": list(found.shape), **{name: array(field) for name, field in fields.items()}}


def array(field: Any) -> Any:
    """Return bits with their counts, or points."""
    if isinstance(field, np.ndarray):
        return [field.dtype.str, list(field.shape), field.real.tolist(), field.imag.tolist()]
    return [list(field.shape), field.num_shots, field.num_bits, field.array.tolist(), field.get_counts()]


def plain(value: Any) -> Any:
    """Return metadata as JSON can say them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (field.name for field in dataclasses.fields(value) if field.name not in FORGOTTEN)
        return {name: plain(getattr(value, name)) for name in fields}
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def main() -> None:
    """Let IBM's client read all jobs."""
    warnings.simplefilter("ignore")
    question = json.load(sys.stdin)
    base = question["base"]
    os.environ.update(IAM_URL=base, GLOBAL_SEARCH_URL=base, GLOBAL_CATALOG_URL=f"{base}/api/v1")
    from qiskit_ibm_runtime import QiskitRuntimeService

    service = QiskitRuntimeService(
        token=question["key"], instance=question["instance"], url_resolver=lambda *_: f"{base}/api/v1"
    )
    print(json.dumps([told(service.job(name).result()) for name in question["jobs"]]))


if __name__ == "__main__":
    main()
