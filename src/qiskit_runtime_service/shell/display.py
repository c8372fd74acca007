"""Showing explanations: as text, as JSON, as HTML in a notebook."""

from typing import Any, Generic, TypeVar

import msgspec

from ..records.report import Report
from ..records.secret import Secret

R = TypeVar("R")

_STYLE = (
    "<style>table.qrs{border-collapse:collapse;margin:.5em 0;font-size:.9em;color:inherit}"
    ".qrs caption{text-align:left;font-weight:bold;padding:2px 0;color:inherit}"
    ".qrs td,.qrs th{text-align:left!important;padding:2px 10px 2px 0;vertical-align:top}"
    ".qrs td:last-child{overflow-wrap:anywhere}"
    ".qrs th{border-bottom:1px solid currentColor;font-weight:600}"
    ".qrs .chosen{font-weight:bold}.qrs .rejected{opacity:.65}ul.qrs{font-size:.85em;opacity:.8;margin:.2em 0}</style>"
)
"""Only sizes and lines: the colours are those of the page, light or dark."""

MOST_ROWS = 100
"""Of longer tables a notebook shows the beginning, so that its file stays small."""


class Explained(Generic[R]):
    """A decision and why it fell so. Print it, read its `records`, or let a notebook show it.

    Attributes:
        records: What was decided, as plain records.
        reports: The same as tables of text.
    """

    def __init__(self, records: R, *reports: Report) -> None:
        self.records = records
        self.reports = reports

    def to_json(self) -> str:
        """Return the records as JSON text. Secrets are masked."""
        return msgspec.json.encode(self.records, enc_hook=_mask).decode()

    def __str__(self) -> str:
        return "\n\n".join(map(as_text, self.reports))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return as_page(*self.reports)


def as_page(*reports: Report) -> str:
    """Return reports as HTML that brings its style."""
    return _STYLE + "".join(map(as_html, reports))


def as_text(report: Report) -> str:
    """Return a report as text in aligned columns. Columns without any name have no head."""
    table = [report.columns, *report.rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    head, *lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]
    rule = "  ".join("─" * width for width in widths)
    above = [head, rule] if any(report.columns) else []
    return "\n".join([report.title, *above, *lines, *(f"  {note}" for note in report.notes)])


def as_html(report: Report) -> str:
    """Return a report as an HTML table. It takes the colours of the page, light or dark."""
    from html import escape  # Loaded with a table of all named characters, which only notebooks need.

    head = "".join(f"<th>{escape(each)}</th>" for each in report.columns)
    kept, more = len(report.rows) - report.rejected, len(report.rows) - MOST_ROWS
    body = "".join(
        f'<tr class="{"chosen" if index == report.chosen else "rejected" if index >= kept else ""}">'
        + "".join(f"<td>{escape(each)}</td>" for each in row)
        + "</tr>"
        for index, row in enumerate(report.rows[:MOST_ROWS])
    )
    last = (f"… and {more} more",) if more > 0 else ()
    notes = "".join(f"<li>{escape(each)}</li>" for each in (*last, *report.notes))
    caption = f"<caption>{escape(report.title)}</caption>"
    table = f'<table class="qrs">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return table + (f'<ul class="qrs">{notes}</ul>' if notes else "")


def _mask(value: Any) -> Any:
    if isinstance(value, Secret):
        return "****" if value else ""
    raise NotImplementedError(f"{type(value).__name__} has no form in JSON")
