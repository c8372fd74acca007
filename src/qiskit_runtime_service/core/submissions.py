"""Decisions about submissions: how one is marked, what an unclear answer means, how often to look for the job."""

from typing import NamedTuple

from msgspec.structs import asdict, replace

from ..records.job import TAG_PREFIX, JobQuery, Submission
from ..records.problem import (
    NetworkFault,
    Problem,
    ServerRefusal,
    SubmissionRefused,
    SubmissionUnknown,
    TooLarge,
    UnreadableBody,
)

MOST_TAGS = 8
"""How many tags the service takes for a job."""
TURNED_AWAY = frozenset({429, 503})
TIMED_OUT = 408
LOOK_PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each look for a job: listings may lag behind."""
LOOKING_SECONDS = 60.0
"""How long to look at most; a look itself may take its time."""


def mark_submission(submission: Submission, tag: str) -> Submission:
    """Add a submission tag. Where the user's own tags leave no room for it, nothing is added.

    Source: behaviour B145.
    """
    if len(submission.tags) >= MOST_TAGS:
        return submission
    return replace(submission, tags=(*submission.tags, tag))


def tag_of(submission: Submission) -> str | None:
    """Return the submission tag, if there is one: the last of those that look like it."""
    marks = [tag for tag in submission.tags if tag.startswith(TAG_PREFIX)]
    return marks[-1] if marks else None


def judge_answer(problem: Problem, submission: Submission, instance: str) -> Problem:
    """Say what a failed submission means: `SubmissionUnknown` where the job may exist.

    A clear answer that says no is `SubmissionRefused`; anything else is `problem` itself.

    What was never sent, or was turned away, made no job. A lost response, a body that cannot be read
    and an error from inside the server may come after the job was made. What the token service says
    is no answer to the submission.

    Source: behaviour B146.
    """
    match problem:
        case NetworkFault(url=url, kind="unclear", reason=loss) if _is_submission(url):
            reason = loss
        case UnreadableBody(url=url, reason=flaw) if _is_submission(url):
            reason = f"the answer cannot be read: {flaw}"
        case TooLarge(url=url) if _is_submission(url):
            reason = "the answer is too large to be one to a submission"
        case ServerRefusal(url=url, status=status) if _is_submission(url) and _may_have_acted(status):
            reason = f"the service answered {status}"
        case ServerRefusal(url=url) if _is_submission(url):
            return SubmissionRefused(**asdict(problem))
        case _:
            return problem
    return SubmissionUnknown(instance=instance, tag=tag_of(submission), reason=reason)


def _is_submission(url: str) -> bool:
    return url.partition("?")[0].endswith("/jobs")


def _may_have_acted(status: int) -> bool:
    return status == TIMED_OUT or (status >= 500 and status not in TURNED_AWAY)


class LookFor(NamedTuple):
    """List the jobs with the tag after `pause` seconds."""

    pause: float


def decide_look(looks: int, waited: float) -> LookFor | None:
    """Choose whether to look for a job again that was not found, or `None` to give up.

    Args:
        looks: How often it was looked for.
        waited: Seconds since the unclear answer.

    Source: behaviour B146.
    """
    if looks >= len(LOOK_PAUSES) or waited >= LOOKING_SECONDS:
        return None
    return LookFor(LOOK_PAUSES[looks])


def query_for_tag(tag: str) -> JobQuery:
    """Return what lists the job of a submission, the first if there were several. Dry runs count too."""
    return JobQuery(limit=1, tags=(tag,), descending=False, include_mocks=True)
