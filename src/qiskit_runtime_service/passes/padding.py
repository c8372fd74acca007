"""Filling the idle time of a scheduled circuit: the passes, and the walk over blocks that they share."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qiskit.circuit import Barrier, Clbit, Delay, Instruction, Qubit
from qiskit.converters import dag_to_circuit
from qiskit.dagcircuit import DAGCircuit, DAGOpNode
from qiskit.transpiler import Target, TranspilerError
from qiskit.transpiler.basepasses import TransformationPass

from .._public import public
from .block_order import is_control_flow
from .fast_paths import find_fast_paths
from .schedule import BlockOrdering, Schedule, Step
from .scheduling import SCHEDULE
from .timing import check_physical


@dataclass(frozen=True)
class IdleTime:
    """A time in which nothing happens to a qubit."""

    qubit: int
    """Of the device."""
    start: int
    """In dt, from the beginning of the block."""
    end: int
    """In dt, later than `start`."""
    next_node: DAGOpNode | None
    """What comes next on the qubit; `None` at the end of a block."""
    is_ground: bool
    """Whether nothing has acted on the qubit since it was prepared or reset."""

    @property
    def duration(self) -> int:
        """In dt."""
        return self.end - self.start


@dataclass(frozen=True)
class Filling:
    """What is done in an idle time: operations that last exactly as long, one after the other."""

    operations: Sequence[tuple[Instruction, int]]
    """Each with its duration in dt."""
    phase: float = 0.0
    """By which the operations turn the global phase."""


@public("transpiler.passes.scheduling")
class BlockBasePadder(TransformationPass):
    """A pass that fills the idle time of a circuit that `ALAPScheduleAnalysis` or `ASAPScheduleAnalysis` has scheduled.

    Every qubit that the circuit uses is filled in every block, bodies of control flow included, so that there all its
    qubits take the same time. A barrier stands between blocks. Control flow acts on all these qubits, but for an
    `if_test` of one qubit on what was read of that qubit last, which devices decide on a fast path.

    A subclass says in `fill` what is done in an idle time.

    Args:
        schedule_idle_qubits: Whether qubits that the circuit does not use are filled too.
        block_ordering_callable: Has no effect: the schedule has an order already.
        target: Of the device.

    Source: behaviour B459.
    """

    fills_ends = True
    """Whether a qubit waits for the end of a block too, where nothing follows in it."""

    def __init__(
        self,
        schedule_idle_qubits: bool = False,
        block_ordering_callable: BlockOrdering | None = None,  # noqa: ARG002  # others give it to both passes
        target: Target | None = None,
    ) -> None:
        super().__init__()
        self._all_qubits = schedule_idle_qubits
        self._target = target

    def run(self, dag: DAGCircuit) -> DAGCircuit:
        """Fill the idle time of a circuit.

        Raises:
            TranspilerError: The circuit was not scheduled, or changed since.
        """
        name = type(self).__name__
        check_physical(dag, name)
        schedule = self.property_set[SCHEDULE]
        if schedule is None:
            raise TranspilerError(
                f"{name} needs a circuit that is scheduled. Run ALAPScheduleAnalysis(target=target) before it."
            )
        if list(schedule.dag.topological_op_nodes()) != list(dag.topological_op_nodes()):
            raise TranspilerError(f"The circuit has changed since it was scheduled. Schedule it right before {name}.")
        used = {qubit for node in dag.op_nodes() for qubit in node.qargs}
        qubits = {place: qubit for place, qubit in enumerate(dag.qubits) if self._all_qubits or qubit in used}
        padding = _Padding(self, dag.copy_empty_like(), qubits, touched=set())
        padding.pad(schedule, {qubit: place for place, qubit in enumerate(dag.qubits)})
        self.property_set["node_start_time"] = padding.start_times
        self.property_set[SCHEDULE] = None
        return padding.padded

    @abstractmethod
    def fill(self, idle: IdleTime) -> Filling:
        """Say what is done in an idle time."""


@public("transpiler.passes.scheduling")
class PadDelay(BlockBasePadder):
    """Fill idle time with delays. Those that are in the circuit become part of them.

    Args:
        fill_very_end: Whether qubits wait for the end of a block too, where nothing follows in it.
        schedule_idle_qubits: Whether qubits that the circuit does not use are filled too.
        block_ordering_callable: Has no effect: the schedule has an order already.
        target: Of the device.

    Source: behaviour B459.
    """

    def __init__(
        self,
        fill_very_end: bool = True,
        schedule_idle_qubits: bool = False,
        block_ordering_callable: BlockOrdering | None = None,
        target: Target | None = None,
    ) -> None:
        super().__init__(schedule_idle_qubits, block_ordering_callable, target)
        self.fills_ends = fill_very_end

    def fill(self, idle: IdleTime) -> Filling:
        """Wait."""
        return Filling([wait(idle.duration)])


def wait(duration: int) -> tuple[Instruction, int]:
    """Return a delay of some dt, with its duration."""
    return Delay(duration, "dt"), duration


class _Padding:
    """A circuit, or the body of control flow, that is being filled."""

    def __init__(
        self,
        padder: BlockBasePadder,
        empty: DAGCircuit,
        qubits: Mapping[int, Qubit],
        touched: set[int],
    ) -> None:
        """Begin with what is filled, still empty, and with its qubits by their places on the device.

        Args:
            padder: Says what is done in an idle time.
            empty: What is filled, still without instructions.
            qubits: Those to fill, by their places on the device.
            touched: Places of the qubits on which something has acted since they were prepared or reset.
        """
        self.padded = empty
        self.touched = touched
        self.start_times: dict[DAGOpNode, tuple[int, int]] = {}
        """Of each instruction: its block, and when it begins there, in dt."""
        self._padder = padder
        self._qubits = qubits
        self._block = 0
        self._block_end = 0
        self._free_from = dict.fromkeys(qubits, 0)

    def pad(self, schedule: Schedule, places: Mapping[Qubit, int]) -> None:
        """Place the instructions of a schedule, whose qubits have places on the device, and fill the rest."""
        fast_paths = find_fast_paths(schedule.dag)
        previous: DAGOpNode | None = None
        for step in schedule.steps:
            node = step.node
            branches, opens = is_control_flow(node), step.block != self._block
            if branches or opens:
                self._finish()
            if opens:
                self._block, self._block_end = step.block, 0
                self._free_from = dict.fromkeys(self._qubits, 0)
            # Control flow on all qubits keeps blocks apart by itself.
            if branches != opens and previous is not None and node not in fast_paths:
                self._keep_apart(previous, node)
            if branches:
                self._branch(step, [places[qubit] for qubit in node.qargs], is_fast=node in fast_paths)
            else:
                self._place(step, [places[qubit] for qubit in node.qargs])
            previous = node
        self._finish()
        if previous in fast_paths:
            self._add_barrier()

    def _place(self, step: Step, places: Sequence[int]) -> None:
        """Place an instruction that is no control flow. A delay is idle time."""
        end = step.start + step.duration
        self._block_end = max(self._block_end, end)
        if isinstance(step.node.op, Delay):
            return
        for place in places:
            self._fill(place, step.start, step.node)
            self._free_from[place] = end
        self._add(step.node.op, places, step.start, step.node.cargs)
        if step.node.name == "reset":
            self.touched.difference_update(places)
        elif step.node.name != "barrier":
            self.touched.update(places)

    def _branch(self, step: Step, places: Sequence[int], *, is_fast: bool) -> None:
        """Place control flow on all qubits, but on a fast path on its own."""
        own = {place: self._qubits[place] for place in places} if is_fast else self._qubits
        bodies = []
        touched = set(self.touched)
        for body in step.bodies:
            empty = body.dag.copy_empty_like()
            empty.remove_qregs(*empty.qregs.values())
            empty.remove_qubits(*empty.qubits)
            empty.add_qubits(list(own.values()))
            within = _Padding(self._padder, empty, own, set(self.touched))
            within.pad(body, dict(zip(body.dag.qubits, places, strict=True)))
            bodies.append(dag_to_circuit(within.padded))
            touched |= within.touched
        self.touched = touched
        self._add(step.node.op.replace_blocks(bodies), own, step.start, step.node.cargs)

    def _finish(self) -> None:
        """Fill all qubits to the end of the block."""
        if self._padder.fills_ends:
            for place in self._qubits:
                self._fill(place, self._block_end, None)

    def _fill(self, place: int, until: int, next_node: DAGOpNode | None) -> None:
        """Fill a qubit until a time, if it is idle."""
        start = self._free_from[place]
        if start >= until:
            return
        self._free_from[place] = until
        filling = self._padder.fill(IdleTime(place, start, until, next_node, is_ground=place not in self.touched))
        self.padded.global_phase -= filling.phase
        for operation, duration in filling.operations:
            self._add(operation, [place], start)
            start += duration

    def _keep_apart(self, previous: DAGOpNode, node: DAGOpNode) -> None:
        """Put a barrier between two blocks, unless what stands there acts on all qubits."""
        width = self.padded.num_qubits()
        if len(previous.qargs) < width and len(node.qargs) < width:
            self._add_barrier()

    def _add_barrier(self) -> None:
        """Put a barrier on all qubits."""
        self._add(Barrier(len(self._qubits)), self._qubits, self._block_end)

    def _add(self, operation: Instruction, places: Iterable[int], start: int, clbits: Sequence[Clbit] = ()) -> None:
        """Append an operation that begins at a time of the block."""
        node = self.padded.apply_operation_back(operation, [self._qubits[place] for place in places], clbits)
        self.start_times[node] = (self._block, start)
