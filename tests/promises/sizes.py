"""How large the promises are tried: whole for `make promises`, a tenth in CI, a twentieth or less otherwise."""

from collections.abc import Callable

from hypothesis import settings

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
