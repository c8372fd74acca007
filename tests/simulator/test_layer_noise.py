"""The noise of layers: how a map shrinks Paulis, and where it is put in a template."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.quantum_info import Operator, PauliLindbladMap, QubitSparsePauli
from samplomatic import InjectNoise, Tag, Twirl

from qiskit_runtime_service.simulator.layer_noise import LAYER_NOISE, fidelities, find_absent, maps_of, put_layer_noise

TERMS = st.lists(
    st.tuples(st.sampled_from(["X", "Y", "Z", "XX", "ZY", "ZZ"]), st.permutations(range(3)), st.floats(0, 0.3)),
    max_size=6,
)
BIT_FLIP = PauliLindbladMap.from_sparse_list([("X", [0], 0.2)], num_qubits=2)


@given(terms=TERMS)
def test_a_map_shrinks_each_pauli_by_its_fidelity(terms: list[tuple[str, list[int], float]]) -> None:
    sparse = [(letters, places[: len(letters)], rate) for letters, places, rate in terms]
    noise = PauliLindbladMap.from_sparse_list(sparse, num_qubits=3)
    found = fidelities(noise)
    for index, value in enumerate(found):
        letters = ["IXYZ"[index // 4 ** (2 - qubit) % 4] for qubit in range(3)]
        label = "".join(reversed(letters))
        assert value == pytest.approx(noise.pauli_fidelity(QubitSparsePauli(label))), label


def template(*labels: str, between: str = "cx", width: int = 2) -> QuantumCircuit:
    """Return barriers with labels on qubits 1 and 0, an instruction behind each M."""
    circuit = QuantumCircuit(width, width)
    for label in labels:
        barrier = QuantumCircuit(2)
        barrier.barrier(label=label)
        circuit.append(barrier.data[0].operation, [1, 0])
        if label[0] == "M" and between == "cx":
            circuit.cx(0, 1)
        if label[0] == "M" and between == "measure":
            circuit.measure([0, 1], [0, 1])
    return circuit


def places_of(circuit: QuantumCircuit) -> list[tuple[str, list[int]]]:
    """Return names and qubits of all instructions, barriers by their labels."""
    return [
        (
            step.operation.label if step.name == "barrier" else step.name,
            [circuit.find_bit(qubit).index for qubit in step.qubits],
        )
        for step in circuit.data
    ]


@pytest.mark.holds("B392")
def test_noise_is_put_behind_gates_and_before_measurements_the_lowest_qubit_first() -> None:
    gates = put_layer_noise(template("L0@tag=a", "M0@tag=a", "R0@tag=a"), {"a": BIT_FLIP})
    assert places_of(gates)[-2:] == [("R0@tag=a", [1, 0]), (LAYER_NOISE, [0])]
    measured = put_layer_noise(template("L0@tag=a", "M0@tag=a", "R0@tag=a", between="measure"), {"a": BIT_FLIP})
    assert places_of(measured)[1:4] == [("M0@tag=a", [1, 0]), (LAYER_NOISE, [0]), ("measure", [0])]


@pytest.mark.holds("B392")
def test_a_box_has_the_noise_of_its_tag_before_that_of_its_site_and_never_both() -> None:
    labels = [f"{place}3@inject_noise=b&tag=a" for place in "LMR"]
    other = PauliLindbladMap.from_sparse_list([("Z", [1], 0.4)], num_qubits=2)
    for maps, expected in (({"a": BIT_FLIP, "b": other}, [0]), ({"b": other}, [1])):
        noisy = put_layer_noise(template(*labels), maps)
        assert [qubits for name, qubits in places_of(noisy) if name == LAYER_NOISE] == [expected]


@pytest.mark.holds("B392")
def test_a_layer_without_noise_is_found_where_others_have_one() -> None:
    circuit = template(*(f"{place}0@tag=x" for place in "LMR"))
    other = template(*(f"{place}0@inject_noise=w&tag=a" for place in "LMR"))
    last = template(*(f"{place}0@inject_noise=a&tag=b" for place in "LMR"))
    assert places_of(put_layer_noise(circuit, {"a": BIT_FLIP})) == places_of(circuit)
    assert put_layer_noise(circuit, {}) is circuit
    assert find_absent([other, circuit, last, circuit], {"a": BIT_FLIP}) == ["x"]
    assert find_absent([other, circuit, last], {"q": BIT_FLIP}) == ["a", "b", "x"]
    assert find_absent([other, circuit], {}) == []


def test_qubits_that_a_map_does_not_join_are_not_joined_by_it() -> None:
    noise = PauliLindbladMap.from_sparse_list([("X", [0], 0.1), ("ZZ", [1, 2], 0.1), ("Y", [2], 0.2)], num_qubits=4)
    circuit = QuantumCircuit(4)
    for place in "LMR":
        circuit.barrier(label=f"{place}0@tag=a")
    found = [qubits for name, qubits in places_of(put_layer_noise(circuit, {"a": noise})) if name == LAYER_NOISE]
    assert sorted(found) == [[0], [1, 2]]


def test_layers_are_known_by_the_tags_and_sites_of_their_boxes() -> None:
    circuit = QuantumCircuit(2)
    with circuit.box([Twirl(), InjectNoise("site"), Tag("tag")]):
        circuit.cx(0, 1)
    with circuit.box([Twirl(), InjectNoise("alone")]):
        circuit.cx(1, 0)
    maps = maps_of([(circuit.data[0], BIT_FLIP), (circuit.data[1], PauliLindbladMap.identity(2))])
    assert list(maps) == ["tag", "site", "alone"]
    assert np.allclose(fidelities(maps["tag"]), fidelities(maps["site"]))
    assert Operator(circuit.data[0].operation.body).is_unitary()
