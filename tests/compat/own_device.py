"""A device of a user's own, and its target in IBM's client. Runs in the environment of that client, not in ours.

Reads nothing, and prints what the target says, and a Bell pair's counts.
"""

import json
import logging
import runpy
from importlib import import_module
from pathlib import Path
from typing import Any

from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager

HERE = Path(__file__).parent


def device_class(package: str) -> Any:
    """Return the class of the device, as users write it, over the client of that name."""
    base: Any = import_module(f"{package}.fake_provider.fake_backend").FakeBackendV2

    class LabBackend(base):
        """Three qubits in a line."""

        dirname = str(HERE.parent / "data" / "own_device")
        conf_filename = "conf_lab.json"
        props_filename = "props_lab.json"
        defs_filename = "defs_lab.json"
        backend_name = "fake_lab"

    return LabBackend


def describe(backend: Any) -> Any:
    """Return what the device says of itself."""
    view = runpy.run_path(str(HERE / "dump_targets.py"))["view_target"]
    told = {
        "name": backend.name,
        "configured": backend.configuration().backend_name,
        "qubits": backend.num_qubits,
        "T1": backend.properties().t1(1),
        "cz": backend.properties().gate_error("cz", [0, 1]),
        "operational": backend.status().operational,
        "target": view(backend.target),
    }
    return json.loads(json.dumps(told))


def pair(backend: Any) -> QuantumCircuit:
    """Return a Bell pair, laid out."""
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return generate_preset_pass_manager(1, backend=backend, seed_transpiler=1).run(circuit)


def main() -> None:
    """Print the description, and the counts of the backend and of a sampler on it."""
    logging.disable(logging.CRITICAL)
    backend = device_class("qiskit_ibm_runtime")()
    circuit = pair(backend)
    run = backend.run(circuit, shots=2000, seed_simulator=1).result().get_counts()
    sampler = import_module("qiskit_ibm_runtime").SamplerV2(mode=backend)
    sampled = sampler.run([circuit], shots=2000).result()[0].data.meas.get_counts()
    print(json.dumps({"told": describe(backend), "run": run, "sampled": sampled}))


if __name__ == "__main__":
    main()
