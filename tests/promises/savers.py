"""Programs that change account files, each run in a process of its own: to be watched, to be many, to be killed."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
from returns.result import Result, Success

from qiskit_runtime_service.client.account_store import AccountStore, Plan
from qiskit_runtime_service.client.files import Files
from qiskit_runtime_service.core.accounts import plan_delete, plan_save
from qiskit_runtime_service.records.account import AccountEdit, AccountFields, AccountFile, SavedAccount
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.records.secret import Secret
from tests.support.existing import PYTHON

ROOT = Path(__file__).parents[2]
CHANNEL = "ibm_quantum_platform"
OLD = {
    "default-ibm-quantum-platform": {"channel": CHANNEL, "token": "old", "of_tomorrow": 1.0},
    "home": {"channel": "ibm_cloud", "is_default_account": True, "token": "home"},
    "work": {"channel": CHANNEL, "token": "work"},
}


def make_entry(name: str, key: str = "token", *, is_default: bool = False) -> SavedAccount:
    fields = AccountFields(channel=CHANNEL, token=Secret(key), url="https://cloud.ibm.com", private_endpoint=False)
    return SavedAccount(name=name, fields=fields, is_default=is_default)


def put(name: str, key: str = "token", *, overwrite: bool = True, is_default: bool = False) -> Plan:
    entry = make_entry(name, key, is_default=is_default)

    def plan(file: AccountFile) -> Result[AccountEdit | None, Problem]:
        return plan_save(file, entry, overwrite=overwrite).map(lambda edit: edit)

    return plan


def drop(name: str) -> Plan:
    def plan(file: AccountFile) -> Result[AccountEdit | None, Problem]:
        return plan_delete(file, name=name, channel=None).map(lambda edit: edit)

    return plan


CHANGES = {
    "save": put("new"),
    "overwrite": put("work", "other"),
    "delete": drop("work"),
    "set default": put("work", "work", is_default=True),
}


OURS = (sys.executable, "-m", __name__)
EXISTING = (PYTHON, "-W", "ignore", str(ROOT / "tests" / "compat" / "savers.py"))
"""The same programs with the existing client."""


@contextmanager
def program(*arguments: object, by: tuple[str, ...] = OURS) -> Iterator[subprocess.Popen[str]]:
    """Run one of the programs below, until the block ends at the latest."""
    command = [*by, *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def line_of(running: subprocess.Popen[str]) -> str:
    """Return the next line that a program writes."""
    assert running.stdout is not None
    return running.stdout.readline().strip()


def tell(running: subprocess.Popen[str]) -> None:
    """Let a program that waits go on."""
    assert running.stdin is not None
    running.stdin.write("\n")
    running.stdin.flush()


def report_of(*arguments: object, by: tuple[str, ...] = OURS) -> dict[str, Any]:
    """Run a program to its end and return what it counted."""
    with program(*arguments, by=by) as running:
        report: dict[str, Any] = json.loads(line_of(running))
        return report


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def wait() -> None:
    sys.stdin.readline()


def lay(path: Path) -> bytes:
    """Put the old file in its place and return its bytes."""
    body = msgspec.json.format(msgspec.json.encode(OLD), indent=4)
    path.write_bytes(body)
    path.chmod(0o600)
    return body


def save_for_ever(folder: str, umask: str, lives: str) -> None:
    """Save until killed, into a new folder after every `lives` saves."""
    os.umask(int(umask, 8))
    path, parent = Path(folder) / "accounts.json", os.getppid()
    say("ready")
    for number in range(10**6):
        if number % int(lives) == 0:
            shutil.rmtree(folder, ignore_errors=True)
        AccountStore(path).change(put("work", str(number)))
        if os.getppid() != parent:
            return


def save_many(path: str, prefix: str, count: str) -> None:
    """Save `count` accounts, one by one, then say how many were taken."""
    say("ready")
    wait()
    store = AccountStore(Path(path))
    changes = [store.change(put(f"{prefix}-{number}", overwrite=False)) for number in range(int(count))]
    say(str(sum(isinstance(change, Success) for change in changes)))


def hold(path: str) -> None:
    """Take the lock of a file and keep it until killed."""
    with Files().lock(Path(path), 30.0):
        say("held")
        wait()


def save_beyond_the_limit(path: str) -> None:
    """Change a file where no file may have more than 64 bytes, so that the disk takes a part."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
    changed = AccountStore(Path(path)).change(CHANGES["save"])
    say(json.dumps({"failed": not isinstance(changed, Success)}))


class HalfWriting(Files):
    """Dies in the middle of writing."""

    def write(self, handle: int, body: bytes) -> None:
        super().write(handle, body[: len(body) // 2])
        die()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_at(number: int) -> Callable[[str], None]:
    """Return a hook that ends the process before its operation `number`, counted from 1."""
    left = [number]

    def before(operation: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            die()

    return before


def fork_to(change: Plan, path: Path, files: Files | None = None) -> int:
    """Change a file in a copy of this process, which ends with it; return its number."""
    child = os.fork()
    if child == 0:
        AccountStore(path, files).change(change)
        os._exit(0)
    return child


class Tally:
    """Counts what a killed change left."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.outcomes = dict.fromkeys(("kills", "old", "new", "torn", "lost", "stray", "stuck"), 0)

    def expected(self, change: Plan) -> tuple[bytes, bytes]:
        """Return the file before and after a change that is not disturbed."""
        old = lay(self.path)
        AccountStore(self.path).change(change)
        new = self.path.read_bytes()
        lay(self.path)
        return old, new

    def check(self, old: bytes, new: bytes, *, then_save: bool) -> None:
        """Look at the file as it is, open it, and see that it can be changed again."""
        count = self.outcomes
        body = self.path.read_bytes() if self.path.exists() else b""
        count["old" if body == old else "new" if body == new else "torn"] += 1
        file = AccountStore(self.path).load()
        if not isinstance(file, Success) or len(file.unwrap().entries) < 2:
            count["lost"] += 1
        count["stray"] += sum(path.name not in (self.path.name, f"{self.path.name}.lock") for path in self.folder())
        if then_save and not isinstance(AccountStore(self.path, patience=5.0).change(put("after")), Success):
            count["stuck"] += 1
        lay(self.path)

    def folder(self) -> list[Path]:
        return list(self.path.parent.iterdir())


def kill_at_every_operation(folder: str) -> None:
    """Kill each change before each of its operations, and in the middle of its writing."""
    tally = Tally(Path(folder) / "accounts.json")
    for change in CHANGES.values():
        old, new = tally.expected(change)
        for number in range(1, 100):
            child = fork_to(change, tally.path, Files(dying_at(number)))
            killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
            tally.outcomes["kills"] += killed
            tally.check(old, new, then_save=True)
            if not killed:
                break
        os.waitpid(fork_to(change, tally.path, HalfWriting()), 0)
        tally.outcomes["kills"] += 1
        tally.check(old, new, then_save=True)
    say(json.dumps(tally.outcomes))


def kill_at_random(folder: str, kills: str, seed: str) -> None:
    """Kill changes at random times, from their beginning to a little after their usual end."""
    dice = random.Random(int(seed))  # noqa: S311  # the times of kills are no secrets
    tally = Tally(Path(folder) / "accounts.json")
    wanted = int(kills) // len(CHANGES)
    for change in CHANGES.values():
        old, new = tally.expected(change)
        times = []
        for _ in range(20):
            began = time.perf_counter()
            os.waitpid(fork_to(change, tally.path), 0)
            times.append(time.perf_counter() - began)
            lay(tally.path)
        killed = 0
        for number in range(5 * wanted):
            until = time.perf_counter() + dice.uniform(0, 1.3 * median(times))
            child = fork_to(change, tally.path)
            while time.perf_counter() < until:
                os.sched_yield()
            os.kill(child, signal.SIGKILL)
            killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
            tally.check(old, new, then_save=number % 10 == 0)
            if killed == wanted:
                break
        tally.outcomes["kills"] += killed
    say(json.dumps(tally.outcomes))


PROGRAMS: dict[str, Callable[..., None]] = {
    "for-ever": save_for_ever,
    "many": save_many,
    "hold": hold,
    "limit": save_beyond_the_limit,
    "every": kill_at_every_operation,
    "random": kill_at_random,
}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](*sys.argv[2:])
