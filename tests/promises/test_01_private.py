"""Promise 1: the account file and its folder are private from the first byte."""

import os
import stat
from pathlib import Path

import pytest
from returns.result import Success

from qiskit_runtime_service.client.account_store import AccountStore
from qiskit_runtime_service.client.files import Files
from qiskit_runtime_service.records.problem import UnreadableFile, UnwritableFile
from tests.support.existing import needs_existing_client

from .savers import CHANGES, EXISTING, OURS, lay, line_of, program, say
from .sizes import Control, Tally, few, size
from .writers import THESE, WRITERS

UMASKS = ["000", "022", "077"]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def look(folder: Path) -> set[tuple[str, int]]:
    """Return the name and mode of a folder and of all that is in it, at this moment."""
    seen = set()
    try:
        seen.add((".", mode_of(folder)))
        with os.scandir(folder) as entries:
            for entry in entries:
                seen.add((entry.name, stat.S_IMODE(entry.stat(follow_symlinks=False).st_mode)))
    except FileNotFoundError:
        pass
    return seen


def watch(folder: Path, umask: str, by: tuple[str, ...], kinds: set[str]) -> set[tuple[str, int]]:
    """Return the names and modes that were ever seen while a program saves, at least until all kinds of files were."""
    seen: set[tuple[str, int]] = set()
    polls, wanted = 0, size(10**5) // len(UMASKS) + 1
    with program("for-ever", folder, umask, 10, by=by) as saver:
        assert line_of(saver) == "ready"
        for _ in range(100 * wanted):
            found = look(folder)
            polls += len(found) > 1
            seen |= found
            if polls >= wanted and kinds <= kinds_in(seen):
                break
    assert polls >= wanted
    loose = loose_in(seen)
    say(f"umask {umask}: {len(loose)} looser modes in {polls} polls {loose}")
    return seen


def kinds_in(seen: set[tuple[str, int]]) -> set[str]:
    """Return the folder as a point, and of each file what its name ends in."""
    return {"." if name == "." else name.rpartition(".")[2] for name, _ in seen}


def loose_in(seen: set[tuple[str, int]]) -> list[tuple[str, str]]:
    """Return the names and modes of what others may read, or more."""
    return sorted({(name, f"{mode:04o}") for name, mode in seen if mode & 0o077})


@pytest.mark.holds("B90")
@pytest.mark.parametrize("umask", UMASKS)
def test_a_watcher_never_sees_a_looser_mode(tmp_path: Path, umask: str, tried: Tally) -> None:
    tried(size(10**5) // len(UMASKS) + 1)
    folder = tmp_path / "new" / "folder"
    # Drafts are there for a moment only; where the disk is slow, a first account is not there at once either.
    seen = watch(folder, umask, OURS, {".", "json", "lock", "tmp"})
    assert {mode for name, mode in seen if name == "."} == {0o700}
    assert {mode for name, mode in seen if name != "."} == {0o600}
    assert mode_of(tmp_path / "new") == 0o700
    assert kinds_in(seen) == {".", "json", "lock", "tmp"}


@needs_existing_client
def test_the_existing_client_is_watched_too(tmp_path: Path, control: Control) -> None:
    seen = watch(tmp_path / "folder", "022", EXISTING, {"json"})
    assert seen
    modes = ", ".join(sorted({mode for _, mode in loose_in(seen)}))
    control(f"seen with modes {modes}" if modes else "no looser mode seen")


class OfAnother(Files):
    """A disk on which all open files and folders belong to somebody else."""

    def _given_away(self, status: os.stat_result) -> os.stat_result:
        values = list(status)
        values[stat.ST_UID] = os.geteuid() + 1
        return os.stat_result(values)

    def status(self, handle: int) -> os.stat_result:
        return self._given_away(super().status(handle))

    def lstat(self, path: Path) -> os.stat_result | None:
        status = super().lstat(path)
        return status and self._given_away(status)


@pytest.mark.holds("B90")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o666, 0o604, 0o777])
def test_a_loose_file_is_closed_by_reading_it(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "accounts.json"
    body = lay(path)
    path.chmod(mode)
    assert len(AccountStore(path).load().unwrap().entries) == 3
    assert mode_of(path) == 0o600
    assert path.read_bytes() == body


@pytest.mark.holds("B90")
def test_a_loose_file_is_closed_by_saving(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    lay(path)
    path.chmod(0o666)
    assert isinstance(AccountStore(path).change(CHANGES["save"]), Success)
    assert mode_of(path) == 0o600


@pytest.mark.holds("B90")
def test_our_own_folder_is_closed_and_any_other_is_left_alone(tmp_path: Path) -> None:
    for name, mode in ((".qiskit", 0o700), ("project", 0o755)):
        folder = tmp_path / name
        folder.mkdir()
        folder.chmod(0o755)
        assert isinstance(AccountStore(folder / "accounts.json").change(CHANGES["save"]), Success)
        assert mode_of(folder) == mode
        assert mode_of(folder / "accounts.json") == 0o600


@pytest.mark.holds("B90")
def test_a_file_of_another_user_is_refused_with_the_fix(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    body = lay(path)
    store = AccountStore(path, OfAnother())
    for problem in (store.load().failure(), store.change(CHANGES["save"]).failure()):
        assert isinstance(problem, UnreadableFile)
        assert "belongs to another user" in problem.reason
        assert "own" in problem.fix
    assert path.read_bytes() == body
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.holds("B90")
def test_a_folder_of_another_user_is_refused_with_the_fix(tmp_path: Path) -> None:
    folder = tmp_path / ".qiskit"
    folder.mkdir()
    problem = AccountStore(folder / "accounts.json", OfAnother()).change(CHANGES["save"]).failure()
    assert isinstance(problem, UnwritableFile)
    assert "folder belongs to another user" in problem.reason
    assert list(folder.iterdir()) == []


@pytest.mark.holds("B90")
def test_a_file_that_cannot_be_closed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    lay(path)
    path.chmod(0o644)

    def read_only(operation: str) -> None:
        if operation == "restrict":
            raise OSError(30, "Read-only file system", str(path))

    problem = AccountStore(path, Files(read_only)).load().failure()
    assert isinstance(problem, UnreadableFile)
    assert "Read-only" in problem.reason
    assert problem.fix


@pytest.mark.takes_long
@pytest.mark.holds("B333")
@pytest.mark.parametrize("umask", ["000", "077"])
@pytest.mark.parametrize("kind", few(WRITERS))
def test_whatever_is_written_is_never_seen_looser(tmp_path: Path, kind: str, umask: str, tried: Tally) -> None:
    folder, writer = tmp_path / "new", WRITERS[kind]
    # Those who write what others may read are given a folder; all others make theirs.
    (tmp_path / "new").mkdir(0o700)
    if not writer.private:
        for name in "01":
            (folder / name).mkdir(0o700)
    seen: set[tuple[str, int]] = set()
    polls, wanted = 0, size(10**4, part=50)
    tried(wanted)
    with program("for-ever", folder, umask, kind, by=THESE) as saver:
        assert line_of(saver) == "ready"
        for _ in range(1000 * wanted):
            found = look(folder / "0") | look(folder / "1")
            polls += any(name != "." and not name.endswith(".lock") for name, _ in found)
            seen |= found
            if polls >= wanted:
                break
    assert polls == wanted
    files = {mode for name, mode in seen if name != "." and not name.endswith(".lock")}
    assert files == ({0o600} if writer.private or umask == "077" else {0o666})
    assert {mode for name, mode in seen if name == "."} == {0o700}
    assert {mode for name, mode in seen if name.endswith(".lock")} <= {0o600}


@pytest.mark.holds("B333")
@pytest.mark.parametrize("kind", [kind for kind, writer in WRITERS.items() if writer.replaces])
def test_who_has_opened_a_loose_file_before_does_not_see_what_is_written(tmp_path: Path, kind: str) -> None:
    path, writer = tmp_path / "file.json", WRITERS[kind]
    writer.write(path, 1, Files())
    for other in tmp_path.iterdir():
        other.chmod(0o666)
    opened = [(other, other.open("r+b"), other.read_bytes()) for other in tmp_path.iterdir() if other.stat().st_size]
    writer.write(path, 2, Files())
    for other, file, before in opened:
        with file:
            assert file.read() == before
        if other.exists():
            assert mode_of(other) == (0o600 if writer.private else 0o666 & ~umask_now())
    assert writer.read(path) == 2


def umask_now() -> int:
    umask = os.umask(0o077)
    os.umask(umask)
    return umask
