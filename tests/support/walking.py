"""Circuits walked through, and run by Aer, without noise."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import Clbit
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
    """Return the counts of each circuit, or its status where it has none.

    All qubits are measured once more at the end: Aer leaves out what no measurement depends on, and with it the places
    that decisions jump to.
    """
    from qiskit_aer import AerSimulator

    width = circuits[0].num_clbits
    whole = [seen_to_the_end(circuit) for circuit in circuits]
    done = AerSimulator(method=method).run(whole, shots=shots, memory=True, seed_simulator=11).result()
    if not done.success:
        return [done.status] * len(circuits)
    found = [done.data(index).get("memory", []) for index in range(len(circuits))]
    return [Counter(f"{int(text, 16) % (1 << width):0{width}b}" for text in memory) for memory in found]


def seen_to_the_end(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit with all qubits measured at its end, into bits behind its own."""
    if not circuit.has_control_flow_op():
        return circuit
    seen = circuit.copy()
    seen.add_bits([Clbit() for _ in circuit.qubits])
    seen.measure(circuit.qubits, seen.clbits[circuit.num_clbits :])
    return seen
