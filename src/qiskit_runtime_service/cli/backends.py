"""`backends`: what there is to run on, filtered and ordered, with reasons if asked for."""

import click
from msgspec.structs import asdict, replace

from ..core.placement import describe_placement
from ..core.ranking import RANKS
from . import json_answers
from .options import Command, with_output
from .output import Output, busy
from .service_options import Opening, opens_service


@click.command(
    cls=Command,
    examples=[
        "qiskit-runtime backends --local",
        'qiskit-runtime backends --where "num_qubits >= 127" --order queue_length',
        'qiskit-runtime backends --local --explain --where "clops > 0 and not mock"',
        "qiskit-runtime backends --world busy --json",
    ],
)
@click.option("--where", metavar="CONDITIONS", help="Only backends for which this holds.")
@click.option(
    "--order", multiple=True, type=click.Choice(list(RANKS)), metavar="NAME", help=f"One or more of {', '.join(RANKS)}."
)
@click.option("--explain", is_flag=True, help="Tell the rank of each online backend, or why it is rejected.")
@click.option("--all-instances", is_flag=True, help="List a device once for each instance that has it.")
@opens_service
@with_output
def command(
    opening: Opening, where: str | None, order: tuple[str, ...], explain: bool, all_instances: bool, out: Output
) -> None:
    """List backends, the best first.

    Conditions are joined by `and`: a name, `not` and a name, or a name, one of == != >= <= > < in contains lacks, and a
    value. Names are those of the listing, such as num_qubits, queue_length, operational, processor, two_qubit_error,
    and of the configuration, such as basis_gates or max_shots.

    Without --order, those that are online come first, the shortest queue before the others; equal ones stand in the
    order of their instances. A device that several instances have is listed from the best of them.
    """
    if explain and all_instances:
        raise click.UsageError("--explain tells of the best instance of each device: leave out --all-instances.")
    with opening.service() as service:
        if explain:
            with busy("Listing backends …"):
                explained = service.explain_backends(where=where, rank_by=order or "queue_length")
            placement = describe_placement(explained.records)
            out.answer(json_answers.Placement(**asdict(placement)), *explained.reports)
            return
        with busy("Listing backends …"):
            found = service.backends(where=where, rank_by=order or "queue_length", all_instances=all_instances)
        if not order:
            found.sort(key=lambda backend: backend.row.state != "online")
        answer = json_answers.BackendList(backends=tuple(backend.row for backend in found))
        # What is missing was said already.
        notes = () if found or where is None else ("None of them is so. --explain tells why.",)
        out.answer(answer, replace(found.report(), notes=notes))
