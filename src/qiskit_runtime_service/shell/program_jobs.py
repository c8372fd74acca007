"""What jobs of programs that have a schema answer and were sent. The libraries of quantum programs load with it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from returns.result import Result

from .._public import public
from ..bridge.ledger import DecodeLimits, TimeLeft
from ..bridge.typed_json import DEFAULT_LIMITS
from ..client.raising import value_or_raise
from ..core.arguments import read_text
from ..programs.inputs import read_inputs
from ..programs.learner_bodies import (
    decode_calibrator_result,
    decode_learner_result,
    read_calibrator_inputs,
    read_learner_inputs,
)
from ..programs.roles import read_result
from ..records.job import CALIBRATE, EXECUTOR, NOISE_LEARNER
from ..records.problem import Problem
from .decoder import read_limits
from .option_models import CalibratorOptions, ExecutorOptions, NoiseLearnerV3Options


@public("executor")
class ProgramDecoder:
    """Read the result of a quantum program from its text, within other limits than those that hold by default.

    `job.result(decoder=ProgramDecoder(limits=DecodeLimits(memory=2**31)))` reads a result of 12 million shots of 156
    bits; `ProgramDecoder().decode(text)` reads what `job.save_result` has written, with all that `job.result` does.

    Args:
        limits: How much one result may ask of this process.

    Source: behaviour B364, B366.
    """

    def __init__(self, *, limits: DecodeLimits = DEFAULT_LIMITS) -> None:
        self.limits = value_or_raise(read_limits("limits", limits))

    def decode(self, text: str) -> Any:
        """Return the result: a `QuantumProgramResult`, or what the primitive makes of it that prepared the program.

        Raises:
            IBMApiError: It is damaged, beyond the limits, or none.
        """
        body = value_or_raise(read_text("text", text)).encode()
        return value_or_raise(read_result(body, self.limits))


def read_program_result(program: str, body: bytes, time_left: TimeLeft) -> Result[Any, Problem]:
    """Return the result of a program that has a schema, as objects.

    Source: behaviour B364, B366, B406.
    """
    return _RESULTS[program](body, time_left=time_left)


def read_program_inputs(program: str, body: bytes, time_left: TimeLeft) -> Result[Any, Problem]:
    """Return what a program that has a schema was submitted with: its circuits and options, as objects.

    Source: behaviour B364, B366, B406.
    """
    return _INPUTS[program](body, time_left)


def _program_inputs(body: bytes, time_left: TimeLeft) -> Result[dict[str, Any], Problem]:
    return read_inputs(body, time_left=time_left).map(
        lambda inputs: {
            "schema_version": inputs.version,
            "quantum_program": inputs.program,
            "options": _as_set(ExecutorOptions, _program_options, inputs.options),
        }
    )


def _learner_inputs(body: bytes, time_left: TimeLeft) -> Result[dict[str, Any], Problem]:
    return read_learner_inputs(body, time_left=time_left).map(
        lambda inputs: {
            "schema_version": inputs.schema,
            "instructions": inputs.boxes,
            "options": _as_set(NoiseLearnerV3Options, _learner_options, inputs.options),
            "version": inputs.version,
        }
    )


def _calibrator_inputs(body: bytes, time_left: TimeLeft) -> Result[dict[str, Any], Problem]:
    return read_calibrator_inputs(body, time_left=time_left).map(
        lambda inputs: {
            "schema_version": inputs.schema,
            "options": _as_set(CalibratorOptions, dict, inputs.options),
        }
    )


_RESULTS: Final[Mapping[str, Callable[..., Result[Any, Problem]]]] = {
    EXECUTOR: read_result,
    NOISE_LEARNER: decode_learner_result,
    CALIBRATE: decode_calibrator_result,
}
_INPUTS: Final = {EXECUTOR: _program_inputs, NOISE_LEARNER: _learner_inputs, CALIBRATE: _calibrator_inputs}


def _as_set(kind: type[Any], arrange: Callable[[dict[str, Any]], dict[str, Any]], sent: Mapping[str, Any]) -> Any:
    """Return options as a user would have set them; as they were sent where one of them is unknown here.

    Source: behaviour B413.
    """
    try:
        return kind(**arrange(dict(sent)))
    except (ValueError, TypeError, AttributeError):
        return dict(sent)


def _program_options(sent: dict[str, Any]) -> dict[str, Any]:
    experimental = sent.pop("experimental", {})
    return {"execution": sent, "experimental": experimental}


def _learner_options(sent: dict[str, Any]) -> dict[str, Any]:
    names = ("init_qubits", "rep_delay")
    execution = {name: sent.pop(name) for name in names if name in sent}
    # What the checks after a circuit were called before there were others.
    selection = sent.pop("post_selection", {})
    if selection.get("enable"):
        checks = sent.pop("bit_flip_checks", {})
        if not checks.get("post_circuit", {}).get("enable"):
            checks = {**checks, "post_circuit": selection}
        sent["bit_flip_checks"] = checks
    return {**sent, "execution": execution}
