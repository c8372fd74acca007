"""The noise learner of boxes, by the program `noise-learner` of the service."""

from collections.abc import Iterable, Mapping
from typing import Any

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.circuit import CircuitInstruction
from qiskit.providers import BackendV2

from .._public import public
from ..client.raising import raise_if, value_or_raise
from ..core.arguments import read_flag
from ..core.executions import learning_runs
from ..core.options import check_rep_delay
from ..core.shots import check_shots
from ..programs.learner_bodies import encode_learner_params
from ..programs.learning_boxes import (
    Boxes,
    check_learnable,
    check_places,
    find_undecidable,
    measures,
    placed,
    read_boxes,
    register_of,
)
from ..records.estimate import UsageEstimate
from ..records.job import NOISE_LEARNER
from .base_backend import refuse_unfit
from .estimate import Estimate, build_estimate, device_times, estimate_runs
from .executor import Directed
from .job import RuntimeJobV2
from .option_models import NoiseLearnerV3Options
from .primitives import stand_in
from .programs import read_served, refuse_closed
from .session import Session


@public()
class NoiseLearnerV3(Directed[NoiseLearnerV3Options]):
    """Learn the noise of boxes, by the service. `executor_noise_learner` has one that works on any backend.

    Args:
        mode: Where to run: a backend of a service, a `Session` or a `Batch`; by default the open session.
        options: A `NoiseLearnerV3Options`, which is kept, or a dictionary of its values.

    Raises:
        IBMInputValueError: `mode` is none of these, or an option cannot be meant.

    Source: behaviour B400, B401.
    """

    _options_class = NoiseLearnerV3Options
    _program = NOISE_LEARNER

    def __init__(
        self,
        mode: BackendV2 | Session | None = None,
        options: NoiseLearnerV3Options | Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(mode, options)
        why = "the program runs nowhere else. executor_noise_learner.NoiseLearnerV3 learns on any backend"
        self._served = read_served(mode, self._backend, why)

    def run(self, instructions: Iterable[CircuitInstruction], dry_run: bool = False) -> RuntimeJobV2:
        """Submit a job and return at once. It is one request. Its result is a `NoiseLearnerV3Results`.

        Args:
            instructions: Boxes with a `Twirl` on qubits of the device, each of one layer of Clifford gates or of
                measurements. `find_unique_layers` of the primitives of directed execution returns such.
            dry_run: Let the service check and time the job on a stand-in for the device; the results are random.

        Raises:
            IBMInputValueError: A box cannot be learned, or cannot run on the backend as it is.
            IBMApiError, IBMRuntimeError: The service did not take the job, or the session is closed.
            QiskitBackendNotFoundError: `dry_run` is asked for, and the device has no stand-in.
        """
        backend, options = self._served, self._options
        tried = value_or_raise(read_flag("dry_run", dry_run))
        refuse_closed(self._session)
        boxes = self._checked_boxes(instructions)
        params = encode_learner_params(boxes, options.model_dump(), register_of(backend.target))
        if tried:
            backend = stand_in(backend)
        return backend.service.submit(self._submission(params, backend), backend)

    def estimate(self, instructions: Iterable[CircuitInstruction]) -> Estimate:
        """Return what `run` of the same would use, by IBM's formula. Nothing is submitted.

        How long the circuits are is not known, so that delays alone are counted. It is one request at most, for what
        the instance has left, and that is remembered for a while.

        Args:
            instructions: As for `run`.

        Raises:
            IBMInputValueError: As `run` does.

        Source: behaviour B510 to B519.
        """
        usage = self._usage_of_boxes(self._checked_boxes(instructions))
        return build_estimate(usage, self._served, limit=self._limit())

    def _usage_of_boxes(self, boxes: Boxes) -> UsageEstimate:
        """Return what boxes would use that were checked. Nobody is asked."""
        options, measured = self._options, sum(map(measures, boxes))
        numbers = ("num_randomizations", "shots_per_randomization", "layer_pair_depths")
        told = {name: getattr(options, name) for name in numbers} | {"max_layers_to_learn": None}
        runs = learning_runs(told, len(boxes) - measured, measured)
        return estimate_runs([runs], device_times(self._served), options.execution.model_dump(), self._session)

    def _checked_boxes(self, instructions: Iterable[CircuitInstruction]) -> Boxes:
        """Return the boxes, all of which can be learned, or raise what of them or of the options does not allow it."""
        backend, options = self._served, self._options
        boxes = boxes_for(instructions, backend)
        value_or_raise(check_learnable(boxes))
        raise_if(find_undecidable(options.layer_pair_depths, least=1))
        if options.execution.rep_delay:
            raise_if(check_rep_delay(options.execution.rep_delay, backend.configuration().rep_delay_range))
        raise_if(check_shots([options.shots_per_randomization], backend.configuration().max_shots, backend.name))
        return boxes


def boxes_for(instructions: object, backend: BackendV2) -> Boxes:
    """Return the boxes of which noise is to be learned, all of which the device can run.

    Raises:
        IBMInputValueError: They are no such boxes.
    """
    target = backend.target
    boxes = value_or_raise(read_boxes(instructions, register_of(target)))
    refuse_unfit(check_places(boxes, target), backend, lambda index: placed(boxes[index], target))
    return boxes
