"""All that writes files, by a path and a number that can be read again: to be watched, to race, to be killed."""

import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import msgspec

from qiskit_runtime_service.cassettes.files import change_cassette, load_cassette
from qiskit_runtime_service.client.account_store import AccountStore
from qiskit_runtime_service.client.files import SHARED_FILE, Files, write_whole
from qiskit_runtime_service.client.raising import value_or_raise
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.records.cassette import Recorded
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.testing import load_world, one_instance
from qiskit_runtime_service.testing.world_file import KeptWorld, write_world

from .savers import die, dying_at, put, say, wait

THESE = (sys.executable, "-m", __name__)
"""What runs the programs below, each in a process of its own."""
SMALL = one_instance()


def failures() -> tuple[type[Exception], ...]:
    """Return what writing and reading may raise. Our own are Qiskit's, which only who meets one has to load."""
    from qiskit.exceptions import QiskitError

    return (OSError, ValueError, AssertionError, QiskitError)


class Writer(NamedTuple):
    """One kind of file. What fails is raised."""

    write: Callable[[Path, int, Files], object]
    read: Callable[[Path], int]
    """Return the number that was written. Raises for a file that is torn."""
    private: bool = True
    replaces: bool = True
    beside: tuple[str, ...] = ()
    """What else may lie in the folder afterwards; `{}` is the name of the file."""


def write_account(path: Path, number: int, files: Files) -> None:
    value_or_raise(AccountStore(path, files).change(put("work", str(number))))


def read_account(path: Path) -> int:
    (entry,) = value_or_raise(AccountStore(path).load()).entries
    assert entry.fields.token is not None
    return int(entry.fields.token.reveal())


def exchange_of(number: int) -> Recorded:
    request = Request(method="GET", url=f"https://quantum.cloud.ibm.com/api/v1/jobs/job-{number}")
    headers = (("Content-Type", "application/json"),)
    return Recorded(request=request, response=Response(status=200, headers=headers, body=b'{"id":"x"}'), at=1.0)


def write_cassette(path: Path, number: int, files: Files) -> None:
    value_or_raise(change_cassette(path, lambda _: (exchange_of(number),), files=files))


def numbers_on(path: Path) -> list[int]:
    exchanges = value_or_raise(load_cassette(path))
    return [int(exchange.request.url.rpartition("-")[2]) for exchange in exchanges]


def read_cassette(path: Path) -> int:
    (number,) = numbers_on(path)
    return number


def world_of(number: int) -> World:
    return msgspec.structs.replace(SMALL, seed=number)


def live_in(path: Path, number: int, files: Files) -> KeptWorld:
    """Let a cloud begin where it was, and keep one thing that is new."""
    before = load_world(path) if path.is_file() else world_of(0)
    kept = KeptWorld(path, before, files=files)
    kept.keep(before, world_of(number))
    return kept


def write_result(path: Path, number: int, files: Files) -> None:
    write_whole(path, body_of(number), SHARED_FILE, files=files)


def write_snapshot(path: Path, number: int, files: Files) -> None:
    write_whole(path, body_of(number), SHARED_FILE, files=files, replace=False)


def body_of(number: int) -> bytes:
    return json.dumps([number] * 20_000).encode()


def read_body(path: Path) -> int:
    numbers = set(json.loads(path.read_bytes()))
    assert len(numbers) == 1
    return int(numbers.pop())


WRITERS = {
    "account": Writer(write_account, read_account, beside=("{}.lock",)),
    "cassette": Writer(write_cassette, read_cassette, beside=(".{}.lock",)),
    "world": Writer(
        lambda path, number, files: write_world(world_of(number), path, files), lambda path: load_world(path).seed
    ),
    "journal": Writer(live_in, lambda path: load_world(path).seed, beside=("{}.journal",)),
    "end of a cloud": Writer(
        lambda path, number, files: live_in(path, number, files).close(world_of(number)),
        lambda path: load_world(path).seed,
        beside=("{}.journal",),
    ),
    "result": Writer(write_result, read_body, private=False),
    "snapshot": Writer(write_snapshot, read_body, private=False, replaces=False),
}
"""Every kind of file that is written anywhere; results and snapshots by what the public calls hand on."""


def strays(path: Path, writer: Writer) -> set[str]:
    """Return what lies in the folder of a file that should not."""
    return {other.name for other in path.parent.iterdir()} - {
        path.name,
        *(name.format(path.name) for name in writer.beside),
    }


def write_for_ever(folder: str, umask: str, kind: str) -> None:
    """Write until killed, each time into a new folder."""
    os.umask(int(umask, 8))
    parent, write = os.getppid(), WRITERS[kind].write
    say("ready")
    for number in range(10**6):
        path = Path(folder) / str(number % 2) / "file.json"
        for old in sorted(path.parent.rglob("*")):
            old.unlink(missing_ok=True)
        write(path, number, Files())
        if os.getppid() != parent:
            return


def write_many(path: str, first: str, count: str, threads: str, kind: str) -> None:
    """Write one file many times, in several threads; say how many writes failed, and how."""
    say("ready")
    wait()
    writer = WRITERS[kind]

    def one(number: int) -> str:
        try:
            writer.write(Path(path), number, Files())
        except failures() as error:
            return repr(error)
        return ""

    with ThreadPoolExecutor(int(threads)) as pool:
        failures = [told for told in pool.map(one, range(int(first), int(first) + int(count))) if told]
    say(json.dumps(failures))


def record_many(path: str, first: str, count: str) -> None:
    """Record one exchange after the other on a cassette that others record on too."""
    from qiskit_runtime_service.cassettes.record import Draft

    say("ready")
    wait()
    failures = []
    for number in range(int(first), int(first) + int(count)):
        draft = Draft(Path(path))
        draft.add(exchange_of(number))
        saved = draft.save()
        failures += [str(saved.failure())] if saved.value_or(1) else []
    say(json.dumps(failures))


def kill_at_every_operation(folder: str, kind: str) -> None:
    """Kill a write before each of its operations, and in the middle of each of its writings. Say what is left."""
    writer, path = WRITERS[kind], Path(folder) / "file.json"
    count = dict.fromkeys(("kills", "old", "new", "torn", "stray", "stuck"), 0)
    for half in (False, True):
        for number in range(1, 200):
            lay_old(writer, path)
            child = os.fork()
            if child == 0:
                writer.write(path, 2, HalfWriting(number) if half else Files(dying_at(number)))
                os._exit(0)
            killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
            count["kills"] += killed
            count[state_of(writer, path)] += 1
            try:
                if not (writer.replaces is False and path.exists()):
                    writer.write(path, 3, Files())
            except failures():
                count["stuck"] += 1
            if writer.replaces:
                count["stray"] += len(strays(path, writer))
            if not killed:
                break
    say(json.dumps(count))


class HalfWriting(Files):
    """Dies in the middle of the writing `number`, counted from 1."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._left = number

    def write(self, handle: int, body: bytes) -> None:
        self._left -= 1
        if self._left == 0:
            super().write(handle, body[: len(body) // 2])
            die()
        super().write(handle, body)


def lay_old(writer: Writer, path: Path) -> None:
    """Leave nothing in the folder of a file but its old state, which is none for a file that is never replaced."""
    for other in path.parent.iterdir():
        other.unlink()
    if writer.replaces:
        writer.write(path, 1, Files())


def state_of(writer: Writer, path: Path) -> str:
    """Tell whether a file is the old one, which may be none, or the new one, or neither."""
    if not path.exists():
        return "torn" if writer.replaces else "old"
    try:
        return {1: "old", 2: "new"}.get(writer.read(path), "torn")
    except failures():
        return "torn"


PROGRAMS: dict[str, Callable[..., None]] = {
    "for-ever": write_for_ever,
    "many": write_many,
    "record": record_many,
    "every": kill_at_every_operation,
}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](*sys.argv[2:])
