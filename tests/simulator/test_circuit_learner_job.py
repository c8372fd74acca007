"""The program `noise-learner` of circuits: which layers it learns, and that their noise is that of the device."""

import json
import math
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit_aer.noise import NoiseModel, depolarizing_error

from qiskit_runtime_service.bridge.result_types import NoiseLearnerResult
from qiskit_runtime_service.bridge.typed_json import decode_value, encode_input
from qiskit_runtime_service.emulator.world import Crashed, Finished, Outcome
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.simulator.run_job import run_task

from ..support.tasks import task_on

TARGET = FakeManilaV2().target
FEW = {"shots_per_randomization": 8, "num_randomizations": 2, "layer_pair_depths": [0, 1]}
ENOUGH = {"shots_per_randomization": 64, "num_randomizations": 16, "layer_pair_depths": [0, 2, 12]}


def run(*circuits: Any, **options: Any) -> Outcome:
    params = encode_input({"circuits": list(circuits), "options": {**options, "support_qiskit": True}})
    return run_task(task_on("fake_manila", params, "noise-learner"))


def learned(outcome: Outcome) -> NoiseLearnerResult:
    assert isinstance(outcome, Finished), outcome
    # IBM's client reads a plain dictionary of layers and nothing else.
    told: Any = decode_value(outcome.result).unwrap()
    assert told.keys() == {"data", "metadata"}
    return NoiseLearnerResult(told["data"])


def layers(*pairs: tuple[int, int], width: int = 5) -> QuantumCircuit:
    """Return a circuit of layers of one gate each."""
    circuit = QuantumCircuit(width)
    for pair in pairs:
        circuit.cx(*pair)
        circuit.barrier()
    return circuit


def gates(result: NoiseLearnerResult) -> list[list[tuple[int, ...]]]:
    """Return the gates of each layer, by qubits of the device, in the order of these."""
    return [
        sorted(
            tuple(error.qubits[error.circuit.find_bit(bit).index] for bit in step.qubits) for step in error.circuit.data
        )
        for error in result
    ]


@pytest.mark.takes_long
@pytest.mark.holds("B465")
def test_the_rates_of_a_layer_are_those_of_a_noise_model() -> None:
    strength = 0.04
    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(strength, 2), ["cx"])
    (error,) = learned(run(layers((2, 1)), **ENOUGH, simulator={"noise_model": model, "seed_simulator": 3}))
    assert error.error is not None
    assert error.qubits == [1, 2]
    # A fidelity of 1 - p for each Pauli operator but the identity, each of which eight of the fifteen rates turn round.
    assert len(error.error.rates) == 15
    assert error.error.generators.to_labels()[:5] == ["IX", "IY", "IZ", "XI", "XX"]
    assert error.error.rates.sum() == pytest.approx(-15 * math.log(1 - strength) / 16, rel=0.1)
    assert np.abs(error.error.rates + math.log(1 - strength) / 16).max() < 0.0015


@pytest.mark.takes_long
@pytest.mark.holds("B465")
def test_the_rates_of_a_layer_are_those_of_the_device() -> None:
    (error,) = learned(run(layers((2, 1)), **ENOUGH))
    assert error.error is not None
    # Infidelity of the process: 5/4 of the average one; the gates of the twirl come on top.
    told = TARGET["cx"][(2, 1)].error * 5 / 4
    dressing = sum(2 * 3 / 2 * TARGET["sx"][(qubit,)].error for qubit in (1, 2))
    assert error.error.rates.sum() == pytest.approx(told + dressing, rel=0.35)


@pytest.mark.takes_long
@pytest.mark.holds("B465")
def test_layers_are_learned_in_the_order_of_how_often_they_occur_and_then_of_their_gates() -> None:
    both = QuantumCircuit(5)
    both.cx(0, 1)
    both.cx(3, 2)
    both.barrier()
    often = layers((1, 2), (2, 3), (1, 2))
    active = {**FEW, "twirling_strategy": "active"}
    found = learned(run(layers((3, 4)), both, often, **active))
    assert gates(found)[:2] == [[(1, 2)], [(0, 1), (3, 2)]]
    assert sorted(gates(found)[2:]) == [[(2, 3)], [(3, 4)]]
    assert gates(learned(run(both, often, **active, max_layers_to_learn=1))) == [[(1, 2)]]


@pytest.mark.takes_long
@pytest.mark.holds("B465")
def test_four_layers_are_learned_unless_another_number_is_told() -> None:
    five = layers((0, 1), (1, 2), (2, 3), (3, 4), (1, 0))
    active = {**FEW, "twirling_strategy": "active"}
    assert len(learned(run(five, **active))) == 4
    assert len(learned(run(five, **active, max_layers_to_learn=None))) == 5


@pytest.mark.takes_long
@pytest.mark.holds("B465")
@pytest.mark.parametrize(
    ("strategy", "qubits"),
    [("active", [[0, 1], [1, 2]]), ("active-accum", [[0, 1], [0, 1, 2]]), ("active-circuit", [[0, 1, 2]] * 2)],
)
def test_the_strategy_says_which_qubits_belong_to_a_layer(strategy: str, qubits: list[list[int]]) -> None:
    circuit = layers((0, 1), (1, 2), width=3)
    circuit.rz(Parameter("a"), 0)
    found = learned(run(circuit, **FEW, twirling_strategy=strategy))
    assert sorted(error.qubits for error in found) == qubits


@pytest.mark.holds("B465")
def test_a_circuit_without_layers_has_no_noise_of_layers() -> None:
    assert len(learned(run(QuantumCircuit(5), **FEW))) == 0


@pytest.mark.holds("B465")
def test_what_cannot_be_learned_is_a_failed_job_with_its_code() -> None:
    branching = QuantumCircuit(5, 1)
    branching.measure(0, 0)
    with branching.if_test((branching.clbits[0], 1)):
        branching.x(0)
    foreign = QuantumCircuit(5)
    foreign.cz(0, 1)
    table: list[tuple[Outcome, int, str]] = [
        (run(), 1002, "circuits"),
        (run("OPENQASM 3.0;"), 1002, "circuits[0]"),
        (run(layers((0, 1)), num_randomizations="many"), 1002, "num_randomizations"),
        (run(layers((0, 1)), max_layers_to_learn=-1), 1002, "max_layers_to_learn"),
        (run(layers((0, 1)), **FEW | {"shots_per_randomization": 10**6}), 6000, "1000000 shots"),
        (run(layers((0, 1)), **FEW | {"layer_pair_depths": [1]}), 1002, "circuits"),
        (run(layers((0, 1)), layers((0, 1), width=6), **FEW), 1002, "Circuit 1 has 6 qubits"),
        (run(foreign, **FEW), 7000, "'cz'"),
        (run(layers((0, 1)), branching, **FEW), 1002, "Circuit 1"),
    ]
    params = json.dumps({"circuits": [1], "options": 1}).encode()
    table.append((run_task(task_on("fake_manila", params, "noise-learner")), 1002, "circuits[0]"))
    for place, (outcome, code, words) in enumerate(table):
        assert isinstance(outcome, Crashed), place
        assert outcome.code == code, outcome
        assert words in outcome.reason, outcome
        assert outcome.solution
