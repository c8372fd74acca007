"""Quantum programs on their way to a device: checked, encoded, submitted; and the executor that users hold."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar, cast

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.providers import BackendV2
from returns.result import Failure, Result

from .._public import public
from .._warn import warn_user
from ..bridge.circuits import shown
from ..bridge.delay_ticks import Counted, count_delays
from ..bridge.executable import check_pubs, speak_of
from ..bridge.qpy_form import UNWRITABLE, unwritable
from ..client.raising import exception_of, raise_if, value_or_raise
from ..core.arguments import read_mapping, show_value
from ..core.options import check_rep_delay
from ..core.shots import check_shots
from ..core.splitting import split_by_size
from ..programs.bodies import encode_circuits, encode_program
from ..programs.checks import check_program
from ..programs.executions import program_runs
from ..programs.items import AnyProgram
from ..programs.quantum_program import QuantumProgram, with_pubs
from ..records.estimate import UsageEstimate
from ..records.job import EXECUTOR, Submission
from ..records.problem import BadArgument, Problem, WrongType
from .backend import IBMBackend
from .base_backend import BaseBackend, refuse_unfit
from .estimate import Estimate, build_estimate, device_times, estimate_runs, target_of
from .in_process_job import start_program
from .job import RuntimeJobV2
from .option_models import ExecutorOptions
from .prepared import PreparedProgram
from .primitives import read_run, stand_in, tell_of_rounding
from .programs import Runner, not_json, read_mode, refuse_closed
from .session import Session
from .split_job import SplitJob, submit_parts

Options = TypeVar("Options", bound=Any)


class Directed(Runner, Generic[Options]):
    """What all have in common that run quantum programs: where they run, what is set, and how a job is submitted.

    Source: behaviour B361, B362.
    """

    _options_class: ClassVar[type[Any]]
    """The class of its options."""
    _program: ClassVar[str] = EXECUTOR
    """What the service calls it."""

    def __init__(
        self, mode: BackendV2 | Session | None = None, options: Options | Mapping[str, Any] | None = None
    ) -> None:
        self._backend, self._session = read_mode(mode)
        self._options: Options = self._options_class() if options is None else self._read_options(options)

    @property
    def options(self) -> Options:
        """What is set. Change it in place, or set it to other options or to a dictionary of them."""
        return self._options

    @options.setter
    def options(self, options: Options | Mapping[str, Any]) -> None:
        self._options = self._read_options(options)

    def _read_options(self, options: object) -> Options:
        """Return options: the object itself if it is one, else what a dictionary says."""
        kind = self._options_class
        if isinstance(options, kind):
            return cast("Options", options)
        wanted = f"a dictionary or {kind.__name__}"
        return cast("Options", kind(**value_or_raise(read_mapping("options", options, wanted=wanted))))

    # Steps of a run

    def _run_program(
        self,
        prepared: PreparedProgram,
        sent_options: Mapping[str, Any],
        dry_run: bool,
        max_payload: int | None = None,
        *,
        finite: bool = False,
    ) -> Any:
        """Check a program and run it, as one job: by one request, or in this process.

        Args:
            prepared: What is run, and which PUBs it is for.
            sent_options: What the program is told: `init_qubits`, `rep_delay`, `scheduler_timing`,
                `stretch_values`, `experimental`.
            dry_run: Whether a stand-in for the device takes the job.
            max_payload: How many bytes of parameters a job may have, where PUBs are split into several.
            finite: Whether all its numbers are known to be.

        Returns:
            The job; a `SplitJob` with `max_payload`.

        Raises:
            IBMInputValueError: Something in it is not what it must be, or cannot run on the backend as it is.
            IBMApiError, IBMRuntimeError: The service did not take the job, or the session is closed.
            QiskitBackendNotFoundError: `dry_run` is asked for, and the device has no stand-in.
        """
        tried, largest = read_run(dry_run, max_payload)
        program = prepared.program
        refuse_closed(self._session)
        pubs = self._checked(prepared, sent_options, finite=finite)
        _warn_of_unmeasured(program, "PUB" if prepared.pubs else "Item")
        if isinstance(self._backend, IBMBackend):
            return self._submit(self._backend, prepared, pubs, sent_options, tried, largest)
        if tried:
            warn_user(f"dry_run has no effect on {self._backend.name!r}, which runs in this process.")
        # It has the same methods.
        job = cast("RuntimeJobV2", start_program(self._backend, program, sent_options, self._options))
        return job if largest is None else SplitJob((job,))

    def _checked(
        self, prepared: PreparedProgram, sent_options: Mapping[str, Any], *, finite: bool = False
    ) -> list[SamplerPub]:
        """Return the circuits of a program with their arguments, or raise what of it cannot run."""
        pubs = value_or_raise(check_program(prepared.program, prepared.pubs, finite=finite))
        self._check_device(pubs, sent_options, prepared.pubs)
        return pubs

    def _estimate_prepared(self, prepared: PreparedProgram) -> Estimate:
        """Check a program as a run does, and return what it would use."""
        program, backend, sent_options = prepared.program, self._backend, options_for_program(self._options)
        pubs = self._checked(prepared, sent_options)
        if isinstance(backend, IBMBackend):
            self._check_served(backend, program, pubs, prepared.pubs)
        return build_estimate(self._usage_of(prepared, sent_options), backend, limit=self._limit())

    def _usage_of(self, prepared: PreparedProgram, sent_options: Mapping[str, Any]) -> UsageEstimate:
        """Return what a program would use that was checked. Nobody is asked."""
        runs = program_runs(prepared.program, target_of(self._backend), prepared.purposes)
        return estimate_runs(runs, device_times(self._backend), sent_options, self._session)

    @staticmethod
    def _check_served(
        backend: IBMBackend, program: QuantumProgram, pubs: Sequence[SamplerPub], of_pubs: Sequence[int | None]
    ) -> Counted[SamplerPub]:
        """Return the circuits with delays in ticks of a device of a service, or raise what of them it does not take."""
        raise_if(check_shots([program.shots], backend.configuration().max_shots, backend.name))
        ticked = count_delays(pubs, backend.dt or None, idle=bool(backend.row.simulator))
        counted: Counted[SamplerPub] = value_or_raise(speak_of("Item", ticked, of_pubs))
        return counted

    def _check_device(
        self, pubs: Sequence[SamplerPub], sent_options: Mapping[str, Any], of_pubs: Sequence[int | None] = ()
    ) -> None:
        """Raise what the device cannot run. Simulators, and backends of others, say so themselves."""
        backend = self._backend
        if not isinstance(backend, BaseBackend) or (isinstance(backend, IBMBackend) and backend.row.simulator):
            return
        if sent_options.get("rep_delay"):
            raise_if(check_rep_delay(sent_options["rep_delay"], backend.configuration().rep_delay_range))
        checked: Result[None, Any] = check_pubs(pubs, backend.target)
        refuse_unfit(speak_of("Item", checked, of_pubs), backend, lambda _: pubs[checked.failure().pub].circuit)

    def _submit(
        self,
        backend: IBMBackend,
        prepared: PreparedProgram,
        pubs: Sequence[SamplerPub],
        sent_options: Mapping[str, Any],
        dry_run: bool,
        max_payload: int | None,
    ) -> RuntimeJobV2 | SplitJob:
        program = prepared.program
        counted = self._check_served(backend, program, pubs, prepared.pubs)
        ticked = _in_ticks(program, counted, prepared.pubs)
        if dry_run:
            backend = stand_in(backend)

        def post(params: bytes) -> RuntimeJobV2:
            return backend.service.submit(self._submission(params, backend), backend)

        def encode(part: QuantumProgram) -> bytes:
            try:
                return encode_program(part, sent_options)
            except (TypeError, *UNWRITABLE) as error:
                raise _blame(ticked, error, prepared.pubs) from error

        if max_payload is None:
            return post(encode(ticked))
        count = 1 + max(pub for pub in prepared.pubs if pub is not None)
        split = split_by_size(count, lambda part: encode(self._part_of(ticked, part)), max_payload)
        return submit_parts(value_or_raise(split), post)

    @staticmethod
    def _part_of(program: QuantumProgram, pubs: slice) -> QuantumProgram:
        """Return the program of some of the PUBs. Only programs that are prepared for PUBs have parts."""
        raise NotImplementedError

    def _submission(self, params: bytes, backend: IBMBackend) -> Submission:
        """Put what is not for the program around its parameters.

        Source: behaviour B163.
        """
        environment = self._options.environment
        return Submission(
            program=self._program,
            backend=backend.name,
            params=params,
            log_level=environment.log_level,
            tags=tuple(environment.job_tags or ()),
            cost=self._limit(),
            private=bool(environment.private),
            session=None if self._session is None else self._session.session_id,
            image=environment.image,
            calibration_id=backend.calibration_id,
        )

    def _is_tagged(self) -> bool:
        """Whether layers are named, for a simulation in this process that gives them noise."""
        return not isinstance(self._backend, IBMBackend) and self._options.simulator.layer_noise_model is not None

    def _limit(self) -> int | None:
        """Return the seconds on the processor after which the service is to stop the job, or `None`."""
        return self._options.max_execution_time or self._options.environment.max_execution_time or None


def _in_ticks(program: QuantumProgram, counted: Counted[SamplerPub], of_pubs: Sequence[int | None]) -> QuantumProgram:
    """Return the program with all delays counted in ticks of the device, as the transpiler counts them."""
    tell_of_rounding(list(dict.fromkeys(_named(sentence, of_pubs) for sentence in counted.rounded)))
    made: QuantumProgram = value_or_raise(speak_of("Item", with_pubs(program, counted.pubs), of_pubs))
    return made


def _named(sentence: str, of_pubs: Sequence[int | None]) -> str:
    """Return a sentence that counts items as PUBs so that it speaks of items, or of the PUB that an item is for."""
    number = re.search(r"PUB (\d+)", sentence)
    item = -1 if number is None else int(number[1])
    pub = of_pubs[item] if 0 <= item < len(of_pubs) else None
    return sentence.replace("PUB", "item", 1) if pub is None else sentence.replace(f"PUB {item}", f"PUB {pub}", 1)


def _blame(program: QuantumProgram, error: Exception, of_pubs: Sequence[int | None]) -> Exception:
    """Return what says which item of a program cannot be sent; if all can, it is the options."""
    for index, item in enumerate(program.items):
        try:
            encode_circuits([item.circuit])
        except TypeError as reason:
            return not_json(f"items[{index}]", f"{shown(item.circuit)}, whose metadata are", reason)
        except UNWRITABLE as reason:
            unwritten: Result[None, Problem] = Failure(unwritable(index, item.circuit, reason))
            return exception_of(speak_of("Item", unwritten, of_pubs).failure())
    return not_json("experimental", "", TypeError(str(error)))


def _warn_of_unmeasured(program: QuantumProgram, noun: str) -> None:
    """Warn of the first item whose result will be empty."""
    unmeasured = next((index for index, item in enumerate(program.items) if not item.circuit.cregs), None)
    if unmeasured is not None:
        warn_user(f"{noun} {unmeasured} has no classical registers: its result will be empty.")


def check_types(types: object) -> None:
    """Raise that layers of other types are wanted than there are, if they are."""
    if types not in ("gates", "all"):
        raise exception_of(BadArgument(name="types", value=show_value(types), wanted="'gates' or 'all'"))


def options_for_program(options: Any) -> dict[str, Any]:
    """Return what a program is told, of options that have the groups `execution` and `experimental`."""
    execution = options.execution
    return {
        "init_qubits": execution.init_qubits,
        "rep_delay": execution.rep_delay,
        "scheduler_timing": execution.scheduler_timing,
        "stretch_values": execution.stretch_values,
        "experimental": dict(options.experimental or {}),
    }


@public()
class Executor(Directed[ExecutorOptions]):
    """Run quantum programs as they are: nothing is added to what they say.

    Args:
        mode: Where to run: a backend, a `Session` or a `Batch`; by default the session whose block is open. A backend
            that no service has runs in this process.
        options: An `ExecutorOptions`, which is kept, or a dictionary of its values.

    Raises:
        IBMInputValueError: `mode` is none of these, or an option cannot be meant.
    """

    _options_class = ExecutorOptions

    def run(self, program: AnyProgram | PreparedProgram, dry_run: bool = False) -> RuntimeJobV2:
        """Submit a job and return at once. It is one request. Its result is a `QuantumProgramResult`.

        Args:
            program: Circuits, their arguments, and how often each is run; or what a primitive has prepared. The result
                of that is what the primitive reads in it.
            dry_run: Let the service check and time the job on a stand-in for the device; the results are random.

        Raises:
            IBMInputValueError: The program is not what it must be or cannot run on the backend as it is.
            IBMApiError, IBMRuntimeError: The service did not take the job, or the session is closed.
            QiskitBackendNotFoundError: `dry_run` is asked for, and the device has no stand-in.

        Source: behaviour B361, B362, B408.
        """
        prepared = _as_prepared(program)
        return cast("RuntimeJobV2", self._run_program(prepared, options_for_program(self._options), dry_run))

    def estimate(self, program: AnyProgram | PreparedProgram) -> Estimate:
        """Return what `run` of the same would use, by IBM's formula. Nothing is submitted.

        Executions are counted as the program has them. It is one request at most, for what the instance has left, and
        that is remembered for a while.

        Args:
            program: As for `run`.

        Raises:
            IBMInputValueError: As `run` does.

        Source: behaviour B510 to B519.
        """
        return self._estimate_prepared(_as_prepared(program))


def _as_prepared(program: object) -> PreparedProgram:
    """Return a program as what a primitive has prepared, or as one that nobody has.

    Raises:
        IBMInputValueError: It is none.
    """
    if isinstance(program, PreparedProgram):
        return program
    if not isinstance(program, AnyProgram):
        wanted = "a QuantumProgram, or what prepare(pubs) of a primitive returns"
        raise exception_of(WrongType(name="program", value=show_value(program), wanted=wanted))
    made = program if isinstance(program, QuantumProgram) else QuantumProgram.from_(program)
    return PreparedProgram(made, [""] * len(made.items), [1] * len(made.items))
