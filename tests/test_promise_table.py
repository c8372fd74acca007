"""The table of the promises is what their run says."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .support.promise_table import HEAD, Tried, examples_in, page_of, promises_in, table_of

WAITS = Tried(
    "tests/promises/test_10_waits.py::test_a_wait_ends", "Promise 10, jobs: a wait ends at its deadline.", 200, False
)
CALLS = Tried("tests/promises/test_10_deadlines.py::test_b[1]", "Promise 10: calls end in time.", 12_000, failed=True)
MORE = Tried("tests/promises/test_10_deadlines.py::test_b[x-2]", "Promise 10: calls end in time.", 30, failed=False)
FILES = Tried("tests/promises/test_03_concurrent.py::test_c", "Promise 3: no saver loses.", 1, failed=False)
THEIRS = Tried(
    "tests/promises/test_03_concurrent.py::test_d", "Promise 3: no saver loses.", 0, False, "1,500 of 6,000 lost"
)
OTHER = Tried("tests/core/test_jobs.py::test_d", "Laws of jobs.", 5, failed=True)

ROWS = f"""{HEAD}
| 3 | no saver loses | 1 | 0 | 1,500 of 6,000 lost |
| 10 | calls end in time; a wait ends at its deadline | 12,230 | 1 |  |"""

DETAILS = """\
## 3: no saver loses

| what was tried | how often | failed |
|---|---|---|
| c | 1 | 0 |

## 10: calls end in time; a wait ends at its deadline

| what was tried | how often | failed |
|---|---|---|
| b | 12,030 | 1 |
| a wait ends | 200 | 0 |
"""


def test_a_promise_has_a_row_with_the_sums_of_all_its_modules() -> None:
    for tests in permutations([WAITS, CALLS, MORE, FILES, THEIRS, OTHER]):
        assert table_of(promises_in(tests)) == ROWS
    assert table_of([]) == HEAD


def test_each_test_has_a_row_that_says_what_it_tried_and_how_often() -> None:
    page = page_of([OTHER, WAITS, CALLS, MORE, FILES, THEIRS], "full", "today")
    assert page.endswith(f"\n\n{DETAILS}")
    assert ROWS in page


@pytest.mark.parametrize(
    ("profile", "size"),
    [
        ("full", "at full size"),
        ("tenth", "at a tenth of the full size"),
        ("ci", "at a small part of the full size"),
        ("mine", "at a small part of the full size"),
    ],
)
def test_the_page_says_which_run_it_is_of_and_how_large(profile: str, size: str) -> None:
    page = page_of([WAITS], profile, "2026-11-30, 1 passed")
    assert page.startswith("# Promises\n")
    assert f"This page is of a run {size}: 2026-11-30, 1 passed." in page
    assert "| 10 | a wait ends at its deadline | 200 | 0 |  |" in page.splitlines()


@given(st.lists(st.tuples(st.integers(0, 10**6), st.booleans()), min_size=1))
def test_nothing_that_was_tried_is_missing(counts: list[tuple[int, bool]]) -> None:
    tests = [FILES._replace(times=times, failed=failed) for times, failed in counts]
    row = table_of(promises_in(tests)).splitlines()[-1]
    cells = [cell.strip() for cell in row.split("|")]
    assert [int(cell.replace(",", "")) for cell in cells[3:5]] == [
        sum(times for times, _ in counts),
        sum(failed for _, failed in counts),
    ]


def test_the_examples_of_a_law_are_those_of_all_its_phases() -> None:
    reuse = "- during reuse phase (0.01 seconds):\n    - 2 passing, 1 failing, and 7 invalid test cases"
    generate = "- during generate phase (2.77 seconds):\n    - 1000 passing, 0 failing, and 20 invalid test cases"
    assert examples_in(f"test_a:\n  {reuse}\n  {generate}\n  - Stopped because settings.max_examples=1000") == 1003
    assert examples_in("nothing was said") == 0
