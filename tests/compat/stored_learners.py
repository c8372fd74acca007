"""Results and inputs of noise learners and calibrators, as two clients read them of the same jobs.

As a script it leads IBM's client, in the environment of that client: it reads `{"base", "key", "instance", "jobs",
"libraries"}` from standard input, and prints what it reads of each job.
"""

import json
import os
import sys
import warnings
from typing import Any


def told(job: Any) -> Any:
    """Return all that a job tells, as plain data."""
    return {"result": of_result(job.result()), "inputs": {name: of_input(value) for name, value in job.inputs.items()}}


def of_result(found: Any) -> Any:
    """Return noise, or instants."""
    if hasattr(found, "start"):
        return [found.start.isoformat(), found.stop.isoformat()]
    if not hasattr(found, "to_pauli_lindblad_maps"):
        return [[layer.qubits, layer.error.generators.to_labels(), list(layer.error.rates)] for layer in found.data]
    maps = found.to_pauli_lindblad_maps()
    return [
        {
            "map": [noise.num_qubits, sorted((p, list(q), round(rate, 12)) for p, q, rate in noise.to_sparse_list())],
            "size": len(result),
            "metadata": str(result.metadata),
        }
        for noise, result in zip(maps, found, strict=True)
    ]


def of_input(value: Any) -> Any:
    """Return an input: options, boxes, circuits, plain data."""
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if isinstance(value, list):
        return [of_circuit(one) for one in value]
    return value if isinstance(value, str | int | dict | None) else type(value).__name__


def of_circuit(value: Any) -> Any:
    """Return the qubits and annotations of a box, or the name of a circuit."""
    if not hasattr(value, "operation"):
        return value.name
    return [[str(bit) for bit in value.qubits], [str(note) for note in value.operation.annotations]]


def told_or_not(job: Any) -> Any:
    """Return all that a job tells, or why it does not."""
    try:
        return told(job)
    except Exception as error:  # noqa: BLE001  # whatever a client raises is its answer
        return {"inputs": {}, "error": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Let IBM's client read all jobs."""
    warnings.simplefilter("ignore")
    question = json.load(sys.stdin)
    base = question["base"]
    sys.path.append(question["libraries"])
    os.environ.update(IAM_URL=base, GLOBAL_SEARCH_URL=base, GLOBAL_CATALOG_URL=f"{base}/api/v1")
    from qiskit_ibm_runtime import QiskitRuntimeService

    service = QiskitRuntimeService(
        token=question["key"], instance=question["instance"], url_resolver=lambda *_: f"{base}/api/v1"
    )
    print(json.dumps([told_or_not(service.job(name)) for name in question["jobs"]]))


if __name__ == "__main__":
    main()
