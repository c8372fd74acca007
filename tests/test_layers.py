"""What `make check` catches: an import that goes up or across, and a name that nobody uses."""

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

from .support.unused_names import SOURCE, unused_names

ROOT = Path(__file__).parent.parent


def test_each_import_that_goes_up_or_across_is_caught(tmp_path: Path) -> None:
    """All are planted at once, for a look at the house takes seconds, and nothing else is found."""
    house = copytree(SOURCE, tmp_path / SOURCE.name, ignore=ignore_patterns("__pycache__", "data"))
    planted = {
        "transport/http.py": "from ..testing import ready",
        "shell/waiting.py": "from ..cli import output",
        "core/names.py": "from .. import _lazy",
        "client/rest.py": "from ..simulator import run_job",
        "core/keys.py": "from ..wire import crn",
    }
    for module, line in planted.items():
        with (house / module).open("a", encoding="utf-8") as text:
            text.write(f"\n\n{line}\n")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--config", str(ROOT / "pyproject.toml")]
    done = subprocess.run(
        [*command, "--contract", "the-house", "--no-cache"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True,
        timeout=100, check=False,
    )  # fmt: skip
    report = " ".join(done.stdout.split())
    assert "BROKEN" in report
    caught = set(re.findall(rf"{SOURCE.name}\.(\w+) is not allowed to import {SOURCE.name}\.(\w+):", report))
    pairs = "transport testing, shell cli, core _lazy, client simulator, core wire"
    assert caught == {tuple(pair.split()) for pair in pairs.split(", ")}


def test_a_name_that_nobody_uses_is_caught(tmp_path: Path) -> None:
    """The house is small here: `make check` looks at the whole."""
    (tmp_path / "used.py").write_text("def somebody_calls_this() -> None:\n    pass\n\n\nsomebody_calls_this()\n")
    (tmp_path / "unused.py").write_text("def nobody_calls_this() -> None:\n    nobody_calls_this()\n")
    assert unused_names(tmp_path) == ["unused.py:1: nobody uses nobody_calls_this"]
