"""What the Targets of IBM's client say, written down so that ours can be compared where that client is not installed.

    python tests/compat/dump_targets.py tests/data

Run it where that client is installed. It writes `target_digests.json`, one digest for each of its snapshot backends,
and `target_fake_manila.json`, one view in full. The tests read the same views off our Targets with `view_target`.
"""

import hashlib
import json
import math
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

PROBES = (-1.0, -1e-9, 0.0, 0.5, math.pi / 2, math.pi / 2 + 1e-9, 2.0)
"""Angles on both sides of every bound that a device may have: a Target tells its bounds only by answering."""


def view_target(target: Any) -> dict[str, Any]:
    """Return all that a Target says, operations by name, locations in their order, floats exact."""
    return {
        "num_qubits": target.num_qubits,
        "dt": target.dt,
        "description": target.description,
        "granularity": target.granularity,
        "min_length": target.min_length,
        "pulse_alignment": target.pulse_alignment,
        "acquire_alignment": target.acquire_alignment,
        "concurrent_measurements": target.concurrent_measurements,
        "qubit_properties": target.qubit_properties and [[q.t1, q.t2, q.frequency] for q in target.qubit_properties],
        "operations": {name: view_operation(target, name) for name in sorted(target.operation_names)},
    }


def view_operation(target: Any, name: str) -> dict[str, Any]:
    """Return what an operation is, where it is and how good it is there."""
    operation = target.operation_from_name(name)
    if isinstance(operation, type):
        return {"class": operation.__name__, "locations": view_locations(target[name])}
    bounded = target.gate_has_angle_bounds(name)
    allowed = [angle for angle in PROBES if target.supported_angle_bound(name, [angle])] if bounded else None
    return {
        "class": operation.base_class.__name__,
        "num_qubits": operation.num_qubits,
        "num_clbits": operation.num_clbits,
        "parameters": [str(param) for param in operation.params],
        "label": operation.label,
        "allowed_angles": allowed,
        "locations": view_locations(target[name]),
    }


def view_locations(locations: Any) -> list[Any]:
    """Return pairs of qubits, and duration and error there; `None` stands for everywhere and for unknown."""
    return [
        [qubits and list(qubits), quality and [quality.duration, quality.error]]
        for qubits, quality in locations.items()
    ]


def digest_of(view: dict[str, Any]) -> str:
    """Return a digest that changes with every bit of every float."""
    return hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()


def main(folder: Path) -> None:
    """Write the digests and the view into `folder`."""
    # One of the devices warns that its values are not representative; here only equality counts.
    warnings.simplefilter("ignore")
    provider = import_module("qiskit_ibm_runtime.fake_provider").FakeProviderForBackendV2()
    views = {backend.name: view_target(backend.target) for backend in provider.backends()}
    digests = {name: digest_of(view) for name, view in sorted(views.items())}
    (folder / "target_digests.json").write_text(json.dumps(digests, indent=1) + "\n")
    (folder / "target_fake_manila.json").write_text(json.dumps(views["fake_manila"], sort_keys=True) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
