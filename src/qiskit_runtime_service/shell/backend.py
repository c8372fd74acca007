"""The backend that users hold: a Qiskit `BackendV2` that fetches what it is asked for, when it is asked."""

from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, TypeVar

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from msgspec.structs import asdict
from qiskit.providers import Options
from qiskit.transpiler import Target
from returns.result import Failure, Result, Success

from .._public import public
from .._warn import warn_user
from ..bridge.target import build_target
from ..client.backends import Backends, Described
from ..client.dates import read_date
from ..client.raising import value_or_raise
from ..client.rest import Client
from ..core.arguments import if_given, read_flag
from ..core.backends import apply_fractional, blame_backend, warn_of_state
from ..core.choice import Part
from ..core.reports import describe_backends
from ..core.troubles import about, describe_troubles
from ..records.backend import BackendRow, Configuration, Properties
from ..records.call import Subject
from ..records.problem import Problem
from ..records.report import Report
from .base_backend import BaseBackend
from .display import Table, as_page
from .models import BackendProperties, BackendStatus
from .pickling import from_plain, to_plain

if TYPE_CHECKING:
    from .service import QiskitRuntimeService

T = TypeVar("T")

NO_PARTS: frozenset[Part] = frozenset()
NOTHING = Described(configuration=None, properties=None, has_properties=False)


@public()
class IBMBackend(BaseBackend):
    """One backend of one instance. Made by a service; a subclass of the user's own is made of its service and row.

    Attributes of the configuration can be read off it directly, such as `backend.basis_gates`.
    Times are in seconds. Two are equal if they are of one instance, have one name, and show the
    same calibration and gates. A pickle carries what was fetched, and no key: what comes out of it
    answers from that and sends nothing. On the local channel the cloud travels with it. Attributes of
    the user's own are in copies and pickles too.

    Source: behaviour B102, B104, B107, B278, B484.
    """

    id_warning_issued: ClassVar[bool] = False
    """Whether it was said that gates `id` are deprecated. Here nobody says it: they run as they are."""

    _backends: Backends
    _row: BackendRow
    _use_fractional_gates: bool | None
    _calibration_id: str | None
    _parts: frozenset[Part]
    """What was read that the listing does not tell."""
    _trouble: Problem | None
    """Why the last of it could not be had, if so."""
    _warned: bool
    """Whether it was said that jobs wait, by what the listing tells."""

    def __init__(
        self,
        service: "QiskitRuntimeService",
        row: BackendRow,
        use_fractional_gates: bool | None = False,
        calibration_id: str | None = None,
    ) -> None:
        super().__init__(row.name, service)
        # A thousand backends are made at once, and passing by `__setattr__` would be a quarter of the cost.
        self.__dict__.update(
            _backends=service._backends,
            _row=row,
            _use_fractional_gates=use_fractional_gates,
            _calibration_id=calibration_id,
            _parts=NO_PARTS,
            _trouble=None,
            _warned=False,
        )

    def __call__(self) -> Self:
        """Return the backend itself, for programs that call what they hold.

        Source: behaviour B483.
        """
        return self

    # What is known without asking

    @property
    def service(self) -> "QiskitRuntimeService":
        """The service that this backend came from."""
        service: QiskitRuntimeService = self._provider
        return service

    @property
    def instance(self) -> str:
        """CRN of the instance that this backend came from."""
        return self._row.instance

    # What packages read that were written for IBM's client

    @property
    def _service(self) -> "QiskitRuntimeService":
        """The service, by the name that IBM's client has for it.

        Source: behaviour B485.
        """
        return self.service

    @property
    def _instance(self) -> str:
        return self.instance

    @property
    def _api_client(self) -> Client:
        return self.service._client

    @cached_property
    def _options(self) -> Options:
        options = self._default_options()
        options.update_options(use_fractional_gates=self._use_fractional_gates)
        return options

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
    def ignored(self) -> tuple[str, ...]:
        """A sentence for each part of the listing and the descriptions that could not be understood.

        Source: behaviour B100, B286.
        """
        return (*self._row.ignored, *super().ignored)

    @property
    def num_qubits(self) -> int:
        """How many qubits circuits may use. Costs nothing where the listing tells."""
        return self._configuration.n_qubits if self._row.num_qubits is None else self._row.num_qubits

    @property
    def row(self) -> BackendRow:
        """The line of the listing that this backend was made from."""
        return self._row

    # What is fetched

    def _try_configuration(self) -> Result[Configuration, Problem]:
        """Return the configuration as the wire has it, or why it cannot be had."""
        self._parts |= {"configuration"}
        fetched = self._backends.configuration(self.instance, self.name, self._calibration_id)
        shown = fetched.map(lambda raw: apply_fractional(raw, self._use_fractional_gates))
        return shown.alt(lambda problem: blame_backend(problem, self.name, self._calibration_id))

    def properties(self, refresh: bool = False, datetime: datetime | None = None) -> BackendProperties | None:
        """Return a calibration, or `None` where there is none.

        Args:
            refresh: Fetch the latest anew. Where that fails, what is known stays.
            datetime: The last calibration before this; without a zone it is local time.
        """
        before = value_or_raise(if_given(read_date)("datetime", datetime))
        if value_or_raise(read_flag("refresh", refresh)) and before is None and not self._row.simulator:
            self._fetched(self._backends.renew_properties(self.instance, self.name, self._calibration_id))
            self._forget()
        calibration = self._calibration(before)
        return None if calibration is None else BackendProperties(calibration)

    def target_history(self, datetime: datetime | None = None) -> Target:
        """Return the target by the last calibration before `datetime`; without a zone it is local time."""
        before = value_or_raise(if_given(read_date)("datetime", datetime))
        return build_target(self._configuration, self._calibration(before))

    def status(self) -> BackendStatus:
        """Return whether the backend takes jobs now, and how many wait."""
        self._parts |= {"status"}
        told = self._fetched(self._backends.status(self.instance, self.name))
        waiting = self._row.queue_length if told.pending_jobs is None else told.pending_jobs
        return BackendStatus(**asdict(told) | {"pending_jobs": waiting or 0})

    def refresh(self) -> None:
        """List the backend again, and fetch all else anew when it is next asked for.

        Raises:
            IBMApiError, IBMNotAuthorizedError: The instance could not be listed. Then all stays as it was.

        Source: behaviour B108, B346.
        """
        listing = value_or_raise(self._backends.renew(self.instance, self.name))
        self._row = next((row for row in listing.rows if row.name == self.name), self._row)
        self._warned = False
        self._forget()

    def _warn_of_state(self) -> None:
        """Warn, once, where the listing says that jobs will wait. Nothing is asked."""
        warning = None if self._warned else warn_of_state(self._row)
        if warning is not None:
            self._warned = True
            warn_user(warning)

    def run(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: circuits are run by primitives."""
        from ..exceptions import IBMBackendError

        raise IBMBackendError("Backends do not run circuits.\nUse SamplerV2(mode=backend).run([circuit]).")

    @property
    def _configuration(self) -> Configuration:
        return self._fetched(self._try_configuration())

    def _known_configuration(self) -> Configuration | None:
        return self._backends.known(self.name, self._calibration_id).configuration

    def _calibration(self, before: datetime | None = None, subject: Subject = "") -> Properties | None:
        """Return the latest calibration, or the last before an instant in UTC; simulators have none."""
        if self._row.simulator:
            return None
        if before is not None:
            past = self._backends.past_properties(self.instance, self.name, before.isoformat())
            return self._fetched(past.alt(partial(about, subject)))
        self._parts |= {"properties"}
        return self._fetched(self._backends.properties(self.instance, self.name, self._calibration_id))

    def _fetched(self, result: Result[T, Problem]) -> T:
        """Return what was fetched; note why it could not be, and raise."""
        match result:
            case Failure(problem):
                self._trouble = problem
        return value_or_raise(result)

    # Equality, copies, pictures

    @property
    def _identity(self) -> tuple[object, ...]:
        return (self.instance, self.name, self._use_fractional_gates, self._calibration_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IBMBackend) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __copy__(self) -> Self:
        twin = self._made(self.service, self._row, self._use_fractional_gates, self._calibration_id)
        twin.__dict__.update(self._own_attributes(twin))
        return twin

    def __deepcopy__(self, memo: object) -> Self:
        # Service and caches are shared: a second account is never what a copy of a backend is for.
        return self.__copy__()

    def __reduce__(self) -> tuple[Any, ...]:
        # Where the cloud travels too, it tells again what was fetched: of 156 qubits that is half a megabyte.
        told_again = self.service._brings_its_cloud
        known = NOTHING if told_again else self._backends.known(self.name, self._calibration_id)
        shown = (self._use_fractional_gates, self._calibration_id)
        own = self._own_attributes(self._made(self.service, self._row, *shown))
        return self._restore, (self.service, to_plain(self._row), to_plain(known), *shown), own or None

    @classmethod
    def _restore(
        cls,
        service: "QiskitRuntimeService",
        row: Any,
        known: Any,
        use_fractional_gates: bool | None,
        calibration_id: str | None,
    ) -> Self:
        """Make a backend from its pickle; what was fetched of it is remembered by its service."""
        listed = from_plain(row, BackendRow)
        service._backends.remember(listed.name, calibration_id, from_plain(known, Described))
        return cls._made(service, listed, use_fractional_gates, calibration_id)

    @classmethod
    def _made(
        cls,
        service: "QiskitRuntimeService",
        row: BackendRow,
        use_fractional_gates: bool | None,
        calibration_id: str | None,
    ) -> Self:
        """Make a backend as a service does. Subclasses may be made of other arguments."""
        backend = cls.__new__(cls)
        IBMBackend.__init__(backend, service, row, use_fractional_gates, calibration_id)
        return backend

    def _repr_html_(self) -> str:
        return as_page(describe_backends(self.name, (self._row,), self.service.instance_names()))


class IBMRetiredBackend(IBMBackend):
    """Stands for the backend of a job that is no longer there. It knows its name and instance only.

    Source: behaviour B109.
    """

    def _try_configuration(self) -> Result[Configuration, Problem]:
        """Return an empty configuration."""
        return Success(
            Configuration(backend_name=self.name, backend_version="0.0.0", n_qubits=0, basis_gates=(), gates=())
        )

    def status(self) -> BackendStatus:
        """Say that it takes no jobs."""
        return BackendStatus(backend_name=self.name, status_msg="This backend is no longer available.")

    def refresh(self) -> None:
        """Do nothing: there is nothing to ask."""

    def _calibration(self, *_: Any, **__: Any) -> Properties | None:
        return None


class BackendList(Table[IBMBackend]):
    """Backends: a list, a table in a notebook, a data frame of what the listing tells."""

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a line of the listing for each backend. Errors are medians, 0 to 1; times are in seconds."""
        return [asdict(backend.row) for backend in self]

    def report(self) -> Report:
        """Return what the listing tells of each, as a table of text, and what is missing."""
        names = self[0].service.instance_names() if self else {}
        rows = (backend.row for backend in self)
        return describe_backends("Backends", rows, names, describe_troubles(self.troubles, names))


def retired_backend(service: "QiskitRuntimeService", instance: str, name: str) -> IBMRetiredBackend:
    """Return what stands for a backend of a job that is no longer there.

    Source: behaviour B109.
    """
    row = BackendRow(name=name, instance=instance, state="retired", num_qubits=0, simulator=False)
    return IBMRetiredBackend(service, row)
