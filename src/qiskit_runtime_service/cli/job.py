"""`job`: one job, shown, waited for, cancelled or read."""

import click

from ..core.selection import show
from ..records.report import Report
from . import json_answers
from .completion import complete_job
from .jobs import job_form
from .options import Command, with_output
from .output import CANCELLED, DONE, JOB_FAILED, Output, say
from .service_options import Opening, opens_service
from .waiting import wait_for


@click.command(
    cls=Command,
    examples=[
        "qiskit-runtime job d123abc --world cloud.world",
        "qiskit-runtime job d123abc --wait --timeout 3600 --result --json",
        "qiskit-runtime job d123abc --cancel",
    ],
)
@click.argument("job_id", metavar="ID", shell_complete=complete_job)
@click.option("--wait", is_flag=True, help="Wait until it has come to its end.")
@click.option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Wait so long at most.")
@click.option("--cancel", is_flag=True, help="Stop it.")
@click.option("--result", "with_result", is_flag=True, help="Write its result; this waits for it.")
@click.option("--log", "with_log", is_flag=True, help="Write what it wrote.")
@opens_service
@with_output
def command(
    job_id: str,
    wait: bool,
    timeout: float | None,
    cancel: bool,
    with_result: bool,
    with_log: bool,
    opening: Opening,
    out: Output,
) -> int:
    """Show a job; wait for it, stop it, or read what came of it.

    The exit code tells how the job ended: 2 if it was cancelled, 3 if it failed; 5 if --timeout was over first.
    """
    from .results import describe_result, plain_result

    with opening.service() as service:
        job = service.job(job_id)
        if cancel:
            job.cancel()
            say(f"Job {job_id} is told to stop.")
        if wait or with_result:
            wait_for(job, timeout)
        error = job.error_message()
        result = job.result() if with_result and job.done() else None
        log = job.logs() if with_log else None
        form = job_form(job)
        answer = json_answers.JobReport(job=form, error=error, result=plain_result(result), log=log)
        out.answer(answer, as_report(answer), *(() if result is None else describe_result(result)))
        if log is not None and not out.as_json:
            out.lines([log])
        return DONE if cancel else code_of(form)


def code_of(job: json_answers.Job) -> int:
    """Return the exit code for a job as it stands."""
    return {"CANCELLED": CANCELLED, "ERROR": JOB_FAILED}.get(job.status, DONE)


def as_report(answer: json_answers.JobReport) -> Report:
    """Return a job as a table."""
    job = answer.job
    rows = [
        ("status", job.status),
        ("backend", show(job.backend)),
        ("program", job.program),
        ("created", show(job.created)),
        ("instance", job.instance),
    ]
    rows += [("tags", show(job.tags))] if job.tags else []
    rows += [("session", job.session)] if job.session else []
    rows += [("error", answer.error)] if answer.error else []
    return Report(title=f"Job {job.id}", columns=("", ""), rows=tuple(rows))
