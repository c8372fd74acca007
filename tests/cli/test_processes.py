"""The command line as a process: in a terminal, in a pipe, and interrupted."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qiskit_runtime_service.testing import API_KEY
from tests.cli.fixtures import Stage

PROGRAM = [sys.executable, "-W", "error", "-m", "qiskit_runtime_service"]
COLOUR = re.compile(r"\x1b\[(3|4|9|10)\d")


def environment_of(stage: Stage) -> dict[str, str]:
    """Return the environment of a child on the stage."""
    named = {name: value for name, value in stage.environment.items() if value is not None}
    plain = {name: value for name, value in os.environ.items() if name not in stage.environment}
    return plain | named | {"QISKIT_IBM_TOKEN": API_KEY, "TERM": "xterm-256color", "COLUMNS": "80"}


def show(stage: Stage, *arguments: str, code: int = 0, typed: str = "", **environment: str) -> str:
    """Run a command in a terminal where somebody has typed something, and return what is on it."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=stage.folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment_of(stage) | environment,
    ) as child:
        os.close(theirs)
        os.write(ours, typed.encode())
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:  # Linux says so when the other side is closed.
            pass
        os.close(ours)
    assert child.returncode == code, shown
    return shown.decode()


@pytest.mark.takes_long
def test_a_terminal_has_colours_and_no_line_is_wider(stage: Stage) -> None:
    shown = show(stage, "backends", "--world", "busy", "--explain")
    assert COLOUR.search(shown)
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).splitlines()
    assert max(map(len, lines)) <= 80


@pytest.mark.holds("B546")
def test_a_person_at_a_terminal_is_asked_before_anything_is_submitted(stage: Stage) -> None:
    words = ("run", "bell.qasm", "--backend", "ibm_small", "--no-wait", "--shots", "10")
    shown = show(stage, *words, typed="n\n", code=2, NO_COLOR="1")
    assert "Submit it? [y/N]" in shown
    assert "Nothing was submitted." in shown
    assert "is submitted to" not in shown
    assert "ibm_small: At least" in shown
    assert "Job " in show(stage, *words, typed="y\n").partition("Submit it?")[2]
    for settled in (("--yes",), ("--max-usage", "10"), ("--world", "cloud.world")):
        assert "Submit it?" not in show(stage, *words, *settled)


@pytest.mark.holds("B546")
def test_a_title_that_is_longer_than_a_line_is_not_cut_off(stage: Stage) -> None:
    shown = show(stage, "estimate", "bell.qasm", "--local", "--backend", "fake_fez", NO_COLOR="1")
    plain = " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).split())
    assert "by IBM's formula, if it runs as one sub-job. 4096 executions × 253.3 µs + 2 s." in plain


@pytest.mark.takes_long
def test_a_terminal_has_no_colours_where_they_are_not_wanted(stage: Stage) -> None:
    shown = show(stage, "backend", "fake_algiers", "--local", "--map", NO_COLOR="1")
    assert "0 ── 1 ── 4" in shown
    assert not COLOUR.search(shown)


@pytest.mark.takes_long
def test_a_map_is_coloured_by_how_well_qubits_are_read(stage: Stage) -> None:
    shown = show(stage, "backend", "fake_algiers", "--local", "--map")
    assert {colour in shown for colour in ("\x1b[32m", "\x1b[33m", "\x1b[31m")} == {True}
    assert "readout, by thirds: " in shown


def test_nobody_is_left_typing_json(stage: Stage) -> None:
    assert "Give a file, or pipe one in." in show(stage, "select", code=1)


@pytest.mark.takes_long
@pytest.mark.holds("B240")
def test_an_interrupted_wait_leaves_the_job_running(stage: Stage) -> None:
    with subprocess.Popen(
        [*PROGRAM, "job", stage.waiting, "--wait"],
        cwd=stage.folder,
        env=environment_of(stage),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stderr is not None
        assert child.stderr.readline().split()[-1] == "QUEUED"
        child.send_signal(signal.SIGINT)
        errors = child.stderr.read()
    assert child.returncode == 2
    assert f"Wait for it with: qiskit-runtime job {stage.waiting} --wait" in errors
    assert "Traceback" not in errors
    (job,) = json.loads(stage.run("qiskit-runtime jobs --pending --json", QISKIT_IBM_TOKEN=API_KEY).stdout)["jobs"]
    assert job["id"] == stage.waiting


def test_whoever_reads_may_stop_reading(stage: Stage) -> None:
    with subprocess.Popen(
        [*PROGRAM, "select", "fleet.json"],
        cwd=stage.folder,
        env=environment_of(stage),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        errors = child.stderr.read()
    assert (child.returncode, errors) == (0, b"")


def test_the_program_is_installed(stage: Stage) -> None:
    program = Path(sys.executable).with_name("qiskit-runtime")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", done.stdout)


@pytest.mark.takes_long
@pytest.mark.holds("B240", "B271")
def test_a_warning_is_one_line_of_talk(stage: Stage) -> None:
    circuit = stage.folder / "wide.qasm"
    joined = "".join(f"cx q[{qubit}], q[{qubit + 1}];\n" for qubit in range(29))
    circuit.write_text(f'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[30] q;\nbit[30] c;\n{joined}c = measure q;\n')
    command = [sys.executable, "-m", "qiskit_runtime_service", "run", str(circuit), "--local", "--shots", "5", "--json"]
    done = subprocess.run(command, env=environment_of(stage), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["counts"]
    (warned,) = [line for line in done.stderr.splitlines() if "less noise" in line]
    assert warned.startswith("The simulation has less noise than its device. PUB 0 ran without relaxation by T1 and T2")
