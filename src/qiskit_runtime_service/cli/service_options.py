"""How a command comes by its service: the account that its options name, or an emulated cloud."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click
from click.shell_completion import CompletionItem

from ..records.account import CHANNELS
from .output import busy, say

if TYPE_CHECKING:
    from ..emulator.world import World
    from ..shell.service import QiskitRuntimeService

T = TypeVar("T")


class Opening(NamedTuple):
    """Which account, or which emulated cloud, a command asks."""

    channel: str | None = None
    name: str | None = None
    instance: str | None = None
    file: str | None = None
    local: bool = False
    world: str | None = None

    @contextmanager
    def service(self) -> "Iterator[QiskitRuntimeService]":
        """Open the service, for as long as the block runs. A cloud that is kept in a file is kept there again."""
        from ..shell.service import QiskitRuntimeService

        if not self.is_emulated:
            with busy("Asking for the instances of the account …"):
                service = QiskitRuntimeService(
                    channel=self.channel, filename=self.file, name=self.name, instance=self.instance
                )
            with service:
                yield service
            return

        from ..simulator.cloud import emulated_cloud

        with open_world(self.world) as (world, keep):
            cloud = emulated_cloud(world)
            with QiskitRuntimeService(channel="local", instance=self.instance, transport=cloud) as service:
                try:
                    yield service
                finally:
                    keep(cloud.world)

    @property
    def is_emulated(self) -> bool:
        """Whether an emulated cloud is asked."""
        return self.local or self.world is not None


@contextmanager
def open_world(wanted: str | None) -> "Iterator[tuple[World, Callable[[World], None]]]":
    """Give a world, and what keeps it as it is in the end, for as long as the block runs.

    A world in a file is made where it is not there yet; in one that is, time went on meanwhile. One command at a time
    has it.

    Args:
        wanted: The name of a ready world, or a path. `None` is the ready world with all device snapshots.

    Raises a `UsageError` for a file that holds no world.

    Source: behaviour B242.
    """
    from ..client.clock import SystemClock
    from ..testing.ready import READY

    now = SystemClock().now()
    if wanted is None or wanted in READY:
        yield READY[wanted or "snapshots"](now=now), forget
        return

    from filelock import FileLock

    from ..testing.world_file import save_world

    path = Path(wanted)
    with FileLock(f"{path}.lock"):
        yield read_world(path, now), lambda world: save_world(world, path)


def read_world(path: Path, now: float) -> "World":
    """Return the world in a file, or a new one if there is no such file."""
    from msgspec.structs import replace

    from ..testing.ready import READY
    from ..testing.world_file import load_world

    if not path.exists():
        say(f"{path} is new: an emulated cloud with all device snapshots. Name it again to go on with it.")
        return READY["snapshots"](now=now)
    try:
        kept = load_world(path)
    except ValueError as error:
        raise click.UsageError(f"{error}\nName another file, or one of {', '.join(READY)}.") from error
    return replace(kept, now=max(kept.now, now))


def forget(_: "World") -> None:
    """Keep nothing: the cloud ends with the command."""


def account_options(*channels: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Add the options that name a saved account of one of `channels`: `channel`, `name` and `file`."""

    def with_options(function: Callable[..., T]) -> Callable[..., T]:
        for option in (
            click.option("--file", metavar="PATH", help="The account file.  [default: ~/.qiskit/qiskit-ibm.json]"),
            click.option("--name", shell_complete=complete_name, help="The name of the account in the file."),
            click.option("--channel", type=click.Choice(channels), help="The channel of the account."),
        ):
            function = option(function)
        return function

    return with_options


def opens_service(function: Callable[..., T]) -> Callable[..., T]:
    """Add the options that say which account or cloud is asked; the command is given an `Opening` as `opening`."""

    @account_options(*CHANNELS)
    @click.option("--instance", metavar="CRN|NAME", help="The service instance.")
    @click.option("--local", is_flag=True, help="Ask an emulated cloud that ends with the command.")
    @click.option(
        "--world",
        metavar="NAME|FILE",
        shell_complete=complete_world,
        help="Ask an emulated cloud, a ready one or one kept in a file.",
    )
    @wraps(function)
    def with_opening(
        *,
        channel: str | None,
        name: str | None,
        instance: str | None,
        file: str | None,
        local: bool,
        world: str | None,
        **others: Any,
    ) -> T:
        idle = [f"--{option}" for option, value in (("channel", channel), ("name", name), ("file", file)) if value]
        if (local or world is not None) and idle:
            raise click.UsageError(f"An emulated cloud has its own account.\nLeave out {' and '.join(idle)}.")
        if local and world is not None:
            raise click.UsageError("--local and --world are two clouds.\nLeave out one.")
        return function(opening=Opening(channel, name, instance, file, local, world), **others)

    return with_opening


def complete_name(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the names of saved accounts that begin like this. A file that cannot be read has none."""
    from ..client.account_store import load_accounts

    file = load_accounts(context.params.get("file")).value_or(None)
    names = () if file is None else (account.name for account in file.entries)
    return [CompletionItem(name) for name in names if name.startswith(begun)]


def complete_world(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the ready worlds that begin like this; where there is none, let the shell look for files."""
    from ..testing.ready import READY

    names = [CompletionItem(name) for name in READY if name.startswith(begun)]
    return names or [CompletionItem(begun, type="file")]
