"""Whether mitigation helps on an emulated cloud, and by how much: the mean error of values with each technique.

    python benchmarks/bench_mitigation.py [--existing PYTHON] [--shots N] [--devices N] [--picture FILE] [--json FILE]

Five recorded devices of the ready world `mitigation`, which have coherent noise beside their own, and six circuits: a
Bell state, GHZ states of 5 and 20, an Ising chain of 10 with 1, 2, 3 and 4 Trotter steps, a mirror circuit of 20 and a
VQE ansatz of 6. The error of a circuit is the mean deviation of its observables from the truth. A technique is compared
with the row that it is put on top of. With PYTHON, an interpreter that has `qiskit-ibm-runtime`, IBM's client runs the
same for the Bell state and the chain through a door, and both must agree within statistics.
"""

import argparse
import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp, Statevector
from qiskit.transpiler import generate_preset_pass_manager

from measure import print_table, run_existing
from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.executor_estimator import EstimatorV2
from qiskit_runtime_service.executor_noise_learner import NoiseLearnerV3
from qiskit_runtime_service.testing import API_KEY, door_to, emulated_cloud
from qiskit_runtime_service.testing.ready import mitigation

DEVICES = ("fake_montreal", "fake_kolkata", "fake_cairo", "fake_torino", "fake_fez")
MOST_LAYERS = 4
"""So many layers are learned at most; a job of a device learns four."""


class Case(NamedTuple):
    """A circuit, what is asked of it, and the truth."""

    circuit: QuantumCircuit
    observables: list[SparsePauliOp]
    ideal: list[float]


class Technique(NamedTuple):
    """What is done, and what it is put on top of."""

    options: Mapping[str, Any]
    beside: str
    must: float
    """By which factor it must reduce the mean error, at least."""
    learned: bool = False


TWIRLED = {"enable_gates": True, "enable_measure": True}
DECOUPLED = {"enable": True, "sequence_type": "XY4"}
TECHNIQUES = {
    "raw": Technique({"resilience_level": 0}, "raw", 1.0),
    "TREX": Technique({"resilience_level": 1}, "raw", 1.2),
    "decoupling": Technique({"resilience_level": 0, "dynamical_decoupling": DECOUPLED}, "raw", 1.05),
    "twirling, TREX": Technique({"resilience_level": 1, "twirling": TWIRLED}, "TREX", 1.0),
    "ZNE, folding": Technique({"resilience_level": 2}, "twirling, TREX", 2.0),
    "ZNE, PEA": Technique(
        {"resilience_level": 2, "resilience": {"zne": {"amplifier": "pea", "noise_factors": [1, 2, 3]}}},
        "twirling, TREX",
        2.0,
        learned=True,
    ),
    "PEC": Technique(
        {"resilience_level": 1, "twirling": TWIRLED, "resilience": {"pec_mitigation": True}},
        "twirling, TREX",
        2.0,
        learned=True,
    ),
}
WHY = {
    "post-selection": "not run: checks for flipped bits find leakage and slow flips, which these devices do not have",
}


def ghz(width: int) -> Case:
    """Return a GHZ state, whose ZZ and XX…X are 1."""
    circuit = QuantumCircuit(width)
    circuit.h(0)
    for qubit in range(width - 1):
        circuit.cx(qubit, qubit + 1)
    pairs = [SparsePauliOp.from_sparse_list([("ZZ", [one, one + 1], 1.0)], width) for one in range(width - 1)]
    return Case(circuit, [*pairs, SparsePauliOp("X" * width)], [1.0] * width)


def magnetization(circuit: QuantumCircuit, ideal: list[float] | None = None) -> Case:
    """Return a circuit of which each Z is asked for."""
    width = circuit.num_qubits
    observables = [SparsePauliOp.from_sparse_list([("Z", [qubit], 1.0)], width) for qubit in range(width)]
    if ideal is None:
        state = Statevector(circuit)
        ideal = [float(state.expectation_value(observable).real) for observable in observables]
    return Case(circuit, observables, ideal)


def ising(steps: int) -> Case:
    """Return Trotter steps of an Ising chain of 10."""
    circuit = QuantumCircuit(10)
    for _ in range(steps):
        circuit.rx(0.3, range(10))
        for first in (0, 1):
            for qubit in range(first, 9, 2):
                circuit.rzz(-np.pi / 2, qubit, qubit + 1)
    return magnetization(circuit)


def mirror() -> Case:
    """Return random layers of Clifford gates on 20 qubits, and the same backwards."""
    die, half = np.random.default_rng(5), QuantumCircuit(20)
    for layer in range(2):
        for qubit in range(20):
            getattr(half, str(die.choice(["h", "s", "sx", "x"])))(qubit)
        for qubit in range(layer % 2, 19, 2):
            half.cx(qubit, qubit + 1)
        half.barrier()
    return magnetization(half.compose(half.inverse()), [1.0] * 20)


def vqe() -> Case:
    """Return an ansatz of rotations and CX on 6 qubits."""
    circuit, die = QuantumCircuit(6), np.random.default_rng(6)
    for layer in range(3):
        for qubit in range(6):
            circuit.ry(float(die.uniform(-1, 1)), qubit)
        for qubit in range(layer % 2, 5, 2):
            circuit.cx(qubit, qubit + 1)
    return magnetization(circuit)


CASES: dict[str, Callable[[], Case]] = {
    "Bell": lambda: ghz(2),
    "GHZ 5": lambda: ghz(5),
    "GHZ 20": lambda: ghz(20),
    **{f"Ising 10, {steps} steps": partial(ising, steps) for steps in (1, 2, 3, 4)},
    "mirror 20": mirror,
    "VQE 6": vqe,
}


def error_of(backend: Any, case: Case, technique: Technique, shots: int, line: list[int]) -> float | None:
    """Return the mean error of the values of a circuit; `None` where there are too many layers to learn."""
    width = case.circuit.num_qubits
    passes = generate_preset_pass_manager(1, backend, initial_layout=line[:width], seed_transpiler=1)
    isa = passes.run(case.circuit)
    pub = (isa, [observable.apply_layout(isa.layout) for observable in case.observables])
    estimator = EstimatorV2(backend)
    estimator.options.update(default_shots=shots, **technique.options)
    if technique.learned:
        layers = estimator.find_unique_layers([pub])
        if len(layers) > MOST_LAYERS:
            return None
        learner = NoiseLearnerV3(backend, {"num_randomizations": 10, "layer_pair_depths": [0, 1, 8]})
        maps = learner.run(layers).result().to_pauli_lindblad_maps()
        estimator.options.resilience.layer_noise_model = list(zip(layers, maps, strict=True))
    found = estimator.run([pub]).result()[0].data.evs
    return float(np.abs(found - case.ideal).mean())


def find_line(backend: Any, length: int) -> list[int]:
    """Return coupled qubits in a row, the first that are found."""
    neighbours: dict[int, set[int]] = {}
    for one, other in backend.coupling_map:
        neighbours.setdefault(one, set()).add(other)
        neighbours.setdefault(other, set()).add(one)
    stack = [[qubit] for qubit in sorted(neighbours, reverse=True)]
    while stack:
        path = stack.pop()
        if len(path) == length:
            return path
        stack += [[*path, qubit] for qubit in sorted(neighbours[path[-1]] - set(path), reverse=True)]
    raise ValueError(f"{backend.name} has no line of {length}")


def measure(devices: tuple[str, ...], shots: int) -> dict[str, dict[str, list[float | None]]]:
    """Return by technique and circuit the mean error on each device."""
    errors: dict[str, dict[str, list[float | None]]] = {name: {} for name in TECHNIQUES}
    cases = {name: make() for name, make in CASES.items()}
    for device in devices:
        cloud = emulated_cloud(mitigation(seed=1))
        service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
        backend = service.backend(device)
        line = find_line(backend, 20)
        for case, made in cases.items():
            for name, technique in TECHNIQUES.items():
                error = error_of(backend, made, technique, shots, line)
                errors[name].setdefault(case, []).append(error)
                print(device, case, name, None if error is None else round(error, 4), flush=True)
    return errors


def mean(values: list[float | None]) -> float | None:
    """Return the mean of what is known."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def factor(errors: Mapping[str, Mapping[str, list[float | None]]], name: str) -> float:
    """Return by which factor a technique reduces the mean error of what it is put on, where both were run."""
    beside = errors[TECHNIQUES[name].beside]
    pairs = [
        (before, after)
        for case, values in errors[name].items()
        for before, after in zip(beside[case], values, strict=True)
        if before is not None and after is not None
    ]
    return sum(before for before, _ in pairs) / sum(after for _, after in pairs)


def table(errors: Mapping[str, Mapping[str, list[float | None]]]) -> list[tuple[str, ...]]:
    """Return a row for each technique: its mean error for each circuit, and what it is worth."""
    rows = []
    for name, technique in TECHNIQUES.items():
        means = [mean(values) for values in errors[name].values()]
        shown = ["–" if value is None else f"{value:.3f}" for value in means]
        reduced = factor(errors, name)
        verdict = "" if name == "raw" else f"{reduced:.2f} x less than {technique.beside}"
        if reduced < technique.must:
            verdict += f", not the {technique.must} wanted"
        rows.append((name, *shown, verdict))
    return [*rows, *((name, *["–"] * len(CASES), reason) for name, reason in WHY.items())]


def draw(errors: Mapping[str, Mapping[str, list[float | None]]], path: Path) -> None:
    """Draw the mean error of each technique for each circuit."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.add_subplot()
    width = 0.8 / len(TECHNIQUES)
    for index, (name, cases) in enumerate(errors.items()):
        heights = [mean(values) or np.nan for values in cases.values()]
        axes.bar(np.arange(len(cases)) + (index - len(TECHNIQUES) / 2 + 0.5) * width, heights, width, label=name)
    axes.set_xticks(range(len(CASES)), [case.replace(", ", ",\n") for case in CASES])
    axes.set_yscale("log")
    axes.set_ylabel("mean error of expectation values")
    axes.legend(ncols=4, frameon=False, fontsize="small")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)


EXISTING = """
import json, os, sys
base, key, instance, device, shots, line = sys.argv[1:]
os.environ.update(IAM_URL=base, GLOBAL_SEARCH_URL=base, GLOBAL_CATALOG_URL=f"{base}/api/v1")
from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_ibm_runtime import QiskitRuntimeService
from qiskit_ibm_runtime.executor_estimator import EstimatorV2
service = QiskitRuntimeService(token=key, url_resolver=lambda *_: f"{base}/api/v1", instance=instance)
backend = service.backend(device)
circuit = QuantumCircuit(2)
circuit.h(0)
circuit.cx(0, 1)
isa = generate_preset_pass_manager(1, backend, initial_layout=json.loads(line)[:2], seed_transpiler=1).run(circuit)
found = {}
for level in (0, 1, 2):
    estimator = EstimatorV2(backend)
    estimator.options.resilience_level, estimator.options.default_shots = level, int(shots)
    terms = [SparsePauliOp(term).apply_layout(isa.layout) for term in ("ZZ", "XX")]
    data = estimator.run([(isa, terms)]).result()[0].data
    found[level] = (data.evs.tolist(), data.stds.tolist())
print(json.dumps(found))
"""


def compare(python: str, device: str, shots: int) -> None:
    """Print what IBM's client says of a Bell state at each level, beside what ours says."""
    cloud = emulated_cloud(mitigation(seed=1))
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    backend = service.backend(device)
    line = find_line(backend, 20)
    with door_to(cloud) as door:
        instance = service.active_instance()
        told = run_existing(python, EXISTING, door.base, API_KEY, instance, device, str(shots), json.dumps(line))
    case, rows = ghz(2), []
    for level in (0, 1, 2):
        ours = error_of(backend, case, Technique({"resilience_level": level}, "raw", 1.0), shots, line)
        theirs = float(np.abs(np.array(told[str(level)][0]) - 1).mean())
        rows.append((f"level {level}", f"{ours:.3f}", f"{theirs:.3f}"))
    print_table(f"Mean error of a Bell state on {device}", [("", "this client", "IBM's client"), *rows])


def main() -> None:
    """Measure, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--existing", metavar="PYTHON", default=os.environ.get("EXISTING_PYTHON"))
    parser.add_argument("--shots", type=int, default=4096)
    parser.add_argument("--devices", type=int, default=len(DEVICES))
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    errors = measure(DEVICES[: given.devices], given.shots)
    shots = f"{given.devices} devices, {given.shots} shots"
    print_table(f"Mean error of expectation values, {shots}", [("", *CASES, ""), *table(errors)])
    if given.picture:
        draw(errors, given.picture)
    if given.json:
        given.json.write_text(json.dumps(errors))
    if given.existing:
        compare(given.existing, DEVICES[0], given.shots)


if __name__ == "__main__":
    main()
