"""What users are shown: explanations as text, JSON and HTML, tables, and records as plain dictionaries."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from copy import copy, deepcopy
from importlib import import_module
from textwrap import TextWrapper, fill
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

import msgspec
from msgspec.structs import replace

from ..core.keys import hide_keys
from ..core.reports import describe_instances, describe_usage, fit_to_show
from ..core.troubles import Trouble
from ..records.account import Account, Proxies
from ..records.instance import Instance
from ..records.report import Report
from ..records.secret import Secret
from ..records.usage import Usage

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

R = TypeVar("R")
T = TypeVar("T")

MASK = "****"

_STYLE = (
    "<style>table.qrs{border-collapse:collapse;margin:.5em 0;font-size:.9em;color:inherit}"
    ".qrs caption{text-align:left;font-weight:bold;padding:2px 0;color:inherit}"
    ".qrs td,.qrs th{text-align:left!important;padding:2px 10px 2px 0;vertical-align:top}"
    ".qrs td:last-child{overflow-wrap:anywhere}"
    ".qrs th{border-bottom:1px solid currentColor;font-weight:600}"
    ".qrs .chosen{font-weight:bold}.qrs .rejected{opacity:.65}ul.qrs{font-size:.85em;opacity:.8;margin:.2em 0}</style>"
)
"""Only sizes and lines: the colours are those of the page, light or dark."""

WIDTH = 80
"""Columns of a terminal."""
MOST_ROWS = 100
"""Of longer tables a notebook shows the beginning, so that its file stays small."""


class PublicNames:
    """Tells `dir()`, and so completion, only of what is for users: no name with a single underscore before it."""

    def __dir__(self) -> Iterable[str]:
        return [name for name in super().__dir__() if name.startswith("__") or not name.startswith("_")]


class Explained(PublicNames, Generic[R]):
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
        return hide_keys(msgspec.json.encode(self.records, enc_hook=_mask).decode())

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
    report = fit_to_show(report)
    table = [report.columns, *report.rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    head, *lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]
    rule = "  ".join("─" * width for width in widths)
    above = [head, rule] if any(report.columns) else []
    return "\n".join([report.title, *above, *lines, *(f"  {note}" for note in report.notes)])


def as_lines(report: Report) -> str:
    """Return a report as text of which no line is longer than a terminal is wide, if its table allows it."""
    table = as_text(replace(report, title="", notes=())).removeprefix("\n") if report.rows else ""
    shown = fit_to_show(report)
    broken = TextWrapper(WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
    title = fill(shown.title, WIDTH, break_on_hyphens=False)
    return "\n".join(filter(None, (title, table, *map(broken.fill, shown.notes))))


def as_html(report: Report) -> str:
    """Return a report as an HTML table. It takes the colours of the page, light or dark."""
    from html import escape  # Loaded with a table of all named characters, which only notebooks need.

    report = fit_to_show(report)
    head = "".join(f"<th>{escape(column)}</th>" for column in report.columns)
    kept, more = len(report.rows) - report.rejected, len(report.rows) - MOST_ROWS
    body = "".join(
        f'<tr class="{"chosen" if index == report.chosen else "rejected" if index >= kept else ""}">'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row)
        + "</tr>"
        for index, row in enumerate(report.rows[:MOST_ROWS])
    )
    last = (f"… and {more} more",) if more > 0 else ()
    notes = "".join(f"<li>{escape(note)}</li>" for note in (*last, *report.notes))
    caption = f"<caption>{escape(report.title)}</caption>"
    table = f'<table class="qrs">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return table + (f'<ul class="qrs">{notes}</ul>' if notes else "")


def _mask(value: Any) -> Any:
    if isinstance(value, Secret):
        return MASK if value else ""
    raise NotImplementedError(f"{type(value).__name__} has no form in JSON")


# Dictionaries


class MaskedView(PublicNames, dict[str, Any]):
    """A dictionary that holds secrets, but does not show them. `hidden` are the keys of those."""

    hidden: ClassVar[tuple[str, ...]] = ()

    def copy(self) -> Self:
        """Return a copy that hides the same."""
        return copy(self)

    def __repr__(self) -> str:
        return repr(self._shown())

    def __copy__(self) -> Self:
        twin = type(self).__new__(type(self))
        twin.update(self)
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = copy(self)
        twin.update({name: deepcopy(value, memo) for name, value in self.items()})
        return twin

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        # What is pickled leaves the process, so it takes along only what it shows.
        return dict, (self._shown(),)

    def _shown(self) -> dict[str, Any]:
        return {name: MASK if name in self.hidden else value for name, value in self.items()}


class ProxiesView(MaskedView):
    """Proxies as a dictionary. URLs may hold passwords, so they are not shown either."""

    hidden = ("urls", "password_ntlm")

    def __init__(self, proxies: Proxies) -> None:
        fields = {
            "urls": {scheme: str(url.reveal()) for scheme, url in proxies.urls},
            "username_ntlm": proxies.username_ntlm,
            "password_ntlm": proxies.password_ntlm and str(proxies.password_ntlm.reveal()),
        }
        super().__init__({name: value for name, value in fields.items() if value})


class AccountView(MaskedView):
    """An account as a dictionary. It holds the token, but does not show it."""

    hidden = ("token",)

    def __init__(self, account: Account) -> None:
        fields = {name: getattr(account, name) for name in account.__struct_fields__}
        super().__init__({name: _plain(value) for name, value in fields.items() if value not in (None, ())})


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return str(value.reveal())
    if isinstance(value, Proxies):
        return ProxiesView(value)
    return list(value) if isinstance(value, tuple) else value


class UsageView(PublicNames, dict[str, Any]):
    """What `usage()` tells, without what the service did not say. A notebook shows it as a table."""

    def __init__(self, usage: Usage, remaining: float | None) -> None:
        period = usage.period
        fields = {
            "instance_id": usage.instance_id,
            "plan_id": usage.plan_id,
            "usage_consumed_seconds": usage.consumed,
            "usage_period": period and {"start_time": period.start_time, "end_time": period.end_time},
            "usage_limit_seconds": usage.limit,
            "usage_allocation_seconds": usage.allocation,
            "usage_consumed_ru": usage.consumed_ru,
            "usage_limit_ru": usage.limit_ru,
            "usage_allocation_ru": usage.allocation_ru,
            "usage_limit_reached": usage.limit_reached,
            "usage_remaining_seconds": remaining,
        }
        super().__init__({name: value for name, value in fields.items() if value is not None})

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)

    def _repr_html_(self) -> str:
        return as_page(describe_usage(self))


# Tables


class Tabular(PublicNames, ABC):
    """Something that can be written as rows, one dictionary each."""

    @abstractmethod
    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a dictionary for each row; all have the same keys."""

    def to_pandas(self) -> "pd.DataFrame":
        """Return the rows as a pandas data frame. Pandas is not installed with this library."""
        frame: pd.DataFrame = _load("pandas").DataFrame(self.to_dicts())
        return frame

    def to_polars(self) -> "pl.DataFrame":
        """Return the rows as a polars data frame. Polars is not installed with this library."""
        frame: pl.DataFrame = _load("polars").DataFrame(self.to_dicts(), infer_schema_length=None)
        return frame


def _load(library: str) -> Any:
    """Return a library that only those have who want its data frames."""
    try:
        return import_module(library)
    except ImportError as error:
        raise ImportError(f"This data frame needs {library}.\nInstall it: pip install {library}") from error


class Table(list[T], Tabular):
    """A list that a notebook shows as a table.

    Attributes:
        troubles: What is missing because it could not be asked or read: which instance or backend, and why.
    """

    def __init__(self, rows: Iterable[T] = (), troubles: Iterable[Trouble] = ()) -> None:
        super().__init__(rows)
        self.troubles = tuple(troubles)

    @abstractmethod
    def report(self) -> Report:
        """Return the table as text."""

    def _repr_html_(self) -> str:
        return as_page(self.report())


class InstanceList(Table[dict[str, Any]]):
    """Instances of an account, each with `crn`, `plan`, `name`, `tags` and `pricing_type`."""

    @classmethod
    def of(cls, instances: Iterable[Instance]) -> "InstanceList":
        """Make the list from records."""
        names = ("crn", "plan", "name", "tags", "pricing_type")
        return cls({name: _plain(getattr(instance, name)) for name in names} for instance in instances)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the instances."""
        return [dict(instance) for instance in self]

    def report(self) -> Report:
        """Return the instances as a table of text."""
        return describe_instances(self)
