"""The programs of an emulated cloud on this computer: what runs a job, and what a job says that cannot be run."""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, TypeVar

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.transpiler import Target
from returns.result import Failure, Result, Success

from .._log import logger
from ..bridge.executable import check_pubs
from ..bridge.target import build_target
from ..bridge.typed_json import decode_value, encode_value
from ..emulator.needs import JobTask
from ..emulator.world import Crashed, Finished, Outcome
from ..records.backend import Configuration
from ..records.problem import Problem
from ..transport.simulations import INTERNAL, NOT_SIMULATED, crash_of
from ..wire.configuration import read_configuration, read_properties
from .conditions import Conditions, Simulated
from .estimates import LONGEST_JOB
from .estimator import run_estimator_job
from .job_params import EstimatorJob, SamplerJob, decode_estimator_params, decode_sampler_params, shots_for
from .plain_results import encode_plain_result
from .refusals import (
    INVALID,
    NOT_IN_BASIS,
    TOO_HEAVY,
    UNKNOWN_PROGRAM,
    crash,
    crash_of_simulation,
    judge_executions,
    judge_rep_delay,
    judge_shots,
    judge_width,
)
from .sampler import run_sampler_job

Job = TypeVar("Job", SamplerJob, EstimatorJob)

Program = Callable[[Any, JobTask], object]
"""From the params of a job, read as typed JSON, and its task to its result or its `Outcome`."""


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
            return _run(task, read_sampler_job, run_sampler_job, longest)
        case "estimator":
            return _run(task, read_estimator_job, run_estimator_job, longest)
        case "executor" | "noise-learner" | "calibrate":
            return _run_directed(task, longest)
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
            return crash(problem, INVALID)
    result = program(params.unwrap(), task)
    return result if isinstance(result, Finished | Crashed) else Finished(result=encode_value(result))


def _run(
    task: JobTask,
    read: Callable[[bytes, Configuration, Target], Job | Crashed],
    simulate: Callable[[Job, Conditions], Result[Simulated[Any], Problem]],
    longest: float,
) -> Outcome:
    known, target = describe(task.configuration, task.properties)
    job = read(task.params, known, target)
    if isinstance(job, Crashed):
        return job
    return _finish(job.plain, simulate(job, _conditions(task, known, target, longest)))


def read_sampler_job(params: bytes, known: Configuration, target: Target) -> SamplerJob | Crashed:
    """Return a sampler job that a device takes, or what it says that cannot be run."""
    return _read(decode_sampler_params(params), known, target)


def read_estimator_job(params: bytes, known: Configuration, target: Target) -> EstimatorJob | Crashed:
    """Return an estimator job that a device takes, or what it says that cannot be run."""
    return _read(decode_estimator_params(params), known, target)


def _read(decoded: Result[Job, Problem], known: Configuration, target: Target) -> Job | Crashed:
    match decoded:
        case Failure(problem):
            return crash(problem, INVALID)
    job: Job = decoded.unwrap()
    return _judge(job, known, target) or job


def _run_directed(task: JobTask, longest: float) -> Outcome:
    """Run a program of directed execution; what that needs is loaded with the first."""
    if find_spec("samplomatic") is None or find_spec("ibm_quantum_schemas") is None:
        return _without_packages(task.program)
    known, target = describe(task.configuration, task.properties)
    conditions = _conditions(task, known, target, longest)
    if task.program == "executor":
        from .program_job import run_program_job

        return run_program_job(task.params, known, conditions)
    if find_spec("qiskit_noise_learning") is None:
        return _without_packages(task.program)
    from .learner_job import run_calibrator_job, run_learner_job

    if task.program == "calibrate":
        return run_calibrator_job(task.params, conditions)
    from .circuit_learner_job import is_of_circuits, run_circuit_learner_job

    if is_of_circuits(task.params):
        return run_circuit_learner_job(task.params, known, conditions)
    return run_learner_job(task.params, known, conditions)


def _without_packages(program: str) -> Crashed:
    return Crashed(
        reason=f"This emulated cloud cannot run {program!r}: packages are missing.",
        code=UNKNOWN_PROGRAM,
        solution="Install the extra: pip install 'qiskit-runtime-service[executor]'",
    )


def _conditions(task: JobTask, known: Configuration, target: Target, longest: float) -> Conditions:
    return Conditions(
        target=target,
        seed=task.seed,
        started=task.starts_at,
        ended=task.ends_at,
        simulator=known.simulator,
        mock=task.mock,
        coherent=task.coherent,
        longest=longest,
    )


def _judge(job: SamplerJob | EstimatorJob, known: Configuration, target: Target) -> Crashed | None:
    """Return why the device does not take a job, if so."""
    for index, pub in enumerate(job.pubs):
        wanted = pub.shots if isinstance(pub, SamplerPub) else shots_for(pub.precision)
        name = f"PUB {index}"
        refusal = judge_shots(name, wanted, known) or judge_width(name, pub.circuit.num_qubits, target.num_qubits)
        if refusal is not None:
            return refusal
    refusal = judge_rep_delay(job.settings.execution.rep_delay, known)
    if isinstance(job, SamplerJob):
        refusal = refusal or judge_executions(sum(map(_executions_of, job.pubs)))
    if refusal is not None:
        return refusal
    match check_pubs(job.pubs, target, simulator=known.simulator):
        case Failure(problem):
            return crash(problem, NOT_IN_BASIS)
    return None


def _executions_of(pub: SamplerPub) -> int:
    points: int = math.prod(pub.shape)
    return (pub.shots or 0) * points


def _finish(plain: bool, ran: Result[Simulated[Any], Problem]) -> Outcome:
    match ran:
        case Success(simulated):
            encode = encode_plain_result if plain else encode_value
            return Finished(result=encode(simulated.result), logs="\n".join((*simulated.notes, "")))
        case failed:
            return crash_of_simulation(failed.failure())


@lru_cache(maxsize=8)
def describe(configuration: bytes, properties: bytes) -> tuple[Configuration, Target]:
    """Return what a device says of itself, and its target; the bodies come from our own snapshots or worlds."""
    known = read_configuration(configuration, "emulated").unwrap()
    return known, build_target(known, read_properties(properties, "emulated").unwrap())
