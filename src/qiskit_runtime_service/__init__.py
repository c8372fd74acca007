"""Find an IBM Quantum account, choose an instance and a backend, run primitives, read results.

Every public name is loaded when it is first used: `import qiskit_runtime_service` alone touches
neither Qiskit nor the network.
"""

from importlib import import_module

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:  # Type checkers and editors see the real names, and `__getattr__` hides no wrong one from them.
    from .bridge.bounded import DecodeLimits as DecodeLimits
    from .bridge.typed_json import RuntimeEncoder as RuntimeEncoder
    from .records.exchange import Endpoints as Endpoints
    from .records.network import Timeouts as Timeouts
    from .shell.backend import IBMBackend as IBMBackend
    from .shell.decoder import RuntimeDecoder as RuntimeDecoder
    from .shell.exceptions import (
        AccountAlreadyExistsError as AccountAlreadyExistsError,
    )
    from .shell.exceptions import (
        AccountNotFoundError as AccountNotFoundError,
    )
    from .shell.exceptions import (
        IBMAccountError as IBMAccountError,
    )
    from .shell.exceptions import (
        IBMApiError as IBMApiError,
    )
    from .shell.exceptions import (
        IBMBackendApiError as IBMBackendApiError,
    )
    from .shell.exceptions import (
        IBMBackendApiProtocolError as IBMBackendApiProtocolError,
    )
    from .shell.exceptions import (
        IBMBackendError as IBMBackendError,
    )
    from .shell.exceptions import (
        IBMBackendValueError as IBMBackendValueError,
    )
    from .shell.exceptions import (
        IBMError as IBMError,
    )
    from .shell.exceptions import (
        IBMInputValueError as IBMInputValueError,
    )
    from .shell.exceptions import (
        IBMNotAuthorizedError as IBMNotAuthorizedError,
    )
    from .shell.exceptions import (
        IBMRuntimeError as IBMRuntimeError,
    )
    from .shell.exceptions import (
        InvalidAccountError as InvalidAccountError,
    )
    from .shell.exceptions import (
        RuntimeInvalidStateError as RuntimeInvalidStateError,
    )
    from .shell.exceptions import (
        RuntimeJobFailureError as RuntimeJobFailureError,
    )
    from .shell.exceptions import (
        RuntimeJobMaxTimeoutError as RuntimeJobMaxTimeoutError,
    )
    from .shell.exceptions import (
        RuntimeJobNotFound as RuntimeJobNotFound,
    )
    from .shell.exceptions import (
        RuntimeJobTimeoutError as RuntimeJobTimeoutError,
    )
    from .shell.exceptions import (
        RuntimeProgramNotFound as RuntimeProgramNotFound,
    )
    from .shell.exceptions import (
        SubmissionUnknown as SubmissionUnknown,
    )
    from .shell.job import RuntimeJobV2 as RuntimeJobV2
    from .shell.local import QiskitRuntimeLocalService as QiskitRuntimeLocalService
    from .shell.options import EstimatorOptions as EstimatorOptions
    from .shell.options import SamplerOptions as SamplerOptions
    from .shell.primitives import Estimator as Estimator
    from .shell.primitives import EstimatorV2 as EstimatorV2
    from .shell.primitives import Sampler as Sampler
    from .shell.primitives import SamplerV2 as SamplerV2
    from .shell.service import QiskitRuntimeService as QiskitRuntimeService
    from .shell.session import Batch as Batch
    from .shell.session import Session as Session
    from .shell.snapshot import load_snapshot as load_snapshot
    from .shell.waiting import wait_all as wait_all

_HOMES = {
    "Endpoints": ".records.exchange",
    "Timeouts": ".records.network",
    "DecodeLimits": ".bridge.bounded",
    "RuntimeDecoder": ".shell.decoder",
    "RuntimeEncoder": ".bridge.typed_json",
    "Batch": ".shell.session",
    "Session": ".shell.session",
    "wait_all": ".shell.waiting",
    "IBMBackend": ".shell.backend",
    "load_snapshot": ".shell.snapshot",
    "QiskitRuntimeLocalService": ".shell.local",
    "QiskitRuntimeService": ".shell.service",
    "RuntimeJobV2": ".shell.job",
    **dict.fromkeys(("Estimator", "EstimatorV2", "Sampler", "SamplerV2"), ".shell.primitives"),
    **dict.fromkeys(("EstimatorOptions", "SamplerOptions"), ".shell.options"),
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
            "SubmissionUnknown",
        ),
        ".shell.exceptions",
    ),
}

__all__ = sorted(_HOMES)


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(_HOMES[name], __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
