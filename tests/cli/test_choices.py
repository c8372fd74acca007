"""What commands may be told: the way to the service, which jobs and sessions, which fields; what shells complete."""

import json
import os
import subprocess
import sys
from contextlib import chdir
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner

from qiskit_runtime_service import Batch, QiskitRuntimeService
from qiskit_runtime_service.cli.jobs import agree
from qiskit_runtime_service.cli.main import commands
from qiskit_runtime_service.cli.options import Moment, join_fields
from qiskit_runtime_service.client.account_store import load_accounts
from qiskit_runtime_service.records.job import JobState
from qiskit_runtime_service.testing import API_KEY, emulated_cloud, load_world, save_world
from tests.cli.fixtures import Stage, submit_bell

KEY = {"QISKIT_IBM_TOKEN": API_KEY}
HEAVY = ("qiskit", "numpy", "rich")

# How the service is reached


@pytest.mark.holds("B559")
def test_login_saves_how_the_service_is_reached(stage: Stage) -> None:
    (stage.folder / "ca.pem").write_text("")
    line = "qiskit-runtime login --no-check --file a.json --name lab --region eu-de --plan premium --plan open"
    way = (
        "--url https://test.cloud.ibm.com --private-endpoint --verify ca.pem --proxy https://me@proxy.example.com:3128"
    )
    done = stage.run(f"{line} {way}", "the-key\nsecret/@\n")
    assert done.exit_code == 0, done.output
    assert "secret" not in done.output
    assert "the key, url, proxies, verify, private_endpoint, region, plans_preference." in done.stderr
    (saved,) = load_accounts(str(stage.folder / "a.json")).unwrap().entries
    fields = saved.fields
    assert (fields.url, fields.private_endpoint) == ("https://test.cloud.ibm.com", True)
    assert (fields.region, fields.plans_preference) == ("eu-de", ("premium", "open"))
    assert fields.verify == str(stage.folder / "ca.pem")
    assert fields.proxies is not None
    urls = {scheme: str(url.reveal()) for scheme, url in fields.proxies.urls}
    assert urls == dict.fromkeys(("http", "https"), "https://me:secret%2F%40@proxy.example.com:3128")


@pytest.mark.holds("B559")
def test_login_checks_the_key_over_the_way_that_it_saves(stage: Stage) -> None:
    done = stage.run("qiskit-runtime login --proxy http://127.0.0.1:1", f"{API_KEY}\n", GLOBAL_SEARCH_URL="https://a.b")
    assert done.exit_code == 1
    assert "127.0.0.1:1" in done.stderr
    assert not (stage.folder / ".qiskit").exists()


@pytest.mark.holds("B559")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--proxy http://me:secret@proxy:3128", "Leave the password out of --proxy; it is asked for."),
        ("--proxy me:secret@proxy:3128", "--proxy is no URL.\nGive one such as http://proxy.example.com:3128."),
        ("--proxy http://[", "--proxy is no URL."),
        ("--verify none.pem", "There is no file none.pem."),
        ("--verify bell.qasm --no-verify", "Leave out one."),
    ],
)
def test_a_way_that_is_none_is_refused_before_the_key_is_asked_for(options: str, message: str, stage: Stage) -> None:
    done = stage.run(f"qiskit-runtime login {options}")
    assert done.exit_code == 1
    assert message in done.stderr
    assert "secret" not in done.output


# Worlds


@pytest.mark.holds("B558")
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("jobs --world bussy", "There is no world 'bussy'.\nDid you mean 'busy'? A file is named ./bussy."),
        ("run bell.qasm --world snapshot", "There is no world 'snapshot'.\nDid you mean 'snapshots'?"),
        ("jobs --world cluod.world", "There is no file cluod.world.\nDid you mean 'cloud.world'?"),
        ("jobs --world ./busy", "There is no file ./busy.\n`run` makes one."),
        ("backends --world nothing/like.it", "There is no file nothing/like.it.\n`run` makes one."),
        ("run bell.qasm --world other.world --dry-run", "There is no file other.world."),
        ("emulate --world bussy", "There is no world 'bussy'.\nDid you mean 'busy'?"),
    ],
)
def test_a_world_that_is_not_there_is_an_error_and_makes_no_file(line: str, message: str, stage: Stage) -> None:
    before = set(stage.folder.iterdir())
    done = stage.run(f"qiskit-runtime {line}")
    assert done.exit_code == 1
    assert message in done.stderr
    assert set(stage.folder.iterdir()) == before


# Backends


def test_backends_are_listed_the_best_first(stage: Stage) -> None:
    listed = stage.answer("qiskit-runtime backends --world busy").backends
    assert [(row.name, row.state, row.queue_length) for row in listed] == [
        ("ibm_calm5", "online", 0),
        ("ibm_busy27", "online", 214),
        ("ibm_gone3", "offline", 0),
        ("ibm_paused7", "paused", 31),
    ]
    asked = stage.answer("qiskit-runtime backends --world busy --order num_qubits").backends
    assert [row.num_qubits for row in asked] == [27, 7, 5, 3]


# Jobs


@pytest.mark.holds("B561")
def test_jobs_are_listed_by_what_has_become_of_them(stage: Stage) -> None:
    line = "qiskit-runtime jobs --world busy --limit 0 --json status"

    def found(*options: str) -> dict[str, int]:
        rows = [row["status"] for row in json.loads(stage.run(f"{line} {' '.join(options)}").stdout)]
        return {status: rows.count(status) for status in rows}

    everything = found()
    assert set(everything) == {"QUEUED", "RUNNING", "DONE", "CANCELLED", "ERROR"}
    for status, count in everything.items():
        assert found("--status", status.lower()) == {status: count}
    assert found("--status", "ERROR", "--status", "done").keys() == {"DONE", "ERROR"}
    assert found("--status", "queued", "--final") == {}
    limited = stage.run("qiskit-runtime jobs --world busy --status error --limit 1 --json id")
    assert len(json.loads(limited.stdout)) == 1


@pytest.mark.holds("B561")
def test_jobs_are_listed_by_when_they_were_made(stage: Stage) -> None:
    line = "qiskit-runtime jobs --world cloud.world --json id"
    assert len(json.loads(stage.run(f"{line} --since 1h").stdout)) == 2
    assert json.loads(stage.run(f"{line} --until 1h").stdout) == []
    assert json.loads(stage.run(f"{line} --since 2100-01-01").stdout) == []
    assert "'soon' is not a date such as" in stage.run(f"{line} --since soon").stderr


def test_a_moment_is_a_date_or_how_long_ago_it_was() -> None:
    moment = Moment()
    assert moment.convert("2026-09-01T12:00:00Z", None, None) == datetime(2026, 9, 1, 12, tzinfo=UTC)
    assert moment.convert("2026-09-01", None, None) == datetime(2026, 9, 1)  # noqa: DTZ001  # in local time
    for text, seconds in (("90s", 90), ("5m", 300), ("2h", 7200), ("7d", 604_800), ("1 w", 604_800)):
        before = datetime.now(UTC) - moment.convert(text, None, None)
        assert abs(before.total_seconds() - seconds) < 60
    for text in ("", "2", "h", "-2h", "2y", f"{10**9}w", "2026-13-01"):
        with pytest.raises(click.BadParameter):
            moment.convert(text, None, None)


@pytest.mark.holds("B240", "B561")
def test_jobs_that_wait_or_run_are_cancelled_together(stage: Stage) -> None:
    line = "qiskit-runtime jobs --world cloud.world --backend ibm_slow --cancel"
    refused = stage.run(line)
    assert (refused.exit_code, "Give --yes." in refused.stderr) == (1, True)
    done = stage.run(f"{line} --yes --json")
    assert done.exit_code == 0, done.output
    (job,) = json.loads(done.stdout)["jobs"]
    assert (job["id"], job["status"]) == (stage.waiting, "CANCELLED")
    assert "1 job cancelled." in done.stderr
    again = stage.run(f"{line} --yes")
    assert (again.exit_code, "There are none." in again.stdout) == (0, True)


@pytest.mark.holds("B561")
@pytest.mark.parametrize("options", ["--final", "--status done", "--status queued --status error"])
def test_jobs_at_their_end_are_not_cancelled(options: str, stage: Stage) -> None:
    done = stage.run(f"qiskit-runtime jobs --world busy --cancel --yes {options}")
    assert done.exit_code == 1
    assert "Only jobs that wait or run can be cancelled." in done.stderr


@pytest.mark.holds("B561")
@pytest.mark.parametrize(("word", "agreed"), [("y", True), ("n", False), ("", False)])
def test_whoever_is_asked_sees_which_jobs_it_is_about(word: str, agreed: bool) -> None:
    record = SimpleNamespace(state=JobState(status="Queued"), backend="ibm_a")
    job: Any = SimpleNamespace(job_id=lambda: "j1", record=record)
    with CliRunner().isolation(input=f"{word}\n") as (out, errors, _):
        assert agree([job, job]) is agreed
    assert out.getvalue() == b""
    assert errors.getvalue().startswith(b"  j1  QUEUED  ibm_a\n  j1  QUEUED  ibm_a\nCancel 2 jobs? [y/N]:")


# Sessions


@pytest.mark.holds("B563")
def test_sessions_are_listed_shown_and_ended(stage: Stage) -> None:
    path = stage.folder / "cloud.world"
    cloud = emulated_cloud(load_world(path))
    with QiskitRuntimeService(channel="local", transport=cloud) as service:
        ids = [Batch(service.backend("ibm_other")).session_id for _ in range(2)]
        submit_bell(service.backend("ibm_other"))
    save_world(cloud.world, path)
    line = "qiskit-runtime sessions"
    listed = stage.answer(f"{line} --world cloud.world").sessions
    assert sorted(session.id for session in listed) == sorted(map(str, ids))
    assert {(session.mode, session.status, session.backend) for session in listed} == {
        ("batch", "pending", "ibm_other")
    }
    assert json.loads(stage.run(f"{line} list --world cloud.world --backend ibm_fez --json id").stdout) == []
    first = f"{ids[0]} --world cloud.world"
    shown = stage.run(f"{line} show {first}").stdout
    assert f"Session {ids[0]}" in shown
    assert "Pending" in shown
    closed = stage.run(f"{line} close {first} --json")
    assert closed.exit_code == 0, closed.output
    assert json.loads(closed.stdout)["accepting_jobs"] is False
    assert "takes no more jobs" in closed.stderr
    assert stage.run(f"{line} cancel {ids[1]} --world cloud.world").exit_code == 0
    assert "has come to its end already" in stage.run(f"{line} close {ids[1]} --world cloud.world").stderr
    ended = json.loads(stage.run(f"{line} --world cloud.world --closed --json id").stdout)
    assert {row["id"] for row in ended} == set(ids)
    assert json.loads(stage.run(f"{line} --world cloud.world --open --json id").stdout) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("sessions show", "sessions show takes the id of a session."),
        ("sessions list s1", "A list has no id.\nsessions show s1 shows one."),
        ("sessions close s1 --open", "Conditions are for lists"),
        ("sessions show s1 --world busy", "'s1'"),
    ],
)
def test_what_is_no_session_is_told(line: str, message: str, stage: Stage) -> None:
    done = stage.run(f"qiskit-runtime {line}")
    assert done.exit_code == 1
    assert message in done.stderr


# Fields of JSON


@pytest.mark.holds("B560")
def test_json_takes_fields_and_is_a_list_where_the_answer_is_one(stage: Stage) -> None:
    def written(line: str) -> Any:
        done = stage.run(f"qiskit-runtime {line}")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    line = "backends --world cloud.world --instance my-instance"
    rows = written(f"{line} --json num_qubits,name")
    assert rows[0].keys() == {"num_qubits", "name"}
    assert {row["name"]: row["num_qubits"] for row in rows} == {"ibm_small": 5, "ibm_fez": 130, "ibm_slow": 3}
    assert written(f"{line} --json=name") == [{"name": row["name"]} for row in rows]
    whole = written(f"{line} --json")
    assert list(whole) == ["troubles", "backends"]
    assert written(f"{line} --json all") == whole["backends"]
    assert written("backend ibm_fez --world cloud.world --json name,num_qubits") == {
        "name": "ibm_fez",
        "num_qubits": 130,
    }
    assert written("backend --json ibm_fez --world cloud.world")["name"] == "ibm_fez"
    assert written("backends --world cloud.world --explain --json order") == {"order": ["queue_length"]}
    assert len(written("cassette show --json number,status run.yaml")) > 1


@pytest.mark.holds("B560")
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("backends --json nam --local", "The answer of backends has no field 'nam'.\nDid you mean 'name'?"),
        ("jobs --json id,zzz --local", "It has id, status, backend, instance, program, created, tags, session."),
        ("backends --local --explain --json name", "This answer has no field 'name'.\nIt has chosen, summary,"),
    ],
)
def test_a_field_that_is_not_there_is_answered_with_those_that_are(line: str, message: str, stage: Stage) -> None:
    done = stage.run(f"qiskit-runtime {line}")
    assert (done.exit_code, done.stdout) == (1, "")
    assert message in done.stderr


@pytest.mark.holds("B560")
@pytest.mark.parametrize(
    ("words", "joined"),
    [
        ("--json", ["--json="]),
        ("--json name ibm_a", ["--json=name", "ibm_a"]),
        ("--json ibm_a", ["--json=", "ibm_a"]),
        ("--json nam,version ibm_a", ["--json=nam,version", "ibm_a"]),
        ("ibm_a --json --map", ["ibm_a", "--json=", "--map"]),
        ("--json=name ibm_a", ["--json=name", "ibm_a"]),
        ("--json all ibm_a", ["--json=all", "ibm_a"]),
        ("-- --json name", ["--", "--json", "name"]),
    ],
)
def test_json_takes_the_word_after_it_only_if_that_names_fields(words: str, joined: list[str]) -> None:
    assert join_fields(words.split(), "backend", has_arguments=True) == joined


# Selections


def test_select_writes_the_form_of_what_it_reads_and_writes(stage: Stage) -> None:
    schema = json.loads(stage.run("qiskit-runtime select --schema").stdout)
    assert list(schema["properties"]) == ["request", "answer"]
    assert {"PlacementRequest", "PlacementQuery", "Placement", "BackendRow"} <= set(schema["$defs"])


# Completion


def completed(stage: Stage, line: str, **variables: str) -> list[str]:
    """Return the names that a shell is offered for the last word of a line."""
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1), "_QISKIT_RUNTIME_COMPLETE": "bash_complete"}
    with chdir(stage.folder):
        done = CliRunner().invoke(commands, env=stage.environment | words | variables, prog_name="qiskit-runtime")
    assert (done.exit_code, done.stderr) == (0, "")
    return [offer.partition(",")[2] for offer in done.stdout.splitlines() if offer]


@pytest.mark.holds("B562")
def test_names_are_completed(stage: Stage) -> None:
    assert completed(stage, "qiskit-runtime backend --instance my-instance ibm_s", **KEY) == ["ibm_small", "ibm_slow"]
    assert completed(stage, "qiskit-runtime run --world cloud.world bell.qasm --backend ibm_f") == ["ibm_fez"]
    assert completed(stage, f"qiskit-runtime job --world cloud.world {stage.waiting[:-1]}") == [
        stage.waiting,
        stage.job,
    ]
    assert len(completed(stage, "qiskit-runtime sessions show --world busy s")) == 2
    assert completed(stage, "qiskit-runtime backends --json name,num_q") == ["name,num_qubits"]


@pytest.mark.holds("B562")
def test_whoever_is_not_online_is_offered_nothing_and_told_nothing(stage: Stage) -> None:
    before = set(stage.folder.iterdir())
    assert completed(stage, "qiskit-runtime backend ibm") == []
    assert completed(stage, "qiskit-runtime backend ibm", **KEY, IAM_URL="http://127.0.0.1:1") == []
    assert completed(stage, "qiskit-runtime backend --world none.world ibm") == []
    assert completed(stage, "qiskit-runtime backend --world bell.qasm ibm") == []
    asks = {"QISKIT_IBM_TOKEN_COMMAND": "touch asked"}
    assert completed(stage, "qiskit-runtime backend ibm", **asks) == []
    assert set(stage.folder.iterdir()) == before


@pytest.mark.holds("B562")
def test_a_completion_loads_nothing_heavy(stage: Stage) -> None:
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({HEAVY!r}))\n"
        "from qiskit_runtime_service.cli.main import commands\n"
        "commands.main(prog_name='qiskit-runtime', standalone_mode=False)"
    )
    line = {"COMP_WORDS": "qiskit-runtime backend --world busy ibm_c", "COMP_CWORD": "4"}
    environment = os.environ | line | {"_QISKIT_RUNTIME_COMPLETE": "bash_complete"}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert (done.stdout, done.stderr) == ("plain,ibm_calm5\n", "")
