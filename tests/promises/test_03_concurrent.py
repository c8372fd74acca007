"""Promise 3: savers never lose each other's work, readers never fail, and the dead hold no lock."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from returns.result import Success

from qiskit_runtime_service.client.account_store import AccountStore
from qiskit_runtime_service.client.files import Files
from qiskit_runtime_service.records.problem import UnwritableFile
from tests.support.existing import needs_existing_client

from .savers import CHANGES, EXISTING, OURS, lay, line_of, program, put, say, tell
from .sizes import Control, Tally, few, is_full, size
from .writers import THESE, WRITERS, numbers_on, strays

PROCESSES = 8
ROUNDS = 3 if is_full() else 1


def race(path: Path, saves: int, by: tuple[str, ...]) -> int:
    """Let all processes save at once; return how many saves they say were taken."""
    with ExitStack() as stack:
        savers = [stack.enter_context(program("many", path, f"p{number}", saves, by=by)) for number in range(PROCESSES)]
        assert [line_of(saver) for saver in savers] == ["ready"] * PROCESSES
        for saver in savers:
            tell(saver)
        return sum(int(line_of(saver)) for saver in savers)


@pytest.mark.takes_long
@pytest.mark.holds("B93")
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_no_save_is_lost(tmp_path: Path, turn: int, tried: Tally) -> None:
    path, saves = tmp_path / "accounts.json", size(250, part=50)
    tried(PROCESSES * saves)
    assert race(path, saves, OURS) == PROCESSES * saves
    kept = {entry.name for entry in AccountStore(path).load().unwrap().entries}
    say(f"round {turn}: {len(kept)} of {PROCESSES * saves} saves kept")
    assert kept == {f"p{process}-{number}" for process in range(PROCESSES) for number in range(saves)}


@needs_existing_client
def test_the_existing_client_races_too(tmp_path: Path, control: Control) -> None:
    path, saves = tmp_path / "accounts.json", size(250)
    claimed = race(path, saves, EXISTING)
    kept = path.read_text().count('"token"')
    say(f"the existing client: {kept} of {PROCESSES * saves} saves kept, {claimed} said to be")
    control(f"{PROCESSES * saves - kept:,} of {PROCESSES * saves:,} saves lost")


@pytest.mark.takes_long
@pytest.mark.holds("B92", "B93")
def test_readers_never_fail_while_another_saves(tmp_path: Path, tried: Tally) -> None:
    tried(size(10**5))
    path = tmp_path / "folder" / "accounts.json"
    tokens = set()
    with program("for-ever", path.parent, "022", 10**9) as saver:
        assert line_of(saver) == "ready"
        for _ in range(size(10**5)):
            file = AccountStore(path).load().unwrap()
            assert file.broken == ()
            tokens |= {entry.fields.token for entry in file.entries}
    say(f"{size(10**5)} reads under write, {len(tokens)} different states seen")
    assert len(tokens) > 2


@pytest.mark.takes_long
@pytest.mark.holds("B93")
def test_a_holder_that_is_killed_frees_the_lock_at_once(tmp_path: Path, tried: Tally) -> None:
    tried(size(100))
    path = tmp_path / "accounts.json"
    lay(path)
    for _ in range(size(100)):
        with program("hold", f"{path}.lock") as holder:
            assert line_of(holder) == "held"
            problem = AccountStore(path, patience=0).change(CHANGES["save"]).failure()
            assert isinstance(problem, UnwritableFile)
            assert f"{path}.lock" in problem.reason
            holder.kill()
            holder.wait()
            # No patience: the first look at the lock finds it free.
            assert isinstance(AccountStore(path, patience=0).change(CHANGES["save"]), Success)


@pytest.mark.holds("B93")
def test_threads_of_one_process_wait_for_each_other_too(tmp_path: Path, tried: Tally) -> None:
    tried(40)
    store = AccountStore(tmp_path / "accounts.json")
    names = [f"thread-{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        changes = list(pool.map(lambda name: store.change(put(name)), names))
    assert all(isinstance(change, Success) for change in changes)
    assert {entry.name for entry in store.load().unwrap().entries} == set(names)


def failures_of(path: Path, program_name: str, count: int, *more: object, processes: int = 2) -> list[str]:
    """Let several processes write one file at once; return how their writes failed."""
    with ExitStack() as stack:
        writers = [
            stack.enter_context(program(program_name, path, number * count, count, *more, by=THESE))
            for number in range(processes)
        ]
        assert [line_of(writer) for writer in writers] == ["ready"] * processes
        for writer in writers:
            tell(writer)
        return [failure for writer in writers for failure in json.loads(line_of(writer))]


@pytest.mark.takes_long
@pytest.mark.holds("B334")
@pytest.mark.parametrize("kind", few(["account", "cassette", "world", "result"]))
def test_threads_and_processes_that_write_one_file_do_not_fail_each_other(
    tmp_path: Path, kind: str, tried: Tally
) -> None:
    path, count = tmp_path / "file.json", size(600)
    tried(2 * count)
    assert failures_of(path, "many", count, 2, kind) == []
    say(f"{kind}: 0 of {2 * count} writes failed, by 2 processes of 2 threads")
    assert WRITERS[kind].read(path) < 2 * count
    assert strays(path, WRITERS[kind]) == set()


@pytest.mark.takes_long
@pytest.mark.holds("B334")
def test_no_recording_is_lost(tmp_path: Path, tried: Tally) -> None:
    path, count = tmp_path / "file.json", size(200, part=50)
    tried(4 * count)
    assert failures_of(path, "record", count, processes=4) == []
    assert sorted(numbers_on(path)) == list(range(4 * count))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.holds("B334")
def test_of_those_who_take_a_snapshot_into_one_file_one_does(tmp_path: Path) -> None:
    for turn in range(size(100)):
        path = tmp_path / f"{turn}.json"

        def take(number: int, path: Path = path) -> int | None:
            try:
                WRITERS["snapshot"].write(path, number, Files())
            except FileExistsError as error:
                assert error.filename == str(path)
                return None
            return number

        with ThreadPoolExecutor(8) as pool:
            taken = [number for number in pool.map(take, range(8)) if number is not None]
        assert taken == [WRITERS["snapshot"].read(path)]
    assert len(list(tmp_path.iterdir())) == size(100)
