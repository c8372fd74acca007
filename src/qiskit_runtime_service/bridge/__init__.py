"""Translation between records and Qiskit objects. The only room below the shell that imports qiskit."""

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
