"""Run circuits with Aer, and with the noise of a device."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.transpiler import Target

from ..bridge.safe_decoding import RefusedError
from ..records.problem import NotExecutable
from .method import MEMORY_LIMIT, Method, Run, Shots, Work, blank, choose_method, is_clifford
from .noise import build_noise_model
from .pauli_frames import run_with_paulis

MOST_BONDS = 64
"""How large the bonds of a matrix product state may grow; what does not fit is cut off."""
OF_STABILIZERS = frozenset((
    "barrier", "delay", "measure", "reset", "break_loop", "continue_loop", "for_loop", "if_else", "switch_case",
    "while_loop", "cx", "cy", "cz", "ecr", "h", "id", "rz", "s", "sdg", "swap", "sx", "sxdg", "x", "y", "z",
))  # fmt: skip
"""What Aer runs with stabilizers. Other gates it does not, even where they are Clifford gates by their angles."""


def run_with_aer(target: Target, work: Work) -> Run:
    """Run `work` with the noise of `target`, as much of it as time and memory allow.

    Raises:
        RefusedError: Aer has no such instruction.
    """
    if not (work.circuits and work.active):
        shots = [blank(work.shots, circuit.num_clbits) for circuit in work.circuits]
        return Run(shots, Method("density_matrix", "all"))
    operations = max(circuit.size() for circuit in work.circuits)
    clifford = all(map(is_clifford, work.circuits))
    method = choose_method(len(work.active), operations, work.shots, clifford=clifford)
    if method.name == "stabilizer" and (run := run_with_paulis(target, work)) is not None:
        return run
    return _run(_simulator(target, work.active, method), method, work)


def run_as_aer(work: Work) -> Run:
    """Run `work` as Aer does by itself, without noise.

    Raises:
        RefusedError: Aer cannot run the circuits.

    Source: behaviour B267.
    """
    stabilized = all(names_in(circuit) <= OF_STABILIZERS and is_clifford(circuit) for circuit in work.circuits)
    method = choose_plain_method(len(work.active), stabilized=stabilized)
    if not work.active:
        return Run([blank(work.shots, circuit.num_clbits) for circuit in work.circuits], method)
    return _run(_with_noise(None, method), method, work)


def choose_plain_method(width: int, *, stabilized: bool) -> Method:
    """Return how Aer runs circuits of `width` active qubits without noise.

    It chooses itself between stabilizers and a state vector. Of a matrix product state, for what is too wide for a
    state vector, it does not think.

    Args:
        width: How many active qubits there are.
        stabilized: Whether stabilizers alone can run the circuits.

    Source: behaviour B267.
    """
    fits = 16 << width <= MEMORY_LIMIT
    return Method("automatic" if fits or stabilized else "matrix_product_state", "none")


def names_in(circuit: QuantumCircuit) -> set[str]:
    """Return the names of all instructions of a circuit, and of those inside its control flow."""
    inner = [body for step in circuit.data if step.is_control_flow() for body in step.operation.blocks]
    return {*circuit.count_ops()}.union(*map(names_in, inner))


def run_with_model(noise_model: Any, work: Work) -> Run:
    """Run `work` with a noise model of Aer, which numbers qubits as the device does.

    Raises:
        RefusedError: Aer cannot run the circuits with this noise.
    """
    width = 1 + max(work.active, default=0)
    placed = [_placed(circuit, work.active, width) for circuit in work.circuits]
    method = Method("automatic", "all")
    simulator = _with_noise(noise_model, method)
    return _run(simulator, method, work._replace(circuits=placed))


def _placed(circuit: QuantumCircuit, active: Sequence[int], width: int) -> QuantumCircuit:
    """Return a circuit on the qubits of the device again. Aer leaves idle ones out itself."""
    wide = QuantumCircuit(width)
    wide.add_bits(circuit.clbits)
    return wide.compose(circuit, active, circuit.clbits)


def _run(simulator: Any, method: Method, work: Work) -> Run:
    if not work.circuits:
        return Run([], method)
    done = simulator.run(list(work.circuits), shots=work.shots, memory=True, seed_simulator=work.seed).result()
    if not done.success:
        raise RefusedError(NotExecutable(pub=work.pub, reason=f"the simulator says: {done.status}"))
    shots = [
        _read_memory(done.data(index).get("memory"), work.shots, circuit.num_clbits)
        for index, circuit in enumerate(work.circuits)
    ]
    return Run(shots, method)


def _read_memory(memory: list[str] | None, shots: int, width: int) -> Shots:
    """Read the outcome of each shot, hexadecimal with the last bit in front."""
    if memory is None:
        return blank(shots, width)
    position = {text: index for index, text in enumerate(dict.fromkeys(memory))}
    size = -(-width // 8)
    packed = b"".join(int(text, 16).to_bytes(size, "little") for text in position)
    rows = np.frombuffer(packed, np.uint8).reshape(len(position), size)
    outcomes = np.unpackbits(rows, axis=1, count=width, bitorder="little").astype(bool)
    return Shots(outcomes, np.fromiter((position[text] for text in memory), np.intp, len(memory)))


@lru_cache(maxsize=32)
def _simulator(target: Target, active: tuple[int, ...], method: Method) -> Any:
    """Return a simulator of the active qubits of a device. Building the noise takes longer than most jobs."""
    if method.noise == "none":
        return _with_noise(None, method)
    return _with_noise(build_noise_model(target, active, relaxation=method.noise == "all"), method)


def _with_noise(noise_model: Any, method: Method) -> Any:
    from qiskit_aer import AerSimulator

    return AerSimulator(method=method.name, noise_model=noise_model, matrix_product_state_max_bond_dimension=MOST_BONDS)
