"""What something takes of the processor: a limit of time that holds on a busy machine too."""

import gc
from collections.abc import Callable
from time import process_time
from typing import TypeVar

T = TypeVar("T")


def cpu_seconds(act: Callable[[], T], limit: float) -> tuple[float, T]:
    """Return the seconds of CPU that `act` takes, best of at most three, and what it returned.

    Garbage of the tests before is collected first: a full collection of a long run takes half a second of its own.
    What stays within the limit is not tried again.
    """
    best = float("inf")
    for _ in range(3):
        gc.collect()
        began = process_time()
        value = act()
        best = min(best, process_time() - began)
        if best < limit:
            break
    return best, value
