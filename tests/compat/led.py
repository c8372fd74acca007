"""Programs of other clients, led to an emulated cloud as they stand; what was tried is a table of a how-to.

    python -m tests.compat.led

The table is made from a run of all of them.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from qiskit_runtime_service.testing import build_world, ibm_cloud, instance, line_device

from ..support.foreign import python_of
from ..support.made_sections import fill

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "how-to" / "test-a-program-that-uses-ibms-client.md"
HEAD = """\
| package | version | what was run | by variables | by a proxy |
|---|---|---|---|---|
"""
OF_IBM = "accounts, choice of a backend, a session with a sampler and an estimator, jobs, results"
OF_QRMI = "a session with a sampler, its result"
OF_CURL = "a token, a sampler, its status and its result"


class Program(NamedTuple):
    """A program, and the client that it uses."""

    client: str
    package: str
    what: str
    script: str
    by_variables: str = "yes"
    """Whether variables lead it; if not, why not."""


PROGRAMS = {
    "existing": Program("existing", "qiskit-ibm-runtime", OF_IBM, "led_ibm.py"),
    "existing046": Program("existing046", "qiskit-ibm-runtime", OF_IBM, "led_ibm.py", "no: before 0.50"),
    "existing043": Program("existing043", "qiskit-ibm-runtime", OF_IBM, "led_ibm.py", "no: before 0.50"),
    "qrmi": Program("qrmi", "qrmi", OF_QRMI, "led_qrmi.py", "yes, by its own"),
    "curl": Program("curl", "curl", OF_CURL, "led_curl.sh", "yes, in its URLs"),
}


def run(program: Program, *, proxy: bool) -> str:
    """Run a program that is led to a cloud, after an hour in the queue; return the version of its client."""
    device = line_device("ibm_led", 5, queue_seconds=3600)
    start = ("sh",) if program.client == "curl" else (python_of(program.client), "-W", "ignore")
    with ibm_cloud(build_world(instance("led", plan="premium", devices=[device])), proxy=proxy) as cloud:
        (crn,) = cloud.world.instances
        environment = os.environ | cloud.environment | {"SERVICE_CRN": crn}
        environment.pop("PYTHONPATH", None)
        done = subprocess.run([*start, str(HERE / program.script)], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert cloud.jobs != ()
    version: str = json.loads(done.stdout)["version"]
    return version


def row_of(program: Program, version: str) -> str:
    """Return the row of a program that ran by each way that leads it."""
    return f"| {program.package} | {version} | {program.what} | {program.by_variables} | yes |\n"


def render(page: str, rows: str) -> str:
    """Return the page with a table of these rows."""
    return fill(page, "tests/compat/led.py", {"tried": (HEAD + rows).rstrip()})


def main() -> None:
    """Run all programs, and write the table."""
    rows = []
    for program in PROGRAMS.values():
        versions = {run(program, proxy=True)}
        if program.by_variables.startswith("yes"):
            versions.add(run(program, proxy=False))
        (version,) = versions
        rows.append(row_of(program, version))
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8"), "".join(rows)), encoding="utf-8")


if __name__ == "__main__":
    main()
