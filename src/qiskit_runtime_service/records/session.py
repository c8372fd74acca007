"""Nouns of sessions: what to open, and one session as the server last described it."""

from typing import Literal

import msgspec

SessionMode = Literal["dedicated", "batch"]


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
