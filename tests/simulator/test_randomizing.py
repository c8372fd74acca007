"""How the arguments of items select, and which axes are randomizations."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from samplomatic import build
from samplomatic.quantum_program import CircuitItem, SamplexItem
from samplomatic.transpiler import generate_boxing_pass_manager

from qiskit_runtime_service.simulator.randomizing import Elements, elements_of


def rotation() -> tuple[QuantumCircuit, object]:
    """Return template and samplex of a twirled circuit with a parameter."""
    circuit = QuantumCircuit(2, 2)
    circuit.rx(Parameter("a"), 0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    template, samplex = build(generate_boxing_pass_manager().run(circuit))
    return template, samplex


TEMPLATE, SAMPLEX = rotation()


def sampled(values: object, shape: tuple[int, ...], seed: int = 1) -> Elements:
    item = SamplexItem(TEMPLATE, SAMPLEX, samplex_arguments={"parameter_values": values}, shape=shape)
    return elements_of(item, np.random.default_rng(seed))


def unitary_of(values: object, flips: object) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return the chances of the outcomes of the template with some values, its flips undone."""
    from qiskit.quantum_info import Statevector

    bound = TEMPLATE.assign_parameters(np.asarray(values)).remove_final_measurements(inplace=False)
    chances = Statevector(bound).probabilities()
    turned = np.asarray(flips).ravel() @ [1, 2]
    return chances[np.arange(4) ^ turned]


@pytest.mark.holds("B393")
@pytest.mark.parametrize(
    ("given", "shape"),
    [((5,), (7, 5)), ((3, 5), (7, 3, 5)), ((3, 1), (3, 5)), ((3, 1), (2, 3, 4)), ((), (2, 2)), ((2, 1, 3), (2, 4, 3))],
)
def test_arguments_select_where_they_differ_and_the_rest_are_randomizations(
    given: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    angles = np.linspace(0.1, 3.0, math.prod(given)).reshape(given)
    found = sampled(angles[..., None], shape)
    assert found.shape == shape
    assert found.values.shape == (math.prod(shape), TEMPLATE.num_parameters)
    flips = found.told["measurement_flips.c"]
    assert flips.shape == (*shape, 1, 2)
    expected = np.broadcast_to(angles, shape)
    for index, (where, angle) in enumerate(np.ndenumerate(expected)):
        cos, sin = np.cos(angle / 2) ** 2, np.sin(angle / 2) ** 2
        assert np.allclose(unitary_of(found.values[index], flips[where]), [cos, 0, 0, sin], atol=1e-5), where
    # Randomizations differ from each other.
    assert len(np.unique(found.values, axis=0)) > math.prod(given)


@pytest.mark.holds("B393")
def test_extra_axes_in_front_and_axes_of_length_one_are_kept() -> None:
    angles = np.linspace(0, 3, 15).reshape(3, 5, 1)
    item = SamplexItem(TEMPLATE, SAMPLEX, samplex_arguments={"parameter_values": angles}, shape=(2, 1, 1, 1))
    assert elements_of(item, np.random.default_rng(3)).shape == (2, 1, 3, 5)


@given(seed=st.integers(0, 2**32 - 1), shape=st.lists(st.integers(1, 3), max_size=3))
def test_the_same_dice_give_the_same_elements(seed: int, shape: list[int]) -> None:
    one, other = (sampled(np.array([0.3]), tuple(shape), seed) for _ in range(2))
    assert one.values.tolist() == other.values.tolist()
    assert {name: array.tolist() for name, array in one.told.items()} == {
        name: array.tolist() for name, array in other.told.items()
    }


@given(shape=st.lists(st.integers(0, 3), max_size=3), width=st.integers(0, 2))
def test_a_circuit_item_has_its_arguments_in_their_order(shape: list[int], width: int) -> None:
    circuit = QuantumCircuit(1)
    for number in range(width):
        circuit.rx(Parameter(f"p{number}"), 0)
    values = np.arange(math.prod(shape) * width, dtype=float).reshape(*shape, width)
    found = elements_of(CircuitItem(circuit, circuit_arguments=values), np.random.default_rng(1))
    assert found.shape == tuple(shape)
    assert found.values.shape == (math.prod(shape), width)
    assert found.values.ravel().tolist() == values.ravel().tolist()
    assert found.told == {}
