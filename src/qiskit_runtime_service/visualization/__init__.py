"""The door to pictures of backends and jobs, with matplotlib, and to figures of results, with plotly.

Every name is loaded when it is first used: figures take the extra `visualization`. The stub beside this file says where
each lives.
"""

from .._doors import open_doors
from .._lazy import attach_stub

__getattr__, __dir__ = attach_stub(__name__)
open_doors(__name__)
