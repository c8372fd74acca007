"""Nouns of authentication: the bearer token that the token service gives for an API key."""

import msgspec

from .secret import Secret


class AccessToken(msgspec.Struct, frozen=True, kw_only=True):
    """A bearer token, timed by our own clock so that a wrong local date does no harm."""

    value: Secret
    received_at: float
    """Seconds since the epoch, on the clock that asked."""
    lifetime: float
    """Seconds from issue to expiry, as the server measures them."""
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away."""
