"""Devices of a user's own, as subclasses of `FakeBackendV2` that name files."""

import copy
import json
import pickle
import runpy
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from qiskit import QuantumCircuit
from qiskit.providers import BackendV2
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager

from qiskit_runtime_service import EstimatorV2, SamplerV2, fake_provider, load_snapshot
from qiskit_runtime_service.exceptions import IBMApiError, IBMInputValueError
from qiskit_runtime_service.fake_provider import FakeBackendV2, FakeFez, FakeManilaV2
from qiskit_runtime_service.shell.snapshot_backend import SnapshotBackend

from .support.existing import ask_existing_client, needs_existing_client

HERE = Path(__file__).parent
SCRIPT = HERE / "compat" / "own_device.py"
FILES = HERE / "data" / "own_device"


class LabBackend(FakeBackendV2):
    """Written as for IBM's client."""

    dirname = str(FILES)
    conf_filename = "conf_lab.json"
    props_filename = "props_lab.json"
    defs_filename = "defs_lab.json"
    backend_name = "fake_lab"


class PlainBackend(FakeBackendV2):
    """With the least that a class must say."""

    dirname = FILES
    conf_filename = "conf_lab.json"


class QuietBackend(PlainBackend):
    """Another device of the same files, which adds something to the first."""

    backend_name = "fake_quiet"

    def __init__(self) -> None:
        super().__init__()
        self.__dict__["owner"] = "me"


def pair(backend: BackendV2) -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return generate_preset_pass_manager(1, backend=backend, seed_transpiler=1).run(circuit)


@pytest.mark.holds("B269")
def test_the_class_is_where_users_import_it_from() -> None:
    door = import_module("qiskit_runtime_service.fake_provider.fake_backend")
    assert door.FakeBackendV2 is FakeBackendV2 is fake_provider.FakeBackendV2
    assert issubclass(FakeBackendV2, BackendV2)
    for recorded in (FakeManilaV2(), FakeFez(), LabBackend()):
        assert isinstance(recorded, FakeBackendV2)


@pytest.mark.holds("B269")
def test_a_device_is_what_its_files_say() -> None:
    backend = LabBackend()
    assert backend.name == backend.backend_name == backend.configuration().backend_name == "fake_lab"
    assert (backend.num_qubits, backend.dt, backend.max_shots, backend.physical_qubits) == (3, 4e-9, 100000, None)
    assert backend.description == "Three qubits in a line, of a laboratory"
    assert set(backend.target.operation_names) == {"cz", "id", "rz", "sx", "x", "delay", "measure", "reset", "if_else"}
    assert set(backend.target["cz"]) == {(0, 1), (1, 0), (1, 2), (2, 1)}
    properties = backend.properties()
    assert properties is not None
    assert [properties.t1(qubit) for qubit in range(3)] == [200e-6, 123e-6, 200e-6]
    assert backend.qubit_properties(1).t1 == 123e-6
    assert backend.status().operational
    assert {"dirname", "conf_filename", "props_filename", "basis_gates"} <= set(dir(backend))


@pytest.mark.holds("B269")
def test_name_and_calibration_need_not_be_given() -> None:
    plain, quiet = PlainBackend(), QuietBackend()
    assert (plain.name, quiet.name) == ("lab_three", "fake_quiet")
    assert plain.properties() is quiet.properties() is None
    assert plain.target.qubit_properties is None
    assert vars(quiet)["owner"] == "me"
    assert class_with(dirname=FILES, conf_filename="conf_lab.json", props_filename=None)() == plain
    assert len({LabBackend(), LabBackend(), plain, quiet}) == 3


@pytest.mark.holds("B269")
@pytest.mark.parametrize("kind", [LabBackend, PlainBackend, QuietBackend])
def test_a_device_runs_circuits_and_primitives(kind: type[FakeBackendV2]) -> None:
    backend = kind()
    circuit = pair(backend)
    one, two = (backend.run(circuit, shots=500, seed_simulator=1).result().get_counts() for _ in range(2))
    assert one == two
    assert one["00"] + one["11"] > 450
    sampled = SamplerV2(backend).run([circuit, circuit], shots=500).result()
    assert all(pub.data.meas.get_counts()["00"] > 150 for pub in sampled)
    plain = circuit.remove_final_measurements(inplace=False)
    observable = SparsePauliOp("ZZ").apply_layout(plain.layout)
    assert EstimatorV2(backend).run([(plain, observable)]).result()[0].data.evs > 0.85
    if kind is LabBackend:
        assert one["00"] + one["11"] < 500


@pytest.mark.holds("B269")
@pytest.mark.parametrize("kind", [LabBackend, PlainBackend, QuietBackend])
def test_a_device_travels(kind: type[FakeBackendV2], tmp_path: Path) -> None:
    backend = kind()
    for twin in (pickle.loads(pickle.dumps(backend)), copy.copy(backend), copy.deepcopy(backend)):  # noqa: S301  # our own bytes
        assert type(twin) is kind
        assert twin == backend
        assert twin.name == backend.name
    again = load_snapshot(backend.save_snapshot(tmp_path / "device.json"))
    assert again == backend
    assert type(again) is SnapshotBackend


@pytest.mark.takes_long
@pytest.mark.holds("B269")
def test_a_device_arrives_in_another_process() -> None:
    code = (
        "import pickle, sys\n"
        "backend = pickle.loads(sys.stdin.buffer.read())\n"
        "print(type(backend).__name__, backend.name, backend.properties().t1(1))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(LabBackend()), capture_output=True, check=True, timeout=60
    )
    assert done.stdout.decode().split() == ["LabBackend", "fake_lab", "0.000123"]


def class_with(**members: Any) -> type[FakeBackendV2]:
    return type("Odd", (FakeBackendV2,), members)


@pytest.mark.holds("B269")
def test_what_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(IBMInputValueError, match=r"FakeBackendV2.conf_filename is not set"):
        FakeBackendV2()
    with pytest.raises(IBMInputValueError, match=r"Odd.conf_filename is not set"):
        class_with(dirname=tmp_path)()
    with pytest.raises(FileNotFoundError, match=r"conf\.json"):
        class_with(dirname=tmp_path, conf_filename="conf.json")()
    with pytest.raises(FileNotFoundError, match=r"props\.json"):
        class_with(dirname=FILES, conf_filename="conf_lab.json", props_filename="props.json")()
    (tmp_path / "conf.json").write_text("{")
    with pytest.raises(IBMApiError, match=r"conf\.json"):
        class_with(dirname=tmp_path, conf_filename="conf.json")()


@needs_existing_client
@pytest.mark.holds("B269")
def test_the_same_class_is_the_same_device_in_the_existing_client() -> None:
    theirs = ask_existing_client(SCRIPT, None)
    shared = runpy.run_path(str(SCRIPT))
    ours = shared["device_class"]("qiskit_runtime_service")()
    assert json.loads(json.dumps(shared["describe"](ours))) == theirs["told"]
    assert ours.run(shared["pair"](ours), shots=2000, seed_simulator=1).result().get_counts() == theirs["run"]
    sampled = SamplerV2(ours).run([shared["pair"](ours)], shots=2000).result()[0].data.meas.get_counts()
    assert sum(sampled.values()) == sum(theirs["sampled"].values()) == 2000
    assert abs(sampled["00"] - theirs["sampled"]["00"]) < 200
