"""When each instruction of a dynamic circuit begins: a schedule as a value, and the decision that makes it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from qiskit.circuit import Bit, Qubit
from qiskit.converters import circuit_to_dag
from qiskit.dagcircuit import DAGCircuit, DAGOpNode

from .block_order import is_control_flow, is_readout
from .timing import Timing

BlockOrdering: TypeAlias = Callable[[DAGCircuit], Iterable[DAGOpNode]]
"""Says in which order the nodes of a circuit are scheduled, which must be a topological one."""


@dataclass(frozen=True)
class Step:
    """An instruction with its time."""

    node: DAGOpNode
    block: int
    """Counted from 1. The blocks within control flow come after the one that it ends."""
    start: int
    """In dt, from the beginning of the block."""
    duration: int
    """In dt; 0 for control flow, of which nobody knows how long it lasts."""
    bodies: tuple["Schedule", ...] = ()
    """Of control flow."""


@dataclass(frozen=True)
class Schedule:
    """The instructions of a circuit with their times, in the order in which they were placed, which is topological."""

    dag: DAGCircuit
    steps: tuple[Step, ...]
    last_block: int

    @property
    def start_times(self) -> dict[DAGOpNode, tuple[int, int]]:
        """Of each instruction outside of control flow: its block, and when it begins there, in dt."""
        return {step.node: (step.block, step.start) for step in self.steps}


def schedule_dag(dag: DAGCircuit, timing: Timing, ordering: BlockOrdering, *, late: bool) -> Schedule:
    """Say when each instruction of a circuit on physical qubits begins.

    A circuit falls into blocks. Within one all times are known; it ends with control flow and after resets, for nobody
    knows how long the device takes then. All that is read, or reset, without need to wait for each other begins at
    the same time. Control flow begins when the rest of its block is over.

    Args:
        dag: The circuit. Its qubits are those of the device.
        timing: Says how long an instruction lasts.
        ordering: The order in which instructions are placed.
        late: Whether they begin as late as they can within their block, else as early.

    Raises:
        TranspilerError: It is not known how long an instruction lasts.

    Source: behaviour B458.
    """
    physical = {qubit: index for index, qubit in enumerate(dag.qubits)}
    return _Scheduler(timing, ordering, late=late).schedule(dag, physical)


@dataclass(eq=False)
class _Placed:
    """A step that may still be moved within its block."""

    node: DAGOpNode
    duration: int
    start: int = 0
    together: list["_Placed"] = field(default_factory=list)
    """What begins at the same time: this one, and for a readout those beside it."""

    @property
    def end(self) -> int:
        return self.start + self.duration

    @property
    def bits(self) -> tuple[Bit, ...]:
        """What it occupies: its qubits; what has none, as a `store`, its bits."""
        return tuple(self.node.qargs or self.node.cargs)


class _Block:
    """A block that is being filled."""

    def __init__(self) -> None:
        self.placed: list[_Placed] = []
        self._readouts: list[_Placed] = []
        self._free_from: dict[Bit, int] = {}

    @property
    def end(self) -> int:
        return max((placed.end for placed in self.placed), default=0)

    def is_over(self, node: DAGOpNode, *, late: bool) -> bool:
        """Tell whether a node begins a new block, for nobody knows when a qubit is free again that was reset.

        With `late`, all that is not read at the same time waits for a reset.
        """
        resets = any(placed.node.name == "reset" for placed in self._readouts)
        if self._is_read(node):
            return resets or node.name == "reset"
        return late and resets and not is_readout(node)

    def place(self, node: DAGOpNode, duration: int) -> None:
        """Place a node as early as its qubits are free."""
        if self._is_read(node):
            self._readouts = []
        placed = _Placed(node, duration)
        if is_readout(node):
            placed.together = self._readouts
        placed.together.append(placed)
        self.placed.append(placed)
        placed.start = max((self._free_from.get(bit, 0) for bit in placed.bits), default=0)
        start = max(other.start for other in placed.together)
        for other in placed.together:
            other.start = start
            self._free_from.update(dict.fromkeys(other.bits, other.end))

    def move_late(self) -> None:
        """Let all begin as late as they can without lasting longer."""
        end = self.end
        needed_at: dict[Bit, int] = {}
        moved: set[int] = set()
        for placed in reversed(self.placed):
            if id(placed) in moved:
                continue
            together = placed.together
            slack = min(needed_at.get(bit, end) - other.end for other in together for bit in other.bits or (None,))
            for other in together:
                other.start += slack
                needed_at.update(dict.fromkeys(other.bits, other.start))
                moved.add(id(other))

    def _is_read(self, node: DAGOpNode) -> bool:
        """Tell whether a node acts on a qubit that is being read."""
        return any(not set(placed.node.qargs).isdisjoint(node.qargs) for placed in self._readouts)


class _Scheduler:
    """Places the instructions of a circuit and of what is inside of it."""

    def __init__(self, timing: Timing, ordering: BlockOrdering, *, late: bool) -> None:
        self._timing = timing
        self._ordering = ordering
        self._late = late
        self._block = 0

    def schedule(self, dag: DAGCircuit, physical: Mapping[Qubit, int]) -> Schedule:
        """Place all instructions of a circuit, from a new block on."""
        dag = self._timing.count_delays(dag)
        steps: list[Step] = []
        block = _Block()
        self._block += 1
        for node in self._ordering(dag):
            if is_control_flow(node):
                steps += self._finish(block)
                steps.append(self._branch(node, block.end, physical))
                block = _Block()
                self._block += 1
                continue
            if block.is_over(node, late=self._late):
                steps += self._finish(block)
                block = _Block()
                self._block += 1
            block.place(node, self._timing.duration(node.op, [physical[qubit] for qubit in node.qargs]))
        return Schedule(dag, (*steps, *self._finish(block)), self._block)

    def _finish(self, block: _Block) -> list[Step]:
        """Return the steps of a block that is full."""
        if self._late:
            block.move_late()
        return [Step(placed.node, self._block, placed.start, placed.duration) for placed in block.placed]

    def _branch(self, node: DAGOpNode, start: int, physical: Mapping[Qubit, int]) -> Step:
        """Place control flow, at the end of a block, and what is inside of it."""
        number = self._block
        bodies = []
        for body in node.op.blocks:
            within = {inner: physical[outer] for inner, outer in zip(body.qubits, node.qargs, strict=True)}
            bodies.append(self.schedule(circuit_to_dag(body), within))
        return Step(node, number, start, 0, tuple(bodies))
