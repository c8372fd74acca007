"""What a simulation is made of, read where it is handed in."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from returns.result import Failure, Result, Success

from ..core.arguments import (
    Read,
    as_python,
    if_given,
    read_all,
    read_callable,
    read_mapping,
    read_number,
    read_text,
    refuse,
)
from ..records.problem import BadArgument


def read_programs(name: str, value: Any) -> Result[Mapping[str, Any], BadArgument]:
    """Return functions by the names of programs."""
    wanted = "a dictionary from names of programs to functions"
    read = read_mapping(name, value, wanted=wanted)
    return read.bind(
        lambda found: Success(found) if all(map(callable, found.values())) else refuse(name, value, wanted)
    )


def read_command(name: str, value: Any) -> Result[Any, BadArgument]:
    """Return how a process is begun. What is more than a list is walked through when that is done."""
    known = as_python(value)
    fits = isinstance(known, Iterable) and not isinstance(known, str | bytes | Mapping | type)
    if type(known) in (list, tuple):
        fits = all(isinstance(word, str) for word in known)
    return Success(value) if fits else refuse(name, value, "a list of texts")


PARTS: dict[str, Read[Any]] = {
    "programs": if_given(read_programs),
    "worker": if_given(partial(read_callable, wanted="a Worker, or another function of a JobTask")),
    "longest": partial(read_number, above=0.0, unit="seconds"),
    "command": if_given(read_command),
    "name": read_text,
}
"""What reads each of them."""


def read_parts(**given: Any) -> dict[str, Any]:
    """Return what was given, as it is used.

    Raises:
        IBMInputValueError: Something is not what it must be.

    Source: behaviour B355.
    """
    match read_all(PARTS, given):
        case Failure(problem):
            from ..exceptions import exception_for  # Qiskit is loaded with it, and only now needed.

            raise exception_for(problem)
        case Success(read):
            return dict(read)
    raise AssertionError("what is read is there, or a problem")
