"""The door to the analyzer of estimators, where IBM's users look for it."""

from .shell.neat import Neat, NeatPubResult, NeatResult

__all__ = ["Neat", "NeatPubResult", "NeatResult"]
