"""Decisions about attempts: how long one may take; after it, send again, and when, or give up."""

from typing import NamedTuple

from msgspec.structs import replace

from ..records.exchange import Request, Response
from ..records.network import Timeouts
from ..records.problem import NetworkFault, UnreadableBody

LAST_SECONDS = 1.0
"""What a pause leaves the attempt after it of the time until the deadline, or half of that time if it is less."""
REFUSALS = frozenset({429, 503})
"""Statuses by which requests are turned away, as a rule before anything was done."""
RETRYABLE = REFUSALS | {500, 502, 504, 520, 521, 522, 524}


class Pause(NamedTuple):
    """The seconds between which a pause is drawn evenly."""

    least: float
    most: float


OUTAGE_PAUSES = (Pause(0.0, 1.0), Pause(3.0, 4.5), Pause(5.5, 8.0))
"""What comes before the second, the third and the fourth attempt.

Most faults are over at once, so the second attempt comes soon. A gateway that restarts is away for three to eight
seconds: the third comes at least three seconds after the first, the fourth more than eight, whatever the dice.
"""
SHORT_PAUSES = (Pause(0.0, 0.5), Pause(0.5, 1.0))
"""The same where waiting seldom helps, so that the answer is there within two seconds."""


class RetryBudget(NamedTuple):
    """What a service may still spend on retries, so that a dead server is not hammered."""

    tokens: float = 500.0
    capacity: float = 500.0

    def spend(self, cost: float) -> "RetryBudget":
        """Return the budget after a retry."""
        return self._replace(tokens=max(0.0, self.tokens - cost))

    def earn(self) -> "RetryBudget":
        """Return the budget after a success."""
        return self._replace(tokens=min(self.capacity, self.tokens + 1.0))


class Retry(NamedTuple):
    """Send the same request again after `wait` seconds."""

    wait: float
    cost: float


class GiveUp(NamedTuple):
    """Take the outcome as it is."""

    reason: str
    """What kept a try away that was due; empty where none was."""


Outcome = Response | NetworkFault | UnreadableBody
"""What one attempt brought: a response that says no, none at all, or one that cannot be read."""


def seconds_for(request: Request, timeouts: Timeouts) -> float:
    """Return how long the whole call may take that `request` is sent for."""
    return timeouts.slow_call if request.slow else timeouts.call


def bound_attempt(request: Request, timeouts: Timeouts, *, time_left: float, max_answer: int | None = None) -> Request:
    """Return the request with the limits of one attempt.

    Args:
        request: What is to be sent.
        timeouts: What the service allows.
        time_left: Seconds until the deadline of the whole call.
        max_answer: The bytes that any answer may have, in the place of what fits the request.

    Source: behaviour B222, B318.
    """
    read = timeouts.slow_read if request.slow else timeouts.read
    largest = request.largest if max_answer is None else max_answer
    return replace(request, read_timeout=min(read, time_left), time_left=time_left, largest=largest)


def describe_outcome(outcome: Outcome) -> str:
    """Say in a few words what an attempt brought."""
    match outcome:
        case Response(status=status):
            return str(status)
        case NetworkFault(reason=reason):
            return f"no response: {reason}"
        case UnreadableBody(reason=reason, is_json=True):
            return f"JSON of another shape: {reason}"
        case UnreadableBody(reason=reason):
            return f"a body that cannot be read: {reason}"


def decide_retry(
    request: Request,
    outcome: Outcome,
    *,
    attempt: int,
    budget: RetryBudget,
    time_left: float,
    dice: float,
    retry_after: float | None = None,
    traced: bool = False,
) -> Retry | GiveUp:
    """Choose what follows attempt number `attempt`, counted from 1. Never fails.

    Args:
        request: What was sent.
        outcome: What came of it.
        attempt: How often it was sent.
        budget: What the service may still spend.
        time_left: Seconds until the deadline of the whole call.
        dice: A random number from 0 to 1: where in its range the pause lies.
        retry_after: Seconds that the server asked for; the pause is no shorter.
        traced: Whether the caller looks for what an earlier attempt may have done before it sends what must not be
            sent twice.

    Source: behaviour B22, B23, B24, B221, B284, B287, B288, B324.
    """
    pauses = _pauses_after(request, outcome, traced=traced)
    if attempt > len(pauses):
        return GiveUp("")
    cost = 10.0 if isinstance(outcome, NetworkFault) and outcome.cause == "silence" else 5.0
    if budget.tokens < cost:
        return GiveUp("the retry budget is spent")
    # A deadline that is near draws the last attempt towards it rather than forbid it.
    longest = max(time_left - LAST_SECONDS, time_left / 2)
    least, most = (min(seconds, longest) for seconds in pauses[attempt - 1])
    wait = max(least + dice * (most - least), retry_after or 0.0)
    if wait >= time_left:
        return GiveUp("the deadline comes first")
    return Retry(wait, cost)


def _pauses_after(request: Request, outcome: Outcome, *, traced: bool) -> tuple[Pause, ...]:
    """Return the pauses before further attempts, as many as may be made."""
    if not _may_repeat(request, outcome, traced=traced):
        return ()
    return SHORT_PAUSES if isinstance(outcome, NetworkFault) and outcome.cause in ("name", "proxy") else OUTAGE_PAUSES


def _may_repeat(request: Request, outcome: Outcome, *, traced: bool) -> bool:
    """Whether a second try can help and cannot do harm."""
    match outcome:
        case NetworkFault(cause="unusable" | "deadline") | NetworkFault(kind="unclear", cause="proxy"):
            return False
        case NetworkFault(kind=kind):
            return kind == "never sent" or (kind == "unclear" and request.repeatable)
        case UnreadableBody(is_json=whole):
            return request.repeatable and not whole
        case Response(status=status):
            return status in RETRYABLE if request.repeatable else traced and status in REFUSALS
