"""The door to the exceptions, where IBM's users look for them."""

from qiskit.exceptions import QiskitError
from qiskit.providers.exceptions import JobError, JobTimeoutError, QiskitBackendNotFoundError

from .shell.exceptions import (
    AccountAlreadyExistsError,
    AccountNotFoundError,
    BackendPropertyError,
    IBMAccountError,
    IBMApiError,
    IBMBackendApiError,
    IBMBackendApiProtocolError,
    IBMBackendError,
    IBMBackendValueError,
    IBMError,
    IBMInputValueError,
    IBMNotAuthorizedError,
    IBMRuntimeError,
    InvalidAccountError,
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
    RuntimeJobMaxTimeoutError,
    RuntimeJobNotFound,
    RuntimeJobTimeoutError,
    RuntimeProgramNotFound,
)

__all__ = [
    "AccountAlreadyExistsError",
    "AccountNotFoundError",
    "BackendPropertyError",
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
    "JobError",
    "JobTimeoutError",
    "QiskitBackendNotFoundError",
    "QiskitError",
    "RuntimeInvalidStateError",
    "RuntimeJobFailureError",
    "RuntimeJobMaxTimeoutError",
    "RuntimeJobNotFound",
    "RuntimeJobTimeoutError",
    "RuntimeProgramNotFound",
]
