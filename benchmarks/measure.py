"""How the benchmarks measure: CPU time, medians, and IBM's client in a process of its own."""

import argparse
import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any


def read_existing(description: str | None) -> str | None:
    """Return the interpreter that has `qiskit-ibm-runtime`, if the caller named one."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--existing", metavar="PYTHON", default=os.environ.get("EXISTING_PYTHON"))
    existing: str | None = parser.parse_args().existing
    return existing


def median_cpu_seconds(function: Callable[[], object], repeats: int) -> float:
    """Return the median CPU seconds of a call, after one call that is not counted.

    CPU time, because the wall clock of a shared machine is off by a factor of two.
    """
    return race([function], repeats)[0]


def race(functions: Sequence[Callable[[], object]], repeats: int) -> list[float]:
    """Return the median CPU seconds of a call of each, taking turns, so that a busy moment hurts all alike."""
    for function in functions:
        function()
    rounds = [[cpu_seconds(function) for function in functions] for _ in range(repeats)]
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def cpu_seconds(function: Callable[[], object]) -> float:
    """Return the CPU seconds of one call."""
    started = time.process_time()
    function()
    return time.process_time() - started


def run_existing(python: str, code: str, *arguments: str, **environment: str) -> Any:
    """Run `code` with IBM's client, and more environment variables, and return the JSON that it prints last."""
    command = [python, "-W", "ignore", "-c", code, *arguments]
    finished = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | environment)
    return json.loads(finished.stdout.splitlines()[-1])


def print_table(title: str, rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows under a title, first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    print(f"\n{title}")
    for first, *others in rows:
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        print("  " + "   ".join(cells))


def milliseconds(seconds: float) -> str:
    """Show a time in milliseconds."""
    return f"{seconds * 1e3:.2f} ms"


def ratio(one: float, other: float) -> str:
    """Show how many times `one` is of `other`."""
    return f"{one / other:.1f}x"
