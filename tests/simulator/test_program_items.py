"""Quantum programs on simulated devices: shapes, seeds, noise, and what is told besides."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import PauliLindbladMap
from samplomatic import build
from samplomatic.quantum_program import SamplexItem
from samplomatic.transpiler import generate_boxing_pass_manager
from samplomatic.utils import find_unique_box_instructions

from qiskit_runtime_service.bridge.ledger import RefusedError
from qiskit_runtime_service.fake_provider import FakeFez, FakeManilaV2
from qiskit_runtime_service.programs.quantum_program import QuantumProgram
from qiskit_runtime_service.records.problem import NotExecutable, TooHeavy, TooWide
from qiskit_runtime_service.simulator.conditions import Conditions
from qiskit_runtime_service.simulator.program_items import run_program

from .programs import ghz, twirled, untwirl

MANILA, FEZ = FakeManilaV2(), FakeFez()


def quiet(**more: Any) -> Conditions:
    """Return a device without noise."""
    return Conditions(target=MANILA.target, **{"seed": 3, "simulator": True} | more)


def program_of(*items: Any, shots: int = 50, **more: Any) -> QuantumProgram:
    return QuantumProgram(shots, items, **more)


def turned() -> QuantumCircuit:
    """Return two registers: one is measured after a turn by a parameter, of one bit of the other nothing is."""
    circuit = QuantumCircuit(2)
    circuit.add_register(ClassicalRegister(1, "a"), ClassicalRegister(2, "b"))
    circuit.rx(Parameter("t"), 0)
    circuit.x(1)
    circuit.measure(0, 0)
    circuit.measure(1, 2)
    return circuit


@pytest.mark.holds("B390")
def test_a_circuit_item_has_a_register_for_each_register_and_an_axis_for_each_of_its_arguments() -> None:
    program = program_of(shots=7)
    angles = np.array([[0, np.pi, 0], [np.pi, np.pi, 0]])[..., None]
    program.append_circuit_item(turned(), angles)
    (item,) = run_program(program, quiet())
    assert {name: array.shape for name, array in item.items()} == {"a": (2, 3, 7, 1), "b": (2, 3, 7, 2)}
    assert item["a"].dtype == bool
    assert item["a"][..., 0].all(axis=-1).tolist() == [[False, True, False], [True, True, False]]
    assert not item["a"][0, 0].any()
    assert not item["b"][..., 0].any()
    assert item["b"][..., 1].all()


@pytest.mark.holds("B394")
@pytest.mark.parametrize(
    ("level", "shapes"),
    [
        ("classified", {"a": (3, 7, 1), "b": (3, 7, 2)}),
        ("kerneled", {"a_iq": (3, 7, 1), "b_iq": (3, 7, 2)}),
        ("avg_kerneled", {"a_avg_iq": (3, 1), "b_avg_iq": (3, 2)}),
        ("both", {"a": (3, 7, 1), "b": (3, 7, 2), "a_iq": (3, 7, 1), "b_iq": (3, 7, 2)}),
    ],
)
def test_each_level_of_measurement_has_its_names_and_shapes(level: Any, shapes: Mapping[str, object]) -> None:
    program = program_of(shots=7, meas_level=level)
    program.append_circuit_item(turned(), np.array([[0.0], [np.pi], [0.0]]))
    (item,) = run_program(program, quiet())
    assert {name: array.shape for name, array in item.items()} == shapes
    for name, points in item.items():
        if "iq" in name:
            assert points.dtype == np.complex128
            # Zeros are seen around -1 and ones around 1.
            read = points.mean(axis=-2) if name == "a_iq" else points
            assert name[0] != "a" or (read[..., 0].real > 0).tolist() == [False, True, False]


@pytest.mark.holds("B390")
def test_a_twirled_ghz_state_without_noise_is_all_zeros_or_all_ones_once_its_flips_are_undone() -> None:
    (item,) = run_program(program_of(twirled(ghz(5, MANILA), (4, 3))), quiet())
    assert item["meas"].shape == (4, 3, 50, 5)
    assert item["measurement_flips.meas"].shape == (4, 3, 1, 5)
    assert len(np.unique(item["measurement_flips.meas"].reshape(12, 5), axis=0)) > 3
    bits = untwirl(item)
    assert (bits == bits[..., :1]).all()
    assert 0.3 < bits[..., 0].mean() < 0.7


@pytest.mark.holds("B393")
def test_the_same_seed_gives_the_same_result_and_another_one_another() -> None:
    def bits(seed: int | None) -> list[Any]:
        items = [twirled(ghz(3, MANILA), (3,)), twirled(ghz(3, MANILA), (3,))]
        return [untwirl(item).tolist() for item in run_program(program_of(*items), MANILA, seed=seed)]

    assert bits(5) == bits(5) != bits(6)
    # Two items that are alike are drawn apart; and without a seed nobody knows what comes.
    assert bits(5)[0] != bits(5)[1]
    assert bits(None) != bits(None)


@pytest.mark.holds("B390")
def test_idle_qubits_of_a_wide_device_are_read_with_the_noise_of_each() -> None:
    circuit = QuantumCircuit(156, 156)
    circuit.x(7)
    circuit.measure(range(156), range(156))
    program = program_of(shots=20_000)
    program.append_circuit_item(circuit)
    ones = run_program(program, FEZ, seed=2)[0]["c"].mean(axis=0)
    for qubit in range(156):
        known = FEZ.target["measure"][(qubit,)]
        wrong = known.prob_meas0_prep1 if qubit == 7 else known.prob_meas1_prep0
        error = 1 - ones[qubit] if qubit == 7 else ones[qubit]
        assert error == pytest.approx(wrong, abs=0.02 + 5 * (wrong / 20_000) ** 0.5), qubit


def test_an_item_that_decides_while_it_runs_goes_the_way_of_other_circuits() -> None:
    circuit = QuantumCircuit(3, 3)
    circuit.x(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    circuit.measure(1, 1)
    circuit.x(2)
    circuit.measure(2, 2)
    program = program_of(shots=5)
    program.append_circuit_item(circuit)
    (item,) = run_program(program, quiet())
    assert item["c"].tolist() == [[True, True, True]] * 5


@pytest.mark.holds("B390")
def test_a_stand_in_answers_at_random_in_the_right_shapes() -> None:
    (item,) = run_program(program_of(twirled(ghz(4, MANILA), (6,)), shots=200), quiet(mock=True))
    assert item["meas"].shape == (6, 200, 4)
    assert (abs(item["meas"].mean(axis=(0, 1)) - 0.5) < 0.1).all()


@pytest.mark.holds("B391")
def test_what_takes_too_long_is_refused_before_it_begins() -> None:
    program = program_of(twirled(ghz(5, MANILA), (100_000,)), shots=1000)
    with pytest.raises(RefusedError) as caught:
        run_program(program, quiet(longest=1.0))
    assert isinstance(caught.value.problem, TooHeavy)
    assert caught.value.problem.limit == 1.0


@pytest.mark.holds("B391")
@pytest.mark.parametrize(("level", "shots"), [("classified", 10**8), ("kerneled", 10**7)])
def test_what_does_not_fit_into_memory_is_refused_before_it_begins(level: Any, shots: int) -> None:
    program = program_of(shots=shots, meas_level=level)
    program.append_circuit_item(turned(), np.zeros((4, 1)))
    with pytest.raises(RefusedError) as caught:
        run_program(program, quiet(longest=float("inf")))
    assert isinstance(caught.value.problem, TooWide)
    assert caught.value.problem.size > 2**30


def test_a_delay_that_nobody_knows_is_refused_by_the_number_of_its_item() -> None:
    circuit = QuantumCircuit(1, 1)
    stretch = circuit.add_stretch("s")
    circuit.delay(stretch, 0)
    circuit.delay(Parameter("t"), 0)
    circuit.measure(0, 0)
    program = program_of()
    program.append_circuit_item(QuantumCircuit(1, 1))
    program.append_circuit_item(circuit, [3.0])
    with pytest.raises(RefusedError) as caught:
        run_program(program, quiet())
    problem = caught.value.problem
    assert isinstance(problem, NotExecutable)
    assert (problem.pub, problem.noun) == (1, "Item")


@pytest.mark.holds("B392")
def test_the_noise_of_a_layer_comes_once_for_each_of_its_boxes() -> None:
    """A map that flips one qubit so often shrinks its value by that, once for each time the layer is used."""
    circuit = QuantumCircuit(2, 2)
    for _ in range(3):
        circuit.cx(0, 1)
        circuit.barrier()
    circuit.measure([0, 1], [0, 1])
    passes = generate_boxing_pass_manager(
        inject_noise_targets="gates", add_tags="noise_ref", remove_barriers="never", enable_measures=True
    )
    boxed = passes.run(circuit)
    layers = [box for box in find_unique_box_instructions(boxed) if "cx" in box.operation.body.count_ops()]
    assert len(layers) == 1
    template, samplex = build(boxed)
    refs = [spec.name.partition(".")[2] for spec in samplex.inputs().get_specs("pauli_lindblad_maps")]
    arguments = {"pauli_lindblad_maps": {ref: PauliLindbladMap.identity(2) for ref in refs}}
    # The control; the box has the qubits the other way round.
    assert [boxed.find_bit(qubit).index for qubit in layers[0].qubits] == [1, 0]
    noise = PauliLindbladMap.from_sparse_list([("X", [0], 0.1)], num_qubits=2)
    item = SamplexItem(template, samplex, samplex_arguments=arguments, shape=(8,))
    (result,) = run_program(program_of(item, shots=4000), quiet(), layer_noise_model=[(layers[0], noise)])
    bits = untwirl(result, "c")
    control = 1 - 2 * bits[..., 0].mean()
    assert control == pytest.approx(np.exp(-2 * 0.1 * 3), abs=0.02)


@pytest.mark.holds("B390")
def test_a_noise_model_of_aer_is_followed_on_any_width_in_this_process() -> None:
    from qiskit_aer import AerSimulator
    from qiskit_aer.noise import NoiseModel, depolarizing_error

    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(0.3, 1), ["x"])
    model.add_quantum_error(depolarizing_error(0.6, 1), ["x"], [1])
    model.add_quantum_error(depolarizing_error(0.4, 2), ["cx"], [2, 3])
    model.add_readout_error([[0.9, 0.1], [0.2, 0.8]], [0])
    circuit = QuantumCircuit(40, 40)
    circuit.x([0, 1, 2])
    circuit.cx(2, 3)
    circuit.cx(3, 4)
    circuit.measure(range(40), range(40))
    program = program_of(shots=20_000)
    program.append_circuit_item(circuit)
    backend = AerSimulator(noise_model=model)
    ones = run_program(program, backend, seed=4)[0]["c"].mean(axis=0)
    # Half of what is depolarized is flipped; what is read is 0.8 of the ones and 0.1 of the zeros.
    expected = [0.85 * 0.8 + 0.15 * 0.1, 0.7, 0.5 + 0.35 * 0.6, 0.5 + 0.35 * 0.6, 0.5 + 0.35 * 0.6, *[0.0] * 35]
    assert np.abs(ones - expected).max() < 0.02
    assert (run_program(program, AerSimulator(), seed=4)[0]["c"].mean(axis=0) == [1] * 5 + [0] * 35).all()


@pytest.mark.holds("B399")
def test_what_stretches_became_is_told_where_it_is_asked_for() -> None:
    circuit = QuantumCircuit(2, 2)
    one, other = circuit.add_stretch("one"), circuit.add_stretch("other")
    circuit.delay(1001, 0, "dt")
    circuit.delay(one, 1)
    circuit.delay(one, 1)
    circuit.barrier()
    circuit.delay(other, 0)
    circuit.delay(300, 1, "dt")
    circuit.barrier()
    circuit.measure([0, 1], [0, 1])
    program = program_of(shots=3)
    program.append_circuit_item(circuit)
    (asked,) = run_program(program, quiet(), stretch_values=True)
    assert [vars(stretch) for stretch in asked.metadata.stretch_values or ()] == [
        {"name": "one", "value": 500, "remainder": 1, "expanded_values": [(0, 500), (500, 500)]},
        {"name": "other", "value": 300, "remainder": 0, "expanded_values": [(1001, 300)]},
    ]
    (silent,) = run_program(program, quiet())
    assert silent.metadata.stretch_values is None
    (timed,) = run_program(program, quiet(), scheduler_timing=True)
    assert timed.metadata.scheduler_timing is not None
    assert timed.metadata.scheduler_timing.circuit_duration > 1301


@given(
    shots=st.integers(1, 20),
    shape=st.lists(st.integers(1, 3), max_size=3),
    level=st.sampled_from(["classified", "kerneled", "avg_kerneled", "both"]),
)
def test_every_element_is_answered_in_its_shape(shots: int, shape: list[int], level: Any) -> None:
    program = program_of(shots=shots, meas_level=level, passthrough_data={"x": [1]})
    program.append_circuit_item(turned(), np.zeros((*shape, 1)))
    result = run_program(program, quiet())
    assert result.passthrough_data == {"x": [1]}
    (part,) = [part for span in result.timing for part in span.parts]
    assert (part.idx_item, part.size) == (0, int(np.prod(shape)))
    for name, array in result[0].items():
        assert array.shape == (*shape, *([] if "avg" in name else [shots]), 1 if name[0] == "a" else 2)
