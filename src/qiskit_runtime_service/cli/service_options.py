"""How a command comes by its service: the account that its options name, or an emulated cloud."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click
from click.shell_completion import CompletionItem

from ..core.names import hint_at, nearest_name
from ..records.account import CHANNELS
from .output import busy, say

if TYPE_CHECKING:
    from ..emulator.world import World
    from ..shell.service import QiskitRuntimeService
    from ..testing.described import DescribedWorld
    from ..testing.world_file import KeptWorld

T = TypeVar("T")

PATIENCE = 60.0
"""How many seconds a command waits for another one to end that has the file of its cloud."""


class Opening(NamedTuple):
    """Which account, or which emulated cloud, a command asks."""

    channel: str | None = None
    name: str | None = None
    instance: str | None = None
    file: str | None = None
    local: bool = False
    world: str | None = None

    @contextmanager
    def service(self, *, makes_world: bool = False) -> "Iterator[QiskitRuntimeService]":
        """Open the service, for as long as the block runs. A cloud that is kept in a file is kept there again.

        Args:
            makes_world: Whether a file that is not there yet gets a new cloud.
        """
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

        with open_world(self.world, makes=makes_world) as (world, kept):
            cloud = emulated_cloud(world, keep=None if kept is None else kept.keep)
            with QiskitRuntimeService(channel="local", instance=self.instance, transport=cloud) as service:
                try:
                    yield service
                finally:
                    if kept is not None:
                        kept.close(cloud.world)

    @property
    def is_emulated(self) -> bool:
        """Whether an emulated cloud is asked."""
        return self.local or self.world is not None


@contextmanager
def open_world(
    wanted: str | None, patience: float = PATIENCE, *, makes: bool = False
) -> "Iterator[tuple[World, KeptWorld | None]]":
    """Give a world, and where it is kept if it is, for as long as the block runs.

    In a world that is kept in a file time went on meanwhile. One command at a time has it.

    Args:
        wanted: The name of a ready world, or a path; one that ends in `.toml` describes a world that begins with the
            command. `None` is the ready world with all device snapshots.
        patience: How many seconds to wait for another program that has the file.
        makes: Whether a world is made where there is no such file.

    Raises a `UsageError` for a file that is not there or holds no world, and for one that another program has.

    Source: behaviour B242, B335, B558.
    """
    from ..client.clock import SystemClock
    from ..testing.ready import READY

    if wanted is None or wanted in READY:
        yield READY[wanted or "snapshots"](now=SystemClock().now()), None
        return
    from ..testing.described import is_described

    if is_described(wanted):
        yield open_described(Path(wanted), SystemClock().now()).world, None
        return
    from ..testing.world_file import KeptWorld

    path = Path(wanted)
    if not path.exists():
        check_new_name(wanted, makes=makes)
    with alone_with(path, patience):
        world = read_world(path, SystemClock().now())
        yield world, KeptWorld(path, world)


def check_new_name(wanted: str, *, makes: bool) -> None:
    """Raise a `UsageError` for a world that is not there, with the nearest name, unless a file of that name is made.

    A single word that is nearly the name of a ready world is taken for a mistake.

    Source: behaviour B558.
    """
    from ..testing.ready import READY

    path = Path(wanted)
    if path.name == wanted and not path.suffix and (nearest := nearest_name(wanted, READY)):
        raise click.UsageError(f"There is no world {wanted!r}.\nDid you mean {nearest!r}? A file is named ./{wanted}.")
    if not makes:
        beside = (str(path.with_name(other.name)) for other in sorted(path.parent.glob(f"*{path.suffix}")))
        files = [name for name in beside if Path(name).is_file()] if path.suffix else []
        way = f"`run` makes one. Name one that is there, or one of {', '.join(READY)}."
        raise click.UsageError(f"There is no file {wanted}.\n{hint_at(nearest_name(wanted, files), way)}")


def open_described(path: Path, now: float) -> "DescribedWorld":
    """Return the world that a file describes, as it has become by now.

    Raises a `UsageError` for a file that describes none.
    """
    from msgspec.structs import replace

    from ..testing.described import read_described
    from ..testing.ready import READY

    try:
        described = read_described(path, now)
    except (ValueError, OSError) as error:
        raise click.UsageError(f"{error}\nMend it, or name one of {', '.join(READY)}.") from error
    return described._replace(world=replace(described.world, now=max(described.world.now, now)))


@contextmanager
def alone_with(path: Path, patience: float = 0.0) -> Iterator[None]:
    """Keep other programs off the file of a world, for as long as the block runs.

    Raises a `UsageError` if another program has it for `patience` seconds.
    """
    from ..client.files import Files

    with ExitStack() as held:
        try:
            held.enter_context(Files().lock(path.with_name(f"{path.name}.lock"), patience))
        except TimeoutError as error:
            raise click.UsageError(
                f"Another program has {path}.\nWait until it has ended, or name another file."
            ) from error
        yield


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
    except (ValueError, OSError) as error:
        raise click.UsageError(f"{error}\nName another file, or one of {', '.join(READY)}.") from error
    return replace(kept, now=max(kept.now, now))


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
        help="Ask an emulated cloud, a ready one, one kept in a file, or what a file in TOML describes.",
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
