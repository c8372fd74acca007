"""The library's logger. It has a `NullHandler` and nothing else: the application decides what is shown.

A line about a pause has its seconds as `pause`, beside what every record of a log has.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

logger = logging.getLogger("qiskit_runtime_service")
logger.addHandler(logging.NullHandler())

LONG_PAUSE = 1.0
"""Seconds after which somebody who waits wonders why."""


class Listener(logging.Handler):
    """Hand the words of long pauses on, one at a time: many calls may wait for one server.

    Args:
        tell: Is given each line.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._tell = tell
        self._until = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of a pause, unless one that was told is not over."""
        pause: float = getattr(record, "pause", 0.0)
        if pause > LONG_PAUSE and record.created >= self._until:
            self._until = record.created + pause
            self._tell(record.getMessage())


@contextmanager
def long_pauses_told(tell: Callable[[str], None]) -> Iterator[None]:
    """Tell why nothing happens, before each pause of more than a second, for as long as the block runs.

    Source: behaviour B289.
    """
    listener, level = Listener(tell), logger.level
    logger.addHandler(listener)
    logger.setLevel(min(logger.getEffectiveLevel(), logging.INFO))
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(listener)
