"""What commands have in common: examples in their help, and the options that several of them take."""

import re
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import click
from click.shell_completion import CompletionItem

from ..client.clock import SystemClock
from ..core.names import hint_at, nearest_name
from .json_answers import answers_of, fields_of
from .output import ALL, Output

JSON = "--json"
FIELDS = "[FIELDS]"

F = TypeVar("F", bound=Callable[..., Any])


class Command(click.Command):
    """A command whose help ends with examples. The tests run them.

    Args:
        examples: Lines as a person would type them, two at least.
    """

    def __init__(self, *arguments: Any, examples: Sequence[str], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.examples = tuple(examples)

    @property
    def takes_fields(self) -> bool:
        """Whether `--json` may be told fields."""
        return any(parameter.metavar == FIELDS for parameter in self.params)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what was typed. `--json` may stand alone, so it takes the word after it only if that names fields."""
        if self.takes_fields:
            args = join_fields(args, ctx.info_name or "", has_arguments=any_argument(self))
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write which fields `--json` takes, and the examples, each on a line of its own, so that it can be copied."""
        answers = answers_of(ctx.info_name or "")
        if answers and self.takes_fields:
            with formatter.section("Fields of --json"):
                if len(answers) == 1:
                    formatter.write_text(", ".join(*map(fields_of, answers.values())))
                else:
                    formatter.write_dl([(asked, ", ".join(fields_of(kind))) for asked, kind in answers.items()])
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"  {example}\n")


class Given(NamedTuple):
    """What a file holds, and what to call it."""

    data: bytes
    name: str


class Source(click.File):
    """The type of an argument that is a file to be read whole; `-` is standard input."""

    def __init__(self) -> None:
        super().__init__("rb")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the file. Nobody types one into a terminal."""
        if value == "-" and sys.stdin.isatty():
            self.fail("Nothing comes in from standard input. Give a file, or pipe one in.", param, ctx)
        name = "standard input" if value == "-" else str(value)
        return Given(super().convert(value, param, ctx).read(), name)


class Moment(click.ParamType):  # type: ignore[type-arg]  # an older click has none
    """The type of an instant: an ISO date, in local time unless it has a zone, or how long ago it was, as `2h`."""

    name = "date"
    units = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}  # noqa: RUF012  # never changes

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read an instant."""
        ago = re.fullmatch(r"(\d+)\s*([smhdw])", value, re.ASCII)
        try:
            if ago is not None:
                now = datetime.fromtimestamp(SystemClock().now(), UTC)
                return now - timedelta(seconds=int(ago[1]) * self.units[ago[2]])
            return datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            wanted = "a date such as 2026-09-01 or 2026-09-01T12:00, or how long ago, such as 90m, 2h, 7d"
            self.fail(f"{value!r} is not {wanted}.", param, ctx)


def with_output(function: F) -> F:
    """Add `--json`, which may be told fields; the command is given an `Output` as `out`."""
    words = "Write JSON: all there is, or a list of rows with these fields alone, joined by commas; `all` for all."
    return click.option(JSON, "out", metavar=FIELDS, callback=_open_output, shell_complete=complete_fields, help=words)(
        function
    )


def with_whole_output(function: F) -> F:
    """Add `--json` for a command whose further words are not its own; the command is given an `Output` as `out`."""
    return click.option(JSON, "out", is_flag=True, callback=_open_output, help="Write JSON.")(function)


def _open_output(context: click.Context, _: click.Parameter, given: str | bool | None) -> Output:
    """Return where the data of a command goes. The object of a context is what went wrong so far."""
    as_json = given is not None and given is not False
    fields = tuple(filter(None, given.split(","))) if isinstance(given, str) else ()
    check_fields(fields, context.info_name or "")
    return Output(as_json, () if context.obj is None else context.obj, fields)


def join_fields(words: Sequence[str], command: str, *, has_arguments: bool) -> list[str]:
    """Return words in which `--json` has its fields behind `=`, none where the next word is no field.

    Where a command takes arguments, a word is theirs that is no field, and has no comma.

    Source: behaviour B560.
    """
    known = {ALL, *(field for kind in answers_of(command).values() for field in fields_of(kind))}
    joined: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return [*joined, word, *rest]
        if word == JSON:
            follows = rest[0] if rest and not rest[0].startswith("-") else ""
            is_named = "," in follows or follows in known or not has_arguments
            word = f"{JSON}={rest.pop(0) if follows and is_named else ''}"
        joined.append(word)
    return joined


def any_argument(command: click.Command) -> bool:
    """Tell whether a command takes words that belong to no option."""
    return any(isinstance(parameter, click.Argument) for parameter in command.params)


def check_fields(fields: tuple[str, ...], command: str) -> None:
    """Raise a `UsageError` for a field that no answer of the command has, with the nearest.

    Source: behaviour B560.
    """
    known = list(dict.fromkeys(field for kind in answers_of(command).values() for field in fields_of(kind)))
    for field in fields:
        if field not in (ALL, *known):
            hint = hint_at(nearest_name(field, known), f"It has {', '.join(known)}.")
            raise click.UsageError(f"The answer of {command} has no field {field!r}.\n{hint}")


def complete_fields(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the fields that may follow those that are there."""
    before, comma, last = begun.rpartition(",")
    known = dict.fromkeys(field for kind in answers_of(context.info_name or "").values() for field in fields_of(kind))
    there = before.split(",")
    return [
        CompletionItem(f"{before}{comma}{field}") for field in known if field.startswith(last) and field not in there
    ]
