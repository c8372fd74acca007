"""Tables and bars in a terminal. The one module of the commands that loads rich."""

import re
from collections.abc import Iterable, Mapping

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ..core.reports import fit_to_show
from ..records.report import Report

WRAPPED = ("", "why", "from", "gates", "qubits", "CRN", "tags", "instance", "call", "what was tried")
"""Columns of sentences and lists; all others stay on one line."""

ROOM = 2
"""What a title leaves of its line for the rule behind it."""

GRADES = ("green", "yellow", "red")
"""The colours of what works best, less well, and worst."""


def open_console() -> Console:
    """Return what writes to standard output: without colour where that is no terminal, or NO_COLOR is set."""
    return Console(highlight=False)


def make_table(*headings: str) -> Table:
    """Return an empty table of our plain look. Without any heading there is no head."""
    named = any(headings)
    table = Table(
        box=SIMPLE_HEAD, header_style="bold", padding=(0, 1, 0, 0), pad_edge=False, show_header=named, show_edge=named
    )
    for heading in headings:
        table.add_column(heading, no_wrap=heading not in WRAPPED, overflow="fold")
    return table


def build_table(report: Report) -> Table:
    """Return a report as a table, its best row green, the rejected ones dim."""
    table = make_table(*report.columns)
    kept = len(report.rows) - report.rejected
    for index, row in enumerate(report.rows):
        style = "bold green" if index == report.chosen else "dim" if index >= kept else ""
        table.add_row(*map(Text, row), style=style)
    return table


def show_report(console: Console, report: Report, heading: str | None = None) -> None:
    """Print a report under its title, or under another heading."""
    report = fit_to_show(report)
    title = Text(heading or report.title)
    # A rule cuts off what does not fit into its line.
    console.print(title if len(title) + ROOM > console.width else Rule(title, align="left"))
    console.print(build_table(report))
    if not any(report.columns):
        console.print()
    for note in report.notes:
        console.print(Padding(Text(note), (0, 0, 0, 2)))
    if report.notes:
        console.print()


def show_map(lines: Iterable[str], grades: Mapping[int, int]) -> None:
    """Print a map, the numbers of its qubits coloured by how well they are read."""
    console = open_console()
    for line in lines:
        text = Text(line)
        for found in re.finditer(r"\d+", line):
            if (grade := grades.get(int(found[0]))) is not None:
                text.stylize(GRADES[grade], *found.span())
        console.print(text, soft_wrap=True)
    if grades:
        legend = ((word, style) for word, style in zip(("best", " middle", " worst"), GRADES, strict=True))
        console.print(Text.assemble("\nreadout, by thirds: ", *legend))
