"""Parts with random Paulis as noise: elements that are alike run together, and each as it would run alone."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import PauliLindbladMap
from samplomatic.quantum_program import SamplexItem

from qiskit_runtime_service.fake_provider import FakeFez, FakeManilaV2
from qiskit_runtime_service.programs.quantum_program import QuantumProgram
from qiskit_runtime_service.simulator.alike_elements import group_elements
from qiskit_runtime_service.simulator.channels import DeviceNoise, Noise, NoNoise
from qiskit_runtime_service.simulator.conditions import Conditions
from qiskit_runtime_service.simulator.layer_noise import LayerNoise
from qiskit_runtime_service.simulator.light_cones import Part
from qiskit_runtime_service.simulator.pauli_vectors import AlikeParts, SmallPart, Values, find_small_part
from qiskit_runtime_service.simulator.program_items import Asked, run_program, simulate_program
from qiskit_runtime_service.simulator.randomizing import elements_of
from qiskit_runtime_service.simulator.wide_parts import PauliNoise, draw_wide_part, plan_wide_part

from .programs import ghz, twirled, untwirl

MANILA, FEZ = FakeManilaV2(), FakeFez()
NOISE = DeviceNoise(MANILA.target)
SHOTS = 2000


def part_of(circuit: QuantumCircuit) -> SmallPart:
    """Return all of a circuit but for its barriers as a part."""
    place: dict[Any, int] = {bit: index for bits in (circuit.qubits, circuit.clbits) for index, bit in enumerate(bits)}
    steps = tuple(index for index, step in enumerate(circuit.data) if step.name != "barrier")
    part = Part(steps, tuple(range(circuit.num_qubits)), tuple(range(circuit.num_clbits)))
    found = find_small_part(circuit, part, place)
    assert found is not None
    return found


def check_each_element(circuit: QuantumCircuit, values: Values, noise: Noise = NOISE, seed: int = 3) -> int:
    """Check that the shots of each element have its own chances; return how many groups there were."""
    part = part_of(circuit)
    wide = plan_wide_part(circuit, part, values, SHOTS)
    assert wide is not None
    bits = np.zeros((len(values), SHOTS, circuit.num_clbits), bool)
    draw_wide_part(circuit, wide, values, noise, bits, np.random.default_rng(seed))
    chances = AlikeParts([part], values, circuit, PauliNoise(noise)).chances()[0]
    order = [bit for _, bit, _ in part.measured]
    for element, expected in enumerate(chances):
        outcomes = bits[element][:, order] @ (1 << np.arange(len(order)))
        found = np.bincount(outcomes, minlength=len(expected)) / SHOTS
        # Six standard deviations of each, and a little for the rarest.
        assert (np.abs(found - expected) < 6 * np.sqrt(expected / SHOTS) + 6 / SHOTS).all(), element
    return len(wide.groups)


def elements(item: SamplexItem, seed: int = 1) -> Values:
    return elements_of(item, np.random.default_rng(seed)).values


@pytest.mark.holds("B396")
def test_randomizations_of_a_clifford_circuit_are_one_circuit_up_to_paulis() -> None:
    item = twirled(ghz(4, MANILA), (12,))
    assert check_each_element(item.circuit, elements(item)) == 1


@pytest.mark.holds("B396")
def test_randomizations_of_other_gates_are_one_circuit_too() -> None:
    circuit = QuantumCircuit(3, 3)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.rx(0.4, [0, 1])
    circuit.rz(0.7, 1)
    circuit.cx(1, 2)
    circuit.ry(1.1, 2)
    circuit.measure([0, 1, 2], [2, 0, 1])
    item = twirled(circuit, (10,))
    assert check_each_element(item.circuit, elements(item)) == 1


@pytest.mark.holds("B396")
def test_what_differs_by_more_than_paulis_is_another_group() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.sx(0)
    circuit.rz(Parameter("a"), 0)
    circuit.sx(0)
    circuit.cx(0, 1)
    circuit.rzz(Parameter("b"), 0, 1)
    circuit.sx([0, 1])
    circuit.measure([0, 1], [0, 1])
    angles = [(0.0, 0.3), (np.pi, 0.3), (0.5, 0.3), (0.5, 0.3), (0.0, -0.3), (0.0, 1.2), (0.5, 1.2)]
    found = group_elements(circuit, part_of(circuit), np.array(angles))
    members = sorted(tuple(map(int, group.members)) for group in found)
    assert (2, 3) in members
    assert all(len({angles[index][1] for index in group}) == 1 or {4} & set(group) for group in members)
    check_each_element(circuit, np.array(angles))


@given(
    angles=st.lists(
        st.tuples(st.sampled_from([0.0, np.pi / 2, np.pi, -np.pi / 2, 0.3]), st.sampled_from([0.0, np.pi, 0.3])),
        min_size=1,
        max_size=5,
    ),
    seed=st.integers(0, 99),
)
def test_each_element_has_the_chances_that_it_has_alone(angles: list[tuple[float, float]], seed: int) -> None:
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(3, 3)
    circuit.sx([0, 1])
    circuit.rz(a, 0)
    circuit.rz(b, 1)
    circuit.sx([0, 1])
    circuit.cx(0, 1)
    circuit.delay(3000, 0, "dt")
    circuit.append(LayerNoise(PauliLindbladMap.from_sparse_list([("XZ", [0, 1], 0.05), ("Y", [1], 0.1)], 2)), [2, 1])
    circuit.rz(b, 1)
    circuit.cx(2, 1)
    circuit.sx(1)
    circuit.measure([0, 1, 2], [0, 2, 1])
    groups = check_each_element(circuit, np.array(angles), seed=seed)
    assert groups <= len(set(angles))


@pytest.mark.parametrize(("shots", "randomizations"), [(50, 4), (40_000, 2)])
def test_without_noise_a_wide_ghz_state_is_all_zeros_or_all_ones(shots: int, randomizations: int) -> None:
    circuit = ghz(12, FEZ)
    program = QuantumProgram(shots, [twirled(circuit, (randomizations,))])
    (item,) = run_program(program, Conditions(target=FEZ.target, seed=2, simulator=True))
    bits = untwirl(item)
    assert (bits == bits[..., :1]).all()
    assert 0.3 < bits[..., 0].mean() < 0.7


@pytest.mark.holds("B396")
def test_what_is_wide_says_so_and_its_noise_is_near_that_of_the_same_circuit_run_exactly() -> None:
    item = twirled(ghz(5, MANILA), (16,))
    part, values = part_of(item.circuit), elements(item)
    exact = AlikeParts([part], values, item.circuit, NOISE).chances()[0]
    paulis = AlikeParts([part], values, item.circuit, PauliNoise(NOISE)).chances()[0]
    distance: NDArray[np.float64] = np.abs(exact - paulis).sum(axis=1) / 2
    # Relaxation is not a Pauli channel; of a twirled circuit it is nearly one.
    assert distance.mean() < 0.02
    wide = QuantumProgram(20, [twirled(ghz(14, FEZ), (3,))])
    answered = simulate_program(wide, Conditions(target=FEZ.target, seed=2), Asked(), 5).unwrap()
    assert "a part of 14 qubits, 1 times but for Paulis, Pauli frames" in answered.notes[0]


def test_a_part_that_is_too_wide_is_not_taken() -> None:
    circuit = QuantumCircuit(12, 1)
    circuit.rx(0.3, range(12))
    circuit.cx(range(11), range(1, 12))
    circuit.measure(11, 0)
    assert plan_wide_part(circuit, part_of(circuit), np.zeros((1, 0)), 10) is None
    assert check_each_element(ghz(3, MANILA), np.zeros((1, 0)), NoNoise()) == 1
