"""Passes: circuits to circuits, as Qiskit's pass managers run them. Nothing else lives here.

What they decide is a function of the circuit and of its arguments, but for angles that are drawn.
"""

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
