"""The program `executor` of an emulated cloud: from the parameters of a job to the text of its result."""

from typing import Any

import msgspec
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.transpiler import Target
from returns.result import Failure

from ..bridge.executable import check_pubs, speak_of
from ..core.lost_noise import describe_losses
from ..emulator.world import Crashed, Finished, Outcome
from ..programs.checks import check_program
from ..programs.inputs import Inputs, read_inputs
from ..programs.result_bodies import encode_result
from ..records.backend import Configuration
from .conditions import Conditions
from .program_items import Asked, simulate_program
from .refusals import (
    INVALID,
    NOT_IN_BASIS,
    crash,
    crash_of_simulation,
    judge_rep_delay,
    judge_shots,
    judge_width,
    read_options,
)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a program. How qubits are begun, and the delay between shots, change only how long it runs."""

    init_qubits: bool = True
    rep_delay: float | None = None
    """Seconds."""
    scheduler_timing: bool = False
    stretch_values: bool = False
    experimental: dict[str, Any] = {}


def run_program_job(params: bytes, known: Configuration, conditions: Conditions) -> Outcome:
    """Run a quantum program, and answer in the version of the schema in which it was sent.

    Source: behaviour B395.
    """
    read = read_program_job(params, known, conditions.target)
    if isinstance(read, Crashed):
        return read
    inputs, options = read
    asked = Asked(scheduler_timing=options.scheduler_timing, stretch_values=options.stretch_values)
    simulated = simulate_program(inputs.program, conditions, asked, conditions.seed)
    match simulated:
        case Failure(problem):
            return crash_of_simulation(problem)
    result, notes, losses = simulated.unwrap()
    logs = "\n".join((*notes, *describe_losses(losses, "Item"), ""))
    return Finished(result=encode_result(result, inputs.version), logs=logs)


def read_program_job(params: bytes, known: Configuration, target: Target) -> tuple[Inputs, Options] | Crashed:
    """Return a quantum program that a device takes with its options, or what it says that cannot be run."""
    read = read_inputs(params)
    match read:
        case Failure(problem):
            return crash(problem, INVALID)
    inputs = read.unwrap()
    options = read_options(inputs.options, Options)
    if isinstance(options, Crashed):
        return options
    return _judge(inputs, options, known, target) or (inputs, options)


def _judge(inputs: Inputs, options: Options, known: Configuration, target: Target) -> Crashed | None:
    """Return why the device does not take a program, if so."""
    checked = check_program(inputs.program)
    match checked:
        case Failure(problem):
            return crash(problem, INVALID)
    refusal = judge_shots("The program", inputs.program.shots, known)
    refusal = refusal or judge_rep_delay(options.rep_delay, known)
    for index, item in enumerate(inputs.program.items):
        refusal = refusal or judge_width(f"Item {index}", item.circuit.num_qubits, target.num_qubits)
    if refusal is not None:
        return refusal
    match speak_of("Item", check_pubs(checked.unwrap(), target, simulator=known.simulator)):
        case Failure(problem):
            return crash(problem, NOT_IN_BASIS)
    return None
