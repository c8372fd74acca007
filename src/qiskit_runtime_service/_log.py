"""The library's logger. It has a `NullHandler` and nothing else: the application decides what is shown."""

import logging

logger = logging.getLogger("qiskit_runtime_service")
logger.addHandler(logging.NullHandler())
