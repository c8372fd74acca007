"""`completion`: what makes a shell complete commands, options and their values, and the names that it is offered.

Names of backends, jobs and sessions are asked of the service, in silence: whoever is not online, or waits longer than
a moment, is offered none. Qiskit is not loaded for it.
"""

import warnings
from collections import ChainMap
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ZshComplete
from msgspec.structs import replace
from returns.result import Result

from ..core.jobs import status_of
from ..records.account import Account
from ..records.job import JobQuery
from ..records.network import Timeouts
from ..records.problem import Problem
from ..records.secret import Secret
from ..records.session import SessionQuery, WorkloadMode
from .options import Command

if TYPE_CHECKING:
    from ..client.connection import Connection
    from ..client.rest import Client
    from ..emulator.world import World

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


# What shells are offered

MOMENT = 1.5
"""How many seconds any call may take."""
OFFERED = 50
"""How many jobs or sessions, at most."""
Offer = Mapping[str, str]
"""Names, each with a line that tells what it is."""


def complete_backend(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the names of backends that begin like this."""
    return complete(context, begun, name_backends)


def complete_job(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the ids of jobs that begin like this, the newest first."""
    return complete(context, begun, name_jobs)


def complete_session(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the ids of sessions and batches that begin like this, the newest first."""
    return complete(context, begun, name_sessions)


def name_backends(client: "Client", crn: str) -> Result[Offer, Problem]:
    """Return the backends of an instance."""
    return client.backends(crn).map(lambda listing: {row.name: f"{row.state}, {row.processor}" for row in listing.rows})


def name_jobs(client: "Client", crn: str) -> Result[Offer, Problem]:
    """Return the newest jobs of an instance."""
    listed = client.jobs(crn, JobQuery(), OFFERED, 0)
    return listed.map(lambda page: {job.id: f"{status_of(job.state)}, {job.backend or ''}" for job in page.jobs})


def name_sessions(client: "Client", crn: str) -> Result[Offer, Problem]:
    """Return the newest sessions and batches of an instance."""

    def read(mode: WorkloadMode) -> Result[Offer, Problem]:
        listed = client.sessions(crn, SessionQuery(), mode, OFFERED)
        return listed.map(lambda page: {row.id: f"{row.status}, {row.backend or ''}" for row in page.sessions})

    return read("session").bind(lambda sessions: read("batch").map(lambda batches: {**sessions, **batches}))


def complete(
    context: click.Context, begun: str, read: "Callable[[Client, str], Result[Offer, Problem]]"
) -> list[CompletionItem]:
    """Return what begins like this of what the instances in use tell.

    Source: behaviour B562.
    """
    from ..client.instances import Instances
    from ..client.parallel import gather

    with warnings.catch_warnings(), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        connection, account = connect_shortly(context.params)
        if connection is None or account is None:
            return []
        instances = Instances.open(connection.client, account).value_or(None)
        crns = () if instances is None else tuple(used.crn for used in instances.used)
        answers = gather([partial(read, connection.client, crn) for crn in crns])
    offers = ChainMap(*(dict(answer.value_or({})) for answer in answers))
    return [CompletionItem(name, help=told) for name, told in offers.items() if name.startswith(begun)]


def connect_shortly(given: Mapping[str, Any]) -> "tuple[Connection | None, Account | None]":
    """Return the way to the service that the options of a command name, with little patience, and its account."""
    from ..client.connection import Wiring, connect
    from ..client.find_account import LOCAL, choose_among_settings
    from ..client.settings import read_arguments
    from ..transport.emulated import EmulatedTransport

    is_emulated = bool(given.get("local") or given.get("world"))
    world = find_world(given.get("world")) if is_emulated else None
    if is_emulated and world is None:
        return None, None
    channel = LOCAL if is_emulated else given.get("channel")
    fields = read_arguments(channel=channel, instance=given.get("instance"))
    chosen = fields.bind(lambda read: choose_among_settings(read, given.get("file"), given.get("name")))
    account = chosen.map(lambda choice: choice.account).value_or(None)
    if account is None or account.token_command or account.token_keyring:
        return None, None  # The program that has the key may ask whoever only wants a name.
    if world is not None:
        account = replace(account, token=Secret(next(iter(world.keys))))
    limits = Timeouts(connect=MOMENT, read=MOMENT, call=MOMENT)
    wiring = Wiring(transport=None if world is None else EmulatedTransport(world), timeouts=limits)
    return connect(account, wiring).value_or(None), account


def find_world(wanted: str | None) -> "World | None":
    """Return a world as it is, or as it was kept. Its file is read only."""
    from ..client.clock import SystemClock
    from ..testing.described import is_described, read_described
    from ..testing.ready import READY
    from ..testing.world_file import load_world

    now = SystemClock().now()
    if wanted is None or wanted in READY:
        return READY[wanted or "snapshots"](now=now)
    path = Path(wanted)
    try:
        world = read_described(path, now).world if is_described(path) else load_world(path)
    except (ValueError, OSError):
        return None
    return replace(world, now=max(world.now, now))
