"""What would be sent, shown before it is: a quantum program with what it is for and what it costs."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, TypeAlias

from qiskit import QuantumCircuit

from .._shown import counted
from ..client.raising import exception_of
from ..programs.quantum_program import QuantumProgram
from ..records.problem import BadArgument
from ..records.report import Report
from .display import PublicNames, as_page, as_text
from .estimate import Estimate

Estimated: TypeAlias = Callable[["PreparedProgram"], Estimate]
"""What says what a prepared program would use where it was prepared."""


class PreparedProgram(PublicNames):
    """A quantum program that was not sent. Print it, or let a notebook show it, as a table with a row for each item.

    Attributes:
        program: The program. The result of `Executor.run(prepared)` is that of the primitive that prepared it.
        purposes: What each item is for.
        randomizations: How many random circuits stand for each circuit of each item.
        pubs: Which PUB each item is for; `None` of what is for all of them, and nothing where there are no PUBs.
    """

    def __init__(
        self,
        program: QuantumProgram,
        purposes: Sequence[str],
        randomizations: Sequence[int],
        pubs: Sequence[int | None] = (),
        estimate: Estimated | None = None,
    ) -> None:
        self.program = program
        self.purposes = tuple(purposes)
        self.randomizations = tuple(randomizations)
        self.pubs = tuple(pubs)
        self._estimate = estimate

    def estimate(self) -> Estimate:
        """Return what it would use where it was prepared, by IBM's formula, with the options that are set there now.

        It is one request at most, for what the instance has left, and that is remembered for a while.

        Raises:
            IBMInputValueError: It cannot run there as it is; or it comes from a pickle, which knows of no backend.

        Source: behaviour B510 to B519.
        """
        if self._estimate is None:
            wanted = "one that a primitive has just prepared, or ask Executor(mode=backend).estimate(prepared)"
            raise exception_of(BadArgument(name="the program", value="apart from its backend", wanted=wanted))
        return self._estimate(self)

    def __getstate__(self) -> dict[str, Any]:
        # What is pickled leaves the process, and its backend stays here.
        return {**vars(self), "_estimate": None}

    @property
    def circuits(self) -> list[QuantumCircuit]:
        """The circuit of each item, as it is sent: with twirling, a template whose parameters are drawn there."""
        return [item.circuit for item in self.program.items]

    @property
    def executions(self) -> int:
        """How often a circuit is run in all, the cost: elements of all items, times shots."""
        return sum(map(self.executions_of, range(len(self.program.items))))

    def executions_of(self, index: int) -> int:
        """Return how often the circuit of an item is run."""
        return int(prod(self.program.items[index].shape)) * int(self.program.shots)

    def shots_of(self, index: int) -> int:
        """Return the shots of each set of values of an item: those of all its randomizations."""
        return self.randomizations[index] * int(self.program.shots)

    def report(self) -> Report:
        """Return the table as plain text."""
        rows = []
        for index, (item, purpose) in enumerate(zip(self.program.items, self.purposes, strict=True)):
            circuit = item.circuit
            gates = circuit.num_nonlocal_gates()
            configurations = int(prod(item.shape)) // self.randomizations[index]
            numbers = (configurations, self.randomizations[index], int(self.program.shots), self.executions_of(index))
            size = (circuit.num_qubits, circuit.depth(_takes_time), gates)
            rows.append((str(index), purpose, circuit.name, *map(str, size), *map(str, numbers)))
        return Report(
            title=f"{counted(self.executions, 'execution')} in {counted(len(rows), 'item')}",
            columns=(
                *("item", "for", "circuit", "qubits", "depth", "2-qubit gates"),
                *("configurations", "randomizations", "shots", "executions"),
            ),
            rows=tuple(rows),
        )

    def __str__(self) -> str:
        return as_text(self.report())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return as_page(self.report())


def _takes_time(instruction: object) -> bool:
    return getattr(instruction, "name", "") not in ("barrier", "rz")
