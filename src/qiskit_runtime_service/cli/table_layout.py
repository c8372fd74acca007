"""How a table comes to fit a width: what is broken into lines, stands beneath its row, is left out or is shortened.

Decisions about text alone; widths are those of a terminal, where some letters take two columns.
"""

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size

from ..core.reports import SENTENCES
from ..records.report import Report

GAP = 2
"""Columns of a terminal between two of a table."""
INDENT = "  "
"""Before what stands beneath its row."""
BESIDE = 24
"""The narrowest that a sentence is beside other columns."""
SHORTEST = 8
"""What is left of a cell, at least, that is shortened or broken for want of room."""

LONG = frozenset({"CRN", "call"})
"""Columns of words that are not broken beside others."""
TEXTS = SENTENCES | LONG | {"value", "of", "change", "place", "what it is"}
"""Columns that may take several lines."""
NAMES = frozenset(
    {"job", "session", "backend", "account", "instance", "link", "circuit", "outcome", "field", "endpoint", "asked"}
)
"""Columns of names, which are never shortened. The first of a table says what its rows are, and is never left out."""
LEAST_FIRST = (
    *("", "chip", "pricing", "program", "seconds", "bytes", "tags", "channel", "time", "mode", "instance", "region"),
    *("depth", "created", "plan", "qubits"),
)
"""What is left out where the room does not do: what is missed least comes first."""


class Column(NamedTuple):
    """A column, and how wide it is."""

    heading: str
    cells: tuple[str, ...]
    width: int
    is_text: bool
    """Whether its cells may take several lines."""

    @property
    def least(self) -> int:
        """How wide it is beside others, at least."""
        return min(self.width, BESIDE) if self.is_text and self.heading not in LONG else self.width


class Arranged(NamedTuple):
    """Where the columns of a table are."""

    beside: tuple[Column, ...]
    beneath: tuple[Column, ...] = ()
    """On lines of their own, beneath their row."""
    left_out: tuple[str, ...] = ()


class Laid(NamedTuple):
    """A table as lines."""

    head: tuple[str, ...]
    """The headings; none where no column has one."""
    rows: tuple[tuple[str, ...], ...]
    """The lines of each row."""
    left_out: tuple[str, ...]
    """The columns for which there was no room."""

    @property
    def width(self) -> int:
        """How wide the widest line is."""
        return max(map(cell_len, (*self.head, *(line for row in self.rows for line in row))), default=0)


def lay_out(report: Report, width: int) -> Laid:
    """Return a table whose lines are no wider than `width`.

    Where it is too wide as it stands, headings and sentences are broken. Then the columns are left out that are missed
    least, if the others fit so; else the last text stands beneath its row. What is still too wide is shortened, with
    `…`; names are broken instead.

    Source: behaviour B555.
    """
    cells = zip(*report.rows, strict=True) if report.rows else ((),) * len(report.columns)
    # Without any heading it is of names and values; beside headings, what has none is a picture, such as a bar.
    texts = TEXTS - {""} if any(report.columns) else TEXTS
    columns = tuple(
        Column(heading, tuple(column), max(map(cell_len, (heading, *column))), heading in texts)
        for heading, column in zip(report.columns, cells, strict=True)
    )
    arranged = Arranged(columns)
    told = tuple(column for column in columns if any(column.cells) or not report.rows)
    if width_of([column.width for column in columns]) > width:
        arranged = make_room(tuple(map(narrow, told)), width)
    beside, beneath = share_room(arranged.beside, width), arranged.beneath
    head = lines_of([(column, column.heading) for column in beside], [column.heading for column in beneath], width)
    rows = (
        lines_of([(column, column.cells[row]) for column in beside], [column.cells[row] for column in beneath], width)
        for row in range(len(report.rows))
    )
    return Laid(head if any(report.columns) else (), tuple(rows), arranged.left_out)


def narrow(column: Column) -> Column:
    """Return a column whose heading may be broken between its words."""
    return column._replace(width=max(map(cell_len, (*column.heading.split(), *column.cells)), default=0))


def width_of(widths: Sequence[int]) -> int:
    """Return how wide columns are together."""
    return sum(widths) + GAP * max(0, len(widths) - 1)


def fits(columns: Sequence[Column], width: int) -> bool:
    """Tell whether columns fit beside each other, their sentences broken."""
    return width_of([column.least for column in columns]) <= width


def make_room(columns: tuple[Column, ...], width: int) -> Arranged:
    """Return where columns are that do not fit as they stand."""
    rest, left_out = leave_out(columns, width)
    if fits(rest, width):
        return Arranged(rest, (), left_out)
    last = next((column for column in reversed(columns[1:]) if column.is_text), None)
    if last is None:
        return Arranged(squeeze(rest, width), (), left_out)
    others = make_room(tuple(column for column in columns if column is not last), width)
    return others._replace(beneath=(*others.beneath, last))


def leave_out(columns: tuple[Column, ...], width: int) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """Return the columns without those that are missed least, until they fit, and the headings of those."""
    key = next((column for column in columns if column.heading in NAMES), columns[0])
    left_out: list[Column] = []
    if any(column.heading for column in columns):
        for heading in LEAST_FIRST:
            rest = tuple(column for column in columns if column not in left_out)
            if fits(rest, width):
                break
            left_out += (column for column in columns[1:] if column.heading == heading and column is not key)
    rest = tuple(column for column in columns if column not in left_out)
    return rest, tuple(column.heading for column in left_out if any(column.cells) and column.heading)


def squeeze(columns: tuple[Column, ...], width: int) -> tuple[Column, ...]:
    """Return columns of which the widest are narrower, names last, so that they fit."""
    widths = [column.width for column in columns]
    for are_names in (False, True):
        for place in sorted(range(len(columns)), key=lambda place: -widths[place]):
            if (columns[place].heading in NAMES) == are_names and widths[place] > SHORTEST:
                widths[place] = max(SHORTEST, widths[place] - max(0, width_of(widths) - width))
    if width_of(widths) > width:
        room = (width - GAP * (len(columns) - 1)) // len(columns)
        widths = [max(1, min(room, wide)) for wide in widths]
    return tuple(column._replace(width=wide) for column, wide in zip(columns, widths, strict=True))


def share_room(columns: tuple[Column, ...], width: int) -> tuple[Column, ...]:
    """Return columns whose sentences share what the others leave, those first that need little."""
    room = width - width_of([column.least for column in columns])
    wanting = sorted(range(len(columns)), key=lambda place: columns[place].width - columns[place].least)
    shared = list(columns)
    for left, place in zip(range(len(wanting), 0, -1), wanting, strict=True):
        column = columns[place]
        more = min(column.width - column.least, max(0, room) // left)
        room -= more
        shared[place] = column._replace(width=column.least + more)
    return tuple(shared)


def lines_of(beside: Sequence[tuple[Column, str]], beneath: Sequence[str], width: int) -> tuple[str, ...]:
    """Return the lines of a row, or of the headings."""
    cells = [
        wrap(cell, column.width)
        if column.is_text or column.heading in NAMES or cell == column.heading
        else [shorten(cell, column.width)]
        for column, cell in beside
    ]
    lines = (
        (" " * GAP).join(set_cell_size(part, column.width) for part, (column, _) in zip(parts, beside, strict=True))
        for parts in zip_longest(*cells, fillvalue="")
    )
    below = (f"{INDENT}{line}" for cell in beneath if cell for line in wrap(cell, width - len(INDENT)))
    return (*(line.rstrip() for line in lines), *below)


def wrap(text: str, width: int) -> list[str]:
    """Return a text as lines, broken between words where they fit."""
    if cell_len(text) <= width:
        return [text]
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= width:
            lines[-1] = joined
        else:
            lines += chop_cells(word, width)
    return [line for line in lines if line]


def shorten(text: str, width: int) -> str:
    """Return a text that is no wider, and ends with `…` where some of it is missing."""
    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"
