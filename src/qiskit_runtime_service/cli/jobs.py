"""`jobs`: the jobs of the account, newest first."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ..client.jobs import JobFilters
from ..core.jobs import status_of
from ..records.report import Report
from . import json_answers
from .options import Command, with_output
from .output import Output, busy
from .service_options import Opening, opens_service

if TYPE_CHECKING:
    from ..shell.job import RuntimeJobV2
    from ..shell.progress import Progress
    from ..shell.service import QiskitRuntimeService


@click.command(
    cls=Command,
    examples=[
        "qiskit-runtime jobs --limit 20",
        "qiskit-runtime jobs --pending --backend ibm_fez",
        "qiskit-runtime jobs --tag night-run --after 2026-09-01 --json",
        "qiskit-runtime jobs --world busy",
    ],
)
@click.option("--limit", type=click.IntRange(min=0), default=10, show_default=True, help="How many at most; 0 for all.")
@click.option("--backend", help="Only jobs of this backend.")
@click.option("--pending/--final", default=None, help="Only jobs that wait or run, or only those at their end.")
@click.option("--tag", "tags", multiple=True, help="Only jobs with this tag; several must all be there.")
@click.option("--program", help="Only jobs of this program, such as sampler.")
@click.option("--session", help="Only jobs of this session or batch.")
@click.option("--after", type=click.DateTime(), help="Only jobs from then on, in local time.")
@click.option("--before", type=click.DateTime(), help="Only jobs until then, in local time.")
@opens_service
@with_output
def command(
    limit: int,
    backend: str | None,
    pending: bool | None,
    tags: tuple[str, ...],
    program: str | None,
    session: str | None,
    after: datetime | None,
    before: datetime | None,
    opening: Opening,
    out: Output,
) -> None:
    """List jobs, the newest first.

    Those of all instances of the account, unless --instance names one.
    """
    with opening.service() as service:
        filters = JobFilters(
            backend_name=backend,
            pending=pending,
            job_tags=tags or None,
            program_id=program,
            session_id=session,
            created_after=after,
            created_before=before,
        )
        with busy("Listing jobs …") as line:
            found = service.jobs(limit, **filters) if limit else list(count_all(service, filters, line))
        jobs = tuple(map(job_form, found))
        out.answer(json_answers.JobList(jobs=jobs), as_report(jobs))


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
    return Report(title="Jobs", columns=columns, rows=rows, notes=() if rows else ("There are none.",))
