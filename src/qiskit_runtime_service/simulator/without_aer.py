"""Run circuits with Qiskit's own simulators, which know no noise; or at random, for stand-ins."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.quantum_info import Statevector

from ..bridge.ledger import RefusedError
from ..records.problem import NotExecutable
from .method import Method, Run, Shots, Work, seed_of
from .tableau import sample_stabilizer

WITH_AER = "install the extra: pip install 'qiskit-runtime-service[aer]'"


def run_without_aer(work: Work) -> Run:
    """Run `work` without noise.

    Raises:
        RefusedError: A circuit decides while it runs.
    """
    method = Method("statevector", "none") if work.way is None else work.way.method
    draw = sample_statevector if method.name == "statevector" else sample_stabilizer
    runs = []
    for index, circuit in enumerate(work.circuits):
        split = split_off_measurements(circuit)
        if isinstance(split, str):
            reason = f"{split} needs Aer, which is not used: {WITH_AER}"
            raise RefusedError(NotExecutable(pub=work.pub, reason=reason))
        gates, measured = split
        die = np.random.default_rng(seed_of(work.seed, index))
        qubits = list(measured.values())
        runs.append(as_shots(draw(gates, qubits, work.shots, die), measured, circuit.num_clbits))
    return Run(runs, method)


def missing_without_aer(circuit: QuantumCircuit) -> str | None:
    """Return the first thing in a circuit that makes it other than gates and measurements behind them, if any."""
    split = split_off_measurements(circuit)
    return split if isinstance(split, str) else None


def run_at_random(work: Work) -> Run:
    """Run nothing: each measured bit is drawn like a coin."""
    runs = []
    for index, circuit in enumerate(work.circuits):
        bits = {circuit.find_bit(bit).index: 0 for step in circuit.data for bit in step.clbits}
        die = np.random.default_rng(seed_of(work.seed, index))
        runs.append(as_shots(die.integers(0, 2, (work.shots, len(bits))).astype(bool), bits, circuit.num_clbits))
    return Run(runs, Method("random", "none"))


def split_off_measurements(circuit: QuantumCircuit) -> tuple[QuantumCircuit, dict[int, int]] | str:
    """Return the gates of a circuit, and from which qubit each classical bit is measured at the end.

    A circuit that is not made so gives the name of the first instruction that stands against it.
    """
    gates = circuit.copy_empty_like(vars_mode="drop")
    bit = {bit: position for position, bit in enumerate(circuit.clbits)}
    place = {qubit: position for position, qubit in enumerate(circuit.qubits)}
    measured: dict[int, int] = {}
    over: set[int] = set()
    for step in circuit.data:
        if step.name in ("barrier", "delay", "id"):
            continue
        qubits = [place[qubit] for qubit in step.qubits]
        if step.name == "measure":
            measured[bit[step.clbits[0]]] = qubits[0]
            over.add(qubits[0])
        elif step.clbits or (not step.is_standard_gate() and step.name != "unitary"):
            return repr(step.name)
        elif not over.isdisjoint(qubits):
            return f"{step.name!r} after a measurement"
        else:
            gates.append(step, copy=False)
    return gates, measured


def as_shots(drawn: NDArray[np.bool_], bits: Mapping[int, int], width: int) -> Shots:
    """Return what was drawn for some of `width` classical bits, one column for each; the others are 0."""
    outcomes = np.zeros((len(drawn), width), bool)
    outcomes[:, list(bits)] = drawn
    return Shots(outcomes, np.arange(len(drawn)))


def sample_statevector(
    gates: QuantumCircuit, qubits: list[int], shots: int, die: np.random.Generator
) -> NDArray[np.bool_]:
    """Return shots of the qubits, shape (shots, qubits)."""
    distinct = sorted(set(qubits))
    chances = Statevector(gates).probabilities(distinct)
    drawn = die.choice(len(chances), size=shots, p=chances / chances.sum())
    places = np.array([distinct.index(qubit) for qubit in qubits], np.int64)
    return (drawn[:, None] >> places & 1).astype(bool)
