"""What runs in the process of a worker: it reads jobs and writes how they end, within a bound of memory."""

import os
import signal
import sys
from pathlib import Path

import msgspec

from ..emulator.needs import JobTask
from .run_job import run_task
from .worker import read_message, write_message

MOST_MEMORY = 4 << 30
"""Bytes that simulations may map, beyond what the interpreter, Qiskit and Aer have."""


def serve() -> None:
    """Answer each job on standard input with its outcome on standard output, until there are none any more."""
    # Who presses Ctrl-C speaks to the process that begun this one, which ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    orders, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # Nothing that is printed on the way is to be taken for a reply.
    os.dup2(2, 1)
    hold_memory()
    while (body := read_message(orders)) is not None:
        task = msgspec.msgpack.decode(body, type=JobTask)
        write_message(replies, msgspec.msgpack.encode(run_task(task)))


def hold_memory() -> None:
    """Let the process map no more memory than simulations may have, where the system can hold it to that."""
    if sys.platform != "linux":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MOST_MEMORY, resource.RLIM_INFINITY))


if __name__ == "__main__":
    serve()
