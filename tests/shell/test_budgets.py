"""How many requests each public call costs, cold and warm."""

from collections import Counter

import pytest
from msgspec.structs import replace
from qiskit.quantum_info import SparsePauliOp

from qiskit_runtime_service import (
    EstimatorV2,
    Executor,
    IBMBackend,
    NoiseLearnerV3,
    QiskitRuntimeService,
    QuantumProgram,
    SamplerV2,
    Session,
)
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.executor_estimator import EstimatorV2 as DirectedEstimator
from qiskit_runtime_service.executor_estimator import post_process
from qiskit_runtime_service.executor_noise_learner import NoiseLearnerV3 as OnExecutor
from qiskit_runtime_service.executor_sampler import SamplerV2 as DirectedSampler
from qiskit_runtime_service.testing import (
    EmulatedTransport,
    Fault,
    Status,
    build_world,
    emulated_cloud,
    instance,
    line_device,
    many_instances,
    one_instance,
    two_regions,
)

from ..support.program_runs import RUNS, flipped, layer
from .clouds import bell, open_service, submit_bell

TOKEN, SEARCH = "POST /identity/token", "POST /v3/resources/search"
PLAN, LIST, CONFIGURATION = "GET /plan", "GET /backends", "GET /backends/*/configuration"


def costs(cloud: EmulatedTransport, since: int = 0) -> Counter[str]:
    """Count the requests on the ledger by kind."""
    kinds = (kind_of(exchange.request.method, exchange.request.url) for exchange in cloud.ledger[since:])
    return Counter(kinds)


def kind_of(method: str, url: str) -> str:
    path = url.partition("?")[0].partition("://")[2].partition("/")[2].removeprefix("api/v1/")
    parts = path.split("/")
    if "globalcatalog" in url:
        return PLAN
    if parts[0] in ("backends", "jobs", "sessions") and len(parts) > 1:
        parts[1] = "*"
    return f"{method} /{'/'.join(parts)}"


@pytest.mark.holds("B9")
def test_a_crn_costs_nothing() -> None:
    world = one_instance()
    _, cloud = open_service(world, instance=next(iter(world.instances)))
    assert not cloud.ledger


@pytest.mark.holds("B9")
def test_a_name_costs_a_token_and_a_search() -> None:
    service, cloud = open_service(many_instances(20, plans=3), instance="instance-7")
    assert costs(cloud) == {TOKEN: 1, SEARCH: 1}
    assert len(service.instances()) == 20
    assert costs(cloud) == {TOKEN: 1, SEARCH: 1, PLAN: 3}


@pytest.mark.holds("B7")
def test_twenty_instances_on_three_plans_cost_five_requests() -> None:
    service, cloud = open_service(many_instances(20, plans=3))
    assert costs(cloud) == {TOKEN: 1, SEARCH: 1, PLAN: 3}
    assert len(service.instances()) == 20
    assert len(cloud.ledger) == 5


def test_each_page_of_the_search_costs_one_request() -> None:
    service, cloud = open_service(many_instances(230, plans=1))
    assert costs(cloud) == {TOKEN: 1, SEARCH: 3, PLAN: 1}
    assert len(service.instances()) == 230


def test_least_busy_costs_a_listing_per_instance_and_the_configuration_of_the_winner() -> None:
    service, cloud = open_service(many_instances(20, plans=3))
    since = len(cloud.ledger)
    service.least_busy(min_num_qubits=5, operational=True)
    assert costs(cloud, since) == {LIST: 20, CONFIGURATION: 1}


@pytest.mark.holds("B11")
def test_least_busy_lists_again_each_time_but_keeps_the_configuration() -> None:
    service, cloud = open_service(two_regions())
    service.least_busy()
    since = len(cloud.ledger)
    service.least_busy()
    assert costs(cloud, since) == {LIST: 2}


@pytest.mark.holds("B12")
def test_listing_backends_costs_no_configuration() -> None:
    service, cloud = open_service(two_regions())
    since = len(cloud.ledger)
    assert [backend.num_qubits for backend in service.backends(operational=True, simulator=False)] == [5, 7]
    assert costs(cloud, since) == {LIST: 2}


def test_a_lambda_on_the_number_of_qubits_costs_no_configuration() -> None:
    service, cloud = open_service(two_regions())
    since = len(cloud.ledger)
    found = service.backends(filters=lambda backend: backend.num_qubits > 5)
    assert [backend.name for backend in found] == ["ibm_europe7"]
    assert costs(cloud, since) == {LIST: 2}


@pytest.mark.holds("B12")
def test_a_filter_by_configuration_costs_one_request_for_each_backend_that_is_left() -> None:
    service, cloud = open_service(two_regions())
    since = len(cloud.ledger)
    assert [backend.name for backend in service.backends(min_num_qubits=6, max_shots=100000)] == ["ibm_europe7"]
    assert costs(cloud, since) == {LIST: 2, CONFIGURATION: 1}


def shared_by_three() -> World:
    """Three instances, listed worst first, that have the same five devices."""
    devices = [line_device(f"ibm_d{number}", 5) for number in range(5)]
    return build_world(*(instance(plan, plan=plan, devices=devices) for plan in ("premium", "flex", "open")))


@pytest.mark.holds("B481")
def test_a_device_that_three_instances_have_is_described_once() -> None:
    service, cloud = open_service(shared_by_three())
    since = len(cloud.ledger)
    assert len(service.backends(dynamic_circuits=True)) == 5
    assert costs(cloud, since) == {LIST: 3, CONFIGURATION: 5}
    since = len(cloud.ledger)
    assert len(service.backends(dynamic_circuits=True)) == 5
    assert len(service.backends(dynamic_circuits=True, all_instances=True)) == 15
    assert service.backend("ibm_d1", instance="premium").configuration().max_shots == 100000
    assert costs(cloud, since) == {LIST: 6}


@pytest.mark.holds("B481")
def test_a_test_and_a_calibration_cost_one_request_for_each_device() -> None:
    service, cloud = open_service(shared_by_three())
    since = len(cloud.ledger)
    found = service.backends(filters=lambda backend: backend.status().operational)
    assert costs(cloud, since) == {LIST: 3, "GET /backends/*/status": 5}
    since = len(cloud.ledger)
    assert len([backend.properties() for backend in found]) == 5
    other = service.backend(found[0].name, instance="premium")
    assert other.properties() == found[0].properties()
    assert costs(cloud, since) == {"GET /backends/*/properties": 5, CONFIGURATION: 1}


@pytest.mark.holds("B11")
def test_a_backend_by_name_is_listed_and_described_once() -> None:
    service, cloud = open_service(two_regions())
    since = len(cloud.ledger)
    first = service.backend("ibm_europe7")
    assert costs(cloud, since) == {LIST: 2, CONFIGURATION: 1}
    again = service.backend("ibm_europe7")
    assert len(cloud.ledger) == since + 3
    assert first == again
    cloud.sleep(61.0)
    service.backend("ibm_europe7")
    assert costs(cloud, since) == {LIST: 4, CONFIGURATION: 1}


def test_a_target_costs_the_properties_once() -> None:
    service, cloud = open_service()
    backend = service.least_busy()
    since = len(cloud.ledger)
    assert backend.target.num_qubits == backend.target.num_qubits == 5
    backend.properties()
    assert costs(cloud, since) == {"GET /backends/*/properties": 1}


@pytest.mark.holds("B49", "B147")
def test_a_run_costs_one_request_and_now_and_then_a_look_at_the_usage() -> None:
    service, cloud = open_service()
    backend = service.least_busy()
    sampler, circuit = SamplerV2(mode=backend), bell(backend)
    since = len(cloud.ledger)
    for _ in range(20):
        sampler.run([circuit], shots=1)
    assert costs(cloud, since) == {"POST /jobs": 20, "GET /instances/usage": 1}
    cloud.sleep(300.0)
    sampler.run([circuit], shots=1)
    assert costs(cloud, since) == {"POST /jobs": 21, "GET /instances/usage": 2}


@pytest.mark.holds("B49", "B147", "B361", "B401", "B405")
@pytest.mark.parametrize("program", RUNS)
def test_a_run_of_each_program_costs_one_request_and_so_do_its_result_and_its_inputs(program: str) -> None:
    service, cloud = open_service(one_instance(devices=[line_device("ibm_line", 3)], plan="premium"))
    backend = service.backend("ibm_line")
    RUNS[program](backend, {})
    since = len(cloud.ledger)
    job = RUNS[program](backend, {})
    assert costs(cloud, since) == {"POST /jobs": 1}
    # Another process would hold no more than its id.
    found = service.job(job.job_id())
    for expected, ask in (("GET /jobs/*/results", found.result), ("GET /jobs/*", lambda: found.inputs)):
        found.wait_for_final_state()
        since = len(cloud.ledger)
        ask()
        ask()
        assert costs(cloud, since) == {expected: 1}


@pytest.mark.holds("B383", "B389")
def test_preparing_a_program_and_reading_its_result_again_cost_nothing() -> None:
    service, cloud = open_service(one_instance(devices=[line_device("ibm_line", 3)]))
    backend = service.backend("ibm_line")
    circuit = flipped(3)
    bare, observable = circuit.remove_final_measurements(inplace=False), SparsePauliOp("IZZ")
    sampler, estimator = DirectedSampler(backend), DirectedEstimator(backend, {"resilience_level": 2})
    body = RUNS["estimator"](backend, {}).raw_result()
    assert backend.target.num_qubits == 3
    since = len(cloud.ledger)
    sampler.prepare([circuit])
    sampler.find_unique_layers([circuit])
    estimator.prepare([(bare, observable)])
    estimator.find_unique_layers([(bare, observable)])
    estimator.finalize_options()
    post_process(body, {"resilience": {"measure_mitigation": False}})
    assert costs(cloud, since) == {}


@pytest.mark.holds("B518", "B519")
def test_an_estimate_costs_a_look_at_the_usage_that_is_known_for_a_while() -> None:
    service, cloud = open_service(one_instance(devices=[line_device("ibm_line", 3)]))
    backend = service.backend("ibm_line")
    circuit = flipped(3)
    bare, observable = circuit.remove_final_measurements(inplace=False), SparsePauliOp("IZZ")
    program = QuantumProgram(8)
    program.append_circuit_item(circuit)
    assert backend.target.num_qubits == 3
    since = len(cloud.ledger)
    sampler = SamplerV2(backend)
    sampler.estimate([circuit])
    EstimatorV2(backend).estimate([(bare, observable)])
    DirectedSampler(backend).estimate([circuit], shots=10)
    DirectedEstimator(backend).prepare([(bare, observable)]).estimate()
    Executor(backend).estimate(program)
    NoiseLearnerV3(backend).estimate([layer(3)])
    OnExecutor(backend).estimate([layer(3)])
    assert costs(cloud, since) == {"GET /instances/usage": 1}
    sampler.run([circuit])
    assert costs(cloud, since) == {"GET /instances/usage": 1, "POST /jobs": 1}
    cloud.sleep(300.0)
    sampler.estimate([circuit])
    assert costs(cloud, since) == {"GET /instances/usage": 2, "POST /jobs": 1}


@pytest.mark.holds("B148")
def test_a_bound_on_the_usage_costs_a_look_each_time() -> None:
    service, cloud = open_service(max_usage=1000.0)
    backend = service.least_busy()
    sampler, circuit = SamplerV2(mode=backend), bell(backend)
    since = len(cloud.ledger)
    for _ in range(3):
        sampler.run([circuit], shots=1)
    assert costs(cloud, since) == {"POST /jobs": 3, "GET /instances/usage": 3}


@pytest.mark.holds("B143", "B144")
def test_a_session_costs_one_request_to_open_one_to_close_and_one_a_look() -> None:
    service, cloud = open_service(one_instance(plan="premium"))
    backend = service.backend("ibm_emu5")
    since = len(cloud.ledger)
    with Session(backend) as session:
        session.status()
    assert costs(cloud, since) == {"POST /sessions": 1, "GET /sessions/*": 1, "PATCH /sessions/*": 1}
    session.close()
    assert len(cloud.ledger) == since + 3


@pytest.mark.holds("B42")
def test_an_hour_of_waiting_costs_at_most_120_looks() -> None:
    service, cloud = open_service(one_instance(queue_seconds=3600))
    job = submit_bell(service)
    since, began = len(cloud.ledger), cloud.now()
    job.wait_for_final_state()
    assert 3600 <= cloud.now() - began <= 3662 + 60
    looks = costs(cloud, since)["GET /jobs/*"]
    assert looks <= 122  # two more for the minutes after the hour
    assert not set(costs(cloud, since)) - {"GET /jobs/*", TOKEN}


@pytest.mark.holds("B48")
def test_a_result_is_fetched_and_decoded_once() -> None:
    service, cloud = open_service()
    job = submit_bell(service)
    first = job.result()
    since = len(cloud.ledger)
    assert job.result()[0].data.meas == first[0].data.meas
    assert job.status() == "DONE"
    assert len(cloud.ledger) == since


@pytest.mark.holds("B44", "B45")
@pytest.mark.parametrize(("limit", "pages"), [(10, 1), (200, 1), (250, 2), (None, 2)])
def test_listing_jobs_costs_one_request_a_page_and_nothing_a_row(limit: int | None, pages: int) -> None:
    service, cloud = open_service()
    backend = service.least_busy()
    sampler, circuit = SamplerV2(mode=backend), bell(backend)
    for _ in range(210):
        sampler.run([circuit], shots=1)
    since = len(cloud.ledger)
    assert len(service.jobs(limit=limit)) == min(210, limit or 210)
    assert costs(cloud, since) == {"GET /jobs": pages}


@pytest.mark.holds("B44")
def test_listing_no_jobs_costs_nothing() -> None:
    service, cloud = open_service()
    since = len(cloud.ledger)
    assert service.jobs(limit=0) == []
    assert len(cloud.ledger) == since


def test_explaining_costs_nothing() -> None:
    service, cloud = open_service(two_regions())
    since = len(cloud.ledger)
    service.explain()
    service.active_account()
    service.active_instance()
    assert len(cloud.ledger) == since


def test_usage_costs_one_request() -> None:
    service, cloud = open_service(one_instance(limit=600.0))
    since = len(cloud.ledger)
    assert service.usage()["usage_remaining_seconds"] == 600.0
    assert costs(cloud, since) == {"GET /instances/usage": 1}


@pytest.mark.holds("B20")
def test_one_token_serves_all_instances_and_is_renewed_before_it_expires() -> None:
    service, cloud = open_service(many_instances(3))
    for _ in range(10):
        cloud.sleep(700.0)
        service.backends()
    # Tokens live for an hour and are renewed after four fifths of it.
    assert costs(cloud)[TOKEN] == 3
    assert 401 not in {exchange.status for exchange in cloud.ledger}


def test_the_local_channel_costs_what_the_cloud_costs() -> None:
    cloud = emulated_cloud()
    service = QiskitRuntimeService(channel="local", transport=cloud)
    assert costs(cloud) == {TOKEN: 1, SEARCH: 1, PLAN: 1}
    since = len(cloud.ledger)
    backend = service.least_busy(min_num_qubits=5)
    assert costs(cloud, since) == {LIST: 1, CONFIGURATION: 1}
    circuit = bell(backend)
    since = len(cloud.ledger)
    job = SamplerV2(mode=backend).run([circuit], shots=16)
    assert costs(cloud, since) == {"GET /instances/usage": 1, "POST /jobs": 1}
    job.result()
    since = len(cloud.ledger)
    assert service.job(job.job_id()).result() is not None
    assert service.backend(backend.name) == backend
    assert costs(cloud, since) == {"GET /jobs/*": 1, "GET /jobs/*/results": 1}


@pytest.mark.holds("B113")
def test_the_test_of_the_user_is_put_to_none_behind_the_first_that_passes() -> None:
    devices = [line_device(f"ibm_d{number}", 5, queue_length=number) for number in range(8)]
    service, cloud = open_service(build_world(instance("main", devices=devices)))
    tried: list[str] = []

    def passes(backend: IBMBackend) -> bool:
        tried.append(backend.name)
        return backend.max_shots > 0 and backend.name != "ibm_d0"

    since = len(cloud.ledger)
    assert service.least_busy(filters=passes).name == "ibm_d1"
    assert tried == ["ibm_d0", "ibm_d1"]
    # The two that are fetched at once are those that the test would see next.
    assert costs(cloud, since) == {LIST: 1, CONFIGURATION: 3}


@pytest.mark.holds("B113")
def test_a_named_backend_that_the_test_cannot_read_leaves_nothing() -> None:
    service, cloud = open_service()
    fault = Fault(path="*/backends/*/configuration", effect=Status(code=500), times=None)
    cloud.alter(lambda world: replace(world, faults=(fault,)))
    name = service.backends()[0].name
    assert service.backends(name, filters=lambda backend: backend.max_shots > 0) == []
