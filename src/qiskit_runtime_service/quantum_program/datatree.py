"""The door to the type of what passes through a quantum program, where IBM's users look for it."""

from . import DataTree

__all__ = ["DataTree"]
