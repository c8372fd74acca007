"""The listing of backends and what each tells of itself."""

import msgspec
import pytest

from qiskit_runtime_service.emulator.handle import needs
from qiskit_runtime_service.emulator.needs import DeviceBodies
from qiskit_runtime_service.emulator.world import DeviceState, give_device, move_on, put_device
from qiskit_runtime_service.emulator.worlds import device_from_row, line_device, one_instance, two_regions
from qiskit_runtime_service.records.backend import BackendRow

from ..support.calls import act, ask, read, respond, submit

MOCKED = one_instance(devices=(line_device("ibm_emu5", 5), line_device("mock_emu5", 5, mock=True)))


@pytest.mark.parametrize("word", ["True", "true"])
def test_mock_devices_are_listed_only_when_asked_for(word: str) -> None:
    assert [device["name"] for device in read(act(MOCKED, "GET", "/backends")[1])["devices"]] == ["ibm_emu5"]
    rows = read(act(MOCKED, "GET", f"/backends?include_mocks={word}")[1])["devices"]
    assert [(row["name"], row.get("class")) for row in rows] == [("ibm_emu5", None), ("mock_emu5", "mock")]


def test_a_caller_without_a_version_gets_names() -> None:
    request = ask(MOCKED, "GET", "/backends")
    headers = tuple(header for header in request.headers if header[0] != "IBM-API-Version")
    response = respond(MOCKED, msgspec.structs.replace(request, headers=headers))[1]
    assert read(response) == {"devices": ["ibm_emu5"]}


def test_each_region_has_its_own_devices() -> None:
    world = two_regions()
    listed = [read(respond(world, ask(world, "GET", "/backends", crn=crn))[1])["devices"] for crn in world.instances]
    assert [[row["name"] for row in rows] for rows in listed] == [["ibm_east5"], ["ibm_europe7"]]


@pytest.mark.parametrize("part", ["configuration", "properties", "status"])
def test_a_device_that_the_instance_has_not_is_not_found(part: str) -> None:
    assert act(two_regions(), "GET", f"/backends/ibm_europe7/{part}")[1].status == 404


def test_a_listed_device_describes_itself_once_its_bodies_are_given() -> None:
    row = BackendRow(name="ibm_x", num_qubits=3, state="paused", processor="Heron r2", two_qubit_error=0.01, clops=7.0)
    world = one_instance(devices=(device_from_row(row, queue_length=4),))
    listed = read(act(world, "GET", "/backends")[1])["devices"][0]
    assert (listed["status"]["name"], listed["queue_length"], listed["clops"]["value"]) == ("paused", 4, 7)
    request = ask(world, "GET", "/backends/ibm_x/properties")
    assert needs(world, request) == (DeviceBodies("ibm_x"),)
    assert respond(world, request)[1].status == 404
    world = give_device(world, "ibm_x", b'{"a":1}', b"{}")
    assert needs(world, request) == ()
    assert respond(world, request)[1].body == b"{}"
    assert act(world, "GET", "/backends/ibm_x/configuration")[1].body == b'{"a":1}'


def test_a_line_says_what_it_does_and_what_it_does_not() -> None:
    told = read(act(MOCKED, "GET", "/backends/ibm_emu5/configuration")[1])
    assert {name: value for name, value in told.items() if isinstance(value, bool)} == {
        "allow_q_object": True, "conditional": False, "credits_required": True, "dynamic_reprate_enabled": True,
        "local": False, "measure_esp_enabled": False, "memory": True, "multi_meas_enabled": True, "open_pulse": False,
        "parallel_compilation": True, "simulator": False,
    }  # fmt: skip


def test_bodies_for_a_device_that_is_not_there_change_nothing() -> None:
    assert give_device(MOCKED, "ibm_other", b"{}", b"{}") == MOCKED


@pytest.mark.parametrize(("state", "operational"), [("online", True), ("paused", False), ("offline", False)])
def test_a_device_is_operational_while_it_is_online(state: DeviceState, operational: bool) -> None:
    world = put_device(MOCKED, line_device("ibm_emu5", 5))
    world = put_device(world, msgspec.structs.replace(world.devices["ibm_emu5"], state=state))
    assert read(act(world, "GET", "/backends/ibm_emu5/status")[1])["state"] is operational


def test_the_queue_of_a_paused_device_stands_still_until_it_is_online_again() -> None:
    online = line_device("ibm_emu5", 5, queue_seconds=10, run_seconds=5)
    world = one_instance(devices=(online,))
    world, early = submit(world)
    world = put_device(world, msgspec.structs.replace(online, state="paused"))
    world, late = submit(world)
    world = move_on(world, 10**6)
    jobs = read(act(world, "GET", "/jobs")[1])["jobs"]
    assert [(job["id"], job["status"]) for job in jobs] == [(late, "Queued"), (early, "Queued")]
    world = move_on(put_device(world, online), 12)
    jobs = read(act(world, "GET", "/jobs")[1])["jobs"]
    assert [job["status"] for job in jobs] == ["Running", "Running"]


def test_a_line_of_one_qubit_has_no_pairs() -> None:
    world = one_instance(devices=(line_device("ibm_emu1", 1),))
    body = read(act(world, "GET", "/backends/ibm_emu1/configuration")[1])
    assert body["coupling_map"] is None
    assert "cz" not in body["basis_gates"]


@pytest.mark.holds("B138")
@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("2026-04-15", dict),
        ("2025-05-01", dict),
        ("2025-01-01", dict),
        ("2024-12-31", str),
        ("2024-01-01", str),
        ("2019-05-01", str),
        ("the newest", str),
    ],
)
def test_since_2025_devices_are_told_whole_and_before_by_name(version: str, told: type) -> None:
    world = one_instance(devices=(line_device("ibm_a", 2), line_device("ibm_b", 3)))
    devices = read(respond(world, ask(world, "GET", "/backends", version=version))[1])["devices"]
    assert [type(device) for device in devices] == [told, told]
    assert [device if told is str else device["name"] for device in devices] == ["ibm_a", "ibm_b"]


def test_the_versions_are_those_that_the_service_lists() -> None:
    world = one_instance()
    listed = read(act(world, "GET", "/versions")[1])["versions"]
    assert [(entry["version"], entry["status"], entry.get("sunset_date")) for entry in listed] == [
        ("2024-01-01", "deprecated", "2027-01-01"),
        ("2025-01-01", "deprecated", "2027-01-01"),
        ("2025-05-01", "deprecated", "2027-01-01"),
        ("2026-02-01", "deprecated", "2027-02-01"),
        ("2026-02-15", "deprecated", "2027-02-15"),
        ("2026-03-15", "live", None),
        ("2026-04-15", "live", None),
    ]
