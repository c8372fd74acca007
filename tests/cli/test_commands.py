"""What commands do, write and say, and the codes with which they end."""

import json
import re
import stat

import pytest
from msgspec.structs import replace
from qiskit import qpy

from qiskit_runtime_service.emulator.world import Crashed, give_outcome
from qiskit_runtime_service.records.placement import Placement
from qiskit_runtime_service.testing import API_KEY, Fault, Status, load_world, save_world
from tests.cli.fixtures import QASM3, Stage, read_answer
from tests.support.qpy_parts import circuit, instruction, qpy_file

KEY = {"QISKIT_IBM_TOKEN": API_KEY}


# Accounts


def test_login_checks_the_key_and_says_what_it_wrote_and_where(stage: Stage) -> None:
    done = stage.run("qiskit-runtime login --name work --region us-east --tag team-a --default", f"{API_KEY}\n")
    path = stage.folder / ".qiskit" / "qiskit-ibm.json"
    assert done.exit_code == 0
    assert done.stdout == ""
    assert done.stderr == (
        "The key is good. It opens my-instance, other.\n"
        f"Saved account 'work' in {path}: the key, region, tags. Only you can read it.\n"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    saved = json.loads(path.read_text())["work"]
    assert (saved["token"], saved["region"], saved["tags"]) == (API_KEY, "us-east", ["team-a"])
    (listed,) = stage.answer("qiskit-runtime accounts").accounts
    assert (listed.name, listed.default, listed.problem) == ("work", True, None)
    assert stage.answer("qiskit-runtime whoami").instances[0].name == "my-instance"


@pytest.mark.holds("B240")
def test_login_with_a_bad_key_saves_nothing_and_asks_for_another(stage: Stage) -> None:
    done = stage.run("qiskit-runtime login", "not-a-key\n")
    assert done.exit_code == 4
    assert "does not accept the API key" in done.stderr
    assert "not-a-key" not in done.output
    assert not (stage.folder / ".qiskit").exists()


def test_login_without_a_key_is_refused(stage: Stage) -> None:
    done = stage.run("qiskit-runtime login", "\n")
    assert done.exit_code == 1
    assert "No API key came in" in done.stderr


def test_login_replaces_an_account_only_if_told_to(stage: Stage) -> None:
    assert stage.run("qiskit-runtime login --no-check", "first").exit_code == 0
    again = stage.run("qiskit-runtime login --no-check", "second")
    assert again.exit_code == 1
    assert "Give --overwrite or another --name." in again.stderr
    assert stage.answer("qiskit-runtime login --no-check --overwrite", "third").checked is False
    assert "third" in (stage.folder / ".qiskit" / "qiskit-ibm.json").read_text()


def test_login_says_for_which_channel_the_key_is(stage: Stage) -> None:
    assert stage.answer("qiskit-runtime login --no-check", "key").channel == "ibm_quantum_platform"
    other = stage.answer("qiskit-runtime login --no-check --channel ibm_cloud --name other", "key")
    assert (other.channel, other.name) == ("ibm_cloud", "other")


def test_an_emulated_key_stays_out_of_the_account_file(stage: Stage) -> None:
    refused = stage.run("qiskit-runtime login --local", API_KEY)
    assert refused.exit_code == 1
    assert "Give --local a --file of its own." in refused.stderr
    answer = stage.answer("qiskit-runtime login --local --file a.json", API_KEY)
    assert (answer.file, answer.instances) == ("a.json", ("instance-1",))


def test_logout_takes_one_account_out(stage: Stage) -> None:
    for name in ("one", "two"):
        stage.run(f"qiskit-runtime login --no-check --name {name}", "key")
    assert stage.answer("qiskit-runtime logout --name one").deleted
    done = stage.run("qiskit-runtime logout --name one")
    assert done.exit_code == 1
    assert done.stderr.endswith("has no account 'one'.\nIt has: two.\n")


@pytest.mark.holds("B240")
def test_without_an_account_a_login_is_asked_for(stage: Stage) -> None:
    done = stage.run("qiskit-runtime backends")
    assert done.exit_code == 4
    assert "No account was found." in done.stderr
    assert done.stderr.endswith("Log in: qiskit-runtime login\n")
    assert done.stdout == ""


def test_whoami_tells_where_each_field_came_from_and_no_key(stage: Stage) -> None:
    done = stage.run("qiskit-runtime whoami --json --instance other", **KEY)
    answer = read_answer("whoami", done)
    origins = {row.field: row.origin for row in answer.account}
    assert origins["token"] == "environment QISKIT_IBM_TOKEN"
    assert origins["instance"] == "argument instance="
    assert answer.looked_at == ("variable QISKIT_IBM_TOKEN: used, the environment comes before the file",)
    assert API_KEY not in done.output


def test_whoami_tells_which_calls_did_not_go_well(stage: Stage) -> None:
    path = stage.folder / "old.world"
    world = load_world(stage.folder / "cloud.world")
    plan, *others = world.plans.values()
    plans = {sold.id: sold for sold in (replace(plan, archived=True), *others)}
    save_world(replace(world, plans=plans), path)
    answer = stage.answer("qiskit-runtime whoami --world old.world")
    assert len(answer.troubles) == 1
    assert "Calls that did not go well" in stage.run("qiskit-runtime whoami --world old.world").stdout


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("whoami --local --name work", "Leave out --name."),
        ("whoami --world busy --channel ibm_cloud --file a.json", "Leave out --channel and --file."),
        ("whoami --world busy --local", "--local and --world are two clouds."),
        ("whoami --world bell.qasm", "Name another file, or one of one_instance,"),
        ("whoami --name missing", "has no account 'missing'"),
    ],
)
def test_what_cannot_be_opened_is_told(line: str, message: str, stage: Stage) -> None:
    done = stage.run(f"qiskit-runtime {line}")
    assert done.exit_code in (1, 4)
    assert message in done.stderr


# Backends


@pytest.mark.holds("B289")
def test_a_pause_of_more_than_a_second_is_told_to_whoever_waits_and_not_to_programs(stage: Stage) -> None:
    world = load_world(stage.folder / "cloud.world")
    away = Fault(method="GET", path="*/backends", effect=Status(code=503), times=2)
    path = stage.folder / "away.world"
    for times, told in ((1, 0), (2, 1)):
        # The first pause is one second at most, the second three at least.
        save_world(replace(world, faults=(replace(away, times=times),)), path)
        done = stage.run("qiskit-runtime backends --world away.world --instance my-instance --json")
        assert done.exit_code == 0
        assert len(read_answer("backends", done).backends) > 1
        words = re.findall(
            r"^Attempt 2 at https://\S+/backends\S* failed: 503; next in [34]\.\d s\.$", done.stderr, re.M
        )
        assert len(words) == done.stderr.count("Attempt") == told


def test_backends_are_filtered_ordered_and_explained(stage: Stage) -> None:
    line = "qiskit-runtime backends --world cloud.world"
    listed = stage.answer(f"{line} --where 'num_qubits > 3' --order num_qubits")
    assert [backend.name for backend in listed.backends] == ["ibm_fez", "ibm_other", "ibm_small"]
    explained = stage.answer(f"{line} --where 'num_qubits > 5' --explain")
    assert isinstance(explained, Placement)
    assert {row.backend: row.reason for row in explained.rejected} == {
        "ibm_small": "num_qubits is 5, not above 5",
        "ibm_slow": "num_qubits is 3, not above 5",
    }


@pytest.mark.holds("B240", "B241")
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("backends --where 'num_qbits > 5'", "Did you mean 'num_qubits'?"),
        ("backends --where 'num_qubits >> 5'", "a value where it says '> 5'"),
        ("backends --explain --all-instances", "leave out --all-instances"),
        ("backends --order queue", "'queue' is not one of 'queue_length'"),
        ("backend ibm_fz", "Did you mean 'ibm_fez'?"),
        ("run bell.qasm --backend ibm_smal", "Did you mean 'ibm_small'?"),
        ("run bell.qasm --where 'num_qubits > 1000'", "0 of 4 backends match"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(line: str, message: str, stage: Stage) -> None:
    done = stage.run(f"qiskit-runtime {line} --world cloud.world")
    assert done.exit_code == 1
    assert message in done.stderr
    assert done.stdout == ""


def test_a_map_shows_qubits_where_they_are(stage: Stage) -> None:
    shown = stage.run("qiskit-runtime backend fake_algiers --local --map").stdout
    assert " 0 ── 1 ── 4 ── 7 ── 10── 12── 15── 18── 21── 23" in shown
    older = stage.run("qiskit-runtime backend fake_kolkata --local --map").stdout
    assert " 0 ── 1 ── 4 ── 7 ── 10── 12── 15── 18── 21── 23" in older


# Circuits and jobs


@pytest.mark.parametrize(
    ("source", "registers"), [("bell.qasm", ["c"]), ("bell3.qasm", ["meas"]), ("bells.qpy", ["c", "c"])]
)
def test_circuits_in_each_form_come_back_as_counts(source: str, registers: list[str], stage: Stage) -> None:
    answer = stage.answer(f"qiskit-runtime run {source} --world cloud.world --backend ibm_fez --shots 50 --tag mine")
    assert [list(circuit.counts) for circuit in answer.counts] == [[register] for register in registers]
    assert all(sum(circuit.counts[name].values()) == 50 for circuit, name in zip(answer.counts, registers, strict=True))
    assert (answer.job.status, "mine" in answer.job.tags) == ("DONE", True)


def test_a_circuit_comes_in_through_a_pipe(stage: Stage) -> None:
    done = stage.run("qiskit-runtime run - --dry-run --world cloud.world --backend ibm_fez", QASM3)
    assert done.exit_code == 0
    assert "On ibm_fez, 4096 shots each" in done.stdout


@pytest.mark.holds("B546")
def test_an_estimate_is_told_and_nothing_is_submitted(stage: Stage) -> None:
    line = "qiskit-runtime estimate bell.qasm --world cloud.world --backend ibm_fez"
    answer = stage.answer(f"{line} --shots 1000")
    assert (answer.backend, answer.shots) == ("ibm_fez", 1000)
    thought = answer.estimate
    assert (thought.executions, thought.most_executions, thought.jobs) == (1000, 1000, 1)
    assert thought.formula_seconds == thought.charge_seconds == thought.floor_seconds + 2
    assert (thought.at_least, thought.free, thought.queue_length) == (False, "", 3)
    (term,) = thought.terms
    assert (term.what, term.executions) == ("PUB 0", 1000)
    assert stage.answer(line).estimate.executions == 4096
    told = stage.run(line)
    assert told.exit_code == 0
    assert told.stdout.startswith("ibm_fez: At least 1.0")
    assert "A sub-job has an overhead of about 2 s." in told.stdout
    assert len(stage.answer("qiskit-runtime jobs --world cloud.world").jobs) == 2


@pytest.mark.holds("B546")
def test_a_run_says_its_estimate_before_it_sends_and_keeps_a_bound(stage: Stage) -> None:
    line = "qiskit-runtime run bell.qasm --world cloud.world --backend ibm_fez --no-wait"
    done = stage.run(f"{line} --max-usage 4")
    assert done.exit_code == 0
    said = done.stderr.partition("is submitted to")[0]
    assert said.startswith("ibm_fez: At least 1.0")
    assert said.endswith(" + 2 s.\nJob " + stage.answer("qiskit-runtime jobs --world cloud.world").jobs[0].id + " ")
    assert all(len(words) <= 80 for words in said.splitlines())
    assert stage.answer(line).estimate.executions == 4096
    refused = stage.run(f"{line} --max-usage 2 --json")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "was not submitted: it would use about 3.0" in refused.stderr
    assert len(stage.answer("qiskit-runtime jobs --world cloud.world").jobs) == 4


def test_a_dry_run_submits_nothing(stage: Stage) -> None:
    answer = stage.answer("qiskit-runtime run bell.qasm --world cloud.world --dry-run --where 'num_qubits > 100'")
    assert (answer.backend, answer.job, answer.counts) == ("ibm_fez", None, None)
    (laid,) = answer.circuits
    assert (laid.circuit, len(laid.qubits), laid.gates["cz"]) == ("bell", 2, 1)
    assert 0 < laid.expected_error < 0.1
    assert answer.estimate.executions == 4096
    assert len(stage.answer("qiskit-runtime jobs --world cloud.world").jobs) == 2


def test_a_file_without_a_circuit_is_told(stage: Stage) -> None:
    with (stage.folder / "none.qpy").open("wb") as file:
        qpy.dump([], file)
    done = stage.run("qiskit-runtime run none.qpy --local")
    assert done.exit_code == 1
    assert "none.qpy cannot be read: it holds no circuit" in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "it does not begin with OPENQASM 2.0; or OPENQASM 3.0;"),
        ("OPENQASM 2.0; qreg q[", "cannot be read"),
        ("OPENQASM 3.0; qubit[2 q;", "cannot be read"),
        ("QISKIT and more", "cannot be read"),
        ("\xff", "it does not begin with"),
    ],
)
def test_what_is_no_circuit_is_told(text: str, message: str, stage: Stage) -> None:
    (stage.folder / "odd.qasm").write_text(text)
    done = stage.run("qiskit-runtime run odd.qasm --local")
    assert done.exit_code == 1
    assert "odd.qasm cannot be read" in done.stderr
    assert message in done.stderr


@pytest.mark.holds("B357")
def test_a_file_that_cannot_be_read_is_told_with_the_reason_and_the_forms(stage: Stage) -> None:
    damaged = qpy_file(circuit(instructions=[instruction(b"nothing")]))
    reasons = {
        damaged: "A value of type 'QuantumCircuit' cannot be decoded: there is no instruction b'nothing'",
        b"hello": "it does not begin with OPENQASM 2.0; or OPENQASM 3.0;",
    }
    for data, reason in reasons.items():
        (stage.folder / "odd").write_bytes(data)
        done = stage.run("qiskit-runtime run odd --local")
        assert done.stderr == f"Error: odd cannot be read: {reason}\nGive OpenQASM 2, OpenQASM 3 or QPY.\n"


@pytest.mark.holds("B242")
def test_jobs_of_one_command_are_there_for_the_next(stage: Stage) -> None:
    new = "qiskit-runtime run bell.qasm --world new.world --no-wait"
    assert "new.world is new" in stage.run(new).stderr
    (job,) = stage.answer("qiskit-runtime jobs --world new.world").jobs
    report = stage.answer(f"qiskit-runtime job {job.id} --world new.world --wait --result")
    assert report.job.status == "DONE"
    assert sum(report.result[0]["c"].values()) == 4096
    assert stage.answer("qiskit-runtime jobs --world new.world --pending").jobs == ()


def test_jobs_are_filtered(stage: Stage) -> None:
    line = "qiskit-runtime jobs --world cloud.world"
    assert [job.id for job in stage.answer(f"{line} --backend ibm_slow").jobs] == [stage.waiting]
    assert stage.answer(f"{line} --limit 0 --before 2001-01-01").jobs == ()
    assert len(stage.answer(f"{line} --limit 0 --after 2001-01-01 --program sampler").jobs) == 2
    assert stage.answer(f"{line} --tag nothing").jobs == ()


@pytest.mark.holds("B240")
def test_a_job_that_is_told_to_stop_is_cancelled(stage: Stage) -> None:
    line = f"qiskit-runtime job {stage.waiting} --world cloud.world"
    stopped = stage.run(f"{line} --cancel --json")
    assert (stopped.exit_code, read_answer("job", stopped).job.status) == (0, "CANCELLED")
    assert stage.run(line).exit_code == 2
    assert stage.run(f"{line} --cancel").exit_code == 1


@pytest.mark.holds("B240")
def test_a_job_that_failed_ends_with_3_and_the_reason(stage: Stage) -> None:
    run = stage.answer("qiskit-runtime run bell.qasm --world cloud.world --backend ibm_small --no-wait")
    world = load_world(stage.folder / "cloud.world")
    save_world(give_outcome(world, run.job.id, Crashed(reason="It broke.", code=1517)), stage.folder / "cloud.world")
    line = f"qiskit-runtime job {run.job.id} --world cloud.world"
    assert stage.run(f"{line} --wait").exit_code == 3
    done = stage.run(line)
    assert done.exit_code == 3
    assert "It broke." in done.stdout
    looked = stage.run(f"{line} --json --log")
    report = read_answer("job", looked)
    assert (looked.exit_code, report.job.status) == (3, "ERROR")
    assert "It broke." in report.error
    assert report.result is None
    assert report.log is not None


@pytest.mark.holds("B240", "B265")
def test_more_shots_than_the_device_takes_are_a_wrong_value(stage: Stage) -> None:
    world = load_world(stage.folder / "cloud.world")
    device = world.devices["ibm_small"]
    assert device.configuration is not None
    narrow = device.configuration.replace(b'"max_shots":100000', b'"max_shots":10')
    save_world(
        replace(world, devices={**world.devices, "ibm_small": replace(device, configuration=narrow)}),
        stage.folder / "cloud.world",
    )
    line = "qiskit-runtime run bell.qasm --world cloud.world --backend ibm_small --shots"
    done = stage.run(f"{line} 11")
    assert done.exit_code == 1
    assert "at most 10, the limit of ibm_small" in done.stderr
    assert stage.run(f"{line} 10").exit_code == 0


@pytest.mark.holds("B240")
def test_waiting_ends_with_5_at_its_deadline(stage: Stage) -> None:
    done = stage.run(f"qiskit-runtime job {stage.waiting} --world cloud.world --wait --timeout 30")
    assert done.exit_code == 5
    assert "It goes on." in done.stderr


def test_a_job_that_is_nowhere_is_told(stage: Stage) -> None:
    done = stage.run("qiskit-runtime job d123abc --world cloud.world")
    assert done.exit_code == 1
    assert "Job 'd123abc' is in none of" in done.stderr


def test_usage_is_told_in_seconds(stage: Stage) -> None:
    answer = stage.answer("qiskit-runtime usage --world cloud.world --instance my-instance")
    assert 0.0 <= answer.consumed_seconds <= 4.0  # the one job may have run meanwhile
    assert answer.limit_seconds == 600.0
    assert answer.period is not None


# Manners


def test_without_a_terminal_there_is_neither_colour_nor_a_broken_line(stage: Stage) -> None:
    done = stage.run("qiskit-runtime instances --world cloud.world", COLUMNS="20")
    assert "\x1b" not in done.output
    assert any(line.endswith("::") and "my-instance" in line for line in done.stdout.splitlines())


@pytest.mark.holds("B240")
def test_with_json_nothing_but_data_is_on_standard_output(stage: Stage) -> None:
    done = stage.run("qiskit-runtime run bell.qasm --world cloud.world --backend ibm_fez --json")
    read_answer("run", done)
    assert "is submitted to ibm_fez" in done.stderr
    assert "DONE" in done.stderr
