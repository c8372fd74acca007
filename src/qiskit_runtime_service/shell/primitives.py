"""The primitives that users hold: they check, encode and submit."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from qiskit.primitives import BaseSamplerV2, SamplerPubLike

from ..bridge.circuits import check_pubs, encode_sampler_params, read_pubs
from ..records.job import Submission
from ..records.options import SamplerOptions
from ..records.problem import BadArgument
from .backend import IBMBackend
from .edge import exception_of, value_or_raise
from .job import RuntimeJobV2

if TYPE_CHECKING:
    from qiskit.providers import BackendV2


class SamplerV2(BaseSamplerV2):
    """Take samples of the classical registers of circuits.

    Args:
        mode: The backend to run on.
        options: Values of `SamplerOptions`, as such or as nested dictionaries.

    Raises:
        IBMInputValueError: `mode` is no backend of a service, or an option does not exist.
    """

    def __init__(self, mode: "BackendV2", options: SamplerOptions | Mapping[str, Any] | None = None) -> None:
        if not isinstance(mode, IBMBackend):
            raise exception_of(
                BadArgument(name="mode", value=repr(mode), wanted="a backend of a service, from service.backend(name)")
            )
        self._backend = mode
        self.options = _checked({} if options is None else options)

    @property
    def mode(self) -> IBMBackend:
        """The backend to run on."""
        return self._backend

    def backend(self) -> IBMBackend:
        """Return the backend to run on."""
        return self._backend

    def run(self, pubs: Iterable[SamplerPubLike], *, shots: int | None = None) -> RuntimeJobV2:
        """Submit a job and return at once. It is one request.

        Args:
            pubs: Circuits, or tuples of circuit, parameter values, shots. Parameter values have the
                shape (*pub shape, number of parameters).
            shots: For each PUB that says none.

        Raises:
            IBMInputValueError: A PUB is not what it must be or cannot run on the backend as it is.
            IBMApiError, IBMRuntimeError: The service did not take the job.

        Source: behaviour B47, B49.
        """
        options = _checked(self.options)
        backend = self._backend
        checked = value_or_raise(read_pubs(pubs, shots))
        value_or_raise(check_pubs(checked, backend.target))
        submission = Submission(
            program="sampler",
            backend=backend.name,
            params=encode_sampler_params(checked, _sent(options)),
            log_level=options.environment.log_level or "WARNING",
            tags=tuple(options.environment.job_tags or ()),
            cost=options.max_execution_time or None,
            private=options.environment.private or False,
            calibration_id=backend.calibration_id,
        )
        return backend.service.submit(submission, backend)


def _checked(options: SamplerOptions | Mapping[str, Any]) -> SamplerOptions:
    """Return the options as a new record, checked value by value."""
    given = msgspec.to_builtins(options) if isinstance(options, SamplerOptions) else options
    try:
        checked = msgspec.convert(given, SamplerOptions)
    except msgspec.ValidationError as error:
        problem = BadArgument(name="options", value=f"not right: {error}", wanted="values of SamplerOptions")
        raise exception_of(problem) from None
    if checked.max_execution_time == 0:
        raise exception_of(BadArgument(name="max_execution_time", value="0", wanted="at least 1 second"))
    return checked


def _sent(options: SamplerOptions) -> dict[str, Any]:
    """Return the options that travel with the parameters: set ones, without empty groups."""
    said: dict[str, Any] = msgspec.to_builtins(options)
    return {
        key: value for key, value in said.items() if key not in ("environment", "max_execution_time") and value != {}
    }
