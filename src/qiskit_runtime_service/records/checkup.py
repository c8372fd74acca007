"""Nouns of a check-up: the links between this machine and the backends, and how each does."""

from typing import Literal

import msgspec

LinkName = Literal[
    "proxy", "connection", "certificate", "account", "token", "search", "catalog", "instance", "backends"
]


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One link of the chain."""

    name: LinkName
    state: Literal["works", "broken", "not tried"]
    detail: str = ""
    fix: str = ""
    """The way out, where it is broken."""
    seconds: float | None = None
    """How long it took, where something was asked."""


class Checkup(msgspec.Struct, frozen=True, kw_only=True):
    """How each link does, from near to far. It holds no secret."""

    links: tuple[Link, ...]

    @property
    def broken(self) -> Link | None:
        """The first link that does not hold."""
        return next((link for link in self.links if link.state == "broken"), None)
