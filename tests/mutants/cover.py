"""Which tests run which lines, from one run of the suite; and which tests to ask about a bug, in what order."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import coverage

from .sites import Mutant

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "qiskit_runtime_service"
KEPT = ROOT / ".mutants"
"""What is kept between runs; git ignores it."""

FAILURES = ["-p", "tests.mutants.failed"]


class Cover:
    """Tests by line of the package, as `coverage` wrote them down."""

    def __init__(self, data: coverage.CoverageData) -> None:
        self.data = data

    def tests_of(self, path: Path, lines: Iterable[int]) -> set[str]:
        """Return the tests that ran one of these lines."""
        contexts = self.data.contexts_by_lineno(str(path.relative_to(ROOT)))
        return {context.rsplit("|", 1)[0] for line in lines for context in contexts.get(line, ()) if context}

    def tests(self) -> set[str]:
        """Return all tests that ran anything."""
        return {context.rsplit("|", 1)[0] for context in self.data.measured_contexts() if context}


def read_cover() -> Cover:
    """Return what the last run wrote down, or run the suite if source or tests are newer."""
    file = KEPT / "lines"
    sources = [*SOURCE.rglob("*.py"), *(path for path in (ROOT / "tests").rglob("*.py") if "mutants" not in path.parts)]
    newest = max(path.stat().st_mtime for path in sources)
    if not file.exists() or file.stat().st_mtime < newest:
        KEPT.mkdir(exist_ok=True)
        config = KEPT / "settings.ini"
        config.write_text(f"[run]\ndata_file = {file}\nrelative_files = true\nsource = {SOURCE}\n")
        print("running the suite once, to see which tests run which lines ...", flush=True)
        pytest = [sys.executable, "-m", "pytest", "-q", "-m", "not asks", "--ignore=tests/mutants"]
        options = ["--cov", f"--cov-config={config}", "--cov-context=test", "--cov-report=", "--timeout=600"]
        failed = KEPT / "failed.txt"
        environment = os.environ | {"FAILED_TESTS": str(failed)}
        mapped = subprocess.run([*pytest, *options, *FAILURES], cwd=ROOT, env=environment, check=False)
        if mapped.returncode and not passes_alone(failed):
            file.unlink(missing_ok=True)
            sys.exit("a test fails without any bug: mend that first")
    data = coverage.CoverageData(str(file))
    data.read()
    return Cover(data)


def passes_alone(failed: Path) -> bool:
    """Tell whether tests that failed while lines were written down pass without that.

    A tracer of lines is in the way of threads: Python 3.11 may start none while another is given its tracer.
    """
    print("what failed is run once more, without writing lines down ...", flush=True)
    again = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "tests.mutants.chosen"]
    environment = os.environ | {"CHOSEN_TESTS": str(failed)}
    return subprocess.run(again, cwd=ROOT, env=environment, check=False).returncode == 0


def room_of(path: Path) -> str:
    """Return the room of a module; what lies beside the rooms is a door."""
    inside = path.relative_to(SOURCE).parts
    return inside[0] if len(inside) > 1 else "doors"


def choose_tests(cover: Cover, path: Path, mutant: Mutant) -> list[set[str]]:
    """Return the tests to ask about a bug, in turns: those of its room, then all others, then what is left.

    What a child process runs is nobody's line: in the file that is named after the module everyone is asked.
    What runs once, as a module is loaded, is nobody's line: there those are asked that run anything of the module.
    What nobody is seen to run may run in child processes alone, and a constant may be read where nothing else of the
    module runs: there the whole room is asked in the end, and then everyone.
    """
    first, last = mutant.lines
    room = room_of(path)
    usual = (f"tests/{room}/", f"tests/test_{room}") if room != "doors" else ("tests/test_", "tests/cli/")
    homes = (*usual, f"tests/test_{path.stem}.py")
    own = cover.tests_of(path, range(first, last + 1))
    of_module = cover.tests_of(path, range(1, 10**5))
    asked = own if own and mutant.place else of_module
    near = {test for test in asked if test.startswith(homes)}
    named = {test for test in cover.tests() if test.startswith(f"tests/{room}/test_{path.stem}.py")}
    turns = [near, asked - near, named]
    if not own:
        at_home = {test for test in cover.tests() if test.startswith(homes)}
        turns += [at_home, cover.tests()]
    return [turn.difference(*turns[:number]) for number, turn in enumerate(turns)]
