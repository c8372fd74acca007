"""Run the items of a quantum program: bits of all registers for all elements, with the noise of the device."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.providers import BackendV2
from qiskit.quantum_info import PauliLindbladMap
from returns.result import Failure, Result, Success
from samplomatic.quantum_program import ChunkSpan

from ..bridge.ledger import RefusedError
from ..core.lost_noise import COHERENT, Loss
from ..programs.quantum_program import QuantumProgram
from ..programs.results import (
    ChunkPart,
    ItemMetadata,
    Metadata,
    QuantumProgramItemResult,
    QuantumProgramResult,
    SchedulerTiming,
    StretchValues,
)
from ..records.problem import BadArgument, NotExecutable, Problem, TooHeavy, TooWide
from .active_qubits import active_qubits, shrink_circuit
from .channels import DeviceNoise, Noise, NoNoise
from .conditions import Conditions, choose_engine, describe_plan
from .estimates import MEMORY_LIMIT
from .job_params import Simulator
from .layer_noise import LAYER_NOISE, Maps, maps_of, put_layer_noise
from .light_cones import Wires
from .lost_noise import find_loss
from .lowering import lower_circuit
from .metadata import share_time
from .method import seed_of
from .model_noise import ModelNoise, read_model
from .noise import read_noise_model
from .pauli_vectors import SMALL, WIDEST, SmallPart, draw_small_parts, find_small_part, seconds_for
from .plan import CHEAP, Bindings, Engine, Measured, Plan
from .randomizing import Elements, elements_of
from .sampler import BLUR
from .schedule import describe_schedule, describe_stretches
from .strays import add_strays, as_paulis, find_obstacle, is_stray, without_strays
from .wide_parts import WidePart, draw_wide_part, plan_wide_part

BYTES_OF_POINT = 48
"""What a point takes while it is drawn."""

Layers = Sequence[tuple[CircuitInstruction, PauliLindbladMap]]


class Asked(NamedTuple):
    """What the options of a program ask for."""

    scheduler_timing: bool = False
    stretch_values: bool = False
    angle_decimals: int | None = 5
    """To how many decimals angles are rounded, in units of π/2; `None` for not at all."""
    layer_noise_model: Layers = ()
    noise_model: Any = None
    """A noise model of Aer, in the place of the noise of the device."""


class Answered(NamedTuple):
    """What came of a program, and how."""

    result: QuantumProgramResult
    notes: Sequence[str]
    """Lines about how each item was run."""
    losses: Sequence[Loss]
    """What of the noise each item ran without; `pub` is its number."""


def run_program(
    program: QuantumProgram,
    device: BackendV2 | Conditions,
    *,
    seed: int | None = None,
    layer_noise_model: Layers | None = None,
    angle_decimals: int | None = 5,
    scheduler_timing: bool = False,
    stretch_values: bool = False,
) -> QuantumProgramResult:
    """Return what a device might answer a quantum program with. The same seed gives the same, in any process.

    Args:
        program: What is run.
        device: Whose noise there is.
        seed: At least 0; by default that of the conditions, or one that nobody knows.
        layer_noise_model: Noise of layers beside that of the device, where the barriers of templates name them.
        angle_decimals: To how many decimals angles are rounded, in units of π/2.
        scheduler_timing: Whether to tell when each instruction plays.
        stretch_values: Whether to tell what stretches became.

    Raises:
        RefusedError: Something cannot be simulated.

    Source: behaviour B390.
    """
    now = datetime.now(UTC).timestamp()
    conditions, model = (device, None) if isinstance(device, Conditions) else conditions_of(device, now)
    asked = Asked(scheduler_timing, stretch_values, angle_decimals, tuple(layer_noise_model or ()), model)
    simulated = simulate_program(program, conditions, asked, conditions.seed if seed is None else seed)
    match simulated:
        case Failure(problem):
            raise RefusedError(problem)
    return simulated.unwrap().result


def simulate_program(
    program: QuantumProgram, conditions: Conditions, asked: Asked, seed: int
) -> Result[Answered, Problem]:
    """Return what a device might answer a quantum program with, and how that was simulated.

    Fails with:
        BadArgument: The seed is negative, or a noise model needs Aer, which is not there.
        NotExecutable: A circuit does what cannot be simulated.
        TooHeavy: The simulation takes longer than it may.
        TooWide: The state of a circuit does not fit into memory.

    Source: behaviour B390, B391.
    """
    if seed < 0:
        return Failure(BadArgument(name="seed", value=str(seed), wanted="at least 0"))
    try:
        return Success(_Run(program, conditions, asked, seed).answer())
    except RefusedError as refusal:
        return Failure(refusal.problem)


def conditions_of(backend: BackendV2, now: float) -> tuple[Conditions, Any]:
    """Return the conditions that a backend of Qiskit in this process makes, and its own noise model, if it has one."""
    options = getattr(backend, "options", None)
    model = getattr(options, "noise_model", None)
    by_aer = type(backend).__module__.partition(".")[0] == "qiskit_aer"
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    # Whoever simulates here waits as long as it takes.
    conditions = Conditions(
        target=backend.target, seed=seed, started=now, ended=now, simulator=by_aer, longest=math.inf
    )
    return conditions, model


class _Split(NamedTuple):
    """A circuit in plain words, in its parts."""

    circuit: QuantumCircuit
    small: list[SmallPart]
    """Those that are run exactly."""
    wide: list[SmallPart]
    """Those for which random Paulis stand for noise, if they are not too wide."""
    rest: list[int]
    """The bits that no such part has."""


class _Planned(NamedTuple):
    """An item, and how it is run."""

    split: _Split
    elements: Elements
    wide: list[WidePart]
    plan: Plan | None
    """For the bits that are left."""
    rest: list[int]


class _Run:
    """A program on its way."""

    def __init__(self, program: QuantumProgram, conditions: Conditions, asked: Asked, seed: int) -> None:
        self.program, self.conditions, self.asked, self.seed = program, conditions, asked, seed
        self.maps: Maps = maps_of(asked.layer_noise_model)
        self.noise: Noise | None = self._find_noise()
        self.seconds = 0.0
        self.notes: list[str] = []
        self.losses: list[Loss] = []

    def _find_noise(self) -> Noise | None:
        """Return what comes beside instructions; `None` for a model of noise that only Aer can follow."""
        model = self.asked.noise_model
        if model is not None:
            return read_model(read_noise_model(model)) if self.conditions.has_aer else None
        return NoNoise() if self.conditions.simulator or self.conditions.mock else DeviceNoise(self.conditions.target)

    @cached_property
    def engine(self) -> Engine:
        """What runs what no part has."""
        return choose_engine(self.conditions, Simulator(noise_model=self.asked.noise_model))

    def answer(self) -> Answered:
        """Return the results of all items, with the metadata of the program."""
        program = self.program
        self._check_memory()
        splits = [self._split(index, item.circuit, item.size()) for index, item in enumerate(program.items)]
        sizes = [item.size() for item in program.items]
        self._spend(*(seconds_for(split.small, size, program.shots) for split, size in zip(splits, sizes, strict=True)))
        planned = [self._plan(index, split) for index, split in enumerate(splits)]
        data = [self._run(index, plan) for index, plan in enumerate(planned)]
        result = QuantumProgramResult(data, Metadata(list(self._spans(sizes))), program.passthrough_data)
        result.semantic_role = getattr(program, "semantic_role", None)
        return Answered(result, self.notes, self.losses)

    def _check_memory(self) -> None:
        """Refuse more results than memory holds: a byte for each bit, and more for points."""
        bits = sum(item.size() * len(item.circuit.clbits) for item in self.program.items) * self.program.shots
        size = bits * (1 if self.program.meas_level == "classified" else BYTES_OF_POINT)
        if size > MEMORY_LIMIT:
            raise RefusedError(TooWide(what="The program", size=size, limit=MEMORY_LIMIT, fix=", or fewer shots"))

    def _spend(self, *seconds: float) -> None:
        """Add to how long the program is estimated to take, and refuse what takes too long."""
        self.seconds += math.fsum(seconds)
        if self.seconds > self.conditions.longest:
            limit = self.conditions.longest
            raise RefusedError(TooHeavy(what="The program", seconds=self.seconds, limit=limit, fix=""))

    def _run(self, index: int, planned: _Planned) -> QuantumProgramItemResult:
        item, elements = self.program.items[index], planned.elements
        bits = self._bits(index, planned)
        place = {bit: position for position, bit in enumerate(item.circuit.clbits)}
        fields: dict[str, Any] = {}
        die = np.random.default_rng(seed_of(self.seed, index, 2))
        for register in item.circuit.cregs:
            own = bits[:, :, [place[bit] for bit in register]]
            own = own.reshape(*elements.shape, self.program.shots, register.size)
            fields |= _fields_of(register.name, own, self.program.meas_level, die)
        return QuantumProgramItemResult(fields | elements.told, self._metadata(item.circuit))

    def _lowered(self, index: int, circuit: QuantumCircuit) -> QuantumCircuit:
        """Return a circuit in plain words, with the noise of its layers."""
        try:
            plain = lower_circuit(circuit, self.conditions.target)
        except (ArithmeticError, QiskitError) as reason:
            fix = "Bind parameters of delays, and give durations that are sums of multiples of stretches"
            raise RefusedError(NotExecutable(pub=index, reason=str(reason), fix=fix, noun="Item")) from None
        noisy = put_layer_noise(plain, self.maps)
        conditions = self.conditions
        if conditions.strays is None or self.asked.noise_model is not None:
            return noisy
        return add_strays(noisy, conditions.target, conditions.strays, conditions.started)

    def _split(self, index: int, circuit: QuantumCircuit, size: int) -> _Split:
        """Return a circuit in its parts."""
        plain = self._lowered(index, circuit)
        split = _Split(plain, [], [], [])
        if self.conditions.mock:
            return split
        place: dict[Any, int] = {qubit: number for number, qubit in enumerate(plain.qubits)}
        place |= {bit: number for number, bit in enumerate(plain.clbits)}
        for part in Wires(plain).parts_that_decide(range(plain.num_clbits), together=1):
            found = None if self.noise is None else find_small_part(plain, part, place)
            # What a model of Aer does to delays it does not tell.
            if found is None or (isinstance(self.noise, ModelNoise) and _idles(found)):
                split.rest.extend(part.bits)
            elif self._is_small(found, size):
                split.small.append(found)
            else:
                split.wide.append(found)
        return split

    def _is_small(self, part: SmallPart, size: int) -> bool:
        width = len(part.qubits)
        return width <= SMALL or (width <= WIDEST and seconds_for([part], size, self.program.shots) < CHEAP)

    def _plan(self, index: int, split: _Split) -> _Planned:
        """Draw the elements of an item, and choose how they are run."""
        elements = elements_of(self.program.items[index], np.random.default_rng(seed_of(self.seed, index, 0)))
        decimals = self.asked.angle_decimals
        if elements.told and decimals is not None:
            quarters = np.round(elements.values / (math.pi / 2), decimals)
            elements = elements._replace(values=quarters * (math.pi / 2))
        wide, rest, shots = [], list(split.rest), self.program.shots
        for part in split.wide:
            part = part._replace(steps=tuple(map(as_paulis, part.steps)))
            found = plan_wide_part(split.circuit, part, elements.values, shots)
            if found is None:
                rest += [bit for _, bit, _ in part.measured]
            else:
                wide.append(found)
                self._spend(found.seconds)
        plan = self._plan_rest(index, split.circuit, elements, sorted(rest)) if rest else None
        return _Planned(split, elements, wide, plan, sorted(rest))

    def _plan_rest(self, index: int, circuit: QuantumCircuit, elements: Elements, rest: list[int]) -> Plan:
        """Plan what no part has as other circuits are run, element by element."""
        if self.maps and any(step.name == LAYER_NOISE for step in circuit.data):
            reason = "it joins too many qubits, or measures too early, for the noise of layers"
            fix = "Use fewer qubits or Clifford gates, or set simulator.layer_noise_model to []"
            raise RefusedError(NotExecutable(pub=index, reason=reason, fix=fix, noun="Item"))
        if any(map(is_stray, circuit.data)) and (obstacle := find_obstacle(circuit)) is not None:
            circuit = without_strays(circuit)
            self.losses.append(Loss(index, (COHERENT,), obstacle))
        pub = SamplerPub.coerce((circuit, elements.values, self.program.shots))
        active = active_qubits(circuit)
        small = shrink_circuit(circuit, active)
        measured = Measured(small, range(len(active)), rest, range(len(elements.values)))
        seed, longest = seed_of(self.seed, index, 3), self.conditions.longest
        plan = Plan(self.engine, index, active, [measured], Bindings(pub), self.program.shots, seed, longest)
        self._spend(plan.choice.seconds)
        return plan

    def _bits(self, index: int, planned: _Planned) -> NDArray[np.bool_]:
        """Return all classical bits, shape (elements, shots, classical bits)."""
        split, values, shots = planned.split, planned.elements.values, self.program.shots
        circuit = split.circuit
        bits = np.zeros((len(values), shots, circuit.num_clbits), bool)
        die = np.random.default_rng(seed_of(self.seed, index, 1))
        if self.conditions.mock:
            measured = sorted({circuit.find_bit(bit).index for step in circuit.data for bit in step.clbits})
            bits[:, :, measured] = die.integers(0, 2, (len(values), shots, len(measured)), bool)
            self.notes.append(f"Item {index}: random.")
            return bits
        # A model that only Aer can follow leaves no such parts.
        noise: Noise = NoNoise() if self.noise is None else self.noise
        if split.small:
            draw_small_parts(circuit, split.small, values, noise, bits, die)
            self.notes.append(self._note(index, split.small))
        for wide in planned.wide:
            draw_wide_part(circuit, wide, values, noise, bits, die)
            self.notes.append(self._note_of_wide(index, wide))
        if planned.plan is not None:
            self._run_rest(index, planned.plan, planned.rest, bits)
        return bits

    def _run_rest(self, index: int, plan: Plan, rest: list[int], bits: NDArray[np.bool_]) -> None:
        for element, shots in enumerate(plan.run()[0]):
            bits[element][:, rest] = shots.outcomes[:, rest][shots.which]
        self.notes.append(describe_plan(index, plan).replace("PUB", "Item", 1))
        simulator = Simulator(noise_model=self.asked.noise_model)
        self.losses.append(find_loss(self.conditions, simulator, index, tuple(plan.active), plan.method))

    def _note(self, index: int, small: Sequence[SmallPart]) -> str:
        number, widest = sum(len(part.qubits) for part in small), max(len(part.qubits) for part in small)
        noise = "without noise" if isinstance(self.noise, NoNoise) else "with noise"
        return f"Item {index}: {number} qubits in {len(small)} parts of up to {widest}, Pauli vectors, {noise}."

    def _note_of_wide(self, index: int, wide: WidePart) -> str:
        clifford = sum(gates is not None for gates in wide.bound)
        how = (
            "Pauli frames"
            if clifford == len(wide.groups)
            else "Pauli vectors"
            if not clifford
            else "Pauli frames and vectors"
        )
        width, groups = len(wide.part.qubits), len(wide.groups)
        noise = "without noise" if isinstance(self.noise, NoNoise) else "with noise as random Paulis"
        return f"Item {index}: a part of {width} qubits, {groups} times but for Paulis, {how}, {noise}."

    def _metadata(self, circuit: QuantumCircuit) -> ItemMetadata:
        target = self.conditions.target
        timing = describe_schedule(circuit, target) if self.asked.scheduler_timing else None
        stretches = describe_stretches(circuit, target) if self.asked.stretch_values else None
        return ItemMetadata(
            None if timing is None else SchedulerTiming(**timing),
            None if stretches is None else [StretchValues(**stretch) for stretch in stretches],
        )

    def _spans(self, sizes: Sequence[int]) -> Iterable[ChunkSpan]:
        """Yield when each item was run: one after the other, each as long as its share of the elements."""
        times = share_time(self.conditions.started, self.conditions.ended, sizes)
        for index, (size, (start, stop)) in enumerate(zip(sizes, times, strict=True)):
            axes = list(range(len(self.program.items[index].shape)))
            part = ChunkPart(index, size, axes, (0, size, 1))
            yield ChunkSpan(start.replace(tzinfo=UTC), stop.replace(tzinfo=UTC), [part])


def _idles(part: SmallPart) -> bool:
    return any(step.name == "delay" for step in part.steps)


def _fields_of(name: str, bits: NDArray[np.bool_], level: str, die: np.random.Generator) -> Mapping[str, NDArray[Any]]:
    """Return what is told of a register: bits, points of each shot, points of their mean, or bits and points.

    Source: behaviour B394.
    """
    if level == "classified":
        return {name: bits}
    scatter = die.normal(scale=BLUR, size=(2, *bits.shape))
    points = 2.0 * bits - 1.0 + scatter[0] + 1j * scatter[1]
    match level:
        case "kerneled":
            return {f"{name}_iq": points}
        case "avg_kerneled":
            return {f"{name}_avg_iq": points.mean(axis=-2)}
        case _:
            return {name: bits, f"{name}_iq": points}
