"""How a command comes by its service: the account that its options name, or an emulated cloud."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

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

        from ..shell.local import emulated_cloud
        from ..testing.world_file import save_world

        world, path = open_world(self.world)
        cloud = emulated_cloud(world)
        with QiskitRuntimeService(channel="local", instance=self.instance, transport=cloud) as service:
            try:
                yield service
            finally:
                if path is not None:
                    save_world(cloud.world, path)

    @property
    def is_emulated(self) -> bool:
        """Whether an emulated cloud is asked."""
        return self.local or self.world is not None

    @property
    def is_forgotten(self) -> bool:
        """Whether the cloud ends with the command."""
        from ..testing.ready import READY

        return self.is_emulated and (self.world is None or self.world in READY)


def open_world(wanted: str | None) -> "tuple[World, Path | None]":
    """Return a world and the file that it is kept in.

    Args:
        wanted: The name of a ready world, or a path. A world that is not there yet is made; in one that is, time
            went on meanwhile. `None` is the ready world with all device snapshots.

    Raises a `UsageError` for a file that holds no world.

    Source: behaviour B242.
    """
    from msgspec.structs import replace

    from ..shell.clock import SystemClock
    from ..testing.ready import READY
    from ..testing.world_file import load_world

    now = SystemClock().now()
    if wanted is None or wanted in READY:
        return READY[wanted or "snapshots"](now=now), None
    path = Path(wanted)
    if not path.exists():
        say(f"{path} is new: an emulated cloud with all device snapshots. Name it again to go on with it.")
        return READY["snapshots"](now=now), path
    try:
        kept = load_world(path)
    except ValueError as error:
        raise click.UsageError(f"{error}\nName another file, or one of {', '.join(READY)}.") from error
    return replace(kept, now=max(kept.now, now)), path


def account_options(*channels: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Add the options that name a saved account of one of `channels`: `channel`, `name` and `file`."""

    def with_options(function: Callable[..., T]) -> Callable[..., T]:
        for option in (
            click.option("--file", metavar="PATH", help="The account file.  [default: ~/.qiskit/qiskit-ibm.json]"),
            click.option("--name", help="The name of the account in the file."),
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
    @click.option("--world", metavar="NAME|FILE", help="Ask an emulated cloud, a ready one or one kept in a file.")
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
        idle = [f"--{each}" for each, said in (("channel", channel), ("name", name), ("file", file)) if said]
        if (local or world is not None) and idle:
            raise click.UsageError(f"An emulated cloud has its own account.\nLeave out {' and '.join(idle)}.")
        if local and world is not None:
            raise click.UsageError("--local and --world are two clouds.\nLeave out one.")
        return function(opening=Opening(channel, name, instance, file, local, world), **others)

    return with_opening
