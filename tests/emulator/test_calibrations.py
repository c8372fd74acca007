"""Several calibrations of one device: found by id and by date, used by jobs, and kept with the world."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.calibrations import date_of, measure_again, properties_before
from qiskit_runtime_service.emulator.handle import needs
from qiskit_runtime_service.emulator.needs import JobTask
from qiskit_runtime_service.emulator.saving import decode_world, encode_world
from qiskit_runtime_service.emulator.world import World, move_on
from qiskit_runtime_service.emulator.worlds import START
from qiskit_runtime_service.records.backend import BackendRow
from qiskit_runtime_service.testing import device_from_row, line_device, one_instance, recalibrated

from ..support.calls import act, ask, read, sampler_job, submit

HOUR = 3600.0


def worn() -> World:
    """Return a world whose device was calibrated three times, each time worse."""
    device = line_device("ibm_emu5", 2)
    device = recalibrated(device, at=START - HOUR, errors=2.0)
    return one_instance(devices=[recalibrated(device, at=START + HOUR, errors=2.0)])


def pair_error(world: World, query: str) -> float | None:
    body = read(act(world, "GET", f"/backends/ibm_emu5/properties{query}")[1])
    gates = [gate for gate in body.get("gates", ()) if gate["gate"] == "cz"]
    return gates[0]["parameters"][0]["value"] if gates else None


@pytest.mark.holds("B199")
@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("", 0.008),
        ("?calibration_id=ibm_emu5-1", 0.002),
        ("?calibration_id=ibm_emu5-2", 0.004),
        ("?calibration_id=ibm_emu5-3", 0.008),
        ("?updated_before=2026-09-01T05:00:00Z", None),
        ("?updated_before=2026-09-01T06:00:00Z", None),
        ("?updated_before=2026-09-01T08:00:00%2B00:00", 0.002),
        ("?updated_before=2026-09-01T10:00:00Z", 0.004),
        ("?updated_before=2026-09-01T12:00:00%2B00:00", 0.008),
    ],
)
def test_properties_are_found_by_id_and_by_date(query: str, error: float | None) -> None:
    assert pair_error(worn(), query) == error


@pytest.mark.holds("B199")
def test_a_configuration_is_found_by_id() -> None:
    world = worn()
    assert act(world, "GET", "/backends/ibm_emu5/configuration?calibration_id=ibm_emu5-1")[1].status == 200
    _, unknown = act(world, "GET", "/backends/ibm_emu5/configuration?calibration_id=ibm_emu5-9")
    assert (unknown.status, read(unknown)["errors"][0]["code"]) == (404, 1226)


@pytest.mark.parametrize("query", ["?calibration_id=no", "?updated_before=yesterday"])
def test_a_calibration_that_is_none_is_refused(query: str) -> None:
    assert act(worn(), "GET", f"/backends/ibm_emu5/properties{query}")[1].status in {400, 404}


@pytest.mark.holds("B199")
def test_a_job_runs_on_the_calibration_that_it_names() -> None:
    world, _ = submit(worn(), calibration_id="ibm_emu5-1")
    (task,) = needs(move_on(world, HOUR), ask(world, "GET", "/jobs"))
    assert isinstance(task, JobTask)
    assert task.properties == world.devices["ibm_emu5"].calibrations[0].properties
    assert act(world, "POST", "/jobs", sampler_job(calibration_id="ibm_emu5-9"))[1].status == 404


def test_the_listing_tells_the_errors_of_the_last_calibration() -> None:
    (device,) = read(act(worn(), "GET", "/backends")[1])["devices"]
    assert device["performance_metrics"]["two_q_error_median"]["value"] == 0.008


def test_calibrations_are_kept_with_the_world() -> None:
    assert decode_world(encode_world(worn())) == worn()


def test_what_is_not_described_cannot_be_calibrated() -> None:
    with pytest.raises(ValueError, match="ibm_row"):
        recalibrated(device_from_row(BackendRow(name="ibm_row", num_qubits=2)), at=START)


def dated(seconds: float) -> bytes:
    return measure_again(b'{"last_update_date":"","qubits":[],"gates":[]}', seconds, 1.0)


@pytest.mark.holds("B199")
@given(st.lists(st.integers(10**9, 2 * 10**9), max_size=6), st.integers(10**9, 2 * 10**9))
def test_before_a_date_is_the_newest_that_is_older(dates: list[int], end: int) -> None:
    found = properties_before(map(dated, dates), end)
    older = [date for date in dates if date < end]
    assert found == (dated(max(older)) if older else b"{}")


@given(st.binary(max_size=20) | st.just(msgspec.json.encode({"last_update_date": "soon"})))
def test_properties_without_a_date_are_very_old(properties: bytes) -> None:
    assert date_of(properties) == 0.0


@pytest.mark.holds("B199")
def test_a_device_that_keeps_no_calibrations_takes_any_id_for_the_present_one() -> None:
    world = one_instance(devices=[line_device("ibm_emu5", 2)])
    assert pair_error(world, "?calibration_id=anything") == pair_error(world, "") == 0.002
