"""Sampler jobs that are twirled or decoupled: what that does to their bits, and what is told of it."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit_aer.noise import NoiseModel, ReadoutError

from qiskit_runtime_service.bridge.circuits import read_pubs
from qiskit_runtime_service.emulator.coherent_noise import CoherentNoise
from qiskit_runtime_service.simulator.conditions import Conditions
from qiskit_runtime_service.simulator.job_params import Decoupling, Execution, SamplerJob, Settings, Simulator, Twirling
from qiskit_runtime_service.simulator.sampler import run_sampler_job

from .test_mitigated import NOW, line, ramsey

TURNED = CoherentNoise(detuning=0.0, zz=0.0, over_rotation=0.05, drift=0.0, seed=1)
RUN_OFF = CoherentNoise(detuning=120e3, zz=0.0, over_rotation=0.0, drift=0.0, seed=1)


def run(*pubs: Any, coherent: CoherentNoise | None = None, idle: tuple[str, ...] = (), **settings: Any) -> Any:
    job = SamplerJob(pubs=read_pubs(pubs, 1024).unwrap(), settings=Settings(**settings), idle=idle)
    conditions = Conditions(target=line(), seed=7, started=NOW, ended=NOW + 2, coherent=coherent)
    return run_sampler_job(job, conditions).unwrap().result


def ones(result: Any, pub: int = 0) -> NDArray[np.float64]:
    """Return how often each qubit of the first register is read as 1."""
    bits: NDArray[np.bool_] = next(iter(result[pub].data.values())).to_bool_array(order="little")
    means: NDArray[np.float64] = bits.mean(axis=-2)
    return means


def repeated() -> QuantumCircuit:
    """Return two qubits that are 1 behind gates which undo each other, and whose errors add up."""
    circuit = QuantumCircuit(3, 1)
    circuit.x(1)
    circuit.sx(0)
    for _ in range(16):
        circuit.cz(0, 1)
        circuit.barrier()
    circuit.sx(0)
    circuit.measure(0, 0)
    return circuit


def measured(circuit: QuantumCircuit) -> QuantumCircuit:
    circuit.measure_all()
    return circuit


@pytest.mark.holds("B467")
def test_twirled_gates_have_errors_that_do_not_add_up() -> None:
    raw, twirled = (
        1 - ones(run(repeated(), coherent=TURNED, twirling=Twirling(enable_gates=gates)))[0] for gates in (False, True)
    )
    assert raw > 0.1
    assert twirled < raw / 3


@pytest.mark.holds("B467")
def test_twirled_measurements_err_alike_in_both_states() -> None:
    model = NoiseModel()
    model.add_all_qubit_readout_error(ReadoutError([[1.0, 0.0], [0.2, 0.8]]))
    circuit, simulator = measured(QuantumCircuit(3)), Simulator(noise_model=model)
    assert ones(run((circuit, None, 4096), simulator=simulator)).max() == 0.0
    twirled = run((circuit, None, 4096), simulator=simulator, twirling=Twirling(enable_measure=True))
    assert ones(twirled) == pytest.approx(np.full(3, 0.1), abs=0.03)


@pytest.mark.holds("B467")
def test_pulses_help_where_noise_can_be_echoed_and_have_no_effect_where_not() -> None:
    circuit, idle = measured(ramsey()), ("dynamical_decoupling.enable",)
    pulses = Decoupling(enable=True, sequence_type="XX")
    lost = 1 - ones(run(circuit, coherent=RUN_OFF))[0]
    echoed = run(circuit, coherent=RUN_OFF, dynamical_decoupling=pulses, idle=idle)
    assert lost > 0.05
    assert 1 - ones(echoed)[0] < lost / 5
    assert "options_without_effect" not in echoed.metadata
    plain = run(circuit, dynamical_decoupling=pulses, idle=idle)
    assert plain.metadata["options_without_effect"] == list(idle)


@pytest.mark.holds("B467")
def test_each_pub_has_the_shots_that_it_asked_for_in_its_place() -> None:
    flipped = QuantumCircuit(3, 2)
    flipped.x(1)
    flipped.measure([0, 1], [0, 1])
    turned = QuantumCircuit(3, 2)
    turned.x(0)
    turned.measure([0, 1], [0, 1])
    pubs = [(flipped, None, 100), (turned, None, 1000), (flipped, None, 100)]
    result = run(*pubs, twirling=Twirling(enable_gates=True, enable_measure=True))
    assert [pub.data.c.num_shots for pub in result] == [100, 1000, 100]
    assert [ones(result, pub).tolist() for pub in range(3)] == [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]
    assert [pub.metadata["num_randomizations"] for pub in result] == [2, 16, 2]
    assert len(result.metadata["execution"]["execution_spans"]) == 3


@pytest.mark.holds("B467")
def test_points_are_not_flipped_and_their_gates_are_twirled() -> None:
    circuit, both = measured(repeated()), Twirling(enable_gates=True, enable_measure=True)
    table = ((Execution(meas_type="kerneled"), (100, 3)), (Execution(meas_type="avg_kerneled"), (3,)))
    for execution, shape in table:
        result = run((circuit, None, 100), twirling=both, execution=execution)
        points = result[0].data.meas
        assert points.shape == shape
        assert np.allclose(points.real.reshape(-1, 3).mean(axis=0), [1.0, 1.0, -1.0], atol=0.2)


@pytest.mark.holds("B467")
def test_what_cannot_be_twirled_runs_and_says_so() -> None:
    branching = QuantumCircuit(3, 1)
    branching.x(0)
    branching.measure(0, 0)
    with branching.if_test((branching.clbits[0], 1)):
        branching.x(1)
    branching.measure(1, 0)
    result = run((branching, None, 100), twirling=Twirling(enable_gates=True, enable_measure=False))
    assert ones(result)[0] == 1.0
    assert result.metadata["options_without_effect"] == ["twirling.enable_gates"]
    assert result[0].data.c.num_shots == 100
