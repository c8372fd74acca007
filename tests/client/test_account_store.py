"""The account file on disk: where it is, how often the disk is asked, and what was left over."""

import os
import stat
from collections import Counter
from pathlib import Path

import pytest
from returns.result import Success

from qiskit_runtime_service.client.account_store import AccountStore, find_file
from qiskit_runtime_service.client.files import Files
from qiskit_runtime_service.exceptions import exception_for
from qiskit_runtime_service.records.problem import UnreadableFile, UnwritableFile
from tests.promises.savers import CHANGES, lay, put


class Diary:
    """A hook that writes down what happens to the disk."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def __call__(self, operation: str) -> None:
        self.done.append(operation)


def draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.qiskit-runtime-service.tmp")


def lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def test_the_default_file_is_that_of_the_existing_client() -> None:
    assert find_file() == find_file("") == Success(Path.home() / ".qiskit" / "qiskit-ibm.json")
    assert find_file("~/x.json") == find_file(Path("~/x.json")) == Success(Path.home() / "x.json")
    assert find_file("x.json") == Success(Path("x.json"))


@pytest.mark.holds("B93")
def test_reading_a_file_takes_five_steps_and_no_lock(tmp_path: Path) -> None:
    path, diary = tmp_path / "accounts.json", Diary()
    lay(path)
    AccountStore(path, Files(diary)).load().unwrap()
    assert diary.done == ["lstat", "open", "status", "read", "close"]


@pytest.mark.holds("B92")
def test_the_new_file_is_on_the_disk_before_it_takes_its_place(tmp_path: Path) -> None:
    path, diary = tmp_path / "accounts.json", Diary()
    lay(path)
    AccountStore(path, Files(diary)).change(CHANGES["save"]).unwrap()
    last = diary.done[diary.done.index("create") :]
    assert last == ["create", "write", "sync", "close", "rename", "sync_folder"]
    assert diary.done.index("lock") < diary.done.index("create")


@pytest.mark.holds("B90", "B92")
def test_folders_that_are_missing_are_made_private_and_are_on_the_disk_before_anything_is_in_them(
    tmp_path: Path,
) -> None:
    path, diary = tmp_path / "one" / "two" / "accounts.json", Diary()

    def watch(operation: str) -> None:
        # What takes the lock would make the folders too, but open to others.
        assert operation != "lock" or path.parent.is_dir()
        diary(operation)

    AccountStore(path, Files(watch)).change(CHANGES["save"]).unwrap()
    before = [operation for operation in diary.done[: diary.done.index("lock")] if operation.endswith("_folder")]
    assert before == ["make_folder", "sync_folder", "make_folder", "sync_folder"]
    if os.name == "posix":
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]


@pytest.mark.holds("B79")
def test_what_is_decided_without_a_change_takes_no_lock(tmp_path: Path) -> None:
    path, diary = tmp_path / "accounts.json", Diary()
    lay(path)
    store = AccountStore(path, Files(diary))
    assert store.change(lambda _: Success(None)) == Success(False)
    assert not isinstance(store.change(put("work", overwrite=False)), Success)
    assert Counter(diary.done)["lock"] == 0
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.holds("B79")
def test_the_plan_is_made_again_under_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"

    def another_comes_first(operation: str) -> None:
        if operation == "lock":
            AccountStore(path).change(put("work")).unwrap()

    changed = AccountStore(path, Files(another_comes_first)).change(put("work", "mine", overwrite=False))
    assert not isinstance(changed, Success)
    (entry,) = AccountStore(path).load().unwrap().entries
    assert entry.fields.token
    assert entry.fields.token.reveal() == "token"


@pytest.mark.holds("B91")
def test_a_draft_that_was_left_over_is_gone_after_the_next_open(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    for open_again in (AccountStore(path).load, lambda: AccountStore(path).change(CHANGES["save"])):
        lay(path)
        lock_of(path).touch(0o600)
        draft_of(path).write_bytes(b"half")
        assert isinstance(open_again(), Success)
        assert not draft_of(path).exists()


@pytest.mark.holds("B91")
def test_the_draft_of_a_change_that_is_under_way_stays(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    lay(path)
    with Files().lock(lock_of(path), 0):
        draft_of(path).write_bytes(b"half")
        assert isinstance(AccountStore(path).load(), Success)
        assert draft_of(path).exists()
        problem = AccountStore(path, patience=0).change(CHANGES["save"]).failure()
        assert isinstance(problem, UnwritableFile)
        assert "Wait" in problem.fix


def test_reading_makes_no_lock_even_to_remove_a_draft(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    lay(path)
    draft_of(path).write_bytes(b"half")
    AccountStore(path).load().unwrap()
    assert set(tmp_path.iterdir()) == {path, draft_of(path)}


@pytest.mark.parametrize("body", [b"", b"\n"])
def test_an_empty_file_is_filled(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "accounts.json"
    path.write_bytes(body)
    AccountStore(path).change(CHANGES["save"]).unwrap()
    assert [entry.name for entry in AccountStore(path).load().unwrap().entries] == ["new"]


def test_a_folder_that_cannot_be_read_is_an_error_with_a_fix(tmp_path: Path) -> None:
    def forbidden(operation: str) -> None:
        if operation == "open":
            raise PermissionError(13, "Permission denied", str(tmp_path))

    problem = AccountStore(tmp_path / "accounts.json", Files(forbidden)).load().failure()
    assert isinstance(problem, UnreadableFile)
    assert "Permission denied" in problem.reason
    assert str(tmp_path) in problem.reason
    assert "own" in str(exception_for(problem)).splitlines()[-1]
