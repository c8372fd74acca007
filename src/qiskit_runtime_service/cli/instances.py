"""`instances`: the service instances of the account."""

import click

from . import json_answers
from .options import Command, with_output
from .output import Output
from .service_options import Opening, opens_service


@click.command(
    cls=Command,
    examples=["qiskit-runtime instances", "qiskit-runtime instances --world two_regions --json"],
)
@opens_service
@with_output
def command(opening: Opening, out: Output) -> None:
    """List the service instances of the account.

    `whoami` tells which of them are used, in which order, and why.
    """
    with opening.service() as service:
        found = service.instances()
        rows = found.to_dicts()
        instances = tuple(json_answers.Instance(**row | {"tags": tuple(row["tags"])}) for row in rows)
        out.answer(json_answers.InstanceList(instances=instances), found.report())
