"""Circuits as wide as devices, from tutorials and papers: what an emulated cloud is asked first."""

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit.library import efficient_su2
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import Target, generate_preset_pass_manager

from qiskit_runtime_service.bridge.circuits import read_pubs
from qiskit_runtime_service.bridge.observables import read_estimator_pubs
from qiskit_runtime_service.bridge.target import build_target
from qiskit_runtime_service.devices.snapshots import read_snapshot
from qiskit_runtime_service.emulator.needs import JobTask
from qiskit_runtime_service.wire.configuration import read_configuration, read_properties

from .params import estimator_params, sampler_params
from .tasks import task_on

SHOTS = 1024
FEZ, SHERBROOKE = "fake_fez", "fake_sherbrooke"
"""Heavy hexagons of 156 and of 127 qubits."""


class Example(NamedTuple):
    """One circuit, and what is asked of it."""

    name: str
    device: str
    make: Callable[[], tuple[QuantumCircuit, SparsePauliOp | None]]
    """The circuit as it is written, on the qubits of the device, and what an estimator is asked; `None` for shots."""
    quick: bool = False
    """Whether it takes a second or two, with all that is around it."""
    ends: Literal["runs", "fails", "either"] = "either"


@cache
def target_of(device: str) -> Target:
    snapshot = read_snapshot(device)
    configuration = read_configuration(snapshot.configuration, "").unwrap()
    return build_target(configuration, read_properties(snapshot.properties, "").unwrap())


@cache
def pairs_of(device: str) -> list[tuple[int, int]]:
    """Return the qubits that are joined, in layers in which no qubit is twice."""
    target = target_of(device)
    gate = "cz" if "cz" in target.operation_names else "ecr"
    left = sorted({(min(pair), max(pair)) for pair in target[gate]})
    layers: list[tuple[int, int]] = []
    while left:
        used: set[int] = set()
        for pair in left[:]:
            if used.isdisjoint(pair):
                used.update(pair)
                layers.append(pair)
                left.remove(pair)
    return layers


@cache
def chain_of(device: str, length: int) -> list[int]:
    """Return qubits of which each is joined to the next."""
    joined: dict[int, list[int]] = {}
    for first, second in pairs_of(device):
        joined.setdefault(first, []).append(second)
        joined.setdefault(second, []).append(first)
    paths = [[0]]
    for _ in range(200_000):
        path = paths.pop()
        if len(path) == length:
            return path
        ways = [qubit for qubit in joined[path[-1]] if qubit not in path]
        # What would be cut off is visited first: it is tried last in, first out.
        ways.sort(key=lambda qubit: -sum(other not in path for other in joined[qubit]))
        paths.extend([*path, qubit] for qubit in ways)
    raise LookupError(f"{device} has no chain of {length} qubits")


def on_chain(circuit: QuantumCircuit, device: str = FEZ) -> QuantumCircuit:
    """Return a circuit of a row of qubits on a row of those of a device."""
    wide = QuantumCircuit(target_of(device).num_qubits, circuit.num_clbits)
    return wide.compose(circuit, chain_of(device, circuit.num_qubits), range(circuit.num_clbits))


def products(letter: str, places: Sequence[Sequence[int]], device: str = FEZ) -> SparsePauliOp:
    """Return the mean of products of one letter at several places."""
    terms = [(letter * len(place), place, 1 / len(places)) for place in places]
    return SparsePauliOp.from_sparse_list(terms, num_qubits=target_of(device).num_qubits)


def transpiled(circuit: QuantumCircuit, device: str) -> QuantumCircuit:
    """Return the circuit in the gates of the device, on the same qubits."""
    target = target_of(device)
    layout = list(range(target.num_qubits))
    return generate_preset_pass_manager(1, target=target, initial_layout=layout, seed_transpiler=1).run(circuit)


def qaoa(layers: int) -> tuple[QuantumCircuit, SparsePauliOp]:
    """Return QAOA for the cuts of a heavy hexagon of 100 qubits."""
    pairs = [pair for pair in pairs_of(FEZ) if max(pair) < 100]
    circuit = QuantumCircuit(156)
    circuit.h(range(100))
    for layer in range(layers):
        for pair in pairs:
            circuit.rzz(0.4 + 0.1 * layer, *pair)
        circuit.rx(0.7 - 0.1 * layer, range(100))
    return circuit, products("ZZ", pairs)


def kicked_ising(steps: int, kick: float) -> tuple[QuantumCircuit, SparsePauliOp]:
    """Return the circuit that was called evidence for utility, and the magnetisation."""
    circuit = QuantumCircuit(127)
    for _ in range(steps):
        circuit.rx(kick, range(127))
        for pair in pairs_of(SHERBROOKE):
            circuit.rzz(-math.pi / 2, *pair)
    return circuit, products("Z", [[qubit] for qubit in range(127)], SHERBROOKE)


def diagonal() -> tuple[QuantumCircuit, None]:
    """Return random diagonal gates between any of 50 qubits."""
    dice = np.random.default_rng(3)
    circuit = QuantumCircuit(50, 50)
    circuit.h(range(50))
    for _ in range(200):
        first, second = (int(qubit) for qubit in dice.choice(50, 2, replace=False))
        circuit.cp(dice.uniform(0, 6), first, second)
    circuit.h(range(50))
    circuit.measure(range(50), range(50))
    return on_chain(circuit), None


def ghz(width: int) -> tuple[QuantumCircuit, None]:
    circuit = QuantumCircuit(width, width)
    circuit.h(0)
    for pair in pairwise(range(width)):
        circuit.cx(*pair)
    circuit.measure(range(width), range(width))
    return on_chain(circuit), None


def product() -> tuple[QuantumCircuit, SparsePauliOp]:
    """Return 156 qubits that all point the same way, and the sum of the means of X, Y and Z."""
    circuit = QuantumCircuit(156)
    circuit.ry(0.3, range(156))
    circuit.rz(0.4, range(156))
    places = [[qubit] for qubit in range(156)]
    return circuit, products("X", places) + products("Y", places) + products("Z", places)


def heisenberg(width: int, steps: int) -> tuple[QuantumCircuit, SparsePauliOp]:
    """Return how a row that points up and down by turns goes on; the sum of all Z stays 0."""
    circuit = QuantumCircuit(width)
    circuit.x(range(0, width, 2))
    for _ in range(steps):
        for first in (0, 1):
            for qubit in range(first, width - 1, 2):
                for gate in (circuit.rxx, circuit.ryy, circuit.rzz):
                    gate(0.2, qubit, qubit + 1)
    return on_chain(circuit), products("Z", [[qubit] for qubit in chain_of(FEZ, width)])


def ansatz(width: int) -> QuantumCircuit:
    circuit = efficient_su2(width, reps=3, entanglement="linear")
    return circuit.assign_parameters(np.random.default_rng(1).uniform(0, 6, circuit.num_parameters))


def hardware_efficient(width: int) -> tuple[QuantumCircuit, SparsePauliOp]:
    return on_chain(ansatz(width)), products("ZZ", list(pairwise(chain_of(FEZ, width))))


def mirror() -> tuple[QuantumCircuit, None]:
    """Return a circuit of 50 qubits and its inverse: every bit is 0."""
    there = ansatz(50)
    circuit = QuantumCircuit(50, 50)
    circuit.compose(there, inplace=True)
    circuit.barrier()
    circuit.compose(there.inverse(), inplace=True)
    circuit.measure(range(50), range(50))
    return on_chain(circuit), None


def dynamic() -> tuple[QuantumCircuit, None]:
    """Return a GHZ state of 16 qubits by measuring the 15 between them, and turning what they say to turn."""
    circuit = QuantumCircuit(31, 31)
    circuit.h(range(0, 31, 2))
    for middle in range(1, 31, 2):
        circuit.cx(middle - 1, middle)
        circuit.cx(middle + 1, middle)
        circuit.measure(middle, middle)
    for middle in range(1, 31, 2):
        with circuit.if_test((circuit.clbits[middle], 1)):
            circuit.x(range(middle + 1, 31, 2))
    circuit.measure(range(0, 31, 2), range(0, 31, 2))
    return on_chain(circuit), None


EXAMPLES = (
    Example("QAOA on 100 qubits, 1 layer", FEZ, lambda: qaoa(1), ends="runs"),
    Example("QAOA on 100 qubits, 3 layers", FEZ, lambda: qaoa(3)),
    Example("kicked Ising on 127 qubits, 5 steps", SHERBROOKE, lambda: kicked_ising(5, 0.6)),
    Example("kicked Ising on 127 qubits, 20 steps", SHERBROOKE, lambda: kicked_ising(20, 0.6), ends="fails"),
    Example("kicked Ising, a Clifford point", SHERBROOKE, lambda: kicked_ising(5, math.pi), quick=True, ends="runs"),
    Example("random diagonal gates on 50 qubits", FEZ, diagonal, quick=True, ends="fails"),
    Example("GHZ on 100 qubits", FEZ, lambda: ghz(100), quick=True, ends="runs"),
    Example("GHZ on 27 qubits", FEZ, lambda: ghz(27), quick=True, ends="runs"),
    Example("156 qubits apart", FEZ, product, ends="runs"),
    Example("Heisenberg on 60 qubits", FEZ, lambda: heisenberg(60, 4), ends="runs"),
    Example("hardware-efficient on 20 qubits", FEZ, lambda: hardware_efficient(20), quick=True, ends="runs"),
    Example("hardware-efficient on 40 qubits", FEZ, lambda: hardware_efficient(40), ends="runs"),
    Example("hardware-efficient on 100 qubits", FEZ, lambda: hardware_efficient(100), ends="runs"),
    Example("a mirror of 50 qubits", FEZ, mirror, ends="runs"),
    Example("feed-forward over 31 qubits", FEZ, dynamic, ends="runs"),
)


def task_for(device: str, circuit: QuantumCircuit, observable: SparsePauliOp | None) -> JobTask:
    """Return the job that asks for shots, or for a value as precise as so many shots."""
    if observable is None:
        pubs = read_pubs([circuit], SHOTS).unwrap()
        return task_on(device, sampler_params(pubs, {}, support_qiskit=True))
    values = read_estimator_pubs([(circuit, observable)], 1 / math.sqrt(SHOTS)).unwrap()
    return task_on(device, estimator_params(values, {}, support_qiskit=True), "estimator")
