"""Results for reading: as plain data for programs, as tables for people."""

import math
from collections import Counter
from collections.abc import Mapping
from itertools import islice
from typing import Any

import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from numpy.typing import NDArray
from qiskit.primitives import BitArray, PrimitiveResult

from ..core.selection import show
from ..records.report import Report

SHOWN = 16
"""How many outcomes a table has at most."""

BAR = 30
"""The length of the longest bar."""


def plain_result(result: Any) -> Any:
    """Return a result as plain data: counts for bits, lists for arrays, by PUB and name."""
    if not isinstance(result, PrimitiveResult):
        return result
    return [{name: plain_value(value) for name, value in pub.data.items()} for pub in result]


def plain_value(value: Any) -> Any:
    """Return one value of a PUB as plain data."""
    if isinstance(value, BitArray):
        return value.get_counts()
    return value.tolist() if hasattr(value, "tolist") else value


def describe_counts(title: str, counts: dict[str, int]) -> Report:
    """Return the most frequent outcomes as a table, and the others in one line."""
    shots = sum(counts.values())
    common = Counter(counts).most_common(SHOWN)
    rows = [
        (outcome, str(count), f"{count / shots:.1%}", "█" * round(BAR * count / common[0][1]))
        for outcome, count in common
    ]
    rest = shots - sum(count for _, count in common)
    if rest:
        rows.append((f"{len(counts) - SHOWN} others", str(rest), f"{rest / shots:.1%}", ""))
    return Report(title=title, columns=("outcome", "shots", "share", ""), rows=tuple(rows))


def describe_result(result: Any) -> tuple[Report, ...]:
    """Return a result as tables: for each PUB one for each register, and one for arrays of the same shape."""
    if not isinstance(result, PrimitiveResult):
        return (Report(title="Result", columns=("",), rows=tuple((line,) for line in str(result).splitlines())),)
    reports: list[Report] = []
    for index, pub in enumerate(result):
        bits = {name: value for name, value in pub.data.items() if isinstance(value, BitArray)}
        reports += (describe_counts(f"PUB {index}, {name}", value.get_counts()) for name, value in bits.items())
        values = {name: np.asarray(value) for name, value in pub.data.items() if name not in bits}
        for shape in dict.fromkeys(array.shape for array in values.values()):
            alike = {name: value for name, value in values.items() if value.shape == shape}
            reports.append(describe_values(f"PUB {index}", alike, shape))
    return tuple(reports)


def describe_values(title: str, values: Mapping[str, NDArray[Any]], shape: tuple[int, ...]) -> Report:
    """Return arrays of one shape as a table with a row for each place, the first ones if there are many."""
    places = list(islice(np.ndindex(shape), SHOWN))
    rows = tuple(
        (show(place) if place else "", *(f"{array[place]:.6g}" for array in values.values())) for place in places
    )
    left = math.prod(shape) - len(places)
    notes = (f"and {left} more: --json has them all",) if left else ()
    return Report(title=title, columns=("place", *values), rows=rows, notes=notes)
