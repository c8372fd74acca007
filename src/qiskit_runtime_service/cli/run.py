"""`run`: circuits from a file onto a backend, and their counts back."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from ..core.selection import show
from ..records.report import Report
from . import json_answers
from .completion import complete_backend
from .options import Command, Given, Source, with_output
from .output import CANCELLED, DONE, Output, busy, say
from .service_options import Opening, opens_service

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.primitives import PrimitiveResult

    from ..shell.backend import IBMBackend
    from ..shell.service import QiskitRuntimeService

DEFAULT_SHOTS = 4096


@click.command(
    cls=Command,
    examples=[
        "qiskit-runtime run bell.qasm --local",
        "qiskit-runtime run bell.qasm --local --backend fake_fez --shots 1000",
        'qiskit-runtime run bell.qasm --where "num_qubits >= 100" --dry-run',
        "qiskit-runtime run bell.qasm --world cloud.world --no-wait",
    ],
)
@click.argument("source", metavar="FILE", type=Source())
@click.option(
    "--backend",
    "wanted",
    metavar="NAME",
    shell_complete=complete_backend,
    help="Where to run.  [default: the least busy that fits]",
)
@click.option("--where", metavar="CONDITIONS", help="Choose among these backends, as in `backends`.")
@click.option("--shots", type=click.IntRange(min=1), default=DEFAULT_SHOTS, show_default=True, help="For each circuit.")
@click.option(
    "--level", type=click.IntRange(0, 3), default=2, show_default=True, help="How hard the transpiler tries, 0 to 3."
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same gives the same layout.")
@click.option("--tag", "tags", multiple=True, help="Tag the job.")
@click.option("--dry-run", is_flag=True, help="Transpile, tell what would run where, and submit nothing.")
@click.option("--wait/--no-wait", default=True, help="Wait for the counts.  [default: wait]")
@click.option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Wait so long at most.")
@opens_service
@with_output
def command(
    source: Given,
    wanted: str | None,
    where: str | None,
    shots: int,
    level: int,
    seed: int,
    tags: tuple[str, ...],
    dry_run: bool,
    wait: bool,
    timeout: float | None,
    opening: Opening,
    out: Output,
) -> int:
    """Run the circuits of a file, and write their counts.

    FILE holds OpenQASM 2, OpenQASM 3 or QPY; - is standard input. Circuits without measurements are measured whole.
    """
    from qiskit.transpiler import generate_preset_pass_manager

    from ..shell.primitives import SamplerV2
    from .circuits import read_circuits
    from .jobs import job_form
    from .waiting import wait_for

    if wanted is not None and where is not None:
        raise click.UsageError("--backend names one, --where chooses among many.\nLeave out one.")
    circuits = read_circuits(source.data, source.name)
    with opening.service(makes_world=not dry_run) as service:
        with busy("Choosing a backend …") as line:
            backend = choose(service, wanted, where, max(circuit.num_qubits for circuit in circuits))
            line.show(f"Transpiling for {backend.name} …")
            isa_circuits = generate_preset_pass_manager(level, backend=backend, seed_transpiler=seed).run(circuits)
        laid = tuple(describe(circuit, backend) for circuit in isa_circuits)
        answer = json_answers.Run(
            backend=backend.name, instance=backend.instance, shots=shots, circuits=laid, job=None, counts=None
        )
        if dry_run:
            out.answer(answer, as_report(answer))
            return DONE
        job = SamplerV2(mode=backend, options={"environment": {"job_tags": list(tags)}}).run(isa_circuits, shots=shots)
        say(f"Job {job.job_id()} is submitted to {backend.name}.")
        if not wait:
            out.answer(replace(answer, job=job_form(job)), as_report(answer))
            return DONE
        wait_for(job, timeout)
        if job.cancelled():
            say(f"Job {job.job_id()} was cancelled.")
            return CANCELLED
        counts = read_counts(isa_circuits, job.result())
        out.answer(replace(answer, job=job_form(job), counts=counts), *tables_of(counts))
        return DONE


def choose(service: "QiskitRuntimeService", name: str | None, where: str | None, num_qubits: int) -> "IBMBackend":
    """Return the backend that is asked for, or the least busy that is large enough."""
    if name is not None:
        return service.backend(name)
    return service.least_busy(min_num_qubits=num_qubits, where=where)


def describe(circuit: "QuantumCircuit", backend: "IBMBackend") -> json_answers.Laid:
    """Return how a laid-out circuit would run."""
    layout = circuit.layout
    gates = {name: count for name, count in circuit.count_ops().items() if name != "barrier"}
    return json_answers.Laid(
        circuit=circuit.name,
        qubits=tuple(layout.final_index_layout() if layout is not None else range(circuit.num_qubits)),
        depth=circuit.depth(),
        gates=gates,
        expected_error=backend.expected_error(circuit),
    )


def as_report(answer: json_answers.Run) -> Report:
    """Return what would run as a table."""
    rows = tuple(
        (
            circuit.circuit,
            show(circuit.qubits),
            str(circuit.depth),
            show([f"{count} {name}" for name, count in circuit.gates.items()]),
            f"{circuit.expected_error:.1%}",
        )
        for circuit in answer.circuits
    )
    return Report(
        title=f"On {answer.backend}, {answer.shots} shots each",
        columns=("circuit", "qubits", "depth", "gates", "expected error"),
        rows=rows,
    )


def read_counts(circuits: "Sequence[QuantumCircuit]", result: "PrimitiveResult") -> tuple[json_answers.Counts, ...]:
    """Return the counts of each circuit, by register."""
    return tuple(
        json_answers.Counts(circuit=circuit.name, counts={name: bits.get_counts() for name, bits in pub.data.items()})
        for circuit, pub in zip(circuits, result, strict=True)
    )


def tables_of(counts: tuple[json_answers.Counts, ...]) -> Iterator[Report]:
    """Yield the counts of each register as a table."""
    from .results import describe_counts

    for circuit in counts:
        for register, found in circuit.counts.items():
            yield describe_counts(f"{circuit.circuit}, {register}", found)
