"""Clients that this project did not write, of any age and language, are led to an emulated cloud as they stand."""

import ast
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from qiskit_runtime_service.testing import ibm_cloud, ibm_quantum

from ..support.foreign import python_of
from .led import PAGE, PROGRAMS, row_of, run

IN_ENVIRONMENTS = [pytest.param(name, marks=pytest.mark.asks(name)) for name in PROGRAMS if name != "curl"]
needs_curl = pytest.mark.skipif(os.name == "nt" or shutil.which("curl") is None, reason="curl is not installed")


@pytest.mark.timeout(600)
@pytest.mark.holds("B472", "B475")
@pytest.mark.parametrize("name", IN_ENVIRONMENTS)
def test_a_proxy_leads_a_client_with_its_default_urls(name: str) -> None:
    assert row_of(PROGRAMS[name], run(PROGRAMS[name], proxy=True)) in PAGE.read_text(encoding="utf-8")


@pytest.mark.timeout(600)
@pytest.mark.holds("B469", "B475")
@pytest.mark.parametrize(
    "name", [given for given in IN_ENVIRONMENTS if PROGRAMS[str(given.values[0])].by_variables.startswith("yes")]
)
def test_variables_lead_a_client(name: str) -> None:
    assert row_of(PROGRAMS[name], run(PROGRAMS[name], proxy=False)) in PAGE.read_text(encoding="utf-8")


@needs_curl
@pytest.mark.holds("B469", "B472")
@pytest.mark.parametrize("proxy", [False, True])
def test_curl_is_led_by_both_ways(proxy: bool) -> None:
    assert run(PROGRAMS["curl"], proxy=proxy)


@pytest.mark.asks("existing")
@pytest.mark.holds("B469", "B472")
@pytest.mark.parametrize("proxy", [False, True])
def test_the_program_of_the_page_runs_with_the_existing_client(proxy: bool, tmp_path: Path) -> None:
    (listing,) = re.findall(r"^```py\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    program = tmp_path / "bell.py"
    program.write_text(listing)
    with ibm_cloud(ibm_quantum(), proxy=proxy) as cloud:
        environment = os.environ | cloud.environment
        environment.pop("PYTHONPATH", None)
        command = [python_of("existing"), "-W", "ignore", str(program)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        cloud.sent.once("POST /jobs")
    assert sum(ast.literal_eval(done.stdout).values()) == 64


def test_the_page_has_a_row_for_each_program() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count(" | yes |\n") == len(PROGRAMS)
