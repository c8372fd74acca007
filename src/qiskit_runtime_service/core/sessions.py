"""Decisions about sessions: how long one may be open, and what its state is called."""

import re

from msgspec.structs import replace
from returns.result import Result, Success

from ..records.problem import BadArgument
from ..records.session import SessionDetails
from .arguments import read_whole, show_value

CLOSED = "closed"
_PARTS = re.compile(r"(\d+)([dhms])", re.ASCII)
_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_WANTED = 'seconds, 1 or more, or text such as "2h 30m 40s"'


def read_max_time(given: object) -> Result[int | None, BadArgument]:
    """Return the seconds that `given`, whole seconds or text of `<n>d <n>h <n>m <n>s`, stands for.

    Fails with:
        BadArgument: It is neither, or less than a second.

    Source: behaviour B141.
    """
    if given is None:
        return Success(None)
    seconds = _seconds_in(given) if isinstance(given, str) else given
    read = read_whole("max_time", seconds, least=1)
    return read.alt(lambda problem: replace(problem, value=show_value(given), wanted=_WANTED))


def _seconds_in(text: str) -> int:
    """Return the seconds that a text tells, 0 if it tells none."""
    compact = "".join(text.split())
    if not re.fullmatch(f"({_PARTS.pattern})+", compact, re.ASCII):
        return 0
    return sum(int(count) * _UNITS[unit] for count, unit in _PARTS.findall(compact))


def describe_status(session: SessionDetails) -> str:
    """Return the words that users know for the state of a session. A state that we do not know is capitalised.

    Source: behaviour B142.
    """
    match session.state:
        case "open" | "inactive":
            return "Pending"
        case "active" if session.accepting_jobs:
            return "In progress, accepting new jobs"
        case "pending_inactive":
            return "In progress, accepting new jobs"
        case "active" | "pending_closed":
            return "In progress, not accepting new jobs"
        case other:
            return other.capitalize()


def is_closed(session: SessionDetails) -> bool:
    """Whether the session has ended for good."""
    return session.state == CLOSED
