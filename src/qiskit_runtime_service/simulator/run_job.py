"""The programs of an emulated cloud on this computer: what runs a job, and what a job says that cannot be run."""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from returns.result import Failure, Result, Success

from ..core.messages import describe
from ..emulator.needs import JobTask
from ..emulator.world import Crashed, Finished, Outcome
from ..records.problem import Problem

if TYPE_CHECKING:
    from qiskit.transpiler import Target

    from ..records.backend import Configuration
    from .conditions import Simulated
    from .job_params import EstimatorJob, SamplerJob

Program = Callable[[Any, JobTask], object]
"""From the params of a job, read as typed JSON, and its task to its result or its `Outcome`."""

INVALID = 1002
UNKNOWN_PROGRAM = 1007
NOT_SIMULATED = 5203
TOO_MANY_SHOTS = 6000
NOT_IN_BASIS = 7000
"""Codes of the service's registry. Where it has several in one family, the choice is ours (B192)."""


def run_task(task: JobTask, programs: Mapping[str, Program]) -> Outcome:
    """Run a job on the device that its task describes. The same task gives the same outcome, in any process.

    Args:
        task: All that the outcome depends on.
        programs: What to run for programs other than sampler and estimator, or in their place.

    Source: behaviour B185, B192, B193.
    """
    if task.program in programs:
        return _run_registered(task, programs[task.program])
    match task.program:
        case "sampler":
            return _run_sampler(task)
        case "estimator":
            return _run_estimator(task)
        case _:
            return Crashed(
                reason=f"This emulated cloud has no program {task.program!r}.",
                code=UNKNOWN_PROGRAM,
                solution=f"Give emulated_cloud(programs={{{task.program!r}: function}}) one.",
            )


def simulate_task(task: JobTask) -> Outcome:
    """Run a sampler or an estimator on the device that its task describes."""
    return run_task(task, {})


def simulation_of(programs: Mapping[str, Program]) -> Callable[[JobTask], Outcome]:
    """Return what runs jobs, such that other processes can be given it."""
    return partial(run_task, programs=dict(programs)) if programs else simulate_task


def _run_registered(task: JobTask, program: Program) -> Outcome:
    """Run a program of the user's. What it raises reaches whoever looks at the job: it is a defect of the test."""
    from ..bridge.typed_json import decode_value, encode_value

    match decode_value(task.params):
        case Success(params):
            result = program(params, task)
            return result if isinstance(result, Finished | Crashed) else Finished(result=encode_value(result))
        case failed:
            return _crash(failed.failure(), INVALID)


def _run_sampler(task: JobTask) -> Outcome:
    from .job_params import decode_sampler_params
    from .sampler import run_sampler_job

    match decode_sampler_params(task.params):
        case Success(job):
            shots = [pub.shots for pub in job.pubs]
            return _judge(task, job, shots) or _finish(job.plain, run_sampler_job(job, _conditions(task)))
        case failed:
            return _crash(failed.failure(), INVALID)


def _run_estimator(task: JobTask) -> Outcome:
    from .estimator import run_estimator_job
    from .job_params import decode_estimator_params, shots_for

    match decode_estimator_params(task.params):
        case Success(job):
            shots = [shots_for(pub.precision) for pub in job.pubs]
            return _judge(task, job, shots) or _finish(job.plain, run_estimator_job(job, _conditions(task)))
        case failed:
            return _crash(failed.failure(), INVALID)


def _judge(task: JobTask, job: "SamplerJob | EstimatorJob", shots: list[int]) -> Crashed | None:
    """Return why the device does not take a job, if so."""
    from ..bridge.executable import check_pubs

    known, target = _describe(task.configuration, task.properties)
    for index, (pub, wanted) in enumerate(zip(job.pubs, shots, strict=True)):
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
    match check_pubs(job.pubs, target):
        case Failure(problem):
            return _crash(problem, NOT_IN_BASIS)
    return None


def _conditions(task: JobTask) -> Any:
    from .conditions import Conditions

    _, target = _describe(task.configuration, task.properties)
    return Conditions(target=target, seed=task.seed, started=task.starts_at, ended=task.ends_at, mock=task.mock)


def _finish(plain: bool, ran: Result["Simulated[Any]", Problem]) -> Outcome:
    from ..bridge.typed_json import encode_value
    from .plain_results import encode_plain_result

    match ran:
        case Success(simulated):
            encode = encode_plain_result if plain else encode_value
            return Finished(result=encode(simulated.result), logs="\n".join((*simulated.notes, "")))
        case failed:
            return _crash(failed.failure(), NOT_SIMULATED)


def _crash(problem: Problem, code: int) -> Crashed:
    """Return what a job says that could not be run."""
    message = describe(problem)
    return Crashed(reason=message.what, code=code, solution=message.fix)


@lru_cache(maxsize=8)
def _describe(configuration: bytes, properties: bytes) -> tuple["Configuration", "Target"]:
    """Return what a device says of itself, and its target; the bodies come from our own snapshots or worlds."""
    from ..bridge.target import build_target
    from ..wire.configuration import read_configuration, read_properties

    known = read_configuration(configuration, "emulated").unwrap()
    return known, build_target(known, read_properties(properties, "emulated").unwrap())
