"""The page for those who move from IBM's client is up to date."""

from .moving import PAGE, THEIRS, render, rows_of_names


def test_the_tables_are_made_of_the_names_and_rules_of_today() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert render(page) == page, "Make the page anew: make reference"


def test_every_name_has_a_row_and_what_is_not_the_same_has_words() -> None:
    rows = list(rows_of_names())
    named = {(module, name) for module, name, _, _ in rows}
    wanted = {(module, f"`{name}`") for module, names in THEIRS.items() for name in names}
    assert wanted <= named
    assert [row for row in rows if row[2] != "same" and not row[3]] == []
