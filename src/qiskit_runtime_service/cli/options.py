"""What commands have in common: examples in their help, and the options that several of them take."""

import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import click

from .output import Output

F = TypeVar("F", bound=Callable[..., Any])


class Command(click.Command):
    """A command whose help ends with examples. The tests run them.

    Args:
        examples: Lines as a person would type them, two at least.
    """

    def __init__(self, *arguments: Any, examples: Sequence[str], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # as click has it
        """Write the examples, each on a line of its own, so that it can be copied."""
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


def with_output(function: F) -> F:
    """Add `--json`; the command is given an `Output` as `out`."""
    return click.option("--json", "out", is_flag=True, callback=_open_output, help="Write JSON.")(function)


def _open_output(context: click.Context, _: click.Parameter, as_json: bool) -> Output:
    """Return where the data of a command goes. The object of a context is what went wrong so far."""
    return Output(as_json, () if context.obj is None else context.obj)
