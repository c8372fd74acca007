"""What plans allow, by their names, as the service documents it. A plan of another name allows what a paid one does."""

import math

OPEN = "open"
WINDOW = 28 * 24 * 3600.0
"""Seconds after which usage does not count any more where it is counted by the last days."""
SINCE_EVER = frozenset({"pay-as-you-go", "flex"})
"""Of which all usage counts: since the instance was made, or the contract began."""
OPEN_SECONDS = 600.0
LONGEST_OPEN_BATCH = 600
LONGEST_SESSION = 28800
"""Seconds that a session or batch lives at most, and unless less is asked for."""


def has_sessions(plan: str) -> bool:
    """Tell whether a plan has dedicated sessions; all have batches.

    Source: behaviour B134.
    """
    return plan != OPEN


def longest_session(plan: str) -> int:
    """Return the seconds that a session or batch of a plan lives at most.

    Source: behaviour B531.
    """
    return LONGEST_OPEN_BATCH if plan == OPEN else LONGEST_SESSION


def usual_limit(plan: str) -> float | None:
    """Return the seconds that an instance of a plan may spend unless its owner says otherwise; `None` for no limit.

    Source: behaviour B530.
    """
    return OPEN_SECONDS if plan == OPEN else None


def counts_from(plan: str, now: float) -> float:
    """Return from when usage counts, in seconds since the epoch; minus infinity for all of it.

    Source: behaviour B529.
    """
    return -math.inf if plan in SINCE_EVER else now - WINDOW
