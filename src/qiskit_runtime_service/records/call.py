"""Nouns of calls that do not go well at once: what was tried, and what their failures have in common."""

import msgspec


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


class TroubledCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that took more than one attempt, or failed."""

    url: str
    at: float
    """When it began, in seconds since the epoch."""
    tried: tuple[Attempt, ...]
    succeeded: bool
