"""Rankings of backends: by queue, by time, by size, by quality. Records in, records out."""

from collections.abc import Iterable, Sequence
from math import inf
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from returns.result import Failure, Result, Success

from ..records.backend import BackendRow, Properties
from ..records.problem import BadArgument
from .calibration import median_readout_error, median_two_qubit_error
from .selection import Score, show


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

CALIBRATED = frozenset({"two_qubit_error", "readout_error", "calibrated"})
"""The fields of a row that properties can fill."""


def read_ranking(rank_by: str | Sequence[str]) -> Result[tuple[str, ...], BadArgument]:
    """Return the names to order by, the weightiest first.

    Fails with:
        BadArgument: One of them is none of `RANKS`.

    Source: behaviour B110.
    """
    names = (rank_by,) if isinstance(rank_by, str) else tuple(rank_by)
    unknown = next((name for name in names if name not in RANKS), None)
    if unknown is not None:
        return Failure(BadArgument(name="rank_by", value=repr(unknown), wanted=f"one or more of {', '.join(RANKS)}"))
    return Success(names)


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
    return f"{value:.3g}" if isinstance(value, float) else show(value)
