"""Rankings of backends: by queue, by time, by size, by quality. Records in, records out."""

from collections.abc import Iterable, Sequence
from math import inf
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from returns.result import Failure, Result, Success

from ..records.backend import BackendRow, Properties
from ..records.estimate import UsageEstimate
from ..records.problem import BadArgument
from ..records.selection import Ranked, Selection
from .calibration import median_readout_error, median_two_qubit_error
from .selection import Score, select, show


class Rank(NamedTuple):
    """Which field of a row orders backends, and whether the largest is best."""

    field: str
    largest_first: bool = False


RANKS = {
    "queue_length": Rank("queue_length"),
    "waiting_time": Rank("wait_seconds"),
    "num_qubits": Rank("num_qubits", largest_first=True),
    "two_qubit_error": Rank("two_qubit_error"),
    "readout_error": Rank("readout_error"),
    "clops": Rank("clops", largest_first=True),
    "calibration_age": Rank("calibrated"),
}
"""What backends can be ordered by. Where a value is unknown, the backend comes last."""

MEASURED = ("expected_error", "usage")
"""What backends can be ordered by beside that where a circuit is laid out for each."""
TOLD = ("expected_error", "queue_length", "usage")
"""What is told of each of these backends, whatever orders them first."""

CALIBRATED = frozenset({"two_qubit_error", "readout_error", "calibrated"})
"""The fields of a row that properties can fill."""


def read_ranking(rank_by: str | Sequence[str], *, measured: bool = False) -> Result[tuple[str, ...], BadArgument]:
    """Return the names to order by, the weightiest first.

    Args:
        rank_by: The names.
        measured: Whether there is a circuit that is laid out for each backend.

    Fails with:
        BadArgument: One of them is none of `RANKS`, nor of `MEASURED` where there is a circuit.

    Source: behaviour B110, B545.
    """
    names = (rank_by,) if isinstance(rank_by, str) else tuple(rank_by)
    known = (*RANKS, *MEASURED) if measured else tuple(RANKS)
    unknown = next((name for name in names if name not in known), None)
    if unknown is None:
        return Success(names)
    wanted = f"one or more of {', '.join(known)}"
    if unknown in MEASURED:
        wanted += (
            f"; by {' and '.join(MEASURED)}, which take a circuit, best_backend(circuit) and "
            "explain_backends(circuit=circuit) order"
        )
    return Failure(BadArgument(name="rank_by", value=repr(unknown), wanted=wanted))


def listed_ranking(names: Sequence[str]) -> tuple[str, ...]:
    """Return those of the names that need no circuit."""
    return tuple(name for name in names if name in RANKS)


def order_of_measured(names: Sequence[str]) -> tuple[str, ...]:
    """Return what orders backends for which a circuit was laid out, the weightiest first.

    The expected error weighs most, unless `names` say where it or the usage stands. The shorter queue and then the
    smaller usage break ties.

    Source: behaviour B114, B545.
    """
    named = tuple(names) if any(name in MEASURED for name in names) else ("expected_error", *names)
    return (*named, *(name for name in TOLD if name not in named))


class Measured(NamedTuple):
    """What laying a circuit out for a backend has told of it."""

    row: BackendRow
    expected_error: float
    usage: UsageEstimate
    """Of the circuit with the default number of shots."""


def rank_measured(measured: Iterable[Measured], names: Sequence[str], now: float) -> Selection[BackendRow]:
    """Return backends for which a circuit was laid out, best first, with their scores.

    Args:
        measured: The backends. Equal ones keep their order.
        names: What orders them, besides what always does.
        now: In seconds since the epoch.

    Source: behaviour B2, B114, B545.
    """
    order = order_of_measured(names)
    chosen = select(measured, (), tuple(_measured_score(name, now) for name in order))
    rows = tuple(Ranked(one.item.row, one.scores) for one in chosen.ranked)
    return Selection(ranked=rows, rejected=(), score_names=order)


def _measured_score(name: str, now: float) -> Score[Measured]:
    if name == "usage":
        return Score(name, lambda one: _known_seconds(one.usage))
    if name == "expected_error":
        return Score(name, attrgetter("expected_error"))
    read = _score(name, now).read
    return Score(name, lambda one: read(one.row))


def _known_seconds(usage: UsageEstimate) -> float:
    """Return what is used, infinite where that can only be more: what is not known comes last."""
    return inf if usage.at_least else usage.seconds


def build_scores(names: Sequence[str], now: float) -> tuple[Score[BackendRow], ...]:
    """Return the scores that order rows by `names`, the smallest first. `now` is in seconds since the epoch.

    Source: behaviour B2, B110.
    """
    return tuple(_score(name, now) for name in names)


def _score(name: str, now: float) -> Score[BackendRow]:
    field, largest_first = RANKS[name]
    read = attrgetter(field)

    def read_score(row: BackendRow) -> float:
        value: float | None = read(row)
        if value is None:
            return inf
        if name == "calibration_age":
            return float(now - value)
        return -value if largest_first else value

    return Score(name, read_score)


def fields_of(names: Sequence[str]) -> tuple[str, ...]:
    """Return the fields of a row that `names` order by."""
    return tuple(RANKS[name].field for name in names)


def asks_for_waiting_time(fields: Iterable[str]) -> bool:
    """Whether the listing must be asked for what it does not tell by itself."""
    return "wait_seconds" in fields


def fill_quality(row: BackendRow, properties: Properties) -> BackendRow:
    """Return `row` with its gaps filled from the calibration."""
    dated = properties.last_update_date
    return msgspec.structs.replace(
        row,
        two_qubit_error=median_two_qubit_error(properties) if row.two_qubit_error is None else row.two_qubit_error,
        readout_error=median_readout_error(properties) if row.readout_error is None else row.readout_error,
        calibrated=dated.timestamp() if dated is not None and row.calibrated is None else row.calibrated,
    )


def show_scores(names: Sequence[str], scores: Sequence[Any]) -> str:
    """Return scores, each with its name, as a person would write them."""
    return ", ".join(f"{name}: {show_score(name, score)}" for name, score in zip(names, scores, strict=True))


def show_score(name: str, value: Any) -> str:
    """Return a score as a person would write it."""
    if value == inf:
        return show(None)
    if name in RANKS and RANKS[name].largest_first:
        return show(-value)
    if name in ("calibration_age", "waiting_time"):
        return f"{value:.0f} s"
    if name == "usage":
        return f"{value:.2f} s"
    return f"{value:.3g}" if isinstance(value, float) else show(value)
