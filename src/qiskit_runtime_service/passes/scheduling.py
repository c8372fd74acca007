"""Passes that schedule dynamic circuits, as Qiskit's pass managers run them."""

from qiskit.dagcircuit import DAGCircuit
from qiskit.transpiler import Target
from qiskit.transpiler.basepasses import TransformationPass

from .._public import public
from .block_order import block_order_op_nodes
from .schedule import BlockOrdering, schedule_dag
from .timing import Timing, check_physical

SCHEDULE = "dynamic_schedule"
"""The property of a pass manager that holds the schedule, for the passes that pad it."""


class _ScheduleAnalysis(TransformationPass):
    """What both passes are but for the time that they prefer."""

    _late: bool

    def __init__(self, block_ordering_callable: BlockOrdering | None = None, target: Target | None = None) -> None:
        super().__init__()
        self._ordering = block_ordering_callable or block_order_op_nodes
        self._target = target

    def run(self, dag: DAGCircuit) -> DAGCircuit:
        """Schedule a circuit; what changes in it is that its delays are counted in dt.

        The property `node_start_time` tells of each instruction outside of control flow its block, and when it begins
        there, in dt.

        Raises:
            TranspilerError: The circuit is not laid out on a device, or it is not known how long something lasts.
        """
        check_physical(dag, type(self).__name__)
        schedule = schedule_dag(dag, Timing(self._target), self._ordering, late=self._late)
        self.property_set[SCHEDULE] = schedule
        self.property_set["node_start_time"] = schedule.start_times
        return schedule.dag


@public("transpiler.passes.scheduling")
class ALAPScheduleAnalysis(_ScheduleAnalysis):
    """Schedule a dynamic circuit so that instructions begin as late as they can.

    A circuit falls into blocks. Within one all times are known; it ends with control flow and after resets, for nobody
    knows how long the device takes then. What is measured or reset, without need to wait for each other, begins at the
    same time.

    Args:
        block_ordering_callable: Yields the nodes of a circuit in the order in which they are scheduled, which must be
            topological. By default it is the order of `block_order_op_nodes`.
        target: Of the device: it says how long instructions last.

    Source: behaviour B458.
    """

    _late = True


@public("transpiler.passes.scheduling")
class ASAPScheduleAnalysis(_ScheduleAnalysis):
    """Schedule a dynamic circuit so that instructions begin as early as they can, else as `ALAPScheduleAnalysis`.

    Args:
        block_ordering_callable: Yields the nodes of a circuit in the order in which they are scheduled, which must be
            topological. By default it is the order of `block_order_op_nodes`.
        target: Of the device: it says how long instructions last.

    Source: behaviour B458.
    """

    _late = False
