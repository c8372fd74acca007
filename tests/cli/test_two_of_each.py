"""Commands where there are two of what they take or tell: accounts, jobs, sessions, tags, circuits, faulty qubits."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from qiskit import QuantumCircuit, qpy

from qiskit_runtime_service import Batch, QiskitRuntimeService
from qiskit_runtime_service._shown import spell
from qiskit_runtime_service.cli.output import code_of
from qiskit_runtime_service.client.raising import exception_of
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import (
    AccountNameNotFound,
    JobCancelled,
    JobFailed,
    JobRanTooLong,
    JobTimeout,
    KeyRefused,
    NetworkFault,
    NoAccount,
    Problem,
    ServerRefusal,
)
from qiskit_runtime_service.testing import API_KEY, emulated_cloud, load_world, many_instances, save_world
from tests.cli.fixtures import Stage, read_answer

WORLD = "--world cloud.world"


def fill(path: Path) -> tuple[str, str, str, str]:
    """Put two jobs into the world of a file, each in a batch; return their ids and those of the batches."""
    cloud = emulated_cloud(load_world(path))
    service = QiskitRuntimeService(channel="local", transport=cloud)
    ids, batches = [], []
    for program, tags in (("sampler", ("mine", "night")), ("estimator", ("mine", "day"))):
        backend = service.backend("ibm_slow")
        batch = Batch(backend)
        order = Submission(
            program=program, backend="ibm_slow", params=b'{"pubs":[]}', tags=tags, session=batch.session_id
        )
        ids.append(service.submit(order, backend).job_id())
        batches.append(str(batch.session_id))
    save_world(cloud.world, path)
    return ids[0], ids[1], batches[0], batches[1]


@pytest.mark.holds("B481")
def test_a_device_of_two_instances_is_listed_from_the_better_one_or_from_both(stage: Stage) -> None:
    save_world(many_instances(2, plans=1), stage.folder / "two.world")
    line = "qiskit-runtime backends --world two.world"
    (best,) = stage.answer(line).backends
    both = stage.answer(f"{line} --all-instances").backends
    assert [row.name for row in both] == ["ibm_emu5", "ibm_emu5"]
    assert both[0] == best
    assert both[1].instance != best.instance


def test_jobs_are_told_apart_by_session_program_tags_and_date(stage: Stage) -> None:
    one, other, batch, _ = fill(stage.folder / "cloud.world")
    for options, wanted in (
        (f"--session {batch}", [one]),
        ("--program estimator", [other]),
        ("--tag mine", [other, one]),
        ("--tag mine --tag night", [one]),
        ("--tag mine --program sampler", [one]),
        ("--tag mine --after 2001-01-01", [other, one]),
        ("--after 2099-01-01", []),
        ("--before 2001-01-01", []),
        ("--limit 1", [other]),
    ):
        assert [job.id for job in stage.answer(f"qiskit-runtime jobs {WORLD} {options}").jobs] == wanted, options
    rows = stage.run(f"qiskit-runtime jobs {WORLD} --tag mine").stdout.splitlines()[-2:]
    assert [row.split("  ")[-1].strip() for row in rows] == ["mine, day", "mine, night"]
    shown = stage.run(f"qiskit-runtime job {one} {WORLD}").stdout.splitlines()
    assert f"session   {batch}" in shown
    assert "tags      mine, night" in shown


def test_of_two_jobs_one_has_a_result_and_the_other_says_that_it_has_none(stage: Stage) -> None:
    done = read_answer("job", stage.run(f"qiskit-runtime job {stage.job} {WORLD} --result --log --json"))
    assert sum(done.result[0]["meas"].values()) == 64
    assert len(done.log) > 0
    assert done.log in stage.run(f"qiskit-runtime job {stage.job} {WORLD} --log").stdout
    assert stage.run(f"qiskit-runtime job {stage.waiting} {WORLD} --cancel").exit_code == 0
    cancelled = stage.run(f"qiskit-runtime job {stage.waiting} {WORLD} --result --json")
    assert cancelled.exit_code == 2
    assert read_answer("job", cancelled).result is None


def test_the_largest_of_the_circuits_decides_where_they_run(stage: Stage) -> None:
    circuits = [QuantumCircuit(size) for size in (2, 6)]
    for circuit in circuits:
        circuit.x(0)
        circuit.measure_all()
    with (stage.folder / "two.qpy").open("wb") as file:
        qpy.dump(circuits, file)
    answer = stage.answer(f"qiskit-runtime run two.qpy {WORLD} --dry-run")
    assert (answer.backend, [len(laid.qubits) for laid in answer.circuits]) == ("ibm_other", [2, 6])
    refused = stage.run(f"qiskit-runtime run two.qpy {WORLD} --backend ibm_fez --where 'num_qubits > 5'")
    assert refused.exit_code == 1
    assert refused.stderr.endswith("--backend names one, --where chooses among many.\nLeave out one.\n")
    late = stage.run(f"qiskit-runtime run bell.qasm {WORLD} --backend ibm_slow --timeout 3700")
    assert late.exit_code == 5
    assert "is QUEUED after 3700 s. It goes on." in late.stderr


def test_the_level_of_the_transpiler_is_the_one_that_is_asked_for(stage: Stage) -> None:
    (stage.folder / "twice.qasm").write_text(
        'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; cx q[0], q[1]; cx q[0], q[1]; measure q -> c;'
    )
    line = f"qiskit-runtime run twice.qasm {WORLD} --backend ibm_fez --dry-run"
    plain, better = (stage.answer(f"{line} --level {level}").circuits[0].gates for level in (0, 3))
    assert plain["cz"] == 2
    assert "cz" not in better


def test_two_accounts_are_kept_apart(stage: Stage) -> None:
    login = "qiskit-runtime login --no-check"
    assert stage.run(f"{login} --plan open --plan flex --tag a --tag b --default", "one").exit_code == 0
    assert stage.run(f"{login} --channel ibm_cloud", "two").exit_code == 0
    first, second = stage.answer("qiskit-runtime accounts").accounts
    told = {row.name: (row.channel, row.plans_preference, row.tags, row.default) for row in (first, second)}
    assert told == {
        "default-ibm-quantum-platform": ("ibm_quantum_platform", ("open", "flex"), ("a", "b"), True),
        "default-ibm-cloud": ("ibm_cloud", (), (), False),
    }
    refused = stage.run(f"{login} --name third --default", "three")
    assert refused.exit_code == 1
    assert "default-ibm-quantum-platform" in refused.stderr
    assert len(stage.answer("qiskit-runtime accounts").accounts) == 2
    assert stage.answer("qiskit-runtime logout --channel ibm_cloud").name == "default-ibm-cloud"
    (left,) = stage.answer("qiskit-runtime accounts").accounts
    assert left.name == "default-ibm-quantum-platform"
    assert stage.answer("qiskit-runtime logout").deleted
    gone = stage.run("qiskit-runtime logout")
    assert gone.exit_code == 1
    assert gone.stderr.endswith("has no account 'default-ibm-quantum-platform'.\nIt has none.\n")


def test_a_broken_account_keeps_its_name_and_its_mark(stage: Stage) -> None:
    path = stage.folder / ".qiskit" / "qiskit-ibm.json"
    path.parent.mkdir()
    entries: dict[str, Any] = {"odd": {"token": 5, "is_default_account": True}, "strange": {"token": []}}
    path.write_text(json.dumps(entries))
    refused = stage.run("qiskit-runtime login --no-check --name odd", "key")
    assert refused.exit_code == 1
    assert "has an account 'odd' already.\nGive --overwrite or another --name." in refused.stderr
    told = stage.answer("qiskit-runtime accounts").accounts
    assert [(row.name, row.default, row.problem is None) for row in told] == [
        ("odd", True, False),
        ("strange", False, False),
    ]


def test_a_backend_tells_each_faulty_qubit_and_every_gate(stage: Stage) -> None:
    path = stage.folder / "cloud.world"
    world = load_world(path)
    device = world.devices["ibm_small"]
    properties = json.loads(device.properties or b"")
    for qubit in (1, 3):
        off = {"name": "operational", "unit": "", "value": 0, "date": "2026-09-01T06:00:00+00:00"}
        properties["qubits"][qubit].append(off)
    worn = replace(device, properties=msgspec.json.encode(properties))
    save_world(replace(world, devices={**world.devices, "ibm_small": worn}), path)
    assert stage.answer(f"qiskit-runtime backend ibm_small {WORLD} --map").faulty_qubits == (1, 3)
    assert "faulty qubits    1, 3" in stage.run(f"qiskit-runtime backend ibm_small {WORLD}").stdout
    assert "rzz" in stage.answer("qiskit-runtime backend fake_fractional --local").basis_gates


def test_an_order_is_explained_and_an_instance_is_the_one_that_is_named(stage: Stage) -> None:
    explained = stage.answer(f"qiskit-runtime backends {WORLD} --explain --order num_qubits")
    assert [row.backend for row in explained.ranked] == ["ibm_fez", "ibm_other", "ibm_small", "ibm_slow"]
    assert [row.backend for row in stage.answer(f"qiskit-runtime backends {WORLD} --explain").ranked] == [
        "ibm_small",
        "ibm_other",
        "ibm_fez",
        "ibm_slow",
    ]
    instances = stage.answer(f"qiskit-runtime whoami {WORLD}").instances
    assert [(row.rank, row.name) for row in instances] == [(1, "my-instance"), (2, "other")]
    for row in instances:
        assert stage.answer(f"qiskit-runtime usage {WORLD} --instance {row.name}").instance == row.crn


@pytest.mark.holds("B228")
def test_the_doctor_ends_with_1_where_a_link_is_broken(stage: Stage) -> None:
    for line, key, code in (
        (f"doctor {WORLD}", "", 0),
        ("doctor", API_KEY, 0),
        ("doctor", "wrong", 1),
        ("doctor", "", 1),
    ):
        done = stage.run(f"qiskit-runtime {line}", **({"QISKIT_IBM_TOKEN": key} if key else {}))
        assert done.exit_code == code, done.output
        assert ("Every link works" in done.stdout) is (code == 0)


@pytest.mark.holds("B240")
@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (JobFailed(job="j1", reason="no"), 3),
        (JobRanTooLong(job="j1", reason="no"), 3),
        (JobCancelled(job="j1", reason=""), 1),
        (JobTimeout(job="j1", status="QUEUED", waited=1.0), 5),
        (NoAccount(channel=None, path="a.json", searched=()), 4),
        (AccountNameNotFound(name="n", path="a.json", known=()), 4),
        # An outage says nothing of the account that it keeps away, though it is caught by the same name.
        (KeyRefused(url="https://h.example", status=400, code="", message="", subject="account"), 4),
        (NetworkFault(url="https://h.example", kind="never sent", reason="no", subject="account"), 1),
        (ServerRefusal(url="https://h.example", status=503, subject="account"), 1),
    ],
)
def test_each_error_has_its_exit_code(problem: Problem, code: int) -> None:
    assert code_of(exception_of(problem)) == code


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"), (0.4, "0 s"), (0.6, "1 s"), (59.6, "1 min"), (61.0, "1 min 1 s"), (120.0, "2 min"),
        (3600.0, "1 h"), (3661.0, "1 h 1 min 1 s"), (7201.0, "2 h 1 s"), (90_000.0, "25 h"),
    ],
)  # fmt: skip
def test_a_duration_is_told_as_a_person_would(seconds: float, text: str) -> None:
    assert spell(seconds) == text
