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
        told = tuple(json_answers.Instance(**each | {"tags": tuple(each["tags"])}) for each in found.to_dicts())
        out.answer(json_answers.InstanceList(instances=told), found.report())
