"""Nouns of usage: the time that an instance has spent and may still spend."""

from typing import TypeAlias

import msgspec

Seconds: TypeAlias = int | float
"""As the service tells them: whole, but nobody promises it."""

Units: TypeAlias = int | float
"""Resource units (RU), in which the service counts beside seconds. What one is worth is not public."""


class UsagePeriod(msgspec.Struct, frozen=True, kw_only=True):
    """The period that is counted, as the server writes it."""

    start_time: str | None = None
    end_time: str | None = None


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What one instance has spent in the current period. Durations in seconds, and in resource units where it says so.

    Source: behaviour B540.
    """

    instance_id: str
    """As the service tells it, else the CRN that was asked."""
    plan_id: str | None = None
    consumed: Seconds | None = None
    limit: Seconds | None = None
    allocation: Seconds | None = None
    consumed_ru: Units | None = None
    limit_ru: Units | None = None
    allocation_ru: Units | None = None
    limit_reached: bool | None = None
    """`None` where limits do not apply."""
    period: UsagePeriod | None = None
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away."""


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What a job may use, in seconds, as far as that is known before it has run."""

    seconds: float
    """As many as are known of; the most there are where `more` is empty."""
    more: str = ""
    """Why they may be more; a sentence, or empty."""


NOTHING = Cost(seconds=0.0)
"""What a job costs that is not charged."""
