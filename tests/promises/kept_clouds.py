"""`emulate --file`, as it is, in copies of this process that are killed while they serve."""

import http.client
import json
import os
import random
import select
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from qiskit_runtime_service.cli.main import commands
from qiskit_runtime_service.emulator.job_life import EmulatedJob
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.testing import load_world, one_instance, save_world
from tests.support.calls import first_crn, sampler_job

from .savers import say

LIVES = 50
"""How often one cloud is killed; then comes another."""
SERVED, STARTING = 0.08, 0.06
"""Seconds that a cloud serves at most, and those in which it may be killed while it starts."""
CLIENTS = 2
KEY = "kept-key"
HEADERS = {
    "Authorization": f"apikey {KEY}",
    "Content-Type": "application/json",
    "IBM-API-Version": "2026-04-15",
}
SUBMISSION = json.dumps(sampler_job())


class Served:
    """A cloud in a copy of this process, which ends with this one."""

    def __init__(self, file: Path) -> None:
        talk, told = os.pipe()
        held, self._leash = os.pipe()
        self.number = os.fork()
        if self.number == 0:
            os.close(self._leash)
            os.dup2(told, 1)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            end_with(held)
            commands.main(["emulate", "--port", "0", "--json", "--file", str(file)], standalone_mode=False)
            os._exit(0)
        os.close(told)
        os.close(held)
        self._talk = talk

    def address(self, seconds: float) -> str | None:
        """Return where it is, or `None` if it does not say so in that time."""
        if not select.select([self._talk], [], [], seconds)[0]:
            return None
        line = os.read(self._talk, 65536)
        return json.loads(line)["url"] if line else None

    def end(self, how: signal.Signals) -> None:
        """Kill it, or let it end, and wait until it has."""
        os.kill(self.number, how)
        os.waitpid(self.number, 0)
        os.close(self._talk)
        os.close(self._leash)


def end_with(leash: int) -> None:
    """End this process once nobody has the other end of a pipe."""

    def watch() -> None:
        os.read(leash, 1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Remembered:
    """What clients were told: jobs that were taken, and those of them that were cancelled or deleted."""

    def __init__(self, crn: str) -> None:
        self.headers = HEADERS | {"Service-CRN": crn}
        self.taken: set[str] = set()
        self.cancelled: set[str] = set()
        self.deleted: set[str] = set()
        self.unclear: set[str] = set()

    def submit_until_it_ends(self, address: str) -> None:
        """Submit jobs one after the other, cancel each third and delete each ninth, until nobody answers."""
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
        try:
            for number in range(10**6):
                answer = self.ask(connection, "POST", "/jobs", SUBMISSION)
                if answer[0] != 200:
                    return
                job = json.loads(answer[1])["id"]
                self.taken.add(job)
                if number % 3 == 0:
                    self.unclear.add(job)
                    if self.ask(connection, "POST", f"/jobs/{job}/cancel")[0] == 204:
                        self.cancelled.add(job)
                    if number % 9 == 0 and self.ask(connection, "DELETE", f"/jobs/{job}")[0] == 204:
                        self.deleted.add(job)
                    self.unclear.discard(job)
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()

    def ask(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: str | None = None
    ) -> tuple[int, bytes]:
        connection.request(method, f"/api/v1{path}", body, self.headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def missed(self, jobs: dict[str, EmulatedJob]) -> dict[str, int]:
        """Count what is otherwise in the file than it was told."""
        unclear = self.unclear
        return {
            "lost": len(self.taken - self.deleted - unclear - jobs.keys()),
            "revived": sum(not jobs[job].cancelled for job in self.cancelled - self.deleted - unclear if job in jobs),
            "undead": len(self.deleted & jobs.keys()),
        }


@contextmanager
def asking(clients: Remembered, address: str | None) -> Iterator[None]:
    """Let clients ask until nobody answers; the block must see to that."""
    threads = [
        threading.Thread(target=clients.submit_until_it_ends, args=(address,))
        for _ in range(CLIENTS if address is not None else 0)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def kill_while_serving(folder: str, kills: str, seed: str) -> None:
    """Kill a cloud that serves, again and again; each tenth time it is told to end. Say what was lost."""
    dice = random.Random(int(seed))  # noqa: S311  # the times of kills are no secrets
    count = dict.fromkeys(("kills", "ends", "served", "taken", "lost", "revived", "undead", "stray"), 0)
    file, clients = Path(folder) / "none", Remembered("")
    while count["kills"] < int(kills):
        life = count["kills"] + count["ends"]
        if life % LIVES == 0:
            count["taken"] += len(clients.taken)
            file = Path(folder) / str(life) / "cloud.world"
            # How long a job runs is said: to work it out takes longer than most of these clouds live.
            world = one_instance(queue_seconds=10.0**6, run_seconds=2.0)
            # A key that everybody knows would be replaced.
            save_world(msgspec.structs.replace(world, keys={KEY: account_of(world)}), file)
            clients = Remembered(first_crn(world))
        ends = life % 10 == 9
        served = Served(file)
        address = served.address(10.0 if life % 5 else dice.uniform(0, STARTING))
        count["served"] += address is not None
        with asking(clients, address):
            select.select([], [], [], dice.uniform(0, SERVED) if address else 0)
            served.end(signal.SIGTERM if ends and address else signal.SIGKILL)
        count["ends" if ends and address else "kills"] += 1
        jobs = {name: job for book in load_world(file).jobs.values() for name, job in book.items()}
        for kind, number in clients.missed(jobs).items():
            count[kind] += number
        count["stray"] += len({path.name for path in file.parent.iterdir()} - names_of(file)) > 1
    count["taken"] += len(clients.taken)
    say(json.dumps(count))


def account_of(world: World) -> str:
    """Return the account that the one key of a world opens."""
    (account,) = world.keys.values()
    return account


def names_of(file: Path) -> set[str]:
    """Return what may lie in the folder of a cloud. One draft more is of the last one that was killed."""
    return {file.name, f"{file.name}.lock", f"{file.name}.journal"}


PROGRAMS: dict[str, Callable[..., None]] = {"kill": kill_while_serving}

if __name__ == "__main__":
    warnings.simplefilter("error")
    # Loaded once, for all copies.
    import qiskit  # noqa: F401

    from qiskit_runtime_service.cli import emulate  # noqa: F401

    PROGRAMS[sys.argv[1]](*sys.argv[2:])
