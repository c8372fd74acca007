"""`whoami`: the account in use, where each of its fields came from, and the rank of its instances."""

import click

from ..core.selection import describe_rejection
from ..records.instance import Instance
from . import json_answers
from .options import Command, with_output
from .output import Output
from .service_options import Opening, opens_service


@click.command(
    cls=Command,
    examples=["qiskit-runtime whoami", "qiskit-runtime whoami --world many_instances", "qiskit-runtime whoami --json"],
)
@opens_service
@with_output
def command(opening: Opening, out: Output) -> None:
    """Show the account in use, and where it came from.

    Arguments come first, then the environment, then the account file. Keys are masked.
    """
    with opening.service() as service:
        explained = service.explain()
        account, _, *calls = explained.reports
        ranked = explained.records.instances
        used = [rank_form(instance, rank, "") for rank, instance in enumerate(explained.records.used, 1)]
        rejected = [rank_form(rejection.item, None, describe_rejection(rejection)) for rejection in ranked.rejected]
        answer = json_answers.Identity(
            channel=service.channel,
            active_instance=service.active_instance(),
            account=tuple(
                json_answers.Origin(field=field, value=value, origin=origin) for field, value, origin in account.rows
            ),
            looked_at=account.notes,
            instances=(*used, *rejected),
            troubles=tuple(", ".join(row) for report in calls for row in report.rows),
        )
    out.answer(answer, *explained.reports)


def rank_form(instance: Instance, rank: int | None, reason: str) -> json_answers.Ranked:
    """Return an instance as JSON has it."""
    return json_answers.Ranked(
        crn=instance.crn,
        name=instance.name,
        plan=instance.plan,
        pricing_type=instance.pricing_type,
        region=instance.region,
        tags=instance.tags,
        rank=rank,
        reason=reason,
    )
