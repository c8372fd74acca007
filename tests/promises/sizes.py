"""How large the promises are tried: whole for `make promises`, a twentieth otherwise."""

from hypothesis import settings


def is_full() -> bool:
    """Tell whether the run is that of `make promises`."""
    return settings.get_current_profile_name() == "full"


def size(full: int) -> int:
    """Return how often to try what is promised for `full` times."""
    return full if is_full() else max(1, full // 20)
