"""The library's logger. It has a `NullHandler` and nothing else: the application decides what is shown, and how.

A line about a pause has its seconds as `pause`, beside what every record of a log has.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Logger = logging.Logger

logger = logging.getLogger("qiskit_runtime_service")
logger.addHandler(logging.NullHandler())

LONG_PAUSE = 1.0
"""Seconds after which somebody who waits wonders why."""


class Listener(logging.Handler):
    """Hand on what somebody who waits should know: long pauses, one at a time, and warnings, each once.

    Many calls may wait for one server, and many stumble over the same.

    Args:
        tell: Is given each line.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self.troubles: list[str] = []
        """The warnings so far."""
        self._tell = tell
        self._until = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of a warning that is new, and of a pause, unless one that was told is not over."""
        line = record.getMessage()
        pause: float = getattr(record, "pause", 0.0)
        if record.levelno >= logging.WARNING:
            if line not in self.troubles:
                self.troubles.append(line)
                self._tell(line)
        elif pause > LONG_PAUSE and record.created >= self._until:
            self._until = record.created + pause
            self._tell(line)


@contextmanager
def listening(tell: Callable[[str], None]) -> Iterator[Listener]:
    """Tell of each pause of more than a second before it begins, and of troubles, for as long as the block runs.

    Source: behaviour B289, B315.
    """
    listener, level = Listener(tell), logger.level
    logger.addHandler(listener)
    logger.setLevel(min(logger.getEffectiveLevel(), logging.INFO))
    try:
        yield listener
    finally:
        logger.setLevel(level)
        logger.removeHandler(listener)


LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SHOWN = "setup_logger"
"""The name of the handler that shows what an application wants to be shown."""


def show_lines(told: Logger, level: str, path: str) -> None:
    """Show what a logger of an application is told, and hand on none of it. What was shown before is shown no more.

    Args:
        told: The logger.
        level: From which level on; empty for as it is.
        path: Of a file; empty for standard error.

    Source: behaviour B429.
    """
    handler = logging.FileHandler(path) if path else logging.StreamHandler()
    handler.set_name(SHOWN)
    handler.setFormatter(logging.Formatter("%(module)s.%(funcName)s:%(levelname)s:%(asctime)s: %(message)s"))
    for old in [old for old in told.handlers if old.name == SHOWN]:
        told.removeHandler(old)
        old.close()
    told.addHandler(handler)
    told.propagate = False
    if level:
        is_level = level.upper() in LEVELS
        told.setLevel(level.upper() if is_level else logging.WARNING)
        if not is_level:
            told.warning("%r is not a valid log level: %s.", level, ", ".join(LEVELS))
