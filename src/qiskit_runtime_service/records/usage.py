"""Nouns of usage: the time that an instance has spent and may still spend."""

import msgspec


class UsagePeriod(msgspec.Struct, frozen=True, kw_only=True):
    """The period that is counted, as the server writes it."""

    start_time: str | None = None
    end_time: str | None = None


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What one instance has spent in the current period. Durations in seconds."""

    instance_id: str
    plan_id: str = ""
    consumed: float = 0.0
    limit: float | None = None
    allocation: float | None = None
    limit_reached: bool | None = None
    """`None` where limits do not apply."""
    period: UsagePeriod | None = None
