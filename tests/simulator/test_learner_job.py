"""The programs `noise-learner` and `calibrate` of an emulated cloud: what is learned is the noise of the device."""

import json
import math
from typing import Any

import numpy as np
import pytest
from ibm_quantum_schemas.calibrator.version_0_1 import CalibratorResultModel
from ibm_quantum_schemas.noise_learner_v3.version_0_3 import NoiseLearnerV3ResultsModel
from qiskit import QuantumCircuit
from samplomatic import InjectNoise, Twirl

from qiskit_runtime_service.emulator.world import Crashed, Finished, Outcome
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.programs.learner_bodies import encode_learner_params
from qiskit_runtime_service.programs.learning_boxes import register_of
from qiskit_runtime_service.simulator.run_job import run_task

from ..support.tasks import task_on

TARGET = FakeManilaV2().target
QUICK = {
    "shots_per_randomization": 64,
    "num_randomizations": 16,
    "layer_pair_depths": [0, 2, 12],
    "bit_flip_checks": {},
    "execution": {},
}


def boxed(*kinds: str) -> bytes:
    """Return the params of a learner of boxes on qubits 2, 1 and 0."""
    circuit = QuantumCircuit(register_of(TARGET))
    circuit.add_bits(QuantumCircuit(0, 3).clbits)
    for kind in kinds:
        with circuit.box([Twirl(), InjectNoise(f"r{kind}")]):
            if kind == "gates":
                circuit.cx(2, 1)
            elif kind == "measures":
                circuit.measure([2, 0], [0, 1])
            else:
                circuit.h(0)
    options = {**QUICK, "init_qubits": True, "rep_delay": None}
    execution = {"init_qubits": True, "rep_delay": None}
    return encode_learner_params(list(circuit.data), {**options, "execution": execution}, register_of(TARGET))


def run(params: bytes, program: str = "noise-learner") -> Outcome:
    return run_task(task_on("fake_manila", params, program))


def learned(outcome: Outcome) -> Any:
    assert isinstance(outcome, Finished), outcome
    # The models of the service's own schema take it as it is.
    return NoiseLearnerV3ResultsModel.model_validate_json(outcome.result).data


@pytest.mark.takes_long
@pytest.mark.holds("B397")
def test_the_rates_of_a_layer_of_gates_are_those_of_the_device() -> None:
    (found,) = learned(run(boxed("gates")))
    assert found.num_qubits == 2
    assert found.metadata.learning_protocol == "lindblad"
    assert found.metadata.post_selection.fraction_kept == {0: 1.0, 2: 1.0, 12: 1.0}
    # Infidelity of the process: 5/4 of the average one; the gates of the twirl come on top.
    told = TARGET["cx"][(2, 1)].error * 5 / 4
    dressing = sum(2 * 3 / 2 * TARGET["sx"][(qubit,)].error for qubit in (1, 2))
    assert sum(found.rates.to_numpy()) == pytest.approx(told + dressing, rel=0.35)


@pytest.mark.takes_long
@pytest.mark.holds("B397")
def test_the_rates_of_a_layer_of_measurements_are_those_of_its_readout_the_lowest_qubit_first() -> None:
    gates, found = learned(run(boxed("gates", "measures")))
    assert gates.metadata.learning_protocol == "lindblad"
    assert found.metadata.learning_protocol == "trex"
    assert [generator for (generator,) in found.generators_sparse] == [("X", [0]), ("X", [1])]
    for rate, deviation, qubit in zip(found.rates.to_numpy(), found.rates_std.to_numpy(), (0, 2), strict=True):
        error = TARGET["measure"][(qubit,)].error
        assert deviation > 0
        # Finite randomizations leave some of the difference between the two states.
        assert rate == pytest.approx(-math.log(1 - 2 * error) / 2, abs=6 * deviation + 0.03)


@pytest.mark.holds("B397")
def test_the_same_job_learns_the_same() -> None:
    one, other = run(boxed("measures")), run(boxed("measures"))
    assert isinstance(one, Finished)
    assert one == other


@pytest.mark.holds("B397")
def test_what_cannot_be_learned_is_a_failed_job_with_its_code() -> None:
    sent = json.loads(boxed("gates"))
    table: list[tuple[bytes, int, str]] = [
        (b"{}", 1002, ""),
        (json.dumps(sent | {"version": 4}).encode(), 1002, "version"),
        (json.dumps(sent | {"options": {"num_randomizations": "many"}}).encode(), 1002, "num_randomizations"),
        (json.dumps(sent | {"options": {"shots_per_randomization": 10**6}}).encode(), 6000, "1000000 shots"),
        (json.dumps(sent | {"options": {"rep_delay": 7.0}}).encode(), 1002, "rep_delay"),
        (boxed("h"), 7000, "'h'"),
    ]
    for params, code, words in table:
        outcome = run(params)
        assert isinstance(outcome, Crashed), params[:100]
        assert outcome.code == code, outcome
        assert words in outcome.reason
        assert outcome.solution


@pytest.mark.holds("B398")
def test_a_calibrator_tells_when_it_ran() -> None:
    outcome = run(b'{"schema_version": "v0.1", "options": {"experimental": {}}}', "calibrate")
    assert isinstance(outcome, Finished)
    found = CalibratorResultModel.model_validate_json(outcome.result)
    assert (found.start.timestamp(), found.stop.timestamp()) == (100.0, 102.0)
    refused = run(b"[]", "calibrate")
    assert isinstance(refused, Crashed)
    assert refused.code == 1002
    assert np.isfinite(found.start.timestamp())
