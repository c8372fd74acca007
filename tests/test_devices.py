"""The snapshots of real devices: complete, small, quick to list, and what was recorded."""

import hashlib
import json
import lzma
import subprocess
import sys
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from returns.result import Success

from qiskit_runtime_service.core.ranking import fill_quality
from qiskit_runtime_service.devices import pack
from qiskit_runtime_service.devices.snapshots import decompress, read_snapshot, snapshot_rows
from qiskit_runtime_service.records.backend import BackendRow
from qiskit_runtime_service.wire.configuration import read_configuration, read_properties

DIGESTS: dict[str, list[str]] = json.loads((Path(__file__).parent / "data" / "snapshot_digests.json").read_bytes())
NAMES = [row.name for row in snapshot_rows()]
DATA = files("qiskit_runtime_service.devices") / "data"


def digest_of(recorded: Any) -> str:
    return hashlib.sha256(json.dumps(recorded, sort_keys=True).encode()).hexdigest()


@pytest.mark.holds("B39")
def test_there_are_68_snapshots_in_order_of_their_names() -> None:
    assert len(NAMES) == 68
    assert sorted(NAMES) == NAMES
    assert {"fake_manila", "fake_brisbane", "fake_fez", "fake_nighthawk", "fake_fractional"} <= set(NAMES)


def test_all_data_together_is_under_one_and_a_half_megabytes() -> None:
    assert sum(len(path.read_bytes()) for path in DATA.iterdir()) < 1_500_000


def test_every_file_of_the_data_is_the_index_or_a_device_of_it() -> None:
    assert {path.name for path in DATA.iterdir()} == {"index.json", *(f"{name}.jsonl.xz" for name in NAMES)}


@pytest.mark.holds("B39")
def test_listing_the_snapshots_opens_no_device() -> None:
    opened: list[str] = []
    listening = True

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if listening and event == "open":
            opened.append(str(arguments[0]))

    # An audit hook cannot be taken away again, so it is told to stop listening.
    sys.addaudithook(note)
    snapshot_rows.cache_clear()
    snapshot_rows()
    listening = False
    assert [Path(path).name for path in opened if "devices" in path] == ["index.json"]


@pytest.mark.parametrize("name", NAMES)
def test_a_snapshot_is_what_was_recorded(name: str) -> None:
    snapshot = read_snapshot(name)
    configuration = json.loads(snapshot.configuration)
    properties = json.loads(snapshot.properties)
    assert configuration["backend_name"] == name
    configuration["backend_name"] = properties["backend_name"]
    assert [digest_of(configuration), digest_of(properties)] == DIGESTS[name]


@pytest.mark.parametrize("row", snapshot_rows(), ids=NAMES)
def test_a_row_tells_of_the_snapshot_what_the_snapshot_tells(row: BackendRow) -> None:
    snapshot = read_snapshot(row.name)
    configuration = read_configuration(snapshot.configuration, "").unwrap()
    assert configuration.backend_name == row.name
    assert configuration.n_qubits == row.num_qubits
    assert configuration.simulator is row.simulator is False
    assert row.queue_length == 0
    assert row.state == "online"
    if configuration.processor_type is None:
        assert row.processor == ""
    else:
        assert row.processor == f"{configuration.processor_type.family} r{configuration.processor_type.revision}"


@pytest.mark.holds("B272")
@pytest.mark.parametrize("row", snapshot_rows(), ids=NAMES)
def test_a_row_and_the_calibration_of_its_device_tell_the_same_figures(row: BackendRow) -> None:
    properties = read_properties(read_snapshot(row.name).properties, "").unwrap()
    assert properties is not None
    silent = BackendRow(name=row.name)
    filled = fill_quality(silent, properties)
    assert (filled.two_qubit_error, filled.readout_error, filled.calibrated) == (
        row.two_qubit_error,
        row.readout_error,
        row.calibrated,
    )


@pytest.mark.holds("B272")
def test_a_pair_counts_once_by_its_better_direction_and_without_fractional_gates() -> None:
    gates = [
        gate("cz", [0, 1], gate_error=0.004),
        gate("cz", [1, 0], gate_error=0.006),
        gate("rzz", [0, 1], gate_error=0.001),
        gate("cz", [2, 1], gate_error=0.008),
        gate("rzz", [2, 3], gate_error=0.002),
    ]
    assert pack.describe(CONFIGURATION, PROPERTIES | {"gates": gates}).two_qubit_error == 0.006
    assert pack.describe(CONFIGURATION, PROPERTIES | {"gates": [gates[2], gates[4]]}).two_qubit_error == 0.0015


def test_rows_tell_how_good_a_device_is() -> None:
    rows = {row.name: row for row in snapshot_rows()}
    assert rows["fake_fez"].processor == "Heron r2"
    assert rows["fake_fez"].two_qubit_error == pytest.approx(0.0038, rel=0.01)
    assert rows["fake_fez"].readout_error == pytest.approx(0.0076, rel=0.01)
    assert rows["fake_armonk"].two_qubit_error is None, "it has one qubit"
    assert rows["fake_kyoto"].two_qubit_error is None, "none of its pairs was calibrated"


@pytest.mark.parametrize("name", ["", "fez", "fake_nowhere", "../data/fake_fez", "index.json"])
def test_a_name_that_is_not_in_the_index_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        read_snapshot(name)


def recorded_device() -> tuple[bytes, bytes]:
    snapshot = read_snapshot("fake_manila")
    return snapshot.configuration.replace(b'"fake_manila"', b'"ibmq_manila"'), snapshot.properties


def write_package(root: Path) -> Path:
    configuration, properties = recorded_device()
    device = root / "qiskit_ibm_runtime" / "fake_provider" / "backends" / "manila"
    device.mkdir(parents=True)
    (device.parent / "__init__.py").touch()
    (device.parent / "__pycache__").mkdir()
    (device / "conf_manila.json").write_bytes(configuration)
    (device / "props_manila.json").write_bytes(properties)
    return root / "qiskit_ibm_runtime"


def packed(source: Path, target: Path) -> dict[str, bytes]:
    pack.main([str(source), str(target)])
    return {path.name: path.read_bytes() for path in target.iterdir()}


def test_a_wheel_and_an_installed_package_pack_alike(tmp_path: Path) -> None:
    package = write_package(tmp_path)
    wheel = tmp_path / "qiskit_ibm_runtime.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path in sorted(package.rglob("*.json")):
            archive.write(path, path.relative_to(tmp_path))
    from_package = packed(package, tmp_path / "one")
    assert from_package == packed(wheel, tmp_path / "two") == packed(wheel, tmp_path / "one")
    assert set(from_package) == {"index.json", "fake_manila.jsonl.xz"}


def test_packing_again_gives_the_data_of_this_package_in_meaning(tmp_path: Path) -> None:
    again = packed(write_package(tmp_path), tmp_path / "again")
    snapshot = read_snapshot("fake_manila")
    lines = decompress(again["fake_manila.jsonl.xz"])
    assert lines == (snapshot.configuration, snapshot.properties)
    # The short checksum, which every reader of the format has.
    reader = lzma.LZMADecompressor()
    reader.decompress(again["fake_manila.jsonl.xz"])
    assert reader.check == lzma.CHECK_CRC32
    (row,) = json.loads(again["index.json"])
    assert row in json.loads((DATA / "index.json").read_bytes())


def test_a_source_without_devices_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        pack.main([str(tmp_path), str(tmp_path / "data")])
    assert not (tmp_path / "data").exists()


def gate(name: str, qubits: list[int], **values: float) -> dict[str, Any]:
    return {"gate": name, "qubits": qubits, "parameters": [{"name": key, "value": values[key]} for key in values]}


def errors(*values: float) -> list[list[dict[str, Any]]]:
    """Return the reports of qubits with these errors of reading, each beside something else."""
    return [[{"name": "T1", "value": 99.0}, {"name": "readout_error", "value": value}] for value in values]


CONFIGURATION = {
    "backend_name": "fake_x", "n_qubits": 3, "basis_gates": ["cz", "sx"],
    "processor_type": {"family": "Heron", "revision": 2},
}  # fmt: skip
PROPERTIES = {
    "last_update_date": "2026-05-04T03:02:01+00:00",
    "qubits": errors(0.01, 0.04, 1.0),
    "gates": [
        gate("sx", [0], gate_error=0.5),
        gate("cx", [0, 1], gate_error=0.5),
        gate("cz", [0, 1], gate_length=68.0, gate_error=0.01),
        gate("cz", [1, 2], gate_error=0.03),
        gate("cz", [0, 2], gate_error=1.0),
    ],
}


def test_a_device_is_told_by_the_medians_of_what_was_calibrated() -> None:
    # An error of 1 says of a pair that it was never calibrated, and of a qubit that it is read badly.
    assert pack.describe(CONFIGURATION, PROPERTIES) == BackendRow(
        name="fake_x", queue_length=0, num_qubits=3, simulator=False, processor="Heron r2", two_qubit_error=0.02,
        readout_error=0.04, calibrated=1777863721.0,
    )  # fmt: skip


def test_the_qubits_of_a_chip_with_couplers_are_told_where_they_are_known() -> None:
    told = {
        name: pack.describe({**CONFIGURATION, "backend_name": name}, PROPERTIES).physical_qubits
        for name in ("fake_x", *NAMES)
    }
    assert {name: count for name, count in told.items() if count is not None} == {
        "fake_aachen": 332, "fake_berlin": 338, "fake_boston": 332, "fake_fez": 332, "fake_kingston": 332,
        "fake_marrakesh": 332, "fake_miami": 338, "fake_pittsburgh": 332,
    }  # fmt: skip


def test_what_was_never_calibrated_has_no_error() -> None:
    alone = {"last_update_date": "2026-05-04T05:02:01+02:00", "qubits": errors(float("inf")), "gates": []}
    row = pack.describe({**CONFIGURATION, "processor_type": None}, alone)
    assert (row.processor, row.two_qubit_error, row.readout_error, row.calibrated) == ("", None, None, 1777863721.0)


@pytest.mark.parametrize("name", ["fake_fez", "fake_manila"])
def test_a_device_is_packed_as_small_as_it_is_shipped(name: str) -> None:
    shipped = (Path(pack.__file__).parent / "data" / f"{name}.jsonl.xz").read_bytes()
    configuration, properties = map(json.loads, lzma.decompress(shipped).split(b"\n"))
    packed = pack.compress(configuration, properties)
    assert lzma.decompress(packed) == lzma.decompress(shipped)
    # Another liblzma may make other bytes of it; its usual settings make more: 1 % of manila, 12 % of fez.
    assert len(packed) <= 1.01 * len(shipped)


def test_packing_is_a_program(tmp_path: Path) -> None:
    package, target = write_package(tmp_path), tmp_path / "data"
    subprocess.run(
        [sys.executable, "-m", "qiskit_runtime_service.devices.pack", str(package), str(target)], check=True, timeout=60
    )
    assert {path.name for path in target.iterdir()} == {"index.json", "fake_manila.jsonl.xz"}


@pytest.mark.parametrize("name", NAMES)
def test_every_snapshot_can_be_read(name: str) -> None:
    snapshot = read_snapshot(name)
    assert isinstance(read_configuration(snapshot.configuration, ""), Success)
    properties = read_properties(snapshot.properties, "").unwrap()
    assert properties is not None
    assert properties.gates
