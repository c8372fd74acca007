"""The programs of an emulated cloud on this computer: what runs a job, and what a job says that cannot be run."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.transpiler import Target
from returns.result import Failure, Result, Success

from .._log import logger
from ..bridge.executable import check_pubs
from ..bridge.target import build_target
from ..bridge.typed_json import decode_value, encode_value
from ..core.messages import describe
from ..emulator.needs import JobTask
from ..emulator.world import Crashed, Finished, Outcome
from ..records.backend import Configuration
from ..records.problem import Problem, TooHeavy
from ..transport.simulations import INTERNAL, NOT_SIMULATED, crash_of
from ..wire.configuration import read_configuration, read_properties
from .conditions import Conditions, Simulated
from .estimates import LONGEST_JOB
from .estimator import run_estimator_job
from .job_params import EstimatorJob, SamplerJob, decode_estimator_params, decode_sampler_params, shots_for
from .plain_results import encode_plain_result
from .sampler import run_sampler_job

Job = TypeVar("Job", SamplerJob, EstimatorJob)

Program = Callable[[Any, JobTask], object]
"""From the params of a job, read as typed JSON, and its task to its result or its `Outcome`."""

INVALID = 1002
UNKNOWN_PROGRAM = 1007
TOO_HEAVY = 5204
TOO_MANY_SHOTS = 6000
NOT_IN_BASIS = 7000
"""Codes of the service's registry. Where it has several in one family, the choice is ours (B192)."""


def run_task(task: JobTask, programs: Mapping[str, Program] = {}, *, longest: float = LONGEST_JOB) -> Outcome:
    """Run a job on the device that its task describes. The same task gives the same outcome, in any process.

    Never raises: whatever a simulation or a program raises is a failed job, with the traceback in its logs.

    Args:
        task: All that the outcome depends on.
        programs: What to run for programs other than sampler and estimator, or in their place.
        longest: Seconds. A primitive that is estimated to take longer fails with `TOO_HEAVY` before it begins; what it
            does otherwise does not depend on this.

    Source: behaviour B185, B192, B193, B250.
    """
    try:
        return _run_program(task, programs, longest)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever is raised is the outcome of the job
        logger.warning("Job %s failed: its %s raised", task.id, task.program, exc_info=True)
        return crash_of(error, INTERNAL if task.program in programs else NOT_SIMULATED)


def is_too_heavy(outcome: Outcome) -> bool:
    """Tell whether a job failed because it would take longer than it might."""
    return isinstance(outcome, Crashed) and outcome.code == TOO_HEAVY


def _run_program(task: JobTask, programs: Mapping[str, Program], longest: float) -> Outcome:
    if task.program in programs:
        return _run_registered(task, programs[task.program])
    match task.program:
        case "sampler":
            return _run(task, decode_sampler_params, run_sampler_job, longest)
        case "estimator":
            return _run(task, decode_estimator_params, run_estimator_job, longest)
        case _:
            return Crashed(
                reason=f"This emulated cloud has no program {task.program!r}.",
                code=UNKNOWN_PROGRAM,
                solution=f"Give emulated_cloud(programs={{{task.program!r}: function}}) one.",
            )


def _run_registered(task: JobTask, program: Program) -> Outcome:
    """Run a program of the user's."""
    params = decode_value(task.params)
    match params:
        case Failure(problem):
            return _crash(problem, INVALID)
    result = program(params.unwrap(), task)
    return result if isinstance(result, Finished | Crashed) else Finished(result=encode_value(result))


def _run(
    task: JobTask,
    decode: Callable[[bytes], Result[Job, Problem]],
    simulate: Callable[[Job, Conditions], Result[Simulated[Any], Problem]],
    longest: float,
) -> Outcome:
    decoded = decode(task.params)
    match decoded:
        case Failure(problem):
            return _crash(problem, INVALID)
    job = decoded.unwrap()
    known, target = _describe(task.configuration, task.properties)
    conditions = Conditions(
        target=target,
        seed=task.seed,
        started=task.starts_at,
        ended=task.ends_at,
        simulator=known.simulator,
        mock=task.mock,
        longest=longest,
    )
    return _judge(job, known, target) or _finish(job.plain, simulate(job, conditions))


def _judge(job: SamplerJob | EstimatorJob, known: Configuration, target: Target) -> Crashed | None:
    """Return why the device does not take a job, if so."""
    for index, pub in enumerate(job.pubs):
        wanted = pub.shots if isinstance(pub, SamplerPub) else shots_for(pub.precision)
        if known.max_shots is not None and wanted > known.max_shots:
            reason = f"PUB {index} asks for {wanted} shots, the device takes up to {known.max_shots}."
            return Crashed(reason=reason, code=TOO_MANY_SHOTS, solution="Ask for fewer shots, or split the PUB.")
        width = pub.circuit.num_qubits
        if width > target.num_qubits:
            reason = f"PUB {index} has {width} qubits, the device {target.num_qubits}."
            return Crashed(reason=reason, code=INVALID, solution="Transpile the circuit for the device.")
    delay, allowed = job.settings.execution.rep_delay, known.rep_delay_range
    if delay is not None and allowed and not allowed[0] <= delay * 1e6 <= allowed[1]:
        reason = f"The rep_delay of {delay} s is not within the {allowed[0]} to {allowed[1]} µs of the device."
        return Crashed(reason=reason, code=INVALID, solution="Choose a delay in backend.rep_delay_range, in seconds.")
    match check_pubs(job.pubs, target, simulator=known.simulator):
        case Failure(problem):
            return _crash(problem, NOT_IN_BASIS)
    return None


def _finish(plain: bool, ran: Result[Simulated[Any], Problem]) -> Outcome:
    match ran:
        case Success(simulated):
            encode = encode_plain_result if plain else encode_value
            return Finished(result=encode(simulated.result), logs="\n".join((*simulated.notes, "")))
        case failed:
            problem = failed.failure()
            return _crash(problem, TOO_HEAVY if isinstance(problem, TooHeavy) else NOT_SIMULATED)


def _crash(problem: Problem, code: int) -> Crashed:
    """Return what a job says that could not be run."""
    message = describe(problem)
    return Crashed(reason=message.what, code=code, solution=message.fix)


@lru_cache(maxsize=8)
def _describe(configuration: bytes, properties: bytes) -> tuple[Configuration, Target]:
    """Return what a device says of itself, and its target; the bodies come from our own snapshots or worlds."""
    known = read_configuration(configuration, "emulated").unwrap()
    return known, build_target(known, read_properties(properties, "emulated").unwrap())
