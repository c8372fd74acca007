"""Names of IBM's client that are not here, each with what to use instead."""

import sys
from opcode import opmap
from types import FrameType

NAMES: dict[str, dict[str, str]] = {
    ".visualization": {
        "draw_circuit_schedule_timing": "scheduler_timing of the metadata tells when each instruction plays, as text",
    },
}
"""By module, then by name: what to use instead."""

_PACKAGE = __name__.partition(".")[0]


def not_here(module: str, name: str) -> ImportError | AttributeError:
    """Return what the `__getattr__` that calls this raises for a name that a module of ours does not have.

    Where it is imported it is an `ImportError`: in the place of an `AttributeError`, which is what `hasattr` and
    `getattr` understand, Python would say only "cannot import name".

    Source: behaviour B178.
    """
    instead = NAMES.get(module.removeprefix(_PACKAGE), {}).get(name)
    if instead is None:
        return AttributeError(f"module {module!r} has no attribute {name!r}")
    words = f"{name} of IBM's client is not part of {module}: {instead}."
    return ImportError(words, name=module) if is_import(sys._getframe(2)) else AttributeError(words)


def is_import(frame: FrameType) -> bool:
    """Tell whether a frame stands at the import of a name: `from module import name`."""
    return frame.f_code.co_code[frame.f_lasti] == opmap["IMPORT_FROM"]
