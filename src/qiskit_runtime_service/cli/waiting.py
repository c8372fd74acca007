"""Waiting for a job, with a line that tells how it stands."""

import sys
from typing import TYPE_CHECKING

import click

from .._shown import spell
from .output import say

if TYPE_CHECKING:
    from ..shell.job import RuntimeJobV2


def wait_for(job: "RuntimeJobV2", timeout: float | None) -> None:
    """Wait until a job is final. Interrupting the wait leaves the job running, and says how to come back to it.

    Raises:
        RuntimeJobTimeoutError: `timeout` seconds went by first.
    """
    try:
        if sys.stderr.isatty():
            job.wait_for_final_state(timeout, progress=True)
        else:
            job.wait_for_final_state(timeout, on_change=lambda status, waited: say(f"{spell(waited):>12}  {status}"))
    except KeyboardInterrupt:
        say(f"Job {job.job_id()} goes on. Wait for it with: qiskit-runtime job {job.job_id()} --wait")
        raise click.Abort from None
