"""IBM's existing client, in an environment of its own, as a black box to compare with."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = os.environ.get("EXISTING_PYTHON") or str(ROOT / ".venv-existing" / "bin" / "python")

needs_existing_client = pytest.mark.skipif(
    not Path(PYTHON).exists(), reason="the existing client is not installed: `make compat` installs it"
)


def ask_existing_client(script: Path, question: Any) -> Any:
    """Run a script in the environment of that client: JSON in, JSON out."""
    done = subprocess.run(
        [PYTHON, "-W", "ignore", str(script)], input=json.dumps(question), check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)
