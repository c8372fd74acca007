"""Clocks for services over real connections."""

import threading
from time import monotonic


class HurriedClock:
    """A clock on which whatever is slept through is over at once. What takes its time otherwise takes it here too."""

    def __init__(self) -> None:
        self._skipped = 0.0
        self._skipping = threading.Lock()

    def now(self) -> float:
        return monotonic() + self._skipped

    def sleep(self, seconds: float, /) -> None:
        with self._skipping:
            self._skipped += seconds
