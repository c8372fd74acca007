"""From constructor to the least busy backend, over HTTP on loopback. Ours, and IBM's client.

    python benchmarks/bench_least_busy.py [--existing PYTHON]

The cloud runs in a process of its own and has three backends on each instance. Wall-clock time, since waiting for
answers is what this is about; the import is not counted.
"""

import os
import statistics
import time

from cloud import running_cloud, variables
from measure import milliseconds, print_table, ratio, read_existing, run_existing
from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.testing import API_KEY

INSTANCES = (1, 5, 20)
DELAYS = (0, 50)
REPEATS = 5

EXISTING = """
import json, logging, statistics, sys, time
from qiskit_ibm_runtime import QiskitRuntimeService
logging.disable(logging.CRITICAL)
base, key, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3])
def once():
    started = time.perf_counter()
    service = QiskitRuntimeService(token=key, url_resolver=lambda *_: base + "/api/v1")
    built = time.perf_counter()
    name = service.least_busy(min_num_qubits=5, operational=True).name
    return built - started, time.perf_counter() - built, name
once()
times = [once() for _ in range(repeats)]
print(json.dumps([statistics.median(t[0] for t in times), statistics.median(t[1] for t in times), times[0][2]]))
"""


def once(base: str) -> tuple[float, float, str]:
    """Return the seconds of constructor and `least_busy`, and the name of the backend."""
    started = time.perf_counter()
    with QiskitRuntimeService(token=API_KEY, url_resolver=lambda *_: f"{base}/api/v1") as service:
        built = time.perf_counter()
        name = service.least_busy(min_num_qubits=5, operational=True).name
        return built - started, time.perf_counter() - built, name


def main() -> None:
    """Measure and print."""
    existing = read_existing(__doc__)
    for delay in DELAYS:
        rows = [("instances", "constructor", "least_busy", "together", "existing client", "ratio")]
        for instances in INSTANCES:
            with running_cloud(instances, delay) as base:
                os.environ.update(variables(base))
                once(base)
                times = [once(base) for _ in range(REPEATS)]
                constructor, least_busy = (statistics.median(figures[part] for figures in times) for part in (0, 1))
                both = constructor + least_busy
                row = (str(instances), milliseconds(constructor), milliseconds(least_busy), milliseconds(both))
                if existing:
                    arguments = (base, API_KEY, str(REPEATS))
                    theirs = run_existing(existing, EXISTING, *arguments, **variables(base))
                    assert theirs[2] == times[0][2]
                    rows.append((*row, milliseconds(theirs[0] + theirs[1]), ratio(theirs[0] + theirs[1], both)))
                else:
                    rows.append((*row, "", ""))
        print_table(f"Constructor and least_busy(), {delay} ms a request", rows)


if __name__ == "__main__":
    main()
