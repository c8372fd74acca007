"""What a person reads of the answers of commands, word for word: every row, every note, one of a thing and many."""

import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from rich.console import Console

from qiskit_runtime_service.cli import accounts, backend, job, jobs, json_answers, run
from qiskit_runtime_service.cli.laid_out import estimate_form
from qiskit_runtime_service.cli.main import commands
from qiskit_runtime_service.cli.output import Output
from qiskit_runtime_service.cli.tables import open_console, show_report
from qiskit_runtime_service.client.account_store import load_accounts
from qiskit_runtime_service.core.estimates import estimate_usage
from qiskit_runtime_service.records.estimate import DeviceTimes
from qiskit_runtime_service.records.report import Report
from qiskit_runtime_service.shell.estimate import Estimate
from qiskit_runtime_service.shell.progress import Progress
from qiskit_runtime_service.testing import EmulatedTransport, RecordingTransport, one_instance
from tests.support.calls import ask, token_request

# Answers as tables

BACKEND = json_answers.Backend(
    name="ibm_a",
    instance="crn:a",
    version="1.2.3",
    state="online",
    queue_length=3,
    num_qubits=4,
    processor="Heron r2",
    simulator=False,
    max_shots=1000,
    basis_gates=("rz", "cz"),
    # Both directions of a pair are one pair.
    coupling_map=((0, 1), (1, 0), (1, 2), (2, 3)),
    two_qubit_error=0.00204,
    readout_error=0.01,
    calibrated="2026-09-01T06:00:00+00:00",
    faulty_qubits=(1, 3),
    ignored=("One part was not understood.", "Another was not either."),
)


def test_a_backend_is_told_in_nine_rows_and_its_notes() -> None:
    assert backend.as_report(BACKEND) == Report(
        title="ibm_a",
        columns=("", ""),
        rows=(
            ("instance", "crn:a"),
            ("state", "online, 3 jobs in the queue"),
            ("chip", "4 qubits, 3 pairs, Heron r2"),
            ("gates", "rz, cz"),
            ("shots", "up to 1000"),
            ("two-qubit error", "0.20%, the median"),
            ("readout error", "1.00%, the median"),
            ("calibrated", "2026-09-01T06:00:00+00:00"),
            ("faulty qubits", "1, 3"),
        ),
        notes=("One part was not understood.", "Another was not either."),
    )


def test_of_a_backend_that_says_little_that_is_told() -> None:
    bare = replace(
        BACKEND,
        state="",
        queue_length=0,
        processor="",
        max_shots=None,
        basis_gates=(),
        coupling_map=(),
        two_qubit_error=None,
        readout_error=None,
        calibrated=None,
        faulty_qubits=(),
        ignored=(),
    )
    report = backend.as_report(bare)
    assert report.notes == ()
    assert [value for _, value in report.rows] == [
        "crn:a",
        ", 0 jobs in the queue",
        "4 qubits, 0 pairs",
        "nothing",
        "up to unknown",
        "unknown",
        "unknown",
        "unknown",
        "none",
    ]
    # No error at all is known, and is not the same as an unknown one.
    flawless = backend.as_report(replace(bare, two_qubit_error=0.0, readout_error=0.0, faulty_qubits=(0,)))
    assert [flawless.rows[row][1] for row in (5, 6, 8)] == ["0.00%, the median", "0.00%, the median", "0"]


SAVED = json_answers.Saved(
    name="work",
    channel="ibm_cloud",
    url="https://cloud.ibm.com",
    instance="main",
    region=None,
    plans_preference=(),
    tags=(),
    default=True,
    problem=None,
)


def test_accounts_are_told_with_the_default_and_what_is_wrong() -> None:
    other = replace(SAVED, name="home", channel="ibm_quantum_platform", instance=None, default=False)
    broken = replace(SAVED, name="odd", channel="", instance="", default=False, problem="its key is 5")
    answer = json_answers.SavedList(file="a.json", accounts=(SAVED, other, broken))
    assert accounts.describe(answer) == Report(
        title="Accounts in a.json",
        columns=("account", "channel", "instance", "marked", "problem"),
        rows=(
            ("work", "ibm_cloud", "main", "default", ""),
            ("home", "ibm_quantum_platform", "chosen among all", "", ""),
            ("odd", "", "chosen among all", "", "its key is 5"),
        ),
        rejected=1,
    )
    empty = accounts.describe(json_answers.SavedList(file="a.json", accounts=()))
    assert (empty.rows, empty.notes) == ((), ("None is saved. Run: qiskit-runtime login",))


@pytest.mark.holds("B307")
def test_an_account_that_cannot_be_used_is_a_row_that_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    good = {"token": "key", "channel": "ibm_cloud", "is_default_account": True}
    old = {"token": "key", "channel": "ibm_quantum"}
    path.write_text(json.dumps({"old": old, "good": good, "odd": {"token": 5}, "strange": 3}))
    answer = accounts.list_accounts(load_accounts(str(path)).unwrap())
    assert [(row.name, row.default) for row in answer.accounts] == [
        ("good", True), ("old", False), ("odd", False), ("strange", False),
    ]  # fmt: skip
    report = accounts.describe(answer)
    assert (len(report.rows), report.rejected) == (4, 3)
    assert report.rows[0] == ("good", "ibm_cloud", "chosen among all", "default", "")
    assert report.rows[1][-1].startswith("its channel 'ibm_quantum' is retired; save it as")


JOB = json_answers.Job(
    id="j1",
    status="DONE",
    backend="ibm_a",
    instance="crn:a",
    program="sampler",
    created="2026-09-01T06:07:08+00:00",
    tags=("mine", "night"),
    session="s1",
)
BARE = replace(JOB, id="j2", backend=None, created=None, tags=(), session=None)


def test_jobs_are_told_in_a_row_each() -> None:
    columns = ("job", "status", "backend", "program", "created", "tags")
    rows = (
        ("j1", "DONE", "ibm_a", "sampler", "2026-09-01 06:07", "mine, night"),
        ("j2", "DONE", "", "sampler", "", ""),
    )
    assert jobs.as_report((JOB, BARE)) == Report(title="Jobs", columns=columns, rows=rows)
    assert jobs.as_report(()) == Report(title="Jobs", columns=columns, rows=())


def test_a_job_is_told_with_what_it_has() -> None:
    full = json_answers.JobReport(job=JOB, error="It broke.", result=None, log=None)
    assert job.as_report(full) == Report(
        title="Job j1",
        columns=("", ""),
        rows=(
            ("status", "DONE"),
            ("backend", "ibm_a"),
            ("program", "sampler"),
            ("created", "2026-09-01T06:07:08+00:00"),
            ("instance", "crn:a"),
            ("tags", "mine, night"),
            ("session", "s1"),
            ("error", "It broke."),
        ),
    )
    bare = job.as_report(json_answers.JobReport(job=BARE, error=None, result=None, log=None))
    assert bare.rows == (
        ("status", "DONE"),
        ("backend", "unknown"),
        ("program", "sampler"),
        ("created", "unknown"),
        ("instance", "crn:a"),
    )


def test_what_would_run_is_told_by_circuit() -> None:
    bell = json_answers.Laid(circuit="bell", qubits=(1, 2), depth=7, gates={"rz": 5, "cz": 1}, expected_error=0.0216)
    empty = json_answers.Laid(circuit="empty", qubits=(), depth=0, gates={}, expected_error=0.0)
    answer = json_answers.Run(
        backend="ibm_a",
        instance="crn:a",
        shots=100,
        circuits=(bell, empty),
        estimate=estimate_form(Estimate(estimate_usage((), DeviceTimes(backend="ibm_a", rep_delay=0.0, reset=0.0)))),
        job=None,
        counts=None,
    )
    assert run.as_report(answer) == Report(
        title="On ibm_a, 100 shots each",
        columns=("circuit", "qubits", "depth", "gates", "expected error"),
        rows=(("bell", "1, 2", "7", "5 rz, 1 cz", "2.2%"), ("empty", "nothing", "0", "nothing", "0.0%")),
    )


def test_counts_are_a_table_for_each_register_of_each_circuit() -> None:
    counts = (
        json_answers.Counts(circuit="one", counts={"a": {"0": 3, "1": 1}, "b": {"1": 4}}),
        json_answers.Counts(circuit="two", counts={"a": {"0": 4}}),
    )
    assert [report.title for report in run.tables_of(counts)] == ["one, a", "one, b", "two, a"]
    assert next(run.tables_of(counts)) == Report(
        title="one, a",
        columns=("outcome", "shots", "share", ""),
        rows=(("0", "3", "75.0%", "█" * 30), ("1", "1", "25.0%", "█" * 10)),
    )


# Tables on a terminal


@pytest.mark.parametrize(
    ("report", "heading", "lines"),
    [
        (
            Report(title="Jobs", columns=("job", "why"), rows=(("j1", "[b]no markup[/b]"),), notes=("One.", "Two.")),
            None,
            ["Jobs ─────", "job  why", "─" * 21, "j1   [b]no markup[/b]", "", "One.", "Two.", ""],
        ),
        (
            Report(title="Jobs", columns=("job", "why"), rows=()),
            None,
            ["Jobs ─────", "job  why", "─" * 8, "", "There are none.", ""],
        ),
        (
            Report(title="Jobs", columns=("", ""), rows=(("a", "1"), ("b", "2"))),
            "Other",
            ["Other ────", "a  1", "b  2", ""],
        ),
        (
            Report(title="Jobs", columns=("", ""), rows=(("a", "1"),), notes=("One.",)),
            "",
            ["Jobs ─────", "a  1", "", "One.", ""],
        ),
    ],
    ids=["head and notes", "head", "no head", "notes alone"],
)
def test_a_report_on_a_terminal_is_a_table_and_its_notes_with_space_between(
    report: Report, heading: str | None, lines: list[str]
) -> None:
    written = StringIO()
    show_report(Console(file=written, width=24, highlight=False), report, heading)
    title, *rest = written.getvalue().splitlines()
    assert [title[:10], *(line.strip() for line in rest)] == lines
    assert len(title) == 24


@pytest.mark.usefixtures("colours")
def test_of_a_table_the_best_row_is_green_and_the_rejected_ones_are_dim() -> None:
    rows = tuple((name,) for name in "abcd")
    best = Report(title="", columns=("",), rows=rows, chosen=0, rejected=2)

    def show(report: Report) -> list[str]:
        return shown(True, lambda: show_report(open_console(), report)).splitlines()[1:5]

    assert show(best) == ["\x1b[1;32ma\x1b[0m", "b", "\x1b[2mc\x1b[0m", "\x1b[2md\x1b[0m"]
    assert show(replace(best, chosen=None, rejected=0)) == ["a", "b", "c", "d"]


class Stream(TextIOWrapper):
    """A standard output that may say that it is a terminal."""

    def __init__(self, is_terminal: bool) -> None:
        self.written = BytesIO()
        self.is_terminal = is_terminal
        super().__init__(self.written, encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        return self.is_terminal


def shown(is_terminal: bool, act: Callable[[], object]) -> str:
    """Return what something writes to standard output."""
    stream = Stream(is_terminal)
    with redirect_stdout(stream):
        act()
    return stream.written.getvalue().decode()


@pytest.fixture
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a terminal have sixteen colours, whatever this one is."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-16color")
    monkeypatch.setenv("COLUMNS", "60")


MAP = ["0 ── 1 ── 22", "│", "3"]
GREEN, YELLOW, RED, PLAIN = "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[0m"


@pytest.mark.usefixtures("colours")
def test_a_map_is_coloured_on_a_terminal_and_plain_elsewhere() -> None:
    out = Output(as_json=False)
    grades = {0: 0, 1: 1, 22: 2}  # of qubit 3 nothing is known
    legend = f"readout, by thirds: {GREEN}best{PLAIN}{YELLOW} middle{PLAIN}{RED} worst{PLAIN}\n"
    first = f"{GREEN}0{PLAIN} ── {YELLOW}1{PLAIN} ── {RED}22{PLAIN}\n"
    assert shown(True, lambda: backend.show_lines(MAP, grades, out)) == f"{first}│\n3\n\n{legend}"
    assert shown(True, lambda: backend.show_lines(MAP, {}, out)) == "0 ── 1 ── 22\n│\n3\n"
    assert shown(False, lambda: backend.show_lines(MAP, grades, out)) == "\n0 ── 1 ── 22\n│\n3\n"


@pytest.mark.usefixtures("colours")
@pytest.mark.parametrize(
    ("as_json", "is_terminal", "number", "text"),
    [
        (True, False, 2, '{"troubles":["before","since"],"file":"a","name":"b","deleted":true}\n'),
        (True, True, 2, '{"troubles":["before","since"],"file":"a","name":"b","deleted":true}\n'),
        (False, False, 2, "One\na\n\nTwo\na\n"),
        (False, False, 1, "One\na\n"),
        (False, False, 0, ""),
        (False, True, 1, f"One \x1b[92m{'─' * 56}{PLAIN}\n\x1b[1;32ma{PLAIN}\n\n"),
        (False, True, 0, ""),
    ],
)
def test_an_answer_is_json_or_a_table_or_plain_text(as_json: bool, is_terminal: bool, number: int, text: str) -> None:
    answer = json_answers.Logout(file="a", name="b", deleted=True, troubles=("before",))
    reports = [Report(title=title, columns=("",), rows=(("a",),), chosen=0) for title in ("One", "Two")]
    assert shown(is_terminal, lambda: Output(as_json, ["since"]).answer(answer, *reports[:number])) == text


# Lines while one waits


class Line(Progress):
    """Remembers what it was to show."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def show(self, text: str, /) -> None:
        self.shown.append(text)


@pytest.mark.parametrize(
    ("number", "lines"),
    [
        (0, []),
        (1, []),
        (99, []),
        (100, ["Listing jobs … 100"]),
        (250, ["Listing jobs … 100", "Listing jobs … 200"]),
    ],
)
def test_all_jobs_are_counted_by_the_hundred(number: int, lines: list[str]) -> None:
    asked: list[dict[str, Any]] = []

    def iter_jobs(**filters: Any) -> Iterator[int]:
        asked.append(filters)
        yield from range(number)

    line = Line()
    service: Any = SimpleNamespace(iter_jobs=iter_jobs)
    found: list[Any] = list(jobs.count_all(service, {"program_id": "sampler"}, line))
    assert found == list(range(number))
    assert asked == [{"program_id": "sampler"}]
    assert line.shown == lines


# Cassettes


def told(*words: object, code: int = 0) -> list[str]:
    """Return what a command on cassettes writes for a person, without the line under the head."""
    done = CliRunner().invoke(commands, ["cassette", *map(str, words)])
    assert done.exit_code == code, done.output
    return [" ".join(line.split()) for line in done.stdout.splitlines() if not line.startswith("─")]


def record(path: Path) -> Path:
    cloud = EmulatedTransport(one_instance())
    recorder = RecordingTransport(cloud, path)
    recorder.send(token_request())
    cloud.sleep(2.5)
    recorder.send(ask(cloud.world, "GET", "/backends"))
    recorder.close()
    return path


def test_a_cassette_without_a_leak_and_one_with_two(tmp_path: Path) -> None:
    path = record(tmp_path / "run.json")
    head = [f"What must not be in {path}", "exchange place what it is"]
    assert told("check", path) == [*head, "There is nothing."]
    cassette = json.loads(path.read_text())
    cassette["interactions"][1]["request"]["headers"]["Authorization"] = ["Bearer abcdefgh"]
    path.write_text(json.dumps(cassette))
    assert told("check", path, code=1) == [
        *head,
        "2 header Authorization of the request a bearer token",
        "2 header Authorization of the request a header that is never written",
        "Record again, or take it out by hand.",
    ]


def test_two_cassettes_that_are_alike_and_two_that_are_not(tmp_path: Path) -> None:
    old, new = record(tmp_path / "old.json"), tmp_path / "new.json"
    new.write_text(old.read_text().replace('\\"queue_length\\":0', '\\"queue_length\\":\\"0\\"'))
    head = "endpoint change old version new version"
    assert told("diff", old, old) == [
        f"Answers in {old} that are built otherwise than in {old}",
        head,
        "There are none.",
    ]
    assert told("diff", old, new, code=1) == [
        f"Answers in {new} that are built otherwise than in {old}",
        head,
        "list backends devices[].queue_length was integer, is number as text 2026-04-15 2026-04-15",
    ]


@pytest.mark.parametrize(
    ("missing", "seconds"), [((), (0.0, 2.5)), ((0,), (None, 0.0)), ((1,), (0.0, None)), ((0, 1), (None, None))]
)
def test_an_exchange_whose_time_is_not_on_the_cassette_has_none(
    missing: tuple[int, ...], seconds: tuple[float | None, ...], tmp_path: Path
) -> None:
    path = record(tmp_path / "run.json")
    cassette = json.loads(path.read_text())
    for place in missing:
        del cassette["interactions"][place]["response"]["recorded_at"]
    path.write_text(json.dumps(cassette))
    done = CliRunner().invoke(commands, ["cassette", "show", str(path), "--json"])
    assert [line["seconds"] for line in json.loads(done.stdout)["exchanges"]] == list(seconds)
    rows = [row.split() for row in told("show", path)[-2:]]
    assert [row[1] for row in rows] == [
        word if second is None else f"{second:g}" for word, second in zip(("exchange", "list"), seconds, strict=True)
    ]


# Answers as data


def structs_in(hint: Any) -> Iterator[type[msgspec.Struct]]:
    """Yield the records that a value of this type is made of."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint
        for inner in get_type_hints(hint).values():
            yield from structs_in(inner)
    for inner in get_args(hint):
        yield from structs_in(inner)


ALL = {kind for answer in json_answers.ANSWERS.values() for kind in structs_in(answer)}
OWN = sorted((kind for kind in ALL if kind.__module__ == json_answers.__name__), key=lambda kind: kind.__name__)


def test_every_record_of_the_answers_was_seen() -> None:
    assert {"Origin", "Ranked", "Saved", "Period", "Counts", "Laid", "CassetteLine", "Emulated"} <= {
        kind.__name__ for kind in OWN
    }
    assert len(OWN) == 32


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_an_answer_never_changes_and_is_made_by_the_names_of_its_fields(kind: type[msgspec.Struct]) -> None:
    values = dict.fromkeys(kind.__struct_fields__)
    answer = kind(**values)
    for name in values:
        with pytest.raises(AttributeError):
            setattr(answer, name, 1)
    with pytest.raises(TypeError):
        kind(*values.values())
