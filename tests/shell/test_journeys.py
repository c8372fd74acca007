"""The journeys of a user, from account to counts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from qiskit.primitives import BasePrimitiveJob, BaseSamplerV2
from qiskit.providers import BackendV2

from qiskit_runtime_service import IBMBackend, QiskitRuntimeLocalService, QiskitRuntimeService, SamplerV2
from qiskit_runtime_service.emulator.faults import Fault, Status
from qiskit_runtime_service.emulator.worlds import device_from_row
from qiskit_runtime_service.exceptions import (
    IBMApiError,
    IBMBackendError,
    IBMInputValueError,
    QiskitBackendNotFoundError,
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
    RuntimeJobMaxTimeoutError,
    RuntimeJobTimeoutError,
)
from qiskit_runtime_service.testing import API_KEY, emulated_cloud, line_device, one_instance, two_regions

from .clouds import bell, open_service, submit_bell


def test_the_five_lines_of_the_readme_give_counts() -> None:
    service = QiskitRuntimeService(channel="local")
    backend = service.least_busy(min_num_qubits=100, operational=True)
    job = SamplerV2(mode=backend).run([bell(backend)])
    counts = job.result()[0].data.meas.get_counts()
    assert sum(counts.values()) == 4096
    assert counts["00"] + counts["11"] > 3600


@pytest.mark.holds("B194")
@pytest.mark.parametrize(
    "open_local", [lambda: QiskitRuntimeService("local"), lambda: QiskitRuntimeService(channel="local")]
)
def test_local_can_be_said_by_position_or_keyword(open_local: Callable[[], QiskitRuntimeService]) -> None:
    service = open_local()
    assert isinstance(service, QiskitRuntimeLocalService)
    assert service.channel == "local"
    assert len(service.backends(simulator=False)) == 68


def test_waiting_through_a_long_queue() -> None:
    service, cloud = open_service(one_instance(queue_seconds=3600))
    job = submit_bell(service)
    seen: list[str] = []
    job.wait_for_final_state(on_change=lambda status, _: seen.append(status))
    assert job.status() == "DONE"
    assert seen[0] == "QUEUED"
    assert seen[-1] == "DONE"
    assert cloud.now() >= 3600


def test_the_same_seed_gives_the_same_counts() -> None:
    counts = [
        submit_bell(open_service()[0], simulator={"seed_simulator": 0}).result()[0].data.meas.get_counts()
        for _ in range(2)
    ]
    assert counts[0] == counts[1]


def test_a_job_found_again_is_the_same_job() -> None:
    service, _ = open_service(two_regions())
    backend = service.backend("ibm_europe7")
    job = SamplerV2(mode=backend, options={"environment": {"job_tags": ["a", "b"]}}).run([bell(backend)])
    found = service.job(job.job_id())
    assert found.instance == backend.instance != service.active_instance()
    assert found.tags == job.tags
    assert found.tags == ["a", "b"]
    assert found.primitive_id == "sampler"
    assert found.backend() == backend
    assert found.creation_date is not None
    assert found.creation_date.tzinfo is not None
    assert found.result()[0].data.meas.num_shots == 4096


@pytest.mark.holds("B45")
def test_jobs_of_all_instances_are_merged_newest_first() -> None:
    service, cloud = open_service(two_regions())
    ids = []
    for name in ("ibm_east5", "ibm_europe7", "ibm_east5", "ibm_europe7"):
        backend = service.backend(name)
        ids.append(SamplerV2(mode=backend).run([bell(backend)], shots=1).job_id())
        cloud.sleep(10.0)
    assert [job.job_id() for job in service.jobs()] == ids[::-1]
    assert [job.job_id() for job in service.jobs(limit=2, skip=1)] == ids[::-1][1:3]
    assert [job.job_id() for job in service.jobs(descending=False)] == ids
    assert [job.job_id() for job in service.jobs(instance="instance-2")] == [ids[3], ids[1]]
    assert [job.job_id() for job in service.jobs(backend_name="ibm_east5")] == [ids[2], ids[0]]
    third = datetime.fromtimestamp(cloud.now() - 21, UTC)
    assert [job.job_id() for job in service.jobs(created_after=third)] == [ids[3], ids[2]]
    elsewhere = third.astimezone(tz=None) - timedelta(hours=0)
    assert [job.job_id() for job in service.jobs(created_before=elsewhere)] == [ids[1], ids[0]]


def test_pending_jobs_are_those_that_wait_or_run() -> None:
    service, cloud = open_service(one_instance(queue_seconds=100))
    job = submit_bell(service)
    assert [listed.job_id() for listed in service.jobs(pending=True)] == [job.job_id()]
    assert service.jobs(pending=False) == []
    cloud.sleep(1000.0)
    assert service.jobs(pending=True) == []
    assert [job.status() for job in service.jobs(pending=False)] == ["DONE"]


def test_a_cancelled_job_has_no_result() -> None:
    service, _ = open_service(one_instance(queue_seconds=100))
    job = submit_bell(service)
    job.cancel()
    assert job.cancelled()
    with pytest.raises(RuntimeInvalidStateError, match="was cancelled"):
        job.result()
    with pytest.raises(RuntimeInvalidStateError, match="cannot be cancelled"):
        job.cancel()


@pytest.mark.holds("B41")
def test_a_job_that_runs_too_long_says_so() -> None:
    service, _ = open_service(one_instance(run_seconds=500.0))
    job = submit_bell(service, max_execution_time=10)
    with pytest.raises(RuntimeJobMaxTimeoutError, match="maximum execution time"):
        job.result()
    assert job.status() == "ERROR"


def test_a_wait_ends_at_its_timeout_and_the_job_goes_on() -> None:
    service, cloud = open_service(one_instance(queue_seconds=1000))
    job = submit_bell(service)
    began = cloud.now()
    with pytest.raises(RuntimeJobTimeoutError, match="QUEUED after 30 s"):
        job.result(timeout=30.0)
    assert cloud.now() - began == pytest.approx(30.0)
    assert job.result()[0].data.meas.num_shots == 64


@pytest.mark.holds("B41")
def test_a_job_whose_simulation_fails_gives_the_reason() -> None:
    service, _ = open_service(one_instance())
    job = submit_bell(service, simulator={"seed_simulator": -1})
    with pytest.raises(RuntimeJobFailureError, match="seed_simulator"):
        job.result()
    assert job.errored()
    assert "seed_simulator" in (job.error_message() or "")


def test_a_job_with_too_many_shots_fails_at_once_and_says_the_limit() -> None:
    service, _ = open_service()
    backend = service.least_busy()
    # A run of ours refuses it before it is sent; other clients do not.
    job = service.run_program("sampler", {"pubs": [[bell(backend), None, 10**9]], "version": 2}, backend)
    with pytest.raises(RuntimeJobFailureError, match="takes up to 100000"):
        job.result()


@pytest.mark.holds("B325")
def test_tags_can_be_replaced_and_that_of_the_submission_stays() -> None:
    service, cloud = open_service()
    job = submit_bell(service, environment={"job_tags": ["a"]})
    (mark,) = set(job.record.tags) - {"a"}
    assert job.update_tags(["x", "y", "x"]) == job.tags == ["x", "y"]
    assert service.jobs(job_tags=["x"])[0].job_id() == job.job_id()
    # A job that was found again knows it too.
    found = service.job(job.job_id())
    for new, kept in ((["z"], ("z", mark)), ([], (mark,)), ([mark, "w"], (mark, "w"))):
        assert found.update_tags(new) == found.tags == [tag for tag in new if tag != mark]
        assert found.record.tags == kept
        assert [row.job_id() for row in service.jobs(job_tags=[mark])] == [job.job_id()]
    (row,) = service.jobs()
    assert (row.tags, row.record.tags) == (["w"], (mark, "w"))
    assert service.jobs().to_dicts()[0]["tags"] == ["w"]
    assert len(cloud.requests("/tags", "PUT")) == 4


@pytest.mark.holds("B325")
def test_eight_new_tags_leave_no_room_for_that_of_the_submission() -> None:
    service, _ = open_service()
    job = submit_bell(service)
    assert job.update_tags([*"abcdefgh"]) == [*"abcdefgh"]
    assert job.record.tags == tuple("abcdefgh")
    with pytest.raises(IBMApiError, match="tags"):
        job.update_tags([*"abcdefghi"])


@pytest.mark.holds("B325")
def test_what_looks_nearly_like_the_tag_of_a_submission_is_the_users() -> None:
    service, _ = open_service()
    mine = ["submission-2026", f"submission-{'g' * 32}"]
    job = submit_bell(service, environment={"job_tags": mine})
    assert job.tags == service.job(job.job_id()).tags == mine


def test_metrics_and_usage_are_settled_at_the_end() -> None:
    service, _ = open_service()
    job = submit_bell(service)
    assert job.usage() == 0.0
    job.wait_for_final_state()
    assert job.usage() == job.metrics()["usage"]["qpu_charge_time_seconds"] == 3.0
    assert job.metrics()["timestamps"]["finished"] is not None


def test_objects_are_what_qiskit_expects() -> None:
    service, _ = open_service()
    backend = service.least_busy()
    assert isinstance(backend, BackendV2)
    assert isinstance(SamplerV2(mode=backend), BaseSamplerV2)
    assert isinstance(submit_bell(service), BasePrimitiveJob)


@pytest.mark.holds("B27", "B102")
def test_a_backend_tells_what_its_configuration_tells() -> None:
    service, _ = open_service()
    backend = service.least_busy()
    assert backend.dt == backend.dtm == 4e-9
    assert backend.default_rep_delay == 250e-6
    assert backend.basis_gates == backend.configuration().basis_gates
    assert backend.processor_type["family"] == "Heron"
    assert backend.status().operational
    assert backend.service is service
    with pytest.raises(AttributeError):
        _ = backend.no_such_thing
    with pytest.raises(IBMBackendError, match="SamplerV2"):
        backend.run()


@pytest.mark.holds("B15")
def test_the_least_busy_of_all_instances_wins_and_ties_go_to_the_better_instance() -> None:
    world = two_regions()
    service, cloud = open_service(world)
    assert service.least_busy().name == "ibm_east5"
    east = msgspec.structs.replace(world.devices["ibm_east5"], queue_length=3)
    cloud.alter(lambda now: msgspec.structs.replace(now, devices={**now.devices, east.name: east}))
    assert service.least_busy().name == "ibm_europe7"
    assert service.least_busy(instance="instance-1").name == "ibm_east5"


@pytest.mark.holds("B15")
def test_a_backend_that_cannot_be_described_gives_way_to_the_next() -> None:
    broken = msgspec.structs.replace(line_device("ibm_broken", 5), configuration=b"{}")
    service, _ = open_service(one_instance(devices=[broken, line_device("ibm_whole", 5, queue_length=9)]))
    assert service.least_busy().name == "ibm_whole"
    with pytest.raises(QiskitBackendNotFoundError, match=r"ibm_broken: .*backend_name"):
        service.least_busy(filters=lambda backend: backend.name == "ibm_broken")


@pytest.mark.holds("B14")
def test_mocks_are_hidden_but_found_by_name() -> None:
    service, _ = open_service(one_instance(devices=[line_device("mock_5", 5, mock=True), line_device("ibm_5", 5)]))
    assert [backend.name for backend in service.backends()] == ["ibm_5"]
    assert len(service.backends(include_mocks=True)) == 2
    assert service.backend("mock_5").is_mock
    assert service.least_busy().name == "ibm_5"


@pytest.mark.holds("B12")
def test_a_listing_that_is_silent_on_qubits_is_completed_from_the_configuration() -> None:
    listing = b'{"devices": [{"name": "ibm_emu5", "qubits": null, "queue_length": 0, "status": {"name": "online"}}]}'
    silent = Fault(path="*/backends", effect=Status(code=200, body=listing), times=None)
    service, cloud = open_service(msgspec.structs.replace(one_instance(), faults=(silent,)))
    assert service.least_busy(min_num_qubits=5).num_qubits == 5
    with pytest.raises(QiskitBackendNotFoundError, match="1 has fewer than 6 qubits"):
        service.least_busy(min_num_qubits=6)
    assert len(cloud.requests("/configuration")) == 1


@pytest.mark.holds("B28", "B29")
def test_fractional_gates_are_hidden_unless_asked_for() -> None:
    service = QiskitRuntimeService(channel="local")
    hidden = service.backend("fake_fractional")
    shown = service.backend("fake_fractional", use_fractional_gates=True)
    assert "rzz" not in hidden.target.operation_names
    assert "rzz" in shown.target.operation_names
    assert "if_else" in hidden.target.operation_names
    assert hidden != shown


@pytest.mark.holds("B29")
def test_fractional_gates_are_insisted_on_in_a_cloud_and_not_on_the_local_channel() -> None:
    cloud = emulated_cloud()
    with pytest.raises(IBMInputValueError, match="no fractional gates"):
        QiskitRuntimeService(token=API_KEY, transport=cloud).backend("fake_manila", use_fractional_gates=True)
    local = QiskitRuntimeService(channel="local")
    assert "rzz" not in local.backend("fake_manila", use_fractional_gates=True).target.operation_names
    assert "rzz" in local.backend("fake_fractional", use_fractional_gates=True).target.operation_names


@pytest.mark.holds("B108")
def test_a_backend_that_is_refreshed_is_described_anew() -> None:
    world = one_instance()
    service, cloud = open_service(world)
    backend = service.least_busy()
    assert backend.max_shots == 100000
    (device,) = world.devices.values()
    changed = msgspec.structs.replace(
        device, configuration=(device.configuration or b"").replace(b'"max_shots":100000', b'"max_shots":7')
    )
    cloud.alter(lambda now: msgspec.structs.replace(now, devices={changed.name: changed}))
    assert backend.max_shots == 100000
    backend.refresh()
    assert backend.max_shots == service.backend(backend.name).max_shots == 7


@pytest.mark.holds("B11")
def test_an_instance_that_cannot_be_listed_does_not_hide_the_others() -> None:
    world = two_regions()
    first = next(iter(world.instances))
    service, cloud = open_service(world)
    rest = {crn: instance for crn, instance in world.instances.items() if crn != first}
    cloud.alter(lambda now: msgspec.structs.replace(now, instances=rest))
    assert [backend.name for backend in service.backends()] == ["ibm_europe7"]


def test_a_real_device_keeps_its_name_and_size() -> None:
    service = QiskitRuntimeService(channel="local")
    for name, qubits in (("fake_brisbane", 127), ("fake_fez", 156)):
        backend = service.backend(name)
        assert isinstance(backend, IBMBackend)
        assert (backend.name, backend.num_qubits, backend.target.num_qubits) == (name, qubits, qubits)


def test_devices_can_be_made_from_rows_of_a_listing() -> None:
    service, cloud = open_service(two_regions())
    rows = [ranked.item for ranked in service.explain_backends().records.ranked]
    assert [device_from_row(row).num_qubits for row in rows] == [5, 7]
    assert cloud.requests("/backends")
