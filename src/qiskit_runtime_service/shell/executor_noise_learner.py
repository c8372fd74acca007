"""The noise learner of boxes on the executor: it prepares on the client what is run, and learns from the bits."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.circuit import CircuitInstruction
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.providers import BackendV2

from .._public import public
from ..client.raising import exception_of, raise_if, value_or_raise
from ..programs.learning_boxes import Boxes, check_learnable_here, find_undecidable, measures, register_of
from ..programs.noise_learner import prepare, without_pulses
from ..programs.quantum_program import QuantumProgram
from ..records.problem import BadArgument
from .base_backend import BaseBackend
from .estimate import Estimate
from .executor import Directed, options_for_program
from .job import RuntimeJobV2
from .noise_learner_v3 import boxes_for
from .option_models import NoiseLearnerV3Options
from .prepared import PreparedProgram


@public("executor_noise_learner")
class NoiseLearnerV3(Directed[NoiseLearnerV3Options]):
    """Learn the noise of boxes by a quantum program that is prepared here, on any backend.

    Args:
        mode: Where to run: a backend, a `Session` or a `Batch`; by default the session whose block is open. A backend
            that no service has runs in this process.
        options: A `NoiseLearnerV3Options`, which is kept, or a dictionary of its values.

    Raises:
        IBMInputValueError: `mode` is none of these, or an option cannot be meant.

    Source: behaviour B400, B402.
    """

    _options_class = NoiseLearnerV3Options

    def run(self, instructions: Iterable[CircuitInstruction], dry_run: bool = False) -> RuntimeJobV2:
        """Submit a job and return at once. It is one request. Its result is a `NoiseLearnerV3Results`.

        Args:
            instructions: Boxes on qubits of the device, each of Clifford gates that undo themselves when they are
                done twice; one of them may measure all qubits of the others. Their noise is found for the `ref` of
                their `InjectNoise`. `find_unique_layers` of the primitives of directed execution returns such.
            dry_run: Let the service check and time the job on a stand-in for the device; the results are random.

        Raises:
            IBMInputValueError: A box cannot be learned, or cannot run on the backend as it is.
            IBMApiError, IBMRuntimeError: The service did not take the job, or the session is closed.
            QiskitBackendNotFoundError: `dry_run` is asked for, and the device has no stand-in.
        """
        prepared, sent = self.prepare(instructions), options_for_program(self._options)
        return cast("RuntimeJobV2", self._run_program(prepared, sent, dry_run))

    def prepare(self, instructions: Iterable[CircuitInstruction]) -> PreparedProgram:
        """Return what `run` would send: circuits, randomizations, shots, and what they cost in executions.

        Nothing is sent. `Executor.run(prepared)` runs it.

        Raises:
            IBMInputValueError: As `run` does.
        """
        backend = self._backend
        boxes = boxes_for(instructions, backend)
        value_or_raise(check_learnable_here(boxes, register_of(backend.target)))
        options = self._options
        raise_if(find_undecidable(options.layer_pair_depths, least=1 if all(map(measures, boxes)) else 2))
        program = _prepared(boxes, options.model_dump(), backend)
        return PreparedProgram(
            program,
            [f"circuits {index}" for index in range(len(program.items))],
            [options.num_randomizations] * len(program.items),
            estimate=self._estimate_prepared,
        )

    def estimate(self, instructions: Iterable[CircuitInstruction]) -> Estimate:
        """Return what `run` of the same would use, by IBM's formula. Nothing is submitted.

        It is one request at most, for what the instance has left, and that is remembered for a while.

        Args:
            instructions: As for `run`.

        Raises:
            IBMInputValueError: As `run` does.

        Source: behaviour B510 to B519.
        """
        return self.prepare(instructions).estimate()

    def _check_device(
        self, pubs: Sequence[SamplerPub], sent_options: Mapping[str, Any], of_pubs: Sequence[int | None] = ()
    ) -> None:
        """Raise what the device cannot run. Its pulses of checks need not be among its gates."""
        checks = self._options.bit_flip_checks
        used = {name: check.x_pulse_type for name, check in checks if check.enable}
        for name, pulse in used.items():
            self._check_pulse(f"bit_flip_checks.{name}.x_pulse_type", pulse)
        super()._check_device([without_pulses(pub, set(used.values())) for pub in pubs], sent_options, of_pubs)

    def _check_pulse(self, name: str, pulse: str) -> None:
        """Raise that the device has no such pulse. Some have one that is not among the gates of their target."""
        backend = self._backend
        if pulse in backend.target.operation_names or not isinstance(backend, BaseBackend):
            return
        calibration = backend.properties()
        if calibration is None or all(gate.gate != pulse for gate in calibration.gates):
            wanted = "a pulse that the device has, or set enable=False of the check"
            raise exception_of(BadArgument(name=name, value=f"{pulse!r}, and {backend.name} has none", wanted=wanted))


def _prepared(boxes: Boxes, options: Mapping[str, Any], backend: BackendV2) -> QuantumProgram:
    """Return the program that learns the noise of boxes, or raise what its library alone knows to be wrong.

    Raises:
        IBMInputValueError: It says that it cannot learn them.
    """
    try:
        return prepare(boxes, options, backend)
    except (ValueError, QiskitError) as reason:
        words = str(getattr(reason, "message", reason)).rstrip(".")
        wanted = f"boxes that can be learned: {words}"
        raise exception_of(BadArgument(name="instructions", value=f"{len(boxes)} boxes", wanted=wanted)) from reason
