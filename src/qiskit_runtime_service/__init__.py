"""Find an IBM Quantum account, choose an instance and a backend, run primitives, read results.

Every public name is loaded when it is first used: `import qiskit_runtime_service` alone touches
neither Qiskit nor the network.
"""

from importlib import import_module

from ._version import __version__ as __version__

_NAMES = {
    ".bridge.safe_decoding": "DecodeLimits",
    ".bridge.typed_json": "RuntimeEncoder",
    ".records.exchange": "Endpoints",
    ".records.network": "Timeouts",
    ".shell.backend": "IBMBackend",
    ".shell.decoder": "RuntimeDecoder",
    ".exceptions": (
        "AccountAlreadyExistsError AccountNotFoundError IBMAccountError IBMApiError IBMBackendApiError "
        "IBMBackendApiProtocolError IBMBackendError IBMBackendValueError IBMError IBMInputValueError "
        "IBMNotAuthorizedError IBMRuntimeError InvalidAccountError RuntimeInvalidStateError "
        "RuntimeJobFailureError RuntimeJobMaxTimeoutError RuntimeJobNotFound RuntimeJobTimeoutError "
        "RuntimeProgramNotFound SubmissionUnknown"
    ),
    ".shell.job": "RuntimeJobV2",
    ".shell.options": "EstimatorOptions NoiseLearnerOptions Options OptionsV2 SamplerOptions",
    ".shell.primitives": "Estimator EstimatorV2 Sampler SamplerV2",
    ".shell.service": "IBMQuantumComputeService QiskitRuntimeLocalService QiskitRuntimeService",
    ".shell.session": "Batch Session",
    ".shell.snapshot_backend": "load_snapshot",
    ".shell.waiting": "wait_all",
}
"""Where each public name lives."""

_HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}

__all__ = sorted(_HOMES)

# Modules of IBM's client that are not here say what to use instead.
__path__.append(f"{__path__[0]}/_left_out")

TYPE_CHECKING = False
if TYPE_CHECKING:  # Type checkers and editors see the real names, and `__getattr__` hides no wrong one from them.
    from .bridge.safe_decoding import DecodeLimits as DecodeLimits
    from .bridge.typed_json import RuntimeEncoder as RuntimeEncoder
    from .records.exchange import Endpoints as Endpoints
    from .records.network import Timeouts as Timeouts
    from .shell.backend import IBMBackend as IBMBackend
    from .shell.decoder import RuntimeDecoder as RuntimeDecoder
    from .exceptions import (
        AccountAlreadyExistsError as AccountAlreadyExistsError,
        AccountNotFoundError as AccountNotFoundError,
        IBMAccountError as IBMAccountError,
        IBMApiError as IBMApiError,
        IBMBackendApiError as IBMBackendApiError,
        IBMBackendApiProtocolError as IBMBackendApiProtocolError,
        IBMBackendError as IBMBackendError,
        IBMBackendValueError as IBMBackendValueError,
        IBMError as IBMError,
        IBMInputValueError as IBMInputValueError,
        IBMNotAuthorizedError as IBMNotAuthorizedError,
        IBMRuntimeError as IBMRuntimeError,
        InvalidAccountError as InvalidAccountError,
        RuntimeInvalidStateError as RuntimeInvalidStateError,
        RuntimeJobFailureError as RuntimeJobFailureError,
        RuntimeJobMaxTimeoutError as RuntimeJobMaxTimeoutError,
        RuntimeJobNotFound as RuntimeJobNotFound,
        RuntimeJobTimeoutError as RuntimeJobTimeoutError,
        RuntimeProgramNotFound as RuntimeProgramNotFound,
        SubmissionUnknown as SubmissionUnknown,
    )
    from .shell.job import RuntimeJobV2 as RuntimeJobV2
    from .shell.options import (
        EstimatorOptions as EstimatorOptions,
        NoiseLearnerOptions as NoiseLearnerOptions,
        Options as Options,
        OptionsV2 as OptionsV2,
        SamplerOptions as SamplerOptions,
    )
    from .shell.primitives import (
        Estimator as Estimator,
        EstimatorV2 as EstimatorV2,
        Sampler as Sampler,
        SamplerV2 as SamplerV2,
    )
    from .shell.service import (
        IBMQuantumComputeService as IBMQuantumComputeService,
    )
    from .shell.service import (
        QiskitRuntimeLocalService as QiskitRuntimeLocalService,
        QiskitRuntimeService as QiskitRuntimeService,
    )
    from .shell.session import (
        Batch as Batch,
        Session as Session,
    )
    from .shell.snapshot_backend import load_snapshot as load_snapshot
    from .shell.waiting import wait_all as wait_all
else:

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            from ._left_out import not_here

            raise not_here(__name__, name)
        value: object = getattr(import_module(_HOMES[name], __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
