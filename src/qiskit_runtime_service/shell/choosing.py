"""Putting a user's test to backends without paying for each answer one after the other."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from returns.result import Success

from ..client.backends import Fleet, Part, Trouble
from ..core.backends import PASSES
from ..records.backend import BackendRow
from ..records.problem import Problem
from ..records.selection import Ranked, Rejected, Selection

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

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


class Closer(NamedTuple):
    """What a closer look left of the backends, best first, and which could not be looked at."""

    selection: Selection[BackendRow]
    troubles: tuple[Trouble, ...]


def filter_backends(
    chosen: Selection[BackendRow],
    backends: Sequence["IBMBackend"],
    filters: Callable[["IBMBackend"], bool],
    fleet: Fleet,
) -> Closer:
    """Put a user's test to all `backends`, which are those of `chosen` in its order.

    Source: behaviour B113.
    """
    tried = list(try_backends(backends, filters, fleet, all_needed=True))
    selection = Selection[BackendRow](
        ranked=tuple(ranked for ranked, each in zip(chosen.ranked, tried, strict=True) if each.passed),
        rejected=tuple(Rejected(each.backend.row, PASSES, False) for each in tried if not each.passed),
        score_names=chosen.score_names,
    )
    return Closer(selection, tuple((each.backend.name, each.problem) for each in tried if each.problem is not None))


def measure_backends(
    backends: Sequence["IBMBackend"],
    circuit: "QuantumCircuit",
    filters: Callable[["IBMBackend"], bool],
    fleet: Fleet,
    *,
    level: int,
    seed: int,
) -> Closer:
    """Lay a circuit out for each backend that passes `filters`, and order them by what they would err on it.

    Backends with equal errors keep their order. One that the circuit cannot be laid out for is a trouble.

    Source: behaviour B111, B114.
    """
    from ..bridge.gate_uses import lay_out  # Here, because the service itself loads without Qiskit.

    fleet.fetch_ahead([each.row for each in backends], ("configuration", "properties"))
    errors: list[tuple[float, IBMBackend]] = []
    turned_down: list[Rejected[BackendRow]] = []
    troubles: list[Trouble] = []

    def measure(backend: "IBMBackend") -> bool:
        if not filters(backend):
            return False
        laid_out = lay_out(circuit, backend.target, level=level, seed=seed)
        if isinstance(laid_out, Success):
            errors.append((backend.expected_error(laid_out.unwrap()), backend))
        else:
            troubles.append((backend.name, laid_out.failure()))
        return True

    for trial in try_backends(backends, measure, fleet, all_needed=True):
        if trial.problem is not None:
            troubles.append((trial.backend.name, trial.problem))
        elif not trial.passed:
            turned_down.append(Rejected(trial.backend.row, PASSES, False))
    errors.sort(key=lambda each: each[0])
    selection = Selection[BackendRow](
        ranked=tuple(Ranked(each.row, (error, each.row.queue_length)) for error, each in errors),
        rejected=tuple(turned_down),
        score_names=("expected_error", "queue_length"),
    )
    return Closer(selection, tuple(troubles))
