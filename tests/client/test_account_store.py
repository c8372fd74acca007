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
from qiskit_runtime_service.records.problem import MalformedFile, UnreadableFile, UnwritableFile
from tests.promises.savers import CHANGES, lay, put


class Diary:
    """A hook that writes down what happens to the disk."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def __call__(self, operation: str) -> None:
        self.done.append(operation)


def draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.0123456789abcdef.qiskit-runtime-service.tmp")


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
    assert diary.done == ["names", "open", "status", "read", "close"]


@pytest.mark.holds("B92")
def test_the_new_file_is_on_the_disk_before_it_takes_its_place(tmp_path: Path) -> None:
    path, diary = tmp_path / "accounts.json", Diary()
    lay(path)
    AccountStore(path, Files(diary)).change(CHANGES["save"]).unwrap()
    last = diary.done[diary.done.index("create") :]
    assert last == ["create", "claim", "status", "write", "sync", "rename", "close", "sync_folder"]
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
        draft_of(path).write_bytes(b"half")
        assert isinstance(open_again(), Success)
        assert not draft_of(path).exists()


@pytest.mark.holds("B91")
def test_the_draft_of_a_change_that_is_under_way_stays(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    lay(path)
    seen: list[set[str]] = []

    def another_opens(operation: str) -> None:
        if operation == "sync":
            assert isinstance(AccountStore(path).load(), Success)
            seen.append({other.name for other in tmp_path.iterdir()} - {path.name, lock_of(path).name})

    AccountStore(path, Files(another_opens)).change(CHANGES["save"]).unwrap()
    assert len(seen[0]) == 1
    assert {entry.name for entry in AccountStore(path).load().unwrap().entries} > {"new"}


@pytest.mark.holds("B93")
def test_a_change_waits_for_another_one_and_says_for_how_long(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    lay(path)
    with Files().lock(lock_of(path), 0):
        problem = AccountStore(path, patience=0).change(CHANGES["save"]).failure()
    assert isinstance(problem, UnwritableFile)
    assert "Wait" in problem.fix
    assert problem.errno == 11


def test_reading_makes_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    lay(path)
    draft_of(path).write_bytes(b"half")
    AccountStore(path).load().unwrap()
    assert list(tmp_path.iterdir()) == [path]


class Writing:
    """A clock on which another program is done with the file after some looks at it."""

    def __init__(self, path: Path, body: bytes, looks: int) -> None:
        self.path, self.body, self.looks = path, body, looks
        self.slept = 0.0

    def now(self) -> float:
        return 1000.0 + self.slept

    def sleep(self, seconds: float, /) -> None:
        self.slept += seconds
        self.looks -= 1
        if self.looks == 0:
            self.path.write_bytes(self.body)


ONE = b'{"work": {"channel": "ibm_quantum_platform", "token": "work"}}'


@pytest.mark.holds("B336")
@pytest.mark.parametrize("begun", [b"", b"\n", b"{", b'{"work": {"token": "wo', ONE[:-1]])
def test_a_file_that_another_program_writes_is_read_when_it_is_there(tmp_path: Path, begun: bytes) -> None:
    path = tmp_path / "accounts.json"
    for then in (AccountStore.load, lambda store: store.change(CHANGES["save"])):
        path.write_bytes(begun)
        clock = Writing(path, ONE, looks=3)
        assert isinstance(then(AccountStore(path, clock=clock)), Success)
        assert 0.0 < clock.slept < 0.1
        assert "work" in {entry.name for entry in AccountStore(path).load().unwrap().entries}


@pytest.mark.holds("B336")
@pytest.mark.parametrize("body", [b"", b"\n \t"])
def test_an_empty_file_is_not_taken_for_no_accounts_by_a_save(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "accounts.json"
    path.write_bytes(body)
    for change in CHANGES.values():
        clock = Writing(path, ONE, looks=10**6)
        problem = AccountStore(path, clock=clock).change(change).failure()
        assert isinstance(problem, MalformedFile)
        assert "empty" in problem.reason
        assert "remove it" in problem.fix
        assert 0.4 < clock.slept < 0.6
    assert path.read_bytes() == body
    assert list(tmp_path.iterdir()) == [path]
    # For a look it is what it seems.
    assert AccountStore(path, clock=Writing(path, ONE, looks=10**6)).load().unwrap().entries == ()


def test_a_file_that_is_broken_otherwise_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    for body in (b"{]", b"[]", b'{"work": nope]}', b'{"work": NaN} x', "{}".encode("utf-16"), b"{} {}"):
        path.write_bytes(body)
        clock = Writing(path, ONE, looks=10**6)
        assert isinstance(AccountStore(path, clock=clock).load().failure(), MalformedFile)
        assert clock.slept == 0.0


@pytest.mark.holds("B337")
@pytest.mark.parametrize("number", [13, 28, 30])
def test_the_error_of_a_save_has_the_number_and_the_file(tmp_path: Path, number: int) -> None:
    path = tmp_path / "accounts.json"
    lay(path)

    def refuse(operation: str) -> None:
        if operation == "create":
            raise OSError(number, os.strerror(number))

    error = exception_for(AccountStore(path, Files(refuse)).change(CHANGES["save"]).failure())
    assert isinstance(error, OSError)
    assert (error.errno, error.strerror, error.filename) == (number, os.strerror(number), str(path))


def test_a_folder_that_cannot_be_read_is_an_error_with_a_fix(tmp_path: Path) -> None:
    def forbidden(operation: str) -> None:
        if operation == "open":
            raise PermissionError(13, "Permission denied", str(tmp_path))

    problem = AccountStore(tmp_path / "accounts.json", Files(forbidden)).load().failure()
    assert isinstance(problem, UnreadableFile)
    assert "Permission denied" in problem.reason
    assert str(tmp_path) in problem.reason
    assert "own" in str(exception_for(problem)).splitlines()[-1]
