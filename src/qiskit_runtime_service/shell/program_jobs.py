"""What a job of the program `executor` answers and was sent. The libraries of quantum programs load with it."""

from collections.abc import Mapping
from typing import Any

import msgspec
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from returns.result import Result

from .._public import public
from ..bridge.ledger import DecodeLimits, TimeLeft
from ..bridge.results import decode_result
from ..bridge.typed_json import DEFAULT_LIMITS, decode_value
from ..client.raising import value_or_raise
from ..core.arguments import read_text
from ..programs.inputs import read_inputs
from ..programs.roles import read_result
from ..records.problem import Problem
from .decoder import read_limits
from .option_models import ExecutorOptions


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


class _Versioned(msgspec.Struct):
    schema_version: str


def has_schema(body: bytes) -> bool:
    """Tell whether a body says which version of the schema it is of. What a user's own program writes does not."""
    try:
        msgspec.json.decode(body, type=_Versioned)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def read_program_result(body: bytes, time_left: TimeLeft) -> Result[Any, Problem]:
    """Return the result of a quantum program as what prepared it has it. What is not of the schema is typed JSON.

    Source: behaviour B364, B366.
    """
    return (read_result if has_schema(body) else decode_result)(body, time_left=time_left)


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
