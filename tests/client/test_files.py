"""A file written whole: on the disk before it takes its place, and never half."""

import errno
import stat
import sys
from pathlib import Path
from threading import Thread

import pytest

from qiskit_runtime_service.client.files import Files, find_fix, make_folders, remove_left_over, write_whole

STEPS = ["target", "names", "create", "claim", "status", "write", "sync", "rename", "close", "sync_folder"]


class Spoilt(Files):
    """A file system in which one operation fails."""

    def __init__(self, operation: str, error: BaseException) -> None:
        self.done: list[str] = []

        def before(name: str) -> None:
            self.done.append(name)
            if name == operation:
                raise error

        super().__init__(before)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.holds("B333")
def test_a_file_takes_its_place_when_the_disk_has_it(tmp_path: Path) -> None:
    done: list[str] = []
    write_whole(tmp_path / "run.json", b"new", files=Files(done.append))
    assert done == STEPS
    assert (tmp_path / "run.json").read_bytes() == b"new"
    assert names_in(tmp_path) == ["run.json"]


@pytest.mark.holds("B333")
@pytest.mark.parametrize("operation", ["target", "create", "claim", "status", "write", "sync", "rename"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_whatever_fails_the_old_file_is_there_and_no_draft(
    tmp_path: Path, operation: str, error: BaseException
) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(b"old")
    with pytest.raises(type(error)):
        write_whole(path, b"new", files=Spoilt(operation, error))
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["run.json"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists the files that a process has open")
def test_no_file_and_no_folder_stays_open(tmp_path: Path) -> None:
    opened = Path("/proc/self/fd")
    before = len(names_in(opened))
    for number in range(20):
        write_whole(tmp_path / f"run-{number}.json", b"new")
    assert len(names_in(opened)) < before + 10


def test_a_folder_that_cannot_be_synced_is_told_and_the_file_is_saved(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.json"
    write_whole(path, b"new", files=Spoilt("sync_folder", OSError(5, "Input/output error")))
    assert path.read_bytes() == b"new"
    assert "a power cut may bring back the old one" in caplog.text


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_the_mode_is_that_which_was_given(tmp_path: Path, mode: int) -> None:
    write_whole(tmp_path / "run.json", b"new", mode)
    assert stat.S_IMODE((tmp_path / "run.json").stat().st_mode) == mode


def test_threads_that_write_one_file_leave_one_of_theirs_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    bodies = [bytes([number]) * 100_000 for number in range(8)]
    threads = [Thread(target=write_whole, args=(path, body)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in bodies
    assert names_in(tmp_path) == ["run.json"]


def test_a_name_may_be_as_long_as_the_disk_takes_it(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    write_whole(path, b"new")
    assert names_in(tmp_path) == [path.name]


def draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.0123456789abcdef.qiskit-runtime-service.tmp")


@pytest.mark.holds("B91")
def test_the_draft_of_a_write_that_was_killed_is_gone_after_the_next(tmp_path: Path) -> None:
    path, other = tmp_path / "run.json", tmp_path / "other.json"
    draft_of(path).write_bytes(b"half")
    draft_of(other).write_bytes(b"half")
    write_whole(path, b"new")
    assert names_in(tmp_path) == [draft_of(other).name, "run.json"]


@pytest.mark.holds("B91", "B334")
def test_a_draft_that_is_removed_before_it_is_locked_is_begun_again(tmp_path: Path) -> None:
    path, left = tmp_path / "run.json", [3]

    def another_comes_between(operation: str) -> None:
        if operation == "claim" and left[0]:
            left[0] -= 1
            remove_left_over(path, files=Files())

    write_whole(path, b"new", files=Files(another_comes_between))
    assert (path.read_bytes(), left) == (b"new", [0])
    assert names_in(tmp_path) == ["run.json"]


@pytest.mark.parametrize("number", [37, 38, 95])
def test_a_disk_without_locks_takes_files_too(tmp_path: Path, number: int) -> None:
    write_whole(tmp_path / "run.json", b"new", files=Spoilt("claim", OSError(number, "No locks")))
    assert names_in(tmp_path) == ["run.json"]


@pytest.mark.holds("B106", "B334")
def test_what_is_not_to_be_replaced_is_not_even_at_the_last_moment(tmp_path: Path) -> None:
    path = tmp_path / "run.json"

    def another_comes_first(operation: str) -> None:
        if operation in ("link", "lstat"):
            path.write_bytes(b"of another")

    for files in (Files(another_comes_first), Second(another_comes_first)):
        path.unlink(missing_ok=True)
        with pytest.raises(FileExistsError) as raised:
            write_whole(path, b"new", files=files, replace=False)
        assert raised.value.filename == str(path)
        assert path.read_bytes() == b"of another"
        assert names_in(tmp_path) == ["run.json"]


class Second(Files):
    """A disk that has no second names."""

    def link(self, source: Path, target: Path) -> None:
        raise OSError(1, "Operation not permitted", str(source), None, str(target))


def test_a_disk_without_second_names_takes_new_files_too(tmp_path: Path) -> None:
    write_whole(tmp_path / "run.json", b"new", files=Second(), replace=False)
    assert (tmp_path / "run.json").read_bytes() == b"new"
    assert names_in(tmp_path) == ["run.json"]


@pytest.mark.holds("B337")
def test_an_error_names_the_file_and_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "run.json"
    with pytest.raises(FileNotFoundError) as raised:
        write_whole(path, b"new")
    assert (raised.value.errno, raised.value.filename) == (2, str(path))
    assert raised.value.__notes__ == ["Make its folder first."]


OWN_IT = "Make sure that you own the file and its folder, or give a pen in a folder of your own."
NO_LOCKS = "That file system has no locks. Give a pen on a local disk."
WAYS_OUT = {
    errno.ENOSPC: "Free some space on that disk, then try again.",
    errno.EDQUOT: "Free some of your quota on that disk, then try again.",
    errno.EROFS: "That disk is read-only. Give a pen on one that you can write to.",
    errno.EACCES: OWN_IT,
    errno.EPERM: OWN_IT,
    errno.ELOOP: "Remove the symbolic link, or give a pen that it leads to.",
    errno.ENOLCK: NO_LOCKS,
    errno.ENOSYS: NO_LOCKS,
    errno.EOPNOTSUPP: NO_LOCKS,
    errno.ENOENT: "Make its folder first.",
    errno.ENOTDIR: "Give a pen of a file in a folder.",
    errno.EISDIR: "Give a pen of a file, not of a folder.",
    errno.EINVAL: "Give a pen of a file.",
    errno.EEXIST: "Give a pen of a file that is not there yet.",
    errno.ENAMETOOLONG: "Give a pen with a shorter name.",
    errno.EIO: "Check that disk, then try again.",
    errno.EMFILE: "Check the file and its disk, then try again.",
}


@pytest.mark.parametrize("code", WAYS_OUT, ids=errno.errorcode.get)
def test_each_error_of_a_disk_has_its_own_way_out(code: int) -> None:
    assert find_fix(OSError(code, "whatever the system says"), "a pen") == WAYS_OUT[code]


def test_an_error_without_a_number_has_a_way_out_too() -> None:
    assert find_fix(OSError("odd")) == "Check the file and its disk, then try again."
    assert find_fix(OSError(errno.EINVAL, "odd")) == "Give a path of a file."


def test_folders_are_made_private_from_the_first_that_is_missing(tmp_path: Path) -> None:
    make_folders(tmp_path / "one" / "two", files=Files())
    make_folders(tmp_path / "one" / "two", files=Files())
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("one", "one/two")]
    assert modes == [0o700, 0o700]
