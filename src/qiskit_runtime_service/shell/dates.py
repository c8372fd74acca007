"""Dates between the zone of this machine and UTC, for programs for IBM's client. Here all dates have zones.

Source: behaviour B436.
"""

from datetime import UTC, datetime
from typing import Any

from .._public import public
from ..client.dates import read_date
from ..client.raising import value_or_raise


@public("utils")
def local_to_utc(local_dt: datetime | str) -> datetime:
    """Return an instant in UTC.

    Args:
        local_dt: A datetime or an ISO text. Without a zone it is in local time.

    Raises:
        IBMInputValueError: It is neither; it is a `TypeError` too where it is of another type.
    """
    return value_or_raise(read_date("local_dt", local_dt))


@public("utils")
def utc_to_local(utc_dt: datetime | str) -> datetime:
    """Return an instant in the zone of this machine.

    Args:
        utc_dt: A datetime or an ISO text. Without a zone it is in UTC.

    Raises:
        IBMInputValueError: It is neither; it is a `TypeError` too where it is of another type.
    """
    return value_or_raise(read_date("utc_dt", utc_dt, zone=UTC)).astimezone()


@public("utils.converters")
def utc_to_local_all(data: Any) -> Any:
    """Return the same with all datetimes in it in the zone of this machine. Lists and dictionaries are gone through."""
    match data:
        case datetime():
            return utc_to_local(data)
        case list():
            return list(map(utc_to_local_all, data))
        case dict():
            return {key: utc_to_local_all(value) for key, value in data.items()}
    return data
