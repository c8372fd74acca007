"""The file system: operations that are one step, for tests to count, fail or kill, and a file written whole by them."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .._log import logger

POLL_SECONDS = 0.005
PRIVATE_FILE, PRIVATE_FOLDER, SHARED_FILE = 0o600, 0o700, 0o666
# What other systems than POSIX do not have is not asked of them.
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)
_AS_IT_IS = getattr(os, "O_BINARY", 0)
_IS_POSIX = os.name == "posix"


def _do_nothing(operation: str, /) -> None: ...


class Files:
    """The file system. Every method may raise `OSError`.

    Args:
        before: Told the name of each operation right before it happens.
    """

    def __init__(self, before: Callable[[str], None] = _do_nothing) -> None:
        self._before = before

    @contextmanager
    def lock(self, path: Path, seconds: float) -> Iterator[None]:
        """Hold the lock file at `path`, alone among processes and threads.

        It is the kernel's lock on an open file: a holder that dies has let go. The file stays.

        Raises:
            TimeoutError: Another has held it for `seconds`.
        """
        from filelock import FileLock

        self._before("lock")
        lock = FileLock(path, timeout=seconds, mode=PRIVATE_FILE, poll_interval=POLL_SECONDS, fallback_to_soft=False)
        lock.acquire()
        try:
            yield
        finally:
            # The kernel frees it with the open file, whatever is said to this.
            with suppress(OSError):
                lock.release()

    def lstat(self, path: Path) -> os.stat_result | None:
        """Describe what is at `path`, of a link the link itself; `None` if there is nothing."""
        self._before("lstat")
        with suppress(FileNotFoundError):
            return path.lstat()
        return None

    def make_folder(self, path: Path) -> None:
        """Make a private folder, unless it is there."""
        self._before("make_folder")
        with suppress(FileExistsError):
            path.mkdir(PRIVATE_FOLDER)

    def open(self, path: Path) -> int:
        """Open a file for reading. What is no file does not block."""
        self._before("open")
        return os.open(path, os.O_RDONLY | _NO_WAITING | _AS_IT_IS)

    def create(self, path: Path, mode: int = PRIVATE_FILE) -> int:
        """Create a file for writing, private by default. Nothing may be there, not even a link."""
        self._before("create")
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS | _AS_IT_IS, mode)

    def status(self, handle: int) -> os.stat_result:
        """Describe an open file."""
        self._before("status")
        return os.fstat(handle)

    def restrict(self, target: int | Path, mode: int) -> None:
        """Set the mode of an open file or of a folder."""
        self._before("restrict")
        os.chmod(target, mode)  # noqa: PTH101  # a path has no way to change an open file

    def read(self, handle: int) -> bytes:
        """Read an open file to its end."""
        self._before("read")
        with open(handle, "rb", closefd=False) as file:  # it is open already
            return file.read()

    def write(self, handle: int, body: bytes) -> None:
        """Write all of `body`."""
        self._before("write")
        with open(handle, "wb", buffering=0, closefd=False) as file:  # it is open already
            rest = memoryview(body)
            while rest:
                rest = rest[file.write(rest) :]

    def sync(self, handle: int) -> None:
        """Wait until the disk has what was written."""
        self._before("sync")
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """Close an open file, whatever is said before."""
        try:
            self._before("close")
        finally:
            os.close(handle)

    def rename(self, source: Path, target: Path) -> None:
        """Put `source` in the place of `target` in one step."""
        self._before("rename")
        source.replace(target)

    def remove(self, path: Path) -> None:
        """Remove a file, of a link the link itself, unless there is none."""
        self._before("remove")
        path.unlink(missing_ok=True)

    def sync_folder(self, path: Path) -> None:
        """Wait until the disk has the names in a folder."""
        self._before("sync_folder")
        if _IS_POSIX:
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def write_whole(
    path: Path, body: bytes, mode: int = PRIVATE_FILE, *, files: Files | None = None, draft: Path | None = None
) -> None:
    """Put `body` in the place of a file in one step, once it is on the disk.

    Whatever fails, the file is the old or the new one, and no draft is left.

    Args:
        path: The file; its folder is there.
        body: What it shall hold.
        mode: Who may read and write it, less what the umask takes away.
        files: What works on the disk.
        draft: Where it is written first, in the same folder; by default a name that no other thread has.

    Raises:
        OSError: The disk does not take it.
    """
    disk = files or Files()
    beside = draft or path.with_name(f".{os.getpid()}-{threading.get_ident()}.draft")
    try:
        handle = disk.create(beside, mode)
        try:
            disk.write(handle, body)
            disk.sync(handle)
        finally:
            disk.close(handle)
        disk.rename(beside, path)
    except BaseException:
        with suppress(OSError):
            disk.remove(beside)
        raise
    try:
        disk.sync_folder(path.parent)
    except OSError as error:
        # The new file is in place: to call this a failure would be to say that it is not.
        logger.warning("%s is saved, but a power cut may bring back the old one: %s", path, error.strerror)


def is_foreign(status: os.stat_result) -> bool:
    """Whether a file belongs to another user, where files belong to users."""
    return _IS_POSIX and status.st_uid != os.geteuid()


def is_open_to_others(status: os.stat_result) -> bool:
    """Whether another user may do anything with a file, where modes say so."""
    return _IS_POSIX and bool(status.st_mode & 0o077)
