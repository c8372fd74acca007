"""`qiskit-runtime emulate -- program`, and `--env`: programs and shells that are led to a cloud."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from qiskit_runtime_service.testing import check_cassette

EMULATE = (sys.executable, "-W", "error", "-m", "qiskit_runtime_service", "emulate", "--world", "one_instance")
SAMPLE = """\
import sys
from qiskit import QuantumCircuit
from qiskit_runtime_service import QiskitRuntimeService, SamplerV2
circuit = QuantumCircuit(1)
circuit.measure_all()
backend = QiskitRuntimeService().least_busy()
print(sum(SamplerV2(backend).run([circuit], shots=8).result()[0].data.meas.get_counts().values()))
sys.exit(5)
"""
WAIT = """\
import signal, sys, threading
told = []
signal.signal(signal.{name}, lambda number, frame: told.append(number))
print("here", flush=True)
while not told:
    signal.pause()
print(*told)
sys.exit(7)
"""
needs_posix = pytest.mark.skipif(os.name == "nt", reason="there is no sh, and there are other signals, on Windows")


def lead(*words: str, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """Run a program that is led to a cloud."""
    given = os.environ | (environment or {})
    return subprocess.run([*EMULATE, *words], env=given, capture_output=True, text=True)


@pytest.mark.takes_long
@pytest.mark.holds("B470")
def test_a_program_is_led_to_a_cloud_of_its_own_and_its_exit_code_is_that_of_the_command(tmp_path: Path) -> None:
    cassette = tmp_path / "run.yaml"
    options = ("--record", str(cassette), "--")
    # A day in the queue, for the time of the cloud goes on by what programs wait.
    lab = tmp_path / "lab.toml"
    lab.write_text('[[devices]]\nname = "ibm_lab"\nqubits = 2\nqueue_seconds = 86400\n')
    done = lead("--world", str(lab), *options, sys.executable, "-c", SAMPLE, environment={"QISKIT_IBM_TOKEN": "other"})
    assert (done.stdout, done.returncode) == ("8\n", 5)
    assert "The emulated cloud has ended after " in done.stderr
    assert check_cassette(cassette) == ()
    assert "quantum.cloud.ibm.com/api/v1/jobs" in cassette.read_text()


@pytest.mark.takes_long
@pytest.mark.holds("B470", "B472")
def test_a_program_is_led_by_a_proxy() -> None:
    done = lead("--proxy", "--", sys.executable, "-c", SAMPLE)
    assert (done.stdout, done.returncode) == ("8\n", 5)


@pytest.mark.takes_long
@pytest.mark.holds("B470")
def test_what_follows_a_program_is_for_it() -> None:
    done = lead(sys.executable, "-c", "import sys; print(sys.argv[1:])", "--port", "x", "--json")
    assert (done.stdout, done.returncode) == ("['--port', 'x', '--json']\n", 0)
    # It has used no client at all.
    assert "is led by --proxy" in done.stderr


@pytest.mark.takes_long
@pytest.mark.holds("B470")
def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = lead("--", str(tmp_path / "nothing"))
    assert (done.returncode, done.stdout) == (127, "")
    assert "nothing" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.takes_long
@needs_posix
@pytest.mark.holds("B470")
def test_what_is_no_program_and_what_a_signal_ends_is_told_as_shells_do(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    assert lead("--", str(tmp_path / "notes")).returncode == 126
    assert lead("--", "/bin/sh", "-c", "kill -9 $$").returncode == 128 + 9


@pytest.mark.takes_long
@needs_posix
@pytest.mark.holds("B470")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_handed_on_and_the_program_decides(number: signal.Signals) -> None:
    command = [*EMULATE, "--", sys.executable, "-c", WAIT.format(name=number.name)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        process.send_signal(number)
        told, _ = process.communicate(timeout=60)
    assert (told, process.returncode) == (f"{int(number)}\n", 7)


@pytest.mark.takes_long
@needs_posix
@pytest.mark.holds("B471")
def test_a_shell_takes_over_the_variables_of_a_cloud_in_the_background() -> None:
    command = " ".join(f"'{word}'" for word in (*EMULATE, "--env", "--allow-host", "one", "--allow-host", "two"))
    script = f"""\
eval "$({command})"
'{sys.executable}' -c '{SAMPLE}'
echo $? $EMULATED_CLOUD_PID $QISKIT_IBM_URL
"""
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True)
    sampled, told = done.stdout.splitlines()
    code, number, url = told.split()
    assert (sampled, code) == ("8", "5")
    assert url.startswith("http://127.0.0.1:")
    assert "kill $EMULATED_CLOUD_PID" in done.stderr
    os.kill(int(number), signal.SIGTERM)
    # It is no child of this process, so that its end is only seen by asking.
    address = ("127.0.0.1", int(url.split(":")[2].partition("/")[0]))
    with suppress(ConnectionError):
        while True:
            socket.create_connection(address, timeout=20).close()


@pytest.mark.takes_long
@needs_posix
@pytest.mark.holds("B471")
def test_why_there_is_no_cloud_in_the_background_is_told() -> None:
    done = lead("--env", "--host", "192.0.2.1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "192.0.2.1:0" in done.stderr
