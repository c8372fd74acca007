"""Where users find what lives in our rooms."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PACKAGE = "qiskit_runtime_service"


def public(door: str = "") -> Callable[[T], T]:
    """Say of a class or function that users find it in this package, or at one of its doors, such as `options`.

    Then tracebacks, pickles and `help()` name that place, and what lives in a room may move.
    """

    def mark(thing: T) -> T:
        thing.__module__ = f"{PACKAGE}.{door}" if door else PACKAGE
        return thing

    return mark
