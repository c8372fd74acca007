"""`qiskit-runtime emulate`: one cloud for several programs, that starts, is shared, is kept, and stops."""

import ast
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Literal

import click
import msgspec
import pytest
from click.testing import CliRunner
from filelock import FileLock

from qiskit_runtime_service.cli.emulate import open_world, with_lasting_tokens, with_own_keys, with_pace
from qiskit_runtime_service.cli.main import commands
from qiskit_runtime_service.cli.service_options import alone_with
from qiskit_runtime_service.cli.service_options import open_world as open_kept
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import NetworkFault
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, load_world, one_instance, save_world
from qiskit_runtime_service.testing.described import DescribedWorld
from qiskit_runtime_service.transport.http import HttpTransport

from ..support.calls import ask, read, sampler_job, token_request
from ..support.emulating import PROGRAM, Running, emulate

Pace = Literal["real", "virtual"]
SUBMIT = """\
import sys
from qiskit import QuantumCircuit
from qiskit_runtime_service import QiskitRuntimeService, SamplerV2
service = QiskitRuntimeService(token="{token}", url_resolver=lambda *_: "{runtime_url}")
circuit = QuantumCircuit(1)
circuit.measure_all()
print(SamplerV2(mode=service.backend("ibm_emu5")).run([circuit], shots=10).job_id())
"""
FETCH = """\
from qiskit_runtime_service import QiskitRuntimeService
service = QiskitRuntimeService(token="{token}", url_resolver=lambda *_: "{runtime_url}")
print(service.job("{job}").result()[0].data.meas.get_counts())
"""


def ask_token(cloud: Running, key: str) -> Response:
    """Return what the cloud says to a key."""
    with closing(HttpTransport()) as carrier:
        asked = msgspec.structs.replace(token_request(key), url=f"{cloud.details['url']}/identity/token")
        return carrier.send(asked).unwrap()


@pytest.mark.takes_long
@pytest.mark.holds("B198")
def test_a_job_is_submitted_by_one_process_and_fetched_by_another(tmp_path: Path) -> None:
    kept = tmp_path / "cloud.world"
    with emulate("--world", "one_instance", "--speed", "1000", "--file", str(kept)) as cloud:
        job = cloud.run(SUBMIT)
        counts = cloud.run(FETCH, job=job)
        assert read(ask_token(cloud, cloud.details["token"]))["expires_in"] == 86_400_000
        code, errors = cloud.stop(signal.SIGTERM)
    assert code == 0
    assert sum(ast.literal_eval(counts).values()) == 10
    assert "has ended after" in errors
    assert str(kept) in errors
    again = load_world(kept)
    assert [job_id for held in again.jobs.values() for job_id in held] == [job]
    assert again.token_seconds == one_instance().token_seconds
    with emulate("--file", str(kept)) as cloud:
        assert cloud.run(FETCH, job=job) == counts
        assert cloud.stop(signal.SIGINT)[0] == 0


@pytest.mark.takes_long
@pytest.mark.holds("B335")
def test_a_result_that_was_told_is_there_after_a_kill(tmp_path: Path) -> None:
    kept = tmp_path / "cloud.world"
    with emulate("--world", "one_instance", "--speed", "1000", "--file", str(kept)) as cloud:
        job = cloud.run(SUBMIT)
        counts = cloud.run(FETCH, job=job)
        assert cloud.stop(signal.SIGKILL)[0] == -signal.SIGKILL
    with emulate("--file", str(kept)) as cloud:
        assert cloud.run(FETCH, job=job) == counts
        assert cloud.stop(signal.SIGTERM)[0] == 0
    assert {path.name for path in tmp_path.iterdir()} == {"cloud.world", "cloud.world.lock"}


@pytest.mark.takes_long
@pytest.mark.holds("B198")
def test_a_person_is_told_how_to_use_it() -> None:
    with subprocess.Popen([*PROGRAM, "--speed", "60"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(17)]
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=20)[1]
    text = "".join(lines)
    assert "60 times as fast as yours" in text
    assert re.search(r"export QISKIT_IBM_TOKEN=emulated-[\w-]{32}\n", text)
    assert re.search(r"export QISKIT_IBM_URL=http://127.0.0.1:\d+/experimental\n", text)
    assert "Authorization: apikey" in text
    assert "Service-CRN: crn:v1:" in text
    assert (process.returncode, "has ended" in rest) == (0, True)


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = CliRunner().invoke(commands, ["emulate", "--port", str(port)])
    assert done.exit_code == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "Choose another --port" in done.stderr


@pytest.mark.holds("B198")
def test_a_file_is_had_by_one_program_at_a_time(tmp_path: Path) -> None:
    kept = tmp_path / "kept.world"
    with FileLock(f"{kept}.lock"):
        done = CliRunner().invoke(commands, ["emulate", "--file", str(kept)])
    assert done.exit_code == 1
    assert "Another program has" in done.stderr
    assert not kept.exists()


@pytest.mark.holds("B242")
def test_a_command_does_not_wait_for_ever_for_the_cloud_of_another_program(tmp_path: Path) -> None:
    kept = tmp_path / "kept.world"
    with (
        alone_with(kept),
        pytest.raises(click.UsageError, match=f"Another program has {kept}"),
        open_kept(str(kept), patience=0.0, makes=True),
    ):
        raise AssertionError
    assert not kept.exists()


@pytest.mark.holds("B335")
def test_a_job_of_a_command_that_is_killed_is_there(tmp_path: Path) -> None:
    path = tmp_path / "kept.world"
    save_world(one_instance(), path)
    with open_kept(str(path)) as (world, kept):
        assert kept is not None
        cloud = EmulatedTransport(world, keep=kept.keep)
        assert cloud.send(ask(world, "POST", "/jobs", sampler_job())).unwrap().status == 200
    # Whoever is killed does not come to write the file in the end.
    assert load_world(path).jobs_created == 1
    assert load_world(path).jobs == cloud.world.jobs


def test_a_file_that_cannot_be_written_is_named_before_anything_is_served(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = CliRunner().invoke(commands, ["emulate", "--port", "0", "--file", str(tmp_path / "file" / "cloud.world")])
    assert done.exit_code == 1
    assert str(tmp_path / "file") in done.stderr
    assert "is at" not in done.stderr


@pytest.mark.parametrize("choice", [["--world", "busy"], ["--seed", "7"]])
def test_a_world_that_is_kept_leaves_no_choice(tmp_path: Path, choice: list[str]) -> None:
    kept = tmp_path / "kept.world"
    save_world(one_instance(), kept)
    done = CliRunner().invoke(commands, ["emulate", "--file", str(kept), *choice])
    assert done.exit_code == 1
    assert "holds a world already" in done.stderr


def test_a_file_that_is_no_world_is_left_alone(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("mine")
    done = CliRunner().invoke(commands, ["emulate", "--file", str(notes)])
    assert done.exit_code == 1
    assert "notes.txt" in done.stderr
    assert notes.read_text() == "mine"


@pytest.mark.holds("B198")
def test_time_passes_in_a_kept_world_that_nobody_serves(tmp_path: Path) -> None:
    kept = tmp_path / "kept.world"
    save_world(one_instance(now=1000.0), kept)
    assert open_world(kept, None, None, now=5000.0).world.now == 5000.0


@pytest.mark.parametrize(
    ("speed", "seconds"), [(1.0, 3600), (0.5, 86_400), (1.001, 86_486), (60.0, 5_184_000), (1000.0, 86_400_000)]
)
def test_a_token_of_a_hurried_cloud_lasts_a_day_of_its_users(speed: float, seconds: int) -> None:
    world = one_instance()
    hurried = with_lasting_tokens(world, speed)
    assert hurried == msgspec.structs.replace(world, token_seconds=seconds)
    cloud = EmulatedTransport(hurried)
    told = read(cloud.send(token_request()).unwrap())
    assert (told["expires_in"], told["expiration"] - int(cloud.now())) == (seconds, seconds)


@pytest.mark.takes_long
@pytest.mark.holds("B343")
def test_a_key_that_everybody_knows_opens_no_cloud_and_the_one_in_its_place_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "kept.world"
    save_world(one_instance(), kept)
    keys = []
    for _ in range(2):
        with emulate("--file", str(kept)) as cloud:
            keys.append(cloud.details["token"])
            assert [ask_token(cloud, key).status for key in (API_KEY, keys[-1])] == [400, 200]
            cloud.stop(signal.SIGTERM)
    assert keys[0] == keys[1]
    assert re.fullmatch(r"emulated-[\w-]{32}", keys[0])


@pytest.mark.holds("B343")
def test_keys_of_other_accounts_are_replaced_too_and_keys_that_nobody_knows_stay() -> None:
    world = msgspec.structs.replace(one_instance(), keys={API_KEY: "a", f"{API_KEY}-guest": "b", "mine": "c"})
    first, second, third = with_own_keys(world).keys
    assert (first.startswith("emulated-"), second, third) == (True, f"{first}-guest", "mine")
    assert len({first, API_KEY, *with_own_keys(world).keys, *with_own_keys(world).keys}) == 7
    assert list(with_own_keys(world).keys.values()) == ["a", "b", "c"]


@pytest.mark.takes_long
@pytest.mark.holds("B344")
def test_under_tls_the_authority_is_a_file_that_ends_with_the_command() -> None:
    with emulate("--world", "one_instance", "--tls") as cloud:
        authority = Path(cloud.details["authority"])
        assert cloud.details["url"].startswith("https://127.0.0.1:")
        assert cloud.details["environment"]["REQUESTS_CA_BUNDLE"] == str(authority)
        assert authority.read_text().startswith("-----BEGIN CERTIFICATE-----")
        assert "PRIVATE" not in authority.read_text()
        request = Request(method="GET", url=f"{cloud.details['runtime_url']}/versions")
        with closing(HttpTransport(verify=str(authority))) as trusting, closing(HttpTransport()) as careful:
            assert trusting.send(request).unwrap().status == 200
            problem = careful.send(request).failure()
        assert isinstance(problem, NetworkFault)
        assert problem.cause == "tls"
        assert cloud.stop(signal.SIGTERM)[0] == 0
    assert not authority.parent.exists()


@pytest.mark.takes_long
@pytest.mark.holds("B344")
@pytest.mark.parametrize("option", ["--tls", "--proxy"])
def test_without_the_package_for_certificates_the_extra_is_named(option: str) -> None:
    program = (
        "import sys; sys.modules['trustme'] = None; from qiskit_runtime_service.__main__ import main; sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", program, "emulate", option], capture_output=True, text=True)
    assert done.returncode == 1
    assert "pip install 'qiskit-runtime-service[certificates]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.takes_long
@pytest.mark.holds("B339", "B341")
def test_hosts_and_pages_are_let_in_by_options() -> None:
    with emulate("--world", "one_instance", "--allow-host", "emulator", "--allow-origin", "http://page.test") as cloud:
        address = ("127.0.0.1", int(cloud.details["url"].rpartition(":")[2]))
        answers = []
        for host in ("emulator:8000", "attacker.example"):
            with socket.create_connection(address, timeout=20) as connection:
                asked = f"GET /api/v1/versions HTTP/1.1\r\nHost: {host}\r\nOrigin: http://page.test\r\n\r\n"
                connection.sendall(asked.encode())
                answers.append(connection.recv(1 << 16))
    assert [answer[:13] for answer in answers] == [b"HTTP/1.1 200 ", b"HTTP/1.1 421 "]
    assert b"Access-Control-Allow-Origin: http://page.test\r\n" in answers[0]


LAB = """\
clock = "virtual"

[[devices]]
name = "ibm_emu5"
qubits = 5
queue_seconds = 604800

[[instances]]
name = "lab"
jobs = [{ device = "ibm_emu5", ago = 60, count = 3, every = 10 }]
"""


@pytest.mark.takes_long
@pytest.mark.holds("B448", "B450", "B451")
def test_what_a_file_describes_is_served_and_kept_beside_it(tmp_path: Path) -> None:
    lab = tmp_path / "lab.toml"
    lab.write_text(LAB)
    with emulate("--file", str(lab)) as cloud:
        assert list(cloud.details["instances"]) == ["lab"]
        job = cloud.run(SUBMIT)
        assert sum(ast.literal_eval(cloud.run(FETCH, job=job)).values()) == 10  # after a week in the queue
        assert cloud.stop(signal.SIGTERM)[0] == 0
    assert lab.read_text() == LAB
    kept = load_world(tmp_path / "lab.world")
    assert [number for held in kept.jobs.values() for number in held][3:] == [job]
    assert open_world(lab, None, None, now=kept.now).world == kept


@pytest.mark.holds("B450")
def test_a_description_that_changed_is_not_passed_over(tmp_path: Path) -> None:
    lab, kept = tmp_path / "lab.toml", tmp_path / "lab.world"
    lab.write_text(LAB)
    save_world(open_world(lab, None, None, now=1e9).world, kept)
    assert open_world(lab, None, None, now=2e9).world.jobs_created == 3
    lab.write_text(LAB.replace("count = 3", "count = 4"))
    with pytest.raises(click.UsageError, match=r"lab.toml has changed since(.|\n)*Remove (.|\n)*lab.world"):
        open_world(lab, None, None, now=2e9)
    assert open_world(kept, None, None, now=2e9).world.jobs_created == 3
    kept.unlink()
    assert open_world(lab, None, None, now=2e9).world.jobs_created == 4


@pytest.mark.holds("B447")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--world", "lab.toml", "--seed", "3"], "has a seed of its own"),
        (["--world", "gone.toml"], "gone.toml"),
        (["--world", "odd.toml"], "at `$.seed`"),
        (["--file", "odd.toml"], "at `$.seed`"),
        (["--file", "lab.toml", "--world", "busy"], "Leave out --world"),
        (["--world", "bussy"], "There is no world 'bussy'"),
        (["--clock", "virtual", "--speed", "2"], "A virtual clock has no speed"),
        (["--tls", "--proxy"], "Leave out --tls or --proxy"),
        (["--env", "--", "true"], "Leave out --env or the program"),
        (["--json", "--", "true"], "Leave out --json"),
        (["--json", "--env"], "Leave out --json"),
    ],
)
def test_what_does_not_go_together_is_told(tmp_path: Path, words: list[str], told: str) -> None:
    (tmp_path / "lab.toml").write_text(LAB)
    (tmp_path / "odd.toml").write_text("seed = 'x'")
    placed = [str(tmp_path / word) if word.endswith(".toml") else word for word in words]
    done = CliRunner().invoke(commands, ["emulate", "--port", "0", *placed])
    assert done.exit_code == 1
    assert told in done.stderr


@pytest.mark.holds("B447")
def test_a_command_asks_what_a_file_describes(tmp_path: Path) -> None:
    lab = tmp_path / "lab.toml"
    lab.write_text(LAB)
    with open_kept(str(lab)) as (world, kept):
        assert (list(world.devices), world.jobs_created, kept) == (["ibm_emu5"], 3, None)
    done = CliRunner().invoke(commands, ["jobs", "--world", str(lab), "--json"])
    assert len(msgspec.json.decode(done.stdout)["jobs"]) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["lab.toml"]


@pytest.mark.holds("B451", "B470")
@pytest.mark.parametrize(
    ("told", "pace", "speed", "usual", "clock"),
    [
        (None, None, None, "real", ("real", 1.0)),
        (None, None, None, "virtual", ("virtual", 1.0)),
        (None, "real", None, "virtual", ("real", 1.0)),
        (None, None, 2.0, "virtual", ("real", 2.0)),
        ("virtual", None, None, "real", ("virtual", 1.0)),
        ("virtual", "real", None, "real", ("real", 5.0)),
        ("virtual", None, 2.0, "real", ("real", 2.0)),
        ("real", None, None, "virtual", ("real", 5.0)),
        ("real", "virtual", None, "real", ("virtual", 1.0)),
    ],
)
def test_the_command_decides_before_the_description_and_that_before_what_is_usual(
    told: str | None, pace: Pace | None, speed: float | None, usual: Pace, clock: tuple[str, float]
) -> None:
    described = DescribedWorld(one_instance(), told, 1.0 if told is None else 5.0)
    assert with_pace(described, pace, speed, usual)[1:] == clock
