"""The door to the analyzer of estimators, where IBM's users look for it."""

from .._doors import open_doors
from ..shell.neat import Neat, NeatPubResult, NeatResult

__all__ = ["Neat", "NeatPubResult", "NeatResult"]

open_doors(__name__)
