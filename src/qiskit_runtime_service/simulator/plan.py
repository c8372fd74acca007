"""How the circuits of a pub will be run: in which parts, by which methods, and how long that will take."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, ForLoopOp, WhileLoopOp

from ..bridge.circuits import values_of
from ..bridge.ledger import RefusedError
from ..records.problem import TooHeavy, TooWide
from .bonds import OF_RANK_TWO, Gate, order_on_line
from .classical_walk import WALK, measured_alike
from .estimates import MEMORY_LIMIT, Choice, Load, Ways, choose_ways
from .light_cones import Part, Wires
from .method import (
    OF_STABILIZERS,
    Machine,
    Method,
    Noise,
    Shots,
    Way,
    Work,
    are_clifford,
    blank,
    is_clifford,
    least_noise,
    names_in,
    seed_of,
)

CHEAP = 1.0
"""Seconds of work that are planned in a fraction of them, whatever the limit."""
LAPS = 100
"""How often a `while` loop is taken to run, for nobody knows."""


def _nothing(_: QuantumCircuit) -> None:
    """Say that nothing is missing."""


class Engine(NamedTuple):
    """What runs circuits, and what is known of it before."""

    machine: Machine
    ways: Ways
    """In which ways it can run a load."""
    noise: Noise = "none"
    """The most noise that it can have."""
    least: float = 0.0
    """Seconds that it takes for an instruction at least."""
    setup: float = 0.0
    """Seconds that it takes for an active qubit to have the noise of the device."""
    fix: str = ""
    """What else helps where it cannot run something: more of the sentence, or nothing."""
    missing: Callable[[QuantumCircuit], str | None] = _nothing
    """Says what in a circuit its machine has to walk through, in words."""


class Bindings:
    """The values of the parameters of a pub: a row for each binding, in the order of its flattened shape."""

    def __init__(self, pub: Any) -> None:
        self.number = math.prod(pub.parameter_values.shape)
        self._parameters = list(pub.circuit.parameters)
        self._rows = values_of(pub).reshape(self.number, len(self._parameters)) if self._parameters else None

    def bind(self, circuit: QuantumCircuit, numbers: Sequence[int]) -> Iterator[QuantumCircuit]:
        """Return a circuit that has parameters of the pub, or none, once for each of these bindings."""
        own = circuit.parameters
        columns = [(index, name) for index, name in enumerate(self._parameters) if name in own]
        for number in numbers:
            if self._rows is None or not columns:
                yield circuit
            else:
                row = self._rows[number]
                yield circuit.assign_parameters({name: row[index] for index, name in columns})


class Measured(NamedTuple):
    """A circuit and what is to be known of it."""

    circuit: QuantumCircuit
    """With its measurements, and not bound."""
    qubits: Sequence[int]
    """Which of the active qubits of its pub it has."""
    bits: Sequence[int]
    """The classical bits that are asked for."""
    bindings: Sequence[int]
    """With which bindings of the pub it is to be run."""


class Task:
    """A part of a measured circuit, to be run with all of its bindings."""

    def __init__(
        self, engine: Engine, measured: Measured, wires: Wires, part: Part, shots: int, values: Bindings
    ) -> None:
        self.part = part
        self._measured, self._wires, self._values = measured, wires, values
        steps = [wires.data[place] for place in part.steps]
        gates, width, clifford = tuple(self._gates()), len(part.qubits), self._is_clifford(steps)
        self.load = Load(
            width=width,
            operations=sum(map(_count, steps)),
            shots=shots,
            circuits=len(measured.bindings),
            clifford=clifford,
            stabilized=clifford and names_in(steps) <= OF_STABILIZERS,
            last=_measures_last(steps),
            gates=gates,
            walks=engine.missing(wires.build(part)) is not None,
            order=tuple(order_on_line(gates, width) if wires.shows_all else range(width)),
        )

    def circuits(self, way: Way) -> tuple[list[QuantumCircuit], tuple[int, ...]]:
        """Return its circuits for a way to run them, and which of the active qubits of the pub they have."""
        order = self.load.order if way.bond else range(self.load.width)
        circuit = self._wires.build(self.part, order)
        qubits = tuple(self._measured.qubits[self.part.qubits[place]] for place in order)
        return list(self._values.bind(circuit, self._measured.bindings)), qubits

    def _gates(self) -> Iterator[Gate]:
        position = {qubit: index for index, qubit in enumerate(self.part.qubits)}
        for place in self.part.steps:
            qubits = self._wires.qubits_on(place)
            if len(qubits) > 1:
                yield Gate(tuple(position[qubit] for qubit in qubits), self._wires.data[place].name in OF_RANK_TWO)

    def _is_clifford(self, steps: Sequence[CircuitInstruction]) -> bool:
        """Tell whether all gates are Clifford gates, with every binding."""
        fixed = [step for step in steps if not (step.is_control_flow() or step.is_parameterized())]
        if not are_clifford(fixed):
            return False
        bound = self._values.bind(self._wires.build(self.part), self._measured.bindings)
        return len(fixed) == len(steps) or all(map(is_clifford, bound))


class Plan:
    """How the measured circuits of one pub will be run.

    Args:
        engine: What runs them.
        pub: The index of the pub.
        active: Which qubits of the device are active.
        circuits: What is to be known.
        values: The bindings of the pub.
        shots: How many of each circuit with each binding.
        seed: At least 0.
        longest: Seconds beyond which nobody needs to know how long they take.

    Raises:
        RefusedError: No way to run them fits into memory, or they are so many that to read them takes longer.
    """

    def __init__(
        self,
        engine: Engine,
        pub: int,
        active: tuple[int, ...],
        circuits: Sequence[Measured],
        values: Bindings,
        shots: int,
        seed: int,
        longest: float,
    ) -> None:
        self.circuits, self.active = circuits, active
        self._machine, self._pub, self._shots, self._seed = engine.machine, pub, shots, seed
        self._tasks: list[tuple[int, Task]] = []
        least = 0.0
        for index, measured in enumerate(circuits):
            wires = Wires(measured_alike(measured.circuit))
            for part in wires.parts_that_decide(measured.bits):
                least += engine.least * len(measured.bindings) * len(part.steps)
                if least > max(longest, CHEAP):
                    raise RefusedError(TooHeavy(what=f"PUB {pub}", seconds=least, limit=longest, fix=engine.fix))
                self._tasks.append((index, Task(engine, measured, wires, part, shots, values)))
        choice = choose_ways([engine.ways(task.load) for _, task in self._tasks], engine.setup * len(active))
        if choice is None:
            width = max(task.load.width for _, task in self._tasks)
            what = f"PUB {pub} joins {width} qubits, whose state"
            raise RefusedError(TooWide(what=what, size=16 << width, limit=MEMORY_LIMIT, fix=engine.fix))
        self.choice: Choice = choice
        self._methods = [way.method for way in choice.ways]

    @property
    def method(self) -> Method:
        """The methods that are used, and the least noise that any part has; once it is run, as the machine tells it."""
        names = dict.fromkeys(method.name for method in self._methods)
        return Method(" and ".join(names) or "density_matrix", least_noise(self._methods))

    @property
    def number(self) -> int:
        """How many parts there are."""
        return len(self._tasks)

    @property
    def widest(self) -> int:
        """The most qubits of any part."""
        return max((task.load.width for _, task in self._tasks), default=0)

    def run(self) -> list[list[Shots]]:
        """Return the shots of each circuit with each of its bindings.

        Raises:
            RefusedError: The machine cannot run one of them.
        """
        parts: list[list[tuple[Task, Sequence[Shots]]]] = [[] for _ in self.circuits]
        batches = self._batches()
        for number, (way, chosen) in enumerate(batches):
            circuits, active = self._circuits(way, [self._tasks[place][1] for place in chosen])
            seed = self._seed if len(batches) == 1 else seed_of(self._seed, number)
            run = self._machine(Work(self._pub, circuits, active, self._shots, seed, way))
            left = iter(run.shots)
            for place in chosen:
                self._methods[place] = run.method
                index, task = self._tasks[place]
                parts[index].append((task, list(islice(left, task.load.circuits))))
        return [self._joined(measured, ran) for measured, ran in zip(self.circuits, parts, strict=True)]

    def _batches(self) -> list[tuple[Way, list[int]]]:
        """Return which tasks are run together: those that are run alike with the noise of the device.

        It takes long to hand over that noise. A walk has it by itself, and cannot leave idle qubits out.
        """
        batches: dict[object, tuple[Way, list[int]]] = {}
        for place, way in enumerate(self.choice.ways):
            alike = way.method.noise == "all" and way.method.name != WALK
            together = (way.method, way.bond) if alike else place
            batches.setdefault(together, (way, []))[1].append(place)
        return list(batches.values())

    def _circuits(self, way: Way, tasks: Sequence[Task]) -> tuple[list[QuantumCircuit], tuple[int, ...]]:
        """Return the circuits of tasks that are run together, and which qubits of the device they have."""
        built = [task.circuits(way) for task in tasks]
        if len(built) == 1:
            circuits, qubits = built[0]
            return circuits, tuple(self.active[qubit] for qubit in qubits)
        width = len(self.active)
        return [_placed(circuit, qubits, width) for circuits, qubits in built for circuit in circuits], self.active

    def _joined(self, measured: Measured, parts: Sequence[tuple[Task, Sequence[Shots]]]) -> list[Shots]:
        """Return the shots of a whole circuit from those of its parts, of which none knows of the bits of others."""
        match parts:
            case []:
                return [blank(self._shots, measured.circuit.num_clbits)] * len(measured.bindings)
            case [(_, ran)]:
                return list(ran)
        joined = []
        for binding in range(len(measured.bindings)):
            outcomes = np.zeros((self._shots, measured.circuit.num_clbits), bool)
            for task, ran in parts:
                shots, bits = ran[binding], list(task.part.bits)
                outcomes[:, bits] = shots.outcomes[:, bits][shots.which]
            joined.append(Shots(outcomes, np.arange(self._shots)))
        return joined


def check_time(engine: Engine, plans: Sequence[Plan], longest: float) -> None:
    """Refuse a job that takes too long, all pubs together.

    Raises:
        RefusedError: It takes more than `longest` seconds.

    Source: behaviour B250.
    """
    seconds = math.fsum(plan.choice.seconds for plan in plans)
    if seconds > longest:
        what = f"PUB {len(plans) - 1}" if plans[-1].choice.seconds > longest else "The job"
        raise RefusedError(TooHeavy(what=what, seconds=seconds, limit=longest, fix=engine.fix))


def _placed(circuit: QuantumCircuit, qubits: Sequence[int], width: int) -> QuantumCircuit:
    """Return a circuit on some of `width` qubits. Aer leaves idle ones out itself."""
    wide = QuantumCircuit(width)
    wide.add_bits(circuit.clbits)
    return wide.compose(circuit, qubits, circuit.clbits)


def _count(step: CircuitInstruction) -> int:
    """Return how many instructions are carried out, loops included."""
    if not step.is_control_flow():
        return 1
    operation = step.operation
    laps = len(operation.params[0]) if isinstance(operation, ForLoopOp) else 1
    laps = LAPS if isinstance(operation, WhileLoopOp) else laps
    return 1 + laps * sum(_count(inner) for body in operation.blocks for inner in body.data)


def _measures_last(steps: Sequence[CircuitInstruction]) -> bool:
    """Tell whether nothing follows the measurement of a qubit, and nothing depends on one."""
    over: set[object] = set()
    for step in steps:
        if step.name == "measure":
            over.update(step.qubits)
        elif step.name != "delay" and (
            step.clbits or step.is_control_flow() or step.name in ("reset", "store") or not over.isdisjoint(step.qubits)
        ):
            return False
    return True
