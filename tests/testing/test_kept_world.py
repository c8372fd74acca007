"""A world in a file while a cloud lives in it: the journal, from its first byte to its last."""

import os
import stat
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Success

from qiskit_runtime_service.client.files import Files
from qiskit_runtime_service.emulator.changes import find_change
from qiskit_runtime_service.emulator.world import World, jobs_of, move_on
from qiskit_runtime_service.records.exchange import Response
from qiskit_runtime_service.testing import EmulatedTransport, emulated_cloud, load_world, one_instance, save_world
from qiskit_runtime_service.testing.world_file import KeptWorld, begin_journal, frame

from ..support.calls import ask, first_crn, read, sampler_job

WORLD = one_instance(queue_seconds=10.0)


def jobs_in(world: World) -> list[str]:
    return list(jobs_of(world, first_crn(world)))


def submission(cloud: EmulatedTransport) -> Response:
    return cloud.send(ask(cloud.world, "POST", "/jobs", sampler_job())).unwrap()


def live(path: Path, files: Files | None = None, ahead: float = 0.0) -> tuple[EmulatedTransport, KeptWorld]:
    """Begin a cloud in a file, as it is there or anew."""
    world = load_world(path) if path.exists() else WORLD
    kept = KeptWorld(path, world, files=files, ahead=ahead)
    return EmulatedTransport(world, keep=kept.keep), kept


@pytest.mark.holds("B335")
def test_what_was_answered_is_in_the_file_before_the_cloud_ends(tmp_path: Path) -> None:
    path = tmp_path / "cloud.world"
    cloud, _ = live(path)
    for number in range(1, 4):
        job = read(submission(cloud))["id"]
        assert jobs_in(load_world(path))[-1] == job
        assert len(jobs_in(load_world(path))) == number
        assert cloud.send(ask(cloud.world, "POST", f"/jobs/{job}/cancel")).unwrap().status == 204
        assert jobs_of(load_world(path), first_crn(WORLD))[job].cancelled
    # It was killed, and another one goes on there.
    again, kept = live(path)
    job = read(submission(again))["id"]
    assert len(jobs_in(load_world(path))) == 4
    kept.close(again.world)
    assert load_world(path) == again.world
    assert jobs_in(load_world(path))[-1] == job
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.holds("B335")
def test_a_file_of_before_is_gone_on_with_and_one_of_now_is_like_it(tmp_path: Path) -> None:
    path, plain = tmp_path / "cloud.world", tmp_path / "plain.world"
    save_world(WORLD, path)
    cloud, kept = live(path)
    submission(cloud)
    kept.close(cloud.world)
    save_world(cloud.world, plain)
    assert path.read_bytes() == plain.read_bytes()


@pytest.mark.holds("B333")
def test_the_journal_and_a_folder_that_is_missing_are_for_the_eyes_of_their_owner(tmp_path: Path) -> None:
    path = tmp_path / "new" / "cloud.world"
    live(path)
    modes = {place.name: stat.S_IMODE(place.stat().st_mode) for place in (path.parent, *path.parent.iterdir())}
    assert modes == {"new": 0o700, "cloud.world": 0o600, "cloud.world.journal": 0o600}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, list[int]]:
    """Give a file, its journal after five submissions, and how long the journal was after each."""
    path = tmp_path_factory.mktemp("told") / "cloud.world"
    journal = path.with_name("cloud.world.journal")
    cloud, _ = live(path)
    sizes = [journal.stat().st_size]
    for _ in range(5):
        submission(cloud)
        sizes.append(journal.stat().st_size)
    return path.read_bytes(), journal.read_bytes(), sizes


@pytest.mark.holds("B335")
@given(where=st.integers(0, 10**6))
def test_a_journal_that_breaks_off_is_read_up_to_there(
    tmp_path_factory: pytest.TempPathFactory, told: tuple[bytes, bytes, list[int]], where: int
) -> None:
    body, journal, sizes = told
    end = where % (len(journal) + 1)
    whole = [size for size in sizes[1:] if size <= end]
    assert jobs_read(tmp_path_factory, body, journal[:end]) == len(whole)


@pytest.mark.holds("B335")
@given(where=st.integers(0, 10**6), flip=st.integers(1, 255))
def test_a_journal_that_is_damaged_is_read_up_to_there(
    tmp_path_factory: pytest.TempPathFactory, told: tuple[bytes, bytes, list[int]], where: int, flip: int
) -> None:
    body, journal, sizes = told
    damaged, place = bytearray(journal), where % len(journal)
    damaged[place] ^= flip
    # Where its beginning is damaged, it is that of no file.
    whole = [size for size in sizes[1:] if size <= place] if place >= sizes[0] else []
    assert jobs_read(tmp_path_factory, body, bytes(damaged)) == len(whole)


def jobs_read(folders: pytest.TempPathFactory, body: bytes, journal: bytes) -> int:
    """Return how many jobs are read from a file and a journal beside it."""
    path = folders.mktemp("read") / "cloud.world"
    path.write_bytes(body)
    path.with_name("cloud.world.journal").write_bytes(journal)
    return len(jobs_in(load_world(path)))


@pytest.mark.holds("B335")
def test_the_journal_of_another_file_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "cloud.world"
    cloud, _ = live(path)
    submission(cloud)
    save_world(msgspec.structs.replace(WORLD, seed=7), path)
    assert load_world(path).seed == 7
    assert jobs_in(load_world(path)) == []
    path.unlink()
    with pytest.raises(FileNotFoundError):
        load_world(path)


@pytest.mark.parametrize("new", [b"\x01", msgspec.msgpack.encode({"now": 1.0, "fields": {"tomorrow": 1}})])
def test_a_journal_that_is_of_another_version_is_named(tmp_path: Path, new: bytes) -> None:
    path = tmp_path / "cloud.world"
    save_world(WORLD, path)
    path.with_name("cloud.world.journal").write_bytes(begin_journal(path.read_bytes()) + frame(new))
    with pytest.raises(ValueError, match=r"cloud\.world\.journal: "):
        load_world(path)


@pytest.mark.holds("B335")
def test_a_request_that_cannot_be_kept_is_refused_in_words_and_nothing_has_happened(tmp_path: Path) -> None:
    path, full = tmp_path / "cloud.world", [False]

    class Disk(Files):
        def append(self, handle: int, body: bytes, end: int) -> None:
            if full[0]:
                raise OSError(28, "No space left on device")
            super().append(handle, body, end)

    cloud, _ = live(path, Disk())
    first = read(submission(cloud))["id"]
    full[0] = True
    before = cloud.world
    refused = submission(cloud)
    assert refused.status == 507
    (error,) = read(refused)["errors"]
    assert "No space left on device" in error["message"]
    assert "room" in error["solution"]
    assert cloud.world == before
    # What changes nothing is answered all the same.
    assert cloud.send(ask(cloud.world, "GET", f"/jobs/{first}")).unwrap().status == 200
    with pytest.raises(OSError, match="No space left on device"):
        cloud.sleep(60)
    full[0] = False
    second = read(submission(cloud))["id"]
    assert jobs_in(load_world(path)) == [first, second]


@pytest.mark.holds("B335")
def test_what_is_asked_after_the_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cloud.world"
    cloud, kept = live(path)

    def end(world: World) -> World:
        kept.close(world)
        return world

    cloud.alter(end)
    refused = submission(cloud)
    assert refused.status == 507
    # Not that its file is closed: by then the number of its handle may be that of another file.
    assert read(refused)["errors"][0]["message"] == (
        "The emulated cloud cannot keep this in its file, and has not done it: "
        f"[Errno 9] The cloud has ended: {str(path)!r}."
    )
    assert cloud.send(ask(cloud.world, "GET", "/backends")).unwrap().status == 200
    assert jobs_in(load_world(path)) == []


@pytest.mark.holds("B335")
def test_an_end_that_cannot_be_written_leaves_the_journal(tmp_path: Path) -> None:
    path, full = tmp_path / "cloud.world", [False]

    def refuse(operation: str) -> None:
        if full[0]:
            raise OSError(28, "No space left on device")

    cloud, kept = live(path, Files(refuse))
    job = read(submission(cloud))["id"]
    full[0] = True
    with pytest.raises(OSError, match="No space left on device"):
        kept.close(cloud.world)
    assert jobs_in(load_world(path)) == [job]


@pytest.mark.holds("B335")
def test_a_time_that_was_told_does_not_come_again(tmp_path: Path) -> None:
    path = tmp_path / "cloud.world"
    cloud, _ = live(path, ahead=5.0)
    job, journal = read(submission(cloud))["id"], path.with_name("cloud.world.journal")
    sizes = set()
    for _ in range(100):
        cloud.sleep(0.3)
        assert cloud.send(ask(cloud.world, "GET", f"/jobs/{job}")).unwrap().status == 200
        assert cloud.now() <= load_world(path).now <= cloud.now() + 5.0
        sizes.add(journal.stat().st_size)
    # In 30 seconds that were 5 ahead, it was written no more than each fifth second.
    assert len(sizes) <= 8


@pytest.mark.holds("B335")
def test_the_end_of_a_job_is_kept_and_what_a_library_tells_of_devices_is_not(tmp_path: Path) -> None:
    path = tmp_path / "cloud.world"
    world = one_instance(run_seconds=1.0)
    kept = KeptWorld(path, world)
    cloud = emulated_cloud(world, keep=kept.keep)
    job = read(submission(cloud))["id"]
    cloud.sleep(60)
    body = cloud.send(ask(cloud.world, "GET", f"/jobs/{job}/results")).unwrap()
    ended = jobs_of(load_world(path), first_crn(world))[job]
    assert ended.outcome is not None
    assert ended.outcome == jobs_of(cloud.world, first_crn(world))[job].outcome
    again = EmulatedTransport(load_world(path))
    assert again.send(ask(again.world, "GET", f"/jobs/{job}/results")).unwrap() == body


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_copy_of_the_process_keeps_nothing_there(tmp_path: Path) -> None:
    path = tmp_path / "cloud.world"
    cloud, _ = live(path)
    submission(cloud)
    child = os.fork()
    if child == 0:
        os._exit(0 if submission(cloud).status == 200 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert jobs_in(load_world(path)) == jobs_in(cloud.world)
    assert len(jobs_in(cloud.world)) == 1


def test_a_cloud_without_a_file_keeps_nothing() -> None:
    cloud = EmulatedTransport(WORLD)
    assert isinstance(cloud.send(ask(WORLD, "POST", "/jobs", sampler_job())), Success)
    assert find_change(WORLD, move_on(WORLD, 5.0)).is_time
