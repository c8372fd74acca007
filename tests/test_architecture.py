"""The shape of the house: what an import loads, which names there are, which rules are written down."""

import ast
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import qiskit_runtime_service

ROOT = Path(__file__).parent.parent
HEAVY = ("qiskit", "numpy", "urllib3", "vcr")
SAME = {"IBMQuantumComputeService": "QiskitRuntimeService"}
"""Names that are another's."""
RULE = re.compile(r"^\*\*B(\d+)\*\*", re.MULTILINE)
CITED = re.compile(r"\bB(\d+)(?: to B(\d+))?\b")


def run(code: str) -> str:
    """Run `code` in a fresh interpreter and return what it prints."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def loaded_by(code: str) -> str:
    return run(f"import sys\n{code}\nprint(*(name for name in {HEAVY!r} if name in sys.modules))")


@pytest.mark.parametrize("room", ["records", "core"])
def test_nouns_and_decisions_need_nothing_heavy(room: str) -> None:
    # `None` in `sys.modules` makes every import of that name fail.
    code = f"""
import importlib, pkgutil, sys
sys.modules.update(dict.fromkeys({HEAVY!r}))
room = importlib.import_module("qiskit_runtime_service.{room}")
names = [module.name for module in pkgutil.walk_packages(room.__path__, room.__name__ + ".")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""
    assert int(run(code)) >= 8


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("import qiskit_runtime_service") == ""


def test_touching_the_service_loads_nothing_heavy() -> None:
    assert loaded_by("from qiskit_runtime_service import QiskitRuntimeService") == ""


def test_options_are_made_without_anything_heavy() -> None:
    assert loaded_by("from qiskit_runtime_service.options import SamplerOptions; SamplerOptions(default_shots=3)") == ""


TOGETHER = """
import threading
import qiskit_runtime_service as package
ways = [{ways}]
start, errors = threading.Barrier(len(ways)), []

def go(way):
    start.wait()
    try:
        way()
    except Exception as error:
        if type(error).__name__ != "RuntimeJobNotFound":
            errors.append(repr(error))

threads = [threading.Thread(target=go, args=(way,)) for way in ways]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(*errors)
"""
NAMED = "lambda: package.SamplerV2, lambda: package.IBMBackend, lambda: package.Session, lambda: package.IBMError"
CALLED = """lambda: local().backend("fake_manila").target, lambda: local().job("x"), lambda: local().least_busy()"""


@pytest.mark.takes_long
@pytest.mark.holds("B280")
@pytest.mark.parametrize("ways", [NAMED, CALLED], ids=["by name", "by calls"])
def test_threads_may_be_the_first_to_load_qiskit_together(ways: str) -> None:
    assert run(f"local = lambda: package.QiskitRuntimeLocalService()\n{TOGETHER.format(ways=ways)}") == ""


def parts_before_the_whole(module: Path) -> list[str]:
    """Return which parts of Qiskit a module loads before it has loaded all of it."""
    found = []
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if "qiskit" in names:
            break
        found += [name for name in names if name.startswith("qiskit.")]
    return found


@pytest.mark.takes_long
@pytest.mark.holds("B280")
def test_qiskit_is_loaded_whole_before_its_parts() -> None:
    package = Path(qiskit_runtime_service.__file__).parent
    # Each module of these rooms has its room loaded before it, which loads Qiskit.
    assert parts_before_the_whole(package / "bridge" / "__init__.py") == []
    assert parts_before_the_whole(package / "passes" / "__init__.py") == []
    assert parts_before_the_whole(package / "bridge" / "target.py") != []
    others = [module for module in package.rglob("*.py") if not {"bridge", "passes"} & set(module.parts)]
    assert {module.name: parts for module in others if (parts := parts_before_the_whole(module))} == {}


def test_every_public_name_is_there() -> None:
    assert "QiskitRuntimeService" in qiskit_runtime_service.__all__
    assert sorted(set(qiskit_runtime_service.__all__)) == list(qiskit_runtime_service.__all__)
    for name in qiskit_runtime_service.__all__:
        if name != "__version__":
            assert getattr(qiskit_runtime_service, name).__name__ in (name, f"{name}V2", SAME.get(name))
    assert set(qiskit_runtime_service.__all__) <= set(dir(qiskit_runtime_service))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'IBMQ'"):
        getattr(qiskit_runtime_service, "IBMQ".upper())


def cited_in(path: Path) -> set[int]:
    """Return the numbers of the rules that a file cites, `B5 to B7` being three."""
    return {
        number
        for first, last in CITED.findall(path.read_text(encoding="utf-8"))
        for number in range(int(first), int(last or first) + 1)
    }


def test_every_rule_that_is_cited_is_written_down() -> None:
    written = set(map(int, RULE.findall((ROOT / "docs" / "behaviour.md").read_text(encoding="utf-8"))))
    files = [path for room in ("src", "tests") for path in (ROOT / room).rglob("*.py") if path != Path(__file__)]
    missing = {number: str(path.relative_to(ROOT)) for path in files for number in cited_in(path) - written}
    assert missing == {}


def test_every_public_name_is_visible_to_type_checkers() -> None:
    source = Path(qiskit_runtime_service.__file__).with_suffix(".pyi").read_text()
    imported = re.findall(r"\b(\w+) as \1\b", source)
    assert sorted({*imported} - {"__version__"}) == qiskit_runtime_service.__all__


@pytest.mark.parametrize(
    "room", ["core", "wire", "bridge", "transport", "client", "shell", "emulator", "simulator", "cassettes"]
)
def test_every_module_of_a_room_is_on_the_page_of_the_house(room: str) -> None:
    rooms = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("```")[1]
    modules = {path.stem for path in (Path(qiskit_runtime_service.__file__).parent / room).glob("[!_]*")}
    assert modules - set(re.findall(r"\w+", rooms)) == set()


REFERENCE = runpy.run_path(str(ROOT / "docs" / "reference" / "write_reference.py"))


def test_every_rule_has_code_that_follows_it_and_a_test_that_holds_it() -> None:
    rules = set(REFERENCE["read_rules"]())
    assert set(REFERENCE["cited_in_code"]()) == rules
    assert set(REFERENCE["held_by_tests"]()) == rules


def test_rules_stand_in_order_each_under_its_anchor() -> None:
    page = (ROOT / "docs" / "behaviour.md").read_text(encoding="utf-8")
    sections = [list(map(int, RULE.findall(section))) for section in page.split("\n## ")[1:]]
    rules = [number for section in sections for number in section]
    assert sections == sorted(map(sorted, sections))
    assert len(set(rules)) == len(rules)
    assert re.findall(r'^<a id="b(\d+)"></a>\n\*\*B\1\*\*', page, re.MULTILINE) == list(map(str, rules))
