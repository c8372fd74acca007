"""Tables that fit a width, whatever is in them."""

from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.cells import cell_len

from qiskit_runtime_service.cli.table_layout import lay_out
from qiskit_runtime_service.records.report import Report
from qiskit_runtime_service.shell.display import as_text
from tests.support.reports import reports

pytestmark = pytest.mark.holds("B555")
NAMES = ("job", "backend", "instance", "session", "circuit")


def letters(*texts: str) -> str:
    """Return texts without white space, which lines are broken at."""
    return "".join("".join(texts).split())


@given(reports(), st.integers(30, 130))
def test_no_line_is_wider_than_there_is_room(report: Report, width: int) -> None:
    laid = lay_out(report, width)
    assert all(cell_len(line) <= width for line in (*laid.head, *(line for row in laid.rows for line in row)))
    assert len(laid.rows) == len(report.rows)


@given(reports(), st.integers(30, 130))
def test_the_name_that_a_row_begins_with_is_never_missing(report: Report, width: int) -> None:
    laid = lay_out(report, width)
    if report.columns[0] in NAMES and len(report.columns) == 1:
        assert [letters(*row) for row in laid.rows] == [letters(*row) for row in report.rows]
    if report.columns[0] in NAMES:
        assert report.columns[0] not in laid.left_out
        for row, lines in zip(report.rows, laid.rows, strict=True):
            assert set(letters(row[0])) <= set(letters(*lines))


@given(reports(), st.integers(30, 130))
def test_what_is_left_out_is_named_and_what_is_shortened_shows_it(report: Report, width: int) -> None:
    laid = lay_out(report, width)
    assert set(laid.left_out) <= set(report.columns) - {""}
    for row, lines in zip(report.rows, laid.rows, strict=True):
        kept = [cell for heading, cell in zip(report.columns, row, strict=True) if heading not in (*laid.left_out, "")]
        assert "…" in letters(*lines) or Counter(letters(*kept)) <= Counter(letters(*lines))


@given(reports())
def test_with_room_enough_a_table_is_as_plain_text_has_it(report: Report) -> None:
    # Plain text counts letters, a terminal columns.
    assume(all(cell_len(cell) == len(cell) for row in report.rows for cell in row))
    laid = lay_out(report, 10_000)
    assert laid.left_out == ()
    below = [line for row in laid.rows for (line,) in [row]]
    assert below == as_text(report).split("\n")[1 + 2 * any(report.columns) :][: len(report.rows)]


DOCTOR = Report(
    title="Broken: search",
    columns=("link", "state", "time", "detail"),
    rows=(
        ("proxy", "works", "", "none"),
        ("search", "broken", "0.51 s", "No response from https://api.global-search-tagging.cloud.ibm.com: refused"),
    ),
)
JOBS = Report(
    title="Jobs",
    columns=("job", "status", "backend", "program", "created", "tags"),
    rows=(("d1234567890abcdefghi", "CANCELLED", "ibm_marrakesh", "estimator", "2026-09-01 06:07", "night, a-tag"),),
)
CRNS = Report(title="Instances", columns=("instance", "CRN"), rows=(("main", f"crn:v1:{'a' * 50}::"),))


@pytest.mark.parametrize(
    ("report", "width", "head", "row", "left_out"),
    [
        (
            DOCTOR,
            60,
            ("link    state   time    detail",),
            (
                "search  broken  0.51 s  No response from",
                "                        https://api.global-search-tagging.cl",
                "                        oud.ibm.com: refused",
            ),
            (),
        ),
        (
            JOBS,
            60,
            ("job                   status     backend",),
            ("d1234567890abcdefghi  CANCELLED  ibm_marrakesh",),
            ("program", "tags", "created"),
        ),
        (
            JOBS,
            80,
            ("job                   status     backend        created           tags",),
            ("d1234567890abcdefghi  CANCELLED  ibm_marrakesh  2026-09-01 06:07  night, a-tag",),
            ("program",),
        ),
        (
            CRNS,
            50,
            ("instance", "  CRN"),
            ("main", f"  crn:v1:{'a' * 41}", f"  {'a' * 9}::"),
            (),
        ),
        (
            Report(title="", columns=("place", "a"), rows=(("0", "123456789" * 9),)),
            30,
            ("place  a",),
            (f"0      {'123456789' * 2}1234…",),
            (),
        ),
        (
            Report(title="", columns=("outcome", "shots", ""), rows=(("0" * 40, "4096", "█" * 30),)),
            30,
            ("outcome                  shots",),
            ("0" * 23 + "  4096", "0" * 17),
            (),
        ),
    ],
    ids=["a sentence", "jobs", "more jobs", "a CRN", "a number", "a bar"],
)
def test_a_table_in_little_room(
    report: Report, width: int, head: tuple[str, ...], row: tuple[str, ...], left_out: tuple[str, ...]
) -> None:
    laid = lay_out(report, width)
    assert (laid.head, laid.rows[-1], laid.left_out) == (head, row, left_out)
