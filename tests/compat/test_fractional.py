"""The three settings of fractional gates, value by value as in the existing client."""

import json
import runpy
from pathlib import Path

import pytest

from qiskit_runtime_service.bridge.target import build_target
from qiskit_runtime_service.core.backends import apply_fractional
from qiskit_runtime_service.devices.snapshots import read_snapshot, snapshot_rows
from qiskit_runtime_service.wire.configuration import read_configuration, read_properties

HERE = Path(__file__).parent
# The scripts have to run where none of our packages is, so they are loaded as they stand.
DUMP = runpy.run_path(str(HERE / "dump_targets.py"))
FRACTIONAL = runpy.run_path(str(HERE / "dump_fractional.py"))
DIGESTS: dict[str, list[str]] = json.loads((HERE.parent / "data" / "fractional_digests.json").read_bytes())
NAMES = [row.name for row in snapshot_rows()]


def digests_of(name: str) -> list[str]:
    """Return the digests of our Targets under the three settings."""
    snapshot = read_snapshot(name)
    offered = FRACTIONAL["offer_fractional_gates"](json.loads(snapshot.configuration), json.loads(snapshot.properties))
    configuration = read_configuration(json.dumps(offered).encode(), name).unwrap()
    properties = read_properties(snapshot.properties, name).unwrap()
    return [
        DUMP["digest_of"](DUMP["view_target"](build_target(apply_fractional(configuration, setting), properties)))
        for setting in FRACTIONAL["SETTINGS"]
    ]


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_gives_the_target_that_the_existing_client_builds(name: str) -> None:
    assert digests_of(name) == DIGESTS[name]


def test_the_settings_make_a_difference_on_the_devices_that_have_the_gates() -> None:
    differing = [name for name, (hidden, shown, everything) in DIGESTS.items() if hidden != shown]
    assert len(differing) >= 10
    assert all(shown == everything for _, shown, everything in DIGESTS.values())
    assert sorted(DIGESTS) == NAMES
