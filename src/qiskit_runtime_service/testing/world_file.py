"""Worlds in files."""

from pathlib import Path

from .._public import public
from ..client.files import write_whole
from ..emulator.saving import decode_world, encode_world
from ..emulator.world import World


@public("testing")
def save_world(world: World, path: str | Path) -> None:
    """Write a world to a file, for the eyes of its owner: the API keys of its accounts are in it."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, encode_world(world))


@public("testing")
def load_world(path: str | Path) -> World:
    """Return the world that `save_world` wrote.

    Raises a `ValueError` that names the file for one that holds no world, and an `OSError` for one that
    cannot be read.
    """
    try:
        return decode_world(Path(path).read_bytes())
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
