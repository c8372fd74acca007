"""PUBs to quantum programs and their results back: what primitives prepare on the client, and how it is read again.

Everything here is built on `samplomatic`, `qiskit-mitigation`, `qiskit-noise-learning` and `ibm-quantum-schemas`, which
the extra `executor` brings. Nothing outside of this room, but for the simulator, imports them.

Source: behaviour B368.
"""

from importlib.util import find_spec

for _name in ("samplomatic", "ibm_quantum_schemas", "qiskit_mitigation", "qiskit_noise_learning"):
    if find_spec(_name) is None:
        raise ImportError(
            f"Quantum programs need {_name.replace('_', '-')}, which is not installed. "
            "Install the extra: pip install 'qiskit-runtime-service[executor]'",
            name=_name,
        )
