"""What a client reads of stored jobs that have run quantum programs, in a form that two clients can be compared by.

As a script it leads IBM's client, in the environment of that client: it reads `{"base", "key", "instance", "jobs"}`
from standard input, and prints an object from each job to what it has read.
"""

import json
import os
import sys
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np


def read_all(service: Any, jobs: Iterable[str]) -> dict[str, Any]:
    """Return what each job answers, and the program that it was sent."""
    return {job: [plain(service.job(job).result()), inputs_of(service.job(job).inputs)] for job in jobs}


def plain(value: Any) -> Any:
    """Return plain data that tells all that two results may differ in."""
    if isinstance(value, np.ndarray):
        return [value.dtype.str, list(value.shape), [repr(item) for item in value.ravel().tolist()]]
    if hasattr(value, "passthrough_data"):
        spans = [
            [span.start.isoformat(), span.stop.isoformat(), [[part.idx_item, part.size] for part in span.parts]]
            for span in value.metadata.chunk_timing
        ]
        items = [[plain(dict(item)), plain(item.metadata)] for item in value]
        return ["program", items, spans, plain(value.passthrough_data)]
    if hasattr(value, "scheduler_timing"):
        return [plain(value.scheduler_timing), plain(value.stretch_values)]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else vars(value) if vars(value) else str(value)


def inputs_of(inputs: dict[str, Any]) -> Any:
    """Return what is told of a program, but for what IBM's client forgets, and its tree, of which arrays stay texts."""
    program = inputs["quantum_program"]
    items = [
        [type(item).__name__, list(item.shape), item.chunk_size, item.circuit.num_parameters] for item in program.items
    ]
    execution = inputs["options"].execution
    options = [execution.init_qubits, execution.rep_delay, plain(inputs["options"].experimental)]
    return [inputs["schema_version"], program.shots, program.meas_level, items, options]


def main() -> None:
    """Lead IBM's client through all jobs."""
    warnings.simplefilter("ignore")
    question = json.load(sys.stdin)
    base = question["base"]
    os.environ.update(IAM_URL=base, GLOBAL_SEARCH_URL=base, GLOBAL_CATALOG_URL=f"{base}/api/v1")
    from qiskit_ibm_runtime import QiskitRuntimeService

    service = QiskitRuntimeService(
        token=question["key"], instance=question["instance"], url_resolver=lambda *_: f"{base}/api/v1"
    )
    print(json.dumps(read_all(service, question["jobs"])))


if __name__ == "__main__":
    main()
