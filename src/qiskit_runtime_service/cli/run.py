"""`run`: circuits from a file onto a backend, and their counts back."""

import sys
from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from ..core.reports import fit_to_show
from ..core.selection import show
from ..records.report import Report
from . import json_answers
from .laid_out import Work, estimate_form, lays_out
from .options import Command, with_output
from .output import CANCELLED, DONE, Output, say
from .service_options import Opening, opens_service

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.primitives import PrimitiveResult

    from ..shell.backend import IBMBackend
    from ..shell.estimate import Estimate


@click.command(
    cls=Command,
    examples=[
        "qiskit-runtime run bell.qasm --local",
        "qiskit-runtime run bell.qasm --local --backend fake_fez --shots 1000",
        'qiskit-runtime run bell.qasm --where "num_qubits >= 100" --dry-run',
        "qiskit-runtime run bell.qasm --max-usage 10 --no-wait",
        "qiskit-runtime run bell.qasm --world cloud.world --no-wait",
    ],
)
@lays_out
@click.option("--tag", "tags", multiple=True, help="Tag the job.")
@click.option("--dry-run", is_flag=True, help="Transpile, tell what would run where, and submit nothing.")
@click.option("--yes", is_flag=True, help="Do not ask at a terminal whether to submit what is estimated.")
@click.option(
    "--max-usage",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Submit nothing that is estimated to use more; do not ask.",
)
@click.option("--wait/--no-wait", default=True, help="Wait for the counts.  [default: wait]")
@click.option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Wait so long at most.")
@opens_service
@with_output
def command(
    work: Work,
    tags: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    max_usage: float | None,
    wait: bool,
    timeout: float | None,
    opening: Opening,
    out: Output,
) -> int:
    """Run the circuits of a file, and write their counts.

    What they are estimated to use is said first. At a terminal you are asked whether to go on, but for an emulated
    cloud; in a pipe or with --yes nobody is asked.

    FILE holds OpenQASM 2, OpenQASM 3 or QPY; - is standard input. Circuits without measurements are measured whole.
    """
    from ..shell.primitives import SamplerV2
    from .jobs import job_form
    from .waiting import wait_for

    read = work.read()
    with opening.service(makes_world=not dry_run) as service:
        backend, isa_circuits = work.lay_out(read, service)
        sampler = SamplerV2(mode=backend, options={"environment": {"job_tags": list(tags)}})
        estimate = sampler.estimate(isa_circuits, shots=work.shots)
        answer = json_answers.Run(
            backend=backend.name,
            instance=backend.instance,
            shots=work.shots,
            circuits=tuple(describe(circuit, backend) for circuit in isa_circuits),
            estimate=estimate_form(estimate),
            job=None,
            counts=None,
        )
        if dry_run:
            out.answer(answer, as_report(answer), estimate.report())
            return DONE
        asks = sys.stdin.isatty() and not (yes or max_usage is not None or opening.is_emulated)
        if not announce(estimate, asks=asks):
            say("Nothing was submitted.")
            return CANCELLED
        job = sampler.run(isa_circuits, shots=work.shots, max_usage=max_usage)
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


def announce(estimate: "Estimate", *, asks: bool) -> bool:
    """Say what is about to be used, and return whether to go on, which a person is asked if `asks`.

    Source: behaviour B546.
    """
    if asks:
        say(str(estimate))
        return click.confirm("Submit it?", err=True)
    say(first_lines(estimate))
    return True


def first_lines(estimate: "Estimate") -> str:
    """Return the sentences that an estimate begins with, in lines that fit a terminal."""
    from ..shell.display import WIDTH

    return fill(fit_to_show(estimate.report()).title, WIDTH, break_on_hyphens=False)


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
