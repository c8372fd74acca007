"""Waiting for jobs, one or many: looks with few requests, at the pace that the core sets, until the last is final."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, assert_never

from msgspec.structs import replace
from returns.result import Failure, Result, Success

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
from ..records.job import JUST_CREATED, Job
from ..records.problem import JobNotFound, JobTimeout, NetworkFault, Problem, ServerRefusal, UnreadableBody
from .client import Client
from .edge import exception_of
from .logs import logger
from .parallel import gather
from .progress import open_line

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


class Trouble(NamedTuple):
    """Why a look failed, and whether the next one may go well."""

    may_pass: bool
    problem: Problem


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
        jobs: Jobs of any instances and services.
        timeout: Seconds to wait; `None` waits for ever.
        poll_interval: Seconds between two looks, 0.1 at least; by default they grow with the wait.
        on_change: Called with a job and the seconds waited, after the first look and at each change of its status.
        progress: Show a line on the terminal or in the notebook while it goes on; nothing elsewhere.

    Raises:
        RuntimeJobTimeoutError: `timeout` seconds went by first.
        RuntimeJobNotFound: A job is gone.
        IBMApiError: The service could not be read, several times in a row.

    Source: behaviour B42, B152, B153.
    """
    held = [*jobs]
    if not held:
        return held
    clock = held[0].service.clock
    started, bad_looks = clock.now(), 0
    shown: dict[RuntimeJobV2, str] = {}

    def left() -> float | None:
        return None if timeout is None else max(timeout - (clock.now() - started), LEAST_SECONDS)

    try:
        with open_line(progress) as line:
            while True:
                trouble = _look([each for each in held if not is_final(each.record.state)], left)
                waited = clock.now() - started
                _tell_changes(held, shown, waited, on_change)
                line.show(describe_wait([each.record for each in held], waited))
                bad_looks = 0 if trouble is None else bad_looks + 1
                if trouble is not None:
                    if not trouble.may_pass or bad_looks >= MAX_BAD_LOOKS:
                        raise exception_of(trouble.problem)
                    logger.info("A look at %d jobs failed; waiting on.", len(held))
                match _decide(held, waited, timeout, poll_interval):
                    case Finished():
                        return held
                    case PollAgain(seconds):
                        clock.sleep(seconds)
                    case JobTimeout() as late:
                        raise exception_of(late)
                    case never:
                        assert_never(never)
    except KeyboardInterrupt as stop:
        ids = [each.job_id() for each in held if not is_final(each.record.state)]
        listed = ", ".join(repr(each) for each in ids)
        stop.add_note(f"Not final, and left running: {listed}. Fetch each later with service.job(id).")
        raise


def _decide(
    held: Sequence["RuntimeJobV2"], waited: float, timeout: float | None, interval: float | None
) -> PollAgain | Finished | JobTimeout:
    """Choose what follows a look at all jobs: what follows for the one that is in most of a hurry."""
    pending = [each.record for each in held if not is_final(each.record.state)]
    if not pending:
        return Finished(held[0].record)
    hurried = min(pending, key=lambda job: job.session is None)
    step = decide_poll(hurried, waited=waited, timeout=timeout, interval=interval)
    return replace(step, others=len(pending) - 1) if isinstance(step, JobTimeout) else step


def _tell_changes(
    held: Sequence["RuntimeJobV2"], shown: dict["RuntimeJobV2", str], waited: float, notify: Notify | None
) -> None:
    for each in held:
        status = status_of(each.record.state)
        if notify is not None and shown.get(each) != status:
            shown[each] = status
            notify(each, waited)


def _look(pending: Sequence["RuntimeJobV2"], left: TimeLeft) -> Trouble | None:
    """Look at all jobs at once; return the worst that went wrong, if anything did."""
    groups: dict[Client, list[RuntimeJobV2]] = {}
    for each in pending:
        groups.setdefault(each.service.client, []).append(each)
    tasks = [
        partial(look_at, client, look, left)
        for client, group in groups.items()
        for look in plan_looks(each.record for each in group)
    ]
    found: Looked = {}
    for looked_at in gather(tasks):
        found |= looked_at
    troubles: list[Trouble] = []
    for job in pending:
        looked = found[job.job_id()]
        if isinstance(looked, Success):
            job.learn(looked.unwrap())
        else:
            troubles.append(Trouble(_may_pass(looked.failure(), job.record), looked.failure()))
    return min(troubles, key=lambda each: each.may_pass, default=None)


def look_at(client: Client, look: Look, left: TimeLeft) -> Looked:
    """Look at some jobs of one instance as planned. What a listing does not have is looked at by itself."""
    if look.query is None:
        return {job.id: client.before(left()).job(look.instance, job.id) for job in look.jobs}
    wanted = {job.id for job in look.jobs}
    found: Looked = {}
    collected, pages, step = 0, 0, first_page(look.query)
    # More pages than jobs would take more requests than to look at each.
    while step is not None and len(found) < len(wanted) and pages < len(wanted):
        listed = client.before(left()).jobs(look.instance, look.query, step.limit, step.offset)
        if not isinstance(listed, Success):
            return {each: Failure(listed.failure()) for each in wanted} | found
        page = listed.unwrap()
        found |= {job.id: Success(job) for job in page.jobs if job.id in wanted}
        collected, pages = collected + len(page.jobs), pages + 1
        step = next_page(look.query, collected, page)
    missing = sorted(wanted - set(found))
    alone = gather([partial(client.before(left()).job, look.instance, each) for each in missing])
    return found | dict(zip(missing, alone, strict=True))


def _may_pass(problem: Problem, job: Job) -> bool:
    """Whether a failed look says nothing about the job. One that was just created may not be seen yet."""
    match problem:
        case NetworkFault() | UnreadableBody():
            return True
        case ServerRefusal(status=status):
            return status >= 429
        case JobNotFound():
            return job.state == JUST_CREATED
        case _:
            return False
