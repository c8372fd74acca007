"""The primitives that users hold: they check, encode and submit."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar, cast, overload

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives import BaseEstimatorV2, BaseSamplerV2
from qiskit.primitives.containers import EstimatorPubLike, SamplerPubLike
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.providers import BackendV2
from qiskit.providers.exceptions import QiskitBackendNotFoundError

from .._public import public
from .._warn import warn_user
from ..bridge.circuits import encode_params, encode_sampler_pub, read_pubs, shown
from ..bridge.delay_ticks import Counted, count_delays
from ..bridge.durations import estimator_facts, sampler_facts
from ..bridge.executable import check_pubs, check_registers
from ..bridge.finite import check_finite
from ..bridge.observables import encode_estimator_pub, read_estimator_pubs
from ..bridge.qpy_form import UNWRITABLE, check_form, unwritable
from ..client.raising import exception_of, raise_if, value_or_raise
from ..core.arguments import if_given, read_flag, read_number, read_whole
from ..core.estimates import MOST_EXECUTIONS
from ..core.executions import estimator_runs, sampler_runs, uses_learned_noise
from ..core.options import check_rep_delay, merge_experimental
from ..core.shots import check_shots, shots_for
from ..core.splitting import split_by_size
from ..records.estimate import CircuitRuns, DeviceTimes, UsageEstimate
from ..records.options import DEFAULT_SHOTS, Unset
from ..records.problem import NoStandIn
from .backend import IBMBackend
from .base_backend import BaseBackend, refuse_unfit
from .checks import warn_of_unmeasured
from .estimate import Estimate, build_estimate, device_times, estimate_runs, number_of_layers, target_of
from .in_process_job import InProcessJob, start_estimator, start_sampler
from .job import RuntimeJobV2
from .option_group import read_options
from .options import EstimatorOptions, SamplerOptions
from .programs import Runner, build_submission, not_json, read_mode, refuse_closed
from .session import Session
from .split_job import SplitJob, submit_parts

Options = TypeVar("Options", SamplerOptions, EstimatorOptions)
Pub = TypeVar("Pub", SamplerPub, EstimatorPub)

_ENVELOPE = frozenset(("environment", "max_execution_time", "resilience_level", "experimental"))
"""Options that travel elsewhere than with the others."""


class Primitive(Runner, Generic[Options, Pub]):
    """What sampler and estimator share: where they run, what is set, and how a job is submitted."""

    version: ClassVar[int] = 2
    """Of the interface, as Qiskit counts."""
    _program: ClassVar[str]
    """What the service calls it."""
    _options_class: ClassVar[type[Any]]
    """The class of its options."""
    _most_executions: ClassVar[int | None] = None
    """How many the service takes in one job, if that is documented."""

    def __init__(
        self, mode: BackendV2 | Session | None = None, options: Options | Mapping[str, Any] | None = None
    ) -> None:
        self._backend, self._session = read_mode(mode)
        self._options: Options = read_options(self._options_class, options)

    @property
    def options(self) -> Options:
        """What is set. Change it in place: `options.default_shots = 100`, `options.update(...)`."""
        return self._options

    # Steps of a run

    @abstractmethod
    def _shots_of(self, pub: Pub) -> int:
        """Return how many shots a pub takes."""

    @abstractmethod
    def _run_in_process(self, pubs: Sequence[Pub]) -> InProcessJob:
        """Run on a backend that no service has."""

    @abstractmethod
    def _runs_of(self, pubs: Sequence[Pub], sent: Mapping[str, Any], times: DeviceTimes) -> tuple[CircuitRuns, ...]:
        """Return what the service executes for PUBs with the options that are sent."""

    @abstractmethod
    def _encode(self, pub: Pub) -> bytes:
        """Return a pub as it is sent."""

    def _run(self, pubs: tuple[Pub, ...], dry_run: bool, max_payload: int | None) -> RuntimeJobV2 | SplitJob:
        """Check what a device cannot run, and submit the rest."""
        refuse_closed(self._session)
        self._check(pubs)
        if isinstance(self._backend, IBMBackend):
            return self._submit(self._backend, pubs, dry_run, max_payload)
        if dry_run:
            warn_user(f"dry_run has no effect on {self._backend.name!r}, which runs in this process.")
        job = cast("RuntimeJobV2", self._run_in_process(pubs))  # It has the same methods.
        return job if max_payload is None else SplitJob((job,))

    def _estimate(self, pubs: Sequence[Pub]) -> Estimate:
        """Check PUBs as a run does, and return what they would use."""
        self._check(pubs)
        backend = self._backend
        if isinstance(backend, IBMBackend):
            self._counted(backend, pubs)
        usage, limit = self._usage_of(pubs), self._options.max_execution_time
        return build_estimate(usage, backend, limit=limit or None, most_executions=self._most_executions)

    def _usage_of(self, pubs: Sequence[Pub]) -> UsageEstimate:
        """Return what PUBs would use that were checked. Nobody is asked."""
        times, sent = device_times(self._backend), self._sent_options()
        return estimate_runs(self._runs_of(pubs, sent, times), times, sent.get("execution") or {}, self._session)

    def _check(self, pubs: Sequence[Pub]) -> None:
        """Raise what the device cannot run. Simulators, and backends of others, say so themselves."""
        raise_if(self._options.find_conflict())
        value_or_raise(check_finite(pubs))
        backend = self._backend
        if not isinstance(backend, BaseBackend) or (isinstance(backend, IBMBackend) and backend.row.simulator):
            return
        execution = self._options.execution
        if execution.rep_delay:
            raise_if(check_rep_delay(execution.rep_delay, backend.configuration().rep_delay_range))
        decoupled = self._options.dynamical_decoupling.enable is True
        checked = check_pubs(pubs, backend.target, decoupled=decoupled)
        refuse_unfit(checked, backend, lambda index: pubs[index].circuit)

    def _submit(
        self, backend: IBMBackend, pubs: Sequence[Pub], dry_run: bool, max_payload: int | None
    ) -> RuntimeJobV2 | SplitJob:
        counted = self._counted(backend, pubs)
        tell_of_rounding(counted.rounded)
        if dry_run:
            backend = stand_in(backend)
        encoded = [self._encoded(index, pub) for index, pub in enumerate(counted.pubs)]
        if max_payload is None:
            return self._post(backend, self._params(encoded))
        split = split_by_size(len(encoded), lambda part: self._params(encoded[part]), max_payload)
        return submit_parts(value_or_raise(split), lambda params: self._post(backend, params))

    def _counted(self, backend: IBMBackend, pubs: Sequence[Pub]) -> Counted[Pub]:
        """Return PUBs as they can be sent, with delays in ticks, or raise why they cannot."""
        value_or_raise(check_form(pubs))
        raise_if(check_shots([self._shots_of(pub) for pub in pubs], backend.configuration().max_shots, backend.name))
        return value_or_raise(count_delays(pubs, backend.dt or None, idle=bool(backend.row.simulator)))

    def _default_shots(self) -> int:
        """Return the shots that the options say, 0 where they say none or twirling counts them itself."""
        twirling = self._options.twirling
        counts = isinstance(twirling.num_randomizations, int) and isinstance(twirling.shots_per_randomization, int)
        return 0 if counts else self._options.default_shots or 0

    def _encoded(self, index: int, pub: Pub) -> bytes:
        try:
            return self._encode(pub)
        except TypeError as reason:
            raise not_json(f"pubs[{index}]", f"{shown(pub.circuit)}, whose metadata are", reason) from None
        except UNWRITABLE as error:
            raise exception_of(unwritable(index, pub.circuit, error)) from error

    def _params(self, encoded: Sequence[bytes]) -> bytes:
        """Return the parameters of a job with these PUBs."""
        given = self._options.to_dict()
        level = {name: value for name, value in given.items() if name == "resilience_level"}
        try:
            return encode_params(encoded, self._sent_options(), **level)
        except TypeError as reason:
            raise not_json("options", "", reason) from None

    def _sent_options(self) -> dict[str, Any]:
        """Return the options that travel with the PUBs."""
        options = {name: value for name, value in self._options.to_dict().items() if name not in _ENVELOPE}
        known = self._options_class._readers.keys() - _ENVELOPE
        return merge_experimental(options, self._options.experimental or {}, known)

    def _post(self, backend: IBMBackend, params: bytes) -> RuntimeJobV2:
        image = (self._options.experimental or {}).get("image")
        submission = build_submission(self._program, params, backend, self._session, self._options, image)
        return backend.service.submit(submission, backend)


@public()
class SamplerV2(Primitive[SamplerOptions, SamplerPub], BaseSamplerV2):
    """Take samples of the classical registers of circuits.

    Args:
        mode: Where to run: a backend, a `Session` or a `Batch`; by default the session whose block is open. A backend
            that no service has runs in this process.
        options: Values of `SamplerOptions`, as such or as nested dictionaries.

    Raises:
        IBMInputValueError: `mode` is none of these, or an option cannot be meant.
    """

    _program = "sampler"
    _options_class = SamplerOptions
    _most_executions = MOST_EXECUTIONS

    @overload
    def run(
        self, pubs: Iterable[SamplerPubLike], *, shots: int | None = None, dry_run: bool = False
    ) -> RuntimeJobV2: ...

    @overload
    def run(
        self, pubs: Iterable[SamplerPubLike], *, shots: int | None = None, dry_run: bool = False, max_payload: int
    ) -> SplitJob: ...

    def run(
        self,
        pubs: Iterable[SamplerPubLike],
        *,
        shots: int | None = None,
        dry_run: bool = False,
        max_payload: int | None = None,
    ) -> RuntimeJobV2 | SplitJob:
        """Submit a job and return at once. It is one request.

        Delays are sent in whole `dt` of the device; what is rounded is a warning.

        Args:
            pubs: Circuits, or tuples of circuit, parameter values, shots. Parameter values have the
                shape (*pub shape, number of parameters).
            shots: For each PUB that says none.
            dry_run: Let the service check and time the job on a stand-in for the device; the results are random.
            max_payload: Split the PUBs into as few jobs as have no more than so many bytes of parameters each, one
                request for each, and return a `SplitJob`. The service takes up to 64 MB.

        Raises:
            IBMInputValueError: A PUB is not what it must be or cannot run on the backend as it is.
            IBMApiError, IBMRuntimeError: The service did not take the job, or the session is closed.
            QiskitBackendNotFoundError: `dry_run` is asked for, and the device has no stand-in.

        Source: behaviour B47, B49, B83 to B85, B165 to B168, B260 to B265.
        """
        tried, largest = read_run(dry_run, max_payload)
        read = _read_sampled(pubs, shots)
        warn_of_unmeasured(read)
        _warn_if_they_differ("shots", {pub.shots for pub in read})
        return self._run(read, tried, largest)

    def estimate(self, pubs: Iterable[SamplerPubLike], *, shots: int | None = None) -> Estimate:
        """Return what `run` of the same would use, by IBM's formula. Nothing is submitted.

        It is one request at most, for what the instance has left, and that is remembered for a while.

        Args:
            pubs: As for `run`.
            shots: As for `run`.

        Raises:
            IBMInputValueError: As `run` does.

        Source: behaviour B510 to B519.
        """
        return self._estimate(_read_sampled(pubs, shots))

    def _runs_of(
        self,
        pubs: Sequence[SamplerPub],
        sent: Mapping[str, Any],
        times: DeviceTimes,  # noqa: ARG002  # as for all
    ) -> tuple[CircuitRuns, ...]:
        return sampler_runs(sampler_facts(pubs, target_of(self._backend)), sent)

    def _shots_of(self, pub: SamplerPub) -> int:
        return pub.shots or self._default_shots() or DEFAULT_SHOTS

    def _run_in_process(self, pubs: Sequence[SamplerPub]) -> InProcessJob:
        return start_sampler(self._backend, pubs, self.options)

    def _encode(self, pub: SamplerPub) -> bytes:
        return encode_sampler_pub(pub)


@public()
class EstimatorV2(Primitive[EstimatorOptions, EstimatorPub], BaseEstimatorV2):
    """Estimate expectation values of observables in the states that circuits prepare.

    Args:
        mode: Where to run: a backend, a `Session` or a `Batch`; by default the session whose block is open. A backend
            that no service has runs in this process.
        options: Values of `EstimatorOptions`, as such or as nested dictionaries.

    Raises:
        IBMInputValueError: `mode` is none of these, or an option cannot be meant.
    """

    _program = "estimator"
    _options_class = EstimatorOptions

    @overload
    def run(
        self, pubs: Iterable[EstimatorPubLike], *, precision: float | None = None, dry_run: bool = False
    ) -> RuntimeJobV2: ...

    @overload
    def run(
        self,
        pubs: Iterable[EstimatorPubLike],
        *,
        precision: float | None = None,
        dry_run: bool = False,
        max_payload: int,
    ) -> SplitJob: ...

    def run(
        self,
        pubs: Iterable[EstimatorPubLike],
        *,
        precision: float | None = None,
        dry_run: bool = False,
        max_payload: int | None = None,
    ) -> RuntimeJobV2 | SplitJob:
        """Submit a job and return at once. It is one request.

        Delays are sent in whole `dt` of the device; what is rounded is a warning.

        Args:
            pubs: Tuples of circuit, observables, parameter values, precision. Observables are as wide as the
                circuit: `observable.apply_layout(circuit.layout)`. Their shape and that of the parameter
                values, without its last axis, broadcast to the shape of the PUB.
            precision: Standard error for each PUB that says none.
            dry_run: As for a sampler.
            max_payload: As for a sampler.

        Raises what `SamplerV2.run` raises.

        Source: behaviour B47, B49, B83, B85, B164 to B168, B260 to B265.
        """
        tried, largest = read_run(dry_run, max_payload)
        read = _read_estimated(pubs, precision)
        _warn_if_they_differ("precision", {pub.precision for pub in read})
        return self._run(read, tried, largest)

    def estimate(self, pubs: Iterable[EstimatorPubLike], *, precision: float | None = None) -> Estimate:
        """Return what `run` of the same would use, by IBM's formula. Nothing is submitted.

        It is one request at most, for what the instance has left, and that is remembered for a while. What PEC takes
        is open until noise is learned.

        Args:
            pubs: As for `run`.
            precision: As for `run`.

        Raises:
            IBMInputValueError: As `run` does.

        Source: behaviour B510 to B519.
        """
        return self._estimate(_read_estimated(pubs, precision))

    def _runs_of(
        self, pubs: Sequence[EstimatorPub], sent: Mapping[str, Any], times: DeviceTimes
    ) -> tuple[CircuitRuns, ...]:
        level = self._options.resilience_level
        options = sent if level is Unset else {**sent, "resilience_level": level}
        layers = None
        if uses_learned_noise(options):
            strategy = (options.get("twirling") or {}).get("strategy")
            layers = number_of_layers([pub.circuit for pub in pubs], strategy)
        facts = estimator_facts(pubs, target_of(self._backend))
        return estimator_runs(facts, options, readout=times.measure, layers=layers)

    def _shots_of(self, pub: EstimatorPub) -> int:
        precision = pub.precision or (not self._default_shots() and self.options.default_precision)
        return shots_for(precision) if precision else self._default_shots() or DEFAULT_SHOTS

    def _run_in_process(self, pubs: Sequence[EstimatorPub]) -> InProcessJob:
        return start_estimator(self._backend, pubs, self.options)

    def _encode(self, pub: EstimatorPub) -> bytes:
        return encode_estimator_pub(pub)


def _read_sampled(pubs: Iterable[SamplerPubLike], shots: int | None) -> tuple[SamplerPub, ...]:
    """Return PUBs of a sampler, all of which have results that can be named."""
    number = value_or_raise(if_given(partial(read_whole, least=1))("shots", shots))
    read = value_or_raise(read_pubs(pubs, number))
    value_or_raise(check_registers(read))
    return read


def _read_estimated(pubs: Iterable[EstimatorPubLike], precision: float | None) -> tuple[EstimatorPub, ...]:
    """Return PUBs of an estimator."""
    error = value_or_raise(if_given(partial(read_number, above=0.0))("precision", precision))
    return value_or_raise(read_estimator_pubs(pubs, error))


def read_run(dry_run: Any, max_payload: Any) -> tuple[bool, int | None]:
    """Return what sampler and estimator are told of a run beside their PUBs.

    Raises:
        IBMInputValueError: It is not what it must be.
    """
    largest = if_given(partial(read_whole, least=1))("max_payload", max_payload)
    return value_or_raise(read_flag("dry_run", dry_run)), value_or_raise(largest)


def stand_in(backend: IBMBackend) -> IBMBackend:
    """Return the stand-in for a device, `mock_x` for `ibm_x`.

    Source: behaviour B169.
    """
    name = "_".join(("mock", *backend.name.split("_")[1:]))
    try:
        return backend.service._chooser.find(name, backend.instance, subject="jobs")
    except QiskitBackendNotFoundError:
        raise exception_of(NoStandIn(name=backend.name, stand_in=name)) from None


def tell_of_rounding(rounded: Sequence[str]) -> None:
    """Warn once of all delays that do not last as long as they say."""
    if rounded:
        others = f" So are {len(rounded) - 1} more." if len(rounded) > 1 else ""
        warn_user(f"Delays are rounded to whole dt of the device. In {rounded[0]}.{others}")


def _warn_if_they_differ(what: str, values: set[Any]) -> None:
    if len(values) > 1:
        warn_user(
            f"Different {what} in the PUBs of one job are deprecated by the service; submit a job for each.",
            DeprecationWarning,
        )


Sampler = SamplerV2
Estimator = EstimatorV2
