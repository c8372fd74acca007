"""Estimator jobs whose errors are mitigated: what is run, what is told, and how near the values come."""

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import IfElseOp, Measure, Parameter
from qiskit.circuit.library import CZGate, RZGate, SXGate, XGate
from qiskit.quantum_info import PauliList
from qiskit.transpiler import InstructionProperties, Target
from qiskit_aer.noise import NoiseModel, ReadoutError, depolarizing_error
from returns.result import Failure

from qiskit_runtime_service.bridge.observables import read_estimator_pubs
from qiskit_runtime_service.bridge.result_types import LayerError, NoiseLearnerResult, PauliLindbladError
from qiskit_runtime_service.emulator.coherent_noise import CoherentNoise
from qiskit_runtime_service.records.problem import BadArgument, TooHeavy
from qiskit_runtime_service.simulator.conditions import Conditions
from qiskit_runtime_service.simulator.estimator import run_estimator_job
from qiskit_runtime_service.simulator.job_params import (
    Decoupling,
    EstimatorJob,
    Learning,
    Resilience,
    Settings,
    Simulator,
    Twirling,
    Zne,
)

NOW = 1e9


def line(error: float = 0.0, misread: float = 0.0, width: int = 3) -> Target:
    """Return a line of qubits whose gates on two of them, and whose readout, err."""
    target = Target(num_qubits=width, dt=1e-9)
    singles = [(qubit,) for qubit in range(width)]
    for gate in (SXGate(), XGate()):
        target.add_instruction(gate, dict.fromkeys(singles, InstructionProperties(duration=32e-9, error=0.0)))
    target.add_instruction(RZGate(Parameter("a")), dict.fromkeys(singles, InstructionProperties(duration=0.0)))
    joined = InstructionProperties(duration=64e-9, error=error)
    target.add_instruction(CZGate(), dict.fromkeys(pairwise(range(width)), joined))
    target.add_instruction(Measure(), dict.fromkeys(singles, InstructionProperties(duration=1e-6, error=misread)))
    target.add_instruction(IfElseOp, name="if_else")
    return target


def chain(repeats: int = 1) -> QuantumCircuit:
    """Return three qubits all of whose Z are 1, behind so many pairs of layers of gates."""
    circuit = QuantumCircuit(3)
    circuit.sx([0, 1, 2])
    for _ in range(repeats):
        for pair in ((0, 1), (1, 2)):
            circuit.cz(*pair)
            circuit.barrier()
            circuit.cz(*pair)
            circuit.barrier()
    circuit.rz(math.pi, [0, 1, 2])
    circuit.sx([0, 1, 2])
    return circuit


LABELS = ["ZII", "IZI", "IIZ"]


def run(
    *pubs: Any,
    target: Target | None = None,
    level: int = 0,
    precision: float = 1 / 64,
    coherent: CoherentNoise | None = None,
    seed: int = 7,
    mock: bool = False,
    idle: tuple[str, ...] = (),
    longest: float = 60.0,
    **settings: Any,
) -> Any:
    read = read_estimator_pubs(pubs or [(chain(), LABELS)], precision).unwrap()
    job = EstimatorJob(pubs=read, settings=Settings(**settings), resilience_level=level, idle=idle)
    conditions = Conditions(
        target=line() if target is None else target,
        seed=seed,
        started=NOW,
        mock=mock,
        coherent=coherent,
        longest=longest,
    )
    return run_estimator_job(job, conditions)


def errors(ran: Any, ideal: float = 1.0) -> float:
    return float(np.abs(ran.unwrap().result[0].data.evs - ideal).mean())


@pytest.mark.holds("B420")
def test_level_1_undoes_errors_of_the_readout() -> None:
    target = line(misread=0.06)
    raw, mitigated = run(target=target), run(target=target, level=1)
    assert errors(raw) == pytest.approx(0.12, abs=0.03)
    assert errors(mitigated) < 0.02
    assert list(mitigated.unwrap().result[0].data) == ["evs", "stds", "ensemble_standard_error"]
    told = mitigated.unwrap().result.metadata
    assert told["twirling"]["enable_measure"] is told["resilience"]["measure_mitigation"] is True
    assert told["twirling"]["enable_gates"] is told["resilience"]["zne_mitigation"] is False
    assert mitigated.unwrap().result[0].metadata == {
        "shots": 4096,
        "target_precision": 1 / 64,
        "circuit_metadata": {},
        "resilience": {},
        "num_randomizations": 32,
    }


FACTORS = [1.0, 1.5, 3.0, 5.0]


@pytest.mark.holds("B420")
@pytest.mark.parametrize(
    ("amplifier", "extrapolator"),
    [
        ("gate_folding", "exponential"),
        ("gate_folding_front", "linear"),
        ("gate_folding_back", "polynomial_degree_2"),
        (None, None),
        ("gate_folding", "fallback"),
        ("pea", "exponential"),
    ],
)
def test_zne_comes_nearer_by_every_amplifier_and_extrapolator(amplifier: Any, extrapolator: Any) -> None:
    learning = Learning(num_randomizations=6, shots_per_randomization=200, layer_pair_depths=[0, 1, 4])
    zne = Zne(amplifier=amplifier, extrapolator=extrapolator, noise_factors=FACTORS)
    mitigation = Resilience(zne_mitigation=True, zne=zne, layer_noise_learning=learning)
    twirled = Twirling(enable_gates=True, enable_measure=True)
    target = line(error=0.03)
    ran = run(target=target, resilience=mitigation, twirling=twirled)
    data, metadata = ran.unwrap().result[0].data, ran.unwrap().result[0].metadata
    raw = errors(run(target=target))
    assert 0.06 < raw < 0.2
    assert raw == pytest.approx(float(np.abs(data.evs_noise_factors[:, 0] - 1).mean()), abs=0.04)
    if extrapolator != "fallback":
        assert errors(ran) < 0.7 * raw
    assert data.evs_noise_factors.shape == data.stds_noise_factors.shape == (3, 4)
    assert data.ensemble_stds_noise_factors.shape == (3, 4)
    models = ["exponential", "linear"] if extrapolator is None else [extrapolator]
    assert data.evs_extrapolated.shape == data.stds_extrapolated.shape == (3, len(models), 5)
    assert set(metadata["resilience"]["zne"]["extrapolator"]) <= set(models)
    told = ran.unwrap().result.metadata["resilience"]["zne"]
    assert (told["noise_factors"], told["extrapolator"]) == (FACTORS, models)
    assert told["extrapolated_noise_factors"] == [0.0, *FACTORS]
    # Some gates are folded for a factor of 1.5: those in front, where the seed alone is to decide.
    assert told["amplifier"] == ("gate_folding_front" if amplifier in (None, "gate_folding") else amplifier)


CANCELLED = Twirling(num_randomizations=300, shots_per_randomization=8)
"""What is cancelled differs from one randomization to the next, so there are many."""


@pytest.mark.holds("B421")
def test_pec_cancels_noise_that_is_given() -> None:
    target = line(error=0.03)
    pauli = PauliLindbladError(PauliList(["XX", "YY", "ZZ", "IX", "IZ"]), [0.006] * 5)
    model = NoiseLearnerResult([LayerError(_joined(), list(pair), pauli) for pair in ((1, 0), (1, 2))])
    mitigation = Resilience(pec_mitigation=True, layer_noise_model=model)
    ran = run(target=target, level=1, twirling=CANCELLED, resilience=mitigation)
    told = ran.unwrap().result
    # Four layers of five rates each: what cancels them is e to twice their sum, and shots grow by its square.
    assert told[0].metadata["resilience"] == {"pec": {"num_randomizations_scaling": pytest.approx(math.exp(0.48))}}
    assert errors(ran) < 0.7 * errors(run(target=target))
    assert told.metadata["twirling"]["enable_gates"] is told.metadata["resilience"]["pec_mitigation"] is True


@pytest.mark.holds("B421")
def test_pec_learns_the_noise_that_is_not_given() -> None:
    target = line(error=0.04, width=2)
    circuit = QuantumCircuit(2)
    circuit.sx([0, 1])
    for _ in range(2):
        circuit.cz(0, 1)
        circuit.barrier()
    circuit.rz(math.pi, [0, 1])
    circuit.sx([0, 1])
    pub = (circuit, ["ZI", "IZ"])
    learning = Learning(num_randomizations=4, shots_per_randomization=200, layer_pair_depths=[0, 2])
    mitigation = Resilience(pec_mitigation=True, layer_noise_learning=learning)
    ran = run(pub, target=target, level=1, twirling=CANCELLED, resilience=mitigation)
    (scaling,) = ran.unwrap().result[0].metadata["resilience"]["pec"].values()
    assert 1.1 < scaling < 3
    assert errors(ran) < 0.6 * errors(run(pub, target=target))


def _joined() -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.cz(0, 1)
    return circuit


@pytest.mark.holds("B421")
def test_a_layer_whose_noise_is_not_given_is_named() -> None:
    pauli = PauliLindbladError(PauliList(["XX"]), [0.002])
    ran = run(
        resilience=Resilience(pec_mitigation=True, layer_noise_model=[LayerError(_joined(), [0, 1], pauli)]),
    )
    problem = ran.failure()
    assert isinstance(problem, BadArgument)
    assert (problem.name, problem.value) == ("resilience.layer_noise_model", "without the layer of cz on (1, 2)")


@pytest.mark.holds("B420")
def test_what_cannot_be_mitigated_runs_without_and_says_so() -> None:
    decides = QuantumCircuit(3, 1)
    decides.sx(0)
    decides.measure(0, 0)
    with decides.if_test((decides.clbits[0], 1)):
        decides.x(0)
    idle = ("resilience_level", "resilience.zne_mitigation", "experimental")
    ran = run((decides, "IIZ"), level=1, idle=idle).unwrap()
    assert ran.result[0].data.evs == 1
    assert ran.result.metadata["options_without_effect"] == list(idle)
    mitigated = run(level=1, idle=idle).unwrap()
    assert mitigated.result.metadata["options_without_effect"] == ["experimental"]
    assert mitigated.notes[-1] == "Without effect: experimental."


@pytest.mark.holds("B420")
def test_a_stand_in_has_nothing_to_mitigate() -> None:
    ran = run(level=2, mock=True).unwrap()
    assert "evs_noise_factors" not in ran.result[0].data
    assert ran.notes[0].startswith("PUB 0: ")


@pytest.mark.holds("B420")
def test_what_does_not_go_together_or_takes_too_long_for_now_is_refused() -> None:
    both = run(level=2, resilience=Resilience(pec_mitigation=True)).failure()
    assert isinstance(both, BadArgument)
    assert both.name == "resilience.pec_mitigation"
    assert isinstance(run(level=1, longest=1e-6).failure(), TooHeavy)
    few = run(level=2, resilience=Resilience(zne=Zne(noise_factors=[1.0]))).failure()
    assert isinstance(few, BadArgument)
    assert few.name == "resilience.zne.noise_factors"


@pytest.mark.holds("B420")
def test_pubs_of_several_precisions_stay_in_their_order() -> None:
    pubs = [(chain(), "IIZ", None, 1 / 32), (chain(), "IIX", None, 1 / 16), (chain(), "IZI", None, 1 / 32)]
    result = run(*pubs, level=1, target=line(misread=0.05)).unwrap().result
    assert [pub.metadata["shots"] for pub in result] == [1024, 256, 1024]
    assert [pub.metadata["target_precision"] for pub in result] == [1 / 32, 1 / 16, 1 / 32]
    assert [abs(float(pub.data.evs)) > 0.8 for pub in result] == [True, False, True]


@pytest.mark.holds("B420")
def test_the_same_job_gives_the_same_and_another_seed_another() -> None:
    zne = Zne(noise_factors=[1.0, 1.4, 2.6])
    settings = {"level": 2, "target": line(error=0.02, misread=0.02), "precision": 1 / 16}
    one, same, other = (
        run(**settings, seed=seed, resilience=Resilience(zne=zne)).unwrap().result[0].data for seed in (7, 7, 8)
    )
    assert np.array_equal(one.evs, same.evs)
    assert np.array_equal(one.evs_noise_factors, same.evs_noise_factors)
    assert not np.array_equal(one.evs, other.evs)


@pytest.mark.holds("B420")
def test_a_noise_model_of_the_users_is_mitigated_too() -> None:
    model = NoiseModel()
    model.add_all_qubit_readout_error(ReadoutError([[0.9, 0.1], [0.1, 0.9]]))
    simulator = Simulator(noise_model=model)
    assert errors(run(simulator=simulator)) == pytest.approx(0.2, abs=0.04)
    assert errors(run(simulator=simulator, level=1)) < 0.03


def ramsey() -> QuantumCircuit:
    """Return two joined qubits of which one waits in superposition, and is 1 then but for what it has picked up."""
    circuit = QuantumCircuit(3)
    circuit.sx(0)
    circuit.cz(0, 1)
    circuit.delay(2560, 0, "ns")
    circuit.cz(0, 1)
    circuit.sx(0)
    return circuit


@pytest.mark.holds("B422")
def test_decoupling_helps_where_noise_can_be_echoed_and_is_left_away_where_not() -> None:
    noise = CoherentNoise(detuning=120e3, zz=0.0, over_rotation=0.0, drift=0.0, seed=1)
    pulses = Decoupling(enable=True, sequence_type="XX")
    ideal = -1.0
    idle = ("dynamical_decoupling.enable",)
    pub = (ramsey(), ["IIZ"])
    lost = errors(run(pub, level=1, coherent=noise), ideal)
    ran = run(pub, level=1, coherent=noise, dynamical_decoupling=pulses, idle=idle)
    assert lost > 0.1
    assert errors(ran, ideal) < lost / 10
    assert ran.unwrap().result.metadata["dynamical_decoupling"]["enable"] is True
    assert "options_without_effect" not in ran.unwrap().result.metadata
    plain = run(pub, level=1, dynamical_decoupling=pulses, idle=idle).unwrap().result
    assert plain.metadata["options_without_effect"] == list(idle)
    assert json.dumps(plain.metadata)


def test_failures_are_problems() -> None:
    assert isinstance(run(level=2, resilience=Resilience(pec_mitigation=True)), Failure)


@pytest.mark.holds("B271")
def test_what_a_mitigated_job_ran_without_is_told_for_its_pubs() -> None:
    wide = QuantumCircuit(12)
    for qubit in range(12):
        wide.sx(qubit)
        wide.rz(0.3, qubit)
        wide.sx(qubit)
    for pair in pairwise(range(12)):
        wide.cz(*pair)
        wide.sx(pair[1])
    pubs = [(QuantumCircuit(12), "I" * 11 + "Z", None, 1 / 8), (wide, "I" * 11 + "Z", None, 1 / 8)]
    ran = run(*pubs, target=line(error=0.001, width=12), level=1, coherent=CoherentNoise()).unwrap()
    (sentence,) = ran.result.metadata["noise_left_out"]
    assert sentence.startswith("PUB 1 ran without coherent errors: ")
    assert sentence in ran.notes


@pytest.mark.takes_long
@pytest.mark.holds("B421")
def test_the_noise_of_layers_is_learned_from_the_model_that_a_job_has() -> None:
    strength = 0.03
    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(strength, 2), ["cz"])
    learning = Learning(num_randomizations=8, shots_per_randomization=64, layer_pair_depths=[0, 4])
    resilience = Resilience(pec_mitigation=True, layer_noise_learning=learning)
    ran = run((chain(), "IIZ"), precision=1 / 8, simulator=Simulator(noise_model=model), resilience=resilience)
    (pub,) = ran.unwrap().result
    # Four layers, each with fifteen rates of -ln(1 - p)/16.
    overhead = math.exp(4 * 4 * 15 / 16 * -math.log(1 - strength))
    assert pub.metadata["resilience"]["pec"]["num_randomizations_scaling"] == pytest.approx(overhead, rel=0.25)
