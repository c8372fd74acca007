"""The three settings of fractional gates, value by value as in the existing client."""

import json
import runpy
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from qiskit.providers import BackendV2

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.bridge.target import build_target
from qiskit_runtime_service.core.backends import apply_fractional
from qiskit_runtime_service.devices.snapshots import read_snapshot, snapshot_rows
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    door_to,
    emulated_cloud,
    line_device,
    one_instance,
)
from qiskit_runtime_service.wire.configuration import read_configuration, read_properties

from ..support.existing import ask_existing_client, needs_existing_client

HERE = Path(__file__).parent
# The scripts have to run where none of our packages is, so they are loaded as they stand.
DUMP = runpy.run_path(str(HERE / "dump_targets.py"))
FRACTIONAL = runpy.run_path(str(HERE / "dump_fractional.py"))
DIGESTS: dict[str, list[str]] = json.loads((HERE.parent / "data" / "fractional_digests.json").read_bytes())
NAMES = [row.name for row in snapshot_rows()]
ALONE = frozenset((
    "fake_almaden", "fake_boeblingen", "fake_burlington", "fake_cambridge", "fake_essex", "fake_johannesburg",
    "fake_london", "fake_poughkeepsie", "fake_rochester", "fake_singapore",
))  # fmt: skip
"""The recorded devices whose only basis is u1, u2, u3 and cx."""
ADDED = ("rz sx x id cz rx rzz", "rz sx cz rx", "rz sx cz u", "h t cx rx", "rz sx x cz ry rzz")
"""Bases of devices on which both clients hide the same."""
BARE = ("rx rz cz", "rz sx rzz", "u3 rzz", "u1 u2 u3 cx")
"""Bases that have no gate to spare, of which that client leaves a part."""


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


@pytest.mark.holds("B28")
@pytest.mark.parametrize("name", sorted(set(NAMES) - ALONE))
def test_each_setting_gives_the_target_that_the_existing_client_builds(name: str) -> None:
    assert digests_of(name) == DIGESTS[name]


@pytest.mark.holds("B266")
@pytest.mark.parametrize("name", sorted(ALONE))
def test_a_device_without_another_basis_shows_its_only_one_at_each_setting(name: str) -> None:
    # That client hides u2 and u3 here, and leaves cx, u1 and id.
    *_, everything = DIGESTS[name]
    assert digests_of(name) == [everything] * 3


def test_the_settings_make_a_difference_on_the_devices_that_have_the_gates() -> None:
    differing = [name for name, (hidden, shown, everything) in DIGESTS.items() if hidden != shown]
    assert len(differing) >= 10
    assert all(shown == everything for _, shown, everything in DIGESTS.values())
    assert sorted(DIGESTS) == NAMES


def world_of(*bases: str) -> World:
    """Return a world with a line of three qubits for each basis."""
    line = line_device("ibm_line", 3)
    described = json.loads(line.configuration or b"")
    devices = []
    for number, basis in enumerate(bases):
        name, names = f"ibm_{number}", basis.split()
        two = [gate for gate in names if gate in ("cz", "cx", "rzz")]
        changed = {
            "backend_name": name,
            "basis_gates": names,
            "gates": [
                {
                    "name": gate,
                    "parameters": [],
                    "qasm_def": "",
                    "coupling_map": described["coupling_map"] if gate in two else [[0], [1], [2]],
                }
                for gate in names
            ],
            "supported_instructions": [*names, "measure", "delay", "reset"],
        }
        body = json.dumps(described | changed).encode()
        devices.append(msgspec.structs.replace(line, name=name, configuration=body))
    # The other client compares the dates of tokens with its own clock.
    return one_instance(devices=devices, now=time.time())


def gates_of(backend: BackendV2) -> list[str]:
    return sorted({*backend.operation_names} - {"measure", "delay", "reset"})


def shown_by_us(cloud: EmulatedTransport, names: Sequence[str]) -> list[list[list[str] | None]]:
    """Return the gates that each device shows at False, True and None; `None` where it is refused."""
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    shown: list[list[list[str] | None]] = []
    for name in names:
        shown.append([])
        for setting in FRACTIONAL["SETTINGS"]:
            try:
                shown[-1].append(gates_of(service.backend(name, use_fractional_gates=setting)))
            except IBMInputValueError:
                shown[-1].append(None)
    return shown


@needs_existing_client
@pytest.mark.holds("B28", "B29", "B266")
def test_both_clients_hide_and_refuse_the_same_where_there_is_another_basis() -> None:
    world = world_of(*ADDED, *BARE)
    names = list(world.devices)
    cloud = emulated_cloud(world)
    with door_to(cloud) as door:
        question = {"base": door.base, "key": API_KEY, "crn": next(iter(world.instances)), "names": names}
        theirs = ask_existing_client(HERE / "shown_gates.py", question)
    ours = shown_by_us(emulated_cloud(world), names)
    assert ours[: len(ADDED)] == theirs[: len(ADDED)]
    everything = [sorted(basis.split()) for basis in BARE]
    assert theirs[len(ADDED) :] == [
        [["cz", "rz"], everything[0], everything[0]],
        [["rz", "sx"], everything[1], everything[1]],
        [[], everything[2], everything[2]],
        [["cx", "u1"], None, everything[3]],
    ]
    assert ours[len(ADDED) :] == [[gates, None, gates] for gates in everything]
