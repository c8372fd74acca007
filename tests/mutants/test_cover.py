"""Which tests are asked about a bug: who runs its line, where nobody does the whole room, and in the end everyone."""

import coverage
import pytest

from .cover import ROOT, SOURCE, Cover, choose_tests
from .sites import Mutant

RAN = {
    "tests/cli/test_demo.py::test_a": {"cli/demo.py": [10]},
    "tests/cli/test_main.py::test_b": {"cli/main.py": [10]},
    "tests/shell/test_jobs.py::test_c": {"cli/demo.py": [10, 11], "shell/job.py": [10]},
    "tests/test_demo.py::test_d": {"cli/main.py": [11]},
    "tests/wire/test_bodies.py::test_e": {"wire/bodies.py": [10]},
}
A, B, C, D, E = RAN


def cover() -> Cover:
    data = coverage.CoverageData(no_disk=True)
    for test, ran in RAN.items():
        data.set_context(f"{test}|run")
        data.add_lines({str((SOURCE / module).relative_to(ROOT)): lines for module, lines in ran.items()})
    return Cover(data)


@pytest.mark.parametrize(
    ("line", "place", "turns"),
    [
        (10, "main", [{A}, {C}, set()]),
        (11, "main", [set(), {C}, {A}]),
        (11, "", [{A}, {C}, set()]),
        (99, "main", [{A}, {C}, set(), {B, D}, {E}]),
        (99, "", [{A}, {C}, set(), {B, D}, {E}]),
    ],
    ids=["run by two", "run by another room", "as it is loaded", "run by none", "loaded by none"],
)
def test_who_is_asked(line: int, place: str, turns: list[set[str]]) -> None:
    mutant = Mutant("constant", line, (line, line), place, "1 => 2", (0, 1), "2")
    assert choose_tests(cover(), SOURCE / "cli" / "demo.py", mutant) == turns


def test_of_a_module_that_no_test_runs_the_room_is_asked_and_then_everyone() -> None:
    mutant = Mutant("constant", 1, (1, 1), "main", "1 => 2", (0, 1), "2")
    assert choose_tests(cover(), SOURCE / "cli" / "new.py", mutant) == [set(), set(), set(), {A, B}, {C, D, E}]
