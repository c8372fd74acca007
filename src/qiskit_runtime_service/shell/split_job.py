"""Several jobs that together are one run."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, overload

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives import PrimitiveResult, PubResult

from ..core.splitting import Part
from ..exceptions import IBMError
from ..records.estimate import UsageEstimate
from .display import PublicNames
from .job import RuntimeJobV2
from .waiting import wait_all


class SplitJob(PublicNames, Sequence[RuntimeJobV2]):
    """The jobs of one run whose PUBs were too large for a single one, in the order of the PUBs.

    It is a sequence of jobs, and has one result: that of all PUBs.

    Source: behaviour B167, B407.
    """

    def __init__(self, jobs: Sequence[RuntimeJobV2]) -> None:
        self._jobs = tuple(jobs)

    @overload
    def __getitem__(self, index: int) -> RuntimeJobV2: ...

    @overload
    def __getitem__(self, index: slice) -> "SplitJob": ...

    def __getitem__(self, index: int | slice) -> "RuntimeJobV2 | SplitJob":
        return SplitJob(self._jobs[index]) if isinstance(index, slice) else self._jobs[index]

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[RuntimeJobV2]:
        return iter(self._jobs)

    def job_ids(self) -> list[str]:
        """Return the ids of the jobs."""
        return [job.job_id() for job in self]

    def statuses(self) -> list[str]:
        """Return how each job stands."""
        return [job.status() for job in self]

    def done(self) -> bool:
        """Whether all jobs have run well."""
        return all(job.done() for job in self)

    def in_final_state(self) -> bool:
        """Whether all jobs have come to their end, good or bad."""
        return all(job.in_final_state() for job in self)

    def cancel(self) -> None:
        """Stop the jobs that have not come to their end."""
        for job in self:
            if not job.in_final_state():
                job.cancel()

    def wait_for_final_state(self, timeout: float | None = None, *, progress: bool = False) -> None:
        """Block until all jobs are final. They are looked at together.

        Args:
            timeout: Seconds to wait; `None` waits for ever.
            progress: Show a line on the terminal or in the notebook while it goes on; nothing elsewhere.

        Raises:
            RuntimeJobTimeoutError: `timeout` seconds went by first.
            IBMApiError: The service could not be read, several times in a row.
        """
        wait_all([job for job in self if isinstance(job, RuntimeJobV2)], timeout, progress=progress)

    def result(self, timeout: float | None = None, *, progress: bool = False) -> "PrimitiveResult[PubResult]":
        """Wait for all jobs and return the results of all PUBs.

        Its metadata have those of the first job, and those of each under `jobs`. The chunks of quantum programs are
        those of all jobs, their items counted through.

        Args:
            timeout: Seconds to wait for all of them; `None` waits for ever.
            progress: Show a line while it is waited for, as in `wait_for_final_state`.

        Raises:
            RuntimeJobTimeoutError: `timeout` seconds went by first.
            IBMRuntimeError, IBMApiError: What the result of a job raises. The other jobs keep theirs.
        """
        self.wait_for_final_state(timeout, progress=progress)
        results = [job.result(timeout) for job in self]
        return PrimitiveResult(list(chain.from_iterable(results)), _joined([result.metadata for result in results]))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self.job_ids()})>"


def submit_parts(
    parts: Sequence[Part],
    estimates: Sequence[UsageEstimate | None],
    post: Callable[[bytes, UsageEstimate | None], RuntimeJobV2],
) -> SplitJob:
    """Submit a job for each part, in their order. If one is not taken, those before it are named with the exception.

    Args:
        parts: What is sent.
        estimates: What each is thought to use.
        post: Submits the body of one with its estimate.

    Source: behaviour B167, B407.
    """
    jobs: list[RuntimeJobV2] = []
    for part, estimate in zip(parts, estimates, strict=True):
        try:
            jobs.append(post(part.body, estimate))
        except (IBMError, KeyboardInterrupt) as error:
            sent = [job.job_id() for job in jobs]
            error.add_note(f"{len(jobs)} of {len(parts)} jobs were submitted before: {sent}.")
            raise
    return SplitJob(jobs)


def _joined(told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what is told of a run whose jobs tell this."""
    metadata = {**told[0], "jobs": list(told)}
    if all("executor" in one for one in told):
        from ..programs.results import join_chunks

        metadata["executor"] = join_chunks([one["executor"] for one in told])
    return metadata
