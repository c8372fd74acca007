"""Run a sampler job on this machine: with the noise of a device where Aer is installed, ideally where not."""

from collections.abc import Sequence
from functools import lru_cache, partial
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import QuantumRegister
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers import BitArray, DataBin, PrimitiveResult, SamplerPubResult
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.providers import BackendV2, Options, QubitProperties
from qiskit.quantum_info import Clifford, StabilizerState, Statevector
from qiskit.transpiler import Target
from returns.result import Failure, Result, Success

from ..records.problem import BadArgument, NotExecutable, Problem, TooLarge
from .bounded import RefusedError
from .circuits import DEFAULT_SHOTS, values_of
from .executable import check_pubs, check_registers
from .orders import SamplerJob

MEMORY_LIMIT = 1 << 30
"""Bytes that the state of one circuit may take."""
_MOST_EXACT_QUBITS = 8
"""Up to here the density matrix holds all noise at once; beyond, each shot is a run of its own."""
_MOST_IDEAL_QUBITS = 16
"""Up to here Qiskit's own state vector is quick."""
_WITH_AER = "install the extra: pip install 'qiskit-runtime-service[aer]'"


class Method(NamedTuple):
    """How one circuit is simulated."""

    name: str
    """Aer's word for it."""
    noise: bool


class Shots(NamedTuple):
    """What the shots of one circuit gave: the distinct outcomes, and which of them each shot is."""

    outcomes: NDArray[np.bool_]
    """Shape (distinct outcomes, classical bits); bit 0 first."""
    which: NDArray[np.intp]
    """Shape (shots,): the row of the outcome of each shot."""


def run_sampler_job(
    job: SamplerJob, target: Target, seed: int, *, use_aer: bool | None = None
) -> Result[PrimitiveResult[SamplerPubResult], Problem]:
    """Return what the device of `target` might measure. The same seed gives the same shots, in any process.

    A seed in the job's own options comes first. With Aer, errors, durations and coherence times
    of the target make the noise; without, there is none. The metadata of each pub says which
    method was used and whether there was noise: circuits too wide for a state vector are run
    without noise, and only if all their gates are Clifford gates.

    Args:
        job: Every circuit must be executable on the target as it is.
        target: What the device can do, and how well.
        seed: At least 0.
        use_aer: `None` uses Aer if it is installed.

    Fails with:
        BadArgument: The seed is negative.
        NotExecutable: A circuit is not for this target, or needs Aer, which is not there.
        TooLarge: A circuit is too wide to be simulated.

    Source: behaviour B86.
    """
    seed = seed if job.seed is None else job.seed
    if seed < 0:
        return Failure(BadArgument(name="seed", value=str(seed), wanted="at least 0"))
    if use_aer is None:
        use_aer = find_spec("qiskit_aer") is not None
    checked = check_registers(job.pubs).bind(lambda _: check_pubs(job.pubs, target))
    return checked.bind(lambda _: _run(job.pubs, target, seed, use_aer=use_aer))


def _run(
    pubs: Sequence[SamplerPub], target: Target, seed: int, *, use_aer: bool
) -> Result[PrimitiveResult[SamplerPubResult], Problem]:
    run_pub = partial(_run_with_aer, target) if use_aer else _run_ideally
    try:
        results = [run_pub(index, pub, _seed_of(seed, index)) for index, pub in enumerate(pubs)]
    except RefusedError as refusal:
        return Failure(refusal.problem)
    return Success(PrimitiveResult(results, {"version": 2}))


def _seed_of(seed: int, index: int) -> int:
    """Return a seed of its own for each pub, at most 31 bits as Aer wants it."""
    return int(np.random.SeedSequence((seed, index)).generate_state(1)[0]) >> 1


def _bound_circuits(pub: SamplerPub, circuit: QuantumCircuit) -> list[QuantumCircuit]:
    """Return `circuit` once for each binding of the pub, in the order of its flattened shape."""
    if not circuit.num_parameters:
        return [circuit] * int(np.prod(pub.shape))
    rows = values_of(pub).reshape(-1, pub.circuit.num_parameters)
    return [circuit.assign_parameters(dict(zip(pub.circuit.parameters, row, strict=True))) for row in rows]


# With Aer


def _run_with_aer(target: Target, index: int, pub: SamplerPub, seed: int) -> SamplerPubResult:
    active = active_qubits(pub.circuit)
    method = choose_method(len(active))
    circuits = _bound_circuits(pub, shrink_circuit(pub.circuit, active))
    shots = pub.shots or DEFAULT_SHOTS
    if not (circuits and active):
        return _pub_result(pub, [_read_memory(None, shots, pub.circuit.num_clbits) for _ in circuits], method)
    if method.name == "stabilizer" and not all(map(is_clifford, circuits)):
        raise RefusedError(_too_wide(index, len(active), MEMORY_LIMIT))
    simulator = aer_simulator(target, active, method)
    done = simulator.run(circuits, shots=shots, memory=True, seed_simulator=seed).result()
    if not done.success:
        raise RefusedError(NotExecutable(pub=index, reason=f"the simulator says: {done.status}"))
    runs = [_read_memory(done.data(each).get("memory"), shots, pub.circuit.num_clbits) for each in range(len(circuits))]
    return _pub_result(pub, runs, method)


def choose_method(width: int) -> Method:
    """Return how Aer best simulates `width` active qubits within the memory limit."""
    if width <= _MOST_EXACT_QUBITS:
        return Method("density_matrix", noise=True)
    if 16 << width <= MEMORY_LIMIT:
        return Method("statevector", noise=True)
    return Method("stabilizer", noise=False)


def is_clifford(circuit: QuantumCircuit) -> bool:
    """Tell whether all gates of a circuit are Clifford gates, also inside control flow."""
    gates = {(each.name, tuple(each.params)): each.operation for each in circuit.data if each.is_standard_gate()}
    try:
        for gate in gates.values():
            Clifford(gate)
    except QiskitError:
        return False
    bodies = [body for each in circuit.data if each.is_control_flow() for body in each.operation.blocks]
    return all(map(is_clifford, bodies))


def active_qubits(circuit: QuantumCircuit) -> tuple[int, ...]:
    """Return the qubits that something other than a barrier or a delay acts on, in order."""
    place = {qubit: index for index, qubit in enumerate(circuit.qubits)}
    used = {qubit for each in circuit.data if each.name not in ("barrier", "delay") for qubit in each.qubits}
    return tuple(sorted(place[qubit] for qubit in used))


def shrink_circuit(circuit: QuantumCircuit, active: Sequence[int]) -> QuantumCircuit:
    """Return the circuit on its active qubits alone, with the same classical bits, registers and variables."""
    small = QuantumCircuit(QuantumRegister(len(active), "q"), name=circuit.name)
    small.add_bits(circuit.clbits)
    small.add_register(*circuit.cregs)
    for variable in circuit.iter_declared_vars():
        small.add_uninitialized_var(variable)
    place = {circuit.qubits[index]: small.qubits[position] for position, index in enumerate(active)}
    for each in circuit.data:
        kept = [place[qubit] for qubit in each.qubits if qubit in place]
        if len(kept) == len(each.qubits):
            small.append(each.replace(qubits=kept), copy=False)
        elif each.name == "barrier" and kept:
            small.barrier(kept)
    return small


def shrink_target(target: Target, active: Sequence[int]) -> Target:
    """Return the target of a device that has the active qubits alone, numbered from 0."""
    place = {index: position for position, index in enumerate(active)}
    small = Target(
        num_qubits=len(active),
        dt=target.dt,
        granularity=target.granularity,
        min_length=target.min_length,
        pulse_alignment=target.pulse_alignment,
        acquire_alignment=target.acquire_alignment,
        qubit_properties=_qubit_properties(target, active),
    )
    for name in target.operation_names:
        places = target[name]
        kept = (
            None
            if None in places
            else {
                tuple(place[index] for index in where): properties
                for where, properties in places.items()
                if all(index in place for index in where)
            }
        )
        small.add_instruction(target.operation_from_name(name), kept, name=name)
    return small


def _qubit_properties(target: Target, active: Sequence[int]) -> list[QubitProperties]:
    """Return what is known of the active qubits. Aer warns about a device that says nothing at all."""
    known = target.qubit_properties or {}
    return [known[index] if known else QubitProperties() for index in active]


class _Device(BackendV2):
    """The least that Aer takes the noise of a device from."""

    def __init__(self, target: Target) -> None:
        super().__init__(name="device")
        self._target = target

    @property
    def target(self) -> Target:
        return self._target

    @property
    def max_circuits(self) -> None:
        return None

    @classmethod
    def _default_options(cls) -> Options:
        return Options()

    def run(self, run_input: Any, **options: Any) -> Any:
        raise NotImplementedError("This device is only described, not run.")


@lru_cache(maxsize=32)
def aer_simulator(target: Target, active: tuple[int, ...], method: Method) -> Any:
    """Return an Aer simulator of the active qubits of a device. Building the noise takes longer than most jobs."""
    from qiskit_aer import AerSimulator

    if not method.noise:
        return AerSimulator(method=method.name)
    return AerSimulator.from_backend(_Device(shrink_target(target, active)), method=method.name)


def _read_memory(memory: list[str] | None, shots: int, width: int) -> Shots:
    """Read the outcome of each shot, hexadecimal with the last bit in front."""
    if memory is None:  # Nothing was measured, so every bit is still 0.
        return Shots(np.zeros((1, width), bool), np.zeros(shots, np.intp))
    position = {text: index for index, text in enumerate(dict.fromkeys(memory))}
    size = -(-width // 8)
    packed = b"".join(int(text, 16).to_bytes(size, "little") for text in position)
    rows = np.frombuffer(packed, np.uint8).reshape(len(position), size)
    outcomes = np.unpackbits(rows, axis=1, count=width, bitorder="little").astype(bool)
    return Shots(outcomes, np.fromiter((position[text] for text in memory), np.intp, len(memory)))


# Without Aer


def _run_ideally(index: int, pub: SamplerPub, seed: int) -> SamplerPubResult:
    active = active_qubits(pub.circuit)
    gates, measured = _split(index, shrink_circuit(pub.circuit, active))
    method = Method("statevector" if len(active) <= _MOST_IDEAL_QUBITS else "stabilizer", noise=False)
    sample = _sample_statevector if method.name == "statevector" else partial(_sample_stabilizer, index)
    circuits = _bound_circuits(pub, gates)
    dice = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(len(circuits)))
    shots = pub.shots or DEFAULT_SHOTS
    runs = []
    for circuit, die in zip(circuits, dice, strict=True):
        outcomes = np.zeros((shots, pub.circuit.num_clbits), bool)
        if measured:
            outcomes[:, list(measured)] = sample(circuit, list(measured.values()), shots, die)
        runs.append(Shots(outcomes, np.arange(shots)))
    return _pub_result(pub, runs, method)


def _split(index: int, circuit: QuantumCircuit) -> tuple[QuantumCircuit, dict[int, int]]:
    """Return the gates of a circuit, and from which qubit each classical bit is measured at the end."""
    gates = circuit.copy_empty_like(vars_mode="drop")
    bit = {bit: position for position, bit in enumerate(circuit.clbits)}
    place = {qubit: position for position, qubit in enumerate(circuit.qubits)}
    measured: dict[int, int] = {}
    for each in circuit.data:
        if each.name == "measure":
            measured[bit[each.clbits[0]]] = place[each.qubits[0]]
        elif each.name in ("barrier", "delay", "id"):
            continue
        elif each.clbits or (not each.is_standard_gate() and each.name != "unitary"):
            raise RefusedError(
                NotExecutable(pub=index, reason=f"{each.name!r} needs Aer, which is not used: {_WITH_AER}")
            )
        elif not {place[qubit] for qubit in each.qubits}.isdisjoint(measured.values()):
            reason = f"{each.name!r} after a measurement needs Aer, which is not used: {_WITH_AER}"
            raise RefusedError(NotExecutable(pub=index, reason=reason))
        else:
            gates.append(each, copy=False)
    return gates, measured


def _sample_statevector(
    gates: QuantumCircuit, qubits: list[int], shots: int, die: np.random.Generator
) -> NDArray[np.bool_]:
    """Return shots of the qubits, shape (shots, qubits)."""
    distinct = sorted(set(qubits))
    chances = Statevector(gates).probabilities(distinct)
    drawn = die.choice(len(chances), size=shots, p=chances / chances.sum())
    return (drawn[:, None] >> [distinct.index(qubit) for qubit in qubits] & 1).astype(bool)


def _sample_stabilizer(
    index: int, gates: QuantumCircuit, qubits: list[int], shots: int, die: np.random.Generator
) -> NDArray[np.bool_]:
    """Return shots of the qubits, shape (shots, qubits).

    The outcomes of a stabilizer state are equally likely, and are those that the X parts of its
    stabilizers lead to from any one of them.
    """
    try:
        state = StabilizerState(gates)
    except QiskitError:
        raise RefusedError(_too_wide(index, gates.num_qubits, 16 << _MOST_IDEAL_QUBITS)) from None
    state.seed(die)
    first = np.array([int(bit) for bit in reversed(state.measure()[0])])
    steps = die.integers(0, 2, (shots, gates.num_qubits)) @ state.clifford.stab_x.astype(int)
    return ((first + steps)[:, qubits] % 2).astype(bool)


def _too_wide(index: int, width: int, limit: int) -> TooLarge:
    what = f"state of the {width} active qubits of pub {index}, which has other than Clifford gates,"
    return TooLarge(what=what, size=16 << width, limit=limit)


# Results


def _pub_result(pub: SamplerPub, runs: Sequence[Shots], method: Method) -> SamplerPubResult:
    """Return the shots of all bindings of a pub, one array of bits per classical register."""
    circuit = pub.circuit
    shots = pub.shots or DEFAULT_SHOTS
    bit = {bit: position for position, bit in enumerate(circuit.clbits)}
    fields = {
        register.name: _bit_array(runs, [bit[each] for each in register], (*pub.shape, shots))
        for register in circuit.cregs
    }
    metadata = {
        "shots": shots,
        "circuit_metadata": circuit.metadata,
        "simulation": {"method": method.name, "noise": method.noise},
    }
    return SamplerPubResult(DataBin(**fields, shape=pub.shape), metadata)


def _bit_array(runs: Sequence[Shots], bits: list[int], shape: tuple[int, ...]) -> BitArray:
    """Return some of the bits of all shots, packed as Qiskit does: bit 0 is the lowest of the last byte."""
    size = -(-len(bits) // 8)
    packed = [np.packbits(run.outcomes[:, bits], axis=1, bitorder="little")[run.which, ::-1] for run in runs]
    rows = np.concatenate(packed) if packed else np.empty(0, np.uint8)
    return BitArray(np.ascontiguousarray(rows).reshape(*shape, size), len(bits))
