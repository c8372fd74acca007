"""The simulations of an emulated cloud: which jobs are simulated, where, and how long somebody waits for an outcome."""

import threading
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from ..emulator.needs import JobTask
from ..emulator.world import Crashed, Outcome

if TYPE_CHECKING:
    # Loading this takes a while, and a cloud in which nothing is simulated does without.
    from concurrent.futures import Executor, Future

    Order = tuple[JobTask, Future[Outcome]]

Simulate = Callable[[JobTask], Outcome]

INTERNAL = 9999
NOT_SIMULATED = 5203
"""Codes of the service: for what should not happen, and for what cannot be simulated here."""


class Simulations:
    """Simulates each job once, whoever looks at it and however often.

    With an executor a job is simulated there, from when it is submitted. Without one it is simulated in the thread of
    the first who waits for it to its end, or in a thread beside those who do not wait so long; one job at a time, for
    each may take much of the memory.
    """

    def __init__(self, simulate: Simulate, executor: "Executor | None") -> None:
        self._simulate = simulate
        self._executor = executor
        self._begun: dict[str, Order] = {}
        self._queue: deque[Order] = deque()
        self._thread: threading.Thread | None = None
        self._changing = threading.Lock()
        self._turn = threading.Lock()

    @property
    def begin_early(self) -> bool:
        """Whether jobs are to begin before anybody looks at them."""
        return self._executor is not None

    def begin(self, task: JobTask) -> None:
        """Hand a job to the executor, unless it was."""
        self._future_of(task, patient=False)

    def outcome(self, task: JobTask, patience: float | None) -> Outcome | None:
        """Return how a job ends, or `None` where that is not known after `patience` seconds; without, wait for it.

        Never raises what the simulation raised: that is the outcome.
        """
        from concurrent.futures import CancelledError

        while True:
            future = self._future_of(task, patient=patience is None)
            try:
                error = future.exception(patience)
            except TimeoutError:
                return None
            except CancelledError as gone:
                error = gone
            if isinstance(error, CancelledError):
                # Whoever ran it was interrupted, or the cloud was closed: it begins anew.
                self._forget(task.id, future)
                continue
            self._forget(task.id, future)
            return future.result() if error is None else crash_of(error)

    def close(self) -> None:
        """Give up what has not begun. It is simulated when looked at."""
        with self._changing:
            for _, future in self._begun.values():
                future.cancel()

    def _future_of(self, task: JobTask, *, patient: bool) -> "Future[Outcome]":
        """Return where the outcome of a job will be. A job whose time has changed since it began begins anew."""
        from concurrent.futures import Future

        with self._changing:
            begun = self._begun.get(task.id)
            if begun is not None and begun[0] == task:
                return begun[1]
            future: Future[Outcome] | None = None
            if self._executor is not None:
                # One that is shut down or broken takes nothing any more.
                with suppress(RuntimeError):
                    future = self._executor.submit(self._simulate, task)
            handed = future is not None
            future = Future() if future is None else future
            self._begun[task.id] = task, future
            if not handed and not patient:
                self._queue.append((task, future))
                self._ensure_thread()
        if not handed and patient:
            self._run(task, future, patient=True)
        return future

    def _ensure_thread(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="qiskit-runtime-service-simulation", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        """Simulate what is queued until there is nothing left."""
        while True:
            with self._changing:
                if not self._queue:
                    self._thread = None
                    return
                task, future = self._queue.popleft()
            self._run(task, future, patient=False)

    def _run(self, task: JobTask, future: "Future[Outcome]", *, patient: bool) -> None:
        """Simulate a job; whatever is raised is its outcome, but for what interrupts somebody who waits for it."""
        from concurrent.futures import CancelledError

        if not future.set_running_or_notify_cancel():
            return
        try:
            with self._turn:
                outcome = self._simulate(task)
        except BaseException as error:
            if patient and not isinstance(error, Exception | SystemExit):
                future.set_exception(CancelledError())
                raise
            future.set_exception(error)
        else:
            future.set_result(outcome)

    def _forget(self, job: str, future: "Future[Outcome]") -> None:
        with self._changing:
            begun = self._begun.get(job)
            if begun is not None and begun[1] is future:
                del self._begun[job]


def crash_of(error: BaseException, code: int = INTERNAL) -> Crashed:
    """Return how a job ends whose simulation or program raised `error`; the traceback is in its logs."""
    return Crashed(
        reason=_printable(f"{type(error).__name__}: {error}"),
        code=code,
        solution="The logs of the job have the traceback.",
        logs=_printable("".join(traceback.format_exception(error))),
    )


def _printable(text: str) -> str:
    """Return a text that can be sent: one of a file's name, say, may have halves of characters."""
    return text.encode(errors="backslashreplace").decode()
