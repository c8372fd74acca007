"""What `make check` catches: an import that goes up or across, and a name that nobody uses."""

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from .support.unused_names import SOURCE, unused_names

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the source that something can be planted in."""
    copy = tmp_path_factory.mktemp("house") / SOURCE.name
    return copytree(SOURCE, copy, ignore=ignore_patterns("__pycache__", "data"))


def report_of(house: Path, planted: dict[str, str]) -> str:
    """Return what the contract of the layers says of the house with more lines in some of its modules."""
    texts = {house / module: (house / module).read_text(encoding="utf-8") for module in planted}
    for (path, text), line in zip(texts.items(), planted.values(), strict=True):
        path.write_text(f"{text}\n\n{line}\n", encoding="utf-8")
    try:
        command = [str(Path(sys.executable).with_name("lint-imports")), "--config", str(ROOT / "pyproject.toml")]
        done = subprocess.run(
            [*command, "--contract", "the-house", "--no-cache"],
            cwd=house.parent, env={**os.environ, "PYTHONPATH": str(house.parent)}, capture_output=True, text=True,
            timeout=100, check=False,
        )  # fmt: skip
    finally:
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
    return " ".join(done.stdout.split())


def test_each_import_that_goes_up_or_across_is_caught(house: Path) -> None:
    """All are planted at once, for each look at the house takes seconds."""
    planted = {
        "transport/http.py": "from ..testing import ready",
        "shell/waiting.py": "from ..cli import output",
        "core/names.py": "from .. import _left_out",
        "client/rest.py": "from ..simulator import run_job",
        "core/keys.py": "from ..wire import crn",
    }
    report = report_of(house, planted)
    assert "BROKEN" in report
    caught = set(re.findall(rf"{SOURCE.name}\.(\w+) is not allowed to import {SOURCE.name}\.(\w+):", report))
    pairs = "transport testing, shell cli, core _left_out, client simulator, core wire"
    assert caught == {tuple(pair.split()) for pair in pairs.split(", ")}


def test_the_house_as_it_stands_is_kept(house: Path) -> None:
    assert "Contracts: 1 kept, 0 broken." in report_of(house, {})


def test_a_name_that_nobody_uses_is_caught(house: Path) -> None:
    path = house / "core" / "names.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n\ndef nobody_calls_this() -> None:\n    nobody_calls_this()\n", encoding="utf-8")
    assert [line.rpartition(" ")[2] for line in unused_names(house)] == ["nobody_calls_this"]
    path.write_text(text, encoding="utf-8")
    assert unused_names(house) == []
