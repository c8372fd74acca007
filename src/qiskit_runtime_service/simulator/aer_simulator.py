"""What `aer_simulator` says of itself: it is Aer, or what Qiskit's own simulators can do where Aer is not installed."""

import msgspec

AER_SIMULATOR = "aer_simulator"
SIMULATED_QUBITS = 156
"""As many as the widest snapshot has."""
MOST_SHOTS = 1_000_000
FIRST_RELEASE = "2018-12-20T00:00:00Z"
"""Of Aer."""

_STANDARD_GATES = (
    *("ccx", "ccz", "cp", "crx", "cry", "crz", "cswap", "csx", "cu", "cu1", "cu3", "cx", "cy", "cz", "ecr", "h", "id"),
    *("p", "r", "rx", "rxx", "ry", "ryy", "rz", "rzx", "rzz", "s", "sdg", "swap", "sx", "sxdg", "t", "tdg", "u", "u1"),
    *("u2", "u3", "x", "y", "z", "unitary"),
)
_OF_AER = ("diagonal", "initialize", "kraus", "mcphase", "mcx", "pauli")
_CONTROL_FLOW = ("if_else", "for_loop", "while_loop", "switch_case", "break_loop", "continue_loop")

_WITH_AER = "Aer, without noise"
_WITHOUT_AER = (
    "Qiskit's own simulators, which know no control flow: qiskit-aer is not installed. "
    "Install the extra: pip install 'qiskit-runtime-service[aer]'"
)


def describe_simulator(*, with_aer: bool) -> bytes:
    """Return the configuration of a device without errors that has its gates between any qubits, and no time.

    Args:
        with_aer: Whether Aer runs its jobs.

    Source: behaviour B267.
    """
    gates = (*_STANDARD_GATES, *_OF_AER) if with_aer else _STANDARD_GATES
    beside = ("measure", "delay", "reset", *_CONTROL_FLOW) if with_aer else ("measure", "delay")
    configuration = {
        "backend_name": AER_SIMULATOR,
        "backend_version": "1.0.0",
        # IBM's client takes no backend without one.
        "online_date": FIRST_RELEASE,
        "description": _WITH_AER if with_aer else _WITHOUT_AER,
        "n_qubits": SIMULATED_QUBITS,
        "simulator": True,
        "local": True,
        "conditional": with_aer,
        "open_pulse": False,
        "memory": True,
        "basis_gates": gates,
        "gates": [{"name": name, "parameters": [], "qasm_def": ""} for name in gates],
        "coupling_map": None,
        "supported_instructions": (*gates, *beside),
        "supported_features": ("qasm3", "dynamic_circuits") if with_aer else ("qasm3",),
        "max_shots": MOST_SHOTS,
    }
    return msgspec.json.encode(configuration)
