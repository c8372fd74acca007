"""Decisions about usage: how much is left."""

from ..records.usage import Usage


def remaining_seconds(usage: Usage) -> float | None:
    """Return the seconds that may still be spent, never below 0; `None` where nothing limits them.

    A limit counts before an allocation. A limit of 0 is a limit.

    Source: behaviour B50.
    """
    bound = usage.allocation if usage.limit is None else usage.limit
    return None if bound is None else max(bound - usage.consumed, 0.0)
