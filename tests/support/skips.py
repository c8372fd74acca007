"""What was skipped in a run of the tests, and why: said at its end, and a failure where nothing may be missed."""

from collections import Counter
from collections.abc import Iterable


def reason_of(told: object) -> str:
    """Return why a test was skipped, from what its report has: file, line and `Skipped: reason`."""
    words = told[-1] if isinstance(told, tuple | list) else told
    return str(words).removeprefix("Skipped: ")


def skips_in_words(reasons: Iterable[str]) -> list[str]:
    """Return a line for each reason with the number of tests that were skipped for it, the most first."""
    counts = sorted(Counter(reasons).items(), key=lambda entry: (-entry[1], entry[0]))
    width = max((len(str(count)) for _, count in counts), default=0)
    return [f"{count:{width}}  {reason}" for reason, count in counts]
