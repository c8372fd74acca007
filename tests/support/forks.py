"""Forks in the middle of the work of another thread."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
may_warn = pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")


def in_child(work: Callable[[], object], seconds: int = 30) -> str:
    """Return what work returns in the child of a fork, as text; nothing if it does not come to an end in that time."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # In the child nothing of pytest may go on: whatever happens, it ends here.
        signal.alarm(seconds)
        message = "failed"
        try:
            message = str(work())
        finally:
            os.write(writing, message.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return told


class Gate:
    """Holds up whoever passes in this process, and nobody in another one."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.reached, self.open = threading.Event(), threading.Event()

    def pass_by(self) -> None:
        if os.getpid() == self.process:
            self.reached.set()
            self.open.wait()


@contextmanager
def held_up(gate: Gate, work: Callable[[], object]) -> Iterator[None]:
    """Let a thread stand at the gate in the middle of its work."""
    thread = threading.Thread(target=work)
    thread.start()
    gate.reached.wait()
    try:
        yield
    finally:
        gate.open.set()
        thread.join()
