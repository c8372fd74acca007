"""Bodies of good responses: bytes to records.

Unknown fields pass, nulls are absences, and what does not fit counts as absent and is told in `ignored` (B281).
"""

from binascii import a2b_base64
from datetime import UTC, datetime
from math import ceil
from typing import Annotated, Any, ClassVar, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec
from returns.result import Failure, Result, Success

from ..records.backend import BackendListing, BackendRow, BackendStatus
from ..records.instance import FoundInstance, Plan, SearchPage
from ..records.job import CreatedJob, Job, JobMetrics, JobPage, JobState
from ..records.names import Names
from ..records.problem import Problem
from ..records.secret import HiddenBytes, HiddenText, Secret
from ..records.session import ListedSession, SessionDetails, SessionPage, Transition
from ..records.token import AccessToken
from ..records.usage import Seconds, Units, Usage, UsagePeriod
from .error_bodies import unreadable
from .lenient import make_reader

DEFAULT_LIFETIME = 3600.0
EARLIEST, LATEST = (datetime(*day, tzinfo=UTC).timestamp() for day in ((1, 1, 3), (9999, 12, 30)))
"""What a calendar can show in every zone."""
ONLINE = "online"
MOST_INPUTS = 1_000_000
"""How many values the parameters of a job may have; as many as are decoded."""
AWAY = ("paused", "offline")
"""The words of listings, and of statuses, for a backend that runs no jobs now."""
_FROM_URL = str.maketrans("-_", "+/")
_Id = Annotated[str, msgspec.Meta(min_length=1)]
"""What identifies something. An id that is empty is none, and would be the path of a listing."""


class _Body(msgspec.Struct, kw_only=True):
    """What is read of a body, or of a row in it."""

    ignored: tuple[str, ...] = msgspec.field(default=(), name="$ignored")
    """A sentence for each part that could not be understood and was left away."""


class _Token(_Body):
    access_token: str
    expires_in: float | None = None

    def __repr__(self) -> str:
        return "_Token()"


class _Claims(_Body):
    iat: float
    exp: float


class _Found(_Body):
    crn: _Id
    name: str | None = None
    service_plan_unique_id: str | None = None
    doc: Any = None
    tags: Names | None = None


class _Search(_Body):
    rows_in: ClassVar[str] = "items"
    items: tuple[_Found | None, ...]
    search_cursor: str | None = None


class _Entry(_Body):
    """A plan of the catalog."""

    class _Texts(msgspec.Struct):
        display_name: str | None = None

    class _Languages(msgspec.Struct):
        en: "_Entry._Texts | None" = None

    class _Pricing(msgspec.Struct):
        type: str | None = None

    class _Metadata(msgspec.Struct):
        pricing: "_Entry._Pricing | None" = None

    overview_ui: _Languages | None = None
    metadata: _Metadata | None = None


class _Device(_Body, gc=False):
    class _Status(msgspec.Struct, gc=False):
        stands_for: ClassVar[str] = "name"
        name: str | None = None
        reason: str | None = None

    class _Processor(msgspec.Struct, gc=False):
        stands_for: ClassVar[str] = "family"
        family: str | None = None
        revision: str | int | float | None = None

    class _Number(msgspec.Struct, gc=False):
        stands_for: ClassVar[str] = "value"
        value: float | None = None

    class _Metrics(msgspec.Struct, gc=False):
        two_q_error_median: "_Device._Number | None" = None
        readout_error_median: "_Device._Number | None" = None

    class _Wait(msgspec.Struct, gc=False):
        stands_for: ClassVar[str] = "average"
        average: float | None = None

    name: _Id
    status: _Status | None = None
    queue_length: int | float | None = None
    is_simulator: bool | None = None
    qubits: int | None = None
    physical_qubits: int | None = None
    device_class: str | None = msgspec.field(default=None, name="class")
    clops: _Number | None = None
    processor_type: _Processor | None = None
    performance_metrics: _Metrics | None = None
    wait_time_seconds: _Wait | None = None


class _Devices(_Body):
    rows_in: ClassVar[str] = "devices"
    devices: tuple[_Device | None, ...]


class _Status(_Body):
    state: bool | None = None
    status: str | None = None
    length_queue: int | float | None = None
    backend_version: str | None = None


class _Usage(_Body):
    instance_id: str | None = None
    plan_id: str | None = None
    usage_consumed_seconds: Seconds | None = None
    usage_limit_seconds: Seconds | None = None
    usage_allocation_seconds: Seconds | None = None
    usage_consumed_ru: Units | None = None
    usage_limit_ru: Units | None = None
    usage_allocation_ru: Units | None = None
    usage_limit_reached: bool | None = None
    usage_period: UsagePeriod | None = None


class _State(msgspec.Struct):
    stands_for: ClassVar[str] = "status"
    status: str | None = None
    reason: str | None = None
    reason_code: int | None = None
    code_in_camel_case: int | None = msgspec.field(default=None, name="reasonCode")
    reason_solution: str | None = None


class _Program(msgspec.Struct):
    stands_for: ClassVar[str] = "id"
    id: str | None = None


class _Charge(msgspec.Struct):
    qpu_charge_time_seconds: Seconds | None = None
    value: Units | None = None
    status: str | None = None


class _JobFields(_Body):
    state: _State | None = None
    status: str | None = None
    program: _Program | None = None
    backend: str | None = None
    created: str | None = None
    tags: Names | None = None
    session_id: str | None = None
    cost: float | None = None
    private: bool | None = None
    estimated_running_time_seconds: float | None = None
    usage: _Charge | None = None
    runtime: str | None = None


class _Job(_JobFields, kw_only=True):
    id: _Id


class _AskedJob(_JobFields, kw_only=True):
    """The answer to who asks for one by its id."""

    id: _Id | None = None

    @property
    def tells_state(self) -> bool:
        return self.state is not None or self.status is not None


class _Inputs(_Body):
    params: msgspec.Raw = msgspec.Raw(b"null")


class _Jobs(_Body):
    rows_in: ClassVar[str] = "jobs"
    jobs: tuple[_Job | None, ...]
    count: int | None = None


class _Created(_Body):
    id: _Id
    backend: str | None = None


class _Opened(_Body):
    id: _Id


class _Timestamps(msgspec.Struct):
    created: str | None = None
    running: str | None = None
    finished: str | None = None


class _Metrics(_Body):
    timestamps: _Timestamps | None = None
    usage: _Charge | None = None


class _Session(_Body):
    id: _Id | None = None
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

    @property
    def tells_state(self) -> bool:
        return self.state is not None


class _Workload(_Body):
    id: _Id
    mode: str | None = None
    status: str | None = None
    accepting_jobs: bool | None = None
    backend: str | None = None
    created: str | None = None
    ended: str | None = None
    usage: _Charge | None = None


class _Link(msgspec.Struct):
    stands_for: ClassVar[str] = "href"
    href: str | None = None


class _Workloads(_Body):
    rows_in: ClassVar[str] = "workloads"
    workloads: tuple[_Workload | None, ...]
    next: _Link | None = None


Asked = TypeVar("Asked", _AskedJob, _Session)

_token, _claims = make_reader(_Token), make_reader(_Claims)
_search, _entry, _object = make_reader(_Search), make_reader(_Entry), make_reader(dict[str, Any])
_devices, _status, _usage = make_reader(_Devices), make_reader(_Status), make_reader(_Usage)
_job, _jobs, _created = make_reader(_AskedJob), make_reader(_Jobs), make_reader(_Created)
_session, _opened, _metrics = make_reader(_Session), make_reader(_Opened), make_reader(_Metrics)
_workloads = make_reader(_Workloads)
_inputs = make_reader(_Inputs, MOST_INPUTS)


def read_token(body: bytes, url: str, now: float) -> Result[AccessToken, Problem]:
    """Read a bearer token received at `now`. Its life is what the server says, by its own dates.

    Source: behaviour B20.
    """
    return _token(body, url).map(
        lambda token: AccessToken(
            # Hidden before it is an argument, which a traceback shows.
            value=Secret(HiddenText(token.access_token)),
            received_at=now,
            lifetime=_lifetime(token),
            ignored=token.ignored,
        )
    )


def _lifetime(token: _Token) -> float:
    """Return seconds from issue to expiry; an opaque token falls back on what stands beside it."""
    if token.access_token.count(".") == 2:
        claims = _claims(_payload_of(token), "").value_or(None)
        if claims is not None and claims.exp > claims.iat:
            return claims.exp - claims.iat
    return DEFAULT_LIFETIME if token.expires_in is None else token.expires_in


def _payload_of(token: _Token) -> bytes:
    """Return the middle part of a token, which hides itself; nothing of it is a local by a name."""
    try:
        return HiddenBytes(a2b_base64(token.access_token.split(".")[1].translate(_FROM_URL) + "=="))
    except ValueError:
        return b""


def read_search(body: bytes, url: str) -> Result[SearchPage, Problem]:
    """Read one page of instances. Empty extensions mean that nothing is allocated.

    Source: behaviour B5, B6.
    """
    return _search(body, url).map(_search_page)


def _search_page(page: _Search) -> SearchPage:
    rows = [row for row in page.items if row is not None]
    return SearchPage(
        found=tuple(
            FoundInstance(
                crn=row.crn,
                name=row.name or "",
                plan_id=row.service_plan_unique_id or "",
                tags=row.tags or (),
                allocated=_has_allocation(row.doc),
                ignored=row.ignored,
            )
            for row in rows
        ),
        cursor=page.search_cursor or None,
        lost=len(page.items) - len(rows),
        ignored=page.ignored,
    )


def _has_allocation(doc: Any) -> bool:
    """Whether anything is allocated. What is there in another shape does not say that nothing is."""
    return bool(doc.get("extensions") if isinstance(doc, dict) else doc)


def read_plan(body: bytes, url: str, plan_id: str) -> Result[Plan, Problem]:
    """Read a plan of the catalog. What it does not say is `unknown`.

    Source: behaviour B7.
    """
    return _entry(body, url).map(
        lambda entry: Plan(
            id=plan_id,
            name=_word(entry.overview_ui, "en", "display_name"),
            pricing_type=_word(entry.metadata, "pricing", "type"),
            ignored=entry.ignored,
        )
    )


def _word(part: Any, *path: str) -> str:
    for name in path:
        part = getattr(part, name, None)
    return part.lower() if isinstance(part, str) and part else "unknown"


def read_backends(body: bytes, url: str, instance: str) -> Result[BackendListing, Problem]:
    """Read the listing of an instance, in the server's order. Of two rows of one name the first counts.

    Source: behaviour B11, B281 to B283, B454.
    """
    return _devices(body, url).map(lambda listing: _backend_listing(listing, instance))


def _backend_listing(listing: _Devices, instance: str) -> BackendListing:
    devices = [device for device in listing.devices if device is not None]
    first = dict(reversed([(device.name, device) for device in devices]))
    again = (f"devices[{device.name!r}]: it is listed before" for device in devices if device is not first[device.name])
    return BackendListing(
        rows=tuple(_row(device, instance) for device in devices if device is first[device.name]),
        lost=len(listing.devices) - len(devices),
        ignored=(*listing.ignored, *again),
    )


def _row(device: _Device, instance: str) -> BackendRow:
    status = device.status or _Device._Status()
    metrics = device.performance_metrics or _Device._Metrics()
    return BackendRow(
        name=device.name,
        instance=instance,
        state=_state(status.name or "unknown"),
        reason=status.reason or "",
        queue_length=_whole_jobs(device.queue_length),
        num_qubits=device.qubits,
        physical_qubits=device.physical_qubits,
        simulator=device.is_simulator,
        mock=device.device_class == "mock",
        processor=_processor(device.processor_type),
        clops=device.clops.value if device.clops else None,
        two_qubit_error=metrics.two_q_error_median.value if metrics.two_q_error_median else None,
        readout_error=metrics.readout_error_median.value if metrics.readout_error_median else None,
        wait_seconds=device.wait_time_seconds.average if device.wait_time_seconds else None,
        ignored=device.ignored,
    )


def _state(word: str) -> str:
    """Return a state as we write it; a word that we do not know stays as it is."""
    known = word.lower()
    return known if known in (ONLINE, *AWAY) else word


def _whole_jobs(length: float | None) -> int | None:
    """Return how many jobs wait. Part of a job is one: a queue that is a mean must not look empty.

    Less than none is how some say that they do not know.
    """
    return None if length is None or length < 0 else ceil(length)


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
            pending_jobs=_whole_jobs(status.length_queue),
            status_msg=status.status or "",
            ignored=status.ignored,
        )
    )


def read_usage(body: bytes, url: str, instance: str) -> Result[Usage, Problem]:
    """Read what an instance has spent.

    Source: behaviour B50, B540.
    """
    return _usage(body, url).map(
        lambda usage: Usage(
            instance_id=usage.instance_id or instance,
            plan_id=usage.plan_id or None,
            consumed=usage.usage_consumed_seconds,
            limit=usage.usage_limit_seconds,
            allocation=usage.usage_allocation_seconds,
            consumed_ru=usage.usage_consumed_ru,
            limit_ru=usage.usage_limit_ru,
            allocation_ru=usage.usage_allocation_ru,
            limit_reached=usage.usage_limit_reached,
            period=usage.usage_period,
            ignored=usage.ignored,
        )
    )


def read_created_job(body: bytes, url: str) -> Result[CreatedJob, Problem]:
    """Read the id of a job that was created, and its backend if the server says one."""
    return _created(body, url).map(
        lambda created: CreatedJob(id=created.id, backend=created.backend, ignored=created.ignored)
    )


def read_job(body: bytes, url: str, instance: str, asked: str) -> Result[Job, Problem]:
    """Read the job that was asked for by the id `asked`.

    Source: behaviour B40, B453.
    """
    read = _job(body, url).bind(lambda job: _if_of(asked, job, body, url))
    return read.map(lambda job: _job_from(job, asked, instance))


def _if_of(asked: str, found: Asked, body: bytes, url: str) -> Result[Asked, Problem]:
    """Return what was found, if it is what was asked for, or has a state and does not say what it is.

    Source: behaviour B453.
    """
    if found.id == asked or (found.id is None and found.tells_state):
        return Success(found)
    reason = "id is missing or wrong" if found.id is None else f"id: it is of {found.id!r}"
    return Failure(unreadable(url, body, reason, is_json=True))


def read_jobs(body: bytes, url: str, instance: str) -> Result[JobPage, Problem]:
    """Read one page of jobs.

    Source: behaviour B44.
    """
    return _jobs(body, url).map(lambda page: _job_page(page, instance))


def _job_page(page: _Jobs, instance: str) -> JobPage:
    jobs = tuple(_job_from(row, row.id, instance) for row in page.jobs if row is not None)
    dates = (
        f"jobs[{job.id!r}].{sentence}"
        for job, row in zip(jobs, filter(None, page.jobs), strict=True)
        for sentence in _lost_date("created", row.created)
    )
    return JobPage(
        jobs=jobs,
        count=page.count,
        lost=len(page.jobs) - len(jobs),
        ignored=(*page.ignored, *dates),
    )


def _job_from(job: _JobFields, job_id: str, instance: str) -> Job:
    state = job.state or _State()
    charge = job.usage or _Charge()
    return Job(
        id=job_id,
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
        charged_ru=None if charge.status == "pending" else charge.value,
        image=job.runtime or "",
        ignored=(*job.ignored, *_lost_date("created", job.created)),
    )


def _lost_date(field: str, text: str | None) -> tuple[str, ...]:
    """Tell of a date that cannot be read.

    Source: behaviour B281, B347.
    """
    return () if text is None or read_instant(text) is not None else (f"{field}: it is no date of a calendar",)


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
        charged_ru=charge.value,
        settled=charge.status not in (None, "pending"),
        ignored=metrics.ignored,
    )


def read_created_session(body: bytes, url: str) -> Result[str, Problem]:
    """Read the id of a session that was opened."""
    return _opened(body, url).map(lambda opened: opened.id)


def read_session(body: bytes, url: str, instance: str, asked: str) -> Result[SessionDetails, Problem]:
    """Read the session that was asked for by the id `asked`.

    Source: behaviour B142, B453.
    """
    read = _session(body, url).bind(lambda session: _if_of(asked, session, body, url))
    return read.map(
        lambda session: SessionDetails(
            id=asked,
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
            ignored=session.ignored,
        )
    )


def read_sessions(body: bytes, url: str, instance: str) -> Result[SessionPage, Problem]:
    """Read one page of sessions, or of batches, as the listing of workloads tells them.

    Source: behaviour B563.
    """
    return _workloads(body, url).map(lambda page: _session_page(page, instance))


def _session_page(page: _Workloads, instance: str) -> SessionPage:
    rows = [row for row in page.workloads if row is not None]
    following = parse_qs(urlsplit(page.next.href or "").query).get("next") if page.next else None
    return SessionPage(
        sessions=tuple(
            ListedSession(
                id=row.id,
                instance=instance,
                mode=row.mode or "",
                status=row.status or "",
                accepting_jobs=row.accepting_jobs,
                backend=row.backend,
                created=read_instant(row.created),
                ended=read_instant(row.ended),
                used_seconds=row.usage.qpu_charge_time_seconds if row.usage else None,
                ignored=row.ignored,
            )
            for row in rows
        ),
        cursor=following[0] if following else None,
        lost=len(page.workloads) - len(rows),
        ignored=page.ignored,
    )


def read_instant(text: str | None) -> float | None:
    """Read an ISO 8601 instant as seconds since the epoch. Without an offset it is UTC.

    A text that is no instant is `None`, and so is the first of all, by which some services say "never", and whatever
    else is not between the years 1 and 9999 in each zone: a strange date must not hide a job.

    Source: behaviour B46.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return seconds if EARLIEST <= seconds <= LATEST else None


def write_instant(seconds: float | None) -> str:
    """Write an instant the way the service reads it, in UTC; nothing for `None`."""
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
