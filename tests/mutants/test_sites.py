"""What can be planted in a source, kind by kind, and that each planted bug is one edit of Python."""

import ast

import pytest

from .cover import SOURCE
from .sites import Mutant, find_mutants, plant


def changes(source: str) -> list[str]:
    return [mutant.change for mutant in find_mutants(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", ["a < b => (a <= b)"]),
        ("a is not b", ["a is not b => (a is b)"]),
        ("a in b", ["a in b => (a not in b)"]),
        ("a and b", ["a and b => (a or b)"]),
        ("not a", ["not a => (a)"]),
        ("-a", ["-a => (a)"]),
        ("a + b", ["a + b => (a - b)"]),
        ("a // b", ["a // b => (a * b)"]),
        ("a += b", ["a += b => a -= b"]),
        ("a = 3", ["3 => 4"]),
        ("a = 2.5", ["2.5 => 5.0"]),
        ("a = 0.0", ["0.0 => 1.0"]),
        ("a = True", ["True => False"]),
        ("a = 'key'", ["'key' => 'key_'"]),
        ("f(a, b)", ["f(a, b, …) => f(b, a, …)", "f(a, b) => pass"]),
        ("f(a=b)", ["f(…, a=b) => f(…)", "f(a=b) => pass"]),
        ("a = min(b)", ["min => max"]),
        ("a = max(b, c)", ["max => min"]),
        ("a = b.strip()", ["b.strip() => (b)"]),
        ("raise a", ["raise a => pass"]),
        ("for a in b:\n    break", ["break => continue"]),
        ("for a in b:\n    continue", ["continue => break"]),
        ("if a:\n    b = c", ["a => (not (a))"]),
        ("a = b if c else d", ["c => (not (c))"]),
        ("a = [b for b in c if d]", ["d => (not (d))"]),
        ("match a:\n    case B():\n        c = d", ["B() => B() if False"]),
        ("match a:\n    case b if c:\n        d = e", ["c => (not (c))"]),
    ],
)
def test_a_source_offers(source: str, expected: list[str]) -> None:
    assert changes(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "'''Words for people.'''",
        "a = 'words for people'",
        "a = f'{b < c}'",
        "def f(a: int | None) -> 'X': return a",
        "A = B | C",
        "if TYPE_CHECKING:\n    a = 1",
        "__all__ = ['a']",
        "import a",
        "assert_never(a, b)",
        "match a:\n    case _:\n        assert_never(a, b)",
        "@cached(1)\ndef f() -> None: ...",
    ],
)
def test_nothing_is_planted_in(source: str) -> None:
    assert changes(source) == []


def test_one_bug_is_planted_at_a_time_and_nothing_else_moves() -> None:
    source = 'def f(a, b):\n    """é: two bytes."""\n    return a < 1 and (\n        b < 2\n    )\n'
    planted = {mutant.change: plant(source, mutant) for mutant in find_mutants(source)}
    assert planted == {
        "a < 1 and b < 2 => (a < 1 or b < 2)": source.replace("a < 1 and (\n        b < 2\n    )", "(a < 1 or b < 2)"),
        "a < 1 => (a <= 1)": source.replace("a < 1", "(a <= 1)"),
        "1 => 2": source.replace("a < 1", "a < 2"),
        "b < 2 => (b <= 2)": source.replace("b < 2", "(b <= 2)"),
        "2 => 3": source.replace("b < 2", "b < 3"),
    }


def test_a_bug_knows_its_statement_and_its_place() -> None:
    source = "class A:\n    def f(self):\n        if (self.a or\n                self.b):\n            return 1\n"
    [condition, logic, constant] = find_mutants(source)
    assert (condition.kind, condition.line, condition.lines, condition.place) == ("condition", 3, (3, 4), "A.f")
    assert (logic.kind, logic.line, logic.lines, logic.place) == ("logic", 3, (3, 4), "A.f")
    assert (constant.kind, constant.line, constant.lines, constant.place) == ("constant", 5, (5, 5), "A.f")


def test_what_is_no_python_is_not_planted() -> None:
    assert plant("a = 1", Mutant("constant", 1, (1, 1), "", "", span=(4, 5), new="2 +")) is None


@pytest.mark.takes_long
@pytest.mark.parametrize("module", ["core/jobs.py", "wire/crn.py", "records/secret.py"])
def test_bugs_of_the_house_are_python_and_differ_from_it(module: str) -> None:
    source = (SOURCE / module).read_text(encoding="utf-8")
    tree = ast.dump(ast.parse(source))
    mutants = find_mutants(source)
    assert len(mutants) >= 5
    for mutant in mutants:
        planted = plant(source, mutant)
        assert planted is None or ast.dump(ast.parse(planted)) != tree, mutant
