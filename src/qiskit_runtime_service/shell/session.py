"""Sessions and batches: jobs that belong together, on one backend."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from msgspec import to_builtins
from qiskit.providers import BackendV2
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from .._log import logger
from .._public import public
from ..client.raising import exception_of, value_or_raise
from ..client.rest import Client
from ..core.arguments import if_given, read_flag, read_object, read_text, show_value
from ..core.messages import describe
from ..core.reports import describe_sessions
from ..core.sessions import describe_status, is_closed, read_max_time
from ..core.troubles import Trouble, describe_troubles
from ..records.problem import BadArgument, Problem, SessionNotFound, WrongType
from ..records.report import Report
from ..records.session import ListedSession, SessionDetails, SessionMode, SessionOrder
from ..transport.process import ProcessLock
from .backend import IBMBackend
from .display import PublicNames, Table
from .open_blocks import SESSIONS, Block

if TYPE_CHECKING:
    from .service import QiskitRuntimeService

T = TypeVar("T")

SHOWN = (
    *("id", "backend_name", "interactive_timeout", "max_time", "active_timeout", "state", "accepting_jobs"),
    *("last_job_started", "last_job_completed", "started_at", "closed_at", "activated_at", "mode", "usage_time"),
    "timestamps",
)
"""What `details()` tells, in this order."""


@public()
class Session(PublicNames):
    """Hold a backend for jobs that follow one another: after the first, the others need not queue.

    It is opened at once, and closed when its `with` block ends, also by an exception; jobs that it
    has then still run. Threads may share it. On a simulator, or on a backend that is not the
    service's, there is nothing to hold: it has no id, and everything else works.

    In its `with` block, what runs jobs needs no `mode=`: it runs in the session of the innermost block which its
    thread or task is in. A backend given as `mode` runs in it too, if it is that of the session.

    Args:
        backend: What to hold.
        max_time: How long it may be open, in seconds or as text such as `"2h 30m"`.
        create_new: `False` makes an object that stands for no session.

    Raises:
        IBMInputValueError: An argument is not what it must be.
        IBMApiError, IBMNotAuthorizedError: The service did not open it.

    Source: behaviour B141, B143, B480.
    """

    mode: ClassVar[SessionMode] = "dedicated"
    """What the service calls sessions of this kind."""

    def __init__(
        self, backend: BackendV2, max_time: int | str | None = None, *, create_new: bool | None = True
    ) -> None:
        if not isinstance(backend, BackendV2):
            wanted = "a backend, such as one from service.backend(name)"
            raise exception_of(WrongType(name="backend", value=show_value(backend), wanted=wanted))
        max_seconds = value_or_raise(read_max_time(max_time))
        opens = value_or_raise(if_given(read_flag)("create_new", create_new))
        self._backend = backend
        self._id: str | None = None
        self._closed = False
        self._closing = ProcessLock()
        self._blocks: list[Block[Session]] = []
        if opens and isinstance(backend, IBMBackend) and not backend.row.simulator:
            order = SessionOrder(mode=self.mode, backend=backend.name, max_seconds=max_seconds)
            self._id = value_or_raise(backend.service._client.create_session(backend.instance, order))

    @classmethod
    def from_id(
        cls,
        session_id: str,
        service: "QiskitRuntimeService",
        use_fractional_gates: bool | None = False,
        calibration_id: str | None = None,
    ) -> Self:
        """Return the session with that id, from whichever instance holds it.

        Args:
            session_id: Its id.
            service: The service to look in.
            use_fractional_gates: As in `service.backend`, for its backend.
            calibration_id: As in `service.backend`, for its backend.

        Raises:
            IBMInputValueError: There is none, it is of the other kind, or the service tells no backend of it yet.

        Source: behaviour B456.
        """
        from .service import QiskitRuntimeService

        value_or_raise(if_given(read_flag)("use_fractional_gates", use_fractional_gates))
        value_or_raise(if_given(read_text)("calibration_id", calibration_id))
        place = value_or_raise(read_object("service", service, QiskitRuntimeService, wanted="a QiskitRuntimeService"))
        details = place.find_session(session_id)
        other = next((kind for kind in (Session, Batch) if kind.mode == details.mode), None)
        if other is not None and other.mode != cls.mode:
            wanted = f"the id of a {cls.__name__.lower()}; use {other.__name__}.from_id"
            value = f"{session_id!r}, whose mode is {details.mode!r}"
            raise exception_of(BadArgument(name="session_id", value=value, wanted=wanted))
        if details.backend is None:
            value = f"{session_id!r}, of which the service tells no backend"
            raise exception_of(BadArgument(name="session_id", value=value, wanted="asked for again later"))
        backend = place.backend(details.backend, details.instance, use_fractional_gates, calibration_id)
        return cls._of(backend, details.id, is_closed(details))

    @classmethod
    def _of(cls, backend: BackendV2, session_id: str | None, closed: bool) -> Self:
        session = cls(backend, create_new=False)
        session._id, session._closed = session_id, closed
        return session

    # What is known without asking

    @property
    def session_id(self) -> str | None:
        """The id, or `None` where there is nothing to hold."""
        return self._id

    @property
    def service(self) -> "QiskitRuntimeService | None":
        """The service of the backend, or `None` where that has none."""
        return self._backend.service if isinstance(self._backend, IBMBackend) else None

    @property
    def target_backend(self) -> BackendV2:
        """The backend that jobs of the session run on."""
        return self._backend

    @property
    def closed(self) -> bool:
        """Whether the session is known to take no more jobs."""
        return self._closed

    def backend(self) -> str | None:
        """Return the name of the backend."""
        name: str | None = self._backend.name
        return name

    # What is asked for

    def details(self) -> dict[str, Any] | None:
        """Return what the service knows of the session, or `None` where there is none. Durations in seconds.

        Its keys are `id`, `backend_name`, `mode`, `state`, `accepting_jobs`, `max_time`, `interactive_timeout`,
        `active_timeout`, `usage_time`, the instants `started_at`, `activated_at`, `closed_at`, `last_job_started`
        and `last_job_completed` as texts, and `timestamps`, a list of changes of the state.
        """
        details = self._read()
        if details is None:
            return None
        fields = to_builtins(details) | {"backend_name": details.backend}
        fields["timestamps"] = list(fields["timestamps"])
        return {name: fields[name] for name in SHOWN}

    def status(self) -> str | None:
        """Return `Pending`, `In progress, accepting new jobs`, `In progress, not accepting new jobs` or `Closed`.

        `None` where there is no session; a state that is none of these is returned as it is.

        Source: behaviour B142.
        """
        details = self._read()
        return None if details is None else describe_status(details)

    def usage(self) -> float | None:
        """Return the seconds used, or `None` where nothing has run.

        A session uses the time from its first job until it goes idle or ends, a batch the time of its jobs.
        """
        details = self._read()
        return None if details is None else details.usage_time

    # What ends it

    def close(self) -> None:
        """Take no more jobs. Those that wait or run go on, and the session ends with the last of them.

        Raises:
            IBMApiError, IBMNotAuthorizedError: The service did not close it.

        Source: behaviour B144.
        """
        value_or_raise(self._try_close())

    def cancel(self) -> None:
        """End at once. Jobs that wait are cancelled, those that run go on.

        Raises:
            IBMApiError, IBMNotAuthorizedError: The service did not end it.
        """
        value_or_raise(_unless_gone(self._ask(Client.cancel_session)))
        self._closed = True

    def __enter__(self) -> Self:
        self._blocks.append(SESSIONS.enter(self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        SESSIONS.leave(self._blocks)
        match self._try_close():
            case Failure(problem):
                if error is None:
                    raise exception_of(problem)
                # What went wrong in the block is what the user must see first.
                logger.warning("Session %s could not be closed: %s", self._id, describe(problem).line)
                error.add_note(f"Session {self._id} could not be closed; it ends when its time is over.")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._id!r} on {self._backend.name!r}{', closed' if self._closed else ''}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return self._of, (self._backend, self._id, self._closed)

    # Steps shared by the methods above

    def _ask(self, call: Callable[[Client, str, str], Result[T, Problem]]) -> Result[T | None, Problem]:
        """Call the service with the CRN and the id of the session, if there is one."""
        if self._id is None or not isinstance(self._backend, IBMBackend):
            return Success(None)
        return call(self._backend.service._client, self._backend.instance, self._id)

    def _read(self) -> SessionDetails | None:
        return value_or_raise(self._ask(Client.session))

    def _try_close(self) -> Result[None, Problem]:
        """Close once, whoever asks; a session that is gone is closed."""
        with self._closing:
            closed = Success(None) if self._closed else _unless_gone(self._ask(Client.close_session))
            self._closed = is_successful(closed)
            return closed


@public()
class Batch(Session):
    """Group jobs that do not wait for one another, on one backend.

    Their preparation goes on at the same time, and there is little pause between them. Everything
    else is as with `Session`.

    Source: behaviour B141, B143.
    """

    mode: ClassVar[SessionMode] = "batch"


class SessionList(Table[ListedSession]):
    """Sessions and batches: a list, a table in a notebook, a data frame of what the listing says of them."""

    def __init__(
        self,
        rows: Iterable[ListedSession] = (),
        troubles: Iterable[Trouble] = (),
        names: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(rows, troubles)
        self._names = names

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for each. `created` and `ended` have their zone; `used_seconds` is what is charged so far."""
        return [
            {
                "session_id": session.id,
                "mode": session.mode,
                "status": session.status,
                "accepting_jobs": session.accepting_jobs,
                "backend": session.backend,
                "instance": session.instance,
                "created": read_local(session.created),
                "ended": read_local(session.ended),
                "used_seconds": session.used_seconds,
            }
            for session in self
        ]

    def report(self) -> Report:
        """Return the sessions as a table of text, and what is missing."""
        return describe_sessions(
            "Sessions", self.to_dicts(), self._names, describe_troubles(self.troubles, self._names)
        )


def read_local(instant: float | None) -> datetime | None:
    """Return an instant in local time, with its zone."""
    return None if instant is None else datetime.fromtimestamp(instant, UTC).astimezone()


def _unless_gone(done: Result[None, Problem]) -> Result[None, Problem]:
    """Take it as done where there is no such session any more."""
    return done.lash(lambda problem: Success(None) if isinstance(problem, SessionNotFound) else Failure(problem))
