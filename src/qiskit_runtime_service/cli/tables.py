"""Tables and bars in a terminal. With `table_layout` the one module of the commands that loads rich."""

import re
from collections.abc import Iterable, Mapping

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ..core.reports import fit_to_show
from ..records.report import Report
from .table_layout import INDENT, lay_out, wrap

RULE = 4
"""Columns that a title leaves to the line after it, at least."""

GRADES = ("green", "yellow", "red")
"""The colours of what works best, less well, and worst."""


def open_console() -> Console:
    """Return what writes to standard output: without colour where that is no terminal, or NO_COLOR is set."""
    return Console(highlight=False)


def make_table(*headings: str) -> Table:
    """Return an empty table of our plain look. No cell is broken."""
    table = Table(box=SIMPLE_HEAD, header_style="bold", padding=(0, 1, 0, 0), pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def show_report(console: Console, report: Report, heading: str | None = None) -> None:
    """Print a report under its title, or under another heading: its best row green, the rejected ones dim.

    No line is wider than the console, and what there was no room for is named.

    Source: behaviour B555.
    """
    report = fit_to_show(report)
    laid = lay_out(report, console.width)
    title = wrap(heading or report.title, console.width - RULE)
    for line in title[:-1]:
        console.print(Text(line))
    console.print(Rule(Text(title[-1]), align="left"))
    for line in laid.head:
        console.print(Text(line, style="bold"))
    if laid.head:
        console.print("─" * laid.width)
    kept = len(report.rows) - report.rejected
    for index, lines in enumerate(laid.rows):
        style = "bold green" if index == report.chosen else "dim" if index >= kept else ""
        for line in lines:
            console.print(Text(line, style=style))
    room = (f"Without {', '.join(laid.left_out)}: a wider terminal shows all.",) if laid.left_out else ()
    notes = (*report.notes, *room)
    if notes:
        console.print()
    for line in (line for note in notes for line in wrap(note, console.width - len(INDENT))):
        console.print(Text(f"{INDENT}{line}"))
    console.print()


def show_map(lines: Iterable[str], grades: Mapping[int, int]) -> None:
    """Print a map, the numbers of its qubits coloured by how well they are read. Lists beneath it are broken."""
    console = open_console()
    for text in (Text(part) for line in lines for part in wrap(line, console.width)):
        for found in re.finditer(r"\d+", text.plain):
            if (grade := grades.get(int(found[0]))) is not None:
                text.stylize(GRADES[grade], *found.span())
        console.print(text)
    if grades:
        legend = ((word, style) for word, style in zip(("best", " middle", " worst"), GRADES, strict=True))
        console.print(Text.assemble("\nreadout, by thirds: ", *legend))
