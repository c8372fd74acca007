"""The job that users hold: a Qiskit `BasePrimitiveJob` that is waited for and read."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, assert_never

from qiskit.primitives import BasePrimitiveJob, PrimitiveResult
from qiskit.providers.exceptions import QiskitBackendNotFoundError
from returns.result import Result, Success

from ..bridge.results import decode_sampler_result
from ..core.jobs import Finished, PollAgain, decide_poll, is_final, problem_of, status_of
from ..records.job import Job
from ..records.problem import JobTimeout, NetworkFault, NoResult, Problem, ServerRefusal
from ..transport.base import Clock
from .client import Client
from .edge import exception_of, value_or_raise
from .logs import logger

if TYPE_CHECKING:
    from .backend import IBMBackend
    from .service import QiskitRuntimeService

MAX_BAD_LOOKS = 5
"""How many looks at a job may fail in a row before the wait is given up."""


class RuntimeJobV2(BasePrimitiveJob[PrimitiveResult, str]):
    """One job of one instance. Made by a primitive or a service, never by hand."""

    def __init__(
        self,
        service: "QiskitRuntimeService",
        client: Client,
        clock: Clock,
        job: Job,
        backend: "IBMBackend | None" = None,
    ) -> None:
        super().__init__(job_id=job.id)
        self._service = service
        self._client = client
        self._clock = clock
        self._job = job
        self._backend = backend
        self._result: PrimitiveResult | None = None

    # What is known without asking

    @property
    def service(self) -> "QiskitRuntimeService":
        """The service that this job came from."""
        return self._service

    @property
    def instance(self) -> str:
        """CRN of the instance that holds the job."""
        return self._job.instance

    @property
    def primitive_id(self) -> str:
        """The program that runs, such as `sampler`."""
        return self._job.program

    @property
    def session_id(self) -> str | None:
        """The session or batch that the job belongs to."""
        return self._job.session

    @property
    def private(self) -> bool:
        """Whether the result can be read only once."""
        return self._job.private

    @property
    def tags(self) -> list[str]:
        """The tags as last read."""
        return list(self._job.tags)

    @property
    def creation_date(self) -> datetime | None:
        """When the job was created, in local time with its zone."""
        return None if self._job.created is None else datetime.fromtimestamp(self._job.created, UTC).astimezone()

    @property
    def usage_estimation(self) -> dict[str, Any]:
        """What the service expects the job to cost, as `quantum_seconds`."""
        return {"quantum_seconds": self._job.estimated_seconds}

    def backend(self) -> "IBMBackend | None":
        """Return the backend of the job, a placeholder if it is no longer there, or `None` while it has none.

        Source: behaviour B109.
        """
        if self._backend is None and self._job.backend is not None:
            try:
                self._backend = self._service.backend(self._job.backend, self.instance)
            except QiskitBackendNotFoundError:
                self._backend = self._service.retired_backend(self._job.backend, self.instance)
        return self._backend

    @property
    def record(self) -> Job:
        """The job as the service last described it."""
        return self._job

    # How it stands

    def status(self) -> str:
        """Return `INITIALIZING`, `QUEUED`, `RUNNING`, `DONE`, `ERROR` or `CANCELLED`.

        A word of the service that is none of these is returned in upper case.

        Source: behaviour B40.
        """
        return status_of(self._look().state)

    def done(self) -> bool:
        """Whether the job has run well."""
        return self.status() == "DONE"

    def errored(self) -> bool:
        """Whether the job has failed."""
        return self.status() == "ERROR"

    def cancelled(self) -> bool:
        """Whether the job was cancelled."""
        return self.status() == "CANCELLED"

    def running(self) -> bool:
        """Whether the job runs now."""
        return self.status() == "RUNNING"

    def in_final_state(self) -> bool:
        """Whether the job has come to its end, good or bad."""
        return is_final(self._look().state)

    def error_message(self) -> str | None:
        """Return why the job failed, or `None` if it did not."""
        state = self._look().state
        if status_of(state) != "ERROR":
            return None
        return f"Error code {state.code}; {state.reason}" if state.code is not None else state.reason

    def metrics(self) -> dict[str, Any]:
        """Return when the job ran (ISO texts) and what it cost (seconds)."""
        metrics = value_or_raise(self._client.metrics(self.instance, self.job_id()))
        return {
            "timestamps": {"created": metrics.created, "running": metrics.running, "finished": metrics.finished},
            "usage": {
                "qpu_charge_time_seconds": metrics.charged_seconds,
                "status": "complete" if metrics.settled else "pending",
            },
        }

    def usage(self, partial: bool = False) -> float:
        """Return the seconds charged, 0 until they are settled unless `partial`."""
        metrics = value_or_raise(self._client.metrics(self.instance, self.job_id()))
        return (metrics.charged_seconds or 0.0) if metrics.settled or partial else 0.0

    def logs(self) -> str:
        """Return what the job wrote; nothing before its end."""
        return value_or_raise(self._client.logs(self.instance, self.job_id()))

    # What can be done with it

    def wait_for_final_state(
        self,
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        on_change: Callable[[str, float], None] | None = None,
    ) -> None:
        """Block until the job is final. Interrupting the wait leaves the job running.

        Args:
            timeout: Seconds to wait; `None` waits for ever.
            poll_interval: Seconds between two looks; by default they grow with the wait.
            on_change: Called with the status and the seconds waited, first and at each change.

        Raises:
            RuntimeJobTimeoutError: `timeout` seconds went by first.
            IBMApiError: The service could not be read, several times in a row.

        Source: behaviour B42.
        """
        started, bad_looks, shown = self._clock.now(), 0, ""
        while True:
            looked = self._try_look()
            waited = self._clock.now() - started
            if isinstance(looked, Success):
                bad_looks = 0
                status = status_of(self._job.state)
                if on_change is not None and status != shown:
                    shown = status
                    on_change(status, waited)
            else:
                bad_looks += 1
                problem = looked.failure()
                if not _may_pass(problem) or bad_looks >= MAX_BAD_LOOKS:
                    raise exception_of(problem)
                logger.info("Job %s could not be looked at; waiting on.", self.job_id())
            match decide_poll(self._job, waited=waited, timeout=timeout, interval=poll_interval):
                case Finished():
                    return
                case PollAgain(seconds):
                    self._clock.sleep(seconds)
                case JobTimeout() as late:
                    raise exception_of(late)
                case never:
                    assert_never(never)

    def result(self, timeout: float | None = None, *, poll_interval: float | None = None) -> PrimitiveResult:
        """Wait for the job and return its result. It is fetched and decoded once.

        Args:
            timeout: Seconds to wait; `None` waits for ever.
            poll_interval: Seconds between two looks; by default they grow with the wait.

        Raises:
            RuntimeJobTimeoutError: `timeout` seconds went by first.
            RuntimeJobFailureError: The job failed.
            RuntimeJobMaxTimeoutError: The job ran into its maximum execution time.
            RuntimeInvalidStateError: The job was cancelled.
            IBMApiError: The result could not be read.

        Source: behaviour B40, B41, B48.
        """
        if self._result is None:
            self.wait_for_final_state(timeout, poll_interval)
            problem = problem_of(self._job)
            if problem is not None:
                raise exception_of(problem)
            body = value_or_raise(self._client.result(self.instance, self.job_id()))
            if body is None:
                raise exception_of(NoResult(job=self.job_id()))
            self._result = value_or_raise(decode_sampler_result(body))
        return self._result

    def cancel(self) -> None:
        """Stop the job.

        Raises:
            RuntimeInvalidStateError: It has come to its end already.
        """
        value_or_raise(self._client.cancel_job(self.instance, self.job_id()))

    def update_tags(self, new_tags: Sequence[str]) -> list[str]:
        """Replace the tags and return what the service then has."""
        tags = tuple(dict.fromkeys(new_tags))
        value_or_raise(self._client.put_tags(self.instance, self.job_id(), tags))
        self._job = value_or_raise(self._client.job(self.instance, self.job_id()))
        return self.tags

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self.job_id()!r}, {self.primitive_id!r})>"

    # Steps shared by the methods above

    def _look(self) -> Job:
        """Return the job as it stands. A final job is not asked for again."""
        return value_or_raise(self._try_look())

    def _try_look(self) -> Result[Job, Problem]:
        if is_final(self._job.state):
            return Success(self._job)
        looked = self._client.job(self.instance, self.job_id())
        self._job = looked.value_or(self._job)
        return looked


def _may_pass(problem: Problem) -> bool:
    """Whether a failed look says nothing about the job."""
    return isinstance(problem, NetworkFault) or (isinstance(problem, ServerRefusal) and problem.status >= 429)
