"""The door to the calibrator, where IBM's users look for it. It needs the extra `executor`."""

from .._doors import open_doors
from ..shell.calibrator import Calibrator

__all__ = ["Calibrator"]

open_doors(__name__)
