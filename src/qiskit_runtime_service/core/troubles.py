"""What could not be asked or read: it hides only itself, is told, and is raised only where nothing else is left."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from ..records.call import FailedCall, Subject
from ..records.problem import InstancesUnreachable, Problem, UnreadableRows
from .messages import describe

Trouble = tuple[str, Problem]
"""Which instance or backend could not be asked or read, and why."""


def judge_troubles(troubles: Sequence[Trouble], *, asked: int) -> Problem | None:
    """Return what to raise where none of those that were asked has answered; `None` where something is left.

    That is the first reason where all failed alike, or a problem that lists them.

    Args:
        troubles: Those that gave no answer.
        asked: How many were asked.

    Source: behaviour B291.
    """
    if not troubles or len(troubles) < asked:
        return None
    _, first = troubles[0]
    if len({(type(problem), getattr(problem, "status", None)) for _, problem in troubles}) == 1:
        return first
    return InstancesUnreachable(reasons=sentences(troubles), subject=getattr(first, "subject", ""))


def sentences(troubles: Iterable[Trouble]) -> tuple[str, ...]:
    """Return a line for each trouble: who, and why."""
    return tuple(f"{who}: {describe(problem).line}" for who, problem in troubles)


def describe_troubles(troubles: Iterable[Trouble], names: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return a sentence for each trouble, for logs and below tables.

    Args:
        troubles: What is told.
        names: By what instances are called, by CRN.
    """
    known = names or {}
    return tuple(
        f"{known.get(who, who)} could not be read{_extent(problem)}: {describe(problem).line}"
        for who, problem in troubles
    )


def _extent(problem: Problem) -> str:
    """Say where only a part could not be read."""
    return " whole" if isinstance(problem, UnreadableRows) else ""


def find_lost_rows(who: str, count: int, rows: str, lacking: str) -> tuple[Trouble, ...]:
    """Return what is told of rows that were left out, if there are any.

    Args:
        who: The instance whose listing it is.
        count: How many were left out.
        rows: What they are rows of, such as `jobs`.
        lacking: What would identify them, such as `id`.

    Source: behaviour B283.
    """
    return ((who, UnreadableRows(count=count, rows=rows, lacking=lacking)),) if count else ()


def about(subject: Subject, problem: Problem) -> Problem:
    """Say of a call that failed what it was about; nothing is said of other problems.

    Source: behaviour B294.
    """
    return replace(problem, subject=subject) if isinstance(problem, FailedCall | InstancesUnreachable) else problem
