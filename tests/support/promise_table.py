"""What a run of the promises has tried, as a table: promise, tests, tries, failures, the existing client beside it."""

import re
from collections.abc import Iterable
from typing import NamedTuple

MODULE = re.compile(r"tests/promises/test_(\d\d)_\w+\.py")
EXAMPLES = re.compile(r"(\d+) passing, (\d+) failing")

PAGE = """\
# Promises

What this library guarantees, and how often a run has tried to break it. `make promises` runs the tests of
`tests/promises` at full size, and the laws of all rooms beside them, and writes this page: {summary}.

{table}

Tried is the sum over the tests of a promise: loops count by their rounds, laws by their examples, other tests once.
"""

HEAD = """\
| promise | what it says | tests | tried | failed | the existing client beside it |
|---|---|---|---|---|---|"""


class Tried(NamedTuple):
    """What one test of a promise says."""

    node: str
    """Its name, with the path of its module."""
    promise: str
    """The first line of its module."""
    times: int
    """How often it tried what is promised."""
    failed: bool
    control: str = ""
    """What the existing client did where it was asked the same."""


def examples_in(statistics: str) -> int:
    """Return how many examples of a law were tried, from what Hypothesis says of it at the end."""
    return sum(int(count) for found in EXAMPLES.findall(statistics) for count in found)


def page_of(tests: Iterable[Tried], summary: str) -> str:
    """Return the page of a run. `summary` says of the run what its tests do not know, such as how long it took."""
    return PAGE.format(summary=summary, table=table_of(tests))


def table_of(tests: Iterable[Tried]) -> str:
    """Return a row for each promise by its number; a promise has one module or several."""
    by_number: dict[str, list[Tried]] = {}
    for test in sorted(tests):
        found = MODULE.match(test.node)
        if found:
            by_number.setdefault(found[1], []).append(test)
    return "\n".join([HEAD, *(_row(number, of) for number, of in sorted(by_number.items()))])


def _row(number: str, tests: list[Tried]) -> str:
    words = dict.fromkeys(re.sub(r"^Promise \d+(, [\w ]+)?: ", "", test.promise).rstrip(".") for test in tests)
    controls = dict.fromkeys(test.control for test in tests if test.control)
    return " | ".join(
        (
            f"| {int(number)}",
            "; ".join(words),
            f"{len(tests):,}",
            f"{sum(test.times for test in tests):,}",
            f"{sum(test.failed for test in tests):,}",
            f"{'; '.join(controls)} |",
        )
    )
