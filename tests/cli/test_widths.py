"""What each command shows at each width, in any encoding: no line is too wide, and nothing that matters is missing."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from rich.cells import cell_len

from qiskit_runtime_service.cli.main import commands
from qiskit_runtime_service.testing import API_KEY, Fault, Status, load_world, save_world
from tests.cli.fixtures import Stage, open_stage

WIDTHS = (50, 60, 80, 120)
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")

SHOWN = {
    "whoami --world cloud.world": ["argument channel=", "my-instance", "other", "place in pricing order: 1"],
    "whoami --name missing": [],
    "doctor --world cloud.world": ["certificate", "instances found: 2", "3 backends, 3 online"],
    "doctor --world broken.world": ["Broken: backends", "answered 403", "proxy", "search", "plan open"],
    "accounts": ["default-ibm-quantum-platform", "default"],
    "accounts --file none.json": ["None is saved. Run: qiskit-runtime login"],
    "instances --world cloud.world": ["my-instance", "other", "open", "premium", "crn:v1:bluemix:", "eu-de", "::"],
    "backends --world cloud.world": ["ibm_fez", "ibm_small", "ibm_slow", "ibm_other", "online", "0.20%"],
    "backends --world cloud.world --where 'num_qubits > 1000'": ["None of them is so. --explain tells why."],
    "backends --world cloud.world --where 'num_qubits > 5' --explain": ["ibm_small", "num_qubits is 5, not above 5"],
    "backend ibm_fez --world cloud.world": ["130 qubits, 129 pairs, Heron r2", "0.20%, the median", "crn:v1:bluemix:"],
    "backend fake_algiers --local --map": ["27 qubits", "10", "26", "best middle worst"],
    "run bell.qasm --world cloud.world --backend ibm_fez --dry-run": ["bell", "5 rz, 3 sx"],
    "run bell.qasm --world cloud.world --backend ibm_fez": ["outcome", "00", "11"],
    "jobs --world cloud.world --status running --status queued": ["ibm_slow"],
    "jobs --world busy": ["CANCELLED", "ibm_busy27", "ibm_calm5"],
    "jobs --world cloud.world --tag nothing": ["There are none."],
    "sessions --world busy": ["in progress", "canceled", "ibm_calm5"],
    "sessions --world cloud.world": ["There are none."],
    "usage --world cloud.world": ["consumed seconds", "crn:v1:bluemix:"],
    "cassette show run.yaml": ["create job", "exchange key"],
    "cassette check run.yaml": ["There is nothing."],
    "cassette diff old.yaml new.yaml": ["There are none."],
}
"""A line, and what a person must find in its answer, however it is broken."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give one stage for all: what is shown here changes little in it."""
    with open_stage(tmp_path_factory.mktemp("stage")) as opened:
        assert opened.run("qiskit-runtime login --no-check --default", "key").exit_code == 0
        world = load_world(opened.folder / "cloud.world")
        gone = Fault(method="GET", path="*/backends", effect=Status(code=403), times=None)
        save_world(replace(world, faults=(gone,)), opened.folder / "broken.world")
        yield opened


class Terminal(TextIOWrapper):
    """A standard output that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def show(stage: Stage, line: str, **variables: str) -> str:
    """Return what a command writes to a terminal without colours."""
    written = BytesIO()
    home = {} if line.startswith("accounts") else {"HOME": str(stage.folder / "nobody")}
    environment = stage.environment | {"NO_COLOR": "1", "TERM": "xterm"} | home | variables
    words = CliRunner()
    with chdir(stage.folder), words.isolation(env=environment), redirect_stdout(Terminal(written, "utf-8")) as terminal:
        commands.main(split(line), standalone_mode=False)
        terminal.flush()
        return ESCAPES.sub("", written.getvalue().decode())


def split(line: str) -> list[str]:
    """Return the words of a line as a shell has them."""
    return [word.strip("'") for word in re.findall(r"'[^']*'|\S+", line)]


def letters(text: str) -> str:
    """Return a text without white space, which lines are broken at."""
    return "".join(text.split())


@pytest.mark.holds("B555", "B557")
@pytest.mark.parametrize("line", SHOWN)
def test_nothing_is_cut_at_any_width(line: str, stage: Stage) -> None:
    for width in WIDTHS:
        shown = show(stage, line, COLUMNS=str(width))
        wide = [part for part in shown.splitlines() if cell_len(part) > width]
        assert wide == [], width
        lacking = [words for words in SHOWN[line] if letters(words) not in letters(shown)]
        assert lacking == [], f"at {width}:\n{shown}"


@pytest.mark.holds("B555")
def test_every_id_of_a_listing_is_whole_at_every_width(stage: Stage) -> None:
    for line, field in (("jobs", "id"), ("sessions", "id"), ("backends", "name"), ("instances", "crn")):
        ids = re.findall(r'":"([^"]+)"', stage.run(f"qiskit-runtime {line} --world busy --json {field}").stdout)
        assert len(ids) > 1
        for width in WIDTHS:
            shown = letters(show(stage, f"{line} --world busy", COLUMNS=str(width)))
            # In a world that begins with the command, what has an id by its time is there under another.
            assert [id_ for id_ in ids if letters(id_) not in shown] == []


@pytest.mark.holds("B555")
def test_what_is_left_out_is_named_and_a_pipe_leaves_nothing_out(stage: Stage) -> None:
    narrow = show(stage, "jobs --world busy", COLUMNS="50")
    assert "Without program, tags, created: a wider terminal shows all." in " ".join(narrow.split())
    assert "Without" not in show(stage, "jobs --world busy", COLUMNS="80")
    piped = stage.run("qiskit-runtime jobs --world busy", COLUMNS="50").stdout
    assert piped.splitlines()[1].split() == ["job", "status", "backend", "program", "created", "tags"]


@pytest.mark.holds("B555")
def test_a_map_without_room_is_a_list_of_neighbours(stage: Stage) -> None:
    line = "backend fake_algiers --local --map"
    assert "  1 ── 0, 2, 4\n" in show(stage, line, COLUMNS="50")
    assert " 0 ── 1 ── 4 ── 7 ── 10── 12── 15── 18── 21── 23\n" in show(stage, line, COLUMNS="53")


@pytest.mark.holds("B556")
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize("line", SHOWN)
def test_no_encoding_ends_in_a_traceback(line: str, encoding: str, stage: Stage) -> None:
    written = BytesIO()
    with (
        chdir(stage.folder),
        CliRunner().isolation(env=stage.environment | {"HOME": str(stage.folder / "nobody")}),
        redirect_stdout(TextIOWrapper(written, encoding)) as pipe,
    ):
        commands.main(split(line), standalone_mode=False)
        assert pipe.errors == "strict"
        pipe.flush()
        # A question mark would stand for a letter that has no plainer one; in URLs it is one.
        assert "?" not in written.getvalue().decode(encoding).replace("/backends?include", "")


@pytest.mark.holds("B556")
def test_a_table_is_written_to_a_pipe_as_its_encoding_can(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "qiskit_runtime_service", "accounts", "--file", str(tmp_path / "a")]
    for encoding, rule in (("cp1252", b"-------  -------"), ("utf-8", "───────  ───────".encode())):
        environment = os.environ | {"PYTHONIOENCODING": encoding}
        done = subprocess.run(command, check=False, capture_output=True, env=environment)
        assert (done.returncode, done.stderr) == (0, b"")
        assert rule in done.stdout


def test_no_key_is_on_any_of_these_surfaces(stage: Stage) -> None:
    for line in SHOWN:
        assert API_KEY not in show(stage, line, COLUMNS="80")
