"""A process of its own for simulations that take long: what happens there holds nobody up and takes nothing with it."""

import subprocess
import sys
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import TIMEOUT_MAX, Event, Timer
from typing import IO

import msgspec

from .._public import public
from ..emulator.needs import JobTask
from ..emulator.world import Crashed, Outcome
from ..transport.process import ProcessLock
from ..transport.simulations import NOT_SIMULATED
from .parts import read_parts

LONGEST_JOB = 90.0
"""Seconds after which a simulation is stopped, whatever was estimated; the start of the process counts."""
HEAD = 8
"""Bytes in front of each message: its length, the highest first."""


@public("testing")
class Worker:
    """Simulates one job after the other in a process that is begun with the first, and again where it has ended.

    The process ends with the worker. A simulation that ends its process, or takes too long, is a failed job.

    Args:
        longest: Seconds after which a simulation is stopped.
        command: How the process is begun; by default with this interpreter, and with the packages that it finds.

    Raises:
        IBMInputValueError: They are not what they must be.

    Source: behaviour B248, B355.
    """

    def __init__(self, longest: float = LONGEST_JOB, command: Sequence[str] | None = None) -> None:
        parts = read_parts(longest=longest, command=command)
        self._longest: float = parts["longest"]
        self._command: Sequence[str] | None = parts["command"]
        self._turn = ProcessLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._end: Callable[[], object] = _nothing_to_end

    def __reduce__(self) -> tuple[type["Worker"], tuple[float, Sequence[str] | None]]:
        """Be another worker elsewhere, with a process of its own."""
        return Worker, (self._longest, self._command)

    def __call__(self, task: JobTask) -> Outcome:
        """Return how a job ends. Never raises what went wrong with the simulation."""
        with self._turn:
            process = self._begin()
            late = Event()
            watch = Timer(min(self._longest, TIMEOUT_MAX), _stop_late, (process, late))
            watch.daemon = True
            watch.start()
            try:
                reply = _ask(process, msgspec.msgpack.encode(task))
            except BaseException:
                self._end()
                raise
            finally:
                watch.cancel()
            if reply is not None:
                outcome: Outcome = msgspec.msgpack.decode(reply, type=Outcome)
                return outcome
            self._end()
            return _stopped(self._longest) if late.is_set() else _ended(process.returncode)

    def close(self) -> None:
        """End the process, if there is one, at once. It is begun anew if it is needed again."""
        self._end()

    def _begin(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(  # noqa: S603 - the interpreter that runs this, and a text of ours
                self._command or _this_interpreter(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._end = weakref.finalize(self, _end_process, self._process)
        return self._process


def _this_interpreter() -> list[str]:
    """Return what begins the process: it finds the packages that this one finds, wherever it was begun."""
    path = [str(Path(__file__).parents[2]), *sys.path]
    run = f"runpy.run_module('{__package__}.worker_process', run_name='__main__')"
    return [sys.executable, "-c", f"import runpy, sys; sys.path[:] = {path!r}; {run}"]


def read_message(stream: IO[bytes]) -> bytes | None:
    """Return the next message; `None` where there is none any more."""
    head = stream.read(HEAD)
    if len(head) < HEAD:
        return None
    size = int.from_bytes(head)
    body = stream.read(size)
    return body if len(body) == size else None


def write_message(stream: IO[bytes], body: bytes) -> None:
    """Write a message at once."""
    stream.write(len(body).to_bytes(HEAD))
    stream.write(body)
    stream.flush()


def _ask(process: "subprocess.Popen[bytes]", body: bytes) -> bytes | None:
    """Return the reply of a process; `None` if it ended before it gave one."""
    orders, replies = process.stdin, process.stdout
    if orders is None or replies is None:
        return None
    try:
        write_message(orders, body)
        return read_message(replies)
    except OSError:
        return None


def _stop_late(process: "subprocess.Popen[bytes]", late: Event) -> None:
    late.set()
    process.kill()


def _end_process(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def _nothing_to_end() -> None:
    """Do nothing: no process was begun."""


def _stopped(seconds: float) -> Crashed:
    return Crashed(
        reason=f"The simulation was stopped after {seconds:g} s.",
        code=NOT_SIMULATED,
        solution="Use fewer qubits, layers or shots.",
    )


def _ended(status: int) -> Crashed:
    return Crashed(
        reason=f"The simulation ended its process, with status {status}.",
        code=NOT_SIMULATED,
        solution="Most likely it needed more memory than it may have: use fewer qubits or layers.",
    )
