"""Find an IBM Quantum account, choose an instance and a backend, run primitives, read results.

Every public name is loaded when it is first used: `import qiskit_runtime_service` alone touches
neither Qiskit nor the network.
"""

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:  # Type checkers and editors see the real names.
    from .shell.backend import IBMBackend as IBMBackend
    from .shell.job import RuntimeJobV2 as RuntimeJobV2
    from .shell.local import QiskitRuntimeLocalService as QiskitRuntimeLocalService
    from .shell.primitives import SamplerV2 as SamplerV2
    from .shell.service import QiskitRuntimeService as QiskitRuntimeService
    from .shell.snapshot import load_snapshot as load_snapshot

_HOMES = {
    "IBMBackend": ".shell.backend",
    "load_snapshot": ".shell.snapshot",
    "QiskitRuntimeLocalService": ".shell.local",
    "QiskitRuntimeService": ".shell.service",
    "RuntimeJobV2": ".shell.job",
    "SamplerV2": ".shell.primitives",
    **dict.fromkeys(
        (
            "AccountAlreadyExistsError",
            "AccountNotFoundError",
            "IBMAccountError",
            "IBMApiError",
            "IBMBackendApiError",
            "IBMBackendApiProtocolError",
            "IBMBackendError",
            "IBMBackendValueError",
            "IBMError",
            "IBMInputValueError",
            "IBMNotAuthorizedError",
            "IBMRuntimeError",
            "InvalidAccountError",
            "RuntimeInvalidStateError",
            "RuntimeJobFailureError",
            "RuntimeJobMaxTimeoutError",
            "RuntimeJobNotFound",
            "RuntimeJobTimeoutError",
            "RuntimeProgramNotFound",
        ),
        ".shell.exceptions",
    ),
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        value: object = version("qiskit-runtime-service")
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name], __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
