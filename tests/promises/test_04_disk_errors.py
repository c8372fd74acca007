"""Promise 4: whatever operation of a change fails, the old file stays and there is one clear error."""

import errno
import os
from pathlib import Path

import pytest
from returns.result import Result, Success

from qiskit_runtime_service.client.account_store import AccountStore
from qiskit_runtime_service.client.files import Files
from qiskit_runtime_service.exceptions import exception_for
from qiskit_runtime_service.records.problem import Problem, UnwritableFile
from qiskit_runtime_service.testing import load_world
from qiskit_runtime_service.testing.world_file import KeptWorld
from tests.support.existing import needs_existing_client

from .savers import CHANGES, EXISTING, OURS, lay, report_of, say
from .sizes import Control, Tally, few
from .writers import WRITERS, Writer, failures, lay_old, state_of, strays, world_of

ERRORS = ["ENOSPC", "EDQUOT", "EIO", "EACCES", "EROFS", "EINTR", "ENOLCK", "ENOSYS", "EOPNOTSUPP"]


class Disk:
    """A hook that lets the operation `number` of a disk fail, counted from 1, and all later ones if `dead`."""

    def __init__(self, number: int, code: int, *, dead: bool) -> None:
        self.number, self.code, self.dead = number, code, dead
        self.done: list[str] = []

    @property
    def failed(self) -> bool:
        return len(self.done) >= self.number

    def __call__(self, operation: str) -> None:
        self.done.append(operation)
        if len(self.done) == self.number or (self.dead and self.failed):
            raise OSError(self.code, os.strerror(self.code))


def check_error(problem: Problem, path: Path, code: int) -> None:
    assert isinstance(problem, UnwritableFile)
    error = exception_for(problem)
    assert isinstance(error, OSError)
    first, *_, fix = str(error).splitlines()
    assert str(path) in first
    assert os.strerror(code) in first
    assert fix
    assert fix.endswith(".")


def check_file(path: Path, old: bytes, new: bytes, changed: Result[bool, Problem], code: int) -> None:
    """An error goes with the old file, a success with the new one; the next open finds nothing left over."""
    if isinstance(changed, Success):
        assert path.read_bytes() == new
    else:
        assert path.read_bytes() == old
        check_error(changed.failure(), path, code)
    assert isinstance(AccountStore(path).load(), Success)
    assert {file.name for file in path.parent.iterdir()} <= {path.name, f"{path.name}.lock"}


@pytest.mark.holds("B92")
@pytest.mark.parametrize("dead", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("kind", CHANGES)
def test_every_operation_may_fail(tmp_path: Path, kind: str, name: str, dead: bool, tried: Tally) -> None:
    path, code, change = tmp_path / "accounts.json", getattr(errno, name), CHANGES[kind]
    old = lay(path)
    AccountStore(path).change(change)
    new = path.read_bytes()
    last = 0
    for number in range(1, 100):
        lay(path)
        disk = Disk(number, code, dead=dead)
        changed = AccountStore(path, Files(disk)).change(change)
        if not disk.failed:
            break
        check_file(path, old, new, changed, code)
        last = number
    # What happens to a file and its folder took this many steps, and each of them failed.
    assert last >= 15
    tried(last)


@pytest.mark.parametrize("name", ERRORS)
def test_a_first_save_that_fails_leaves_no_account_file(tmp_path: Path, name: str, tried: Tally) -> None:
    code = getattr(errno, name)
    for number in range(1, 100):
        path = tmp_path / str(number) / "folder" / "accounts.json"
        disk = Disk(number, code, dead=True)
        changed = AccountStore(path, Files(disk)).change(CHANGES["save"])
        assert path.exists() == isinstance(changed, Success)
        if not disk.failed:
            tried(number)
            return
    raise AssertionError("a save without end")


@pytest.mark.parametrize("name", ERRORS)
def test_reading_fails_clearly_and_harms_nothing(tmp_path: Path, name: str, tried: Tally) -> None:
    path = tmp_path / "accounts.json"
    old = lay(path)
    for number in range(1, 100):
        disk = Disk(number, getattr(errno, name), dead=False)
        loaded = AccountStore(path, Files(disk)).load()
        assert path.read_bytes() == old
        assert list(tmp_path.iterdir()) == [path]
        if not disk.failed:
            tried(number)
            return
        if not isinstance(loaded, Success):
            assert str(path) in str(exception_for(loaded.failure()))
    raise AssertionError("a reading without end")


@pytest.mark.holds("B92")
def test_a_failing_folder_after_the_last_step_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def no_folders(operation: str) -> None:
        if operation == "sync_folder":
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    path = tmp_path / "accounts.json"
    lay(path)
    assert isinstance(AccountStore(path, Files(no_folders)).change(CHANGES["save"]), Success)
    assert "power cut" in caplog.text


def limited(path: Path, by: tuple[str, ...]) -> bool:
    """Save where the disk takes 64 bytes and no more; return whether the file is as it was."""
    old = lay(path)
    assert report_of("limit", path, by=by)["failed"]
    return path.read_bytes() == old


@pytest.mark.holds("B92")
def test_a_disk_that_takes_a_part_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    assert limited(path, OURS)
    assert {file.name for file in tmp_path.iterdir()} == {path.name, f"{path.name}.lock"}


@needs_existing_client
def test_the_existing_client_meets_that_disk_too(tmp_path: Path, control: Control) -> None:
    kept = limited(tmp_path / "accounts.json", EXISTING)
    say(f"the existing client, on a disk that takes a part: {'old file kept' if kept else 'file damaged'}")
    control(f"on a full disk the old file is {'kept' if kept else 'lost'}")


def check_failure(error: BaseException, path: Path, code: int) -> None:
    """An error says which file, or which folder, and how the system calls what happened."""
    assert str(path.parent) in str(error)
    assert os.strerror(code) in str(error)
    if isinstance(error, OSError):
        assert error.errno == code
        assert Path(error.filename) in (path, path.parent, path.with_name(f"{path.name}.journal"))


def check_left(writer: Writer, path: Path) -> None:
    """What failed can be done again at once, or is done already, and leaves nothing."""
    before = state_of(writer, path)
    if writer.replaces or before == "old":
        writer.write(path, 3, Files())
        assert writer.read(path) == 3
    else:
        with pytest.raises(FileExistsError):
            writer.write(path, 3, Files())
        assert state_of(writer, path) == before
    assert strays(path, writer) == set()


@pytest.mark.holds("B333", "B337")
@pytest.mark.parametrize("dead", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("name", few(ERRORS, 2))
@pytest.mark.parametrize("kind", WRITERS)
def test_every_operation_of_every_writer_may_fail(
    tmp_path: Path, kind: str, name: str, dead: bool, tried: Tally
) -> None:
    path, code, writer = tmp_path / "file.json", getattr(errno, name), WRITERS[kind]
    failed = 0
    for number in range(1, 200):
        lay_old(writer, path)
        disk = Disk(number, code, dead=dead)
        try:
            writer.write(path, 2, Files(disk))
        except failures() as error:
            failed += 1
            # A cloud that began anew may be kept already, and is not told to anybody yet.
            assert state_of(writer, path) == "old" or kind in ("journal", "end of a cloud")
            assert state_of(writer, path) in ("old", "new")
            check_failure(error, path, code)
        else:
            assert state_of(writer, path) == "new"
        if not dead:
            check_left(writer, path)
        if not disk.failed:
            break
    assert failed >= 4
    tried(failed)


class Greedy(Files):
    """A disk that, while it is full, takes a part of what is written, and may not even give that back."""

    def __init__(self, code: int, *, stubborn: bool) -> None:
        super().__init__(self._refuse)
        self.code, self.stubborn, self.full = code, stubborn, False

    def _refuse(self, operation: str) -> None:
        if operation == "cut" and self.stubborn:
            raise OSError(self.code, os.strerror(self.code))

    def write(self, handle: int, body: bytes) -> None:
        super().write(handle, body[: len(body) // 2] if self.full else body)
        if self.full:
            raise OSError(self.code, os.strerror(self.code))


@pytest.mark.holds("B335")
@pytest.mark.parametrize("stubborn", [False, True])
@pytest.mark.parametrize("name", ["ENOSPC", "EIO"])
def test_what_a_journal_did_not_take_is_not_there_and_what_follows_is(
    tmp_path: Path, name: str, stubborn: bool
) -> None:
    path, disk = tmp_path / "cloud.world", Greedy(getattr(errno, name), stubborn=stubborn)
    worlds = [world_of(number) for number in range(4)]
    kept = KeptWorld(path, worlds[0], files=disk)
    kept.keep(worlds[0], worlds[1])
    journal = path.with_name("cloud.world.journal")
    before = journal.stat().st_size
    disk.full = True
    with pytest.raises(OSError, match=os.strerror(disk.code)) as raised:
        kept.keep(worlds[1], worlds[2])
    assert (raised.value.errno, raised.value.filename) == (disk.code, str(journal))
    assert load_world(path).seed == 1
    assert (journal.stat().st_size == before) is not stubborn
    disk.full = False
    kept.keep(worlds[1], worlds[3])
    assert load_world(path).seed == 3
    kept.close(worlds[3])
    assert list(tmp_path.iterdir()) == [path]
    assert load_world(path).seed == 3
