"""The account file on disk: read without a trace, changed in one step."""

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from returns.result import Failure, Result, Success

from ..core.arguments import read_path
from ..records.account import AccountEdit, AccountFile
from ..records.problem import BadArgument, MalformedFile, Problem, UnreadableFile, UnwritableFile
from ..transport.base import Clock
from ..wire.account_file import breaks_off, edit_account_file, read_account_file
from .clock import SystemClock
from .files import (
    MOST_BYTES,
    POLL_SECONDS,
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    Files,
    find_fix,
    is_foreign,
    is_open_to_others,
    make_folders,
    refuse_irregular,
    remove_left_over,
    write_whole,
)

DEFAULT_PATH = "~/.qiskit/qiskit-ibm.json"
OWN_FOLDER = ".qiskit"
"""The folder that holds nothing but settings of Qiskit, wherever it is."""
LOCK_SECONDS = 30.0

Plan = Callable[[AccountFile], Result[AccountEdit | None, Problem]]
"""Decides from the accounts in a file what shall change; `None` for nothing."""

WRITING_SECONDS = 0.5
"""How long another program may take to write the file, which ours do in one step."""

IS_LINK = "it is a symbolic link, and links are not written through"
IS_EMPTY = "it is empty, as it is while another program writes it or if one was interrupted"
FILL_IT = "Try again; if nothing writes it, remove it, or put {} in it."


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

    Args:
        path: The file.
        files: What works on the disk.
        patience: How many seconds a change waits for another one to end.
        clock: What tells and passes the time while another program writes the file.
    """

    def __init__(
        self, path: Path, files: Files | None = None, patience: float = LOCK_SECONDS, clock: Clock | None = None
    ) -> None:
        self._path = path
        self._files = files or Files()
        self._patience = patience
        self._clock = clock or SystemClock()
        self._lock = path.parent / f"{path.name}.lock"

    def load(self) -> Result[AccountFile, Problem]:
        """Read the file. One that is not there has no entries, and none is made.

        A file that others may read is closed to them; a draft that was left over is removed.

        Fails with:
            UnreadableFile, MalformedFile: It cannot be read, belongs to another user, or is no account file.

        Source: behaviour B70, B90, B91, B336.
        """
        with suppress(OSError):
            remove_left_over(self._path, files=self._files)
        try:
            body = self._read()
        except OSError as error:
            return Failure(self._unreadable(error))
        return body.bind(lambda text: read_account_file(text or b"", str(self._path)))

    def change(self, plan: Plan) -> Result[bool, Problem]:
        """Change the file as `plan` decides; return whether it wanted anything changed.

        What is refused is refused before anything is touched. The plan is made again under the
        lock, because the file may have changed in between.

        Fails with:
            UnreadableFile, MalformedFile: It belongs to another user, is empty, or is no account file.
            UnwritableFile: It is a link, or the disk does not take it. It is as it was.
            And whatever `plan` fails with.

        Source: behaviour B79, B90 to B94, B336.
        """
        try:
            first = self._plan(plan)
            if first.value_or(None) is None:
                return first.map(lambda _: False)
            flaw = self._prepare_folder()
            if flaw is not None:
                return Failure(flaw)
            with self._files.lock(self._lock, self._patience):
                planned = self._plan(plan)
                if (body := planned.value_or(None)) is not None:
                    write_whole(self._path, body, files=self._files)
                return planned.map(lambda body: body is not None)
        except OSError as error:
            return Failure(self._unwritable(error))

    def _plan(self, plan: Plan) -> Result[bytes | None, Problem]:
        """Read the file and work out what shall stand in it; `None` for no change."""
        found = self._files.lstat(self._path)
        if found is not None and stat.S_ISLNK(found.st_mode):
            return Failure(self._unwritable(OSError(errno.ELOOP, IS_LINK)))
        name = str(self._path)

        def edited(body: bytes) -> Result[bytes | None, Problem]:
            edit = read_account_file(body, name).bind(plan)
            return edit.bind(lambda change: Success(None) if change is None else edit_account_file(body, change, name))

        return self._read().bind(self._refuse_empty).bind(edited)

    def _refuse_empty(self, body: bytes | None) -> Result[bytes, Problem]:
        """Return what stands in the file; nothing only if there is no file. An empty one may be about to be filled."""
        if body is None or body.strip():
            return Success(body or b"")
        return Failure(MalformedFile(path=str(self._path), reason=IS_EMPTY, fix=FILL_IT))

    def _read(self) -> Result[bytes | None, Problem]:
        """Read the file; look again for a while at one that is empty or breaks off, for somebody may be writing it."""
        until = self._clock.now() + WRITING_SECONDS
        while True:
            found = self._read_once()
            body = found.value_or(None)
            if body is None or not breaks_off(body) or self._clock.now() >= until:
                return found
            self._clock.sleep(POLL_SECONDS)

    def _read_once(self) -> Result[bytes | None, Problem]:
        """Read the file as it is now, after closing it to others; `None` for one that is not there."""
        try:
            handle = self._files.open(self._path)
        except FileNotFoundError:
            return Success(None)
        try:
            status = self._files.status(handle)
            try:
                refuse_irregular(status, MOST_BYTES)
            except OSError as error:
                return Failure(self._unreadable(error))
            if is_foreign(status):
                owner = f"it belongs to another user (number {status.st_uid})"
                return Failure(self._unreadable(OSError(errno.EACCES, owner)))
            if is_open_to_others(status):
                self._files.restrict(handle, PRIVATE_FILE)
            return Success(self._files.read(handle))
        finally:
            self._files.close(handle)

    def _prepare_folder(self) -> Problem | None:
        """Make the folders that are missing, private; close our own one to others."""
        folder = self._path.parent
        make_folders(folder, files=self._files)
        status = self._files.lstat(folder)
        if folder.name != OWN_FOLDER or status is None or not stat.S_ISDIR(status.st_mode):
            return None
        if is_foreign(status):
            owner = f"its folder belongs to another user (number {status.st_uid})"
            return self._unwritable(OSError(errno.EACCES, owner))
        if is_open_to_others(status):
            self._files.restrict(folder, PRIVATE_FOLDER)
        return None

    def _unreadable(self, error: OSError) -> Problem:
        path = str(self._path)
        return UnreadableFile(path=path, reason=self._reason(error), fix=_fix(error), errno=error.errno)

    def _unwritable(self, error: OSError) -> Problem:
        path, number = str(self._path), errno.EAGAIN if isinstance(error, TimeoutError) else error.errno
        return UnwritableFile(path=path, reason=self._reason(error), fix=_fix(error), errno=number)

    def _reason(self, error: OSError) -> str:
        """Return what happened, and to which file if it is another than the one that was named."""
        if isinstance(error, TimeoutError):
            return f"another program has held {self._lock} for {self._patience:.0f} s"
        other = f" ({error.filename})" if error.filename and str(error.filename) != str(self._path) else ""
        return f"{error.strerror or error}{other}"


def _fix(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "Wait for it to end, then try again."
    return find_fix(error, "filename=")
