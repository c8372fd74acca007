"""Names of IBM's client that are not here, each with what to use instead.

The other modules of this folder are doors that stay closed: `qiskit_runtime_service` looks for its modules here too,
so importing `qiskit_runtime_service.transpiler` says where its passes are.
"""

import sys
from collections.abc import Callable
from opcode import opmap
from types import FrameType
from typing import NoReturn

_PASSES = "its passes work with any client, so use them from there: qiskit_ibm_runtime.transpiler.passes"

MODULES = {
    ".debug_tools": "compare with SamplerV2 or EstimatorV2 on a service with channel='local'",
    ".transpiler": _PASSES,
}
"""By module: what to use instead of all that is in it."""

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


def module_not_here(module: str) -> ImportError:
    """Return what is raised for a module of IBM's client that is not here.

    Source: behaviour B178.
    """
    instead = MODULES[module.removeprefix(_PACKAGE)]
    return ImportError(f"{module} does not exist, unlike in IBM's client: {instead}.", name=module)


def closed(module: str) -> Callable[[str], NoReturn]:
    """Return the `__getattr__` of a door behind which not all is there."""

    def __getattr__(name: str) -> NoReturn:  # noqa: N807  # it becomes the function of that name
        raise not_here(module, name)

    return __getattr__
