"""What a job of the program `executor` answers and was sent. The libraries of quantum programs load with it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from returns.result import Result

from ..bridge.ledger import DecodeLimits, TimeLeft
from ..bridge.results import decode_result
from ..bridge.typed_json import DEFAULT_LIMITS, decode_value
from ..programs.inputs import read_inputs
from ..programs.roles import read_result
from ..records.problem import Problem
from .option_models import ExecutorOptions


class _Versioned(msgspec.Struct):
    schema_version: str


def has_schema(body: bytes) -> bool:
    """Tell whether a body says which version of the schema it is of. What a user's own program writes does not."""
    try:
        msgspec.json.decode(body, type=_Versioned)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def read_program_result(body: bytes, time_left: TimeLeft, limits: DecodeLimits = DEFAULT_LIMITS) -> Result[Any, Problem]:
    """Return the result of a quantum program as what prepared it has it. What is not of the schema is typed JSON.

    Source: behaviour B364, B366.
    """
    return (read_result if has_schema(body) else decode_result)(body, limits, time_left)


def read_program_inputs(body: bytes, time_left: TimeLeft) -> Result[Any, Problem]:
    """Return what a quantum program was submitted with: the program, and its options.

    Source: behaviour B364, B366.
    """
    if not has_schema(body):
        return decode_value(body, time_left=time_left)
    return read_inputs(body, time_left=time_left).map(
        lambda inputs: {
            "schema_version": inputs.version,
            "quantum_program": inputs.program,
            "options": _options(inputs.options),
        }
    )


def _options(sent: Mapping[str, Any]) -> Any:
    """Return options as a user would have set them; as they were sent where one of them is unknown here."""
    execution = {name: value for name, value in sent.items() if name != "experimental"}
    try:
        return ExecutorOptions(execution=execution, experimental=sent.get("experimental", {}))
    except ValueError:
        return dict(sent)
