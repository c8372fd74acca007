"""Values from elsewhere, as messages and tables show them: one line, short, without keys, whatever they are."""

import io
import re
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from qiskit_runtime_service._shown import as_line, counted, shorten, write_out
from qiskit_runtime_service.cli.main import commands
from qiskit_runtime_service.cli.tables import show_report
from qiskit_runtime_service.core.arguments import show_value
from qiskit_runtime_service.core.messages import describe
from qiskit_runtime_service.core.reports import fit_to_show
from qiskit_runtime_service.core.selection import show
from qiskit_runtime_service.records import problem as case
from qiskit_runtime_service.records.report import Report
from qiskit_runtime_service.shell.display import Explained, as_html, as_text
from tests.strategies import json_values

pytestmark = pytest.mark.holds("B353")

KEY = "Zx9Qw3pLm8Nv2KdRt5Yb7HgFs4Jc1XeUa6Wo0IiBqEzT"
"""It looks like one, and is none."""
HIDDEN = "Zx… (44 characters)"
texts = st.text() | st.text(st.sampled_from("a\n\t\x1b\u202e\x00\ud800 é{}%"))


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@given(texts, st.integers(40, 90))
@example("a" * 41, 40)
@example("a" * 40, 40)
def test_a_text_is_whole_or_its_beginning_with_its_length(text: str, most: int) -> None:
    for long in (text, text * 50):
        shown = shorten(long, most)
        assert len(shown) <= most
        assert shorten(shown, most) == shown
        if len(long) <= most:
            assert shown == long
        else:
            beginning, _, end = shown.rpartition("… (")
            assert (long.startswith(beginning), end) == (True, f"{len(long)} characters)")


@given(texts)
def test_a_line_can_be_printed_and_is_the_text_where_that_can(text: str) -> None:
    line = as_line(text)
    assert line.isprintable()
    assert as_line(line) == line
    assert (line == text) == text.isprintable()


@given(json_values)
def test_a_value_is_written_as_python_writes_it(value: Any) -> None:
    assert write_out(value) == repr(value)
    assert write_out(value, str) == str(value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (10**5_000, "of type int, too large to be written"),
        (-(10**5_000), "of type int, too large to be written"),
        ([10**5_000], "of type list"),
        ({"x": 10**5_000}, "of type dict"),
        (nested(100_000), "of type list"),
    ],
    ids=["number", "below none", "list", "dictionary", "levels"],  # pytest writes no number too long either
)
def test_what_python_does_not_write_is_named_by_its_type(value: Any, words: str) -> None:
    assert write_out(value) == words
    assert show_value(value) == words
    assert describe(case.BadArgument(name="x", value=show_value(value), wanted="y")).what == f"x is {words}."


def test_a_number_of_many_digits_is_shortened() -> None:
    # Hexadecimal digits may be an id, and may be a key, by how many they are (B328).
    assert show_value(10**100) == str(10**100)
    assert show_value(10**400) == "10… (401 characters)"
    assert show(10**400) == "10… (401 characters)"


@given(json_values | texts | st.integers().map(lambda power: 10 ** (abs(power) % 6_000)))
def test_what_a_table_shows_of_a_value_is_a_short_line(value: Any) -> None:
    for shown in (show(value), show(str(value) * 300)) if not isinstance(value, int) else (show(value),):
        assert shown.isprintable()
        if not isinstance(value, list):
            assert len(shown) <= 200


LONG = "x" * 100_000
NAMED: list[Any] = [
    case.BackendNotFound(name=LONG, nearest=None),
    case.UnknownOption(group="SamplerOptions", name=LONG, nearest=None),
    case.UnknownFilter(name=LONG, nearest=None),
    case.JobNotFound(job=LONG, instances=1),
    case.SessionNotFound(session=LONG, instances=1),
    case.InstanceNotFound(wanted=LONG, known=()),
    case.UnknownChannel(channel=LONG, origin="argument channel="),
    case.MalformedCrn(crn=LONG, reason="short"),
    case.UnsafeUrl(url=LONG, reason="open"),
    case.NotMeasured(what=f"gate {LONG!r}"),
    case.BadArgument(name=LONG, value=LONG, wanted="a text"),
    case.AccountNameNotFound(name=LONG, path="p", known=()),
]


@pytest.mark.parametrize("problem", NAMED, ids=lambda problem: type(problem).__name__)
def test_a_long_name_is_not_repeated_whole(problem: case.Problem) -> None:
    told = str(describe(problem))
    assert len(told) < 600
    assert re.search(r"… \(10000\d characters\)", told)
    assert "x" * 100 in told


def test_words_of_a_server_are_kept_up_to_ten_thousand_characters() -> None:
    words = "Line of a traceback.\n" * 400
    assert words.rstrip() in str(describe(case.JobFailed(job="j", reason=words, code=None, solution="")))
    told = describe(case.JobFailed(job="j", reason="é" * 50_000, code=None, solution="")).details
    assert [len(line) for line in told] == [10_000]
    many = describe(case.AccountNameNotFound(name="a", path="p", known=("é" * 150,) * 1_000))
    assert len(many.way_out) == 10_000


def test_no_part_of_a_key_is_left_where_a_text_is_cut() -> None:
    for pad in range(120, 200):
        value = "é" * pad + " " + KEY
        told = (show_value(value), show(value), str(describe(case.BackendNotFound(name=value, nearest=None))))
        assert all(KEY[:3] not in text for text in told)


REPORT = Report(
    title=f"In {KEY}",
    columns=("name", "why"),
    rows=(("a\nb\x1b[2J", "é" * 300), ("é" * 300, KEY), ("9" * 99, "")),
    notes=(f"of {KEY}\nmore",),
    chosen=0,
    rejected=1,
)


@pytest.mark.holds("B328")
def test_a_row_of_a_table_is_a_line_and_no_wider_than_is_read() -> None:
    shown = fit_to_show(REPORT)
    assert shown == Report(
        title=f"In {HIDDEN}",
        columns=("name", "why"),
        rows=(
            (r"a\nb\x1b[2J", "é" * 300),
            ("é" * 82 + "… (300 characters)", HIDDEN),
            ("9" * 99, ""),
        ),
        notes=(rf"of {HIDDEN}\nmore",),
        chosen=0,
        rejected=1,
    )
    assert fit_to_show(shown) == shown


@given(st.lists(st.tuples(texts, texts), max_size=3), texts)
def test_whatever_is_in_a_report_it_is_shown_in_lines(rows: list[tuple[str, str]], text: str) -> None:
    report = Report(title=text, columns=("job", "why"), rows=tuple(rows), notes=(text * 900,))
    shown = fit_to_show(report)
    assert len(shown.rows) == len(rows)
    for line in (shown.title, *shown.notes, *(cell for row in shown.rows for cell in row)):
        assert line.isprintable()
        assert len(line) <= 2_000
    assert all(len(name) <= 100 for name, _ in shown.rows)


def test_whoever_shows_a_report_shows_it_so() -> None:
    text, page = as_text(REPORT), as_html(REPORT)
    assert len(text.splitlines()) == 1 + 2 + 3 + 1
    assert max(map(len, text.splitlines())) <= 100 + 2 + 300
    written = io.StringIO()
    show_report(Console(file=written, width=1_000, highlight=False), REPORT)
    for told in (text, page, written.getvalue()):
        assert KEY[:8] not in told
        assert HIDDEN in told
        assert "\x1b" not in told
        assert r"a\nb\x1b[2J" in told


def test_the_records_of_an_explanation_are_written_without_keys() -> None:
    explained = Explained(case.BackendNotFound(name=KEY, nearest="a\nb"))
    assert explained.to_json() == rf'{{"name":"{HIDDEN}","nearest":"a\nb","unreachable":[]}}'


@pytest.mark.parametrize("words", ["accounts --file /nope/{key}", "accounts --file {key} --json"])
def test_a_command_shows_no_key_that_is_given_for_a_path(words: str) -> None:
    done = CliRunner().invoke(commands, words.format(key=KEY).split())
    assert KEY[:8] not in done.output
    assert HIDDEN in done.output


@pytest.mark.holds("B452")
def test_one_is_counted_as_one() -> None:
    assert [counted(number, "job") for number in (0, 1, 2, 10)] == ["0 jobs", "1 job", "2 jobs", "10 jobs"]
