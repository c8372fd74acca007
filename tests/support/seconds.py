"""How long something takes: limits of time that hold on a busy machine too."""

import gc
from collections.abc import Callable
from time import monotonic, process_time
from typing import TypeVar

T = TypeVar("T")


def cpu_seconds(act: Callable[[], T], limit: float) -> tuple[float, T]:
    """Return the seconds of CPU that `act` takes, best of at most three, and what it returned.

    What stays within the limit is not tried again.
    """
    return best_of_three(act, limit, process_time)


def wall_seconds(act: Callable[[], object], limit: float) -> float:
    """Return the seconds that pass while `act` runs, best of at most three: for what waits and does not compute."""
    return best_of_three(act, limit, monotonic)[0]


def best_of_three(act: Callable[[], T], limit: float, clock: Callable[[], float]) -> tuple[float, T]:
    """Return the seconds by `clock` that `act` takes, best of at most three, and what it returned.

    What the tests before left behind is set aside for good, without its garbage: a collection that goes through all of
    it takes half a second in a long run.
    """
    best = float("inf")
    for _ in range(3):
        gc.collect()
        gc.freeze()
        began = clock()
        value = act()
        best = min(best, clock() - began)
        if best < limit:
            break
    return best, value
