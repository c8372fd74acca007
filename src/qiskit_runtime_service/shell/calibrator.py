"""The calibrator, by the program `calibrate` of the service."""

from collections.abc import Mapping
from typing import Any

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.providers import BackendV2

from .._public import public
from ..programs.learner_bodies import encode_calibrator_params
from ..records.job import CALIBRATE
from .executor import Directed
from .job import RuntimeJobV2
from .option_models import CalibratorOptions
from .programs import not_json, read_served, refuse_closed
from .session import Session


@public()
class Calibrator(Directed[CalibratorOptions]):
    """Have a device calibrated, usually in a session, so that the jobs after it run on it as it is then.

    Args:
        mode: What to calibrate: a `Session` or a `Batch`, or a backend of a service; by default the session whose block
            is open.
        options: A `CalibratorOptions`, which is kept, or a dictionary of its values.

    Raises:
        IBMInputValueError: `mode` is none of these, or an option cannot be meant.

    Source: behaviour B405.
    """

    _options_class = CalibratorOptions
    _program = CALIBRATE

    def __init__(
        self, mode: BackendV2 | Session | None = None, options: CalibratorOptions | Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(mode, options)
        self._served = read_served(mode, self._backend, "nothing else can be calibrated")

    def run(self) -> RuntimeJobV2:
        """Submit a job and return at once. It is one request. Its result is a `CalibratorResult`.

        Raises:
            IBMInputValueError: The experimental options are not JSON.
            IBMApiError, IBMRuntimeError: The service did not take the job, or the session is closed.
        """
        backend = self._served
        refuse_closed(self._session)
        try:
            params = encode_calibrator_params(self._options.experimental)
        except TypeError as reason:
            raise not_json("options.experimental", "", reason) from None
        return backend.service.submit(self._submission(params, backend), backend)

    def _limit(self) -> None:
        """Return that the service says how long it may take."""
