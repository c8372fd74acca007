"""Tables and bars in a terminal. The one module of the commands that loads rich."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ..records.report import Report

WRAPPED = ("", "why", "from", "gates", "qubits", "CRN", "tags", "instance")
"""Columns of sentences and lists; all others stay on one line."""


def open_console() -> Console:
    """Return what writes to standard output: without colour where that is no terminal, or NO_COLOR is set."""
    return Console(highlight=False)


def make_table(*headings: str) -> Table:
    """Return an empty table of our plain look."""
    table = Table(box=SIMPLE_HEAD, header_style="bold", padding=(0, 1, 0, 0), pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=heading not in WRAPPED)
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
    console.print(Rule(Text(heading or report.title), align="left"))
    console.print(build_table(report))
    for note in report.notes:
        console.print(Text(f"  {note}"))
    if report.notes:
        console.print()


@contextmanager
def watch(what: str) -> Iterator[Callable[[str, float], None]]:
    """Show a line on standard error that tells how something stands, and take it away at the end.

    Yields what is called with the status and the seconds waited.
    """
    console = Console(stderr=True, highlight=False)
    with console.status(f"{what} …") as line:
        yield lambda status, waited: line.update(f"{what}: [bold]{status}[/bold], {waited:.0f} s")
