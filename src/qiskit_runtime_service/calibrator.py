"""The door to the calibrator, where IBM's users look for it. It needs the extra `executor`."""

from .shell.calibrator import Calibrator

__all__ = ["Calibrator"]
