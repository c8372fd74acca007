"""`select`: the choice of a backend for other schedulers, from JSON to JSON. Neither account, network nor Qiskit."""

import click
import msgspec
from returns.result import Success

from ..client.clock import SystemClock
from ..core.names import hint_at
from ..core.placement import decide_placement
from ..core.ranking import RANKS
from ..records.placement import Placement, PlacementRequest
from ..records.problem import Problem, UnknownFilter
from . import json_answers
from .options import Command, Given, Source
from .output import DONE, FAILED, say

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = "#/$defs/{name}"


def build_schema() -> str:
    """Return the form of what is read and written, as JSON Schema."""
    (question, answer), parts = msgspec.json.schema_components([PlacementRequest, Placement], ref_template=REFERENCE)
    properties = {"request": question, "answer": answer}
    whole = {"$schema": DIALECT, "title": "What select reads and writes", "properties": properties, "$defs": parts}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()


def write_schema(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Write the schema in the place of an answer."""
    if wanted:
        click.echo(build_schema())
        context.exit()


@click.command(
    cls=Command,
    examples=[
        "qiskit-runtime select < fleet.json",
        'qiskit-runtime select fleet.json --where "num_qubits >= 127" --first',
        "qiskit-runtime backends --local --json | qiskit-runtime select --first",
        "qiskit-runtime select --schema > select.schema.json",
    ],
)
@click.argument("source", metavar="[FILE]", type=Source(), default="-")
@click.option("--where", metavar="CONDITIONS", help="Conditions, in place of query.where.")
@click.option("--order", multiple=True, type=click.Choice(list(RANKS)), metavar="NAME", help="In place of query.order.")
@click.option("--first", is_flag=True, help="Write the name of the best backend, and nothing else.")
@click.option(
    "--schema", is_flag=True, is_eager=True, expose_value=False, callback=write_schema, help="Write the form of both."
)
def command(source: Given, where: str | None, order: tuple[str, ...], first: bool) -> int:
    """Choose a backend for another scheduler, from JSON to JSON.

    Reads backends, instances and a query, from a file or from standard input; writes the ranking, with a reason for
    each backend. Needs no account, no network and no Qiskit. Where no backend fits, the exit code is 1.

    --schema writes the form of both as JSON Schema.
    """
    try:
        request = msgspec.json.decode(source.data, type=PlacementRequest)
    except msgspec.DecodeError as error:
        raise click.ClickException(f"{source.name}: {error}.\nWhat is read: qiskit-runtime select --schema") from error
    query = msgspec.structs.replace(
        request.query, where=request.query.where if where is None else where, order=order or request.query.order
    )
    now = SystemClock().now() if request.now is None else request.now
    match decide_placement(msgspec.structs.replace(request, query=query), now):
        case Success(placement):
            write(placement, first)
            return FAILED if placement.chosen is None else DONE
        case failed:
            raise complaint(failed.failure())


def write(placement: Placement, first: bool) -> None:
    """Write the answer; of the first alone the name, and what came of the others as talk."""
    if not first:
        click.echo(msgspec.json.encode(json_answers.Placement(**msgspec.structs.asdict(placement))))
        return
    say(placement.summary)
    if placement.chosen is not None:
        click.echo(placement.chosen.backend)


def complaint(problem: Problem) -> click.ClickException:
    """Return what is wrong with the question. Our own exceptions would bring Qiskit along."""
    match problem:
        case UnknownFilter(name=name, nearest=nearest):
            hint = hint_at(nearest, "docs/reference/select.md names what can be asked.")
            return click.ClickException(f"Backends have no attribute {name!r}.\n{hint}")
        case _:
            from ..core.messages import describe  # Few questions are wrong, and the table of words takes its time.

            return click.ClickException(str(describe(problem)))
