"""How large the promises are tried: whole for `make promises`, a tenth in CI, and what `make test` has time for."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from hypothesis import settings

Case = TypeVar("Case")

Tally = Callable[[int], None]
"""What a test tells how often it tries what is promised."""
Control = Callable[[str], None]
"""What a test tells in a few words what the existing client did with the same."""


def is_full() -> bool:
    """Tell whether the run is that of `make promises`."""
    return settings.get_current_profile_name() == "full"


def size(full: int, part: int = 20) -> int:
    """Return how often to try what is promised for `full` times; `part` of it is what `make test` has time for."""
    parts = {"full": 1, "tenth": 10}
    return max(1, full // parts.get(settings.get_current_profile_name(), part))


def is_small() -> bool:
    """Tell whether the run is that of `make test`, which has little time for each promise."""
    return settings.get_current_profile_name() == "ci"


def few(cases: Iterable[Case], count: int = 1) -> list[Case]:
    """Return all cases; where the run is small, `count` of them, the last among them."""
    known = list(cases)
    return known[:: -max(1, len(known) // count)][:count] if is_small() else known
