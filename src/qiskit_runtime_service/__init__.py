"""Find an IBM Quantum account, choose an instance and a backend, run primitives, read results.

Every public name is loaded when it is first used: `import qiskit_runtime_service` alone touches
neither Qiskit nor the network.
"""

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:  # Type checkers and editors see the real names.
    from .shell.backend import IBMBackend as IBMBackend
    from .shell.service import QiskitRuntimeService as QiskitRuntimeService

_HOMES = {
    "IBMBackend": ".shell.backend",
    "QiskitRuntimeService": ".shell.service",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
