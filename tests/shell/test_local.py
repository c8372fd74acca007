"""The local channel: everything that the cloud has, without an account."""

import math
import warnings
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import SparsePauliOp
from qiskit_aer.noise import NoiseModel, pauli_error

from qiskit_runtime_service import Batch, EstimatorV2, QiskitRuntimeService, SamplerV2, Session

from .clouds import bell


@pytest.fixture
def service() -> QiskitRuntimeService:
    return QiskitRuntimeService(channel="local")


def turned(wide: int = 3) -> QuantumCircuit:
    """Return a circuit with gates that no device has."""
    circuit = QuantumCircuit(wide)
    circuit.h(0)
    circuit.ccx(0, 1, 2)
    circuit.u(Parameter("a"), 0, 0, 1)
    circuit.swap(0, 2)
    return circuit


@pytest.mark.holds("B534")
def test_a_dry_run_goes_to_the_stand_in_of_a_recorded_device(service: QiskitRuntimeService) -> None:
    backend = service.backend("fake_manila")
    job = SamplerV2(backend).run([bell(backend)], shots=100, dry_run=True)
    assert job.result()[0].data.meas.num_shots == 100
    assert job.backend().name == "mock_manila"  # type: ignore[union-attr]
    assert job.usage() == 3
    assert service.usage()["usage_consumed_seconds"] == 0
    assert {found.name for found in service.backends() if found.name.startswith("mock_")} == set()


@pytest.mark.holds("B194")
def test_a_job_is_found_again_and_has_all_that_a_job_of_the_cloud_has(service: QiskitRuntimeService) -> None:
    backend = service.backend("fake_manila")
    job = SamplerV2(backend, options={"environment": {"job_tags": ["mine"]}}).run([bell(backend)])
    assert job.status() == "RUNNING"
    counts = job.result()[0].data.meas.get_counts()
    assert sum(counts.values()) == 4096
    assert counts["00"] + counts["11"] > 3500
    assert job.status() == "DONE"
    assert service.job(job.job_id()).result()[0].data.meas.get_counts() == counts
    assert [listed.job_id() for listed in service.jobs(job_tags=["mine"])] == [job.job_id()]
    assert (job.usage() or 0) > 0
    assert service.usage()["usage_consumed_seconds"] > 0
    assert "density_matrix, with the noise of the device" in job.logs()
    (span,) = job.result().metadata["execution"]["execution_spans"]
    assert span.size == 4096


@pytest.mark.holds("B194")
@pytest.mark.parametrize("mode", [Session, Batch])
def test_sessions_hold_jobs_of_both_primitives(service: QiskitRuntimeService, mode: Any) -> None:
    backend = service.backend("fake_manila")
    with mode(backend=backend) as session:
        circuit = bell(backend)
        sampled = SamplerV2(mode=session).run([circuit], shots=100)
        plain = circuit.remove_final_measurements(inplace=False)
        observable = SparsePauliOp("ZZ").apply_layout(plain.layout)
        estimated = EstimatorV2(mode=session).run([(plain, observable)])
        assert sampled.result()[0].data.meas.num_shots == 100
        assert 0.8 < float(estimated.result()[0].data.evs) <= 1
        assert sampled.session_id == estimated.session_id == session.session_id
    assert [job.session_id for job in service.jobs(session_id=session.session_id)] == [session.session_id] * 2


@pytest.mark.holds("B188")
def test_an_estimator_tells_what_the_service_tells(service: QiskitRuntimeService) -> None:
    backend = service.backend("aer_simulator")
    angles = np.linspace(0, math.pi, 4)[:, None]
    observables = [[{"IIZ": 1.0}], [{"ZII": 1.0, "III": 0.5}]]
    estimator = EstimatorV2(backend, options={"default_precision": 0.02, "simulator": {"seed_simulator": 0}})
    result = estimator.run([(turned(), observables, angles)]).result()
    data, metadata = result[0].data, result[0].metadata
    assert set(data) == {"evs", "stds", "ensemble_standard_error"}
    assert data.evs.shape == data.stds.shape == (2, 4)
    assert metadata == {
        "shots": 2500,
        "target_precision": 0.02,
        "circuit_metadata": {},
        "resilience": {},
        "num_randomizations": 32,
    }
    assert result.metadata["resilience"]["measure_mitigation"] is True
    again = estimator.run([(turned(), observables, angles)]).result()
    assert np.array_equal(data.evs, again[0].data.evs)


@pytest.mark.holds("B194")
def test_the_simulator_has_any_gate_between_any_qubits_and_no_noise(service: QiskitRuntimeService) -> None:
    backend = service.backend("aer_simulator")
    assert (backend.simulator, backend.coupling_map, backend.num_qubits) == (True, None, 156)
    circuit = QuantumCircuit(40, 40)
    circuit.h(0)
    for qubit in range(1, 40):
        circuit.cx(0, qubit)
    circuit.measure(range(40), range(40))
    counts = SamplerV2(backend).run([circuit]).result()[0].data.c.get_counts()
    assert set(counts) == {"0" * 40, "1" * 40}


def test_choosing_a_local_device_takes_no_simulator(service: QiskitRuntimeService) -> None:
    assert service.least_busy(min_num_qubits=100).name.startswith("fake_")
    assert service.backends(simulator=True) == [service.backend("aer_simulator")]


@pytest.mark.holds("B86", "B194")
@pytest.mark.parametrize("seed", [0, 5])
def test_a_seed_makes_shots_repeatable(service: QiskitRuntimeService, seed: int) -> None:
    backend = service.backend("fake_manila")
    sampler = SamplerV2(backend, options={"simulator": {"seed_simulator": seed}})
    first, second = (sampler.run([bell(backend)]).result()[0].data.meas for _ in range(2))
    assert first == second
    assert SamplerV2(backend).run([bell(backend)]).result()[0].data.meas != first


@pytest.mark.holds("B189")
def test_points_come_as_complex_numbers(service: QiskitRuntimeService) -> None:
    backend = service.backend("fake_manila")
    sampler = SamplerV2(backend, options={"execution": {"meas_type": "kerneled"}})
    points = sampler.run([bell(backend)], shots=50).result()[0].data.meas
    assert (points.shape, points.dtype) == ((50, 2), np.complex128)


@pytest.mark.holds("B194")
def test_what_has_no_effect_is_said_once(service: QiskitRuntimeService) -> None:
    backend = service.backend("fake_manila")
    sampler = SamplerV2(backend, options={"dynamical_decoupling": {"enable": True}, "default_shots": 10})
    circuit = bell(backend)
    with pytest.warns(UserWarning, match=r"dynamical_decoupling\.enable has no effect") as caught:
        sampler.run([circuit])
    assert [warning.filename for warning in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sampler.run([circuit])


def test_a_job_that_ran_longer_than_it_may_is_told_so(service: QiskitRuntimeService) -> None:
    backend = service.backend("fake_manila")
    job = SamplerV2(backend, options={"max_execution_time": 1}).run([bell(backend)])
    job.wait_for_final_state()
    assert job.status() == "ERROR"
    assert "1305" in str(job.error_message())


@pytest.mark.holds("B268")
def test_the_devices_with_dynamic_circuits_are_those_whose_target_has_control_flow(
    service: QiskitRuntimeService,
) -> None:
    able = {backend.name for backend in service.backends(dynamic_circuits=True)}
    unable = {backend.name for backend in service.backends(dynamic_circuits=False)}
    assert (len(able), len(unable)) == (30, 39)
    assert {"aer_simulator", "fake_fractional", "fake_manila", "fake_torino", "fake_nighthawk"} <= able
    assert {"fake_london", "fake_berlin", "fake_lima"} <= unable
    for backend in service.backends():
        assert ("if_else" in backend.target.operation_names) == (backend.name in able)
    assert {backend.name for backend in service.backends(where="dynamic_circuits")} == able


@pytest.mark.holds("B270")
def test_a_one_is_misread_more_often_than_a_zero_as_the_snapshot_says(service: QiskitRuntimeService) -> None:
    backend = service.backend("fake_manila")
    zero, one = QuantumCircuit(5, 1), QuantumCircuit(5, 1)
    one.x(0)
    for circuit in (zero, one):
        circuit.measure(0, 0)
    shots = 20_000
    read = [result.data.c.get_counts() for result in SamplerV2(backend).run([zero, one], shots=shots).result()]
    # Five times the deviation of such a share.
    assert read[0]["1"] / shots == pytest.approx(0.016, abs=0.0045)
    assert read[1]["0"] / shots == pytest.approx(0.055, abs=0.008)


@pytest.mark.holds("B185")
def test_a_noise_model_of_the_user_runs_where_warnings_are_errors(service: QiskitRuntimeService) -> None:
    model = NoiseModel()
    model.add_all_qubit_quantum_error(pauli_error([("X", 1.0)]), "x")
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.measure([0, 1], [0, 1])
    for name in ("fake_manila", "aer_simulator"):
        sampler = SamplerV2(service.backend(name), options={"simulator": {"noise_model": model}})
        assert sampler.run([circuit], shots=20).result()[0].data.c.get_counts() == {"00": 20}


@pytest.mark.holds("B270")
def test_aer_by_itself_has_both_errors_too(service: QiskitRuntimeService) -> None:
    backend = service.backend("fake_manila")
    errors = NoiseModel.from_backend(backend).to_dict()["errors"]
    (first,) = [error for error in errors if error["type"] == "roerror" and error["gate_qubits"] == [(0,)]]
    assert np.round(first["probabilities"], 4).tolist() == [[0.9842, 0.0158], [0.0548, 0.9452]]
