"""`cassette`: show, check, diff, for people and for programs."""

import json
from pathlib import Path

import msgspec
from click.testing import CliRunner, Result

from qiskit_runtime_service.cli.json_answers import CassetteChecked, CassetteDiff, CassetteShown
from qiskit_runtime_service.cli.main import commands
from qiskit_runtime_service.records.cassette import Drift, Leak
from qiskit_runtime_service.testing import EmulatedTransport, RecordingTransport, one_instance
from tests.support.calls import ask, token_request


def run(*words: object) -> Result:
    return CliRunner().invoke(commands, ["cassette", *map(str, words)])


def record_two(path: Path) -> Path:
    cloud = EmulatedTransport(one_instance())
    recorder = RecordingTransport(cloud, path)
    recorder.send(token_request())
    cloud.sleep(2.5)
    recorder.send(ask(cloud.world, "GET", "/backends?include_mocks=True"))
    recorder.close()
    return path


def test_show_lists_the_conversation(tmp_path: Path) -> None:
    path = record_two(tmp_path / "run.yaml")
    done = run("show", path)
    assert done.exit_code == 0
    assert [" ".join(line.split()[:4]) for line in done.output.splitlines()[-2:]] == [
        "1 0 exchange key",
        "2 2.5 list backends",
    ]
    assert "us-east, include_mocks=True" in done.output
    shown = msgspec.json.decode(run("show", path, "--json").stdout, type=CassetteShown)
    assert [(exchange.operation, exchange.seconds, exchange.status) for exchange in shown.exchanges] == [
        ("exchange key", 0.0, 200),
        ("list backends", 2.5, 200),
    ]


def test_check_finds_what_was_put_in_by_hand(tmp_path: Path) -> None:
    path = record_two(tmp_path / "run.json")
    assert run("check", path).exit_code == 0
    cassette = json.loads(path.read_text())
    cassette["interactions"][1]["request"]["headers"]["Authorization"] = ["Bearer abcdefgh"]
    path.write_text(json.dumps(cassette))
    done = run("check", path, "--json")
    assert done.exit_code == 1
    found = msgspec.json.decode(done.stdout, type=CassetteChecked)
    place = "header Authorization of the request"
    assert found.leaks == (Leak(2, place, "a bearer token"), Leak(2, place, "a header that is never written"))
    assert "abcdefgh" not in run("check", path).output


def test_diff_names_what_changed(tmp_path: Path) -> None:
    old, new = record_two(tmp_path / "old.json"), tmp_path / "new.json"
    new.write_text(old.read_text().replace('\\"queue_length\\":0', '\\"queue_length\\":\\"0\\"'))
    assert run("diff", old, old).exit_code == 0
    done = run("diff", old, new, "--json")
    assert done.exit_code == 1
    version = "2026-04-15"
    change = Drift("list backends", "devices[].queue_length was integer, is number as text", version, version)
    assert msgspec.json.decode(done.stdout, type=CassetteDiff).changes == (change,)
    assert change.change in run("diff", old, new).output


def test_too_few_and_too_many_cassettes_are_refused(tmp_path: Path) -> None:
    for words in (["diff", "a.yaml"], ["show"], ["check", "a.yaml", "b.yaml"], ["play", "a.yaml"]):
        assert run(*words).exit_code == 1
    assert "cannot be read as a cassette" in run("show", tmp_path / "missing.yaml").stderr
