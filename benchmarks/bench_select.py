"""`qiskit-runtime select` as other schedulers run it: a process from start to end. And how fast help starts.

    python benchmarks/bench_select.py

CPU time of whole processes, the bare interpreter included. IBM's client has no command line to compare with, so what
stands beside it is the least that it needs before it could choose: its import.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from measure import milliseconds, print_table, ratio, read_existing

SIZES = (1_000, 10_000, 100_000)
REPEATS = 5
WHERE = "num_qubits >= 100 and two_qubit_error < 0.01"
PROGRAM = (sys.executable, "-m", "qiskit_runtime_service")


def write_fleet(path: Path, size: int) -> None:
    """Write rows of many sizes, queues and states, on twenty instances."""
    dice = Random(size)
    instances = [
        {
            "crn": f"crn:v1:bluemix:public:quantum-computing:us-east:a/1:{number}::",
            "name": f"instance-{number}",
            "pricing_type": dice.choice(("free", "paygo", "paid")),
        }
        for number in range(20)
    ]
    backends = [
        {
            "name": f"ibm_{number}",
            "instance": f"instance-{number % 22}",
            "num_qubits": dice.choice((5, 27, 127, 133, 156)),
            "queue_length": int(dice.expovariate(1 / 40)),
            "state": dice.choice(("online", "online", "online", "paused", "offline")),
            "two_qubit_error": dice.random() / 50,
        }
        for number in range(size)
    ]
    path.write_text(json.dumps({"instances": instances, "backends": backends, "query": {"where": WHERE}}))


def median_cpu(command: Sequence[str], source: Path | None = None) -> float:
    """Return the median CPU seconds of a process."""
    return statistics.median(cpu_of(command, source) for _ in range(REPEATS))


def cpu_of(command: Sequence[str], source: Path | None) -> float:
    """Return the CPU seconds of a process, user and system."""
    with Path(source or os.devnull).open("rb") as given:
        child = subprocess.Popen(command, stdin=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and print."""
    existing = read_existing(__doc__)
    theirs = None if existing is None else median_cpu((existing, "-W", "ignore", "-c", "import qiskit_ibm_runtime"))
    rows = [("process", "CPU", "import of the existing client", "its ratio")]
    commands = [("--help", (*PROGRAM, "--help"), None)]
    with TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder) / f"{size}.json"
            write_fleet(path, size)
            commands.append((f"select of {size:,} backends", (*PROGRAM, "select"), path))
        for name, command, source in commands:
            ours = median_cpu(command, source)
            beside = ("", "") if theirs is None else (milliseconds(theirs), ratio(theirs, ours))
            rows.append((name, milliseconds(ours), *beside))
    print_table("The command line, whole processes", rows)


if __name__ == "__main__":
    main()
