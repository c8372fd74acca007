"""Submitting a job: usage first, one POST, and a look for the job where the answer is unclear."""

import os
from copy import copy
from typing import Self

from msgspec.structs import replace
from returns.result import Failure, Result, Success

from .._log import logger
from .._warn import warn_user
from ..core.messages import describe
from ..core.submissions import decide_look, mark_submission, query_for_tag, tag_of
from ..core.troubles import about
from ..core.usage import judge_spending, warn_of_limit
from ..records.job import JUST_CREATED, TAG_PREFIX, CreatedJob, Job, Submission
from ..records.problem import Problem, SubmissionUnknown
from ..records.usage import Usage
from ..transport.base import Clock
from .rest import Client

USAGE_SECONDS = 300.0
"""How long what an instance has spent is taken as known for the warning."""


class Submitter:
    """Submit jobs so that each becomes one job or an error that says so. Safe under threads.

    Args:
        client: The endpoints.
        clock: What tells and passes the time.
        tagged: Whether each submission gets a tag, by which its job is found where the answer is lost.
        max_usage: The seconds beyond which an instance must not be spent; `None` for no bound of ours.

    Source: behaviour B145 to B148.
    """

    def __init__(self, client: Client, clock: Clock, *, tagged: bool = True, max_usage: float | None = None) -> None:
        self._client = client
        self._clock = clock
        self.tagged = tagged
        self.max_usage = max_usage
        self._known: dict[str, tuple[float, Usage]] = {}
        """By CRN, when it was asked for, and what was said."""

    def over(self, client: Client) -> Self:
        """Return the same submitter, with another client."""
        twin = copy(self)
        twin._client = client
        return twin

    def submit(self, instance: str, submission: Submission) -> Result[Job, Problem]:
        """Submit one job.

        Fails with:
            UsageSpent: `max_usage` does not allow it. Nothing was submitted.
            SubmissionUnknown: The answer was lost, and no job with the tag was found.
        """
        return self._check_usage(instance, submission).bind(lambda _: self._submit(instance, submission))

    def _submit(self, instance: str, submission: Submission) -> Result[Job, Problem]:
        """Send a submission, and look for its job where the answer is unclear."""
        marked = mark_submission(submission, f"{TAG_PREFIX}{os.urandom(16).hex()}") if self.tagged else submission
        try:
            answer = self._client.create_job(instance, marked)
            match answer:
                case Failure(SubmissionUnknown() as unknown):
                    return self._look_for(unknown)
        except KeyboardInterrupt as stop:
            tag = tag_of(marked)
            by = f" Look for it with service.jobs(job_tags=[{tag!r}])." if tag else ""
            stop.add_note(f"The job may have been submitted.{by}")
            raise
        return answer.map(lambda created: self._job_of(instance, marked, created))

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

    def _look_for(self, unknown: SubmissionUnknown) -> Result[Job, Problem]:
        """Look for the job of a submission whose answer was lost, a few times. Nothing is sent again."""
        if unknown.tag is None:
            return Failure(unknown)
        began, looks = self._clock.now(), 0
        while (step := decide_look(looks, self._clock.now() - began)) is not None:
            looks += 1
            logger.info(
                "The answer to a submission was lost; looking for %s in %.1f s, look %d.",
                unknown.tag,
                step.pause,
                looks,
                extra={"pause": step.pause},
            )
            self._clock.sleep(step.pause)
            page = self._client.jobs(unknown.instance, query_for_tag(unknown.tag), 1, 0).value_or(None)
            if page is not None and page.jobs:
                return Success(page.jobs[0])
        return Failure(replace(unknown, looks=looks))

    def _check_usage(self, instance: str, submission: Submission) -> Result[None, Problem]:
        """Refuse what `max_usage` does not allow; warn of a limit that is reached."""
        if self.max_usage is not None:
            match self._client.usage(instance):
                case Failure(problem):
                    return Failure(about("jobs", problem))
                case Success(usage):
                    spent = judge_spending(usage, self.max_usage, submission.cost or 0)
                    if spent is not None:
                        return Failure(spent)
                    self._known[instance] = (self._clock.now(), usage)
        known = self._usage(instance)
        warning = None if known is None else warn_of_limit(known)
        if warning is not None:
            warn_user(f"{warning} The job may be refused.")
        return Success(None)

    def _usage(self, instance: str) -> Usage | None:
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
