"""The noise learner of circuits, by the program `noise-learner` of the service. Deprecated by the service."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers import EstimatorPubLike
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.providers import BackendV2

from .._public import public
from .._warn import warn_user
from ..bridge.circuits import shown, with_zeros
from ..bridge.delay_ticks import Counted, count_delays
from ..bridge.executable import check_pubs, speak_of
from ..bridge.qpy_form import UNWRITABLE, check_form, find_unwritable, unwritable
from ..bridge.typed_json import encode_input
from ..client.raising import exception_of, raise_if, value_or_raise
from ..core.arguments import read_flag, read_items
from ..core.executions import learning_runs
from ..core.shots import check_shots
from ..records.estimate import UsageEstimate
from ..records.job import NOISE_LEARNER
from ..records.options import Unset
from ..records.problem import BadArgument, WrongType
from .backend import IBMBackend
from .base_backend import refuse_unfit
from .estimate import Estimate, build_estimate, device_times, estimate_runs, number_of_layers
from .job import RuntimeJobV2
from .option_group import read_options
from .options import EstimatorOptions, NoiseLearnerOptions
from .primitives import stand_in, tell_of_rounding
from .programs import Runner, build_submission, not_json, read_mode, read_served, refuse_closed
from .session import Session

_WANTED = "a list of circuits, or of (circuit, observables, parameter values)"
_ENVELOPE = frozenset(("environment", "max_execution_time"))
"""Options that travel elsewhere than with the others."""


@public()
class NoiseLearnerV2(Runner):
    """Learn the noise of the layers of circuits. Deprecated by the service: `NoiseLearnerV3` learns that of boxes.

    Args:
        mode: Where to run: a backend of a service, a `Session` or a `Batch`; by default the open session.
        options: Values of `NoiseLearnerOptions`, as such or as a dictionary; or `EstimatorOptions` of the server-side
            estimator, of which those of its layer noise learning count.

    Raises:
        IBMInputValueError: `mode` is none of these, or an option cannot be meant.

    Source: behaviour B405.
    """

    _backend: IBMBackend

    def __init__(
        self,
        mode: BackendV2 | Session | None = None,
        options: NoiseLearnerOptions | EstimatorOptions | Mapping[str, Any] | None = None,
    ) -> None:
        warn_user(
            "NoiseLearner is deprecated by the service. Learn the noise of boxes with NoiseLearnerV3, which the "
            "primitives of directed execution take.",
            DeprecationWarning,
        )
        backend, self._session = read_mode(mode)
        self._backend = read_served(mode, backend, "the program noise-learner runs nowhere else")
        given = _of_estimator(options) if isinstance(options, EstimatorOptions) else options
        self._options = read_options(NoiseLearnerOptions, given)

    @property
    def options(self) -> NoiseLearnerOptions:
        """What is set. Change it in place: `options.num_randomizations = 16`, `options.update(...)`."""
        return self._options

    def run(self, circuits: Iterable[QuantumCircuit | EstimatorPubLike], dry_run: bool = False) -> RuntimeJobV2:
        """Submit a job and return at once. It is one request. Its result is a `NoiseLearnerResult`.

        Args:
            circuits: Circuits whose layers are learned, or PUBs of an estimator, of which the circuits count.
            dry_run: Let the service check and time the job on a stand-in for the device; the results are random.

        Raises:
            IBMInputValueError: A circuit is none, or cannot run on the backend as it is.
            IBMApiError, IBMRuntimeError: The service did not take the job, or the session is closed.
            QiskitBackendNotFoundError: `dry_run` is asked for, and the device has no stand-in.
        """
        tried = value_or_raise(read_flag("dry_run", dry_run))
        refuse_closed(self._session)
        backend = self._backend
        counted = self._counted(circuits)
        tell_of_rounding([sentence.replace("PUB", "circuit", 1) for sentence in counted.rounded])
        params = self._params([pub.circuit for pub in counted.pubs])
        if tried:
            backend = stand_in(backend)
        image = (self._options.experimental or {}).get("image")
        submission = build_submission(NOISE_LEARNER, params, backend, self._session, self._options, image)
        return backend.service.submit(submission, backend)

    def estimate(self, circuits: Iterable[QuantumCircuit | EstimatorPubLike]) -> Estimate:
        """Return what `run` of the same would use, by IBM's formula. Nothing is submitted.

        How long the circuits are that learn is not known, so that delays alone are counted. How many layers there are
        to learn is counted with the extra `executor`. It is one request at most, for what the instance has left, and
        that is remembered for a while.

        Args:
            circuits: As for `run`.

        Raises:
            IBMInputValueError: As `run` does.

        Source: behaviour B510 to B519.
        """
        usage, limit = self._usage_of(self._counted(circuits).pubs), self._options.max_execution_time
        return build_estimate(usage, self._backend, limit=limit or None)

    def _usage_of(self, pubs: Sequence[SamplerPub]) -> UsageEstimate:
        """Return what circuits would use that were checked. Nobody is asked."""
        options = self._options.to_dict()
        layers = number_of_layers([pub.circuit for pub in pubs], options.get("twirling_strategy"))
        return estimate_runs([learning_runs(options, layers)], device_times(self._backend), {}, self._session)

    def _counted(self, circuits: Iterable[QuantumCircuit | EstimatorPubLike]) -> Counted[SamplerPub]:
        """Return circuits as they can be sent, with delays in ticks, or raise why they cannot."""
        pubs, backend = [with_zeros(circuit) for circuit in _read_circuits(circuits)], self._backend
        self._check(pubs)
        ticked = count_delays(pubs, backend.dt or None, idle=bool(backend.row.simulator))
        counted: Counted[SamplerPub] = value_or_raise(speak_of("Circuit", ticked))
        return counted

    def _check(self, pubs: list[SamplerPub]) -> None:
        """Raise what the device cannot run, or what cannot be sent."""
        backend = self._backend
        checked = speak_of("Circuit", check_pubs(pubs, backend.target))
        refuse_unfit(checked, backend, lambda index: pubs[index].circuit)
        value_or_raise(speak_of("Circuit", check_form(pubs)))
        shots = self._options.shots_per_randomization
        if shots:
            raise_if(check_shots([shots], backend.configuration().max_shots, backend.name))

    def _params(self, circuits: list[QuantumCircuit]) -> bytes:
        """Return the parameters of a job with these circuits."""
        sent = {name: value for name, value in self._options.to_dict().items() if name not in _ENVELOPE}
        if sent.get("experimental"):
            sent["experimental"] = {name: value for name, value in sent["experimental"].items() if name != "image"}
        try:
            return encode_input({"circuits": circuits, "options": {**sent, "support_qiskit": True}})
        except TypeError as reason:
            raise not_json("circuits", "metadata of a circuit, or experimental options, are", reason) from None
        except UNWRITABLE as error:
            found = (index for index, circuit in enumerate(circuits) if find_unwritable(circuit) is not None)
            index = next(found, None)
            if index is None:
                raise
            raise exception_of(unwritable(index, circuits[index], error, noun="Circuit")) from error


def _of_estimator(options: EstimatorOptions) -> dict[str, Any]:
    """Return what of the options of an estimator counts for a noise learner."""
    given = options.to_dict()
    found = {name: given[name] for name in (*_ENVELOPE, "simulator", "experimental") if name in given}
    found |= options.resilience.layer_noise_learning.to_dict()
    strategy = options.twirling.strategy
    return found if strategy is Unset else {**found, "twirling_strategy": strategy}


def _read_circuits(given: object) -> list[QuantumCircuit]:
    """Return circuits, and those of PUBs of an estimator.

    Raises:
        IBMInputValueError: They are no such list, or there are none.
    """
    if isinstance(given, QuantumCircuit | EstimatorPub):
        raise exception_of(WrongType(name="circuits", value=shown(given), wanted=_WANTED))
    circuits = [_read_circuit(index, one) for index, one in enumerate(value_or_raise(read_items("circuits", given)))]
    if not circuits:
        raise exception_of(BadArgument(name="circuits", value="[]", wanted=f"{_WANTED}; at least one"))
    return circuits


def _read_circuit(index: int, given: Any) -> QuantumCircuit:
    if isinstance(given, QuantumCircuit):
        return given
    try:
        return EstimatorPub.coerce(given).circuit
    except (TypeError, ValueError, LookupError, AttributeError, QiskitError) as reason:
        wanted = f"a circuit, or (circuit, observables, parameter values): {str(reason).rstrip('.')}"
        raise exception_of(BadArgument(name=f"circuits[{index}]", value=shown(given), wanted=wanted)) from None


NoiseLearner = NoiseLearnerV2
