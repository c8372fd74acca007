"""Decisions about bearer tokens: use the one at hand, renew it early, or wait for a new one."""

from typing import Literal

from ..records.token import AccessToken

FRESH_SHARE = 0.8
"""The share of its life in which a token is used without a thought."""

RENEWAL_PAUSE = 60.0
"""Seconds between two tries to renew a token that still works."""


def decide_token(
    token: AccessToken | None, *, now: float, last_try: float | None = None
) -> Literal["use", "renew", "replace"]:
    """Choose what to do before a call. Instants in seconds since the epoch. Never fails.

    `renew` means: ask for a new one, and go on with the old one if that fails.
    Only our own clock is read, so a wrong date on either side does no harm.

    Source: behaviour B20.
    """
    if token is None:
        return "replace"
    age = now - token.received_at
    if age < FRESH_SHARE * token.lifetime:
        return "use"
    if age >= token.lifetime:
        return "replace"
    return "use" if last_try is not None and now - last_try < RENEWAL_PAUSE else "renew"
