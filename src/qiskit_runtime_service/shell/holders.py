"""Finding which of several instances holds something that is known by its id alone."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from returns.result import Failure, Result, Success

from ..client.parallel import gather
from ..records.problem import JobNotFound, Problem, SessionNotFound

T = TypeVar("T")


def find_holder(crns: Sequence[str], ask: Callable[[str], Result[T, Problem]], absent: Problem) -> Result[T, Problem]:
    """Ask all instances at once, and return what the first of them answers that has it.

    Fails with:
        absent: All say that they have it not. Where one could not say, its own problem.

    Source: behaviour B43.
    """
    answers = gather([partial(ask, crn) for crn in crns])
    found = next((each for each in answers if isinstance(each, Success)), None)
    if found is not None:
        return found
    problems = [each.failure() for each in answers]
    unclear = next((each for each in problems if not isinstance(each, JobNotFound | SessionNotFound)), None)
    return Failure(unclear or absent)
