"""A file written whole: on the disk before it takes its place, and never half."""

import stat
import sys
from pathlib import Path
from threading import Thread

import pytest

from qiskit_runtime_service.client.files import Files, write_whole

STEPS = ["create", "write", "sync", "close", "rename", "sync_folder"]


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


def test_a_file_takes_its_place_when_the_disk_has_it(tmp_path: Path) -> None:
    done: list[str] = []
    write_whole(tmp_path / "run.json", b"new", files=Files(done.append))
    assert done == STEPS
    assert (tmp_path / "run.json").read_bytes() == b"new"
    assert names_in(tmp_path) == ["run.json"]


@pytest.mark.parametrize("operation", ["create", "write", "sync", "close", "rename"])
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
