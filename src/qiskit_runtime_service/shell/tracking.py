"""What jobs of a `with` block use together: noted where they are submitted, read when somebody asks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import msgspec

from .._public import public
from ..core.jobs import is_final, status_of
from ..core.messages import describe
from ..core.tracking import add_up, describe_tracked
from ..records.estimate import UsageEstimate
from ..records.problem import SubmissionUnknown
from ..records.report import Report
from ..records.tracking import TrackedJob, TrackedUsage
from .display import PublicNames, as_lines, as_page
from .open_blocks import TRACKERS, Block

if TYPE_CHECKING:
    from .job import RuntimeJobV2
    from .service import QiskitRuntimeService


@public()
class UsageTracker(PublicNames):
    """What the jobs use that one service submits while its block is open: `with service.track() as cost:`.

    It counts the jobs of the thread or task that has entered the block, and of the tasks that begin in it, in whatever
    way they are submitted. A thread that is to count too enters it for itself: `with cost:`. Each of several blocks
    that are open counts; one that ends by an exception keeps what it has counted.

    Print it, read its `records`, or let a notebook show it. Nothing is sent but by `refresh`.

    Source: behaviour B543, B544.
    """

    def __init__(self, service: "QiskitRuntimeService") -> None:
        self._service = service
        self._blocks: list[Block[UsageTracker]] = []
        self._tracked: dict[RuntimeJobV2, UsageEstimate | None] = {}
        self._doubts: list[str] = []
        self._troubles: tuple[str, ...] = ()

    @property
    def service(self) -> "QiskitRuntimeService":
        """The service whose jobs are counted."""
        return self._service

    @property
    def jobs(self) -> "list[RuntimeJobV2]":
        """The jobs that were submitted, in their order."""
        return list(self._tracked.copy())

    @property
    def records(self) -> TrackedUsage:
        """What is known of them by now, as records: each job, and sums by backend and program."""
        tracked = self._tracked.copy()
        return add_up((_tracked(job, tracked[job]) for job in tracked), tuple(self._doubts), self._troubles)

    @property
    def estimated_seconds(self) -> float:
        """What they were thought to use when they were submitted, about; jobs of which nobody knew are not in it."""
        return self.records.total.estimated_seconds

    @property
    def charged_seconds(self) -> float:
        """What those are charged that have come to their end, as last read."""
        return float(self.records.total.charged_seconds or 0)

    def refresh(self) -> Self:
        """Read how the jobs stand whose charge is not settled, and return the tracker.

        It is one request where that is one job, and else a listing for each instance, of up to 200 jobs a request.
        What cannot be read is told with the rest, and read the next time.

        Source: behaviour B544.
        """
        from .waiting import look_at_all  # Here, because the service itself loads without it.

        unread = look_at_all([job for job in self.jobs if not _tracked(job, None).settled], lambda: None)
        self._troubles = tuple(f"{job.job_id()}: {describe(problem).line}" for job, problem in unread.items())
        return self

    def report(self) -> Report:
        """Return the sums as a table of text, with what of them is not known."""
        return describe_tracked(self.records)

    def to_dict(self) -> dict[str, Any]:
        """Return the records as dictionaries, lists, texts and numbers."""
        plain: dict[str, Any] = msgspec.to_builtins(self.records)
        return plain

    def to_json(self) -> str:
        """Return the records as JSON text."""
        return msgspec.json.encode(self.records).decode()

    def __enter__(self) -> Self:
        self._blocks.append(TRACKERS.enter(self))
        return self

    def __exit__(self, *_: object) -> None:
        TRACKERS.leave(self._blocks)

    def __str__(self) -> str:
        return as_lines(self.report())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return as_page(self.report())

    def _note(self, job: "RuntimeJobV2", estimate: UsageEstimate | None) -> None:
        """Count a job that was submitted."""
        self._tracked[job] = estimate

    def _note_doubt(self, doubt: SubmissionUnknown) -> None:
        """Count a submission of which nobody knows whether it made a job."""
        self._doubts.append(f"Not counted, for there may be no job: {describe(doubt).line}")


def trackers_of(service: "QiskitRuntimeService") -> Sequence[UsageTracker]:
    """Return the trackers of a service whose blocks this thread or task is in.

    Source: behaviour B543.
    """
    open_here = dict.fromkeys(block.owner for block in TRACKERS.open_here())
    return [tracker for tracker in open_here if tracker.service == service]


def _tracked(job: "RuntimeJobV2", estimate: UsageEstimate | None) -> TrackedJob:
    """Return a job as it was last read."""
    record = job.record
    return TrackedJob(
        job_id=record.id,
        instance=record.instance,
        backend=record.backend or "",
        program=record.program,
        session=record.session,
        status=status_of(record.state),
        final=is_final(record.state),
        estimate=estimate,
        charged_seconds=record.charged_seconds,
        charged_ru=record.charged_ru,
    )
