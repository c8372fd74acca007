"""What a client says of circuits with each technique of error mitigation: a script that both clients are led through.

It needs Qiskit and NumPy, and the package that it is told. It reads `{"package", "base", "key", "instance", "device",
"lines", "shots", "cases", "techniques", "most_layers", "libraries"}` from standard input: `lines` are the qubits for
each number of them, `libraries` is where more packages are found. For each circuit and technique it prints an object
with `case`, `technique`, `values`, `stds`, `ideal`, `layers`, `seconds`; none where more layers had to be learned.
"""

import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import Clifford, PauliList, SparsePauliOp, Statevector
from qiskit.transpiler import generate_preset_pass_manager


class Case(NamedTuple):
    """A circuit, what is asked of it, and the truth."""

    circuit: QuantumCircuit
    observables: list[SparsePauliOp]
    ideal: list[float]


def ghz(width: int) -> Case:
    """Return a GHZ state, grown from its middle: each ZZ of neighbours and X on all are 1."""
    circuit = QuantumCircuit(width)
    left = right = (width - 1) // 2
    circuit.h(left)
    while right < width - 1:
        circuit.cx(right, right + 1)
        right += 1
        if left > 0:
            circuit.cx(left, left - 1)
            left -= 1
    pairs = [SparsePauliOp.from_sparse_list([("ZZ", [one, one + 1], 1.0)], width) for one in range(width - 1)]
    return Case(circuit, [*pairs, SparsePauliOp("X" * width)], [1.0] * width)


def ising(steps: int) -> Case:
    """Return Trotter steps of a kicked Ising chain of 10, each kick a quarter of a turn, and stabilizers of its state.

    They are 1, and are those that one basis measures, of ten. At this angle it is a Clifford circuit, so that random
    Paulis in the middle of it are followed at any width; at another each of them would be a circuit of its own.
    """
    circuit = QuantumCircuit(10)
    for _ in range(steps):
        circuit.rx(np.pi / 2, range(10))
        for first in (0, 1):
            for qubit in range(first, 9, 2):
                circuit.rzz(-np.pi / 2, qubit, qubit + 1)
    before = PauliList(["I" * (9 - qubit) + "Z" + "I" * qubit for qubit in range(10)])
    chosen = max(before.evolve(Clifford(circuit), frame="s").group_qubit_wise_commuting(), key=len)
    return Case(circuit, [SparsePauliOp(one) for one in chosen], [1.0] * len(chosen))


def mirror() -> Case:
    """Return random layers of Clifford gates on 20 qubits, and the same backwards: each Z is 1."""
    die, half = np.random.default_rng(5), QuantumCircuit(20)
    for layer in range(2):
        for qubit in range(20):
            getattr(half, str(die.choice(["h", "s", "sx", "x"])))(qubit)
        for qubit in range(layer % 2, 19, 2):
            half.cx(qubit, qubit + 1)
        half.barrier()
    zs = [SparsePauliOp.from_sparse_list([("Z", [qubit], 1.0)], 20) for qubit in range(20)]
    return Case(half.compose(half.inverse()), zs, [1.0] * 20)


def vqe() -> Case:
    """Return an ansatz of rotations and CX on 6 qubits, of which each Z is asked for."""
    circuit, die = QuantumCircuit(6), np.random.default_rng(6)
    for layer in range(3):
        for qubit in range(6):
            circuit.ry(float(die.uniform(-1, 1)), qubit)
        for qubit in range(layer % 2, 5, 2):
            circuit.cx(qubit, qubit + 1)
    state, zs = Statevector(circuit), [SparsePauliOp.from_sparse_list([("Z", [qubit], 1.0)], 6) for qubit in range(6)]
    return Case(circuit, zs, [float(state.expectation_value(z).real) for z in zs])


CASES: dict[str, Callable[[], Case]] = {
    "Bell": partial(ghz, 2),
    "GHZ 5": partial(ghz, 5),
    "GHZ 20": partial(ghz, 20),
    **{f"Ising 10, {steps}": partial(ising, steps) for steps in (1, 2, 3, 4)},
    "mirror 20": mirror,
    "VQE 6": vqe,
}


class Estimates:
    """Values of circuits on one device, by one client."""

    def __init__(self, question: Mapping[str, Any]) -> None:
        base, package = question["base"], question["package"]
        service = import_module(package).QiskitRuntimeService(
            token=question["key"], instance=question["instance"], url_resolver=lambda *_: f"{base}/api/v1"
        )
        self.backend = service.backend(question["device"])
        self.estimator = import_module(f"{package}.executor_estimator").EstimatorV2
        self.learner = import_module(f"{package}.executor_noise_learner").NoiseLearnerV3
        self.lines: Mapping[str, list[int]] = question["lines"]
        self.shots: int = question["shots"]
        self.most_layers: int = question["most_layers"]
        self.known: dict[object, Any] = {}
        """The noise of layers that were learned, by their gates."""

    def place(self, case: Case) -> Any:
        """Return a circuit as the device can run it, with its observables: a PUB."""
        line = self.lines[str(case.circuit.num_qubits)]
        passes = generate_preset_pass_manager(1, self.backend, initial_layout=line, seed_transpiler=1)
        isa = passes.run(case.circuit)
        return isa, [observable.apply_layout(isa.layout) for observable in case.observables]

    def run(self, pub: Any, technique: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what is said of a PUB; `None` where too many layers would have to be learned."""
        started = time.perf_counter()
        estimator = self.estimator(self.backend)
        estimator.options.update(default_shots=self.shots, **technique["options"])
        layers = estimator.find_unique_layers([pub]) if technique["learned"] else []
        if len(layers) > self.most_layers:
            return None
        if layers:
            estimator.options.resilience.layer_noise_model = self.learn(pub[0], layers)
        data = estimator.run([pub]).result()[0].data
        seconds = time.perf_counter() - started
        told = {"values": data.evs.tolist(), "stds": data.stds.tolist()}
        return told | {"layers": len(layers), "seconds": seconds}

    def learn(self, circuit: QuantumCircuit, layers: list[Any]) -> list[tuple[Any, Any]]:
        """Return layers with their noise; it is learned once for each set of gates."""
        keys = [_gates_of(circuit, layer) for layer in layers]
        new = {key: layer for key, layer in zip(keys, layers, strict=True) if key not in self.known}
        if new:
            learner = self.learner(self.backend)
            learner.options.num_randomizations, learner.options.layer_pair_depths = 10, [0, 1, 8]
            maps = learner.run(list(new.values())).result().to_pauli_lindblad_maps()
            self.known |= zip(new, maps, strict=True)
        return [(layer, self.known[key]) for key, layer in zip(keys, layers, strict=True)]


def _gates_of(circuit: QuantumCircuit, layer: Any) -> object:
    """Return the qubits of a layer, and its gates on two of them."""
    body, places = layer.operation.body, [circuit.find_bit(qubit).index for qubit in layer.qubits]
    gates = (
        (step.name, tuple(places[body.find_bit(qubit).index] for qubit in step.qubits))
        for step in body.data
        if len(step.qubits) == 2
    )
    return tuple(places), tuple(sorted(gates))


def main() -> None:
    """Run all circuits with all techniques."""
    warnings.simplefilter("ignore")
    question = json.load(sys.stdin)
    base = question["base"]
    sys.path.append(question["libraries"])
    os.environ.update(IAM_URL=base, GLOBAL_SEARCH_URL=base, GLOBAL_CATALOG_URL=f"{base}/api/v1")
    estimates = Estimates(question)
    for name in question["cases"]:
        case = CASES[name]()
        pub = estimates.place(case)
        for technique, given in question["techniques"].items():
            found = estimates.run(pub, given)
            if found is not None:
                print(json.dumps({"case": name, "technique": technique, "ideal": case.ideal, **found}), flush=True)


if __name__ == "__main__":
    main()
