"""Doing several independent requests at once, in bounded threads that do not outlive the call."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

MAX_PARALLEL = 32


def gather(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """Run all tasks at once and return their values in order. A single task needs no thread."""
    if len(tasks) < 2:
        return [task() for task in tasks]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(len(tasks), MAX_PARALLEL), "qiskit-runtime-service") as pool:
        return [future.result() for future in [pool.submit(task) for task in tasks]]
