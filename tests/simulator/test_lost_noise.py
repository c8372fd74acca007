"""Noise that a device has and a simulation has not is told, in the metadata of the result and in the notes."""

from typing import Any

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Measure
from qiskit.circuit.library import XGate
from qiskit.providers import QubitProperties
from qiskit.transpiler import InstructionProperties, Target
from qiskit_aer.noise import NoiseModel

from qiskit_runtime_service.bridge.circuits import read_pubs
from qiskit_runtime_service.bridge.observables import read_estimator_pubs
from qiskit_runtime_service.bridge.readout import describe_readout
from qiskit_runtime_service.simulator.conditions import Conditions, Simulated
from qiskit_runtime_service.simulator.estimator import run_estimator_job
from qiskit_runtime_service.simulator.job_params import EstimatorJob, SamplerJob, Settings, Simulator
from qiskit_runtime_service.simulator.lost_noise import find_loss
from qiskit_runtime_service.simulator.method import Method, Noise
from qiskit_runtime_service.simulator.noise import known_noise
from qiskit_runtime_service.simulator.sampler import run_sampler_job

from ..support.devices import device, ghz

ALL = "gate errors, readout errors and relaxation by T1 and T2"
NO_AER = "qiskit-aer is not installed, pip install 'qiskit-runtime-service[aer]'"


def turned(width: int) -> QuantumCircuit:
    """Return a circuit that is no Clifford circuit."""
    circuit = QuantumCircuit(60, width)
    for qubit in range(width):
        circuit.rx(0.3, qubit)
    for qubit in range(width - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.measure(range(width), range(width))
    return circuit


def sample(
    *circuits: QuantumCircuit,
    use_aer: bool = True,
    error: float | None = 0.01,
    mock: bool = False,
    simulator: bool = False,
    noise_model: Any = None,
) -> Simulated[Any]:
    conditions = Conditions(target=device(error=error), seed=7, use_aer=use_aer, mock=mock, simulator=simulator)
    settings = Settings(simulator=Simulator(noise_model=noise_model))
    job = SamplerJob(pubs=read_pubs([(circuit,) for circuit in circuits], 50).unwrap(), settings=settings)
    return run_sampler_job(job, conditions).unwrap()


def assert_told(simulated: Simulated[Any], *sentences: str) -> None:
    """Check that exactly these sentences are in the metadata, and at the end of the notes."""
    if sentences:
        assert simulated.result.metadata["noise_left_out"] == list(sentences)
    else:
        assert "noise_left_out" not in simulated.result.metadata
    assert list(simulated.notes)[len(simulated.result) :] == list(sentences)


@pytest.mark.holds("B271")
def test_without_aer_all_noise_is_left_out_and_that_is_told() -> None:
    assert_told(sample(ghz(2), use_aer=False), f"PUB 0 ran without {ALL}: {NO_AER}.")
    assert_told(sample(ghz(2), ghz(3), turned(2), use_aer=False), f"PUBs 0 to 2 ran without {ALL}: {NO_AER}.")


@pytest.mark.holds("B271")
def test_with_aer_only_what_is_too_heavy_is_left_out() -> None:
    assert_told(sample(ghz(2), turned(2)))
    told = "PUB 0 ran without relaxation by T1 and T2: stabilizer is as much as time and memory allow."
    assert_told(sample(ghz(40), turned(2)), told)


@pytest.mark.holds("B271")
@pytest.mark.parametrize(
    ("noise", "given", "parts"),
    [
        ("all", False, ()),
        ("pauli", False, ("relaxation by T1 and T2",)),
        ("none", False, ("gate errors", "readout errors", "relaxation by T1 and T2")),
        ("all", True, ()),
        ("pauli", True, ("the noise model that was given",)),
        ("none", True, ("the noise model that was given",)),
    ],
)
@pytest.mark.parametrize("use_aer", [True, False])
def test_what_a_method_leaves_out_is_what_the_device_or_the_user_had(
    noise: Noise, given: bool, parts: tuple[str, ...], use_aer: bool
) -> None:
    conditions = Conditions(target=device(error=0.01), seed=7, use_aer=use_aer)
    simulator = Simulator(noise_model=NoiseModel() if given else None)
    loss = find_loss(conditions, simulator, 3, (0, 1), Method("tensors", noise))
    assert loss == (3, parts, "tensors is as much as time and memory allow" if use_aer else NO_AER)


@pytest.mark.holds("B271")
def test_an_estimator_tells_the_same() -> None:
    pubs = read_estimator_pubs([(ghz(2).remove_final_measurements(inplace=False), "I" * 58 + "ZZ")], 0.1).unwrap()
    conditions = Conditions(target=device(error=0.01), seed=7, use_aer=False)
    assert_told(
        run_estimator_job(EstimatorJob(pubs=pubs, resilience_level=0), conditions).unwrap(),
        f"PUB 0 ran without {ALL}: {NO_AER}.",
    )
    noisy = Conditions(target=device(error=0.01), seed=7, use_aer=True)
    assert_told(run_estimator_job(EstimatorJob(pubs=pubs, resilience_level=0), noisy).unwrap())


@pytest.mark.holds("B271")
@pytest.mark.parametrize("use_aer", [True, False])
def test_devices_that_know_no_errors_simulators_and_stand_ins_lose_nothing(use_aer: bool) -> None:
    assert_told(sample(ghz(3), ghz(40), error=None, use_aer=use_aer))
    assert_told(sample(ghz(3), ghz(40), mock=True, use_aer=use_aer))
    assert_told(sample(ghz(3), ghz(40), simulator=True, use_aer=use_aer))
    assert_told(sample(QuantumCircuit(60), use_aer=use_aer))


@pytest.mark.holds("B271")
def test_a_noise_model_that_was_given_takes_the_place_of_the_noise_of_the_device() -> None:
    assert_told(sample(ghz(3), noise_model=NoiseModel()))


@pytest.mark.holds("B271")
def test_only_what_is_known_of_the_active_qubits_can_be_lost() -> None:
    target = Target(
        num_qubits=4, qubit_properties=[QubitProperties(), QubitProperties(t1=1e-4), *[QubitProperties()] * 2]
    )
    target.add_instruction(XGate(), {(0,): None, (1,): None, (2,): InstructionProperties(error=0.1), (3,): None})
    readout = {(qubit,): describe_readout(None, None, 0.0, 0.1 if qubit == 3 else 0.0) for qubit in range(4)}
    target.add_instruction(Measure(), readout)
    assert [known_noise(target, (qubit,)) for qubit in range(4)] == [
        (),
        ("relaxation by T1 and T2",),
        ("gate errors",),
        ("readout errors",),
    ]
    assert known_noise(target, (0, 3, 2)) == ("gate errors", "readout errors")
    assert known_noise(target, ()) == ()


@pytest.mark.holds("B271")
def test_a_gate_that_reaches_beyond_the_active_qubits_does_not_count() -> None:
    target = device(3, error=None)
    target.update_instruction_properties("cx", (0, 1), InstructionProperties(error=0.1))
    assert known_noise(target, (0, 2)) == ()
    assert known_noise(target, (0, 1)) == ("gate errors",)


@pytest.mark.holds("B271")
def test_options_without_effect_are_named_in_metadata_and_notes() -> None:
    idle = ("resilience_level", "resilience.zne_mitigation")
    sampler = SamplerJob(pubs=read_pubs([(ghz(2),)], 50).unwrap(), idle=idle)
    estimator = EstimatorJob(
        pubs=read_estimator_pubs([(QuantumCircuit(60), "Z" * 60)], 0.1).unwrap(), idle=idle, resilience_level=0
    )
    conditions = Conditions(target=device(error=None), seed=7, use_aer=False)
    for simulated in (run_sampler_job(sampler, conditions), run_estimator_job(estimator, conditions)):
        told = simulated.unwrap()
        assert told.result.metadata["options_without_effect"] == list(idle)
        assert told.notes[-1] == "Without effect: resilience_level and resilience.zne_mitigation."
    assert "options_without_effect" not in sample(ghz(2)).result.metadata
