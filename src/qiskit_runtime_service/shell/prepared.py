"""What would be sent, shown before it is: a quantum program with what it is for and what it costs."""

from collections.abc import Sequence
from math import prod

from qiskit import QuantumCircuit

from .._shown import counted
from ..programs.quantum_program import QuantumProgram
from ..records.report import Report
from .display import PublicNames, as_page, as_text


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
    ) -> None:
        self.program = program
        self.purposes = tuple(purposes)
        self.randomizations = tuple(randomizations)
        self.pubs = tuple(pubs)

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
