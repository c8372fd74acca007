"""`doctor`: which link between this machine and the backends is broken."""

import click
from msgspec.structs import asdict

from . import json_answers
from .options import Command, with_output
from .output import DONE, FAILED, Output
from .service_options import Opening, opens_service


@click.command(
    cls=Command,
    examples=["qiskit-runtime doctor", "qiskit-runtime doctor --local", "qiskit-runtime doctor --world busy --json"],
)
@opens_service
@with_output
def command(opening: Opening, out: Output) -> int:
    """Find the broken link between this machine and the backends.

    Tries proxy, connection, certificate, account, token service, search, catalog, instance and backends, in less than
    ten requests, and names the first that is broken. It needs no account to try the way to the service. Keys are not
    shown.
    """
    from ..client.checkup import check_account
    from ..client.find_account import find_account
    from ..client.raising import value_or_raise
    from ..client.settings import read_arguments
    from ..core.reports import explain_checkup

    if opening.is_emulated:
        with opening.service() as service:
            checkup = service.check().records
    else:
        given = read_arguments(channel=opening.channel, instance=opening.instance)
        choice = given.bind(lambda fields: find_account(fields, opening.file, opening.name))
        checkup = value_or_raise(check_account(choice))
    out.answer(json_answers.Checkup(**asdict(checkup)), explain_checkup(checkup))
    return DONE if checkup.broken is None else FAILED
