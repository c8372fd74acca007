"""`jobs`: the jobs of the account, newest first, and the end of those that wait or run."""

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

import click

from .._log import logger
from .._shown import counted
from ..client.jobs import JobFilters
from ..core.jobs import status_of
from ..records.report import Report
from . import json_answers
from .completion import complete_backend, complete_session
from .options import Command, Moment, with_output
from .output import CANCELLED, DONE, FAILED, Output, busy, expected_errors, say
from .service_options import Opening, opens_service

if TYPE_CHECKING:
    from ..shell.job import RuntimeJobV2
    from ..shell.progress import Progress
    from ..shell.service import QiskitRuntimeService


STATUSES = {"queued": True, "running": True, "done": False, "error": False, "cancelled": False}
"""What may be asked for, and whether such a job waits or runs."""
USUAL_LIMIT = 10


@click.command(
    cls=Command,
    examples=[
        "qiskit-runtime jobs --limit 20",
        "qiskit-runtime jobs --status error --since 7d",
        "qiskit-runtime jobs --tag night-run --since 2026-09-01 --json id,status",
        "qiskit-runtime jobs --tag night-run --cancel --yes",
        "qiskit-runtime jobs --world busy",
    ],
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    help=f"How many at most; 0 for all.  [default: {USUAL_LIMIT}; with --cancel all]",
)
@click.option("--backend", help="Only jobs of this backend.", shell_complete=complete_backend)
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(list(STATUSES), case_sensitive=False),
    help="Only jobs that stand so; several are alternatives.",
)
@click.option("--pending/--final", default=None, help="Only jobs that wait or run, or only those at their end.")
@click.option("--tag", "tags", multiple=True, help="Only jobs with this tag; several must all be there.")
@click.option("--program", help="Only jobs of this program, such as sampler.")
@click.option("--session", help="Only jobs of this session or batch.", shell_complete=complete_session)
@click.option(
    "--since",
    "--after",
    "after",
    type=Moment(),
    metavar="DATE|AGO",
    help="Only jobs from then on, as 7d or 2026-09-01.",
)
@click.option("--until", "--before", "before", type=Moment(), metavar="DATE|AGO", help="Only jobs until then.")
@click.option("--cancel", is_flag=True, help="Stop all of these that wait or run, after asking.")
@click.option("--yes", is_flag=True, help="Stop them without asking.")
@opens_service
@with_output
def command(
    limit: int | None,
    backend: str | None,
    statuses: tuple[str, ...],
    pending: bool | None,
    tags: tuple[str, ...],
    program: str | None,
    session: str | None,
    after: datetime | None,
    before: datetime | None,
    cancel: bool,
    yes: bool,
    opening: Opening,
    out: Output,
) -> int:
    """List jobs, the newest first.

    Those of all instances of the account, unless --instance names one. Dates are in local time.

    --cancel shows which jobs it would stop, and asks; without a terminal it stops nothing unless --yes is given.
    """
    if cancel:
        check_cancel(statuses, pending, yes)
    kinds = {STATUSES[status] for status in statuses}
    filters = JobFilters(
        backend_name=backend,
        pending=True if cancel else kinds.pop() if pending is None and len(kinds) == 1 else pending,
        job_tags=tags or None,
        program_id=program,
        session_id=session,
        created_after=after,
        created_before=before,
    )
    most = limit if limit is not None else 0 if cancel else USUAL_LIMIT
    with opening.service() as service:
        with busy("Listing jobs …") as line:
            found = list_jobs(service, most, statuses, filters, line)
        if cancel and found:
            if not (yes or agree(found)):
                say("Nothing is cancelled.")
                return CANCELLED
            code = cancel_all(found)
        else:
            code = DONE
        jobs = tuple(map(job_form, found))
        out.answer(json_answers.JobList(jobs=jobs), as_report(jobs))
        return code


def check_cancel(statuses: tuple[str, ...], pending: bool | None, yes: bool) -> None:
    """Raise a `UsageError` where nothing can be cancelled, or nobody be asked.

    Source: behaviour B561.
    """
    if pending is False or not all(STATUSES[status] for status in statuses):
        raise click.UsageError(
            "Only jobs that wait or run can be cancelled.\nLeave out --final and the other --status."
        )
    if not (yes or sys.stdin.isatty()):
        raise click.UsageError("Nobody is there to be asked whether to cancel.\nGive --yes.")


def agree(jobs: "Sequence[RuntimeJobV2]") -> bool:
    """Show which jobs would be stopped, and ask."""
    for job in jobs:
        say(f"  {job.job_id()}  {status_of(job.record.state)}  {job.record.backend or ''}".rstrip())
    return click.confirm(f"Cancel {counted(len(jobs), 'job')}?", err=True)


def cancel_all(jobs: "Sequence[RuntimeJobV2]") -> int:
    """Stop jobs, and look at each. One that cannot be stopped is told, and keeps no other from it.

    Source: behaviour B561.
    """
    code = DONE
    for count, job in enumerate(jobs, 1):
        with busy(f"Cancelling job {count} of {len(jobs)} …"):
            try:
                job.cancel()
            except expected_errors() as error:
                logger.warning("Job %s was not cancelled: %s", job.job_id(), str(error).partition("\n")[0])
                code = FAILED
            job.status()
    say(f"{counted(sum(job.cancelled() for job in jobs), 'job')} cancelled.")
    return code


def list_jobs(
    service: "QiskitRuntimeService", limit: int, statuses: tuple[str, ...], filters: JobFilters, line: "Progress"
) -> "list[RuntimeJobV2]":
    """Return the newest jobs, `limit` at most, or all where it is 0. The service knows pending and final ones only."""
    if limit and not statuses:
        return service.jobs(limit, **filters)
    wanted = {status.upper() for status in statuses}
    every = count_all(service, filters, line)
    fitting = (job for job in every if not wanted or status_of(job.record.state) in wanted)
    return list(islice(fitting, limit or None))


def count_all(service: "QiskitRuntimeService", filters: JobFilters, line: "Progress") -> Iterator["RuntimeJobV2"]:
    """Yield all jobs, and tell how many they are so far."""
    for count, job in enumerate(service.iter_jobs(**filters), 1):
        if count % 100 == 0:
            line.show(f"Listing jobs … {count}")
        yield job


def job_form(job: "RuntimeJobV2") -> json_answers.Job:
    """Return what is known of a job without asking."""
    record, created = job.record, job.creation_date
    return json_answers.Job(
        id=record.id,
        status=status_of(record.state),
        backend=record.backend,
        instance=record.instance,
        program=record.program,
        created=None if created is None else created.isoformat(timespec="seconds"),
        tags=tuple(job.tags),
        session=record.session,
    )


def as_report(jobs: tuple[json_answers.Job, ...]) -> Report:
    """Return jobs as a table."""
    rows = tuple(
        (
            job.id,
            job.status,
            job.backend or "",
            job.program,
            (job.created or "").replace("T", " ")[:16],
            ", ".join(job.tags),
        )
        for job in jobs
    )
    columns = ("job", "status", "backend", "program", "created", "tags")
    return Report(title="Jobs", columns=columns, rows=rows)
