"""Showing what is logged as the environment says, for programs for IBM's client that call for it."""

import os

from .._log import Logger, show_lines
from .._public import public
from ..client.settings import read_logging


@public()
def setup_logger(logger: Logger) -> None:
    """Show what a logger is told, on standard error or in a file, and there alone.

    The variable `QISKIT_IBM_RUNTIME_LOG_LEVEL` has the level, and `QISKIT_IBM_RUNTIME_LOG_FILE` the file. A second call
    for the same logger takes the place of the first. This library calls it for no logger.

    Args:
        logger: Such as `logging.getLogger("qiskit_runtime_service")`.

    Raises:
        OSError: The file cannot be written.

    Source: behaviour B429.
    """
    show_lines(logger, *read_logging(os.environ))
