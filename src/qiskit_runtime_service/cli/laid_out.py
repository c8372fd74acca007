"""Circuits of a file, laid out for a backend: what `run` and `estimate` do before anything else."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click
import msgspec

from ..records.options import DEFAULT_SHOTS
from . import json_answers
from .completion import complete_backend
from .options import Given, Source
from .output import busy

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from ..shell.backend import IBMBackend
    from ..shell.estimate import Estimate
    from ..shell.service import QiskitRuntimeService

T = TypeVar("T")


class Work(NamedTuple):
    """Circuits that are to run, and where."""

    source: Given
    wanted: str | None
    """The name of a backend."""
    where: str | None
    """What a backend must be, where none is named."""
    shots: int
    level: int
    seed: int

    def read(self) -> "list[QuantumCircuit]":
        """Return the circuits of the file. What is wrong with it is told before anybody is asked for a backend."""
        from .circuits import read_circuits

        if self.wanted is not None and self.where is not None:
            raise click.UsageError("--backend names one, --where chooses among many.\nLeave out one.")
        return read_circuits(self.source.data, self.source.name)

    def lay_out(
        self, circuits: "list[QuantumCircuit]", service: "QiskitRuntimeService"
    ) -> "tuple[IBMBackend, list[QuantumCircuit]]":
        """Return the backend, and the circuits as it runs them."""
        from qiskit.transpiler import generate_preset_pass_manager

        with busy("Choosing a backend …") as line:
            width = max(circuit.num_qubits for circuit in circuits)
            backend = choose(service, self.wanted, self.where, width)
            line.show(f"Transpiling for {backend.name} …")
            by = generate_preset_pass_manager(self.level, backend=backend, seed_transpiler=self.seed)
            return backend, by.run(circuits)


def choose(service: "QiskitRuntimeService", name: str | None, where: str | None, num_qubits: int) -> "IBMBackend":
    """Return the backend that is asked for, or the least busy that is large enough."""
    if name is not None:
        return service.backend(name)
    return service.least_busy(min_num_qubits=num_qubits, where=where)


def lays_out(function: Callable[..., T]) -> Callable[..., T]:
    """Add the file of circuits and what says where and how they run; the command is given a `Work` as `work`."""
    shots = click.IntRange(min=1)
    level = click.IntRange(0, 3)

    @click.argument("source", metavar="FILE", type=Source())
    @click.option(
        "--backend",
        "wanted",
        metavar="NAME",
        shell_complete=complete_backend,
        help="Where to run.  [default: the least busy that fits]",
    )
    @click.option("--where", metavar="CONDITIONS", help="Choose among these backends, as in `backends`.")
    @click.option("--shots", type=shots, default=DEFAULT_SHOTS, show_default=True, help="For each circuit.")
    @click.option("--level", type=level, default=2, show_default=True, help="How hard the transpiler tries, 0 to 3.")
    @click.option("--seed", type=int, default=0, show_default=True, help="The same gives the same layout.")
    @wraps(function)
    def with_work(
        *, source: Given, wanted: str | None, where: str | None, shots: int, level: int, seed: int, **others: Any
    ) -> T:
        return function(work=Work(source, wanted, where, shots, level, seed), **others)

    return with_work


def estimate_form(estimate: "Estimate") -> json_answers.Estimated:
    """Return an estimate as commands write it.

    Source: behaviour B546.
    """
    return msgspec.convert(estimate.to_dict(), json_answers.Estimated)
