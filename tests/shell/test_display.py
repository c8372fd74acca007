"""Lists as tables in notebooks and as data frames."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from PIL import Image

from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.records.report import Report
from qiskit_runtime_service.shell.display import as_text
from qiskit_runtime_service.testing import build_world, busy, instance, line_device, one_instance

from ..support.chromium import draw_page, needs_chromium
from .clouds import open_service, submit_bell

HOSTILE = "<script>alert('&')</script>"


def test_a_table_of_a_thousand_backends_is_small_and_says_how_many_more() -> None:
    service, _ = open_service(one_instance(devices=[line_device(f"ibm_line{number}", 5) for number in range(1000)]))
    page = service.backends()._repr_html_()
    assert len(page) < 50_000
    assert page.count("<tr") == 101
    assert "… and 900 more" in page


def test_a_report_in_text_has_a_head_if_any_column_has_a_name() -> None:
    rows = (("1", "ibm_a"), ("12", "ibm_b"))
    told = Report(title="Two backends", columns=("", "backend"), rows=rows, notes=("Both are calm.",))
    assert as_text(told).splitlines() == [
        "Two backends", "    backend", "──  ───────", "1   ibm_a", "12  ibm_b", "  Both are calm."
    ]  # fmt: skip
    assert as_text(Report(title="Two", columns=("", ""), rows=rows)).splitlines() == ["Two", "1   ibm_a", "12  ibm_b"]


@pytest.mark.holds("B104")
def test_everything_that_a_notebook_shows_costs_no_request_and_names_what_it_is() -> None:
    service, cloud = open_service(busy())
    shown = (service, service.instances(), service.backends(), service.backends()[0], service.usage())
    since = len(cloud.ledger)
    pages = [thing._repr_html_() for thing in shown]
    assert len(cloud.ledger) == since
    for page, words in zip(pages, ("token", "subscription", "ibm_paused7", "ibm_calm5", "remaining"), strict=True):
        assert page.startswith("<style>")
        assert words in page


def test_what_the_server_calls_an_instance_is_escaped() -> None:
    service, _ = open_service(build_world(instance(HOSTILE, devices=[line_device("ibm_line5", 5)])))
    for thing in (service, service.instances(), service.backends()):
        page = thing._repr_html_()
        assert "<script" not in page
        assert "&lt;script&gt;" in page


@needs_chromium
@pytest.mark.parametrize(("ground", "ink"), [("#ffffff", "#202020"), ("#101010", "#e0e0e0")], ids=["light", "dark"])
def test_a_browser_draws_tables_in_the_colours_of_the_page(tmp_path: Path, ground: str, ink: str) -> None:
    service, _ = open_service(busy())
    shown = (service, service.instances(), service.backends(), service.usage(), service.jobs())
    tables = "".join(thing._repr_html_() for thing in shown)
    page = tmp_path / "page.html"
    page.write_text(f"<body style='margin:0;background:{ground};color:{ink}'>{tables}")
    _, picture = draw_page(page.as_uri(), tmp_path, 900, 900)
    with Image.open(picture) as drawn:
        colours = drawn.convert("RGB").getcolors(900 * 900)
    counts = {colour: count for count, colour in colours or ()}
    paper, text = (tuple(bytes.fromhex(colour[1:])) for colour in (ground, ink))
    assert drawn.size == (900, 900)
    assert counts[paper] > 700_000
    assert counts[text] > 3_000


def test_backends_become_rows_and_frames() -> None:
    service, _ = open_service(busy())
    backends = service.backends()
    rows = backends.to_dicts()
    assert [row["name"] for row in rows] == [backend.name for backend in backends]
    assert {"instance", "state", "queue_length", "num_qubits", "two_qubit_error"} <= rows[0].keys()
    for frame in (backends.to_pandas(), backends.to_polars()):
        assert isinstance(frame, pd.DataFrame | pl.DataFrame)
        assert list(frame["queue_length"]) == [backend.row.queue_length for backend in backends]
    assert service.backends(min_num_qubits=1000).to_pandas().empty
    assert list(service.instances().to_polars()["name"]) == [instance["name"] for instance in service.instances()]


def test_jobs_become_a_table_and_rows_and_cost_no_more() -> None:
    service, cloud = open_service()
    jobs = [submit_bell(service), submit_bell(service)]
    jobs[0].result()
    since = len(cloud.ledger)
    listed = service.jobs()
    page = listed._repr_html_()
    assert len(cloud.ledger) == since + 1
    for job in jobs:
        assert job.job_id() in page
        assert job.job_id() in job._repr_html_()
    frame = listed.to_pandas()
    assert list(frame["job_id"]) == [job.job_id() for job in reversed(jobs)]
    assert set(frame["status"]) <= {"DONE", "RUNNING", "QUEUED"}
    assert frame["created"].is_monotonic_decreasing
    assert list(listed.to_polars()["program"]) == ["sampler", "sampler"]


def test_a_calibration_becomes_a_row_for_each_value() -> None:
    properties = FakeManilaV2().properties()
    assert properties is not None
    frame = properties.to_pandas()
    t1 = frame[(frame["kind"] == "qubit") & (frame["name"] == "T1")]
    assert list(t1["value"]) == [properties.t1(qubit) for qubit in range(5)]
    cx = frame[(frame["gate"] == "cx") & (frame["name"] == "gate_error")]
    assert {tuple(qubits) for qubits in cx["qubits"]} == set(properties.gate_property("cx"))
    assert frame["date"].max() <= properties.last_update_date
    assert len(properties.to_polars()) == len(frame)


def test_a_missing_library_says_how_to_get_it() -> None:
    code = """
import sys
sys.modules["polars"] = None
from qiskit_runtime_service.shell.display import InstanceList
InstanceList().to_polars()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.endswith("This data frame needs polars.\nInstall it: pip install polars\n")
