"""Results for reading: as plain data for programs, as tables for people."""

from collections import Counter
from typing import Any

from qiskit.primitives import BitArray, PrimitiveResult

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
    longest = common[0][1] if common else 1
    rows = [
        (outcome, str(count), f"{count / shots:.1%}", "█" * round(BAR * count / longest)) for outcome, count in common
    ]
    rest = shots - sum(count for _, count in common)
    if rest:
        rows.append((f"{len(counts) - SHOWN} others", str(rest), f"{rest / shots:.1%}", ""))
    return Report(title=title, columns=("outcome", "shots", "share", ""), rows=tuple(rows))


def describe_result(result: Any) -> tuple[Report, ...]:
    """Return a result as tables: one for each register, or array, of each PUB."""
    if not isinstance(result, PrimitiveResult):
        return (Report(title="Result", columns=("",), rows=((str(result),),)),)
    reports = []
    for index, pub in enumerate(result):
        for name, value in pub.data.items():
            title = f"PUB {index}, {name}"
            if isinstance(value, BitArray):
                reports.append(describe_counts(title, value.get_counts()))
            else:
                reports.append(Report(title=title, columns=("",), rows=((str(value),),)))
    return tuple(reports)
