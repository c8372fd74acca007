"""Nouns of the way to the cloud: how long it may take, and through which proxies it leads."""

import msgspec

from .._public import public
from .secret import Secret


@public()
class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """How long a call may take, in seconds. Submissions and results are slow calls."""

    connect: float = 5.0
    """Until a connection stands: name, proxy and TLS included."""
    read: float = 30.0
    """Without a byte from the server."""
    slow_read: float = 300.0
    call: float = 120.0
    """The whole of it: the token, all attempts and the pauses between them."""
    slow_call: float = 900.0


class ProxyRules(msgspec.Struct, frozen=True, kw_only=True):
    """Which proxy a request goes through.

    Pairs of what a proxy is for and its URL. It is for a protocol (`https`), a protocol and host
    (`https://host`), all protocols of a host (`all://host`) or `all`; the most precise one is taken.
    """

    given: tuple[tuple[str, Secret], ...] = ()
    """What the user says."""
    found: tuple[tuple[str, Secret], ...] = ()
    """What the environment says, where the user says nothing."""
    bypass: tuple[str, ...] = ()
    """What `found` is not for: names with all that ends in them, addresses, networks (`10.0.0.0/8`), or `*`."""
    ntlm: tuple[str, Secret] | None = None
    """User and password for proxies that ask for NTLM."""
