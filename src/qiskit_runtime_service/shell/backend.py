"""The backend that users hold: a Qiskit `BackendV2` that fetches what it is asked for, when it is asked."""

import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from qiskit.providers import BackendV2, Options
from qiskit.transpiler import Target
from returns.result import Result

from ..bridge.target import build_target, find_undefined_gates
from ..core.backends import apply_fractional, in_si_units
from ..records.backend import BackendRow, BackendStatus, Configuration, Properties
from ..records.problem import Problem
from .edge import value_or_raise
from .fleet import Fleet

if TYPE_CHECKING:
    from .service import QiskitRuntimeService


class IBMBackend(BackendV2):
    """One backend of one instance. Made by a service, never by hand.

    Attributes of the configuration can be read off it directly, such as `backend.basis_gates`.
    Times are in seconds.
    """

    def __init__(
        self,
        service: "QiskitRuntimeService",
        fleet: Fleet,
        row: BackendRow,
        use_fractional_gates: bool | None = False,
        calibration_id: str | None = None,
    ) -> None:
        super().__init__(provider=service, name=row.name)
        # The base class sets these; here the configuration knows them, and it is not fetched yet.
        del self.online_date, self.description, self.backend_version
        self._fleet = fleet
        self._row = row
        self._use_fractional_gates = use_fractional_gates
        self._calibration_id = calibration_id
        self._target: Target | None = None

    @property
    def service(self) -> "QiskitRuntimeService":
        """The service that this backend came from."""
        return self._provider

    @property
    def instance(self) -> str:
        """CRN of the instance that this backend came from."""
        return self._row.instance

    @property
    def calibration_id(self) -> str | None:
        """The calibration that was asked for, if any."""
        return self._calibration_id

    @property
    def is_mock(self) -> bool:
        """Whether this is a stand-in for dry runs."""
        return self._row.mock

    @property
    def physical_qubits(self) -> int | None:
        """How many qubits the chip has, as the listing tells."""
        return self._row.physical_qubits

    @property
    def num_qubits(self) -> int:
        """How many qubits circuits may use. Costs nothing where the listing tells."""
        return self._configuration.n_qubits if self._row.num_qubits is None else self._row.num_qubits

    @property
    def target(self) -> Target:
        """What the backend can run, and how well, by its latest calibration."""
        if self._target is None:
            configuration = self._configuration
            for gate in find_undefined_gates(configuration):
                warnings.warn(f"{self.name}: gate {gate!r} is left out, nothing defines it", RuntimeWarning, 2)
            self._target = build_target(configuration, self.properties())
        return self._target

    @property
    def max_circuits(self) -> None:
        """No limit: the service counts the size of a job, not its circuits."""

    @property
    def dtm(self) -> float | None:
        """Resolution of the output signals, in seconds."""
        return self.configuration().dtm

    @property
    def meas_map(self) -> tuple[tuple[int, ...], ...] | None:
        """Groups of qubits that are measured together."""
        return self._configuration.meas_map

    def configuration(self) -> Configuration:
        """Return how the backend is built, times in seconds.

        Raises:
            QiskitBackendNotFoundError: Its description is broken.
            IBMInputValueError: Fractional gates were asked for, and it has none.
        """
        return in_si_units(self._configuration)

    def try_configuration(self) -> Result[Configuration, Problem]:
        """Return the configuration as the wire has it, or why it cannot be had."""
        fetched = self._fleet.configuration(self.instance, self.name, self._calibration_id)
        return fetched.bind(lambda raw: apply_fractional(raw, self._use_fractional_gates))

    def properties(self, refresh: bool = False, datetime: datetime | None = None) -> Properties | None:
        """Return a calibration, or `None` where there is none.

        Args:
            refresh: Fetch the latest anew.
            datetime: The last calibration before this; without a zone it is local time.
        """
        if self._row.simulator:
            return None
        if datetime is not None:
            before = datetime.astimezone(UTC).isoformat()
            return value_or_raise(self._fleet.past_properties(self.instance, self.name, before))
        if refresh:
            self._fleet.forget(self.instance, self.name, self._calibration_id)
        return value_or_raise(self._fleet.properties(self.instance, self.name, self._calibration_id))

    def target_history(self, datetime: datetime | None = None) -> Target:
        """Return the target by the last calibration before `datetime`."""
        return build_target(self._configuration, self.properties(datetime=datetime))

    def status(self) -> BackendStatus:
        """Return whether the backend takes jobs now, and how many wait."""
        return value_or_raise(self._fleet.status(self.instance, self.name))

    def refresh(self) -> None:
        """Fetch configuration and calibration anew when they are next asked for."""
        self._fleet.forget(self.instance, self.name, self._calibration_id)
        self._target = None
        self._coupling_map = None

    def run(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: circuits are run by primitives."""
        from .exceptions import IBMBackendError

        raise IBMBackendError("Backends do not run circuits.\nUse SamplerV2(mode=backend).run([circuit]).")

    @classmethod
    def _default_options(cls) -> Options:
        return Options()

    @property
    def _configuration(self) -> Configuration:
        return value_or_raise(self.try_configuration())

    @property
    def _identity(self) -> tuple[object, ...]:
        return (self.instance, self.name, self._use_fractional_gates, self._calibration_id)

    def __getattr__(self, name: str) -> Any:
        """Read what the object itself does not have off the configuration."""
        if name.startswith("_") or name not in Configuration.__struct_fields__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.configuration(), name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IBMBackend) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self.name!r})>"
