"""The real clock. The emulated cloud brings its own."""

import time

from .._public import public


@public("testing")
class SystemClock:
    """Seconds since the epoch, read once and carried on by a counter that never goes back."""

    def __init__(self) -> None:
        self._epoch = time.time() - time.monotonic()

    def __reduce__(self) -> "tuple[type[SystemClock], tuple[()]]":
        # The counter of another machine began at another time.
        return SystemClock, ()

    def now(self) -> float:
        """Return seconds since the epoch."""
        return self._epoch + time.monotonic()

    def sleep(self, seconds: float, /) -> None:
        """Block for `seconds`."""
        time.sleep(seconds)
