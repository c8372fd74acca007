"""The estimator of directed execution: what it checks, sends, shows and reads, on a cloud and in this process."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import PauliLindbladMap, SparsePauliOp, Statevector
from samplomatic import Tag, Twirl
from samplomatic.utils import get_annotation

from qiskit_runtime_service import Batch, Executor, QiskitRuntimeService
from qiskit_runtime_service.exceptions import IBMApiError, IBMInputValueError
from qiskit_runtime_service.executor_estimator import Estimator, EstimatorV2, post_process
from qiskit_runtime_service.executor_sampler import SamplerV2
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.options_models import EstimatorOptions
from qiskit_runtime_service.results import EstimatorPubResult
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, emulated_cloud, line_device, one_instance

from ..compat.directed_estimators import bell
from ..programs.samples import result_of

WIDTH = 5


def turned() -> QuantumCircuit:
    circuit = bell()
    circuit.name = "turned"
    circuit.rz(Parameter("a"), 0)
    circuit.sx(0)
    circuit.cz(0, 1)
    return circuit


def pubs() -> list[Any]:
    return [(bell(), ["IIIZZ", "IIIYY"]), (turned(), "IIIZZ", np.arange(3)[:, np.newaxis] / 3)]


def branched() -> QuantumCircuit:
    circuit = QuantumCircuit(WIDTH, 1)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], True)):
        circuit.x(1)
    return circuit


def boxed() -> QuantumCircuit:
    circuit = QuantumCircuit(WIDTH)
    with circuit.box():
        circuit.cz(0, 1)
    return circuit


@pytest.fixture
def cloud() -> EmulatedTransport:
    return emulated_cloud(one_instance(devices=[line_device("ibm_line", WIDTH)], plan="premium"))


@pytest.fixture
def service(cloud: EmulatedTransport) -> QiskitRuntimeService:
    return QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)


@pytest.fixture
def backend(service: QiskitRuntimeService) -> Any:
    return service.backend("ibm_line")


def posted(cloud: EmulatedTransport) -> list[dict[str, Any]]:
    requests = (exchange.request for exchange in cloud.ledger)
    return [
        json.loads(request.body) for request in requests if request.method == "POST" and request.url.endswith("/jobs")
    ]


def noise_of(estimator: EstimatorV2, rate: float = 0.03) -> list[Any]:
    terms = [("XX", [0, 1], 2 * rate), ("Z", [0], rate), ("Y", [1], rate)]
    layers = estimator.find_unique_layers(pubs())
    return [(layer, PauliLindbladMap.from_sparse_list(terms, len(layer.qubits))) for layer in layers]


# On a cloud


@pytest.mark.holds("B387", "B388")
@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_run_is_one_request_and_its_result_has_the_shape_of_its_pubs(
    cloud: EmulatedTransport, backend: Any, level: int
) -> None:
    estimator = EstimatorV2(backend, options={"resilience_level": level, "default_shots": 256})
    estimator.run(pubs())  # From here on the backend, and what is left of the plan, are known.
    before = len(cloud.ledger)
    job = estimator.run(pubs())
    assert len(cloud.ledger) == before + 1
    result = job.result()
    assert [type(pub) for pub in result] == [EstimatorPubResult] * 2
    assert [pub.data.evs.shape for pub in result] == [(2,), (3,)]
    assert [pub.metadata["circuit_metadata"] for pub in result] == [{"who": 1}] * 2
    assert result.metadata["options"]["resilience_level"] == level
    assert result.metadata["shots"] == 256
    body = posted(cloud)[-1]
    assert (body["program_id"], body["backend"], body["log_level"]) == ("executor", "ibm_line", "WARNING")
    assert job.inputs["quantum_program"].semantic_role == "estimator_v2"


def test_a_job_has_what_the_options_say_of_it(
    cloud: EmulatedTransport, service: QiskitRuntimeService, backend: Any
) -> None:
    environment = {"job_tags": ["a"], "private": True, "image": "a:b", "log_level": "INFO"}
    options = EstimatorOptions(environment=environment, max_execution_time=50, execution={"init_qubits": False})
    with Batch(backend=backend) as batch:
        estimator = EstimatorV2(batch, options=options)
        assert estimator.mode is batch
        assert estimator.options is options
        estimator.run(pubs())
    (body,) = posted(cloud)
    assert (body["tags"][0], body["private"], body["runtime"], body["cost"]) == ("a", True, "a:b", 50)
    assert body["session_id"] == batch.session_id
    assert body["params"]["options"]["init_qubits"] is False


@pytest.mark.holds("B383")
def test_a_stored_result_is_read_again_without_a_request(
    cloud: EmulatedTransport, service: QiskitRuntimeService, backend: Any
) -> None:
    job = EstimatorV2(backend, options={"resilience_level": 2}).run(pubs())
    raw = service.job(job.job_id()).raw_result()
    before = len(cloud.ledger)
    again = post_process(raw, {"resilience": {"zne": {"extrapolator": "linear"}, "measure_mitigation": False}})
    assert len(cloud.ledger) == before
    assert [pub.data.evs.shape for pub in again] == [(2,), (3,)]
    assert again[0].metadata["resilience"]["zne"]["extrapolators"].tolist() == ["linear", "linear"]
    assert post_process(raw)[1].data.evs.tolist() == job.result()[1].data.evs.tolist()


@pytest.mark.holds("B383")
@pytest.mark.parametrize(
    ("result", "options", "error", "words"),
    [
        (b"{}", None, IBMApiError, "quantum program"),
        ("text", None, IBMInputValueError, "bytes, or a QuantumProgramResult"),
        (b"{}", {"resilience": {"zne": {"extrapolater": "linear"}}}, IBMInputValueError, "Did you mean 'extrapolator'"),
        (b"{}", {"resilience": {"zne": {"noise_factors": [0.5, 1]}}}, IBMInputValueError, "at least 1"),
        (b"{}", [1], IBMInputValueError, "a dictionary with names of options"),
    ],
)
def test_what_cannot_be_read_again_is_told(result: Any, options: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        post_process(result, options)


@pytest.mark.holds("B383")
@pytest.mark.parametrize(
    "damage",
    [
        lambda body: body["data"].clear(),
        lambda body: body["passthrough_data"]["post_processor"].update(options={}),
        lambda body: body["passthrough_data"]["post_processor"].update(options=None),
        lambda body: body["passthrough_data"].update(qiskit_mitigation=["x"]),
        lambda body: body["passthrough_data"]["qiskit_mitigation"][0].update(observables=5),
    ],
)
def test_a_damaged_result_is_told_as_one(damage: Callable[[Any], None]) -> None:
    body = json.loads(result_of("estimator_level1"))
    damage(body)
    with pytest.raises(IBMApiError, match="the result of an estimator"):
        post_process(json.dumps(body).encode())


# What is checked

LAYERLESS: dict[str, Any] = {"layer_noise_model": []}


@pytest.mark.holds("B381", "B382", "B388")
@pytest.mark.parametrize(
    ("options", "given", "words", "way_out"),
    [
        ({}, [], "pubs is []", "at least one pub"),
        ({}, bell(), "pubs is circuit 'bell'", "a list of pubs"),
        ({}, [(bell(), "ZZ")], "pubs[0] is (circuit 'bell', 'ZZ')", "observable.apply_layout(circuit.layout)"),
        ({}, [(bell(), {"IIIZZ": 1j})], "pubs[0] is", "Non-Hermitian"),
        ({}, [(turned(), "IIIZZ")], "pubs[0] is", "number of parameters (1)"),
        ({}, [(turned(), "IIIZZ", [float("nan")])], "the value for parameter 'a' of pubs[0] is nan", "a finite number"),
        (
            {},
            [(turned(), "IIIZZ", np.zeros((0, 1)))],
            "the parameter values of pubs[0] is of shape (0,)",
            "at least one set",
        ),
        ({}, [(bell(), {"IIIZZ": 0})], "pubs[0] is (circuit 'bell', {'IIIZZ': 0})", "Empty observable"),
        (
            {},
            [(bell(), "IIIZZ"), (bell(), ["IIIZZ", "IIZ0Z"])],
            "the observable at [1] of pubs[1] is 'IIZ0Z'",
            "set it to False",
        ),
        (
            {},
            [(bell(), "IIIZZ", None, 0.5), (bell(), "IIIZZ")],
            "the precision of pubs[1] is None",
            "the same for all PUBs",
        ),
        ({"default_shots": 0}, pubs(), "EstimatorOptions.default_shots is 0", "at least 1, or None"),
        ({}, [(bell(), "IIIZZ"), (boxed(), "IIIZZ")], "PUB 1", "it has a box"),
        ({"resilience_level": 0}, [(branched(), "IIIZZ")], "'if_else' cannot be twirled", "which runs on the server"),
        (
            {"resilience_level": 2, "resilience": {"pec_mitigation": True, **LAYERLESS}},
            pubs(),
            "resilience.pec_mitigation is True beside zne_mitigation=True (which resilience_level=2 brings)",
            "set resilience.zne_mitigation=False",
        ),
        ({"resilience": {"pec_mitigation": True}}, pubs(), "resilience.layer_noise_model is None", "NoiseLearnerV3"),
        (
            {"resilience": {"pec_mitigation": True, **LAYERLESS}},
            pubs(),
            "resilience.layer_noise_model is 0 layers",
            "the one on qubits [0, 1] of pubs[0]",
        ),
        (
            {
                "resilience_level": 2,
                "resilience": {"zne": {"noise_factors": [1, 3], "extrapolator": "double_exponential"}},
            },
            pubs(),
            "resilience.zne.noise_factors is [1.0, 3.0], too few for 'double_exponential'",
            "at least 4 different factors",
        ),
        ({}, [(bell(7), "I" * 7)], "7 qubits", "Use a backend that has as many: service.backends(min_num_qubits=7)"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(
    cloud: EmulatedTransport, backend: Any, options: dict[str, Any], given: Any, words: str, way_out: str
) -> None:
    with pytest.raises(IBMInputValueError) as refusal:
        EstimatorV2(backend, options=options).run(given)
    assert words in str(refusal.value)
    assert way_out in str(refusal.value)
    assert posted(cloud) == []


@pytest.mark.holds("B382")
@pytest.mark.parametrize("precision", [0, -1, "0.1", True, float("nan"), float("inf")])
def test_a_precision_is_a_number_above_zero(cloud: EmulatedTransport, backend: Any, precision: Any) -> None:
    with pytest.raises(IBMInputValueError, match="precision"):
        EstimatorV2(backend).run(pubs(), precision=precision)
    assert posted(cloud) == []


@pytest.mark.holds("B388")
def test_a_projector_is_estimated_where_the_readout_is_not_mitigated(backend: Any) -> None:
    job = EstimatorV2(backend, options={"resilience_level": 0}).run([(bell(), "IIII0")])
    assert job.result()[0].data.evs == pytest.approx(0.5, abs=0.1)


@pytest.mark.holds("B380")
def test_who_switches_off_what_is_needed_is_told(backend: Any) -> None:
    estimator = EstimatorV2(backend, options={"twirling": {"enable_measure": False}})
    with pytest.warns(UserWarning, match="twirling.enable_measure=False has no effect: resilience.measure_mitigation"):
        prepared = estimator.prepare(pubs())
    assert len(prepared.program.items) == 3


# What is shown


@pytest.mark.holds("B388", "B389")
def test_what_would_be_sent_is_shown_before_it_is(cloud: EmulatedTransport, backend: Any) -> None:
    resilience = {"zne": {"noise_factors": [1, 3]}, "measure_noise_learning": {"num_randomizations": 16}}
    estimator = EstimatorV2(backend, options={"resilience_level": 2, "resilience": resilience, "default_shots": 1024})
    prepared = estimator.prepare(pubs())
    assert posted(cloud) == []
    assert prepared.purposes == (
        *("PUB 0, noise x 1", "PUB 0, noise x 3", "PUB 1, noise x 1", "PUB 1, noise x 3"),
        "readout",
    )
    assert [circuit.name for circuit in prepared.circuits] == ["bell", "bell", "turned", "turned", "readout"]
    assert prepared.randomizations == (16,) * 5
    assert [prepared.executions_of(index) for index in range(5)] == [2048, 2048, 3072, 3072, 1024]
    assert str(prepared).splitlines()[0] == "11264 executions in 5 items"
    assert estimator.run(pubs()).inputs["quantum_program"].shots == 64


@pytest.mark.holds("B389")
def test_what_amplifies_and_what_cancels_is_shown(backend: Any) -> None:
    noise = noise_of(EstimatorV2(backend, options={"twirling": {"enable_gates": True}}))
    amplified = {"zne_mitigation": True, "zne": {"amplifier": "pea", "noise_factors": [1, 1.5]}}
    shown = [
        EstimatorV2(backend, options={"resilience": {"layer_noise_model": noise, **technique}}).prepare(pubs())
        for technique in (amplified, {"pec_mitigation": True})
    ]
    assert [prepared.purposes for prepared in shown] == [
        ("PUB 0, noise x 1, 1.5", "PUB 1, noise x 1, 1.5", "readout"),
        ("PUB 0, errors cancelled", "PUB 1, errors cancelled", "readout"),
    ]
    assert shown[0].randomizations == (32, 32, 32)
    assert shown[0].executions_of(0) == 2 * 2 * 4096
    assert shown[1].randomizations[0] > 64


def test_options_are_finalized_in_a_copy(backend: Any) -> None:
    estimator = EstimatorV2(backend, options={"resilience_level": 2, "resilience": {"measure_mitigation": False}})
    final = estimator.finalize_options()
    assert (final.twirling.enable_gates, final.twirling.enable_measure) == (True, True)
    assert (final.resilience.measure_mitigation, final.resilience.zne_mitigation) == (False, True)
    assert estimator.options.twirling.enable_gates is None
    assert EstimatorV2(backend, options=final).finalize_options() == final
    assert Estimator is EstimatorV2


@pytest.mark.holds("B384")
def test_layers_are_what_is_twirled(backend: Any) -> None:
    estimator = EstimatorV2(backend, options={"resilience_level": 2})
    (layer,) = estimator.find_unique_layers(pubs())
    assert [step.name for step in layer.operation.body] == ["cz"]
    assert get_annotation(layer.operation, Twirl) is not None
    assert get_annotation(layer.operation, Tag) is not None
    assert len(estimator.find_unique_layers(pubs(), types="all")) == 2
    assert EstimatorV2(backend).find_unique_layers(pubs()) == []
    with pytest.raises(IBMInputValueError, match="It must be 'gates' or 'all'"):
        estimator.find_unique_layers(pubs(), types="measures")  # type: ignore[arg-type]  # it is refused
    with pytest.raises(IBMInputValueError, match="it has a box"):
        estimator.find_unique_layers([(boxed(), "IIIZZ")])


# In this process


def ising(steps: int = 4) -> QuantumCircuit:
    circuit = QuantumCircuit(WIDTH)
    for _ in range(steps):
        circuit.rx(0.3, range(WIDTH))
        for pair in ((0, 1), (2, 3), (1, 2), (3, 4)):
            circuit.rzz(-np.pi / 2, *pair)
    return circuit


OBSERVABLES = [
    "ZIIII",
    "IIZII",
    "IIIZZ",
    SparsePauliOp.from_sparse_list([("Z", [q], 0.2) for q in range(WIDTH)], WIDTH),
]


@pytest.mark.takes_long
@pytest.mark.holds("B387")
def test_mitigation_brings_values_nearer_to_the_truth() -> None:
    backend = FakeManilaV2()
    circuit = transpile(ising(), backend, optimization_level=1, initial_layout=list(range(WIDTH)), seed_transpiler=1)
    truth = [Statevector(ising()).expectation_value(SparsePauliOp(observable)).real for observable in OBSERVABLES]
    off = []
    for level in (0, 1, 2):
        options = {"resilience_level": level, "default_shots": 16_384, "simulator": {"seed_simulator": 7}}
        (pub,) = EstimatorV2(backend, options=options).run([(circuit, OBSERVABLES)]).result()
        off.append(np.abs(pub.data.evs - truth).mean())
    assert off[0] > 0.1
    assert off[1] < 0.7 * off[0]
    assert off[2] < 0.4 * off[1]


@pytest.mark.takes_long
def test_the_same_seed_gives_the_same_and_a_result_can_be_read_again_here_too() -> None:
    options = {"resilience_level": 2, "default_shots": 512, "simulator": {"seed_simulator": 3}}
    backend = GenericBackendV2(WIDTH, basis_gates=["cz", "rz", "sx", "x"], seed=1)
    one, other = (EstimatorV2(backend, options=options).run(pubs()) for _ in range(2))
    assert one.result()[0].data.evs.tolist() == other.result()[0].data.evs.tolist()
    assert post_process(one.raw_result())[0].data.evs.tolist() == one.result()[0].data.evs.tolist()
    prepared = EstimatorV2(backend, options=options).prepare(pubs())
    by_executor = Executor(backend, options={"simulator": {"seed_simulator": 3}}).run(prepared.program).result()
    assert by_executor[0].data.evs.shape == (2,)


def test_noise_that_is_mitigated_is_not_simulated_unless_that_is_said() -> None:
    backend = GenericBackendV2(WIDTH, basis_gates=["cz", "rz", "sx", "x"], noise_info=False, seed=1)
    noise = noise_of(EstimatorV2(backend, options={"twirling": {"enable_gates": True}}))
    values = []
    for simulated in (None, noise):
        simulator = {"seed_simulator": 5, "layer_noise_model": simulated, "warn_absent": False}
        options = {
            "twirling": {"enable_gates": True},
            "simulator": simulator,
            "resilience": {"layer_noise_model": noise},
        }
        values.append(float(EstimatorV2(backend, options=options).run([(bell(), "IIIYY")]).result()[0].data.evs))
    assert values[0] == pytest.approx(np.cos(0.3), abs=0.02)
    assert values[1] < values[0] - 0.05


# What is said of PUBs


@pytest.mark.holds("B408")
def test_what_is_wrong_with_a_folded_circuit_is_said_of_its_pub(backend: Any) -> None:
    far = QuantumCircuit(WIDTH)
    far.cx(0, 4)
    options = {"resilience_level": 2, "twirling": {"enable_gates": False}}
    with pytest.raises(IBMInputValueError, match="PUB 1 cannot run on this backend: instruction 'cx' on qubits 0, 4"):
        EstimatorV2(backend, options=options).run([(bell(), "IIIZZ"), (far, "IIIZZ")])


@pytest.mark.holds("B408")
def test_a_delay_that_is_rounded_is_told_once_of_its_pub(backend: Any) -> None:
    late = bell()
    late.delay(1.00001e-6, 2, unit="s")
    options = {"resilience_level": 2, "twirling": {"enable_gates": False}, "default_shots": 64}
    with pytest.warns(UserWarning, match="rounded to whole dt") as caught:
        EstimatorV2(backend, options=options).run([(bell(), "IIIZZ"), (late, "IIIZZ")])
    (words,) = (str(warning.message) for warning in caught if "rounded" in str(warning.message))
    assert "In PUB 1" in words
    assert "more" not in words


@pytest.mark.holds("B408")
def test_the_result_of_another_primitive_says_what_reads_it(backend: Any) -> None:
    circuit = bell()
    circuit.measure_all()
    with pytest.raises(ValueError, match=r"of a sampler, not of an estimator\. job\.result\(\) reads it"):
        post_process(SamplerV2(backend).run([circuit], shots=8).raw_result())


@pytest.mark.holds("B411")
def test_a_result_with_extrapolations_can_be_drawn(backend: Any) -> None:
    result = EstimatorV2(backend, options={"resilience_level": 2, "default_shots": 64}).run(pubs()).result()
    told = result[1].metadata["resilience"]["zne"]
    assert told["noise_factors"] == [1.0, 3.0, 5.0]
    assert told["extrapolator"] == ["exponential", "linear"]
    assert told["extrapolated_noise_factors"] == [0.0, 1.0, 3.0, 5.0]
    titles = [
        [note.text for note in figure.layout.annotations if note.text[:9] != "not shown"]
        for figure in (result[1].draw_zne_evs(), result[1].draw_zne_extrapolators())
    ]
    assert titles == [["evs_0", "evs_1", "evs_2"], ["exponential", "linear"]]
