"""Clocks for services over real connections."""

import threading
from collections.abc import Callable

from qiskit_runtime_service.testing import SystemClock


class HurriedClock:
    """A clock on which whatever is slept through is over at once. What takes its time otherwise takes it here too."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._skipped = 0.0
        self._skipping = threading.Lock()
        self._alarm: tuple[float, Callable[[], None]] | None = None

    def now(self) -> float:
        return self._clock.now() + self._skipped

    def sleep(self, seconds: float, /) -> None:
        with self._skipping:
            self._skipped += seconds
        if self._alarm is not None and self._alarm[0] <= self.now():
            ring, self._alarm = self._alarm[1], None
            ring()

    def ring_after(self, seconds: float, ring: Callable[[], None]) -> None:
        """Call `ring` at the end of the sleep that goes beyond so many seconds from now."""
        self._alarm = (self.now() + seconds, ring)
