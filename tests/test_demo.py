"""The demonstration shows what it promises."""

import os
import subprocess
import sys
from io import StringIO

import pytest
from rich.console import Console

from qiskit_runtime_service.cli.demo import show_counts


def run_demo(**environment: str) -> str:
    command = [sys.executable, "-W", "error", "-m", "qiskit_runtime_service.cli.demo"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | environment)
    return done.stdout


def test_the_demo_shows_every_step_and_no_secret() -> None:
    output = run_demo(COLUMNS="120", QISKIT_IBM_TOKEN="a-key-of-this-machine")
    for expected in (
        "token **** file",
        "tags demo argument",
        "1 open-main",
        "place in pricing order: 1",
        "has no time allocated",
        "1 fake_fez",
        "is paused, not online",
        "fewer than 100",
        "laid out on qubits",
        "QUEUED",
        "RUNNING",
        "DONE",
        "11111",
        "as a GHZ state has them",
    ):
        assert expected in " ".join(output.split()), expected
    assert "emulated-api-key" not in output
    assert "a-key-of-this-machine" not in output
    assert "\x1b" not in output


def test_counts_are_bars_and_numbers_that_end_where_others_end() -> None:
    output = StringIO()
    show_counts(Console(file=output, width=80), {"00": 1000, "01": 9, "11": 91}, "fake_fez")
    rows = [line for line in output.getvalue().splitlines() if "█" in line]
    assert [row.split()[:1] + row.split()[-2:] for row in rows] == [
        ["00", "1000", "90.9%"],
        ["11", "91", "8.3%"],
        ["01", "9", "0.8%"],
    ]
    assert [row.count("█") for row in rows] == [40, 4, 1]
    assert len({(row.rindex("%"), len(row[: row.rindex(" ")].rstrip())) for row in rows}) == 1


@pytest.mark.takes_long
def test_the_demo_gives_the_same_counts_each_time() -> None:
    tables = [run_demo(COLUMNS="80").partition("6. The counts")[2].partition("requests")[0][:-6] for _ in range(2)]
    assert tables[0] == tables[1]
