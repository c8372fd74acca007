"""Responses that say no: status and error body to problem."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec

from ..records.exchange import Request, Response
from ..records.problem import KeyRefused, NotAuthorized, Problem, ServerRefusal, UnreadableBody

BAD_BODY = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What the decoder may raise: bad UTF-8 and deep nesting are not its own errors."""

START = 80
"""How many characters of a strange body are shown."""

LONGEST = 2_000
"""How many characters of a server's message are kept."""


class Complaint(msgspec.Struct, frozen=True):
    """What an error body says, whichever of its forms it has."""

    code: str = ""
    message: str = ""
    solution: str = ""
    trace: str = ""


def problem_from(request: Request, response: Response) -> Problem:
    """Say what an error response means.

    Source: behaviour B25, B26.
    """
    complaint = read_complaint(response.body)
    trace = complaint.trace or response.header("X-Request-Id") or response.header("X-Global-Transaction-Id") or ""
    instance = request.header("Service-CRN")
    if response.status in (401, 403) and instance is not None:
        return NotAuthorized(
            url=request.url,
            instance=instance,
            status=response.status,
            code=complaint.code,
            message=complaint.message,
            trace=trace,
        )
    return ServerRefusal(
        url=request.url,
        status=response.status,
        code=complaint.code,
        message=complaint.message,
        solution=complaint.solution,
        trace=trace,
    )


def key_problem_from(request: Request, response: Response) -> Problem:
    """Say what an error response of the token service means: 400, 401 and 403 blame the key.

    Source: behaviour B21, B307.
    """
    problem = problem_from(request, response)
    if isinstance(problem, ServerRefusal) and problem.status in (400, 401, 403):
        return KeyRefused(
            url=problem.url,
            status=problem.status,
            code=problem.code,
            message=problem.message,
            trace=problem.trace,
            around=_what_is_around(dict(parse_qsl(request.body.decode("ascii", "replace"))).get("apikey", "")),
        )
    return problem


def _what_is_around(key: str) -> str:
    """Return in words what was copied together with a key; nothing of it is ever part of one."""
    if key != key.strip():
        return "white space"
    return "quotation marks" if key != key.strip("'\"") else ""


def read_complaint(body: bytes) -> Complaint:
    """Read an error body in any of its forms; plain text becomes the message. Never fails.

    Source: behaviour B25.
    """
    try:
        data: Any = msgspec.json.decode(body)
    except BAD_BODY:
        return Complaint(message=start_of(body))
    if not isinstance(data, dict):
        return Complaint(message=start_of(body))
    errors = data.get("errors")
    error = errors[0] if isinstance(errors, list) and errors else data.get("error", data)
    if not isinstance(error, dict):
        error = {"message": error}
    return Complaint(
        code=_text(error, "code", "errorCode"),
        message=_text(error, "message", "errorMessage"),
        solution=_text(error, "solution"),
        trace=_text(data, "trace") or _text(_context(data), "requestId"),
    )


def unreadable(url: str, body: bytes, reason: object, *, is_json: bool = False) -> UnreadableBody:
    """Return the problem of a body that is not what the protocol promises."""
    return UnreadableBody(url=url, reason=str(reason), start=start_of(body), is_json=is_json)


def start_of(body: bytes) -> str:
    """Return the first characters of a body, in one line."""
    return " ".join(body[: 4 * START].decode("utf-8", "replace").split())[:START]


def _context(data: dict[str, Any]) -> dict[str, Any]:
    """Return where the token service puts what its support asks for."""
    context = data.get("context")
    return context if isinstance(context, dict) else {}


def _text(data: dict[str, Any], *names: str) -> str:
    return next((str(data[name])[:LONGEST] for name in names if data.get(name) is not None), "")


def read_retry_after(response: Response, now: float) -> float | None:
    """Return the seconds that `Retry-After` asks for, in either of its forms, or `None`.

    Source: behaviour B24.
    """
    text = response.header("Retry-After")
    if text is None:
        return None
    digits = text.strip(" \t")
    if digits.isascii() and digits.isdecimal():
        return float(digits)
    from email.utils import parsedate_to_datetime  # Takes long to load and is hardly ever needed.

    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0.0)
    except (ValueError, OverflowError):
        return None
