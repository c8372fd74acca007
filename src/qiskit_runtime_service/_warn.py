"""Warnings that blame the user's own line, however many frames away it is."""

import sys
import warnings

NOT_THE_USERS = frozenset(
    {"qiskit_runtime_service", "qiskit", "qiskit_aer", "returns", "contextlib", "functools", "json"}
)
"""The packages through which a call comes to us."""


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn, at the nearest line that is neither ours nor of a library through which the user calls us."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).partition(".")[0] in NOT_THE_USERS:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
