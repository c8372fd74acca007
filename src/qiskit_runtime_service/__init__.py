"""Find an IBM Quantum account, choose an instance and a backend, run primitives, read results.

Every public name is loaded when it is first used: `import qiskit_runtime_service` alone touches
neither Qiskit nor the network. The stub beside this file, `__init__.pyi`, says where each lives.
"""

from ._doors import WITH_FILES, open_doors
from ._lazy import attach_stub
from ._version import __version__ as __version__

__getattr__, __dir__ = attach_stub(__name__, WITH_FILES)
open_doors(__name__)
