"""The wheel: what is installed has all doors, from an archive too, and a stub for each that has no file."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import jedi
import pytest

from qiskit_runtime_service._doors import HOMES

ROOT = Path(__file__).parents[1]
PACKAGE = "qiskit_runtime_service"


def run(*command: str, **environment: str) -> str:
    """Run Python with a command, and return what it prints, whether it ends well or not."""
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, timeout=100, check=False, cwd=ROOT,
        env={**os.environ, **environment},
    )  # fmt: skip
    return f"{done.stdout}{done.stderr}".strip()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    told = run("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    assert [path.suffix for path in folder.iterdir()] == [".whl"], told
    return next(folder.iterdir())


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """Unpack the wheel as an installer does."""
    folder = wheel.parent / "installed"
    with ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_a_door_has_either_a_module_or_a_stub(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    for place in HOMES:
        path = f"{PACKAGE}/{place.replace('.', '/')}"
        assert [f"{path}{end}" in names for end in (".py", "/__init__.py")] == [False, False]
        assert [f"{path}{end}" in names for end in (".pyi", "/__init__.pyi")].count(True) == 1
    assert len(names) == len(set(names))


@pytest.mark.takes_long
@pytest.mark.holds("B423")
def test_doors_are_open_in_an_archive(wheel: Path) -> None:
    code = f"""
import {PACKAGE}
from {PACKAGE}.circuit.library.xslow import XSlowGate
from {PACKAGE}.runtime_job_v2 import RuntimeJobV2
print({PACKAGE}.__file__.startswith({str(wheel)!r}), XSlowGate().name, RuntimeJobV2.__name__)
"""
    assert run("-c", code, PYTHONPATH=str(wheel)) == "True xslow RuntimeJobV2"


@pytest.mark.takes_long
@pytest.mark.holds("B423")
def test_a_type_checker_sees_what_is_behind_each_door(installed: Path, tmp_path: Path) -> None:
    names = [f"from {PACKAGE}.{place} import {name}" for place, homes in HOMES.items() for name in homes]
    modules = [f"import {PACKAGE}.{place}" for place in HOMES]
    wrong = [f"from {PACKAGE}.session import Nonsense", f"import {PACKAGE}.nonsense"]
    program = tmp_path / "program.py"
    program.write_text("\n".join([*names, *modules, *wrong]))
    # Only stubs are looked into, for the modules behind them would take minutes.
    options = ["--follow-imports=skip", f"--cache-dir={tmp_path}", "--config-file="]
    found = run("-m", "mypy", *options, str(program), MYPYPATH=str(installed))
    errors = [line.partition(": error: ")[2] for line in found.splitlines() if ": error: " in line]
    assert len(errors) == len(wrong), found
    assert 'has no attribute "Nonsense"' in errors[0]
    assert f'library stub for module named "{PACKAGE}.nonsense"' in errors[1]


def test_an_editor_offers_what_is_behind_a_door(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    kept = jedi.settings.cache_directory
    jedi.settings.cache_directory = str(tmp_path_factory.mktemp("jedi"))
    project = jedi.Project(installed, sys_path=[str(installed), *sys.path])
    for place, wanted in (("ibm_backend", "IBMBackend"), ("options.options", "BaseOptions"), ("utils.utils", "is_crn")):
        code = f"from {PACKAGE}.{place} import "
        assert wanted in {found.name for found in jedi.Script(code, project=project).complete()}
    jedi.settings.cache_directory = kept
