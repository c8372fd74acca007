"""The manners of all commands: data on standard output, talk on standard error, and what exit codes say."""

import codecs
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

import click
import msgspec
from msgspec.structs import replace

from ..core.keys import hide_keys
from ..records.report import Report
from .json_answers import ListAnswer, fields_of

if TYPE_CHECKING:
    from ..shell.progress import Progress

DONE, FAILED, CANCELLED, JOB_FAILED, NEEDS_LOGIN, DEADLINE = range(6)

ALL = "all"
"""Stands for each field of an answer."""

EXIT_CODES = {
    DONE: "done",
    FAILED: "failed, or not understood",
    CANCELLED: "cancelled: the job, or the command by its user",
    JOB_FAILED: "the job failed",
    NEEDS_LOGIN: "an account is needed: log in",
    DEADLINE: "the time to wait was over first",
}
"""What exit codes say (B240)."""


PLAINER = str.maketrans("─│█×–…→≤≥", "-|#x-~><>")
"""Letters of ours that have a plainer one, for streams that cannot write them."""
PLAINLY = "qiskit-runtime-plainly"
"""What the way to write them is called among those of `codecs`."""


def write_plainly(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for letters that a stream cannot write: as many as there are."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end].translate(PLAINER)
    return "".join(letter if letter.isascii() else "?" for letter in letters), error.end


@contextmanager
def any_letters() -> Iterator[None]:
    """Let standard output take any letter, whatever its encoding, for as long as the block runs.

    Source: behaviour B556.
    """
    stream = sys.stdout
    if not isinstance(stream, TextIOWrapper) or stream.errors != "strict":
        yield
        return
    codecs.register_error(PLAINLY, write_plainly)
    stream.reconfigure(errors=PLAINLY)
    try:
        yield
    finally:
        stream.reconfigure(errors="strict")


def say(text: str, *, with_keys: bool = False) -> None:
    """Say something to the person who waits, on standard error. What looks like a key in it is not shown.

    Args:
        text: What is said.
        with_keys: Whether it is there to hand out a key, that of an emulated cloud.

    Source: behaviour B328, B343.
    """
    click.echo(text if with_keys else hide_keys(text), err=True)


@contextmanager
def busy(text: str) -> "Iterator[Progress]":
    """Show on a terminal what is waited for, for as long as the block runs."""
    from ..shell.progress import open_line

    with open_line(sys.stderr.isatty()) as line:
        line.show(text)
        yield line


class Output:
    """Where the data of a command goes: as JSON, as tables for a terminal, or as plain text for anything else.

    Args:
        as_json: Whether it is JSON.
        troubles: What was said on standard error of what could not be asked, read or done; it grows.
        fields: Which fields of the answer are JSON, or of its rows where it is a list; without any it is whole.
    """

    def __init__(self, as_json: bool, troubles: Sequence[str] = (), fields: tuple[str, ...] = ()) -> None:
        self.as_json = as_json
        self._troubles = troubles
        self._fields = fields

    @property
    def is_terminal(self) -> bool:
        """Whether a person looks at standard output."""
        return sys.stdout.isatty()

    @property
    def width(self) -> int | None:
        """How many columns that person sees; `None` where nobody looks."""
        from .tables import open_console

        return open_console().width if self.is_terminal else None

    def answer(self, data: Any, *reports: Report) -> None:
        """Write the answer of a command.

        Args:
            data: What `--json` writes, a record of `json_answers`. The troubles so far are added to it.
            reports: The same for a person.

        Source: behaviour B315, B560.
        """
        if self._fields:
            click.echo(msgspec.json.encode(keep_fields(data, self._fields), enc_hook=str))
        elif self.as_json:
            whole = replace(data, troubles=(*data.troubles, *self._troubles))
            # What a program of its own returns may have no form in JSON: then its text must do.
            click.echo(msgspec.json.encode(whole, enc_hook=str))
        elif self.is_terminal:
            show_reports(reports)
        elif reports:
            click.echo("\n\n".join(map(as_plain, reports)))

    def lines(self, lines: Iterable[str]) -> None:
        """Write lines of text as they are."""
        click.echo("\n".join(lines))


def keep_fields(data: Any, fields: tuple[str, ...]) -> Any:
    """Return some fields of an answer, in their order; of one that is a list, of each of its rows.

    Raises a `UsageError` for a field that it does not have.
    """
    is_list = isinstance(data, ListAnswer)
    rows = getattr(data, data.rows_in) if isinstance(data, ListAnswer) else (data,)
    known = fields_of(type(data))
    wanted = known if fields == (ALL,) else fields
    if missing := [field for field in wanted if field not in known]:
        raise click.UsageError(f"This answer has no field {missing[0]!r}.\nIt has {', '.join(known)}.")
    kept = [{field: getattr(row, field) for field in wanted} for row in rows]
    return kept if is_list else kept[0]


def as_plain(report: Report) -> str:
    """Return a report as aligned text, however wide."""
    from ..shell.display import as_text

    return as_text(report)


def show_reports(reports: tuple[Report, ...]) -> None:
    """Show tables that fit the terminal."""
    from .tables import open_console, show_report

    console = open_console()
    for report in reports:
        show_report(console, report)


def expected_errors() -> tuple[type[BaseException], ...]:
    """Return what may go wrong in the world. Anything else is a defect, and shows its traceback.

    This loads Qiskit, so it stands in an `except` clause, which is read only when something was raised.
    """
    from qiskit.exceptions import QiskitError

    return QiskitError, OSError


def code_of(error: BaseException) -> int:
    """Return the exit code that tells scripts what happened.

    Source: behaviour B240.
    """
    from .. import exceptions

    match error:
        case exceptions.RuntimeJobFailureError() | exceptions.RuntimeJobMaxTimeoutError():
            return JOB_FAILED
        case exceptions.IBMApiError():  # Whatever it kept away, such as the account, may be all right.
            return FAILED
        case exceptions.AccountNotFoundError() | exceptions.InvalidAccountError():
            return NEEDS_LOGIN
        case exceptions.RuntimeJobTimeoutError():
            return DEADLINE
        case _:
            return FAILED
