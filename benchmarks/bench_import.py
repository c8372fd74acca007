"""Importing: CPU time above a bare interpreter, and memory. Ours, and IBM's client.

    python benchmarks/bench_import.py [--existing PYTHON]

Byte code is compiled first. Memory is the largest resident set of the process, above a bare interpreter's.
"""

import compileall
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import qiskit_runtime_service
from measure import milliseconds, print_table, ratio, read_existing

REPEATS = 15
NOTHING = "pass"
BARE = "import qiskit_runtime_service"
TOUCHED = "from qiskit_runtime_service import QiskitRuntimeService"
EXISTING = "from qiskit_ibm_runtime import QiskitRuntimeService"


class Cost(NamedTuple):
    """What a process cost."""

    cpu: float
    """Seconds."""
    memory: float
    """Mebibytes."""


def cost_of(python: str, code: str) -> Cost:
    """Return the median cost of running `code`, above that of running nothing."""
    full, empty = (median_cost(python, each) for each in (code, NOTHING))
    return Cost(full.cpu - empty.cpu, full.memory - empty.memory)


def median_cost(python: str, code: str) -> Cost:
    """Return the median cost of running `code`."""
    costs = [run(python, code) for _ in range(REPEATS)]
    return Cost(statistics.median(each.cpu for each in costs), statistics.median(each.memory for each in costs))


def run(python: str, code: str) -> Cost:
    """Run `code` once."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    child = subprocess.Popen([python, "-W", "ignore", "-c", code], env=environment)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def main() -> None:
    """Measure and print."""
    existing = read_existing(__doc__)
    compileall.compile_dir(Path(qiskit_runtime_service.__file__).parent, quiet=2)
    bare, touched = cost_of(sys.executable, BARE), cost_of(sys.executable, TOUCHED)
    rows = [
        ("import", milliseconds(bare.cpu), f"{bare.memory:.1f} MiB", ratio(bare.cpu, touched.cpu)),
        ("import, service touched", milliseconds(touched.cpu), f"{touched.memory:.1f} MiB", "1.0x"),
    ]
    if existing:
        theirs = cost_of(existing, EXISTING)
        row = ("existing client, the same", milliseconds(theirs.cpu), f"{theirs.memory:.1f} MiB")
        rows.append((*row, ratio(theirs.cpu, touched.cpu)))
    print_table("Importing, above a bare interpreter", rows)


if __name__ == "__main__":
    main()
