"""The job script in the documents runs as it stands."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.fixtures import Stage

PAGE = Path(__file__).parents[2] / "docs" / "embedding.md"
SCRIPT = re.search(r"^```bash\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def submit(stage: Stage, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script as Slurm would, on an emulated cloud, with what a prolog wrote."""
    listed = stage.run("qiskit-runtime backends --world cloud.world --json")
    (stage.folder / "fleet.json").write_text(listed.stdout)
    assert SCRIPT is not None
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(stage.folder), "SLURM_JOB_ID": "7", "CLOUD": "cloud.world"}
    return subprocess.run(
        ["/usr/bin/env", "bash", "-c", SCRIPT[1]],
        cwd=stage.folder,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.takes_long
def test_it_chooses_runs_and_leaves_the_counts(stage: Stage) -> None:
    done = submit(stage)
    assert done.returncode == 0, done.stderr
    answer = json.loads((stage.folder / "counts-7.json").read_text())
    assert answer["backend"] == "ibm_fez"
    assert sum(answer["counts"][0]["counts"]["c"].values()) == 4096
    assert "ibm_fez is the best of 1" in done.stderr


def test_it_ends_with_the_reason_where_nothing_fits(stage: Stage) -> None:
    done = submit(stage, QUBITS="1000")
    assert done.returncode == 1
    assert "4 have fewer than 1000 qubits (most: 130)" in done.stderr
    assert not (stage.folder / "counts-7.json").exists()
