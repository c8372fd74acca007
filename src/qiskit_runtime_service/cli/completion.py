"""`completion`: what makes a shell complete commands, options and their values."""

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from .options import Command

SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
VARIABLE = "_QISKIT_RUNTIME_COMPLETE"


@click.command(
    cls=Command,
    examples=[
        'eval "$(qiskit-runtime completion bash)"',
        "qiskit-runtime completion zsh > _qiskit-runtime",
        "qiskit-runtime completion fish > qiskit-runtime.fish",
    ],
)
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Write what makes a shell complete commands.

    Put the first example into ~/.bashrc; the others write the file that zsh and fish look for.
    """
    program = context.find_root()
    name = program.info_name or ""
    click.echo(SHELLS[shell](program.command, {}, name, VARIABLE).source())
