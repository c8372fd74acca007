"""The job that users hold: a Qiskit `BasePrimitiveJob` that is waited for and read."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any, Self, cast

import msgspec
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives import PrimitiveResult, PubResult
from qiskit.providers.exceptions import QiskitBackendNotFoundError
from returns.result import Failure, Result, Success

from .._public import public
from ..bridge.learned_noise import NoiseLearnerV3Results
from ..bridge.results import as_layers, decode_result, has_schema
from ..bridge.typed_json import decode_value
from ..client.raising import exception_of, raise_if, value_or_raise
from ..core.arguments import if_given, read_flag, read_list_of_texts, read_patience
from ..core.jobs import blame_job, is_final, newer_of, problem_of, reason_in, status_of
from ..core.lost_noise import find_warning
from ..core.reports import describe_jobs
from ..core.submissions import join_tags, submission_tags, users_tags
from ..core.troubles import describe_troubles
from ..records.job import CALIBRATE, EXECUTOR, NOISE_LEARNER, Job, JobMetrics
from ..records.problem import JobFailed, NoResult, Problem, TooSlow
from ..records.report import Report
from ..transport.process import ProcessLock
from ..wire.error_bodies import start_of
from ..wire.responses import read_instant
from .base_job import BaseJob, decode_with, read_decoder
from .decoder import tell_of_newer
from .display import Table
from .lost_noise import warn_of_left_out
from .pickling import from_plain, to_plain
from .waiting import read_on_change, read_wait, wait_all

if TYPE_CHECKING:
    from .backend import IBMBackend
    from .models import BackendProperties
    from .service import QiskitRuntimeService


def with_copy(left: Callable[[], float]) -> Callable[[], float]:
    """Return what tells the seconds that reading may still take where as many as it took are kept for a copy.

    Source: behaviour B310, B319.
    """
    began = left()
    return lambda: 2 * left() - began


@public()
class RuntimeJobV2(BaseJob):
    """One job of one instance. Made by a primitive or a service, never by hand.

    Two are equal if they have one id and one instance. A pickle carries what was read of the job,
    its result too, and no key: what comes out of it answers from that and sends nothing; on the
    local channel the cloud travels with it. Threads may share a job.

    Source: behaviour B107, B150, B278.
    """

    def __init__(self, service: "QiskitRuntimeService", job: Job, backend: "IBMBackend | None" = None) -> None:
        super().__init__(job_id=job.id)
        self._service = service
        self._client = service._client
        self._job = job
        self._backend = backend
        self._reading = ProcessLock(RLock)
        self._body: bytes | None = None
        self._doubted = False
        self._result: Any = None
        self._inputs: dict[str, Any] | None = None
        self._properties: BackendProperties | None = None

    # What is known without asking

    @property
    def service(self) -> "QiskitRuntimeService":
        """The service that this job came from."""
        return self._service

    @property
    def record(self) -> Job:
        """The job as the service last described it."""
        return self._job

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
        """Whether the result can be read only once. It is kept here when it was."""
        return self._job.private

    @property
    def image(self) -> str:
        """The container image that the job asked for, or `""` for the service's own."""
        return self._job.image

    @property
    def tags(self) -> list[str]:
        """The user's tags as last read. That of the submission is in `record.tags`.

        Source: behaviour B325.
        """
        return list(users_tags(self._job.tags))

    @property
    def creation_date(self) -> datetime | None:
        """When the job was created, in local time with its zone."""
        return None if self._job.created is None else datetime.fromtimestamp(self._job.created, UTC).astimezone()

    @property
    def usage_estimation(self) -> dict[str, Any]:
        """What the service expects the job to cost, as `quantum_seconds`; asked for until it is told."""
        known = self._job if self._job.estimated_seconds is not None else self._look()
        return {"quantum_seconds": known.estimated_seconds}

    @property
    def inputs(self) -> dict[str, Any]:
        """The parameters that the job was submitted with, circuits and arrays built. Fetched once; each time a copy.

        Empty where the service does not tell them, as for a private job. Of a job that runs a quantum program they
        are `schema_version`, `quantum_program` and `options`, an `ExecutorOptions`.

        Source: behaviour B310, B366.
        """
        if self._inputs is None:
            left = self._client.time_left()
            body = value_or_raise(self._client.inputs(self.instance, self.job_id()))
            read = Success({}) if body is None else self._read_inputs(body, with_copy(left))
            built = value_or_raise(read.alt(self._unreadable("inputs", body or b"")))
            self._inputs = built if isinstance(built, dict) else {}
        return deepcopy(self._inputs)

    def backend(self, timeout: float | None = None) -> "IBMBackend | None":
        """Return the backend of the job, a placeholder if it is no longer there, or `None` while it has none.

        Args:
            timeout: As IBM's has it. Nothing is waited for: a job without a backend is asked for it once.

        Raises:
            IBMRuntimeError: It could not be asked for. Also an `IBMApiError` or `IBMNotAuthorizedError`.

        Source: behaviour B109, B294.
        """
        value_or_raise(read_patience("timeout", timeout))
        if self._backend is None and (name := self._job.backend or self._look().backend) is not None:
            try:
                self._backend = self._service._chooser.find(name, self.instance, subject="jobs")
            except QiskitBackendNotFoundError:
                from .backend import retired_backend

                self._backend = retired_backend(self._service, self.instance, name)
        return self._backend

    def properties(self, refresh: bool = False) -> "BackendProperties | None":
        """Return the calibration that the backend had when the job began to run, or `None` before that.

        Args:
            refresh: Fetch it anew.

        Raises:
            IBMRuntimeError: It could not be asked for. Also an `IBMApiError` or `IBMNotAuthorizedError`.

        Source: behaviour B294.
        """
        if value_or_raise(read_flag("refresh", refresh)) or self._properties is None:
            began = read_instant(self._metrics().running)
            backend = self.backend()
            if began is not None and backend is not None:
                from .models import BackendProperties  # Here, because few jobs are asked for it.

                calibration = backend._calibration(datetime.fromtimestamp(began, UTC), subject="jobs")
                self._properties = None if calibration is None else BackendProperties(calibration)
        return self._properties

    # How it stands

    def status(self) -> str:
        """Return `INITIALIZING`, `QUEUED`, `RUNNING`, `DONE`, `ERROR` or `CANCELLED`.

        A word of the service that is none of these is returned in upper case.

        Source: behaviour B40.
        """
        return status_of(self._look().state)

    def in_final_state(self) -> bool:
        """Whether the job has come to its end, good or bad."""
        return is_final(self._look().state)

    def error_message(self) -> str | None:
        """Return why the job failed, or `None` if it did not.

        Source: behaviour B151.
        """
        problem = self._problem()
        state = self._job.state
        if status_of(state) != "ERROR":
            return None
        reason = problem.reason if isinstance(problem, JobFailed) else state.reason
        return f"Error code {state.code}; {reason}" if state.code is not None else reason

    def metrics(self) -> dict[str, Any]:
        """Return what the service tells of the run, such as `timestamps` (ISO texts) and `usage` (seconds)."""
        return value_or_raise(self._client.all_metrics(self.instance, self.job_id()))

    def usage(self, partial: bool = False) -> float | None:
        """Return the seconds charged, 0 until they are settled unless `partial`.

        `None` where the service tells no seconds of a charge, as where it counts in resource units alone: those are in
        `metrics()["usage"]["value"]`, and in `record.charged_ru` once the job was looked at.

        Source: behaviour B540.
        """
        all_of_it = value_or_raise(read_flag("partial", partial))
        metrics = self._metrics()
        if metrics.settled:
            return metrics.charged_seconds
        return (metrics.charged_seconds or 0) if all_of_it else 0

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
        progress: bool = False,
    ) -> None:
        """Block until the job is final. Interrupting the wait leaves the job running.

        Args:
            timeout: Seconds to wait; `None` waits for ever.
            poll_interval: Seconds between two looks, 0.1 at least; by default they grow with the wait.
            on_change: Called with the status and the seconds waited, first and at each change.
            progress: Show a line on the terminal or in the notebook while it goes on; nothing elsewhere.

        Raises:
            RuntimeJobTimeoutError: `timeout` seconds went by first.
            IBMApiError: The service could not be read, several times in a row, or not once until then.

        Source: behaviour B42, B152, B326.
        """
        tell = value_or_raise(read_on_change("on_change", on_change))
        notify = None if tell is None else lambda job, waited: tell(status_of(job.record.state), waited)
        wait_all([self], timeout, poll_interval, on_change=notify, progress=progress)

    def result(
        self,
        timeout: float | None = None,
        decoder: Any = None,
        poll_interval: float | None = None,
        *,
        progress: bool = False,
    ) -> "PrimitiveResult[PubResult]":
        """Wait for the job and return its result. It is fetched once, and decoded once; each call returns a copy.

        Its type is that of sampler and estimator, so that editors know what `job.result()[0].data` is. Nothing else
        is so often asked for, and only the service knows which program a job of `service.job` runs. Other programs,
        and a `decoder`, return other data: `typing.cast` says so to a type checker.

        Args:
            timeout: Seconds to wait; `None` waits for ever.
            decoder: What reads the text of the result in the place of our own: a function, something with a
                method `decode`, or several of these, each given what the one before returns.
            poll_interval: Seconds between two looks, 0.1 at least; by default they grow with the wait.
            progress: Show a line while it is waited for, as in `wait_for_final_state`.

        Raises:
            RuntimeJobTimeoutError: `timeout` seconds went by first.
            RuntimeJobFailureError: The job failed.
            RuntimeJobMaxTimeoutError: The job ran into its maximum execution time.
            RuntimeInvalidStateError: The job was cancelled, or its result is gone.
            IBMApiError: The result could not be read. Its bytes are kept, and `save_result` writes them; the next
                call fetches them anew, unless the job is private.

        Warns:
            UserWarning: The job was simulated with less noise than its device has, or its state was cut off.

        Source: behaviour B40, B41, B48, B150, B253, B271, B310, B366.
        """
        reader = value_or_raise(if_given(read_decoder)("decoder", decoder))
        self._wait_for_body(timeout, poll_interval, progress)
        left = self._client.time_left()
        body = self._fetched(left)
        if reader is not None:
            return decode_with(reader, body.decode("utf-8", "replace"))
        with self._reading:
            if self._result is None:
                body = self._fetched_again(body, left) if self._doubted else body
                self._result = self._decoded(body, with_copy(left))
                warn_of_left_out(find_warning(getattr(self._result, "metadata", None)))
            kept = self._result
            if self._job.program == EXECUTOR and not isinstance(kept, PrimitiveResult | NoiseLearnerV3Results):
                # Its arrays take more than its bytes do, which are kept.
                self._result = None
                return cast("PrimitiveResult[PubResult]", kept)
        return deepcopy(kept)

    def raw_result(
        self, timeout: float | None = None, poll_interval: float | None = None, *, progress: bool = False
    ) -> bytes:
        """Wait for the job and return the bytes of its result as they came. They are fetched once, and kept.

        Raises what `result` raises, but nothing about decoding.

        Source: behaviour B150.
        """
        self._wait_for_body(timeout, poll_interval, progress)
        return self._fetched(self._client.time_left())

    def cancel(self) -> None:
        """Stop the job.

        Raises:
            RuntimeInvalidStateError: It has come to its end already.
        """
        value_or_raise(self._client.cancel_job(self.instance, self.job_id()))

    def update_tags(self, new_tags: Sequence[str]) -> list[str]:
        """Replace the user's tags and return what the service then has. That of the submission stays.

        Raises:
            IBMInputValueError: They are no list of texts.

        Source: behaviour B325.
        """
        given = dict.fromkeys(value_or_raise(read_list_of_texts("new_tags", new_tags)))
        tags = join_tags(given, submission_tags(self._job.tags))
        value_or_raise(self._client.put_tags(self.instance, self.job_id(), tags))
        self._job = value_or_raise(self._client.job(self.instance, self.job_id()))
        return self.tags

    def _learn(self, found: Job) -> None:
        """Take over what a look at several jobs at once found."""
        self._job = newer_of(self._job, found)

    # As a value

    def _repr_html_(self) -> str:
        return JobList([self])._repr_html_()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RuntimeJobV2):
            return NotImplemented
        return (self.job_id(), self.instance) == (other.job_id(), other.instance)

    def __hash__(self) -> int:
        return hash((self.job_id(), self.instance))

    def __reduce__(self) -> tuple[Any, ...]:
        # The service leaves its key behind. The result is decoded anew where it is wanted.
        return self._restore, (self._service, to_plain(self._job), self._body)

    @classmethod
    def _restore(cls, service: "QiskitRuntimeService", job: Any, body: bytes | None) -> Self:
        """Make a job from its pickle."""
        restored = cls(service, from_plain(job, Job))
        restored._body = body
        return restored

    # Steps shared by the methods above

    def _look(self) -> Job:
        """Return the job as it stands. A final job is not asked for again."""
        if not is_final(self._job.state):
            self._job = value_or_raise(self._client.job(self.instance, self.job_id()))
        return self._job

    def _metrics(self) -> JobMetrics:
        return value_or_raise(self._client.metrics(self.instance, self.job_id()))

    def _problem(self) -> Problem | None:
        """Return why the job has no result. A failure without a reason is looked up where its result would be."""
        problem = problem_of(self._look())
        if isinstance(problem, JobFailed) and not problem.reason:
            body = self._client.result(self.instance, self.job_id()).value_or(None)
            return msgspec.structs.replace(problem, reason=reason_in(body))
        return problem

    def _wait_for_body(self, timeout: float | None, poll_interval: float | None, progress: bool) -> None:
        """Wait until the bytes of the result can be fetched, if they are not here. Raises why there are none."""
        read_wait(timeout, poll_interval, progress)
        with self._reading:
            if self._body is not None:
                return
        self.wait_for_final_state(timeout, poll_interval, progress=progress)
        raise_if(self._problem())

    def _fetched(self, left: Callable[[], float]) -> bytes:
        """Return the bytes of the result, fetched in the time that is left."""
        # A private result can be read once, so only one thread may fetch it.
        with self._reading:
            if self._body is None:
                self._body = value_or_raise(self._client.before(left()).result(self.instance, self.job_id()))
            if self._body is None:
                raise exception_of(NoResult(job=self.job_id()))
            return self._body

    def _fetched_again(self, body: bytes, left: Callable[[], float]) -> bytes:
        """Return the result as it comes now, or as it came where it does not come any more."""
        again = self._client.before(left()).result(self.instance, self.job_id())
        self._body = again.value_or(None) or body
        self._doubted = False
        return self._body

    def _has_schema(self, body: bytes) -> bool:
        """Tell whether a body is of a program's own schema, and not typed JSON."""
        return self._job.program in (EXECUTOR, NOISE_LEARNER, CALIBRATE) and has_schema(body)

    def _read_inputs(self, body: bytes, left: Callable[[], float]) -> Result[Any, Problem]:
        if not self._has_schema(body):
            return decode_value(body, time_left=left)
        from .program_jobs import read_program_inputs  # Here, because it takes the extra, and long to load.

        return read_program_inputs(self._job.program, body, left)

    def _read_result(self, body: bytes, left: Callable[[], float]) -> Result[Any, Problem]:
        if not self._has_schema(body):
            decoded = decode_result(body, time_left=left)
            return decoded.map(as_layers) if self._job.program == NOISE_LEARNER else decoded
        from .program_jobs import read_program_result

        return read_program_result(self._job.program, body, left)

    def _decoded(self, body: bytes, left: Callable[[], float]) -> Any:
        match self._read_result(body, left).alt(self._unreadable("result", body)):
            case Failure(problem):
                # What there was no time for is as good as it was.
                self._doubted = not (self.private or isinstance(problem, TooSlow))
                error = exception_of(problem)
                error.add_note(f"The {len(body)} bytes are kept: job.save_result(path) writes them to a file.")
                raise error
            case Success(result):
                return result

    def _unreadable(self, part: str, body: bytes) -> Callable[[Problem], Problem]:
        """Return what says of a text that cannot be decoded whose it is, and warns where it is of a newer Qiskit."""
        blame = partial(blame_job, job=self._job, part=part, start=start_of(body))
        return lambda problem: blame(tell_of_newer(problem))


class JobList(Table[RuntimeJobV2]):
    """Jobs: a list, a table in a notebook, a data frame of what the service last said of them."""

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for each job. `created` has its zone; what is charged is `None` until it is settled."""
        return [
            {
                "job_id": job.job_id(),
                "status": status_of(job.record.state),
                "reason": job.record.state.reason,
                "program": job.primitive_id,
                "backend": job.record.backend,
                "instance": job.instance,
                "session_id": job.session_id,
                "created": job.creation_date,
                "charged_seconds": job.record.charged_seconds,
                "charged_ru": job.record.charged_ru,
                "tags": job.tags,
            }
            for job in self
        ]

    def report(self) -> Report:
        """Return the jobs as a table of text, and what is missing."""
        names = self[0].service.instance_names() if self else {}
        return describe_jobs("Jobs", self.to_dicts(), names, describe_troubles(self.troubles, names))
