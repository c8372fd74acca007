"""Decisions about submissions: how one is marked, what an attempt proves, when and how its job is looked for."""

import re
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from msgspec.structs import asdict, replace
from returns.result import Result, Success

from ..records.job import SUBMISSION_TAG, Job, JobPage, JobQuery, Submission
from ..records.problem import (
    KeyRefused,
    NetworkFault,
    NotAuthorized,
    Problem,
    ServerRefusal,
    SubmissionRefused,
    TooLarge,
    UnreadableBody,
)
from .messages import describe

MOST_TAGS = 8
"""How many tags the service takes for a job."""
REFUSED = frozenset({400, 401, 403, 404, 409})
"""The statuses that prove that no job was made (decision 70).

They are what the service documents for a submission that it does not take (the REST API, "Run a job"), and RFC 9110
(15.5.1, .2, .4, .5, .10) says of each that the request was not applied or will not be fulfilled. Any other may stand
for a job: 503 is said by whoever stands in front of the service, a redirect may follow what was done, and what only
gateways say (408, 499, 502, 504, 52x) says nothing of what is behind them. A 429 proves it where the service itself
says it, in its own words with a code of its own (decision 78).
"""
TOO_MANY = 429
"""What the service says to who submits more jobs a minute than are allowed, and what any gateway may say too."""
LOOKS_AT = (0.0, 0.5, 1.5, 3.5, 7.5, 15.5)
"""Seconds after an answer at which its job is looked for. Listings may lag behind: the last counts."""

_MARK = re.compile(SUBMISSION_TAG)


# Tags


def mark_submission(submission: Submission, tag: str) -> Submission:
    """Add a submission tag. Where the user's own tags leave no room for it, nothing is added.

    Source: behaviour B145.
    """
    return replace(submission, tags=join_tags(submission.tags, (tag,)))


def join_tags(given: Iterable[str], marks: Iterable[str]) -> tuple[str, ...]:
    """Return the tags of a user, and behind them the submission tags for which there is room.

    Source: behaviour B145, B325.
    """
    tags = tuple(given)
    more = tuple(mark for mark in marks if mark not in tags)
    return tags + more[: max(MOST_TAGS - len(tags), 0)]


def users_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags without those by which submissions are found again.

    Source: behaviour B325.
    """
    return tuple(tag for tag in tags if not _MARK.fullmatch(tag))


def submission_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags by which submissions are found again."""
    return tuple(filter(_MARK.fullmatch, tags))


# What an attempt proves


def doubt_after(problem: Problem) -> str:
    """Return why there may be a job after an attempt that failed so; nothing where that proves that there is none.

    What was never sent made no job, nor did what the service refused. A lost response, a body that cannot be read
    and any other status may come after the job was made. What the token service says is no answer to the submission.

    Source: behaviour B146, B322.
    """
    match problem:
        case NetworkFault(url=url, kind="unclear", reason=loss) if _is_submission(url):
            return loss
        case UnreadableBody(url=url, reason=flaw) if _is_submission(url):
            return f"the answer cannot be read: {flaw}"
        case TooLarge(limit=limit, url=url) if _is_submission(url):
            return f"the answer has more than {limit} bytes"
        case ServerRefusal(url=url, status=status, message=message) if _is_submission(url) and not _proves(problem):
            return f"the service answered {status}{f': {message}' if message else ''}".rstrip(".")
        case _:
            return ""


def judge_refusal(problem: Problem) -> Problem:
    """Return what says that there is no job, where an answer to a submission proves it; else the problem itself.

    Source: behaviour B322.
    """
    if isinstance(problem, ServerRefusal) and _is_submission(problem.url) and not doubt_after(problem):
        return SubmissionRefused(**asdict(problem))
    return problem


def _proves(refusal: ServerRefusal) -> bool:
    """Whether an answer to a submission proves that there is no job."""
    return refusal.status in REFUSED or (refusal.status == TOO_MANY and bool(refusal.code))


def _is_submission(url: str) -> bool:
    """Whether a URL is that which jobs are posted to."""
    return url.partition("?")[0].endswith("/jobs")


# When the job is looked for


class LookFor(NamedTuple):
    """List the jobs with the tag `at` so many seconds after the answer, which is after `pause` seconds."""

    at: float
    pause: float


def decide_look(waited: float, last: float | None, *, time_left: float, answered: bool = True) -> LookFor | None:
    """Choose when to look for a job that was not found yet; `None` for no more. Times in seconds.

    Args:
        waited: Since the answer.
        last: When it was last looked for, counted from the answer; `None` for not at all.
        time_left: Until the deadline of the whole call.
        answered: Whether there was an answer. Where nothing was sent, one look is enough.

    Source: behaviour B146, B324.
    """
    if last is not None and is_enough(last, answered=answered):
        return None
    at = waited if last is None else max(waited, next(moment for moment in LOOKS_AT if moment > last))
    return LookFor(at, at - waited) if at - waited < time_left else None


def is_enough(last: float, *, answered: bool) -> bool:
    """Whether a job that was not there when it was `last` looked for is taken as not there.

    Source: behaviour B324.
    """
    return not answered or last >= LOOKS_AT[-1]


def query_for_tag(tag: str) -> JobQuery:
    """Return what lists the jobs of a submission, newest first. Dry runs count too.

    The page is a large one: where a listing does not heed the tag, the job is among the latest.
    """
    return JobQuery(limit=None, tags=(tag,), include_mocks=True)


# What a look brings


class Found(NamedTuple):
    """There are jobs with the tag, oldest first. One, unless somebody on the way has sent the submission again."""

    jobs: tuple[Job, ...]


class NotThere(NamedTuple):
    """The listing could be read, and there is no job with the tag."""


class NotRead(NamedTuple):
    """The listing does not say whether there is such a job."""

    reason: str
    lasting: bool = False
    """Whether no further look will say more."""


Sight: TypeAlias = Found | NotThere | NotRead


def judge_look(listing: Result[JobPage, Problem], tag: str) -> Sight:
    """Say what a listing of the jobs with `tag` tells of the job of a submission.

    A job is ours only if it carries the tag. A listing with other rows, or with rows that cannot be read, or that
    counts what it does not show, was not one of the jobs with the tag, so it does not say that there is none.

    Source: behaviour B323.
    """
    if not isinstance(listing, Success):
        problem = listing.failure()
        return NotRead(describe(problem).line, lasting=isinstance(problem, NotAuthorized | KeyRefused))
    page = listing.unwrap()
    ours = sorted((job for job in page.jobs if tag in job.tags), key=lambda job: job.created or 0.0)
    if ours:
        return Found(tuple(ours))
    if page.jobs:
        return NotRead("the listing has other jobs than those with the tag")
    if page.lost or page.count:
        return NotRead("the listing has jobs that it does not show, or that cannot be read")
    return NotThere()
