"""Circuits walked through, and run by Aer, without noise."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from qiskit import QuantumCircuit
from qiskit.transpiler import Target

from qiskit_runtime_service.simulator.classical_walk import walk
from qiskit_runtime_service.simulator.method import Shots, Work


def work_of(circuits: Sequence[QuantumCircuit], shots: int = 20, seed: int = 5) -> Work:
    return Work(0, list(circuits), tuple(range(circuits[0].num_qubits)), shots, seed)


def counts_of(shots: Shots) -> Counter[str]:
    """Return how often each outcome was seen, the last bit in front."""
    return Counter("".join("01"[bit] for bit in shots.outcomes[row][::-1].astype(int)) for row in shots.which)


def walked(circuit: QuantumCircuit, shots: int = 20, *, target: Target | None = None, seed: int = 5) -> Counter[str]:
    return counts_of(walk(target, work_of([circuit], shots, seed)).shots[0])


def by_aer(circuits: Sequence[QuantumCircuit], shots: int = 20, *, method: str = "statevector") -> list[Any]:
    """Return the counts of each circuit, or its status where it has none."""
    from qiskit_aer import AerSimulator

    done = AerSimulator(method=method).run(list(circuits), shots=shots, memory=True, seed_simulator=11).result()
    if not done.success:
        return [done.status] * len(circuits)
    found = [done.data(index).get("memory", []) for index in range(len(circuits))]
    width = circuits[0].num_clbits
    return [Counter(f"{int(text, 16):0{width}b}" for text in memory) for memory in found]
