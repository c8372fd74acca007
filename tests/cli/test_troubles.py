"""What could not be asked, read or done: every command says it on standard error, and in its JSON."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from qiskit_runtime_service.cli.json_answers import ANSWERS
from qiskit_runtime_service.cli.main import commands
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.testing import Fault, Status, build_world, busy, instance, line_device, save_world
from tests.cli.fixtures import QASM2

CRN = "crn:v1:bluemix:public:quantum-computing:"


def two_instances(*faults: Fault) -> World:
    """Return a world with two instances. Both are asked at once, and one of them may be in trouble, whichever it is."""
    devices = [line_device("ibm_small", 5), line_device("ibm_other", 7)]
    return build_world(
        instance("first", plan="open", devices=devices),
        instance("second", plan="premium", region="eu-de", devices=devices),
        faults=faults,
    )


def refuse_one(path: str, body: Callable[[World], Any] | None = None) -> World:
    """Return a world in which the first who asks a path is turned down, or told something else."""
    told = b"{}" if body is None else msgspec.json.encode(body(two_instances()))
    return two_instances(Fault(path=path, effect=Status(code=403 if body is None else 200, body=told)))


def run(world: World, folder: Path, *words: str) -> Result:
    path = folder / "cloud.world"
    save_world(world, path)
    (folder / "bell.qasm").write_text(QASM2)
    words = tuple(str(folder / word) if word.endswith(".qasm") else word for word in words)
    return CliRunner().invoke(commands, [*words, "--world", str(path)])


def of_search(world: World) -> Any:
    """Return what the search answers, with a row that says nothing."""
    rows = [
        {"crn": crn, "name": found.name, "service_plan_unique_id": found.plan_id, "doc": {"extensions": {"a": 1}}}
        for crn, found in world.instances.items()
    ]
    return {"items": [*rows, {"name": "odd"}]}


NO_LISTING = refuse_one("*/backends")
HALF_A_LISTING = refuse_one("*/backends", lambda _: {"devices": [{"name": "ibm_small", "qubits": 5}, {"qubits": 5}]})
HALF_A_SEARCH = refuse_one("*/search", of_search)

TROUBLED: list[tuple[World, tuple[str, ...], str]] = [
    (NO_LISTING, ("backends",), "could not be read: "),
    (NO_LISTING, ("backends", "--explain"), "could not be read: "),
    (NO_LISTING, ("backends", "--where", "num_qubits > 6"), "could not be read: "),
    (NO_LISTING, ("backend", "ibm_other"), "could not be read: "),
    (NO_LISTING, ("run", "bell.qasm", "--dry-run"), "could not be read: "),
    (NO_LISTING, ("run", "bell.qasm"), "could not be read: "),
    (HALF_A_LISTING, ("backends",), "could not be read whole: 1 of its backends has no name."),
    (HALF_A_LISTING, ("backend", "ibm_small"), "could not be read whole: 1 of its backends has no name."),
    (refuse_one("*/jobs"), ("jobs",), "could not be read: "),
    (refuse_one("*/jobs"), ("jobs", "--limit", "0"), "could not be read: "),
    (
        refuse_one("*/jobs", lambda _: {"jobs": [{"id": "j1"}, {"id": 5}, {}], "count": 3}),
        ("jobs",),
        "could not be read whole: 2 of its jobs have no id.",
    ),
    (HALF_A_SEARCH, ("instances",), "The account could not be read whole: 1 of its instances has no CRN."),
    (HALF_A_SEARCH, ("whoami",), "The account could not be read whole: 1 of its instances has no CRN."),
    (HALF_A_SEARCH, ("usage",), "The account could not be read whole: 1 of its instances has no CRN."),
    (HALF_A_SEARCH, ("backends",), "The account could not be read whole: 1 of its instances has no CRN."),
    (HALF_A_SEARCH, ("doctor",), "The account could not be read whole: 1 of its instances has no CRN."),
]


@pytest.mark.holds("B315")
@pytest.mark.parametrize(("world", "words", "said"), TROUBLED)
def test_a_command_says_what_is_missing_and_goes_on(
    tmp_path: Path, world: World, words: tuple[str, ...], said: str
) -> None:
    plain = run(world, tmp_path, *words)
    assert plain.exit_code == 0, plain.output
    (line,) = [line for line in plain.stderr.splitlines() if said in line]
    assert line.startswith((CRN, "The account "))
    if "--explain" not in words:
        assert said not in plain.stdout
    answered = run(world, tmp_path, *words, "--json")
    assert answered.exit_code == 0, answered.output
    told = json.loads(answered.stdout)["troubles"]
    assert len(told) == 1
    assert told == [line for line in answered.stderr.splitlines() if said in line]


@pytest.mark.holds("B315")
def test_what_is_there_is_answered_beside_the_trouble(tmp_path: Path) -> None:
    answered = json.loads(run(NO_LISTING, tmp_path, "backends", "--json").stdout)
    assert {row["name"] for row in answered["backends"]} == {"ibm_small", "ibm_other"}
    (left,) = {row["instance"] for row in answered["backends"]}
    (line,) = answered["troubles"]
    assert not line.startswith(left)
    answered = json.loads(run(HALF_A_LISTING, tmp_path, "backends", "--json").stdout)
    assert {row["name"] for row in answered["backends"]} == {"ibm_small", "ibm_other"}
    world = msgspec.structs.replace(busy(), faults=refuse_one("*/jobs").faults)
    answered = json.loads(run(world, tmp_path, "jobs", "--json").stdout)
    assert len(answered["jobs"]) == 10
    assert len({job["instance"] for job in answered["jobs"]}) == 1
    assert len(answered["troubles"]) == 1


@pytest.mark.holds("B315")
def test_where_nothing_went_wrong_nothing_is_told(tmp_path: Path) -> None:
    for words in dict.fromkeys(words for _, words, _ in TROUBLED):
        done = run(two_instances(), tmp_path, *words, "--json")
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["troubles"] == []
        assert "could not be" not in done.stderr


@pytest.mark.holds("B315")
def test_every_answer_has_room_for_troubles() -> None:
    for name, kind in ANSWERS.items():
        assert "troubles" in kind.__struct_fields__, name
        assert "troubles" not in {field.name for field in msgspec.structs.fields(kind) if field.required}, name
