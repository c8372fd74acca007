"""Putting a user's test to backends without paying for each answer one after the other."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..records.problem import Problem
from .fleet import Fleet, Part

if TYPE_CHECKING:
    from .backend import IBMBackend


class Trial(NamedTuple):
    """A backend, whether it passed, and what kept it from being tried, if something did."""

    backend: "IBMBackend"
    passed: bool
    problem: Problem | None = None


def try_backends(
    backends: Sequence["IBMBackend"], test: Callable[["IBMBackend"], bool], fleet: Fleet, *, all_needed: bool
) -> Iterator[Trial]:
    """Yield each backend with the answer of `test`.

    What the test reads of the first it will read of the others, so that is fetched ahead, for many at once: of all
    others if all answers are needed, otherwise of one, two, four, ….

    Source: behaviour B113.
    """
    done, size = 0, 1
    while done < len(backends):
        batch = backends[done : done + size]
        _fetch_ahead(backends[:done], batch, fleet)
        yield from (_try(each, test) for each in batch)
        done += size
        size = len(backends) if all_needed else 2 * size


def _fetch_ahead(tried: Sequence["IBMBackend"], batch: Sequence["IBMBackend"], fleet: Fleet) -> None:
    parts: frozenset[Part] = frozenset().union(*(each.parts_read for each in tried))
    if parts:
        fleet.fetch_ahead([each.row for each in batch], parts, batch[0].calibration_id)


def _try(backend: "IBMBackend", test: Callable[["IBMBackend"], bool]) -> Trial:
    from qiskit.exceptions import QiskitError  # Here, because the service itself loads without Qiskit.

    try:
        return Trial(backend, bool(test(backend)))
    except QiskitError:
        # Only what this backend itself raised says something about it; the rest is the user's own.
        if backend.trouble is None:
            raise
        return Trial(backend, passed=False, problem=backend.trouble)
