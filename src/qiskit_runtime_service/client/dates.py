"""Dates that users give: one without a zone is in local time, which the system knows."""

from datetime import UTC, date, datetime, tzinfo
from typing import Any

from returns.result import Failure, Result, Success

from ..core.arguments import refuse, show_value
from ..records.problem import BadArgument

WANTED = "a datetime or an ISO text such as '2026-01-31T12:00', with a zone or in local time"


def read_date(name: str, value: Any, *, zone: tzinfo | None = None) -> Result[datetime, BadArgument]:
    """Return the instant that a datetime, or an ISO text, stands for, in UTC.

    Args:
        name: What it is called.
        value: A datetime or an ISO text.
        zone: Where the clock stood that it was read off, unless it says so itself; `None` is here.

    Fails with:
        BadArgument: It is neither, or no clock can show it.

    Source: behaviour B46, B302.
    """
    if not isinstance(value, datetime | str):
        return refuse(name, value, f"{WANTED}; a date alone has no hour" if isinstance(value, date) else WANTED)
    try:
        given = datetime.fromisoformat(value) if isinstance(value, str) else value
        instant = (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)
        # The last moments of the year 9999 are rounded to the next year when they are counted in seconds.
        datetime.fromtimestamp(instant.timestamp(), UTC)
        return Success(instant)
    except (OverflowError, OSError, ValueError):
        return Failure(BadArgument(name=name, value=show_value(value), wanted=f"{WANTED}, that a clock can show"))
