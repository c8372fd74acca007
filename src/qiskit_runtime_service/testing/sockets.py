"""Refusing sockets: one audit hook for the process, which does nothing unless somebody asked for it."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest

LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
FAMILIES = (socket.AF_INET, socket.AF_INET6)


class Gate:
    """Notes and refuses every try at a socket of the internet while it is closed. Local sockets pass."""

    def __init__(self) -> None:
        self.tried: list[list[str]] = []
        """A list for each time that it is closed, of what was tried since."""

    def audit(self, event: str, details: tuple[Any, ...]) -> None:
        """Note and refuse what Python is about to do, if it is a try at a socket of the internet."""
        if self.tried and event.startswith("socket.") and is_of_the_internet(event, details):
            for events in self.tried:
                events.append(event)
            # This is no `Exception`, so that what tries the network cannot take it for a network that is down.
            pytest.fail(f"This test plays a cassette, but something in it tried a socket: {event}.")


def is_of_the_internet(event: str, details: tuple[Any, ...]) -> bool:
    """Tell whether an event is about the internet: names are looked up, a socket is made, or an older one used."""
    if event in LOOKUPS:
        return True
    if event == "socket.__new__":
        return details[1] in FAMILIES
    return event in ("socket.connect", "socket.sendto", "socket.bind") and details[0].family in FAMILIES


@cache
def the_gate() -> Gate:
    """Return the gate of this process. A hook cannot be taken away again, so there is one."""
    gate = Gate()
    sys.addaudithook(gate.audit)
    return gate


@contextmanager
def refused_sockets() -> Iterator[list[str]]:
    """Refuse sockets of the internet while the block runs; yield what was tried."""
    gate, tried = the_gate(), list[str]()
    gate.tried.append(tried)
    try:
        yield tried
    finally:
        gate.tried = [events for events in gate.tried if events is not tried]
