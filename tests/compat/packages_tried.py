"""Packages that are written for IBM's client, tried with this library in its place; and the page that shows them.

make reference
"""

import os
import subprocess
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import NamedTuple

from qiskit_runtime_service.testing import EmulatedTransport, ibm_cloud, one_instance

from ..support.foreign import python_of
from ..support.made_sections import fill

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "stand-in.md"
PROGRAMS = Path(__file__).parent / "packages"


class Package(NamedTuple):
    """A package, and a program of its users."""

    client: str
    """The name of its environment."""
    distribution: str
    program: str
    what: str


PACKAGES = (
    Package("experiments", "qiskit-experiments", "experiment", "the lifetime of a qubit, by `exp.run(backend)`"),
    Package("mthree", "mthree", "error_mitigation", "counts whose readout errors are calibrated and taken out"),
    Package("pytket", "pytket-qiskit", "tket", "a circuit of tket, compiled and run"),
    Package("pennylane", "pennylane-qiskit", "node", "a quantum node on a remote device"),
    Package("qbraid", "qbraid", "provider", "a circuit by its provider of IBM's devices"),
    Package("mcp", "qiskit-ibm-runtime-mcp-server", "assistant", "a circuit, as an assistant submits it"),
)


class Run(NamedTuple):
    """What came of a program."""

    code: int
    printed: str
    errors: str
    cloud: EmulatedTransport


def run_package(package: Package) -> Run:
    """Run a program where IBM's client is not installed. What it asks of IBM's hosts an emulated cloud answers."""
    command = [python_of(package.client), "-W", "ignore", "-m", "qiskit_runtime_service.stand_in"]
    with ibm_cloud(one_instance(plan="premium"), proxy=True) as open_cloud:
        done = subprocess.run(
            [*command, str(PROGRAMS / f"{package.program}.py")],
            env=os.environ | open_cloud.environment | {"PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
    return Run(done.returncode, done.stdout, done.stderr, open_cloud.cloud)


def version_of(package: Package) -> str:
    """Return which release its environment has."""
    folder = Path(python_of(package.client)).parents[1]
    name = package.distribution.replace("-", "_")
    (found,) = folder.glob(f"lib/python*/site-packages/{name}-*.dist-info")
    return PathDistribution(found).version


def shown() -> str:
    """Return what the page shows of them: a table, and each program."""
    rows = ["| package | version | what is run | prints |", "|---|---|---|---|"]
    blocks = []
    for package in PACKAGES:
        run = run_package(package)
        if run.code:
            raise RuntimeError(run.errors)
        name = package.distribution
        rows.append(f"| [{name}](#{name}) | {version_of(package)} | {package.what} | `{run.printed.strip()}` |")
        text = (PROGRAMS / f"{package.program}.py").read_text(encoding="utf-8")
        blocks.append(f"### {name}\n\n```py\n{text}```\n")
    return "\n".join([*rows, "", *blocks]).rstrip()


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(fill(page, "tests/compat/packages_tried.py", {"packages": shown()}), encoding="utf-8")
