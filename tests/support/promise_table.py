"""What a run of the promises has tried, as a page: a row for each promise, and below it one for each test."""

import re
from collections.abc import Iterable
from typing import NamedTuple

MODULE = re.compile(r"tests/promises/test_(\d\d)_\w+\.py::test_(\w+)")
EXAMPLES = re.compile(r"(\d+) passing, (\d+) failing")

PAGE = """\
# Promises

What this library guarantees, and how often a run has tried to break it. Each promise is a module of tests in
`tests/promises`; `make promises` runs all of them at full size and writes this page.

This page is of a run {size}: {summary}. A promise that has no row was not in that run.

{table}

*Tried* is the sum over the tests of a promise, which are below, each with its own: of saves, kills, requests, payloads
or whatever the sentence is about; of a law, its examples. What can be asked of IBM's own client, `qiskit-ibm-runtime`,
was asked of it too, and the last column says what came of it.

{details}
"""

SIZES = {"full": "at full size", "tenth": "at a tenth of the full size"}
"""How large a run is, by the profile of Hypothesis; any other is smaller."""
SMALL = "at a small part of the full size"

HEAD = """\
| promise | what it says | tried | failed | the existing client beside it |
|---|---|---|---|---|"""

DETAIL_HEAD = """\
## {number}: {words}

| what was tried | how often | failed |
|---|---|---|"""


class Tried(NamedTuple):
    """What one test of a promise says."""

    node: str
    """Its name, with the path of its module."""
    promise: str
    """The first line of its module."""
    times: int
    """How often it tried what is promised: not at all where it only asks the existing client."""
    failed: bool
    control: str = ""
    """What the existing client did where it was asked the same."""


class Promise(NamedTuple):
    """All that was tried of one promise."""

    number: int
    tests: list[Tried]

    @property
    def words(self) -> str:
        """What it says, by the first lines of its modules."""
        words = (re.sub(r"^Promise \d+(, [\w ]+)?: ", "", test.promise).rstrip(".") for test in self.tests)
        return "; ".join(dict.fromkeys(words))

    @property
    def controls(self) -> str:
        """What the existing client did."""
        return "; ".join(dict.fromkeys(test.control for test in self.tests if test.control))


def examples_in(statistics: str) -> int:
    """Return how many examples of a law were tried, from what Hypothesis says of it at the end."""
    return sum(int(count) for found in EXAMPLES.findall(statistics) for count in found)


def page_of(tests: Iterable[Tried], profile: str, summary: str) -> str:
    """Return the page of a run.

    Args:
        tests: What was tried.
        profile: That of Hypothesis, which says how large the run is.
        summary: What the tests do not know of it, such as how long it took.
    """
    promises = promises_in(tests)
    details = "\n\n".join(map(_details, promises))
    size = SIZES.get(profile, SMALL)
    return PAGE.format(size=size, summary=summary, table=table_of(promises), details=details).rstrip("\n") + "\n"


def promises_in(tests: Iterable[Tried]) -> list[Promise]:
    """Return the promises that were tried, by number; each has one module or several."""
    by_number: dict[int, list[Tried]] = {}
    for test in sorted(tests):
        found = MODULE.match(test.node)
        if found:
            by_number.setdefault(int(found[1]), []).append(test)
    return [Promise(number, of) for number, of in sorted(by_number.items())]


def table_of(promises: Iterable[Promise]) -> str:
    """Return a row for each promise."""
    return "\n".join([HEAD, *map(_row, promises)])


def _row(promise: Promise) -> str:
    counts = f"{_tries(promise.tests):,} | {_failures(promise.tests):,}"
    return f"| {promise.number} | {promise.words} | {counts} | {promise.controls} |"


def _details(promise: Promise) -> str:
    """Return a row for each test, whose name is a sentence; what it is run with has no rows of its own."""
    by_name: dict[str, list[Tried]] = {}
    for test in promise.tests:
        found = MODULE.match(test.node)
        if found and test.times:
            by_name.setdefault(found[2].replace("_", " "), []).append(test)
    rows = (f"| {name} | {_tries(of):,} | {_failures(of):,} |" for name, of in by_name.items())
    return "\n".join([DETAIL_HEAD.format(number=promise.number, words=promise.words), *rows])


def _tries(tests: list[Tried]) -> int:
    return sum(test.times for test in tests)


def _failures(tests: list[Tried]) -> int:
    return sum(test.failed for test in tests)
