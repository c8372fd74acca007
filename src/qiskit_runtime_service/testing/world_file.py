"""Worlds in files, and the journal beside one while a cloud lives in it."""

import errno
import hashlib
import math
import zlib
from collections.abc import Iterator
from contextlib import suppress
from functools import reduce
from pathlib import Path

import msgspec

from .._public import public
from ..client.files import Files, close_quietly, located, make_folders, read_whole, without_keys, write_whole
from ..core.arguments import read_path
from ..core.keys import hide_keys
from ..emulator.changes import Change, find_change, make_change
from ..emulator.saving import decode_world, encode_world
from ..emulator.world import World
from .arguments import A_WORLD, reads
from .described import is_described, read_described

TITLE = b"qiskit-runtime-service journal 1\n"
"""How a journal begins. What follows is the digest of the file that it belongs to, and one change after the other."""
LENGTH, CHECK = 8, 4
"""How many bytes tell the length of what is new, and how many tell whether it is whole."""


@public("testing")
@reads(world=A_WORLD, path=read_path)
def save_world(world: World, path: str | Path) -> None:
    """Write a world to a file, for the eyes of its owner: the API keys of its accounts are in it.

    A folder that is missing is made, private too.

    Raises:
        OSError: The disk does not take it. The file is as it was.
    """
    write_world(world, Path(path), Files())


@public("testing")
@reads(path=read_path)
def load_world(path: str | Path) -> World:
    """Return the world that `save_world` wrote, and what a cloud that was killed, or runs still, has done since.

    A file whose name ends in `.toml` describes a world in words. It begins when ready worlds do, unless it says so.

    Raises a `ValueError` that names the file and the field for one that holds no world, and an `OSError` for one that
    cannot be read.

    Source: behaviour B345, B359, B447.
    """
    place = Path(path)
    if is_described(place):
        return read_described(place).world
    try:
        # Nobody loses a cloud of their own because it has become large.
        body = read_whole(place, None)
    except OSError as error:
        raise without_keys(error) from None
    try:
        world = decode_world(body)
    except ValueError as error:
        raise ValueError(f"{hide_keys(str(path))}: {error}") from error
    journal = journal_of(place)
    try:
        changed = reduce(make_change, read_journal(journal, body), world)
        # What the changes make of it is checked as the file is.
        return world if changed is world else decode_world(encode_world(changed))
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise ValueError(f"{hide_keys(str(journal))}: {error}") from error


class KeptWorld:
    """A world in a file, while a cloud lives in it: whatever was answered is there again, however the cloud ends.

    What is new is appended to a journal beside the file before anybody is answered. At the end the file has it all, and
    the journal is gone. Only one process at a time may keep a file; who has it is not decided here.

    Args:
        path: The file.
        world: What stands in it from now on.
        ahead: How many seconds of the world the time is kept ahead, so that telling the time costs nothing.
        files: What works on the disk.

    Raises:
        OSError: The disk does not take it. What was there can still be read.

    Source: behaviour B335.
    """

    def __init__(self, path: Path, world: World, *, ahead: float = 0.0, files: Files | None = None) -> None:
        self._files = files or Files()
        self._path = path
        self._journal = journal_of(path)
        self._ahead = ahead
        self._until = world.now
        self._open = True
        # Should it end between these two, the journal that is there belongs to no file any more, and is passed over.
        begin = begin_journal(write_world(world, path, self._files))
        write_whole(self._journal, begin, files=self._files)
        try:
            self._handle = self._files.reopen(self._journal)
        except OSError as error:
            raise located(error, self._journal) from error
        self._end = len(begin)

    def keep(self, before: World, after: World) -> None:
        """Keep what is new in `after`. The time alone is kept when it comes to where it was last kept ahead.

        Raises:
            OSError: The disk does not take it, and nothing of it is kept; or the cloud has ended.
        """
        change = find_change(before, after)
        if change.is_time and after.now <= self._until:
            return
        if not self._open:
            raise OSError(errno.EBADF, "The cloud has ended", str(self._path))
        until = self._until if after.now <= self._until else after.now + self._ahead
        body = frame(msgspec.msgpack.encode(msgspec.structs.replace(change, now=until)))
        try:
            self._files.append(self._handle, body, self._end)
        except OSError as error:
            raise located(error, self._journal) from error
        self._end += len(body)
        self._until = until

    def close(self, world: World) -> None:
        """Write the world as it is in the end. Nothing is kept after that.

        Raises:
            OSError: The disk does not take it. The journal stays, and nothing is lost.
        """
        self._open, self._until = False, math.inf
        close_quietly(self._handle, self._files)
        write_world(world, self._path, self._files)
        # It belongs to what the file was before, so that it may as well stay.
        with suppress(OSError):
            self._files.remove(self._journal)


def write_world(world: World, path: Path, files: Files) -> bytes:
    """Write a world to a file, and return what stands in it."""
    body = encode_world(world)
    make_folders(path.parent, files=files)
    write_whole(path, body, files=files)
    return body


def journal_of(path: Path) -> Path:
    """Return where the journal of a file is."""
    return path.with_name(f"{path.name}.journal")


def begin_journal(body: bytes) -> bytes:
    """Return how the journal of a file begins in which `body` stands."""
    return TITLE + hashlib.sha256(body).digest()


def frame(body: bytes) -> bytes:
    """Return something new as it is appended to a journal: it can be seen whether it is whole."""
    return len(body).to_bytes(LENGTH) + zlib.crc32(body).to_bytes(CHECK) + body


def read_journal(path: Path, body: bytes) -> Iterator[Change]:
    """Read what is new beside a file in which `body` stands, up to where the journal ends or breaks off.

    There is nothing new where there is no journal, or that of another file.
    """
    try:
        text = read_whole(path, None)
    except FileNotFoundError:
        return
    begin = begin_journal(body)
    place = len(begin) if text.startswith(begin) else len(text)
    while len(text) - place > LENGTH + CHECK:
        start = place + LENGTH + CHECK
        size, check = int.from_bytes(text[place : place + LENGTH]), int.from_bytes(text[place + LENGTH : start])
        place = start + size
        new = text[start:place]
        if len(new) < size or zlib.crc32(new) != check:
            # Whoever wrote it was killed there, before anybody was answered.
            return
        yield msgspec.msgpack.decode(new, type=Change)
