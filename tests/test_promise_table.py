"""The table of the promises is what their run says."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from .support.promise_table import HEAD, Tried, examples_in, page_of, table_of

WAITS = Tried(
    "tests/promises/test_10_waits.py::test_a", "Promise 10, jobs: a wait ends at its deadline.", 200, failed=False
)
CALLS = Tried("tests/promises/test_10_deadlines.py::test_b[1]", "Promise 10: calls end in time.", 12_000, failed=True)
FILES = Tried(
    "tests/promises/test_03_concurrent.py::test_c", "Promise 3: no saver loses.", 1, False, "1,500 of 6,000 lost"
)
OTHER = Tried("tests/core/test_jobs.py::test_d", "Laws of jobs.", 5, failed=True)

ROWS = f"""{HEAD}
| 3 | no saver loses | 1 | 1 | 0 | 1,500 of 6,000 lost |
| 10 | calls end in time; a wait ends at its deadline | 2 | 12,200 | 1 |  |"""


def test_a_promise_has_a_row_with_the_sums_of_all_its_modules() -> None:
    for tests in permutations([WAITS, CALLS, FILES, OTHER]):
        assert table_of(tests) == ROWS
    assert table_of([]) == HEAD


def test_the_page_says_which_run_it_is_of() -> None:
    page = page_of([WAITS], "2026-11-30, 1 passed")
    assert page.startswith("# Promises\n")
    assert "writes this page: 2026-11-30, 1 passed." in page
    assert "| 10 | a wait ends at its deadline | 1 | 200 | 0 |  |" in page.splitlines()


@given(st.lists(st.tuples(st.integers(0, 10**6), st.booleans()), min_size=1))
def test_nothing_that_was_tried_is_missing(counts: list[tuple[int, bool]]) -> None:
    row = table_of(FILES._replace(times=times, failed=failed) for times, failed in counts).splitlines()[-1]
    cells = [cell.strip() for cell in row.split("|")]
    assert [int(cell.replace(",", "")) for cell in cells[3:6]] == [
        len(counts),
        sum(times for times, _ in counts),
        sum(failed for _, failed in counts),
    ]


def test_the_examples_of_a_law_are_those_of_all_its_phases() -> None:
    reuse = "- during reuse phase (0.01 seconds):\n    - 2 passing, 1 failing, and 7 invalid test cases"
    generate = "- during generate phase (2.77 seconds):\n    - 1000 passing, 0 failing, and 20 invalid test cases"
    assert examples_in(f"test_a:\n  {reuse}\n  {generate}\n  - Stopped because settings.max_examples=1000") == 1003
    assert examples_in("nothing was said") == 0
