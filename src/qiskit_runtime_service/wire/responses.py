"""Bodies of good responses: bytes to records. Unknown fields are ignored, nulls are absences."""

from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec
from returns.result import Failure, Result, Success

from ..records.backend import BackendRow, BackendStatus
from ..records.instance import FoundInstance, Plan, SearchPage
from ..records.job import Job, JobMetrics, JobPage, JobState
from ..records.problem import Problem
from ..records.secret import Secret
from ..records.session import SessionDetails, Transition
from ..records.token import AccessToken
from ..records.usage import Seconds, Usage, UsagePeriod
from .error_bodies import BAD_BODY, unreadable

T = TypeVar("T")
DEFAULT_LIFETIME = 3600.0
AWAY = ("paused", "offline")
"""The words of listings, and of statuses, for a backend that runs no jobs now."""
_Id = Annotated[str, msgspec.Meta(min_length=1)]
"""An id that is empty is none, and would be the path of a listing."""


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float | None = None


class _Claims(msgspec.Struct):
    iat: float
    exp: float


class _Doc(msgspec.Struct):
    extensions: dict[str, Any] | None = None


class _Found(msgspec.Struct):
    crn: str
    name: str | None = None
    service_plan_unique_id: str | None = None
    doc: _Doc | None = None
    tags: tuple[str, ...] | None = None


class _Search(msgspec.Struct):
    items: tuple[_Found, ...] | None = None
    search_cursor: str | None = None


class _Device(msgspec.Struct, gc=False):
    class _Status(msgspec.Struct, gc=False):
        name: str | None = None
        reason: str | None = None

    class _Processor(msgspec.Struct, gc=False):
        family: str | None = None
        revision: str | int | float | None = None

    class _Number(msgspec.Struct, gc=False):
        value: float | None = None

    class _Metrics(msgspec.Struct, gc=False):
        two_q_error_median: "_Device._Number | None" = None
        readout_error_median: "_Device._Number | None" = None

    class _Wait(msgspec.Struct, gc=False):
        average: float | None = None

    name: str
    status: _Status | None = None
    queue_length: int | None = None
    is_simulator: bool | None = None
    qubits: int | None = None
    physical_qubits: int | None = None
    device_class: str | None = msgspec.field(default=None, name="class")
    clops: _Number | None = None
    processor_type: _Processor | None = None
    performance_metrics: _Metrics | None = None
    wait_time_seconds: _Wait | None = None


class _Devices(msgspec.Struct):
    devices: tuple[_Device, ...] | None = None


class _Status(msgspec.Struct):
    state: bool | None = None
    status: str | None = None
    length_queue: int | None = None
    backend_version: str | None = None


class _Usage(msgspec.Struct):
    instance_id: str | None = None
    plan_id: str | None = None
    usage_consumed_seconds: Seconds | None = None
    usage_limit_seconds: Seconds | None = None
    usage_allocation_seconds: Seconds | None = None
    usage_limit_reached: bool | None = None
    usage_period: UsagePeriod | None = None


class _State(msgspec.Struct):
    status: str | None = None
    reason: str | None = None
    reason_code: int | None = None
    code_in_camel_case: int | None = msgspec.field(default=None, name="reasonCode")
    reason_solution: str | None = None


class _Program(msgspec.Struct):
    id: str | None = None


class _Charge(msgspec.Struct):
    qpu_charge_time_seconds: Seconds | None = None
    status: str | None = None


class _Job(msgspec.Struct):
    id: _Id
    state: _State | None = None
    status: str | None = None
    program: _Program | None = None
    backend: str | None = None
    created: str | None = None
    tags: tuple[str, ...] | None = None
    session_id: str | None = None
    cost: float | None = None
    private: bool | None = None
    estimated_running_time_seconds: float | None = None
    usage: _Charge | None = None
    runtime: str | None = None


class _Inputs(msgspec.Struct):
    params: msgspec.Raw = msgspec.Raw(b"null")


class _Jobs(msgspec.Struct):
    jobs: tuple[_Job, ...] | None = None
    count: int | None = None


class _Created(msgspec.Struct):
    id: _Id
    backend: str | None = None


class _Timestamps(msgspec.Struct):
    created: str | None = None
    running: str | None = None
    finished: str | None = None


class _Metrics(msgspec.Struct):
    timestamps: _Timestamps | None = None
    usage: _Charge | None = None


class _Session(msgspec.Struct):
    id: _Id
    mode: str | None = None
    state: str | None = None
    accepting_jobs: bool | None = None
    backend_name: str | None = None
    max_ttl: float | None = None
    interactive_ttl: float | None = None
    active_ttl: float | None = None
    elapsed_time: float | None = None
    started_at: str | None = None
    activated_at: str | None = None
    closed_at: str | None = None
    last_job_started: str | None = None
    last_job_completed: str | None = None
    timestamps: tuple[Transition, ...] | None = None


def _reader(kind: type[T]) -> Callable[[bytes, str], Result[T, Problem]]:
    """Return a function from a body, and the URL it came from, to `kind` or an `UnreadableBody`."""
    decode = msgspec.json.Decoder(kind).decode

    def read(body: bytes, url: str) -> Result[T, Problem]:
        try:
            return Success(decode(body))
        except BAD_BODY as error:
            return Failure(unreadable(url, body, error))

    return read


_token, _claims = _reader(_Token), _reader(_Claims)
_search, _object = _reader(_Search), _reader(dict[str, Any])
_devices, _status, _usage = _reader(_Devices), _reader(_Status), _reader(_Usage)
_job, _jobs, _created, _metrics = _reader(_Job), _reader(_Jobs), _reader(_Created), _reader(_Metrics)
_session, _inputs = _reader(_Session), _reader(_Inputs)


def read_token(body: bytes, url: str, now: float) -> Result[AccessToken, Problem]:
    """Read a bearer token received at `now`. Its life is what the server says, by its own dates.

    Source: behaviour B20.
    """
    return _token(body, url).map(
        lambda token: AccessToken(
            value=Secret(token.access_token),
            received_at=now,
            lifetime=_lifetime(token),
        )
    )


def _lifetime(token: _Token) -> float:
    """Return seconds from issue to expiry; an opaque token falls back on what stands beside it."""
    parts = token.access_token.split(".")
    if len(parts) == 3:
        try:
            payload = urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        except (Base64Error, ValueError):
            payload = b""
        claims = _claims(payload, "").value_or(None)
        if claims is not None and claims.exp > claims.iat:
            return claims.exp - claims.iat
    return DEFAULT_LIFETIME if token.expires_in is None else token.expires_in


def read_search(body: bytes, url: str) -> Result[SearchPage, Problem]:
    """Read one page of instances. Empty extensions mean that nothing is allocated.

    Source: behaviour B5, B6.
    """
    return _search(body, url).map(
        lambda page: SearchPage(
            found=tuple(
                FoundInstance(
                    crn=instance.crn,
                    name=instance.name or "",
                    plan_id=instance.service_plan_unique_id or "",
                    tags=instance.tags or (),
                    allocated=bool(instance.doc and instance.doc.extensions),
                )
                for instance in page.items or ()
            ),
            cursor=page.search_cursor or None,
        )
    )


def read_plan(body: bytes, url: str, plan_id: str) -> Result[Plan, Problem]:
    """Read a plan of the catalog. What it does not say is `unknown`.

    Source: behaviour B7.
    """
    return _object(body, url).map(
        lambda entry: Plan(
            id=plan_id,
            name=_word(entry, "overview_ui", "en", "display_name"),
            pricing_type=_word(entry, "metadata", "pricing", "type"),
        )
    )


def _word(entry: Any, *path: str) -> str:
    for key in path:
        entry = entry.get(key) if isinstance(entry, dict) else None
    return entry.lower() if isinstance(entry, str) and entry else "unknown"


def read_backends(body: bytes, url: str, instance: str) -> Result[tuple[BackendRow, ...], Problem]:
    """Read the listing of an instance, in the server's order.

    Source: behaviour B11.
    """
    return _devices(body, url).map(lambda listing: tuple(_row(device, instance) for device in listing.devices or ()))


def _row(device: _Device, instance: str) -> BackendRow:
    status = device.status or _Device._Status()
    metrics = device.performance_metrics or _Device._Metrics()
    return BackendRow(
        name=device.name,
        instance=instance,
        state=status.name or "unknown",
        reason=status.reason or "",
        queue_length=max(device.queue_length or 0, 0),
        num_qubits=device.qubits,
        physical_qubits=device.physical_qubits,
        simulator=device.is_simulator,
        mock=device.device_class == "mock",
        processor=_processor(device.processor_type),
        clops=device.clops.value if device.clops else None,
        two_qubit_error=metrics.two_q_error_median.value if metrics.two_q_error_median else None,
        readout_error=metrics.readout_error_median.value if metrics.readout_error_median else None,
        wait_seconds=device.wait_time_seconds.average if device.wait_time_seconds else None,
    )


def _processor(processor: _Device._Processor | None) -> str:
    if processor is None or not processor.family:
        return ""
    return processor.family if processor.revision is None else f"{processor.family} r{processor.revision}"


def read_status(body: bytes, url: str, name: str) -> Result[BackendStatus, Problem]:
    """Read whether the backend called `name` takes jobs and runs them. One that is paused may take them still.

    Source: behaviour B309.
    """
    return _status(body, url).map(
        lambda status: BackendStatus(
            backend_name=name,
            backend_version=status.backend_version or "0.0.0",
            operational=bool(status.state) and (status.status or "").lower() not in AWAY,
            pending_jobs=max(status.length_queue or 0, 0),
            status_msg=status.status or "",
        )
    )


def read_usage(body: bytes, url: str, instance: str) -> Result[Usage, Problem]:
    """Read what an instance has spent.

    Source: behaviour B50.
    """
    return _usage(body, url).map(
        lambda usage: Usage(
            instance_id=usage.instance_id or instance,
            plan_id=usage.plan_id or None,
            consumed=usage.usage_consumed_seconds,
            limit=usage.usage_limit_seconds,
            allocation=usage.usage_allocation_seconds,
            limit_reached=usage.usage_limit_reached,
            period=usage.usage_period,
        )
    )


def read_created_job(body: bytes, url: str) -> Result[tuple[str, str | None], Problem]:
    """Read the id of a job that was created, and its backend if the server says one."""
    return _created(body, url).map(lambda created: (created.id, created.backend))


def read_job(body: bytes, url: str, instance: str) -> Result[Job, Problem]:
    """Read one job.

    Source: behaviour B40.
    """
    return _job(body, url).map(lambda job: _job_from(job, instance))


def read_jobs(body: bytes, url: str, instance: str) -> Result[JobPage, Problem]:
    """Read one page of jobs.

    Source: behaviour B44.
    """
    return _jobs(body, url).map(
        lambda page: JobPage(
            jobs=tuple(_job_from(job, instance) for job in page.jobs or ()),
            count=page.count,
        )
    )


def _job_from(job: _Job, instance: str) -> Job:
    state = job.state or _State()
    charge = job.usage or _Charge()
    return Job(
        id=job.id,
        instance=instance,
        state=JobState(
            status=state.status or job.status or "",
            reason=state.reason or "",
            code=state.reason_code if state.code_in_camel_case is None else state.code_in_camel_case,
            solution=state.reason_solution or "",
        ),
        program=job.program.id or "" if job.program else "",
        backend=job.backend,
        created=read_instant(job.created),
        tags=job.tags or (),
        session=job.session_id,
        cost=job.cost,
        private=bool(job.private),
        estimated_seconds=job.estimated_running_time_seconds,
        charged_seconds=None if charge.status == "pending" else charge.qpu_charge_time_seconds,
        image=job.runtime or "",
    )


def read_inputs(body: bytes, url: str) -> Result[bytes | None, Problem]:
    """Read the parameters of a job as JSON text; `None` where they are not told, as for a private job."""
    return _inputs(body, url).map(lambda job: None if bytes(job.params) == b"null" else bytes(job.params))


def read_metrics(body: bytes, url: str) -> Result[JobMetrics, Problem]:
    """Read when a job ran and what it cost."""
    return _metrics(body, url).map(_metrics_from)


def read_object(body: bytes, url: str) -> Result[dict[str, Any], Problem]:
    """Read any object as the service sends it, for users who want to know it all."""
    return _object(body, url)


def _metrics_from(metrics: _Metrics) -> JobMetrics:
    times, charge = metrics.timestamps or _Timestamps(), metrics.usage or _Charge()
    return JobMetrics(
        created=times.created,
        running=times.running,
        finished=times.finished,
        charged_seconds=charge.qpu_charge_time_seconds,
        settled=charge.status not in (None, "pending"),
    )


def read_created_session(body: bytes, url: str) -> Result[str, Problem]:
    """Read the id of a session that was opened."""
    return _session(body, url).map(lambda session: session.id)


def read_session(body: bytes, url: str, instance: str) -> Result[SessionDetails, Problem]:
    """Read one session.

    Source: behaviour B142.
    """
    return _session(body, url).map(
        lambda session: SessionDetails(
            id=session.id,
            instance=instance,
            mode=session.mode or "",
            state=(session.state or "").lower(),
            accepting_jobs=bool(session.accepting_jobs),
            backend=session.backend_name,
            max_time=session.max_ttl,
            interactive_timeout=session.interactive_ttl,
            active_timeout=session.active_ttl,
            usage_time=session.elapsed_time,
            started_at=session.started_at,
            activated_at=session.activated_at,
            closed_at=session.closed_at,
            last_job_started=session.last_job_started,
            last_job_completed=session.last_job_completed,
            timestamps=session.timestamps or (),
        )
    )


def read_instant(text: str | None) -> float | None:
    """Read an ISO 8601 instant as seconds since the epoch. Without an offset it is UTC.

    A text that is no instant is `None`: a strange date must not hide a job.

    Source: behaviour B46.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def write_instant(seconds: float | None) -> str:
    """Write an instant the way the service reads it, in UTC; nothing for `None`."""
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
