"""PUBs to quantum programs and their results back: what primitives prepare on the client, and how it is read again.

Everything here is built on `samplomatic`, `qiskit-mitigation`, `qiskit-noise-learning` and `ibm-quantum-schemas`, which
the extra `executor` brings. Nothing outside of this room, but for the simulator, imports them.
"""
