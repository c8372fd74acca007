"""`usage`: what an instance has spent and may still spend."""

import click
import msgspec

from ..core.reports import describe_usage
from . import json_answers
from .options import Command, with_output
from .output import Output
from .service_options import Opening, opens_service


@click.command(
    cls=Command,
    examples=["qiskit-runtime usage", "qiskit-runtime usage --local --json"],
)
@opens_service
@with_output
def command(opening: Opening, out: Output) -> None:
    """Show what the instance has spent and may still spend.

    It is the best of the account, or the one that --instance names.
    """
    with opening.service() as service:
        used = service.usage()
        answer = json_answers.Usage(
            instance=service.active_instance(),
            consumed_seconds=used.get("usage_consumed_seconds"),
            limit_seconds=used.get("usage_limit_seconds"),
            allocation_seconds=used.get("usage_allocation_seconds"),
            consumed_ru=used.get("usage_consumed_ru"),
            limit_ru=used.get("usage_limit_ru"),
            allocation_ru=used.get("usage_allocation_ru"),
            remaining_seconds=used.get("usage_remaining_seconds"),
            limit_reached=used.get("usage_limit_reached"),
            period=msgspec.convert(used.get("usage_period"), json_answers.Period | None),
        )
        out.answer(answer, describe_usage(used))
