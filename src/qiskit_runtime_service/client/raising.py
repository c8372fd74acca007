"""The edge where results become values or exceptions."""

from typing import TypeVar

from returns.result import Result, Success

from ..records.problem import Problem

T = TypeVar("T")


def value_or_raise(result: Result[T, Problem]) -> T:
    """Return the value of a success; raise the exception of a failure."""
    if isinstance(result, Success):
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

    error = exception_for(problem)
    error.problem = problem
    return error
