"""What users need to test their programs: an emulated cloud, ready worlds for it, and what it was asked.

Every name is loaded when it is first used: pytest loads this package at its start for the sake of
`plugin`, whether a test wants a cloud or not. The stub beside this file says where each lives.
"""

from .._lazy import attach_stub

__getattr__, __dir__ = attach_stub(__name__)
