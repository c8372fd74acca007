"""Run the items of a quantum program: bits of all registers for all elements, with the noise of the device."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
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
from samplomatic.quantum_program import ChunkPart, ChunkSpan

from ..bridge.ledger import RefusedError
from ..programs.quantum_program import QuantumProgram
from ..programs.results import (
    ItemMetadata,
    Metadata,
    QuantumProgramItemResult,
    QuantumProgramResult,
    SchedulerTiming,
)
from ..records.problem import NotExecutable
from .active_qubits import active_qubits
from .channels import DeviceNoise, Noise, NoNoise
from .conditions import Conditions, choose_engine
from .job_params import Simulator
from .layer_noise import Maps, maps_of, put_layer_noise
from .light_cones import Wires
from .lowering import lower_circuit
from .metadata import share_time
from .method import seed_of
from .pauli_vectors import SmallPart, draw_small_parts, find_small_part
from .plan import Bindings, Engine, Measured, Plan
from .randomizing import Elements, elements_of
from .sampler import BLUR
from .schedule import describe_schedule

Layers = Sequence[tuple[CircuitInstruction, PauliLindbladMap]]


class Asked(NamedTuple):
    """What the options of a program ask for."""

    scheduler_timing: bool = False
    stretch_values: bool = False
    angle_decimals: int | None = 5
    """To how many decimals angles are rounded, in units of π/2; `None` for not at all."""
    layer_noise_model: Layers = ()
    warn_absent: bool = True
    noise_model: Any = None
    """A noise model of Aer, in the place of the noise of the device."""


def run_program(
    program: QuantumProgram,
    device: BackendV2 | Conditions,
    *,
    seed: int | None = None,
    layer_noise_model: Layers | None = None,
    angle_decimals: int | None = 5,
    warn_absent: bool = True,
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
        warn_absent: Whether a tag that has no noise is worth a warning.
        scheduler_timing: Whether to tell when each instruction plays.
        stretch_values: Whether to tell what stretches became.

    Raises:
        RefusedError: Something cannot be simulated.

    Source: behaviour B390.
    """
    now = datetime.now(UTC).timestamp()
    conditions, model = (device, None) if isinstance(device, Conditions) else conditions_of(device, now)
    if seed is None:
        seed = conditions.seed
    asked = Asked(scheduler_timing, stretch_values, angle_decimals, tuple(layer_noise_model or ()), warn_absent, model)
    return _Run(program, conditions, asked, seed).result()


def conditions_of(backend: BackendV2, now: float) -> tuple[Conditions, Any]:
    """Return the conditions that a backend of Qiskit in this process makes, and its own noise model, if it has one."""
    options = getattr(backend, "options", None)
    model = getattr(options, "noise_model", None)
    by_aer = type(backend).__module__.partition(".")[0] == "qiskit_aer"
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    conditions = Conditions(target=backend.target, seed=seed, started=now, ended=now, simulator=by_aer)
    return conditions, model


class _Run:
    """A program on its way."""

    def __init__(self, program: QuantumProgram, conditions: Conditions, asked: Asked, seed: int) -> None:
        self.program, self.conditions, self.asked, self.seed = program, conditions, asked, seed
        self.maps: Maps = maps_of(asked.layer_noise_model)
        self.engine: Engine = choose_engine(conditions, Simulator(noise_model=asked.noise_model))
        quiet = conditions.simulator or conditions.mock
        self.noise: Noise = NoNoise() if quiet else DeviceNoise(conditions.target)

    def result(self) -> QuantumProgramResult:
        """Return the results of all items, with the metadata of the program."""
        data = [self._run(index, item) for index, item in enumerate(self.program.items)]
        done = QuantumProgramResult(data, Metadata(list(self._spans())), self.program.passthrough_data)
        done.semantic_role = getattr(self.program, "semantic_role", None)
        return done

    def _run(self, index: int, item: Any) -> QuantumProgramItemResult:
        elements = elements_of(item, np.random.default_rng(seed_of(self.seed, index, 0)))
        circuit = self._lowered(index, item.circuit)
        bits = self._bits(index, circuit, elements)
        place = {bit: position for position, bit in enumerate(item.circuit.clbits)}
        fields: dict[str, Any] = {}
        die = np.random.default_rng(seed_of(self.seed, index, 2))
        for register in item.circuit.cregs:
            own = bits[:, :, [place[bit] for bit in register]].reshape(*elements.shape, self.program.shots, -1)
            fields |= _fields_of(register.name, own, self.program.meas_level, die)
        return QuantumProgramItemResult(fields | elements.told, self._metadata(item.circuit))

    def _lowered(self, index: int, circuit: QuantumCircuit) -> QuantumCircuit:
        """Return a circuit in plain words, with the noise of its layers."""
        try:
            plain = lower_circuit(circuit, self.conditions.target)
        except (ArithmeticError, QiskitError) as reason:
            fix = "Bind parameters of delays, and give durations that are sums of multiples of stretches"
            raise RefusedError(NotExecutable(pub=index, reason=str(reason), fix=fix)) from None
        return put_layer_noise(plain, self.maps, warn_absent=self.asked.warn_absent)

    def _bits(self, index: int, circuit: QuantumCircuit, elements: Elements) -> NDArray[np.bool_]:
        """Return all classical bits, shape (elements, shots, classical bits)."""
        shots, number = self.program.shots, len(elements.values)
        bits = np.zeros((number, shots, circuit.num_clbits), bool)
        if not bits.size:
            return bits
        if self.conditions.mock:
            measured = sorted({circuit.find_bit(bit).index for step in circuit.data for bit in step.clbits})
            die = np.random.default_rng(seed_of(self.seed, index, 1))
            bits[:, :, measured] = die.integers(0, 2, (number, shots, len(measured)), bool)
            return bits
        small, rest = self._split(circuit)
        die = np.random.default_rng(seed_of(self.seed, index, 1))
        draw_small_parts(circuit, small, elements.values, self.noise, bits, die)
        if rest:
            self._run_wide(index, circuit, elements, rest, bits)
        return bits

    def _split(self, circuit: QuantumCircuit) -> tuple[list[SmallPart], list[int]]:
        """Return the small parts of a circuit, and the bits that are left."""
        wires = Wires(circuit)
        place: dict[Any, int] = {qubit: index for index, qubit in enumerate(circuit.qubits)}
        place |= {bit: index for index, bit in enumerate(circuit.clbits)}
        small: list[SmallPart] = []
        rest: list[int] = []
        for part in wires.parts_that_decide(range(circuit.num_clbits), together=1):
            found = None if self.asked.noise_model else find_small_part(circuit, part, place)
            if found is None:
                rest += part.bits
            else:
                small.append(found)
        return small, rest

    def _run_wide(
        self, index: int, circuit: QuantumCircuit, elements: Elements, rest: Iterable[int], bits: NDArray[np.bool_]
    ) -> None:
        """Run what no small part has with the machines for all circuits, element by element."""
        pub = SamplerPub.coerce((circuit, elements.values, self.program.shots))
        active = active_qubits(circuit)
        from .active_qubits import shrink_circuit

        small = shrink_circuit(circuit, active)
        wanted = sorted(rest)
        measured = Measured(small, range(len(active)), wanted, range(len(elements.values)))
        seed = seed_of(self.seed, index, 3)
        longest = self.conditions.longest
        plan = Plan(self.engine, index, active, [measured], Bindings(pub), self.program.shots, seed, longest)
        for element, shots in enumerate(plan.run()[0]):
            bits[element][:, wanted] = shots.outcomes[:, wanted][shots.which]

    def _metadata(self, circuit: QuantumCircuit) -> ItemMetadata:
        timing = describe_schedule(circuit, self.conditions.target) if self.asked.scheduler_timing else None
        return ItemMetadata(None if timing is None else SchedulerTiming(**timing))

    def _spans(self) -> Iterable[ChunkSpan]:
        """Yield when each item was run: one after the other, each as long as its share of the elements."""
        sizes = [item.size() for item in self.program.items]
        times = share_time(self.conditions.started, self.conditions.ended, sizes)
        for index, (size, (start, stop)) in enumerate(zip(sizes, times, strict=True)):
            yield ChunkSpan(start.replace(tzinfo=UTC), stop.replace(tzinfo=UTC), [ChunkPart(index, size)])


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
