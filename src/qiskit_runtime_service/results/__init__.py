"""The door to what jobs answer with that Qiskit has no class for, where IBM's users look for it.

Every name is loaded when it is first used: what quantum programs answer with takes the extra `executor`. The stub
beside this file says where each lives.
"""

from .._doors import open_doors
from .._lazy import attach_stub

__getattr__, __dir__ = attach_stub(__name__)

open_doors(__name__)
