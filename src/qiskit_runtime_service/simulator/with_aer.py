"""Run circuits with Aer, and with the noise of a device."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Clbit
from qiskit.transpiler import Target

from ..bridge.ledger import RefusedError
from ..records.problem import NotExecutable
from .estimates import MEMORY_LIMIT
from .matrix_product import sample_matrix_product
from .method import OF_STABILIZERS, Method, Run, Shots, Way, Work, blank, is_clifford, names_in, seed_of
from .noise import build_noise_model
from .pauli_frames import run_with_paulis
from .without_aer import as_shots, split_off_measurements

MOST_SHOTS = 1 << 14
"""How many shots of a wide Clifford circuit are followed at a time."""


def run_with_aer(target: Target, work: Work) -> Run:
    """Run `work` in its way, with as much of the noise of `target` as that has.

    Raises:
        RefusedError: Aer has no such instruction.
    """
    way = _way_of(work)
    match way.method:
        case Method("stabilizer", "pauli") if (run := _run_in_frames(target, work)) is not None:
            return run
        case Method("matrix_product_state", "none") if (drawn := _draw_matrix_product(work, way)) is not None:
            return drawn
        case Method(noise="none"):
            return _run(_with_noise(None, way.method, way.bond), way.method, work)
    # One simulator serves all methods: it takes long to build.
    return _run(_simulator(target, work.active, Method("automatic", way.method.noise)), way.method, work)


def run_as_aer(work: Work) -> Run:
    """Run `work` as Aer does by itself, without noise.

    Raises:
        RefusedError: Aer cannot run the circuits.

    Source: behaviour B267.
    """
    if work.way is None:
        stabilized = all(names_in(circuit.data) <= OF_STABILIZERS and is_clifford(circuit) for circuit in work.circuits)
        method = choose_plain_method(len(work.active), stabilized=stabilized)
        return _run(_with_noise(None, method), method, work)
    if work.way.bond and (drawn := _draw_matrix_product(work, work.way)) is not None:
        return drawn
    return _run(_with_noise(None, work.way.method, work.way.bond), work.way.method, work)


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


def run_with_model(noise_model: Any, work: Work) -> Run:
    """Run `work` in its way with a noise model of Aer, which numbers qubits as the device does.

    Raises:
        RefusedError: Aer cannot run the circuits with this noise.
    """
    way = _way_of(work)
    width = 1 + max(work.active, default=0)
    placed = [_placed(circuit, work.active, width) for circuit in work.circuits]
    return _run(_with_noise(noise_model, way.method, way.bond), way.method, work._replace(circuits=placed))


def has_paulis_only(noise_model: Any) -> bool:
    """Tell whether stabilizers can have all errors of a noise model of Aer."""
    errors = noise_model.to_dict().get("errors", ())
    steps = (step for error in errors for steps in error.get("instructions", ()) for step in steps)
    return all(step["name"] in ("id", "x", "y", "z", "pauli") for step in steps)


def _way_of(work: Work) -> Way:
    if work.way is None:
        raise ValueError("nobody chose a way to run this")
    return work.way


def _run_in_frames(target: Target, work: Work) -> Run | None:
    """Follow Pauli errors, some shots at a time, so that they fit into memory."""
    runs = []
    for number, start in enumerate(range(0, work.shots, MOST_SHOTS)):
        some = min(MOST_SHOTS, work.shots - start)
        seed = work.seed if work.shots == some else seed_of(work.seed, number)
        run = run_with_paulis(target, work._replace(shots=some, seed=seed))
        if run is None:
            return None
        runs.append(run)
    if len(runs) == 1:
        return runs[0]
    shots = [
        Shots(np.concatenate([part.outcomes[part.which] for part in parts]), np.arange(work.shots))
        for parts in zip(*(run.shots for run in runs), strict=True)
    ]
    return Run(shots, runs[0].method)


def _draw_matrix_product(work: Work, way: Way) -> Run | None:
    """Draw shots of matrix product states; `None` if a circuit does something after it is measured."""
    from qiskit_aer.library import SaveMatrixProductState

    simulator = _with_noise(None, way.method, way.bond)
    runs = []
    for index, circuit in enumerate(work.circuits):
        split = split_off_measurements(circuit)
        if isinstance(split, str):
            return None
        gates, measured = split
        gates.append(SaveMatrixProductState(gates.num_qubits), gates.qubits)
        done = _checked(simulator.run([gates], shots=1).result(), work.pub)
        sites, bonds = done.data(0)["matrix_product_state"]
        die = np.random.default_rng(seed_of(work.seed, index))
        drawn = sample_matrix_product(sites, bonds, work.shots, die)[:, list(measured.values())]
        runs.append(as_shots(drawn, measured, circuit.num_clbits))
    return Run(runs, way.method)


def _placed(circuit: QuantumCircuit, active: Sequence[int], width: int) -> QuantumCircuit:
    """Return a circuit on the qubits of the device again. Aer leaves idle ones out itself."""
    wide = QuantumCircuit(width)
    wide.add_bits(circuit.clbits)
    return wide.compose(circuit, active, circuit.clbits)


def _run(simulator: Any, method: Method, work: Work) -> Run:
    if not work.circuits:
        return Run([], method)
    options = {"method": method.name, "shots": work.shots, "memory": True, "seed_simulator": work.seed}
    done = _checked(simulator.run(list(map(_seen_to_the_end, work.circuits)), **options).result(), work.pub)
    shots = [
        _read_memory(done.data(index).get("memory"), work.shots, circuit.num_clbits)
        for index, circuit in enumerate(work.circuits)
    ]
    return Run(shots, method)


def _seen_to_the_end(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit with its decided qubits measured once more at the end, into bits that nobody reads.

    Aer leaves out what no measurement depends on, and with it the places that decisions jump to.
    """
    if not circuit.has_control_flow_op():
        return circuit
    decided = list(dict.fromkeys(qubit for step in circuit.data if step.is_control_flow() for qubit in step.qubits))
    seen = circuit.copy()
    seen.add_bits([Clbit() for _ in decided])
    seen.measure(decided, seen.clbits[circuit.num_clbits :])
    return seen


def _checked(done: Any, pub: int) -> Any:
    if not done.success:
        fix = "Write it with fewer kinds of instructions, and with less control flow inside of control flow"
        raise RefusedError(NotExecutable(pub=pub, reason=f"the simulator says: {done.status}", fix=fix))
    return done


def _read_memory(memory: list[str] | None, shots: int, width: int) -> Shots:
    """Read the first `width` bits of each shot, hexadecimal with the last bit in front."""
    if memory is None:
        return blank(shots, width)
    position = {text: index for index, text in enumerate(dict.fromkeys(memory))}
    size = -(-width // 8)
    asked = (1 << width) - 1
    packed = b"".join((int(text, 16) & asked).to_bytes(size, "little") for text in position)
    rows = np.frombuffer(packed, np.uint8).reshape(len(position), size)
    outcomes = np.unpackbits(rows, axis=1, count=width, bitorder="little").astype(bool)
    return Shots(outcomes, np.fromiter((position[text] for text in memory), np.intp, len(memory)))


@lru_cache(maxsize=32)
def _simulator(target: Target, active: tuple[int, ...], method: Method) -> Any:
    """Return a simulator of the active qubits of a device. Building the noise takes longer than most jobs."""
    if method.noise == "none":
        return _with_noise(None, method)
    return _with_noise(build_noise_model(target, active, relaxation=method.noise == "all"), method)


def _with_noise(noise_model: Any, method: Method, bond: int = 0) -> Any:
    from qiskit_aer import AerSimulator

    return AerSimulator(
        method=method.name,
        noise_model=noise_model,
        matrix_product_state_max_bond_dimension=bond or None,
        max_memory_mb=MEMORY_LIMIT >> 20,
    )
