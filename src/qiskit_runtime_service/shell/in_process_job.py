"""Primitives on a backend that no service has: Qiskit's own run on it, in a thread of this process."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from copy import copy, deepcopy
from datetime import UTC, datetime
from threading import TIMEOUT_MAX
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import uuid4

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives import BackendEstimatorV2, BackendSamplerV2, PrimitiveResult, PubResult
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.providers import BackendV2

from .._warn import warn_user
from ..bridge.ledger import RefusedError
from ..bridge.typed_json import encode_value
from ..client.raising import exception_of, value_or_raise
from ..core.arguments import if_given, read_flag, read_list_of_texts, read_patience
from ..core.lost_noise import KEY
from ..records.job import EXECUTOR
from ..records.options import DEFAULT_SHOTS, Unset
from ..records.problem import JobCancelled, JobFailed, JobNotCancellable, JobStaysHere, JobTimeout
from .base_job import BaseJob, decode_with, read_decoder
from .options import EstimatorOptions, SamplerOptions
from .snapshot_backend import SnapshotBackend, tell_of_lost_noise
from .waiting import read_on_change, read_wait

if TYPE_CHECKING:
    from qiskit.circuit import CircuitInstruction
    from qiskit.quantum_info import PauliLindbladMap

    from ..programs.quantum_program import QuantumProgram
    from ..programs.results import QuantumProgramResult
    from .option_models import ExecutorOptions

DEFAULT_PRECISION = 0.015625
"""In shots: 4096."""

_MEASURE: dict[object, dict[str, object]] = {
    "kerneled": {"meas_level": 1, "meas_return": "single"},
    "avg_kerneled": {"meas_level": 1, "meas_return": "avg"},
}
"""What a backend is told so that it returns complex points."""


class InProcessJob(BaseJob):
    """A job that runs in this process. It has the methods of `RuntimeJobV2`, and nothing is sent.

    From its end on it can be pickled, if its backend can; before, that is a `RuntimeInvalidStateError`.

    Source: behaviour B168, B278.
    """

    session_id: ClassVar[None] = None
    """There is nothing to hold."""
    instance: ClassVar[None] = None
    """There is no service."""
    service: ClassVar[None] = None
    """There is no service."""
    private: ClassVar[bool] = False
    """The result can be read again and again."""
    image: ClassVar[str] = ""
    """There is no container."""

    def __init__(
        self,
        backend: BackendV2,
        program: str,
        inputs: Mapping[str, Any],
        tags: Iterable[str],
        run: Callable[[], Any],
        encode: Callable[[Any], bytes] = encode_value,
    ) -> None:
        # Here, because the thread has no line of the user's to warn at.
        self._lost_noise = tell_of_lost_noise(backend) if isinstance(backend, SnapshotBackend) else ()
        super().__init__(job_id=str(uuid4()))
        self._backend = backend
        self._program = program
        self._inputs = dict(inputs)
        self._tags = list(tags)
        self._encode = encode
        self._times = {"created": datetime.now(UTC)}
        pool = ThreadPoolExecutor(1)
        self._future: Future[PrimitiveResult] = pool.submit(self._run, run)
        pool.shutdown(wait=False)

    def _run(self, run: Callable[[], PrimitiveResult]) -> PrimitiveResult:
        self._times["running"] = datetime.now(UTC)
        result = run()
        if self._lost_noise:
            result.metadata[KEY] = list(self._lost_noise)
        self._times["finished"] = datetime.now(UTC)
        return result

    # What is known of it

    @property
    def primitive_id(self) -> str:
        """The program that runs, `sampler` or `estimator`."""
        return self._program

    @property
    def inputs(self) -> dict[str, Any]:
        """PUBs and options; each time a copy."""
        return deepcopy(self._inputs)

    @property
    def tags(self) -> list[str]:
        """The tags that were set as `environment.job_tags`."""
        return list(self._tags)

    @property
    def creation_date(self) -> datetime:
        """When the job was created, in local time with its zone."""
        return self._times["created"].astimezone()

    @property
    def usage_estimation(self) -> dict[str, Any]:
        """What the job is expected to cost, as `quantum_seconds`: nothing."""
        return {"quantum_seconds": 0.0}

    def backend(self, timeout: float | None = None) -> BackendV2:
        """Return the backend that the job runs on."""
        value_or_raise(read_patience("timeout", timeout))
        return self._backend

    def properties(self, refresh: bool = False) -> Any:
        """Return the calibration of the backend, or `None` where it has none."""
        value_or_raise(read_flag("refresh", refresh))
        return self._backend.properties() if isinstance(self._backend, SnapshotBackend) else None

    def metrics(self) -> dict[str, Any]:
        """Return when the job ran, in UTC as the service writes it (ISO texts). It costs nothing."""
        instants = {name: self._times.get(name) for name in ("created", "running", "finished")}
        timestamps = {name: instant and f"{instant:%Y-%m-%dT%H:%M:%S.%fZ}" for name, instant in instants.items()}
        return {"timestamps": timestamps, "usage": {"qpu_charge_time_seconds": 0, "status": "complete"}}

    def usage(self, partial: bool = False) -> float:
        """Return 0: nothing is charged."""
        value_or_raise(read_flag("partial", partial))
        return 0

    def logs(self) -> str:
        """Return what was left out of the noise of the device; otherwise nothing."""
        return "".join(f"{sentence}\n" for sentence in self._lost_noise)

    # How it stands

    def status(self) -> str:
        """Return `QUEUED`, `RUNNING`, `DONE`, `ERROR` or `CANCELLED`."""
        if self._future.cancelled():
            return "CANCELLED"
        if self._future.done():
            return "DONE" if self._future.exception() is None else "ERROR"
        return "RUNNING" if self._future.running() else "QUEUED"

    def in_final_state(self) -> bool:
        """Whether the job has come to its end, good or bad."""
        return self._future.done()

    def error_message(self) -> str | None:
        """Return why the job failed, or `None` if it did not."""
        return str(self._future.exception()) if self.errored() else None

    # What can be done with it

    def wait_for_final_state(
        self,
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        on_change: Callable[[str, float], None] | None = None,
        progress: bool = False,
    ) -> None:
        """Block until the job is final.

        Args:
            timeout: Seconds to wait; `None` waits for ever.
            poll_interval: Without effect: the end is noticed at once.
            on_change: Called with the status and the seconds waited, first and at the end.
            progress: Without effect.

        Raises:
            RuntimeJobTimeoutError: `timeout` seconds went by first.
        """
        patience, _ = read_wait(timeout, poll_interval, progress)
        tell = value_or_raise(read_on_change("on_change", on_change))
        started = monotonic()
        if tell is not None:
            tell(self.status(), 0.0)
        # Python's own waits take no more.
        longest = None if patience is None else min(patience, TIMEOUT_MAX)
        # A job that was cancelled is final at once; its thread may notice later.
        if not (self._future.done() or wait_for([self._future], longest).done):
            raise exception_of(JobTimeout(job=self.job_id(), status=self.status(), waited=monotonic() - started))
        if tell is not None:
            tell(self.status(), monotonic() - started)

    def result(
        self,
        timeout: float | None = None,
        decoder: Any = None,
        poll_interval: float | None = None,
        *,
        progress: bool = False,
    ) -> "PrimitiveResult[PubResult]":
        """Wait for the job and return its result, each time a copy, or what `decoder` makes of it.

        Args:
            timeout: Seconds to wait; `None` waits for ever.
            decoder: What reads the text of `raw_result` in the place of our own.
            poll_interval: Without effect: the end is noticed at once.
            progress: Without effect.

        Raises:
            RuntimeJobTimeoutError: `timeout` seconds went by first.
            RuntimeJobFailureError: The backend or the simulator could not run it. Its own error is the cause.
            RuntimeInvalidStateError: The job was cancelled.

        Source: behaviour B310.
        """
        reader = value_or_raise(if_given(read_decoder)("decoder", decoder))
        kept = self._wait_for_result(timeout, poll_interval, progress)
        return deepcopy(kept) if reader is None else decode_with(reader, self._encode(kept).decode())

    def raw_result(
        self, timeout: float | None = None, poll_interval: float | None = None, *, progress: bool = False
    ) -> bytes:
        """Wait for the job and return its result as the service would send it."""
        return self._encode(self._wait_for_result(timeout, poll_interval, progress))

    def _wait_for_result(self, timeout: float | None, poll_interval: float | None, progress: bool) -> PrimitiveResult:
        """Return the result that is kept here."""
        self.wait_for_final_state(timeout, poll_interval, progress=progress)
        if self._future.cancelled():
            raise exception_of(JobCancelled(job=self.job_id(), reason=""))
        cause = self._future.exception()
        if cause is not None:
            raise exception_of(JobFailed(job=self.job_id(), reason=f"{type(cause).__name__}: {cause}")) from cause
        return self._future.result()

    def update_tags(self, new_tags: Sequence[str]) -> list[str]:
        """Replace the tags and return them."""
        self._tags = list(dict.fromkeys(value_or_raise(read_list_of_texts("new_tags", new_tags))))
        return self.tags

    def cancel(self) -> None:
        """Stop the job, if it has not begun.

        Raises:
            RuntimeInvalidStateError: It runs, or has come to its end already.
        """
        if self._future.cancelled():
            raise exception_of(JobNotCancellable(job=self.job_id(), message="it was cancelled before."))
        if not self._future.cancel():
            raise exception_of(JobNotCancellable(job=self.job_id(), message="it has begun in this process."))

    # As a value

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        # It runs once, whoever holds it.
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        if not self.in_final_state():
            raise exception_of(JobStaysHere(job=self.job_id(), status=self.status()))
        known = {name: value for name, value in vars(self).items() if name != "_future"}
        cancelled = self._future.cancelled()
        error = None if cancelled else self._future.exception()
        result = None if cancelled or error is not None else self._future.result()
        return self._restore, (known, self.status(), error, result)

    @classmethod
    def _restore(
        cls, known: dict[str, Any], status: str, error: BaseException | None, result: "PrimitiveResult | None"
    ) -> Self:
        """Make a job from its pickle."""
        job = object.__new__(cls)
        job.__dict__.update(known, _future=_ended(status, error, result))
        return job


def _ended(status: str, error: BaseException | None, result: "PrimitiveResult | None") -> "Future[PrimitiveResult]":
    """Return a future that has come to its end."""
    future: Future[PrimitiveResult] = Future()
    if status == "CANCELLED":
        future.cancel()
    elif error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
    return future


# The two programs


def start_sampler(backend: BackendV2, pubs: Sequence[SamplerPub], options: SamplerOptions) -> InProcessJob:
    """Run a sampler on `backend`, with those options that have an effect there.

    Source: behaviour B168.
    """
    effective = ("default_shots", "simulator.seed_simulator", "simulator.noise_model", "execution.meas_type")
    _warn_of_others(backend, options, effective)
    simulator = options.simulator
    run_options = dict(_MEASURE.get(options.execution.meas_type, {}))
    if simulator.noise_model:
        run_options["noise_model"] = simulator.noise_model
    sampler = BackendSamplerV2(
        backend=backend,
        options={
            "default_shots": options.default_shots or DEFAULT_SHOTS,
            "seed_simulator": _set_or_none(simulator.seed_simulator),
            "run_options": run_options or None,
        },
    )
    return InProcessJob(backend, "sampler", *_known(pubs, options), lambda: sampler.run(pubs).result())


def start_estimator(backend: BackendV2, pubs: Sequence[EstimatorPub], options: EstimatorOptions) -> InProcessJob:
    """Run an estimator on `backend`, with those options that have an effect there.

    Source: behaviour B168.
    """
    effective = ("default_precision", "default_shots", "seed_estimator", "simulator.seed_simulator")
    _warn_of_others(backend, options, effective)
    precision = options.default_precision or DEFAULT_PRECISION
    seed = options.simulator.seed_simulator
    estimator = BackendEstimatorV2(
        backend=backend,
        options={
            "default_precision": 1 / math.sqrt(options.default_shots) if options.default_shots else precision,
            "seed_simulator": _set_or_none(seed if seed is not Unset else options.seed_estimator),
        },
    )
    return InProcessJob(backend, "estimator", *_known(pubs, options), lambda: estimator.run(pubs).result())


def start_program(
    backend: BackendV2, program: "QuantumProgram", sent: Mapping[str, Any], options: "ExecutorOptions"
) -> InProcessJob:
    """Run a quantum program on `backend`, and read its result as the primitive does that prepared it.

    Source: behaviour B367.
    """
    from ..programs.quantum_program import taken
    from ..programs.roles import post_process
    from ..simulator.program_items import run_program
    from .option_models import ExecutorOptions

    _warn_of_idle(backend, sent)
    # Neither may change under the job, which runs while its user goes on.
    program, simulator = taken(program), copy(options.simulator)
    if simulator.warn_absent:
        _warn_of_absent(program, simulator.layer_noise_model or ())
    execution = {name: value for name, value in sent.items() if name != "experimental"}
    told = ExecutorOptions(execution=execution, experimental=dict(sent.get("experimental") or {}))
    inputs = {"schema_version": "v2.0", "quantum_program": program, "options": told}
    tags = options.environment.job_tags or ()
    bits = _Bits()

    def run() -> Any:
        try:
            answer = run_program(
                program,
                backend,
                seed=simulator.seed_simulator,
                layer_noise_model=simulator.layer_noise_model,
                angle_decimals=simulator.angle_decimals,
                scheduler_timing=bool(sent.get("scheduler_timing")),
                stretch_values=bool(sent.get("stretch_values")),
            )
        except RefusedError as refusal:
            raise exception_of(refusal.problem) from None
        bits.answer = answer
        return post_process(answer)

    return InProcessJob(backend, EXECUTOR, inputs, tags, run, bits)


class _Bits:
    """What the result of a program is read from, which may be read again; it travels with its job."""

    answer: "QuantumProgramResult"

    def __call__(self, _: object) -> bytes:
        """Return it as the service would send it."""
        from ..programs.result_bodies import encode_result

        return encode_result(self.answer, "v2.0")


def _warn_of_idle(backend: BackendV2, sent: Mapping[str, Any]) -> None:
    """Warn once of all that a program is told and a simulation does not follow."""
    idle = {name: sent[name] for name in ("rep_delay", "experimental") if sent.get(name)}
    if sent.get("init_qubits") is False:
        idle = {"init_qubits": False, **idle}
    if idle:
        warn_user(f"Options {idle} have no effect on {backend.name!r}, which runs in this process.")


def _warn_of_absent(program: "QuantumProgram", layers: "Sequence[tuple[CircuitInstruction, PauliLindbladMap]]") -> None:
    """Warn of layers that have no noise where others have one."""
    from ..simulator.layer_noise import find_absent, maps_of

    absent = find_absent((item.circuit for item in program.items), maps_of(layers))
    if absent:
        names = ", ".join(map(repr, absent))
        warn_user(f"Layers {names} have no noise in simulator.layer_noise_model, and are simulated without.")


def _known(
    pubs: Sequence[SamplerPub | EstimatorPub], options: SamplerOptions | EstimatorOptions
) -> tuple[Mapping[str, Any], Sequence[str]]:
    """Return the inputs and the tags of a job."""
    return {"pubs": list(pubs), "options": options.to_dict()}, options.environment.job_tags or ()


def _warn_of_others(backend: BackendV2, options: SamplerOptions | EstimatorOptions, effective: Sequence[str]) -> None:
    """Warn once of all options that are set and have no effect. What only labels a job goes without saying."""
    others = options.to_dict()
    for path in (*effective, "environment", "max_execution_time"):
        group, _, name = path.rpartition(".")
        held = others.get(group, {}) if group else others
        held.pop(name, None)
    others = {name: value for name, value in others.items() if value != {}}
    if others:
        warn_user(f"Options {others} have no effect on {backend.name!r}, which runs in this process.")


def _set_or_none(value: Any) -> Any:
    return None if value is Unset else value
