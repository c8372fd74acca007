"""The noun of explanations made to be read: a table of plain text with notes beneath it."""

import msgspec


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A table. It holds no secret, and no markup: whoever shows it makes it fit to show."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Best first; each as long as `columns`."""
    chosen: int | None = None
    """The row that won, if one did."""
    rejected: int = 0
    """How many rows, counted from the end, were rejected."""
    notes: tuple[str, ...] = ()
