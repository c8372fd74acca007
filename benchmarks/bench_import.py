"""Importing: CPU time above a bare interpreter, and memory. Ours, and IBM's client.

    python benchmarks/bench_import.py [--existing PYTHON]

Byte code is compiled first. Memory is the largest resident set of the process above a bare one, as Linux tells
it; what `wait4` tells would include the parent's, from before the new program was loaded.
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
PEAK = """
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
EXISTING = "from qiskit_ibm_runtime import QiskitRuntimeService"


class Cost(NamedTuple):
    """What a process cost."""

    cpu: float
    """Seconds."""
    memory: float
    """Mebibytes."""


def cost_of(python: str, code: str) -> Cost:
    """Return the median cost of running `code`, above that of running nothing."""
    full, empty = (median_cost(python, source) for source in (code, NOTHING))
    return Cost(full.cpu - empty.cpu, full.memory - empty.memory)


def median_cost(python: str, code: str) -> Cost:
    """Return the median cost of running `code`."""
    costs = [run(python, code) for _ in range(REPEATS)]
    return Cost(statistics.median(cost.cpu for cost in costs), statistics.median(cost.memory for cost in costs))


def run(python: str, code: str) -> Cost:
    """Run `code` once."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    command = [python, "-W", "ignore", "-c", code + PEAK]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        peak = int(child.stdout.read())
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return Cost(used.ru_utime + used.ru_stime, peak / 1024)


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
