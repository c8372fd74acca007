"""Plant bugs, one at a time, and list those that no test sees.

python -m tests.mutants 300 --seed 7 --rooms core wire
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from .cover import KEPT, ROOT, SOURCE, Cover, choose_tests, read_cover, room_of
from .sites import Mutant, find_mutants, plant

WANTED = 0.97
"""The share of the bugs of a room that must be caught."""

LONGEST = 1800
"""Seconds that the tests of a single bug may take: whole rooms are asked about what is read as a module is loaded."""

COLUMN = 12
"""How many characters of a report say what became of a bug."""

PYTEST = [
    *(sys.executable, "-m", "pytest", "-x", "-q", "-n0", "--no-header", "--tb=line", "-p", "no:randomly"),
    *("-p", "tests.mutants.chosen", "--hypothesis-profile=mutants"),
    # A test that hangs ends its process: it may wait for a child that a bug keeps from ending.
    *("--timeout=120", "--timeout-method=thread"),
]


class Planted(NamedTuple):
    """A bug, where it is planted, and what became of it."""

    path: Path
    mutant: Mutant
    outcome: str = ""
    """`caught`, `lived`, or `equivalent`."""

    def __str__(self) -> str:
        place = f"{self.path.relative_to(ROOT)}:{self.mutant.line}"
        return f"{place}  {self.mutant.place or '-'}  [{self.mutant.kind}]  {self.mutant.change}"


def sample(number: int, seed: int, rooms: Sequence[str]) -> list[Planted]:
    """Draw bugs: as many of each room, and in a room of each kind, as there are; the same for the same seed."""
    by_room: dict[str, dict[str, list[Planted]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted(SOURCE.rglob("*.py")):
        room = room_of(path)
        if not rooms or room in rooms:
            for mutant in find_mutants(path.read_text(encoding="utf-8")):
                by_room[room][mutant.kind].append(Planted(path, mutant))
    dice = random.Random(seed)  # noqa: S311 - which bugs are planted is no secret
    for kinds in by_room.values():
        for bugs in kinds.values():
            dice.shuffle(bugs)
    drawn: list[Planted] = []
    while len(drawn) < number and any(by_room.values()):
        for room in sorted(by_room):
            kinds = by_room[room]
            if kinds and len(drawn) < number:
                kind = dice.choice(sorted(kinds))
                bug = kinds[kind].pop()
                if not kinds[kind]:
                    del kinds[kind]
                if plant(bug.path.read_text(encoding="utf-8"), bug.mutant) is not None:
                    drawn.append(bug)
    return drawn


def read_equivalents() -> dict[tuple[str, str, str], str]:
    """Return the reasons of the bugs that change no behaviour, by module, place and change."""
    file = tomllib.loads(Path(__file__).with_name("equivalents.toml").read_text(encoding="utf-8"))
    return {(row["module"], row["place"], row["change"]): row["reason"] for row in file.get("equivalent", [])}


def read_report(path: Path) -> dict[str, str]:
    """Return what became of the bugs of a run that was ended before its time, as long as the map of that run stands."""
    if not path.exists() or path.stat().st_mtime < (KEPT / "lines").stat().st_mtime:
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line[COLUMN:]: line[:COLUMN].strip() for line in lines}


def ask(bug: Planted, cover: Cover, copy: Path) -> bool:
    """Tell whether a test fails while the bug is in a copy of the package."""
    original = bug.path.read_text(encoding="utf-8")
    planted = copy / bug.path.relative_to(SOURCE.parent)
    planted.write_text(plant(original, bug.mutant) or original, encoding="utf-8")
    try:
        return any(fails(tests, copy) for tests in choose_tests(cover, bug.path, bug.mutant) if tests)
    finally:
        planted.write_text(original, encoding="utf-8")


def fails(tests: set[str], copy: Path) -> bool:
    """Run some tests against a copy of the package; tell whether one failed."""
    files = sorted({test.partition("::")[0] for test in tests})
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as chosen:
        chosen.write("\n".join(tests))
        chosen.flush()
        environment = os.environ | {
            "PYTHONPATH": str(copy), "CHOSEN_TESTS": chosen.name, "PYTHONDONTWRITEBYTECODE": "1",
            "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1",
        }  # fmt: skip
        quiet = subprocess.DEVNULL
        asked = subprocess.Popen(
            [*PYTEST, *files], cwd=ROOT, env=environment, stdout=quiet, stderr=quiet, start_new_session=True
        )
        try:
            return asked.wait(LONGEST) not in (0, 5)  # 5: none of them could be collected
        except subprocess.TimeoutExpired:
            return True
        finally:
            # What a test has started outlives a test that hangs.
            with suppress(ProcessLookupError):
                os.killpg(asked.pid, signal.SIGKILL)
            asked.wait()


def ask_all(bugs: Sequence[Planted], cover: Cover, jobs: int) -> Iterator[Planted]:
    """Plant all, some at a time, each in a copy of its own."""
    equivalents = read_equivalents()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(jobs):
            copy = Path(folder) / str(number)
            shutil.copytree(SOURCE, copy / SOURCE.name, ignore=shutil.ignore_patterns("__pycache__"))
            copies.put(copy)

        def judge(bug: Planted) -> Planted:
            module = ".".join(bug.path.relative_to(SOURCE).with_suffix("").parts)
            if (module, bug.mutant.place, bug.mutant.change) in equivalents:
                return bug._replace(outcome="equivalent")
            copy = copies.get()
            try:
                return bug._replace(outcome="caught" if ask(bug, cover, copy) else "lived")
            finally:
                copies.put(copy)

        for asked in as_completed([pool.submit(judge, bug) for bug in bugs]):
            yield asked.result()


def main() -> int:
    """Return 0 if enough bugs of every room were caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("number", type=int, nargs="?", default=100, help="how many bugs to plant")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--rooms", nargs="*", default=[], help="only in these; `doors` is what lies beside the rooms")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    cover = read_cover()
    bugs = sample(asked.number, asked.seed, asked.rooms)
    path = KEPT / f"seed-{asked.seed}.txt"
    told = read_report(path)
    known = [bug._replace(outcome=told[str(bug)]) for bug in bugs if str(bug) in told]
    print(f"{len(bugs)} bugs, seed {asked.seed}, {len(known)} of them asked before", flush=True)
    began = time.monotonic()
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    with path.open("w", encoding="utf-8") as report:
        unknown = ask_all([bug for bug in bugs if str(bug) not in told], cover, asked.jobs)
        for number, bug in enumerate(chain(known, unknown), 1):
            outcomes[room_of(bug.path)][bug.outcome] += 1
            report.write(f"{bug.outcome:{COLUMN}}{bug}\n")
            report.flush()
            if bug.outcome == "lived":
                print(f"{number:4} lived  {bug}", flush=True)
            elif number % 20 == 0:
                print(f"{number:4} of {len(bugs)}, {time.monotonic() - began:.0f} s", flush=True)
    print(f"\n{'room':16}{'caught':>8}{'lived':>8}{'equivalent':>12}")
    enough = True
    for room, counts in sorted(outcomes.items()):
        print(f"{room:16}{counts['caught']:8}{counts['lived']:8}{counts['equivalent']:12}")
        enough &= counts["caught"] >= WANTED * (counts["caught"] + counts["lived"])
    print(f"{time.monotonic() - began:.0f} s")
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
