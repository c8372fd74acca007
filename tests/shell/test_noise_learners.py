"""Noise learners and the calibrator as users hold them: what they send, what they refuse, and what their jobs tell."""

import json
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
from samplomatic import InjectNoise, Twirl

import qiskit_runtime_service
from qiskit_runtime_service import (
    Batch,
    Calibrator,
    IBMInputValueError,
    IBMRuntimeError,
    NoiseLearner,
    NoiseLearnerV2,
    NoiseLearnerV3,
    NoiseLearnerV3Options,
    QiskitRuntimeService,
    QuantumProgram,
    Session,
)
from qiskit_runtime_service.bridge.typed_json import encode_value
from qiskit_runtime_service.emulator.world import Finished, World, give_outcome
from qiskit_runtime_service.exceptions import QiskitBackendNotFoundError
from qiskit_runtime_service.executor_noise_learner import NoiseLearnerV3 as OnExecutor
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.options import EstimatorOptions, NoiseLearnerOptions
from qiskit_runtime_service.options_models import CalibratorOptions
from qiskit_runtime_service.results import CalibratorResult, LayerError, NoiseLearnerResult, NoiseLearnerV3Results
from qiskit_runtime_service.shell.program_jobs import read_program_inputs
from qiskit_runtime_service.testing import EmulatedTransport, line_device, one_instance

from .clouds import open_service

SAMPLES = Path(__file__).parents[1] / "data" / "learners"
QUICK: dict[str, Any] = {"num_randomizations": 2, "shots_per_randomization": 8, "layer_pair_depths": [0, 1]}


def cloud() -> tuple[QiskitRuntimeService, EmulatedTransport]:
    devices = [line_device("ibm_line", 5), line_device("mock_line", 5, mock=True), line_device("ibm_other", 5)]
    return open_service(one_instance(devices=devices, plan="premium", now=0.0))


def odd(value: Any) -> Any:
    """Return a value as one of any type."""
    return value


def layer(*pairs: tuple[int, int], ref: str = "r") -> CircuitInstruction:
    circuit = QuantumCircuit(5)
    with circuit.box([Twirl(), InjectNoise(ref)]):
        for pair in pairs or ((0, 1),):
            circuit.cz(*pair)
    return circuit.data[0]


def circuit() -> QuantumCircuit:
    made = QuantumCircuit(5)
    made.cz(0, 1)
    return made


def of_circuits(*arguments: Any) -> NoiseLearner:
    with pytest.warns(DeprecationWarning, match="NoiseLearner is deprecated by the service"):
        return NoiseLearner(*arguments)


def posts(transport: EmulatedTransport) -> list[dict[str, Any]]:
    sent = [exchange.request for exchange in transport.ledger if exchange.request.method == "POST"]
    return [json.loads(request.body) for request in sent if request.url.endswith("/jobs")]


RUNS: dict[str, Callable[[Any], Any]] = {
    "noise-learner": lambda mode: NoiseLearnerV3(mode, QUICK).run([layer()]),
    "executor": lambda mode: OnExecutor(mode, QUICK).run([layer()]),
    "circuits": lambda mode: of_circuits(mode).run([circuit()]),
    "calibrate": lambda mode: Calibrator(mode).run(),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_is_one_request(name: str) -> None:
    service, transport = cloud()
    backend = service.backend("ibm_line")
    # What the device is and what was spent is asked for once.
    RUNS[name](backend)
    before = len(transport.ledger)
    job = RUNS[name](backend)
    assert len(transport.ledger) == before + 1
    assert job.primitive_id == {"circuits": "noise-learner"}.get(name, name)
    assert job.backend() == backend


@pytest.mark.parametrize("name", RUNS)
def test_a_run_belongs_to_its_session(name: str) -> None:
    service, transport = cloud()
    backend = service.backend("ibm_line")
    for kind in (Session, Batch):
        with kind(backend) as session:
            job = RUNS[name](session)
            assert job.session_id == session.session_id
        count = len(posts(transport))
        with pytest.raises(IBMRuntimeError, match="closed"):
            RUNS[name](session)
        assert len(posts(transport)) == count


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("mode", [None, "ibm_line", 3])
def test_what_is_no_place_to_run_is_refused(name: str, mode: Any) -> None:
    with pytest.raises(IBMInputValueError, match="mode is"):
        RUNS[name](mode)


@pytest.mark.holds("B401", "B405")
@pytest.mark.parametrize("name", ["noise-learner", "circuits", "calibrate"])
def test_a_program_of_the_service_runs_nowhere_else(name: str) -> None:
    with pytest.raises(IBMInputValueError, match="It must be of a service"):
        RUNS[name](FakeManilaV2())


@pytest.mark.parametrize(
    "run",
    [
        lambda mode: NoiseLearnerV3(mode, QUICK).run([layer()], dry_run=True),
        lambda mode: OnExecutor(mode, QUICK).run([layer()], dry_run=True),
        lambda mode: of_circuits(mode).run([circuit()], dry_run=True),
    ],
)
def test_a_dry_run_goes_to_the_stand_in(run: Any) -> None:
    service, transport = cloud()
    assert run(service.backend("ibm_line")).backend().name == "mock_line"
    with pytest.raises(QiskitBackendNotFoundError):
        run(service.backend("ibm_other"))
    assert len(posts(transport)) == 1


@pytest.mark.parametrize(
    "run",
    [
        lambda mode: NoiseLearnerV3(mode).run([layer()], dry_run=odd("no")),
        lambda mode: OnExecutor(mode).run([layer()], dry_run=odd(1)),
        lambda mode: of_circuits(mode).run([circuit()], dry_run=odd(None)),
        lambda mode: NoiseLearnerV3(mode, {"shots_per_randomization": 10**9}).run([layer()]),
        lambda mode: OnExecutor(mode, {**QUICK, "shots_per_randomization": 10**9}).run([layer()]),
        lambda mode: of_circuits(mode, {"shots_per_randomization": 10**9}).run([circuit()]),
        lambda mode: OnExecutor(mode, {**QUICK, "execution": {"rep_delay": 5.0}}).run([layer()]),
        lambda mode: NoiseLearnerV3(mode, odd(NoiseLearnerOptions())),
        lambda mode: OnExecutor(mode, odd(EstimatorOptions())),
        lambda mode: Calibrator(mode, odd(NoiseLearnerV3Options())),
        lambda mode: of_circuits(mode, NoiseLearnerV3Options()),
    ],
)
def test_nothing_is_sent_that_cannot_be_meant(run: Any) -> None:
    service, transport = cloud()
    with pytest.raises(IBMInputValueError):
        run(service.backend("ibm_line"))
    assert posts(transport) == []


def test_what_the_device_cannot_run_is_refused_with_its_place() -> None:
    service, transport = cloud()
    backend = service.backend("ibm_line")
    far, wide = QuantumCircuit(5), QuantumCircuit(5)
    with far.box([Twirl()]):
        far.cz(0, 4)
    wide.cz(0, 4)
    for learner in (NoiseLearnerV3(backend), OnExecutor(backend)):
        with pytest.raises(IBMInputValueError, match="'cz' on qubits 0, 4 is not supported") as refused:
            learner.run([layer(), far.data[0]])
        assert "Instruction 1 cannot run" in str(refused.value)
    with pytest.raises(IBMInputValueError, match="Circuit 1 cannot run"):
        of_circuits(backend).run([circuit(), wide])
    assert posts(transport) == []


# Options


def test_options_are_kept_and_can_be_set() -> None:
    service, _ = cloud()
    backend = service.backend("ibm_line")
    for kind in (NoiseLearnerV3, OnExecutor):
        options = NoiseLearnerV3Options(num_randomizations=3)
        learner = kind(backend, options)
        assert learner.options is options
        learner.options = {"num_randomizations": 4}
        assert learner.options.num_randomizations == 4
        assert learner.backend() == backend
        assert learner.mode is None
    calibrator = Calibrator(backend, {"experimental": {"a": 1}})
    assert calibrator.options == CalibratorOptions(experimental={"a": 1})


@pytest.mark.holds("B405")
def test_the_learner_of_circuits_is_deprecated_and_takes_options_of_an_estimator() -> None:
    service, _ = cloud()
    options = EstimatorOptions(
        default_precision=0.5,
        max_execution_time=60,
        twirling={"strategy": "all"},
        resilience={"layer_noise_learning": {"num_randomizations": 7}},
        environment={"job_tags": ["a"]},
    )
    learner = of_circuits(service.backend("ibm_line"), options)
    assert learner.options.to_dict() == {
        "num_randomizations": 7,
        "twirling_strategy": "all",
        "max_execution_time": 60,
        "environment": {"log_level": "WARNING", "job_tags": ["a"], "private": False},
    }
    assert NoiseLearner is NoiseLearnerV2
    assert repr(learner) == "<NoiseLearnerV2 on <IBMBackend('ibm_line')>>"
    with pytest.raises(AttributeError):
        odd(learner).options = {}  # what IBM's client does not allow either


def test_delays_of_circuits_are_counted_in_ticks() -> None:
    service, transport = cloud()
    backend = service.backend("ibm_line")
    delayed = circuit()
    delayed.delay(1.0, 0, unit="us")
    job = of_circuits(backend).run([delayed])
    (sent,) = job.inputs["circuits"]
    assert [(step.operation.duration, step.operation.unit) for step in sent.data if step.name == "delay"] == [
        (round(1e-6 / (backend.dt or 1)), "dt")
    ]
    assert len(posts(transport)) == 1


@pytest.mark.holds("B402")
def test_a_program_that_was_not_sent_shows_what_it_costs() -> None:
    service, transport = cloud()
    prepared = OnExecutor(service.backend("ibm_line"), QUICK).prepare([layer((0, 1), (2, 3))])
    assert posts(transport) == []
    assert isinstance(prepared.program, QuantumProgram)
    assert prepared.program.semantic_role == "noise_learner_v3"
    # Nine sequences of two random circuits at both depths, and one more for what is prepared and measured.
    assert prepared.executions == (9 * 2 + 9 * 2 + 1 * 2) * 8
    assert "352 executions in 3 items" in str(prepared) or f"{prepared.executions} executions" in str(prepared)


@pytest.mark.holds("B402")
def test_noise_that_a_simulator_is_given_is_not_sent() -> None:
    from qiskit.quantum_info import PauliLindbladMap

    service, transport = cloud()
    box = layer()
    model = [(box, PauliLindbladMap.identity(2))]
    OnExecutor(service.backend("ibm_line"), {**QUICK, "simulator": {"layer_noise_model": model}}).run([box])
    (sent,) = posts(transport)
    told = sent["params"]["quantum_program"]["passthrough_data"]["post_processor"]["options"]
    assert told["simulator"]["layer_noise_model"] is None


# Jobs of any client


def finished(run: Callable[[Any], Any], *bodies: bytes) -> list[Any]:
    """Return jobs with these results, fetched by their ids."""
    service, transport = cloud()
    jobs = [run(service.backend("ibm_line")) for _ in bodies]
    for job, body in zip(jobs, bodies, strict=True):

        def give(world: World, job: Any = job, body: bytes = body) -> World:
            return give_outcome(world, job.job_id(), Finished(result=body))

        transport.alter(give)
    return [service.job(job.job_id()) for job in jobs]


@pytest.mark.holds("B406")
def test_a_learner_of_boxes_tells_its_noise_and_its_boxes() -> None:
    body = (SAMPLES / "noise_learner_v3_result.json").read_bytes()
    versions = [body.replace(b"v0.3", version) for version in (b"v0.1", b"v0.2", b"v0.3")]
    for job in finished(RUNS["noise-learner"], *versions):
        first, again = job.result(), job.result()
        assert isinstance(first, NoiseLearnerV3Results)
        assert first is not again
        assert first == again
        assert first[0].rates.tolist() == [0.01, 0.002]
        inputs = job.inputs
        assert inputs.keys() == {"schema_version", "instructions", "options", "version"}
        assert (inputs["schema_version"], inputs["version"]) == ("v0.3", 3)
        assert [box.operation.annotations[1].ref for box in inputs["instructions"]] == ["r"]
        assert inputs["options"] == NoiseLearnerV3Options(**QUICK)


@pytest.mark.holds("B406")
def test_options_of_older_versions_are_told_as_those_of_today() -> None:
    service, transport = cloud()
    backend = service.backend("ibm_line")
    params = json.loads((SAMPLES / "noise_learner_v3_request.json").read_bytes())["params"]
    options = {
        name: value for name, value in params["options"].items() if name not in ("bit_flip_checks", "init_qubits")
    }
    options["post_selection"] = {"enable": True, "x_pulse_type": "rx", "strategy": "edge"}
    job = service.run_program("noise-learner", {**params, "schema_version": "v0.1", "options": options}, backend)
    found = service.job(job.job_id()).inputs["options"]
    assert found.bit_flip_checks.post_circuit.model_dump() == {"enable": True, "x_pulse_type": "rx", "strategy": "edge"}
    assert not found.bit_flip_checks.pre_circuit.enable
    assert found.execution.init_qubits
    unknown = {**params, "options": {**params["options"], "newer": 1}}
    job = service.run_program("noise-learner", unknown, backend)
    assert service.job(job.job_id()).inputs["options"]["newer"] == 1
    assert len(posts(transport)) == 2


@pytest.mark.holds("B413")
@pytest.mark.parametrize("wrong", [None, "x", 1, [], ["enable"], {"enable": []}, {"enable": True, "strategy": 1}])
@pytest.mark.parametrize("name", ["post_selection", "bit_flip_checks", "init_qubits", "layer_pair_depths", "newer"])
def test_options_of_any_type_are_told_as_they_were_sent(name: str, wrong: Any) -> None:
    params = json.loads((SAMPLES / "noise_learner_v3_request.json").read_bytes())["params"]
    sent = {"post_selection": {"enable": True}, **params["options"], name: wrong}
    body = json.dumps({**params, "options": sent}).encode()
    options = read_program_inputs("noise-learner", body, lambda: 9.0).unwrap()["options"]
    assert isinstance(options, NoiseLearnerV3Options) or options == sent
    assert name != "newer" or options == sent


@pytest.mark.holds("B406")
def test_a_learner_of_circuits_tells_its_layers() -> None:
    layers = encode_value([LayerError(QuantumCircuit(2), [0, 1])]).decode()
    plain = f'{{"data": {layers}, "metadata": {{"a": 1}}}}'
    tagged = f'{{"__type__": "NoiseLearnerResult", "__value__": {plain}}}'
    for job in finished(RUNS["circuits"], plain.encode(), tagged.encode()):
        found: Any = job.result()
        assert isinstance(found, NoiseLearnerResult)
        assert [error.qubits for error in found] == [[0, 1]]
        assert found.metadata == {"a": 1}
        assert [made.num_qubits for made in job.inputs["circuits"]] == [5]
    (odd_one,) = finished(RUNS["circuits"], b'{"data": [1]}')
    assert odd_one.result() == {"data": [1]}


@pytest.mark.holds("B406")
def test_a_calibrator_tells_when() -> None:
    (job,) = finished(RUNS["calibrate"], (SAMPLES / "calibrate_result.json").read_bytes())
    found: Any = job.result()
    assert found == CalibratorResult(
        datetime(2026, 11, 29, 10, tzinfo=UTC), datetime(2026, 11, 29, 10, 0, 5, tzinfo=UTC)
    )
    assert job.inputs == {"schema_version": "v0.1", "options": CalibratorOptions()}


@pytest.mark.holds("B402")
def test_a_learner_on_the_executor_learns_from_the_bits_of_a_service() -> None:
    service, _ = cloud()
    box = layer()
    job: Any = OnExecutor(service.backend("ibm_line"), QUICK).run([box])
    found = service.job(job.job_id()).result()
    assert isinstance(found, NoiseLearnerV3Results)
    assert found.to_dict([box])["r"].num_qubits == 2
    assert service.job(job.job_id()).result() == found


@pytest.mark.holds("B402")
def test_a_learner_on_the_executor_runs_in_this_process() -> None:
    manila = FakeManilaV2()
    made = QuantumCircuit(5)
    with made.box([Twirl(), InjectNoise("r")]):
        made.cx(0, 1)
    job: Any = OnExecutor(manila, {**QUICK, "simulator": {"seed_simulator": 1}}).run([made.data[0]])
    found = job.result()
    assert isinstance(found, NoiseLearnerV3Results)
    assert json.loads(job.raw_result())["semantic_role"] == "noise_learner_v3"
    with pytest.warns(UserWarning, match="dry_run has no effect"):
        OnExecutor(manila, QUICK).run([made.data[0]], dry_run=True)


def test_names_are_where_users_look_for_them() -> None:
    from qiskit_runtime_service import calibrator, executor_noise_learner, noise_learner, noise_learner_v3

    assert calibrator.Calibrator is qiskit_runtime_service.Calibrator
    assert noise_learner.NoiseLearner is qiskit_runtime_service.NoiseLearner
    assert noise_learner_v3.NoiseLearnerV3 is qiskit_runtime_service.NoiseLearnerV3
    assert executor_noise_learner.NoiseLearnerV3.__module__ == "qiskit_runtime_service.executor_noise_learner"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        from qiskit_runtime_service import NoiseLearner  # noqa: F401  # only its use is deprecated
