"""Make the data of this package from the device snapshots that `qiskit-ibm-runtime` publishes.

    python -m qiskit_runtime_service.devices.pack WHEEL_OR_FOLDER [DATA_FOLDER]

The first argument is a wheel of `qiskit-ibm-runtime` or the folder of the installed package, the second is where the
data goes, by default into this package. The same input gives the same output, byte for byte, with the same liblzma.

Each device becomes one file of two lines, configuration and properties, compressed together. Nothing is dropped,
rounded or added, but `backend_name` in the configuration becomes the name of the snapshot. Devices with fractional
gates were recorded without them in the configuration; that is kept, and their properties still have them.
"""

import json
import lzma
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.resources.abc import Traversable
from math import inf
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from ..records.backend import BackendRow
from .snapshots import INDEX, SUFFIX

# Measured on the 68 devices: 0.90 MB and under 3 ms each; zlib needs 1.35 MB, bz2 1.14 MB and 10 ms.
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 3, "pb": 0, "dict_size": 1 << 20}]

PHYSICAL_QUBITS = {
    **dict.fromkeys(("fake_berlin", "fake_miami"), 338),
    **dict.fromkeys(
        ("fake_aachen", "fake_boston", "fake_fez", "fake_kingston", "fake_marrakesh", "fake_pittsburgh"), 332
    ),
}
"""How many qubits a chip has, couplers included. The classes of that package tell it, their recordings do not."""

Json = dict[str, Any]


def main(arguments: list[str]) -> None:
    """Pack all devices of the source that the first argument names."""
    source, *rest = arguments
    target = Path(rest[0]) if rest else Path(__file__).with_name("data")
    devices = list(recorded_devices(find_devices(Path(source))))
    target.mkdir(exist_ok=True)
    rows = []
    for name, configuration, properties in devices:
        configuration["backend_name"] = name
        (target / f"{name}{SUFFIX}").write_bytes(compress(configuration, properties))
        rows.append(describe(configuration, properties))
    (target / INDEX).write_bytes(encode_rows(rows))


def find_devices(source: Path) -> Traversable:
    """Find the folder of devices in a wheel or in the folder of the installed package."""
    root: Traversable = zipfile.Path(source) / "qiskit_ibm_runtime" if source.is_file() else source
    return root / "fake_provider" / "backends"


def recorded_devices(folder: Traversable) -> Iterator[tuple[str, Json, Json]]:
    """Read name, configuration and properties of each device, by name."""
    for device in sorted(folder.iterdir(), key=lambda device: device.name):
        configuration = device / f"conf_{device.name}.json"
        if configuration.is_file():
            properties = device / f"props_{device.name}.json"
            yield f"fake_{device.name}", json.loads(configuration.read_bytes()), json.loads(properties.read_bytes())


def compress(configuration: Json, properties: Json) -> bytes:
    """Compress the two, one line each. Both are alike enough that one stream is smaller than two."""
    lines = [json.dumps(body, separators=(",", ":"), ensure_ascii=False) for body in (configuration, properties)]
    return lzma.compress("\n".join(lines).encode(), check=lzma.CHECK_CRC32, filters=FILTERS)


def describe(configuration: Json, properties: Json) -> BackendRow:
    """Say of a device what a listing says."""
    return BackendRow(
        name=configuration["backend_name"],
        queue_length=0,
        num_qubits=configuration["n_qubits"],
        physical_qubits=PHYSICAL_QUBITS.get(configuration["backend_name"]),
        simulator=False,
        processor=name_processor(configuration.get("processor_type") or {}),
        two_qubit_error=median_or_none(pair_errors(properties["gates"])),
        readout_error=median_or_none(values_of("readout_error", properties["qubits"])),
        calibrated=datetime.fromisoformat(properties["last_update_date"]).timestamp(),
    )


def name_processor(processor: Json) -> str:
    """Name a chip as the field does: `Heron r2`."""
    return f"{processor['family']} r{processor['revision']}" if processor else ""


def pair_errors(gates: Iterable[Json]) -> Iterable[float]:
    """Return the error of each pair by its best gate in its better direction, without `rzz` beside others (B272)."""
    # An error of 1 says that the pair was never calibrated, not how good it is.
    pairs = [
        (gate["gate"], frozenset(gate["qubits"]), error)
        for gate in gates
        for error in values_of("gate_error", [gate["parameters"]])
        if len(gate["qubits"]) == 2 and error < 1
    ]
    best: dict[frozenset[int], float] = {}
    for _, pair, error in [found for found in pairs if found[0] != "rzz"] or pairs:
        best[pair] = min(error, best.get(pair, inf))
    return best.values()


def values_of(name: str, reports: Iterable[list[Json]]) -> list[float]:
    """Return the values called `name`."""
    return [item["value"] for items in reports for item in items if item["name"] == name and item["value"] < inf]


def median_or_none(values: Iterable[float]) -> float | None:
    """Return the median, if there are any values."""
    known = list(values)
    return median(known) if known else None


def encode_rows(rows: list[BackendRow]) -> bytes:
    """Encode the index with one row per line, so that changes can be reviewed."""
    return b"[\n" + b",\n".join(map(msgspec.json.encode, rows)) + b"\n]\n"


if __name__ == "__main__":
    main(sys.argv[1:])
