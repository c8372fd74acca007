"""Where results become values, exceptions or lines of the log."""

from collections.abc import Iterable
from typing import TypeVar

from returns.pipeline import is_successful
from returns.result import Result

from .._log import logger
from ..core.troubles import Trouble, describe_troubles
from ..records.problem import Problem

T = TypeVar("T")


def value_or_raise(result: Result[T, Problem]) -> T:
    """Return the value of a success; raise the exception of a failure."""
    if is_successful(result):
        return result.unwrap()
    raise exception_of(result.failure())


def raise_if(problem: Problem | None) -> None:
    """Raise the exception of `problem`, if there is one."""
    if problem is not None:
        raise exception_of(problem)


def exception_of(problem: Problem) -> Exception:
    """Return the IBM-compatible exception of `problem`.

    The exceptions are Qiskit errors, so they are loaded only now.
    """
    from ..exceptions import exception_for

    return exception_for(problem)


def log_troubles(troubles: Iterable[Trouble]) -> None:
    """Tell in the log what could not be asked or read, where the rest goes on without it.

    Source: behaviour B291.
    """
    for sentence in describe_troubles(troubles):
        logger.warning(sentence)
