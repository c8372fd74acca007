"""Submitting a job: usage first, one POST, and looks for the job where the answer does not prove what became of it."""

import os
from copy import copy
from functools import partial
from typing import Self

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from .._log import logger
from .._warn import warn_user
from ..core.jobs import PAGE_LIMIT
from ..core.messages import describe
from ..core.retry import GiveUp
from ..core.submissions import (
    Found,
    LookFor,
    NotRead,
    NotThere,
    Sight,
    decide_look,
    doubt_after,
    is_enough,
    judge_look,
    judge_refusal,
    mark_submission,
    query_for_tag,
)
from ..core.troubles import about
from ..core.usage import cost_of, cost_of_pending, judge_spending, warn_of_limit, warn_of_open
from ..records.job import JUST_CREATED, TAG_PREFIX, CreatedJob, Job, JobQuery, Submission
from ..records.problem import NetworkFault, NotAuthorized, Problem, SubmissionUnknown
from ..records.usage import NOTHING, Cost, Usage
from ..transport.base import Clock
from ..transport.process import ProcessLock
from .jobs import JobWalk
from .rest import Client
from .sender import Trace

USAGE_SECONDS = 300.0
"""How long what an instance has spent is taken as known for the warning."""


class Submitter:
    """Submit jobs so that each becomes one job or an error that says so. Safe under threads.

    Args:
        client: The endpoints.
        clock: What tells and passes the time.
        tagged: Whether each submission gets a tag, by which its job is found where the answer is lost.
        max_usage: The seconds beyond which an instance must not be spent; `None` for no bound of ours.

    Source: behaviour B145 to B148, B541.
    """

    def __init__(self, client: Client, clock: Clock, *, tagged: bool = True, max_usage: float | None = None) -> None:
        self._client = client
        self._clock = clock
        self.tagged = tagged
        self.max_usage = max_usage
        self._known: dict[str, tuple[float, Usage]] = {}
        """By CRN, when it was asked for, and what was said."""
        self._checking = ProcessLock()
        """Held by whoever checks a bound: of two that check at once, each must see the other."""
        self._on_the_way: dict[str, tuple[str, Cost]] = {}
        """By tag, in which instance a job is being submitted, and what it may use."""

    def over(self, client: Client) -> Self:
        """Return the same submitter, with another client."""
        twin = copy(self)
        twin._client = client
        return twin

    def submit(self, instance: str, submission: Submission) -> Result[Job, Problem]:
        """Submit one job.

        Fails with:
            UsageSpent: `max_usage` does not allow it. Nothing was submitted.
            SubmissionUnknown: The answer does not prove that there is no job, and none with the tag was found.
        """
        tag = f"{TAG_PREFIX}{os.urandom(16).hex()}"
        try:
            return self._check_usage(instance, submission, tag).bind(lambda _: self._submit(instance, submission, tag))
        finally:
            self._on_the_way.pop(tag, None)

    def _submit(self, instance: str, submission: Submission, tag: str) -> Result[Job, Problem]:
        """Send a submission, and look for its job where the answer is unclear."""
        marked = mark_submission(submission, tag) if self.tagged else submission
        pursuit = Pursuit(self._client, self._clock, instance, tag if tag in marked.tags else None)
        try:
            answer = self._client.create_job(instance, marked, pursuit.trace).lash(pursuit.settle)
        except KeyboardInterrupt as stop:
            by = f" Look for it with service.jobs(job_tags=[{pursuit.tag!r}])." if pursuit.tag else ""
            stop.add_note(f"The job may have been submitted.{by}")
            raise
        return answer.map(lambda found: found if isinstance(found, Job) else self._job_of(instance, marked, found))

    def _job_of(self, instance: str, submission: Submission, created: CreatedJob) -> Job:
        return Job(
            id=created.id,
            instance=instance,
            state=JUST_CREATED,
            program=submission.program,
            backend=created.backend or submission.backend,
            created=self._clock.now(),
            tags=submission.tags,
            session=submission.session,
            private=submission.private,
            image=submission.image or "",
            ignored=created.ignored,
        )

    def _check_usage(self, instance: str, submission: Submission, tag: str) -> Result[None, Problem]:
        """Refuse what `max_usage` does not allow; warn of a limit that is reached."""
        cost = cost_of(submission)
        if self.max_usage is not None and cost is not NOTHING:
            with self._checking:
                kept = self._keep_bound(instance, self.max_usage, cost)
                if not is_successful(kept):
                    return Failure(kept.failure())
                self._on_the_way[tag] = instance, cost
            if (open_end := warn_of_open(self.max_usage, kept.unwrap())) is not None:
                warn_user(open_end)
        known = self.known_usage(instance)
        warning = None if known is None else warn_of_limit(known)
        if warning is not None:
            warn_user(f"{warning} The job may be refused.")
        return Success(None)

    def _keep_bound(self, instance: str, most: float, cost: Cost) -> Result[tuple[Cost, ...], Problem]:
        """Return what was counted for a job that may be submitted.

        The jobs are listed before the usage is asked for: one that ends between the two is counted twice, not missed.
        """
        on_the_way = {tag: one for tag, (where, one) in self._on_the_way.copy().items() if where == instance}
        walk = JobWalk(self._client, instance, JobQuery(limit=None, pending=True))
        listed = tuple(walk)
        for _, problem in walk.troubles:
            return Failure(about("jobs", problem))
        shown = {mark for job in listed for mark in job.tags}
        pending = [*map(cost_of_pending, listed), *(one for tag, one in on_the_way.items() if tag not in shown)]

        def judge(usage: Usage) -> Result[tuple[Cost, ...], Problem]:
            self._known[instance] = (self._clock.now(), usage)
            spent = judge_spending(usage, most, cost, pending)
            return Success((cost, *pending)) if spent is None else Failure(spent)

        return self._client.usage(instance).alt(partial(about, "jobs")).bind(judge)

    def known_usage(self, instance: str) -> Usage | None:
        """Return what an instance has spent, as known for a while; `None` where that cannot be had."""
        known = self._known.get(instance)
        if known is not None and self._clock.now() - known[0] < USAGE_SECONDS:
            return known[1]
        asked = self._client.usage(instance)
        match asked:
            case Success(usage):
                self._known[instance] = (self._clock.now(), usage)
            case Failure(problem):
                reason = describe(problem).line
                logger.info("The usage of %s could not be read; submitting all the same: %s", instance, reason)
        return asked.value_or(None)


class Pursuit:
    """Find out what became of one submission: look for its job where an attempt failed, say at the end how it stands.

    Args:
        client: The endpoints.
        clock: What tells and passes the time.
        instance: CRN of the instance that has the job, if there is one.
        tag: What nothing but that job is tagged with; `None` where it could have no tag.

    Source: behaviour B146, B322, B323, B324.
    """

    def __init__(self, client: Client, clock: Clock, instance: str, tag: str | None) -> None:
        self._client = client
        self._clock = clock
        self._instance = instance
        self.tag = tag
        self._deadline = clock.now() + client.timeouts.slow_call
        self._doubt = ""
        """Why there may be a job; empty while that is proven not to be."""
        self._looks = 0
        """How many looks found that there is no job."""
        self._unread = ""
        """Why the last look said nothing; empty where it did."""
        self._over = False
        """Whether further looks say no more."""

    @property
    def trace(self) -> Trace[CreatedJob | Job] | None:
        """What looks for the job before it is sent again; nothing can without a tag."""
        return None if self.tag is None else self._before_another

    def settle(self, problem: Problem) -> Result[Job, Problem]:
        """Return the job of a submission whose last attempt failed, if it is found; else how it stands."""
        self._take_in(problem)
        if not self._doubt:
            return Failure(judge_refusal(problem))
        if self.tag is not None and not self._over:
            match self._look(0.0, answered=bool(doubt_after(problem))):
                case Found() as found:
                    return Success(self._first_of(found))
        return Failure(
            SubmissionUnknown(
                instance=self._instance, tag=self.tag, reason=self._doubt, looks=self._looks, unread=self._unread
            )
        )

    def _before_another(self, problem: Problem, waited: float) -> Job | GiveUp | None:
        """Return the job of an attempt that failed so many seconds ago, or `None` where it may be sent again."""
        self._take_in(problem)
        match self._look(waited, answered=not isinstance(problem, NetworkFault)):
            case Found() as found:
                return self._first_of(found)
            case NotThere() if not self._doubt:
                return None
            case NotThere():
                # A listing may lag longer than anybody waits: what may be there is not sent again (decision 78).
                self._over = True
                return GiveUp("")
            case NotRead(reason, lasting):
                self._over = True
                if isinstance(problem, NotAuthorized) and not lasting:
                    # The token has been renewed since: that it was turned away is no answer to users any more.
                    self._doubt = self._doubt or f"the service answered {problem.status}"
                return GiveUp(f"whether it had arrived could not be looked up: {reason.rstrip('.')}")

    def _take_in(self, problem: Problem) -> None:
        self._doubt = self._doubt or doubt_after(problem)

    def _look(self, waited: float, *, answered: bool) -> Sight:
        """Look for the job until it is found or a listing that is late enough does not have it."""
        tag = self.tag or ""
        began = self._clock.now() - waited
        last: float | None = None
        sight: Sight = NotRead("the deadline came first")
        while (step := self._next_look(began, last, answered=answered)) is not None:
            logger.info(
                "A submission brought no clear answer; looking for %s in %.1f s.",
                tag,
                step.pause,
                extra={"pause": step.pause},
            )
            self._clock.sleep(step.pause)
            last = step.at
            in_time = self._client.before(self._deadline - self._clock.now())
            sight = judge_look(in_time.jobs(self._instance, query_for_tag(tag), PAGE_LIMIT, 0), tag)
            self._looks += isinstance(sight, NotThere)
            self._unread = sight.reason if isinstance(sight, NotRead) else ""
            if isinstance(sight, Found) or (isinstance(sight, NotRead) and sight.lasting):
                return sight
        if last is not None and isinstance(sight, NotThere) and not is_enough(last, answered=answered):
            return NotRead("the deadline came before a listing that is late enough")
        return sight

    def _next_look(self, began: float, last: float | None, *, answered: bool) -> LookFor | None:
        now = self._clock.now()
        return decide_look(now - began, last, time_left=self._deadline - now, answered=answered)

    def _first_of(self, found: Found) -> Job:
        """Return the job, the oldest if there are several; warn of the others."""
        first, *others = found.jobs
        if others:
            listed = ", ".join(job.id for job in others)
            warn_user(f"One submission has become several jobs: {first.id} is taken. Cancel the others: {listed}.")
        return first
