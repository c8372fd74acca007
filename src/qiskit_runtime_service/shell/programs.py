"""Programs of the service by their names: where they run, and what goes around their parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.providers import BackendV2

from .._public import public
from .._warn import warn_user
from ..bridge.typed_json import encode_input
from ..client.raising import exception_of, value_or_raise
from ..core.arguments import if_given, read_mapping, read_name, read_text, show_value
from ..records.estimate import UsageEstimate
from ..records.job import Submission
from ..records.problem import BadArgument, SessionClosed, WrongType
from . import option_models
from .backend import IBMBackend
from .display import PublicNames
from .open_blocks import SESSIONS, Block
from .option_group import read_options
from .options import OptionsV2
from .session import Session

if TYPE_CHECKING:
    from .service import QiskitRuntimeService


class Runner(PublicNames):
    """What runs jobs: on a backend, alone or in a session."""

    _backend: BackendV2
    _session: Session | None

    @property
    def mode(self) -> Session | None:
        """The session or batch, or `None` where each job stands alone."""
        return self._session

    def backend(self) -> BackendV2:
        """Return the backend to run on."""
        return self._backend

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self._session or self._backend}>"


@public()
@dataclass
class RuntimeOptions(PublicNames):
    """What goes around the parameters of a program: `service.run_program(…, options=RuntimeOptions(…))`.

    Args:
        backend: Where to run if no mode is given: a backend, or its name.
        image: The image that runs the program, as `name:tag`.
        log_level: Of the program: `DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`.
        instance: The CRN or the name of the instance in which a backend is looked up by its name.
        job_tags: Tags of the job.
        max_execution_time: How many seconds the job may take.
        session_time: Of no effect: a `Session` has a `max_time`.
        private: Whether inputs are kept from being read, and the result from being read twice.

    Source: behaviour B426.
    """

    backend: BackendV2 | str | None = None
    image: str | None = None
    log_level: str | None = None
    instance: str | None = None
    job_tags: list[str] | None = None
    max_execution_time: int | None = None
    session_time: int | None = None
    private: bool | None = False

    def get_backend_name(self) -> str | None:
        """Return the name of the backend, if there is one."""
        return self.backend.name if isinstance(self.backend, BackendV2) else self.backend

    def validate(self, channel: str) -> None:  # noqa: ARG002  # all take the same
        """Check the values.

        Raises:
            IBMInputValueError: One is not what it must be.
        """
        self.as_options()

    def as_options(self) -> tuple[OptionsV2, str | None]:
        """Return the options that say the same, and the image.

        Raises:
            IBMInputValueError: A value is not what it must be.
        """
        environment = read_options(
            option_models.EnvironmentOptions,
            {
                "log_level": (self.log_level or "WARNING").upper(),
                "job_tags": self.job_tags or [],
                "private": bool(self.private),
                "image": self.image,
            },
        )
        told = {"log_level": environment.log_level, "job_tags": environment.job_tags, "private": environment.private}
        limit = {} if self.max_execution_time is None else {"max_execution_time": self.max_execution_time}
        return read_options(OptionsV2, {"environment": told, **limit}), environment.image


def read_mode(mode: object) -> tuple[BackendV2, Session | None]:
    """Return the backend of a mode, and its session if it is one.

    Where the block of a session is open, that is the mode unless another is given. A backend of a service then means
    that session too, which is said once; what no service has runs in this process as it always does.

    Raises:
        IBMInputValueError: It is no backend, session or batch, nothing is given and no session is open, or it is a
            backend that the open session is not on.

    Source: behaviour B480.
    """
    block = SESSIONS.innermost()
    if mode is None and block is not None:
        mode = block.owner
    session = mode if isinstance(mode, Session) else None
    backend = mode if session is None else session.target_backend
    if not isinstance(backend, BackendV2):
        value = "not given" if mode is None else show_value(mode)
        wanted = (
            "a backend, a Session or a Batch, such as mode=service.least_busy(); "
            "in the block of a session it may be left out"
        )
        raise exception_of(WrongType(name="mode", value=value, wanted=wanted))
    if block is not None and session is None and isinstance(backend, IBMBackend):
        session = _joined(block, backend)
    return backend, session


def _joined(block: Block[Session], backend: IBMBackend) -> Session:
    """Return the session of the block in which a primitive is made for a backend."""
    session = block.owner
    if backend != session.target_backend:
        wanted = f"left out in the block of {session}, given as another session, or used outside of the block"
        raise exception_of(BadArgument(name="mode", value=repr(backend), wanted=wanted))
    if not block.told:
        block.told = True
        warn_user(f"Jobs on {backend.name} run in {session}, whose block is open. Say mode=session, or leave it.")
    return session


def read_served(mode: object, backend: BackendV2, what: str) -> IBMBackend:
    """Return the backend of a mode if a service has it.

    Args:
        mode: What the user gave.
        backend: The backend of that.
        what: Why it must be, as the end of the sentence "It must be of a service: …".

    Raises:
        IBMInputValueError: It runs in this process.
    """
    if not isinstance(backend, IBMBackend):
        raise exception_of(BadArgument(name="mode", value=repr(mode), wanted=f"of a service: {what}"))
    return backend


def not_json(name: str, what: str, reason: TypeError) -> Exception:
    """Return what to raise of an argument that cannot be sent, or of `what` in it."""
    value = f"{what} not JSON: {str(reason).rstrip('.')}".lstrip()
    wanted = "made of numbers, texts, lists, dictionaries, arrays and objects of Qiskit"
    return exception_of(BadArgument(name=name, value=value, wanted=wanted))


def refuse_closed(session: Session | None) -> None:
    """Raise that a session is known to take no more jobs, if it is."""
    if session is not None and session.closed:
        raise exception_of(SessionClosed(session=session.session_id))


def build_submission(
    program: str,
    params: bytes,
    backend: IBMBackend,
    session: Session | None,
    options: OptionsV2,
    image: str | None,
    estimate: UsageEstimate | None = None,
) -> Submission:
    """Put what is not for the program around its parameters.

    Source: behaviour B163.
    """
    return Submission(
        program=program,
        backend=backend.name,
        params=params,
        log_level=options.environment.log_level,
        tags=tuple(options.environment.job_tags or ()),
        cost=options.max_execution_time or None,
        private=bool(options.environment.private),
        session=None if session is None else session.session_id,
        image=image,
        calibration_id=backend.calibration_id,
        estimate=estimate,
    )


def read_program(
    service: "QiskitRuntimeService",
    program_id: str,
    inputs: Mapping[str, Any],
    mode: object,
    options: OptionsV2 | RuntimeOptions | Mapping[str, Any] | None,
    image: str | None,
) -> tuple[Submission, IBMBackend]:
    """Return the submission of a program that no class of ours stands for, and where it goes.

    Raises:
        IBMInputValueError: An argument is not what it must be.
        IBMRuntimeError: The session is closed.

    Source: behaviour B170, B426.
    """
    if isinstance(options, RuntimeOptions):
        if mode is None and isinstance(mode := options.backend, str):
            mode = service.backend(mode, instance=options.instance)
        options, named = options.as_options()
        image = named if image is None else image
    given, session = read_mode(mode)
    refuse_closed(session)
    backend = read_served(mode, given, "programs run nowhere else")
    program = value_or_raise(read_name("program_id", program_id, wanted="a name such as 'executor'"))
    given = value_or_raise(read_mapping("inputs", inputs))
    container = value_or_raise(if_given(read_text)("image", image))
    read = read_options(OptionsV2, options)
    try:
        params = encode_input(dict(given))
    except TypeError as reason:
        raise not_json("inputs", "", reason) from None
    return build_submission(program, params, backend, session, read, container), backend
