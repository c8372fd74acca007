"""The command line as a whole: which commands there are, and what becomes of errors.

A command is a module beside this one with a `click.Command` called `command`, and a row in `COMMANDS`. It is loaded
when it is asked for.
"""

import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from io import StringIO
from typing import Any, NamedTuple

import click

from .._log import listening
from ..core.names import hint_at, nearest_name
from .output import CANCELLED, DONE, FAILED, NEEDS_LOGIN, any_letters, code_of, expected_errors, say

PROGRAM = "qiskit-runtime"


class Row(NamedTuple):
    """Where a command lives, and the line that the list of commands has for it."""

    module: str
    summary: str


COMMANDS = {
    "login": Row("login", "Ask for an API key, check it, and save it."),
    "logout": Row("logout", "Take an account out of the account file."),
    "whoami": Row("whoami", "Show the account in use, and where it came from."),
    "doctor": Row("doctor", "Find the broken link between this machine and the backends."),
    "accounts": Row("accounts", "List the saved accounts. Keys are not shown."),
    "instances": Row("instances", "List the service instances of the account."),
    "backends": Row("backends", "List backends, the best first."),
    "backend": Row("backend", "Show what a backend is and how well it works."),
    "estimate": Row("estimate", "Tell what the circuits of a file would use, and send nothing."),
    "run": Row("run", "Run the circuits of a file, and write their counts."),
    "jobs": Row("jobs", "List jobs, the newest first."),
    "job": Row("job", "Show a job; wait for it, stop it, or read what came of it."),
    "sessions": Row("sessions", "List sessions and batches, show one, or end it."),
    "usage": Row("usage", "Show what the instance has spent and may still spend."),
    "select": Row("select", "Choose a backend for another scheduler, from JSON to JSON."),
    "cassette": Row("cassette", "Show a recorded run, check it for secrets, or compare two."),
    "emulate": Row("emulate", "Run an emulated cloud that clients reach over HTTP."),
    "completion": Row("completion", "Write what makes a shell complete commands."),
}


class Commands(click.Group):
    """The commands of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # the signature is click's
        """Return the names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # as in click
        """Load a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f".{COMMANDS[cmd_name].module}", __package__).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that `args` begin with; offer the nearest name for one that is not there."""
        name = args[0]
        if name in COMMANDS or name.startswith("-"):
            return super().resolve_command(ctx, args)
        hint = hint_at(nearest_name(name, COMMANDS), f"{PROGRAM} --help lists what there is.")
        raise click.UsageError(f"There is no command {name!r}.\n{hint}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # as in click
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, row.summary) for name, row in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run what was parsed. Whoever reads may stop reading: what Python still holds for them goes nowhere."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return DONE

    def main(self, args: Sequence[str] | None = None, standalone_mode: bool = True, **extra: Any) -> Any:  # type: ignore[override]  # fewer of click's own switches
        """Run a command; end the process with its exit code, or return the code if not `standalone_mode`.

        Source: behaviour B240, B315.
        """
        code = self._run(args, extra)
        if standalone_mode:
            sys.exit(code)
        return code

    def _run(self, args: Sequence[str] | None, extra: dict[str, Any]) -> int:
        try:
            with any_letters(), warnings.catch_warnings(), listening(say) as listener:
                # There is no line of the user's to blame: a warning is talk like any other.
                warnings.showwarning = lambda message, *_, **__: say(str(message))
                given = {"prog_name": PROGRAM, "obj": listener.troubles} | extra
                code = super().main(args, standalone_mode=False, **given)
        except SystemExit as end:  # That of a completion. What follows would load Qiskit.
            return int(end.code or DONE)
        except click.Abort:
            say("Cancelled.")
            return CANCELLED
        except click.ClickException as error:
            words = StringIO()
            error.show(words)
            say(words.getvalue().rstrip("\n"))
            return FAILED
        except expected_errors() as error:
            say(str(error))
            if (code := code_of(error)) == NEEDS_LOGIN:
                say(f"Log in: {PROGRAM} login")
            return code
        return code if isinstance(code, int) else DONE


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="No account yet? Add --local to a command, and it asks an emulated cloud in this process.",
)
@click.version_option(package_name="qiskit-runtime-service", message="%(version)s")
def commands() -> None:
    """Find an IBM Quantum account, choose an instance and a backend, run circuits and read results."""
