"""Waiting for jobs, one or many: looks with few requests, at the pace that the core sets, until the last is final."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, assert_never

from msgspec.structs import replace
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from .._log import logger
from .._public import public
from ..client.clock import SystemClock
from ..client.parallel import gather
from ..client.raising import exception_of, value_or_raise
from ..client.rest import Client
from ..core.arguments import if_given, read_callable, read_flag, read_items, read_number, read_patience, refuse
from ..core.jobs import (
    Finished,
    Look,
    PollAgain,
    decide_poll,
    describe_wait,
    first_page,
    is_final,
    next_page,
    plan_looks,
    status_of,
)
from ..core.messages import describe
from ..records.call import FailedCall
from ..records.job import Job
from ..records.problem import BadArgument, JobNotFound, JobTimeout, Problem
from ..transport.base import Clock
from .progress import Progress, open_line

if TYPE_CHECKING:
    from .job import RuntimeJobV2

MAX_BAD_LOOKS = 5
"""How many looks may fail in a row before the wait is given up."""
LEAST_SECONDS = 0.1
"""How long a look may take at least, however near the deadline is."""

Notify = Callable[["RuntimeJobV2", float], None]
TimeLeft = Callable[[], float | None]
"""Seconds until the deadline; `None` without one."""
Looked = dict[str, Result[Job, Problem]]
"""By id, how each job was found."""


@public()
def wait_all(
    jobs: Iterable["RuntimeJobV2"],
    timeout: float | None = None,
    poll_interval: float | None = None,
    *,
    on_change: Notify | None = None,
    progress: bool = False,
) -> list["RuntimeJobV2"]:
    """Block until all jobs are final, and return them as they came. Interrupting the wait leaves them running.

    Jobs of one instance are looked at together, by a listing: a hundred jobs take one request a look.

    Args:
        jobs: Jobs of any instances and services, and jobs that run in this process, which are waited for last.
        timeout: Seconds to wait; `None` waits for ever.
        poll_interval: Seconds between two looks, 0.1 at least; by default they grow with the wait.
        on_change: Called with a job of a service and the seconds waited, after the first look and at each change of
            its status.
        progress: Show a line on the terminal or in the notebook while it goes on; nothing elsewhere.

    Raises:
        RuntimeJobTimeoutError: `timeout` seconds went by first.
        RuntimeJobNotFound: A job is gone, several looks in a row.
        IBMApiError: The service could not be read, several times in a row, or not once until then.

    Source: behaviour B42, B152, B153, B290, B326.
    """
    from .job import RuntimeJobV2

    patience, interval = read_wait(timeout, poll_interval, progress)
    notify = value_or_raise(read_on_change("on_change", on_change))
    held = [*value_or_raise(read_jobs("jobs", jobs))]
    served = [job for job in held if isinstance(job, RuntimeJobV2)]
    clock = served[0].service._connection.clock if served else SystemClock()
    with open_line(progress) as line:
        wait = Wait(served, clock, patience, interval, notify)
        try:
            wait.run(line)
        except KeyboardInterrupt as stop:
            listed = ", ".join(repr(job.job_id()) for job in wait.pending)
            stop.add_note(f"Not final, and left running: {listed}. Fetch each later with service.job(id).")
            raise
    for job in dict.fromkeys(held).keys() - {*served}:
        job.wait_for_final_state(wait.left())
    return held


def read_wait(timeout: Any, poll_interval: Any, progress: Any) -> tuple[float | None, float | None]:
    """Return how long to wait and how often to look, in seconds.

    Raises:
        IBMInputValueError: They are no numbers, or `progress` is not `True` or `False`.
    """
    value_or_raise(read_flag("progress", progress))
    return (
        value_or_raise(read_patience("timeout", timeout)),
        value_or_raise(if_given(read_number)("poll_interval", poll_interval)),
    )


read_on_change = if_given(partial(read_callable, wanted="a function of a status and the seconds waited"))


def read_jobs(name: str, value: Any) -> Result[list[Any], BadArgument]:
    """Return jobs."""
    from .base_job import BaseJob

    wanted = "a list of jobs"
    return read_items(name, value, wanted=wanted).bind(
        lambda jobs: Success(jobs) if all(isinstance(job, BaseJob) for job in jobs) else refuse(name, value, wanted)
    )


class Wait:
    """One wait for jobs of services: looks, notifies, and sleeps until all are final."""

    def __init__(
        self,
        jobs: Sequence["RuntimeJobV2"],
        clock: Clock,
        timeout: float | None,
        interval: float | None,
        notify: Notify | None,
    ) -> None:
        self._jobs = jobs
        self._clock = clock
        self._started = clock.now()
        self._timeout = timeout
        self._interval = interval
        self._notify = notify
        self._shown: dict[RuntimeJobV2, str] = {}
        self._read: set[RuntimeJobV2] = set()
        self._unread: dict[RuntimeJobV2, Problem] = {}
        """The jobs that the last look could not read, and why."""
        self._bad_looks = 0

    @property
    def pending(self) -> list["RuntimeJobV2"]:
        """The jobs that are not known to be final."""
        return [job for job in self._jobs if not is_final(job.record.state)]

    def waited(self) -> float:
        """Return the seconds since the wait began."""
        return self._clock.now() - self._started

    def left(self) -> float | None:
        """Return the seconds until the deadline; `None` without one."""
        return None if self._timeout is None else max(self._timeout - self.waited(), LEAST_SECONDS)

    def run(self, line: Progress) -> None:
        """Wait until all jobs are final. Raises what `wait_all` raises."""
        while self._jobs:
            looked_at = self.pending
            self._unread = look_at_all(looked_at, self.left)
            self._read |= {*looked_at} - self._unread.keys()
            self._notify_changes()
            line.show(describe_wait([job.record for job in self._jobs], self.waited()))
            self._raise_lasting()
            match self._decide():
                case Finished():
                    return
                case PollAgain(seconds):
                    self._clock.sleep(seconds)
                case JobTimeout() as late:
                    self._raise_never_read()
                    raise exception_of(late)
                case never:
                    assert_never(never)

    def _notify_changes(self) -> None:
        for job in self._jobs:
            status = status_of(job.record.state)
            if self._notify is not None and self._shown.get(job) != status:
                self._shown[job] = status
                self._notify(job, self.waited())

    def _raise_lasting(self) -> None:
        """Raise what went wrong with a look, unless the next may go well."""
        self._bad_looks = self._bad_looks + 1 if self._unread else 0
        if not self._unread:
            return
        worst = worst_of(self._unread.values())
        if not may_pass(worst) or self._bad_looks >= MAX_BAD_LOOKS:
            raise exception_of(worst)
        logger.info("A look at %d jobs failed; waiting on.", len(self.pending))

    def _raise_never_read(self) -> None:
        """Raise why a job could not be read, if not one look of the wait could: nothing is known of how it stands.

        Source: behaviour B326.
        """
        never = {job.job_id(): problem for job, problem in self._unread.items() if job not in self._read}
        if never:
            error = exception_of(worst_of(never.values()))
            error.add_note(f"Not once read in {self.waited():.0f} s: {', '.join(map(repr, never))}.")
            raise error

    def _decide(self) -> PollAgain | Finished | JobTimeout:
        """Choose what follows a look at all jobs: what follows for the one that is in most of a hurry."""
        known = [job for job in self.pending if job not in self._unread] or self.pending
        hurried = min(known, key=lambda job: job.record.session is None, default=self._jobs[0])
        step = decide_poll(hurried.record, waited=self.waited(), timeout=self._timeout, interval=self._interval)
        if not isinstance(step, JobTimeout):
            return step
        unread = describe(self._unread[hurried]).line if hurried in self._unread else ""
        return replace(step, others=len(known) - 1, unread=unread)


def look_at_all(jobs: Sequence["RuntimeJobV2"], left: TimeLeft) -> dict["RuntimeJobV2", Problem]:
    """Look at all jobs at once; return those that could not be read, and why."""
    groups: dict[Client, list[RuntimeJobV2]] = {}
    for job in jobs:
        groups.setdefault(job.service._client, []).append(job)
    tasks = [
        partial(look_at, client, look, left)
        for client, group in groups.items()
        for look in plan_looks(job.record for job in group)
    ]
    found: Looked = {}
    for looked_at in gather(tasks):
        found |= looked_at
    unread: dict[RuntimeJobV2, Problem] = {}
    for job in jobs:
        match found[job.job_id()]:
            case Success(record):
                job._learn(record)
            case Failure(problem):
                unread[job] = problem
    return unread


def worst_of(problems: Iterable[Problem]) -> Problem:
    """Return the worst that went wrong with a look: what will not pass, then that a job is gone."""
    return min(problems, key=lambda problem: (may_pass(problem), not isinstance(problem, JobNotFound)))


def look_at(client: Client, look: Look, left: TimeLeft) -> Looked:
    """Look at some jobs of one instance as planned. What a listing does not have is looked at by itself."""
    if look.query is None:
        return {job.id: client.before(left()).job(look.instance, job.id) for job in look.jobs}
    wanted = {job.id for job in look.jobs}
    found: Looked = {}
    collected, lost, pages, step = 0, 0, 0, first_page(look.query)
    # More pages than jobs would take more requests than to look at each.
    while step is not None and len(found) < len(wanted) and pages < len(wanted):
        listed = client.before(left()).jobs(look.instance, look.query, step.limit, step.offset)
        if not is_successful(listed):
            return {job_id: Failure(listed.failure()) for job_id in wanted} | found
        page = listed.unwrap()
        found |= {job.id: Success(job) for job in page.jobs if job.id in wanted}
        collected, lost, pages = collected + len(page.jobs), lost + page.lost, pages + 1
        step = next_page(look.query, collected, page, lost)
    missing = sorted(wanted - set(found))
    alone = gather([partial(client.before(left()).job, look.instance, job_id) for job_id in missing])
    return found | dict(zip(missing, alone, strict=True))


def may_pass(problem: Problem) -> bool:
    """Whether the next look may bring something else, as it may wherever the service or the way to it failed.

    Source: behaviour B290.
    """
    return isinstance(problem, FailedCall | JobNotFound)
