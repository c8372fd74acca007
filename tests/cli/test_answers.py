"""What `--json` writes, field by field: each with a value that no other field has."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from qiskit_runtime_service.cli import json_answers
from qiskit_runtime_service.cli.accounts import broken_form, saved_form
from qiskit_runtime_service.cli.main import commands
from qiskit_runtime_service.cli.whoami import rank_form
from qiskit_runtime_service.emulator.world import Metric
from qiskit_runtime_service.records.account import AccountFields, BrokenAccount, SavedAccount
from qiskit_runtime_service.records.instance import Instance
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.testing import build_world, instance, line_device, save_world

CRN = "crn:v1:bluemix:public:quantum-computing:eu-de:a/1:2::"
NOW = datetime(2026, 9, 10, 12, tzinfo=UTC).timestamp()


def answer(folder: Path, *words: str) -> Any:
    """Return what a command writes of a world that has all there is to tell."""
    device = line_device("ibm_a", 3)
    fields: dict[str, Any] = {"backend_version": "1.2.3", "simulator": True, "max_shots": 77, "colour": "red"}
    configuration = msgspec.json.encode(json.loads(device.configuration or b"") | fields | {"dtm": "soon"})
    odd = msgspec.structs.replace(device, configuration=configuration, queue_length=5)
    offers = [
        instance("small", plan="open", devices=[odd], allocation=600, limit=300, tags=["team-a"]),
        instance("large", plan="premium", region="eu-de"),
    ]
    path = folder / "cloud.world"
    save_world(build_world(*offers, now=NOW), path)
    done = CliRunner().invoke(commands, [*words, "--world", str(path), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_usage_has_each_number_in_its_place(tmp_path: Path) -> None:
    used = answer(tmp_path, "usage", "--instance", "small")
    assert used.pop("instance").startswith("crn:v1:bluemix:public:quantum-computing:us-east:a/")
    assert used.pop("period").keys() == {"start_time", "end_time"}
    assert used == {
        "consumed_seconds": 0.0,
        "limit_seconds": 300.0,
        "allocation_seconds": 600.0,
        "consumed_ru": None,
        "limit_ru": None,
        "allocation_ru": None,
        "remaining_seconds": 300.0,
        "limit_reached": False,
        "troubles": [],
    }
    unlimited = answer(tmp_path, "usage", "--instance", "large")
    assert [unlimited[f"{name}_seconds"] for name in ("limit", "allocation", "remaining")] == [None, None, None]
    assert unlimited["limit_reached"] is None


def test_a_backend_is_told_with_all_that_it_says_of_itself(tmp_path: Path) -> None:
    told = answer(tmp_path, "backend", "ibm_a")
    assert told.pop("instance").startswith("crn:v1:bluemix:public:quantum-computing:us-east:a/")
    (ignored,) = told.pop("ignored")
    assert ignored.startswith("dtm")
    assert told == {
        "name": "ibm_a",
        "version": "1.2.3",
        "state": "online",
        "queue_length": 5,
        "num_qubits": 3,
        "processor": "Heron r2",
        "simulator": True,
        "max_shots": 77,
        "basis_gates": ["id", "rz", "sx", "x", "cz"],
        "coupling_map": [[0, 1], [1, 0], [1, 2], [2, 1]],
        "two_qubit_error": 0.002,
        "readout_error": 0.01,
        "calibrated": "2026-09-01T06:00:00+00:00",
        "faulty_qubits": [],
        "troubles": [],
    }


@pytest.mark.holds("B272")
def test_a_backend_has_the_figures_of_the_listing_and_of_its_calibration_where_that_is_silent(tmp_path: Path) -> None:
    device = line_device("ibm_a", 3)
    told = msgspec.structs.replace(device, metrics=(Metric(name="two_q_error_median", value=0.005),))
    silent = msgspec.structs.replace(line_device("ibm_b", 3), metrics=())
    path = tmp_path / "cloud.world"
    save_world(build_world(instance("main", devices=[told, silent]), now=NOW), path)
    figures = []
    for name in ("ibm_a", "ibm_b"):
        done = CliRunner().invoke(commands, ["backend", name, "--world", str(path), "--json"])
        answered = json.loads(done.stdout)
        figures.append((answered["two_qubit_error"], answered["readout_error"]))
    assert figures == [(0.005, 0.01), (0.002, 0.01)]


def test_instances_and_their_ranks_are_told(tmp_path: Path) -> None:
    small, large = answer(tmp_path, "instances")["instances"]
    assert {name: small[name] for name in ("name", "plan", "pricing_type", "tags")} == {
        "name": "small", "plan": "open", "pricing_type": "free", "tags": ["team-a"],
    }  # fmt: skip
    assert (large["name"], large["plan"], large["tags"]) == ("large", "premium", [])
    whoami = answer(tmp_path, "whoami")
    assert whoami["channel"] == "local"
    assert whoami["active_instance"] == small["crn"]
    told = [(row["crn"], row["region"], row["rank"], row["reason"]) for row in whoami["instances"]]
    assert told == [(small["crn"], "us-east", 1, ""), (large["crn"], "eu-de", 2, "")]
    assert {(row["field"], row["value"], row["origin"]) for row in whoami["account"]} >= {
        ("channel", "local", "argument channel="),
        ("token", "****", "default"),
    }


def test_an_instance_that_is_not_used_is_told_with_the_reason() -> None:
    item = Instance(crn=CRN, name="n", plan="p", pricing_type="t", tags=("a", "b"))
    assert rank_form(item, None, "why not") == json_answers.Ranked(
        crn=CRN, name="n", plan="p", pricing_type="t", region="eu-de", tags=("a", "b"), rank=None, reason="why not"
    )


def test_an_account_is_told_without_its_key() -> None:
    fields = AccountFields(
        channel="ibm_cloud",
        token=Secret("the-key"),
        url="https://test.cloud.ibm.com",
        instance=CRN,
        region="eu-de",
        plans_preference=("open", "flex"),
        tags=("a", "b"),
    )
    for default in (True, False):
        assert saved_form(SavedAccount(name="work", fields=fields, is_default=default)) == json_answers.Saved(
            name="work",
            channel="ibm_cloud",
            url="https://test.cloud.ibm.com",
            instance=CRN,
            region="eu-de",
            plans_preference=("open", "flex"),
            tags=("a", "b"),
            default=default,
            problem=None,
        )
        assert broken_form(BrokenAccount(name="odd", reason="no", is_default=default)) == json_answers.Saved(
            name="odd",
            channel="",
            url="",
            instance=None,
            region=None,
            plans_preference=(),
            tags=(),
            default=default,
            problem="no",
        )
