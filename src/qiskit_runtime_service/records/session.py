"""Nouns of sessions: what to open, what to list, and one session as the server last described it."""

from typing import Literal

import msgspec

from .usage import Seconds

SessionMode = Literal["dedicated", "batch"]
WorkloadMode = Literal["session", "batch"]
"""What the listing calls them."""


class SessionOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A session to open."""

    mode: SessionMode
    backend: str
    max_seconds: int | None = None
    """How long it may be open; `None` leaves it to the service."""


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """A change of state, with its instant as the server writes it."""

    status: str
    timestamp: str


class SessionDetails(msgspec.Struct, frozen=True, kw_only=True):
    """One session as the server last described it. Durations in seconds, instants as the server writes them."""

    id: str
    instance: str
    """CRN of the instance that holds the session."""
    mode: str = ""
    state: str = ""
    """Lower case: `open`, `active`, `inactive`, `closed`, or a word that we do not know yet."""
    accepting_jobs: bool = False
    backend: str | None = None
    """`None` until one is assigned."""
    max_time: float | None = None
    interactive_timeout: float | None = None
    active_timeout: float | None = None
    usage_time: float | None = None
    started_at: str | None = None
    activated_at: str | None = None
    closed_at: str | None = None
    last_job_started: str | None = None
    last_job_completed: str | None = None
    timestamps: tuple[Transition, ...] = ()
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away."""


class ListedSession(msgspec.Struct, frozen=True, kw_only=True):
    """One session or batch as the listing of workloads tells it. Instants are seconds since the epoch."""

    id: str
    instance: str
    """CRN of the instance that holds it."""
    mode: str = ""
    """`session` or `batch`."""
    status: str = ""
    """`pending`, `in_progress`, `completed`, `canceled`, `failed`, or a word that we do not know yet."""
    accepting_jobs: bool | None = None
    backend: str | None = None
    created: float | None = None
    ended: float | None = None
    used_seconds: Seconds | None = None
    """Time that is charged so far."""
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away."""


class SessionPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a listing of sessions. Without a cursor it is the last."""

    sessions: tuple[ListedSession, ...]
    cursor: str | None = None
    lost: int = 0
    """How many more were on the page, but cannot be told apart: they have no id."""
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away."""


class SessionQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which sessions to list, the newest first. Instants are seconds since the epoch, both ends included."""

    limit: int | None = 10
    """`None` lists all."""
    backend: str | None = None
    closed: bool | None = None
    created_after: float | None = None
    created_before: float | None = None
