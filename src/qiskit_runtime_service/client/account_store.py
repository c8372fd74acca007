"""The account file on disk: read without a trace, changed in one step."""

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from returns.result import Failure, Result, Success

from ..core.arguments import read_path
from ..records.account import AccountEdit, AccountFile
from ..records.problem import BadArgument, Problem, UnreadableFile, UnwritableFile
from ..wire.account_file import edit_account_file, read_account_file
from .files import PRIVATE_FILE, PRIVATE_FOLDER, Files, is_foreign, is_open_to_others, write_whole

DEFAULT_PATH = "~/.qiskit/qiskit-ibm.json"
OWN_FOLDER = ".qiskit"
"""The folder that holds nothing but settings of Qiskit, wherever it is."""
LOCK_SECONDS = 30.0

Plan = Callable[[AccountFile], Result[AccountEdit | None, Problem]]
"""Decides from the accounts in a file what shall change; `None` for nothing."""

NO_LOCKS = "That file system has no locks. Give filename= on a local disk."
OWN_IT = "Make sure that you own the file and its folder, or give filename= in a folder of your own."
NO_LINK = "Remove the symbolic link, or give filename= the path that it leads to."
FIXES = {
    errno.ENOSPC: "Free some space on that disk, then try again.",
    errno.EDQUOT: "Free some of your quota on that disk, then try again.",
    errno.EROFS: "That disk is read-only. Give filename= on one that you can write to.",
    errno.EACCES: OWN_IT,
    errno.EPERM: OWN_IT,
    errno.ELOOP: NO_LINK,
    errno.ENOLCK: NO_LOCKS,
    errno.ENOSYS: NO_LOCKS,
    errno.EOPNOTSUPP: NO_LOCKS,
    errno.ENOTDIR: "Give filename= the path of a file in a folder.",
    errno.ENAMETOOLONG: "Give a shorter filename=.",
    errno.EIO: "Check that disk, then try again.",
}


def find_file(filename: str | os.PathLike[str] | None = None) -> Result[Path, Problem]:
    """Return the path of the account file. A `~` in front is the home directory.

    Fails with:
        BadArgument: It can be no path, or there is no such home directory.
    """
    empty = isinstance(filename, str) and not filename
    return read_path("filename", DEFAULT_PATH if filename is None or empty else filename).bind(_expanded)


def _expanded(path: str) -> Result[Path, BadArgument]:
    try:
        return Success(Path(path).expanduser())
    except RuntimeError:
        value = f"{path!r}, and no home directory is known for it"
        return Failure(BadArgument(name="filename", value=value, wanted="a path without '~' here"))


def load_accounts(filename: str | os.PathLike[str] | None = None) -> Result[AccountFile, Problem]:
    """Read the account file, as `AccountStore.load` says."""
    return find_file(filename).bind(lambda path: AccountStore(path).load())


def change_accounts(filename: str | os.PathLike[str] | None, plan: Plan) -> Result[bool, Problem]:
    """Change the account file, as `AccountStore.change` says."""
    return find_file(filename).bind(lambda path: AccountStore(path).change(plan))


class AccountStore:
    """One account file.

    A change is written to a draft beside the file, which then takes its place in one step. The
    draft has a fixed name, because only the holder of the lock writes one: so what a killed
    change has left is found again.

    Args:
        path: The file.
        files: What works on the disk.
        patience: How many seconds a change waits for another one to end.
    """

    def __init__(self, path: Path, files: Files | None = None, patience: float = LOCK_SECONDS) -> None:
        self._path = path
        self._files = files or Files()
        self._patience = patience
        self._lock = path.parent / f"{path.name}.lock"
        self._draft = path.parent / f".{path.name}.qiskit-runtime-service.tmp"

    def load(self) -> Result[AccountFile, Problem]:
        """Read the file. One that is not there has no entries, and none is made.

        A file that others may read is closed to them; a draft that was left over is removed.

        Fails with:
            UnreadableFile, MalformedFile: It cannot be read, belongs to another user, or is no account file.

        Source: behaviour B70, B90, B91.
        """
        with suppress(OSError):
            self._remove_left_over()
        try:
            body = self._read()
        except OSError as error:
            return Failure(self._unreadable(self._reason(error), _fix(error)))
        return body.bind(lambda text: read_account_file(text, str(self._path)))

    def change(self, plan: Plan) -> Result[bool, Problem]:
        """Change the file as `plan` decides; return whether it wanted anything changed.

        What is refused is refused before anything is touched. The plan is made again under the
        lock, because the file may have changed in between.

        Fails with:
            UnreadableFile, MalformedFile: It belongs to another user, or is no account file.
            UnwritableFile: It is a link, or the disk does not take it. It is as it was.
            And whatever `plan` fails with.

        Source: behaviour B79, B90 to B94.
        """
        try:
            first = self._plan(plan)
            if first.value_or(None) is None:
                return first.map(lambda _: False)
            flaw = self._prepare_folder()
            if flaw is not None:
                return Failure(flaw)
            with self._files.lock(self._lock, self._patience):
                self._files.remove(self._draft)
                planned = self._plan(plan)
                if (body := planned.value_or(None)) is not None:
                    write_whole(self._path, body, files=self._files, draft=self._draft)
                return planned.map(lambda body: body is not None)
        except OSError as error:
            return Failure(self._unwritable(self._reason(error), _fix(error)))

    def _plan(self, plan: Plan) -> Result[bytes | None, Problem]:
        """Read the file and work out what shall stand in it; `None` for no change."""
        found = self._files.lstat(self._path)
        if found is not None and stat.S_ISLNK(found.st_mode):
            return Failure(self._unwritable("it is a symbolic link, and links are not written through", NO_LINK))
        name = str(self._path)

        def edited(body: bytes) -> Result[bytes | None, Problem]:
            edit = read_account_file(body, name).bind(plan)
            return edit.bind(lambda change: Success(None) if change is None else edit_account_file(body, change, name))

        return self._read().bind(edited)

    def _read(self) -> Result[bytes, Problem]:
        """Read the file, after closing it to others; one that is not there is empty."""
        try:
            handle = self._files.open(self._path)
        except FileNotFoundError:
            return Success(b"")
        try:
            status = self._files.status(handle)
            if not stat.S_ISREG(status.st_mode):
                kind = "a directory" if stat.S_ISDIR(status.st_mode) else "no regular file"
                return Failure(self._unreadable(f"it is {kind}", "Give filename= the path of a file."))
            if is_foreign(status):
                return Failure(self._unreadable(f"it belongs to another user (number {status.st_uid})", OWN_IT))
            if is_open_to_others(status):
                self._files.restrict(handle, PRIVATE_FILE)
            return Success(self._files.read(handle))
        finally:
            self._files.close(handle)

    def _prepare_folder(self) -> Problem | None:
        """Make the folders that are missing, private; close our own one to others."""
        folder = self._path.parent
        missing = takewhile(lambda path: self._files.lstat(path) is None, (folder, *folder.parents))
        for path in reversed(list(missing)):
            self._files.make_folder(path)
            self._files.sync_folder(path.parent)
        status = self._files.lstat(folder)
        if folder.name != OWN_FOLDER or status is None or not stat.S_ISDIR(status.st_mode):
            return None
        if is_foreign(status):
            return self._unwritable(f"its folder belongs to another user (number {status.st_uid})", OWN_IT)
        if is_open_to_others(status):
            self._files.restrict(folder, PRIVATE_FOLDER)
        return None

    def _remove_left_over(self) -> None:
        """Remove the draft of a change that was killed, unless a change is under way."""
        if self._files.lstat(self._draft) is not None and self._files.lstat(self._lock) is not None:
            with self._files.lock(self._lock, 0):
                self._files.remove(self._draft)

    def _unreadable(self, reason: str, fix: str) -> Problem:
        return UnreadableFile(path=str(self._path), reason=reason, fix=fix)

    def _unwritable(self, reason: str, fix: str) -> Problem:
        return UnwritableFile(path=str(self._path), reason=reason, fix=fix)

    def _reason(self, error: OSError) -> str:
        """Return what happened, and to which file if it is another than the one that was named."""
        if isinstance(error, TimeoutError):
            return f"another program has held {self._lock} for {self._patience:.0f} s"
        other = f" ({error.filename})" if error.filename and str(error.filename) != str(self._path) else ""
        return f"{error.strerror or error}{other}"


def _fix(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "Wait for it to end, then try again."
    return FIXES.get(error.errno or 0, "Check the file and its disk, then try again.")
