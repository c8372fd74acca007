"""The existing client under the same trials. Runs in the environment of that client, not in ours."""

import json
import os
import random
import resource
import shutil
import signal
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from qiskit_ibm_runtime import QiskitRuntimeService

OLD = {"home": {"channel": "ibm_cloud", "token": "home", "url": "https://cloud.ibm.com"}}


def save(path: Path, name: str, key: str = "token") -> None:
    QiskitRuntimeService.save_account(
        token=key, channel="ibm_quantum_platform", filename=str(path), name=name, overwrite=True
    )


def say(text: str) -> None:
    print(text, flush=True)


def save_for_ever(folder: str, umask: str, lives: str) -> None:
    os.umask(int(umask, 8))
    parent = os.getppid()
    say("ready")
    for number in range(10**6):
        if number % int(lives) == 0:
            shutil.rmtree(folder, ignore_errors=True)
        save(Path(folder) / "accounts.json", "work", str(number))
        if os.getppid() != parent:
            return


def save_many(path: str, prefix: str, count: str) -> None:
    say("ready")
    sys.stdin.readline()
    taken = 0
    for number in range(int(count)):
        try:
            save(Path(path), f"{prefix}-{number}")
        except (OSError, ValueError):
            continue
        taken += 1
    say(str(taken))


def kill_at_random(folder: str, kills: str, seed: str) -> None:
    dice = random.Random(int(seed))  # noqa: S311  # the times of kills are no secrets
    path = Path(folder) / "accounts.json"
    count = dict.fromkeys(("kills", "torn"), 0)
    for _ in range(int(kills)):
        path.write_text(json.dumps(OLD))
        until = time.perf_counter() + dice.uniform(0, 0.003)
        child = os.fork()
        if child == 0:
            save(path, "new")
            os._exit(0)
        while time.perf_counter() < until:
            os.sched_yield()
        os.kill(child, signal.SIGKILL)
        count["kills"] += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        try:
            json.loads(path.read_text())
        except ValueError:
            count["torn"] += 1
    say(json.dumps(count))


def save_beyond_the_limit(path: str) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
    try:
        save(Path(path), "new")
    except OSError:
        say(json.dumps({"failed": True}))
    else:
        say(json.dumps({"failed": False}))


PROGRAMS: dict[str, Callable[..., None]] = {
    "for-ever": save_for_ever,
    "many": save_many,
    "random": kill_at_random,
    "limit": save_beyond_the_limit,
}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    PROGRAMS[sys.argv[1]](*sys.argv[2:])
