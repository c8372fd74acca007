"""Small parts of circuits as vectors of Pauli expectation values: the chances are those that Aer computes."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import Statevector

from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.simulator.channels import DeviceNoise, NoNoise
from qiskit_runtime_service.simulator.light_cones import Part, Wires
from qiskit_runtime_service.simulator.noise import build_noise_model
from qiskit_runtime_service.simulator.pauli_vectors import (
    AlikeParts,
    SmallPart,
    draw_rows,
    draw_small_parts,
    find_small_part,
    seconds_for,
)

from ..support.examples import examples

TARGET = FakeManilaV2().target
NOISE = DeviceNoise(TARGET)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["x", "sx", "reset"]), st.integers(0, 3)),
        st.tuples(st.just("rz"), st.integers(0, 3), st.floats(-4, 4)),
        st.tuples(st.just("delay"), st.integers(0, 3), st.integers(1, 9000)),
        st.tuples(st.just("cx"), st.sampled_from([(0, 1), (1, 0), (2, 1), (2, 3)])),
    ),
    max_size=14,
)


def circuit_of(steps: Sequence[tuple[Any, ...]], clbits: int = 0) -> QuantumCircuit:
    circuit = QuantumCircuit(4, clbits)
    for name, where, *more in steps:
        match name:
            case "rz":
                circuit.rz(more[0], where)
            case "delay":
                circuit.delay(more[0], where, "dt")
            case "cx":
                circuit.cx(*where)
            case _:
                getattr(circuit, name)(where)
    return circuit


def part_of(circuit: QuantumCircuit) -> SmallPart:
    """Return all of a circuit as a part, whatever joins it."""
    place: dict[Any, int] = {bit: index for bits in (circuit.qubits, circuit.clbits) for index, bit in enumerate(bits)}
    part = Part(tuple(range(len(circuit.data))), tuple(range(circuit.num_qubits)), tuple(range(circuit.num_clbits)))
    found = find_small_part(circuit, part, place)
    assert found is not None
    return found


def chances_of(circuit: QuantumCircuit, values: Sequence[Sequence[float]] = ((),)) -> NDArray[np.float64]:
    rows = np.array(values, float).reshape(len(values), circuit.num_parameters)
    return AlikeParts([part_of(circuit)], rows, circuit, NOISE).chances()[0]


@cache
def aer() -> Any:
    """Return Aer with the noise of the device, made once: to make it takes longer than to run a small circuit."""
    from qiskit_aer import AerSimulator

    return AerSimulator(method="density_matrix", noise_model=build_noise_model(TARGET, range(4), relaxation=True))


def by_aer(circuit: QuantumCircuit, qubits: list[int]) -> NDArray[np.float64]:
    """Return the chances of the states of some qubits, readout errors left out."""
    simulator, watched = aer(), circuit.copy()
    watched.save_probabilities(qubits)
    return np.asarray(simulator.run(watched).result().data(0)["probabilities"])


def misread(chances: NDArray[np.float64], qubits: list[int]) -> NDArray[np.float64]:
    """Return the chances of what is read of qubits in a state."""
    for place, qubit in enumerate(qubits):
        known = TARGET["measure"][(qubit,)]
        wrong = known.prob_meas1_prep0, known.prob_meas0_prep1
        matrix = np.array([[1 - wrong[0], wrong[1]], [wrong[0], 1 - wrong[1]]])
        axis = len(qubits) - 1 - place
        chances = np.moveaxis(np.tensordot(matrix, chances.reshape([2] * len(qubits)), (1, axis)), 0, axis)
    return chances.ravel()


@pytest.mark.takes_long
@pytest.mark.holds("B390")
@settings(max_examples=examples(50))
@given(steps=STEPS, asked=st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True))
def test_the_chances_are_those_of_a_density_matrix(steps: list[tuple[Any, ...]], asked: list[int]) -> None:
    circuit = circuit_of(steps, len(asked))
    expected = misread(by_aer(circuit, asked), asked)
    circuit.measure(asked, range(len(asked)))
    assert np.allclose(chances_of(circuit)[0], expected, atol=1e-9)


@given(steps=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), st.floats(-4, 4)), max_size=12))
def test_a_part_of_nine_qubits_has_the_chances_of_its_state(steps: list[tuple[int, int, float]]) -> None:
    circuit = QuantumCircuit(9, 9)
    for one, other, angle in steps:
        circuit.rx(angle, one)
        if one != other:
            circuit.cx(one, other)
            circuit.cx(other, one)
    expected = Statevector(circuit).probabilities()
    circuit.measure(range(9), range(9))
    found = AlikeParts([part_of(circuit)], np.zeros((1, 0)), circuit, NoNoise()).chances()[0, 0]
    assert np.allclose(found, expected, atol=1e-5)


@given(angles=st.lists(st.tuples(st.floats(-4, 4), st.floats(-4, 4)), min_size=1, max_size=4))
def test_each_element_is_as_if_it_were_alone_and_bound(angles: list[tuple[float, float]]) -> None:
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(3, 3)
    circuit.sx(0)
    circuit.rz(a, 0)
    circuit.sx(0)
    circuit.cx(0, 1)
    circuit.rx(2 * a + b, 1)
    circuit.rzz(b, 1, 2)
    circuit.sx([0, 1, 2])
    circuit.measure([0, 1, 2], [0, 1, 2])
    together = chances_of(circuit, angles)
    for row, values in zip(together, angles, strict=True):
        alone = circuit.assign_parameters({a: values[0], b: values[1]})
        assert np.allclose(row, chances_of(alone)[0], atol=1e-9)


@given(steps=STEPS)
def test_parts_that_are_built_alike_are_told_apart_by_their_noise(steps: list[tuple[Any, ...]]) -> None:
    """Each single qubit of a layer of the same gates has the chances that it has alone."""
    names = [step[0] for step in steps if step[0] in ("x", "sx")]
    wide = QuantumCircuit(4, 4)
    for name in names:
        getattr(wide, name)(range(4))
    wide.measure(range(4), range(4))
    place: dict[Any, int] = {bit: index for bits in (wide.qubits, wide.clbits) for index, bit in enumerate(bits)}
    found = [find_small_part(wide, part, place) for part in Wires(wide).parts_that_decide(range(4), together=1)]
    parts = [part for part in found if part is not None]
    assert [part.qubits for part in parts] == [(0,), (1,), (2,), (3,)]
    assert len({part.shape for part in parts}) == 1
    together = AlikeParts(parts, np.zeros((1, 0)), wide, NOISE).chances()
    alone = [AlikeParts([part], np.zeros((1, 0)), wide, NOISE).chances()[0] for part in parts]
    assert np.allclose(together, alone, atol=1e-12)


def test_what_is_no_small_part_is_told() -> None:
    def part(circuit: QuantumCircuit) -> SmallPart | None:
        bits = (circuit.qubits, circuit.clbits)
        place: dict[Any, int] = {bit: index for group in bits for index, bit in enumerate(group)}
        whole = Part(
            tuple(range(len(circuit.data))), tuple(range(circuit.num_qubits)), tuple(range(circuit.num_clbits))
        )
        return find_small_part(circuit, whole, place)

    plain = QuantumCircuit(2, 2)
    plain.measure([0, 1], [0, 1])
    assert part(plain) is not None
    decides = plain.copy()
    with decides.if_test((decides.clbits[0], 1)):
        decides.x(0)
    again = plain.copy()
    again.x(0)
    same = QuantumCircuit(2, 1)
    same.measure([0, 1], [0, 0])
    triple = QuantumCircuit(3, 1)
    triple.ccx(0, 1, 2)
    triple.measure(2, 0)
    assert [part(circuit) for circuit in (decides, again, same, triple)] == [None] * 4
    idle = plain.copy()
    idle.delay(100, 0, "dt")
    assert part(idle) is not None


@given(
    rows=st.lists(st.lists(st.floats(0.01, 1), min_size=4, max_size=4), min_size=1, max_size=5),
    seed=st.integers(0, 1000),
)
def test_numbers_stand_for_outcomes_by_their_chances(rows: list[list[float]], seed: int) -> None:
    chances = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    thrown = np.random.default_rng(seed).random((len(rows), 20))
    outcomes = draw_rows(chances, thrown)
    for row, numbers, drawn in zip(chances, thrown, outcomes, strict=True):
        marks = [0.0, *np.cumsum(row)[:-1], 1.0]
        for number, outcome in zip(numbers, drawn, strict=True):
            assert marks[outcome] - 1e-9 <= number <= marks[outcome + 1] + 1e-9


def test_shots_are_as_frequent_as_their_chances() -> None:
    circuit = circuit_of([("sx", 0), ("cx", (0, 1)), ("cx", (2, 3)), ("x", 2)], 4)
    circuit.measure(range(4), [3, 1, 0, 2])
    bits = np.zeros((1, 40_000, 4), bool)
    draw_small_parts(circuit, [part_of(circuit)], np.zeros((1, 0)), NOISE, bits, np.random.default_rng(5))
    chances = chances_of(circuit)[0]
    drawn = bits[0][:, [3, 1, 0, 2]] @ (1 << np.arange(4))
    found = np.bincount(drawn, minlength=16) / 40_000
    assert np.abs(found - chances).max() < 5 * 0.5 / 40_000**0.5


def test_without_noise_a_bell_pair_always_agrees() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    bits = np.zeros((1, 2000, 2), bool)
    draw_small_parts(circuit, [part_of(circuit)], np.zeros((1, 0)), NoNoise(), bits, np.random.default_rng(1))
    assert (bits[..., 0] == bits[..., 1]).all()
    assert 800 < bits[..., 0].sum() < 1200


@pytest.mark.holds("B391")
@given(elements=st.integers(1, 1000), shots=st.integers(1, 10_000), more=st.integers(1, 5))
def test_more_of_anything_takes_longer(elements: int, shots: int, more: int) -> None:
    circuit = circuit_of([("sx", 0), ("cx", (0, 1))], 2)
    circuit.measure([0, 1], [0, 1])
    part = part_of(circuit)
    least = seconds_for([part], elements, shots)
    assert 0 < least < seconds_for([part], elements * (1 + more), shots)
    assert least < seconds_for([part], elements, shots * (1 + more))
    assert least < seconds_for([part] * (1 + more), elements, shots)


def test_parts_that_are_built_alike_have_unitaries_of_their_own() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.unitary([[1, 0], [0, 1]], [0])
    circuit.unitary([[0, 1], [1, 0]], [1])
    circuit.measure([0, 1], [0, 1])
    place: dict[Any, int] = {bit: index for bits in (circuit.qubits, circuit.clbits) for index, bit in enumerate(bits)}
    parts = []
    for part in Wires(circuit).parts_that_decide(range(2), together=1):
        found = find_small_part(circuit, part, place)
        assert found is not None
        parts.append(found)
    bits = np.zeros((1, 5, 2), bool)
    draw_small_parts(circuit, parts, np.zeros((1, 0)), NoNoise(), bits, np.random.default_rng(1))
    assert (bits == [False, True]).all()
