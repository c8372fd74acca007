"""What a job says that cannot be run: codes of the service's registry, with a reason and a way out."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from ..core.estimates import MOST_EXECUTIONS
from ..core.messages import describe
from ..emulator.world import Crashed
from ..records.backend import Configuration
from ..records.problem import BadArgument, Problem, TooHeavy
from ..transport.simulations import NOT_SIMULATED

T = TypeVar("T", bound=msgspec.Struct)

INVALID = 1002
UNKNOWN_PROGRAM = 1007
TOO_HEAVY = 5204
TOO_MANY_SHOTS = 6000
NOT_IN_BASIS = 7000
"""Codes of the service's registry. Where it has several in one family, the choice is ours (B192)."""


def crash(problem: Problem, code: int) -> Crashed:
    """Return what a job says that could not be run."""
    message = describe(problem)
    return Crashed(reason=message.what, code=code, solution=message.fix)


def crash_of_simulation(problem: Problem) -> Crashed:
    """Return what a job says whose simulation was refused."""
    return crash(problem, TOO_HEAVY if isinstance(problem, TooHeavy) else NOT_SIMULATED)


def read_options(sent: Mapping[str, Any], kind: type[T]) -> T | Crashed:
    """Return the options of a program, or why they are not what its schema says."""
    try:
        return msgspec.convert(sent, kind)
    except msgspec.ValidationError as error:
        wanted = "what the schema of the program says"
        return crash(BadArgument(name="options", value=f"not right: {error}", wanted=wanted), INVALID)


def judge_rep_delay(delay: float | None, known: Configuration) -> Crashed | None:
    """Return why a device does not take a delay between shots, in seconds, if so."""
    allowed = known.rep_delay_range
    if delay is None or not allowed or allowed[0] <= delay * 1e6 <= allowed[1]:
        return None
    reason = f"The rep_delay of {delay} s is not within the {allowed[0]} to {allowed[1]} µs of the device."
    return Crashed(reason=reason, code=INVALID, solution="Choose a delay in backend.rep_delay_range, in seconds.")


def judge_shots(what: str, wanted: int, known: Configuration) -> Crashed | None:
    """Return why a device does not take so many shots, if so."""
    if known.max_shots is None or wanted <= known.max_shots:
        return None
    reason = f"{what} asks for {wanted} shots, the device takes up to {known.max_shots}."
    return Crashed(reason=reason, code=TOO_MANY_SHOTS, solution="Ask for fewer shots, or split the PUB.")


def judge_executions(wanted: int) -> Crashed | None:
    """Return why a device does not take a sampler job of so many executions, if so.

    Source: behaviour B533.
    """
    if wanted <= MOST_EXECUTIONS:
        return None
    reason = f"The job asks for {wanted:,} executions, a sampler job may have up to {MOST_EXECUTIONS:,}."
    return Crashed(reason=reason, code=TOO_MANY_SHOTS, solution="Ask for fewer shots, or split the job.")


def judge_width(what: str, width: int, most: int) -> Crashed | None:
    """Return why a circuit does not fit on a device, if so."""
    if width <= most:
        return None
    reason = f"{what} has {width} qubits, the device {most}."
    return Crashed(reason=reason, code=INVALID, solution="Transpile the circuit for the device.")
