"""Nouns of calls that do not go well at once: what was tried, and what their failures have in common."""

from typing import Literal

import msgspec

Subject = Literal["", "jobs", "backend", "account"]
"""What a call was about, where its error is caught by a further name for that: jobs and their sessions, the one backend
that was asked for, by its name or as the best, or the account that a service was to be opened for.
"""


class Attempt(msgspec.Struct, frozen=True):
    """One try of a call that failed."""

    at: float
    """Seconds since the call began."""
    outcome: str
    """Such as `503` or `no response: connection refused`."""


class FailedCall(msgspec.Struct, frozen=True, kw_only=True):
    """What all failures of a call have in common: where it went, and what was tried."""

    url: str
    tried: tuple[Attempt, ...] = ()
    gave_up: str = ""
    """Why there was no further attempt."""
    subject: Subject = ""


class TroubledCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that took more than one attempt, or failed."""

    url: str
    at: float
    """When it began, in seconds since the epoch."""
    tried: tuple[Attempt, ...]
    succeeded: bool
