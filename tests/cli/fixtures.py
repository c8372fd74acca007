"""A folder, a home and an emulated cloud behind a door, for commands to be tried on."""

import os
import shlex
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from shutil import copyfile
from typing import Any

import msgspec
from click.testing import CliRunner, Result
from qiskit import QuantumCircuit, qpy

from qiskit_runtime_service import Batch, IBMBackend, QiskitRuntimeService, SamplerV2
from qiskit_runtime_service.cli.json_answers import ANSWERS
from qiskit_runtime_service.cli.main import commands
from qiskit_runtime_service.client.clock import SystemClock
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.testing import (
    API_KEY,
    RecordingTransport,
    build_world,
    door_to,
    emulated_cloud,
    instance,
    line_device,
    save_world,
)
from tests.shell.clouds import bell

QASM2 = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
creg c[2];
h q[0];
cx q[0], q[1];
measure q -> c;
"""
QASM3 = """// a Bell state
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
h q[0];
cx q[0], q[1];
"""
FAST = 1000.0


def submit_bell(backend: IBMBackend) -> str:
    return SamplerV2(mode=backend).run([bell(backend)], shots=64).job_id()


class Stage:
    """Where commands are tried.

    Attributes:
        folder: The current and the home directory.
        job: A job that is soon done, in the cloud and in the one that is kept in `cloud.world`.
        waiting: A job that is never done, in both.
        batch: An open batch, in the cloud alone.
    """

    def __init__(self, folder: Path, environment: dict[str, str | None], job: str, waiting: str, batch: str) -> None:
        self.folder = folder
        self.environment = environment
        self.job = job
        self.waiting = waiting
        self.batch = batch

    def run(self, line: str, given: str = "", **environment: str) -> Result:
        """Run a line as a shell would: with `<`, `>` and `|`, and as what `eval` is given."""
        words = shlex.split(line.removeprefix('eval "$(').removesuffix(')"'))
        if "|" in words:
            place = words.index("|")
            first = self.run(shlex.join(words[:place]), given)
            assert first.exit_code == 0, first.output
            return self.run(shlex.join(words[place + 1 :]), first.stdout)
        if "<" in words:
            place = words.index("<")
            given = (self.folder / words[place + 1]).read_text()
            del words[place : place + 2]
        if ">" in words:
            del words[words.index(">") :]
        assert words[0] == "qiskit-runtime"
        with chdir(self.folder):
            return CliRunner().invoke(commands, words[1:], input=given, env=self.environment | environment)

    def answer(self, line: str, given: str = "") -> Any:
        """Run a line with `--json`, and return what it writes as the record that the schema promises."""
        done = self.run(f"{line} --json", given)
        assert done.exit_code == 0, done.output
        return read_answer(shlex.split(line)[1], done)


def read_answer(name: str, done: Result) -> Any:
    """Return what a command wrote, checked: nothing is left out and nothing is added."""
    plain = msgspec.json.decode(done.stdout)
    kind = ANSWERS["select" if "ranked" in plain else "sessions list" if name == "sessions" else name]
    answer = msgspec.json.decode(done.stdout, type=kind)
    assert msgspec.json.decode(msgspec.json.encode(answer)) == plain
    assert done.stdout.endswith("\n")
    return answer


def make_world() -> World:
    """Return a cloud with two instances, one of which is preferred, and three devices."""
    now = SystemClock().now()
    fez = line_device("ibm_fez", 130, queue_length=3)
    small = line_device("ibm_small", 5, queue_seconds=50.0)
    slow = line_device("ibm_slow", 3, queue_length=9, queue_seconds=1e9)
    return build_world(
        instance("my-instance", plan="open", devices=[small, fez, slow], tags=["team-a"]),
        instance("other", plan="premium", region="eu-de", devices=[line_device("ibm_other", 7)]),
        now=now,
    )


@contextmanager
def open_stage(folder: Path) -> Iterator[Stage]:
    """Give a stage, for as long as the block runs. Its cloud's time runs a thousand times as fast as ours."""
    clock = SystemClock()
    cloud = emulated_cloud(make_world(), clock=clock, speed=FAST)
    recorder = RecordingTransport(cloud, folder / "run.yaml")
    service = QiskitRuntimeService(token=API_KEY, transport=recorder, instance="my-instance")
    job, waiting = (submit_bell(service.backend(name)) for name in ("ibm_small", "ibm_slow"))
    recorder.save()
    for name in ("old.yaml", "new.yaml"):
        copyfile(folder / "run.yaml", folder / name)
    save_world(cloud.world, folder / "cloud.world")
    batch = Batch(service.backend("ibm_fez")).session_id or ""
    (folder / "bell.qasm").write_text(QASM2)
    (folder / "bell3.qasm").write_text(QASM3)
    (folder / "key.txt").write_text(f"{API_KEY}\n")
    with (folder / "bells.qpy").open("wb") as file:
        qpy.dump([QuantumCircuit.from_qasm_str(QASM2), QuantumCircuit.from_qasm_str(QASM2)], file)
    fleet = {
        "backends": [{"name": "ibm_fez", "num_qubits": 156}, {"name": "ibm_old", "num_qubits": 5, "state": "offline"}]
    }
    (folder / "fleet.json").write_bytes(msgspec.json.encode(fleet))
    with door_to(cloud) as door:
        environment: dict[str, str | None] = dict.fromkeys(
            variable for variable in os.environ if variable.startswith(("QISKIT_IBM_", "NO_COLOR", "_QISKIT"))
        )
        environment |= {
            "HOME": str(folder),
            "IAM_URL": door.base,
            "GLOBAL_SEARCH_URL": door.base,
            "GLOBAL_CATALOG_URL": f"{door.base}/api/v1",
            "QISKIT_IBM_URL": f"{door.base}/experimental/api/v1",
        }
        yield Stage(folder, environment, job, waiting, batch)
    cloud.close()
