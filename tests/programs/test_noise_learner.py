"""Noise that is learned on the executor is the noise that there is, and shots that failed their checks do not count."""

from copy import deepcopy
from functools import cache
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, QuantumRegister
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import PauliLindbladMap
from samplomatic import InjectNoise, Tag, Twirl

from qiskit_runtime_service.executor_noise_learner import NoiseLearnerV3
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.programs.noise_learner import post_process, prepare
from qiskit_runtime_service.programs.results import QuantumProgramResult
from qiskit_runtime_service.programs.roles import post_process as by_role
from qiskit_runtime_service.results import NoiseLearnerV3Results
from qiskit_runtime_service.simulator.program_items import run_program

WIDTH = 5
LINE = [[left, left + 1] for left in range(WIDTH - 1)] + [[left + 1, left] for left in range(WIDTH - 1)]
QUICK: dict[str, Any] = {"num_randomizations": 10, "shots_per_randomization": 128, "layer_pair_depths": [0, 1, 8]}


def layer(*pairs: tuple[int, int], ref: str = "layer") -> CircuitInstruction:
    circuit = QuantumCircuit(WIDTH)
    with circuit.box([Twirl(), InjectNoise(ref), Tag(ref)]):
        for pair in pairs:
            circuit.cx(*pair)
    return circuit.data[0]


def measured(*qubits: int) -> CircuitInstruction:
    circuit = QuantumCircuit(WIDTH, len(qubits))
    with circuit.box([Twirl(), InjectNoise("measured")]):
        circuit.measure(qubits, range(len(qubits)))
    return circuit.data[0]


def quiet(*pulses: str) -> GenericBackendV2:
    """Return a line of five qubits without noise."""
    gates = ["cx", "rz", "sx", "x", *pulses]
    return GenericBackendV2(WIDTH, basis_gates=gates, coupling_map=LINE, noise_info=False, seed=1)


def learn(backend: Any, boxes: list[CircuitInstruction], seed: int = 1, **options: Any) -> NoiseLearnerV3Results:
    simulator = {"seed_simulator": seed, **options.pop("simulator", {})}
    learner = NoiseLearnerV3(backend, {**QUICK, "simulator": simulator, **options})
    found: Any = learner.run(boxes).result()
    assert isinstance(found, NoiseLearnerV3Results)
    return found


def rates_of(noise: PauliLindbladMap) -> dict[tuple[str, tuple[int, ...]], float]:
    return {(paulis, tuple(qubits)): rate for paulis, qubits, rate in noise.to_sparse_list()}


@pytest.mark.takes_long
@pytest.mark.holds("B402")
def test_noise_of_a_layer_that_is_known_is_found() -> None:
    # The rates are those of the qubits in their order on the device, whatever that in the box is.
    box = layer((3, 2))
    assert [bit for bit in QuantumRegister(WIDTH, "q") if bit in box.qubits] == [*reversed(box.qubits)]
    known = PauliLindbladMap.from_sparse_list([("X", [0], 0.02), ("ZZ", [0, 1], 0.03)], 2)
    simulator = {"layer_noise_model": [(box, known)], "warn_absent": False}
    found = [learn(quiet(), [box], seed, simulator=simulator)[0].to_pauli_lindblad_map() for seed in range(4)]
    seeds = [rates_of(noise) for noise in found]
    # The CX has its target on qubit 0 of the map: it leaves an X there alone, and turns ZZ into a Z and back. A learner
    # repeats it, and so can tell only the mean of the two.
    expected = {("X", (0,)): 0.02, ("ZZ", (0, 1)): 0.015, ("Z", (0,)): 0.015}
    assert all(found.keys() == seeds[0].keys() for found in seeds)
    assert len(seeds[0]) == 15
    for term in seeds[0]:
        assert np.mean([found[term] for found in seeds]) == pytest.approx(expected.get(term, 0.0), abs=0.006), term


@pytest.mark.takes_long
@pytest.mark.holds("B402")
def test_noise_of_a_device_is_found() -> None:
    device = FakeManilaV2()
    gates, readout = learn(device, [layer((0, 1), (2, 3)), measured(0, 1, 2, 3)])
    assert (len(gates), len(readout)) == (39, 4)
    # Two CX of 2.0 % on average, which is 2.5 % of Pauli operators, and what the gates of the twirling add.
    assert 0.02 < gates.rates.sum() < 0.04
    assert (gates.rates >= 0).all()
    errors: dict[tuple[str, tuple[int, ...]], float] = {
        ("X", (qubit,)): device.target["measure"][(qubit,)].error for qubit in range(4)
    }
    stds = dict(zip(rates_of(readout.to_pauli_lindblad_map()), readout.rates_std, strict=True))
    for term, rate in rates_of(readout.to_pauli_lindblad_map()).items():
        # A flip of p is a rate of -log(1 - 2p) / 2; the gates before it add to it.
        assert abs(rate + np.log(1 - 2 * errors[term]) / 2) < 5 * stds[term]
        assert 0 < stds[term] < 0.05


@pytest.mark.takes_long
@pytest.mark.holds("B402")
def test_several_layers_have_their_noise_in_the_order_of_the_boxes() -> None:
    boxes = [layer((1, 2), ref="b"), layer((0, 1), ref="a")]
    noise = PauliLindbladMap.from_sparse_list([("Y", [1], 0.1)], 2)
    found = learn(quiet(), boxes, simulator={"layer_noise_model": [(boxes[1], noise)], "warn_absent": False})
    assert found[0].rates.sum() < 0.02
    assert 0.08 < found[1].rates.sum() < 0.12
    assert found.to_dict(boxes)["a"] == found[1].to_pauli_lindblad_map()


@pytest.mark.takes_long
def test_the_same_seed_finds_the_same() -> None:
    boxes = [layer((0, 1)), measured(0, 1)]
    assert learn(FakeManilaV2(), boxes) == learn(FakeManilaV2(), boxes)


# Checks


def checks(*, before: bool = False, after: bool = False, strategy: str = "node") -> dict[str, Any]:
    common = {"x_pulse_type": "rx", "strategy": strategy}
    return {"pre_circuit": {"enable": before, **common}, "post_circuit": {"enable": after, **common}}


@cache
def kept_answer(asked: tuple[tuple[str, Any], ...]) -> QuantumProgramResult:
    backend = quiet("rx")
    numbers = {"num_randomizations": 2, "shots_per_randomization": 64, "layer_pair_depths": [0, 4]}
    options = {**numbers, "bit_flip_checks": checks(**dict(asked)), "simulator": {}}
    return run_program(prepare([layer((1, 2))], options, backend), backend, seed=1)


def answer(**asked: Any) -> QuantumProgramResult:
    """Return what a line without noise answers a program with such checks."""
    return deepcopy(kept_answer(tuple(asked.items())))


REGISTERS = {
    "before": ({"before": True}, {"meas0", "meas0_pre", "spec_pre"}),
    "after": ({"after": True}, {"meas0", "meas0_ps", "spec", "spec_ps"}),
    "both": ({"before": True, "after": True}, {"meas0", "meas0_pre", "spec_pre", "meas0_ps", "spec", "spec_ps"}),
}


@pytest.mark.takes_long
@pytest.mark.holds("B404")
@pytest.mark.parametrize("sides", REGISTERS)
def test_each_side_has_its_checks(sides: str) -> None:
    asked, registers = REGISTERS[sides]
    result = answer(**asked)
    for item in result:
        assert {name for name in item if "." not in name} == registers
        # Nothing fails without noise: before the circuit all reads 0, after it the opposite of what was read.
        for name in registers:
            if name.endswith("_pre"):
                assert not item[name].any()
            if name.endswith("_ps"):
                assert (item[name] != item[name.removesuffix("_ps")]).all()
    found: Any = by_role(result)
    assert found[0].rates.sum() < 0.01


@pytest.mark.takes_long
@pytest.mark.holds("B404")
@pytest.mark.parametrize("sides", ["before", "after"])
def test_shots_that_failed_a_check_do_not_count(sides: str) -> None:
    asked, _ = REGISTERS[sides]
    result = answer(**asked)
    clean = post_process(result)
    # In the deeper circuits something is read wrong now and then, as if they decayed, and checks say so.
    item, die = result[1], np.random.default_rng(5)
    spoiled = die.random(item["meas0"].shape[:-1]) < 0.3
    item["meas0"][spoiled] ^= True
    if sides == "before":
        item["meas0_pre"][spoiled, 0] ^= True
    else:
        item["meas0_ps"][spoiled] ^= True
        item["spec_ps"][spoiled, 0] ^= True
    kept = post_process(result)
    assert np.abs(kept[0].rates - clean[0].rates).max() < 0.01
    told = result.passthrough_data["post_processor"]["options"]["bit_flip_checks"]
    told["pre_circuit"]["enable"] = told["post_circuit"]["enable"] = False
    assert post_process(result)[0].rates.sum() > 0.05


@pytest.mark.takes_long
@pytest.mark.holds("B404")
def test_an_edge_fails_only_where_both_of_its_qubits_do() -> None:
    result = answer(before=True, strategy="edge")
    clean = post_process(result)
    for item in result:
        # Qubit 1 is measured, and qubit 0 beside it is looked at alone.
        item["meas0_pre"][..., 0] = True
    assert post_process(result) == clean
    for item in result:
        item["spec_pre"][:, :, ::2, 0] = True
        item["meas0"][:, :, ::2] ^= True
    kept = post_process(result)
    assert np.abs(kept[0].rates - clean[0].rates).max() < 0.02


def test_what_is_no_result_of_a_learner_is_said_to_be_that() -> None:
    with pytest.raises(ValueError, match="holds no program items"):
        post_process(QuantumProgramResult([], passthrough_data={"post_processor": {"version": "v0.1"}}))
    result = answer(before=True)
    result.passthrough_data.pop("qiskit_noise_learning")
    with pytest.raises(ValueError, match="protocol data"):
        post_process(result)


@pytest.mark.holds("B412")
@pytest.mark.parametrize("name", ["coupling_map_controls", "num_qubits"])
def test_a_model_of_more_qubits_than_any_device_has_is_refused(name: str) -> None:
    told = {"qiskit_noise_learning": {"model": {name: np.array([3, 2**31], np.uint32)}}}
    with pytest.raises(ValueError, match=f"2147483648 as {name}, more than 100000"):
        post_process(QuantumProgramResult([], None, told))
