"""The file system: operations that are one step, for tests to count, fail or kill, and a file written whole by them."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from secrets import token_hex

from .._log import logger
from .._shown import MOST_OF_A_TEXT, shorten
from ..core.keys import hide_keys

POLL_SECONDS = 0.005
DRAFT = ".qiskit-runtime-service.tmp"
"""How the names of drafts end."""
SHOWN = 40
"""How many characters of the name of a file are in that of its draft, which may not be too long."""
TRIES = 100
"""How many drafts are begun at most, each in the place of one that was taken for left over."""
MOST_BYTES = 256 << 20
"""Bytes of a file that are read. A file takes no room where nothing was written, and may say that it has any length."""
PRIVATE_FILE, PRIVATE_FOLDER, SHARED_FILE = 0o600, 0o700, 0o666
# What other systems than POSIX do not have is not asked of them.
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)
_AS_IT_IS = getattr(os, "O_BINARY", 0)
_IS_POSIX = os.name == "posix"

OWN_IT = "Make sure that you own the file and its folder, or give {name} in a folder of your own."
NO_LINK = "Remove the symbolic link, or give {name} that it leads to."
NO_LOCKS = "That file system has no locks. Give {name} on a local disk."
FIXES = {
    errno.ENOSPC: "Free some space on that disk, then try again.",
    errno.EDQUOT: "Free some of your quota on that disk, then try again.",
    errno.EROFS: "That disk is read-only. Give {name} on one that you can write to.",
    errno.EACCES: OWN_IT,
    errno.EPERM: OWN_IT,
    errno.ELOOP: NO_LINK,
    errno.ENOLCK: NO_LOCKS,
    errno.ENOSYS: NO_LOCKS,
    errno.EOPNOTSUPP: NO_LOCKS,
    errno.ENOENT: "Make its folder first.",
    errno.ENOTDIR: "Give {name} of a file in a folder.",
    errno.EISDIR: "Give {name} of a file, not of a folder.",
    errno.EINVAL: "Give {name} of a file.",
    errno.EEXIST: "Give {name} of a file that is not there yet.",
    errno.ENAMETOOLONG: "Give {name} with a shorter name.",
    errno.EFBIG: "Give {name} of a smaller file.",
    errno.EIO: "Check that disk, then try again.",
}
"""What to do about an error of the disk; `{name}` is what the user may give otherwise."""


WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What a file system says that has no locks."""


def find_fix(error: OSError, name: str = "a path") -> str:
    """Return what to do about an error of the disk; `name` is what the user may give otherwise."""
    return FIXES.get(error.errno or 0, "Check the file and its disk, then try again.").format(name=name)


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

    def target(self, path: Path) -> os.stat_result | None:
        """Describe what is at `path`, of a link what it leads to; `None` if there is nothing."""
        self._before("target")
        with suppress(FileNotFoundError):
            return path.stat()
        return None

    def names(self, folder: Path) -> list[str]:
        """Return the names of what is in a folder."""
        self._before("names")
        return [path.name for path in folder.iterdir()]

    def make_folder(self, path: Path) -> None:
        """Make a private folder, unless it is there."""
        self._before("make_folder")
        with suppress(FileExistsError):
            path.mkdir(PRIVATE_FOLDER)

    def open(self, path: Path) -> int:
        """Open a file for reading. What is no file does not block."""
        self._before("open")
        return os.open(path, os.O_RDONLY | _NO_WAITING | _AS_IT_IS)

    def reopen(self, path: Path) -> int:
        """Open a file that is there for writing and reading, not through a link."""
        self._before("reopen")
        return os.open(path, os.O_RDWR | _NO_WAITING | _NO_LINKS | _AS_IT_IS)

    def create(self, path: Path, mode: int = PRIVATE_FILE) -> int:
        """Create a file for writing, private by default. Nothing may be there, not even a link."""
        self._before("create")
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS | _AS_IT_IS, mode)

    def claim(self, handle: int) -> bool:
        """Take the kernel's lock on an open file, until it is closed; tell whether nobody else had it.

        Where there are no locks, nobody has one.
        """
        from filelock import lock_descriptor

        self._before("claim")
        return lock_descriptor(handle, blocking=False)

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

    def append(self, handle: int, body: bytes, end: int) -> None:
        """Write `body` at the end of a file, which is at `end`; if not all of it can be written, nothing is."""
        os.lseek(handle, end, os.SEEK_SET)
        try:
            self.write(handle, body)
        except OSError:
            # Where even this fails, the next one begins at the same place.
            with suppress(OSError):
                self._before("cut")
                os.ftruncate(handle, end)
            raise

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

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name, if that is not taken."""
        self._before("link")
        target.hardlink_to(source)

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


def make_folders(folder: Path, *, files: Files | None = None) -> None:
    """Make a folder, and those above it, where they are missing: private, and the disk has their names.

    Raises:
        OSError: The disk does not take them. It names the folder, and has the way out as a note.
    """
    disk = files or Files()
    try:
        missing = takewhile(lambda path: disk.lstat(path) is None, (folder, *folder.parents))
        for path in reversed(list(missing)):
            disk.make_folder(path)
            disk.sync_folder(path.parent)
    except OSError as error:
        raise located(error, folder) from error


def write_whole(
    path: Path, body: bytes, mode: int = PRIVATE_FILE, *, files: Files | None = None, replace: bool = True
) -> None:
    """Put `body` in the place of a file in one step, once it is on the disk.

    Whatever fails, the file is the old or the new one, and no draft is left; that of a write that was killed is removed
    by the next one. Where a link was, the file takes its place, and what it led to is as it was.

    Args:
        path: The file; its folder is there.
        body: What it shall hold.
        mode: Who may read and write it, less what the umask takes away.
        files: What works on the disk.
        replace: Whether what is there may be replaced.

    Raises:
        OSError: The disk does not take it, or something else than a file is there. It names the file, and has the way
            out as a note.

    Source: behaviour B333, B334.
    """
    disk = files or Files()
    try:
        refuse_odd(path, disk)
        with suppress(OSError):
            remove_left_over(path, files=disk)
        with locked_draft(path, mode, disk) as (beside, handle, opened):
            disk.write(handle, body)
            disk.sync(handle)
            if not _IS_POSIX:
                # An open file cannot be moved there.
                opened.close()
            take_place(beside, path, disk, replace=replace)
    except OSError as error:
        raise located(error, path) from error
    try:
        disk.sync_folder(path.parent)
    except OSError as error:
        # The new file is in place: to call this a failure would be to say that it is not.
        logger.warning("%s is saved, but a power cut may bring back the old one: %s", path, error.strerror)


def read_whole(path: Path, most: int | None = MOST_BYTES, *, files: Files | None = None) -> bytes:
    """Return what a file holds. What is no file, such as a pipe or a device, is refused without waiting for it.

    Raises:
        OSError: It cannot be read, is no regular file, or has more than `most` bytes. It names the file.

    Source: behaviour B356.
    """
    disk = files or Files()
    try:
        handle = disk.open(path)
        try:
            refuse_irregular(disk.status(handle), most)
            return disk.read(handle)
        finally:
            disk.close(handle)
    except OSError as error:
        # The system names the file of some of these only.
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def located(error: OSError, path: Path) -> OSError:
    """Return an error of the disk that names what was to be written, with the way out as a note."""
    # What the system says is shown together with what we say.
    named = without_keys(error)
    told = OSError(named.errno, named.strerror or str(named), _shown(path))
    told.add_note(find_fix(error))
    return told


def without_keys(error: OSError) -> OSError:
    """Return an error of the system itself, whose paths are fit to be shown.

    Source: behaviour B328, B353.
    """
    # One without a path must stay so: it would be said to be of None.
    for attribute in ("filename", "filename2"):
        if path := getattr(error, attribute):
            setattr(error, attribute, _shown(path))
    return error


def _shown(path: object) -> str:
    return shorten(hide_keys(str(path)), MOST_OF_A_TEXT)


def refuse_odd(path: Path, disk: Files) -> None:
    """Raise an `OSError` where a folder, a device or a pipe is, or a link to one: these are not to be replaced."""
    found = disk.target(path)
    if found is not None:
        refuse_irregular(found)


def refuse_irregular(found: os.stat_result, most: int | None = None) -> None:
    """Raise an `OSError` for what is no regular file: reading or replacing it does not mean what it means for one.

    A file of more than `most` bytes is refused too.
    """
    if stat.S_ISDIR(found.st_mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "It is no regular file")
    if most is not None and found.st_size > most:
        raise OSError(errno.EFBIG, f"It has more than {most} bytes")


def remove_left_over(path: Path, *, files: Files) -> None:
    """Remove the drafts of writes to a file that were killed. A draft that is being written is locked, and stays.

    Raises:
        OSError: The folder cannot be listed.

    Source: behaviour B91.
    """
    begun = f".{path.name[:SHOWN]}."
    drafts = [name for name in files.names(path.parent) if name.startswith(begun) and name.endswith(DRAFT)]
    # Elsewhere than on POSIX an open file cannot be told from others, so that all must stay.
    for name in drafts if _IS_POSIX else ():
        with suppress(OSError):
            handle = files.reopen(path.with_name(name))
            try:
                if files.claim(handle):
                    files.remove(path.with_name(name))
            finally:
                files.close(handle)


@contextmanager
def locked_draft(path: Path, mode: int, disk: Files) -> Iterator[tuple[Path, int, ExitStack]]:
    """Create a draft beside a file, under a name that nobody can know before; if the block fails, remove it.

    It is locked, which tells it from one that was left over, until the block ends: give the path, the open file, and
    what closes that before. Whoever takes it for left over before it is locked has removed it: then another is begun.
    """
    for _ in range(TRIES):
        beside = path.with_name(f".{path.name[:SHOWN]}.{token_hex(8)}{DRAFT}")
        with ExitStack() as opened:
            handle = disk.create(beside, mode)
            opened.callback(close_quietly, handle, disk)
            try:
                if has_for_itself(handle, disk):
                    yield beside, handle, opened
                    return
            except BaseException:
                with suppress(OSError):
                    disk.remove(beside)
                raise
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))


def close_quietly(handle: int, disk: Files) -> None:
    """Close a file that is on the disk, or is not wanted: nothing is lost, whatever is said to this."""
    with suppress(OSError):
        disk.close(handle)


def has_for_itself(handle: int, disk: Files) -> bool:
    """Lock a new draft; tell whether it is there still."""
    if not _IS_POSIX:
        return True
    try:
        return disk.claim(handle) and disk.status(handle).st_nlink > 0
    except OSError as error:
        if error.errno not in WITHOUT_LOCKS:
            raise
        # Nobody can claim it then, and so nobody removes it.
        return True


def take_place(beside: Path, path: Path, disk: Files, *, replace: bool) -> None:
    """Let a draft that is on the disk be the file."""
    if replace:
        disk.rename(beside, path)
        return
    try:
        disk.link(beside, path)
    except FileExistsError:
        raise
    except OSError:
        # Not every disk has second names. This may replace what another puts there in this very moment.
        if disk.lstat(path) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        disk.rename(beside, path)
    else:
        with suppress(OSError):
            disk.remove(beside)


def is_foreign(status: os.stat_result) -> bool:
    """Whether a file belongs to another user, where files belong to users."""
    return _IS_POSIX and status.st_uid != os.geteuid()


def is_open_to_others(status: os.stat_result) -> bool:
    """Whether another user may do anything with a file, where modes say so."""
    return _IS_POSIX and bool(status.st_mode & 0o077)
