"""Names of IBM's client that are not here, each with what to use instead.

The other modules of this folder are doors that stay closed, but for a gap in `utils`: `qiskit_runtime_service` looks
for its modules here too, so importing `qiskit_runtime_service.circuit` says where its instructions are.
"""

import sys
from collections.abc import Callable
from opcode import opmap
from types import FrameType
from typing import NoReturn

MODULES = {
    ".circuit": "its instructions work with any client, so use them from there: qiskit_ibm_runtime.circuit",
}
"""By module: what to use instead of all that is in it."""

NAMES: dict[str, dict[str, str]] = {
    "": {
        "RuntimeOptions": "give image and options to service.run_program, and job tags to options.environment",
        "setup_logger": "set up logging.getLogger('qiskit_runtime_service') like any other logger",
    },
    ".accounts": {
        "Account": "service.active_account() and QiskitRuntimeService.saved_accounts() tell of accounts",
        "AccountManager": "QiskitRuntimeService saves, lists and deletes accounts",
        "CloudResourceNameResolutionError": "an instance that cannot be found raises IBMInputValueError",
    },
    ".json": {"to_base64_string": "json.dumps(value, cls=RuntimeEncoder) does it"},
    ".utils": {
        "are_circuits_dynamic": "ask circuit.has_control_flow_op()",
        "is_crn": "a CRN begins with 'crn:v1:'",
        **dict.fromkeys(("local_to_utc", "utc_to_local"), "datetimes have zones here: value.astimezone(zone)"),
        **dict.fromkeys(
            (
                "validate_classical_registers",
                "validate_estimator_pubs",
                "validate_isa_circuits",
                "validate_job_tags",
                "validate_no_dd_with_dynamic_circuits",
                "validate_rzz_pubs",
            ),
            "run() of a primitive checks what it is given before anything is sent",
        ),
    },
    ".visualization": {
        "draw_execution_spans": "start, stop and mask of execution spans say the same as data",
        **dict.fromkeys(("draw_layer_error_map", "draw_layer_errors_swarm"), "plot the rates of layer.error"),
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
